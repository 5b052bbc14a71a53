"""Schedules: due days, the level instalment, and how principal and interest are laid on the instalments.

`grid` makes the due days; `lay` puts amounts on instalments not yet due. Both engines lay schedules in one way only:
at drawdown, after a cut of principal, a new rate or a restructure it is the same function on what is left.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from duecourse.core.contract import FirstPeriod, LevelFrom, Method
from duecourse.core.days import EVERY_DAY, DayCount, add_months, days_between
from duecourse.core.events import GridRow
from duecourse.core.money import PPM, half_up

if TYPE_CHECKING:
    from datetime import date

    from duecourse.core.contract import Terms
    from duecourse.core.days import Calendar


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
    calendar; the days of interest follow them only where the contract says so.
    """
    day = due_day or first_due.day
    nominal = [start, first_due, *(_nominal_due(terms, first_due, i, day) for i in range(1, count))]
    shifted = [start, *(calendar.shift(day, terms.holiday_shift) for day in nominal[1:])]
    ends = shifted if terms.holiday_interest else nominal
    months = terms.period_months
    whole = first_due == add_months(start, months) or start == add_months(first_due, -months, day)
    days = [_period_days(terms, ends[i], ends[i + 1], whole=i > 0 or whole) for i in range(count)]
    if terms.method is Method.BULLET:
        return (GridRow(shifted[-1], sum(days)),)
    return tuple(GridRow(due, n) for due, n in zip(shifted[1:], days, strict=True))


def _nominal_due(terms: Terms, first_due: date, index: int, due_day: int) -> date:
    if terms.period_months:
        return add_months(first_due, index * terms.period_months, due_day)
    return first_due + timedelta(days=index * terms.period_days)


def _period_days(terms: Terms, start: date, end: date, *, whole: bool) -> int:
    if terms.day_count is not DayCount.THIRTY_360 or not terms.period_months or terms.holiday_interest:
        return days_between(start, end, terms.day_count)
    if whole or terms.first_period is FirstPeriod.FULL_PERIOD:
        return 30 * terms.period_months
    return days_between(start, end, terms.day_count)


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
    carried: int = 0,
    level: int | None = None,
    kept: list[int] | None = None,
) -> tuple[list[Laid], int]:
    """Lay ``principal`` and its interest on instalments with ``days`` of interest each; also the level used.

    ``carried`` is the numerator of interest that arose earlier in the first period. ``level`` keeps a former level
    (the instalment, or for equal principal its principal part), so that the term gets shorter. ``kept`` keeps the
    principal of each instalment and reckons interest only. The last instalment takes the remainder.
    """
    n = len(days)
    if level is None:
        level = _level(terms, method, principal, rate_ppm, days)
    laid: list[Laid] = []
    balance = principal
    for k, span in enumerate(days):
        interest = half_up(balance * rate_ppm * span + (carried if k == 0 else 0), terms.denominator)
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


def _level(terms: Terms, method: Method, principal: int, rate_ppm: int, days: list[int]) -> int:
    if method is Method.EQUAL_INSTALMENT:
        return level_instalment(principal, level_fractions(terms, rate_ppm, days))
    if method is Method.EQUAL_PRINCIPAL:
        return half_up(principal, len(days))
    return 0


def cut_from_the_end(principals: list[int], cut: int) -> list[int]:
    """Principals of a given schedule after ``cut`` is taken from its last instalments backwards."""
    left = list(principals)
    for k in range(len(left) - 1, -1, -1):
        taken = min(cut, left[k])
        left[k] -= taken
        cut -= taken
    return left
