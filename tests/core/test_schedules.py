"""Schedules against numpy-financial and against the balance equation solved in fractions."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from random import Random

import numpy_financial as npf
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from duecourse.core.contract import LevelFrom, Method, Terms
from duecourse.core.days import EVERY_DAY, Calendar, DayCount, HolidayShift, days_between
from duecourse.core.money import PPM, half_up
from duecourse.core.schedule import grid, lay, level_fractions, level_instalment, period_ends, stand
from duecourse.law.workdays import rest_days
from tests.random_loans import LONG_REST, REST

CONTRACTS = 5_000


def _months_later(day: date, months: list[int]) -> list[date]:
    """By Polars' calendar: the same day of the month, or its last."""
    spans = pl.lit(pl.Series([f"{n}mo" for n in months]))
    return list(pl.select(pl.lit(day).dt.offset_by(spans)).to_series())


def _contract(rng: Random) -> tuple[int, int, int, int]:
    """Principal in minor units, annual ppm, months in a period, number of periods."""
    principal = rng.choice([rng.randrange(1_000, 10**6), rng.randrange(10**6, 10**9)])
    rate = rng.choice([rng.randrange(1, 900_000), rng.choice([12_000, 43_500, 90_000, 180_000, 240_000])])
    return principal, rate, rng.choice([1, 1, 1, 3, 6]), rng.randint(1, 60)


def test_level_instalment_equals_numpy_financial_to_the_cent() -> None:
    rng = Random(561)
    with localcontext() as context:
        context.prec = 60
        for _ in range(CONTRACTS):
            principal, rate, months, count = _contract(rng)
            terms = Terms(method=Method.EQUAL_INSTALMENT, rate_ppm=rate, period_months=months)
            periodic = Decimal(rate) * months / Decimal(12 * PPM)
            exact = -npf.pmt(periodic, count, Decimal(principal))
            ours = level_instalment(principal, level_fractions(terms, rate, [30 * months] * count))
            assert ours == int(exact.to_integral_value(ROUND_HALF_UP)), (principal, rate, months, count)


def test_each_instalment_follows_numpy_financial() -> None:
    """Ours are rounded each period, theirs never: they part by less than a cent for each period gone, with growth."""
    rng = Random(560)
    for _ in range(300):
        principal, rate, months, count = _contract(rng)
        terms = Terms(method=Method.EQUAL_INSTALMENT, rate_ppm=rate, period_months=months)
        laid, _ = lay(terms, terms.method, principal=principal, rate_ppm=rate, days=[30 * months] * count)
        periodic = rate * months / (12 * PPM)
        periods = list(range(1, count + 1))
        their_interest = -npf.ipmt(periodic, periods, count, principal)
        their_principal = -npf.ppmt(periodic, periods, count, principal)
        for k in range(count - 1):
            drift = 2 + 2 * (k + 1) * (1 + periodic) ** k + principal * 1e-9
            assert abs(laid[k].interest - their_interest[k]) <= drift, (principal, rate, months, count, k)
            assert abs(laid[k].principal - their_principal[k]) <= drift, (principal, rate, months, count, k)


def test_a_schedule_rolls_forward_in_decimals() -> None:
    """Interest of each period on what is left, half up; the instalment less it; the remainder with the last."""
    rng = Random(575)
    first_due = {1: date(2024, 4, 30), 3: date(2024, 6, 30), 6: date(2024, 9, 30)}
    with localcontext() as context:
        context.prec = 60
        for _ in range(CONTRACTS):
            principal, rate, months, count = _contract(rng)
            terms = Terms(method=Method.EQUAL_INSTALMENT, rate_ppm=rate, period_months=months)
            rows = grid(terms, start=date(2024, 3, 31), first_due=first_due[months], count=count, due_day=31)
            laid, _ = lay(terms, terms.method, principal=principal, rate_ppm=rate, days=[row.days for row in rows])
            periodic = Decimal(rate) * months / Decimal(12 * PPM)
            level = (-npf.pmt(periodic, count, Decimal(principal))).to_integral_value(ROUND_HALF_UP)
            balance = Decimal(principal)
            for k, part in enumerate(laid):
                interest = (balance * periodic).to_integral_value(ROUND_HALF_UP)
                wanted = balance if k == count - 1 else min(max(level - interest, Decimal(0)), balance)
                assert (part.principal, part.interest) == (int(wanted), int(interest)), (
                    principal,
                    rate,
                    months,
                    count,
                    k,
                )
                balance -= wanted
            assert balance == 0


fractions = st.lists(st.integers(0, 400_000), min_size=1, max_size=40)


