"""What people did before duecourse: taken whole or not at all, every fault named, nothing forgotten, nothing twice."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from duecourse.casework.actor import Actor, Role
from duecourse.casework.desk_import import (
    ABSENCES,
    COLUMNS,
    OUTCOMES,
    REFUSED,
    WORDS,
    WRONG_NUMBER,
    BadDeskFile,
    Taken,
    import_desk,
)
from duecourse.casework.outcomes import COUNTS, outcomes_of
from duecourse.casework.parties import Batch
from duecourse.casework.registers import put_on_record
from duecourse.casework.staff import OfFirm
from duecourse.casework.stating import end_fact
from duecourse.law.terms import Channel
from duecourse.locale import catalogue, language_of
from duecourse.storage import collectors, contacts, parties, points, stated
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from duecourse.trouble import worded
from tests import desk
from tests.desk import NOW, batch, enter, person, register

ACTOR = Actor(Role.OPERATOR, "test")
STAFF = {
    "collector_id": "E01", "team": "early", "skills": "early card", "languages": "zh", "capacity": "40",
    "from_day": "2024-01-01", "to_day": "",
}  # fmt: skip
AWAY = {"collector_id": "E01", "from_day": "2026-03-02", "to_day": "2026-03-05", "kind": "leave"}
CALL = {
    "contact_ref": "K1", "person_ref": "C1", "debtor_ref": "C1", "loan_refs": "L1", "relation": "borrower",
    "point_kind": "phone", "point_label": "mobile", "channel": "call", "purpose": "collect", "direction": "out",
    "at": "2026-02-27T09:30:00+08:00", "outcome": "spoke", "connected": "true", "collector_id": "E01",
}  # fmt: skip
RELAY = CALL | {
    "contact_ref": "K2", "person_ref": "C2", "relation": "contact_person", "purpose": "relay", "outcome": "refused",
    "at": "2026-02-27T10:00:00+08:00",
}  # fmt: skip


@pytest.fixture
def vault() -> Vault:
    return Vault(new_ring())


@pytest.fixture
def people(database: Database, vault: Vault) -> Database:
    """Debtors C1 and C2 with a telephone and a loan each; C2 is also the contact person of C1's loan."""
    enter(database)
    whole = batch(1, 2)
    named = desk.ties(1, person_id=person(2), relation="contact_person", named_by_debtor=True)
    register(database, vault, Batch(whole.persons, whole.points, whole.parties.vstack(named)))
    return database


