"""Schedules laid on a loan's instalments: `core.balance.recast` and `core.schedule.lay`.

A schedule is a range of the instalment columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from duecourse.book.kernels.balance import clear_row
from duecourse.book.kernels.calendar import (
    add_months,
    civil,
    day_at_30e_360,
    days_between,
    month_length,
    place_30e_360,
)
from duecourse.book.kernels.compiled import compiled, written_in
from duecourse.book.kernels.exact import grown, half_up, share
from duecourse.book.kernels.level import COUNT, DENOMINATOR, FRACTIONS, KEPT, level_instalment, reckon
from duecourse.book.kernels.period import rate_now
from duecourse.book.kernels.records import (
    ACTUAL,
    BULLET,
    EQUAL_INSTALMENT,
    EQUAL_PRINCIPAL,
    FOLLOWING,
    FREE,
    NEGATIVE,
    NO_DAY,
    NO_ROOM,
    NO_SHIFT,
    NOMINAL_DENOMINATOR,
    TOO_LONG,
)
from duecourse.core.schedule import MOVED_MAX

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from duecourse.book.kernels.records import Fold, Records, Row, Terms


class Schedule(NamedTuple):
    """The instalment columns: one row an instalment, a loan's schedules one after the other, by due day."""

    due: NDArray[np.int32]
    days: NDArray[np.int32]
    principal: NDArray[np.int64]
    interest: NDArray[np.int64]
    fee: NDArray[np.int64]


P1, P2, P3, P4, P5, UNTIL, SET_FROM, SET_TO = range(8)
"""Columns of the parts ``more``: the event's parts, the first day after it, its schedule as a range of `Schedule`."""


@compiled
def load(f: Fold, rows: Records[Row], s: Schedule, start: int, stop: int) -> None:
    """Put a schedule behind the instalments that have fallen due."""
    if f.next + stop - start + 1 > len(rows):
        f.fault = NO_ROOM
        return
    f.size = f.next
    for k in range(start, stop):
        f.size += 1
        row = rows[f.size]
        clear_row(row, s.due[k], s.days[k], f.grace)
        row.principal = s.principal[k]
        row.interest = s.interest[k]
        row.given_interest = s.interest[k]
        row.given_fee = s.fee[k]
        row.fee = s.fee[k]
    standing = 0
    for i in range(f.size, f.next, -1):
        standing += rows[i].principal
        rows[i].given_on = standing
    f.ends = f.size
    f.level = 0
    f.closed = 0


@compiled
def place(t: Terms, day: int) -> int:
    """A day as a number that grows by the days of interest."""
    return place_30e_360(day, t.holiday_shift == FOLLOWING) if t.thirty_360 else day


@compiled
def plain(t: Terms, day: int) -> int:
    """The same where the end of February stands for itself."""
    return place_30e_360(day, False) if t.thirty_360 else day  # noqa: FBT003  # no keywords in machine code


@compiled
def agrees(t: Terms, first: int, at: int) -> bool:
    """Whether the first row may have moved from where a first day puts it."""
    return 0 <= (first - at if t.holiday_shift == FOLLOWING else at - first) <= MOVED_MAX


@compiled
def short(t: Terms, begins: int, closest: int, due: int, days: int) -> bool:
    """Whether a month that begins or ends in February counts from this place: `core.schedule`."""
    if not t.thirty_360 or t.period_months == 0 or days % 30 != 0:
        return False
    at = plain(t, begins)
    year, month, day = civil(begins)
    last = month_length(year, 2)
    if month == 2 and day == last and at <= closest < at + 31 - last:
        return True
    year, month, _ = civil(due)
    last = month_length(year, 2)
    return bool(month == 2 and day > last and closest == at - min(day, 30) + last)


