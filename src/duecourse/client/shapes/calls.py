"""What the API takes and answers: calls.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Where a call stands."""

    call: str
    case: str
    person: str
    contact_point: str
    staff: str
    state: str
    permit: str | None
    outcome: str | None
    why_zh: str | None
    why_en: str | None
    rules: str | None
    asked_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """Calls by click, the latest first."""

    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingOfTurn:
    """What the speech guard found in a turn of ours: from and to which sign."""

    turn: int
    start: int
    end: int
    rule: str
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording, sealed."""

    recording: str
    person: str
    permit: str
    millis: int
    size: int
    sha256: str
    at: datetime
    transcript: Transcript | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recordings:
    """Recordings of calls about a borrower's debts, the latest first."""

    recordings: tuple[Recording, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """A transcript, without its words."""

    transcript: str
    source: str
    lang: str
    turns: int
    sha256: str
    at: datetime
    findings: tuple[FindingOfTurn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Who spoke, from when to when, and what."""

    speaker: str
    start_ms: int
    end_ms: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A transcript with its words."""

    transcript: str
    source: str
    lang: str
    turns: int
    sha256: str
    at: datetime
    findings: tuple[FindingOfTurn, ...]
    said: tuple[Turn, ...]
