"""Plans over HTTP: every way to pay compared, one drafted, offered, signed by the borrower's device, followed.

A program offers what a collector may alone; beyond that the offer waits for somebody who is signed in. It signs for
nobody: a signature is the borrower's device's own. A signed plan ends by its own stated rule, and by no request.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.responses import Response

from duecourse.casework import plans as acts
from duecourse.casework.actor import Actor, Role
from duecourse.casework.ledger import today_of
from duecourse.casework.plan_keeping import standing
from duecourse.casework.plan_signing import Signature, signatures_fit, to_sign
from duecourse.core.plan_options import Against, OptionKind
from duecourse.storage import cases
from duecourse.storage import plans as kept
from duecourse.storage.connection import Tx
from duecourse.storage.plans import Plan
from duecourse.storage.tokens import Scope
from duecourse.web.api.case_shapes import Text
from duecourse.web.api.holds import Reason
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.keyed import Key, once
from duecourse.web.api.problem import Kind
from duecourse.web.api.shapes import PREFIX, Day, Id, Shape, Told, answered, problems
from duecourse.web.api.worklist import CaseId, Reader

router = APIRouter(prefix=PREFIX, tags=["plans"])

_WRONG = (Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON)
Offerer = Annotated[Inquiry, admitted(Scope.PLAN_OFFER)]
PlanId = Annotated[Id, Path()]
Months = Annotated[int, Field(strict=True, ge=1, le=600, examples=[6])]
Lengths = Annotated[
    list[Annotated[int, Field(ge=1, le=600)]] | None,
    Query(max_length=8, description="Lengths to work out, in months; the usual ones without it."),
]
FirstDay = Annotated[Day | None, Field(description="Day of the first payment; the next due day without it.")]
Cursor = Annotated[Id | None, Query(description="What the page before gave.")]
State = Literal["asked", "offered", "lapsed", "signed", "kept", "broken", "replaced", "withdrawn", "refused"]


class RefusingRule(Shape):
    """A rule that refuses an option: its number, where it has one, and what there is in this loan."""

    rule: str = Field(examples=["cn.plan.extension"])
    most: int | None
    here: int


class PlanOptionShape(Shape):
    """One way to pay, to the cent. Amounts are minor units of the loan's currency."""

    kind: OptionKind
    months: int
    deferred: int = Field(description="Months before it begins.")
    burden_minor: int = Field(description="The most that one payment asks.")
    total_minor: int = Field(description="All payments together.")
    extra_minor: int = Field(description="Beyond what would settle everything today.")
    end: date = Field(description="The day of the last payment.")
    lawful: bool
    against: list[RefusingRule] = Field(description="The rules that refuse it; none where it is lawful.")
    affordable: bool | None = Field(description="Against what was stated; none where nothing was.")
    restructures: bool = Field(description="Whether it makes the loan a restructured one.")


class WaysToPay(Shape):
    """Every way to pay one loan on a day."""

    loan: Id
    number: str
    day: date
    currency: str
    due_minor: int
    settle_minor: int = Field(description="What would settle everything today.")
    left_minor: int | None = Field(description="What can be afforded of a month, as stated.")
    class_floor: str | None = Field(description="Under which class a restructured loan is not put; none: no rule.")
    class_rules: list[str]
    options: list[PlanOptionShape]


class PlanOptionsShape(Shape):
    """Every way to pay the loans of a case, compared."""

    loans: list[WaysToPay]


class WantedPlan(Shape):
    """A plan that shall be worked out or offered."""

    loan: Id
    kind: OptionKind
    months: Months
    deferred: Annotated[int, Field(strict=True, ge=0, le=60)] = 0
    first: FirstDay = None


class OfferedPlan(WantedPlan):
    """The same, with the reason for whoever approves what a collector may not offer alone."""

    reason: Reason = ""


class DuePayment(Shape):
    """One payment."""

    day: date
    minor: int


