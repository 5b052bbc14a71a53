"""Lists of cases: filters, cursors and counts are those of the rows; and no query walks through a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, LiteralString

import pytest
from psycopg.abc import Params

from duecourse.book.store import Store
from duecourse.casework import assignment, notes, promises
from duecourse.casework.assignment import SkipReason
from duecourse.core.money import Money
from duecourse.storage import case_file, entries, finding, views
from duecourse.storage.connection import Database, Tx
from duecourse.storage.contacts import Contact, add
from duecourse.storage.entries import Entry, EntryState, Filter, NotACursor, Published, Scope
from duecourse.storage.finding import Wanted
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from duecourse.storage.views import NotAView
from tests import work_desk
from tests.day_desk import DAY
from tests.desk import enter
from tests.work_desk import COLLECTOR, NOW, every, listed

VAULT = Vault(new_ring())


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> tuple[Database, Published]:
    return database, work_desk.set_up(database, Store(tmp_path / "book"), VAULT)


def talk(database: Database, case: Entry, days_ago: int) -> None:
    with database.transaction("demo") as tx:
        add(
            tx,
            Contact(
                person_id=case.person_id, debtor_id=case.person_id, loan_keys=(1,), relation="borrower",
                channel="call", purpose="collect", direction="out", at=NOW - timedelta(days=days_ago),
                local_day=DAY - timedelta(days=days_ago), state="reported", outcome="connected", connected=True,
            ),
            now=NOW,
        )  # fmt: skip


def test_pages_are_the_list(desk: tuple[Database, Published]) -> None:
    database, shown = desk
    whole = listed(database, shown, Filter(collector_id="a0"), most=200).entries
    assert len(whole) > 3
    assert [one.case_id for one in every(database, shown, Filter(collector_id="a0"), most=3)] == [
        one.case_id for one in whole
    ]
    assert [one.place for one in whole] == sorted(one.place for one in whole)
    assert all(one.answer == "allowed" and one.treatment for one in whole)
    with pytest.raises(NotACursor):
        listed(database, shown, Filter(), after="1;2")


def test_filters_narrow_to_the_rows_they_name(desk: tuple[Database, Published]) -> None:
    database, shown = desk
    whole = every(database, shown, Filter(collector_id="a0"))
    amounts = sorted(one.overdue_minor for one in whole)
    middle = amounts[len(amounts) // 2]
    stage, product = whole[0].stage, next(one.products[0] for one in whole if one.products)

    def ids(**more: object) -> set[int]:
        return {one.case_id for one in every(database, shown, Filter(collector_id="a0", **more))}  # type: ignore[arg-type]

    assert ids(amount_min=middle) == {one.case_id for one in whole if one.overdue_minor >= middle}
    assert ids(amount_max=middle) == {one.case_id for one in whole if one.overdue_minor <= middle}
    assert ids(stages=(stage,)) == {one.case_id for one in whole if one.stage == stage}
    assert ids(product=product) == {one.case_id for one in whole if product in one.products}
    assert ids(channel="call") == {one.case_id for one in whole if one.channel == "call"}
    assert ids(new=True) == {one.case_id for one in whole if one.opened_day == DAY}
    assert ids(scope=Scope.ALL) >= {one.case_id for one in whole}
    everybody = every(database, shown, Filter(), most=50)
    assert {one.case_id for one in whole} <= {one.case_id for one in everybody}


def test_what_was_done_today_is_done(desk: tuple[Database, Published]) -> None:
    database, shown = desk
    first, second, third = every(database, shown, Filter(collector_id="a0"))[:3]
    talk(database, first, 0)
    talk(database, second, 1)
    with database.transaction("demo") as tx:
        assignment.skip_entry(
            tx, vault=VAULT, case_id=second.case_id, reason=SkipReason.OTHER, actor=COLLECTOR, now=NOW
        )
        following = entries.next_open(tx, "a0", day=shown.day, run_id=shown.run_id, today=DAY, now=NOW)
        again = entries.next_open(tx, "a0", day=shown.day, run_id=shown.run_id, today=DAY, now=NOW, after=third.case_id)
    assert following == third.case_id
    assert again not in {first.case_id, second.case_id, third.case_id}
    assert [one.case_id for one in every(database, shown, Filter(collector_id="a0", state=EntryState.DONE))] == [
        first.case_id
    ]
    assert first.case_id not in {
        one.case_id for one in every(database, shown, Filter(collector_id="a0", state=EntryState.OPEN))
    }


def test_lost_cases_were_worked_once_and_forgotten(desk: tuple[Database, Published]) -> None:
    database, shown = desk
    lost = Filter(collector_id="a0", scope=Scope.LOST)
    assert every(database, shown, lost) == []
    known = [one for one in every(database, shown, Filter(collector_id="a0")) if one.dpd > 0][:3]
    for one in known:
        talk(database, one, 20)
    talk(database, known[0], 2)
    with database.transaction("demo") as tx:
        promises.record_promise(
            tx, vault=VAULT, case_id=known[1].case_id, amount=Money(100, known[1].currency),
            due=DAY + timedelta(days=1), actor=COLLECTOR, now=NOW,
        )  # fmt: skip
    assert [one.case_id for one in every(database, shown, lost)] == [known[2].case_id]
    with database.transaction("demo") as tx:
        notes.record_note(tx, vault=VAULT, case_id=known[2].case_id, text="looked", actor=COLLECTOR, now=NOW)
    assert every(database, shown, lost) == []


def test_the_file_of_a_case_tells_all_that_happened_page_by_page(desk: tuple[Database, Published]) -> None:
    database, shown = desk
    case = every(database, shown, Filter(collector_id="a0"))[0]
    for days in range(5):
        talk(database, case, days)
    with database.transaction("demo") as tx:
        notes.record_note(tx, vault=VAULT, case_id=case.case_id, text="one", actor=COLLECTOR, now=NOW)
        people = [case.person_id]
        whole = case_file.happenings(tx, person_id=case.person_id, people=people, now=NOW, most=200)
        paged: list[case_file.Happening] = []
        while True:
            part = case_file.happenings(
                tx, person_id=case.person_id, people=people, now=NOW, most=2,
                before=paged[-1].cursor if paged else None,
            )  # fmt: skip
            if not part:
                break
            paged += part
        only = case_file.happenings(tx, person_id=case.person_id, people=people, now=NOW, kinds=("note",))
        with pytest.raises(case_file.NotACursor):
            case_file.happenings(tx, person_id=case.person_id, people=people, now=NOW, before="1-else-2")
    assert paged == whole
    assert [one.kind for one in whole].count("contact") == 5
    assert [one.kind for one in only] == ["note"]
    assert [one.at for one in whole] == sorted((one.at for one in whole), reverse=True)


def test_saved_views_are_their_owners(database: Database) -> None:
    enter(database)
    with database.transaction("demo") as tx:
        views.save(tx, owner="collector:a0", page="worklist", name=" Late ", query="stage=M3", now=NOW)
        views.save(tx, owner="collector:a0", page="worklist", name="Late", query="stage=M4", now=NOW)
        assert [(one.name, one.query) for one in views.of(tx, owner="collector:a0", page="worklist")] == [
            ("Late", "stage=M4")
        ]
        assert views.of(tx, owner="collector:a1", page="worklist") == []
        assert not views.delete(tx, owner="collector:a1", page="worklist", name="Late")
        for wrong in ("", "x" * 41, "a\nb"):
            with pytest.raises(NotAView):
                views.save(tx, owner="collector:a0", page="worklist", name=wrong, query="", now=NOW)


def test_no_list_walks_through_a_table(desk: tuple[Database, Published]) -> None:
    """With sequential scans made dear, every one that is left had no index to go by."""
    database, shown = desk
    with database.transaction("demo") as tx:
        tx.execute("SET LOCAL enable_seqscan = off")
        explaining = Explaining(tx.connection, tx.lender_id)
        for wanted in (
            Filter(collector_id="a0"), Filter(collector_id="a0", scope=Scope.ALL), Filter(),
            Filter(collector_id="a0", scope=Scope.LOST), Filter(scope=Scope.LOST), Filter(scope=Scope.NOBODY),
        ):  # fmt: skip
            entries.page(explaining, wanted, day=shown.day, run_id=shown.run_id, today=DAY, now=NOW)
        case_file.happenings(explaining, person_id=1, people=[1, 2], now=NOW)
        finding.find(explaining, Wanted(1, 1, 1, b"", b"", (b"",)), day=shown.day, run_id=shown.run_id)
    assert len(explaining.plans) == 8
    assert [line for plan in explaining.plans for line in plan if "Seq Scan" in line] == []


@dataclass(frozen=True, slots=True)
class Explaining(Tx):
    """A transaction that tells how each query would be answered, and answers none."""

    plans: list[list[str]] = field(default_factory=list)

    def rows(self, _row_type: type[Any], query: LiteralString, params: Params | None = None) -> list[Any]:
        self.plans.append([str(row[0]) for row in self.execute("EXPLAIN " + query, params)])
        return []
