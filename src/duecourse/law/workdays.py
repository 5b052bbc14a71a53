"""Working days, by country: for due days that move when nothing is paid on one, and for the last day of a period of law.

China's are those published by the State Council, make-up working days taken out. Elsewhere, and beyond the years that
are published, only weekends are known, and every answer is provisional (`core.days.Calendar.known`).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import chinese_calendar

from duecourse.core.days import Calendar


@cache
def rest_days(country: str) -> Calendar:
    """The calendar of a country (ISO 3166 code)."""
    if country != "CN":
        return Calendar(f"weekends ({country})", frozenset(), date.max, date.min)
    years = sorted({day.year for day in chinese_calendar.constants.holidays})
    first, last = date(years[0], 1, 1), date(years[-1], 12, 31)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return Calendar("CN", frozenset(day for day in days if not chinese_calendar.is_workday(day)), first, last)
