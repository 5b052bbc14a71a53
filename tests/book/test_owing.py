"""The burden by which 民法典 560 ranks debts is the rate in force on the day, in columns and loan by loan."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from duecourse.book.loan import read_loan
from duecourse.book.owing import figures, share
from duecourse.book.sharing import debt_of
from duecourse.book.store import Store
from duecourse.core.story import parse_stories
from tests.random_columns import book

KNOWN = datetime(2026, 12, 31, tzinfo=UTC)
LOANS = """
== Loans of one borrower, their rates reset or not
2026-01-05  loan  S1  12,000.00 CNY  12 monthly   6.0%  interest_only
2026-01-06  rate  S1  20.0%
2026-01-05  loan  S2  12,000.00 CNY  12 monthly  10.0%  interest_only
2026-01-05  loan  S3  12,000.00 CNY  12 monthly   6.0%  interest_only  penalty 9.0%
2026-03-01  rate  S3   8.0%  penalty 12.0%
2026-01-05  loan  S4  12,000.00 CNY  12 monthly   6.0%  interest_only  penalty 9.0%  penalty-mode beside
2026-03-01  rate  S4   8.0%  penalty 12.0%
2026-01-05  card  S5  CNY  18.0%  12 cycles  pay-after 20
2026-01-06  buy   S5  1,000.00
2026-03-10  rate  S5  12.0%
"""


@pytest.mark.parametrize(
    ("day", "burdens"),
    [
        (date(2026, 1, 5), [60_000, 100_000, 60_000, 60_000, 180_000]),  # nothing overdue
        (date(2026, 1, 6), [200_000, 100_000, 60_000, 60_000, 180_000]),
        (date(2026, 2, 28), [200_000, 100_000, 90_000, 150_000, 180_000]),  # default interest, alone and beside
        (date(2026, 4, 5), [200_000, 100_000, 120_000, 200_000, 120_000]),
    ],
)
def test_the_burden_is_the_rate_in_force_on_the_day(tmp_path: Path, day: date, burdens: list[int]) -> None:
    (case,), faults = parse_stories(LOANS, name="loans")
    assert not faults
    made = book(list(case.loans.values()))
    store = Store(tmp_path / "book")
    store.begin(None)
    version = store.append(None, made._asdict())
    store.done()
    keys = dict(zip(made.loans["loan_key"], made.loans["loan_ref"], strict=True))
    wanted = pl.DataFrame({"loan_key": list(keys)}).with_columns(day=pl.lit(day))
    found = figures(store, version, wanted, known=KNOWN).sort("loan_key")
    assert found["burden"].to_list() == burdens
    one_by_one = [
        debt_of(ref, read_loan(store, version, loan_key=key, ref=ref, known=KNOWN), day, KNOWN, secured=False)
        for key, ref in keys.items()
    ]
    assert [debt.burden_ppm for debt in one_by_one] == burdens
    two = found.head(2)
    (given,), left = share(1_000, two.rows(named=True), [])
    heavier = list(keys)[0 if burdens[0] > burdens[1] else 1]
    assert (given.ref, given.minor, left) == (str(heavier), 1_000, 0)
