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
    """The rows (loan_key, due, days) of loans with start, first_due, due_day, instalment_count and those of `USED`.

    Of cards also statement_day.
    """
    rows = loans.select(
        "loan_key", "start", "first_due", "statement_day", "method", "day_count", "period_months", "period_days",
        "holiday_shift", "holiday_interest", "first_period", day=_due_day(),
        n=pl.int_ranges(0, pl.col("instalment_count")),
    ).explode("n", empty_as_null=False)  # fmt: skip
    first, months = pl.col("first_due"), pl.col("period_months")
    by_months = _later(first, pl.col("n") * months, pl.col("day"))
    by_days = first + pl.duration(days=pl.col("n") * pl.col("period_days"))
    nominal = pl.when(pl.col("n") == 0).then(first).when(months > 0).then(by_months).otherwise(by_days)
    rows = rows.with_columns(nominal=nominal)
    rows = rows.with_columns(due=_shifted(rows, calendar))
    rows = rows.with_columns(
        end="nominal", begin=pl.when(pl.col("n") == 0).then("start").otherwise(pl.col("nominal").shift(1))
    )
    start = pl.col("start")
    whole = (first == _later(start, months, start.dt.day())) | (start == _later(first, -months, pl.col("day")))
    regular = (pl.col("n") > 0) | whole | (pl.col("first_period") == FirstPeriod.FULL_PERIOD)
    rows = rows.with_columns(days=_days(regular))
    if rows["holiday_interest"].any():
        moved = pl.when("holiday_interest").then(_moved()).otherwise(0)
        before = pl.when(pl.col("n") == 0).then(0).otherwise(pl.col("moved").shift(1))
        days = (pl.col("days") + pl.col("moved") - before).cast(pl.Int32)
        rows = rows.with_columns(moved=moved).with_columns(days=days)
    rows = rows.with_columns(days=pl.coalesce(_from_statement(rows, "nominal"), "days"))
    several = rows.filter(pl.col("method") != Method.BULLET).select("loan_key", "due", "days")
    single = rows.filter(pl.col("method") == Method.BULLET)
    if single.is_empty():
        return several
    last = single.group_by("loan_key", maintain_order=True).agg(pl.col("due").last(), pl.col("days").sum())
    return pl.concat([several, last])


def _due_day() -> pl.Expr:
    said = pl.col("due_day").fill_null(0)
    return pl.when(said > 0).then(said).otherwise(pl.col("first_due").dt.day())


def _later(anchor: pl.Expr, months: pl.Expr, day: pl.Expr) -> pl.Expr:
    """As `core.days.add_months`: some months later, on a day of the month or its last."""
    month = anchor.dt.month_start().dt.offset_by(pl.concat_str(months, pl.lit("mo")))
    last = month.dt.month_end().dt.day().cast(pl.Int64)
    return month + pl.duration(days=pl.min_horizontal(day.cast(pl.Int64), last) - 1)


def _from_statement(rows: pl.DataFrame, payment_day: str) -> pl.Expr:
    """The days of a card's cycle: from the statement, the last of its days of the month before the payment day.

    ``payment_day`` is the one before it was moved off a day of rest, which does not move the statement.
    """
    if "statement_day" not in rows.columns:
        return pl.lit(None, pl.Int32)
    payment, day = pl.col(payment_day), pl.col("statement_day").cast(pl.Int64)
    same, before = (_later(payment, pl.lit(months), day) for months in (0, -1))
    statement = pl.when(same < payment).then(same).otherwise(before)
    days = (pl.col("due") - statement).dt.total_days().cast(pl.Int32)
    return pl.when((pl.col("method") == Method.CARD) & day.is_not_null()).then(days)


def counted(rows: pl.DataFrame) -> pl.DataFrame:
    """Days of interest of given instalments that do not say them, from the due day before (or the start).

    ``rows`` have loan_key, due, days, start and the columns of `USED`; of cards also statement_day. A period that is
    whole months long counts as such under 30/360, like one that the engine made.
    """
    if not rows["days"].has_nulls():
        return rows
    rows = rows.sort("loan_key", "due").with_columns(
        n=pl.int_range(pl.len()).over("loan_key"), end=pl.col("due"), was=pl.col("due").shift(1)
    )
    rows = rows.with_columns(begin=pl.when(pl.col("n") == 0).then("start").otherwise("was"))
    begin, end, months = pl.col("begin"), pl.col("end"), pl.col("period_months")
    whole = (end == _later(begin, months, begin.dt.day())) | (begin == _later(end, -months, end.dt.day()))
    days = pl.coalesce("days", _from_statement(rows, "due"), _days(whole))
    return rows.with_columns(days=days).drop("n", "end", "was", "begin")


def _shifted(rows: pl.DataFrame, calendar: Calendar) -> pl.Expr:
    if (rows["holiday_shift"] == HolidayShift.NONE).all():
        return pl.col("nominal")
    days = rows.filter(pl.col("holiday_shift") != HolidayShift.NONE)["nominal"].unique().to_list()
    shifted = pl.col("nominal")
    for how in (HolidayShift.FOLLOWING, HolidayShift.PRECEDING):
        to = [calendar.shift(day, how) for day in days]
        moved = pl.col("nominal").replace_strict(days, to, default=None, return_dtype=pl.Date)
        shifted = pl.when((pl.col("holiday_shift") == how) & (moved > pl.col("start"))).then(moved).otherwise(shifted)
    return shifted


def _days(regular: pl.Expr) -> pl.Expr:
    """Days of interest from ``begin`` to ``end``; a regular period of months counts 30 days each under 30/360."""
    months = pl.col("period_months")
    whole = (pl.col("day_count") == _THIRTY) & (months > 0) & regular
    return pl.when(whole).then(30 * months).otherwise(_between(pl.col("begin"), pl.col("end"))).cast(pl.Int32)


def _moved() -> pl.Expr:
    """Days of interest by which a due day moved, as `core.schedule.grid` counts them."""
    nominal, day = pl.col("nominal"), pl.col("day").cast(pl.Int32)
    cut = pl.min_horizontal(day, 30) - nominal.dt.day().cast(pl.Int32)
    is_cut = (pl.col("day_count") == _THIRTY) & (pl.col("period_months") > 0) & (nominal == nominal.dt.month_end())
    moved = _between(nominal, pl.col("due")) - pl.when(is_cut & (cut > 0)).then(cut).otherwise(0)
    return pl.when(pl.col("due") == nominal).then(0).otherwise(moved)


def _between(begin: pl.Expr, end: pl.Expr) -> pl.Expr:
    thirty = (
        360 * (end.dt.year() - begin.dt.year())
        + 30 * (end.dt.month().cast(pl.Int32) - begin.dt.month().cast(pl.Int32))
        + pl.min_horizontal(end.dt.day().cast(pl.Int32), 30)
        - pl.min_horizontal(begin.dt.day().cast(pl.Int32), 30)
    )
    return pl.when(pl.col("day_count") == _THIRTY).then(thirty).otherwise((end - begin).dt.total_days())
