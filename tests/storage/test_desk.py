"""What the day run reads of many people at once, and the constraints that hold whoever writes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from psycopg import errors

from duecourse.storage import breaks, cases, collectors, contacts, holds, parties, points, strategies
from duecourse.storage.books import BookVersion, commit_version
from duecourse.storage.collectors import Absence, Collector
from duecourse.storage.connection import Database
from duecourse.storage.contacts import Contact
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import NOW, TODAY, batch, enter, loan, person, register

VAULT = Vault(new_ring())


@pytest.fixture
def desk(database: Database) -> Database:
    enter(database)
    register(database, VAULT, batch(1, 2, 3))
    return database


def contact(number: int = 1, /, **changed: object) -> Contact:
    values: dict[str, object] = {
        "person_id": person(number),
        "debtor_id": person(number),
        "loan_keys": (loan(number),),
        "relation": "borrower",
        "channel": "call",
        "purpose": "collect",
        "direction": "out",
        "at": NOW,
        "local_day": TODAY,
        "state": "reported",
        "outcome": "no_answer",
        "connected": False,
        "point_index": VAULT.index("demo", "phone", f"154 0000 {number:04d}", "CN"),
    }
    return Contact(**(values | changed))  # type: ignore[arg-type]


def test_counters_are_conservative(desk: Database) -> None:
    unreported: dict[str, object] = {"outcome": None, "connected": None}
    with desk.transaction("demo") as tx:
        for made in (
            contact(),
            contact(outcome="spoke", connected=True),
            contact(1, **unreported, state="redeemed"),
            contact(1, **unreported, state="reserved"),
            contact(1, **unreported, state="released"),
            contact(direction="in", outcome="spoke", connected=True),
            contact(channel="sms", purpose="remind"),
            contact(channel="push", purpose="service"),
            contact(local_day=TODAY - timedelta(days=1)),
            contact(2, debtor_id=person(1), relation="contact_person", purpose="relay", outcome="x", connected=True),
        ):
            contacts.add(tx, made, now=NOW)
        by_person = {row[0]: row[1:] for row in contacts.day_counts(tx, TODAY).iter_rows()}
        assert by_person == {person(1): (4, 1, 1, 6), person(2): (1, 0, 0, 1)}  # a call to 2 was about debts of 1
        only = contacts.day_counts(tx, TODAY, persons=pl.Series([person(2)]))
        assert only["person_id"].to_list() == [person(2)]
        assert contacts.debtor_counts(tx, TODAY).rows() == [(person(1), 4, 7)]
        index = VAULT.index("demo", "phone", "15400000001", "CN").hex()
        assert contacts.point_counts(tx, TODAY).rows() == [(index, 3)]


def test_holds_stand_from_their_instant_until_their_end(desk: Database) -> None:
    with desk.transaction("demo") as tx:
        first = holds.place(
            tx, person_id=person(1), kind="dispute", from_at=NOW, source="test", now=NOW, loan_key=loan(1)
        )
        holds.place(tx, person_id=person(2), kind="hardship", from_at=NOW, source="test", now=NOW)
        with pytest.raises(holds.HoldStands, match="hardship"):
            holds.place(tx, person_id=person(2), kind="hardship", from_at=NOW, source="test", now=NOW)
        assert holds.standing(tx, NOW - timedelta(seconds=1)).height == 0
        assert set(holds.standing(tx, NOW).rows()) == {(person(1), loan(1), "dispute"), (person(2), None, "hardship")}
        assert holds.standing(tx, NOW, persons=pl.Series([person(1)])).height == 1
        assert holds.standing(tx, NOW, known=NOW - timedelta(seconds=1)).height == 0
        later = NOW + timedelta(days=1)
        assert holds.end(tx, person_id=person(1), hold_id=first, to_at=later, ended_by="answered")
        assert not holds.end(tx, person_id=person(1), hold_id=first, to_at=later, ended_by="again")
        assert holds.standing(tx, later)["kind"].to_list() == ["hardship"]
        assert holds.standing(tx, later - timedelta(microseconds=1)).height == 2
        assert holds.of_person(tx, person(1))[0].ended_by == "answered"


def test_parties_and_points_come_as_frames(desk: Database) -> None:
    with desk.transaction("demo") as tx:
        found = parties.on_day(tx, TODAY)
        assert found["loan_key"].to_list() == sorted(loan(n) for n in (1, 2, 3))
        assert found.schema == pl.Schema(parties.SCHEMA)
        assert parties.on_day(tx, date(2024, 12, 31)).height == 0
        assert parties.on_day(tx, TODAY, loans=pl.Series([loan(2)]))["person_id"].to_list() == [person(2)]
        assert [party.relation for party in parties.of_loan(tx, loan(1))] == ["borrower"]
        current = points.current(tx, persons=pl.Series([person(3)]))
        assert current["value_masked"].to_list() == ["154****0003"]
        assert current["value_index"].to_list() == [VAULT.index("demo", "phone", "15400000003", "CN").hex()]
        assert points.current(tx).height == 3
        point = points.of_person(tx, person(3))[0]
        points.set_state(tx, person(3), point.contact_point_id, "wrong", now=NOW)
        assert points.current(tx, persons=pl.Series([person(3)]))["state"].to_list() == ["wrong"]
        with pytest.raises(points.NoSuchPoint):
            points.set_state(tx, person(3), 1, "wrong", now=NOW)


def test_collectors_at_work(desk: Database) -> None:
    day = TODAY
    with desk.transaction("demo") as tx:
        collectors.put(tx, Collector("c1", "east", ["m1", "plan"], ["zh"], 80, day))
        collectors.put(tx, Collector("c2", "east", ["m1"], ["zh", "en"], 60, day, day + timedelta(days=9)))
        collectors.put_absence(tx, Absence("c1", day, day + timedelta(days=2), "leave"))
        assert collectors.present(tx, day)["collector_id"].to_list() == ["c2"]
        assert collectors.present(tx, day + timedelta(days=2)).rows() == [
            ("c1", "east", "m1 plan", "zh", 80),
            ("c2", "east", "m1", "zh en", 60),
        ]
        assert collectors.present(tx, day + timedelta(days=9))["collector_id"].to_list() == ["c1"]
        assert collectors.present(tx, day - timedelta(days=1)).height == 0
        assert len(collectors.every(tx)) == 2


def test_a_person_has_one_open_case_and_a_loan_is_in_one(desk: Database) -> None:
    people = pl.Series([person(1), person(2), person(1)])
    with desk.transaction("demo") as tx:
        collectors.put(tx, Collector("c1", "east", [], ["zh"], 80, TODAY))
        assert cases.open_many(tx, people, day=TODAY, by="rule 1") == 2
        assert cases.open_many(tx, people, day=TODAY, by="rule 1") == 0
        loans = pl.DataFrame({"person_id": [person(1), person(2)], "loan_key": [loan(1), loan(2)]})
        assert cases.set_loans(tx, loans, day=TODAY) == 2
        assert cases.set_loans(tx, loans, day=TODAY) == 0
        given = pl.DataFrame({"person_id": [person(1)], "collector_id": ["c1"]})
        assert cases.assign_many(tx, given, day=TODAY) == 1
        assert cases.assign_many(tx, given, day=TODAY + timedelta(days=1)) == 0
        first = cases.of_person(tx, person(1))[0]
        assert (first.collector_id, first.collector_since) == ("c1", TODAY)
        assert cases.loans_of(tx, first.case_id) == [loan(1)]
        assert cases.open_cases(tx, TODAY)["person_id"].to_list() == sorted([person(1), person(2)])
        tomorrow = TODAY + timedelta(days=1)
        moved = pl.DataFrame({"person_id": [person(1)], "loan_key": [loan(3)]})
        assert cases.set_loans(tx, moved, day=tomorrow) == 2
        assert cases.set_loans(tx, loans.head(1), day=tomorrow) == 2
        assert cases.set_loans(tx, moved, day=tomorrow) == 2
        end = TODAY + timedelta(days=2)
        assert cases.close_many(tx, pl.Series([person(1)]), day=end, by="cured") == 1
        assert cases.get(tx, first.case_id).closed_by == "cured"
        assert cases.loans_of(tx, first.case_id) == [loan(3)]
        assert cases.open_many(tx, people, day=end, by="rule 1", reopen="cured") == 1
        assert cases.get(tx, first.case_id).closed_by is None
        assert cases.set_loans(tx, moved, day=end) == 1
        assert cases.close_many(tx, pl.Series([person(1)]), day=end, by="sold") == 1
        assert cases.open_many(tx, people, day=end, by="rule 1", reopen="cured") == 1
        assert len(cases.of_person(tx, person(1))) == 2
        with pytest.raises(cases.NoSuchCase):
            cases.get(tx, 10**12)
    with pytest.raises(errors.UniqueViolation, match="cases_one_open"), desk.transaction("demo") as tx:
        tx.execute(
            "INSERT INTO cases (lender_id, person_id, opened_day, opened_by) VALUES ('demo', %s, %s, 'x')",
            (person(2), TODAY),
        )


def test_breaks_open_go_on_and_close(desk: Database) -> None:
    def found(*rows: tuple[int, str, int, int]) -> pl.DataFrame:
        return pl.DataFrame(
            [("balance", loan(n), what, "CNY", theirs, ours, None, None) for n, what, theirs, ours in rows],
            schema=breaks.SCHEMA,
            orient="row",
        )

    all_loans = pl.Series([loan(1), loan(2)])
    with desk.transaction("demo") as tx:
        commit_version(tx, BookVersion(1, None, NOW, "import", {}, bytes(32), 0))
        first = found((1, "principal", 100, 90), (2, "principal", 5, 6))
        assert breaks.set_open(tx, first, checked=all_loans, kinds=["balance"], version=1, day=TODAY, by="import") == (
            2,
            0,
        )
        later = TODAY + timedelta(days=1)
        second = found((1, "principal", 100, 95))
        assert breaks.set_open(tx, second, checked=all_loans, kinds=["balance"], version=1, day=later, by="import") == (
            0,
            1,
        )
        assert breaks.open_breaks(tx).rows() == [("balance", loan(1), "principal", "CNY", 100, 95, None, None, TODAY)]
        assert breaks.open_breaks(tx, loans=pl.Series([loan(2)])).height == 0
        untouched = breaks.set_open(
            tx, found(), checked=pl.Series([loan(2)]), kinds=["balance"], version=1, day=later, by="import"
        )
        assert untouched == (0, 0)


def test_a_strategy_keeps_its_versions(desk: Database) -> None:
    with desk.transaction("demo") as tx:
        assert strategies.add(tx, strategy_id="first", content="a: 1\n", from_day=TODAY, now=NOW) == 1
        assert strategies.add(tx, strategy_id="first", content="a: 1\n", from_day=TODAY, now=NOW) == 1
        later = TODAY + timedelta(days=1)
        assert strategies.add(tx, strategy_id="first", content="a: 2\n", from_day=later, now=NOW) == 2
        on_day = strategies.on_day(tx, "first", TODAY)
        assert on_day is not None
        assert on_day.version == 1
        after = strategies.on_day(tx, "first", later)
        assert after is not None
        assert after.content == "a: 2\n"
        assert strategies.get(tx, "first", 3) is None


REFUSED = {
    "an unknown relation": "INSERT INTO party (lender_id, person_id, loan_key, relation, from_day, named_by_debtor, "
    "source, known_at) VALUES ('demo', {p}, 1, 'friend', '2026-01-01', false, 'x', now())",
    "a second borrower": "INSERT INTO party (lender_id, person_id, loan_key, relation, from_day, named_by_debtor, "
    "source, known_at) VALUES ('demo', {q}, {l}, 'borrower', '2026-01-01', false, 'x', now())",
    "a tie that ends before it begins": "UPDATE party SET to_day = from_day",
    "a party who is nobody": "INSERT INTO party (lender_id, person_id, loan_key, relation, from_day, named_by_debtor, "
    "source, known_at) VALUES ('demo', 5, 1, 'guarantor', '2026-01-01', false, 'x', now())",
    "a person who is an alias of himself": "UPDATE person SET alias_of = person_id",
    "a masked name without a sealed one": "UPDATE person SET name_sealed = NULL",
    "a destroyed secret without an instant": "UPDATE person SET secret_wrapped = NULL",
    "a contact on an unknown channel": "INSERT INTO contact (lender_id, person_id, debtor_id, loan_keys, relation, "
    "channel, purpose, direction, at, local_day, state, known_at) VALUES ('demo', {p}, {p}, '{{1}}', 'borrower', "
    "'telepathy', 'collect', 'out', now(), '2026-01-01', 'reserved', now())",
    "a reported contact without outcome": "INSERT INTO contact (lender_id, person_id, debtor_id, loan_keys, relation, "
    "channel, purpose, direction, at, local_day, state, known_at) VALUES ('demo', {p}, {p}, '{{1}}', 'borrower', "
    "'call', 'collect', 'out', now(), '2026-01-01', 'reported', now())",
    "a hold of an unknown kind": "INSERT INTO hold (lender_id, person_id, kind, from_at, source, known_at) "
    "VALUES ('demo', {p}, 'mood', now(), 'x', now())",
    "a lender without currency": "INSERT INTO lender VALUES ('demo2', 'x', 'CN', 'Asia/Shanghai', 'yuan', 'bank', "
    "true, '{{}}', now())",
    "a book that forks": "INSERT INTO book_version VALUES ('demo', 3, 1, now(), 'x', '{{}}', decode(repeat('00', 32), "
    "'hex'), 0)",
    "rows in that do not add up": "INSERT INTO source_file VALUES ('demo', decode(repeat('00', 32), 'hex'), 'loan', "
    "decode(repeat('00', 32), 'hex'), NULL, 10, 8, 1, '{{}}', 1, now())",
}


@pytest.mark.parametrize("what", REFUSED)
def test_the_database_refuses(desk: Database, what: str) -> None:
    with desk.transaction("demo") as tx:
        commit_version(tx, BookVersion(1, None, datetime(2026, 1, 1, tzinfo=UTC), "import", {}, bytes(32), 0))
    statement = REFUSED[what].format(p=person(1), q=person(2), l=loan(1))
    with pytest.raises((errors.IntegrityError, errors.InsufficientPrivilege)), desk.transaction("demo") as tx:
        tx.connection.execute(statement.encode())
