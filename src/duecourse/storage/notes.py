"""Notes on cases: who wrote when, how long; the text is sealed and opened by `casework.notes` alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from duecourse.storage.connection import Tx

FIELD = "note"
"""Under which a text is sealed."""


@dataclass(frozen=True, slots=True)
class Note:
    """A note, sealed."""

    note_id: int
    person_id: int
    case_id: int
    contact_id: int | None
    characters: int
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SealedNote:
    """A note with its sealed text."""

    note_id: int
    actor: str
    at: datetime
    text_sealed: bytes = field(repr=False)


def add(
    tx: Tx,
    *,
    person_id: int,
    case_id: int,
    text_sealed: bytes,
    characters: int,
    actor: str,
    now: datetime,
    contact_id: int | None = None,
) -> int:
    """Keep a note and return its number."""
    added = tx.value(
        "INSERT INTO note (lender_id, person_id, case_id, contact_id, text_sealed, characters, actor, at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING note_id",
        (tx.lender_id, person_id, case_id, contact_id, text_sealed, characters, actor, now),
    )
    return int(str(added))


def of_person(tx: Tx, person_id: int, most: int = 200) -> list[Note]:
    """The notes on all cases of a person, the latest first, sealed."""
    return tx.rows(
        Note,
        "SELECT note_id, person_id, case_id, contact_id, characters, actor, at FROM note "
        "WHERE lender_id = %s AND person_id = %s ORDER BY note_id DESC LIMIT %s",
        (tx.lender_id, person_id, most),
    )


def sealed(tx: Tx, person_id: int, most: int = 200) -> list[SealedNote]:
    """The same with their sealed texts."""
    return tx.rows(
        SealedNote,
        "SELECT note_id, actor, at, text_sealed FROM note "
        "WHERE lender_id = %s AND person_id = %s ORDER BY note_id DESC LIMIT %s",
        (tx.lender_id, person_id, most),
    )
