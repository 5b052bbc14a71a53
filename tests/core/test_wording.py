"""The derivation in words: the arithmetic that is shown gives the amount beside it."""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest

from duecourse.core.delinquency import explained
from duecourse.core.wording import line_words
from tests.random_loans import instant, random_loan

SHOWN = re.compile(r"([\d,]+\.\d\d) × ([\d.]+) % × (\d+) days / (\d+) \(")
DAILY = re.compile(r"([\d,]+\.\d\d) × ([\d.]+) % / (\d+) = ([\d,]+\.\d\d) a day, rounded daily, × (\d+) days")
CENT = Decimal("0.01")


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


@pytest.mark.parametrize("seed", range(60))
def test_what_is_shown_gives_the_amount(seed: int) -> None:
    """Each accrual is the change of a rounded total, so it may differ from its own product by a cent, never more."""
    _, trace = explained(random_loan(seed), date(2026, 6, 30), known=instant(date(2027, 1, 1)))
    for line in trace.lines:
        words = line_words(line, "CNY", chinese=False)
        grown = sum((Decimal(minor) for _, minor in line.moves), Decimal()) / 100
        if daily := DAILY.search(words):
            base, rate, year, each, days = daily.groups()
            day = (number(base) * Decimal(rate) / 100 / int(year)).quantize(CENT, ROUND_HALF_UP)
            assert day == number(each)
            assert number(each) * int(days) == grown
        elif shown := SHOWN.search(words):
            base, rate, days, year = shown.groups()
            assert abs(number(base) * Decimal(rate) / 100 * int(days) / int(year) - grown) <= CENT


def test_chinese_and_english_say_the_same_arithmetic() -> None:
    _, trace = explained(random_loan(3), date(2026, 6, 30), known=instant(date(2027, 1, 1)))
    for line in trace.lines:
        figures = [re.findall(r"\d[\d,.]*", line_words(line, "CNY", chinese=chinese)) for chinese in (False, True)]
        assert sorted(figures[0]) == sorted(figures[1])
