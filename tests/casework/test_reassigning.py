"""Many cases given to others: as the preview said, all or none, and by room."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from duecourse.book.store import Store
from duecourse.casework.actor import Actor, Role
from duecourse.casework.assignment import Handover
from duecourse.casework.reassigning import CasesMoved, Choice, NobodyThere, NotHere, Preview, preview, reassign
from duecourse.casework.registers import put_on_record
from duecourse.casework.staff import OfStaff
from duecourse.storage import collectors, floor
from duecourse.storage.collectors import Absence
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.day_desk import DAY, clock, fill, run_day

VAULT = Vault(new_ring())
LEADER = Actor(Role.SUPERVISOR, "v1")


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Database:
    store = Store(tmp_path / "book")
    fill(database, store, VAULT)
    run_day(database, store, VAULT)
    return database


def look(desk: Database, **choice: object) -> Preview:
    with desk.transaction("demo") as tx:
        return preview(tx, Choice(**choice), today=DAY)  # type: ignore[arg-type]


def give(desk: Database, found: Preview) -> int:
    with desk.transaction("demo") as tx:
        return reassign(
            tx, vault=VAULT, moves=[(one.case.case_id, one.to) for one in found.moves], seen=found.seen,
            reason=Handover.REASSIGNED, actor=LEADER, now=clock(),
        )  # fmt: skip


def loads(desk: Database) -> dict[str, int]:
    with desk.transaction("demo") as tx:
        return floor.loads(tx)


def test_the_longest_overdue_go_first_to_whoever_has_room(desk: Database) -> None:
    before = loads(desk)
    giver = max(before, key=lambda one: before[one])
    found = look(desk, from_collector=giver, most=4)
    dpds = [one.case.dpd or 0 for one in found.moves]
    assert len(found.moves) == min(4, before[giver])
    assert dpds == sorted(dpds, reverse=True)
    assert all(one.to != giver for one in found.moves)
    assert loads(desk) == before, "a preview gives nothing"
    assert give(desk, found) == len(found.moves)
    after = loads(desk)
    assert after.get(giver, 0) == before[giver] - len(found.moves)
    assert {one.collector_id: one.then for one in found.loads} == {
        one.collector_id: after.get(one.collector_id, 0) for one in found.loads
    }


def test_what_moved_meanwhile_stops_all_of_it(desk: Database) -> None:
    before = loads(desk)
    giver = max(before, key=lambda one: before[one])
    found = look(desk, from_collector=giver, most=3)
    give(desk, look(desk, from_collector=giver, most=1))
    middle = loads(desk)
    with pytest.raises(CasesMoved):
        give(desk, found)
    assert loads(desk) == middle


def test_other_moves_than_those_of_the_preview_are_refused(desk: Database) -> None:
    before = loads(desk)
    giver = max(before, key=lambda one: before[one])
    found = look(desk, from_collector=giver, most=3)
    first, *rest = found.moves
    other = next(one for one in before if one not in {giver, first.to})
    for moves in ((replace(first, to=other), *rest), tuple(rest), (first, first, *rest)):
        with pytest.raises(CasesMoved):
            give(desk, replace(found, moves=moves))
    assert loads(desk) == before


def test_nobody_who_is_away_gets_a_case(desk: Database) -> None:
    before = loads(desk)
    giver = max(before, key=lambda one: before[one])
    with desk.transaction("demo") as tx:
        others = [one.collector_id for one in collectors.every(tx) if one.collector_id != giver]
        for one in others[:-1]:
            collectors.put_absence(tx, Absence(one, DAY, DAY + timedelta(days=1), "sick"))
    assert {one.to for one in look(desk, from_collector=giver, most=5).moves} == {others[-1]}
    with pytest.raises(NotHere, match="away today or the giver"):
        look(desk, from_collector=giver, to=(others[0], others[-1]))
    for wrong in ("nobody", giver):
        with pytest.raises(NotHere, match=wrong):
            look(desk, from_collector=giver, to=(wrong, others[-1]))
    with desk.transaction("demo") as tx:
        collectors.put_absence(tx, Absence(others[-1], DAY, DAY + timedelta(days=1), "sick"))
    with pytest.raises(NobodyThere):
        look(desk, from_collector=giver)


def test_a_preview_says_who_may_speak_to_nobody_who_lacks_a_skill_and_how_full_each_is(desk: Database) -> None:
    before = loads(desk)
    giver = max(before, key=lambda one: before[one])
    with desk.transaction("demo") as tx:
        others = [one for one in collectors.every(tx) if one.collector_id != giver]
        able, green = others[0].collector_id, others[1].collector_id
        collectors.put(tx, replace(others[1], skills=["card"], capacity=7))
        for kind in (OfStaff.POST, OfStaff.EXAM, OfStaff.TRAINING, OfStaff.UNDERTAKING):
            put_on_record(
                tx, vault=VAULT, firm="", staff=able, kind=kind, from_day=DAY - timedelta(days=20), source="test",
                actor=LEADER, now=clock(),
            )  # fmt: skip
        away = [one.collector_id for one in others[2:]]
        for one in away:
            collectors.put_absence(tx, Absence(one, DAY, DAY + timedelta(days=1), "sick"))
    found = look(desk, from_collector=giver, most=8)
    by = {one.collector_id: one for one in found.loads}
    assert by.keys() == {able, green}
    assert (by[able].capacity, by[able].barred, by[able].lacks) == (15, None, ())
    assert by[green].capacity == 7
    barred = by[green].barred
    assert barred is not None
    assert not barred.known
    gets = [one.case.dpd or 0 for one in look(desk, from_collector=giver, to=(green,), most=8).moves]
    lacks = {"early": sum(dpd <= 30 for dpd in gets), "late": sum(dpd > 30 for dpd in gets)}
    assert look(desk, from_collector=giver, to=(green,), most=8).loads[0].lacks == tuple(
        (skill, number) for skill, number in sorted(lacks.items()) if number
    )
    assert sum(lacks.values()) == len(gets) > 0
    assert found.untold == ("card",), "whether a loan is a card stands in the book"
