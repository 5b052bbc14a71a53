"""Transcripts of recorded calls: turns, what the guard found; the words are opened by `casework.transcripts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from duecourse.storage.connection import Tx


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript, sealed."""

    transcript_id: int
    person_id: int
    recording_id: int
    source: str
    lang: str
    turns: int
    sha256: bytes
    findings: Sequence[Mapping[str, Any]]
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SealedTranscript:
    """What is sealed of one."""

    key_sealed: bytes = field(repr=False)
    content_sealed: bytes = field(repr=False)


_COLUMNS: LiteralString = "transcript_id, person_id, recording_id, source, lang, turns, sha256, findings, actor, at"


def add(
    tx: Tx,
    *,
    person_id: int,
    recording_id: int,
    source: str,
    lang: str,
    turns: int,
    sha256: bytes,
    findings: Sequence[Mapping[str, Any]],
    sealed: tuple[bytes, bytes],
    actor: str,
    now: datetime,
) -> int:
    """Keep a transcript and return its number. ``sealed``: key, content."""
    return int(
        str(
            tx.value(
                "INSERT INTO transcript (lender_id, person_id, recording_id, source, lang, turns, sha256, findings, "
                "key_sealed, content_sealed, actor, at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
                "RETURNING transcript_id",
                (
                    tx.lender_id, person_id, recording_id, source, lang, turns, sha256, Jsonb(list(findings)), *sealed,
                    actor, now,
                ),
            )
        )
    )  # fmt: skip


def of_recording(tx: Tx, recording_id: int) -> Transcript | None:
    """The latest transcript of a recording."""
    return tx.row(
        Transcript,
        "SELECT " + _COLUMNS + " FROM transcript WHERE lender_id = %s AND recording_id = %s "
        "ORDER BY transcript_id DESC LIMIT 1",
        (tx.lender_id, recording_id),
    )


def latest(tx: Tx, recording_ids: Sequence[int]) -> dict[int, Transcript]:
    """The latest transcript of each of these recordings that has one."""
    found = tx.rows(
        Transcript,
        "SELECT DISTINCT ON (recording_id) " + _COLUMNS + " FROM transcript WHERE lender_id = %s "
        "AND recording_id = ANY(%s) ORDER BY recording_id, transcript_id DESC",
        (tx.lender_id, list(recording_ids)),
    )
    return {one.recording_id: one for one in found}


def of_person(tx: Tx, person_id: int, most: int = 1_000) -> list[Transcript]:
    """All transcripts of calls to a person, the latest first."""
    return tx.rows(
        Transcript,
        "SELECT " + _COLUMNS + " FROM transcript WHERE lender_id = %s AND person_id = %s "
        "ORDER BY transcript_id DESC LIMIT %s",
        (tx.lender_id, person_id, most),
    )


def sealed(tx: Tx, transcript_id: int) -> SealedTranscript | None:
    """What is sealed of one."""
    return tx.row(
        SealedTranscript,
        "SELECT key_sealed, content_sealed FROM transcript WHERE lender_id = %s AND transcript_id = %s",
        (tx.lender_id, transcript_id),
    )
