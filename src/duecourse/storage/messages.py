"""The outbox: messages with their permits, who sends them, what became of them; and whether sending is paused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import LiteralString

from psycopg.types.json import Jsonb

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput


class NoSuchMessage(BadInput):
    """A number that no message has."""

    def __init__(self, message_id: int) -> None:
        super().__init__(
            N_("there is no message {number}; `duecourse outbox list` shows the latest"), number=message_id
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """A row of ``message`` but for what is sealed in it."""

    person_id: int
    message_id: int
    permit_id: int
    channel: str
    contact_point_id: int
    template_id: str
    template_version: int
    lang: str
    notice_id: int | None
    content_hash: bytes
    priority: int
    state: str
    queued_at: datetime
    queued_by: str
    due_at: datetime
    until: datetime
    worker: str | None
    sending_at: datetime | None
    ended_at: datetime | None
    provider_ref: str | None
    permanent: bool | None
    why: Mapping[str, str] | None
    settled_at: datetime | None
    settled_by: str | None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that somebody is about to send, its row held."""

    person_id: int
    message_id: int
    permit_id: int
    contact_point_id: int
    channel: str
    lang: str
    content_hash: bytes
    until: datetime
    key_sealed: bytes = field(repr=False)
    content_sealed: bytes = field(repr=False)
    point_sealed: bytes = field(repr=False)
    entry_id: int  # of the record of what becomes of it


_COLUMNS: LiteralString = (
    "person_id, message_id, permit_id, channel, contact_point_id, template_id, template_version, lang, notice_id, "
    "content_hash, priority, state, queued_at, queued_by, due_at, until, worker, sending_at, ended_at, provider_ref, "
    "permanent, why, settled_at, settled_by"
)


def next_id(tx: Tx) -> int:
    """The number that the next message bears."""
    return int(str(tx.value("SELECT nextval('message_message_id_seq')")))


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """A message to be queued."""

    person_id: int
    message_id: int
    permit_id: int
    channel: str
    contact_point_id: int
    template_id: str
    template_version: int
    lang: str
    notice_id: int | None
    content_hash: bytes
    key_sealed: bytes = field(repr=False)
    content_sealed: bytes = field(repr=False)
    priority: int
    due_at: datetime
    until: datetime


def add(tx: Tx, rows: Sequence[New], *, actor: str, now: datetime) -> None:
    """Queue messages; one whose permit has a message already is left out."""
    tx.many(
        "INSERT INTO message (lender_id, person_id, message_id, permit_id, channel, contact_point_id, template_id, "
        "template_version, lang, notice_id, content_hash, key_sealed, content_sealed, priority, queued_at, queued_by, "
        "due_at, until) OVERRIDING SYSTEM VALUE VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, "
        "%s, %s, %s) ON CONFLICT (lender_id, permit_id) DO NOTHING",
        [
            (
                tx.lender_id, one.person_id, one.message_id, one.permit_id, one.channel, one.contact_point_id,
                one.template_id, one.template_version, one.lang, one.notice_id, one.content_hash, one.key_sealed,
                one.content_sealed, one.priority, now, actor, one.due_at, one.until,
            )
            for one in rows
        ],
    )  # fmt: skip


def with_message(tx: Tx, permits: Sequence[int]) -> set[int]:
    """Those of some permits that have a message already."""
    found = tx.execute(
        "SELECT permit_id FROM message WHERE lender_id = %s AND permit_id = ANY (%s)", (tx.lender_id, list(permits))
    )
    return {int(permit) for (permit,) in found}


def of_key(tx: Tx, *, sender_type: str, firm: str, key: str) -> MessageRow | None:
    """The message that a sender queued under an idempotency key."""
    columns: LiteralString = ", ".join("m." + name for name in _COLUMNS.split(", "))
    return tx.row(
        MessageRow,
        "SELECT " + columns + " FROM permit_request q JOIN message m ON m.lender_id = q.lender_id "
        "AND m.permit_id = q.permit_id WHERE q.lender_id = %s AND q.sender_type = %s AND q.firm = %s "
        "AND q.idempotency_key = %s",
        (tx.lender_id, sender_type, firm, key),
    )


def get(tx: Tx, message_id: int, *, held: bool = False) -> MessageRow:
    """One message, its row held until the end where that is asked; raises `NoSuchMessage`."""
    locked: LiteralString = " FOR UPDATE" if held else ""
    found = tx.row(
        MessageRow,
        "SELECT " + _COLUMNS + " FROM message WHERE lender_id = %s AND message_id = %s" + locked,
        (tx.lender_id, message_id),
    )
    if found is None:
        raise NoSuchMessage(message_id)
    return found


def sealed(tx: Tx, message_id: int) -> tuple[bytes, bytes]:
    """The sealed key and content of a message."""
    found = tx.execute(
        "SELECT key_sealed, content_sealed FROM message WHERE lender_id = %s AND message_id = %s",
        (tx.lender_id, message_id),
    ).fetchone()
    if found is None:
        raise NoSuchMessage(message_id)
    return bytes(found[0]), bytes(found[1])


