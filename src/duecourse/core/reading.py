"""What a loan's state says on one day: the figures that everything after the arithmetic works with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from duecourse.core.events import GridRow


class Status(StrEnum):
    """Where a loan stands in its life."""

    NOT_DRAWN = "not_drawn"
    ACTIVE = "active"
    SETTLED = "settled"  # nothing is owed and nothing will fall due
    WRITTEN_OFF = "written_off"  # given up in the lender's accounts; the claim stays
    SOLD = "sold"  # the claim is somebody else's


class Stage(StrEnum):
    """账龄: how long a loan has been past due."""

    M0 = "M0"
    M1 = "M1"
    M2 = "M2"
    M3 = "M3"
    M4 = "M4"
    M5 = "M5"
    M6 = "M6"
    M6_PLUS = "M6+"


def stage(dpd: int) -> Stage:
    """The stage of a number of days past due: 0 = M0, 1-30 = M1, … 151-180 = M6, over 180 = M6+.

    >>> [stage(dpd).value for dpd in (0, 30, 31, 180, 181)]
    ['M0', 'M1', 'M2', 'M6', 'M6+']
    """
    return list(Stage)[min((dpd + 29) // 30, 7)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A loan on one day. Amounts are minor units; everything "due" includes what falls due on the day itself.

    For a card, "due" is the minimum payment of the statements issued, "not due" the principal beyond it.
    """

    day: date
    status: Status
    dpd: int  # contractual
    plan_dpd: int  # under the agreed plan; the contractual one where there is no plan
    cost: int
    fee: int
    interest: int
    penalty: int
    compound: int
    principal: int  # due
    not_due: int  # principal not due
    accrued: int  # interest of the current period up to the day
    credit: int
    overdue: int  # to be current: everything on instalments due before the day, and charges
    oldest_due: date | None  # of the instalments due and not fully paid
    next_due: date | None
    next_amount: int
    paid_total: int
    last_payment: date | None
    rate_ppm: int  # the contract rate in force, also while interest is paused
    penalty_ppm: int  # the rate of default interest in force, likewise; a card has none

    @property
    def due(self) -> int:
        """What must be paid today for nothing to be due."""
        return self.cost + self.fee + self.interest + self.penalty + self.compound + self.principal

    @property
    def settle(self) -> int:
        """What settles everything today."""
        return max(self.due + self.not_due + self.accrued - self.credit, 0)


def plan_dpd(plan: Sequence[GridRow], *, paid: int, day: date, tolerance: int) -> int:
    """Days past due under an agreed plan: what was to be paid before ``day`` against what was paid since it began."""
    wanted = 0
    for row in plan:
        wanted += row.principal
        if row.due >= day:
            break
        if wanted - paid > tolerance:
            return (day - row.due).days
    return 0
