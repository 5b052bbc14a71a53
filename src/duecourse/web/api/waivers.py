"""Waivers and settlements over HTTP: offered, told, withdrawn, listed.

A program offers what a collector may give up alone; beyond that it asks, and somebody who is signed in decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.responses import Response

from duecourse.casework import waivers as acts
from duecourse.casework.actor import Actor, Role
from duecourse.core.contract import Category
from duecourse.storage import waivers as kept
from duecourse.storage.tokens import Scope
from duecourse.storage.waivers import Waiver
from duecourse.web.api.holds import Reason
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.keyed import Key, once
from duecourse.web.api.problem import Kind
from duecourse.web.api.shapes import PREFIX, Day, Id, Shape, Told, answered, problems
from duecourse.web.api.worklist import CaseId, Reader

router = APIRouter(prefix=PREFIX, tags=["waivers"])

_WRONG = (Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON, Kind.OTHER_REQUEST)
Offerer = Annotated[Inquiry, admitted(Scope.WAIVER_OFFER)]
WaiverId = Annotated[Id, Path()]
Given = Annotated[int, Field(strict=True, ge=0, le=10**13)]
CategoryName = Literal["cost", "fee", "interest", "penalty", "compound", "principal"]
State = Literal["asked", "approved", "notified", "fulfilled", "lapsed", "withdrawn"]


class WantedWaiver(Shape):
    """What shall be given up of a loan, by category in minor units: at once, or if so much is paid by a day."""

    loan: Id
    give: Mapping[CategoryName, Given] = Field(min_length=1, examples=[{"penalty": 5000}])
    pay_minor: Given = Field(default=0, description="Only if so much is paid; nought: without a condition.")
    pay_by: Day | None = Field(default=None, description="The day by which that is paid.")
    reason: Reason = Field(default="", description="For whoever approves what a collector may not give up alone.")


class WantedSettlement(Shape):
    """Less than the whole, taken in full and final if it is paid by a day."""

    loan: Id
    pay_minor: Annotated[int, Field(strict=True, ge=1, le=10**13)]
    pay_by: Day
    reason: Reason = Field(default="", description="For whoever approves what a collector may not give up alone.")


class WaiverShape(Shape):
    """An offer to give something up, as it stands. Amounts are minor units, by category."""

    waiver: Id
    case: Id
    person: Id
    loan: Id
    kind: str = Field(description="waiver or settlement")
    as_of: date
    state: str = Field(description="asked, approved, notified, or how it ended: fulfilled, lapsed, withdrawn.")
    given: dict[str, int] = Field(description="As offered; of a settlement what it gave up on the day of the offer.")
    entered: dict[str, int] | None = Field(description="As it stands on the ledger, once it counts.")
    pay_minor: int
    pay_by: date | None
    currency: str
    request: Id | None = Field(description="The request that a second person decides.")
    offered_by: str
    offered_at: Told
    approved_at: Told | None
    notified_at: Told | None
    ended_at: Told | None


class WaiversShape(Shape):
    """Waivers and settlements, the latest first."""

    waivers: list[WaiverShape]
    next: str | None = Field(description="The cursor of the next page; none at the end.")


@router.post("/cases/{case:int}/waivers", status_code=201, responses=problems(*_WRONG))
def offer_waiver(case: CaseId, said: WantedWaiver, key: Key, inquiry: Offerer) -> WaiverShape:
    """Offer to give up amounts by category, never more than is owed. It binds once the borrower was told."""

    def act() -> WaiverShape:
        return _shape(
            acts.offer_waiver(
                tx, inquiry.parts.store(inquiry.lender_id), vault=inquiry.parts.vault, case_id=case,
                loan_key=said.loan, give={Category[name.upper()]: minor for name, minor in said.give.items()},
                pay=said.pay_minor, pay_by=said.pay_by, reason=said.reason, actor=_collector(inquiry),
                now=inquiry.parts.clock(),
            )
        )  # fmt: skip

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"waiver {case}", said=said, shape=WaiverShape, act=act)


@router.post("/cases/{case:int}/settlements", status_code=201, responses=problems(*_WRONG))
def offer_settlement(case: CaseId, said: WantedSettlement, key: Key, inquiry: Offerer) -> WaiverShape:
    """Offer to take less than the whole in full and final, if it is paid by a day."""

    def act() -> WaiverShape:
        return _shape(
            acts.offer_settlement(
                tx, inquiry.parts.store(inquiry.lender_id), vault=inquiry.parts.vault, case_id=case,
                loan_key=said.loan, pay=said.pay_minor, pay_by=said.pay_by, reason=said.reason,
                actor=_collector(inquiry), now=inquiry.parts.clock(),
            )
        )  # fmt: skip

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"settlement {case}", said=said, shape=WaiverShape, act=act)


@router.get("/waivers", response_model=WaiversShape, responses=problems(Kind.INVALID))
def list_waivers(
    *,
    inquiry: Reader,
    case: Annotated[Id | None, Query()] = None,
    state: Annotated[State | None, Query()] = None,
    cursor: Annotated[Id | None, Query(description="What the page before gave.")] = None,
    most: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Response:
    """List waivers and settlements, the latest first."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = kept.page(tx, case_id=case, state=state, before=cursor, most=most + 1)
    shown = found[:most]
    following = str(shown[-1].waiver_id) if len(found) > most else None
    return answered(WaiversShape(waivers=[_shape(one) for one in shown], next=following))


