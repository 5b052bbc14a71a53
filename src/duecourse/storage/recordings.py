"""Recordings of calls: length, size, hash; the sound is sealed and opened by `casework.recordings` alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import LiteralString

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput


class NoSuchRecording(BadInput):
    """A number that no recording has."""

    def __init__(self, recording_id: int) -> None:
        super().__init__(N_("there is no recording {number} of this case"), number=recording_id)


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording, sealed."""

    recording_id: int
    person_id: int
    debtor_id: int
    contact_id: int
    millis: int
    size: int
    sha256: bytes
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SealedRecording:
    """What is sealed of a recording."""

    sha256: bytes
    key_sealed: bytes = field(repr=False)
    content_sealed: bytes = field(repr=False)


_COLUMNS: LiteralString = "recording_id, person_id, debtor_id, contact_id, millis, size, sha256, actor, at"


def add(
    tx: Tx,
    *,
    person_id: int,
    debtor_id: int,
    contact_id: int,
    millis: int,
    size: int,
    sha256: bytes,
    sealed: tuple[bytes, bytes],
    actor: str,
    now: datetime,
) -> int:
    """Keep a recording and return its number. ``sealed``: key, content."""
    return int(
        str(
            tx.value(
                "INSERT INTO recording (lender_id, person_id, debtor_id, contact_id, media_type, millis, size, sha256, "
                "key_sealed, content_sealed, actor, at) VALUES (%s, %s, %s, %s, 'audio/wav', %s, %s, %s, %s, %s, %s, "
                "%s) RETURNING recording_id",
                (
                    tx.lender_id, person_id, debtor_id, contact_id, millis, size, sha256, *sealed, actor, now,
                ),
            )
        )
    )  # fmt: skip


def of_debtor(tx: Tx, debtor_id: int, most: int = 200) -> list[Recording]:
    """The recordings of calls about a person's debts, the latest first."""
    return tx.rows(
        Recording,
        "SELECT " + _COLUMNS + " FROM recording WHERE lender_id = %s AND debtor_id = %s "
        "ORDER BY recording_id DESC LIMIT %s",
        (tx.lender_id, debtor_id, most),
    )


def of_person(tx: Tx, person_id: int, most: int = 1_000) -> list[Recording]:
    """The recordings of calls to a person, the latest first."""
    return tx.rows(
        Recording,
        "SELECT " + _COLUMNS + " FROM recording WHERE lender_id = %s AND person_id = %s "
        "ORDER BY recording_id DESC LIMIT %s",
        (tx.lender_id, person_id, most),
    )


def get(tx: Tx, recording_id: int) -> Recording:
    """One recording; raises `NoSuchRecording`."""
    found = tx.row(
        Recording,
        "SELECT " + _COLUMNS + " FROM recording WHERE lender_id = %s AND recording_id = %s",
        (tx.lender_id, recording_id),
    )
    if found is None:
        raise NoSuchRecording(recording_id)
    return found


def sealed(tx: Tx, recording_id: int) -> SealedRecording:
    """What is sealed of one; raises `NoSuchRecording`."""
    found = tx.row(
        SealedRecording,
        "SELECT sha256, key_sealed, content_sealed FROM recording WHERE lender_id = %s AND recording_id = %s",
        (tx.lender_id, recording_id),
    )
    if found is None:
        raise NoSuchRecording(recording_id)
    return found


def let_hear(
    tx: Tx, *, person_id: int, recording_id: int, purpose: str, actor: str, now: datetime, until: datetime
) -> None:
    """Let somebody hear a recording for a while."""
    tx.execute(
        "INSERT INTO recording_hearing (lender_id, person_id, recording_id, purpose, actor, from_at, until_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (tx.lender_id, person_id, recording_id, purpose, actor, now, until),
    )


def heard_for(tx: Tx, recording_id: int, *, actor: str, at: datetime) -> str | None:
    """The purpose for which somebody may hear a recording now; None where they may not."""
    found = tx.value(
        "SELECT purpose FROM recording_hearing WHERE lender_id = %s AND recording_id = %s AND actor = %s "
        "AND from_at <= %s AND until_at > %s ORDER BY hearing_id DESC LIMIT 1",
        (tx.lender_id, recording_id, actor, at, at),
    )
    return None if found is None else str(found)
