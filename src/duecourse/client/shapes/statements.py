"""What the API takes and answers: statements.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesApplied:
    """What was applied by rule."""

    applied: int
    by: Mapping[str, int]
    amounts_minor: Mapping[str, int]
    left: int
    taken_back: int
    waits: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money that goes back; ````file```` is the file for the bank that has it."""

    refund: str
    line: str
    payment: str | None
    person: str | None
    amount_minor: int
    currency: str
    request: str
    approved_at: datetime
    approved_by: str
    file: str | None
    filed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFile:
    """A file for the bank; its content is asked for apart."""

    file: str | None
    refunds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunds:
    """Refunds, the latest first."""

    refunds: tuple[Refund, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement that was taken; ````waiting```` lines are nobody's payment yet."""

    statement: str
    sha256: str
    format: str
    account: str
    currency: str
    from_day: date | None
    to_day: date | None
    lines: int
    new: int
    waiting: int
    quarantined: int
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementTaken:
    """What an import did."""

    sha256: str
    format: str
    statements: tuple[str, ...]
    lines: int
    new: int
    unbooked: int
    quarantined: int
    wrong: tuple[WrongRow, ...]
    again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """Statements, the latest first."""

    statements: tuple[Statement, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongRow:
    """A row that was not taken, and why; never its values."""

    row: int
    field: str
    rule: str
    why: str
