"""The day run as an act, on a real database: published whole or not at all, repeatable, verifiable, one at a time."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import polars as pl
import psycopg
import pytest

from duecourse.book.day import Shard
from duecourse.book.day import run_day as pure
from duecourse.book.desk import empty
from duecourse.book.store import Store, version_from
from duecourse.casework import day_inputs, day_run, decision_proof, decisions
from duecourse.casework.day_past import verify
from duecourse.casework.day_run import Clock, DayAhead, outputs_hash
from duecourse.casework.decision_proof import DecisionsChanged, NoSuchDecision, prove_decision
from duecourse.casework.decisions import decisions_root, entries, slices_of
from duecourse.casework.desk_state import FrozenInputsGone
from duecourse.casework.sequencing import Sequencer
from duecourse.evidence import tree
from duecourse.evidence.record import read
from duecourse.storage import books, cases, checkpoints, log, runs, worklists
from duecourse.storage.connection import Database
from duecourse.storage.published import Published
from duecourse.storage.server import Place
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.book.test_day import plain, setting
from tests.conftest import _new_database
from tests.day_desk import ACTOR, DAY, KNOWN, SHARDS, add_version, clock, fill, payment, run_day, tables

RING = new_ring()
VAULT = Vault(RING)
KEY, OTHER = b"k" * 16, b"o" * 16


@pytest.fixture
def store(database: Database, tmp_path: Path) -> Store:
    made = Store(tmp_path / "book")
    fill(database, made, VAULT)
    return made


def visible(database: Database) -> dict[str, object]:
    """What others see of the day."""
    with database.transaction("demo") as tx:
        return {
            "runs": [(one.day, one.state) for one in runs.every(tx) if one.state == "published"],
            "cases": tx.value("SELECT count(*) FROM cases WHERE closed_day IS NULL"),
            "snapshots": tx.value(
                "SELECT count(*) FROM case_snapshot JOIN day_run USING (lender_id, day, run_id) "
                "WHERE state = 'published'"
            ),
            "proposals": worklists.proposal_counts(tx, DAY)["proposals"].sum(),
            "worklist": len(worklists.worklist(tx, DAY, most=10_000)),
            "versions": len(books.every(tx)),
            "records": tx.value("SELECT count(*) FROM log_entry WHERE kind = 'day_run.published'"),
        }


def test_a_run_is_published_with_its_record_and_verifies(database: Database, store: Store) -> None:
    ran = run_day(database, store, VAULT)
    seen = visible(database)
    assert seen["runs"] == [(DAY, "published")]
    assert seen["cases"] == seen["snapshots"] == ran.manifest["outputs"]["snapshot"]["rows"]
    assert seen["worklist"] == ran.manifest["outputs"]["worklist"]["rows"] > 0
    with database.transaction("demo") as tx:
        entry = log.get(tx, log.last_id(tx))
        published = runs.published(tx, DAY)
    assert entry is not None
    assert published.manifest_hash is not None
    assert read(entry.content)["stated"]["manifest"] == published.manifest_hash.hex()  # type: ignore[index,call-overload]
    assert verify(database, store, lender_id="demo", day=DAY).holds


def test_the_same_day_again_is_the_same(database: Database, store: Store) -> None:
    first = run_day(database, store, VAULT)
    before = visible(database)
    again = run_day(database, store, VAULT)
    assert again.manifest["outputs"]["ages"] == first.manifest["outputs"]["ages"]
    third = run_day(database, store, VAULT)
    assert outputs_hash(third.manifest) == outputs_hash(again.manifest), "cases that are open stay as they are"
    assert third.manifest != again.manifest, "the log went on"
    assert again.manifest["outputs"]["worklist"]["rows"] == first.manifest["outputs"]["worklist"]["rows"]
    after = visible(database)
    assert {**after, "records": 1} == before
    assert verify(database, store, lender_id="demo", day=DAY).holds


def test_the_same_inputs_under_another_ring_have_the_same_outputs_hash(
    database: Database, store: Store, postgres: Place, migrated: str, tmp_path: Path
) -> None:
    here = run_day(database, store, VAULT).manifest
    with _new_database(postgres, migrated) as url, Database(url) as other:
        vault, beside = Vault(new_ring()), Store(tmp_path / "beside")
        fill(other, beside, vault)
        there = run_day(other, beside, vault).manifest
    assert here["decisions_root"] != there["decisions_root"], "the leaves are salted"
    assert here["outputs"] == there["outputs"]
    assert outputs_hash(here) == outputs_hash(there)


def test_a_run_of_an_earlier_day_leaves_the_cases_alone(database: Database, store: Store) -> None:
    def cases() -> list[tuple[object, ...]]:
        with database.transaction("demo") as tx:
            return tx.execute(
                "SELECT case_id, person_id, opened_day, closed_day, collector_id, "
                "(SELECT array_agg((loan_key, from_day, to_day) ORDER BY loan_key) FROM case_loan l "
                "WHERE (l.lender_id, l.person_id, l.case_id) = (c.lender_id, c.person_id, c.case_id)) "
                "FROM cases c ORDER BY case_id"
            ).fetchall()

    assert run_day(database, store, VAULT).cases_of == DAY
    before = cases()
    assert before
    earlier = run_day(database, store, VAULT, day=DAY - timedelta(days=120))
    assert (earlier.day, earlier.cases_of) == (DAY - timedelta(days=120), DAY)
    assert earlier.manifest["outputs"]["snapshot"]["rows"] != len(before), "or nothing would have been closed"
    assert cases() == before
    assert verify(database, store, lender_id="demo", day=earlier.day).holds
    assert run_day(database, store, VAULT).cases_of == DAY
    assert cases() == before


def test_a_day_that_has_not_begun_at_the_lenders_is_run_only_when_asked_for(database: Database, store: Store) -> None:
    def at(instant: datetime) -> Clock:
        return lambda: instant

    tomorrow = partial(
        day_run.run, database, store, lender_id="demo", day=DAY + timedelta(days=1), vault=VAULT, actor=ACTOR
    )
    with pytest.raises(DayAhead, match=r"2025-06-11 has not begun yet: at the lender's it is 2025-06-10.*Run"):
        tomorrow(clock=at(datetime(2025, 6, 10, 15, 59, tzinfo=UTC)))
    assert visible(database)["runs"] == []
    assert tomorrow(clock=at(datetime(2025, 6, 10, 16, 0, tzinfo=UTC))).day == DAY + timedelta(days=1)
    assert tomorrow(clock=at(datetime(2025, 6, 10, 15, 59, tzinfo=UTC)), ahead=True).day == DAY + timedelta(days=1)


def test_a_day_verifies_when_the_desk_has_moved_on(database: Database, store: Store) -> None:
    run_day(database, store, VAULT)
    with database.transaction("demo") as tx:
        tx.execute("UPDATE cases SET collector_id = NULL, collector_since = NULL")
        tx.execute("UPDATE contact_point SET state = 'wrong'")
    assert verify(database, store, lender_id="demo", day=DAY).holds


def test_verification_finds_what_was_changed(database: Database, store: Store) -> None:
    ran = run_day(database, store, VAULT)
    folder = store.folder / "runs" / f"{DAY}-{ran.run_id}"
    points = pl.read_parquet(folder / "points.parquet")
    points.with_columns(state=pl.lit("wrong")).write_parquet(folder / "points.parquet")
    with pytest.raises(FrozenInputsGone, match=r"points\.parquet is not what the manifest says"):
        verify(database, store, lender_id="demo", day=DAY)


def test_two_runs_at_once_are_refused_with_a_word(database: Database, store: Store) -> None:
    claim = runs.claimed(database, "demo", day=DAY, version=1, now=clock())
    with claim, pytest.raises(runs.RunInProgress, match="is under way"):
        run_day(database, store, VAULT)
    run_day(database, store, VAULT)


def test_an_import_during_a_run_wins(database: Database, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run finds that the book moved and publishes nothing; run again, it counts the new facts."""
    compute = day_inputs.age

    def meanwhile(*arguments: object, **named: object) -> object:
        made = compute(*arguments, **named)  # type: ignore[arg-type]
        event = payment(store, database, ref="meanwhile", effective=DAY - timedelta(days=40), known=KNOWN)
        add_version(database, store, {"events": event}, known=KNOWN + timedelta(hours=1))
        return made

    monkeypatch.setattr(day_run, "age", meanwhile)
    with pytest.raises(books.BookMoved):
        run_day(database, store, VAULT)
    monkeypatch.undo()
    assert visible(database)["runs"] == []
    run_day(database, store, VAULT)
    assert verify(database, store, lender_id="demo", day=DAY).holds


