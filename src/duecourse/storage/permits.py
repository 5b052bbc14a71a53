"""What was asked of the gate and answered, and what becomes of the contacts that permits reserve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, LiteralString

import orjson
import psycopg
from psycopg.rows import class_row

from duecourse.storage import log
from duecourse.storage.connection import Row, Tx
from duecourse.trouble import N_, BadInput


class NoSuchPermit(BadInput):
    """A permit number that the lender does not have."""

    def __init__(self, permit_id: int) -> None:
        super().__init__(
            N_("permit {permit_id} is not known to this lender; `duecourse permit list` shows the latest"),
            permit_id=permit_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitRow:
    """A row of ``permit_request``."""

    person_id: int
    permit_id: int
    debtor_id: int
    loan_keys: list[int]
    relation: str | None
    contact_point_id: int
    channel: str
    purpose: str | None
    template_id: str
    template_version: int | None
    content_hash: bytes
    sender_type: str
    firm: str
    staff: str
    idempotency_key: str
    request_hash: bytes
    at: datetime
    answered_at: datetime
    answer: str
    rulebook: str
    said: Mapping[str, Any]
    why: str | None
    next_open: datetime | None
    contact_id: int | None
    expires_at: datetime | None
    token: str | None


@dataclass(frozen=True, slots=True)
class Reserved:
    """What became of the contact that a permit reserved."""

    state: str
    outcome: str | None
    at: datetime
    expires_at: datetime | None
    redeemed_at: datetime | None
    settled_at: datetime | None


_COLUMNS: LiteralString = (
    "person_id, permit_id, debtor_id, loan_keys, relation, contact_point_id, channel, purpose, template_id, "
    "template_version, content_hash, sender_type, firm, staff, idempotency_key, request_hash, at, answered_at, answer, "
    "rulebook, said, why, next_open, contact_id, expires_at, token"
)


@dataclass(frozen=True, slots=True)
class Written:
    """An answer as it is written: its row, its record, and of a permit what its contact needs besides."""

    row: PermitRow
    record: log.Row
    point_index: bytes | None = None
    point_label: str | None = None
    local_day: date | None = None
    sender: str | None = None


_ASKED: LiteralString = (
    "person_id bigint, permit_id bigint, debtor_id bigint, loan_keys bigint[], relation text, contact_point_id bigint, "
    "channel text, purpose text, template_id text, template_version integer, content_hash text, sender_type text, "
    "firm text, staff text, idempotency_key text, request_hash text, at timestamptz, answered_at timestamptz, "
    "answer text, rulebook text, said jsonb, why text, next_open timestamptz, contact_id bigint, "
    "expires_at timestamptz, token text, point_index text, point_label text, local_day date, sender text, "
    "entry_id bigint, kind text, actor text, bytes text, leaf_hash text"
)
_WRITE: LiteralString = (
    "WITH lender AS (SELECT %s::lender_code AS lender_id), asked AS (SELECT * FROM lender CROSS JOIN LATERAL "
    "json_to_recordset(%s) AS a (" + _ASKED + ")), answered AS (INSERT INTO permit_request (lender_id, " + _COLUMNS
    + ") SELECT lender_id, person_id, permit_id, debtor_id, loan_keys, relation, contact_point_id, channel, purpose, "
    "template_id, template_version, decode(content_hash, 'hex'), sender_type, firm, staff, idempotency_key, "
    "decode(request_hash, 'hex'), at, answered_at, answer, rulebook, said, why, next_open, contact_id, expires_at, "
    "token FROM asked), reserved AS (INSERT INTO contact (lender_id, person_id, contact_id, debtor_id, loan_keys, "
    "relation, contact_point_id, channel, purpose, at, agency, template_id, template_version, known_at, expires_at, "
    "direction, state, point_index, point_label, local_day, sender) OVERRIDING SYSTEM VALUE SELECT lender_id, "
    "person_id, contact_id, debtor_id, loan_keys, relation, contact_point_id, channel, purpose, at, nullif(firm, ''), "
    "template_id, template_version, answered_at, expires_at, 'out', 'reserved', decode(point_index, 'hex'), "
    "point_label, local_day, sender FROM asked WHERE answer = 'granted') INSERT INTO log_entry (lender_id, entry_id, "
    "kind, at, actor, person_id, bytes, leaf_hash) SELECT lender_id, entry_id, kind, answered_at, actor, person_id, "
    "decode(bytes, 'hex'), decode(leaf_hash, 'hex') FROM asked"
)  # fmt: skip
"""One statement for all answers of a transaction: a statement of its own for each costs as much again."""


def write(tx: Tx, answers: Sequence[Written]) -> None:
    """Send answers, the contacts that permits reserve under their numbers, and the records; nothing is waited for."""
    if answers:
        tx.execute(_WRITE, (tx.lender_id, orjson.dumps([_plain(one) for one in answers]).decode()))


def _plain(one: Written) -> dict[str, Any]:
    row, record = one.row, one.record
    return {
        "person_id": row.person_id, "permit_id": row.permit_id, "debtor_id": row.debtor_id,
        "loan_keys": row.loan_keys, "relation": row.relation, "contact_point_id": row.contact_point_id,
        "channel": row.channel, "purpose": row.purpose, "template_id": row.template_id,
        "template_version": row.template_version, "content_hash": row.content_hash.hex(),
        "sender_type": row.sender_type, "firm": row.firm, "staff": row.staff, "idempotency_key": row.idempotency_key,
        "request_hash": row.request_hash.hex(), "at": row.at.isoformat(), "answered_at": row.answered_at.isoformat(),
        "answer": row.answer, "rulebook": row.rulebook, "said": row.said, "why": row.why,
        "next_open": row.next_open and row.next_open.isoformat(), "contact_id": row.contact_id,
        "expires_at": row.expires_at and row.expires_at.isoformat(), "token": row.token,
        "point_index": one.point_index and one.point_index.hex(), "point_label": one.point_label,
        "local_day": one.local_day and one.local_day.isoformat(), "sender": one.sender, "entry_id": record.entry_id,
        "kind": record.kind, "actor": record.actor, "bytes": record.content.hex(),
        "leaf_hash": record.leaf_hash.hex(),
    }  # fmt: skip


def get(tx: Tx, permit_id: int) -> PermitRow:
    """An answer by its number; raises `NoSuchPermit`."""
    found = tx.row(
        PermitRow,
        "SELECT " + _COLUMNS + " FROM permit_request WHERE lender_id = %s AND permit_id = %s",
        (tx.lender_id, permit_id),
    )
    if found is None:
        raise NoSuchPermit(permit_id)
    return found


def some(tx: Tx, permit_ids: Sequence[int]) -> psycopg.Cursor[PermitRow]:
    """Send the question for some answers by their numbers."""
    cursor = tx.connection.cursor(row_factory=class_row(PermitRow))
    return cursor.execute(
        "SELECT " + _COLUMNS + " FROM permit_request WHERE lender_id = %s AND permit_id = ANY (%s)",
        (tx.lender_id, list(permit_ids)),
    )


def latest(tx: Tx, *, person_id: int | None, most: int) -> list[PermitRow]:
    """The latest answers, of one person or of all, at most ``most``."""
    return tx.rows(
        PermitRow,
        "SELECT " + _COLUMNS + " FROM permit_request WHERE lender_id = %(lender)s "
        "AND (%(person)s::bigint IS NULL OR person_id = %(person)s) ORDER BY permit_id DESC LIMIT %(most)s",
        {"lender": tx.lender_id, "person": person_id, "most": most},
    )


def in_hand(tx: Tx, people: Sequence[int], *, staff: str, now: datetime) -> list[int]:
    """Permits of one of the lender's staff to reach these people whose outcome is owed, then those still to be used.

    Calls by a telephone of the house are left out: they are on record as such (`desk_calls`).
    """
    found = tx.execute(
        "SELECT p.permit_id FROM contact c JOIN permit_request p ON p.lender_id = c.lender_id AND p.person_id = "
        "c.person_id AND p.permit_id = c.contact_id WHERE c.lender_id = %(lender)s AND c.person_id = ANY (%(people)s) "
        "AND (c.state = 'redeemed' OR (c.state = 'reserved' AND c.expires_at > %(now)s)) AND p.sender_type = 'lender' "
        "AND p.firm = '' AND p.staff = %(staff)s AND NOT EXISTS (SELECT FROM desk_call d WHERE d.lender_id = "
        "c.lender_id AND d.person_id = c.person_id AND d.permit_id = p.permit_id) "
        "ORDER BY c.state = 'reserved', p.permit_id",
        {"lender": tx.lender_id, "people": list(people), "staff": staff, "now": now},
    )
    return [int(row[0]) for row in found]


def contact(tx: Tx, person_id: int, contact_id: int) -> psycopg.Cursor[Row]:
    """Send the question what became of a contact, its row locked; `reserved` reads the answer."""
    return tx.execute(
        "SELECT state, outcome, at, expires_at, redeemed_at, settled_at FROM contact "
        "WHERE lender_id = %s AND person_id = %s AND contact_id = %s FOR UPDATE",
        (tx.lender_id, person_id, contact_id),
    )


def of_contacts(tx: Tx, contacts: Sequence[tuple[int, int]]) -> psycopg.Cursor[Row]:
    """The same of several contacts, by person and number; each row begins with the contact's number."""
    return tx.execute(
        "SELECT c.contact_id, c.state, c.outcome, c.at, c.expires_at, c.redeemed_at, c.settled_at FROM "
        "unnest(%s::bigint[], %s::bigint[]) AS o (person_id, contact_id) JOIN contact c ON c.lender_id = %s "
        "AND c.person_id = o.person_id AND c.contact_id = o.contact_id ORDER BY c.contact_id FOR UPDATE OF c",
        ([person for person, _ in contacts], [number for _, number in contacts], tx.lender_id),
    )


