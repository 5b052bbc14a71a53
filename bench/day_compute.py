"""The day run's arithmetic: every loan's whole history replayed, beside a bare scan, the core loan by loan, and SQL.

Timed is `age`, the call that the day run makes and that the property test holds to the core, on tables in memory.
The loans are 320 to 420 days old, so that nearly all of their 12 instalments have fallen due and been paid; a fifth are
overdue; one payment in a hundred was reversed, one in a hundred became known late. Half of them allocate money
instalment by instalment, half category by category and principal first; all bear default interest by day.

LOANS names another size than a million. Beyond a million, books of a million each are made, aged and dropped in turn,
as the day run works off shards; then only the engine and the scan are timed, once each.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import polars as pl

from bench._ground import ROUNDS, asked, folder, load, seconds, shown
from bench._synthetic import AS_OF, INSTALMENTS_EACH, KNOWN, Book, amounts, book
from duecourse.book.kernels.age import age
from duecourse.book.tables import terms_from
from duecourse.core.days import FAR
from duecourse.core.delinquency import WEEK, Loan, readings
from duecourse.core.events import Event, GridRow, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

LOANS = PART = 1_000_000
THREADS = 2
YOUNGEST = 320
SAMPLE = 2_000

READ = {
    "loans": [
        "loan_key", "person_id", "shard", "conventions", "rate_ppm", "penalty_ppm", "compound_ppm", "start", "known",
    ],
    "instalments": [
        "loan_key", "set_no", "due", "days", "principal_minor", "interest_minor", "fee_minor", "known",
    ],
    "events": [
        "loan_key", "effective", "rank", "kind", "known", "ref", "amount", "p1", "p2", "p3", "p4", "p5", "until",
        "target", "set_no",
    ],
}  # fmt: skip
"""What `age` reads of each table."""

DPD_IN_SQL = """
WITH gone AS (SELECT loan_key, target AS ref FROM '{events}' WHERE kind = 5),
paid AS (
    SELECT loan_key, sum(amount) AS paid FROM '{events}' ANTI JOIN gone USING (loan_key, ref)
    WHERE kind = 4 AND effective <= DATE '{day}' GROUP BY loan_key
), owed AS (
    SELECT loan_key, due, sum(amount) OVER (PARTITION BY loan_key ORDER BY due) AS until_then
    FROM '{amounts}' WHERE due < DATE '{day}'
)
SELECT loan_key, coalesce(date_diff('day', min(due) FILTER (until_then > coalesce(paid, 0)), DATE '{day}'), 0) AS dpd
FROM owed LEFT JOIN paid USING (loan_key) GROUP BY loan_key ORDER BY loan_key
"""


class Times(NamedTuple):
    """What one size took, in seconds: medians, or sums over the parts of a large book."""

    engine: float
    scan: float
    events: int


def aged(made: Book, threads: int = THREADS) -> pl.DataFrame:
    """What is timed."""
    return age(*made, as_of=AS_OF, known=KNOWN, threads=threads)


def scan(made: Book) -> list[pl.DataFrame]:
    """Touch every value that `age` reads: sums of numbers and days, lengths of text."""
    numbers = pl.selectors.numeric() | pl.selectors.temporal()
    return [
        getattr(made, name)
        .lazy()
        .select(columns)
        .select(numbers.to_physical().sum(), pl.selectors.string().str.len_bytes().sum())
        .collect()
        for name, columns in READ.items()
    ]


def part(first: int, size: int) -> Book:
    """A book of the bench, each column in one piece as the book's reader gives it."""
    return Book(*(table.rechunk() for table in book(size, first=first, youngest=YOUNGEST)))


def parts(loans: int) -> Iterator[Book]:
    """The books that make up ``loans``."""
    for first in range(0, loans, PART):
        yield part(first, min(PART, loans - first))


def large(loans: int) -> Times:
    """Age a large book part by part; what it took, without the making."""
    engine, scanned, events = 0.0, 0.0, 0
    for made in parts(loans):
        engine += seconds(partial(aged, made), 1)[0]
        scanned += seconds(partial(scan, made), 1)[0]
        events += len(made.events)
        del made  # before the next one is made
    return Times(engine, scanned, events)


def core_loans(made: Book, size: int) -> list[Loan]:
    """Some loans of a book as the core sees them."""
    plain = {row["conventions"]: json.loads(row["terms"]) for row in made.conventions.iter_rows(named=True)}
    some = made.loans.head(size)
    rows, events = (
        {
            key[0]: list(group.iter_rows(named=True))
            for key, group in table.join(some.select("loan_key"), on="loan_key", how="semi").group_by("loan_key")
        }
        for table in (made.instalments, made.events)
    )
    return [
        Loan(
            ref=loan["loan_ref"],
            terms=terms_from(
                plain[loan["conventions"]],
                rate_ppm=loan["rate_ppm"],
                penalty_ppm=loan["penalty_ppm"],
                compound_ppm=loan["compound_ppm"],
            ),
            grid=tuple(GridRow(row["due"], row["days"]) for row in rows[loan["loan_key"]]),
            events=tuple(
                Event(
                    kind=Kind(row["kind"]),
                    effective=row["effective"],
                    known=row["known"],
                    ref=row["ref"],
                    amount=row["amount"],
                    until=FAR,
                    target=row["target"] or "",
                )
                for row in events[loan["loan_key"]]
            ),
        )
        for loan in some.iter_rows(named=True)
    ]


def by_the_core(made: Book, found: pl.DataFrame) -> float:
    """Seconds that the core takes for a loan, over a sample; its figures must be the engine's."""
    sample = core_loans(made, SAMPLE)
    begun = perf_counter()
    both = [readings(loan, [AS_OF, AS_OF + WEEK], known=KNOWN) for loan in sample]
    taken = perf_counter() - begun
    ours = found.head(len(sample)).select("settle", "dpd", "due_in_a_week").rows()
    assert ours == [(now.settle, now.dpd, later.due) for now, later in both]
    return taken / len(sample)


