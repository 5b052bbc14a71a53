"""How values are written: days and amounts in the way of the language, amounts of China in words as well.

Values arrive as plain text (``2026-03-01``, ``12,345.67 CNY``), so that what was sealed can be printed again.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_currency

from duecourse.core.money import EXPONENTS

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_AMOUNT = re.compile(r"(-?\d{1,3}(?:,\d{3})*(?:\.\d+)?|-?\d+(?:\.\d+)?) ([A-Z]{3})")
_ENGLISH = {"US": "en_US", "IN": "en_IN", "HK": "en_HK"}
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_TENS = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")
CAPITALS_MAX = 10**15
"""Amounts of so many fen and more are not said in words."""


def locale_of(lang: str, jurisdiction: str) -> str:
    """The manner in which days and amounts are written.

    >>> locale_of("zh", "HK"), locale_of("en", "US"), locale_of("en", "CN")
    ('zh_CN', 'en_US', 'en_GB')
    """
    return "zh_CN" if lang == "zh" else _ENGLISH.get(jurisdiction, "en_GB")


@lru_cache(maxsize=4096)
def written(value: str, locale: str) -> str:
    """A day or an amount in the manner of a locale; every other text as it is.

    >>> written("2026-03-01", "zh_CN"), written("12,345.60 CNY", "zh_CN"), written("2026-03-01", "en_GB")
    ('2026年3月1日', '¥12,345.60', '1 March 2026')
    >>> written("2026-02-30", "zh_CN"), written("7 March", "en_GB"), written("1.00 USD", "en_US")
    ('2026-02-30', '7 March', '$1.00')
    """
    if _DAY.fullmatch(value):
        try:
            return format_date(date.fromisoformat(value), "long", locale)
        except ValueError:
            return value
    found = amount(value)
    # The fonts have no sign of the rupee; Rs is what was written before there was one.
    return value if found is None else format_currency(found[0], found[1], locale=locale).replace("₹", "Rs ")


def amount(value: str) -> tuple[Decimal, str] | None:
    """The number and the currency of a value that is an amount.

    >>> amount("12,345.60 CNY"), amount("3 XYZ")
    ((Decimal('12345.60'), 'CNY'), None)
    """
    found = _AMOUNT.fullmatch(value)
    if found is None or found[2] not in EXPONENTS:
        return None
    return Decimal(found[1].replace(",", "")), found[2]


def capitals(value: str) -> str:
    """An amount of renminbi in the capital numerals of certificates; any other value as it is.

    >>> capitals("100,020.05 CNY"), capitals("0.30 CNY"), capitals("1,600,000.00 CNY")
    ('人民币壹拾万零贰拾元零伍分', '人民币叁角整', '人民币壹佰陆拾万元整')
    """
    found = amount(value)
    if found is None or found[1] != "CNY" or not 0 <= found[0] * 100 < CAPITALS_MAX:
        return value
    fen = int(found[0] * 100)
    yuan, jiao, fen = fen // 100, fen // 10 % 10, fen % 10
    said = f"{_whole(yuan)}元" if yuan or not (jiao or fen) else ""
    if not (jiao or fen):
        return f"人民币{said}整"
    said += f"{_DIGITS[jiao]}角" if jiao else "零" if yuan else ""
    return f"人民币{said}{_DIGITS[fen]}分" if fen else f"人民币{said}整"


def _whole(number: int) -> str:
    """A whole number in capital numerals, by groups of four digits; skipped places are said once as 零."""
    if number == 0:
        return _DIGITS[0]
    said = ""
    for group in range((len(str(number)) - 1) // 4, -1, -1):
        four = number // 10_000**group % 10_000
        if four == 0:
            continue
        if said and (four < 1_000 or number // 10_000 ** (group + 1) % 10_000 == 0):
            said += _DIGITS[0]
        said += _four(four) + _GROUPS[group]
    return said


def _four(number: int) -> str:
    said, skipped = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            said += (_DIGITS[0] if skipped and said else "") + _DIGITS[digit] + _TENS[place]
            skipped = False
        else:
            skipped = True
    return said
