"""The contract between the definition and the engine: random loans through both give the same, to the cent.

26,100 loans are read on each event day and the days beside it, on some due days, and on ten random days, with full
knowledge; and by what was known at the end of a few days. Every figure of a reading is compared, and what will be due a
week on from each third of these days.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from duecourse.book.kernels.age import age, read
from duecourse.book.kernels.prepare import prepare
from duecourse.core.delinquency import WEEK, Loan, readings
from duecourse.core.events import Kind
from duecourse.core.reading import Reading, Status
from tests.random_columns import Book, book
from tests.random_loans import (
    HORIZON,
    instant,
    random_card,
    random_changed_loan,
    random_loan,
    random_long_loan,
    random_moved_loan,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

EPOCH = date(1970, 1, 1)
ALL_KNOWN = instant(date(2027, 1, 1))
FIGURES = (*(field.name for field in fields(Reading)), "due", "settle")
STATUS = list(Status)
CUTS = (date(2024, 9, 30), date(2025, 4, 18), date(2026, 1, 2))

CHUNKS = [
    *(pytest.param(random_loan, first, first + 1_000, id=f"loans-{first}") for first in range(0, 20_000, 1_000)),
    *(pytest.param(random_moved_loan, first, first + 500, id=f"moved-{first}") for first in range(0, 2_000, 500)),
    *(pytest.param(random_card, first, first + 200, id=f"cards-{first}") for first in range(0, 800, 200)),
    *(pytest.param(random_changed_loan, n, n + 500, id=f"changed-{n}") for n in range(0, 3_000, 500)),
    *(pytest.param(random_long_loan, first, first + 50, id=f"long-{first}") for first in range(0, 300, 50)),
]


def days_of(loan: Loan, rng: Random) -> list[date]:
    """Each event day and the days beside it, some due days, the ends of pauses, and ten random days."""
    turns = {event.effective for event in loan.events}
    turns |= {event.until for event in loan.events if event.kind is Kind.PAUSE and event.until < date(2030, 1, 1)}
    turns |= {row.due for row in rng.sample(loan.grid, min(len(loan.grid), 2))}
    days = {day + timedelta(days=beside) for day in turns for beside in (-1, 0, 1)}
    return sorted(days | {date(2024, 1, 1) + timedelta(days=rng.randrange(1_300)) for _ in range(10)})


def figures(reading: Reading) -> tuple[object, ...]:
    """A reading as a row of the engine's frame."""
    found = (getattr(reading, name) for name in FIGURES)
    return tuple(STATUS.index(value) if isinstance(value, Status) else value for value in found)


def differences(loan: Loan, day: date, expected: tuple[object, ...], got: tuple[object, ...]) -> str:
    """Nothing, or the loan and both readings."""
    if expected == got:
        return ""
    names = (*FIGURES, "due_in_a_week")
    both = [f"{n}: core {e}, engine {g}" for n, e, g in zip(names, expected, got, strict=False) if e != g]
    events = "\n".join(f"  {event}" for event in sorted(loan.events, key=lambda event: event.effective))
    rows = "\n".join(f"  {row}" for row in loan.grid[:40])
    return f"{loan.ref} on {day}: {'; '.join(both)}\n{loan.terms}\n{rows}\n{events}"


def compare(loans: list[Loan], days: list[list[date]], tables: Book, known: datetime) -> Iterable[str]:
    """Where core and engine differ on loans, each on its days."""
    prepared = prepare(*tables, known=known, threads=1)
    places = {key: place for place, key in enumerate(prepared.loans["loan_key"])}
    pairs = [(places[1000 + n], (day - EPOCH).days) for n, each in enumerate(days) for day in each]
    place, on = np.array([p for p, _ in pairs]), np.array([d for _, d in pairs], np.int32)
    got = iter(read(prepared, place, on, threads=1).select(*FIGURES, "due_in_a_week").rows())
    for loan, each in zip(loans, days, strict=True):
        wanted = sorted({*each, *(day + WEEK for day in each[::3])})
        found = {reading.day: reading for reading in readings(loan, wanted, known=known)}
        for place_of, day in enumerate(each):
            expected, row = figures(found[day]), next(got)
            if place_of % 3 == 0:
                expected = (*expected, found[day + WEEK].due)
            yield differences(loan, day, expected, row[: len(expected)])


@pytest.mark.parametrize(("draw", "first", "last"), CHUNKS)
def test_random_loans_are_the_same_in_both_engines(draw: Callable[[int], Loan], first: int, last: int) -> None:
    loans = [draw(seed) for seed in range(first, last)]
    tables = book(loans, shuffled=first % 4_000 == 1_000)
    days = [days_of(loan, Random(seed)) for seed, loan in enumerate(loans, first)]
    wrong = [found for found in compare(loans, days, tables, ALL_KNOWN) if found]
    assert not wrong, f"{len(wrong)} readings differ; the first:\n{wrong[0]}"
    for cut in CUTS:
        known = datetime.combine(cut, time(23, 59, 59, 999_999), UTC)
        wrong = [found for found in compare(loans, [[cut] for _ in loans], tables, known) if found]
        assert not wrong, f"{len(wrong)} readings as known on {cut} differ; the first:\n{wrong[0]}"


def test_age_reads_all_loans_on_one_day_and_any_number_of_threads_gives_the_same() -> None:
    loans = [random_loan(seed) for seed in range(1_500)]
    tables = book(loans)
    one = age(*tables, as_of=HORIZON, known=ALL_KNOWN, threads=1)
    assert one.equals(age(*tables, as_of=HORIZON, known=ALL_KNOWN, threads=3))
    assert one["loan_key"].to_list() == list(range(1000, 2500))
    found = readings(loans[7], [HORIZON], known=ALL_KNOWN)[0]
    assert one.row(7, named=True)["settle"] == found.settle
