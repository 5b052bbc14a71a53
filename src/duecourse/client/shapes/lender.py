"""What the API takes and answers: lender.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LenderEnded:
    """A fact that the lender says no more."""

    stated: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LenderFacts:
    """What the lender said, the latest first, and what its law asks and nobody has said."""

    said: tuple[LenderSaid, ...]
    unsaid: tuple[Unsaid, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LenderSaid:
    """A fact that the lender said."""

    stated: str
    fact: str
    means: str
    value: bool | int | str
    firm: str | None
    begins: datetime
    until: datetime | None
    source: str
    by: str
    ended_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LenderStated:
    """The number of a fact on record."""

    stated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaid:
    """A fact that the lender's law asks of plans and nobody has said."""

    fact: str
    means: str
