"""Log entries: the bytes as built, hashed by us and by PostgreSQL, written with the act or not at all."""

from __future__ import annotations

from hashlib import sha256

import psycopg
import pytest
from psycopg import errors

from duecourse.core.money import BrokenInvariant
from duecourse.evidence.record import Opening, open_fact, opens, read
from duecourse.storage import log, persons
from duecourse.storage.connection import Database, Tx
from duecourse.storage.vault import PersonKey, Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import NOW, batch, enter, person, register

VAULT = Vault(new_ring())
WRONG_HASH = (
    "INSERT INTO log_entry (lender_id, entry_id, kind, at, actor, bytes, leaf_hash) "
    "VALUES ('demo', 999, 'a.b', now(), 'x', '{}', sha256('{}'))"
)


def append(tx: Tx, subject: PersonKey | None = None, **facts: str | int) -> int:
    return log.append(
        tx, vault=VAULT, kind="case.test", at=NOW, actor="operator:x", subject=subject, facts=facts or None
    )


def key_of(tx: Tx, number: int) -> PersonKey:
    return VAULT.person("demo", person(number), persons.wrapped(tx, person(number)))


@pytest.fixture
def desk(database: Database) -> Database:
    enter(database)
    register(database, VAULT, batch(1))
    return database


def test_what_is_stored_is_what_was_hashed(desk: Database) -> None:
    with desk.transaction("demo") as tx:
        entry_id = append(tx, key_of(tx, 1), amount=5)
    with desk.transaction("demo") as tx:
        entry = log.get(tx, entry_id)
        assert entry is not None
        assert entry.leaf_hash == sha256(b"\x00" + entry.content).digest()
        assert read(entry.content)["id"] == f"demo/{entry_id}"
        assert entry.seq is None
        assert b"operator" not in entry.content
        assert str(person(1)).encode() not in entry.content
        opening = open_fact(entry.content, "amount", 5, key_of(tx, 1).secret)
        persons.destroy(tx, person(1), now=NOW)
    assert opens(entry.content, opening)
    assert not opens(entry.content, Opening("amount", 6, opening.salt))


def test_an_act_undone_leaves_no_entry(desk: Database) -> None:
    def fail() -> None:
        with desk.transaction("demo") as tx:
            append(tx)
            raise InterruptedError

    with desk.transaction("demo") as tx:
        before = log.last_id(tx)
    with pytest.raises(InterruptedError):
        fail()
    with desk.transaction("demo") as tx:
        assert log.last_id(tx) == before
        assert append(tx) > before


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("UPDATE log_entry SET bytes = '{}'", errors.InsufficientPrivilege),
        ("DELETE FROM log_entry", errors.InsufficientPrivilege),
        ("TRUNCATE log_entry", errors.InsufficientPrivilege),
        ("UPDATE log_entry SET seq = NULL", errors.RestrictViolation),
        ("UPDATE log_entry SET seq = entry_id; UPDATE log_entry SET seq = entry_id + 1", errors.RestrictViolation),
        (WRONG_HASH, errors.CheckViolation),
    ],
)
def test_the_log_is_append_only(desk: Database, statement: str, error: type[Exception]) -> None:
    def attempt() -> None:
        with desk.transaction("demo") as tx:
            for part in statement.split("; "):
                tx.connection.execute(part.encode())

    with pytest.raises(error):
        attempt()


@pytest.mark.usefixtures("desk")
def test_not_even_its_owner_changes_an_entry(database_url: str) -> None:
    for statement in ("UPDATE log_entry SET actor = 'y'", "DELETE FROM log_entry", "TRUNCATE log_entry"):
        with psycopg.connect(database_url) as owner, pytest.raises(errors.RestrictViolation, match="refused"):
            owner.execute(statement.encode())


def test_another_ring_is_refused_by_every_act(desk: Database) -> None:
    with pytest.raises(log.WrongRing, match="lender demo"), desk.transaction("demo") as tx:
        log.append(tx, vault=Vault(new_ring()), kind="case.test", at=NOW, actor="operator:x")
    rotated = Vault(VAULT.ring.with_new("k2"))
    with desk.transaction("demo") as tx:
        assert log.append(tx, vault=rotated, kind="case.test", at=NOW, actor="operator:x") > 0


def test_a_record_is_about_a_person_of_the_same_lender(desk: Database) -> None:
    stranger, _ = VAULT.new_person("bank", 1)
    with pytest.raises(BrokenInvariant, match="lender bank"), desk.transaction("demo") as tx:
        append(tx, stranger)
