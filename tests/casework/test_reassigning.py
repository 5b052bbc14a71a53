"""Many cases given to others: as the preview said, all or none, and by room."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from duecourse.book.store import Store
from duecourse.casework.actor import Actor, Role
from duecourse.casework.assignment import Handover
from duecourse.casework.reassigning import CasesMoved, Choice, NobodyThere, Preview, preview, reassign
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
    assert {name: then for name, _now, then in found.loads} == {
        name: after.get(name, 0) for name, _n, _t in found.loads
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


def test_nobody_who_is_away_gets_a_case(desk: Database) -> None:
    before = loads(desk)
    giver = max(before, key=lambda one: before[one])
    with desk.transaction("demo") as tx:
        others = [one.collector_id for one in collectors.every(tx) if one.collector_id != giver]
        for one in others[:-1]:
            collectors.put_absence(tx, Absence(one, DAY, DAY + timedelta(days=1), "sick"))
    assert {one.to for one in look(desk, from_collector=giver, most=5).moves} == {others[-1]}
    with pytest.raises(NobodyThere):
        look(desk, from_collector=giver, to=tuple(others[:-1]))
