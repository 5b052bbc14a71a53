"""Ways to pay: whatever is worked out leaves nothing owed, and what is entered on the ledger does what was signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from duecourse.core.contract import Method, Terms
from duecourse.core.delinquency import Loan, explained, reading
from duecourse.core.events import Event, Kind
from duecourse.core.explain import Account
from duecourse.core.plan_options import Limit, Limits, Option, OptionKind, options
from duecourse.core.schedule import grid
from tests.random_loans import instant, random_card, random_loan

NO_LIMITS = Limits()
KNOWN = datetime(2026, 6, 1, tzinfo=UTC)
DAY = date(2025, 6, 10)


def overdue(*, months: int = 12, rate_ppm: int = 90_000, penalty_ppm: int = 135_000) -> Loan:
    """12,000.00 over twelve months, of which nothing was paid."""
    terms = Terms(method=Method.EQUAL_INSTALMENT, rate_ppm=rate_ppm, penalty_ppm=penalty_ppm)
    start = date(2025, 1, 10)
    drawn = Event(
        kind=Kind.DRAWDOWN, effective=start, known=datetime(2025, 1, 10, tzinfo=UTC), ref="d", amount=1_200_000
    )
    return Loan(
        ref="L", terms=terms, grid=grid(terms, start=start, first_due=date(2025, 2, 10), count=months), events=(drawn,)
    )


def paid(loan: Loan, chosen: Option) -> Loan:
    """The loan with an option's events, and with each of its payments made on its day."""
    payments = tuple(
        Event(kind=Kind.PAYMENT, effective=one.day, known=KNOWN, ref=f"pay {n}", amount=one.minor)
        for n, one in enumerate(chosen.rows)
        if one.minor
    )
    return replace(loan, events=(*loan.events, *chosen.events, *payments))


def of(loan: Loan, kind: OptionKind, months: int = 12, limits: Limits = NO_LIMITS) -> Option:
    found = [
        one for one in options(loan, DAY, known=KNOWN, limits=limits, months=(months,)) if one.kind is kind
    ]  # fmt: skip
    return found[0]


def each() -> Iterator[Loan]:
    for loan in (*(random_loan(n) for n in range(40)), *(random_card(n) for n in range(15))):
        yield replace(
            loan, events=tuple(one for one in loan.events if one.known <= instant(DAY) and one.effective <= DAY)
        )


def test_whatever_the_conventions_the_last_payment_leaves_nothing_owed() -> None:
    seen = set[OptionKind]()
    for loan in each():
        for chosen in options(loan, DAY, known=KNOWN, limits=NO_LIMITS, months=(3, 12), deferrals=(2,)):
            whole = paid(loan, chosen)
            for one in chosen.rows[: chosen.planned]:
                assert reading(whole, one.day, known=KNOWN).plan_dpd == 0
            last, trace = explained(whole, chosen.end, known=KNOWN)
            # what a card has charged and not billed yet waits for its statement, and the money for it is held
            assert last.settle == 0, (loan.ref, chosen.kind)
            assert last.credit == last.due + last.not_due + last.accrued or not last.credit
            before = reading(loan, DAY, known=KNOWN)
            assert last.paid_total - before.paid_total == chosen.total
            assert trace.totals()[Account.CREDIT] == last.credit
            seen.add(chosen.kind)
    assert seen == set(OptionKind) - {OptionKind.EXTENSION} or seen == set(OptionKind)


def test_what_is_missed_shows_under_the_plan() -> None:
    loan = overdue()
    chosen = of(loan, OptionKind.INSTALMENTS)
    first = chosen.rows[0]
    missed = replace(paid(loan, replace(chosen, rows=chosen.rows[1:])))
    assert reading(missed, first.day, known=KNOWN).plan_dpd == 0
    assert reading(missed, first.day + timedelta(days=5), known=KNOWN).plan_dpd == 5


def test_interest_that_stops_costs_nothing_and_is_equal_to_the_cent() -> None:
    loan = overdue()
    chosen = of(loan, OptionKind.INTEREST_STOP)
    now = reading(loan, DAY, known=KNOWN)
    assert (chosen.total, chosen.extra) == (now.settle, 0)
    assert max(one.minor for one in chosen.rows) - min(one.minor for one in chosen.rows) <= 12
    assert len(chosen.rows) == 12


def test_interest_that_stops_is_paid_in_equal_parts_whatever_the_method() -> None:
    loan = overdue()
    only = replace(loan, terms=replace(loan.terms, method=Method.INTEREST_ONLY))
    parts = [one.minor for one in of(only, OptionKind.INTEREST_STOP).rows]
    assert len(parts) == 12
    assert max(parts) - min(parts) <= 1


def test_steps_grow_and_a_deferral_asks_nothing_first() -> None:
    loan = overdue()
    steps = [one.minor for one in of(loan, OptionKind.STEP_UP, months=6).rows[:6]]
    assert steps[0] < steps[2] < steps[4]
    later = next(one for one in options(loan, DAY, known=KNOWN, limits=NO_LIMITS, months=(6,), deferrals=(3,))
                 if one.kind is OptionKind.DEFERRAL)  # fmt: skip
    assert [one.minor for one in later.rows[:3]] == [0, 0, 0]
    assert later.rows[3].minor > 0


@pytest.mark.parametrize(
    ("kind", "limits", "rule"),
    [
        (OptionKind.INSTALMENTS, Limits(months=Limit("house.plan.months", 6)), "house.plan.months"),
        (OptionKind.RE_AGE, Limits(re_age=Limit("house.plan.re_age", 3)), "house.plan.re_age"),
        (OptionKind.EXTENSION, Limits(extension=Limit("cn.plan.extension", 0)), "cn.plan.extension"),
    ],
)
def test_what_a_rule_refuses_is_worked_out_and_names_the_rule(kind: OptionKind, limits: Limits, rule: str) -> None:
    chosen = of(overdue(), kind, limits=limits)
    assert not chosen.lawful
    assert [one.rule for one in chosen.against] == [rule]


def test_a_card_may_have_sixty_instalments_and_no_more() -> None:
    limits = Limits(card_months=Limit("cn.card.plan_months", 60))
    cards = [loan for loan in map(random_card, range(20)) if reading(loan, DAY, known=KNOWN).settle > 0]
    assert cards
    for loan in cards[:5]:
        lawful = {
            one.months: one.lawful
            for one in options(loan, DAY, known=KNOWN, limits=limits, months=(60, 61))
            if one.kind is OptionKind.INSTALMENTS
        }
        assert lawful == {60: True, 61: False}


def test_an_extension_is_agreed_before_anything_is_due() -> None:
    loan = overdue()
    early = date(2025, 1, 20)
    limits = Limits(extension=Limit("cn.plan.extension", 0))
    found = list(options(loan, early, known=KNOWN, limits=limits, months=(2,)))
    assert {one.kind for one in found if one.lawful} >= {OptionKind.EXTENSION}
    moved = next(one for one in found if one.kind is OptionKind.EXTENSION)
    assert moved.rows[0].day == date(2025, 4, 10)
    assert moved.extra > 0  # the added days bear the contract's interest


def test_nothing_is_offered_on_what_is_settled() -> None:
    loan = overdue()
    now = reading(loan, DAY, known=KNOWN)
    whole = Event(kind=Kind.PREPAYMENT, effective=DAY, known=KNOWN, ref="all", amount=now.settle, parts=(0,))
    assert list(options(replace(loan, events=(*loan.events, whole)), DAY, known=KNOWN, limits=NO_LIMITS)) == []