def reserved(sent: psycopg.Cursor[Row]) -> Reserved | None:
    """What `contact` found."""
    row = sent.fetchone()
    return None if row is None else Reserved(*row)


def redeem(tx: Tx, person_id: int, contact_id: int, *, now: datetime, local_day: date) -> None:
    """Send that a reserved contact is made now."""
    tx.execute(
        "UPDATE contact SET state = 'redeemed', redeemed_at = %s, at = %s, local_day = %s "
        "WHERE lender_id = %s AND person_id = %s AND contact_id = %s AND state = 'reserved'",
        (now, now, local_day, tx.lender_id, person_id, contact_id),
    )


def redeem_many(tx: Tx, contacts: Sequence[tuple[int, int, date]], *, now: datetime) -> None:
    """The same of several, by person, number and local day."""
    tx.execute(
        "UPDATE contact c SET state = 'redeemed', redeemed_at = %s, at = %s, local_day = o.local_day FROM "
        "unnest(%s::bigint[], %s::bigint[], %s::date[]) AS o (person_id, contact_id, local_day) "
        "WHERE c.lender_id = %s AND c.person_id = o.person_id AND c.contact_id = o.contact_id "
        "AND c.state = 'reserved'",
        (now, now, *map(list, zip(*contacts, strict=True)), tx.lender_id),
    )


