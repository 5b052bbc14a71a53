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


def standing_at(tx: Tx, asked: pl.DataFrame) -> pl.DataFrame:
    """Which point stood under a label at an instant; ``asked`` has ``person_id``, ``kind``, ``label`` and ``at``.

    Returns its rows with ``contact_point_id``, ``value_index``, ``zone`` and ``state`` where there was one. Before the
    first that is known under a label, that one.
    """
    instant = pl.Datetime("us", "UTC")
    known = frames.read(
        tx,
        "SELECT person_id, kind, label, contact_point_id, ordinal, encode(value_index, 'hex'), zone, state, to_at "
        "FROM contact_point WHERE lender_id = %s " + frames.picked(tx, asked["person_id"].unique(), "person_id"),
        (tx.lender_id,),
        {
            "person_id": pl.Int64, "kind": pl.String, "label": pl.String, "contact_point_id": pl.Int64,
            "ordinal": pl.Int16, "value_index": pl.String, "zone": pl.String, "state": pl.String, "to_at": instant,
        },
    )  # fmt: skip
    keys = ["person_id", "kind", "label", "at"]
    stood = (
        asked.select(keys)
        .unique()
        .join(known, on=["person_id", "kind", "label"])
        .filter(pl.col("to_at").is_null() | (pl.col("to_at") > pl.col("at")))
        .sort("ordinal")
        .unique(keys, keep="first", maintain_order=True)
    )
    return asked.select(keys).join(stood.drop("ordinal", "to_at"), on=keys, how="left", maintain_order="left")


def sealed(tx: Tx, person_id: int, contact_point_id: int) -> bytes:
    """The sealed value; raises `NoSuchPoint`."""
    found = tx.value(
        "SELECT value_sealed FROM contact_point WHERE lender_id = %s AND person_id = %s AND contact_point_id = %s",
        (tx.lender_id, person_id, contact_point_id),
    )
    if not isinstance(found, bytes | memoryview):
        raise NoSuchPoint(person_id, contact_point_id)
    return bytes(found)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A contact point that has a number, among all that have or had it."""

    person_id: int
    contact_point_id: int
    state: str
    replaced: bool


def of_number(tx: Tx, person_id: int, contact_point_id: int) -> list[Numbered]:
    """A point and all others of the same number, whoever has or had it and under whichever label; the point first.

    Raises `NoSuchPoint`.
    """
    found = tx.rows(
        Numbered,
        "SELECT c.person_id, c.contact_point_id, c.state, c.to_at IS NOT NULL AS replaced FROM contact_point a "
        "JOIN contact_point c ON c.lender_id = a.lender_id AND c.value_index = a.value_index "
        "WHERE a.lender_id = %s AND a.person_id = %s AND a.contact_point_id = %s "
        "ORDER BY c.contact_point_id <> a.contact_point_id, c.person_id <> a.person_id, c.person_id, c.ordinal",
        (tx.lender_id, person_id, contact_point_id),
    )
    if not found:
        raise NoSuchPoint(person_id, contact_point_id)
    return found


def earlier(tx: Tx, index: bytes) -> list[Numbered]:
    """Those that had a number until another replaced it, or had it wrongly, and keep no stop of it."""
    return tx.rows(
        Numbered,
        "SELECT person_id, contact_point_id, state, to_at IS NOT NULL AS replaced FROM contact_point "
        "WHERE lender_id = %s AND value_index = %s AND (to_at IS NOT NULL OR state = 'wrong') AND state <> 'stopped' "
        "AND stopped_at IS NULL "
        "ORDER BY person_id, ordinal LIMIT 200",
        (tx.lender_id, index),
    )


def set_state(tx: Tx, person_id: int, contact_point_id: int, state: str, *, now: datetime) -> None:
    """Mark one point ok, unreachable or stopped; a replaced one too, for it may be brought back.

    That a number is stopped is kept of one that is wrong too, which stays wrong. Raises `NoSuchPoint`.
    """
    done = tx.execute(
        "UPDATE contact_point SET state = CASE state WHEN 'wrong' THEN state ELSE %(state)s END, "
        "state_at = CASE state WHEN 'wrong' THEN state_at ELSE %(now)s END, stopped_at = CASE %(state)s "
        "WHEN 'stopped' THEN coalesce(stopped_at, %(now)s) ELSE stopped_at END "
        "WHERE lender_id = %(lender)s AND person_id = %(person)s AND contact_point_id = %(point)s",
        {"state": state, "now": now, "lender": tx.lender_id, "person": person_id, "point": contact_point_id},
    )
    if done.rowcount != 1:
        raise NoSuchPoint(person_id, contact_point_id)


def mark_wrong(tx: Tx, found: pl.DataFrame, *, now: datetime) -> list[tuple[int, int]]:
    """Keep of points (``person_id``, ``contact_point_id``) that their numbers are not their persons'.

    Under whichever label and name, and where a tape replaced them, so that they are wrong when they come back. Returns
    the points that were not wrong before.
    """
    frames.stage(tx, found.select("person_id", "contact_point_id"), "wrong")
    done = tx.execute(
        "UPDATE contact_point c SET state = 'wrong', state_at = %(now)s, "
        "stopped_at = CASE c.state WHEN 'stopped' THEN coalesce(c.stopped_at, c.state_at) ELSE c.stopped_at END "
        "FROM pg_temp.stage_wrong s JOIN contact_point a ON a.lender_id = %(lender)s AND a.person_id = s.person_id "
        "AND a.contact_point_id = s.contact_point_id WHERE c.lender_id = a.lender_id AND c.value_index = a.value_index "
        "AND c.state <> 'wrong' AND (c.person_id = a.person_id "
        "OR person_root(%(lender)s, c.person_id) = person_root(%(lender)s, a.person_id)) "
        "RETURNING c.person_id, c.contact_point_id",
        {"now": now, "lender": tx.lender_id},
    )
    return [(int(person), int(point)) for person, point in done]


def field_name(contact_point_id: int) -> str:
    """The name under which a point's value is sealed to its row."""
    return f"contact_point/{contact_point_id}"
