"""Reading a value in the clear: for a purpose, leaving a record, and in no other way."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import duecourse
from duecourse.casework.actor import Actor, NotAnActor, Role
from duecourse.casework.reveal import NoPurpose, NoSuchField, NothingThere, RevealPurpose, reveal
from duecourse.evidence.record import open_fact, opens, read
from duecourse.storage import log, persons, points
from duecourse.storage.connection import Database
from duecourse.storage.vault import Destroyed, Tampered, Vault
from duecourse.storage.vault.ring import new_ring
from duecourse.trouble import Trouble
from tests.desk import NOW, batch, enter, person, register

VAULT = Vault(new_ring())
OFFICER = Actor(Role.COMPLIANCE, "c017")


@pytest.fixture
def desk(database: Database) -> Database:
    enter(database)
    register(database, VAULT, batch(1, 2))
    return database


def look(database: Database, field: str = "name", *, number: int = 1, purpose: str = "identify") -> str:
    with database.transaction("demo") as tx:
        return reveal(
            tx, vault=VAULT, person_id=person(number), field=field, purpose=purpose, actor=OFFICER, now=NOW
        ).value


def entries(database: Database, number: int = 1) -> list[log.Entry]:
    with database.transaction("demo") as tx:
        return log.of_person(tx, person(number))


def test_a_look_leaves_a_record_about_this_person(desk: Database) -> None:
    assert look(desk) == "张三"
    (entry,) = entries(desk)
    assert entries(desk, 2) == []
    assert (entry.kind, entry.at, entry.actor) == ("person.reveal", NOW, "compliance:c017")
    said = read(entry.content)
    assert said["stated"] == {"purpose": "identify", "field": "name"}
    assert "张三" not in entry.content.decode()
    with desk.transaction("demo") as tx:
        secret = VAULT.person("demo", person(1), persons.wrapped(tx, person(1))).secret
    assert opens(entry.content, open_fact(entry.content, "value", "张三", secret))


def test_a_contact_point_is_revealed_by_its_id(desk: Database) -> None:
    with desk.transaction("demo") as tx:
        one, other = (points.of_person(tx, person(n))[0].contact_point_id for n in (1, 2))
    assert look(desk, f"contact_point/{one}", purpose="contact") == "154 0000 0001"
    assert read(entries(desk)[0].content)["stated"] == {"purpose": "contact", "field": "contact_point"}
    with pytest.raises(points.NoSuchPoint):
        look(desk, f"contact_point/{other}")


@pytest.mark.parametrize("purpose", ["", "curiosity", "IDENTIFY"])
def test_without_a_purpose_nothing_is_read_or_written(desk: Database, purpose: str) -> None:
    with pytest.raises(NoPurpose, match="choose one of contact, identify"):
        look(desk, purpose=purpose)
    assert entries(desk) == []


@pytest.mark.parametrize("purpose", RevealPurpose)
def test_every_purpose_of_the_list_is_taken(desk: Database, purpose: RevealPurpose) -> None:
    assert look(desk, purpose=purpose) == "张三"


@pytest.mark.parametrize("field", ["secret", "name_sealed", "contact_point/", "contact_point/x"])
def test_only_protected_fields_are_read(desk: Database, field: str) -> None:
    with pytest.raises(NoSuchField):
        look(desk, field)


def test_what_cannot_be_opened_leaves_no_record(desk: Database) -> None:
    with desk.transaction("demo") as tx:
        tx.execute("UPDATE person SET birth_sealed = NULL, birth_masked = NULL, id_sealed = name_sealed")
    for field, error in (("birth", NothingThere), ("id", Tampered)):
        with pytest.raises(error):
            look(desk, field)
    with pytest.raises(persons.NoSuchPerson):
        look(desk, number=99)
    assert entries(desk) == []


def test_a_destroyed_person_is_gone_and_the_proofs_stand(desk: Database) -> None:
    look(desk)
    (entry,) = entries(desk)
    with desk.transaction("demo") as tx:
        secret = VAULT.person("demo", person(1), persons.wrapped(tx, person(1))).secret
        opening = open_fact(entry.content, "value", "张三", secret)
        persons.destroy(tx, person(1), now=NOW)
    with pytest.raises(Destroyed):
        look(desk)
    (kept,) = entries(desk)
    assert kept.leaf_hash == entry.leaf_hash
    assert opens(kept.content, opening)


def test_a_look_that_is_undone_is_one_that_was_not_shown(desk: Database) -> None:
    def fail() -> None:
        with desk.transaction("demo") as tx:
            reveal(tx, vault=VAULT, person_id=person(1), field="name", purpose="claim", actor=OFFICER, now=NOW)
            raise Trouble

    with pytest.raises(Trouble):
        fail()
    assert entries(desk) == []


def test_nothing_else_opens_sealed_values() -> None:
    """`PersonKey.open` is called by `reveal` alone; whoever adds another place must leave a record there too."""
    callers = set()
    package = Path(duecourse.__file__).parent
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "open"
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in {"key", "person_key", "subject"}
            ):
                callers.add(path.relative_to(package).as_posix())
    # Reading notes, of cases and of audits, dialling and sending under a permit, and making a bundle, which alone asks
    # what can be disclosed, leave records of their own (test_case_work, test_audits, test_dialling, test_posting,
    # test_bundle), as do reading what came in or was raised, handing letters and rounds over (test_inbound,
    # test_matters, test_letters, test_visits), and reading the line of a bank statement or making it a payment
    # (test_statements, test_payments).
    assert callers == {
        "casework/reveal.py", "casework/notes.py", "casework/dialling.py", "casework/disclosure.py",
        "casework/audits/answering.py", "casework/handover.py", "casework/inbound.py",
        "casework/letter_address.py", "casework/letters.py", "casework/matters.py",
        "casework/visits.py", "casework/statements.py",
    }  # fmt: skip
    asking = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "casework.disclosure import" in path.read_text("utf-8") or "import disclosure" in path.read_text("utf-8")
    }
    assert asking == {"casework/bundle.py", "casework/portal/taking.py"}


def test_an_actor_is_named_plainly() -> None:
    assert str(OFFICER) == "compliance:c017"
    for ref in ("", "张三", "a b", "x" * 65):
        with pytest.raises(NotAnActor):
            Actor(Role.OPERATOR, ref)