def latest(
    tx: Tx,
    *,
    state: str | None = None,
    channel: str | None = None,
    person_id: int | None = None,
    before: int | None = None,
    most: int = 50,
) -> list[MessageRow]:
    """Messages, the latest first."""
    where: list[LiteralString] = ["lender_id = %(lender)s"]
    if state is not None:
        where.append("state = %(state)s")
    if channel is not None:
        where.append("channel = %(channel)s")
    if person_id is not None:
        where.append("person_id = %(person)s")
    if before is not None:
        where.append("message_id < %(before)s")
    return tx.rows(
        MessageRow,
        "SELECT " + _COLUMNS + " FROM message WHERE " + " AND ".join(where)
        + " ORDER BY message_id DESC LIMIT %(most)s",
        {
            "lender": tx.lender_id, "state": state, "channel": channel, "person": person_id, "before": before,
            "most": most,
        },
    )  # fmt: skip


def counts(tx: Tx) -> dict[tuple[str, str], int]:
    """How many messages stand in which state, by channel and state."""
    found = tx.execute(
        "SELECT channel, state, count(*) FROM message WHERE lender_id = %s GROUP BY channel, state", (tx.lender_id,)
    )
    return {(channel, state): int(count) for channel, state, count in found}


OPEN = ("queued", "sending", "unknown")
"""States in which a message still asks for something: a worker, or a person who finds out."""


def standing(tx: Tx, *, since: datetime) -> dict[tuple[str, str], int]:
    """How many messages are in an open state, and how many ended in another since an instant, by channel and state."""
    found = tx.execute(
        "SELECT channel, state, count(*) FROM message WHERE lender_id = %(lender)s AND state = ANY (%(open)s) "
        "GROUP BY channel, state UNION ALL SELECT channel, state, count(*) FROM message WHERE lender_id = %(lender)s "
        "AND ended_at >= %(since)s AND state <> ALL (%(open)s) GROUP BY channel, state",
        {"lender": tx.lender_id, "open": list(OPEN), "since": since},
    )
    return {(channel, state): int(count) for channel, state, count in found}


_CLAIMED: LiteralString = (
    "SELECT m.person_id, m.message_id, m.permit_id, m.contact_point_id, m.channel, m.lang, m.content_hash, "
    "m.until, m.key_sealed, m.content_sealed, p.value_sealed AS point_sealed, nextval('log_entry_id') AS entry_id "
    "FROM message m JOIN contact_point p ON p.lender_id = m.lender_id AND p.person_id = m.person_id AND "
    "p.contact_point_id = m.contact_point_id WHERE m.lender_id = %(lender)s AND m.state = 'queued' AND NOT EXISTS "
    "(SELECT FROM outbox_pause u WHERE u.lender_id = %(lender)s AND u.ended_at IS NULL AND coalesce(u.channel, "
    "m.channel) = m.channel) "
)


def claim(tx: Tx, channel: str, *, most: int, now: datetime) -> list[Claimed]:
    """Hold the next messages of a channel that are due and that nobody else holds, unless sending is paused."""
    return tx.rows(
        Claimed,
        _CLAIMED + "AND m.channel = %(channel)s AND m.due_at <= %(now)s "
        "ORDER BY m.priority, m.message_id LIMIT %(most)s FOR UPDATE OF m SKIP LOCKED",
        {"lender": tx.lender_id, "channel": channel, "now": now, "most": most},
    )


def claim_one(tx: Tx, message_id: int) -> list[Claimed]:
    """Hold one message, if it waits, and unless sending is paused."""
    return tx.rows(
        Claimed,
        _CLAIMED + "AND m.message_id = %(message)s FOR UPDATE OF m",
        {"lender": tx.lender_id, "message": message_id},
    )


def waiting(tx: Tx, channel: str, *, now: datetime) -> bool:
    """Whether a message of a channel is due."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT FROM message WHERE lender_id = %s AND channel = %s AND state = 'queued' "
            "AND due_at <= %s)",
            (tx.lender_id, channel, now),
        )
    )


def sending(tx: Tx, message_ids: Sequence[int], *, worker: str, now: datetime) -> None:
    """Send that claimed messages are about to be handed over."""
    tx.execute(
        "UPDATE message SET state = 'sending', worker = %s, sending_at = %s WHERE lender_id = %s "
        "AND message_id = ANY (%s)",
        (worker, now, tx.lender_id, list(message_ids)),
    )


@dataclass(frozen=True, slots=True)
class Handed:
    """A message that is under way, its row held, with what its records need."""

    person_id: int
    message_id: int
    permit_id: int
    key_id: str
    secret_wrapped: bytes | None = field(repr=False)
    redeemed_at: datetime | None
    channel: str
    entries: list[int]


def handed(tx: Tx, message_ids: Sequence[int], *, worker: str) -> list[Handed]:
    """Hold those of some messages that a worker is sending, in the order of their numbers."""
    return tx.rows(
        Handed,
        "SELECT m.person_id, m.message_id, m.permit_id, p.key_id, p.secret_wrapped, c.redeemed_at, "
        "m.channel, ARRAY[nextval('log_entry_id'), nextval('log_entry_id')] AS entries FROM message m JOIN person p "
        "ON p.lender_id = m.lender_id AND p.person_id = m.person_id JOIN contact c ON c.lender_id = m.lender_id "
        "AND c.person_id = m.person_id AND c.contact_id = m.permit_id AND c.state = 'redeemed' "
        "WHERE m.lender_id = %s AND m.message_id = ANY (%s) AND m.state = 'sending' AND m.worker = %s "
        "ORDER BY m.message_id FOR UPDATE OF m, c",
        (tx.lender_id, list(message_ids), worker),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What became of a message that was handed over."""

    message_id: int
    state: str
    provider_ref: str | None
    permanent: bool | None
    why: Mapping[str, str] | None


