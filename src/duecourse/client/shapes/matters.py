"""What the API takes and answers: matters.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A matter as it stands; what was said is sealed."""

    matter: str
    case: str
    person: str
    loan: str | None
    kind: str
    category: str
    severity: str
    opened: date
    due: date | None
    rule: str | None
    late: bool
    notice: str | None
    hold: str | None
    actor: str
    at: datetime
    escalated_at: datetime | None
    ended_at: datetime | None
    ended_as: str | None
    cause: str | None
    redress_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Matters:
    """Matters: those that are open by the day by which they are answered, then those that ended."""

    matters: tuple[Matter, ...]
    next: str | None
