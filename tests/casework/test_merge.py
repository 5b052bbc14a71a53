"""Two persons are one, and apart again; a person's data go for good, when nothing needs them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from duecourse.casework.destroy import Ground, StillNeeded, destroy
from duecourse.casework.merge import NotMerged, Reason, merge, unmerge
from duecourse.casework.reveal import reveal
from duecourse.evidence.record import read
from duecourse.storage import cases, log, persons, points, reach
from duecourse.storage.connection import Database
from duecourse.storage.vault import Destroyed, Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import IMPORT, NOW, REAL, TODAY, batch, enter, person, register

VAULT = Vault(new_ring())


@pytest.fixture
def desk(database: Database) -> Database:
    enter(database)
    register(database, VAULT, batch(1, 2, 3))
    return database


def join(database: Database, one: int, other: int, lender: str = "demo") -> None:
    with database.transaction(lender) as tx:
        merge(
            tx, vault=VAULT, person_id=person(one), into=person(other), reason=Reason.SAME_DOCUMENT, actor=IMPORT,
            now=NOW,
        )  # fmt: skip


def part(database: Database, one: int) -> int:
    with database.transaction("demo") as tx:
        return unmerge(tx, vault=VAULT, person_id=person(one), reason=Reason.MISTAKE, actor=IMPORT, now=NOW)


def gone(database: Database, one: int, *standing: str) -> None:
    with database.transaction("demo") as tx:
        destroy(
            tx, vault=VAULT, person_id=person(one), ground=Ground.PURPOSE_GONE, standing=standing, day=TODAY,
            actor=IMPORT, now=NOW,
        )  # fmt: skip


def roots(database: Database) -> dict[int, int]:
    with database.transaction("demo") as tx:
        return dict(reach.aliases(tx).iter_rows())


def test_merged_through_any_number_of_steps_and_apart_again(desk: Database) -> None:
    join(desk, 1, 2)
    join(desk, 2, 3)
    assert roots(desk) == {person(1): person(3), person(2): person(3)}
    assert part(desk, 2) == person(3)
    assert roots(desk) == {person(1): person(2)}


def test_both_have_the_record_and_it_names_nobody_in_the_clear(desk: Database) -> None:
    join(desk, 1, 2)
    part(desk, 1)
    for number, other in ((1, 2), (2, 1)):
        with desk.transaction("demo") as tx:
            entries = log.of_person(tx, person(number))
        assert {entry.kind for entry in entries} == {"person.merge", "person.unmerge"}
        stated = [read(entry.content)["stated"] for entry in entries]
        assert {one["reason"] for one in stated if isinstance(one, Mapping)} == {"same_document", "mistake"}
        assert str(person(other)) not in "".join(entry.content.decode() for entry in entries)


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [(1, 1, "is one already"), (1, 3, "was merged into"), (2, 1, "round in a circle"), (3, 1, None)],
)
def test_what_cannot_be_one_is_refused(desk: Database, one: int, other: int, said: str | None) -> None:
    join(desk, 1, 2)
    if said is None:
        join(desk, one, other)
        return
    before = roots(desk)
    with pytest.raises(NotMerged, match=said):
        join(desk, one, other)
    assert roots(desk) == before


def test_a_firm_is_no_human(desk: Database) -> None:
    with desk.transaction("demo") as tx:
        tx.execute("UPDATE person SET kind = 'firm' WHERE lender_id = 'demo' AND person_id = %s", (person(2),))
    with pytest.raises(NotMerged, match="neither is the other"):
        join(desk, 1, 2)


def test_nobody_is_merged_across_lenders(desk: Database) -> None:
    enter(desk, REAL)
    with pytest.raises(persons.NoSuchPerson):
        join(desk, 1, 2, "bank")


def test_who_was_not_merged_is_not_taken_apart(desk: Database) -> None:
    with pytest.raises(NotMerged, match="not merged into anybody"):
        part(desk, 1)


def test_data_are_destroyed_once_and_nothing_of_them_is_shown(desk: Database) -> None:
    gone(desk, 1)
    with desk.transaction("demo") as tx:
        one = persons.get(tx, person(1))
        assert (one.destroyed_at, one.name_masked, one.id_masked, one.birth_masked) == (NOW, None, None, None)
        assert [(p.value_masked, p.to_at) for p in points.of_person(tx, person(1))] == [("***", NOW)]
        assert [entry.kind for entry in log.of_person(tx, person(1))] == ["person.destroy"]
        assert persons.get(tx, person(2)).name_masked == "张*"
    with pytest.raises(Destroyed):
        gone(desk, 1)
    with pytest.raises(Destroyed):
        join(desk, 1, 2)
    with desk.transaction("demo") as tx, pytest.raises(Destroyed):
        reveal(
            tx, vault=VAULT, person_id=person(1), field="name", purpose="identify", actor=IMPORT,
            now=NOW + timedelta(days=1),
        )  # fmt: skip


def test_what_a_claim_or_a_case_needs_is_kept(desk: Database) -> None:
    with pytest.raises(StillNeeded, match="L1"):
        gone(desk, 1, "L1")
    with desk.transaction("demo") as tx:
        tx.execute(
            "INSERT INTO cases (lender_id, person_id, opened_day, opened_by) VALUES ('demo', %s, %s, 'test')",
            (person(1), TODAY),
        )
        assert len(cases.of_person(tx, person(1))) == 1
    with pytest.raises(StillNeeded, match="open case"):
        gone(desk, 1)
    with desk.transaction("demo") as tx:
        assert persons.get(tx, person(1)).destroyed_at is None
