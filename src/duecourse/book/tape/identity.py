"""Who the people of a tape are: their numbers check, and no two of them are one to us."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from duecourse.book.tape.faults import Rule, masked
from duecourse.book.tape.layout import Records

if TYPE_CHECKING:
    from duecourse.book.tape.intake import Intake

_REFS = ("person_ref", "borrower_ref")
_MET = "two customer numbers of this tape have one id, and would be taken for one person"


def named(intake: Intake) -> pl.Series:
    """The customer numbers that stand anywhere in the tape, each once."""
    found = [
        rows[column].drop_nulls().unique()
        for rows in intake.frames.values()
        for column in _REFS
        if column in rows.columns
    ]
    return pl.concat(found).unique() if found else pl.Series("person_ref", [], dtype=pl.String)


def apart(intake: Intake) -> None:
    """Reject rows of customer numbers that meet in one id, which is a digest of 63 bits."""
    met = intake.person_ids.filter(pl.col("person_id").is_duplicated())
    if met.is_empty():
        return
    for records, rows in list(intake.frames.items()):
        for column in (name for name in _REFS if name in rows.columns):
            both = intake.frames[records].join(met, left_on=column, right_on="person_ref", how="semi")
            shown = masked(pl.col(column), personal=False)
            intake.reject(records, both, column=column, rule=Rule.COLLISION, why=_MET, value=shown)


def check(intake: Intake) -> None:
    """Reject identity numbers that do not check, and borrowers named as parties."""
    persons = intake.get(Records.PERSONS)
    if persons is not None:
        wrong = persons.filter((pl.col("id_kind") == "resident_id") & ~checks_out(pl.col("id_number")))
        shown = masked(pl.col("id_number"), personal=True)
        intake.reject(Records.PERSONS, wrong, column="id_number", rule=Rule.CHECK_DIGIT, value=shown)
    parties = intake.get(Records.PARTIES)
    if parties is not None:
        own = parties.filter(pl.col("relation") == "borrower")
        intake.reject(Records.PARTIES, own, column="relation", rule=Rule.CODE, why="the borrower follows from the loan")


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def checks_out(number: pl.Expr) -> pl.Expr:
    """Whether an 18-digit identity number has the check digit of GB 11643 (ISO 7064 MOD 11-2); null counts as right."""
    text = number.str.replace_all(r"[\s-]", "").str.to_uppercase()
    total = pl.sum_horizontal(
        text.str.slice(place, 1).cast(pl.Int64, strict=False).fill_null(0) * weight
        for place, weight in enumerate(_WEIGHTS)
    )
    digit = (total % 11).replace_strict(list(range(11)), list("10X98765432"), default=None, return_dtype=pl.String)
    fits = text.str.contains(r"^\d{17}[\dX]$") & (text.str.slice(17, 1) == digit)
    return number.is_null() | fits
