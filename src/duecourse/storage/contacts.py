"""Contacts: attempts and incoming contacts, and the counters of law over them, for one person or for many.

What is counted, and how conservatively, stands in `storage.counters`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import LiteralString

import polars as pl
from psycopg import sql

from duecourse.storage import counters, frames
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


@dataclass(frozen=True, slots=True)
class Happened:
    """What became of a contact, and about which loans it was."""

    outcome: str | None
    loan_keys: list[int]


def happened(tx: Tx, person_id: int, contact_id: int) -> Happened | None:
    """A contact of a person; None where it is not there."""
    return tx.row(
        Happened,
        "SELECT outcome, loan_keys FROM contact WHERE lender_id = %s AND person_id = %s AND contact_id = %s",
        (tx.lender_id, person_id, contact_id),
    )


NEW: dict[str, pl.DataType | type[pl.DataType]] = {
    "person_id": pl.Int64,
    "debtor_id": pl.Int64,
    "loan_keys": pl.List(pl.Int64),
    "relation": pl.String,
    "contact_point_id": pl.Int64,
    "point_index": pl.String,
    "channel": pl.String,
    "purpose": pl.String,
    "direction": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "local_day": pl.Date,
    "state": pl.String,
    "outcome": pl.String,
    "connected": pl.Boolean,
    "agency": pl.String,
    "template_id": pl.String,
    "template_version": pl.Int32,
}
"""Columns of `add_many`; ``point_index`` is 32 hex digits."""


def add_many(tx: Tx, rows: pl.DataFrame, *, now: datetime) -> int:
    """Write contacts made elsewhere; those already there (same person, instant, channel) are left out."""
    staged = frames.stage(tx, rows.select(pl.col(name).cast(kind) for name, kind in NEW.items()), "contact")
    statement = sql.SQL(
        "INSERT INTO contact (lender_id, person_id, debtor_id, loan_keys, relation, contact_point_id, point_index, "
        "channel, purpose, direction, at, local_day, state, outcome, connected, agency, template_id, "
        "template_version, known_at) SELECT {lender}, person_id, debtor_id, loan_keys, relation, contact_point_id, "
        "decode(point_index, 'hex'), channel, purpose, direction, at, local_day, state, outcome, connected, agency, "
        "template_id, template_version, {now} FROM {staged} s WHERE NOT EXISTS (SELECT FROM contact c "
        "WHERE c.lender_id = {lender} AND c.person_id = s.person_id AND c.at = s.at AND c.channel = s.channel) "
        "ORDER BY at, person_id"
    )
    return tx.connection.execute(
        statement.format(lender=sql.Literal(tx.lender_id), now=sql.Literal(now), staged=staged)
    ).rowcount


def day_counts(tx: Tx, day: date, *, persons: pl.Series | None = None, now: datetime | None = None) -> pl.DataFrame:
    """Counters of a natural day by person; persons without contacts are absent (all zero).

    Connected calls are those with the person and those about his debts with anybody; the others, with the person.

    Reservations that have lapsed by ``now`` (the server's clock if not given) do not count.
    """
    picked = frames.picked(tx, persons, "who")
    own: LiteralString = " AND person_id = who)"
    query = (
        "SELECT who, " + _tally("connected_calls_person_day") + ", " + _tally("sms_person_day")[:-1] + own + ", "
        + _tally("push_person_day")[:-1] + own + ", count(*) FILTER (WHERE " + counters.ATTEMPTS + own
        + " FROM (SELECT made.*, whose.who FROM " + counters.source(_NOW) + " AS made CROSS JOIN LATERAL "
        "(SELECT made.person_id UNION SELECT made.debtor_id) AS whose (who) WHERE made.local_day = %(day)s) AS counted "
        "WHERE TRUE " + picked + "GROUP BY who HAVING count(*) FILTER (WHERE " + counters.ATTEMPTS
        + ") > 0 ORDER BY who"
    )  # fmt: skip
    return frames.read(tx, query, {"lender": tx.lender_id, "day": day, "now": now}, BY_PERSON)


BY_WEEK: dict[str, pl.DataType | type[pl.DataType]] = {
    "person_id": pl.Int64,
    "attempts_day": pl.Int64,
    "attempts_week": pl.Int64,
}
"""Columns of `week_counts`."""


def week_counts(tx: Tx, day: date, *, persons: pl.Series, now: datetime | None = None) -> pl.DataFrame:
    """What was tried with persons on a natural day and in the seven to it; persons without anything are absent."""
    picked = frames.picked(tx, persons, "person_id")
    week = counters.COUNTERS["attempts_person_7d"]
    query = (
        "SELECT person_id, " + _tally("attempts_person_day")[:-1] + " AND local_day = %(day)s), "
        + _tally("attempts_person_7d") + " FROM " + counters.source(_NOW)
        + " AS made WHERE local_day BETWEEN %(first)s AND %(day)s AND " + week.where + " " + picked
        + "GROUP BY person_id ORDER BY person_id"
    )  # fmt: skip
    first = day - timedelta(days=week.days - 1)
    return frames.read(tx, query, {"lender": tx.lender_id, "day": day, "first": first, "now": now}, BY_WEEK)


def debtor_counts(tx: Tx, day: date, *, debtors: pl.Series | None = None, now: datetime | None = None) -> pl.DataFrame:
    """Counters of a natural day by the debtor, over all of the debtor's parties and all agencies."""
    picked = frames.picked(tx, debtors, "debtor_id")
    query = (
        "SELECT debtor_id, " + _tally("connected_calls_person_day") + ", count(*) FILTER (WHERE " + counters.ATTEMPTS
        + ") FROM " + _ON_DAY + picked
        + "GROUP BY debtor_id HAVING count(*) FILTER (WHERE " + counters.ATTEMPTS + ") > 0 ORDER BY debtor_id"
    )  # fmt: skip
    return frames.read(tx, query, {"lender": tx.lender_id, "day": day, "now": now}, BY_DEBTOR)


def point_counts(tx: Tx, day: date, *, now: datetime | None = None) -> pl.DataFrame:
    """Unanswered calls of a natural day by number, whoever holds it: the counter attaches to the number."""
    unanswered = counters.COUNTERS["unanswered_attempts_number_day"].where
    query = (
        "SELECT encode(point_index, 'hex'), count(*) FROM " + _ON_DAY + "AND point_index IS NOT NULL AND "
        "(" + unanswered + ") GROUP BY point_index ORDER BY point_index"
    )
    return frames.read(tx, query, {"lender": tx.lender_id, "day": day, "now": now}, BY_POINT)


_NOW: LiteralString = "coalesce(%(now)s::timestamptz, clock_timestamp())"
_ON_DAY: LiteralString = counters.source(_NOW) + " AS made WHERE local_day = %(day)s "


def _tally(fact: str) -> LiteralString:
    return "count(*) FILTER (WHERE " + counters.COUNTERS[fact].where + ")"
