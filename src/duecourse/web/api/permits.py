"""Permits over HTTP: ask, look, redeem, report what came of it.

A refusal is a problem document (409), so that a dialler which looks at the status alone does not dial. In a batch each
request has an answer of its own.
"""

from __future__ import annotations

from asyncio import wrap_future
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Header, Path
from pydantic import Field
from starlette.responses import Response

from duecourse.casework import permits, redemption, settling
from duecourse.casework.outcomes import Outcome
from duecourse.casework.permit import Permit, PermitRequest, Refusal, Sender, Visit, Why
from duecourse.casework.permit_rows import stored_answer
from duecourse.law.terms import Channel, Purpose
from duecourse.storage import permits as stored
from duecourse.storage.permits import NoSuchPermit
from duecourse.storage.tokens import Scope
from duecourse.trouble import Trouble
from duecourse.web.api.gate_shapes import (
    BatchAnswer,
    BatchAnswers,
    CheckedShape,
    PermitShape,
    RefusalShape,
    SenderShape,
    checked_shape,
    permit_shape,
    refusal_shape,
)
from duecourse.web.api.identity import Caller, Inquiry, admitted, no_scope
from duecourse.web.api.problem import Kind, Problem, of_trouble
from duecourse.web.api.shapes import (
    PREFIX,
    CodeOrNone,
    Id,
    Instant,
    Shape,
    Told,
    answered,
    problems,
)

router = APIRouter(prefix=PREFIX, tags=["permits"])

BATCH_MAX = 200
"""Requests in one batch (`casework.permit.Parameters.batch_max`)."""

_ASKED = (Kind.INVALID, Kind.REFUSED, Kind.OTHER_REQUEST, Kind.CONFLICT, Kind.NOT_JSON)
Key = Annotated[str, Field(pattern=r"^[!-~]{1,128}$", examples=["9f1c7f2e-call-17"])]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of what is sent, or of the script; hex.")]
PermitId = Annotated[Id, Path()]


class VisitShape(Shape):
    """How a visit is planned."""

    collectors: Annotated[int, Field(strict=True, ge=1, le=20)]
    enters_private: Annotated[bool, Field(strict=True)]


class Contact(Shape):
    """One contact that somebody wants to make. The purpose is the template's."""

    person: Id
    loans: list[Id] = Field(min_length=1, max_length=100)
    contact_point: Id
    channel: Channel
    at: Instant = Field(description="The planned instant: now, or within the life of a permit.")
    template: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,99}$", examples=["m1.call"])]
    content_sha256: Hash
    staff: CodeOrNone = Field(
        default="", description="Number in the staff register of whoever speaks; empty where a machine sends."
    )
    sender: SenderShape | None = None
    visit: VisitShape | None = None

    def asked(self, caller: Caller, key: str) -> PermitRequest:
        """The request as the gate takes it; raises `Problem` where the caller may not name this sender."""
        visit = None if self.visit is None else Visit(self.visit.collectors, self.visit.enters_private)
        return PermitRequest(
            person_id=self.person,
            loan_keys=tuple(self.loans),
            contact_point_id=self.contact_point,
            channel=self.channel,
            at=self.at,
            template_id=self.template,
            content_hash=self.content_sha256,
            sender=sender_of(caller, self.sender, self.staff),
            idempotency_key=key,
            visit=visit,
        )


class KeyedContact(Contact):
    """One request of a batch."""

    idempotency_key: Key

    def asked(self, caller: Caller, key: str = "") -> PermitRequest:
        """The request under its own key."""
        return super().asked(caller, key or self.idempotency_key)


class Batch(Shape):
    """Several requests, answered in one transaction, each seeing those granted before it."""

    requests: list[KeyedContact] = Field(min_length=1, max_length=BATCH_MAX)


class PermitKept(Shape):
    """What was answered under a number, and what became of it."""

    state: str = Field(description="refused, reserved, redeemed, reported or released.")
    outcome: str | None
    redeemed_at: Told | None
    settled_at: Told | None
    permit: PermitShape | None
    refusal: RefusalShape | None


class Redemption(Shape):
    """A permit is to be used now."""

    content_sha256: Hash
    staff: CodeOrNone = ""
    sender: SenderShape | None = None


class RedeemedShape(Shape):
    """The permit is used: the contact may be made now, and its outcome is owed."""

    permit: Id
    at: Told


class Report(Shape):
    """What came of a contact; `not_sent` gives back what was not redeemed, and is an attempt after redemption."""

    outcome: Outcome
    at: Instant | None = Field(
        default=None,
        description="When the contact was made: not to come, not before the redemption. Left out, it was made then, "
        "or, if the permit was not redeemed, now.",
    )
    sender: SenderShape | None = None


