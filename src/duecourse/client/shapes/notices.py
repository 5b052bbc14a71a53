"""What the API takes and answers: notices.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A notice that is issued."""

    notice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice as it stands, masked: what it is, by whom, over which amount, and the hash of its words."""

    notice: str
    case: str
    person: str
    template: str
    version: int
    document: str | None
    lang: str
    sender: str
    amount_minor: int
    currency: str
    as_of: date
    sha256: str
    entry: str
    actor: str
    at: datetime
    state: str | None
    ended_at: datetime | None
    replaced_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeWords:
    """A notice in clear, with what lets anybody check it."""

    notice: str
    text: str = field(repr=False)
    content: str = field(repr=False)
    proof: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """The notices of a case, the latest first."""

    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A notice as it would read: names masked, no code, nothing kept."""

    template: str
    version: int
    day: date
    text: str = field(repr=False)
