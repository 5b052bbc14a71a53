"""Contract schedules of many loans at once: due days and days of interest, as `core.schedule.grid` has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from duecourse.core.contract import FirstPeriod, Method
from duecourse.core.days import DayCount, HolidayShift

if TYPE_CHECKING:
    from duecourse.core.days import Calendar

_THIRTY = str(DayCount.THIRTY_360)


def made(loans: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """The rows (loan_key, due, days) of loans with start, first_due, instalment_count and the columns of `USED`."""
    rows = loans.select(
        "loan_key", "start", "first_due", "method", "day_count", "period_months", "period_days", "holiday_shift",
        "holiday_interest", "first_period", n=pl.int_ranges(0, pl.col("instalment_count")),
    ).explode("n", empty_as_null=False)  # fmt: skip
    by_months = pl.col("first_due").dt.offset_by(pl.concat_str(pl.col("n") * pl.col("period_months"), pl.lit("mo")))
    by_days = pl.col("first_due") + pl.duration(days=pl.col("n") * pl.col("period_days"))
    rows = rows.with_columns(nominal=pl.when(pl.col("period_months") > 0).then(by_months).otherwise(by_days))
    rows = rows.with_columns(due=_shifted(rows, calendar))
    ends = pl.when("holiday_interest").then("due").otherwise("nominal")
    rows = rows.with_columns(end=ends).with_columns(
        begin=pl.when(pl.col("n") == 0).then("start").otherwise(pl.col("end").shift(1))
    )
    rows = rows.with_columns(days=_days(pl.col("n") == 0, always_regular=True))
    whole = rows.filter(pl.col("method") != Method.BULLET).select("loan_key", "due", "days")
    single = rows.filter(pl.col("method") == Method.BULLET)
    if single.is_empty():
        return whole
    last = single.group_by("loan_key", maintain_order=True).agg(pl.col("due").last(), pl.col("days").sum())
    return pl.concat([whole, last])


def counted(rows: pl.DataFrame) -> pl.DataFrame:
    """Days of interest of given instalments that do not say them, from the due day before (or the start).

    ``rows`` have loan_key, due, days, start and the columns of `USED`. A period that is whole months long counts as
    such under 30/360, like one that the engine made.
    """
    if not rows["days"].has_nulls():
        return rows
    rows = rows.sort("loan_key", "due").with_columns(
        n=pl.int_range(pl.len()).over("loan_key"), end=pl.col("due"), was=pl.col("due").shift(1)
    )
    rows = rows.with_columns(begin=pl.when(pl.col("n") == 0).then("start").otherwise("was"))
    days = pl.coalesce("days", _days(pl.col("n") == 0, always_regular=False))
    return rows.with_columns(days=days).drop("n", "end", "was", "begin")


def _shifted(rows: pl.DataFrame, calendar: Calendar) -> pl.Expr:
    if not calendar.rest_days or (rows["holiday_shift"] == HolidayShift.NONE).all():
        return pl.col("nominal")
    days = rows.filter(pl.col("holiday_shift") != HolidayShift.NONE)["nominal"].unique().to_list()
    shifted = pl.col("nominal")
    for how in (HolidayShift.FOLLOWING, HolidayShift.PRECEDING):
        to = [calendar.shift(day, how) for day in days]
        moved = pl.col("nominal").replace_strict(days, to, default=None, return_dtype=pl.Date)
        shifted = pl.when(pl.col("holiday_shift") == how).then(moved).otherwise(shifted)
    return shifted


def _days(first: pl.Expr, *, always_regular: bool) -> pl.Expr:
    """Days of interest from ``begin`` to ``end``; see `core.schedule`. Instalments made by months are regular."""
    begin, end, months = pl.col("begin"), pl.col("end"), pl.col("period_months")
    actual = (end - begin).dt.total_days()
    thirty = (
        360 * (end.dt.year() - begin.dt.year())
        + 30 * (end.dt.month().cast(pl.Int32) - begin.dt.month().cast(pl.Int32))
        + pl.min_horizontal(end.dt.day().cast(pl.Int32), 30)
        - pl.min_horizontal(begin.dt.day().cast(pl.Int32), 30)
    )
    # Whole months long: the end's month less the period, on the day of the begin or the month's last.
    back = end.dt.month_start().dt.offset_by(pl.concat_str(-months, pl.lit("mo")))
    reached = back.dt.month_start() + pl.duration(
        days=pl.min_horizontal(begin.dt.day().cast(pl.Int32), back.dt.month_end().dt.day().cast(pl.Int32)) - 1
    )
    regular = reached == begin
    if always_regular:
        regular = regular | ~first | (pl.col("first_period") == FirstPeriod.FULL_PERIOD)
    by_months = (months > 0) & ~pl.col("holiday_interest")
    days = (
        pl.when(pl.col("day_count") != _THIRTY)
        .then(actual)
        .when(by_months & regular)
        .then(30 * months)
        .otherwise(thirty)
    )
    return days.cast(pl.Int32)
