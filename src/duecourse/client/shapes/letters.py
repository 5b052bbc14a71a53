"""What the API takes and answers: letters.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter of a batch."""

    letter: str
    notice: str
    case: str
    message: str | None
    state: str | None
    left_out_zh: str | None
    left_out_en: str | None
    returned_at: datetime | None
    returned_as: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterBatch:
    """A batch of letters."""

    batch: str
    state: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_by: str | None
    file_sha256: str | None
    pages: int | None
    letters: int
    left_out: int
    returned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterBatchWhole:
    """A batch with its letters."""

    batch: str
    state: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_by: str | None
    file_sha256: str | None
    pages: int | None
    letters: int
    left_out: int
    returned: int
    list: tuple[Letter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterBatches:
    """Batches, the latest first."""

    batches: tuple[LetterBatch, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedLetters:
    """How many there were of each kind."""

    returned: int
    before: int
    not_ours: int
