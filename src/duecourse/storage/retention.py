"""What is kept of people: legal holds, reading what is only stored, destructions, and what was last done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg.types.json import Jsonb

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput

PROCESS = (
    "permit", "contact", "promise", "note", "document", "recording", "hold", "case", "fact", "terms", "reminder",
)  # fmt: skip
"""Nouns of the records that collection leaves; reading them later, or bundling them, makes nothing younger."""


class NoSuchLegalHold(BadInput):
    """A number that no legal hold has, or one that stands no more."""

    def __init__(self, hold_id: int) -> None:
        super().__init__(N_("no legal hold {hold} stands; `duecourse retention holds` lists them"), hold=hold_id)


class NoSuchDestruction(BadInput):
    """A number that no destruction has."""

    def __init__(self, destruction_id: int) -> None:
        super().__init__(N_("there is no destruction {number}"), number=destruction_id)


@dataclass(frozen=True, slots=True)
class LegalHold:
    """A legal hold; its reason is sealed and not part of it."""

    legal_hold_id: int
    person_id: int
    source: str
    until_day: date | None
    placed_by: str
    placed_at: datetime
    released_by: str | None
    released_at: datetime | None

    def stands(self, day: date) -> bool:
        """Whether it keeps anything on a day."""
        return self.released_at is None and (self.until_day is None or day < self.until_day)


@dataclass(frozen=True, slots=True)
class Destruction:
    """People whose data shall be, or were, destroyed together."""

    destruction_id: int
    person_ids: Sequence[int]
    asked_by: str
    asked_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    done_at: datetime | None
    certificate: Mapping[str, Any] | None
    entry_id: int | None


@dataclass(frozen=True, slots=True)
class Stored:
    """Since when the data of a person are only stored, and by which hold that stands."""

    hold_id: int
    person_id: int
    since: datetime


_HOLD = (
    "SELECT legal_hold_id, person_id, source, until_day, placed_by, placed_at, released_by, released_at "
    "FROM legal_hold WHERE lender_id = %s "
)
_DESTRUCTION = (
    "SELECT destruction_id, person_ids, asked_by, asked_at, approved_by, approved_at, done_at, certificate, entry_id "
    "FROM destruction WHERE lender_id = %s "
)


def place(
    tx: Tx, *, person_id: int, source: str, reason_sealed: bytes, until: date | None, actor: str, now: datetime
) -> int:
    """Write a legal hold and return its number."""
    placed = tx.value(
        "INSERT INTO legal_hold (lender_id, person_id, source, reason_sealed, until_day, placed_by, placed_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING legal_hold_id",
        (tx.lender_id, person_id, source, reason_sealed, until, actor, now),
    )
    return int(str(placed))


def release(tx: Tx, hold_id: int, *, actor: str, approval_id: int, now: datetime) -> None:
    """End a legal hold that was not released; raises `NoSuchLegalHold`."""
    done = tx.execute(
        "UPDATE legal_hold SET released_by = %s, released_at = %s, approval_id = %s "
        "WHERE lender_id = %s AND legal_hold_id = %s AND released_at IS NULL",
        (actor, now, approval_id, tx.lender_id, hold_id),
    )
    if done.rowcount != 1:
        raise NoSuchLegalHold(hold_id)


def legal_hold(tx: Tx, hold_id: int) -> LegalHold:
    """A legal hold; raises `NoSuchLegalHold`."""
    found = tx.row(LegalHold, _HOLD + "AND legal_hold_id = %s", (tx.lender_id, hold_id))
    if found is None:
        raise NoSuchLegalHold(hold_id)
    return found


def reason_sealed(tx: Tx, person_id: int, hold_id: int) -> bytes | None:
    """Why a legal hold was placed, sealed."""
    found = tx.value(
        "SELECT reason_sealed FROM legal_hold WHERE lender_id = %s AND person_id = %s AND legal_hold_id = %s",
        (tx.lender_id, person_id, hold_id),
    )
    return found if isinstance(found, bytes) else None


def holds_of(tx: Tx, person_ids: Sequence[int]) -> list[LegalHold]:
    """All legal holds of some persons, released ones too, the latest first."""
    return tx.rows(
        LegalHold, _HOLD + "AND person_id = ANY (%s) ORDER BY legal_hold_id DESC", (tx.lender_id, list(person_ids))
    )


def holds(tx: Tx, most: int = 200) -> list[LegalHold]:
    """Legal holds, those that were not released first, then the latest."""
    return tx.rows(
        LegalHold, _HOLD + "ORDER BY released_at IS NOT NULL, legal_hold_id DESC LIMIT %s", (tx.lender_id, most)
    )


def stored_since(tx: Tx, person_ids: Sequence[int], at: datetime) -> Stored | None:
    """The state of being only stored that stands for any of some persons, None where none does."""
    return tx.row(
        Stored,
        "SELECT hold_id, person_id, from_at AS since FROM hold WHERE lender_id = %s AND person_id = ANY (%s) "
        "AND kind = 'storage_only' AND from_at <= %s AND (to_at IS NULL OR to_at > %s) ORDER BY from_at LIMIT 1",
        (tx.lender_id, list(person_ids), at, at),
    )


def stored_of(tx: Tx, hold_id: int) -> Stored | None:
    """The state of being only stored that a hold is, None where it stands no more."""
    return tx.row(
        Stored,
        "SELECT hold_id, person_id, from_at AS since FROM hold WHERE lender_id = %s AND hold_id = %s "
        "AND kind = 'storage_only' AND to_at IS NULL",
        (tx.lender_id, hold_id),
    )


def let_read(
    tx: Tx, *, person_id: int, approval_id: int, purpose: str, asked_by: str, now: datetime, until: datetime
) -> None:
    """Let what is only stored be read for a while."""
    tx.execute(
        "INSERT INTO storage_reading (lender_id, person_id, approval_id, purpose, asked_by, from_at, until_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (tx.lender_id, person_id, approval_id, purpose, asked_by, now, until),
    )


def readable_for(tx: Tx, person_ids: Sequence[int], at: datetime) -> set[str]:
    """The purposes for which what is only stored of these persons may be read now."""
    rows = tx.execute(
        "SELECT purpose FROM storage_reading WHERE lender_id = %s AND person_id = ANY (%s) "
        "AND from_at <= %s AND until_at > %s",
        (tx.lender_id, list(person_ids), at, at),
    )
    return {str(row[0]) for row in rows}


def candidates(tx: Tx, *, after: int, most: int) -> list[int]:
    """People whose data are not destroyed, in the order of their ids."""
    rows = tx.execute(
        "SELECT person_id FROM person WHERE lender_id = %s AND destroyed_at IS NULL AND person_id > %s "
        "ORDER BY person_id LIMIT %s",
        (tx.lender_id, after, most),
    )
    return [int(row[0]) for row in rows]


def last_done(tx: Tx, person_ids: Sequence[int], zone: str) -> tuple[date | None, date | None]:
    """The day of the latest record of collection about somebody, and that of the latest call."""
    row = tx.execute(
        "SELECT greatest((SELECT max(at AT TIME ZONE %(zone)s)::date FROM log_entry WHERE lender_id = %(lender)s "
        "AND person_id = ANY (%(persons)s) AND split_part(kind, '.', 1) = ANY (%(process)s)), max(local_day)), "
        "max(local_day) FILTER (WHERE channel IN ('call', 'robot_call')) "
        "FROM contact WHERE lender_id = %(lender)s AND person_id = ANY (%(persons)s)",
        {"zone": zone, "lender": tx.lender_id, "persons": list(person_ids), "process": list(PROCESS)},
    ).fetchone()
    return (row[0], row[1]) if row else (None, None)


KINDS = (
    "log_entry",
    "contact",
    "promise",
    "note",
    "document",
    "recording",
    "transcript",
    "contact_point",
    "hold",
    "stated_fact",
    "party",
)
"""Tables whose rows about a person a certificate counts."""


def count(tx: Tx, person_ids: Sequence[int]) -> dict[str, int]:
    """How many rows of each kind there are about these persons."""
    counted = ", ".join(
        f"(SELECT count(*) FROM {table} WHERE lender_id = %(lender)s AND person_id = ANY (%(persons)s))"
        for table in KINDS
    )
    row = tx.execute(f"SELECT {counted}", {"lender": tx.lender_id, "persons": list(person_ids)}).fetchone()
    return dict(zip(KINDS, (int(one) for one in row or ()), strict=True))


def propose(tx: Tx, *, person_ids: Sequence[int], actor: str, now: datetime) -> int:
    """Write down whose data shall be destroyed; nothing is, before it is approved and carried out."""
    made = tx.value(
        "INSERT INTO destruction (lender_id, person_ids, asked_by, asked_at) VALUES (%s, %s, %s, %s) "
        "RETURNING destruction_id",
        (tx.lender_id, list(person_ids), actor, now),
    )
    return int(str(made))


def approve(tx: Tx, destruction_id: int, *, approval_id: int, actor: str, now: datetime) -> None:
    """Note that it was approved."""
    done = tx.execute(
        "UPDATE destruction SET approval_id = %s, approved_by = %s, approved_at = %s "
        "WHERE lender_id = %s AND destruction_id = %s AND approved_at IS NULL",
        (approval_id, actor, now, tx.lender_id, destruction_id),
    )
    if done.rowcount != 1:
        raise NoSuchDestruction(destruction_id)


def carried_out(tx: Tx, destruction_id: int, *, certificate: Mapping[str, Any], entry_id: int, now: datetime) -> None:
    """Keep the certificate of a destruction with the number of its record."""
    tx.execute(
        "UPDATE destruction SET done_at = %s, certificate = %s, entry_id = %s "
        "WHERE lender_id = %s AND destruction_id = %s AND done_at IS NULL",
        (now, Jsonb(dict(certificate)), entry_id, tx.lender_id, destruction_id),
    )


def destruction(tx: Tx, destruction_id: int) -> Destruction:
    """A destruction; raises `NoSuchDestruction`."""
    found = tx.row(Destruction, _DESTRUCTION + "AND destruction_id = %s", (tx.lender_id, destruction_id))
    if found is None:
        raise NoSuchDestruction(destruction_id)
    return found


def destructions(tx: Tx, most: int = 100) -> list[Destruction]:
    """Destructions, the latest first."""
    return tx.rows(Destruction, _DESTRUCTION + "ORDER BY destruction_id DESC LIMIT %s", (tx.lender_id, most))


def approved(tx: Tx) -> list[Destruction]:
    """Destructions that were approved and not carried out yet, locked, the oldest first."""
    return tx.rows(
        Destruction,
        _DESTRUCTION + "AND approved_at IS NOT NULL AND done_at IS NULL ORDER BY destruction_id FOR UPDATE",
        (tx.lender_id,),
    )
