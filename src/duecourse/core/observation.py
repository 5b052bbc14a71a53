"""A restructured loan under observation: since when its new terms run, and how many of their payments were kept.

A loan is restructured by a plan or a new schedule that was agreed because it could not be paid as the contract says; a
plain extension is one only where something was overdue when it was agreed (分类办法 2023). What the lender's tape calls
a restructuring or a plan counts as one: the tape does not say why it was agreed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from duecourse.core.delinquency import Loan, reading, readings
from duecourse.core.events import Event, Kind, timeline

if TYPE_CHECKING:
    from datetime import datetime

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Observation:
    """The new terms that run on ``day``: their due days until then, the first of all being ``first``."""

    loan: Loan
    day: date
    known: datetime
    first: date
    dues: tuple[date, ...]

    @property
    def years(self) -> int:
        """Whole years since the first new due day; 0 before it."""
        passed = self.day.year - self.first.year - ((self.day.month, self.day.day) < (self.first.month, self.first.day))
        return max(passed, 0)

    def periods(self) -> int:
        """Consecutive payments of the new terms kept until now: one that was missed starts the count anew."""
        kept = 0
        for one in readings(self.loan, [due + ONE_DAY for due in self.dues], known=self.known):
            kept = kept + 1 if one.plan_dpd == 0 else 0
        return kept


def observation(loan: Loan, day: date, *, known: datetime) -> Observation | None:
    """The latest restructuring of a loan, by what was known at an instant; None if it never was."""
    stands = [one for one in timeline(loan.events, known=known, mode=loan.terms.reversal) if one.effective <= day]
    for one in reversed(stands):
        if one.grid and one.kind in {Kind.RESTRUCTURE, Kind.PLAN} and not _on_time(loan, one, stands, known):
            days = sorted(row.due for row in one.grid)
            return Observation(loan, day, known, days[0], tuple(due for due in days if due < day))
    return None


def _on_time(loan: Loan, plan: Event, stands: list[Event], known: datetime) -> bool:
    """Whether a plan only moves what was not yet overdue to later days."""
    moved = any(one.kind is Kind.EXTENSION and one.effective == plan.effective for one in stands)
    return moved and reading(loan, plan.effective - ONE_DAY, known=known).dpd == 0
