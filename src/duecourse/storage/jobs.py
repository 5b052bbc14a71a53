"""Background jobs: what was asked, how far, what came of it. Who works on one holds its lock (`casework.jobs`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput


class NoSuchJob(BadInput):
    """A number that no job has."""

    def __init__(self, job_id: int) -> None:
        super().__init__(N_("there is no job {number}"), number=job_id)


@dataclass(frozen=True, slots=True)
class Job:
    """A job. ``found`` is what came of it; ``trouble`` the sentence and values of why it failed."""

    job_id: int
    kind: str
    asked: Mapping[str, Any]
    actor: str
    at: datetime
    state: str
    attempts: int
    due_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    step: str | None
    step_done: int
    step_of: int
    found: Mapping[str, Any] | None
    trouble: Mapping[str, Any] | None


_JOB = (
    "SELECT job_id, kind, asked, actor, at, state, attempts, due_at, began_at, ended_at, step, step_done, step_of, "
    "found, trouble FROM job "
)


def add(tx: Tx, *, kind: str, asked: Mapping[str, Any], actor: str, now: datetime) -> int:
    """Ask for a job and return its number."""
    return int(
        str(
            tx.value(
                "INSERT INTO job (lender_id, kind, asked, actor, at, due_at) VALUES (%s, %s, %s, %s, %s, %s) "
                "RETURNING job_id",
                (tx.lender_id, kind, Jsonb(dict(asked)), actor, now, now),
            )
        )
    )


def get(tx: Tx, job_id: int) -> Job:
    """One job; raises `NoSuchJob`."""
    found = tx.row(Job, _JOB + "WHERE lender_id = %s AND job_id = %s", (tx.lender_id, job_id))
    if found is None:
        raise NoSuchJob(job_id)
    return found


def every(tx: Tx, *, before: int | None = None, most: int = 50) -> list[Job]:
    """Jobs, the latest first, from the one before a number on."""
    return tx.rows(
        Job,
        _JOB + "WHERE lender_id = %s AND (%s::bigint IS NULL OR job_id < %s) ORDER BY job_id DESC LIMIT %s",
        (tx.lender_id, before, before, most),
    )


def due(tx: Tx, *, now: datetime, most: int = 8) -> list[int]:
    """Jobs that wait, and those under way, whose worker may have died; the oldest first."""
    found = tx.execute(
        "SELECT job_id FROM job WHERE lender_id = %s AND state IN ('queued', 'running') AND due_at <= %s "
        "ORDER BY job_id LIMIT %s",
        (tx.lender_id, now, most),
    )
    return [int(job_id) for (job_id,) in found]


def begin(tx: Tx, job_id: int, *, now: datetime) -> Job | None:
    """Begin a job whose lock is held, or begin it again; None where it is over by now."""
    begun = tx.execute(
        "UPDATE job SET state = 'running', attempts = attempts + 1, began_at = %s, step = NULL, step_done = 0, "
        "step_of = 0 WHERE lender_id = %s AND job_id = %s AND state IN ('queued', 'running')",
        (now, tx.lender_id, job_id),
    )
    return get(tx, job_id) if begun.rowcount else None


def progress(tx: Tx, job_id: int, *, step: str, done: int, of: int) -> None:
    """Say how far a job is."""
    tx.execute(
        "UPDATE job SET step = %s, step_done = %s, step_of = %s WHERE lender_id = %s AND job_id = %s",
        (step, done, of, tx.lender_id, job_id),
    )


def done(tx: Tx, job_id: int, *, found: Mapping[str, Any], now: datetime) -> None:
    """End a job that was done."""
    tx.execute(
        "UPDATE job SET state = 'finished', ended_at = %s, found = %s WHERE lender_id = %s AND job_id = %s",
        (now, Jsonb(dict(found)), tx.lender_id, job_id),
    )


def failed(tx: Tx, job_id: int, *, trouble: Mapping[str, Any], now: datetime) -> None:
    """End a job that could not be done."""
    tx.execute(
        "UPDATE job SET state = 'aborted', ended_at = %s, trouble = %s WHERE lender_id = %s AND job_id = %s",
        (now, Jsonb(dict(trouble)), tx.lender_id, job_id),
    )


def again(tx: Tx, job_id: int, *, due_at: datetime) -> None:
    """Let a job wait until an instant: for the first time after it failed, or because somebody else is at it."""
    tx.execute(
        "UPDATE job SET state = 'queued', due_at = %s, ended_at = NULL, trouble = NULL, attempts = CASE state WHEN "
        "'aborted' THEN 0 ELSE attempts - 1 END WHERE lender_id = %s AND job_id = %s",
        (due_at, tx.lender_id, job_id),
    )


def uses(tx: Tx, upload_id: int) -> bool:
    """Whether a job that is not over works on a file."""
    return bool(
        tx.value(
            "SELECT count(*) FROM job WHERE lender_id = %s AND state IN ('queued', 'running') "
            "AND (asked->'uploads' @> to_jsonb(%s::bigint) OR asked->'patch' = to_jsonb(%s::bigint))",
            (tx.lender_id, upload_id, upload_id),
        )
    )


@dataclass(frozen=True, slots=True)
class Export:
    """Rows behind a figure that were taken out as a file: by whom, and what the record states."""

    at: datetime
    actor: str
    stated: Mapping[str, Any]


def exports(tx: Tx, most: int = 10) -> list[Export]:
    """What was taken out, the latest first."""
    return tx.rows(
        Export,
        "SELECT at, actor, convert_from(bytes, 'UTF8')::jsonb->'stated' AS stated FROM log_entry "
        "WHERE lender_id = %s AND kind = 'figure.exported' ORDER BY entry_id DESC LIMIT %s",
        (tx.lender_id, most),
    )
