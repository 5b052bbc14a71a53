"""What events do to a loan's state: schedules (`core.balance.recast`, `core.schedule.lay`) and agreements.

Functions follow `core.agreement` one by one. A schedule is a range of the instalment columns; events whose parts matter
have a row of ``more``, which holds them for those events alone. An event that changes a schedule only asks that it be
laid anew (`lay_anew`); `fold` has it done (`recast`) before the next event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from duecourse.book.kernels.balance import (
    accelerate,
    accrued,
    clear_row,
    close_settled,
    drop_growth,
    fall_due,
    not_due,
    owed,
    rate_now,
    remember,
    settle_period,
    take,
    use_credit,
    within_grace,
)
from duecourse.book.kernels.calendar import add_months, days_between
from duecourse.book.kernels.compiled import compiled, written_in
from duecourse.book.kernels.exact import grown, half_up
from duecourse.book.kernels.level import COUNT, DENOMINATOR, FRACTIONS, KEPT, level_instalment, reckon
from duecourse.book.kernels.records import (
    ACTUAL,
    CATEGORIES,
    COMPOUND,
    COST,
    EQUAL_INSTALMENT,
    EQUAL_PRINCIPAL,
    FAR_DAY,
    FEE,
    FREE,
    HOLD,
    INTEREST,
    NEGATIVE,
    NO_DAY,
    NO_ROOM,
    NOMINAL_DENOMINATOR,
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


class Schedule(NamedTuple):
    """The instalment columns: one row an instalment, a loan's schedules one after the other, by due day."""

    due: NDArray[np.int32]
    days: NDArray[np.int32]
    principal: NDArray[np.int64]
    interest: NDArray[np.int64]
    fee: NDArray[np.int64]


P1, P2, P3, P4, P5, UNTIL, SET_FROM, SET_TO = range(8)
"""Columns of the parts ``more``: the event's parts, the first day after it, its schedule as a range of `Schedule`."""


# Schedules


@compiled
def load(f: Fold, t: Terms, rows: Records[Row], s: Schedule, start: int, stop: int) -> None:
    """Put a schedule behind the instalments that have fallen due."""
    if f.next + stop - start + 1 > len(rows):
        f.fault = NO_ROOM
        return
    f.size = f.next
    for k in range(start, stop):
        f.size += 1
        row = rows[f.size]
        clear_row(row, s.due[k], s.days[k], t.grace_days)
        row.principal = s.principal[k]
        row.interest = s.interest[k]
        row.given_interest = s.interest[k]
        row.fee = s.fee[k]


