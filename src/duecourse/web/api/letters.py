"""Letters over HTTP: batches for a print house, handing over, the file, and what came back."""

from __future__ import annotations

import os
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.responses import Response

from duecourse.casework import letters as acts
from duecourse.casework.letters import CameBack
from duecourse.storage import letters
from duecourse.storage.letters import Batch, Letter
from duecourse.web.api.identity import Inquiry
from duecourse.web.api.keyed import Key, long_once, once
from duecourse.web.api.outbox import OutboxReader, OutboxWorker
from duecourse.web.api.problem import Kind
from duecourse.web.api.shapes import PREFIX, Code, Id, Shape, Told, problems

router = APIRouter(prefix=f"{PREFIX}/letters", tags=["letters"])

BatchId = Annotated[Id, Path()]
_WRONG = (Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON, Kind.OTHER_REQUEST)


class LetterBatchShape(Shape):
    """A batch of letters."""

    batch: Id
    state: str
    made_at: Told
    made_by: str
    ended_at: Told | None
    ended_by: str | None
    file_sha256: str | None
    pages: int | None
    letters: int
    left_out: int
    returned: int


class LetterBatches(Shape):
    """Batches, the latest first."""

    batches: list[LetterBatchShape]
    next: str | None = Field(description="The cursor of the next page; none at the end.")


class LetterShape(Shape):
    """A letter of a batch."""

    letter: Id
    notice: Id
    case: Id
    message: Id | None
    state: str | None = Field(description="That of the message that it became.")
    left_out_zh: str | None
    left_out_en: str | None
    returned_at: Told | None
    returned_as: str | None


class LetterBatchWhole(LetterBatchShape):
    """A batch with its letters."""

    list: list[LetterShape]


class WantedBatch(Shape):
    """Which notices go; without any all that stand and were not sent."""

    notices: Annotated[list[Id], Field(max_length=acts.LETTERS_MAX)] | None = None


class WantedHandover(Shape):
    """Who answers for the letters."""

    staff: Code | None = None


class WhatReturned(Shape):
    """Letters that came back, by the codes that they bear."""

    codes: Annotated[list[Annotated[str, Field(pattern=r"^[!-~]{1,64}$")]], Field(min_length=1, max_length=5_000)]
    why: Literal["unknown_address", "moved", "deceased", "refused", "unclaimed", "unstated"] = "unstated"


class ReturnedLetters(Shape):
    """How many there were of each kind."""

    returned: int
    before: int
    not_ours: int


@router.get("", responses=problems(Kind.INVALID))
def list_letter_batches(
    inquiry: OutboxReader,
    cursor: Annotated[Id | None, Query(description="What the page before gave.")] = None,
    most: Annotated[int, Query(ge=1, le=500)] = 50,
) -> LetterBatches:
    """List batches of letters, the latest first."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = letters.batches(tx, before=cursor, most=most)
    return LetterBatches(
        batches=[_shape(one) for one in found], next=str(found[-1].batch_id) if len(found) >= most else None
    )


@router.post("", status_code=201, responses=problems(*_WRONG))
def put_letters_together(said: WantedBatch, key: Key, inquiry: OutboxWorker) -> LetterBatchShape:
    """Put notices together that go by letter; nobody is asked yet."""

    def act() -> LetterBatchShape:
        return _shape(
            acts.make_batch(
                tx, vault=inquiry.parts.vault, named=said.notices or (), actor=inquiry.caller.actor,
                now=inquiry.parts.clock(),
            )
        )  # fmt: skip

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place="letters", said=said, shape=LetterBatchShape, act=act)


@router.post("/returned", responses=problems(*_WRONG))
def take_returned_letters(said: WhatReturned, inquiry: OutboxWorker) -> ReturnedLetters:
    """Take letters over that came back; each is failed, and an address where nobody lives is used no more."""
    found = acts.take_returned(
        inquiry.parts.database, inquiry.lender_id, said.codes, as_=CameBack(said.why), gate=inquiry.parts.gate,
        actor=inquiry.caller.actor, clock=inquiry.parts.clock,
    )  # fmt: skip
    return ReturnedLetters(returned=found[acts.RETURNED], before=found[acts.BEFORE], not_ours=found[acts.NOT_OURS])


@router.get("/{batch:int}", responses=problems(Kind.NOT_FOUND, Kind.INVALID))
def read_letter_batch(batch: BatchId, inquiry: OutboxReader) -> LetterBatchWhole:
    """Show a batch: each letter, what the gate said, what became of it."""
    return _whole(inquiry, batch)


@router.post("/{batch:int}/handover", responses=problems(*_WRONG))
def hand_letters_over(batch: BatchId, said: WantedHandover, key: Key, inquiry: OutboxWorker) -> LetterBatchWhole:
    """Ask for each letter and redeem its permit; what is permitted goes into the file, and counts as sent."""

    def act() -> LetterBatchWhole:
        acts.hand_over(
            inquiry.parts.database, inquiry.lender_id, gate=inquiry.parts.gate, batch_id=batch,
            staff=said.staff or "", actor=inquiry.caller.actor, clock=inquiry.parts.clock, chance=os.urandom,
        )  # fmt: skip
        return _whole(inquiry, batch)

    return long_once(inquiry, key, place=f"letters {batch}", said=said, shape=LetterBatchWhole, act=act)


@router.get(
    "/{batch:int}/file",
    response_class=Response,
    responses={
        **problems(Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT),
        200: {"content": {"application/zip": {}}},
    },
)
def read_letter_file(batch: BatchId, inquiry: OutboxWorker) -> Response:
    """Give the hand-over file, on record; the same to the byte each time."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        made = acts.file_of(
            tx, vault=inquiry.parts.vault, batch_id=batch, actor=inquiry.caller.actor, now=inquiry.parts.clock()
        )
    return Response(made.content, media_type="application/zip")


@router.post("/{batch:int}/withdrawal", responses=problems(*_WRONG))
def withdraw_letters(batch: BatchId, inquiry: OutboxWorker) -> LetterBatchShape:
    """Hand a batch over no more; its notices may go in another."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return _shape(
            acts.withdraw_batch(
                tx, vault=inquiry.parts.vault, batch_id=batch, actor=inquiry.caller.actor, now=inquiry.parts.clock()
            )
        )


def _whole(inquiry: Inquiry, batch: int) -> LetterBatchWhole:
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found, listed = letters.get(tx, batch), letters.of_batch(tx, batch)
    return LetterBatchWhole(**dict(_shape(found)), list=[_letter(one) for one in listed])


def _shape(one: Batch) -> LetterBatchShape:
    return LetterBatchShape(
        batch=one.batch_id, state=one.state, made_at=one.made_at, made_by=one.made_by, ended_at=one.ended_at,
        ended_by=one.ended_by, file_sha256=bytes(one.file_hash).hex() if one.file_hash else None, pages=one.pages,
        letters=one.letters, left_out=one.left_out, returned=one.returned,
    )  # fmt: skip


def _letter(one: Letter) -> LetterShape:
    why = one.left_out or {}
    return LetterShape(
        letter=one.letter_id, notice=one.notice_id, case=one.case_id, message=one.message_id, state=one.state,
        left_out_zh=why.get("zh"), left_out_en=why.get("en"), returned_at=one.returned_at, returned_as=one.returned_as,
    )  # fmt: skip
