"""What the schedule of retention says of a person; whoever reads a value asks for it, so it loads no book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from duecourse.law.terms import RecordKind
from duecourse.storage.retention import LegalHold, Stored


class Phase(StrEnum):
    """What may be done with what is kept of a person."""

    IN_USE = "in_use"  # a loan runs or a case is open
    KEPT = "period_runs"  # the loans have ended, a period runs
    UNKNOWN = "unknown"  # no rule gives a period, or a fact is missing: kept
    HELD = "held"  # a legal hold stands
    OVER = "over"  # every period is over: it may be destroyed


@dataclass(frozen=True, slots=True)
class Term:
    """One period: of which records, counted from what and when, how long, by which rules; or what is missing."""

    kind: RecordKind
    clock: str
    begins: date
    years: int | None
    ends: date | None  # the first day on which this rule keeps no more
    rules: tuple[str, ...]
    missing: tuple[str, ...] = ()
    loan: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """One person on the schedule of a day."""

    person_id: int
    phase: Phase
    until: date | None  # the first day on which the data may be destroyed, as far as it is known
    ended: date | None  # since when the last loan has been at its end
    terms: tuple[Term, ...]
    holds: tuple[LegalHold, ...]
    stored: Stored | None  # since when the data are only stored
    running: tuple[str, ...] = ()  # loans that are not at their end
    longest: date | None = None  # by when a rule wants them destroyed
    unheard: bool = False  # tied to a loan that the book does not hold

    @property
    def by(self) -> tuple[str, ...]:
        """The rules that decide the day."""
        return tuple(dict.fromkeys(rule for one in self.terms if one.ends == self.until for rule in one.rules))

    @property
    def missing(self) -> tuple[str, ...]:
        """Facts that rules lack."""
        return tuple(dict.fromkeys(fact for one in self.terms for fact in one.missing))