class SettledShape(Shape):
    """What stands of a contact after a report."""

    permit: Id
    state: str
    outcome: Outcome
    at: Told = Field(description="When the contact was made.")


class Inbound(Shape):
    """A contact that the person started."""

    person: Id
    loans: list[Id] = Field(min_length=1, max_length=100)
    contact_point: Id | None = None
    channel: Channel
    outcome: Outcome
    at: Instant
    purpose: Purpose = Purpose.ANSWER
    sender: SenderShape | None = Field(
        default=None, description="The house that the person reached; else the caller's."
    )


class NotedShape(Shape):
    """A contact that was noted."""

    contact: Id


Asker = Annotated[Inquiry, admitted(Scope.PERMIT_REQUEST)]
IdempotencyKey = Annotated[
    Key, Header(alias="Idempotency-Key", description="The same key with the same request gives the same answer again.")
]


@router.post("/permits", status_code=201, response_model=PermitShape, responses=problems(*_ASKED))
async def request_permit(
    *,
    contact: Contact,
    inquiry: Asker,
    idempotency_key: IdempotencyKey,
) -> Response:
    """Ask for a permit. A refusal is a problem of type `refused` (409), whose member `refusal` has every reason."""
    request = contact.asked(inquiry.caller, idempotency_key)
    answer = await wrap_future(
        inquiry.parts.together.ask(inquiry.lender_id, request=request, actor=inquiry.caller.actor)
    )
    if isinstance(answer, Refusal):
        raise refused(answer, inquiry.lang)
    return answered(permit_shape(answer, inquiry.lang), 201, {"Location": f"{PREFIX}/permits/{answer.permit_id}"})


@router.post(
    "/permits/batch",
    response_model=BatchAnswers,
    responses=problems(Kind.INVALID, Kind.OTHER_REQUEST, Kind.CONFLICT, Kind.NOT_JSON),
)
def request_permits(batch: Batch, inquiry: Asker) -> Response:
    """Ask for several permits at once; all are answered or, where one cannot be asked, none.

    The problem of one that cannot names it under `errors`: `/requests/3` is the fourth.
    """
    try:
        answers = permits.request_permits(
            inquiry.parts.database,
            inquiry.lender_id,
            gate=inquiry.parts.gate,
            requests=[_of_batch(place, one, inquiry.caller) for place, one in enumerate(batch.requests)],
            actor=inquiry.caller.actor,
            clock=inquiry.parts.clock,
        )
    except Trouble as trouble:
        if trouble.place is None:
            raise
        raise replace(of_trouble(trouble), pointer=f"/requests/{trouble.place}") from None
    found = BatchAnswers(
        answers=[
            BatchAnswer(
                idempotency_key=one.idempotency_key,
                permit=permit_shape(answer, inquiry.lang) if isinstance(answer, Permit) else None,
                refusal=refusal_shape(answer, inquiry.lang) if isinstance(answer, Refusal) else None,
            )
            for one, answer in zip(batch.requests, answers, strict=True)
        ]
    )
    return answered(found)


def _of_batch(place: int, said: KeyedContact, caller: Caller) -> PermitRequest:
    try:
        return said.asked(caller)
    except (Problem, Trouble) as trouble:
        raise replace(of_trouble(trouble), pointer=f"/requests/{place}") from None


@router.post(
    "/permits/check", response_model=CheckedShape, responses=problems(Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON)
)
def check_contact(contact: Contact, inquiry: Asker) -> Response:
    """Ask what the gate would answer now. Nothing is reserved, nothing written, nothing promised."""
    found = permits.check_contact(
        inquiry.parts.database,
        inquiry.lender_id,
        gate=inquiry.parts.gate,
        request=contact.asked(inquiry.caller, "check"),
        clock=inquiry.parts.clock,
    )
    return answered(checked_shape(found, inquiry.lang))


