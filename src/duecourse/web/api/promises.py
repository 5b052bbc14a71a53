"""Promises over HTTP: recorded, listed, renegotiated, withdrawn, and one with what became of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from duecourse.casework import promises
from duecourse.core.money import Money
from duecourse.storage import promise_settlements
from duecourse.storage import promises as kept
from duecourse.web.api.keyed import Key, once
from duecourse.web.api.problem import Kind
from duecourse.web.api.promise_shapes import (
    OnePromise,
    PromiseBody,
    PromiseMade,
    PromisesShape,
    RenegotiationBody,
    one_promise,
    promise_shape,
)
from duecourse.web.api.shapes import PREFIX, Day, Id, answered, problems
from duecourse.web.api.worklist import CaseId, Reader, Worker

router = APIRouter(prefix=PREFIX, tags=["promises"])

_WORKING = problems(Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON, Kind.OTHER_REQUEST)


@router.post("/cases/{case:int}/promises", status_code=201, responses=_WORKING)
def record_promise(case: CaseId, said: PromiseBody, key: Key, inquiry: Worker) -> PromiseMade:
    """Record a promise to pay. Whether it is kept is reckoned from payments, never reported."""

    def act() -> PromiseMade:
        made = promises.record_promise(
            tx, vault=inquiry.parts.vault, case_id=case, amount=Money(said.amount_minor, said.currency), due=said.due,
            promised_by=said.person, contact_id=said.contact, actor=inquiry.caller.actor, now=inquiry.parts.clock(),
        )  # fmt: skip
        return PromiseMade(promise=made)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"promise {case}", said=said, shape=PromiseMade, act=act)


@router.get("/promises", response_model=PromisesShape, responses=problems(Kind.INVALID))
def list_promises(
    *,
    inquiry: Reader,
    first: Annotated[Day | None, Query(description="First due day.")] = None,
    last: Annotated[Day | None, Query(description="Last due day.")] = None,
    cursor: Annotated[Id | None, Query(description="What the page before gave.")] = None,
    most: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> Response:
    """List the promises that stand, by due day, with what the payments make of each."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = kept.standing(tx, since=first, until=last, after=cursor, most=most + 1)
    shown = found[:most]
    following = str(shown[-1].promise_id) if len(found) > most else None
    return answered(PromisesShape(promises=[promise_shape(one) for one in shown], next=following))


@router.get("/promises/{promise:int}", responses=problems(Kind.NOT_FOUND))
def get_promise(promise: Annotated[Id, Path()], inquiry: Reader) -> OnePromise:
    """Get a promise with what became of it, and every payment that was looked at."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return one_promise(kept.get(tx, promise), promise_settlements.of_promise(tx, promise))


@router.post("/promises/{promise:int}/renegotiation", status_code=201, responses=_WORKING)
def renegotiate_promise(
    promise: Annotated[Id, Path()], said: RenegotiationBody, key: Key, inquiry: Worker
) -> PromiseMade:
    """Agree on another amount or day in place of a promise that stands; the old one is neither kept nor broken."""

    def act() -> PromiseMade:
        made = promises.renegotiate_promise(
            tx, vault=inquiry.parts.vault, promise_id=promise, amount=Money(said.amount_minor, said.currency),
            due=said.due, why=said.why, contact_id=said.contact, actor=inquiry.caller.actor,
            now=inquiry.parts.clock(),
        )  # fmt: skip
        return PromiseMade(promise=made)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"renegotiation {promise}", said=said, shape=PromiseMade, act=act)


@router.post("/promises/{promise:int}/withdrawal", responses=problems(Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT))
def withdraw_promise(promise: Annotated[Id, Path()], inquiry: Worker) -> PromiseMade:
    """Note that a promise was withdrawn by who gave it."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        promises.withdraw_promise(
            tx, vault=inquiry.parts.vault, promise_id=promise, actor=inquiry.caller.actor, now=inquiry.parts.clock()
        )
    return PromiseMade(promise=promise)
