"""Holds, facts on record and overrides over HTTP: what stops contact at once, and what lets one pass."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from duecourse.casework import holds, stating
from duecourse.casework.actor import Actor, Role
from duecourse.casework.holds import HoldKind
from duecourse.law.facts import FACTS
from duecourse.law.once import GIVEN_TO
from duecourse.storage.tokens import Scope
from duecourse.trouble import N_, Said
from duecourse.web.api.facts import FactName, FactValue, read_fact
from duecourse.web.api.gate_shapes import SenderShape
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.permits import Key, sender_of
from duecourse.web.api.problem import Kind, Problem
from duecourse.web.api.shapes import PREFIX, CodeOrNone, Id, Instant, Shape, Told, problems

router = APIRouter(prefix=PREFIX, tags=["holds"])

_WRONG = (Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON)
_ANSWERS = problems(*_WRONG)
Proof = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:/@-]{1,128}$", examples=["letter:2026-0117"])]
Reason = Annotated[str, Field(pattern=r"^[^\x00]*$", max_length=2_000, description="Free text; sealed.")]


class HoldShape(Shape):
    """A hold to be placed on a person, or on one debt."""

    person: Id
    kind: HoldKind
    source: Proof = Field(description="What proves it: a document, a call.")
    loan: Id | None = None
    contact_point: Id | None = Field(default=None, description="For a wrong number, and for nothing else.")
    until: Instant | None = None
    reason: Reason | None = None


class PlacedShape(Shape):
    """A hold that stands from now on."""

    hold: Id | None = Field(description="None for a wrong number and a third person's refusal, which have no end.")
    kind: HoldKind
    at: Told
    voided: int = Field(description="Permits not yet used that are worth nothing now.")


class Ending(Shape):
    """The end of a hold."""

    person: Id
    reason: Reason | None = None


class EndedShape(Shape):
    """A hold that ended."""

    hold: Id
    at: Told


class Stated(Shape):
    """A fact about a person that no table gives: a time agreed, a question asked, a consent."""

    person: Id
    fact: FactName
    value: FactValue
    source: Proof
    loan: Id | None = None
    begins: Instant | None = None
    until: Instant | None = None
    sender: SenderShape | None = Field(default=None, description="The house to which a consent was given.")
    reason: Reason | None = None


class Override(Shape):
    """An officer lets one request pass what only recommends."""

    person: Id
    idempotency_key: Key = Field(description="The key that the request will bear.")
    sender: SenderShape | None = None
    staff: CodeOrNone = ""
    reason: Annotated[str, Field(pattern=r"^[^\x00]*[^\x00\s][^\x00]*$", min_length=1, max_length=2_000)]


class FactShape(Shape):
    """A fact on record."""

    stated: Id


@router.post("/holds", status_code=201, responses=_ANSWERS)
def place_hold(said: HoldShape, inquiry: Annotated[Inquiry, admitted(Scope.HOLD_PLACE)]) -> PlacedShape:
    """Place a hold. It acts at once: permits that are not yet used are void with it."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        placed = holds.place(
            tx,
            vault=inquiry.parts.vault,
            person_id=said.person,
            kind=said.kind,
            source=said.source,
            actor=inquiry.caller.actor,
            clock=inquiry.parts.clock,
            loan_key=said.loan,
            contact_point_id=said.contact_point,
            until=said.until,
            reason=said.reason,
        )
    return PlacedShape(hold=placed.hold_id, kind=placed.kind, at=placed.at, voided=placed.voided)


@router.post("/holds/{hold:int}/ending", responses=problems(Kind.NOT_FOUND, *_WRONG))
def end_hold(
    hold: Annotated[Id, Path()], said: Ending, inquiry: Annotated[Inquiry, admitted(Scope.HOLD_END)]
) -> EndedShape:
    """End a hold. What it voided stays void: permits are asked for anew."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        at = holds.end(
            tx,
            vault=inquiry.parts.vault,
            person_id=said.person,
            hold_id=hold,
            actor=inquiry.caller.actor,
            clock=inquiry.parts.clock,
            reason=said.reason,
        )
    return EndedShape(hold=hold, at=at)


@router.post("/facts", status_code=201, responses=_ANSWERS)
def state_fact(said: Stated, inquiry: Annotated[Inquiry, admitted(Scope.FACT_STATE)]) -> FactShape:
    """Put a fact on record, with its proof; what the gate reckons itself takes nobody's word.

    A consent to one house (`call_consent_direct`, `direct_consent`) holds for `sender` alone, by default the caller's.
    """
    value = read_fact(said.fact, said.value)
    given = said.sender is not None or said.fact in GIVEN_TO
    if value is None:
        raise Problem(Kind.INVALID, Said(N_("The fact {fact!r} needs a value."), fact=FACTS[said.fact].name))
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        stated = stating.state_fact(
            tx,
            vault=inquiry.parts.vault,
            person_id=said.person,
            fact=said.fact,
            value=value,
            source=said.source,
            actor=inquiry.caller.actor,
            now=inquiry.parts.clock(),
            from_at=said.begins,
            until=said.until,
            loan_key=said.loan,
            reason=said.reason,
            firm=sender_of(inquiry.caller, said.sender, "").firm if given else "",
        )
    return FactShape(stated=stated)


@router.post("/overrides", status_code=201, responses=_ANSWERS)
def override(said: Override, inquiry: Annotated[Inquiry, admitted(Scope.PERMIT_OVERRIDE)]) -> FactShape:
    """Let one request pass what only recommends (should, should not). The token is a compliance officer's own."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        stated = stating.override(
            tx,
            vault=inquiry.parts.vault,
            person_id=said.person,
            sender=sender_of(inquiry.caller, said.sender, said.staff),
            key=said.idempotency_key,
            reason=said.reason,
            actor=Actor(Role.COMPLIANCE, inquiry.caller.token.name),
            clock=inquiry.parts.clock,
        )
    return FactShape(stated=stated)
