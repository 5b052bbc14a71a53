"""What a loan's state says on a day: days past due, stage, and what is owed today, in seven days, in all.

`readings` is the definition of a loan's figures: a function of its terms, its contract schedule, its events and what
was known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from duecourse.core import agreement, card, card_events
from duecourse.core.balance import Fold
from duecourse.core.card import CardFold
from duecourse.core.contract import CIVIL_CODE_ORDER, Category, Method
from duecourse.core.days import FAR
from duecourse.core.events import DUE_RANK, MONEY_IN, RANK, Kind, timeline
from duecourse.core.explain import Account, Trace
from duecourse.core.reading import Reading, Status, plan_dpd

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from duecourse.core.contract import Terms
    from duecourse.core.events import Event, GridRow

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """A loan as the arithmetic sees it: terms, contract schedule, events in any order."""

    ref: str
    terms: Terms
    grid: tuple[GridRow, ...]
    events: tuple[Event, ...]
    start: date | None = None  # the contract's first day, where it is known


AnyFold = Fold | CardFold


def start(loan: Loan, trace: Trace | None = None) -> AnyFold:
    """A loan's state before anything has happened."""
    if loan.terms.method is Method.CARD:
        return CardFold(loan.terms, loan.grid, trace)
    return Fold(loan.terms, trace, begins=(loan.start,) if loan.start else ())


def advance(fold: AnyFold, queue: list[Event], grid: Sequence[GridRow], until: date) -> None:
    """Bring a fold to a day, applying and removing the queued events (latest first) up to and with that day."""
    while True:
        event_day = queue[-1].effective if queue else FAR
        waits = fold.day == date.min and isinstance(fold, Fold)  # a card's cycles pass before its first purchase, too
        day = max(event_day if waits else min(event_day, fold.next_change()), fold.day)
        if day > until:
            break
        if fold.day != date.min:
            fold.pass_time(day)
        fold.day = day
        _live_day(fold, queue, grid)
    if fold.day != date.min and fold.day < until:
        fold.pass_time(until)


def _live_day(fold: AnyFold, queue: list[Event], grid: Sequence[GridRow]) -> None:
    fallen = False
    while queue and queue[-1].effective <= fold.day:
        event = queue.pop()
        if RANK[event.kind] > DUE_RANK and not fallen:
            fold.fall_due()
            fallen = True
        if fold.sold and event.kind not in MONEY_IN and event.kind is not Kind.BOUNCE:
            continue
        if isinstance(fold, CardFold):
            card_events.APPLY.get(event.kind, card_events.note)(fold, event)
        else:
            agreement.APPLY[event.kind](fold, event, grid)
    if not fallen:
        fold.fall_due()


def read(fold: AnyFold, day: date) -> Reading:
    """What a fold that stands on ``day`` says."""
    if isinstance(fold, CardFold):
        return card.read(fold, day)
    owed = dict.fromkeys(CIVIL_CODE_ORDER, 0)
    overdue = 0
    for row in fold.claimable():
        counts = row is fold.charges or row.due < day
        for category in CIVIL_CODE_ORDER:
            minor = fold.owed(row, category)
            owed[category] += minor
            overdue += minor if counts else 0
    open_rows = [row for row in fold.rows[fold.first : fold.next] if row.rest > fold.terms.tolerance_minor]
    ahead = [row for row in fold.rows[fold.next :] if row.rest]
    dpd = fold.dpd()
    paid = fold.paid_total - fold.plan_base
    return Reading(
        day=day,
        status=_status(fold, sum(owed.values())),
        dpd=dpd,
        plan_dpd=plan_dpd(fold.plan, paid=paid, day=day, tolerance=fold.terms.tolerance_minor) if fold.plan else dpd,
        cost=owed[Category.COST],
        fee=owed[Category.FEE],
        interest=owed[Category.INTEREST],
        penalty=owed[Category.PENALTY],
        compound=owed[Category.COMPOUND],
        principal=owed[Category.PRINCIPAL],
        not_due=fold.not_due,
        accrued=fold.accrued(),
        credit=fold.credit,
        overdue=overdue,
        oldest_due=min((row.due for row in open_rows), default=None),
        next_due=ahead[0].due if ahead else None,
        next_amount=ahead[0].rest if ahead else 0,
        paid_total=fold.paid_total,
        last_payment=fold.last_payment,
        rate_ppm=fold.rate_ppm,
        penalty_ppm=fold.penalty_ppm,
    )


def _status(fold: Fold, owed: int) -> Status:
    if fold.sold:
        return Status.SOLD
    if not fold.drawn:
        return Status.NOT_DRAWN
    if not owed and not any(row.rest for row in fold.rows[fold.next :]):
        return Status.SETTLED
    return Status.WRITTEN_OFF if fold.written_off else Status.ACTIVE


def readings(loan: Loan, days: Iterable[date], *, known: datetime) -> list[Reading]:
    """A loan on each of several days (ascending), by what was known at an instant. Raises `UnknownTarget`."""
    fold = start(loan)
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
    fold = start(loan, trace)
    advance(fold, timeline(loan.events, known=known, mode=loan.terms.reversal)[::-1], loan.grid, day)
    found = read(fold, day)
    if isinstance(fold, CardFold):
        fold.note("minimum_due", {Account.NOT_DUE: -found.principal, Account.PRINCIPAL: found.principal}, None)
    else:
        for row in fold.claimable():
            if fold.within_grace(row):
                fold.drop_growth(row, "held_by_grace")
    trace.spans("running", Account.ACCRUED, fold.running(), None)
    trace.lines.sort(key=lambda line: line.day)
    return found, trace


def due_in_a_week(loan: Loan, day: date, *, known: datetime) -> int:
    """What will have to be paid seven days on, if nothing happens until then; minor units."""
    return reading(loan, day + WEEK, known=known).due
