"""Schedules: due days, the level instalment, and how principal and interest are laid on the instalments.

`grid` makes the due days; `lay` puts amounts on instalments not yet due. Both engines lay schedules in one way only:
at drawdown, after a cut of principal, a new rate or a restructure it is the same function on what is left.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from duecourse.core.contract import FirstPeriod, LevelFrom, Method
from duecourse.core.days import EVERY_DAY, DayCount, HolidayShift, add_months, days_between
from duecourse.core.events import GridRow
from duecourse.core.money import PPM, half_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from duecourse.core.contract import Terms
    from duecourse.core.days import Calendar

MOVED_MAX = 12
"""Days of interest by which rest days may have moved a due day; a schedule that is further off counts otherwise."""


class Laid(NamedTuple):
    """Principal and interest of one instalment, in minor units."""

    principal: int
    interest: int


def grid(
    terms: Terms,
    *,
    start: date,
    first_due: date,
    count: int,
    due_day: int = 0,
    calendar: Calendar = EVERY_DAY,
) -> tuple[GridRow, ...]:
    """The due days of ``count`` instalments and the days of interest in each period, without amounts.

    ``due_day`` is the day of the month on which they fall (31: the last of each month); 0 takes the first due day's
    own. A `Method.BULLET` loan has one instalment, due where the last of ``count`` would be. Due days move by the
    calendar, but never to before the money was out; the days of interest follow them only where the contract says so.
    """
    day = due_day or first_due.day
    nominal = [start, first_due, *(_nominal_due(terms, first_due, i, day) for i in range(1, count))]
    moves = ((day, calendar.shift(day, terms.holiday_shift)) for day in nominal[1:])
    shifted = [start, *(to if to > start else day for day, to in moves)]
    months = terms.period_months
    whole = first_due == add_months(start, months) or start == add_months(first_due, -months, day)
    days = [_period_days(terms, nominal[i], nominal[i + 1], whole=i > 0 or whole) for i in range(count)]
    if terms.holiday_interest:
        moved = [_moved(terms, one, to, day) for one, to in zip(nominal, shifted, strict=True)]
        days = [n + moved[i + 1] - moved[i] for i, n in enumerate(days)]
    if terms.method is Method.BULLET:
        return (GridRow(shifted[-1], sum(days)),)
    return tuple(GridRow(due, n) for due, n in zip(shifted[1:], days, strict=True))


def _nominal_due(terms: Terms, first_due: date, index: int, due_day: int) -> date:
    if terms.period_months:
        return add_months(first_due, index * terms.period_months, due_day)
    return first_due + timedelta(days=index * terms.period_days)


def _period_days(terms: Terms, start: date, end: date, *, whole: bool) -> int:
    if terms.day_count is not DayCount.THIRTY_360 or not terms.period_months:
        return days_between(start, end, terms.day_count)
    if whole or terms.first_period is FirstPeriod.FULL_PERIOD:
        return 30 * terms.period_months
    return days_between(start, end, terms.day_count)


def first_days(terms: Terms, start: date, end: date) -> int:
    """The days of interest of a first period, which under 30/360 may be whole months; that of a bullet is its term."""
    months = terms.period_months
    if terms.method is Method.BULLET and months:
        months = 12 * (end.year - start.year) + end.month - start.month
    if end != add_months(start, months) and start != add_months(end, -months):
        months = 0
    return (
        30 * months if months and terms.day_count is DayCount.THIRTY_360 else days_between(start, end, terms.day_count)
    )


def _moved(terms: Terms, nominal: date, to: date, due_day: int) -> int:
    """Days of interest by which a due day moved; under 30/360 one that February cut stands for the 29th or 30th."""
    if to == nominal:
        return 0
    months = terms.period_months and terms.day_count is DayCount.THIRTY_360
    cut = min(due_day, 30) - nominal.day if months and nominal == add_months(nominal, 0, due_day) else 0
    return days_between(nominal, to, terms.day_count) - max(cut, 0)


def period_ends(terms: Terms, grid: Sequence[GridRow], begins: Sequence[date]) -> list[date]:
    """Where the interest of each period of a contract's schedule ends and that of the next begins.

    It is the due day, unless rest days moved that and the days of the shift bear no interest: then the day from which
    it moved, which follows from the days of interest of the periods. Those count from one of ``begins``, the day of
    the first drawdown or the contract's own first; where neither tells, from the day that all the due days allow.
    """
    if terms.holiday_shift is HolidayShift.NONE or terms.holiday_interest:
        return [row.due for row in grid]
    later = terms.holiday_shift is HolidayShift.FOLLOWING
    dues = [_place(terms, row.due, later=later) for row in grid]
    days = () if terms.first_period is FirstPeriod.FULL_PERIOD else begins
    firsts = [_place(terms, day, later=lifted) for day in days for lifted in (later, False)]
    at = _origin(dues, grid, firsts, _short(terms, days, grid[0]), later=later)
    ends = []
    for due, row in zip(dues, grid, strict=True):
        end = at + row.days
        told = 0 < (due - end if later else end - due) <= MOVED_MAX
        at = end if told else due
        ends.append(_day_at(terms, end) if told else row.due)
    return ends


def _short(terms: Terms, begins: Iterable[date], first: GridRow) -> Iterator[int]:
    """The places that months beginning or ending in February may count from under 30/360.

    The end of February begins the month of any later day, and ends one that began on such a day.
    """
    if terms.day_count is not DayCount.THIRTY_360 or not terms.period_months or first.days % 30:
        return
    for day in begins:
        place, last = _place(terms, day, later=False), monthrange(day.year, 2)[1]
        if day.month == 2 and day.day == last:
            yield from range(place, place + 31 - last)
        last = monthrange(first.due.year, 2)[1]
        if first.due.month == 2 and day.day > last:
            yield place - min(day.day, 30) + last


def _origin(dues: list[int], grid: Sequence[GridRow], begins: list[int], short: Iterator[int], *, later: bool) -> int:
    """The place from which the days of interest count.

    All due days allow a closest one, which is right if one of them did not move; else a first day that agrees with
    the first of them, if there is one. ``short`` is what else a closest one may be.
    """
    gone, found = 0, []
    for due, row in zip(dues, grid, strict=True):
        gone += row.days
        found.append(due - gone)
    closest = (min if later else max)(found, default=0)
    if closest in {*begins, *short}:
        return closest
    agree = (at for at in begins if 0 <= (found[0] - at if later else at - found[0]) <= MOVED_MAX)
    return next(agree, closest)


def _place(terms: Terms, day: date, *, later: bool) -> int:
    """A day as a number that grows by the days of interest; the end of February may stand for the 30th of a month."""
    if terms.day_count is not DayCount.THIRTY_360:
        return day.toordinal()
    cut = later and day.month == 2 and day.day == monthrange(day.year, 2)[1]
    return 360 * day.year + 30 * (day.month - 1) + (30 if cut else min(day.day, 30))


def _day_at(terms: Terms, place: int) -> date:
    if terms.day_count is not DayCount.THIRTY_360:
        return date.fromordinal(place)
    months, day = divmod(place - 1, 30)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day + 1, monthrange(year, month + 1)[1]))


def level_instalment(principal: int, fractions: list[tuple[int, int]]) -> int:
    """The equal instalment that repays ``principal`` over periods with interest ``fractions`` (num, den), half up.

    It solves B₀ = principal, Bₖ = Bₖ₋₁·(1 + fₖ) − A, Bₙ = 0, exactly. All fractions share one denominator. With
    equal fractions it is the annuity formula P·i·(1+i)ⁿ / ((1+i)ⁿ − 1); with none, P / n.

    >>> level_instalment(1_200_000, [(7_500 * 12, 12 * PPM)] * 12)  # 12,000.00 at 9 % over 12 months
    104942
    """
    growth, annuity, scale = 1, 0, 1
    for numerator, denominator in fractions:
        growth *= denominator + numerator
        scale *= denominator
        annuity = annuity * (denominator + numerator) + scale
    return half_up(principal * growth, annuity)


def level_fractions(terms: Terms, rate_ppm: int, days: list[int]) -> list[tuple[int, int]]:
    """The interest fraction of each period from which the level instalment is reckoned."""
    if terms.level_from is LevelFrom.ACTUAL:
        return [(rate_ppm * n, terms.denominator) for n in days]
    if terms.period_months:
        return [(rate_ppm * terms.period_months, 12 * PPM)] * len(days)
    return [(rate_ppm * terms.period_days, terms.denominator)] * len(days)


def lay(
    terms: Terms,
    method: Method,
    *,
    principal: int,
    rate_ppm: int,
    days: list[int],
    carried: Sequence[int] = (),
    level: int | None = None,
    kept: list[int] | None = None,
) -> tuple[list[Laid], int]:
    """Lay ``principal`` and its interest on instalments with ``days`` of interest each; also the level used.

    ``carried`` are numerators of interest that arose earlier in the first periods. ``level`` keeps a former level
    (the instalment, or for equal principal its principal part), so that the term gets shorter. ``kept`` keeps the
    principal of each instalment and reckons interest only. The last instalment takes the remainder.
    """
    n = len(days)
    if level is None:
        level = level_of(terms, method, principal, rate_ppm, days)
    laid: list[Laid] = []
    balance = principal
    for k, span in enumerate(days):
        interest = half_up(balance * rate_ppm * span + (carried[k] if k < len(carried) else 0), terms.denominator)
        if kept is not None:
            part = kept[k]
        elif k == n - 1:
            part = balance
        elif method is Method.EQUAL_INSTALMENT:
            part = min(max(level - interest, 0), balance)
        elif method is Method.EQUAL_PRINCIPAL:
            part = min(level, balance)
        else:
            part = 0
        laid.append(Laid(part, interest))
        balance -= part
    return laid, level


def level_of(terms: Terms, method: Method, principal: int, rate_ppm: int, days: list[int]) -> int:
    """What ``principal`` is laid by: the equal instalment, or for equal principal its principal part."""
    if method is Method.EQUAL_INSTALMENT:
        return level_instalment(principal, level_fractions(terms, rate_ppm, days))
    if method is Method.EQUAL_PRINCIPAL:
        return half_up(principal, len(days))
    return 0


def stand(given: list[int], total: int) -> list[int]:
    """A given schedule's principals of which ``total`` stands: cut from the end; the last takes what is missing.

    >>> stand([100, 100, 50], 180), stand([100, 100, 50], 300)
    ([100, 80, 0], [100, 100, 100])
    """
    left = []
    for principal in given[:-1]:
        left.append(min(principal, total))
        total -= left[-1]
    return [*left, total]
