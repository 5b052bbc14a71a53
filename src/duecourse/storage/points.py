"""Contact points: where a person may be reached, masked, with the blind index that counters of law attach to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

import polars as pl

from duecourse.storage import frames
from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "person_id": pl.Int64,
    "contact_point_id": pl.Int64,
    "ordinal": pl.Int16,
    "kind": pl.String,
    "label": pl.String,
    "value_masked": pl.String,
    "value_index": pl.String,
    "zone": pl.String,
    "consent": pl.String,
    "state": pl.String,
    "takes_text": pl.Boolean,
}
"""Columns of `current`; ``value_index`` is 32 hex digits; ``takes_text`` is false for a known fixed line."""

_SELECTED: dict[str, LiteralString] = {
    "person_id": "person_id", "contact_point_id": "contact_point_id", "ordinal": "ordinal", "kind": "kind",
    "label": "label", "value_masked": "value_masked", "value_index": "encode(value_index, 'hex')", "zone": "zone",
    "consent": "consent", "state": "state", "takes_text": "line IS DISTINCT FROM 'fixed'",
}  # fmt: skip


class NoSuchPoint(BadInput):
    """A contact point that the person does not have."""

    def __init__(self, person_id: int, contact_point_id: int) -> None:
        super().__init__(
            N_("person {person_id} has no contact point {contact_point_id}; `duecourse person show` lists them"),
            person_id=person_id,
            contact_point_id=contact_point_id,
        )


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """A contact point, masked."""

    contact_point_id: int
    ordinal: int
    kind: str
    label: str
    value_masked: str
    zone: str | None
    source: str
    consent: str | None
    state: str
    line: str | None  # of phones: mobile, fixed or unknown; null: not looked at yet
    state_at: datetime
    known_at: datetime
    to_at: datetime | None


def of_person(tx: Tx, person_id: int) -> list[ContactPoint]:
    """All contact points of a person, replaced ones last."""
    return tx.rows(
        ContactPoint,
        "SELECT contact_point_id, ordinal, kind, label, value_masked, zone, source, consent, state, line, state_at, "
        "known_at, to_at FROM contact_point WHERE lender_id = %s AND person_id = %s "
        "ORDER BY to_at IS NOT NULL, ordinal",
        (tx.lender_id, person_id),
    )


def current(tx: Tx, *, persons: pl.Series | None = None, columns: Collection[str] = tuple(SCHEMA)) -> pl.DataFrame:
    """Points not replaced, of the given persons or of all, by person and ordinal, in every state.

    ``columns`` narrows what is read; person and ordinal always are.
    """
    wanted = {name: kind for name, kind in SCHEMA.items() if name in {"person_id", "ordinal", *columns}}
    picked = frames.picked(tx, persons, "person_id")
    values: LiteralString = ", ".join([_SELECTED[name] for name in wanted])
    query: LiteralString = "SELECT " + values + " FROM contact_point WHERE lender_id = %s AND to_at IS NULL " + picked
    return frames.read(tx, query, (tx.lender_id,), wanted).sort("person_id", "ordinal")


def sealed(tx: Tx, person_id: int, contact_point_id: int) -> bytes:
    """The sealed value; raises `NoSuchPoint`."""
    found = tx.value(
        "SELECT value_sealed FROM contact_point WHERE lender_id = %s AND person_id = %s AND contact_point_id = %s",
        (tx.lender_id, person_id, contact_point_id),
    )
    if not isinstance(found, bytes | memoryview):
        raise NoSuchPoint(person_id, contact_point_id)
    return bytes(found)


def set_state(tx: Tx, person_id: int, contact_point_id: int, state: str, *, now: datetime) -> None:
    """Mark a current point ok, wrong, unreachable or stopped; raises `NoSuchPoint`."""
    done = tx.execute(
        "UPDATE contact_point SET state = %s, state_at = %s "
        "WHERE lender_id = %s AND person_id = %s AND contact_point_id = %s AND to_at IS NULL",
        (state, now, tx.lender_id, person_id, contact_point_id),
    )
    if done.rowcount != 1:
        raise NoSuchPoint(person_id, contact_point_id)


def field_name(contact_point_id: int) -> str:
    """The name under which a point's value is sealed to its row."""
    return f"contact_point/{contact_point_id}"
