"""What the API takes and answers: shared.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that waits for a second person."""

    request: str
    kind: str
    subject: str
    lapses_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the gate would answer now; nothing is reserved and nothing promised."""

    allowed: bool
    says: str
    reasons: tuple[Finding, ...]
    advice: tuple[Finding, ...]
    lifted: tuple[Finding, ...]
    missing: tuple[str, ...]
    lifts: tuple[str, ...]
    next_open: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document on file, sealed: what it is, never its name or content."""

    document: str
    case: str
    kind: str
    media_type: str
    size: int
    sha256: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """The documents on all cases of a borrower, the latest first."""

    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule says, on which facts and values, by which text."""

    rule: str
    pack: str
    version: str | None
    outcome: str
    says: str
    missing: tuple[str, ...]
    facts: Mapping[str, bool | int | str]
    values: Mapping[str, bool | int | str]
    lifted_by: tuple[str, ...]
    lifts: tuple[str, ...]
    instead: str | None
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job: how far it is while it runs, what came of it, or why it failed."""

    job: str
    kind: str
    state: str
    attempts: int
    actor: str
    asked: Mapping[str, Any]
    at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    step: str | None
    step_done: int
    step_of: int
    found: Mapping[str, Any] | None
    trouble: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A document that is kept."""

    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A promise."""

    promise: str
    case: str
    person: str
    amount_minor: int
    currency: str
    made: date
    due: date
    actor: str
    at: datetime
    ended_at: datetime | None
    end: str | None
    became: str | None
    given: str | None
    replaces: str | None
    replaced_by: str | None
    why: str | None
    state: str | None
    paid_minor: int | None
    kept_on: date | None
    payments_through: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who makes the contact."""

    type: str
    firm: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a rule stands, and how well that is known."""

    instrument: str
    clause: str | None
    clause_grade: str | None
    authority: str
    modal: str
    grade: str
    status: str
    cited: str
