"""Amounts as people write them: figures, Chinese numerals, with or without their unit; in integer minor units."""

from __future__ import annotations

import re
from dataclasses import dataclass

from duecourse.core.money import exponent

_FIGURES = {**dict(zip("零一二三四五六七八九", range(10), strict=True)), "〇": 0, "两": 2, "俩": 2}
_UNITS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000}
_HAN_NUMBER = "[零〇一二两三四五六七八九十百千万]+"
_FIGURE = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d+(?:\.\d{1,2})?"

_SURE = re.compile(
    rf"(?:[¥￥$]|rmb|cny|usd)\s*(?P<a>{_FIGURE})\s*(?P<ak>[万千百kw])?(?!\d)"
    rf"|(?P<b>{_FIGURE})\s*(?P<bk>[万千百kw])?\s*(?:多|来)?(?:元|块钱?|圆|rmb|cny|usd|yuan\b|dollars?\b|bucks?\b)"
    rf"|(?P<c>{_HAN_NUMBER})(?:多|来)?(?:元|块钱?|圆)"
    rf"|(?P<d>\d+(?:\.\d+)?)\s*(?P<dk>[万千百])",
    re.IGNORECASE,
)
_LOOSE = re.compile(
    r"(?:还|付|转|先还|打|pay(?:ing|ment of)?|send(?:ing)?|transfer(?:ring)?)\s*"
    r"(?:你们?|你|给你们?|them|you|over)?\s*"
    rf"(?:(?P<a>{_FIGURE})(?![\d./:-]|\s*(?:号|日|月|天|点|th|st|nd|rd|days?|weeks?|%|am|pm))"
    rf"|(?P<c>{_HAN_NUMBER})(?![号日月天点期次周个]))",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"全部|全额|还清|结清|一次性|付清"
    r"|\b(?:in full|full (?:amount|balance|payment)|everything|all of it|the whole|pay (?:it|this) off)\b",
    re.IGNORECASE,
)
_MINOR_MAX = 10**12


@dataclass(frozen=True, slots=True)
class Said:
    """An amount, None where all that is owed is meant; and where it stands."""

    minor: int | None
    start: int
    end: int


def numeral(text: str) -> int | None:
    """A Chinese numeral as people say it; None for none.

    >>> numeral("一千五"), numeral("两万三"), numeral("三千零五十"), numeral("十五"), numeral("一二三")
    (1500, 23000, 3050, 15, 123)
    """
    if not text or any(one not in _FIGURES and one not in _UNITS for one in text):
        return None
    if not any(one in _UNITS for one in text):
        return int("".join(str(_FIGURES[one]) for one in text))
    total = section = figure = 0
    last, zero = 1, False
    for one in text:
        if one in _FIGURES:
            figure, zero = _FIGURES[one], zero or _FIGURES[one] == 0
            continue
        last, zero = _UNITS[one], False
        if last == _UNITS["万"]:
            total, section, figure = (section + figure) * last, 0, 0
        else:
            section, figure = section + (figure or 1) * last, 0
    tail = figure * (last // 10) if figure and last > 10 and not zero else figure
    return total + section + tail


def read_amount(text: str, currency: str) -> Said | None:
    """The first amount that a text names, what says its unit before what does not.

    >>> read_amount("下周五先还你500元", "CNY"), read_amount("12月20日还款1200.50元", "CNY").minor
    (Said(minor=50000, start=6, end=10), 120050)
    >>> read_amount("will send 150 next friday", "USD").minor, read_amount("还两千", "CNY").minor
    (15000, 200000)
    >>> read_amount("15号还", "CNY"), read_amount("月底一定还清", "CNY")
    (None, Said(minor=None, start=4, end=6))
    """
    for pattern in (_SURE, _LOOSE):
        for found in pattern.finditer(text):
            minor = _minor(found, currency)
            if minor is not None and 0 < minor <= _MINOR_MAX:
                return Said(minor, found.start(), found.end())
    whole = _WHOLE.search(text)
    return Said(None, whole.start(), whole.end()) if whole else None


_TIMES = {"万": 10_000, "w": 10_000, "千": 1_000, "k": 1_000, "百": 100}


def _minor(found: re.Match[str], currency: str) -> int | None:
    groups = found.groupdict()
    if groups.get("c"):
        whole = numeral(groups["c"])
        return None if whole is None else whole * int(10 ** exponent(currency))
    name = next((one for one in "abd" if groups.get(one)), None)
    if name is None:
        return None
    whole_part, _dot, part = groups[name].replace(",", "").partition(".")
    times = _TIMES.get((groups.get(f"{name}k") or "").lower(), 1)
    scale = int(10 ** exponent(currency)) * times
    return int(whole_part) * scale + (int(part) * scale // 10 ** len(part) if part else 0)
