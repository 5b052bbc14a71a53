"""Verifying a day reads what was published: whoever changes a row behind the application is found, row by row."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from deltalake import DeltaTable

from duecourse.book.store import Store
from duecourse.casework.day_past import Verdict, verify
from duecourse.casework.day_standing import ADDED, FIRST, GONE
from duecourse.storage import runs
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.day_desk import DAY, KNOWN, add_version, fill, payment, run_day

VAULT = Vault(new_ring())
PARTS = {"ages", "snapshot", "proposals", "worklist", "case_loans"}


@pytest.fixture
def store(database: Database, tmp_path: Path) -> Store:
    made = Store(tmp_path / "book")
    fill(database, made, VAULT, loans=120)
    with database.transaction("demo") as tx:
        tx.execute("UPDATE contact_point SET state = 'wrong' WHERE person_id % 3 = 0")  # so that something is refused
    run_day(database, made, VAULT)
    return made


def owner(database: Database, statement: LiteralString) -> int:
    """Run a statement as who owns the tables, whom no policy and no right binds; how many rows it touched."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        return connection.execute(statement).rowcount


def verdict(database: Database, store: Store, day: date = DAY) -> Verdict:
    return verify(database, store, lender_id="demo", day=day)


def wrong(found: Verdict) -> set[str]:
    """The parts that do not stand."""
    return {name for name in found.stored if not found.stands(name)}


def test_a_day_that_nobody_touched_stands_in_every_part(database: Database, store: Store) -> None:
    found = verdict(database, store)
    assert found.holds
    assert set(found.stored) == PARTS
    assert {name: one.digest for name, one in found.stored.items()} == {
        name: said for name, (said, _) in found.outputs.items() if name in PARTS
    }
    assert found.manifest[0] == found.manifest[1]


@pytest.mark.parametrize(
    ("statement", "part", "columns"),
    [
        ("UPDATE proposal SET answer = 'allowed' WHERE answer <> 'allowed'", "proposals", ("allowed",)),
        ("UPDATE proposal SET rules = rules || '{cn.contact.window}'", "proposals", ("refused",)),
        ("UPDATE proposal SET slot_at = slot_at + interval '1 s' WHERE slot_at IS NOT NULL", "proposals", ("slot_at",)),
        ('UPDATE proposal SET reasons = \'{"points": [], "treatment": 99}\'', "proposals", ("reasons",)),
        ("UPDATE proposal SET score = score + 1", "proposals", ("score",)),
        ("UPDATE case_snapshot SET dpd = dpd + 1, stage = 'M6+' WHERE stage <> 'M6+'", "snapshot", ("dpd", "stage")),
        ("UPDATE case_snapshot SET collector_id = 'nobody'", "snapshot", ("collector_id",)),
        ("UPDATE worklist SET ordinal = ordinal + 1", "worklist", ("ordinal",)),
        ("UPDATE loan_snapshot SET overdue_minor = 0 WHERE overdue_minor > 0", "case_loans", ("overdue_minor",)),
        ("DELETE FROM worklist", "worklist", (GONE,)),
        ("DELETE FROM proposal", "proposals", (GONE,)),
    ],
)
def test_a_changed_row_is_found_and_named(
    database: Database, store: Store, statement: LiteralString, part: str, columns: tuple[str, ...]
) -> None:
    touched = owner(database, statement)
    assert touched > 0
    found = verdict(database, store)
    assert not found.holds
    assert wrong(found) == {part}
    kept = found.stored[part]
    assert kept.rows == touched
    assert len(kept.first) == min(touched, FIRST)
    assert {one.columns for one in kept.first} == {columns}
    assert all(said == again for said, again in found.outputs.values()), "what is recomputed is what was published"


def test_the_row_is_named_by_its_keys(database: Database, store: Store) -> None:
    with database.transaction("demo") as tx:
        person = int(str(tx.value("SELECT min(person_id) FROM case_snapshot")))
    assert owner(
        database, "UPDATE case_snapshot SET dpd = dpd + 1 WHERE person_id = (SELECT min(person_id) FROM case_snapshot)"
    )
    (one,) = verdict(database, store).stored["snapshot"].first
    assert (dict(one.row), one.columns) == ({"person_id": person}, ("dpd",))


