"""What the API takes and answers: staff.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Days on which a collector does not work."""

    first: date
    back: date
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """Who works cases, with absences that are not over."""

    collector: str
    team: str
    skills: tuple[str, ...]
    languages: tuple[str, ...]
    capacity: int
    begins: date
    until: date | None
    away: tuple[Absence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collectors:
    """A page of those who work cases, by staff number."""

    collectors: tuple[Collector, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One thing on record of a member of staff, or of a firm."""

    record: str
    firm: str
    staff: str
    kind: str
    begins: date
    until: date | None
    source: str
    by: str
    known_at: datetime
    ended_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMade:
    """What was put on record."""

    record: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """A page of the register, in the order in which things were put on record."""

    records: tuple[Record, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsEnded:
    """How many records ended."""

    ended: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A team and the user who leads it."""

    team: str
    led_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Teams:
    """All teams."""

    teams: tuple[Team, ...]