@router.get("/permits/{permit:int}", responses=problems(Kind.NOT_FOUND, Kind.INVALID))
def read_permit(permit: PermitId, inquiry: Annotated[Inquiry, admitted(Scope.PERMIT_READ)]) -> PermitKept:
    """Show what was answered under a number and what became of it; an outside firm sees its own."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        row = stored.get(tx, permit)
        if inquiry.caller.firm and (row.sender_type, row.firm) != (
            inquiry.caller.sender_type.value,
            inquiry.caller.firm,
        ):
            raise NoSuchPermit(permit)
        state = stored.reserved(stored.contact(tx, row.person_id, permit)) if row.answer == "granted" else None
    answer = stored_answer(row, inquiry.lender_id)
    return PermitKept(
        state=state.state if state else "refused",
        outcome=state.outcome if state else None,
        redeemed_at=state.redeemed_at if state else None,
        settled_at=state.settled_at if state else None,
        permit=permit_shape(answer, inquiry.lang) if isinstance(answer, Permit) else None,
        refusal=refusal_shape(answer, inquiry.lang) if isinstance(answer, Refusal) else None,
    )


@router.post(
    "/permits/{permit:int}/redemption", response_model=RedeemedShape, responses=problems(Kind.NOT_FOUND, *_ASKED)
)
def redeem_permit(
    permit: PermitId,
    said: Redemption,
    inquiry: Annotated[Inquiry, admitted(Scope.PERMIT_REDEEM)],
) -> Response:
    """Use a permit at the instant of dialling or sending: the gate is asked again, and the answer is yes once.

    Only after this answer may the contact be made. Whoever loses the answer does not make it.
    """
    sender = sender_of(inquiry.caller, said.sender, said.staff)
    with _of_its_own(inquiry, permit, sender):
        answer = redemption.redeem_permit(
            inquiry.parts.database,
            inquiry.lender_id,
            gate=inquiry.parts.gate,
            permit_id=permit,
            sender=sender,
            content_hash=said.content_sha256,
            actor=inquiry.caller.actor,
            clock=inquiry.parts.clock,
        )
    if isinstance(answer, Refusal):
        if answer.why is Why.OTHER_SENDER and _is_anothers(inquiry, permit, sender):
            raise NoSuchPermit(permit)  # the attempt is on record; whose permit it was is not told
        raise refused(answer, inquiry.lang)
    return answered(RedeemedShape(permit=answer.permit_id, at=answer.at))


@router.post(
    "/permits/{permit:int}/outcome",
    response_model=SettledShape,
    responses=problems(Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON),
)
def report_outcome(
    permit: PermitId, said: Report, inquiry: Annotated[Inquiry, admitted(Scope.OUTCOME_REPORT)]
) -> Response:
    """Report what came of a contact; the same again changes nothing. Unreported ones count against the sender."""
    sender = sender_of(inquiry.caller, said.sender, "")
    with _of_its_own(inquiry, permit, sender):
        found = settling.record_outcome(
            inquiry.parts.database,
            inquiry.lender_id,
            gate=inquiry.parts.gate,
            permit_id=permit,
            outcome=said.outcome,
            sender=sender,
            actor=inquiry.caller.actor,
            clock=inquiry.parts.clock,
            at=said.at,
        )
    return answered(SettledShape(permit=found.permit_id, state=found.state, outcome=found.outcome, at=found.at))


@router.post("/contacts", status_code=201, responses=problems(Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON))
def record_inbound(said: Inbound, inquiry: Annotated[Inquiry, admitted(Scope.OUTCOME_REPORT)]) -> NotedShape:
    """Note a contact that the person started; it uses up none of the contacts that we may start."""
    contact_id = settling.record_inbound(
        inquiry.parts.database,
        inquiry.lender_id,
        gate=inquiry.parts.gate,
        person_id=said.person,
        loan_keys=said.loans,
        channel=said.channel,
        outcome=said.outcome,
        at=said.at,
        actor=inquiry.caller.actor,
        clock=inquiry.parts.clock,
        contact_point_id=said.contact_point,
        purpose=said.purpose,
        firm=sender_of(inquiry.caller, said.sender, "").firm,
    )
    return NotedShape(contact=contact_id)


def _is_anothers(inquiry: Inquiry, permit: int, sender: Sender) -> bool:
    """Whether an outside firm speaks of a number that is not its own; the lender may know of every firm's."""
    if not inquiry.caller.firm:
        return False
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        row = stored.get(tx, permit)
    return (row.sender_type, row.firm) != (sender.type.value, sender.firm)


@contextmanager
def _of_its_own(inquiry: Inquiry, permit: int, sender: Sender) -> Iterator[None]:
    """That a number stands for a refusal is told to those alone who may know of it."""
    try:
        yield
    except redemption.WasRefused:
        if _is_anothers(inquiry, permit, sender):
            raise NoSuchPermit(permit) from None
        raise


def sender_of(caller: Caller, said: SenderShape | None, staff: str) -> Sender:
    """Who makes the contact; raises `Problem` where the caller may not speak for whom it names."""
    own = Sender(caller.sender_type, caller.firm, staff)
    if said is None:
        return own
    named = Sender(said.type, said.firm or "", staff)
    if named != own and not caller.may(Scope.PERMIT_ACT_FOR_SENDER):
        raise no_scope(Scope.PERMIT_ACT_FOR_SENDER)
    return named


def refused(answer: Refusal, lang: str) -> Problem:
    """A refusal as the problem that stops a dialler."""
    shape = refusal_shape(answer, lang)
    return Problem(Kind.REFUSED, shape.says, {"refusal": shape.model_dump(mode="json")})
