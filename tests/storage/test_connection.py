"""Transactions: one lender each, in a role that row-level security binds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from psycopg import errors

from duecourse.storage import lenders, persons, points
from duecourse.storage.connection import ANY_LENDER, Database, Limits, NoDatabase, NoSuchLender, place
from duecourse.storage.lenders import LenderExists
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import DEMO, NOW, REAL, batch, enter, person, register


def test_a_transaction_is_read_committed_in_the_application_role(database: Database) -> None:
    with database.transaction("demo") as tx:
        said = tx.execute(
            "SELECT current_user, current_setting('transaction_isolation'), current_setting('TimeZone'), "
            "current_setting('duecourse.lender_id'), current_setting('lock_timeout')"
        ).fetchone()
    assert said == ("duecourse_app", "read committed", "UTC", "demo", "5s")


def test_a_lender_sees_its_own_rows_only(database: Database) -> None:
    vault = Vault(new_ring())
    enter(database)
    enter(database, REAL)
    register(database, vault, batch(1))
    with database.transaction("bank") as tx:
        assert tx.value("SELECT count(*) FROM person") == 0
        assert tx.value("SELECT count(*) FROM lender") == 1
        assert points.of_person(tx, person(1)) == []
        with pytest.raises(persons.NoSuchPerson):
            persons.get(tx, person(1))
        assert tx.execute("UPDATE person SET kind = 'firm'").rowcount == 0


def test_a_lender_cannot_write_in_anothers_name(database: Database) -> None:
    enter(database)
    with pytest.raises(errors.InsufficientPrivilege, match="row-level security"), database.transaction("bank") as tx:
        tx.execute(
            "INSERT INTO collector (lender_id, collector_id, team, skills, languages, capacity, from_day) "
            "VALUES ('demo', 'c1', 't', '{}', '{}', 1, '2026-01-01')"
        )


def test_without_a_lender_nothing_is_seen(database: Database, database_url: str) -> None:
    enter(database)
    with psycopg.connect(database_url) as connection:
        connection.execute("SET ROLE duecourse_app")
        assert connection.execute("SELECT count(*) FROM lender").fetchone() == (0,)
        connection.execute("SELECT set_config('duecourse.lender_id', '', false)")
        assert connection.execute("SELECT count(*) FROM lender").fetchone() == (0,)


def test_a_lender_does_not_outlive_its_transaction(database: Database) -> None:
    enter(database)
    with database.transaction("demo") as tx:
        connection = tx.connection
    assert connection.execute("SELECT count(*) FROM lender").fetchone() == (0,)
    connection.rollback()


def test_the_register_shows_lenders_and_nothing_else(database: Database) -> None:
    vault = Vault(new_ring())
    enter(database)
    enter(database, REAL)
    register(database, vault, batch(1))
    with database.register() as tx:
        assert [replace(one, packs_off=(), own_packs=(), own_templates=()) for one in lenders.every(tx)] == [REAL, DEMO]
        assert tx.value("SELECT count(*) FROM person") == 0
        assert tx.execute("UPDATE lender SET name = 'x'").rowcount == 0


@pytest.mark.parametrize("lender_id", ["", ANY_LENDER])
def test_a_transaction_names_one_lender(database: Database, lender_id: str) -> None:
    with pytest.raises(NoSuchLender), database.transaction(lender_id):
        pass


def test_a_block_that_raises_is_undone(database: Database) -> None:
    def fail() -> None:
        with database.transaction("demo") as tx:
            lenders.add(tx, DEMO, now=NOW)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    with database.transaction("demo") as tx:
        assert lenders.find(tx) is None
        with pytest.raises(NoSuchLender, match="'demo'"):
            lenders.get(tx)


def test_a_lender_is_entered_once(database: Database) -> None:
    enter(database)
    with database.transaction("demo") as tx:
        with pytest.raises(LenderExists):
            lenders.add(tx, DEMO, now=NOW + timedelta(days=1))
        lenders.set_masters(tx, {"payment": "desk"})
        assert lenders.get(tx).masters == {"payment": "desk"}


def test_a_demo_lender_stays_one(database: Database) -> None:
    enter(database)
    with pytest.raises(errors.RestrictViolation, match="demo flag"), database.transaction("demo") as tx:
        tx.execute("UPDATE lender SET demo = false")


def test_a_statement_has_a_time_limit(database_url: str) -> None:
    with (
        Database(database_url, limits=Limits(statement_ms=50)) as database,
        pytest.raises(errors.QueryCanceled),
        database.transaction("demo") as tx,
    ):
        tx.execute("SELECT pg_sleep(5)")


def test_a_server_that_is_not_there() -> None:
    with (
        pytest.raises(NoDatabase, match=r"127.0.0.1:1/x"),
        Database("postgresql://u:s3cret@127.0.0.1:1/x", connections_max=1) as database,
    ):
        database.close()
    assert "s3cret" not in repr(Database("postgresql://u:s3cret@127.0.0.1:1/x"))
    assert place("not = an = address") == "(an address that cannot be read)"
    assert place("postgresql://u:s3cret@/x?host=/run/pg") == "/run/pg:5432/x"


def test_a_session_lock_is_free_the_moment_its_block_ends(database: Database) -> None:
    for _ in range(50):
        with database.session_lock("day run demo") as held:
            assert held
            with database.session_lock("day run demo") as again:
                assert not again
