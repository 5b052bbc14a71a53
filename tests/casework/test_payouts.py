"""What is paid out of a loan that stands: no more than its principal, by the tape's row or the book's."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from duecourse.book.store import Store
from duecourse.core.events import Kind
from duecourse.core.ids import loan_key
from duecourse.storage import breaks
from duecourse.storage.connection import Database
from tests.tapes import LOANS, PAYMENTS, bring, check, order, read, tape

L1 = loan_key("demo", "L1")


def open_breaks(database: Database) -> list[tuple[object, ...]]:
    with database.transaction("demo") as tx:
        return breaks.open_breaks(tx).select("kind", "loan_key", "subject", "theirs_minor", "ours_minor").rows()


def test_a_principal_that_contradicts_the_drawdowns_is_a_break(desk: Database, store: Store, tmp_path: Path) -> None:
    drawn = "loan_ref,kind,effective,ref,amount_minor\nL1,drawdown,2026-01-05,D1,{first}\n"
    bring(desk, store, order(tape(tmp_path / "t", loans=LOANS, adjustments=drawn.format(first=1_200_000))))
    assert open_breaks(desk) == []
    more = LOANS.replace("C1,1200000", "C1,2000000")
    wrong = [("balance", L1, "principal", 2_000_000, 1_200_000)]
    for folder in ("u", "v"):  # as long as the tape says so
        bring(desk, store, order(tape(tmp_path / folder, loans=more + "\n" * (folder == "v"))))
        assert open_breaks(desk) == wrong
    bring(desk, store, order(tape(tmp_path / "p", payments=PAYMENTS)))
    assert open_breaks(desk) == wrong, "a tape that says nothing of it ends nothing"
    rest = "loan_ref,kind,effective,ref,amount_minor\nL1,drawdown,2026-02-05,D2,800000\n"
    bring(desk, store, order(tape(tmp_path / "w", loans=more + "\n\n", adjustments=rest)))
    assert open_breaks(desk) == [], "the rest was paid out"


def test_a_loan_may_be_paid_out_in_parts_and_no_break_is_listed(desk: Database, store: Store, tmp_path: Path) -> None:
    part = "loan_ref,kind,effective,ref,amount_minor\nL1,drawdown,2026-01-05,D1,500000\n"
    bring(desk, store, order(tape(tmp_path / "t", loans=LOANS, adjustments=part)))
    bring(desk, store, order(tape(tmp_path / "u", loans=LOANS + "\n")))
    assert open_breaks(desk) == []
    bring(desk, store, order(tape(tmp_path / "v", loans=LOANS.replace("C1,1200000", "C1,400000"))))
    assert open_breaks(desk) == [("balance", L1, "principal", 400_000, 500_000)], "more was paid out than is lent"


PAID_OUT = "loan_ref,kind,effective,ref,amount_minor,target\n"
BEYOND = "the book has {} paid out, drawdowns of this tape bring {} more, of 1200000 minor units of principal"
FIRST = "L1,drawdown,2026-01-05,D1,500000,\n"


@pytest.mark.parametrize(
    "case",
    [
        ("", "L1,drawdown,2026-01-05,D1,1200000,\n", (1_200_000, 1_200_000)),  # paid out on its start already
        ("", "L1,drawdown,2026-01-05,D1,1,\n", (1_200_000, 1)),
        (FIRST, "L1,drawdown,2026-02-05,D2,700001,\n", (500_000, 700_001)),
        (FIRST, "L1,drawdown,2026-02-05,D2,700000,\nL1,drawdown,2026-02-06,D3,1,\n", (500_000, 700_001)),
        (FIRST, FIRST + "L1,drawdown,2026-02-05,D2,700001,\n", (500_000, 700_001)),  # D1 again is no new one
        (FIRST, "L1,reversal,2026-02-01,R1,,D1\nL1,drawdown,2026-02-05,D2,1200001,\n", (0, 1_200_001)),
    ],
)
def test_drawdowns_beyond_the_principal_of_a_standing_loan_are_quarantined(
    desk: Database, store: Store, tmp_path: Path, case: tuple[str, str, tuple[int, int]]
) -> None:
    first, later, figures = case
    bring(desk, store, order(tape(tmp_path / "t", loans=LOANS, adjustments=PAID_OUT + first)))
    before = read(desk, store, "events").filter(pl.col("kind") == int(Kind.DRAWDOWN)).sort("loan_key", "ref")
    for again in ({}, {"loans": LOANS.replace(",C1", ", C1")}):  # the loan's row again, or the drawdowns alone
        looked = check(desk, store, order(tape(tmp_path / f"u{len(again)}", adjustments=PAID_OUT + later, **again)))
        assert set(looked.faults["why"]) == {BEYOND.format(*figures)}
        assert set(looked.faults.select("records", "field", "rule").rows()) == {
            ("adjustments", "amount_minor", "schedule")
        }
        assert "~drawdown" in looked.faults["todo"][0]
    bring(desk, store, order(tmp_path / "u0"))
    after = read(desk, store, "events").filter(pl.col("kind") == int(Kind.DRAWDOWN)).sort("loan_key", "ref")
    assert after.equals(before), "nothing more is paid out"


@pytest.mark.parametrize(
    "case",
    [
        (FIRST, "L1,drawdown,2026-02-05,D2,700000,\n", ""),
        (FIRST, FIRST, ""),
        (FIRST, "L1,reversal,2026-02-01,R1,,D1\nL1,drawdown,2026-02-05,D2,1200000,\n", ""),
        ("", "L1,reversal,2026-02-01,R1,,~drawdown\nL1,drawdown,2026-02-05,D2,1200000,\n", ""),
        (FIRST, "L1,drawdown,2026-02-05,D2,900000,\n", "1400000"),  # the tape's own principal counts
        (FIRST, "L1,drawdown,2026-02-05,D2,900000,\nL1,reversal,2026-02-05,R2,,D2\n", ""),
    ],
)
def test_drawdowns_within_the_principal_are_taken(
    desk: Database, store: Store, tmp_path: Path, case: tuple[str, str, str]
) -> None:
    first, later, principal = case
    bring(desk, store, order(tape(tmp_path / "t", loans=LOANS, adjustments=PAID_OUT + first)))
    more = {"loans": LOANS.replace("C1,1200000", f"C1,{principal}")} if principal else {}
    done = bring(desk, store, order(tape(tmp_path / "u", adjustments=PAID_OUT + later, **more)))
    assert done.looked.faults.is_empty(), done.looked.faults


def test_a_reversal_of_an_earlier_tape_makes_room_for_a_drawdown(desk: Database, store: Store, tmp_path: Path) -> None:
    bring(desk, store, order(tape(tmp_path / "t", loans=LOANS)))
    bring(desk, store, order(tape(tmp_path / "u", adjustments=PAID_OUT + "L1,reversal,2026-02-01,R1,,~drawdown\n")))
    rest = PAID_OUT + "L1,drawdown,2026-02-05,D{},1200000,\n"
    assert bring(desk, store, order(tape(tmp_path / "v", adjustments=rest.format(2)))).looked.faults.is_empty()
    assert not bring(desk, store, order(tape(tmp_path / "w", adjustments=rest.format(3)))).looked.faults.is_empty()


def test_purchases_of_a_card_are_not_held_against_its_principal(desk: Database, store: Store, tmp_path: Path) -> None:
    card = "loan_ref,borrower_ref,principal_minor,start,first_due,instalment_count,statement_day,method\n"
    card += "K1,C1,100,2026-01-02,2026-01-25,12,5,card\n"
    bring(desk, store, order(tape(tmp_path / "t", loans=card)))
    bought = PAID_OUT + "K1,drawdown,2026-01-10,B1,100000,\n"
    assert bring(desk, store, order(tape(tmp_path / "u", adjustments=bought))).looked.faults.is_empty()
