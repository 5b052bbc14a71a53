"""Holds that come with a tape: placed once, and only where they stop something."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from duecourse.book.store import Store
from duecourse.casework import holds as at_desk
from duecourse.casework.actor import Actor, Role
from duecourse.casework.holds import HoldKind
from duecourse.core.ids import loan_key, person_id
from duecourse.storage import holds
from duecourse.storage.connection import Database
from tests.tapes import LOANS, NOW, VAULT, bring, order, tape

L1, L2 = loan_key("demo", "L1"), loan_key("demo", "L2")
SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICER = Actor(Role.COMPLIANCE, "k1")


def told(*rows: str) -> str:
    """Cease holds of C1, each as ``from_day to_day`` or ``from_day`` alone, of 2026."""
    lines = (
        f"C1,cease,2026-{begins},{end and f'2026-{end}'}" for begins, _, end in (row.partition(" ") for row in rows)
    )
    return "person_ref,kind,from_day,to_day\n" + "".join(f"{line}\n" for line in lines)


def stood(desk: Database) -> list[str]:
    """The holds of C1 by the days of their ends, in order."""
    with desk.transaction("demo") as tx:
        found = holds.of_person(tx, person_id("demo", "C1"))
    days = [[f"{at.astimezone(SHANGHAI):%m-%d}" for at in (one.from_at, one.to_at) if at is not None] for one in found]
    return [" ".join(one) for one in reversed(days)]


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


CORRECTIONS = {
    "begins earlier": ([["06-01"], ["03-01"]], ["03-01 06-01", "06-01"]),
    "begins earlier, and ends": ([["06-01"], ["03-01"], ["03-01 07-01"]], ["03-01 06-01", "06-01 07-01"]),
    "ends later": ([["03-01 03-10"], ["03-01 04-10"]], ["03-01 03-10", "03-10 04-10"]),
    "ends later, twice": ([["03-01 03-10"], ["03-01 03-12"], ["03-01"]], ["03-01 03-10", "03-10 03-12", "03-12"]),
    "has no end any more": ([["03-01 03-10"], ["03-01"]], ["03-01 03-10", "03-10"]),
    "had ended by mistake": ([["03-01"], ["03-01 03-10"], ["03-01"]], ["03-01 03-10", "03-10"]),
    "ends": ([["03-01"], ["03-01 03-10"]], ["03-01 03-10"]),
    "began before": ([["03-01"], ["04-01"]], ["03-01"]),
    "reaches into another": ([["03-01 06-01", "06-01"], ["03-01 07-01", "06-01"]], ["03-01 06-01", "06-01"]),
}


@pytest.mark.parametrize(("tapes", "stands"), CORRECTIONS.values(), ids=CORRECTIONS)
def test_a_later_tape_says_better_from_when_until_when(
    desk: Database, store: Store, tmp_path: Path, tapes: list[list[str]], stands: list[str]
) -> None:
    for number, rows in enumerate([*tapes, tapes[-1]]):
        text = told(*rows) + "\n" * number  # the very same file is not read again
        bring(desk, store, order(tape(tmp_path / f"t{number}", loans=LOANS, holds=text)))
        assert number < len(tapes) - 1 or stood(desk) == stands


def test_what_people_ended_a_tape_does_not_take_up_again(desk: Database, store: Store, tmp_path: Path) -> None:
    bring(desk, store, order(tape(tmp_path / "t", loans=LOANS, holds=told("02-01"))))
    with desk.transaction("demo") as tx:
        (placed,) = holds.of_person(tx, person_id("demo", "C1"))
        at_desk.end(
            tx, vault=VAULT, person_id=placed.person_id, hold_id=placed.hold_id, actor=OFFICER, clock=lambda: NOW
        )
    bring(desk, store, order(tape(tmp_path / "u", holds=told("02-01 06-01"))))
    assert stood(desk) == ["02-01 03-01"]


def test_what_people_placed_a_tape_does_not_end(desk: Database, store: Store, tmp_path: Path) -> None:
    bring(desk, store, order(tape(tmp_path / "t", loans=LOANS)))
    with desk.transaction("demo") as tx:
        at_desk.place(
            tx, vault=VAULT, person_id=person_id("demo", "C1"), kind=HoldKind.CEASE, source="letter 7", actor=OFFICER,
            clock=lambda: NOW - timedelta(days=3),
        )  # fmt: skip
    for number, rows in enumerate((["02-01"], ["02-01 04-01"])):
        bring(desk, store, order(tape(tmp_path / f"u{number}", holds=told(*rows))))
        assert stood(desk) == ["02-01 02-26", "02-26"]
