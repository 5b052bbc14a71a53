"""The few ways to pay that are shown first: each best in something, and all others behind them."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duecourse.core.plan_choice import Best, Picked, pick
from duecourse.core.plan_options import Due, Option, OptionKind


def option(total: int, burden: int, ends: int, kind: OptionKind, months: int) -> Option:
    """A way to pay ``total`` with ``burden`` first, its last payment in month ``ends`` of years of twelve."""
    rows = (Due(date(2025, 7, 1), burden), Due(date(2026 + ends // 12, 1 + ends % 12, 1), total - burden))
    return Option(kind, months, 0, (), rows, 2, 0)


def of_role(one: Option) -> bool:
    return one.kind is OptionKind.INSTALMENTS


def told(picked: tuple[Picked, ...]) -> dict[str, list[str]]:
    return {f"{one.option.kind} {one.option.months}": [str(best) for best in one.best] for one in picked}


ALL = [
    option(1_000, 900, 2, OptionKind.INTEREST_STOP, 3),
    option(1_000, 600, 20, OptionKind.INTEREST_STOP, 24),
    option(1_100, 950, 1, OptionKind.EXTENSION, 1),
    option(1_200, 800, 8, OptionKind.INSTALMENTS, 6),
    option(1_300, 700, 14, OptionKind.INSTALMENTS, 12),
    option(1_900, 500 + 450, 60, OptionKind.RESCHEDULE, 60),
]


@pytest.mark.parametrize(
    ("left", "few"),
    [
        (None, {"interest_stop 24": ["cheapest", "lightest"], "extension 1": ["soonest"],
                "instalments 6": ["at_once"]}),
        (900, {"interest_stop 3": ["affordable"], "interest_stop 24": ["cheapest", "lightest"],
               "extension 1": ["soonest"], "instalments 6": ["at_once"]}),
        (600, {"interest_stop 24": ["affordable", "cheapest", "lightest"], "extension 1": ["soonest"],
               "instalments 6": ["at_once"]}),
        (599, {"interest_stop 24": ["cheapest", "lightest"], "extension 1": ["soonest"],
               "instalments 6": ["at_once"]}),
    ],
)  # fmt: skip
def test_the_few_are_those_that_are_best_in_something(left: int | None, few: dict[str, list[str]]) -> None:
    found, rest = pick(ALL, left=left, alone=of_role)
    assert told(found) == few
    assert [one.total for one in rest] == sorted(one.total for one in rest)


def test_of_none_there_is_none_and_what_nobody_signs_alone_is_not_at_once() -> None:
    assert pick([], left=100, alone=of_role) == ((), ())
    found, rest = pick(ALL[:1], left=None, alone=of_role)
    assert [one.best for one in found] == [(Best.CHEAPEST, Best.LIGHTEST, Best.SOONEST)]
    assert rest == ()


OPTIONS = st.lists(
    st.builds(
        option, st.integers(500, 520), st.integers(450, 460), st.integers(0, 40), st.sampled_from(OptionKind),
        st.integers(1, 60),
    ),
    unique_by=lambda one: (one.kind, one.months), max_size=30,
)  # fmt: skip


@given(OPTIONS, st.one_of(st.none(), st.integers(400, 520)), st.randoms(use_true_random=False))
def test_nothing_is_lost_or_shown_twice_and_no_other_is_better(
    options: list[Option], left: int | None, rng: Random
) -> None:
    few, rest = pick(options, left=left, alone=of_role)
    names = [(one.kind, one.months) for one in (*(each.option for each in few), *rest)]
    assert sorted(names) == sorted((one.kind, one.months) for one in options)
    assert len(few) <= len(Best)
    won = {best: one.option for one in few for best in one.best}
    if options:
        assert won[Best.CHEAPEST].total == min(one.total for one in options)
        assert won[Best.LIGHTEST].burden == min(one.burden for one in options)
        assert won[Best.SOONEST].end == min(one.end for one in options)
    fit = [one.total for one in options if left is not None and one.burden <= left]
    assert (Best.AFFORDABLE in won) == bool(fit)
    assert not fit or won[Best.AFFORDABLE].total == min(fit)
    alone = [one.total for one in options if of_role(one)]
    assert (Best.AT_ONCE in won) == bool(alone)
    assert not alone or won[Best.AT_ONCE].total == min(alone)
    mixed = list(options)
    rng.shuffle(mixed)
    assert pick(mixed, left=left, alone=of_role) == (few, rest)
