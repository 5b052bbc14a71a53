"""Import of a tape of 1,000,000 loans and 12,000,000 instalments with all checks, into Delta and PostgreSQL.

    python -m bench import_tape              # 1,000,000 loans, Parquet and CSV
    python bench/import_tape.py 100000 1     # another size, another number of runs

Aims on 2 cores: Parquet 60 s, CSV 120 s. The book is new each time. All of it counts: the checks, the book, its 700,000
borrowers with their keys and their ties to the loans, and the commit.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median

import polars as pl

from duecourse.book.store import Store
from duecourse.book.tape import intake
from duecourse.book.tape import mapping as mappings
from duecourse.casework.actor import Actor, Role
from duecourse.casework.book_import import Order, import_tape
from duecourse.storage import lenders, server
from duecourse.storage.connection import BATCH, Database
from duecourse.storage.lenders import Lender
from duecourse.storage.migrate import migrate
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring

NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
TERM = 12
AIMS = {"parquet": 60, "csv": 120}
PAID_SHARE = 10  # one loan in ten has a payment in the tape


def write(folder: Path, loans: int, form: str) -> None:
    """A tape of loans with a schedule given by the lender, and some payments."""
    folder.mkdir(parents=True)
    number = pl.int_range(loans, eager=True)
    day = pl.Series([date(2025, 1, 1)]).new_from_index(0, loans)
    frame = pl.DataFrame({"n": number, "day": day})
    start = pl.col("day") + pl.duration(days=pl.col("n") % 365)
    refs = {
        "loan_ref": pl.format("L{}", pl.col("n").cast(pl.String).str.zfill(9)),
        "borrower_ref": pl.format("C{}", (pl.col("n") * 7 // 10).cast(pl.String).str.zfill(9)),
    }
    table = frame.select(
        **refs, principal_minor=pl.lit(1_200_000, pl.Int64), start=start, rate_ppm=pl.lit(90_000, pl.Int64),
        penalty_ppm=pl.lit(135_000, pl.Int64), method=pl.lit("free"),
    )  # fmt: skip
    terms = frame.select("n", start=start, loan_ref=refs["loan_ref"], k=pl.int_ranges(1, TERM + 1)).explode(
        "k", empty_as_null=False
    )  # fmt: skip
    due = pl.col("start").dt.offset_by(pl.concat_str("k", pl.lit("mo")))
    schedule = terms.select(
        "loan_ref", due=due, days=pl.lit(30, pl.Int64), principal_minor=pl.lit(100_000, pl.Int64),
        interest_minor=9_000 - pl.col("k") * 700,
    )  # fmt: skip
    paid = table.gather_every(PAID_SHARE).select(
        "loan_ref", payment_ref=pl.format("P{}", "loan_ref"), paid_on="start", amount_minor=pl.lit(50_000, pl.Int64)
    )
    for name, each in (("loans", table), ("instalments", schedule), ("payments", paid)):
        if form == "csv":
            each.write_csv(folder / f"{name}.csv")
        else:
            each.write_parquet(folder / f"{name}.parquet")


def once(database: Database, vault: Vault, lender: str, tape: Path, store: Store) -> dict[str, float]:
    """Import the tape into a new book of a new lender; seconds by step."""
    with database.transaction(lender) as tx:
        lenders.add(tx, Lender(lender, "Bench", "CN", "Asia/Shanghai", "CNY", "bank", demo=True, masters={}), now=NOW)
    marks: list[tuple[str, float]] = []
    began = time.perf_counter()
    mapping = mappings.load(mappings.find("standard"))
    order = Order(mapping=mapping, sources=intake.sources([tape], mapping))
    marks.append(("hash the files", began))
    with database.transaction(lender) as tx:
        done = import_tape(
            tx, vault=vault, store=store, order=order, quarantine_file=store.folder / "q.csv",
            actor=Actor(Role.OPERATOR, "bench"), now=NOW,
            told=lambda what, _done, _of: marks.append((what, time.perf_counter())),
        )  # fmt: skip
    store.done()
    ended = time.perf_counter()
    assert done.looked.quarantined == 0
    assert done.version == 1
    steps = {what: later - at for (what, at), (_, later) in zip(marks, [*marks[1:], ("", ended)], strict=True)}
    return {**steps, "all": ended - began}


def main(loans: int = 1_000_000, runs: int = 5) -> str:
    """The medians of ``runs`` runs for each form of tape, as a table."""
    lines = [
        f"{loans:,} loans, {loans * TERM:,} instalments, median of {runs} runs, seconds.",
        "",
        "| form | all of it | aim at 1,000,000 | steps |",
        "| --- | --- | --- | --- |",
    ]
    base = Path(tempfile.mkdtemp(prefix="duecourse-bench-"))
    base.chmod(0o711)
    try:
        with server.attached(base / "server") as place:
            migrate(place.url)
            with Database(place.url, limits=BATCH) as database:
                for form, aim in AIMS.items():
                    write(base / form, loans, form)
                    lines.append(_line(database, base, form, aim, runs))
    finally:
        shutil.rmtree(base, ignore_errors=True)
    return "\n".join(lines)


def _line(database: Database, base: Path, form: str, aim: int, runs: int) -> str:
    vault = Vault(new_ring())
    found = []
    for run in range(runs):
        store = Store(base / f"book-{form}-{run}")
        found.append(once(database, vault, f"{form}{run}", base / form, store))
        shutil.rmtree(store.folder)
    steps = {name: median(each.get(name, 0.0) for each in found) for name in found[0]}
    whole = steps.pop("all")
    told = ", ".join(f"{name} {seconds:.1f}" for name, seconds in steps.items())
    return f"| {form} | {whole:.1f} | {aim} | {told} |"


if __name__ == "__main__":
    print(main(*(int(word) for word in sys.argv[1:])))