@given(st.integers(0, 10**11), fractions, st.sampled_from([365 * PPM, 12 * PPM]))
def test_level_instalment_solves_the_balance_equation(principal: int, rates: list[int], denominator: int) -> None:
    """The last balance is linear in the instalment: two runs in fractions give the root."""

    def last_balance(instalment: int) -> Fraction:
        balance = Fraction(principal)
        for rate in rates:
            balance = balance * (1 + Fraction(rate * 30, denominator)) - instalment
        return balance

    at_none, at_one = last_balance(0), last_balance(1)
    root = at_none / (at_none - at_one)
    level = level_instalment(principal, [(rate * 30, denominator) for rate in rates])
    assert level == half_up(root.numerator, root.denominator)


@given(
    st.sampled_from([m for m in Method if m is not Method.CARD]),
    st.integers(0, 10**11),
    st.integers(0, 900_000),
    st.lists(st.integers(0, 400), min_size=1, max_size=60),
    st.sampled_from(list(LevelFrom)),
)
def test_laid_principals_add_up_and_the_last_takes_the_remainder(
    method: Method, principal: int, rate: int, days: list[int], level_from: LevelFrom
) -> None:
    terms = Terms(method=method, rate_ppm=rate, day_count=DayCount.ACT_365, level_from=level_from)
    laid, _ = lay(terms, method, principal=principal, rate_ppm=rate, days=days)
    assert sum(part.principal for part in laid) == principal
    assert all(part.principal >= 0 and part.interest >= 0 for part in laid)
    balance = principal
    for part, span in zip(laid, days, strict=True):
        assert part.interest == half_up(balance * rate * span, 365 * PPM)
        balance -= part.principal


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=20), st.integers(0, 10**7))
def test_of_a_given_schedule_what_is_too_much_is_cut_from_the_end_and_the_last_takes_the_rest(
    principals: list[int], total: int
) -> None:
    left = stand(principals, total)
    assert sum(left) == total
    touched = next((k for k, (was, now) in enumerate(zip(principals, left, strict=True)) if was != now), len(left))
    assert all(now == 0 for now in left[touched + 1 :])
    assert all(now <= was for was, now in zip(principals[:-1], left[:-1], strict=True))
    assert stand(principals, sum(principals)) == principals


@given(st.dates(date(2000, 1, 1), date(2060, 12, 31)), st.integers(1, 60), st.sampled_from([1, 3, 6, 12]))
def test_due_days_equal_those_of_polars(start: date, count: int, months: int) -> None:
    terms = Terms(method=Method.INTEREST_ONLY, rate_ppm=0, period_months=months)
    wanted = _months_later(start, [months * n for n in range(1, count + 1)])
    rows = grid(terms, start=start, first_due=wanted[0], count=count, due_day=start.day)
    assert [row.due for row in rows] == wanted
    assert {row.days for row in rows} == {30 * months}


@given(
    start=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    wait=st.integers(1, 45),
    count=st.integers(1, 24),
    how=st.sampled_from(list(HolidayShift)),
    with_interest=st.booleans(),
    day_count=st.sampled_from([DayCount.ACT_360, DayCount.ACT_365]),
)
def test_days_of_interest_add_up_to_the_days_of_the_loan(
    *,
    start: date,
    wait: int,
    count: int,
    how: HolidayShift,
    with_interest: bool,
    day_count: DayCount,
) -> None:
    terms = Terms(
        method=Method.INTEREST_ONLY, rate_ppm=0, day_count=day_count, holiday_shift=how, holiday_interest=with_interest
    )
    weekends = Calendar("weekends", frozenset(), date.max, date.min)
    first_due = start + timedelta(days=wait)
    rows = grid(terms, start=start, first_due=first_due, count=count, calendar=weekends)
    unshifted = grid(terms, start=start, first_due=first_due, count=count)
    last = rows[-1].due if with_interest else unshifted[-1].due
    assert sum(row.days for row in rows) == (last - start).days
    if how is not HolidayShift.NONE:
        for row, was in zip(rows, unshifted, strict=True):
            stays = weekends.shift(was.due, how) <= start  # the working day before is not after the payout
            assert row.due == was.due if stays else row.due.weekday() < 5
            assert abs((row.due - was.due).days) <= 2


