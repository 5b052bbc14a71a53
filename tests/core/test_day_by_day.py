"""The definition against a reckoning that looks at each day: random loans, and a few that a hand can check."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random

import pytest

from duecourse.core.contract import GraceMode, Method, PenaltyMode, ReversalMode, Terms
from duecourse.core.days import FAR, DayCount, HolidayShift
from duecourse.core.delinquency import Loan, readings
from duecourse.core.events import PAUSE_INTEREST, PAUSE_PENALTY, Event, GridRow, Kind
from tests.core.day_by_day import DAY, MILLION, Figures, Period, Reckoning, each_day, half_up, interest_days

KNOWN = datetime(2030, 1, 1, tzinfo=UTC)
METHODS = [method for method in Method if method is not Method.CARD]
LOANS = 200
"""Of each method. Each is read on some twenty days."""
MOVED_MAX = timedelta(days=10)
"""Ten days are at most twelve days of interest; of one further off a schedule does not tell that it moved."""


@dataclass(frozen=True, slots=True)
class Life:
    """A loan as it was agreed and what happened to it; each instalment is paid on its due day, or none."""

    terms: Terms
    periods: list[Period]
    events: list[Event]
    paid: bool

    @property
    def until(self) -> date:
        """The last day that is looked at."""
        return max(self.periods[-1].due, *(e.effective for e in self.events)) + timedelta(days=60)

    def reckoning(self) -> Reckoning:
        """The loan day by day."""
        return Reckoning(self.terms, self.periods, self.events, self.until)

    def loan(self) -> Loan:
        """The loan as the definition reads it, its instalments paid as the reckoning lays them."""
        reckoned, events = self.reckoning(), list(self.events)
        for k, period in enumerate(reckoned.agreed if self.paid else ()):
            amount = sum(reckoned.instalment(k))
            events += [_event(Kind.PAYMENT, period.due, f"paid{k}", amount=amount)] if amount else []
        days = [interest_days(period.begins, period.ends, self.terms.day_count) for period in self.periods]
        rows = [GridRow(period.due, n, *period[3:]) for period, n in zip(self.periods, days, strict=True)]
        return Loan(ref="L", terms=self.terms, grid=tuple(rows), events=tuple(events), start=self.periods[0].begins)


def differences(life: Life, days: list[date]) -> list[str]:
    """Where the definition and the reckoning do not say the same."""
    reckoned, found = life.reckoning(), []
    for reading in readings(life.loan(), days, known=KNOWN):
        expected = reckoned.figures(reading.day, paid=life.paid)
        got = Figures(*(getattr(reading, name) for name in Figures._fields))
        if (got, reading.credit) != (expected, 0):
            found.append(f"{reading.day}: day by day {expected}, definition {got}, credit {reading.credit}")
    return found


# Random loans


def _event(
    kind: Kind, day: date, ref: str, *, amount: int = 0, parts: tuple[int, ...] = (), until: date = FAR
) -> Event:
    known = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return Event(kind=kind, effective=day, known=known, ref=ref, amount=amount, parts=parts, until=until)


def _reversal(day: date, target: str) -> Event:
    event = _event(Kind.REVERSAL, day, f"not {target}")
    return replace(event, known=event.known + timedelta(hours=2), target=target)


def random_terms(rng: Random, method: Method) -> Terms:
    """Terms with every convention that the reckoning knows; a given schedule may have no rate."""
    rate = rng.choice([36_500, 100_000, 182_500, 240_000])
    return Terms(
        method=method,
        rate_ppm=0 if method is Method.FREE and rng.random() < 0.25 else rate,
        day_count=rng.choice(list(DayCount)),
        holiday_shift=rng.choice(list(HolidayShift)),
        holiday_interest=rng.random() < 0.25,
        penalty_ppm=rng.choice([0, 182_500, 365_000]),
        penalty_mode=rng.choice(list(PenaltyMode)),
        penalty_grace=rng.choice(list(GraceMode)),
        grace_days=rng.choice([0, 0, 3]),
        reversal=rng.choice(list(ReversalMode)),
    )


def random_periods(rng: Random, terms: Terms) -> list[Period]:
    """Monthly instalments whose due days rests of up to a week move, the first period perhaps longer or shorter."""
    step = {HolidayShift.NONE: 0, HolidayShift.FOLLOWING: 1, HolidayShift.PRECEDING: -1}[terms.holiday_shift]
    while True:
        start = _not_late_in_month(date(2023, 12, 1) + timedelta(days=rng.randrange(420)))
        first = start + timedelta(days=rng.randint(14, 50))
        first = _months_later(start, 1) if rng.random() < 0.7 else _not_late_in_month(first)
        nominal = [_months_later(first, n) for n in range(rng.choice([1, 2, 3, 5]))]
        nominal = nominal[-1:] if terms.method is Method.BULLET else nominal
        rest = _rest_days(rng)
        dues = [_working_day(day, step, rest, after=start) for day in nominal]
        ends = dues if terms.holiday_interest else nominal
        periods = [Period(*each) for each in zip([start, *ends], ends, dues, strict=False)]
        apart = len(set(dues)) == len(dues)
        told = all(abs(due - day) <= MOVED_MAX for due, day in zip(dues, nominal, strict=True))
        if apart and told and all(interest_days(each.begins, each.ends, terms.day_count) > 0 for each in periods):
            return periods


def _not_late_in_month(day: date) -> date:
    return day.replace(day=min(day.day, 28))


def _months_later(day: date, months: int) -> date:
    index = 12 * day.year + day.month - 1 + months
    return date(index // 12, index % 12 + 1, day.day)


def _rest_days(rng: Random) -> set[date]:
    days = [date(2023, 11, 1) + timedelta(days=n) for n in range(900) if rng.random() < 0.04]
    return {rest for day in days for rest in each_day(day, day + timedelta(days=rng.choice([1, 2, 7])))}


def _working_day(day: date, step: int, rest: set[date], *, after: date) -> date:
    moved = day
    while step and moved in rest:
        moved += step * DAY
    return moved if moved > after else day


def given_amounts(rng: Random, terms: Terms, periods: list[Period], principal: int) -> list[Period]:
    """A schedule as the lender gives it: at the contract's rate, below or above it; perhaps all principal last."""
    parts = [principal // len(periods)] * len(periods) if rng.random() < 0.7 else [0] * len(periods)
    parts[-1] = principal - sum(parts[:-1])
    fee, rate = rng.choice([0, 200]), (terms.rate_ppm or 100_000) * rng.choice([4, 4, 3, 5]) // 4
    given, left = [], principal
    for period, part in zip(periods, parts, strict=True):
        days = interest_days(period.begins, period.ends, terms.day_count)
        year = 365 if terms.day_count is DayCount.ACT_365 else 360
        interest = half_up(Fraction(left * rate * days, year * MILLION))
        given.append(period._replace(principal=part, interest=interest, fee=fee))
        left -= part
    return given


def random_payout(rng: Random, terms: Terms, periods: list[Period], principal: int) -> list[Event]:
    """Money paid out on the first day; or it came back and was paid out again, or was paid out late."""
    start, days = periods[0].begins, (periods[-1].due - periods[0].begins).days
    again = start + timedelta(days=rng.randrange(1, min(days, 60)))
    while terms.day_count is DayCount.THIRTY_360 and again.day > 27:  # whole months from there: see `first_days`
        again -= DAY
    how = rng.random()
    if how > 0.5 or again <= start:
        return [_event(Kind.DRAWDOWN, start, "out", amount=principal)]
    late = _event(Kind.DRAWDOWN, again, "out", amount=principal)
    if how > 0.35:
        return [late]
    back = start + timedelta(days=rng.randrange(3))
    return [_event(Kind.DRAWDOWN, start, "first", amount=principal), _reversal(back, "first"), late]


def random_turns(rng: Random, payout: Event, last: date, *, paid: bool) -> list[Event]:
    """A tranche, new rates, pauses, grace and early money, between the payout and the last due day."""
    days = [payout.effective + timedelta(days=n) for n in range(1, (last - payout.effective).days)]
    if not days:
        return [payout]
    events = _tranches(rng, payout, days)
    for n in range(rng.choice([0, 1, 2, 3])):
        events += _new_rate(rng, rng.choice(days), f"rate{n}")
    for n in range(rng.choice([0, 0, 1, 2])):
        day, bits = rng.choice(days), rng.choice([PAUSE_INTEREST, PAUSE_PENALTY, PAUSE_INTEREST | PAUSE_PENALTY])
        until = day + timedelta(days=rng.randrange(1, 40))
        events.append(_event(Kind.PAUSE, day, f"pause{n}", parts=(bits,), until=until))
    if rng.random() < 0.3:
        events.append(_event(Kind.GRACE, rng.choice(days), "grace", amount=rng.randrange(8)))
    for n in range(rng.choice([0, 1, 2]) if paid else 0):
        early = rng.choice(days[: len(days) // 3 + 1])  # while it is less than what is not yet due
        amount = payout.amount // rng.choice([9, 11, 13])
        events.append(_event(Kind.PREPAYMENT, early, f"early{n}", amount=amount, parts=(0,)))
    return events


def _tranches(rng: Random, payout: Event, days: list[date]) -> list[Event]:
    if rng.random() < 0.75:
        return [payout]
    later = payout.amount // 5
    tranche = _event(Kind.DRAWDOWN, rng.choice(days), "tranche", amount=later)
    return [replace(payout, amount=payout.amount - later), tranche]


def _new_rate(rng: Random, day: date, ref: str) -> list[Event]:
    rate, default_rate = rng.choice([0, 18_250, 50_000, 120_000, 365_000]), rng.choice([-1, 90_000])
    change = _event(Kind.RATE_CHANGE, day, ref, amount=rate, parts=(default_rate, -1))
    return [change, _reversal(day + DAY, ref)] if rng.random() < 0.2 else [change]


def random_life(rng: Random, method: Method) -> Life:
    """A loan of one method whose life is drawn from a seed."""
    terms, principal = random_terms(rng, method), rng.choice([36_500_00, 12_345_67, 9_999_99])
    periods = random_periods(rng, terms)
    if method is Method.FREE:
        periods = given_amounts(rng, terms, periods, principal)
    *before, payout = random_payout(rng, terms, periods, principal)
    paid = rng.random() < 0.6
    events = before + random_turns(rng, payout, periods[-1].due, paid=paid)
    return Life(terms, periods, events, paid)


def days_of(life: Life, rng: Random) -> list[date]:
    """Days on which something happens and the days beside them, and some others, from the payout on."""
    payout = life.reckoning().payout
    turns = {event.effective for event in life.events} | {day for each in life.periods for day in (each.due, each.ends)}
    days = {day + beside * DAY for day in turns for beside in (-1, 0, 1)}
    days |= {payout + timedelta(days=rng.randrange(120)) for _ in range(5)}
    return sorted(day for day in days if payout <= day <= life.until)


def _drawn(seed: int, method: Method) -> tuple[Life, list[date]]:
    rng = Random(f"{method} {seed}")
    life = random_life(rng, method)
    return life, days_of(life, rng)


@pytest.mark.parametrize("method", METHODS)
def test_random_loans_are_as_reckoned_day_by_day(method: Method) -> None:
    read = 0
    for seed in range(LOANS):
        life, days = _drawn(seed, method)
        read += len(days)
        if wrong := differences(life, days):
            told = [life.terms, *life.periods, *sorted(life.events, key=lambda event: event.effective)]
            pytest.fail("\n".join([f"seed {seed}: {len(wrong)} days differ", wrong[0], *map(str, told)]))
    assert read > 10 * LOANS


@pytest.mark.parametrize("method", METHODS)
def test_every_turn_is_among_the_loans_drawn(method: Method) -> None:
    lives = [_drawn(seed, method)[0] for seed in range(LOANS)]
    terms = [life.terms for life in lives]
    assert {(each.day_count, each.holiday_shift) for each in terms} == {(d, h) for d in DayCount for h in HolidayShift}
    assert {(each.penalty_mode, each.penalty_grace) for each in terms} == {
        (p, g) for p in PenaltyMode for g in GraceMode
    }
    told = {kind: sum(any(e.kind is kind for e in life.events) for life in lives) for kind in Kind}
    turns = {kind for kind, often in told.items() if often > LOANS // 10}
    assert turns == {Kind.DRAWDOWN, Kind.REVERSAL, Kind.RATE_CHANGE, Kind.PAUSE, Kind.GRACE, Kind.PREPAYMENT}
    moved = {(each.due > each.ends, each.due < each.ends) for life in lives for each in life.periods}
    assert moved == {(False, False), (True, False), (False, True)}
    late = [life for life in lives if life.reckoning().late_payout]
    fallen_away = [life for life in late if len(life.reckoning().agreed) < len(life.periods)]
    assert len(late) > LOANS // 10
    assert fallen_away or method is Method.BULLET


# By hand


PLAIN = Terms(method=Method.INTEREST_ONLY, rate_ppm=182_500, day_count=DayCount.ACT_365)
JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 5) for month in (1, 2, 3, 4))
TWO_MONTHS = [Period(JANUARY, FEBRUARY, FEBRUARY), Period(FEBRUARY, MARCH, MARCH)]


def _says(life: Life, day: date, **amounts: int) -> None:
    """The reckoning and the definition say the same, and these amounts among it."""
    figures = life.reckoning().figures(day, paid=life.paid)._asdict()
    assert {name: figures[name] for name in amounts} == amounts
    assert not differences(life, [day])


def test_a_payout_that_was_made_again_bears_from_its_own_day() -> None:
    first = _event(Kind.DRAWDOWN, JANUARY, "first", amount=12_000_00)
    again = _event(Kind.DRAWDOWN, date(2026, 1, 20), "again", amount=12_000_00)
    life = Life(PLAIN, TWO_MONTHS, [first, _reversal(date(2026, 1, 6), "first"), again], paid=False)
    # a day costs 12,000.00 x 18.25% / 365 = 6.00
    _says(life, date(2026, 1, 20), accrued=0, not_due=12_000_00)
    _says(life, date(2026, 2, 4), accrued=90_00)
    _says(life, FEBRUARY, interest=96_00, due=96_00, not_due=12_000_00)
    _says(life, date(2026, 2, 6), interest=96_00, accrued=6_00)


def test_each_day_bears_on_its_own_balance_at_its_own_rate() -> None:
    terms = replace(PLAIN, method=Method.EQUAL_PRINCIPAL, rate_ppm=360_000, day_count=DayCount.ACT_360)
    out = _event(Kind.DRAWDOWN, JANUARY, "out", amount=3_600_00)
    lower = _event(Kind.RATE_CHANGE, date(2026, 1, 15), "lower", amount=180_000, parts=(-1, -1))
    early = _event(Kind.PREPAYMENT, date(2026, 1, 25), "early", amount=1_800_00, parts=(0,))
    life = Life(terms, TWO_MONTHS, [out, lower, early], paid=False)
    # 10 days at 3.60, 10 at 1.80, 11 at 0.90
    _says(life, date(2026, 1, 15), accrued=36_00, not_due=3_600_00)
    _says(life, date(2026, 1, 25), accrued=54_00, not_due=1_800_00)
    _says(life, FEBRUARY, principal=900_00, interest=63_90, not_due=900_00, accrued=0)


def test_the_days_before_the_end_of_a_period_bear_once() -> None:
    terms = Terms(method=Method.EQUAL_PRINCIPAL, rate_ppm=180_000, penalty_ppm=360_000)
    terms = replace(terms, holiday_shift=HolidayShift.PRECEDING)
    early_due = [TWO_MONTHS[0]._replace(due=date(2026, 2, 2)), TWO_MONTHS[1]]
    life = Life(terms, early_due, [_event(Kind.DRAWDOWN, JANUARY, "out", amount=1_200_00)], paid=False)
    # 1,200.00 x 18% x 30 / 360 = 18.00, up to the 5th; from then 600.00 x 36% x 10 / 360 = 6.00, the other half 3.00
    _says(life, date(2026, 2, 2), principal=600_00, interest=18_00, penalty=0, accrued=0)
    _says(life, FEBRUARY, penalty=0, accrued=0)
    _says(life, date(2026, 2, 15), interest=18_00, penalty=6_00, accrued=3_00)
    # beside it: 13 days of default interest, and 600.00 x 18% x 10 / 360 = 3.00 more
    beside = replace(life, terms=replace(terms, penalty_mode=PenaltyMode.BESIDE))
    _says(beside, date(2026, 2, 15), interest=21_00, penalty=7_80, accrued=3_00)


def test_of_a_given_schedule_laid_anew_the_lower_of_its_even_share_and_the_rates_has_arisen() -> None:
    given = [Period(JANUARY, FEBRUARY, FEBRUARY, principal=900_00, interest=31_00)]
    terms = replace(PLAIN, method=Method.FREE, rate_ppm=365_000)
    out = _event(Kind.DRAWDOWN, JANUARY, "out", amount=900_00)
    parts, until = (PAUSE_INTEREST,), date(2026, 1, 20)
    pause = _event(Kind.PAUSE, date(2026, 1, 10), "pause", parts=parts, until=until)
    life = Life(terms, given, [out, pause], paid=False)
    # the lender's day costs 1.00, ours 900.00 x 36.5% / 365 = 0.90; ten days bear nothing
    _says(life, date(2026, 1, 8), accrued=3_00)
    _says(life, date(2026, 1, 25), accrued=9_00)
    _says(life, FEBRUARY, principal=900_00, interest=18_90)
    _says(replace(life, terms=replace(terms, rate_ppm=0)), FEBRUARY, interest=21_00)


def test_equal_instalments_are_laid_for_whole_periods_at_a_new_rate() -> None:
    terms = Terms(method=Method.EQUAL_INSTALMENT, rate_ppm=120_000)
    out = _event(Kind.DRAWDOWN, JANUARY, "out", amount=3_000_00)
    lower = _event(Kind.RATE_CHANGE, FEBRUARY, "lower", amount=60_000, parts=(-1, -1))
    life = Life(terms, [*TWO_MONTHS, Period(MARCH, APRIL, APRIL)], [out, lower], paid=True)
    # 3,000.00 x 1% x 1.01^3 / (1.01^3 - 1) = 1,020.07, of which 30.00 interest
    _says(life, FEBRUARY, due=0, not_due=2_009_93)
    # 2,009.93 x 0.5% x 1.005^2 / (1.005^2 - 1) = 1,012.51, of which 10.05 interest
    _says(life, date(2026, 3, 4), accrued=9_71)
    _says(life, MARCH, due=0, not_due=1_007_47)
