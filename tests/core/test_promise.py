"""A promise is what the payments make of it, and nothing else."""

from __future__ import annotations

import doctest
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from duecourse.core import promise
from duecourse.core.promise import PromiseState, reckon

MADE = date(2026, 3, 1)
DUE = date(2026, 3, 10)
DAYS = st.integers(-5, 15).map(lambda n: MADE + timedelta(days=n))
PAYMENTS = st.lists(st.tuples(DAYS, st.integers(1, 1_000)), max_size=12)
AMOUNTS = st.integers(1, 4_000)


def state(amount: int, payments: list[tuple[date, int]], through: date) -> PromiseState:
    return reckon(amount, made=MADE, due=DUE, payments=payments, through=through).state


def test_the_examples_hold() -> None:
    found = doctest.testmod(promise)
    assert (found.failed, found.attempted > 0) == (0, True)


@given(AMOUNTS, PAYMENTS, DAYS)
def test_kept_is_paid_in_time(amount: int, payments: list[tuple[date, int]], through: date) -> None:
    found = reckon(amount, made=MADE, due=DUE, payments=payments, through=through)
    assert found.paid == sum(minor for day, minor in payments if MADE <= day <= DUE)
    assert (found.state is PromiseState.KEPT) is (found.paid >= amount)
    if found.kept_day is not None:
        assert MADE <= found.kept_day <= DUE
        assert sum(minor for day, minor in payments if MADE <= day <= found.kept_day) >= amount


@given(AMOUNTS, PAYMENTS, DAYS)
def test_nothing_is_broken_before_its_day_has_ended(
    amount: int, payments: list[tuple[date, int]], through: date
) -> None:
    if state(amount, payments, through) is PromiseState.BROKEN:
        assert through >= DUE


@given(AMOUNTS, PAYMENTS, DAYS, st.tuples(DAYS, st.integers(1, 1_000)))
def test_a_payment_more_never_breaks_a_promise(
    amount: int, payments: list[tuple[date, int]], through: date, more: tuple[date, int]
) -> None:
    if state(amount, payments, through) is PromiseState.KEPT:
        assert state(amount, [*payments, more], through) is PromiseState.KEPT


@given(AMOUNTS, PAYMENTS, DAYS, st.randoms())
def test_the_order_of_payments_does_not_matter(
    amount: int, payments: list[tuple[date, int]], through: date, rng: object
) -> None:
    turned = sorted(payments, key=lambda _one: rng.random())  # type: ignore[attr-defined]
    assert reckon(amount, made=MADE, due=DUE, payments=turned, through=through) == reckon(
        amount, made=MADE, due=DUE, payments=payments, through=through
    )
