"""What events do to a loan's state: money and agreements.

Functions follow `core.agreement` one by one. A schedule is a range of the instalment columns; events whose parts matter
have a row of ``more``, which holds them for those events alone. An event that changes a schedule only asks that it be
laid anew (`lay_anew`); `fold` has it done (`recast`) before the next event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from duecourse.book.kernels.balance import (
    accelerate,
    clear_row,
    close_settled,
    drop_growth,
    fall_due,
    owed,
    remember,
    take,
    use_credit,
    within_grace,
)
from duecourse.book.kernels.calendar import add_months, days_added, days_between
from duecourse.book.kernels.compiled import compiled, written_in
from duecourse.book.kernels.exact import grown, half_up
from duecourse.book.kernels.laying import (
    P1,
    P2,
    P3,
    P4,
    P5,
    SET_FROM,
    SET_TO,
    UNTIL,
    Schedule,
    count_from,
    lay_anew,
    load,
    load_contract,
)
from duecourse.book.kernels.period import accrued, forget_carried, not_due, settle_period
from duecourse.book.kernels.records import (
    CATEGORIES,
    COMPOUND,
    COST,
    EQUAL_INSTALMENT,
    FAR_DAY,
    FEE,
    FREE,
    FROM_BOUNCE_DAY,
    HOLD,
    INTEREST,
    NO_DAY,
    PENALTY,
    PRINCIPAL,
    REDUCE_INSTALMENT,
    REDUCE_TERM,
    RESTART,
)
from duecourse.core.events import PAUSE_DPD, PAUSE_INTEREST, PAUSE_PENALTY

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from duecourse.book.kernels.records import Entry, Fold, Records, Row, Terms


# Money


@compiled
def receive(f: Fold, t: Terms, rows: Records[Row], journal: Records[Entry], minor: int, early: int) -> None:
    """Take money in: apply it to what is due; the rest is held or cuts principal."""
    f.credit += minor
    f.paid_total += minor
    f.last_payment = f.day
    use_credit(f, t, rows, journal)
    if f.credit != 0 and early != HOLD:
        ahead = not_due(f, rows)
        if ahead != 0 or 0 < accrued(f, t, rows) <= f.credit:
            cut_principal(f, t, rows, journal, ahead, early)


@compiled
def cut_principal(f: Fold, t: Terms, rows: Records[Row], journal: Records[Entry], ahead: int, early: int) -> None:
    """Let held money cut principal, or settle the loan where it suffices."""
    settles = f.credit >= ahead + accrued(f, t, rows)
    if settles and t.reversal != FROM_BOUNCE_DAY:
        rows[f.next + 1].fee = 0
        accelerate(f, t, rows, journal)
        use_credit(f, t, rows, journal)
        return
    if settles:
        post_running(f, t, rows, journal)
    cut = min(f.credit, ahead)
    settle_period(f, t, rows)
    f.credit -= cut
    level = f.level if early == REDUCE_TERM else 0
    remember(f, t, journal, f.ends if level != 0 else 0, -1, cut)
    lay_anew(f, ahead - cut, level, 0)
    f.closed = 1 if settles else 0


@compiled
def post_running(f: Fold, t: Terms, rows: Records[Row], journal: Records[Entry]) -> None:
    """Let interest of the running period fall due at once, before early money that may yet bounce."""
    interest = accrued(f, t, rows)
    settle_period(f, t, rows)
    rows[0].interest += interest
    f.carried = 0
    f.carried_rest = 0
    f.stood = 0
    for i in range(f.next + 2, f.size + 1):
        rows[i].ahead = 0
        rows[i].ahead_rest = 0
        rows[i].ahead_stood = 0
    use_credit(f, t, rows, journal)


# Agreements


@compiled
def wipe(f: Fold, rows: Records[Row]) -> None:
    """Forget all that is owed or held."""
    f.credit = 0
    forget_carried(f)
    f.entries = 0
    f.size = 0
    f.first = 0
    f.next = 0
    clear_row(rows[0], NO_DAY, 0, -1)


@compiled
def as_given(f: Fold, rows: Records[Row], principal: int) -> bool:
    """Whether a schedule stands as the lender gave it."""
    return f.method == FREE and f.interest_pauses == 0 and not_due(f, rows) == principal


@compiled
def opening(f: Fold, t: Terms, rows: Records[Row], s: Schedule, amount: int, more: NDArray[np.int64], at: int) -> None:
    """Take over a loan in mid-life."""
    wipe(f, rows)
    f.drawn = 1
    f.method = FREE if f.given != 0 else t.method
    gone = 0
    f.mark = min(f.day, f.begins) if f.begins != NO_DAY else f.day
    for k in range(f.contract_from, f.contract_to):
        if s.due[k] <= f.day:
            gone += 1
            f.mark = int(s.due[k])
    if more[at, UNTIL] < FAR_DAY:
        row = rows[1]
        clear_row(row, more[at, UNTIL], 0, f.grace)
        row.principal = more[at, P1]
        row.interest = more[at, P2]
        row.fee = more[at, P3]
        row.penalty = more[at, P4]
        row.compound = more[at, P5]
        f.next = 1
    load_contract(f, t, rows, s, f.contract_from + gone, NO_DAY)
    if f.next == 1:
        rows[1].ends = max(rows[1].ends, f.mark)
    if f.rate != f.given_at or not as_given(f, rows, amount):
        lay_anew(f, amount, 0, 0)


@compiled
def drawdown(f: Fold, t: Terms, rows: Records[Row], journal: Records[Entry], s: Schedule, amount: int) -> None:
    """Pay money out: the first time on the contract's schedule, later on what of it is still to come."""
    if f.drawn != 0:
        fall_due(f, t, rows, journal)
        settle_period(f, t, rows)
        lay_anew(f, not_due(f, rows) + amount, 0, 0)
        return
    f.drawn = 1
    f.mark = f.day
    gone = 0
    for k in range(f.contract_from, f.contract_to):
        if s.due[k] < f.day:
            gone += 1
            f.mark = int(s.due[k])
    load_contract(f, t, rows, s, f.contract_from + gone, f.day)
    begun = f.mark if gone != 0 else f.begins
    f.mark = f.day
    counted = count_from(f, t, rows, f.day if begun == NO_DAY else begun, gone)
    if gone != 0 or counted or f.rate != f.given_at or not as_given(f, rows, amount):
        lay_anew(f, amount, 0, 0)


