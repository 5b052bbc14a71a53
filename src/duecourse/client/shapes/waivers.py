"""What the API takes and answers: waivers.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """An offer to give something up, as it stands."""

    waiver: str
    case: str
    person: str
    loan: str
    kind: str
    as_of: date
    state: str
    given: Mapping[str, int]
    entered: Mapping[str, int] | None
    pay_minor: int
    pay_by: date | None
    currency: str
    request: str | None
    offered_by: str
    offered_at: datetime
    approved_at: datetime | None
    notified_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waivers:
    """Waivers and settlements, the latest first."""

    waivers: tuple[Waiver, ...]
    next: str | None
