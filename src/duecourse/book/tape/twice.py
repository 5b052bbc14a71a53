"""Rows of a tape that have one key: which of them is meant, only the lender knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from duecourse.book.tape.faults import Rule, masked
from duecourse.book.tape.intake import PLACE
from duecourse.book.tape.layout import KEYS, LOAN_KEYED, Records

if TYPE_CHECKING:
    from duecourse.book.tape.intake import Intake

CLASHES_NAMED = 8
"""Rows that are named where several have one key."""


def check(intake: Intake, records: Records) -> None:
    """Reject rows of a kind that have a key another one has: all where they differ, else all but the first."""
    rows = intake.get(records)
    if rows is None:
        return
    by_key = records in LOAN_KEYED and records is not Records.LOANS  # quicker than text; loans meet `collisions` later
    names = ["loan_key" if name == "loan_ref" and by_key else name for name in KEYS[records]]
    _beside_lost(intake, records, names)
    rows = intake.frames[records]
    told = rows.filter(pl.col("payment_ref").is_not_null()) if records is Records.PAYMENTS else rows
    known = told.select(names)
    if known.n_unique() == known.height:
        return
    again = told.filter(known.is_duplicated())
    facts = [name for name in again.columns if name not in PLACE]
    differ = again.unique(facts).select(names)
    differ = differ.filter(differ.is_duplicated()).unique()
    apart = again.join(differ, on=names, how="semi", nulls_equal=True)
    alike = again.join(differ, on=names, how="anti", nulls_equal=True, maintain_order="left")
    repeated = alike.filter(~pl.struct(names).is_first_distinct())
    column, shown = _key_shown(records)
    place = intake.place(again)
    first = alike.select(*names, first=place).unique(names, keep="first", maintain_order=True)
    repeated = repeated.join(first, on=names, how="left", nulls_equal=True)
    why = pl.format("the same row stands before: {}", "first")
    intake.reject(records, repeated, column=column, rule=Rule.TWICE, why=why, value=shown)
    met = apart.sort(PLACE).group_by(names).agg(met=place.head(CLASHES_NAMED), of=pl.len())
    apart = apart.join(met, on=names, how="left", nulls_equal=True)
    more = pl.when(pl.col("of") > CLASHES_NAMED).then(pl.lit(", …")).otherwise(pl.lit(""))
    why = pl.format("rows with this key that say different things: {}{}", pl.col("met").list.join(", "), more)
    intake.reject(records, apart, column=column, rule=Rule.TWICE, why=why, value=shown)


def _beside_lost(intake: Intake, records: Records, names: list[str]) -> None:
    """Reject rows whose key stands in a row that could not be read as well: which of the two is meant, nobody knows."""
    lost = intake.lost_of(records)
    if lost is None:
        return
    lost = lost.drop_nulls(names)
    rows = intake.frames[records].join(lost, on=names, how="semi")
    column, shown = _key_shown(records)
    first = lost.sort(PLACE).select(*names, first=intake.place(pl.concat([lost, rows], how="diagonal")))
    rows = rows.join(first.unique(names, keep="first"), on=names, how="left")
    why = pl.format("a row with this key is quarantined: {}", "first")
    intake.reject(records, rows, column=column, rule=Rule.TWICE, why=why, value=shown)


def _key_shown(records: Records) -> tuple[str, pl.Expr]:
    """The fields that are a kind of record's key, and the key as an error shows it."""
    shown = (masked(pl.col(name), personal=False) for name in KEYS[records])
    return " + ".join(KEYS[records]), pl.concat_str(shown, separator=" + ")
