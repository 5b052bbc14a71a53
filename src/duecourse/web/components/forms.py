"""The forms of values on screens: money, counts, shares, days, instants; in the reader's language where it matters."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from markupsafe import Markup, escape

from duecourse.core.money import plain
from duecourse.locale import Language

NOTHING = "–"
"""What stands where there is no value."""

_PPM_PER_CENT = 10_000
_LOCALES = {Language.EN: "en_GB", Language.ZH: "zh_CN"}


def money(minor: int | None, currency: str) -> str:
    """Minor units, grouped, without the currency's code, which stands in the heading.

    >>> money(1234567, "CNY")
    '12,345.67'
    """
    return NOTHING if minor is None else plain(minor, currency)


def count(number: int | None) -> str:
    """A count, grouped by thousands."""
    return NOTHING if number is None else f"{number:,}"


def share(part: int, whole: int) -> str:
    """A share in per cent with one decimal, half up.

    >>> share(1, 8), share(0, 0)
    ('12.5 %', '–')
    """
    if whole <= 0:
        return NOTHING
    tenths = (2 * 1000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10} %"


def rate(ppm: int | None) -> str:
    """Parts per million as per cent, without rounding.

    >>> rate(180000), rate(4350)
    ('18 %', '0.435 %')
    """
    if ppm is None:
        return NOTHING
    whole, rest = divmod(abs(ppm), _PPM_PER_CENT)
    digits = f"{whole}.{rest:04d}".rstrip("0").rstrip(".")
    return f"{'-' if ppm < 0 else ''}{digits} %"


def clock(second: int | None) -> str:
    """A second of the day as a clock shows it."""
    return NOTHING if second is None else f"{second // 3600:02d}:{second % 3600 // 60:02d}"


def day(value: date | None) -> str:
    """A day in tables: ISO, the same in both languages."""
    return NOTHING if value is None else value.isoformat()


def day_long(value: object, language: Language) -> str:
    """A day in sentences, or one as JSON has it: 18 Jun 2026, 2026年6月18日.

    >>> day_long("2026-06-18", Language.EN), day_long(date(2026, 6, 18), Language.ZH)
    ('18 Jun 2026', '2026年6月18日')
    """
    found = date.fromisoformat(value) if isinstance(value, str) else value
    return format_date(found, "medium", locale=_LOCALES[language]) if isinstance(found, date) else NOTHING


def instant(value: object, zone: ZoneInfo, language: Language, *, seconds: bool = False) -> str:
    """An instant in the lender's zone: 18 Jun 2026, 14:05."""
    if not isinstance(value, datetime):
        return NOTHING
    local = value.astimezone(zone)
    form = ("y年M月d日 HH:mm" if language is Language.ZH else "d MMM y, HH:mm") + (":ss" if seconds else "")
    return format_datetime(local, form, locale=_LOCALES[language])


def instant_iso(value: datetime) -> str:
    """An instant for scripts and ``<time datetime>``."""
    return value.isoformat()


def coded(text: str) -> Markup:
    """A sentence in which what stands between backticks is set as code.

    >>> coded("run `duecourse figure prepare` <now>")
    Markup('run <code>duecourse figure prepare</code> &lt;now&gt;')
    """
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped first


def parted(name: str) -> Markup:
    """An id that may be broken after its dots, colons and underscores, and nowhere else.

    >>> parted("cn.contact_x")
    Markup('cn.<wbr>contact_<wbr>x')
    """
    return Markup(re.sub(r"([.:_])(?=.)", r"\1<wbr>", str(escape(name))))  # noqa: S704 - escaped first