@compiled
def origin(f: Fold, t: Terms, s: Schedule, drawn: int) -> int:
    """The place from which the days of the contract's periods count."""
    first = int(place(t, s.due[f.contract_from]) - s.days[f.contract_from])
    closest, gone = first, 0
    for k in range(f.contract_from, f.contract_to):
        gone += s.days[k]
        at = place(t, s.due[k]) - gone
        closest = min(closest, at) if t.holiday_shift == FOLLOWING else max(closest, at)
    if t.begins_tell != 0:
        begins = f.begins if f.begins != NO_DAY else drawn
        if begins == NO_DAY or closest in (place(t, begins), plain(t, begins)):
            return int(closest)
        if short(t, begins, closest, s.due[f.contract_from], s.days[f.contract_from]):
            return int(closest)
        if agrees(t, first, place(t, begins)):
            return place(t, begins)
        if agrees(t, first, plain(t, begins)):
            return plain(t, begins)
    return int(closest)


@compiled
def load_contract(f: Fold, t: Terms, rows: Records[Row], s: Schedule, start: int, drawn: int) -> None:
    """Put the contract's schedule from a row on, each period with its end; after an earlier row that is the mark."""
    load(f, rows, s, start, f.contract_to)
    if f.fault != 0 or t.holiday_shift == NO_SHIFT or f.contract_from == f.contract_to:
        return
    at = origin(f, t, s, drawn)
    for k in range(f.contract_from, f.contract_to):
        due = place(t, s.due[k])
        end = at + s.days[k]
        moved = due - end if t.holiday_shift == FOLLOWING else end - due
        at = due
        day = int(s.due[k])
        if 0 < moved <= MOVED_MAX:
            at = end
            day = day_at_30e_360(end) if t.thirty_360 else end
        if k >= start:
            rows[f.next + 1 + k - start].ends = day
        else:
            f.mark = day


@compiled
def first_days(t: Terms, method: int, start: int, end: int) -> int:
    """The days of interest of a first period, which under 30/360 may be whole months; that of a bullet is its term."""
    months = t.period_months
    if method == BULLET and months != 0:
        year, month, _ = civil(start)
        last_year, last_month, _ = civil(end)
        months = 12 * (last_year - year) + last_month - month
    whole = months != 0 and (end == add_months(start, months) or start == add_months(end, -months))
    return 30 * months if whole and t.thirty_360 else days_between(start, end, t.thirty_360)


@compiled
def count_from(f: Fold, t: Terms, rows: Records[Row], begun: int, skipped: int) -> bool:
    """Let no period count days before the money was out, today; whether one did, its schedule having ``begun``.

    ``skipped`` are the contract's instalments that were due before.
    """
    whole = t.begins_tell == 0 and skipped == 0 and f.size > f.next
    if begun == f.day or (whole and f.day < rows[f.next + 1].ends):
        return False
    changed = False
    for i in range(f.next + 1, f.size + 1):
        row = rows[i]
        days = max(first_days(t, f.method, f.day, row.ends), 0) if row.days != 0 else 0
        changed = changed or row.days != days
        row.days = days
        if row.ends >= f.day:
            break
        row.ends = f.day
    return changed


