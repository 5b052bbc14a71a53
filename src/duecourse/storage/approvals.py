"""Requests for a second pair of eyes, and how they were decided."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput


class NoSuchApproval(BadInput):
    """A number that no request has."""

    def __init__(self, approval_id: int) -> None:
        super().__init__(N_("there is no request {number}"), number=approval_id)


@dataclass(frozen=True, slots=True)
class Approval:
    """A request; open while ``decision`` is None. ``asked`` is in full what shall be done."""

    approval_id: int
    kind: str
    subject: str
    asked: Mapping[str, Any]
    reason: str
    asked_by: str
    asked_at: datetime
    lapses_at: datetime
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None

    @property
    def asker(self) -> str:
        """The staff number of whoever asked."""
        return self.asked_by.partition(":")[2]

    @property
    def digest(self) -> str:
        """SHA-256 of what was asked, as evidence names it."""
        return sha256(json.dumps(self.asked, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


_COLUMNS = (
    "approval_id, kind, subject, asked, reason, asked_by, asked_at, lapses_at, decision, decided_by, decided_at, "
    "decision_reason"
)


def add(
    tx: Tx,
    *,
    kind: str,
    subject: str,
    asked: Mapping[str, Any],
    reason: str,
    asked_by: str,
    asked_at: datetime,
    lapses_at: datetime,
) -> int | None:
    """Write a request and return its number; None where the same is open."""
    try:
        with tx.connection.transaction():
            number = tx.value(
                "INSERT INTO approval (lender_id, kind, subject, asked, reason, asked_by, asked_at, lapses_at) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING approval_id",
                (tx.lender_id, kind, subject, Jsonb(dict(asked)), reason, asked_by, asked_at, lapses_at),
            )
    except UniqueViolation:
        return None
    return int(str(number))


def get(tx: Tx, approval_id: int) -> Approval:
    """One request; raises `NoSuchApproval`."""
    found = tx.row(
        Approval,
        f"SELECT {_COLUMNS} FROM approval WHERE lender_id = %s AND approval_id = %s",
        (tx.lender_id, approval_id),
    )
    if found is None:
        raise NoSuchApproval(approval_id)
    return found


def locked(tx: Tx, approval_id: int) -> Approval:
    """One request, held until the transaction ends; raises `NoSuchApproval`."""
    tx.execute("SELECT FROM approval WHERE lender_id = %s AND approval_id = %s FOR UPDATE", (tx.lender_id, approval_id))
    return get(tx, approval_id)


def open_of(tx: Tx, kind: str, subject: str) -> Approval | None:
    """The open request of a kind about something."""
    return tx.row(
        Approval,
        f"SELECT {_COLUMNS} FROM approval WHERE lender_id = %s AND kind = %s AND subject = %s AND decision IS NULL",
        (tx.lender_id, kind, subject),
    )


def late(tx: Tx, now: datetime) -> list[Approval]:
    """Open requests whose time is over, held until the end of the transaction; those being decided are skipped."""
    return tx.rows(
        Approval,
        f"SELECT {_COLUMNS} FROM approval WHERE lender_id = %s AND decision IS NULL AND lapses_at <= %s "
        "ORDER BY approval_id FOR UPDATE SKIP LOCKED",
        (tx.lender_id, now),
    )


def pending(tx: Tx, *, after: int | None = None, most: int = 10_000) -> list[Approval]:
    """Open requests, the one that lapses next first; those alone that come after one of them."""
    return _page(tx, "decision IS NULL", "lapses_at", after, most)


def decided(tx: Tx, most: int = 50, *, after: int | None = None) -> list[Approval]:
    """Decided requests, the latest first; those alone that come after one of them."""
    return _page(tx, "decision IS NOT NULL", "decided_at", after, most, turned="DESC")


def _page(tx: Tx, which: str, by: str, after: int | None, most: int, *, turned: str = "ASC") -> list[Approval]:
    side = "<" if turned == "DESC" else ">"
    return tx.rows(
        Approval,
        f"SELECT {_COLUMNS} FROM approval a WHERE lender_id = %s AND {which} AND (%s::bigint IS NULL "
        f"OR ({by}, approval_id) {side} (SELECT l.{by}, l.approval_id FROM approval l WHERE l.lender_id = a.lender_id "
        f"AND l.approval_id = %s)) ORDER BY {by} {turned}, approval_id {turned} LIMIT %s",
        (tx.lender_id, after, after, most),
    )


def decide(tx: Tx, approval_id: int, *, decision: str, by: str, reason: str | None, now: datetime) -> None:
    """Write the decision, once; the database refuses a second one."""
    tx.execute(
        "UPDATE approval SET decision = %s, decided_by = %s, decided_at = %s, decision_reason = %s "
        "WHERE lender_id = %s AND approval_id = %s",
        (decision, by, now, reason, tx.lender_id, approval_id),
    )


def approved_of(tx: Tx, kind: str, subject: str, asked: Mapping[str, Any]) -> int | None:
    """The latest request of a kind about a subject that asked for exactly this and was approved."""
    found = tx.value(
        "SELECT max(approval_id) FROM approval WHERE lender_id = %s AND kind = %s AND subject = %s AND asked = %s "
        "AND decision = 'approved'",
        (tx.lender_id, kind, subject, Jsonb(dict(asked))),
    )
    return None if found is None else int(str(found))
