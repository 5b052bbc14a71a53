"""What the API takes and answers: inbound.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """The one message that confirms a stop, or why there is none."""

    state: str
    why: str | None
    message: str | None
    permit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """What came in, masked, without its text."""

    inbound: str
    channel: str
    at: datetime
    received_at: datetime
    state: str
    unplaced: str | None
    sender: str
    characters: int
    person: str | None
    case: str | None
    answers: str | None
    reading: Reading | None
    stop_confirmation: Confirmation | None = None
    again: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbounds:
    """What came in, the latest first."""

    inbound: tuple[Inbound, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How it was read: by rules, or as a model suspects; what acted at once; what a person decided."""

    meaning: str
    rules: tuple[str, ...]
    suspected: bool
    urgent: bool
    acted: tuple[str, ...]
    currency: str | None
    amount_minor: int | None
    whole: bool
    due: date | None
    rest_day: bool
    decided_as: str | None
    decided_by: str | None
    promise: str | None
    mood: str | None
    mood_ppm: int | None
    mood_rule: str | None
