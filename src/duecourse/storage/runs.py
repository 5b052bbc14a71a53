"""Day runs: one at a time per lender, and their results made visible in one transaction.

A run is claimed by a session lock, which the server lets go when the process dies; what a dead run left behind is one
row, marked abandoned by the next. Nothing else of a run is written before it is published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import polars as pl
from psycopg.types.json import Jsonb

from duecourse.storage import frames
from duecourse.storage.connection import Database, Tx
from duecourse.trouble import N_, BadInput, Busy

KEPT_DAYS = 35
"""Days of snapshots, proposals and worklists that are kept."""

INSTANT = pl.Datetime("us", "UTC")

SNAPSHOT: dict[str, pl.DataType | type[pl.DataType]] = {
    "person_id": pl.Int64,
    "loans": pl.Int16,
    "dpd": pl.Int32,
    "dpd_plan": pl.Int32,
    "stage": pl.String,
    "class": pl.String,
    "oldest_due_day": pl.Date,
    "currency": pl.String,
    "principal_minor": pl.Int64,
    "interest_minor": pl.Int64,
    "penalty_minor": pl.Int64,
    "fee_minor": pl.Int64,
    "overdue_minor": pl.Int64,
    "settle_minor": pl.Int64,
    "collector_id": pl.String,
}
"""Columns of a case snapshot, one row per person with an open case."""

PROPOSALS: dict[str, pl.DataType | type[pl.DataType]] = {
    "person_id": pl.Int64,
    "ordinal": pl.Int16,
    "loan_key": pl.Int64,
    "recipient_id": pl.Int64,
    "relation": pl.String,
    "contact_point_id": pl.Int64,
    "treatment": pl.String,
    "channel": pl.String,
    "purpose": pl.String,
    "template_id": pl.String,
    "template_version": pl.Int32,
    "slot_at": INSTANT,
    "slot_second": pl.Int32,
    "slot_zone": pl.String,
    "answer": pl.String,
    "rules": pl.List(pl.String),
    "missing": pl.List(pl.String),
    "reasons": pl.String,
    "score": pl.Int32,
}
"""Columns of proposals; ``ordinal`` counts from 1 per person, ``reasons`` is JSON."""

WORKLIST: dict[str, pl.DataType | type[pl.DataType]] = {
    "collector_id": pl.String,
    "place": pl.Int32,
    "person_id": pl.Int64,
    "ordinal": pl.Int16,
}
"""Columns of worklists; ``place`` counts from 1 per collector, ``ordinal`` names the person's proposal."""


class RunInProgress(Busy):
    """A day run of the lender is under way."""

    def __init__(self, lender_id: str, running: object) -> None:
        sentence = (
            N_("a day run of lender {lender} is under way (for {day}); wait for it to end, or stop it first")
            if running
            else N_("a day run of lender {lender} is under way (just beginning); wait for it to end, or stop it first")
        )
        super().__init__(sentence, lender=lender_id, day=running)


class RunLost(Busy):
    """The run's claim was lost (the server restarted, or the connection broke) and another run took its place."""

    def __init__(self, run_id: int) -> None:
        super().__init__(
            N_("day run {run_id} lost its claim before it was published; nothing of it counts, run the day again"),
            run_id=run_id,
        )


class NoSuchRun(BadInput):
    """No run of the day was published."""

    def __init__(self, day: date) -> None:
        super().__init__(N_("no day run of {day} is published; run `duecourse day run --as-of {day}`"), day=day)


@dataclass(frozen=True, slots=True)
class Run:
    """A day run. ``manifest`` lists the hashes of all that went in and came out."""

    run_id: int
    day: date
    state: str
    version: int
    started_at: datetime
    ended_at: datetime | None
    inputs_hash: bytes | None
    manifest: Mapping[str, object] | None
    manifest_hash: bytes | None


