"""Loans that come again with other terms: the schedule that we reckoned is laid anew by them, or a break names the row.

36,500.00 at 10 % is 10.00 a day by act/365; 30/360 makes 36,500.00 × 10 % / 12 = 304.17 of a month.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from duecourse.book.loan import read_loan
from duecourse.book.owing import figures
from duecourse.book.store import BookVersion, Store, version_from
from duecourse.core.delinquency import reading
from duecourse.core.ids import loan_key
from duecourse.storage import books, breaks
from duecourse.storage.connection import Database
from tests.tapes import NOW, bring, order, read, tape

LATER = NOW + timedelta(days=1)
COLUMNS = (
    "loan_ref", "borrower_ref", "principal_minor", "start", "first_due", "instalment_count", "rate_ppm", "method",
    "day_count", "holiday_shift", "holiday_interest", "first_period", "statement_day",
)  # fmt: skip
TERMS = {
    "loan_ref": "Y1", "borrower_ref": "B1", "principal_minor": "3650000", "start": "2026-01-05", "rate_ppm": "100000",
    "first_due": "2026-02-05", "instalment_count": "2", "method": "interest_only", "day_count": "act/365",
}  # fmt: skip
Y1 = loan_key("demo", "Y1")


def loan(**terms: str) -> str:
    said = TERMS | terms
    return ",".join(COLUMNS) + "\n" + ",".join(said.get(name, "") for name in COLUMNS) + "\n"


def newest(desk: Database) -> BookVersion:
    with desk.transaction("demo") as tx:
        row = books.newest(tx)
    assert row is not None
    return version_from(row.version, row.tables)


def interest(desk: Database, store: Store, day: date, known: datetime) -> int:
    """Interest due before any principal is, by the reader of one loan and by the engine alike."""
    at = newest(desk)
    one = read_loan(store, at, loan_key=Y1, ref="Y1", known=known).loan
    told = reading(one, day, known=known).interest
    wanted = pl.DataFrame({"loan_key": [Y1], "day": [day]})
    assert figures(store, at, wanted, known=known)["due"].to_list() == [told]
    return told


def open_breaks(desk: Database) -> list[tuple[object, ...]]:
    with desk.transaction("demo") as tx:
        found = breaks.open_breaks(tx)
    return found.select("kind", "subject", "theirs_minor", "ours_minor", "theirs_days", "ours_days").rows()


@pytest.mark.parametrize(
    "case",
    [
        ({}, {"day_count": "30/360"}, "2026-02-05", (31_000, 30_417)),
        ({"day_count": "30/360"}, {}, "2026-02-05", (30_417, 31_000)),
        # 17 February 2026 is New Year; work begins again on the 24th
        ({"start": "2026-01-17", "first_due": "2026-02-17", "holiday_shift": "following"},
         {"start": "2026-01-17", "first_due": "2026-02-17"}, "2026-02-17", (0, 31_000)),
        ({"start": "2026-01-17", "first_due": "2026-02-17"},
         {"start": "2026-01-17", "first_due": "2026-02-17", "holiday_shift": "following", "holiday_interest": "true"},
         "2026-02-24", (31_000, 38_000)),
        ({"start": "2026-01-20", "day_count": "30/360"},
         {"start": "2026-01-20", "day_count": "30/360", "first_period": "full_period"},
         "2026-02-05", (15_208, 30_417)),
    ],
)  # fmt: skip
def test_a_schedule_that_we_reckoned_is_laid_anew_by_other_terms(
    desk: Database,
    store: Store,
    tmp_path: Path,
    case: tuple[dict[str, str], dict[str, str], str, tuple[int, int]],
) -> None:
    first, again, due, amounts = case
    bring(desk, store, order(tape(tmp_path / "t", loans=loan(**first))))
    was = read(desk, store, "instalments")
    bring(desk, store, order(tape(tmp_path / "u", loans=loan(**again))), now=LATER)
    day = date.fromisoformat(due)
    assert (interest(desk, store, day, NOW), interest(desk, store, day, LATER)) == amounts, "what was known stays so"
    assert open_breaks(desk) == []
    kept = read(desk, store, "instalments")
    assert kept.join(was, on=kept.columns, how="semi").height == was.height
    assert bring(desk, store, order(tape(tmp_path / "v", loans=loan(**again) + "\n")), now=LATER).changed is False


def test_another_start_lays_the_first_period_anew_and_the_break_names_the_day(
    desk: Database, store: Store, tmp_path: Path
) -> None:
    """The payout is an event and stays until it is reversed; the lender's day stands beside ours."""
    bring(desk, store, order(tape(tmp_path / "t", loans=loan())))
    bring(desk, store, order(tape(tmp_path / "u", loans=loan(start="2026-01-20"))), now=LATER)
    rows = read(desk, store, "instalments", known=LATER).filter(pl.col("due") == date(2026, 2, 5)).sort("known")
    assert rows["days"].to_list() == [31, 16]
    assert interest(desk, store, date(2026, 2, 5), LATER) == 31_000, "from the payout that stands"
    assert open_breaks(desk) == [
        ("event_differs", "~drawdown 2026-01-20 ≠ 2026-01-05", 3_650_000, 3_650_000, None, None)
    ]
    bring(desk, store, order(tape(tmp_path / "v", loans=loan() + "\n")), now=LATER + timedelta(days=1))
    assert open_breaks(desk) == [], "the lender's day is ours again"
    right = "loan_ref,ref,effective,kind,amount_minor,target\n"
    right += "Y1,R1,2026-01-20,reversal,,~drawdown\nY1,D1,2026-01-20,drawdown,3650000,\n"
    last = LATER + timedelta(days=2)
    bring(desk, store, order(tape(tmp_path / "w", loans=loan(start="2026-01-20") + "\n", adjustments=right)), now=last)
    assert interest(desk, store, date(2026, 2, 5), last) == 16_000, "paid out on the day that the lender says"
    assert interest(desk, store, date(2026, 2, 5), LATER + timedelta(days=1)) == 31_000


