"""What a loan's state says on a day: days past due, stage, and what is owed today, in seven days, in all.

`readings` is the definition of a loan's figures: a function of its terms, its contract schedule, its events and what
was known. Stage cut-offs are those of the credit report's months (1-30 = 1, … over 180 = 7).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from duecourse.core.agreement import APPLY
from duecourse.core.balance import Fold, Status
from duecourse.core.contract import Category
from duecourse.core.days import FAR
from duecourse.core.events import DUE_RANK, MONEY_IN, RANK, timeline
from duecourse.core.explain import Trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from duecourse.core.contract import Terms
    from duecourse.core.events import Event, GridRow

WEEK = timedelta(days=7)


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

    >>> stage(0), stage(30), stage(31), stage(180), stage(181)
    (<Stage.M0: 'M0'>, <Stage.M1: 'M1'>, <Stage.M2: 'M2'>, <Stage.M6: 'M6'>, <Stage.M6_PLUS: 'M6+'>)
    """
    return list(Stage)[min((dpd + 29) // 30, 7)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """A loan as the arithmetic sees it: terms, contract schedule, events in any order."""

    ref: str
    terms: Terms
    grid: tuple[GridRow, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A loan on one day. Amounts are minor units; everything "due" includes what falls due on the day itself."""

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

    @property
    def due(self) -> int:
        """What must be paid today for nothing to be due."""
        return self.cost + self.fee + self.interest + self.penalty + self.compound + self.principal

    @property
    def settle(self) -> int:
        """What settles everything today."""
        return max(self.due + self.not_due + self.accrued - self.credit, 0)


def advance(fold: Fold, queue: list[Event], grid: Sequence[GridRow], until: date) -> None:
    """Bring a fold to a day, applying and removing the queued events (latest first) up to and with that day."""
    while True:
        event_day = queue[-1].effective if queue else FAR
        day = max(event_day if fold.day == date.min else min(event_day, fold.next_change()), fold.day)
        if day > until:
            break
        if fold.day != date.min:
            fold.pass_time(day)
        fold.day = day
        _live_day(fold, queue, grid)
    if fold.day != date.min and fold.day < until:
        fold.pass_time(until)


def _live_day(fold: Fold, queue: list[Event], grid: Sequence[GridRow]) -> None:
    fallen = False
    while queue and queue[-1].effective <= fold.day:
        event = queue.pop()
        if RANK[event.kind] > DUE_RANK and not fallen:
            fold.fall_due()
            fallen = True
        if not fold.sold or event.kind in MONEY_IN:
            APPLY[event.kind](fold, event, grid)
    if not fallen:
        fold.fall_due()


def read(fold: Fold, day: date) -> Reading:
    """What a fold that stands on ``day`` says."""
    rows = fold.claimable()
    owed = {category: sum(fold.owed(row, category) for row in rows) for category in Category}
    open_rows = [row for row in fold.rows[fold.first : fold.next] if row.rest > fold.terms.tolerance_minor]
    ahead = [row for row in fold.rows[fold.next :] if row.rest]
    before = [fold.charges, *(row for row in rows[1:] if row.due < day)]
    dpd = fold.dpd()
    return Reading(
        day=day,
        status=_status(fold, sum(owed.values())),
        dpd=dpd,
        plan_dpd=_plan_dpd(fold) if fold.plan else dpd,
        cost=owed[Category.COST],
        fee=owed[Category.FEE],
        interest=owed[Category.INTEREST],
        penalty=owed[Category.PENALTY],
        compound=owed[Category.COMPOUND],
        principal=owed[Category.PRINCIPAL],
        not_due=fold.not_due,
        accrued=fold.accrued(),
        credit=fold.credit,
        overdue=sum(fold.owed(row, category) for row in before for category in Category),
        oldest_due=min((row.due for row in open_rows), default=None),
        next_due=ahead[0].due if ahead else None,
        next_amount=ahead[0].rest if ahead else 0,
        paid_total=fold.paid_total,
        last_payment=fold.last_payment,
    )


def _status(fold: Fold, owed: int) -> Status:
    if fold.sold:
        return Status.SOLD
    if not fold.drawn:
        return Status.NOT_DRAWN
    if not owed and not any(row.rest for row in fold.rows[fold.next :]):
        return Status.SETTLED
    return Status.WRITTEN_OFF if fold.written_off else Status.ACTIVE


def _plan_dpd(fold: Fold) -> int:
    paid, wanted = fold.paid_total - fold.plan_base, 0
    for row in fold.plan:
        wanted += row.principal
        if row.due >= fold.day:
            break
        if wanted - paid > fold.terms.tolerance_minor:
            return (fold.day - row.due).days
    return 0


def readings(loan: Loan, days: Iterable[date], *, known: datetime) -> list[Reading]:
    """A loan on each of several days (ascending), by what was known at an instant. Raises `UnknownTarget`."""
    fold = Fold(loan.terms)
    queue = timeline(loan.events, known=known, mode=loan.terms.reversal)[::-1]
    found = []
    for day in days:
        advance(fold, queue, loan.grid, day)
        found.append(read(fold, day))
    return found


def reading(loan: Loan, day: date, *, known: datetime) -> Reading:
    """A loan on one day, by what was known at an instant. Raises `UnknownTarget`."""
    return readings(loan, [day], known=known)[0]


def explained(loan: Loan, day: date, *, known: datetime) -> tuple[Reading, Trace]:
    """A loan on one day with the derivation of every figure. Raises `UnknownTarget`."""
    trace = Trace()
    fold = Fold(loan.terms, trace)
    advance(fold, timeline(loan.events, known=known, mode=loan.terms.reversal)[::-1], loan.grid, day)
    found = read(fold, day)
    for row in fold.claimable():
        if fold.within_grace(row):
            fold.drop_growth(row, "held_by_grace")
    return found, trace


def due_in_a_week(loan: Loan, day: date, *, known: datetime) -> int:
    """What will have to be paid seven days on, if nothing happens until then; minor units."""
    return reading(loan, day + WEEK, known=known).due