@router.get("/waivers/{waiver}", response_model=WaiverShape, responses=problems(Kind.NOT_FOUND, Kind.INVALID))
def show_waiver(waiver: WaiverId, inquiry: Reader) -> Response:
    """Show a waiver or settlement."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return answered(_shape(kept.get(tx, waiver)))


@router.post("/waivers/{waiver}/notification", responses=problems(*_WRONG))
def notify_waiver(waiver: WaiverId, key: Key, inquiry: Offerer) -> WaiverShape:
    """Note that the borrower was told; nothing is sent by that. From then on it is not taken back."""

    def act() -> WaiverShape:
        return _shape(
            acts.notify_waiver(
                tx, inquiry.parts.store(inquiry.lender_id), vault=inquiry.parts.vault, waiver_id=waiver,
                actor=_collector(inquiry), now=inquiry.parts.clock(),
            )
        )  # fmt: skip

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"notification {waiver}", said=None, shape=WaiverShape, act=act)


@router.post("/waivers/{waiver}/withdrawal", responses=problems(*_WRONG))
def withdraw_waiver(waiver: WaiverId, key: Key, inquiry: Offerer) -> WaiverShape:
    """Take an offer back of which the borrower was not told."""

    def act() -> WaiverShape:
        acts.withdraw_waiver(
            tx, vault=inquiry.parts.vault, waiver_id=waiver, actor=_collector(inquiry), now=inquiry.parts.clock()
        )
        return _shape(kept.get(tx, waiver))

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"withdrawal of waiver {waiver}", said=None, shape=WaiverShape, act=act)


def _collector(inquiry: Inquiry) -> Actor:
    """As whom records name whoever offers by this token: it is a collector's own, with a collector's limits."""
    return Actor(Role.COLLECTOR, inquiry.caller.token.name)


def _shape(one: Waiver) -> WaiverShape:
    return WaiverShape(
        waiver=one.waiver_id, case=one.case_id, person=one.person_id, loan=one.loan_key, kind=one.kind,
        as_of=one.as_of, state=one.state, given=dict(one.given),
        entered=None if one.entered is None else dict(one.entered), pay_minor=one.pay_minor, pay_by=one.pay_by,
        currency=one.currency, request=one.approval_id, offered_by=one.offered_by, offered_at=one.offered_at,
        approved_at=one.approved_at, notified_at=one.notified_at, ended_at=one.ended_at,
    )  # fmt: skip
