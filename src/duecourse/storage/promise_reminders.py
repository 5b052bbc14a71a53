"""Reminders of promises: those that a day proposed, and what became of each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

from duecourse.storage.connection import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A reminder that a published day proposed, or left alone, with the promise that it is about."""

    promise_id: int
    person_id: int
    case_id: int
    recipient_id: int
    contact_point_id: int | None
    channel: str
    template_id: str
    allowed: bool
    rules: list[str]
    missing: list[str]
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """What became of a reminder; ``rules`` and ``missing`` say what refused it."""

    person_id: int
    promise_id: int
    day: date
    state: str
    message_id: int | None
    permit_id: int | None
    channel: str
    template_id: str
    rules: list[str]
    missing: list[str]
    actor: str
    at: datetime


def proposed(tx: Tx, day: date, run_id: int, templates: Collection[str], today: date) -> list[Proposed]:
    """The reminders that a run proposed and of which nothing became yet, of promises that stand as they stood then.

    One that was renegotiated, withdrawn or paid since, or whose day has passed, is not among them.
    """
    return tx.rows(
        Proposed,
        "SELECT DISTINCT ON (v.promise_id) v.promise_id, v.person_id, v.case_id, o.recipient_id, o.contact_point_id, "
        "o.channel, o.template_id, o.answer = 'allowed' AS allowed, o.rules, o.missing, g.language "
        "FROM proposal o JOIN cases c ON c.lender_id = o.lender_id AND c.person_id = o.person_id "
        "AND c.closed_day IS NULL "
        "JOIN promise v ON v.lender_id = c.lender_id AND v.person_id = c.person_id AND v.case_id = c.case_id "
        "AND v.ended_at IS NULL AND v.made_day < o.day AND v.due_day >= %(today)s "
        "LEFT JOIN promise_reckoning r ON r.lender_id = v.lender_id AND r.person_id = v.person_id "
        "AND r.promise_id = v.promise_id "
        "LEFT JOIN person_language g ON g.lender_id = o.lender_id AND g.person_id = o.recipient_id "
        "WHERE o.lender_id = %(lender)s AND o.day = %(day)s AND o.run_id = %(run)s "
        "AND o.template_id = ANY (%(templates)s) AND coalesce(r.state, 'open') = 'open' "
        "AND NOT EXISTS (SELECT FROM promise_reminder m WHERE m.lender_id = v.lender_id "
        "AND m.person_id = v.person_id AND m.promise_id = v.promise_id AND m.day = o.day) "
        "ORDER BY v.promise_id, o.ordinal",
        {"lender": tx.lender_id, "day": day, "run": run_id, "templates": list(templates), "today": today},
    )


def add(tx: Tx, one: Reminder) -> bool:
    """Keep what became of a reminder; False if somebody else did meanwhile."""
    done = tx.execute(
        "INSERT INTO promise_reminder (lender_id, person_id, promise_id, day, state, message_id, permit_id, channel, "
        "template_id, rules, missing, actor, at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT DO NOTHING",
        (
            tx.lender_id, one.person_id, one.promise_id, one.day, one.state, one.message_id, one.permit_id,
            one.channel, one.template_id, one.rules, one.missing, one.actor, one.at,
        ),
    )  # fmt: skip
    return done.rowcount == 1


_SELECT: LiteralString = (
    "SELECT person_id, promise_id, day, state, message_id, permit_id, channel, template_id, rules, missing, actor, at "
    "FROM promise_reminder "
)


def of_promises(tx: Tx, promise_ids: Collection[int]) -> list[Reminder]:
    """The reminders of these promises, the latest first."""
    return tx.rows(
        Reminder,
        _SELECT + "WHERE lender_id = %s AND promise_id = ANY (%s) ORDER BY day DESC",
        (tx.lender_id, list(promise_ids)),
    )