def folder(where: Path, **files: list[dict[str, str]]) -> Path:
    where.mkdir(exist_ok=True)
    for name, rows in files.items():
        lines = [",".join(COLUMNS[name]), *(",".join(row.get(column, "") for column in COLUMNS[name]) for row in rows)]
        (where / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return where


def take(database: Database, vault: Vault, where: Path, now: datetime = NOW) -> Taken:
    with database.transaction("demo") as tx:
        return import_desk(tx, where, vault=vault, actor=ACTOR, now=now)


def state(database: Database) -> list[object]:
    """All that a folder may change."""
    with database.transaction("demo") as tx:
        return [
            collectors.every(tx),
            collectors.present(tx, date(2026, 3, 3)).rows(),
            contacts.day_counts(tx, date(2026, 2, 27)).rows(),
            points.of_person(tx, person(1)),
            points.of_person(tx, person(2)),
            parties.of_person(tx, person(2)),
        ]


def test_collectors_absences_and_contacts_are_taken(people: Database, vault: Vault, tmp_path: Path) -> None:
    files = folder(
        tmp_path / "d", collectors=[STAFF, STAFF | {"collector_id": "E02"}], absences=[AWAY], contacts=[CALL]
    )
    assert take(people, vault, files) == Taken(collectors=2, absences=1, contacts=1, wrong_numbers=0, refusals=0)
    with people.transaction("demo") as tx:
        assert collectors.present(tx, date(2026, 3, 1))["collector_id"].to_list() == ["E01", "E02"]
        assert collectors.present(tx, date(2026, 3, 4))["collector_id"].to_list() == ["E02"]
        assert collectors.every(tx)[0].skills == ["early", "card"]
        (counted,) = contacts.day_counts(tx, date(2026, 2, 27)).rows(named=True)
    assert (counted["person_id"], counted["connected_calls"], counted["attempts"]) == (person(1), 1, 1)


LIVES = {
    "person_ref": "C1", "fact": "resident_territory", "value": "scotland", "from_day": "2026-01-05", "source": "form",
}  # fmt: skip


def test_facts_are_taken_once_and_hold_from_their_day(people: Database, vault: Vault, tmp_path: Path) -> None:
    moved = LIVES | {"value": "england_wales", "from_day": "2026-02-01", "loan_ref": "L1", "to_day": "2026-02-03"}
    files = folder(tmp_path / "d", facts=[LIVES, moved])
    assert take(people, vault, files).facts == 2
    assert take(people, vault, files).facts == 0
    with people.transaction("demo") as tx:
        second, first = stated.of_person(tx, person(1))
    assert (first.fact, first.value, first.source, first.loan_key) == ("resident_territory", "scotland", "form", None)
    assert first.from_at == datetime(2026, 1, 4, 16, tzinfo=UTC)  # midnight in Shanghai
    assert (second.loan_key, second.to_at) == (desk.loan(1), datetime(2026, 2, 2, 16, tzinfo=UTC))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"person_ref": "C9"}, "nobody is known by this person_ref"),
        ({"fact": "resident_teritory"}, "did you mean 'resident_territory'"),
        ({"fact": "hold_cease", "value": "true"}, "takes nobody's word"),
        ({"value": "wales"}, "is not a value it can have; it takes one of"),
        ({"source": ""}, "`source` is needed"),
        ({"to_day": "2026-01-05"}, "it is later than from_day"),
        ({"loan_ref": "L2"}, "person C1 has no tie to a loan L2;"),
        ({"firm": "acme"}, "it is said to no one house, so leave the firm out"),
        ({"loan_ref": "NOSUCH"}, "person C1 has no tie to a loan NOSUCH;"),
    ],
)
def test_a_fact_that_cannot_be_put_on_record_is_named_and_nothing_is_taken(
    people: Database, vault: Vault, tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    with pytest.raises(BadDeskFile) as refused:
        take(people, vault, folder(tmp_path / "d", facts=[LIVES, LIVES | changed]))
    assert "facts.csv, row 2" in str(refused.value)
    assert said in str(refused.value)
    with people.transaction("demo") as tx:
        assert stated.of_person(tx, person(1)) == []


def test_a_consent_is_taken_for_the_house_it_was_given_to(people: Database, vault: Vault, tmp_path: Path) -> None:
    given = LIVES | {"fact": "direct_consent", "value": "true"}
    files = folder(tmp_path / "d", facts=[given, given | {"firm": "acme"}])
    with pytest.raises(BadDeskFile, match=r"row 2: no firm 'acme' is known here"):
        take(people, vault, files)
    with people.transaction("demo") as tx:
        put_on_record(
            tx, vault=vault, firm="acme", staff="", kind=OfFirm.ADMISSION, from_day=date(2025, 1, 5), source="contract",
            actor=ACTOR, now=NOW,
        )  # fmt: skip
    assert (take(people, vault, files).facts, take(people, vault, files).facts) == (2, 0)
    path = tmp_path / "d" / "facts.csv"
    path.write_text("".join(line.rpartition(",")[0] + "\n" for line in path.read_text().splitlines()[:2]))
    assert take(people, vault, files).facts == 0, "a file without the column speaks of the lender's own"
    with people.transaction("demo") as tx:
        assert sorted(str(one.firm) for one in stated.of_person(tx, person(1))) == ["", "acme"]


def test_who_refuses_is_a_third_person_by_the_desks_ties_and_not_by_the_files_word(
    people: Database, vault: Vault, tmp_path: Path
) -> None:
    said = RELAY | {"relation": "borrower"}
    assert take(people, vault, folder(tmp_path / "d", contacts=[said])).refusals == 1
    with people.transaction("demo") as tx:
        ties = {tie.relation: tie.refused_at is not None for tie in parties.of_person(tx, person(2))}
    assert ties["contact_person"]


def test_the_same_folder_twice_changes_nothing(people: Database, vault: Vault, tmp_path: Path) -> None:
    wrong = CALL | {
        "contact_ref": "K3",
        "outcome": "wrong_number",
        "at": "2026-02-27T11:00:00+08:00",
    }
    files = folder(tmp_path / "d", collectors=[STAFF], absences=[AWAY], contacts=[CALL, RELAY, wrong])
    first = take(people, vault, files)
    assert (first.contacts, first.wrong_numbers, first.refusals) == (3, 1, 1)
    before = state(people)
    again = take(people, vault, files, datetime(2026, 3, 2, 2, tzinfo=UTC))
    assert (again.contacts, again.contacts_known, again.wrong_numbers, again.refusals) == (0, 3, 0, 0)
    assert state(people) == before


def test_a_wrong_number_marks_the_point_for_everybody_that_asks(people: Database, vault: Vault, tmp_path: Path) -> None:
    take(people, vault, folder(tmp_path / "d", contacts=[CALL | {"outcome": "wrong_number"}]))
    with people.transaction("demo") as tx:
        assert [point.state for point in points.of_person(tx, person(1))] == ["wrong"]
        assert [point.state for point in points.of_person(tx, person(2))] == ["ok"]


def test_a_wrong_number_is_the_one_that_stood_there_then(people: Database, vault: Vault, tmp_path: Path) -> None:
    others = pl.concat([desk.phones(1, value="154 0000 0099"), desk.phones(1, label="home")])
    empty = Batch(desk.persons().clear(), others, desk.ties().clear())
    register(people, vault, empty, now=NOW)
    files = folder(tmp_path / "d", contacts=[CALL | {"outcome": "wrong_number"}])
    assert take(people, vault, files, datetime(2026, 3, 2, 2, tzinfo=UTC)).wrong_numbers == 1
    with people.transaction("demo") as tx:
        found = {(one.label, one.value_masked): one.state for one in points.of_person(tx, person(1))}
        (counted,) = contacts.day_counts(tx, date(2026, 2, 27)).rows(named=True)
    assert found == {
        ("mobile", "154****0001"): "wrong", ("mobile", "154****0099"): "ok", ("home", "154****0001"): "wrong",
    }  # fmt: skip
    assert counted["person_id"] == person(1)
    assert take(people, vault, files, datetime(2026, 3, 3, 2, tzinfo=UTC)).wrong_numbers == 0


def test_a_third_person_who_refused_has_refused_for_ever(people: Database, vault: Vault, tmp_path: Path) -> None:
    take(people, vault, folder(tmp_path / "d", contacts=[RELAY]))
    later = RELAY | {"contact_ref": "K9", "outcome": "spoke", "at": "2026-02-28T10:00:00+08:00"}
    take(people, vault, folder(tmp_path / "e", contacts=[later]))
    with people.transaction("demo") as tx:
        ties = {tie.relation: tie.refused_at for tie in parties.of_person(tx, person(2))}
    assert ties["contact_person"] == datetime(2026, 2, 27, 2, tzinfo=UTC)
    assert ties["borrower"] is None


def test_who_owes_a_debt_of_his_own_refuses_for_anothers_debt_that_he_has_no_tie_to(
    people: Database, vault: Vault, tmp_path: Path
) -> None:
    register(people, vault, batch(3))
    said = RELAY | {"person_ref": "C3", "point_label": "mobile"}
    with people.transaction("demo") as tx:
        assert {tie.relation for tie in parties.of_person(tx, person(3))} == {"borrower"}
    assert take(people, vault, folder(tmp_path / "d", contacts=[said])).refusals == 1
    with people.transaction("demo") as tx:
        assert [tie.relation for tie in parties.of_person(tx, person(3)) if tie.refused_at] == ["other"]


def test_a_consent_that_was_ended_stays_ended_when_the_same_file_comes_again(
    people: Database, vault: Vault, tmp_path: Path
) -> None:
    files = folder(tmp_path / "d", facts=[LIVES | {"fact": "direct_consent", "value": "true"}])
    assert take(people, vault, files).facts == 1
    with people.transaction("demo") as tx:
        (made,) = stated.of_person(tx, person(1))
        end_fact(tx, vault=vault, person_id=person(1), stated_id=made.stated_id, actor=ACTOR, now=NOW)
    assert take(people, vault, files).facts == 0
    with people.transaction("demo") as tx:
        assert [one.ended_by for one in stated.of_person(tx, person(1))] == [str(ACTOR)]


def test_a_borrower_who_refuses_on_the_telephone_still_owes(people: Database, vault: Vault, tmp_path: Path) -> None:
    taken = take(people, vault, folder(tmp_path / "d", contacts=[CALL | {"outcome": "refused"}]))
    assert taken.refusals == 0


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (("contacts", CALL | {"person_ref": "C9"}), "no such contact point"),
        (("contacts", CALL | {"debtor_ref": "C9"}), "no debtor of this debtor_ref"),
        (("contacts", CALL | {"point_label": "work"}), "no such contact point"),
        (("contacts", CALL | {"at": "2026-02-27 09:30"}), "instant with its offset"),
        (("contacts", CALL | {"outcome": ""}), "`outcome` is needed"),
        (("contacts", CALL | {"relation": "friend"}), "`relation` is one of borrower"),
        (("contacts", CALL | {"channel": "fax"}), "`channel` is one of call"),
        (("contacts", CALL | {"loan_refs": " "}), "loan_refs"),
        (
            ("contacts", CALL | {"connected": "false"}),
            "`connected` is false and contradicts `outcome`: of `spoke` some",
        ),
        (("contacts", CALL | {"outcome": "busy"}), "`connected` is true and contradicts `outcome`: of `busy` nobody"),
        (("contacts", CALL | {"connected": ""}), "`connected` is needed"),
        (("contacts", CALL | {"outcome": "talked"}), "`outcome` is one of connected, promised"),
        (("contacts", CALL | {"outcome": "not_sent", "connected": "false"}), "`outcome` is one of connected, promised"),
        (
            ("contacts", CALL | {"outcome": "delivered", "connected": "false"}),
            "`delivered` is no outcome of a contact by call",
        ),
        (
            ("contacts", CALL | {"channel": "sms"}),
            "`spoke` is no outcome of a contact by sms: it is one of sent,",
        ),
        (("contacts", CALL | {"direction": "in", "outcome": "busy", "connected": "false"}), "`busy` is no outcome"),
        (
            ("contacts", CALL | {"at": "2026-03-01T10:00:01+08:00"}),
            "`at` lies in the future, it is 2026-03-01T02:00:00",
        ),
        (("contacts", CALL | {"loan_refs": "L1 L99"}), "debtor C1 has no tie to a loan L99; `duecourse person show`"),
        (("contacts", CALL | {"loan_refs": "L2"}), "debtor C1 has no tie to a loan L2"),
        (("contacts", CALL | {"firm": "acmee"}), "no firm 'acmee' is known here"),
        (("collectors", STAFF | {"capacity": "-1"}), "0 or more"),
        (("collectors", STAFF | {"collector_id": "Wang Fang"}), "not a name"),
        (("collectors", STAFF | {"to_day": "2023-12-31"}), "it is later than from_day"),
        (("absences", AWAY | {"collector_id": "X9"}), "nobody has this collector_id"),
        (("absences", AWAY | {"kind": "holiday"}), "`kind` is one of leave"),
        (("absences", AWAY | {"to_day": "2026-03-02"}), "it is later than from_day"),
    ],
)
def test_a_bad_row_is_named_and_nothing_of_its_folder_is_taken(
    people: Database, vault: Vault, tmp_path: Path, bad: tuple[str, dict[str, str]], said: str
) -> None:
    name, row = bad
    good = {"collectors": STAFF, "absences": AWAY, "contacts": RELAY}
    files = {each: [fine, row] if each == name else [fine] for each, fine in good.items()}
    before = state(people)
    with pytest.raises(BadDeskFile) as refused:
        take(people, vault, folder(tmp_path / "d", **files))
    assert f"{name}.csv, row 2: " in str(refused.value)
    assert said in str(refused.value)
    chinese = worded(refused.value.sentence, refused.value.values, catalogue(language_of("zh")).gettext)
    where, _, chinese = chinese.partition("：")
    assert where.endswith(f"{name}.csv 第 2 行")
    assert not re.search(r"\b(the|is|of|or|it|not|has|no|and|nobody)\b", chinese), chinese
    assert "Nothing of the folder was taken" in str(refused.value)
    assert state(people) == before


