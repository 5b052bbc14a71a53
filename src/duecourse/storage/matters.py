"""Matters: what somebody raised or was told, each with its clock, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import LiteralString

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput

FIELD = "matter"
"""Under which what was said is sealed."""


class NoSuchMatter(BadInput):
    """A number that no matter has."""

    def __init__(self, matter_id: int) -> None:
        super().__init__(
            N_("matter {matter} is not known to this lender; `duecourse matter list` shows them"), matter=matter_id
        )


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter; its words are sealed."""

    matter_id: int
    person_id: int
    case_id: int
    loan_key: int | None
    kind: str
    category: str
    severity: str
    words_sealed: bytes = field(repr=False)
    opened_day: date
    due_day: date | None
    due_rule: str | None
    hold_id: int | None
    actor: str
    at: datetime
    escalated_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    ended_as: str | None
    cause: str | None
    redress_minor: int | None
    notice_id: int | None  # by which an acceleration was told


COLUMNS: LiteralString = (
    "matter_id, person_id, case_id, loan_key, kind, category, severity, words_sealed, opened_day, due_day, due_rule, "
    "hold_id, actor, at, escalated_at, ended_at, ended_by, ended_as, cause, redress_minor, notice_id"
)
"""Columns of a `Matter`, in its order."""


def add(
    tx: Tx, *, person_id: int, case_id: int, loan_key: int | None, kind: str, category: str, severity: str,
    sealed: bytes, day: date, due: date | None, rule: str | None, hold_id: int | None, actor: str, now: datetime,
    notice_id: int | None = None,
) -> int:  # fmt: skip
    """Keep a matter and return its number."""
    found = tx.value(
        "INSERT INTO matter (lender_id, person_id, case_id, loan_key, kind, category, severity, words_sealed, "
        "opened_day, due_day, due_rule, hold_id, actor, at, notice_id) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING matter_id",
        (
            tx.lender_id, person_id, case_id, loan_key, kind, category, severity, sealed, day, due, rule, hold_id,
            actor, now, notice_id,
        ),
    )  # fmt: skip
    return int(str(found))


def get(tx: Tx, matter_id: int, *, lock: bool = False) -> Matter:
    """One matter; raises `NoSuchMatter`."""
    query: LiteralString = "SELECT " + COLUMNS + " FROM matter WHERE lender_id = %s AND matter_id = %s"
    found = tx.row(Matter, query + " FOR UPDATE" if lock else query, (tx.lender_id, matter_id))
    if found is None:
        raise NoSuchMatter(matter_id)
    return found


def listed(
    tx: Tx, *, case_id: int | None = None, kind: str | None = None, open_only: bool = False, most: int = 1_000
) -> list[Matter]:
    """Matters, those that are due first; of one case or of all, of one kind or of all."""
    return tx.rows(
        Matter,
        "SELECT " + COLUMNS + " FROM matter WHERE lender_id = %(lender)s AND case_id = coalesce(%(case)s, case_id) "
        "AND kind = coalesce(%(kind)s, kind) AND (NOT %(open)s OR ended_at IS NULL) "
        "ORDER BY ended_at IS NOT NULL, due_day NULLS LAST, matter_id LIMIT %(most)s",
        {"lender": tx.lender_id, "case": case_id, "kind": kind, "open": open_only, "most": most},
    )


def ended_last(tx: Tx, most: int, kind: str | None = None) -> list[Matter]:
    """The matters that ended last, the latest first; of one kind or of all."""
    return tx.rows(
        Matter,
        "SELECT " + COLUMNS + " FROM matter WHERE lender_id = %s AND ended_at IS NOT NULL "
        "AND kind = coalesce(%s, kind) ORDER BY ended_at DESC, matter_id DESC LIMIT %s",
        (tx.lender_id, kind, most),
    )


def escalate(tx: Tx, matter_id: int, *, by: str, now: datetime) -> None:
    """Say that it went up."""
    tx.execute(
        "UPDATE matter SET escalated_at = %s, escalated_by = %s WHERE lender_id = %s AND matter_id = %s "
        "AND escalated_at IS NULL",
        (now, by, tx.lender_id, matter_id),
    )


def of_notice(tx: Tx, notice_id: int) -> Matter:
    """The matter that a notice told; raises `NoSuchMatter`."""
    query: LiteralString = "SELECT " + COLUMNS + " FROM matter WHERE lender_id = %s AND notice_id = %s"
    found = tx.row(Matter, query, (tx.lender_id, notice_id))
    if found is None:
        raise NoSuchMatter(notice_id)
    return found


def runs_until(tx: Tx, matter_id: int, due: date | None, rule: str | None) -> None:
    """Say until when it runs, by which rule; or that it does not run."""
    tx.execute(
        "UPDATE matter SET due_day = %s, due_rule = %s WHERE lender_id = %s AND matter_id = %s AND ended_at IS NULL",
        (due, rule, tx.lender_id, matter_id),
    )


def end(
    tx: Tx, matter_id: int, *, as_: str, by: str, now: datetime, cause: str | None = None, redress: int | None = None
) -> None:
    """End a matter, once."""
    tx.execute(
        "UPDATE matter SET ended_at = %s, ended_by = %s, ended_as = %s, cause = %s, redress_minor = %s "
        "WHERE lender_id = %s AND matter_id = %s AND ended_at IS NULL",
        (now, by, as_, cause, redress, tx.lender_id, matter_id),
    )


@dataclass(frozen=True, slots=True)
class Cause:
    """How often something was raised and for which cause; late: answered after its clock, or not yet."""

    kind: str
    category: str
    cause: str | None
    matters: int
    upheld: int
    late: int
    redress_minor: int


def causes(tx: Tx, *, since: date, until: date, today: date) -> list[Cause]:
    """What was raised from a day to a day (both included), by category and cause, the most frequent first."""
    return tx.rows(
        Cause,
        "SELECT kind, category, cause, count(*)::integer AS matters, (count(*) FILTER (WHERE ended_as IN ('upheld', "
        "'partly_upheld')))::integer AS upheld, (count(*) FILTER (WHERE coalesce(ended_at::date, %(today)s) > due_day))"
        "::integer AS late, coalesce(sum(redress_minor), 0)::bigint AS redress_minor FROM matter "
        "WHERE lender_id = %(lender)s AND opened_day BETWEEN %(since)s AND %(until)s AND kind <> 'acceleration' "
        "GROUP BY kind, category, cause ORDER BY 4 DESC, 1, 2, 3",
        {"lender": tx.lender_id, "since": since, "until": until, "today": today},
    )
