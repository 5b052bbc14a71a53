"""What the API takes and answers: tapes.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The versions of the book, the newest first."""

    versions: tuple[BookVersion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookVersion:
    """A version of the book: who wrote it, and the hash of its content."""

    version: int
    parent: int | None
    known_at: datetime
    written_by: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """Where the lender's figure and ours differ; meanwhile the lower one is claimed."""

    kind: str
    loan: str
    subject: str | None
    currency: str | None
    theirs_minor: int | None
    ours_minor: int | None
    theirs_days: int | None
    ours_days: int | None
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaks:
    """Open breaks, by loan, those of one loan on one page; ````count```` is how many there are in all."""

    count: int
    breaks: tuple[Break, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A row that was not taken: where, what is wrong, what to do."""

    source: str
    file: str
    records: str
    row: int
    field: str
    rule: str
    value: str | None
    why: str
    todo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """Faults of the rows that no import took, those of the file that was read last first."""

    faults: tuple[Fault, ...]
    next: str | None