def test_every_row_with_the_same_fault_is_named(people: Database, vault: Vault, tmp_path: Path) -> None:
    early, late = CALL | {"connected": "false"}, CALL | {"at": "2027-01-01T00:00:00+00:00"}
    with pytest.raises(BadDeskFile, match=r"contacts\.csv, rows 2, 3: `connected` is false"):
        take(people, vault, folder(tmp_path / "d", contacts=[CALL, early, early, late]))
    with pytest.raises(BadDeskFile, match=r"contacts\.csv, rows 1, 2, .*, 20 and 5 more: `at` lies in the future"):
        take(people, vault, folder(tmp_path / "d", contacts=[late] * 25))


def test_a_contact_counts_for_the_house_that_made_it(people: Database, vault: Vault, tmp_path: Path) -> None:
    with people.transaction("demo") as tx:
        put_on_record(
            tx, vault=vault, firm="acme", staff="", kind=OfFirm.ADMISSION, from_day=date(2025, 1, 5), source="contract",
            actor=ACTOR, now=NOW,
        )  # fmt: skip
    theirs = CALL | {"firm": "acme", "at": "2026-02-27T11:00:00+08:00"}
    files = folder(tmp_path / "d", contacts=[CALL, theirs])
    assert (take(people, vault, files).contacts, take(people, vault, files).contacts) == (2, 0)
    with people.transaction("demo") as tx:
        assert tx.execute("SELECT agency FROM contact ORDER BY at").fetchall() == [(None,), ("acme",)]
    path = files / "contacts.csv"
    path.write_text("".join(line.rpartition(",")[0] + "\n" for line in path.read_text().splitlines()[:2]))
    assert "firm" not in path.read_text()
    assert take(people, vault, files).contacts == 0, "a file without the column speaks of the lender's own"


