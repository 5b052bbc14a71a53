"""Tapes over HTTP: files sent and checked, corrections with them; what the book has, lacks, and differs in.

A tape is imported by `POST /jobs/{job}/import` once its check was looked at.
"""

from __future__ import annotations

import os
from datetime import date
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, File, Form, Query, UploadFile
from pydantic import Field
from starlette.datastructures import UploadFile as Sent

from duecourse.casework import mending, sending
from duecourse.storage import books, breaks, jobs
from duecourse.storage.tokens import Scope
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.jobs import JobShape, job_shape
from duecourse.web.api.keyed import Key, once
from duecourse.web.api.problem import Kind
from duecourse.web.api.shapes import PREFIX, Id, Shape, Told, problems

router = APIRouter(prefix=PREFIX, tags=["tapes"])

FILES_MAX = 32
Bookkeeper = Annotated[Inquiry, admitted(Scope.TAPE_READ)]


class TapeShape(Shape):
    """What was sent, by hashes: whether a request is the same again."""

    files: list[tuple[str, str]]
    mapping: str
    mapping_file: str | None
    patch: str | None
    full: bool
    all_or_nothing: bool


class FaultShape(Shape):
    """A row that was not taken: where, what is wrong, what to do. A value that may be personal is masked."""

    source: str = Field(description="SHA-256 of the file, as a patch names it.")
    file: str
    records: str
    row: int
    field: str
    rule: str
    value: str | None
    why: str
    todo: str


class QuarantineShape(Shape):
    """Faults of the rows that no import took, those of the file that was read last first; a row stands on one page."""

    faults: list[FaultShape]
    next: str | None = Field(description="The cursor of the next page; none at the end.")


@router.post(
    "/tapes",
    status_code=201,
    responses=problems(Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON, Kind.OTHER_REQUEST),
)
def send_tape(
    *,
    file: Annotated[
        list[UploadFile], File(max_length=FILES_MAX, description="The files of the tape, each by its name.")
    ],
    mapping: Annotated[
        str, Form(max_length=80, pattern=r"^[A-Za-z0-9._-]+$", description="One that ships, or the name of your own.")
    ] = "standard",
    mapping_file: Annotated[UploadFile | None, File(description="A mapping of your own (docs/tape.md).")] = None,
    patch: Annotated[
        UploadFile | None, File(description="Corrections for rows of these very files: source, row, field, value.")
    ] = None,
    full: Annotated[bool, Form(description="The tape holds every loan; those missing are listed as breaks.")] = False,
    all_or_nothing: Annotated[bool, Form(description="Take nothing if a row is wrong.")] = False,
    key: Key,
    inquiry: Annotated[Inquiry, admitted(Scope.TAPE_SEND)],
) -> JobShape:
    """Send the files of a tape; they are kept, sealed, and a job checks them. Nothing is imported by that."""
    files = [(one.filename or "", one.file.read()) for one in file]
    own, corrections = _content(mapping_file), _content(patch)
    said = TapeShape(
        files=[(name, sha256(content).hexdigest()) for name, content in files], mapping=mapping,
        mapping_file=None if own is None else sha256(own).hexdigest(),
        patch=None if corrections is None else sha256(corrections).hexdigest(), full=full,
        all_or_nothing=all_or_nothing,
    )  # fmt: skip

    def act() -> JobShape:
        number = sending.send_tape(
            tx, vault=inquiry.parts.vault, store=inquiry.parts.store(inquiry.lender_id), files=files, mapping=mapping,
            own=own, patch=corrections, full=full, all_or_nothing=all_or_nothing, actor=inquiry.caller.actor,
            now=inquiry.parts.clock(), chance=os.urandom,
        )  # fmt: skip
        return job_shape(jobs.get(tx, number))

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place="tape", said=said, shape=JobShape, act=act)


@router.get("/quarantine", responses=problems(Kind.INVALID))
def list_quarantine(
    inquiry: Bookkeeper,
    cursor: Annotated[
        str | None, Query(pattern=r"^[0-9a-f]{64}-[0-9]{1,18}$", description="What the page before gave.")
    ] = None,
    most: Annotated[int, Query(ge=1, le=mending.FAULTS_MAX)] = mending.FAULTS_MAX,
) -> QuarantineShape:
    """List the rows that imports did not take, with what is wrong and what to do; personal values are masked."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        all_of_them = mending.waiting(tx, inquiry.parts.store(inquiry.lender_id))
    found, more = all_of_them.page(most, after=cursor)
    return QuarantineShape(
        faults=[
            FaultShape(
                source=one.source, file=one.file, records=one.records, row=one.row, field=one.field, rule=one.rule,
                value=one.value, why=one.why, todo=one.todo,
            )
            for one in found
        ],
        next=more,
    )  # fmt: skip


class BookVersionShape(Shape):
    """A version of the book: who wrote it, and the hash of its content."""

    version: int
    parent: int | None
    known_at: Told
    written_by: str
    sha256: str


class BookShape(Shape):
    """The versions of the book, the newest first."""

    versions: list[BookVersionShape]


class BreakShape(Shape):
    """Where the lender's figure and ours differ; meanwhile the lower one is claimed."""

    kind: str
    loan: Id
    subject: str | None
    currency: str | None
    theirs_minor: int | None
    ours_minor: int | None
    theirs_days: int | None
    ours_days: int | None
    since: date


class BreaksShape(Shape):
    """Open breaks, by loan, those of one loan on one page; ``count`` is how many there are in all."""

    count: int
    breaks: list[BreakShape]
    next: str | None = Field(description="The cursor of the next page; none at the end.")


@router.get("/book", responses=problems(Kind.INVALID))
def list_versions(inquiry: Bookkeeper, most: Annotated[int, Query(ge=1, le=500)] = 50) -> BookShape:
    """List the versions of the book, the newest first."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = books.every(tx)[:most]
    return BookShape(
        versions=[
            BookVersionShape(
                version=one.version, parent=one.parent, known_at=one.known_at, written_by=one.written_by,
                sha256=bytes(one.content_hash).hex(),
            )
            for one in found
        ]
    )  # fmt: skip


@router.get("/breaks", responses=problems(Kind.INVALID))
def list_breaks(
    inquiry: Bookkeeper,
    cursor: Annotated[Id | None, Query(description="What the page before gave.")] = None,
    most: Annotated[int, Query(ge=1, le=5_000)] = 500,
) -> BreaksShape:
    """List where the lender's figures and ours differ."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = breaks.open_breaks(tx)
    shown = breaks.page(found, most, after=cursor)
    over = shown.height and shown["loan_key"][-1] != found["loan_key"][-1]
    return BreaksShape(
        count=found.height,
        breaks=[BreakShape(**one) for one in shown.rename({"loan_key": "loan", "opened_day": "since"}).to_dicts()],
        next=str(shown["loan_key"][-1]) if over else None,
    )


def _content(sent: Sent | None) -> bytes | None:
    return None if sent is None else sent.file.read()
