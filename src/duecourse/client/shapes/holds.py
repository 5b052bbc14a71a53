"""What the API takes and answers: holds.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A hold that ended."""

    hold: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A fact on record."""

    stated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A hold that stands from now on."""

    hold: str | None
    kind: str
    at: datetime
    voided: int
