"""Background jobs over HTTP: how far each is and what came of it; a day run asked for, a failed job done again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field, JsonValue

from duecourse.casework import jobs as acts
from duecourse.storage import jobs
from duecourse.storage.jobs import Job
from duecourse.storage.tokens import Scope
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.keyed import Key, once
from duecourse.web.api.problem import Kind
from duecourse.web.api.shapes import PREFIX, Day, Id, Shape, Told, problems

router = APIRouter(prefix=f"{PREFIX}/jobs", tags=["jobs"])

_WRONG = (Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON, Kind.OTHER_REQUEST)
Reader = Annotated[Inquiry, admitted(Scope.JOB_READ)]
Starter = Annotated[Inquiry, admitted(Scope.JOB_START)]
Number = Annotated[Id, Path()]


class JobShape(Shape):
    """A job: how far it is while it runs, what came of it, or why it failed."""

    job: Id
    kind: str = Field(description="tape_check, tape_import or day_run.")
    state: str = Field(description="queued, running, finished or aborted.")
    attempts: int
    actor: str
    asked: dict[str, JsonValue]
    at: Told
    began_at: Told | None
    ended_at: Told | None
    step: str | None
    step_done: int
    step_of: int
    found: dict[str, JsonValue] | None
    trouble: str | None


class JobsShape(Shape):
    """Jobs, the latest first."""

    jobs: list[JobShape]
    next: str | None = Field(description="The cursor of the next page; none at the end.")


class DayWanted(Shape):
    """Which day shall be run."""

    day: Day


@router.get("", responses=problems(Kind.INVALID))
def list_jobs(
    inquiry: Reader,
    cursor: Annotated[Id | None, Query(description="What the page before gave.")] = None,
    most: Annotated[int, Query(ge=1, le=500)] = 50,
) -> JobsShape:
    """List jobs, the latest first."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = jobs.every(tx, before=cursor, most=most + 1)
    shown = found[:most]
    return JobsShape(jobs=[job_shape(one) for one in shown], next=str(shown[-1].job_id) if len(found) > most else None)


@router.get("/{job:int}", responses=problems(Kind.NOT_FOUND, Kind.INVALID))
def show_job(job: Number, inquiry: Reader) -> JobShape:
    """Give one job."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return job_shape(jobs.get(tx, job))


@router.post("/day-runs", status_code=201, responses=problems(*_WRONG))
def ask_day_run(said: DayWanted, key: Key, inquiry: Starter) -> JobShape:
    """Ask for the run of a day; a worker carries it out."""

    def act() -> JobShape:
        number = acts.ask_day_run(
            tx, vault=inquiry.parts.vault, day=said.day, actor=inquiry.caller.actor, now=inquiry.parts.clock()
        )
        return job_shape(jobs.get(tx, number))

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place="day run", said=said, shape=JobShape, act=act)


@router.post("/{job:int}/import", status_code=201, responses=problems(*_WRONG))
def ask_import(job: Number, key: Key, inquiry: Starter) -> JobShape:
    """Ask for the import of a tape that a job checked (`POST /tapes`)."""

    def act() -> JobShape:
        number = acts.ask_import(
            tx, vault=inquiry.parts.vault, job_id=job, actor=inquiry.caller.actor, now=inquiry.parts.clock()
        )
        return job_shape(jobs.get(tx, number))

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"import {job}", said=None, shape=JobShape, act=act)


@router.post("/{job:int}/retry", responses=problems(*_WRONG))
def retry_job(job: Number, key: Key, inquiry: Starter) -> JobShape:
    """Let a job that failed be done again."""

    def act() -> JobShape:
        return job_shape(
            acts.try_again(
                tx, vault=inquiry.parts.vault, job_id=job, actor=inquiry.caller.actor, now=inquiry.parts.clock()
            )
        )

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"retry {job}", said=None, shape=JobShape, act=act)


def job_shape(one: Job) -> JobShape:
    """A job as answers give it, without a mapping's text."""
    return JobShape(
        job=one.job_id, kind=one.kind, state=one.state, attempts=one.attempts, actor=one.actor,
        asked={name: value for name, value in one.asked.items() if name != "mapping_text"}, at=one.at,
        began_at=one.began_at, ended_at=one.ended_at, step=one.step, step_done=one.step_done, step_of=one.step_of,
        found=None if one.found is None else dict(one.found), trouble=acts.in_words(one),
    )  # fmt: skip