@compiled
def instalment_set(f: Fold, rows: Records[Row], s: Schedule, start: int, stop: int) -> None:
    """Replace what was not yet due by the schedule that the lender gives; before a payout it is the one to come."""
    if f.drawn == 0:
        f.contract_from = start
        f.contract_to = stop
        f.begins = f.day
        f.given_at = f.rate
        f.method = FREE
        f.given = 1
        return
    f.mark = f.day
    f.method = FREE
    forget_carried(f)
    load(f, rows, s, start, stop)
    ahead = not_due(f, rows)
    if not as_given(f, rows, ahead):
        lay_anew(f, ahead, 0, 0)


@compiled
def fee(rows: Records[Row], category: int, amount: int) -> None:
    """Charge a fee or a cost outside the schedule."""
    if category == COST:
        rows[0].cost += amount
    else:
        rows[0].fee += amount


@compiled
def rate_change(
    f: Fold, t: Terms, rows: Records[Row], journal: Records[Entry], rate: int, default_rate: int, compound_rate: int
) -> None:
    """Let new rates hold from today."""
    fall_due(f, t, rows, journal)
    settle_period(f, t, rows)
    f.rate = rate
    if default_rate >= 0:
        f.penalty_rate = default_rate
    if compound_rate >= 0:
        f.compound_rate = compound_rate
    if f.next < f.size:
        lay_anew(f, not_due(f, rows), 0, 1 if f.method != EQUAL_INSTALMENT else 0)


@compiled
def grace(f: Fold, rows: Records[Row], days: int) -> None:
    """Give instalments due from today on other grace days, also those of a schedule to come."""
    f.grace = days
    for i in range(1, f.size + 1):
        if rows[i].due >= f.day:
            rows[i].grace = days


@compiled
def switch(f: Fold, t: Terms, rows: Records[Row], journal: Records[Entry], bits: int, step: int) -> None:
    """Let interest, default interest or the day counter stand still, or go on."""
    if bits & PAUSE_INTEREST:
        fall_due(f, t, rows, journal)
        settle_period(f, t, rows)
        f.interest_pauses += step
        if f.next < f.size:
            lay_anew(f, not_due(f, rows), 0, 1)
    if bits & PAUSE_PENALTY:
        f.penalty_pauses += step
    if bits & PAUSE_DPD:
        f.dpd_pauses += step


@compiled
def waiver(f: Fold, t: Terms, rows: Records[Row], category: int, amount: int) -> None:
    """Give up part of a category, oldest instalment first; all of it where the amount is negative."""
    left = amount
    for i in range(f.first, f.next + 1):
        row = rows[i if i > f.first else 0]
        there = owed(f, t, row, category)
        taken = there if amount < 0 else min(left, there)
        if taken != 0:
            take(f, t, row, category, taken)
            left -= taken
    if category == PRINCIPAL and (left > 0 or amount < 0):
        ahead = not_due(f, rows)
        if ahead != 0:
            cut = ahead if amount < 0 else min(left, ahead)
            settle_period(f, t, rows)
            lay_anew(f, ahead - cut, 0, 0)
    close_settled(f, t, rows)


@compiled
def extension(f: Fold, t: Terms, rows: Records[Row], months: int, days: int, with_interest: int) -> None:
    """Move the instalments not yet due; the added days bear contract interest where agreed."""
    if f.next >= f.size:
        return
    settle_period(f, t, rows)
    for i in range(f.next + 1, f.size + 1):
        row = rows[i]
        later = add_months(row.due, months) + days
        if i == f.next + 1 and with_interest != 0:
            added = days_added(row.due, later, months, days, t.thirty_360)
            row.days += added
            row.period_days += added
            whole, left = grown(row.given_on, f.rate, added, 0, t.denominator)
            row.given_interest += half_up(whole, left, t.denominator)
        row.due = later
        row.dpd_from = later
        row.ends = add_months(row.ends, months) + days
    lay_anew(f, not_due(f, rows), 0, 1)


