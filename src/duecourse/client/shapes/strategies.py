"""What the API takes and answers: strategies.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A proposal that would be added, removed or changed, with why it stands on each side."""

    person: str
    case: str | None
    name: str | None
    change: str
    treatment: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The changes of a trial, in order."""

    changes: tuple[Change, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft with its latest revision."""

    draft: str
    strategy: str
    based_on: int | None
    revision: int
    sha256: str
    fault: str | None
    closed_as: str | None
    at: datetime
    content: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """Drafts, the latest first."""

    drafts: tuple[Draft, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategies:
    """The lender's strategies, the latest first."""

    versions: tuple[Version, ...]
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a draft would change on a published day."""

    trial: str
    day: date
    at: datetime
    sums: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """From which day on the day run takes a version; of those that hold on a day the last said counts."""

    strategy: str
    version: int
    first: date
    reason: str
    request: str | None
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version that is kept."""

    strategy: str
    version: int
    sha256: str
    known_at: datetime
