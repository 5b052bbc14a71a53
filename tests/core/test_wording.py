"""The derivation in words: the arithmetic that is shown gives the amount beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest

from duecourse.core.delinquency import Loan, explained
from duecourse.core.explain import Account
from duecourse.core.wording import line_words
from tests.random_loans import instant, random_card, random_changed_loan, random_loan

SHOWN = re.compile(r"([\d,]+\.\d\d) × ([\d.]+) % × (\d+) days? / (\d+) \(")
SHARE = re.compile(r"([\d,]+\.\d\d) × (\d+) days? / (\d+) \(")
BEARING = re.compile(r"([\d,]+\.\d\d) × ([\d,]+\.\d\d) / ([\d,]+\.\d\d) \(principal × days\) \(")
SUMMED = re.compile(r"([\d,]+\.\d\d) × ([\d.]+) % / (\d+) \(the yearly rates of \d+ days? added up\)")
DAILY = re.compile(r"([\d,]+\.\d\d) × ([\d.]+) % / (\d+) = ([\d,]+\.\d\d) a day, rounded daily, × (\d+) days?")
CENT = Decimal("0.01")


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


LIVES = [
    (draw, seed)
    for draw, count in ((random_loan, 60), (random_card, 30), (random_changed_loan, 30))
    for seed in range(count)
]


@pytest.mark.parametrize(("life", "seed"), LIVES)
@pytest.mark.parametrize("day", [date(2026, 6, 30), date(2025, 6, 18), date(2024, 7, 17)])
def test_what_is_shown_gives_the_amount(life: Callable[[int], Loan], seed: int, day: date) -> None:
    """Each accrual is the change of a rounded total, so it may differ from its own product by a cent, never more."""
    _, trace = explained(life(seed), day, known=instant(date(2027, 1, 1)))
    for line in trace.lines:
        words = line_words(line, "CNY", chinese=False)
        grown = sum((Decimal(minor) for _, minor in line.moves), Decimal()) / 100
        if parts := DAILY.search(words):
            base, rate, year, each, days = parts.groups()
            daily = (number(base) * Decimal(rate) / 100 / int(year)).quantize(CENT, ROUND_HALF_UP)
            assert daily == number(each)
            assert number(each) * int(days) == grown
        elif parts := SHOWN.search(words):
            base, rate, days, year = parts.groups()
            assert abs(number(base) * Decimal(rate) / 100 * int(days) / int(year) - grown) <= CENT
        elif parts := SHARE.search(words):
            base, days, period = parts.groups()
            assert abs(number(base) * int(days) / int(period) - grown) <= CENT
        elif parts := BEARING.search(words):
            base, so_far, whole = parts.groups()
            assert (number(base) * number(so_far) / number(whole)).quantize(CENT, ROUND_HALF_UP) == grown
        elif parts := SUMMED.search(words):
            base, rates, year = parts.groups()
            assert abs(number(base) * Decimal(rates) / 100 / int(year) - grown) <= CENT
        else:
            assert line.working is None, words


def test_interest_that_is_not_due_has_its_lines_in_every_form() -> None:
    forms = set()
    for life, seed in LIVES:
        for day in (date(2024, 7, 17), date(2024, 11, 7), date(2025, 3, 20), date(2025, 6, 18)):
            found, trace = explained(life(seed), day, known=instant(date(2027, 1, 1)))
            lines = [line for line in trace.lines if line.what == "running"]
            assert sum(minor for line in lines for _, minor in line.moves) == found.accrued
            forms |= {(line.working.share, line.working.summed) for line in lines if line.working}
    assert forms == {(False, False), (True, False), (False, True), (True, True)}


def test_chinese_and_english_say_the_same_arithmetic() -> None:
    _, trace = explained(random_loan(3), date(2026, 6, 30), known=instant(date(2027, 1, 1)))
    for line in trace.lines:
        figures = [re.findall(r"\d[\d,.]*", line_words(line, "CNY", chinese=chinese)) for chinese in (False, True)]
        assert sorted(figures[0]) == sorted(figures[1])


POSTED = re.compile(r"([\d,]+\.\d\d) × ([\d.]+) % × (\d+) days? / (\d+)")


def test_contract_interest_that_falls_due_is_derived_to_the_cent() -> None:
    derived = several = 0
    for seed in range(60):
        _, trace = explained(random_loan(seed), date(2026, 6, 30), known=instant(date(2027, 1, 1)))
        for line in trace.lines:
            if not line.posted:
                continue
            interest = Decimal(dict(line.moves)[Account.INTEREST]) / 100
            parts = POSTED.findall(line_words(line, "CNY", chinese=False))
            assert len(parts) == len(line.posted)
            whole = sum(
                (number(base) * Decimal(rate) / 100 * int(days) / int(year) for base, rate, days, year in parts),
                Decimal(),
            )
            assert whole.quantize(CENT, ROUND_HALF_UP) == interest
            derived += 1
            several += len(parts) > 1
    assert derived
    assert several, "a period in which the balance or the rate changed has a part for each"


def test_new_rates_are_said_and_a_step_of_a_rounded_sum_is_called_one() -> None:
    rates = steps = 0
    for seed in range(60):
        _, trace = explained(random_loan(seed), date(2026, 6, 30), known=instant(date(2027, 1, 1)))
        for line in trace.lines:
            words = line_words(line, "CNY", chinese=False)
            if line.what == "rate_changes":
                assert re.search(r"new rates: contract [\d.]+ %, default [\d.]+ %, compound [\d.]+ %", words)
                rates += 1
            if line.working and (parts := SHOWN.search(words)):
                base, rate, days, year = parts.groups()
                own = number(base) * Decimal(rate) / 100 * int(days) / int(year)
                shown = Decimal(line.moves[0][1]) / 100
                assert (own.quantize(CENT, ROUND_HALF_UP) != shown) == ("the step of a sum" in words)
                steps += "the step of a sum" in words
    assert rates
    assert steps
