"""What came in from people, over HTTP: brought by a channel's provider or another system, listed masked."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field, field_validator
from starlette.responses import Response

from duecourse.casework import inbound, replies
from duecourse.casework.inbound import CHARACTERS_MAX
from duecourse.core.money import Money
from duecourse.insight.replies import Meaning
from duecourse.law.terms import Channel
from duecourse.storage import confirmations, readings
from duecourse.storage import inbound as kept
from duecourse.storage.connection import Tx
from duecourse.storage.inbound import InboundRow
from duecourse.storage.readings import ReadingRow
from duecourse.storage.tokens import Scope
from duecourse.trouble import N_
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.problem import Kind
from duecourse.web.api.promise_shapes import Currency
from duecourse.web.api.shapes import PREFIX, Day, Id, Instant, Shape, Told, answered, problems

router = APIRouter(prefix=PREFIX, tags=["inbound"])


class InboundBody(Shape):
    """What came in. The same ``provider_ref`` on the same channel again changes nothing."""

    channel: Channel
    sender: str = Field(max_length=500, description="The address that it came from, as the provider gives it.")
    receiver: str = Field(default="", max_length=200, description="The number or mailbox of the lender's.")
    text: str = Field(min_length=1, max_length=CHARACTERS_MAX, description="Its words, or the keys pressed; sealed.")
    at: Instant = Field(description="When the provider took it.")
    provider_ref: str = Field(min_length=1, max_length=500, description="The provider's own name for it.")
    message: Id | None = Field(default=None, description="The message of ours that it answers, where that is known.")
    permit: Id | None = Field(default=None, description="The permit of the contact that it answers, where known.")

    @field_validator("message", "permit", mode="before")
    @classmethod
    def _written(cls, value: object) -> object:
        if isinstance(value, int):
            raise ValueError(N_("an id is written as text"))  # noqa: TRY004 - pydantic takes this one
        return value


class ReadingShape(Shape):
    """How it was read: by rules, or as a model suspects; what acted at once; what a person decided."""

    meaning: str = Field(description="crisis, stop, wrong_person, dispute, complaint, paid, promise, hardship …")
    rules: list[str]
    suspected: bool = Field(description="By a model alone, which acts on nothing.")
    urgent: bool
    acted: list[str] = Field(description="What was done at once, such as stop:17 or dispute:4.")
    currency: str | None
    amount_minor: int | None
    whole: bool = Field(description="All that is owed was promised.")
    due: date | None
    rest_day: bool = Field(description="Nobody works on that day.")
    decided_as: str | None
    decided_by: str | None
    promise: Id | None
    mood: str | None = Field(description="How it sounds: calm, worried, angry, distressed; an estimate.")
    mood_ppm: int | None = Field(description="How sure the estimate is.")
    mood_rule: str | None = Field(description="The rule that found words of it, or the model.")


class DecisionBody(Shape):
    """What a reply means, as it was read or otherwise; with amount and day where it is a promise."""

    meaning: Meaning
    amount_minor: Annotated[int, Field(ge=1, le=10**13)] | None = None
    currency: Currency | None = None
    due: Day | None = None


class ConfirmationShape(Shape):
    """The one message that confirms a stop, or why there is none."""

    state: Literal["due", "queued", "spoken", "refused", "late", "none"]
    why: str | None = Field(description="law: it says nothing of a confirmation; missing, late, nobody_wrote …")
    message: Id | None
    permit: Id | None = Field(description="The gate's answer.")


class InboundShape(Shape):
    """What came in, masked, without its text."""

    inbound: Id
    channel: str
    at: Told
    received_at: Told
    state: Literal["landed", "unplaced", "dismissed"] = Field(
        description="Landed on a case, waiting for a person to say whose it is, or nobody's."
    )
    unplaced: str | None = Field(description="Why it did not land by itself: unknown, several, several_debts.")
    sender: str = Field(description="Masked.")
    characters: int
    person: Id | None
    case: Id | None
    answers: Id | None = Field(description="The permit of the contact that it answers.")
    reading: ReadingShape | None
    stop_confirmation: ConfirmationShape | None = Field(
        default=None, description="What became of confirming a stop; none where nothing was stopped."
    )
    again: bool = Field(default=False, description="It was received before.")


class InboundsShape(Shape):
    """What came in, the latest first."""

    inbound: list[InboundShape]


def reading_shape(row: ReadingRow) -> ReadingShape:
    """The shape of a reading."""
    return ReadingShape(
        meaning=row.meaning, rules=[str(one["rule"]) for one in row.signs],
        suspected=bool(row.signs) and bool(row.signs[0]["model"]), urgent=row.urgent, acted=row.acted,
        currency=row.currency, amount_minor=row.amount_minor, whole=row.whole, due=row.due_day, rest_day=row.rest_day,
        decided_as=row.decided_as, decided_by=row.decided_by, promise=row.promise_id, mood=row.mood,
        mood_ppm=row.mood_ppm, mood_rule=row.mood_rule,
    )  # fmt: skip


def inbound_shape(tx: Tx, row: InboundRow, *, again: bool = False) -> InboundShape:
    """The shape of what came in."""
    read, stop = readings.get(tx, row.inbound_id), confirmations.of_inbound(tx, row.inbound_id)
    return InboundShape(
        inbound=row.inbound_id, channel=row.channel, at=row.at, received_at=row.received_at,
        state=row.state,  # type: ignore[arg-type]
        unplaced=row.unplaced, sender=row.sender_masked, characters=row.characters, person=row.person_id,
        case=row.case_id, answers=row.answers, reading=None if read is None else reading_shape(read),
        stop_confirmation=None if stop is None else ConfirmationShape(
            state=stop.state, why=stop.why, message=stop.message_id, permit=stop.permit_id,  # type: ignore[arg-type]
        ),
        again=again,
    )  # fmt: skip


@router.post(
    "/inbound", response_model=InboundShape, status_code=201,
    responses=problems(Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON),
)  # fmt: skip
def receive_inbound(said: InboundBody, inquiry: Annotated[Inquiry, admitted(Scope.INBOUND_RECEIVE)]) -> Response:
    """Bring what somebody wrote or said; it lands on the case of whose it is, and acts at once where a rule says so.

    The sender is found by the whole address. Unknown senders, and addresses of several people, wait for a person.
    """
    came = inbound.Inbound(
        channel=said.channel, sender=said.sender, receiver=said.receiver, text=said.text, at=said.at,
        provider_ref=said.provider_ref, message_id=said.message, answers=said.permit,
    )  # fmt: skip
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = inbound.receive(
            tx, gate=inquiry.parts.gate, came=came, actor=inquiry.caller.actor, clock=inquiry.parts.clock
        )
        told = inbound_shape(tx, found.row, again=found.again)
    return answered(told, 201)


@router.get("/inbound", response_model=InboundsShape, responses=problems(Kind.INVALID))
def list_inbound(
    *,
    inquiry: Annotated[Inquiry, admitted(Scope.INBOUND_READ)],
    state: Annotated[Literal["landed", "unplaced", "dismissed"] | None, Query()] = None,
    before: Annotated[Id | None, Query(description="Only what has a lower number: the next page.")] = None,
    most: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Response:
    """List what came in, the latest first, masked."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = kept.latest(tx, state=state, before=before, most=most)
        told = [inbound_shape(tx, one) for one in found]
    return answered(InboundsShape(inbound=told))


@router.get("/inbound/{inbound:int}", response_model=InboundShape, responses=problems(Kind.NOT_FOUND, Kind.INVALID))
def show_inbound(inbound: Annotated[Id, Path()], inquiry: Annotated[Inquiry, admitted(Scope.INBOUND_READ)]) -> Response:
    """Show what came in under a number, masked."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        told = inbound_shape(tx, kept.get(tx, inbound))
    return answered(told)


@router.post(
    "/inbound/{inbound:int}/decision", responses=problems(Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON)
)
def decide_inbound(
    inbound: Annotated[Id, Path()], said: DecisionBody, inquiry: Annotated[Inquiry, admitted(Scope.CASE_WORK)]
) -> ReadingShape:
    """Say what a reply means, as it was read or otherwise: once. A promise is made with it."""
    amount = None if said.amount_minor is None or said.currency is None else Money(said.amount_minor, said.currency)
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = replies.decide(
            tx, gate=inquiry.parts.gate, inbound_id=inbound, meaning=said.meaning, amount=amount, due=said.due,
            actor=inquiry.caller.actor, clock=inquiry.parts.clock,
        )  # fmt: skip
    return reading_shape(found)
