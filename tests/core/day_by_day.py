"""A loan reckoned a second time, the long way: every day one by one, in fractions, rounded where the conventions say.

Nothing of the engines' arithmetic is used here, only the shapes in which terms and events are written. Where the
definition goes from one change to the next and carries sums along, this looks back at each day: what stood at its end,
at which rate, and whether it was paused (`docs/conventions.md`).

It knows loans of which each instalment is paid on its due day, or none; early money is less than what is not yet due
and comes while nothing is; each period of a given schedule has principal. Rounding and base of default interest are the
contract's defaults, and there is no compound interest.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from duecourse.core.contract import GraceMode, Method, PenaltyMode, Terms
from duecourse.core.days import DayCount
from duecourse.core.events import PAUSE_INTEREST, PAUSE_PENALTY, Event, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DAY = timedelta(days=1)
MILLION = 1_000_000
MOVES = {Kind.DRAWDOWN: 1, Kind.PREPAYMENT: -1}
"""What adds to, or cuts, the principal that is not yet due."""


class Period(NamedTuple):
    """An instalment as agreed: the days that bear its interest, its due day, amounts where the lender gives them."""

    begins: date
    ends: date  # the first day of the next period
    due: date
    principal: int = 0
    interest: int = 0
    fee: int = 0


class Figures(NamedTuple):
    """What a loan's reading must say on a day; the first four are due, and ``due`` is their sum."""

    principal: int
    interest: int
    fee: int
    penalty: int
    not_due: int
    accrued: int
    due: int


def half_up(exact: Fraction) -> int:
    """The nearest whole number, halves upward."""
    return int(exact + Fraction(1, 2))


def each_day(first: date, end: date) -> Iterator[date]:
    """The days from the first one on, without the last."""
    while first < end:
        yield first
        first += DAY


def weight(day: date, count: DayCount) -> int:
    """As how many days of interest a day counts: under 30/360 a 30th as none before a 31st, 28 February as three."""
    if count is not DayCount.THIRTY_360:
        return 1
    after = day + DAY
    months = 12 * (after.year - day.year) + after.month - day.month
    return 30 * months + min(after.day, 30) - min(day.day, 30)


def interest_days(first: date, end: date, count: DayCount) -> int:
    """Days of interest of a span."""
    return sum(weight(day, count) for day in each_day(first, end))


def standing(events: Sequence[Event]) -> list[Event]:
    """Events that were not reversed, in the order in which they count."""
    reversed_ones = {event.target for event in events if event.kind is Kind.REVERSAL}
    left = [event for event in events if event.kind is not Kind.REVERSAL and event.ref not in reversed_ones]
    return sorted(left, key=lambda event: (event.effective, event.known, event.ref))


