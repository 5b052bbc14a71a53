"""DPD loan by loan in SQL, as a simple system does it, beside the whole engine: 20,000 loans on PostgreSQL.

For each loan one indexed query over one connection: what had fallen due by each due day, less what was paid, and the
days since the oldest due day that money does not reach. It answers one question; the engine beside it also lays the
schedules and reckons interest, default interest and every amount, from the same history. LOANS names another size.
"""

from __future__ import annotations

from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

import polars as pl
import psycopg

from bench._ground import ROUNDS, asked, folder, load, new_database, postgresql, shown
from bench._synthetic import AS_OF, KNOWN, Book, amounts, book
from duecourse.book.kernels.age import age
from duecourse.core.events import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

LOANS = 20_000

T = TypeVar("T")

TABLES = """
CREATE TABLE instalment (loan_key bigint, due date, amount bigint, PRIMARY KEY (loan_key, due));
CREATE TABLE payment (loan_key bigint, paid date, amount bigint);
CREATE INDEX ON payment (loan_key);
"""

ONE_LOAN = """
WITH owed AS (
    SELECT due, sum(amount) OVER (ORDER BY due) AS until_then
    FROM instalment WHERE loan_key = %(loan)s AND due < %(day)s
), money AS (
    SELECT coalesce(sum(amount), 0) AS paid FROM payment WHERE loan_key = %(loan)s AND paid <= %(day)s
)
SELECT coalesce(%(day)s - min(due), 0) FROM owed, money WHERE until_then > paid
"""


def standing(made: Book) -> pl.DataFrame:
    """The payments that stand: what was reversed is gone, as such a system would have deleted it."""
    gone = made.events.filter(pl.col("kind") == int(Kind.REVERSAL)).select("loan_key", ref="target")
    paid = made.events.filter(pl.col("kind") == int(Kind.PAYMENT)).join(gone, on=["loan_key", "ref"], how="anti")
    return paid.select("loan_key", paid="effective", amount="amount")


def fill(connection: psycopg.Connection[tuple[object, ...]], made: Book, due: pl.DataFrame) -> None:
    """Copy schedule and payments into tables with the indexes that the query wants."""
    connection.execute(TABLES)
    for table, frame in (("instalment", due), ("payment", standing(made))):
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy:
            copy.write(frame.write_csv(include_header=False))
    connection.execute("ANALYZE instalment, payment")
    connection.commit()


def loop(connection: psycopg.Connection[tuple[object, ...]], keys: list[int]) -> list[int]:
    """DPD of each loan, one query each."""
    found = []
    for key in keys:
        row = connection.execute(ONE_LOAN, {"loan": key, "day": AS_OF}, prepare=True).fetchone()
        found.append(int(str(row[0])) if row else 0)
    return found


def main() -> str:
    """Measure the loop and the engine on the same loans."""
    loans = asked("LOANS", LOANS)
    before = load()
    made = book(loans)
    keys = made.loans["loan_key"].to_list()

    def engine() -> pl.DataFrame:
        return age(*made, as_of=AS_OF, known=KNOWN, threads=2)

    engine()
    taken, ours = _each(engine)
    with folder() as home, postgresql(home) as (place, name):
        url = new_database(place, "loop")
        with psycopg.connect(url) as connection:
            fill(connection, made, amounts(loans))
            spent, theirs = _each(lambda: loop(connection, keys))
    differ = (ours["dpd"] != pl.Series(theirs, dtype=pl.Int32)).sum()
    late = (ours["dpd"] > 0).sum()
    ratio = median(spent) / median(taken)
    return "\n".join([
        f"{loans:,} loans × 12 on {name}, one client",
        "",
        "| | all loans | per loan | ratio |",
        "|---|---:|---:|---:|",
        f"| one query per loan, DPD only | {shown(spent)} | {median(spent) / loans * 1e6:,.0f} µs | {ratio:,.0f} |",
        f"| the engine, every figure, 2 threads | {shown(taken)} | {median(taken) / loans * 1e6:,.1f} µs | 1 |",
        "",
        f"{late:,} loans are overdue; loop and engine differ on the DPD of {differ:,}.",
        "",
        f"Load before: {before}; after: {load()}.",
    ])  # fmt: skip


def _each(work: Callable[[], T]) -> tuple[list[float], T]:
    taken = []
    for _ in range(ROUNDS):
        begun = perf_counter()
        found = work()
        taken.append(perf_counter() - begun)
    return taken, found


if __name__ == "__main__":
    print(main())
