"""The demo lender: its code, its days, its zone and its calendar. All of it is fixed, so that a seed tells the rest."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from typing import Final

import chinese_calendar

from duecourse.core.days import Calendar

LENDER_ID: Final = "demo"
NAME: Final = "演示银行（虚构）"
JURISDICTION: Final = "CN"
LENDER_TYPE: Final = "bank"
CURRENCY: Final = "CNY"
ZONE: Final = "Asia/Shanghai"
CN: Final = timezone(timedelta(hours=8))
"""The offset of Asia/Shanghai over all of the demo's years."""

FIRST_DAY: Final = date(2024, 6, 18)
"""The history begins here, 24 months before its end."""

LAST_DAY: Final = date(2026, 6, 18)
"""The last day of the history: a Thursday, the day before the Dragon Boat holiday, within the published LPR series."""

FULL_DAY: Final = LAST_DAY - timedelta(days=3)
"""The day of the full tape; a delta follows for each of the three days after it."""

DELTA_DAYS: Final = tuple(FULL_DAY + timedelta(days=n) for n in (1, 2, 3))
SALE_DAY: Final = date(2026, 3, 31)
"""On this day the lender sold a packet of claims it had written off."""

TAKEOVER_DAYS: Final = (date(2024, 12, 31), date(2025, 9, 30))
"""On these days the lender took over books of another one, with opening positions and no history."""

RESET_DAYS: Final = {date(2025, 1, 1): -2_500, date(2026, 1, 1): -1_000}
"""Floating rates were reset on these days, by so many ppm a year."""

RELIEF_DAY: Final = date(2025, 7, 15)
RELIEF_REGION: Final = "990300"
"""After a flood the lender gave everybody in one region ten days of grace from this day on."""

LETTERHEAD: Final = {
    "pay_at": "演示银行 App“还款”页（虚构）",
    "callback": "000-0000-0000（虚构）",
    "complaint": "000-0000-0001（虚构）",
    "complaint_authority": "演示地区金融消费者投诉热线 000-0000-0002（虚构）",
    "rate_basis": "各借款合同约定的年利率",
    "seal": "（演示，无印章）",
}
"""What the letters of the demo lender say of it; every number is one that nobody has."""

BORROWERS_PER_MILLE: Final = 700
"""Borrowers for each thousand loans."""


def end_of(day: date) -> datetime:
    """The last instant of a day at the lender."""
    return datetime.combine(day, time.max, CN)


def instant(day: date, second: int) -> datetime:
    """The instant of a second of a day at the lender."""
    return datetime(day.year, day.month, day.day, second // 3600, second // 60 % 60, second % 60, tzinfo=CN)


@cache
def calendar() -> Calendar:
    """China's rest days over the years that the demo's schedules reach and that are published."""
    first, last = date(2024, 1, 1), date(2026, 12, 31)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return Calendar("cn", frozenset(d for d in days if not chinese_calendar.is_workday(d)), first, last)