class PlanDraftShape(Shape):
    """A plan as it would be offered; nothing is kept."""

    day: date
    currency: str
    kind: OptionKind
    months: int
    deferred: int
    total_minor: int
    extra_minor: int
    end: date
    lawful: bool
    against: list[RefusingRule]
    restructures: bool
    alone: bool = Field(description="Whether this token offers it without a second person.")
    payments: list[DuePayment] = Field(description="Under the plan.")
    after: list[DuePayment] = Field(description="What is still to be paid once the plan is over.")


class PlanShape(Shape):
    """A plan as it stands, without its payments."""

    plan: Id
    case: Id
    person: Id
    loan: Id
    number: str = Field(description="The lender's own number of the loan.")
    kind: OptionKind
    months: int
    deferred: int
    as_of: date
    state: str = Field(description="asked, offered, lapsed, signed, kept, broken, replaced, withdrawn or refused.")
    currency: str
    total_minor: int
    extra_minor: int
    restructured: bool
    sha256: str = Field(description="Of the document that both sign.")
    request: Id | None = Field(description="The request that a second person decides.")
    offered_by: str
    offered_at: Told
    lapses_at: Told
    signed_at: Told | None
    ended_at: Told | None


class PlansShape(Shape):
    """Plans, the latest first."""

    plans: list[PlanShape]
    next: str | None = Field(description="The cursor of the next page; none at the end.")


class PlanSignatures(Shape):
    """Who signed, with what, and whether both signatures fit the document."""

    person: Id
    at: Told
    made: str = Field(description="device: by a key of the borrower's own; here: by a key made for it alone.")
    borrower_key: str
    borrower_signature: str
    lender_key: str
    lender_signature: str
    fit: bool


class PlanStanding(Shape):
    """How a signed plan is kept today."""

    asked_minor: int = Field(description="What it asked so far.")
    paid_minor: int = Field(description="What came since it began.")
    days_late: int
    open: list[DuePayment] = Field(description="Of each payment what has not come; what came whole is left out.")


class WholePlanShape(Shape):
    """A plan with its payments, the bytes that both sign, its signatures, and how it is kept."""

    plan: PlanShape
    payments: list[DuePayment]
    after: list[DuePayment]
    broken_days: int = Field(description="A plan is broken when a payment is so many days late.")
    to_sign: str = Field(description="The bytes that both sign, in hex.")
    signatures: PlanSignatures | None
    standing: PlanStanding | None


class SignedByDevice(Shape):
    """What the borrower's device signed: `to_sign` by Ed25519, and how the person was known."""

    person: Id
    proof: Annotated[Text, Field(max_length=200, description="In one line, such as a one-time code to the phone.")]
    public_key: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    signature: Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]


@router.get("/cases/{case:int}/plans/options", response_model=PlanOptionsShape, responses=problems(*_WRONG[:3]))
def compare_plans(
    *,
    case: CaseId,
    inquiry: Reader,
    loan: Annotated[Id | None, Query(description="Of this loan of the case alone.")] = None,
    months: Lengths = None,
    first: Annotated[Day | None, Query(description="Day of the first payment; the next due day without it.")] = None,
) -> Response:
    """Work out every way to pay the loans of a case and compare them; what is refused names its rule."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        cases.get(tx, case)
        held = cases.loans_of(tx, case)
        if loan is not None and loan not in held:
            raise acts.not_of_case(case)
        found = [
            acts.work_out(
                tx, inquiry.parts.store(inquiry.lender_id), loan_key=key, now=inquiry.parts.clock(),
                months=months or None, first=first,
            )
            for key in ([loan] if loan is not None else held)
        ]  # fmt: skip
    return answered(PlanOptionsShape(loans=[_ways(one) for one in found]))


@router.post("/cases/{case:int}/plans/draft", responses=problems(*_WRONG))
def draft_plan(case: CaseId, said: WantedPlan, inquiry: Offerer) -> PlanDraftShape:
    """Work one plan out as it would be offered, payment by payment; nothing is kept."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = acts.draft_plan(
            tx, inquiry.parts.store(inquiry.lender_id), case_id=case, loan_key=said.loan, kind=said.kind,
            months=said.months, deferred=said.deferred, first=said.first, role=_collector(inquiry).role,
            now=inquiry.parts.clock(),
        )  # fmt: skip
    one = found.option
    rows = [DuePayment(day=due.day, minor=due.minor) for due in one.rows]
    return PlanDraftShape(
        day=found.day, currency=found.currency, kind=one.kind, months=one.months, deferred=one.deferred,
        total_minor=one.total, extra_minor=one.extra, end=one.end, lawful=one.lawful, against=_against(one.against),
        restructures=found.restructures, alone=found.alone, payments=rows[: one.planned], after=rows[one.planned :],
    )  # fmt: skip


