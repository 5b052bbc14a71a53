"""Days, months and day counts, and the calendar of days on which nothing is paid.

A day is a `datetime.date` in the lender's zone. Spans are half-open: interest counts the first day, not the last
(算头不算尾).
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

FAR = date(9999, 1, 1)
"""A day later than any loan's: stands for "no end"."""


class DayCount(StrEnum):
    """How the days of a period are counted for interest, and the year they are a part of."""

    THIRTY_360 = "30/360"  # a whole month counts 30 days; parts of a month by 30E/360
    ACT_360 = "act/360"
    ACT_365 = "act/365"

    @property
    def basis(self) -> int:
        """Days in the year of this convention: 360 or 365."""
        return 365 if self is DayCount.ACT_365 else 360


def add_months(anchor: date, months: int, day_of_month: int | None = None) -> date:
    """The day ``months`` later, on ``day_of_month`` (the anchor's own by default) or the month's last day.

    >>> add_months(date(2024, 1, 31), 1), add_months(date(2024, 1, 31), 2)
    (datetime.date(2024, 2, 29), datetime.date(2024, 3, 31))
    """
    index = anchor.year * 12 + anchor.month - 1 + months
    year, month = divmod(index, 12)
    wanted = day_of_month or anchor.day
    return date(year, month + 1, min(wanted, monthrange(year, month + 1)[1]))


def days_30e_360(start: date, end: date) -> int:
    """Days between by 30E/360 (each 31st read as the 30th); additive over adjoining spans.

    >>> days_30e_360(date(2026, 1, 31), date(2026, 3, 31))
    60
    """
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + min(end.day, 30) - min(start.day, 30)


def days_between(start: date, end: date, count: DayCount) -> int:
    """Days of interest from ``start`` (included) to ``end`` (excluded) under a day count."""
    return days_30e_360(start, end) if count is DayCount.THIRTY_360 else (end - start).days


def days_added(start: date, end: date, months: int, days: int, count: DayCount) -> int:
    """Days of interest in the ``months`` and ``days`` by which a day moves from ``start`` to ``end``.

    >>> days_added(date(2026, 1, 31), date(2026, 2, 28), 1, 0, DayCount.THIRTY_360)  # a whole month is 30 days
    30
    """
    return 30 * months if count is DayCount.THIRTY_360 and not days else days_between(start, end, count)


class HolidayShift(StrEnum):
    """What happens to a due day that is not a working day."""

    NONE = "none"  # the instalment stays due on that day
    FOLLOWING = "following"  # due on the next working day
    PRECEDING = "preceding"  # due on the working day before


@dataclass(frozen=True, slots=True)
class Calendar:
    """Rest days (weekends and holidays, less make-up working days) over the years for which they are published.

    Beyond ``covers_to`` only weekends are known, so every answer there is provisional.
    """

    name: str
    rest_days: frozenset[date]
    covers_from: date
    covers_to: date

    def known(self, day: date) -> bool:
        """Whether the published calendar reaches this day."""
        return self.covers_from <= day <= self.covers_to

    def rests(self, day: date) -> bool:
        """Whether nothing is paid on this day; beyond the published years, weekends only (provisional)."""
        return day in self.rest_days if self.known(day) else day.weekday() >= 5

    def shift(self, day: date, how: HolidayShift) -> date:
        """The working day to which a due day moves."""
        step = {HolidayShift.NONE: 0, HolidayShift.FOLLOWING: 1, HolidayShift.PRECEDING: -1}[how]
        while step and self.rests(day):
            day += timedelta(days=step)
        return day


EVERY_DAY = Calendar("every day", frozenset(), date.min, date.max)
"""A calendar without rest days."""
