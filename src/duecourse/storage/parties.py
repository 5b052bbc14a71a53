"""Parties: who is tied to which loan, how and with what proof; read for one person or for a whole day run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

import polars as pl

from duecourse.storage import frames
from duecourse.storage.connection import Tx

INSTANT = pl.Datetime("us", "UTC")

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "person_id": pl.Int64,
    "loan_key": pl.Int64,
    "relation": pl.String,
    "from_day": pl.Date,
    "to_day": pl.Date,
    "proof_kind": pl.String,
    "proof_until": pl.Date,
    "named_by_debtor": pl.Boolean,
    "refused_at": INSTANT,
    "renounced_day": pl.Date,
    "estate_left_minor": pl.Int64,
    "estate_currency": pl.String,
}
"""Columns of `on_day`."""


@dataclass(frozen=True, slots=True)
class Party:
    """One tie of a person to a loan."""

    person_id: int
    loan_key: int
    relation: str
    from_day: date
    to_day: date | None
    proof_kind: str | None
    proof_until: date | None
    named_by_debtor: bool
    refused_at: datetime | None
    source: str


_ROW: LiteralString = (
    "SELECT person_id, loan_key, relation, from_day, to_day, proof_kind, proof_until, named_by_debtor, refused_at, "
    "source FROM party "
)


def of_person(tx: Tx, person_id: int) -> list[Party]:
    """All ties of a person, ended ones too."""
    return tx.rows(
        Party,
        _ROW + "WHERE lender_id = %s AND person_id = %s ORDER BY loan_key, from_day",
        (tx.lender_id, person_id),
    )


def tied(tx: Tx, persons: Sequence[int], loan_key: int) -> bool:
    """Whether any of these persons has or had a tie to a loan."""
    found = tx.value(
        "SELECT EXISTS (SELECT FROM party WHERE lender_id = %s AND person_id = ANY (%s) AND loan_key = %s)",
        (tx.lender_id, list(persons), loan_key),
    )
    return found is True


def untied(tx: Tx, ties: pl.DataFrame) -> pl.DataFrame:
    """Of pairs of ``person_id`` and ``loan_key`` those where the person, under whichever name, never had a tie."""
    frames.stage(tx, ties.select("person_id", "loan_key"), "untied")
    return frames.read(
        tx,
        "SELECT s.person_id, s.loan_key FROM pg_temp.stage_untied s WHERE NOT EXISTS (SELECT FROM party p "
        "WHERE p.lender_id = %(lender)s AND p.loan_key = s.loan_key AND (p.person_id = s.person_id OR "
        "person_root(%(lender)s, p.person_id) = person_root(%(lender)s, s.person_id)))",
        {"lender": tx.lender_id},
        {"person_id": pl.Int64, "loan_key": pl.Int64},
    )


def of_loan(tx: Tx, loan_key: int) -> list[Party]:
    """All parties of a loan, the borrower first."""
    return tx.rows(
        Party,
        _ROW + "WHERE lender_id = %s AND loan_key = %s ORDER BY relation <> 'borrower', relation, from_day",
        (tx.lender_id, loan_key),
    )


def on_day(tx: Tx, day: date, *, loans: pl.Series | None = None, borrowers: bool = True) -> pl.DataFrame:
    """Ties that hold on a day, of the given loan keys or of all, in the order of loan, relation, person.

    Those of the borrowers themselves can be left out.

    Whether a proof is in date is left to who asks: ``proof_until`` is the last day it binds.
    """
    picked = frames.picked(tx, loans, "loan_key")
    return frames.read(
        tx,
        "SELECT person_id, loan_key, relation, from_day, to_day, proof_kind, proof_until, named_by_debtor, "
        "refused_at, renounced_day, estate_left_minor, estate_currency FROM party "
        "WHERE lender_id = %s AND from_day <= %s AND (to_day IS NULL OR to_day > %s) "
        + ("" if borrowers else "AND relation <> 'borrower' ")
        + picked
        + "ORDER BY loan_key, relation, person_id",
        (tx.lender_id, day, day),
        SCHEMA,
    )


def refuse(tx: Tx, refusals: pl.DataFrame) -> int:
    """Note for ever that third persons want no contact (``person_id``, ``at``); returns how many ties it is new for.

    It holds for ties that make nobody answer for the debt; who owes can dispute it, or ask for a hold. Of somebody
    without a tie `refuse_untied` keeps it.
    """
    frames.stage(tx, refusals.select(pl.col("person_id").cast(pl.Int64), pl.col("at")), "refuse")
    return tx.execute(
        "UPDATE party p SET refused_at = s.at FROM pg_temp.stage_refuse s WHERE p.lender_id = %s "
        "AND p.person_id = s.person_id AND p.relation IN ('contact_person', 'spouse', 'employer', 'other') "
        "AND p.refused_at IS NULL",
        (tx.lender_id,),
    ).rowcount


def refuse_untied(tx: Tx, person_id: int, loan_keys: Sequence[int], *, at: datetime, day: date) -> bool:
    """Note for ever that somebody wants no contact whom no tie makes a third person: as another person, of these loans.

    False where he refused before.
    """
    done = tx.execute(
        "INSERT INTO party (lender_id, person_id, loan_key, relation, from_day, named_by_debtor, refused_at, source, "
        "known_at) SELECT %(lender)s::lender_code, %(person)s, loan, 'other', %(day)s, FALSE, %(at)s, "
        "'refused contact', %(at)s FROM unnest(%(loans)s::bigint[]) AS loan WHERE NOT EXISTS (SELECT FROM party "
        "WHERE lender_id = %(lender)s AND person_id = %(person)s AND refused_at IS NOT NULL) ON CONFLICT DO NOTHING",
        {"lender": tx.lender_id, "person": person_id, "day": day, "at": at, "loans": list(loan_keys)},
    )
    return done.rowcount > 0