@compiled
def level_from_scratch(f: Fold, t: Terms, rows: Records[Row], limbs: NDArray[np.int64], principal: int) -> int:
    """The level instalment, or for equal principal the level part, over the instalments not yet due."""
    count = f.size - f.next
    if f.method == EQUAL_PRINCIPAL:
        return half_up(principal // count, principal % count, count)
    if f.method != EQUAL_INSTALMENT:
        return 0
    rate = rate_now(f)
    nominal = t.level_from != ACTUAL and t.period_months != 0
    denominator = NOMINAL_DENOMINATOR if nominal else t.denominator
    same = limbs[KEPT, DENOMINATOR] == denominator and limbs[KEPT, COUNT] == count
    for k in range(count):
        if t.level_from == ACTUAL:
            fraction = rate * rows[f.next + 1 + k].days
        else:
            fraction = rate * (t.period_months if nominal else t.period_days)
        same = same and limbs[FRACTIONS, k] == fraction
        limbs[FRACTIONS, k] = fraction
    if not same and not reckon(limbs, denominator, count):
        f.fault = NO_ROOM
        return 0
    return level_instalment(limbs, principal)


@compiled
def cut_given(f: Fold, rows: Records[Row], principal: int) -> None:
    """Make the principals of a given schedule add up: more goes to the last row, less is cut from the end."""
    cut = not_due(f, rows) - principal
    if cut < 0:
        rows[f.size].principal -= cut
    for i in range(f.size, f.next, -1):
        if cut <= 0:
            break
        taken = min(cut, rows[i].principal)
        rows[i].principal -= taken
        cut -= taken


@written_in
def lay_anew(f: Fold, principal: int, level: int, keep: int) -> None:
    """Ask that ``principal`` be laid anew on the instalments not yet due, when the event at hand is done.

    A ``level`` other than 0 keeps a former one; ``keep`` keeps the principal of each instalment.
    """
    f.lay = principal
    f.lay_level = level
    f.lay_keep = keep


@compiled
def recast(f: Fold, t: Terms, rows: Records[Row], limbs: NDArray[np.int64]) -> None:
    """Lay principal anew as `lay_anew` asked; with no instalment left it is due at once."""
    principal, keep = f.lay, f.lay_keep != 0
    f.lay = -1
    if f.next >= f.size:
        rows[0].principal += principal
        return
    given = f.method == FREE
    if given:
        cut_given(f, rows, principal)
        if f.rate == 0:
            return
    elif not keep:
        f.level = f.lay_level if f.lay_level != 0 else level_from_scratch(f, t, rows, limbs, principal)
    balance = principal
    rate = rate_now(f)
    carried, carried_rest = f.carried, f.carried_rest
    for i in range(f.next + 1, f.size + 1):
        row = rows[i]
        if balance < 0:
            f.fault = NEGATIVE
            return
        whole, left = grown(balance, rate, row.days, carried_rest, t.denominator)
        interest = half_up(carried + whole, left, t.denominator)
        carried, carried_rest = 0, 0
        if given:
            row.interest = min(row.given_interest, interest)
        else:
            row.interest = interest
            if not keep:
                if i == f.size:
                    row.principal = balance
                elif f.method == EQUAL_INSTALMENT:
                    row.principal = min(max(f.level - interest, 0), balance)
                elif f.method == EQUAL_PRINCIPAL:
                    row.principal = min(f.level, balance)
                else:
                    row.principal = 0
        balance -= row.principal


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
        if ahead != 0:
            cut_principal(f, t, rows, journal, ahead, early)


@compiled
def cut_principal(f: Fold, t: Terms, rows: Records[Row], journal: Records[Entry], ahead: int, early: int) -> None:
    """Let held money cut principal, or settle the loan where it suffices."""
    if f.credit >= ahead + accrued(f, t, rows):
        accelerate(f, t, rows, journal)
        use_credit(f, t, rows, journal)
        return
    cut = min(f.credit, ahead)
    settle_period(f, t, rows)
    f.credit -= cut
    remember(f, t, journal, 0, -1, cut)
    lay_anew(f, ahead - cut, f.level if early == REDUCE_TERM else 0, 0)


# Agreements


@compiled
def wipe(f: Fold, rows: Records[Row]) -> None:
    """Forget all that is owed or held."""
    f.credit = 0
    f.carried = 0
    f.carried_rest = 0
    f.entries = 0
    f.size = 0
    f.first = 0
    f.next = 0
    clear_row(rows[0], NO_DAY, 0, -1)


@compiled
def opening(f: Fold, t: Terms, rows: Records[Row], s: Schedule, amount: int, more: NDArray[np.int64], at: int) -> None:
    """Take over a loan in mid-life."""
    wipe(f, rows)
    f.drawn = 1
    f.method = t.method
    gone = 0
    f.mark = NO_DAY
    for k in range(f.contract_from, f.contract_to):
        if s.due[k] <= f.day:
            gone += 1
            f.mark = max(f.mark, s.due[k])
    if gone == 0:
        f.mark = f.day
    if more[at, UNTIL] < FAR_DAY:
        row = rows[1]
        clear_row(row, more[at, UNTIL], 0, t.grace_days)
        row.principal = more[at, P1]
        row.interest = more[at, P2]
        row.fee = more[at, P3]
        row.penalty = more[at, P4]
        row.compound = more[at, P5]
        f.next = 1
    load(f, t, rows, s, f.contract_from + gone, f.contract_to)
    if f.method != FREE or not_due(f, rows) != amount:
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
    load(f, t, rows, s, f.contract_from, f.contract_to)
    if f.method != FREE or not_due(f, rows) != amount:
        lay_anew(f, amount, 0, 0)


@compiled
def instalment_set(f: Fold, t: Terms, rows: Records[Row], s: Schedule, start: int, stop: int) -> None:
    """Replace what was not yet due by the schedule that the lender gives."""
    if f.next >= f.size:
        f.mark = f.day
    f.drawn = 1
    f.method = FREE
    f.carried = 0
    f.carried_rest = 0
    load(f, t, rows, s, start, stop)


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
    if f.method != FREE and f.next < f.size:
        lay_anew(f, not_due(f, rows), 0, 1 if f.method != EQUAL_INSTALMENT else 0)


@compiled
def grace(f: Fold, rows: Records[Row], days: int) -> None:
    """Give instalments due from today on other grace days."""
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
            added = days_between(row.due, later, t.thirty_360)
            row.days += added
            row.period_days += added
            whole, left = grown(not_due(f, rows), rate_now(f), added, 0, t.denominator)
            row.given_interest += half_up(whole, left, t.denominator)
        row.due = later
        row.dpd_from = later
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
    accelerate(f, t, rows, journal)
    total = 0
    for i in range(f.first, f.next + 1):
        total += roll(f, t, rows, i if i > f.first else 0, capitalised)
    f.entries = 0
    f.size = 0
    f.first = 0
    f.next = 0
    f.rate = rate
    f.carried = 0
    f.carried_rest = 0
    f.mark = f.day
    if amounts_given != 0:
        f.method = FREE
    else:
        f.method = EQUAL_INSTALMENT if t.method == FREE else t.method
    load(f, t, rows, s, more[at, SET_FROM], more[at, SET_TO])
    if amounts_given == 0 or not_due(f, rows) != total:
        lay_anew(f, total, 0, 0)


@compiled
def plan(f: Fold, start: int, stop: int) -> None:
    """Agree a plan beside the contract, or end it."""
    f.plan_from = start
    f.plan_to = stop
    f.plan_base = f.paid_total


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
def bounce(f: Fold, t: Terms, rows: Records[Row], journal: Records[Entry], amount: int) -> None:
    """Take a bounced payment back: first from held credit, then from what was applied last, latest first."""
    f.paid_total -= amount
    held = min(f.credit, amount)
    f.credit -= held
    left = amount - held
    f.first = 0
    cut = 0
    while left != 0 and f.entries > 0:
        entry = journal[f.entries - 1]
        back = min(left, entry.minor)
        left -= back
        if entry.minor > back:
            entry.minor -= back
        else:
            f.entries -= 1
        if entry.category < 0:
            cut += back
        else:
            give_back(rows[entry.row], entry.category, back)
    if cut != 0:
        settle_period(f, t, rows)
        lay_anew(f, not_due(f, rows) + cut, 0, 0)
    if f.sold == 0:
        rows[0].principal += left
    close_settled(f, t, rows)


@written_in
def early_money(shorter: int) -> int:
    """What a prepayment does with money beyond what is due."""
    return REDUCE_TERM if shorter != 0 else REDUCE_INSTALMENT