def test_a_debtor_has_the_loans_of_every_name(people: Database, vault: Vault, tmp_path: Path) -> None:
    with people.transaction("demo") as tx:
        tx.execute("UPDATE person SET alias_of = %s WHERE person_id = %s", (person(1), person(2)))
    assert take(people, vault, folder(tmp_path / "d", contacts=[CALL | {"loan_refs": "L1 L2"}])).contacts == 1


def test_a_file_without_a_column_or_that_is_no_table_is_named(people: Database, vault: Vault, tmp_path: Path) -> None:
    where = folder(tmp_path / "d", contacts=[CALL])
    (where / "collectors.csv").write_text("collector_id,team\nE01,early\n")
    with pytest.raises(BadDeskFile, match=r"collectors\.csv: lacks the columns skills, languages, capacity"):
        take(people, vault, where)
    (where / "collectors.csv").write_bytes(b"collector_id,team\n\xff\xfe,early\n")
    with pytest.raises(BadDeskFile, match=r"collectors\.csv"):
        take(people, vault, where)
    (where / "collectors.csv").write_text(",".join(COLUMNS["collectors"]) + "\nE01,t,s,zh,many,2024-01-01,\n")
    with pytest.raises(BadDeskFile, match=r"collectors\.csv: cannot be read as CSV"):
        take(people, vault, where)
    with pytest.raises(BadDeskFile, match=r"there is none of collectors\.csv"):
        take(people, vault, tmp_path / "empty")