LOANS: dict[str, pl.DataType | type[pl.DataType]] = {
    "person_id": pl.Int64,
    "loan_key": pl.Int64,
    "status": pl.String,
    "dpd": pl.Int32,
    "oldest_due_day": pl.Date,
    "next_due_day": pl.Date,
    "overdue_minor": pl.Int64,
    "due_in_week_minor": pl.Int64,
    "not_due_minor": pl.Int64,
    "paid_total_minor": pl.Int64,
    "last_payment_day": pl.Date,
}
"""Columns of the loans of cases."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a run found: frames with the columns `SNAPSHOT`, `PROPOSALS`, `WORKLIST` and `LOANS`."""

    snapshot: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SNAPSHOT))
    proposals: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PROPOSALS))
    worklist: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=WORKLIST))
    loans: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=LOANS))


_RUN = "SELECT run_id, day, state, version, started_at, ended_at, inputs_hash, manifest, manifest_hash FROM day_run "


@contextmanager
def claimed(database: Database, lender_id: str, *, day: date, version: int, now: datetime) -> Iterator[int]:
    """Hold the lender's day run for the length of the block and give its run id; raises `RunInProgress`.

    If the block ends without `publish`, the run is marked abandoned.
    """
    with database.session_lock(f"day run {lender_id}") as held:
        with database.transaction(lender_id) as tx:
            if not held:
                running = tx.value("SELECT day FROM day_run WHERE lender_id = %s AND state = 'running'", (lender_id,))
                raise RunInProgress(lender_id, running)
            _abandon(tx, now)
            run_id = int(
                str(
                    tx.value(
                        "INSERT INTO day_run (lender_id, day, state, version, started_at) "
                        "VALUES (%s, %s, 'running', %s, %s) RETURNING run_id",
                        (lender_id, day, version, now),
                    )
                )
            )
        try:
            yield run_id
        finally:
            with database.transaction(lender_id) as tx:
                _abandon(tx, now)


def load(tx: Tx, *, run_id: int, rows: Rows) -> None:
    """Put a run's rows beside those of the day's published run; nobody sees them before `publish`, committed or not.

    They may so be loaded in a transaction of their own. What a run left that died after its load goes first.
    """
    make_ready(tx, run_id=run_id)
    put(tx, run_id=run_id, rows=rows)


def make_ready(tx: Tx, *, run_id: int) -> None:
    """Make a run's day ready for `put`, which several transactions may then do side by side."""
    day = _day_of(tx, run_id)
    make_partitions(tx, day)
    _clear(tx, day)


def put(tx: Tx, *, run_id: int, rows: Rows) -> None:
    """Put rows of a run into a day that was made ready; frames that are empty are left alone."""
    day = _day_of(tx, run_id)
    for name, frame, schema in (
        ("case_snapshot", rows.snapshot, SNAPSHOT),
        ("proposal", rows.proposals, PROPOSALS),
        ("worklist", rows.worklist, WORKLIST),
        ("loan_snapshot", rows.loans, LOANS),
    ):
        _load(tx, name, frame.select(pl.col(column).cast(kind) for column, kind in schema.items()), day, run_id)


def _day_of(tx: Tx, run_id: int) -> date:
    day = tx.value("SELECT day FROM day_run WHERE lender_id = %s AND run_id = %s", (tx.lender_id, run_id))
    if not isinstance(day, date):
        raise BadInput(N_("day run {run_id} of lender {lender_id} is not known"), run_id=run_id, lender_id=tx.lender_id)
    return day


def publish(
    tx: Tx, *, run_id: int, inputs_hash: bytes, manifest: Mapping[str, object], manifest_hash: bytes, now: datetime
) -> None:
    """Say that a run whose rows are loaded is the one of its day, in place of an earlier one; raises `RunLost`."""
    day = tx.value("SELECT day FROM day_run WHERE lender_id = %s AND run_id = %s", (tx.lender_id, run_id))
    superseded = tx.execute(
        "UPDATE day_run SET state = 'superseded' WHERE lender_id = %s AND day = %s AND state = 'published'",
        (tx.lender_id, day),
    )
    if isinstance(day, date) and superseded.rowcount:
        _clear(tx, day)
    done = tx.execute(
        "UPDATE day_run SET state = 'published', ended_at = %s, inputs_hash = %s, manifest = %s, manifest_hash = %s "
        "WHERE lender_id = %s AND run_id = %s AND state = 'running'",
        (now, inputs_hash, Jsonb(dict(manifest)), manifest_hash, tx.lender_id, run_id),
    )
    if done.rowcount != 1:
        raise RunLost(run_id)