def test_a_row_that_the_run_did_not_write_is_found(database: Database, store: Store) -> None:
    assert owner(
        database,
        "INSERT INTO case_snapshot SELECT lender_id, day, 999999999, run_id, loans, dpd, dpd_plan, stage, class, "
        "oldest_due_day, currency, principal_minor, interest_minor, penalty_minor, fee_minor, overdue_minor, "
        "settle_minor, collector_id FROM case_snapshot LIMIT 1",
    )
    found = verdict(database, store)
    assert not found.holds
    (one,) = found.stored["snapshot"].first
    assert (dict(one.row), one.columns) == ({"person_id": 999999999}, (ADDED,))


def test_a_value_that_no_run_writes_is_no_run_s(database: Database, store: Store) -> None:
    assert owner(database, "UPDATE proposal SET slot_at = 'infinity' WHERE slot_at IS NOT NULL")
    found = verdict(database, store)
    assert not found.holds
    assert found.stored["proposals"].digest is None


def test_ages_that_were_rewritten_in_the_book_are_found(database: Database, store: Store) -> None:
    table = DeltaTable(store.path("ages"))
    touched = table.update(updates={"dpd": "0"}, predicate="dpd > 0")["num_updated_rows"]
    assert touched
    owner(database, "ALTER TABLE book_version DISABLE TRIGGER USER")
    assert owner(
        database,
        "UPDATE book_version SET tables = jsonb_set(tables, '{ages,version}', to_jsonb((tables #>> "
        "'{ages,version}')::integer + 1)) WHERE tables ? 'ages'",
    )
    found = verdict(database, store)
    assert wrong(found) == {"ages"}
    assert found.stored["ages"].rows == touched
    assert found.stored["ages"].first[0].columns == ("dpd",)


def test_ages_that_cannot_be_read_do_not_stand(database: Database, store: Store) -> None:
    for path in store.path("ages").rglob("*.parquet"):
        path.unlink()
    found = verdict(database, store)
    assert wrong(found) == {"ages"}
    assert found.stored["ages"].digest is None


def test_a_manifest_that_is_not_the_one_of_the_log_is_found(database: Database, store: Store) -> None:
    """Whoever changes rows and makes the manifest fit them is found by the log, which he cannot change unseen."""
    assert owner(database, "UPDATE day_run SET manifest = jsonb_set(manifest, '{outputs,faults,rows}', '1')")
    found = verdict(database, store)
    assert not found.holds
    assert not wrong(found)
    assert found.manifest[0] != found.manifest[1]


def test_what_people_and_later_days_change_is_no_difference(database: Database, store: Store) -> None:
    """Cases go to others and are closed; a payment learnt late says the day anew beside what the run said of it."""
    later = KNOWN + timedelta(hours=1)
    with database.transaction("demo") as tx:
        tx.execute("UPDATE cases SET collector_id = NULL, collector_since = NULL")
        tx.execute("UPDATE case_loan SET to_day = from_day + 1 WHERE to_day IS NULL")
    event = payment(store, database, ref="late", effective=DAY - timedelta(days=3), known=later)
    add_version(database, store, {"events": event}, known=later)
    ran = run_day(database, store, VAULT, day=DAY + timedelta(days=1))
    assert ran.restated, "or nothing was said anew"
    assert verdict(database, store).holds
    assert verdict(database, store, DAY + timedelta(days=1)).holds


def test_rows_that_went_in_their_time_are_not_missed(database: Database, store: Store) -> None:
    """The run of one lender drops old partitions of all. Those dropped before their time are missed."""
    name = f"_{DAY:%Y%m%d}"
    for parent in ("case_snapshot", "proposal", "worklist", "loan_snapshot"):
        with psycopg.connect(database.url, autocommit=True) as connection:
            connection.execute(f"DROP TABLE {parent}{name}")
    found = verdict(database, store)
    assert wrong(found) == PARTS - {"ages"}
    with database.transaction("demo") as tx:
        runs.make_partitions(tx, DAY + timedelta(days=runs.KEPT_DAYS + 1))
    found = verdict(database, store)
    assert found.holds
    assert set(found.stored) == {"ages"}
