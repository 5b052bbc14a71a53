"""Schedules made for columns are those that the core makes for one loan."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duecourse.book.tape.schedules import counted, made
from duecourse.core.contract import FirstPeriod, Method, Terms
from duecourse.core.days import EVERY_DAY, Calendar, DayCount, HolidayShift
from duecourse.core.schedule import grid
from duecourse.law.workdays import rest_days
from tests.random_loans import REST

START = st.dates(date(2024, 1, 1), date(2025, 12, 31))


@settings(max_examples=300)
@given(
    method=st.sampled_from([m for m in Method if m not in {Method.FREE, Method.CARD}]),
    day_count=st.sampled_from(list(DayCount)),
    period=st.sampled_from([(1, 0), (3, 0), (12, 0), (0, 1), (0, 7), (0, 30)]),
    full=st.booleans(),
    shift=st.sampled_from(list(HolidayShift)),
    bears=st.booleans(),
    start=START,
    wait=st.integers(0, 70),
    due_day=st.sampled_from([0, 0, 1, 28, 30, 31]),
    count=st.integers(1, 14),
    calendar=st.sampled_from([EVERY_DAY, REST, rest_days("US")]),
)
def test_made_equals_the_grid(  # noqa: PLR0917
    method: Method, day_count: DayCount, period: tuple[int, int], full: bool, shift: HolidayShift, bears: bool,  # noqa: FBT001
    start: date, wait: int, due_day: int, count: int, calendar: Calendar,
) -> None:  # fmt: skip
    terms = Terms(
        method=method, rate_ppm=0, day_count=day_count, period_months=period[0], period_days=period[1],
        first_period=FirstPeriod.FULL_PERIOD if full and day_count is DayCount.THIRTY_360 else FirstPeriod.BY_DAYS,
        holiday_shift=shift, holiday_interest=bears,
    )  # fmt: skip
    first = start + timedelta(days=wait)
    expected = grid(terms, start=start, first_due=first, count=count, due_day=due_day, calendar=calendar)
    loans = pl.DataFrame({
        "loan_key": [1], "start": [start], "first_due": [first], "instalment_count": [count],
        "due_day": [due_day], "statement_day": [None], "method": [str(method)],
        "day_count": [str(day_count)], "period_months": [period[0]], "period_days": [period[1]],
        "holiday_shift": [str(shift)], "holiday_interest": [bears], "first_period": [str(terms.first_period)],
    })  # fmt: skip
    rows = made(loans, calendar)
    assert rows.select("due", "days").rows() == [(row.due, row.days) for row in expected]


@pytest.mark.parametrize("bears", [False, True])
def test_given_instalments_count_their_days(bears: bool) -> None:  # noqa: FBT001
    rows = pl.DataFrame({
        "loan_key": [1, 1, 1], "due": [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 10)],
        "days": [None, None, 9],
        "start": [date(2026, 1, 31)] * 3, "day_count": ["30/360"] * 3, "period_months": [1] * 3,
        "holiday_interest": [bears] * 3, "first_period": ["by_days"] * 3,
    }, schema_overrides={"days": pl.Int32})  # fmt: skip
    assert counted(rows)["days"].to_list() == [30, 30, 9]
