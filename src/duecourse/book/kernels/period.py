"""The period of interest that runs, and what has arisen in it: `core.balance`, function by function.

Each function takes the state ``f``, the terms ``t`` and the instalments ``rows``, as those of `balance` do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from duecourse.book.kernels.calendar import days_between
from duecourse.book.kernels.compiled import compiled
from duecourse.book.kernels.exact import grown, half_up, share
from duecourse.book.kernels.records import FREE, NEGATIVE

if TYPE_CHECKING:
    from duecourse.book.kernels.records import Fold, Records, Row, Terms


@compiled
def not_due(f: Fold, rows: Records[Row]) -> int:
    """Principal that has not fallen due."""
    total = 0
    for i in range(f.next + 1, f.size + 1):
        total += rows[i].principal
    return total


@compiled
def rate_now(f: Fold) -> int:
    """The contract rate, or nothing while interest is paused."""
    return 0 if f.interest_pauses != 0 else f.rate


@compiled
def elapsed(f: Fold, t: Terms, row: Row) -> int:
    """Days of the current period that have passed since the mark."""
    return min(max(days_between(f.mark, f.day, t.thirty_360), 0), row.days)


@compiled
def bearing(f: Fold, rows: Records[Row], days: int) -> int:
    """Principal × days that bear a given interest: earlier in the current period, and ``days`` from the mark on."""
    if f.interest_pauses != 0:
        return f.stood
    return f.stood + (not_due(f, rows) if rows[f.next + 1].given_on != 0 else 1) * days


@compiled
def accrued(f: Fold, t: Terms, rows: Records[Row]) -> int:
    """Interest of the current period up to the current day, rounded as if it were posted now."""
    if f.next >= f.size:
        return 0
    row = rows[f.next + 1]
    if f.method != FREE:
        return by_rates(f, t, rows)
    if row.period_days == 0:
        return 0
    if row.interest < 0:
        f.fault = NEGATIVE
        return 0
    whole = bearing(f, rows, row.days)
    if whole == 0:
        return 0
    given = row.interest
    if row.by_rate != 0:
        given = share(row.given_interest, whole, row.given_on * row.period_days)
    even = share(given, bearing(f, rows, elapsed(f, t, row)), whole)
    return min(even, by_rates(f, t, rows)) if row.by_rate != 0 else even


@compiled
def by_rates(f: Fold, t: Terms, rows: Records[Row]) -> int:
    """Interest of the current period up to the current day at the rates of its days."""
    days = elapsed(f, t, rows[f.next + 1])
    whole, left = grown(not_due(f, rows), rate_now(f), days, f.carried_rest, t.denominator)
    return half_up(f.carried + whole, left, t.denominator)


@compiled
def forget_carried(f: Fold) -> None:
    """Let a period begin in which no interest has arisen."""
    f.carried = 0
    f.carried_rest = 0
    f.unpaused = 0
    f.unpaused_rest = 0
    f.stood = 0


@compiled
def begin_period(f: Fold, rows: Records[Row]) -> None:
    """Let a period become the current one, in which interest may have arisen while the one before was not due."""
    forget_carried(f)
    if f.next < f.size:
        row = rows[f.next + 1]
        f.carried = row.ahead
        f.carried_rest = row.ahead_rest
        f.unpaused = row.ahead_unpaused
        f.unpaused_rest = row.ahead_unpaused_rest
        f.stood = row.ahead_stood


@compiled
def settle_period(f: Fold, t: Terms, rows: Records[Row]) -> None:
    """Carry the interest of the current period up to the current day, before balance or rate change."""
    if f.next >= f.size:
        return
    row = rows[f.next + 1]
    days = elapsed(f, t, row)
    ahead = not_due(f, rows)
    whole, left = grown(ahead, rate_now(f), days, f.carried_rest, t.denominator)
    f.carried += whole
    f.carried_rest = left
    whole, left = grown(ahead, f.rate, days, f.unpaused_rest, t.denominator)
    f.unpaused += whole
    f.unpaused_rest = left
    f.stood = bearing(f, rows, days)
    row.days -= days
    settle_ahead(f, t, rows)
    f.mark = max(f.mark, f.day)


@compiled
def settle_ahead(f: Fold, t: Terms, rows: Records[Row]) -> None:
    """Carry what has arisen in the periods after one whose due day rest days moved on, and that is not yet due."""
    if max(rows[f.next + 1].ends, f.mark) >= f.day:
        return
    balance = not_due(f, rows)
    for i in range(f.next + 1, f.size):
        begun = max(rows[i].ends, f.mark)
        if begun >= f.day:
            break
        balance -= rows[i].principal
        row = rows[i + 1]
        days = min(days_between(begun, f.day, t.thirty_360), row.days)
        whole, left = grown(balance, rate_now(f), days, row.ahead_rest, t.denominator)
        row.ahead += whole
        row.ahead_rest = left
        whole, left = grown(balance, f.rate, days, row.ahead_unpaused_rest, t.denominator)
        row.ahead_unpaused += whole
        row.ahead_unpaused_rest = left
        if f.interest_pauses == 0:
            row.ahead_stood += (balance if row.given_on != 0 else 1) * days
        row.days -= days
        rows[i].ends = f.day