def test_another_statement_day_lays_the_cycles_of_a_card_anew(desk: Database, store: Store, tmp_path: Path) -> None:
    card = {"method": "card", "principal_minor": "0", "first_due": "2026-01-25", "instalment_count": "3"}
    bring(desk, store, order(tape(tmp_path / "t", loans=loan(**card, statement_day="5"))))
    bring(desk, store, order(tape(tmp_path / "u", loans=loan(**card, statement_day="10"))), now=LATER)
    rows = read(desk, store, "instalments").sort("known", "due")
    assert rows["days"].to_list() == [20, 20, 20, 15, 15, 15]
    assert open_breaks(desk) == []


@pytest.mark.parametrize("sent", ["again", "not"])
def test_days_between_given_due_days_are_counted_anew(desk: Database, store: Store, tmp_path: Path, sent: str) -> None:
    """Whether the due days come again with the loan or not."""
    dues = "loan_ref,due\nY1,2026-02-05\nY1,2026-03-05\n"
    bare = {"first_due": "", "instalment_count": ""}
    bring(desk, store, order(tape(tmp_path / "t", loans=loan(**bare), instalments=dues)))
    again = {"instalments": dues + "\n"} if sent == "again" else {}
    bring(desk, store, order(tape(tmp_path / "u", loans=loan(**bare, day_count="30/360"), **again)), now=LATER)
    assert interest(desk, store, date(2026, 2, 5), LATER) == 30_417
    assert open_breaks(desk) == []


@pytest.mark.parametrize("sent", ["again", "not"])
def test_days_that_the_lender_gave_stay_and_a_break_names_the_row(
    desk: Database, store: Store, tmp_path: Path, sent: str
) -> None:
    dues = "loan_ref,due,days\nY1,2026-02-05,29\nY1,2026-03-05,28\n"
    bring(desk, store, order(tape(tmp_path / "t", loans=loan(), instalments=dues)))
    assert interest(desk, store, date(2026, 2, 5), NOW) == 29_000
    more = {"instalments": dues.replace(",29", ",30")} if sent == "again" else {}
    bring(desk, store, order(tape(tmp_path / "u", loans=loan(day_count="30/360"), **more)), now=LATER)
    assert read(desk, store, "instalments")["days"].to_list() == [29, 28]
    assert open_breaks(desk) == [("schedule", "contract 2026-02-05", None, None, 30, 29)]
    bring(desk, store, order(tape(tmp_path / "v", instalments=dues + "\n")), now=LATER)
    assert open_breaks(desk) == [], "the lender says our days again"


@pytest.mark.parametrize(
    ("again", "reckoned"),
    [
        ({"rate_ppm": "90000"}, 1),
        ({"day_count": "30/360"}, 1),
        ({"start": "2026-01-20"}, 0),  # the payout stands on its day
        ({"principal_minor": "4000000"}, 0),
    ],
)
def test_only_terms_by_which_something_else_is_due_are_said_to_be_reckoned_anew(
    desk: Database, store: Store, tmp_path: Path, again: dict[str, str], reckoned: int
) -> None:
    bring(desk, store, order(tape(tmp_path / "t", loans=loan())))
    change = bring(desk, store, order(tape(tmp_path / "u", loans=loan(**again))), now=LATER).looked.arrival.change
    assert (change.terms_changed, change.terms_reckoned) == (1, reckoned)


def test_another_start_of_a_loan_with_its_own_payouts_changes_nothing(
    desk: Database, store: Store, tmp_path: Path
) -> None:
    drawn = "loan_ref,ref,effective,kind,amount_minor\nY1,D1,2026-01-10,drawdown,3650000\n"
    bring(desk, store, order(tape(tmp_path / "t", loans=loan(), adjustments=drawn)))
    done = bring(desk, store, order(tape(tmp_path / "u", loans=loan(start="2026-01-08"))), now=LATER)
    assert (done.looked.arrival.change.terms_changed, done.looked.arrival.change.terms_reckoned) == (1, 0)
    assert open_breaks(desk) == []
    assert interest(desk, store, date(2026, 2, 5), LATER) == 26_000
