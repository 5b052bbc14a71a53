"""What a published day left, as it stands now, beside what the run found: each row that is another, or gone, or added.

Compared are the rows that the run wrote and that nobody may change afterwards: the ages in the book, and in PostgreSQL
the case snapshots, the proposals, the worklists and the figures of the loans of cases. What people and later days do
change is no part of it: whose case it is and which loans it has (``cases``, ``case_loan``), entries passed over, and
ages that a later run said anew of the day, which stand beside those of this one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from duecourse.book.day import AGES, Aged, Outcome
from duecourse.book.digest import digest
from duecourse.book.store import BookVersion, Store, version_from
from duecourse.casework.day_rows import loan_rows, written_by
from duecourse.storage import books, published_rows, runs
from duecourse.storage.connection import Tx

FIRST = 5
"""Rows that are named of each part; the others are counted."""

GONE, ADDED = "gone", "added"


@dataclass(frozen=True, slots=True)
class Differs:
    """A row that is not the run's: the keys that name it, and the columns that differ (or `GONE`, `ADDED`)."""

    row: Mapping[str, int | str]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stands:
    """One part as it stands: its digest, where it can be read; how many rows are not the run's, and the first ones."""

    digest: str | None
    rows: int = 0
    first: tuple[Differs, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """A part as the run had it and as it is stored, and by what its rows are told apart."""

    name: str
    found: pl.DataFrame  # as the manifest digests it
    written: pl.DataFrame  # as it was put in
    by: Sequence[str]


def standing(
    tx: Tx, store: Store, *, run: runs.Run, base: BookVersion, aged: Aged, outcome: Outcome
) -> dict[str, Stands]:
    """Each stored part of a published day; ``aged`` and ``outcome`` are the run's, worked out again.

    Days whose partitions went in their time have the ages alone.
    """
    found = {"ages": _compared(_Part("ages", outcome.ages, outcome.ages, ["loan_key"]), _ages(tx, store, run, base))}
    if published_rows.dropped(tx, run.day):
        return found
    for part, read in (
        (_Part("snapshot", outcome.snapshot, outcome.snapshot, ["person_id"]), published_rows.snapshot),
        (_Part("proposals", outcome.proposals, outcome.proposals, ["person_id", "ordinal"]), _proposals),
        (_Part("worklist", outcome.worklist, outcome.worklist, ["collector_id", "place"]), published_rows.worklist),
        (_Part("case_loans", outcome.case_loans, loan_rows(aged), ["loan_key"]), published_rows.loans),
    ):
        try:
            stored = read(tx, run.day, run.run_id)
        except PolarsError:  # a value that no run writes, such as an infinite instant
            stored = None
        found[part.name] = _compared(part, stored)
    return found


def _proposals(tx: Tx, day: date, run_id: int) -> pl.DataFrame:
    stored = published_rows.proposals(tx, day, run_id)
    return stored.with_columns(allowed=pl.col("answer") == "allowed", refused="rules").drop("answer", "rules")


def _ages(tx: Tx, store: Store, run: runs.Run, base: BookVersion) -> pl.DataFrame | None:
    """The day's ages as the run left them, from the newest version of the book: it is the one that is read.

    What the run wrote is known by the last instant of its own version; later runs say things anew at later ones.
    """
    newest = books.newest(tx)
    now = version_from(newest.version, newest.tables) if newest else base
    left = base
    if now.version > base.version:
        own = books.get(tx, base.version + 1)
        if own.written_by == written_by(run.day):
            left = version_from(own.version, own.tables)
    try:
        until = store.scan(left, "ages").select(pl.col("known").max()).collect().item()
        rows = store.scan(now, "ages")
        said = rows.filter((pl.col("day") == run.day) & (pl.col("known") <= until)).select(*AGES, "known").collect()
    except (PolarsError, OSError):  # a file that is gone or damaged
        return None
    last = pl.col("known") == pl.col("known").max().over("loan_key")
    return said.filter(last).select(AGES)


def _compared(part: _Part, stored: pl.DataFrame | None) -> Stands:
    if stored is None:
        return Stands(None)
    stands = stored.select(pl.col(name).cast(part.written.schema[name]) for name in stored.columns)
    written = part.written.select(stands.columns)
    known = [name for name in part.found.columns if name in stands.columns]
    others = [name for name in part.found.columns if name not in known]  # what is found and not stored
    if stands.select(pl.struct(part.by).is_duplicated().any()).item():
        return Stands(None, *_differing(written, stands, part.by))
    whole = stands
    if others:
        whole = stands.join(part.found.select(*part.by, *others), on=part.by, how="left")
    rows, first = 0, tuple[Differs, ...]()
    if digest(stands, part.by) != digest(written, part.by):
        rows, first = _differing(written, stands, part.by)
    return Stands(digest(whole.select(part.found.columns), part.by), rows, first)


def _differing(written: pl.DataFrame, stands: pl.DataFrame, by: Sequence[str]) -> tuple[int, tuple[Differs, ...]]:
    """How many rows differ, and the first of them."""
    values = [name for name in written.columns if name not in by]
    both = written.with_columns(_was=pl.lit(value=True)).join(
        stands.with_columns(_is=pl.lit(value=True)), on=by, how="full", coalesce=True, suffix="_now"
    )
    gone, added = pl.col("_is").is_null(), pl.col("_was").is_null()
    other = [pl.col(name).ne_missing(pl.col(f"{name}_now")).alias(f"_other_{name}") for name in values]
    marked = both.select(*by, *other, _gone=gone, _added=added)
    changed = marked.filter(pl.any_horizontal("_gone", "_added", *(f"_other_{name}" for name in values))).sort(by)
    return changed.height, tuple(_named(row, values, by) for row in changed.head(FIRST).iter_rows(named=True))


def _named(row: Mapping[str, Any], values: Sequence[str], by: Sequence[str]) -> Differs:
    key = {name: row[name] for name in by}
    if row["_gone"] or row["_added"]:
        return Differs(key, (GONE if row["_gone"] else ADDED,))
    return Differs(key, tuple(name for name in values if row[f"_other_{name}"]))