class Reckoning:
    """A loan from its payout to the day ``until``. Instalments are counted from the first one that did not fall away.

    What is laid on a day is laid for the days after it as well, by what holds at its end; so each sum over the days of
    a period is told the last day that was ``seen``.
    """

    def __init__(self, terms: Terms, periods: Sequence[Period], events: Sequence[Event], until: date) -> None:
        self.terms = terms
        self.events = standing(events)
        self.payout = next(event.effective for event in self.events if event.kind is Kind.DRAWDOWN)
        self.agreed = [period for period in periods if period.due >= self.payout]
        self.rows = range(len(self.agreed))
        self.begins = [self.payout, *(max(self.payout, period.begins) for period in self.agreed[1:])]
        self.basis = 365 if terms.day_count is DayCount.ACT_365 else 360
        self.late_payout = self.payout != periods[0].begins
        self.principal: dict[date, list[int]] = {}  # of each instalment, at the end of the day
        self.rate: dict[date, int] = {}
        self.penalty_rate: dict[date, int] = {}
        self.anew: dict[int, date] = {}  # the first day on which an instalment was laid anew
        for day in each_day(self.payout, until + DAY):
            self._live(day)

    # What happens on a day

    def _live(self, day: date) -> None:
        turns = self.turns.get(day, [])
        new_rates = [event for event in turns if event.kind is Kind.RATE_CHANGE]
        self._set_rates(day, new_rates)
        self.principal[day] = list(self.principal.get(day - DAY, [0 for _ in self.rows]))
        rows = [k for k in self.rows if self.agreed[k].due > day or day == self.payout]
        moved = sum(MOVES.get(event.kind, 0) * event.amount for event in turns)
        if rows and (moved or (new_rates and self.terms.method is Method.EQUAL_INSTALMENT)):
            self._lay(rows, sum(self.principal[day][k] for k in rows) + moved, day)
        if self._is_laid_anew_on(day, moved):
            self.anew = dict.fromkeys(rows, day) | self.anew

    def _set_rates(self, day: date, changes: list[Event]) -> None:
        self.rate[day] = self.rate.get(day - DAY, self.terms.rate_ppm)
        self.penalty_rate[day] = self.penalty_rate.get(day - DAY, self.terms.penalty_ppm)
        for event in changes:
            self.rate[day] = event.amount
            if event.parts[0] >= 0:
                self.penalty_rate[day] = event.parts[0]

    @cached_property
    def turns(self) -> dict[date, list[Event]]:
        """What happens on each day to what is not yet due."""
        kinds = {*MOVES, Kind.RATE_CHANGE}
        days = {event.effective for event in self.events}
        return {day: [e for e in self.events if e.effective == day and e.kind in kinds] for day in days}

    @cached_property
    def pauses(self) -> list[Event]:
        """Spans in which interest or default interest stands still."""
        return [event for event in self.events if event.kind is Kind.PAUSE]

    def _is_laid_anew_on(self, day: date, moved: int) -> bool:
        """Whether instalments to come are laid anew; the first payout does so where it is not as agreed."""
        if day == self.payout:
            return self.late_payout or moved != sum(period.principal for period in self.agreed)
        pauses = [pause for pause in self.pauses if pause.parts[0] & PAUSE_INTEREST]
        return bool(self.turns.get(day)) or any(day in {pause.effective, pause.until} for pause in pauses)

    # How principal is laid

    def _lay(self, rows: list[int], total: int, day: date) -> None:
        """Lay what is not yet due on the instalments to come; the last one takes the remainder."""
        left = total
        for k in rows[:-1]:
            part = min(max(self._part(k, rows, total, left, day), 0), left)
            self.principal[day][k] = part
            left -= part
        self.principal[day][rows[-1]] = left

    def _part(self, k: int, rows: list[int], total: int, left: int, day: date) -> int:
        """The principal of an instalment that is not the last, with ``left`` to be laid on it and those after it."""
        method = self.terms.method
        if method is Method.FREE:
            return self.agreed[k].principal
        if method is Method.EQUAL_PRINCIPAL:
            return half_up(Fraction(total, len(rows)))
        if method is Method.EQUAL_INSTALMENT:
            return self._level(total, len(rows), day) - self._unpaused(k, left, day)
        return 0

    def _level(self, total: int, count: int, day: date) -> int:
        """The instalment by the annuity formula: P·i·(1+i)ⁿ / ((1+i)ⁿ − 1), a month being a twelfth of the year."""
        monthly = Fraction(self.rate[day], 12 * MILLION)
        if not monthly:
            return half_up(Fraction(total, count))
        growth = (1 + monthly) ** count
        return half_up(total * monthly * growth / (growth - 1))

    def _unpaused(self, k: int, left: int, day: date) -> int:
        """Interest of a period as if none were ever paused: a pause moves no principal."""
        exact = 0
        for each in each_day(self.begins[k], self.agreed[k].ends):
            balance, rate = (self._balance(k, each), self.rate[each]) if each < day else (left, self.rate[day])
            exact += balance * rate * weight(each, self.terms.day_count)
        return half_up(self._of_a_year(exact))

    # How interest arises

    def _balance(self, k: int, day: date) -> int:
        """What bears in an instalment's period: its own principal and that of all later ones."""
        return sum(self.principal[day][k:])

    def _paused(self, day: date, what: int) -> bool:
        return any(pause.effective <= day < pause.until and pause.parts[0] & what for pause in self.pauses)

    def _rate_now(self, day: date) -> int:
        return 0 if self._paused(day, PAUSE_INTEREST) else self.rate[day]

    def _of_a_year(self, exact: int) -> Fraction:
        return Fraction(exact, self.basis * MILLION)

    def _by_rates(self, k: int, until: date, seen: date) -> int:
        """Interest of a period up to a day: each day's balance at the day's rate."""
        exact = 0
        for day in each_day(self.begins[k], min(until, self.agreed[k].ends)):
            at = min(day, seen)
            exact += self._balance(k, at) * self._rate_now(at) * weight(day, self.terms.day_count)
        return half_up(self._of_a_year(exact))

    def _bearing(self, k: int, until: date, seen: date) -> int:
        """Principal x days of a period up to a day that bear a given interest."""
        bearing = 0
        for day in each_day(self.begins[k], min(until, self.agreed[k].ends)):
            at = min(day, seen)
            if not self._paused(at, PAUSE_INTEREST):
                bearing += self._balance(k, at) * weight(day, self.terms.day_count)
        return bearing

    def _laid_anew(self, k: int, seen: date) -> bool:
        return self.anew.get(k, date.max) <= seen

    def _given(self, k: int, seen: date) -> int:
        """The lender's interest; once laid anew, in proportion to the principal and the days that bear of his."""
        agreed = self.agreed[k]
        if not self._laid_anew(k, seen):
            return agreed.interest
        reckoned_on = sum(period.principal for period in self.agreed[k:])
        whole = reckoned_on * interest_days(agreed.begins, agreed.ends, self.terms.day_count)
        return min(agreed.interest, half_up(Fraction(agreed.interest * self._bearing(k, agreed.ends, seen), whole)))

    def _interest(self, k: int, seen: date) -> int:
        """Interest of a whole period. A given one is never raised by us: the lower of the lender's and ours."""
        ours = self._by_rates(k, self.agreed[k].ends, seen)
        if self.terms.method is not Method.FREE:
            return ours
        given = self._given(k, seen)
        return min(given, ours) if self.terms.rate_ppm and self._laid_anew(k, seen) else given

    def accrued(self, day: date) -> int:
        """Interest of the running period: by the rates of its days, or a given one's even share, or the lower."""
        k = next((k for k in self.rows if self.agreed[k].due > day), None)
        if k is None:
            return 0
        ours = self._by_rates(k, day, day)
        if self.terms.method is not Method.FREE:
            return ours
        so_far, whole = (self._bearing(k, until, day) for until in (day, self.agreed[k].ends))
        even = half_up(Fraction(self._given(k, day) * so_far, whole or 1))
        return min(even, ours) if self.terms.rate_ppm and self._laid_anew(k, day) else even

    # What is due

    def instalment(self, k: int) -> tuple[int, int, int]:
        """Principal, interest and fee of an instalment on its due day, as they were laid before that day."""
        seen = max(self.agreed[k].due - DAY, self.payout)
        interest = self._interest(k, seen)
        fell_away = self._laid_anew(k, seen) and not self._balance(k, seen) and not interest
        return self.principal[seen][k], interest, 0 if fell_away else self.agreed[k].fee

    def figures(self, day: date, *, paid: bool) -> Figures:
        """The loan on a day, with each instalment paid on its due day, or none."""
        fallen = [k for k in self.rows if self.agreed[k].due <= day and not paid]
        principal, interest, fee, penalty = 0, 0, 0, 0
        for k in fallen:
            laid = self.instalment(k)
            principal += laid[0]
            interest += laid[1] + self._late_interest(k, laid[0], day)
            fee += laid[2]
            penalty += self._penalty(k, laid[0], day)
        not_due = sum(self.principal[day][k] for k in self.rows if self.agreed[k].due > day)
        due = principal + interest + fee + penalty
        return Figures(principal, interest, fee, penalty, not_due, self.accrued(day), due)

    def _late_interest(self, k: int, principal: int, day: date) -> int:
        """Contract interest that goes on beside default interest, from the due day and the end of the period on."""
        if self.terms.penalty_mode is PenaltyMode.INSTEAD:
            return 0
        begins = max(self.agreed[k].due, self.agreed[k].ends)
        return half_up(self._of_a_year(sum(principal * self._rate_now(each) for each in each_day(begins, day))))

    def _penalty(self, k: int, principal: int, day: date) -> int:
        """Default interest on overdue principal, by calendar days."""
        due, grace = self.agreed[k].due, self._grace(k)
        mode = self.terms.penalty_grace
        if mode is GraceMode.FORGIVE and day <= due + grace:
            return 0
        begins = due + grace if mode is GraceMode.SHIFT else due
        if self.terms.penalty_mode is PenaltyMode.INSTEAD:
            begins = max(begins, self.agreed[k].ends)
        rates = (self.penalty_rate[each] for each in each_day(begins, day) if not self._paused(each, PAUSE_PENALTY))
        return half_up(self._of_a_year(principal * sum(rates)))

    def _grace(self, k: int) -> timedelta:
        """The days of grace that were given last to instalments due from a day on."""
        given = [e.amount for e in self.events if e.kind is Kind.GRACE and e.effective <= self.agreed[k].due]
        return timedelta(days=[self.terms.grace_days, *given][-1])