@pytest.mark.parametrize(
    ("start", "first_due", "due_day", "days"),
    [
        (date(2026, 1, 5), date(2026, 2, 5), 0, 30),
        (date(2026, 1, 5), date(2026, 2, 20), 0, 45),
        (date(2026, 1, 5), date(2026, 1, 20), 0, 15),
        (date(2026, 1, 31), date(2026, 2, 28), 31, 30),  # a whole month from the 31st
        (date(2026, 1, 31), date(2026, 2, 28), 0, 30),
        (date(2026, 2, 28), date(2026, 3, 31), 31, 30),  # a whole month to the 31st
        (date(2026, 2, 28), date(2026, 3, 31), 0, 30),
        (date(2026, 1, 30), date(2026, 3, 5), 0, 35),
        (date(2026, 1, 31), date(2026, 3, 5), 0, 35),
    ],
)
def test_days_of_a_first_period_under_30_360(start: date, first_due: date, due_day: int, days: int) -> None:
    terms = Terms(method=Method.INTEREST_ONLY, rate_ppm=0)
    rows = grid(terms, start=start, first_due=first_due, count=3, due_day=due_day)
    assert [row.days for row in rows] == [days, 30, 30]


CALENDARS = {"none": EVERY_DAY, "few": REST, "long": LONG_REST, "CN": rest_days("CN"), "US": rest_days("US")}


@settings(max_examples=500)
@given(
    day_count=st.sampled_from(list(DayCount)),
    period=st.sampled_from([(1, 0), (3, 0), (0, 7), (0, 14), (0, 30)]),
    shift=st.sampled_from([HolidayShift.FOLLOWING, HolidayShift.PRECEDING]),
    start=st.dates(date(2024, 1, 1), date(2025, 12, 31)),
    wait=st.integers(1, 62),
    count=st.integers(1, 14),
    rests=st.sampled_from(sorted(CALENDARS)),
    late=st.sampled_from([0, 0, 5, 40]),
)
def test_a_period_ends_on_the_day_from_which_its_due_day_moved(  # noqa: PLR0917
    day_count: DayCount, period: tuple[int, int], shift: HolidayShift, start: date, wait: int, count: int,
    rests: str, late: int,
) -> None:  # fmt: skip
    """From the first day, which may be later than the contract's own; under 30/360 the 30th and 31st are one day.

    Where a month begins or ends with the end of February the days of interest do not always tell; below, those that do.
    """
    terms = Terms(
        method=Method.INTEREST_ONLY, rate_ppm=0, day_count=day_count, period_months=period[0], period_days=period[1],
        holiday_shift=shift,
    )  # fmt: skip
    first = start + timedelta(days=wait)
    assume(day_count is not DayCount.THIRTY_360 or not {start, first} & {end_of_february(2024), end_of_february(2025)})
    nominal = grid(terms, start=start, first_due=first, count=count)
    moved = grid(terms, start=start, first_due=first, count=count, calendar=CALENDARS[rests])
    stays = any(one.due == other.due for one, other in zip(nominal, moved, strict=True))
    begins = [start, start - timedelta(days=late)] if stays else [start]
    found = period_ends(terms, moved, begins)
    assert [days_between(row.due, end, day_count) for row, end in zip(nominal, found, strict=True)] == [0] * count


def end_of_february(year: int) -> date:
    return date(year, 3, 1) - timedelta(days=1)


@pytest.mark.parametrize(
    ("shift", "start", "first", "count", "late"),
    [
        (HolidayShift.PRECEDING, date(2024, 1, 30), date(2024, 2, 29), 2, 0),
        (HolidayShift.PRECEDING, date(2025, 2, 28), date(2025, 3, 29), 8, 0),
        (HolidayShift.FOLLOWING, date(2025, 2, 28), date(2025, 3, 29), 3, 40),
        (HolidayShift.FOLLOWING, date(2026, 1, 30), date(2026, 2, 28), 6, 0),
        (HolidayShift.FOLLOWING, date(2026, 1, 30), date(2026, 2, 28), 10, 0),
    ],
)
@pytest.mark.parametrize("rests", ["none", "few", "long", "CN"])
def test_a_month_that_begins_or_ends_in_february_is_one_of_the_day_of_the_others(  # noqa: PLR0917
    shift: HolidayShift, start: date, first: date, count: int, late: int, rests: str
) -> None:
    terms = Terms(method=Method.INTEREST_ONLY, rate_ppm=0, holiday_shift=shift)
    nominal = grid(terms, start=start, first_due=first, count=count)
    moved = grid(terms, start=start, first_due=first, count=count, calendar=CALENDARS[rests])
    found = period_ends(terms, moved, [start, start - timedelta(days=late)])
    assert [days_between(row.due, end, DayCount.THIRTY_360) for row, end in zip(nominal, found, strict=True)] == (
        [0] * count
    )
