"""A restructured loan: which terms it is observed under, since when, and how many of their payments were kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from duecourse.core.contract import Method, Terms
from duecourse.core.delinquency import Loan
from duecourse.core.events import Event, GridRow, Kind
from duecourse.core.observation import observation
from duecourse.core.schedule import grid
from duecourse.law.measure import classify
from duecourse.law.rulebook import rulebook

KNOWN = datetime(2026, 12, 31, tzinfo=UTC)
START, AGREED = date(2024, 1, 10), date(2024, 8, 20)
TERMS = Terms(method=Method.EQUAL_INSTALMENT, rate_ppm=120_000, penalty_ppm=180_000)
DUES = [date(2024 + (8 + n) // 12, (8 + n) % 12 + 1, 10) for n in range(18)]  # from September 2024 on


def event(kind: Kind, day: date, **more: object) -> Event:
    return Event(kind=kind, effective=day, known=KNOWN, ref=f"{kind.name}-{day}", **more)  # type: ignore[arg-type]


def loan(*events: Event) -> Loan:
    """Drawn in January 2024, paid until June, behind since July."""
    rows = grid(TERMS, start=START, first_due=date(2024, 2, 10), count=24)
    drawn = event(Kind.DRAWDOWN, START, amount=2_400_000)
    paid = [event(Kind.PAYMENT, date(2024, month, 10), amount=113_000) for month in range(2, 7)]
    return Loan(ref="L", terms=TERMS, grid=rows, events=(drawn, *paid, *events))


def plan(day: date = AGREED) -> Event:
    """Eighteen payments of 1,000."""
    return event(Kind.PLAN, day, grid=tuple(GridRow(due, 30, 100_000) for due in DUES))


def kept(*numbers: int) -> list[Event]:
    return [event(Kind.PAYMENT, DUES[n], amount=100_000) for n in numbers]


def test_the_counts_of_an_observation() -> None:
    found = observation(loan(plan(), *kept(0, 1, 2)), date(2024, 11, 20), known=KNOWN)
    assert found is not None
    assert (found.first, found.years, found.periods()) == (date(2024, 9, 10), 0, 3)
    missed = observation(loan(plan(), *kept(0, 1)), date(2024, 11, 20), known=KNOWN)
    assert missed is not None
    assert missed.periods() == 0
    anew = loan(plan(), *kept(0, 1), event(Kind.PAYMENT, date(2024, 11, 25), amount=100_000), *kept(3))
    again = observation(anew, date(2024, 12, 20), known=KNOWN)
    assert again is not None
    assert again.periods() == 1, "the count begins anew after a payment that was missed"


@pytest.mark.parametrize(
    ("day", "years"), [(date(2024, 9, 9), 0), (date(2025, 9, 9), 0), (date(2025, 9, 10), 1), (date(2026, 9, 10), 2)]
)
def test_years_are_whole_and_run_from_the_first_new_due_day(day: date, years: int) -> None:
    found = observation(loan(plan()), day, known=KNOWN)
    assert found is not None
    assert found.years == years


def test_what_restructures_and_what_does_not() -> None:
    day = date(2024, 12, 1)
    assert observation(loan(), day, known=KNOWN) is None
    assert observation(loan(plan()), date(2024, 8, 19), known=KNOWN) is None, "not yet agreed"
    reversed_ = replace(event(Kind.REVERSAL, date(2024, 9, 1)), target=plan().ref)
    assert observation(loan(plan(), reversed_), day, known=KNOWN) is None
    for agreed, restructured in ((date(2024, 5, 20), False), (AGREED, True)):
        moved = event(Kind.EXTENSION, agreed, parts=(3, 0, 1))
        found = observation(loan(moved, plan(agreed)), day, known=KNOWN)
        assert (found is not None) == restructured, "an extension restructures only what was overdue"


def test_the_class_of_a_restructured_loan_is_never_below_that_of_its_observation() -> None:
    book, asked = rulebook(), {"on": date(2026, 3, 1), "lender_type": "bank", "days_past_due": 0}
    observed = {"restructured": True, "observed_years": 0, "observed_periods": 5}
    assert classify(book, asked).label == "normal"
    found = classify(book, asked | observed)
    assert (found.label, [one.rule.id for one in found.by]) == ("special_mention", ["cn.class.observed"])
    same = classify(book, asked | observed | {"days_past_due": 40})
    assert (same.label, [one.rule.id for one in same.by]) == (
        "special_mention", ["cn.class.special_mention", "cn.class.observed"],
    )  # fmt: skip
    worse = classify(book, asked | observed | {"days_past_due": 300})
    assert worse.label == "doubtful"
    over = classify(book, asked | observed | {"observed_years": 1})
    assert over.label == "normal"
