"""The parts that messages were handed over in, by their providers' names, and the receipts that speak of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from duecourse.storage.connection import Tx


@dataclass(frozen=True, slots=True)
class Sent:
    """A part of a message that a provider took under a name."""

    person_id: int
    message_id: int
    part: int
    channel: str
    provider_ref: str


def add(tx: Tx, rows: Sequence[Sent]) -> None:
    """Send the names under which parts were taken."""
    if rows:
        tx.execute(
            "INSERT INTO message_part (lender_id, person_id, message_id, part, channel, provider_ref) SELECT %s, o.* "
            "FROM unnest(%s::bigint[], %s::bigint[], %s::smallint[], %s::text[], %s::text[]) AS o "
            "ON CONFLICT DO NOTHING",
            (
                tx.lender_id, [one.person_id for one in rows], [one.message_id for one in rows],
                [one.part for one in rows], [one.channel for one in rows], [one.provider_ref for one in rows],
            ),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """A receipt as it came."""

    provider_ref: str
    arrived: str
    status: str
    nobody_there: bool


def keep(tx: Tx, channel: str, rows: Sequence[Said], *, now: datetime) -> int:
    """Keep receipts; how many are new."""
    return tx.many(
        "INSERT INTO provider_receipt (lender_id, channel, provider_ref, arrived, status, nobody_there, at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [
            (tx.lender_id, channel, one.provider_ref, one.arrived, one.status, one.nobody_there, now)
            for one in rows
        ],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """A receipt that was not acted on, and the part that it speaks of."""

    receipt_id: int
    channel: str
    arrived: str
    status: str
    nobody_there: bool
    at: datetime
    person_id: int
    message_id: int
    part: int


def waiting(tx: Tx, *, most: int) -> list[Waiting]:
    """Receipts of messages of ours that were not acted on and that nobody else looks at, the earliest first."""
    return tx.rows(
        Waiting,
        "SELECT r.receipt_id, r.channel, r.arrived, r.status, r.nobody_there, r.at, p.person_id, p.message_id, p.part "
        "FROM provider_receipt r CROSS JOIN LATERAL (SELECT person_id, message_id, part FROM message_part "
        "WHERE lender_id = r.lender_id AND channel = r.channel AND provider_ref = r.provider_ref "
        "ORDER BY message_id DESC LIMIT 1) p WHERE r.lender_id = %s AND r.taken_at IS NULL "
        "ORDER BY r.receipt_id LIMIT %s FOR UPDATE OF r SKIP LOCKED",
        (tx.lender_id, most),
    )


def still_waits(tx: Tx, receipt_id: int) -> bool:
    """Hold a receipt; false where somebody else acted on it meanwhile."""
    return bool(
        tx.value(
            "SELECT true FROM provider_receipt WHERE lender_id = %s AND receipt_id = %s AND taken_at IS NULL "
            "FOR UPDATE",
            (tx.lender_id, receipt_id),
        )
    )


def give_up(tx: Tx, *, before: datetime, now: datetime) -> int:
    """Look no more for the messages of receipts that came before an instant; how many."""
    return tx.execute(
        "UPDATE provider_receipt SET taken_at = %s WHERE lender_id = %s AND taken_at IS NULL AND at < %s",
        (now, tx.lender_id, before),
    ).rowcount


def taken(tx: Tx, receipt_id: int, *, person_id: int, message_id: int, now: datetime) -> None:
    """Write that a receipt was acted on."""
    tx.execute(
        "UPDATE provider_receipt SET taken_at = %s, person_id = %s, message_id = %s WHERE lender_id = %s "
        "AND receipt_id = %s",
        (now, person_id, message_id, tx.lender_id, receipt_id),
    )


def arrived(tx: Tx, message_id: int, part: int, said: str) -> list[str | None]:
    """Write what a receipt said of a part; what is known of each part of the message now."""
    tx.execute(
        "UPDATE message_part SET arrived = %s WHERE lender_id = %s AND message_id = %s AND part = %s "
        "AND arrived IS DISTINCT FROM 'failed'",
        (said, tx.lender_id, message_id, part),
    )
    found = tx.execute(
        "SELECT arrived FROM message_part WHERE lender_id = %s AND message_id = %s ORDER BY part",
        (tx.lender_id, message_id),
    )
    return [None if one is None else str(one) for (one,) in found]
