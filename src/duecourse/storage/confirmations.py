"""Confirmations of a stop: one for an address at the most, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import LiteralString

from duecourse.storage.connection import Tx


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A row of ``stop_confirmation``."""

    confirmation_id: int
    person_id: int
    contact_point_id: int
    channel: str
    inbound_id: int | None
    answers: int | None
    at: datetime
    lang: str
    state: str
    until: datetime | None
    why: str | None
    permit_id: int | None
    message_id: int | None
    point_index: bytes = field(repr=False)


_COLUMNS: LiteralString = (
    "confirmation_id, person_id, contact_point_id, channel, inbound_id, answers, at, lang, state, until, why, "
    "permit_id, message_id, point_index"
)


def owe(
    tx: Tx,
    *,
    person_id: int,
    contact_point_id: int,
    channel: str,
    lang: str,
    at: datetime,
    inbound_id: int | None = None,
    answers: int | None = None,
    spoken: bool = False,
) -> bool:
    """Note that a stop may be confirmed, or was in the call itself; False where its address has its confirmation."""
    done = tx.execute(
        "INSERT INTO stop_confirmation (lender_id, person_id, contact_point_id, point_index, channel, inbound_id, "
        "answers, at, lang, state, settled_at) SELECT lender_id, person_id, contact_point_id, value_index, "
        "%(channel)s, %(inbound)s, %(answers)s, %(at)s, %(lang)s, %(state)s, %(settled)s FROM contact_point "
        "WHERE lender_id = %(lender)s AND person_id = %(person)s AND contact_point_id = %(point)s "
        "ON CONFLICT (lender_id, point_index) WHERE state IN ('due', 'queued', 'spoken') DO NOTHING",
        {
            "lender": tx.lender_id, "person": person_id, "point": contact_point_id, "channel": channel, "lang": lang,
            "at": at, "inbound": inbound_id, "answers": answers, "state": "spoken" if spoken else "due",
            "settled": at if spoken else None,
        },
    )  # fmt: skip
    return done.rowcount == 1


def due(tx: Tx, *, most: int) -> list[int]:
    """Those that nobody settled yet, the earliest first."""
    found = tx.execute(
        "SELECT confirmation_id FROM stop_confirmation WHERE lender_id = %s AND state = 'due' "
        "ORDER BY confirmation_id LIMIT %s",
        (tx.lender_id, most),
    )
    return [int(number) for (number,) in found]


def held(tx: Tx, confirmation_id: int) -> Confirmation | None:
    """One that is due, its row held; None where it is settled, or somebody else holds it."""
    return tx.row(
        Confirmation,
        "SELECT " + _COLUMNS + " FROM stop_confirmation WHERE lender_id = %s AND confirmation_id = %s "
        "AND state = 'due' FOR UPDATE SKIP LOCKED",
        (tx.lender_id, confirmation_id),
    )


def allow(tx: Tx, confirmation_id: int, *, until: datetime) -> None:
    """Write until when the law lets it go."""
    tx.execute(
        "UPDATE stop_confirmation SET until = %s WHERE lender_id = %s AND confirmation_id = %s",
        (until, tx.lender_id, confirmation_id),
    )


def settle(
    tx: Tx,
    confirmation_id: int,
    *,
    state: str,
    now: datetime,
    why: str | None = None,
    permit_id: int | None = None,
    message_id: int | None = None,
) -> None:
    """Write what became of one that is due; nothing is waited for."""
    tx.execute(
        "UPDATE stop_confirmation SET state = %s, why = %s, permit_id = %s, message_id = %s, settled_at = %s "
        "WHERE lender_id = %s AND confirmation_id = %s AND state = 'due'",
        (state, why, permit_id, message_id, now, tx.lender_id, confirmation_id),
    )


def of_inbound(tx: Tx, inbound_id: int) -> Confirmation | None:
    """What became of confirming the stop that somebody wrote; None where nothing was stopped by it."""
    return tx.row(
        Confirmation,
        "SELECT " + _COLUMNS + " FROM stop_confirmation WHERE lender_id = %s AND inbound_id = %s "
        "ORDER BY confirmation_id LIMIT 1",
        (tx.lender_id, inbound_id),
    )
