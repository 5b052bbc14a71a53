"""Calendar arithmetic on days since 1970-01-01, as `core.days` does it on dates (proleptic Gregorian)."""

from __future__ import annotations

from duecourse.book.kernels.compiled import compiled


@compiled
def civil(day: int) -> tuple[int, int, int]:
    """Year, month, day of the month.

    Years begin in March here, so that the leap day is a year's last; an era is 400 years, 146,097 days.
    """
    shifted = day + 719_468
    era = shifted // 146_097
    of_era = shifted - era * 146_097
    year_of_era = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * of_year + 2) // 153
    day_of_month = of_year - (153 * month_from_march + 2) // 5 + 1
    month = month_from_march + 3 if month_from_march < 10 else month_from_march - 9
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)
    return year, month, day_of_month


@compiled
def day_number(year: int, month: int, day_of_month: int) -> int:
    """Days since 1970-01-01 of a date."""
    from_march = month - 3 if month > 2 else month + 9
    if month <= 2:
        year -= 1
    era = year // 400
    year_of_era = year - era * 400
    of_year = (153 * from_march + 2) // 5 + day_of_month - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + of_year - 719_468


@compiled
def month_length(year: int, month: int) -> int:
    """Days of a month."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


@compiled
def add_months(day: int, months: int) -> int:
    """The same day of the month some months later, or that month's last day."""
    year, month, day_of_month = civil(day)
    index = year * 12 + month - 1 + months
    year = index // 12
    month = index - year * 12 + 1
    return day_number(year, month, min(day_of_month, month_length(year, month)))


@compiled
def next_settlement(day: int, day_of_month: int) -> int:
    """The next day after ``day`` that is the given day (1 to 28) of a month."""
    year, month, today = civil(day)
    if today >= day_of_month:
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return day_number(year, month, day_of_month)


@compiled
def days_30e_360(start: int, end: int) -> int:
    """Days between by 30E/360."""
    year, month, day = civil(start)
    later_year, later_month, later_day = civil(end)
    return 360 * (later_year - year) + 30 * (later_month - month) + min(later_day, 30) - min(day, 30)


@compiled
def place_30e_360(day: int, cut: bool) -> int:  # noqa: FBT001  # no keywords in machine code
    """A day as a number that grows by the days of 30E/360; with ``cut`` the end of February is the 30th."""
    year, month, day_of_month = civil(day)
    lifted = cut and month == 2 and day_of_month == month_length(year, month)
    return 360 * year + 30 * (month - 1) + (30 if lifted else min(day_of_month, 30))


@compiled
def day_at_30e_360(place: int) -> int:
    """The day that such a number stands for, or the last of its month."""
    months = (place - 1) // 30
    year = months // 12
    month = months - year * 12 + 1
    return day_number(year, month, min(place - months * 30, month_length(year, month)))


@compiled
def days_added(start: int, end: int, months: int, days: int, thirty_360: int) -> int:
    """Days of interest in the months and days by which a day moves."""
    return 30 * months if thirty_360 and days == 0 else days_between(start, end, thirty_360)


@compiled
def days_between(start: int, end: int, thirty_360: int) -> int:
    """Days of interest from ``start`` (included) to ``end`` (excluded)."""
    return days_30e_360(start, end) if thirty_360 else end - start
