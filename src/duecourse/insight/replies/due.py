"""Days as people say them, reckoned from the day of the message and the working days of the country."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from duecourse.core.days import Calendar
from duecourse.insight.replies.amount import numeral
from duecourse.law.workdays import rest_days

_WEEK = {**dict(zip("一二三四五六", range(6), strict=True)), "日": 6, "天": 6}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_N = r"\d{1,2}|[一二两三四五六七八九十]{1,3}"
_EN_DAY = (
    r"(?P<w>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
)
_EN_MONTH = r"(?P<m>jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)(?:[a-z]*)\.?"
AHEAD_DAYS = 200
"""A day of the month and a month that passed longer ago than this are meant of the next year."""


@dataclass(frozen=True, slots=True)
class Named:
    """A day that a text names, where it stands, and whether people work on it."""

    day: date
    start: int
    end: int
    rest: bool


def read_day(text: str, today: date, country: str) -> Named | None:
    """The first day, in the order of the patterns, that a text names and that has not passed.

    2 March 2026 is a Monday.

    >>> monday = date(2026, 3, 2)
    >>> [str(read_day(one, monday, "CN").day) for one in ("15号", "1号还", "月底", "下周五", "后天", "3天内", "周日")]
    ['2026-03-15', '2026-04-01', '2026-03-31', '2026-03-13', '2026-03-04', '2026-03-05', '2026-03-08']
    >>> [str(read_day(one, monday, "US").day) for one in ("next friday", "on friday", "march 15", "the 1st")]
    ['2026-03-13', '2026-03-06', '2026-03-15', '2026-04-01']
    >>> read_day("3个工作日内", date(2026, 9, 30), "CN").day, read_day("昨天", monday, "CN")
    (datetime.date(2026, 10, 10), None)
    """
    calendar = rest_days(country)
    for pattern, reckon in _PATTERNS:
        for found in pattern.finditer(text):
            try:
                day = reckon(found, today, calendar)
            except ValueError:  # the 31st of a month that has 30 days
                continue
            if day is not None and day >= today:
                return Named(day, found.start(), found.end(), calendar.rests(day))
    return None


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else (numeral(text) or 0)


def _last(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _month_after(day: date, months: int) -> tuple[int, int]:
    count = day.year * 12 + day.month - 1 + months
    return count // 12, count % 12 + 1


def _of_month(found: re.Match[str], today: date, _calendar: Calendar) -> date | None:
    """The n-th of this month, of the next where it has passed or the next was said."""
    number, later = _number(found["d"]), bool(found.groupdict().get("next"))
    if not 1 <= number <= 31:
        return None
    here = later or number < today.day
    year, month = _month_after(today, 1 if here else 0)
    return date(year, month, number)


def _dated(month: int, number: int, today: date) -> date:
    day = date(today.year, month, number)
    return day if (today - day).days <= AHEAD_DAYS else date(today.year + 1, month, number)


def _month_day(found: re.Match[str], today: date, _calendar: Calendar) -> date:
    return _dated(_number(found["m"]), _number(found["d"]), today)


def _english(found: re.Match[str], today: date, _calendar: Calendar) -> date:
    month = next(n for n, name in enumerate(_MONTHS, 1) if name.startswith(found["m"][:3]))
    return _dated(month, int(found["d"]), today)


def _iso(found: re.Match[str], _today: date, _calendar: Calendar) -> date:
    return date(int(found["y"]), int(found["m"]), int(found["d"]))


def _weekday(found: re.Match[str], today: date, _calendar: Calendar) -> date:
    """周五 is the next Friday that comes, this one included; 下周五 that of the next week, which begins on Monday."""
    wanted, weeks = _WEEK[found["w"]], len(found["next"] or "")
    monday = today - timedelta(days=today.weekday())
    day = monday + timedelta(days=wanted + 7 * weeks)
    return day if weeks or day >= today else day + timedelta(days=7)


def _english_weekday(found: re.Match[str], today: date, _calendar: Calendar) -> date:
    """Friday is the next that comes; next Friday is that of the next week: the later of two readings harms nobody."""
    wanted = next(n for n, name in enumerate(_DAYS) if name.startswith(found["w"][:3]))
    monday = today - timedelta(days=today.weekday())
    if found["next"]:
        return monday + timedelta(days=wanted + 7)
    day = monday + timedelta(days=wanted)
    return day if day >= today else day + timedelta(days=7)


def _working(found: re.Match[str], today: date, calendar: Calendar) -> date:
    left, day = min(_number(found.groupdict().get("n") or "1"), 60), today
    while left > 0:
        day += timedelta(days=1)
        left -= not calendar.rests(day)
    return day


def _month_end(found: re.Match[str], today: date, _calendar: Calendar) -> date:
    return _last(*_month_after(today, 1 if found["next"] else 0))


def _in(days: int) -> Callable[[re.Match[str], date, Calendar], date]:
    return lambda _found, today, _calendar: today + timedelta(days=days)


def _after(times: int) -> Callable[[re.Match[str], date, Calendar], date]:
    return lambda found, today, _calendar: today + timedelta(days=times * _number(found["n"]))


def _weekend(_found: re.Match[str], today: date, _calendar: Calendar) -> date:
    return today if today.weekday() >= 5 else today + timedelta(days=5 - today.weekday())


_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date, Calendar], date | None]], ...] = tuple(
    (re.compile(pattern), reckon)
    for pattern, reckon in (
        (r"(?P<y>20\d\d)[-年/.](?P<m>\d{1,2})[-月/.](?P<d>\d{1,2})", _iso),
        (rf"(?P<m>{_N})月(?:份)?(?P<d>\d{{1,2}}|[一二三四五六七八九十]{{1,3}})(?:号|日)?", _month_day),
        (rf"{_EN_MONTH} (?:the )?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b", _english),
        (rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_EN_MONTH}\b", _english),
        (rf"\s*(?:(?P<n>{_N})个?|下一?个)工作日", _working),
        (r"\b(?P<n>\d{1,2}) (?:business|working) days?\b", _working),
        (r"\bnext (?:business|working) day\b", _working),
        (rf"(?:(?P<next>下个?月)|(?<![月\d一二三四五六七八九十]))\s*(?P<d>{_N})(?:号|日)(?!线)", _of_month),
        (r"\b(?:the |by the |on the )(?P<d>\d{1,2})(?:st|nd|rd|th)\b", _of_month),
        (r"\s*(?P<next>下个?月)[底末]|月[底末]", _month_end),
        (r"(?:\bend of (?P<next>next )?(?:the |this )?month\b|\bmonth[- ]end\b)", _month_end),
        (r"\s*(?P<next>下*)(?:这|本)?(?:周|星期|礼拜)(?P<w>[一二三四五六日天])", _weekday),
        (rf"\b(?P<next>next )?(?:this |on |by )*{_EN_DAY}\b", _english_weekday),
        (r"大后天", _in(3)),
        (r"后天|\bday after tomorrow\b", _in(2)),
        (rf"\s*(?:过|再过)?(?P<n>{_N})天(?:之?内|以内|后|之后|时间)", _after(1)),
        (r"\b(?:in|within) (?P<n>\d{1,2}) days?\b", _after(1)),
        (rf"\s*(?P<n>{_N})(?:个)?(?:周|星期|礼拜)(?:之?内|以内|后|之后)", _after(7)),
        (r"\b(?:in|within) (?P<n>\d{1,2}) weeks?\b", _after(7)),
        (r"明天|明日|明早|明晚|\btomorrow\b|\btmrw?\b", _in(1)),
        (r"(?:这|本)?周末|\b(?:this |the )?weekend\b", _weekend),
        (
            (
                r"今天|今日|今晚|今早|现在|马上|立刻|立即|一会儿?|等会|待会|等下|下班|下午|中午|晚上|早上|分钟|正要|就去"
                r"|\btoday\b|\btonight\b|\bright now\b|\bnow\b|\bthis (?:afternoon|evening|morning)\b"
            ),
            _in(0),
        ),
    )
)
