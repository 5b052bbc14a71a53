"""What the API takes and answers: permits.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from duecourse.client.shapes.shared import Finding, Sender


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAnswer:
    """The answer to one request of a batch: a permit, or a refusal."""

    idempotency_key: str
    permit: Permit | None
    refusal: Refusal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAnswers:
    """The answers, in the order of the requests."""

    answers: tuple[BatchAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedContact:
    """One request of a batch."""

    person: str
    loans: tuple[str, ...]
    contact_point: str
    channel: str
    at: datetime
    template: str
    content_sha256: str
    staff: str | None = None
    sender: Sender | None = None
    visit: Visit | None = None
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A contact that was noted."""

    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """The gate's yes: for this contact, once, from ``at`` until ``expires_at``."""

    permit: str
    person: str
    loans: tuple[str, ...]
    relation: str
    contact_point: str
    channel: str
    purpose: str
    template: str
    template_version: int
    content_sha256: str
    sender: Sender
    staff: str
    at: datetime
    issued_at: datetime
    expires_at: datetime
    token: str = field(repr=False)
    advice: tuple[Finding, ...]
    lifted: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitKept:
    """What was answered under a number, and what became of it."""

    state: str
    outcome: str | None
    redeemed_at: datetime | None
    settled_at: datetime | None
    permit: Permit | None
    refusal: Refusal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemed:
    """The permit is used: the contact may be made now, and its outcome is owed."""

    permit: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The gate's no."""

    permit: str
    why: str
    says: str
    reasons: tuple[Finding, ...]
    missing: tuple[str, ...]
    lifts: tuple[str, ...]
    next_open: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What stands of a contact after a report."""

    permit: str
    state: str
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """How a visit is planned."""

    collectors: int
    enters_private: bool
