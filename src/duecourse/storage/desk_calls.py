"""Calls that somebody of the house asked for on a case page, and where each stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput, Refused


class NoSuchCall(BadInput):
    """A number that no call has."""

    def __init__(self, call_id: int) -> None:
        super().__init__(N_("there is no call {number} of this case"), number=call_id)


class OnTheTelephone(Refused):
    """A user has one telephone."""

    def __init__(self, user_id: str) -> None:
        super().__init__(N_("{user} has a call under way already; end it first"), user=user_id)


@dataclass(frozen=True, slots=True)
class DeskCall:
    """A row of ``desk_call``."""

    call_id: int
    person_id: int
    debtor_id: int
    case_id: int
    contact_point_id: int
    loan_keys: Sequence[int]
    template_id: str
    user_id: str
    actor: str
    lang: str
    state: str
    permit_id: int | None
    outcome: str | None
    why: Mapping[str, Any] | None
    worker: str | None
    asked_at: datetime
    changed_at: datetime

    @property
    def under_way(self) -> bool:
        """Whether somebody still waits or speaks."""
        return self.state in {"asked", "ringing", "dialling", "talking"}


_COLUMNS: LiteralString = (
    "call_id, person_id, debtor_id, case_id, contact_point_id, loan_keys, template_id, user_id, actor, lang, state, "
    "permit_id, outcome, why, worker, asked_at, changed_at"
)


def add(
    tx: Tx,
    *,
    person_id: int,
    debtor_id: int,
    case_id: int,
    contact_point_id: int,
    loan_keys: Sequence[int],
    template_id: str,
    user_id: str,
    lang: str,
    actor: str,
    now: datetime,
) -> int:
    """Keep that a call was asked for; raises `OnTheTelephone`."""
    try:
        with tx.connection.transaction():
            found = tx.value(
                "INSERT INTO desk_call (lender_id, person_id, debtor_id, case_id, contact_point_id, loan_keys, "
                "template_id, user_id, lang, actor, state, asked_at, changed_at) VALUES (%s, %s, %s, %s, %s, %s, %s, "
                "%s, %s, %s, 'asked', %s, %s) RETURNING call_id",
                (
                    tx.lender_id, person_id, debtor_id, case_id, contact_point_id, list(loan_keys), template_id,
                    user_id, lang, actor, now, now,
                ),
            )  # fmt: skip
    except UniqueViolation:
        raise OnTheTelephone(user_id) from None
    return int(str(found))


def get(tx: Tx, call_id: int, *, held: bool = False) -> DeskCall:
    """One call; ``held``: nobody else changes it until the transaction ends. Raises `NoSuchCall`."""
    lock: LiteralString = " FOR UPDATE" if held else ""
    found = tx.row(
        DeskCall, "SELECT " + _COLUMNS + " FROM desk_call WHERE lender_id = %s AND call_id = %s" + lock,
        (tx.lender_id, call_id),
    )  # fmt: skip
    if found is None:
        raise NoSuchCall(call_id)
    return found


def waits(tx: Tx) -> bool:
    """Whether a call waits to be made."""
    return bool(
        tx.value("SELECT EXISTS (SELECT FROM desk_call WHERE lender_id = %s AND state = 'asked')", (tx.lender_id,))
    )


def claim(tx: Tx, *, worker: str, since: datetime, now: datetime) -> DeskCall | None:
    """Take the next call that was asked for after an instant and that nobody has."""
    return tx.row(
        DeskCall,
        "UPDATE desk_call SET state = 'ringing', worker = %s, changed_at = %s WHERE (lender_id, call_id) = (SELECT "
        "lender_id, call_id FROM desk_call WHERE lender_id = %s AND state = 'asked' AND asked_at > %s ORDER BY call_id "
        "LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING " + _COLUMNS,
        (worker, now, tx.lender_id, since),
    )


def move(
    tx: Tx,
    call_id: int,
    state: str,
    *,
    now: datetime,
    permit_id: int | None = None,
    outcome: str | None = None,
    why: Mapping[str, Any] | None = None,
) -> None:
    """Say where a call stands now."""
    tx.execute(
        "UPDATE desk_call SET state = %s, changed_at = %s, permit_id = coalesce(%s, permit_id), outcome = "
        "coalesce(%s, outcome), why = coalesce(%s, why) WHERE lender_id = %s AND call_id = %s",
        (state, now, permit_id, outcome, None if why is None else Jsonb(dict(why)), tx.lender_id, call_id),
    )


def left(tx: Tx, *, before: datetime) -> list[DeskCall]:
    """Calls that somebody holds, or that were asked for before an instant and nobody took."""
    return tx.rows(
        DeskCall,
        "SELECT " + _COLUMNS + " FROM desk_call WHERE lender_id = %s AND (state IN ('ringing', 'dialling', 'talking') "
        "OR (state = 'asked' AND asked_at <= %s))",
        (tx.lender_id, before),
    )


def of_case(tx: Tx, case_id: int, most: int = 20) -> list[DeskCall]:
    """The calls of a case, the latest first."""
    return tx.rows(
        DeskCall,
        "SELECT " + _COLUMNS + " FROM desk_call WHERE lender_id = %s AND case_id = %s ORDER BY call_id DESC LIMIT %s",
        (tx.lender_id, case_id, most),
    )
