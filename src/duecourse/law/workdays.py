"""Working days, by country: for due days that move when nothing is paid, and for the last day of a period of law.

China's are those published by the State Council, make-up working days taken out. Those of the United States are the
federal holidays (5 USC 6103), on their day and on the day on which they are observed. Elsewhere, and beyond the years
that are known, only weekends are, and every answer is provisional (`core.days.Calendar.known`).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import chinese_calendar
import holidays

from duecourse.core.days import Calendar

_US_YEARS = range(1990, 2101)


@cache
def rest_days(country: str) -> Calendar:
    """The calendar of a country (ISO 3166 code)."""
    if country == "US":
        return Calendar("US", _rests_us(), date(_US_YEARS[0], 1, 1), date(_US_YEARS[-1], 12, 31))
    if country != "CN":
        return Calendar(f"weekends ({country})", frozenset(), date.max, date.min)
    years = sorted({day.year for day in chinese_calendar.constants.holidays})
    first, last = date(years[0], 1, 1), date(years[-1], 12, 31)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return Calendar("CN", frozenset(day for day in days if not chinese_calendar.is_workday(day)), first, last)


def _rests_us() -> frozenset[date]:
    first, last = date(_US_YEARS[0], 1, 1), date(_US_YEARS[-1], 12, 31)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    # With the year after: its New Year's Day may be observed on the last day of this range.
    public = holidays.country_holidays("US", years=[*_US_YEARS, _US_YEARS[-1] + 1], observed=True)
    return frozenset(day for day in days if day.weekday() >= 5 or day in public)