def report_many(tx: Tx, contacts: Sequence[tuple[int, int, str, bool]], *, now: datetime) -> None:
    """Send the outcome of redeemed contacts, by person, number, outcome and whether it was answered.

    They were made when they were redeemed.
    """
    tx.execute(
        "UPDATE contact c SET state = 'reported', outcome = o.outcome, connected = o.connected, settled_at = %s FROM "
        "unnest(%s::bigint[], %s::bigint[], %s::text[], %s::boolean[]) AS o (person_id, contact_id, outcome, "
        "connected) "
        "WHERE c.lender_id = %s AND c.person_id = o.person_id AND c.contact_id = o.contact_id AND c.state = 'redeemed'",
        (now, *map(list, zip(*contacts, strict=True)), tx.lender_id),
    )


def release(tx: Tx, contacts: Sequence[tuple[int, int]], *, now: datetime) -> None:
    """Send that contacts, by person and number, were not made and hold no reservation any more.

    One that somebody else is changing at this moment is left to him: nobody waits here, so nobody waits in a ring.
    """
    tx.execute(
        "UPDATE contact c SET state = 'released', settled_at = %s FROM (SELECT k.person_id, k.contact_id "
        "FROM unnest(%s::bigint[], %s::bigint[]) AS o (person_id, contact_id) CROSS JOIN LATERAL ("
        "SELECT person_id, contact_id FROM contact WHERE lender_id = %s AND person_id = o.person_id "
        "AND contact_id = o.contact_id AND state IN ('reserved', 'redeemed') FOR UPDATE SKIP LOCKED) k) g "
        "WHERE c.lender_id = %s AND c.person_id = g.person_id AND c.contact_id = g.contact_id",
        (
            now, [person for person, _ in contacts], [number for _, number in contacts], tx.lender_id,
            tx.lender_id,
        ),
    )  # fmt: skip


def void(
    tx: Tx,
    persons: Sequence[int],
    *,
    now: datetime,
    contact_point_id: int | None = None,
    loan_key: int | None = None,
    channels: Sequence[str] | None = None,
) -> int:
    """End every permit not yet redeemed that was given for these persons, or about debts of theirs; how many.

    Of one contact point, about one loan, or by some channels to the persons themselves, where they are named. The locks
    of the persons must be held.
    """
    done = tx.execute(
        "UPDATE contact SET state = 'released', settled_at = %(now)s WHERE lender_id = %(lender)s "
        "AND state = 'reserved' AND local_day >= %(since)s "
        "AND (person_id = ANY (%(persons)s) OR debtor_id = ANY (%(persons)s)) "
        "AND (%(point)s::bigint IS NULL OR contact_point_id = %(point)s) "
        "AND (%(loan)s::bigint IS NULL OR %(loan)s = ANY (loan_keys)) "
        "AND (%(channels)s::text[] IS NULL OR (channel = ANY (%(channels)s) AND person_id = ANY (%(persons)s)))",
        {
            "now": now, "lender": tx.lender_id, "since": now.date() - _LIVES, "persons": list(persons),
            "point": contact_point_id, "loan": loan_key, "channels": None if channels is None else list(channels),
        },
    )  # fmt: skip
    return done.rowcount


_LIVES = timedelta(days=3)
"""Longer ago than any permit that can still live, whatever the zone."""


def settle(
    tx: Tx,
    person_id: int,
    contact_id: int,
    *,
    outcome: str,
    connected: bool,
    at: datetime,
    local_day: date,
    now: datetime,
) -> None:
    """Send what came of a contact, whatever it was before: what was made counts."""
    tx.execute(
        "UPDATE contact SET state = 'reported', outcome = %s, connected = %s, at = %s, local_day = %s, "
        "settled_at = %s WHERE lender_id = %s AND person_id = %s AND contact_id = %s",
        (outcome, connected, at, local_day, now, tx.lender_id, person_id, contact_id),
    )