def _clear(tx: Tx, day: date) -> None:
    """Take away the rows of the day that no run will ever show again."""
    ended = tx.execute(
        "SELECT run_id FROM day_run WHERE lender_id = %s AND day = %s AND state IN ('superseded', 'abandoned')",
        (tx.lender_id, day),
    ).fetchall()
    if ended:
        key = (tx.lender_id, day, [row[0] for row in ended])
        tx.execute("DELETE FROM worklist WHERE lender_id = %s AND day = %s AND run_id = ANY(%s)", key)
        tx.execute("DELETE FROM proposal WHERE lender_id = %s AND day = %s AND run_id = ANY(%s)", key)
        tx.execute("DELETE FROM case_snapshot WHERE lender_id = %s AND day = %s AND run_id = ANY(%s)", key)
        tx.execute("DELETE FROM loan_snapshot WHERE lender_id = %s AND day = %s AND run_id = ANY(%s)", key)


def published(tx: Tx, day: date | None = None) -> Run:
    """The published run of a day, or of the latest day that has one; raises `NoSuchRun`."""
    found = tx.row(
        Run,
        _RUN + "WHERE lender_id = %s AND state = 'published' AND day = coalesce(%s, day) ORDER BY day DESC LIMIT 1",
        (tx.lender_id, day),
    )
    if found is None:
        raise NoSuchRun(day) if day else BadInput("no day run is published yet; run `duecourse day run --as-of DAY`")
    return found


def last_day(tx: Tx) -> date | None:
    """The latest day that has a published run, or None before the first."""
    found = tx.value("SELECT max(day) FROM day_run WHERE lender_id = %s AND state = 'published'", (tx.lender_id,))
    return found if isinstance(found, date) else None


def last_start(tx: Tx) -> datetime | None:
    """When the run that was published last began, or None before the first."""
    found = tx.value(
        "SELECT max(started_at) FROM day_run WHERE lender_id = %s AND state = 'published'", (tx.lender_id,)
    )
    return found if isinstance(found, datetime) else None


def every(tx: Tx, most: int = 100) -> list[Run]:
    """Runs of any state, the latest first."""
    return tx.rows(Run, _RUN + "WHERE lender_id = %s ORDER BY run_id DESC LIMIT %s", (tx.lender_id, most))


def make_partitions(tx: Tx, day: date) -> None:
    """Make the partitions of a day if they are missing."""
    tx.execute("SELECT make_day_partitions(%s)", (day,))


def drop_old(tx: Tx, today: date) -> int:
    """Drop the partitions of all lenders older than `KEPT_DAYS` before today; returns how many.

    Do it in a transaction of its own: it waits for, and briefly blocks, readers of these tables.
    """
    return int(str(tx.value("SELECT drop_day_partitions(%s)", (today - timedelta(days=KEPT_DAYS),))))


def _abandon(tx: Tx, now: datetime) -> None:
    tx.execute(
        "UPDATE day_run SET state = 'abandoned', ended_at = %s WHERE lender_id = %s AND state = 'running'",
        (now, tx.lender_id),
    )


def _load(tx: Tx, table: str, frame: pl.DataFrame, day: date, run_id: int) -> None:
    if frame.is_empty():
        return
    kinds = {"reasons": "jsonb"} if table == "proposal" else {}
    frames.insert(tx, frame.with_columns(day=pl.lit(day), run_id=pl.lit(run_id, dtype=pl.Int64)), table, casts=kinds)
