"""What the API takes and answers: audits.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """An audit; without ````drawn_at```` it is announced and no more."""

    audit: str
    plan: str
    version: int
    plan_sha256: str
    says: str
    first_day: date
    last_day: date
    again: str | None
    announced_by: str
    announced_at: datetime
    announced_entry: str
    drawn_at: datetime | None
    drawn_size: int | None
    seed: str | None
    sample_sha256: str | None
    open: int
    closed_by: str | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditAnswer:
    """The answer that counts; its note is sealed and no part of it."""

    question: str
    answer: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """A finding with its state."""

    finding: str
    audit: str
    severity: str
    rule: str | None
    items: tuple[int, ...]
    text: str = field(repr=False)
    owner: str
    due: date
    state: str
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFindings:
    """Findings, those that are not accepted first."""

    findings: tuple[AuditFinding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditItem:
    """An item of a sample, as it was when it was drawn."""

    item: int
    sample: str
    key: str
    person: str | None
    at: datetime
    stratum: str
    always: bool
    acted: tuple[str, ...]
    marks: tuple[str, ...]
    answers: tuple[AuditAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditItems:
    """Items of an audit, in order."""

    items: tuple[AuditItem, ...]
    next: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """The answers to one question: of what chance drew, of a stratum of it, or of what is always looked at."""

    sample: str
    question: str
    part: str
    stratum: str
    population: int
    items: int
    yes: int
    no: int
    not_applicable: int
    open: int
    rate_ppm: int | None
    upper_ppm: int | None
    most: int | None
    tolerated: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReplay:
    """An audit worked out again from plan, log and what is in the database now."""

    audit: str
    same: bool
    seed_holds: bool
    record_holds: bool
    populations: tuple[ComparedPopulation, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """An audit added up."""

    audit: Audit
    confidence_percent: int
    items: int
    lines: tuple[AuditLine, ...]
    findings: tuple[AuditFinding, ...]
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Audits:
    """Audits, the latest first."""

    audits: tuple[Audit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedPopulation:
    """A population as announced and as it is now."""

    sample: str
    announced: int
    found: int
    same: bool
