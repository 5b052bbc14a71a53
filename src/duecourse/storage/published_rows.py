"""The rows of a published day as they stand, whole, for whoever compares them with what the run found.

Nobody may change them: the application has no right to, and a run that puts others in their place supersedes theirs.
They go with their partitions after `runs.KEPT_DAYS`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import polars as pl

from duecourse.storage import frames, runs
from duecourse.storage.connection import Tx

_JSON = ("rules", "missing")
"""Lists of texts, which come as JSON: it keeps apart what a separator would not."""


def snapshot(tx: Tx, day: date, run_id: int) -> pl.DataFrame:
    """The case snapshots, in the columns of `runs.SNAPSHOT`."""
    return frames.read(
        tx,
        "SELECT person_id, loans, dpd, dpd_plan, stage, class, oldest_due_day, currency, principal_minor, "
        "interest_minor, penalty_minor, fee_minor, overdue_minor, settle_minor, collector_id FROM case_snapshot "
        "WHERE lender_id = %s AND day = %s AND run_id = %s",
        (tx.lender_id, day, run_id),
        runs.SNAPSHOT,
    )


def proposals(tx: Tx, day: date, run_id: int) -> pl.DataFrame:
    """The proposals, in the columns of `runs.PROPOSALS`; ``reasons`` is JSON without blanks, as the run wrote it."""
    read = frames.read(
        tx,
        "SELECT person_id, ordinal, loan_key, recipient_id, relation, contact_point_id, treatment, channel, purpose, "
        "template_id, template_version, slot_at, slot_second, slot_zone, answer, "
        "CASE coalesce(array_ndims(rules), 1) WHEN 1 THEN to_json(rules)::text END, "
        "CASE coalesce(array_ndims(missing), 1) WHEN 1 THEN to_json(missing)::text END, "
        "replace(replace(reasons::text, ': ', ':'), ', ', ','), score FROM proposal "
        "WHERE lender_id = %s AND day = %s AND run_id = %s",
        (tx.lender_id, day, run_id),
        runs.PROPOSALS | dict.fromkeys(_JSON, pl.String),
    )
    return read.with_columns(_texts(read[name]) for name in _JSON)


def worklist(tx: Tx, day: date, run_id: int) -> pl.DataFrame:
    """The worklists, in the columns of `runs.WORKLIST`."""
    return frames.read(
        tx,
        "SELECT collector_id, place, person_id, ordinal FROM worklist "
        "WHERE lender_id = %s AND day = %s AND run_id = %s",
        (tx.lender_id, day, run_id),
        runs.WORKLIST,
    )


def loans(tx: Tx, day: date, run_id: int) -> pl.DataFrame:
    """The loans of cases, in the columns of `runs.LOANS`."""
    return frames.read(
        tx,
        "SELECT person_id, loan_key, status, dpd, oldest_due_day, next_due_day, overdue_minor, due_in_week_minor, "
        "not_due_minor, paid_total_minor, last_payment_day FROM loan_snapshot "
        "WHERE lender_id = %s AND day = %s AND run_id = %s",
        (tx.lender_id, day, run_id),
        runs.LOANS,
    )


def dropped(tx: Tx, day: date) -> bool:
    """Whether the partitions of a day went in their time: they are not there, and one `runs.KEPT_DAYS` later is.

    They are all lenders', so that the run of one may drop what another published.
    """
    there = [
        found
        for (found,) in tx.execute(
            "SELECT to_date(right(c.relname, 8), 'YYYYMMDD') FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent IN ('case_snapshot'::regclass, 'proposal'::regclass, 'worklist'::regclass, "
            "'loan_snapshot'::regclass)"
        ).fetchall()
    ]
    return day not in there and max(there, default=day) > day + timedelta(days=runs.KEPT_DAYS)


def _texts(written: pl.Series) -> pl.Series:
    """Lists from their JSON; a day has few that differ."""
    kind = pl.List(pl.String)
    found: Iterable[str] = written.drop_nulls().unique()
    lists = pl.Series(found, dtype=pl.String).str.json_decode(kind)
    return written.to_frame().join(
        pl.DataFrame({written.name: pl.Series(found, dtype=pl.String), "list": lists}), on=written.name, how="left",
        maintain_order="left",
    )["list"].rename(written.name)  # fmt: skip
