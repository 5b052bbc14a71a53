"""Holds: states of a person or of one debt that stop contact or steps at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl
from psycopg.errors import UniqueViolation

from duecourse.storage import frames
from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "person_id": pl.Int64,
    "loan_key": pl.Int64,
    "kind": pl.String,
}
"""Columns of `standing`; ``loan_key`` null: for all of the person's debts."""


class HoldStands(BadInput):
    """The same hold is open already."""

    def __init__(self, person_id: int, kind: str) -> None:
        super().__init__(
            N_("a {kind} hold on person {person} is open already; end it before placing another"),
            kind=kind, person=person_id,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold; the reason is sealed and not part of it."""

    hold_id: int
    person_id: int
    loan_key: int | None
    kind: str
    from_at: datetime
    to_at: datetime | None
    source: str
    ended_by: str | None


def place(
    tx: Tx,
    *,
    person_id: int,
    kind: str,
    from_at: datetime,
    source: str,
    now: datetime,
    loan_key: int | None = None,
    to_at: datetime | None = None,
    reason_sealed: bytes | None = None,
) -> int:
    """Place a hold and return its id; raises `HoldStands` if the same one is open.

    ``reason_sealed`` is free text sealed under the field ``hold``.
    """
    try:
        with tx.connection.transaction():
            placed = tx.value(
                "INSERT INTO hold (lender_id, person_id, loan_key, kind, from_at, to_at, source, reason_sealed, "
                "known_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING hold_id",
                (tx.lender_id, person_id, loan_key, kind, from_at, to_at, source, reason_sealed, now),
            )
    except UniqueViolation:
        begins = tx.value(
            "SELECT from_at FROM hold WHERE lender_id = %s AND person_id = %s AND kind = %s "
            "AND loan_key IS NOT DISTINCT FROM %s AND to_at IS NULL AND from_at > %s",
            (tx.lender_id, person_id, kind, loan_key, from_at),
        )
        if not isinstance(begins, datetime):
            raise HoldStands(person_id, kind) from None
        # It is on file from a later day on: until then this one stands.
        return place(
            tx, person_id=person_id, kind=kind, from_at=from_at, source=source, now=now, loan_key=loan_key,
            to_at=begins if to_at is None else min(begins, to_at), reason_sealed=reason_sealed,
        )  # fmt: skip
    return int(str(placed))


def end(tx: Tx, *, person_id: int, hold_id: int, to_at: datetime, ended_by: str) -> bool:
    """End an open hold; False if there is none of that id that began before."""
    done = tx.execute(
        "UPDATE hold SET to_at = %s, ended_by = %s "
        "WHERE lender_id = %s AND person_id = %s AND hold_id = %s AND to_at IS NULL AND from_at < %s",
        (to_at, ended_by, tx.lender_id, person_id, hold_id, to_at),
    )
    return done.rowcount == 1


def reason_sealed(tx: Tx, person_id: int, hold_id: int) -> bytes | None:
    """The sealed reason of a hold, None where none was given."""
    found = tx.value(
        "SELECT reason_sealed FROM hold WHERE lender_id = %s AND person_id = %s AND hold_id = %s",
        (tx.lender_id, person_id, hold_id),
    )
    return found if isinstance(found, bytes) else None


def of_person(tx: Tx, person_id: int) -> list[Hold]:
    """All holds of a person, the latest first."""
    return tx.rows(
        Hold,
        "SELECT hold_id, person_id, loan_key, kind, from_at, to_at, source, ended_by FROM hold "
        "WHERE lender_id = %s AND person_id = %s ORDER BY from_at DESC, hold_id DESC",
        (tx.lender_id, person_id),
    )


def open_at(tx: Tx, at: datetime) -> list[Hold]:
    """All holds that stand at an instant, the latest first."""
    return tx.rows(
        Hold,
        "SELECT hold_id, person_id, loan_key, kind, from_at, to_at, source, ended_by FROM hold "
        "WHERE lender_id = %s AND from_at <= %s AND (to_at IS NULL OR to_at > %s) ORDER BY from_at DESC, hold_id DESC",
        (tx.lender_id, at, at),
    )


def standing(tx: Tx, at: datetime, *, known: datetime | None = None, persons: pl.Series | None = None) -> pl.DataFrame:
    """Holds that stand at an instant, distinct, in the order of person, kind, loan; as known at ``known`` if given."""
    picked = frames.picked(tx, persons, "person_id")
    return frames.read(
        tx,
        "SELECT DISTINCT person_id, loan_key, kind FROM hold "
        "WHERE lender_id = %s AND from_at <= %s AND (to_at IS NULL OR to_at > %s) "
        "AND known_at <= coalesce(%s, 'infinity'::timestamptz) " + picked + "ORDER BY person_id, kind, loan_key",
        (tx.lender_id, at, at, known),
        SCHEMA,
    )