@compiled
def level_from_scratch(f: Fold, t: Terms, rows: Records[Row], limbs: NDArray[np.int64], principal: int) -> int:
    """The level instalment, or for equal principal the level part, over the instalments not yet due."""
    count = f.ends - f.next
    if f.method == EQUAL_PRINCIPAL:
        return half_up(principal // count, principal % count, count)
    if f.method != EQUAL_INSTALMENT:
        return 0
    rate = f.rate
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
        f.fault = TOO_LONG
        return 0
    return level_instalment(limbs, principal)


@written_in
def lay_anew(f: Fold, principal: int, level: int, keep: int) -> None:
    """Ask that ``principal`` be laid anew on the instalments not yet due, when the event at hand is done.

    A ``level`` other than 0 keeps a former one; ``keep`` keeps the principal of each instalment.
    """
    f.lay = principal
    f.lay_level = level
    f.lay_shorter = 0
    f.lay_keep = keep


@compiled
def recast(f: Fold, t: Terms, rows: Records[Row], limbs: NDArray[np.int64]) -> None:
    """Lay principal anew as `lay_anew` asked; with no instalment left it is due at once."""
    principal = f.lay
    f.lay = -1
    if principal != 0:
        f.closed = 0
    if f.next >= f.ends:
        rows[0].principal += principal
        return
    if f.method == FREE:
        recast_given(f, t, rows, principal)
    else:
        if f.lay_keep == 0:
            lay_principal(f, t, rows, limbs, principal)
        lay_interest(f, t, rows, principal)
    for i in range(f.next + 1, f.size + 1):
        row = rows[i]
        fallen = principal == 0 and row.interest == 0 and (row.given_on != 0 or f.method != FREE)
        row.fee = 0 if fallen or f.closed != 0 else row.given_fee
        row.interest = 0 if f.closed != 0 else row.interest
        principal -= row.principal


@compiled
def lay_principal(f: Fold, t: Terms, rows: Records[Row], limbs: NDArray[np.int64], principal: int) -> None:
    """Lay principal on the instalments not yet due as if interest were never paused."""
    shorter = f.lay_level != 0 or f.lay_shorter != 0
    f.level = f.lay_level
    if f.lay_level == 0:
        f.level = level_from_scratch(f, t, rows, limbs, principal + f.lay_shorter)
    balance = principal
    last = 0
    for i in range(f.next + 1, f.ends + 1):
        row = rows[i]
        if i == f.ends:
            row.principal = balance
        elif f.method == EQUAL_INSTALMENT:
            carried = f.unpaused if i == f.next + 1 else row.ahead_unpaused
            carried_rest = f.unpaused_rest if i == f.next + 1 else row.ahead_unpaused_rest
            whole, left = grown(balance, f.rate, row.days, carried_rest, t.denominator)
            row.principal = min(max(f.level - half_up(carried + whole, left, t.denominator), 0), balance)
        elif f.method == EQUAL_PRINCIPAL:
            row.principal = min(f.level, balance)
        else:
            row.principal = 0
        if row.principal != 0:
            last = i
        balance -= row.principal
    if shorter and last != 0:
        f.ends = last


@compiled
def lay_interest(f: Fold, t: Terms, rows: Records[Row], principal: int) -> None:
    """Reckon interest, at the rate that holds now, on instalments whose principal is laid."""
    balance = principal
    rate = rate_now(f)
    for i in range(f.next + 1, f.size + 1):
        row = rows[i]
        if balance < 0:
            f.fault = NEGATIVE
            return
        carried = f.carried if i == f.next + 1 else row.ahead
        carried_rest = f.carried_rest if i == f.next + 1 else row.ahead_rest
        whole, left = grown(balance, rate, row.days, carried_rest, t.denominator)
        row.interest = half_up(carried + whole, left, t.denominator)
        balance -= row.principal


@compiled
def recast_given(f: Fold, t: Terms, rows: Records[Row], principal: int) -> None:
    """Lower what the lender gave to the principal and days that stand, and to our own figure where there is a rate."""
    balance = principal
    rate = rate_now(f)
    for i in range(f.next + 1, f.size + 1):
        row = rows[i]
        if balance < 0:
            f.fault = NEGATIVE
            return
        base = balance if row.given_on != 0 else 1
        bearing = 0
        if row.period_days == 0:
            bearing = base
        elif f.interest_pauses == 0:
            bearing = base * row.days
        bearing += f.stood if i == f.next + 1 else row.ahead_stood
        row.by_rate = 1 if f.rated != 0 and row.given_on != 0 and row.period_days != 0 else 0
        interest = share(row.given_interest, bearing, max(row.given_on, 1) * max(row.period_days, 1))
        if row.by_rate != 0:
            carried = f.carried if i == f.next + 1 else row.ahead
            carried_rest = f.carried_rest if i == f.next + 1 else row.ahead_rest
            whole, left = grown(balance, rate, row.days, carried_rest, t.denominator)
            interest = min(interest, half_up(carried + whole, left, t.denominator))
        row.interest = interest
        row.principal = balance
        if i < f.size:
            row.principal = min(row.given_on - rows[i + 1].given_on, balance)
        balance -= row.principal
