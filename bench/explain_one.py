"""One back-dated payment on a loan with 2,400 daily accruals: state recomputed and explained, aim 50 ms at most."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from statistics import median
from time import perf_counter

from duecourse.core.contract import CompoundOn, Method, PenaltyRounding, Terms
from duecourse.core.days import DayCount
from duecourse.core.delinquency import Loan, explained
from duecourse.core.events import Event, Kind
from duecourse.core.explain import Account
from duecourse.core.schedule import grid

START = date(2020, 1, 5)
DAYS = 2_400
AIM_MS = 50.0
ROUNDS = 25


def _instant(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _drawn(terms: Terms, count: int, *, first_due: date) -> Loan:
    drawdown = Event(kind=Kind.DRAWDOWN, effective=START, known=_instant(START), ref="draw", amount=1_200_000)
    rows = grid(terms, start=START, first_due=first_due, count=count)
    return Loan(ref="bench", terms=terms, grid=rows, events=(drawdown,))


def _paid(loan: Loan, *, every: int, amount: int) -> Loan:
    """The loan with a payment of ``amount`` minor units each ``every`` days."""
    payments = (
        Event(kind=Kind.PAYMENT, effective=day, known=_instant(day), ref=f"pay {n}", amount=amount)
        for n in range(1, DAYS // every + 1)
        for day in [START + timedelta(days=n * every)]
    )
    return replace(loan, events=(*loan.events, *payments))


def overdue_for_2400_days() -> Loan:
    """One instalment overdue for 2,400 days, compound interest posted monthly, something paid each week."""
    terms = Terms(
        method=Method.BULLET, rate_ppm=90_000, penalty_ppm=135_000, penalty_rounding=PenaltyRounding.DAILY,
        compound_ppm=135_000, compound_on=CompoundOn.INTEREST_AND_PENALTY, settlement_day=21,
    )  # fmt: skip
    return _paid(_drawn(terms, 1, first_due=START + timedelta(days=30)), every=7, amount=2_500)


def twelve_instalments_overdue() -> Loan:
    """Twelve monthly instalments, all overdue for years, one partial payment a month."""
    terms = Terms(
        method=Method.EQUAL_INSTALMENT, rate_ppm=90_000, penalty_ppm=135_000, compound_ppm=135_000,
        compound_on=CompoundOn.INTEREST_AND_PENALTY, settlement_day=21,
    )  # fmt: skip
    return _paid(_drawn(terms, 12, first_due=date(2020, 2, 5)), every=30, amount=5_000)


def daily_instalments(*, paid: bool) -> Loan:
    """2,400 daily instalments: each paid on its day, or none."""
    terms = Terms(
        method=Method.EQUAL_PRINCIPAL, rate_ppm=180_000, penalty_ppm=270_000, day_count=DayCount.ACT_365,
        period_months=0, period_days=1,
    )  # fmt: skip
    loan = _drawn(terms, DAYS, first_due=START + timedelta(days=1))
    return _paid(loan, every=1, amount=1_100) if paid else loan


def _measure(loan: Loan) -> tuple[float, float, int]:
    """Median and worst milliseconds to take in a payment of 1,200 days ago and explain the loan; lines explained."""
    today = START + timedelta(days=DAYS)
    then = today - timedelta(days=DAYS // 2)
    late = Event(kind=Kind.PAYMENT, effective=then, known=_instant(today), ref="late", amount=10_000)
    taken = []
    lines = 0
    for _ in range(ROUNDS):
        begun = perf_counter()
        found, trace = explained(
            replace(loan, events=(*loan.events, late)), today, known=_instant(today) + timedelta(days=1)
        )
        taken.append((perf_counter() - begun) * 1_000)
        lines = len(trace.lines)
        totals = trace.totals()
        assert all(totals[account] == getattr(found, account.value) for account in Account)
    return median(taken), max(taken), lines


def main() -> str:
    """Measure each kind of loan; the derivation's lines are checked to add up each time."""
    loans = {
        "one instalment overdue 2,400 days, weekly payments": overdue_for_2400_days(),
        "twelve instalments overdue up to 2,370 days, monthly payments": twelve_instalments_overdue(),
        "2,400 daily instalments, each paid on its day": daily_instalments(paid=True),
        "2,400 daily instalments, none paid": daily_instalments(paid=False),
    }
    rows = ["| loan | median ms | worst ms | lines | aim |", "|---|---:|---:|---:|---:|"]
    for name, loan in loans.items():
        middle, worst, lines = _measure(loan)
        rows.append(f"| {name} | {middle:.1f} | {worst:.1f} | {lines:,} | ≤ {AIM_MS:.0f} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(main())