def test_a_back_dated_fact_restates_only_what_it_touches(database: Database, store: Store) -> None:
    run_day(database, store, VAULT)
    later = DAY + timedelta(days=1)
    learnt = datetime(2025, 6, 10, 22, tzinfo=UTC)
    event = payment(store, database, ref="late", effective=DAY - timedelta(days=3), known=learnt)
    add_version(database, store, {"events": event}, known=learnt)
    ran = run_day(database, store, VAULT, later)
    with database.transaction("demo") as tx:
        newest = books.newest(tx)
    assert newest is not None
    version = version_from(newest.version, newest.tables)
    fresh = store.read(version, "events", known=learnt).filter((pl.col("known") > KNOWN) & (pl.col("effective") <= DAY))
    touched = set(fresh["loan_key"])
    ages = store.read(version, "ages").filter(pl.col("day") == DAY)
    twice = set(ages.group_by("loan_key").len().filter(pl.col("len") > 1)["loan_key"])
    assert ran.restated == len(touched)
    assert set(event["loan_key"]) <= twice <= touched
    paid = ages.filter(pl.col("loan_key") == event["loan_key"][0]).sort("known")["paid_total"]
    assert paid[1] - paid[0] == 123_456


def test_cases_close_when_nothing_is_overdue_and_keep_their_collector(database: Database, store: Store) -> None:
    run_day(database, store, VAULT)
    with database.transaction("demo") as tx:
        held = cases.open_cases(tx, DAY).drop_nulls("collector_id")
    before = dict(held.select("person_id", "collector_id").iter_rows())
    run_day(database, store, VAULT, DAY + timedelta(days=1))
    with database.transaction("demo") as tx:
        after = dict(cases.open_cases(tx, DAY).select("person_id", "collector_id").iter_rows())
        closed = tx.value("SELECT count(*) FROM cases WHERE closed_day IS NOT NULL AND closed_by IS NOT NULL")
    assert before
    assert all(after[person] == collector for person, collector in before.items() if person in after)
    assert len(before.keys() - after.keys()) <= int(str(closed))


