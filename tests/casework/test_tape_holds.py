"""Holds that come with a tape: placed once, and only where they stop something."""

from __future__ import annotations

from pathlib import Path

from duecourse.book.store import Store
from duecourse.core.ids import loan_key, person_id
from duecourse.storage import holds
from duecourse.storage.connection import Database
from tests.tapes import LOANS, bring, order, tape

L1, L2 = loan_key("demo", "L1"), loan_key("demo", "L2")


def test_holds_come_with_the_tape_once(desk: Database, store: Store, tmp_path: Path) -> None:
    text = "person_ref,loan_ref,kind,from_day\nC2,L2,dispute,2026-02-01\n"
    for name in ("t", "u"):
        bring(desk, store, order(tape(tmp_path / name, loans=LOANS, holds=text + "\n" * (name == "u"))))
    with desk.transaction("demo") as tx:
        assert [(h.kind, h.loan_key) for h in holds.of_person(tx, person_id("demo", "C2"))] == [("dispute", L2)]


def test_a_hold_that_ends_before_it_begins_is_quarantined(desk: Database, store: Store, tmp_path: Path) -> None:
    text = "person_ref,kind,from_day,to_day\nC1,dispute,2026-02-01,2026-02-01\nC2,dispute,2026-02-01,2026-02-02\n"
    done = bring(desk, store, order(tape(tmp_path / "t", loans=LOANS, holds=text)))
    assert done.looked.faults.select("records", "row", "field", "rule").rows() == [("holds", 1, "to_day", "order")]


def test_a_hold_about_somebody_elses_loan_is_quarantined(desk: Database, store: Store, tmp_path: Path) -> None:
    head = "person_ref,loan_ref,kind,from_day\n"
    ties = "loan_ref,person_ref,relation\nL1,G9,contact_person\n"
    text = head + "".join(f"{whose},dispute,2026-02-01\n" for whose in ("C1,L2", "G9,L1", "C1,NOSUCH", "C1,"))
    done = bring(desk, store, order(tape(tmp_path / "t", loans=LOANS, parties=ties, holds=text)))
    why = "the person has no tie to this loan, by the tape or the desk"
    told = done.looked.faults.select("records", "row", "field", "rule", "why").rows()
    assert told == [("holds", 1, "loan_ref", "tie", why), ("holds", 3, "loan_ref", "tie", why)]
    (count,) = (one for one in done.looked.counts if one.records == "holds")
    assert (count.accepted, count.quarantined) == (2, 2)
    with desk.transaction("demo") as tx:
        assert [(h.kind, h.loan_key) for h in holds.of_person(tx, person_id("demo", "C1"))] == [("dispute", None)]
        assert [(h.kind, h.loan_key) for h in holds.of_person(tx, person_id("demo", "G9"))] == [("dispute", L1)]
    text = head + "C2,L2,dispute,2026-02-01\nC2,L1,dispute,2026-02-01\n"
    alone = bring(desk, store, order(tape(tmp_path / "u", holds=text)))
    assert alone.looked.faults.select("row", "rule").rows() == [(2, "tie")], "the desk knows whose loan L2 is"
