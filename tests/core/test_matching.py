"""Whose payment a line is: certain by a stated rule or not at all; the same whatever the order of the signs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duecourse.core.matching import AMOUNTS, NAMES, SCORE_MAX, By, Hint, Owed, Sign, Why, judge

A, B = 1, 2
OWED = {A: Owed(90_000, {30_000: Sign.OVERDUE, 12_000: Sign.PROMISE}), B: Owed(50_000, {30_000: Sign.OVERDUE})}


@pytest.mark.parametrize(
    ("minor", "hints", "says"),
    [
        (30_000, [], Why.NOTHING),
        (30_000, [Hint(A, Sign.LOAN, loan_key=5)], By.NAMED),
        (1, [Hint(A, Sign.VIRTUAL_ACCOUNT)], By.NAMED),
        (1, [Hint(A, Sign.NOTICE), Hint(B, Sign.NAME), Hint(B, Sign.PAYER)], By.NAMED),  # somebody else pays
        (1, [Hint(A, Sign.LOAN), Hint(B, Sign.LOAN)], Why.SEVERAL),
        (1, [Hint(A, Sign.LOAN), Hint(B, Sign.LINK)], Why.SEVERAL),
        (1, [Hint(A, Sign.LOAN), Hint(B, Sign.NAME)], Why.CONTRADICTED),  # a wrong figure in the number is as likely
        (30_000, [Hint(A, Sign.LOAN), Hint(B, Sign.NAME)], By.NAMED),
        (1, [Hint(A, Sign.LOAN), Hint(A, Sign.NAME), Hint(B, Sign.NAME)], By.NAMED),
        (90_000, [Hint(A, Sign.LOAN)], By.NAMED),
        (90_001, [Hint(A, Sign.LOAN)], Why.MORE_THAN_OWED),
        (1, [Hint(9, Sign.LOAN)], Why.NOTHING_OWED),
        (1, [Hint(A, Sign.LOAN_SHORT)], Why.NOT_ENOUGH),
        (1, [Hint(A, Sign.LOAN_SHORT), Hint(A, Sign.NAME, 40)], By.NAMED_AGREES),
        (30_000, [Hint(A, Sign.LOAN_SHORT)], By.NAMED_AGREES),
        (30_000, [Hint(A, Sign.LOAN_SHORT), Hint(B, Sign.LOAN_SHORT)], Why.SEVERAL),
        (1, [Hint(A, Sign.PAYER), Hint(A, Sign.NAME)], By.KNOWN_PAYER),
        (30_000, [Hint(A, Sign.PAYER)], Why.NOT_ENOUGH),  # the account alone may be a cashier's
        (1, [Hint(A, Sign.PAYER), Hint(B, Sign.PAYER), Hint(A, Sign.NAME)], Why.NOT_ENOUGH),
        (12_000, [Hint(A, Sign.PHONE), Hint(A, Sign.NAME)], By.THREE_AGREE),
        (12_001, [Hint(A, Sign.PHONE), Hint(A, Sign.NAME)], Why.NOT_ENOUGH),
        (30_000, [Hint(A, Sign.PHONE), Hint(A, Sign.NAME), Hint(B, Sign.NAME)], Why.NOT_ENOUGH),
        (30_000, [Hint(A, Sign.NAME)], Why.NOT_ENOUGH),
        (30_000, [Hint(A, Sign.NAME, 2), Hint(B, Sign.NAME, 2)], Why.SEVERAL),
    ],
)
def test_rules(minor: int, hints: list[Hint], says: By | Why) -> None:
    found = judge(minor, hints, OWED)
    assert (found.by or found.why) == says
    assert (found.by is None) != (found.why is None)


def test_the_likeliest_stands_first_and_is_explained() -> None:
    found = judge(30_000, [Hint(B, Sign.NAME), Hint(A, Sign.NAME, 3), Hint(A, Sign.PHONE)], OWED)
    assert [(one.debtor, one.score, one.signs) for one in found.proposals] == [
        (A, 350 + 100 + 180, (Sign.PHONE, Sign.NAME, Sign.OVERDUE)), (B, 300 + 180, (Sign.NAME, Sign.OVERDUE)),
    ]  # fmt: skip


hints = st.lists(
    st.builds(Hint, st.integers(1, 4), st.sampled_from(sorted(set(Sign) - AMOUNTS)), st.integers(1, 5)), max_size=8
)
amounts = st.dictionaries(st.integers(1, 5), st.sampled_from(sorted(AMOUNTS)), max_size=3)
debts = st.dictionaries(st.integers(1, 4), st.builds(Owed, st.integers(0, 5), amounts), max_size=4)


@given(st.integers(1, 6), hints, debts)
def test_the_order_of_signs_does_not_matter_and_nothing_is_certain_beyond_what_is_owed(
    minor: int, found: list[Hint], owed: dict[int, Owed]
) -> None:
    once = judge(minor, found, owed)
    assert judge(minor, found[::-1], owed) == once
    assert all(0 <= one.score <= SCORE_MAX for one in once.proposals)
    if once.by is not None:
        debtor = once.proposals[0].debtor
        assert minor <= owed[debtor].settle
        others = {one.debtor for one in found if one.sign in NAMES} - {debtor}
        assert not others, "a sign as strong that points elsewhere makes nobody certain"