@compiled
def re_age(f: Fold, rows: Records[Row]) -> None:
    """Start the day counter anew."""
    for i in range(f.first + 1, f.next + 1):
        rows[i].dpd_from = f.day


@compiled
def roll(f: Fold, t: Terms, rows: Records[Row], at: int, capitalised: int) -> int:
    """What of one instalment goes into a new schedule; the rest becomes a charge or is given up."""
    row, charges = rows[at], rows[0]
    if within_grace(f, t, row):
        drop_growth(row)
    total = 0
    for category in range(CATEGORIES):
        there = owed(f, t, row, category)
        growth = category in (PENALTY, COMPOUND)
        rolled = category == PRINCIPAL or capitalised >> category & 1 != 0
        if there == 0 or (growth and t.recast_penalty == RESTART and at > 0 and not rolled):
            continue
        if rolled:
            take(f, t, row, category, there)
            total += there
        elif at > 0:
            if category == INTEREST:
                charges.interest += there
            elif category == PENALTY:
                charges.penalty += there
            elif category == COMPOUND:
                charges.compound += there
            elif category == FEE:
                charges.fee += there
            else:
                charges.cost += there
    return total


@compiled
def restructure(
    f: Fold,
    t: Terms,
    rows: Records[Row],
    journal: Records[Entry],
    s: Schedule,
    rate: int,
    more: NDArray[np.int64],
    at: int,
) -> None:
    """Put all principal, and the categories the agreement capitalises, on a new schedule."""
    capitalised, amounts_given = more[at, P1], more[at, P2]
    begun = max(f.mark, f.day)  # later where a due day moved to before the end of its period
    accelerate(f, t, rows, journal)
    total = 0
    for i in range(f.first, f.next + 1):
        total += roll(f, t, rows, i if i > f.first else 0, capitalised)
    f.entries = 0
    f.size = 0
    f.first = 0
    f.next = 0
    f.rate = rate
    f.rated = 1 if rate > 0 else 0
    forget_carried(f)
    f.mark = begun
    if amounts_given != 0:
        f.method = FREE
    else:
        f.method = EQUAL_INSTALMENT if t.method == FREE else t.method
    load(f, rows, s, more[at, SET_FROM], more[at, SET_TO])
    lost = days_between(f.day, begun, t.thirty_360)
    if lost != 0 and f.size != 0:
        rows[1].days = max(rows[1].days - lost, 0)
    if lost != 0 or not as_given(f, rows, total):
        lay_anew(f, total, 0, 0)


@compiled
def plan(f: Fold, start: int, stop: int) -> None:
    """Agree a plan beside the contract, or end it."""
    f.plan_from = start
    f.plan_to = stop
    f.plan_base = f.paid_total
    f.plan_day = f.day


@compiled
def give_back(row: Row, category: int, minor: int) -> None:
    """Let what bounced money had paid be owed again."""
    if category == PRINCIPAL:
        row.principal += minor
    elif category == INTEREST:
        from_late = min(minor, row.late_settled)
        row.late_settled -= from_late
        row.interest += minor - from_late
    elif category == FEE:
        row.fee += minor
    elif category == COST:
        row.cost += minor
    elif category == PENALTY:
        row.penalty += minor
    else:
        row.compound += minor


@compiled
def bounce(f: Fold, t: Terms, rows: Records[Row], journal: Records[Entry], amount: int, since: int) -> None:
    """Take a payment of the day ``since`` back: from held credit, then from what was applied last, latest first."""
    f.paid_total -= amount
    if since < f.plan_day:
        f.plan_base -= amount
    held = min(f.credit, amount)
    f.credit -= held
    left = amount - held
    f.first = 0
    cut = 0
    shorter = 0
    while left != 0 and f.entries > 0:
        entry = journal[f.entries - 1]
        minor = entry.minor
        back = min(left, minor)
        left -= back
        if minor > back:
            entry.minor -= back
        else:
            f.entries -= 1
        shorter = 0
        if entry.category < 0:
            cut += back
            if entry.row != 0:
                shorter = minor - back
                f.ends = min(max(f.ends, entry.row), f.size)
        else:
            give_back(rows[entry.row], entry.category, back)
    if cut != 0:
        settle_period(f, t, rows)
        lay_anew(f, not_due(f, rows) + cut, 0, 0)
        f.lay_shorter = shorter
    if f.sold == 0:
        rows[0].principal += left
    close_settled(f, t, rows)


@written_in
def early_money(shorter: int) -> int:
    """What a prepayment does with money beyond what is due."""
    return REDUCE_TERM if shorter != 0 else REDUCE_INSTALMENT
