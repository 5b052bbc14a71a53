"""What the API takes and answers: visits.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """The contact point that it is the place of."""

    contact_point: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A photo in base 64, with when and where it was taken."""

    content: str = field(repr=False)
    at: datetime
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place on earth."""

    north: int
    east: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A round."""

    round: str
    state: str
    leaves: datetime
    first: str
    second: str
    length_m: int
    out_at: datetime | None
    ended_at: datetime | None
    visits: int
    left_out: int
    handed_in: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundWhole:
    """A round with its visits in their order."""

    round: str
    state: str
    leaves: datetime
    first: str
    second: str
    length_m: int
    out_at: datetime | None
    ended_at: datetime | None
    visits: int
    left_out: int
    handed_in: int
    list: tuple[VisitOfRound, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """Rounds, the latest first."""

    rounds: tuple[Round, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitOfRound:
    """A visit of a round."""

    visit: str
    case: str
    position: int
    planned_at: datetime
    permit: str | None
    until: datetime | None
    left_out_zh: str | None
    left_out_en: str | None
    outcome: str | None
    made_at: datetime | None
    entered: bool | None
    handed_in_at: datetime | None
