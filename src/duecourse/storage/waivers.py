"""What is given up: offers, their approval, when the borrower was told, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

from psycopg.types.json import Jsonb

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput


class NoSuchWaiver(BadInput):
    """A number that no waiver has."""

    def __init__(self, waiver_id: int) -> None:
        super().__init__(
            N_("waiver {waiver} is not known to this lender; `duecourse waiver list` shows them"), waiver=waiver_id
        )


@dataclass(frozen=True, slots=True)
class Waiver:
    """An offer to give something up. Amounts are minor units, by category."""

    waiver_id: int
    person_id: int
    case_id: int
    loan_key: int
    kind: str
    as_of: date
    given: Mapping[str, int]
    pay_minor: int
    pay_by: date | None
    paid_before: int
    currency: str
    offered_by: str
    offered_at: datetime
    approval_id: int | None
    approved_at: datetime | None
    notified_at: datetime | None
    ended_at: datetime | None
    ended_as: str | None
    entered: Mapping[str, int] | None

    @property
    def state(self) -> str:
        """Where it stands: asked, approved, notified, or as it ended."""
        if self.ended_as:
            return self.ended_as
        if self.notified_at:
            return "notified"
        return "approved" if self.approved_at else "asked"


_COLUMNS: LiteralString = (
    "waiver_id, person_id, case_id, loan_key, kind, as_of, given, pay_minor, pay_by, paid_before, currency, "
    "offered_by, offered_at, approval_id, approved_at, notified_at, ended_at, ended_as, entered"
)


def add(
    tx: Tx, *, person_id: int, case_id: int, loan_key: int, kind: str, as_of: date, given: Mapping[str, int],
    pay_minor: int, pay_by: date | None, paid_before: int, currency: str, offered_by: str, now: datetime,
    approved: bool,
) -> int:  # fmt: skip
    """Keep an offer and return its number."""
    return int(
        str(
            tx.value(
                "INSERT INTO waiver (lender_id, person_id, case_id, loan_key, kind, as_of, given, pay_minor, pay_by, "
                "paid_before, currency, offered_by, offered_at, approved_by, approved_at) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING waiver_id",
                (
                    tx.lender_id, person_id, case_id, loan_key, kind, as_of, Jsonb(dict(given)), pay_minor, pay_by,
                    paid_before, currency, offered_by, now, offered_by if approved else None,
                    now if approved else None,
                ),
            )
        )
    )  # fmt: skip


def get(tx: Tx, waiver_id: int, *, lock: bool = False) -> Waiver:
    """One offer; raises `NoSuchWaiver`."""
    query: LiteralString = "SELECT " + _COLUMNS + " FROM waiver WHERE lender_id = %s AND waiver_id = %s"
    found = tx.row(Waiver, query + " FOR UPDATE" if lock else query, (tx.lender_id, waiver_id))
    if found is None:
        raise NoSuchWaiver(waiver_id)
    return found


def waiting(tx: Tx) -> list[Waiver]:
    """Offers that are not ended, by number."""
    return tx.rows(
        Waiver, "SELECT " + _COLUMNS + " FROM waiver WHERE lender_id = %s AND ended_at IS NULL ORDER BY waiver_id",
        (tx.lender_id,),
    )  # fmt: skip


def of_case(tx: Tx, case_id: int) -> list[Waiver]:
    """Every offer of a case, the latest first."""
    return tx.rows(
        Waiver, "SELECT " + _COLUMNS + " FROM waiver WHERE lender_id = %s AND case_id = %s ORDER BY waiver_id DESC",
        (tx.lender_id, case_id),
    )  # fmt: skip


def latest(tx: Tx, most: int = 100) -> list[Waiver]:
    """The latest offers."""
    return tx.rows(
        Waiver, "SELECT " + _COLUMNS + " FROM waiver WHERE lender_id = %s ORDER BY waiver_id DESC LIMIT %s",
        (tx.lender_id, most),
    )  # fmt: skip


def page(
    tx: Tx, *, case_id: int | None = None, state: str | None = None, before: int | None = None, most: int
) -> list[Waiver]:
    """Offers before a number, the latest first: of a case, in a state as `Waiver.state` says it."""
    return tx.rows(
        Waiver,
        "SELECT " + _COLUMNS + " FROM waiver WHERE lender_id = %(lender)s "
        "AND (%(case)s::bigint IS NULL OR case_id = %(case)s) "
        "AND (%(before)s::bigint IS NULL OR waiver_id < %(before)s) "
        "AND (%(state)s::text IS NULL OR %(state)s = coalesce(ended_as, CASE WHEN notified_at IS NOT NULL "
        "THEN 'notified' WHEN approved_at IS NOT NULL THEN 'approved' ELSE 'asked' END)) "
        "ORDER BY waiver_id DESC LIMIT %(most)s",
        {"lender": tx.lender_id, "case": case_id, "state": state, "before": before, "most": most},
    )


def asked(tx: Tx, waiver_id: int, approval_id: int) -> None:
    """Say which request the offer waits for."""
    tx.execute(
        "UPDATE waiver SET approval_id = %s WHERE lender_id = %s AND waiver_id = %s",
        (approval_id, tx.lender_id, waiver_id),
    )


def approve(tx: Tx, waiver_id: int, *, by: str, now: datetime) -> None:
    """Say that a second person approved."""
    tx.execute(
        "UPDATE waiver SET approved_by = %s, approved_at = %s WHERE lender_id = %s AND waiver_id = %s "
        "AND approved_at IS NULL AND ended_at IS NULL",
        (by, now, tx.lender_id, waiver_id),
    )


def notify(tx: Tx, waiver_id: int, *, by: str, now: datetime) -> None:
    """Say that the borrower was told: from here on it is not taken back."""
    tx.execute(
        "UPDATE waiver SET notified_by = %s, notified_at = %s WHERE lender_id = %s AND waiver_id = %s "
        "AND notified_at IS NULL AND ended_at IS NULL",
        (by, now, tx.lender_id, waiver_id),
    )


def end(tx: Tx, waiver_id: int, *, as_: str, by: str, now: datetime, entered: Mapping[str, int] | None = None) -> None:
    """End an offer, once."""
    tx.execute(
        "UPDATE waiver SET ended_at = %s, ended_by = %s, ended_as = %s, entered = %s "
        "WHERE lender_id = %s AND waiver_id = %s AND ended_at IS NULL",
        (now, by, as_, None if entered is None else Jsonb(dict(entered)), tx.lender_id, waiver_id),
    )
