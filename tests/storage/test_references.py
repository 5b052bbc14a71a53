"""References that are checked by the statement refuse what a foreign key would."""

from __future__ import annotations

from typing import LiteralString

import polars as pl
import psycopg
import pytest
from psycopg import errors

from duecourse.storage import cases, collectors
from duecourse.storage.collectors import Collector
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import TODAY, batch, enter, person, register

LOOSE: dict[str, LiteralString] = {
    "party": "INSERT INTO party (lender_id, person_id, loan_key, relation, from_day, named_by_debtor, "
    "source, known_at) "
    "SELECT lender_id, 999, 9, 'borrower', from_day, false, source, known_at FROM party LIMIT 1",
    "contact_point": "UPDATE contact_point SET person_id = 999 "
    "WHERE contact_point_id = (SELECT min(contact_point_id) FROM contact_point)",
    "cases": "INSERT INTO cases (lender_id, person_id, opened_day, opened_by) VALUES ('demo', 999, '2026-03-01', 'x')",
    "collector": "UPDATE cases SET collector_id = 'nobody', collector_since = '2026-03-01'",
    "case_loan": "INSERT INTO case_loan (lender_id, person_id, case_id, loan_key, from_day) "
    "VALUES ('demo', 999, 999, 9, '2026-03-01')",
}
"""Statements that would leave a reference to nothing."""

STANDING: tuple[LiteralString, ...] = (
    "DELETE FROM person",
    "UPDATE person SET person_id = 999",
    "DELETE FROM collector",
    "UPDATE collector SET collector_id = 'c2'",
    "DELETE FROM cases",
    "DELETE FROM lender",
)
"""What would take away rows that others refer to; even the owner of the tables may not."""


@pytest.fixture
def desk(database: Database) -> Database:
    enter(database)
    register(database, Vault(new_ring()), batch(1, 2))
    with database.transaction("demo") as tx:
        collectors.put(tx, Collector("c1", "east", [], ["zh"], 80, TODAY))
        cases.open_many(tx, pl.Series([person(1)]), day=TODAY, by="rule", collectors=pl.Series(["c1"]))
    return database


@pytest.mark.parametrize("table", LOOSE)
def test_a_row_that_refers_to_nothing_is_refused(desk: Database, table: str) -> None:
    with (
        pytest.raises(errors.ForeignKeyViolation, match="to rows that are not in table"),
        desk.transaction("demo") as tx,
    ):
        tx.execute(LOOSE[table])


@pytest.mark.usefixtures("desk")
def test_rows_referred_to_stay(database_url: str) -> None:
    with psycopg.connect(database_url) as owner:
        for statement in STANDING:
            owner.execute("SELECT set_config('duecourse.lender_id', 'demo', true)")
            with pytest.raises((errors.RestrictViolation, errors.ForeignKeyViolation)):
                owner.execute(statement)
            owner.rollback()