def test_the_document_lists_columns_kinds_and_words() -> None:
    text = (Path(__file__).parents[2] / "docs" / "desk-files.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    listed = {(row[0], row[1].strip("`")): row for row in rows if row[0] in COLUMNS}
    assert list(listed) == [(name, column) for name, columns in COLUMNS.items() for column in columns]
    kinds = {pl.Int64: {"integer"}, pl.Date: {"day"}, pl.Boolean: {"true or false"}, pl.String: {"text", "word"}}
    for (name, column), row in listed.items():
        assert row[2] in kinds[COLUMNS[name][column]], column
    for column, words in {**WORDS, "kind": ABSENCES}.items():
        (said,) = [row[3] for (_name, each), row in listed.items() if each == column]
        assert re.findall(r"`(\w+)`", said) == list(words), column
    assert all(f"`{outcome}`" in text for outcome in (WRONG_NUMBER, REFUSED))
    table = [row for row in rows if len(row) == 5 and row[3] in ("true", "false")]
    told = {word: row[1:4] for row in table for word in re.findall(r"`(\w+)`", row[0])}
    assert told == {
        word: [
            "yes" if outcome in outcomes_of(Channel.CALL) else "no",
            "yes" if outcome in outcomes_of(Channel.SMS) else "no",
            str(COUNTS[outcome].connected).lower(),
        ]
        for word, outcome in OUTCOMES.items()
    }


def test_an_import_leaves_a_record_of_what_was_new(people: Database, vault: Vault, tmp_path: Path) -> None:
    take(people, vault, folder(tmp_path / "d", collectors=[STAFF], contacts=[CALL]))
    with people.transaction("demo") as tx:
        assert tx.value("SELECT count(*) FROM log_entry WHERE kind = 'desk.imported'") == 1