def end_many(tx: Tx, ends: Sequence[End], *, now: datetime) -> None:
    """Send what became of messages that a worker sent."""
    tx.execute(
        "UPDATE message m SET state = e.state, ended_at = %s, provider_ref = e.provider_ref, permanent = e.permanent, "
        "why = e.why FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::boolean[], %s::jsonb[]) AS e (message_id, "
        "state, provider_ref, permanent, why) WHERE m.lender_id = %s AND m.message_id = e.message_id",
        (
            now, [one.message_id for one in ends], [one.state for one in ends], [one.provider_ref for one in ends],
            [one.permanent for one in ends], [None if one.why is None else Jsonb(dict(one.why)) for one in ends],
            tx.lender_id,
        ),
    )  # fmt: skip


def end(
    tx: Tx,
    message_id: int,
    *,
    state: str,
    now: datetime,
    provider_ref: str | None = None,
    permanent: bool | None = None,
    why: Mapping[str, str] | None = None,
) -> None:
    """Write what became of a message."""
    tx.execute(
        "UPDATE message SET state = %s, ended_at = coalesce(ended_at, %s), provider_ref = coalesce(%s, provider_ref), "
        "permanent = %s, why = %s WHERE lender_id = %s AND message_id = %s",
        (
            state, now, provider_ref, permanent, None if why is None else Jsonb(dict(why)), tx.lender_id, message_id,
        ),
    )  # fmt: skip


def settle(tx: Tx, message_id: int, *, state: str, by: str, now: datetime) -> None:
    """Write what a person found out about an unknown message."""
    tx.execute(
        "UPDATE message SET state = %s, settled_at = %s, settled_by = %s WHERE lender_id = %s AND message_id = %s",
        (state, now, by, tx.lender_id, message_id),
    )


def put_off(tx: Tx, message_ids: Sequence[int], *, due_at: datetime) -> None:
    """Let queued messages wait until an instant."""
    tx.execute(
        "UPDATE message SET due_at = %s WHERE lender_id = %s AND message_id = ANY (%s) AND state = 'queued'",
        (due_at, tx.lender_id, list(message_ids)),
    )


def left_sending(tx: Tx) -> dict[str, list[int]]:
    """Messages that are being sent, by who sends them."""
    found: dict[str, list[int]] = {}
    for worker, message_id in tx.execute(
        "SELECT worker, message_id FROM message WHERE lender_id = %s AND state = 'sending' ORDER BY message_id",
        (tx.lender_id,),
    ):
        found.setdefault(str(worker), []).append(int(message_id))
    return found


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which nothing is sent; of one channel, or of all where it is None."""

    pause_id: int
    channel: str | None
    reason: str
    at: datetime
    by: str
    ended_at: datetime | None
    ended_by: str | None


def pause(tx: Tx, *, channel: str | None, reason: str, by: str, now: datetime) -> int | None:
    """Begin a pause; None where one stands already."""
    found = tx.value(
        "INSERT INTO outbox_pause (lender_id, channel, reason, at, by) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (lender_id, (coalesce(channel, ''))) WHERE ended_at IS NULL DO NOTHING RETURNING pause_id",
        (tx.lender_id, channel, reason, now, by),
    )
    return None if found is None else int(str(found))


def resume(tx: Tx, *, channel: str | None, by: str, now: datetime) -> int | None:
    """End the pause of a channel, or that of all; None where none stands."""
    found = tx.value(
        "UPDATE outbox_pause SET ended_at = %s, ended_by = %s WHERE lender_id = %s AND ended_at IS NULL "
        "AND channel IS NOT DISTINCT FROM %s RETURNING pause_id",
        (now, by, tx.lender_id, channel),
    )
    return None if found is None else int(str(found))


def pauses(tx: Tx, *, standing: bool = True, most: int = 50) -> list[Pause]:
    """Pauses, those that stand or all, the latest first."""
    ended: LiteralString = "AND ended_at IS NULL " if standing else ""
    return tx.rows(
        Pause,
        "SELECT pause_id, channel, reason, at, by, ended_at, ended_by FROM outbox_pause WHERE lender_id = %s " + ended
        + "ORDER BY pause_id DESC LIMIT %s",
        (tx.lender_id, most),
    )  # fmt: skip