@router.post("/cases/{case:int}/plans", status_code=201, responses=problems(*_WRONG, Kind.OTHER_REQUEST))
def offer_plan(case: CaseId, said: OfferedPlan, key: Key, inquiry: Offerer) -> PlanShape:
    """Offer a plan: a document that never changes, to be signed for seven days. Beyond a collector's it waits."""
    now = inquiry.parts.clock()

    def act() -> PlanShape:
        made = acts.offer_plan(
            tx, inquiry.parts.store(inquiry.lender_id), vault=inquiry.parts.vault, case_id=case, loan_key=said.loan,
            kind=said.kind, months=said.months, deferred=said.deferred, first=said.first, reason=said.reason,
            actor=_collector(inquiry), now=now,
        )  # fmt: skip
        return _shape(made, now)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"plan {case}", said=said, shape=PlanShape, act=act)


@router.get("/plans", response_model=PlansShape, responses=problems(Kind.INVALID))
def list_plans(
    *,
    inquiry: Reader,
    case: Annotated[Id | None, Query()] = None,
    loan: Annotated[Id | None, Query()] = None,
    state: Annotated[State | None, Query()] = None,
    cursor: Cursor = None,
    most: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Response:
    """List plans, the latest first."""
    now = inquiry.parts.clock()
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = kept.page(tx, now=now, case_id=case, loan_key=loan, state=state, before=cursor, most=most + 1)
    shown = found[:most]
    following = str(shown[-1].plan_id) if len(found) > most else None
    return answered(PlansShape(plans=[_shape(one, now) for one in shown], next=following))


@router.get("/plans/{plan}", response_model=WholePlanShape, responses=problems(Kind.NOT_FOUND, Kind.INVALID))
def show_plan(plan: PlanId, inquiry: Reader) -> Response:
    """Show a plan: its payments, what is to be signed, who signed, and how it is kept."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return answered(_whole(tx, inquiry, kept.get(tx, plan), inquiry.parts.clock()))


@router.post("/plans/{plan}/signature", status_code=201, responses=problems(*_WRONG, Kind.OTHER_REQUEST))
def sign_plan(
    plan: PlanId, said: SignedByDevice, key: Key, inquiry: Annotated[Inquiry, admitted(Scope.PLAN_SIGN)]
) -> PlanShape:
    """Take the signature of the borrower's own device, sign for the lender, and enter the plan on the ledger."""
    now = inquiry.parts.clock()

    def act() -> PlanShape:
        signed = acts.sign_plan(
            tx, inquiry.parts.store(inquiry.lender_id), vault=inquiry.parts.vault, plan_id=plan, signed_by=said.person,
            proof=said.proof, signature=Signature(bytes.fromhex(said.public_key), bytes.fromhex(said.signature)),
            actor=_collector(inquiry), now=now,
        )  # fmt: skip
        return _shape(signed, now)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"signature {plan}", said=said, shape=PlanShape, act=act)


