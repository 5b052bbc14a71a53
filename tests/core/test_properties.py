"""What must hold for any loan and any card, whatever happened to it: shown on lives drawn from seeds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

import pytest

from duecourse.core.delinquency import Loan, explained, reading, readings
from duecourse.core.events import MONEY_IN, Kind, timeline
from duecourse.core.explain import Account
from tests.random_loans import HORIZON, random_card, random_changed_loan, random_loan, random_moved_loan

if TYPE_CHECKING:
    from collections.abc import Iterator

EVER = datetime(2100, 1, 1, tzinfo=UTC)
SEEDS = 320
CHUNKS = 8


def _lives(chunk: int) -> Iterator[tuple[str, Loan]]:
    for seed in range(chunk, SEEDS, CHUNKS):
        yield f"loan {seed}", random_loan(seed)
        if seed % 4 == 0:
            yield f"changed {seed}", random_changed_loan(seed)
        if seed % 2 == 0:
            yield f"card {seed}", random_card(seed)
        else:
            yield f"moved {seed}", random_moved_loan(seed)


def _days(loan: Loan, rng: Random, count: int) -> list[date]:
    marks = [event.effective for event in loan.events] + [row.due for row in loan.grid]
    near = [day + timedelta(days=step) for day in marks for step in (-1, 0, 1)]
    somewhere = [HORIZON - timedelta(days=rng.randrange(900)) for _ in range(count)]
    return sorted({*rng.sample(near, min(count, len(near))), *somewhere})


@pytest.fixture(params=range(CHUNKS))
def lives(request: pytest.FixtureRequest) -> list[tuple[str, Loan]]:
    return list(_lives(request.param))


def test_lines_of_the_derivation_add_up_and_nothing_is_negative(lives: list[tuple[str, Loan]]) -> None:
    for name, loan in lives:
        for day in _days(loan, Random(name), 4):
            found, trace = explained(loan, day, known=EVER)
            assert found == reading(loan, day, known=EVER), (name, day)
            totals = trace.totals()
            for account in Account:
                owed = getattr(found, account.value)
                assert owed >= 0, (name, day, account)
                assert totals[account] == owed, (name, day, account)


def test_money_in_is_what_was_paid_and_stands(lives: list[tuple[str, Loan]]) -> None:
    for name, loan in lives:
        reversed_by = {event.target for event in loan.events if event.kind is Kind.REVERSAL}
        for day in _days(loan, Random(name), 4):
            standing = [
                event.amount
                for event in timeline(loan.events, known=EVER, mode=loan.terms.reversal)
                if event.kind in MONEY_IN and event.effective <= day and event.ref not in reversed_by
            ]
            bounced_later = sum(
                payment.amount
                for payment in loan.events
                for back in loan.events
                if back.kind is Kind.REVERSAL and back.target == payment.ref and payment.kind in MONEY_IN
                if loan.terms.reversal == "from_bounce_day"
                and payment.effective <= day < max(back.effective, payment.effective)
            )
            assert reading(loan, day, known=EVER).paid_total == sum(standing) + bounced_later, (name, day)


def test_every_unit_of_money_goes_from_credit_to_one_account(lives: list[tuple[str, Loan]]) -> None:
    for name, loan in lives:
        _, trace = explained(loan, HORIZON, known=EVER)
        for line in trace.lines:
            moves = dict(line.moves)
            if line.what in {"applied", "cuts_principal"}:
                credit = moves.pop(Account.CREDIT)
                assert credit < 0, (name, line)
                assert list(moves.values()) == [credit], (name, line)
            elif line.what in {"falls_due", "accelerated"}:
                assert moves.get(Account.NOT_DUE, 0) == -moves.get(Account.PRINCIPAL, 0), (name, line)


def test_looking_on_more_days_changes_nothing(lives: list[tuple[str, Loan]]) -> None:
    for name, loan in lives:
        days = _days(loan, Random(name), 6)
        for day, found in zip(days, readings(loan, days, known=EVER), strict=True):
            assert found == reading(loan, day, known=EVER), (name, day)


def test_the_order_in_which_events_are_listed_does_not_matter(lives: list[tuple[str, Loan]]) -> None:
    for name, loan in lives:
        rng = Random(name)
        days = _days(loan, rng, 3)
        shuffled = replace(loan, events=tuple(rng.sample(loan.events, len(loan.events))))
        assert readings(loan, days, known=EVER) == readings(shuffled, days, known=EVER), name


def test_what_is_not_known_yet_is_as_if_it_were_not_there(lives: list[tuple[str, Loan]]) -> None:
    for name, loan in lives:
        rng = Random(name)
        days = _days(loan, rng, 3)
        known = datetime(HORIZON.year, HORIZON.month, 1, tzinfo=UTC) - timedelta(days=rng.randrange(700))
        cut = replace(loan, events=tuple(event for event in loan.events if event.known <= known))
        assert readings(loan, days, known=known) == readings(cut, days, known=EVER), name


def test_a_day_brings_at_most_one_more_day_past_due(lives: list[tuple[str, Loan]]) -> None:
    for name, loan in lives:
        if loan.terms.grace_days or loan.terms.materiality_minor or loan.terms.materiality_ppm:
            continue  # a threshold that is passed counts all days at once
        event_days = {event.effective for event in loan.events} | {event.until for event in loan.events}
        start = min(event_days)
        days = [start + timedelta(days=n) for n in range(400)]
        found = readings(loan, days, known=EVER)
        for before, after in pairwise(found):
            if after.day not in event_days:
                assert after.dpd <= before.dpd + 1, (name, after.day)
            if after.oldest_due:
                assert after.dpd <= (after.day - after.oldest_due).days, (name, after.day)
