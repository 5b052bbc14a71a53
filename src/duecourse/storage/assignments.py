"""Cases taken, handed back or given to somebody by hand; and worklist entries passed over for a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from psycopg.errors import UniqueViolation

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput


class SkippedAlready(BadInput):
    """An entry that was passed over today already."""

    def __init__(self, case_id: int, day: date) -> None:
        super().__init__(N_("case {case} is skipped for {day} already; take that back first"), case=case_id, day=day)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A case that changed hands."""

    assignment_id: int
    case_id: int
    from_collector: str | None
    to_collector: str | None
    reason: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Skip:
    """A worklist entry passed over."""

    skip_id: int
    case_id: int
    day: date
    reason: str
    actor: str
    at: datetime
    taken_back_at: datetime | None
    taken_back_by: str | None


def change(
    tx: Tx, *, person_id: int, case_id: int, was: str | None, to: str | None, reason: str, actor: str, now: datetime,
    day: date,
) -> None:  # fmt: skip
    """Give an open case to a collector, or to nobody, and keep that it changed hands."""
    tx.execute(
        "UPDATE cases SET collector_id = %(to)s, collector_since = CASE WHEN %(to)s::text IS NULL THEN NULL "
        "ELSE %(day)s::date END WHERE lender_id = %(lender)s AND person_id = %(person)s AND case_id = %(case)s",
        {"to": to, "day": day, "lender": tx.lender_id, "person": person_id, "case": case_id},
    )
    tx.execute(
        "INSERT INTO case_assignment (lender_id, person_id, case_id, from_collector, to_collector, reason, actor, at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (tx.lender_id, person_id, case_id, was, to, reason, actor, now),
    )


def of_person(tx: Tx, person_id: int) -> list[Assignment]:
    """How a person's cases changed hands, the latest first."""
    return tx.rows(
        Assignment,
        "SELECT assignment_id, case_id, from_collector, to_collector, reason, actor, at FROM case_assignment "
        "WHERE lender_id = %s AND person_id = %s ORDER BY assignment_id DESC",
        (tx.lender_id, person_id),
    )


def skip(tx: Tx, *, person_id: int, case_id: int, day: date, reason: str, actor: str, now: datetime) -> int:
    """Keep that an entry was passed over; raises `SkippedAlready`."""
    try:
        with tx.connection.transaction():
            added = tx.value(
                "INSERT INTO worklist_skip (lender_id, day, person_id, case_id, reason, actor, at) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING skip_id",
                (tx.lender_id, day, person_id, case_id, reason, actor, now),
            )
    except UniqueViolation:
        raise SkippedAlready(case_id, day) from None
    return int(str(added))


def take_back(tx: Tx, *, person_id: int, day: date, actor: str, now: datetime) -> bool:
    """Take a skip back; False if there is none that stands."""
    return (
        tx.execute(
            "UPDATE worklist_skip SET taken_back_at = %s, taken_back_by = %s WHERE lender_id = %s AND person_id = %s "
            "AND day = %s AND taken_back_at IS NULL",
            (now, actor, tx.lender_id, person_id, day),
        ).rowcount
        == 1
    )


def skips_of(tx: Tx, person_id: int) -> list[Skip]:
    """When a person's case was passed over, the latest first."""
    return tx.rows(
        Skip,
        "SELECT skip_id, case_id, day, reason, actor, at, taken_back_at, taken_back_by FROM worklist_skip "
        "WHERE lender_id = %s AND person_id = %s ORDER BY skip_id DESC",
        (tx.lender_id, person_id),
    )