def in_sql(home: Path, made: Book, loans: int, found: pl.DataFrame) -> tuple[list[float], int]:
    """DuckDB's DPD in one statement over Parquet files, and on how many loans it differs from the engine's."""
    files = {name: str(home / f"{name}.parquet") for name in ("events", "amounts")}
    made.events.write_parquet(files["events"])
    amounts(loans, youngest=YOUNGEST).write_parquet(files["amounts"])
    statement = DPD_IN_SQL.format(**files, day=AS_OF)
    with duckdb.connect(config={"threads": THREADS}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        taken = seconds(lambda: connection.execute(f"CREATE OR REPLACE TEMP TABLE found AS {statement}"))
        theirs = pl.DataFrame(connection.execute("FROM found").fetchnumpy())
    both = found.select("loan_key", "dpd").join(theirs, on="loan_key", how="left", suffix="_sql")
    return taken, int((both["dpd"] != both["dpd_sql"].fill_null(0)).sum())


def from_files(home: Path, made: Book) -> tuple[list[float], list[float]]:
    """Seconds to scan the same columns in Parquet files, and to read and age them."""
    for name, columns in READ.items():
        getattr(made, name).select(columns).write_parquet(home / f"{name}.parquet")
    lazy = {name: pl.scan_parquet(home / f"{name}.parquet") for name in READ}

    def work() -> pl.DataFrame:
        loans, instalments, events = (lazy[name].collect().rechunk() for name in READ)
        return aged(Book(loans, made.conventions, instalments, events))

    numbers = pl.selectors.numeric() | pl.selectors.temporal()
    bare = [
        table.select(numbers.to_physical().sum(), pl.selectors.string().str.len_bytes().sum())
        for table in lazy.values()
    ]
    return seconds(lambda: pl.collect_all(bare)), seconds(work)


def compiled() -> float:
    """Seconds that a first start takes to compile the engine, in a process and a folder of its own."""
    with folder() as home:
        code = "from bench.day_compute import aged, part; aged(part(0, 100), 1)"
        begun = perf_counter()
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "NUMBA_CACHE_DIR": str(home)}, check=True, timeout=600
        )
        return perf_counter() - begun


def peak_gib() -> float:
    """The most memory that this process has had, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


def main(otherwise: int = LOANS) -> str:
    """Measure a book of so many loans, if LOANS does not name another size, and give the table."""
    loans = asked("LOANS", otherwise)
    before = load()
    aged(part(0, 100))
    lines = ["| work | time | per loan | ratio |", "|---|---:|---:|---:|"]
    if loans > PART:
        times = large(loans)
        each, scanned = times.engine / loans * 1e6, times.scan / loans * 1e6
        ratio = f"engine {times.engine / times.scan:.1f} × scan"
        lines.append(f"| the engine, every figure, {THREADS} threads | {times.engine:.2f} s | {each:.2f} µs | 1 |")
        lines.append(f"| bare scan of the same columns in memory | {times.scan:.2f} s | {scanned:.2f} µs | {ratio} |")
        events, notes = times.events, f"Sums over books of {PART:,}, each timed once."
    else:
        more, events, notes = small(loans)
        lines += more
    head = f"{loans:,} loans × {INSTALMENTS_EACH} instalments, {events:,} events, as of {AS_OF}"
    return "\n".join([
        f"{head}.", "", *lines, "", notes, "",
        f"Peak memory of the process, the making of the book included: {peak_gib():.1f} GiB.", "",
        f"Load before: {before}; after: {load()}.",
    ])  # fmt: skip


def small(loans: int) -> tuple[list[str], int, str]:
    """Measure a book of up to a million loans against all the others; lines, events and notes."""
    made = part(0, loans)
    found = aged(made)
    engine, alone, bare = seconds(lambda: aged(made)), seconds(lambda: aged(made, 1)), seconds(lambda: scan(made))
    one = by_the_core(made, found)
    with folder() as home:
        sql, differ = in_sql(home, made, loans, found)
    with folder() as home:
        file_scan, file_age = from_files(home, made)
    base = median(engine)

    def line(what: str, taken: list[float], ratio: str = "") -> str:
        each = median(taken) / loans * 1e6
        return f"| {what} | {shown(taken)} | {each:.2f} µs | {ratio or f'{median(taken) / base:.1f}'} |"

    core = f"| the core, loan by loan in Python | {one * loans:,.0f} s, from {SAMPLE:,} loans | {one * 1e6:,.0f} µs "
    lines = [
        line(f"the engine, every figure, {THREADS} threads", engine),
        line("the engine, one thread", alone),
        line("bare scan of the same columns in memory", bare, f"engine {base / median(bare):.1f} × scan"),
        line("bare scan of the same columns in Parquet", file_scan),
        line("Parquet read and aged", file_age, f"{median(file_age) / median(file_scan):.1f} × its scan"),
        f"{core}| {one * loans / base:,.0f} |",
        line("DuckDB, one statement over Parquet, DPD only", sql),
    ]
    notes = (
        f"Medians of {ROUNDS} (best-worst). {(found['dpd'] > 0).sum():,} loans are overdue. "
        "The statement in SQL asks one question: it lays no schedules and reckons no interest; money reaches the "
        f"oldest due day first. It differs on {differ:,} loans. The core's sample gave the engine's figures. "
        f"A first start compiles for {compiled():.0f} s, once."
    )
    return lines, len(made.events), notes


if __name__ == "__main__":
    print(main())
