"""Day runs: one at a time, visible in one go, and the partitions they live in."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import psycopg
import pytest
from psycopg import errors

from duecourse.casework.lender_law import rules_named
from duecourse.cli.grounds import causes_of, ground
from duecourse.storage import cases, collectors, runs, worklists
from duecourse.storage.books import BookVersion, commit_version
from duecourse.storage.collectors import Collector
from duecourse.storage.connection import Database
from duecourse.storage.runs import NoSuchRun, Rows, RunInProgress, RunLost
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from duecourse.trouble import BadInput
from tests.desk import NOW, TODAY, batch, enter, person, register


@pytest.fixture
def desk(database: Database) -> Database:
    enter(database)
    register(database, Vault(new_ring()), batch(1, 2))
    with database.transaction("demo") as tx:
        commit_version(tx, BookVersion(1, None, NOW, "import", {}, bytes(32), 0))
        collectors.put(tx, Collector("c1", "east", [], ["zh"], 80, date(2026, 1, 1)))
        cases.open_many(tx, pl.Series([person(1), person(2)]), day=TODAY, by="rule")
    return database


def rows(overdue: int = 100, *, answer: str = "allowed") -> Rows:
    money = {
        f"{name}_minor": [overdue, overdue] for name in ("principal", "interest", "penalty", "fee", "overdue", "settle")
    }
    snapshot = pl.DataFrame(
        {
            "person_id": [person(1), person(2)], "loans": [1, 2], "dpd": [5, 40], "dpd_plan": [5, 0],
            "stage": ["M1", "M2"], "class": ["special_mention", "special_mention"],
            "oldest_due_day": [TODAY - timedelta(days=5), None], "currency": ["CNY", "CNY"],
            "collector_id": ["c1", None], **money,
        }
    )  # fmt: skip
    proposals = pl.DataFrame(
        {
            "person_id": [person(1), person(2)], "ordinal": [1, 1], "loan_key": [None, 7],
            "recipient_id": [person(1), None], "relation": ["borrower", None], "contact_point_id": [None, None],
            "treatment": ["call", "referral"], "channel": ["call", None], "purpose": ["collect", None],
            "template_id": ["script.m1", None], "template_version": [1, None], "slot_at": [NOW, None],
            "slot_second": [36000, None], "slot_zone": ["Asia/Shanghai", None], "answer": [answer, "refused"],
            "rules": [["cn.contact.window"], []], "missing": [[], ["hold_dispute"]],
            "reasons": ['{"dpd": 5}', "[]"], "score": [None, 3],
        }
    )  # fmt: skip
    worklist = pl.DataFrame({"collector_id": ["c1"], "place": [1], "person_id": [person(1)], "ordinal": [1]})
    return Rows(snapshot, proposals, worklist)


def run(database: Database, found: Rows, day: date = TODAY) -> int:
    with runs.claimed(database, "demo", day=day, version=1, now=NOW) as run_id, database.transaction("demo") as tx:
        runs.load(tx, run_id=run_id, rows=found)
        runs.publish(
            tx, run_id=run_id, inputs_hash=bytes(32), manifest={"day": str(day)}, manifest_hash=bytes(32), now=NOW
        )
    return run_id


def test_a_published_day_is_read_back(desk: Database) -> None:
    run_id = run(desk, rows())
    with desk.transaction("demo") as tx:
        assert runs.published(tx, TODAY).run_id == run_id
        assert runs.published(tx).manifest == {"day": str(TODAY)}
        found = worklists.worklist(tx, TODAY, collector_id="c1")
        assert [(p.place, p.name_masked, p.dpd, p.treatment, p.answer) for p in found] == [
            (1, "张*", 5, "call", "allowed")
        ]
        assert worklists.place_of(tx, TODAY, person(1)) == ("c1", 1)
        assert worklists.place_of(tx, TODAY, person(2)) is None
        snapshot = worklists.snapshot(tx, TODAY, person(2))
        assert snapshot is not None
        assert (snapshot.loans, snapshot.dpd, snapshot.stage, snapshot.settle_minor) == (2, 40, "M2", 100)
        proposal = worklists.proposals(tx, TODAY, person(1))[0]
        assert (proposal.rules, proposal.missing, proposal.reasons, proposal.slot_at) == (
            ["cn.contact.window"], [], {"dpd": 5}, NOW,
        )  # fmt: skip
        assert worklists.proposal_counts(tx, TODAY).rows() == [
            ("call", "call", "allowed", 1),
            ("referral", None, "refused", 1),
        ]
        assert worklists.refusal_counts(tx, TODAY).rows() == [("missing hold_dispute", "referral", 1)]


def test_whom_nothing_reaches_is_refused_for_that_alone(desk: Database) -> None:
    found = rows(answer="refused")
    lacks = ["contact_point_valid", "wrong_number"]
    alone = found.proposals.with_columns(
        rules=pl.Series([["house.contact.point", "cn.contact.window"], ["house.contact.point"]]),
        missing=pl.Series([lacks, lacks]),
        contact_point_id=pl.Series([None, 7], dtype=pl.Int64),
        channel=pl.lit("call"),
    )
    run(desk, replace(found, proposals=alone))
    with desk.transaction("demo") as tx:
        assert sorted(worklists.refusal_counts(tx, TODAY).rows()) == [
            ("house.contact.point", "referral", 1),
            ("missing contact_point", "call", 1),
            ("missing contact_point_valid", "referral", 1),
            ("missing wrong_number", "referral", 1),
        ]
        one, known = worklists.proposals(tx, TODAY, person(1))[0], rules_named(tx)
        assert causes_of(one, known) == ["missing contact_point", "cn.contact.window"]
        assert ground("missing contact_point", None, known).says.startswith("a contact point by which")
        (other,) = worklists.proposals(tx, TODAY, person(2))
        assert causes_of(other, known)[0] == "house.contact.point"


def test_a_rerun_replaces_the_day_whole(desk: Database) -> None:
    first = run(desk, rows(100))
    second = run(desk, rows(200, answer="refused"))
    with desk.transaction("demo") as tx:
        assert {r.run_id: r.state for r in runs.every(tx)} == {first: "superseded", second: "published"}
        assert tx.execute("SELECT DISTINCT run_id, overdue_minor FROM case_snapshot").fetchall() == [(second, 200)]
        assert tx.value("SELECT count(*) FROM proposal") == 2


def test_rows_that_were_loaded_and_never_published_are_not_seen(desk: Database) -> None:
    with runs.claimed(desk, "demo", day=TODAY, version=1, now=NOW) as run_id, desk.transaction("demo") as tx:
        runs.load(tx, run_id=run_id, rows=rows(300))
    with desk.transaction("demo") as tx:
        assert tx.value("SELECT count(*) FROM proposal") == 2
        assert worklists.worklist(tx, TODAY) == []
        assert worklists.place_of(tx, TODAY, person(1)) is None
        assert worklists.snapshot(tx, TODAY, person(1)) is None
        assert worklists.proposals(tx, TODAY, person(1)) == []
        assert worklists.proposal_counts(tx, TODAY).is_empty()
        assert worklists.refusal_counts(tx, TODAY).is_empty()
    run(desk, rows(400))
    with desk.transaction("demo") as tx:
        assert tx.execute("SELECT DISTINCT overdue_minor FROM case_snapshot").fetchall() == [(400,)]


def test_a_run_that_fails_leaves_nothing_visible(desk: Database) -> None:
    bad = rows()
    bad = Rows(bad.snapshot.with_columns(stage=pl.lit("M9")), bad.proposals, bad.worklist)
    with pytest.raises(errors.CheckViolation):
        run(desk, bad)
    with desk.transaction("demo") as tx:
        assert [r.state for r in runs.every(tx)] == ["abandoned"]
        assert tx.value("SELECT count(*) FROM case_snapshot") == 0
        with pytest.raises(NoSuchRun, match="2026-03-01"):
            runs.published(tx, TODAY)
        with pytest.raises(BadInput, match="no day run is published yet"):
            runs.published(tx)
    run(desk, rows())


def test_two_runs_at_once_are_refused(desk: Database) -> None:
    with (
        runs.claimed(desk, "demo", day=TODAY, version=1, now=NOW),
        pytest.raises(RunInProgress, match="for 2026-03-01"),
    ):
        run(desk, rows(), TODAY + timedelta(days=1))
    run(desk, rows(), TODAY + timedelta(days=1))


def test_a_killed_run_frees_the_day(desk: Database, database_url: str) -> None:
    program = (
        "import sys, datetime\nfrom duecourse.storage import runs\nfrom duecourse.storage.connection import Database\n"
        "with Database(sys.argv[1]) as db, runs.claimed(db, 'demo', day=datetime.date(2026, 3, 1), version=1,\n"
        "        now=datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)) as run_id:\n"
        "    print(run_id, flush=True)\n    sys.stdin.read()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, database_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    dead = int(child.stdout.readline())
    child.kill()
    child.communicate()
    with psycopg.connect(database_url) as watcher:  # the server notices the death at its own pace
        watcher.execute("SELECT pg_advisory_lock(hashtextextended('day run demo', 2))")
        watcher.execute("SELECT pg_advisory_unlock_all()")  # and a closed connection likewise
    run(desk, rows())
    with desk.transaction("demo") as tx:
        assert {r.run_id: r.state for r in runs.every(tx)}[dead] == "abandoned"


def test_a_run_that_lost_its_claim_is_not_published(desk: Database) -> None:
    with runs.claimed(desk, "demo", day=TODAY, version=1, now=NOW) as run_id:
        with desk.transaction("demo") as tx:
            tx.execute("UPDATE day_run SET state = 'abandoned', ended_at = %s", (NOW,))
        with pytest.raises(RunLost), desk.transaction("demo") as tx:  # noqa: PT012 - the transaction is what must fail
            runs.load(tx, run_id=run_id, rows=rows())
            runs.publish(tx, run_id=run_id, inputs_hash=bytes(32), manifest={}, manifest_hash=bytes(32), now=NOW)
    with desk.transaction("demo") as tx:
        assert tx.value("SELECT count(*) FROM case_snapshot") == 0


def test_partitions_are_made_by_day_and_dropped_after_35(desk: Database, database_url: str) -> None:
    for back in (0, 35, 36):
        run(desk, rows(), TODAY - timedelta(days=back))
    with desk.transaction("demo") as tx:
        runs.make_partitions(tx, TODAY)
        assert runs.drop_old(tx, TODAY) == 4  # snapshots of cases and loans, proposals, worklists
        assert runs.drop_old(tx, TODAY) == 0
        days = tx.execute("SELECT DISTINCT day FROM case_snapshot ORDER BY day").fetchall()
        assert days == [(TODAY - timedelta(days=35),), (TODAY,)]
    with psycopg.connect(database_url) as owner:
        found = owner.execute(
            "SELECT c.relname, has_table_privilege('duecourse_app', c.oid, 'SELECT, INSERT, UPDATE, DELETE') "
            "FROM pg_class c WHERE c.relispartition AND c.relkind = 'r' ORDER BY 1"
        ).fetchall()
    assert [name for name, _ in found][:2] == ["case_snapshot_20260125", "case_snapshot_20260301"]
    assert len(found) == 8
    assert not any(allowed for _, allowed in found)


def test_a_day_of_one_lender_is_not_seen_by_another(desk: Database) -> None:
    run(desk, rows())
    with desk.transaction("bank") as tx:
        assert tx.value("SELECT count(*) FROM case_snapshot") == 0
        assert worklists.worklist(tx, TODAY) == []
