"""Rounding, splitting, months and day counts; and every example in the core's docstrings."""

from __future__ import annotations

import doctest
import pkgutil
from collections import Counter
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from importlib import import_module

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import duecourse.core
from duecourse.core.allocation import Debt, places, share_over_debts
from duecourse.core.contract import CIVIL_CODE_ORDER, Category, Walk
from duecourse.core.days import DayCount, add_months, days_30e_360, days_between
from duecourse.core.money import BrokenInvariant, Money, Remainder, UnknownCurrency, half_up, plain, split_pro_rata

MODULES = [module.name for module in pkgutil.walk_packages(duecourse.core.__path__, "duecourse.core.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name: str) -> None:
    assert doctest.testmod(import_module(name)).failed == 0


def test_there_are_examples() -> None:
    assert sum(doctest.testmod(import_module(name)).attempted for name in MODULES) >= 10


@given(st.integers(0, 10**30), st.integers(1, 10**15))
def test_half_up_equals_decimal(numerator: int, denominator: int) -> None:
    with localcontext() as context:
        context.prec = 120
        exact = (Decimal(numerator) / Decimal(denominator)).to_integral_value(ROUND_HALF_UP)
    assert half_up(numerator, denominator) == int(exact)


@pytest.mark.parametrize(("numerator", "denominator"), [(-1, 2), (1, 0), (1, -1)])
def test_half_up_refuses_what_is_negative(numerator: int, denominator: int) -> None:
    with pytest.raises(BrokenInvariant):
        half_up(numerator, denominator)


@given(
    st.integers(0, 10**13),
    st.lists(st.integers(0, 10**13), min_size=1, max_size=30).filter(any),
    st.sampled_from(Remainder),
)
def test_a_split_adds_up_and_is_fair(total: int, weights: list[int], remainder: Remainder) -> None:
    parts = split_pro_rata(total, weights, remainder)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)
        assert weight or not part


@pytest.mark.parametrize(("total", "weights"), [(-1, [1]), (1, []), (1, [0]), (1, [2, -1])])
def test_a_split_refuses_what_has_no_answer(total: int, weights: list[int]) -> None:
    with pytest.raises(BrokenInvariant):
        split_pro_rata(total, weights)


def test_money_is_of_one_currency() -> None:
    assert Money(100, "CNY") + Money(50, "CNY") - Money(1, "CNY") == Money(149, "CNY")
    with pytest.raises(BrokenInvariant, match="CNY and USD do not add"):
        Money(100, "CNY") + Money(50, "USD")
    with pytest.raises(UnknownCurrency, match="'XXX' is not known"):
        Money(1, "XXX")


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [(0, "CNY", "0.00"), (5, "CNY", "0.05"), (123_456_789, "CNY", "1,234,567.89"), (-5, "CNY", "-0.05"),
     (1_234, "JPY", "1,234"), (1_234, "KWD", "1.234")],
)  # fmt: skip
def test_amounts_as_people_write_them(minor: int, currency: str, shown: str) -> None:
    assert plain(minor, currency) == shown


days = st.dates(date(1990, 1, 1), date(2100, 1, 1))


@given(days, st.integers(-200, 400))
def test_months_equal_those_of_polars(day: date, months: int) -> None:
    assert add_months(day, months) == pl.select(pl.lit(day).dt.offset_by(f"{months}mo")).item()


@given(days, days, days)
def test_30e_360_adds_up_over_adjoining_spans(first: date, second: date, third: date) -> None:
    assert days_30e_360(first, second) + days_30e_360(second, third) == days_30e_360(first, third)


@pytest.mark.parametrize(
    ("start", "end", "days_30", "days_actual"),
    [
        (date(2026, 1, 5), date(2026, 2, 5), 30, 31),
        (date(2026, 1, 31), date(2026, 2, 28), 28, 28),
        (date(2026, 2, 28), date(2026, 3, 31), 32, 31),
        (date(2024, 2, 29), date(2024, 3, 1), 2, 1),
        (date(2025, 2, 28), date(2025, 3, 1), 3, 1),
        (date(2026, 3, 30), date(2026, 3, 31), 0, 1),
        (date(2024, 1, 1), date(2025, 1, 1), 360, 366),
    ],
)
def test_day_counts(start: date, end: date, days_30: int, days_actual: int) -> None:
    assert days_between(start, end, DayCount.THIRTY_360) == days_30
    assert days_between(start, end, DayCount.ACT_360) == days_actual
    assert days_between(start, end, DayCount.ACT_365) == days_actual


@given(st.integers(0, 12), st.permutations(CIVIL_CODE_ORDER), st.sampled_from(list(Walk)))
def test_money_reaches_each_place_once(instalments: int, order: list[Category], walk: Walk) -> None:
    reached = list(places(instalments, order, walk))
    assert Counter(reached) == Counter((index, category) for index in range(instalments) for category in Category)


debts = st.lists(
    st.builds(
        Debt,
        ref=st.uuids().map(str),
        due_minor=st.integers(0, 10**6),
        not_due_minor=st.integers(0, 10**6),
        secured=st.booleans(),
        burden_ppm=st.sampled_from([60_000, 180_000]),
        oldest_due=st.sampled_from([date(2026, 1, 5), date(2026, 2, 5)]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda debt: debt.ref,
)


@given(st.integers(0, 10**7), debts, st.sampled_from(Remainder), st.data())
def test_a_payment_over_several_debts_is_shared_whole_and_by_rank(
    minor: int, owed: list[Debt], remainder: Remainder, data: st.DataObject
) -> None:
    designated = data.draw(st.lists(st.sampled_from([debt.ref for debt in owed]), unique=True))
    shares, left = share_over_debts(minor, owed, designated, remainder)
    taken: Counter[str] = Counter()
    for share in shares:
        assert share.minor > 0
        taken[share.ref] += share.minor
    assert taken.total() + left == minor
    assert all(taken[debt.ref] <= debt.due_minor + debt.not_due_minor for debt in owed)
    assert left == 0 or taken.total() == sum(debt.due_minor + debt.not_due_minor for debt in owed)
    if not designated:
        not_due_taken = any(taken[debt.ref] > debt.due_minor for debt in owed)
        assert not not_due_taken or all(taken[debt.ref] >= debt.due_minor for debt in owed)
        for better in owed:
            for worse in owed:
                if _rank(better) < _rank(worse) and taken[better.ref] < better.due_minor:
                    assert taken[worse.ref] == 0


def _rank(debt: Debt) -> tuple[bool, int, date]:
    return debt.secured, -debt.burden_ppm, debt.oldest_due