def test_the_decisions_root_is_over_every_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    proposals = plain().proposals
    ours = decisions_root(slices_of(proposals, KEY))
    assert decisions_root(slices_of(proposals.reverse(), KEY)) == ours
    changed = proposals.with_columns(allowed=pl.col("allowed") ^ (pl.int_range(pl.len()) == 5))
    assert decisions_root(slices_of(changed, KEY)) != ours
    assert decisions_root(slices_of(proposals, OTHER)) != ours
    ordered = proposals.sort("person_id", "ordinal")
    assert ours == tree.root(tree.leaf_hash(entry) for entry in entries(ordered, KEY))
    for width in (1, 2, 4, 64):
        monkeypatch.setattr(decisions, "SLICE", width)
        slices = slices_of(proposals, KEY)
        assert [one.rows for one in slices] == [min(width, ordered.height - one.first) for one in slices]
        assert decisions_root(slices) == ours


@pytest.mark.parametrize("width", [4, 65_536])
def test_every_decision_leads_to_the_log(
    database: Database, store: Store, tmp_path: Path, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (decisions, decision_proof):
        monkeypatch.setattr(module, "SLICE", width)
    run_day(database, store, VAULT)
    run_day(database, store, VAULT)  # the day once more: its own slices count
    Sequencer(database, "demo", VAULT, Published(tmp_path / "log"), clock).run()
    with database.transaction("demo") as tx:
        origin = checkpoints.origin(tx)
        assert origin
        rows = tx.execute("SELECT person_id, ordinal FROM proposal ORDER BY person_id, ordinal").fetchall()
        for person, ordinal in rows:
            proof = prove_decision(tx, vault=VAULT, day=DAY, person_id=person, ordinal=ordinal)
            one = proof.decision
            assert json.loads(one.row)[:2] == [str(person), str(ordinal)]
            stated = read(proof.slice.entry.content)["stated"]
            leaf = tree.leaf_hash(one.salt + one.row.encode())
            assert isinstance(stated, dict)
            tree.check_inclusion(leaf, one.index, one.rows, one.path, bytes.fromhex(str(stated["root"])))
            proof.slice.proof.check(proof.slice.entry.content, origin.key)
        with pytest.raises(NoSuchDecision):
            prove_decision(tx, vault=VAULT, day=DAY, person_id=person, ordinal=99)
    with psycopg.connect(database.url) as owner:
        owner.execute("SELECT set_config('duecourse.lender_id', 'demo', true)")
        owner.execute("UPDATE proposal SET treatment = 'visit' WHERE person_id = %s", (person,))
    with database.transaction("demo") as tx, pytest.raises(DecisionsChanged):
        prove_decision(tx, vault=VAULT, day=DAY, person_id=person)


def _kill_and_mend(database: Database, store: Store, kills: int, chance: random.Random) -> list[bool]:
    """Kill real runs at random moments; each time nothing or everything is visible. Returns which had published."""
    done: list[bool] = []
    reach = 6.0
    for _ in range(kills):
        before = visible(database)
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.day_desk", database.url, str(store.folder), DAY.isoformat(), RING.document()],
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + chance.uniform(0.3, reach)
        while process.poll() is None and time.monotonic() < deadline:
            process.poll()
        process.send_signal(signal.SIGKILL)
        process.wait()
        after = visible(database)
        published = after["records"] != before["records"]
        done.append(published)
        # Killed before it published: let the next one come further, so that every part of a run is struck in time.
        reach = 6.0 if published else reach * 1.2
        if not published:
            assert after == before
    return done


def _check_kills(database: Database, store: Store, kills: int) -> list[bool]:
    done = _kill_and_mend(database, store, kills, random.Random(5))
    ran = run_day(database, store, VAULT)
    assert verify(database, store, lender_id="demo", day=DAY).holds
    seen = visible(database)
    assert seen["runs"] == [(DAY, "published")]
    with database.transaction("demo") as tx:  # what killed runs had loaded is gone
        assert tx.value("SELECT count(*) FROM case_snapshot") == seen["snapshots"]
        assert tx.value("SELECT count(*) FROM proposal") == seen["proposals"]
    assert ran.manifest["outputs"]["ages"] == _undisturbed()
    return done


def _undisturbed() -> object:
    """What the ages of the day are when nobody kills anything, computed without store and database."""
    made = tables()

    def load(shard: int) -> Shard:
        return Shard(*(f.filter(pl.col("shard") == shard) for f in (made.loans, made.instalments, made.events)))

    return pure([partial(load, n) for n in range(SHARDS)], made.conventions, empty(), setting(), known=KNOWN).hashes()[
        "ages"
    ]


def test_a_run_killed_anywhere_leaves_nothing_or_all(database: Database, store: Store) -> None:
    _check_kills(database, store, 4)


@pytest.mark.soak
def test_a_run_killed_anywhere_many_times(database: Database, store: Store, record_property: object) -> None:
    done = _check_kills(database, store, 40)
    assert True in done, "no run came as far as publishing: the kills struck its beginning only"
    record_property("kills", len(done))  # type: ignore[operator]
    record_property("of which after publishing", sum(done))  # type: ignore[operator]
