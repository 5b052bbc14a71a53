"""How texts that came in were read, what acted at once, and what people made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from duecourse.storage.connection import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRow:
    """A row of ``reading``."""

    inbound_id: int
    meaning: str
    signs: Sequence[Mapping[str, Any]]
    currency: str | None
    amount_minor: int | None
    whole: bool
    due_day: date | None
    rest_day: bool
    acted: list[str]
    mood: str | None
    mood_ppm: int | None
    mood_rule: str | None
    urgent: bool
    at: datetime
    decided_at: datetime | None
    decided_by: str | None
    decided_as: str | None
    promise_id: int | None


_COLUMNS: LiteralString = (
    "inbound_id, meaning, signs, currency, amount_minor, whole, due_day, rest_day, acted, mood, mood_ppm, "
    "mood_rule, urgent, at, decided_at, decided_by, decided_as, promise_id"
)


def add(
    tx: Tx,
    *,
    inbound_id: int,
    meaning: str,
    signs: Sequence[Mapping[str, object]],
    currency: str | None,
    amount_minor: int | None,
    whole: bool,
    due_day: date | None,
    rest_day: bool,
    acted: Sequence[str],
    mood: str,
    mood_ppm: int,
    mood_rule: str,
    urgent: bool,
    now: datetime,
) -> None:
    """Keep how a text was read."""
    tx.execute(
        "INSERT INTO reading (lender_id, inbound_id, meaning, signs, currency, amount_minor, whole, due_day, rest_day, "
        "acted, mood, mood_ppm, mood_rule, urgent, at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            tx.lender_id, inbound_id, meaning, Jsonb(list(signs)), currency, amount_minor, whole, due_day, rest_day,
            list(acted), mood, mood_ppm, mood_rule, urgent, now,
        ),
    )  # fmt: skip


def get(tx: Tx, inbound_id: int, *, held: bool = False) -> ReadingRow | None:
    """How a text was read; None where it was not."""
    locked: LiteralString = " FOR UPDATE" if held else ""
    return tx.row(
        ReadingRow,
        "SELECT " + _COLUMNS + " FROM reading WHERE lender_id = %s AND inbound_id = %s" + locked,
        (tx.lender_id, inbound_id),
    )


def set_acted(tx: Tx, inbound_id: int, acted: Sequence[str]) -> None:
    """Write what was done by a reading."""
    tx.execute(
        "UPDATE reading SET acted = %s WHERE lender_id = %s AND inbound_id = %s",
        (list(acted), tx.lender_id, inbound_id),
    )


def decide(
    tx: Tx, inbound_id: int, *, meaning: str, acted: Sequence[str], promise_id: int | None, actor: str, now: datetime
) -> None:
    """Write what a person says that it means, and what was done by that."""
    tx.execute(
        "UPDATE reading SET decided_at = %s, decided_by = %s, decided_as = %s, acted = %s, promise_id = %s "
        "WHERE lender_id = %s AND inbound_id = %s",
        (now, actor, meaning, list(acted), promise_id, tx.lender_id, inbound_id),
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """One of the inbox: what came in, masked, with how it was read."""

    inbound_id: int
    channel: str
    at: datetime
    sender_masked: str
    characters: int
    unplaced: str | None
    person_id: int | None
    case_id: int | None
    collector_id: str | None
    name_masked: str | None
    answers: int | None
    other_sender: bool
    meaning: str | None
    urgent: bool
    acted: list[str] | None
    model: bool
    mood: str | None
    mood_ppm: int | None
    currency: str | None
    amount_minor: int | None
    whole: bool | None
    due_day: date | None
    rest_day: bool | None
    decided_at: datetime | None
    decided_by: str | None
    decided_as: str | None


_WAITING: LiteralString = (
    "SELECT i.inbound_id, i.channel, i.at, i.sender_masked, i.characters, "
    "CASE WHEN i.person_id IS NULL THEN i.unplaced END AS unplaced, i.person_id, i.case_id, c.collector_id, "
    "p.name_masked, i.answers, i.other_sender, r.meaning, coalesce(r.urgent, FALSE) AS urgent, r.acted, "
    "coalesce((r.signs -> 0 ->> 'model')::boolean, FALSE) AS model, r.mood, r.mood_ppm, r.currency, r.amount_minor, "
    "r.whole, r.due_day, r.rest_day, r.decided_at, r.decided_by, r.decided_as "
    "FROM inbound i LEFT JOIN reading r ON r.lender_id = i.lender_id AND r.inbound_id = i.inbound_id "
    "LEFT JOIN cases c ON c.lender_id = i.lender_id AND c.person_id = i.debtor_id AND c.case_id = i.case_id "
    "LEFT JOIN person p ON p.lender_id = i.lender_id AND p.person_id = i.person_id "
    "WHERE i.lender_id = %(lender)s AND i.dismissed_at IS NULL "
)


def waiting(tx: Tx, *, collector: str | None = None, after: int = 0, most: int = 50) -> list[Waiting]:
    """What waits for a person: what is urgent, then who may be in distress, then the earliest.

    Of one collector, with what has no case.
    """
    return tx.rows(
        Waiting,
        _WAITING + "AND r.decided_at IS NULL AND i.inbound_id > %(after)s AND (%(collector)s::text IS NULL "
        "OR c.collector_id = %(collector)s OR c.collector_id IS NULL) "
        "ORDER BY coalesce(r.urgent, FALSE) DESC, (coalesce(r.mood, '') = 'distressed') DESC, i.inbound_id "
        "LIMIT %(most)s",
        {"lender": tx.lender_id, "collector": collector, "after": after, "most": most},
    )


def decided(tx: Tx, *, most: int = 20) -> list[Waiting]:
    """What people decided last."""
    return tx.rows(
        Waiting,
        _WAITING + "AND r.decided_at IS NOT NULL ORDER BY r.decided_at DESC LIMIT %(most)s",
        {"lender": tx.lender_id, "most": most},
    )


def one(tx: Tx, inbound_id: int) -> Waiting | None:
    """One of the inbox."""
    return tx.row(Waiting, _WAITING + "AND i.inbound_id = %(number)s", {"lender": tx.lender_id, "number": inbound_id})


@dataclass(frozen=True, slots=True)
class Agreed:
    """How often people agreed with what was read as something."""

    meaning: str
    read: int
    decided: int
    agreed: int


def agreement(tx: Tx) -> list[Agreed]:
    """Over all readings, meaning by meaning: how many, how many people decided, how many of these as read."""
    return tx.rows(
        Agreed,
        "SELECT meaning, count(*) AS read, count(decided_at) AS decided, count(*) FILTER (WHERE decided_as = meaning) "
        "AS agreed FROM reading WHERE lender_id = %s GROUP BY meaning ORDER BY meaning",
        (tx.lender_id,),
    )
