"""One payment, two sources: a payment that the desk knows already and that the lender's tape brings again.

A payment of the desk is provisional until the lender's tape confirms it: by its reference, or else by amount and value
day. Each payment of the tape confirms one of the desk's at most, and the other way round; of several alike they go in
pairs, by order of reference. What is confirmed stays one event, the one that was known first.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

NEEDED = ("loan_key", "ref", "amount", "effective")
"""Columns of both frames: minor units, and the value day."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Pairs (loan_key, ref of the tape, ref of the desk, whether by reference), and what no tape has confirmed."""

    pairs: pl.DataFrame
    open: pl.DataFrame


def confirm(desk: pl.DataFrame, tape: pl.DataFrame) -> Confirmed:
    """Match payments of the desk with payments of a tape; a reference that is equal must agree in nothing else."""
    mine = desk.select(NEEDED).rename({"ref": "desk_ref"})
    theirs = tape.select(NEEDED).rename({"ref": "tape_ref"})
    by_ref = (
        mine.join(
            theirs.select("loan_key", "tape_ref"), left_on=["loan_key", "desk_ref"], right_on=["loan_key", "tape_ref"]
        )
        .select("loan_key", tape_ref="desk_ref", desk_ref="desk_ref")
        .with_columns(by_reference=pl.lit(value=True))
    )
    rest = mine.join(by_ref, on=["loan_key", "desk_ref"], how="anti")
    unused = theirs.join(by_ref, on=["loan_key", "tape_ref"], how="anti")
    alike = ["loan_key", "amount", "effective"]
    by_value = (
        _numbered(rest, alike, "desk_ref")
        .join(_numbered(unused, alike, "tape_ref"), on=[*alike, "n"])
        .select("loan_key", "tape_ref", "desk_ref")
        .with_columns(by_reference=pl.lit(value=False))
    )
    pairs = pl.concat([by_ref, by_value]).sort("loan_key", "tape_ref")
    still = mine.join(pairs, on=["loan_key", "desk_ref"], how="anti").rename({"desk_ref": "ref"})
    return Confirmed(pairs, still.select(NEEDED).sort("loan_key", "effective", "ref"))


def _numbered(rows: pl.DataFrame, alike: list[str], ref: str) -> pl.DataFrame:
    return rows.sort(ref).with_columns(n=pl.int_range(pl.len()).over(alike))