@router.post("/plans/{plan}/withdrawal", responses=problems(*_WRONG, Kind.OTHER_REQUEST))
def withdraw_plan(plan: PlanId, key: Key, inquiry: Offerer) -> PlanShape:
    """Take an offer back that nobody signed. What is signed ends by its own stated rule alone."""
    now = inquiry.parts.clock()

    def act() -> PlanShape:
        acts.withdraw_offer(tx, vault=inquiry.parts.vault, plan_id=plan, actor=_collector(inquiry), now=now)
        return _shape(kept.get(tx, plan), now)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"withdrawal of plan {plan}", said=None, shape=PlanShape, act=act)


def _collector(inquiry: Inquiry) -> Actor:
    """As whom records name whoever offers by this token: it is a collector's own, with a collector's limits."""
    return Actor(Role.COLLECTOR, inquiry.caller.token.name)


def _against(found: tuple[Against, ...]) -> list[RefusingRule]:
    return [RefusingRule(rule=one.rule, most=one.most, here=one.is_) for one in found]


def _ways(found: acts.Worked) -> WaysToPay:
    return WaysToPay(
        loan=found.loan_key, number=found.ref, day=found.day, currency=found.currency, due_minor=found.due,
        settle_minor=found.settle, left_minor=found.left, class_floor=found.class_floor or None,
        class_rules=list(found.class_rules),
        options=[
            PlanOptionShape(
                kind=one.option.kind, months=one.option.months, deferred=one.option.deferred,
                burden_minor=one.option.burden, total_minor=one.option.total, extra_minor=one.option.extra,
                end=one.option.end, lawful=one.option.lawful, against=_against(one.option.against),
                affordable=one.affordable, restructures=one.restructures,
            )
            for one in found.choices
        ],
    )  # fmt: skip


def _shape(one: Plan, now: datetime) -> PlanShape:
    said = json.loads(one.content)
    return PlanShape(
        plan=one.plan_id, case=one.case_id, person=one.person_id, loan=one.loan_key, number=said["loan"],
        kind=OptionKind(one.kind), months=one.months, deferred=one.deferred, as_of=one.as_of,
        state=one.state(now), currency=said["currency"], total_minor=said["total"], extra_minor=said["extra"],
        restructured=one.restructured, sha256=one.content_hash.hex(), request=one.approval_id,
        offered_by=one.offered_by, offered_at=one.offered_at, lapses_at=one.lapses_at, signed_at=one.signed_at,
        ended_at=one.ended_at,
    )  # fmt: skip


def _whole(tx: Tx, inquiry: Inquiry, one: Plan, now: datetime) -> WholePlanShape:
    said = json.loads(one.content)
    signatures = keeping = None
    if one.signed_at and one.signed_by is not None and one.borrower_key and one.borrower_signature:
        signatures = PlanSignatures(
            person=one.signed_by, at=one.signed_at, made=one.signed_with or "", borrower_key=one.borrower_key.hex(),
            borrower_signature=one.borrower_signature.hex(), lender_key=one.lender_key or "",
            lender_signature=(one.lender_signature or b"").hex(),
            fit=signatures_fit(inquiry.parts.vault, inquiry.lender_id, one),
        )  # fmt: skip
        kept_so = standing(tx, inquiry.parts.store(inquiry.lender_id), one, day=today_of(tx, now), now=now)
        keeping = PlanStanding(
            asked_minor=kept_so.asked, paid_minor=kept_so.paid, days_late=kept_so.days_late,
            open=[DuePayment(day=due, minor=minor) for due, minor in kept_so.open],
        )  # fmt: skip
    return WholePlanShape(
        plan=_shape(one, now), payments=_dues(said["payments"]), after=_dues(said["after"]),
        broken_days=said["broken"]["days_late"], to_sign=to_sign(one).hex(), signatures=signatures, standing=keeping,
    )  # fmt: skip


def _dues(told: list[tuple[str, int]]) -> list[DuePayment]:
    return [DuePayment(day=date.fromisoformat(day), minor=minor) for day, minor in told]
