"""Contacts: attempts and incoming contacts, and the counters of law over them, for one person or for many.

Counting is conservative: a live reservation counts as used, and a contact that was sent and never reported counts as
attempt and as connection.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from duecourse.storage import frames
from duecourse.storage.connection import Tx

BY_PERSON: dict[str, pl.DataType | type[pl.DataType]] = {
    "person_id": pl.Int64,
    "connected_calls": pl.Int64,
    "sms": pl.Int64,
    "push": pl.Int64,
    "attempts": pl.Int64,
}
"""Columns of `day_counts`: contacts with this person on the day that we started."""

BY_DEBTOR: dict[str, pl.DataType | type[pl.DataType]] = {
    "debtor_id": pl.Int64,
    "connected_calls": pl.Int64,
    "attempts": pl.Int64,
}
"""Columns of `debtor_counts`: the same over all parties of a debtor."""

BY_POINT: dict[str, pl.DataType | type[pl.DataType]] = {"value_index": pl.String, "unanswered_calls": pl.Int64}
"""Columns of `point_counts`; ``value_index`` is 32 hex digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A contact to be written. ``local_day`` is the natural day in the zone that the counters' law names."""

    person_id: int
    debtor_id: int
    loan_keys: tuple[int, ...]
    relation: str
    channel: str
    purpose: str
    direction: str
    at: datetime
    local_day: date
    state: str
    contact_point_id: int | None = None
    point_index: bytes | None = None
    outcome: str | None = None
    connected: bool | None = None
    agency: str | None = None
    template_id: str | None = None
    template_version: int | None = None


def add(tx: Tx, contact: Contact, *, now: datetime) -> int:
    """Write a contact and return its id."""
    c = contact
    added = tx.value(
        "INSERT INTO contact (lender_id, person_id, debtor_id, loan_keys, relation, contact_point_id, point_index, "
        "channel, purpose, direction, at, local_day, state, outcome, connected, agency, template_id, template_version, "
        "known_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
        "RETURNING contact_id",
        (
            tx.lender_id, c.person_id, c.debtor_id, list(c.loan_keys), c.relation, c.contact_point_id, c.point_index,
            c.channel, c.purpose, c.direction, c.at, c.local_day, c.state, c.outcome, c.connected, c.agency,
            c.template_id, c.template_version, now,
        ),
    )  # fmt: skip
    return int(str(added))


def day_counts(tx: Tx, day: date, *, persons: pl.Series | None = None) -> pl.DataFrame:
    """Counters of a natural day by the person contacted; persons without contacts are absent (all zero)."""
    picked = frames.picked(tx, persons, "person_id")
    return frames.read(
        tx,
        "SELECT person_id, "
        "count(*) FILTER (WHERE channel IN ('call', 'robot_call') AND coalesce(connected, true)), "
        "count(*) FILTER (WHERE channel IN ('sms', 'mms_image')), count(*) FILTER (WHERE channel = 'push'), count(*) "
        "FROM contact WHERE lender_id = %s AND local_day = %s AND direction = 'out' AND state <> 'released' "
        + picked
        + "GROUP BY person_id ORDER BY person_id",
        (tx.lender_id, day),
        BY_PERSON,
    )


def debtor_counts(tx: Tx, day: date, *, debtors: pl.Series | None = None) -> pl.DataFrame:
    """Counters of a natural day by the debtor, over all of the debtor's parties and all agencies."""
    picked = frames.picked(tx, debtors, "debtor_id")
    return frames.read(
        tx,
        "SELECT debtor_id, "
        "count(*) FILTER (WHERE channel IN ('call', 'robot_call') AND coalesce(connected, true)), count(*) "
        "FROM contact WHERE lender_id = %s AND local_day = %s AND direction = 'out' AND state <> 'released' "
        + picked
        + "GROUP BY debtor_id ORDER BY debtor_id",
        (tx.lender_id, day),
        BY_DEBTOR,
    )


def point_counts(tx: Tx, day: date) -> pl.DataFrame:
    """Unanswered calls of a natural day by number, whoever holds it: the counter attaches to the number."""
    return frames.read(
        tx,
        "SELECT encode(point_index, 'hex'), count(*) FROM contact "
        "WHERE lender_id = %s AND local_day = %s AND direction = 'out' AND state <> 'released' "
        "AND channel IN ('call', 'robot_call') AND NOT coalesce(connected, false) AND point_index IS NOT NULL "
        "GROUP BY point_index ORDER BY point_index",
        (tx.lender_id, day),
        BY_POINT,
    )
