"""A collector entered by hand: refused twice, on record, and given cases by the next day run."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from duecourse.book.store import Store
from duecourse.casework import registers, team, user
from duecourse.casework.actor import Actor, Role
from duecourse.casework.staff import OfStaff
from duecourse.evidence.record import read
from duecourse.storage import cases, collectors, log, worklists
from duecourse.storage.collectors import Collector
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from duecourse.trouble import BadInput, Refused
from tests.day_desk import DAY, clock, fill, run_day

VAULT = Vault(new_ring())
LEAD = Actor(Role.SUPERVISOR, "s1")
ROW = {"team": "team", "skills": ["early", "late", "card"], "languages": ["zh"], "capacity": 20}


def enter(database: Database, collector: str = "E09", **changed: object) -> Collector:
    given = {"from_day": DAY, **ROW, **changed}
    with database.transaction("demo") as tx:
        return team.add_collector(tx, vault=VAULT, collector_id=collector, actor=LEAD, now=clock(), **given)  # type: ignore[arg-type]


def on_list(database: Database, day: date) -> list[int]:
    """The cases of E09's list."""
    with database.transaction("demo") as tx:
        return [one.case_id for one in worklists.worklist(tx, day, most=10_000) if one.collector_id == "E09"]


def test_the_next_day_run_gives_cases_to_whom_was_entered(database: Database, tmp_path: Path) -> None:
    store = Store(tmp_path / "book")
    fill(database, store, VAULT)
    run_day(database, store, VAULT)
    assert on_list(database, DAY) == []
    enter(database, from_day=DAY + timedelta(days=1))
    run_day(database, store, VAULT)
    assert on_list(database, DAY) == [], "the first day of work is tomorrow"
    with database.transaction("demo") as tx:  # cases stay with whom they know: somebody must have left
        for one in ("a0", "a1", "a2"):
            kept = collectors.get(tx, one)
            collectors.put(tx, replace(kept, to_day=DAY + timedelta(days=1)))
    run_day(database, store, VAULT, day=DAY + timedelta(days=1))
    given = on_list(database, DAY + timedelta(days=1))
    assert 0 < len(given) <= ROW["capacity"]  # type: ignore[operator]
    with database.transaction("demo") as tx:
        assert {cases.get(tx, one).collector_id for one in given} == {"E09"}


def test_who_leaves_works_until_the_day_and_the_cases_go_to_others(database: Database, tmp_path: Path) -> None:
    store = Store(tmp_path / "book")
    fill(database, store, VAULT)
    enter(database, capacity=500)
    with database.transaction("demo") as tx:
        for one in ("a0", "a1", "a2"):
            team.set_leaving(tx, vault=VAULT, collector_id=one, to_day=DAY, actor=LEAD, now=clock())
    run_day(database, store, VAULT)
    held = on_list(database, DAY)
    assert held
    with database.transaction("demo") as tx:
        team.set_leaving(tx, vault=VAULT, collector_id="E09", to_day=DAY + timedelta(days=1), actor=LEAD, now=clock())
        back = team.set_leaving(tx, vault=VAULT, collector_id="a0", to_day=None, actor=LEAD, now=clock())
        entries = log.of_kind_at(tx, "collector.leaving", clock())
    assert back.to_day is None
    assert len(entries) == 5
    run_day(database, store, VAULT, day=DAY + timedelta(days=1))
    assert on_list(database, DAY + timedelta(days=1)) == []
    with database.transaction("demo") as tx:
        still = [one for one in (cases.get(tx, case) for case in held) if one.closed_day is None]
        assert still
        assert {one.collector_id for one in still} <= {"a0", None}
        with pytest.raises(BadInput, match="later than the first day of work"):
            team.set_leaving(tx, vault=VAULT, collector_id="E09", to_day=DAY, actor=LEAD, now=clock())


def test_nobody_is_entered_twice_and_nothing_is_changed_by_it(database: Database, tmp_path: Path) -> None:
    fill(database, Store(tmp_path / "book"), VAULT, 20)
    made = enter(database, to_day=DAY + timedelta(days=30))
    with pytest.raises(Refused, match="E09 is a collector already"):
        enter(database, team="other", capacity=1)
    with database.transaction("demo") as tx:
        assert collectors.get(tx, "E09") == made
        (entry,) = log.of_kind_at(tx, "collector.added", clock())
        stated = read(entry.content)["stated"]
    assert isinstance(stated, dict)
    assert "E09" not in str(stated)
    assert {name: stated[name] for name in ("team", "skills", "languages", "capacity", "first", "gone")} == {
        **ROW, "first": DAY.isoformat(), "gone": (DAY + timedelta(days=30)).isoformat(),
    }  # fmt: skip
    assert entry.actor == "supervisor:s1"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"collector": "张三"}, "a collector is named by the staff number"),
        ({"collector": "two words"}, "a collector is named by the staff number"),
        ({"collector": ""}, "a collector is named by the staff number"),
        ({"team": ""}, "team, skills and languages are words"),
        ({"skills": ["a b"]}, "team, skills and languages are words"),
        ({"languages": ["中文"]}, "team, skills and languages are words"),
        ({"capacity": -1}, "cases a day are a whole number from 0 to 10000"),
        ({"capacity": 10_001}, "cases a day are a whole number from 0 to 10000"),
        ({"to_day": DAY}, "later than the first day of work"),
    ],
)
def test_what_cannot_be_a_collector_is_refused(
    database: Database, tmp_path: Path, changed: dict[str, object], said: str
) -> None:
    fill(database, Store(tmp_path / "book"), VAULT, 20)
    with pytest.raises(BadInput, match=said):
        enter(database, **changed)  # type: ignore[arg-type]
    with database.transaction("demo") as tx:
        assert len(collectors.every(tx)) == 4


def test_what_is_still_lacking_is_known(database: Database, tmp_path: Path) -> None:
    fill(database, Store(tmp_path / "book"), VAULT, 20)
    made = enter(database, skills=["early", "m7"])
    with database.transaction("demo") as tx:
        lacking = team.lacks(tx, made, day=DAY)
        assert lacking == team.Lacks(user=True, post=True, unasked=("m7",), asked=("card", "early", "late"))
        user.add_user(tx, vault=VAULT, user_id="E09", team=None, actor=LEAD, now=clock())
        registers.put_on_record(
            tx, vault=VAULT, firm="", staff="E09", kind=OfStaff.POST, from_day=DAY, to_day=None, source="contract",
            actor=LEAD, now=clock(),
        )  # fmt: skip
        after = team.lacks(tx, made, day=DAY)
        assert (after.user, after.post) == (False, False)
        assert team.lacks(tx, made, day=DAY - timedelta(days=1)).post
