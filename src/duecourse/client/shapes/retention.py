"""What the API takes and answers: retention.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Destruction:
    """People whose data shall be, or were, destroyed together; the certificate is what the log commits to."""

    destruction: str
    people: int
    asked_by: str
    asked_at: datetime
    approved_by: str | None
    done_at: datetime | None
    certificate: Mapping[str, Any] | None
    sha256: str | None
    entry: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Destructions:
    """Destructions that were asked for, the latest first."""

    destructions: tuple[Destruction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPerson:
    """What is kept of a person, until when."""

    person: str
    phase: str
    until: date | None
    ended: date | None
    longest: date | None
    stored_since: datetime | None
    running: tuple[str, ...]
    terms: tuple[Term, ...]
    legal_holds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHold:
    """A legal hold; its reason is sealed."""

    legal_hold: str
    person: str
    matter: str
    until: date | None
    placed_by: str
    placed_at: datetime
    released_by: str | None
    released_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHolds:
    """Legal holds, those that stand first."""

    legal_holds: tuple[LegalHold, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """People on the schedule, in the order of their ids."""

    day: date
    people: tuple[KeptPerson, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One period: of which records, counted from what, how long and by which rules; or what is missing."""

    kind: str
    clock: str
    loan: str | None
    begins: date
    years: int | None
    ends: date | None
    rules: tuple[str, ...]
    missing: tuple[str, ...]
