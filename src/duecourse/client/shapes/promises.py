"""What the API takes and answers: promises.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from duecourse.client.shapes.shared import Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAt:
    """A payment that was looked at when a promise was settled: counted, before, late or taken_back."""

    loan: str
    day: date
    minor: int
    ref: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnePromise:
    """A promise with every settling of it, the first first."""

    promise: Promise
    settlements: tuple[Settlement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseMade:
    """A promise is on record."""

    promise: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """Promises that stand, by due day."""

    promises: tuple[Promise, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What became of a promise when its day had ended; what was learnt later settled it anew."""

    state: str
    amount_minor: int
    paid_minor: int
    kept_on: date | None
    book_version: int
    payments_through: date
    looked_at: tuple[LookedAt, ...]
    actor: str
    at: datetime
