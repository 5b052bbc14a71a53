"""Payments over HTTP: links by which a debtor pays, lines of statements that wait and whose they are, payments.

Lines are masked: who paid and what was written is opened by people who are signed in. What takes two people is asked
for here, and decided by somebody else who is signed in.
"""

from __future__ import annotations

import os
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.responses import Response

from duecourse.casework import approval, pay_links, suspense
from duecourse.casework import payments as acts
from duecourse.casework.actor import Actor, Role
from duecourse.casework.kinds import KINDS
from duecourse.casework.pay_links import MINUTES_MAX, NoLink
from duecourse.casework.refunds import REFUND
from duecourse.core.money import Money
from duecourse.storage import approvals, cases, lenders, matching, statements
from duecourse.storage import pay_links as links
from duecourse.storage import payments as kept
from duecourse.storage.connection import Tx
from duecourse.storage.matching import ProposalRow
from duecourse.storage.pay_links import Link
from duecourse.storage.payments import Payment
from duecourse.storage.statements import LineRow
from duecourse.storage.tokens import Scope
from duecourse.trouble import N_, Said
from duecourse.web.api.holds import Reason
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.keyed import Key, long_once, once
from duecourse.web.api.problem import Kind, Problem
from duecourse.web.api.shapes import PREFIX, Day, Id, Shape, Told, answered, problems
from duecourse.web.api.worklist import CaseId

router = APIRouter(prefix=PREFIX, tags=["payments"])

_WRONG = (Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON, Kind.OTHER_REQUEST)
PaymentReader = Annotated[Inquiry, admitted(Scope.PAYMENT_READ)]
PaymentWorker = Annotated[Inquiry, admitted(Scope.PAYMENT_WORK)]
Linker = Annotated[Inquiry, admitted(Scope.PAYMENT_LINK)]
LineId = Annotated[Id, Path()]
Cursor = Annotated[Id | None, Query(description="What the page before gave.")]
Most = Annotated[int, Query(ge=1, le=500)]
Why = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]


class WantedLink(Shape):
    """A link by which the borrower of a case pays, for no more than is owed today, in the lender's currency."""

    amount_minor: Annotated[int, Field(strict=True, ge=1, le=10**13)]
    minutes: Annotated[int, Field(strict=True, ge=1, le=MINUTES_MAX, description="After so many it ends.")] = 24 * 60
    loans: Annotated[list[Id], Field(max_length=200)] = Field(
        default_factory=list, description="Loans of the borrower that are to be paid first, in this order."
    )
    provider: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")] = "http"


class PaymentLinkShape(Shape):
    """A payment link; it ends by itself. ``url`` is none where the provider made none, or nobody knows."""

    link: Id
    person: Id
    reference: str = Field(description="Ours; it names nobody.")
    amount_minor: int
    currency: str
    loans: list[Id]
    provider: str
    url: str | None
    made_at: Told
    made_by: str
    expires_at: Told
    failed_at: Told | None
    payment: Id | None = Field(description="The payment that came by it.")


class PaymentLinksShape(Shape):
    """The latest links of a borrower."""

    links: list[PaymentLinkShape]


class LineProposal(Shape):
    """Whose payment a line may be, the likeliest first."""

    person: Id
    name: str | None = Field(description="Masked.")
    case: Id | None
    loans: list[Id]
    score: int
    signs: list[str]
    certain_by: str | None


class SuspenseLine(Shape):
    """A line that waits for a person, masked."""

    line: Id
    statement: Id
    amount_minor: int
    currency: str
    value_day: date
    reversal: bool
    name: str | None
    account: str | None
    text: str | None
    waits_as: str | None = Field(description="Why it waits; none: not looked at yet.")
    alone: bool = Field(description="Whether one alone says whose it is.")
    proposals: list[LineProposal]


class SuspenseShape(Shape):
    """Lines of bank statements that wait, by number."""

    lines: list[SuspenseLine]
    next: str | None = Field(description="The cursor of the next page; none at the end.")


class LinesMatched(Shape):
    """What looking at all lines that wait found; nothing is applied by that."""

    lines: int
    certain: int
    waits: dict[str, int]


class Whose(Shape):
    """Whose payment a line is; the loans that the payer named come first."""

    person: Id
    loans: Annotated[list[Id], Field(max_length=200)] = Field(default_factory=list)
    reason: Reason = Field(default="", description="For whoever approves a line above what one alone decides.")


class PlacedLine(Shape):
    """What became of it: a payment, or a request that somebody else decides; then the same is asked by a new key."""

    line: Id
    payment: Id | None
    over_minor: int = Field(description="What no debt took; it goes back by a refund.")
    request: Id | None


class WhyNot(Shape):
    """Why, on record."""

    reason: Why


class LineState(Shape):
    """Where a line stands."""

    line: Id
    state: str


class RefundAsked(Shape):
    """A request that money goes back; somebody else decides."""

    line: Id
    request: Id
    lapses_at: Told


class PaymentShape(Shape):
    """A payment of a debtor."""

    payment: Id
    person: Id
    line: Id | None
    link: Id | None
    amount_minor: int
    over_minor: int = Field(description="What no debt took.")
    currency: str
    value_day: date
    certain_by: str | None = Field(description="The rule that said whose it is; none: a person did.")
    request: Id | None
    at: Told
    actor: str
    back_day: date | None = Field(description="The day from which it did not stand; none while it does.")


class PaymentsShape(Shape):
    """Payments, the latest first."""

    payments: list[PaymentShape]
    next: str | None = Field(description="The cursor of the next page; none at the end.")


class LoanShare(Shape):
    """What one loan took of a payment, and by which limb of the law."""

    loan: Id
    number: str | None
    amount_minor: int
    because: str
    book_version: int | None
    confirmed: bool = Field(description="Whether the lender's tape confirmed it; provisional until then.")


class WholePayment(Shape):
    """A payment with its shares."""

    payment: PaymentShape
    shares: list[LoanShare]


class Bounced(Shape):
    """Why a payment did not stand, and on which day its money went back; today without one."""

    reason: Why
    day: Day | None = None


@router.post("/cases/{case:int}/payment-links", status_code=201, responses=problems(*_WRONG))
def open_payment_link(case: CaseId, said: WantedLink, key: Key, inquiry: Linker) -> PaymentLinkShape:
    """Have a link made by which the borrower of a case pays. Nothing is sent by that: sending needs a permit."""
    database, lender = inquiry.parts.database, inquiry.lender_id

    def act() -> PaymentLinkShape:
        with database.transaction(lender) as tx:
            person, currency = cases.get(tx, case).person_id, lenders.get(tx).currency
        try:
            made = pay_links.make_link(
                database, inquiry.parts.store(lender), lender, vault=inquiry.parts.vault, person_id=person,
                amount=Money(said.amount_minor, currency), minutes=said.minutes, loan_keys=said.loans,
                provider=said.provider, actor=inquiry.caller.actor, clock=inquiry.parts.clock, chance=os.urandom,
            )  # fmt: skip
        except NoLink as error:
            said_why = Said(N_("{trouble}."), trouble=error)
            raise Problem(Kind.UNAVAILABLE, said_why, headers={"Retry-After": "5"}) from None
        return _link(made)

    return long_once(inquiry, key, place=f"payment link {case}", said=said, shape=PaymentLinkShape, act=act)


@router.get("/cases/{case:int}/payment-links", responses=problems(Kind.NOT_FOUND, Kind.INVALID))
def list_payment_links(case: CaseId, inquiry: PaymentReader, most: Most = 50) -> PaymentLinksShape:
    """List the payment links of the borrower of a case, the latest first."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = links.latest(tx, person_id=cases.get(tx, case).person_id, most=most)
    return PaymentLinksShape(links=[_link(one) for one in found])


@router.get("/suspense", response_model=SuspenseShape, responses=problems(Kind.INVALID))
def list_suspense(inquiry: PaymentReader, cursor: Cursor = None, most: Most = 50) -> Response:
    """List the lines of statements that wait, each with whose it may be; all masked."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = statements.lines(tx, state="waiting", after=cursor or 0, most=most + 1)
        shown = found[:most]
        offered = matching.proposals(tx, [one.line_id for one in shown])
    following = str(shown[-1].line_id) if len(found) > most else None
    return answered(SuspenseShape(lines=[_line(one, offered) for one in shown], next=following))


@router.post("/suspense/matching", responses=problems(Kind.INVALID, Kind.CONFLICT, Kind.OTHER_REQUEST))
def match_suspense(key: Key, inquiry: PaymentWorker) -> LinesMatched:
    """Look at all lines that wait: whose payment each is, or may be. Nothing is applied by that."""

    def act() -> LinesMatched:
        from duecourse.casework.matching import match_lines  # noqa: PLC0415 - it brings the engine with it

        found = match_lines(
            tx, inquiry.parts.store(inquiry.lender_id), vault=inquiry.parts.vault, actor=supervisor(inquiry),
            now=inquiry.parts.clock(),
        )  # fmt: skip
        return LinesMatched(lines=found.lines, certain=found.certain, waits=dict(found.waits))

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place="matching", said=None, shape=LinesMatched, act=act)


@router.post("/suspense/{line}/placement", responses=problems(*_WRONG))
def place_line(line: LineId, said: Whose, key: Key, inquiry: PaymentWorker) -> PlacedLine:
    """Say whose payment a line is. A large one is asked for first, and placed once somebody else has approved."""

    def act() -> PlacedLine:
        now, asked = inquiry.parts.clock(), {"line": str(line), "person": str(said.person)}
        subject = f"bank_line/{line}"
        row = suspense.waiting_line(tx, line)
        request = approvals.approved_of(tx, acts.PLACE.kind, subject, asked)
        if row.amount_minor > acts.ALONE_MAX_MINOR and request is None:
            made = approval.ask(
                tx, kinds=KINDS, vault=inquiry.parts.vault, kind=acts.PLACE.kind, subject=subject, asked=asked,
                reason=said.reason, actor=supervisor(inquiry), now=now,
            )  # fmt: skip
            return PlacedLine(line=line, payment=None, over_minor=0, request=made.approval_id)
        paid = acts.place(
            tx, inquiry.parts.store(inquiry.lender_id), vault=inquiry.parts.vault, line_id=line, person_id=said.person,
            loan_keys=said.loans, actor=supervisor(inquiry), now=now, approval_id=request,
        )  # fmt: skip
        return PlacedLine(line=line, payment=paid.payment_id, over_minor=paid.over_minor, request=request)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"placement {line}", said=said, shape=PlacedLine, act=act)


@router.post("/suspense/{line}/dismissal", responses=problems(*_WRONG))
def dismiss_line(line: LineId, said: WhyNot, key: Key, inquiry: PaymentWorker) -> LineState:
    """Say that a line is no payment of a debt, and why."""

    def act() -> LineState:
        found = suspense.dismiss_line(
            tx, vault=inquiry.parts.vault, line_id=line, reason=said.reason, actor=supervisor(inquiry),
            now=inquiry.parts.clock(),
        )  # fmt: skip
        return LineState(line=line, state=found.state)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"dismissal {line}", said=said, shape=LineState, act=act)


@router.post("/suspense/{line}/refund", status_code=201, responses=problems(*_WRONG))
def ask_refund(line: LineId, said: WhyNot, key: Key, inquiry: PaymentWorker) -> RefundAsked:
    """Ask that money which paid no debt goes back to the account that it came from; somebody else decides."""

    def act() -> RefundAsked:
        made = approval.ask(
            tx, kinds=KINDS, vault=inquiry.parts.vault, kind=REFUND.kind, subject=f"bank_line/{line}",
            asked={"line": str(line)}, reason=said.reason, actor=supervisor(inquiry), now=inquiry.parts.clock(),
        )  # fmt: skip
        return RefundAsked(line=line, request=made.approval_id, lapses_at=made.lapses_at)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"refund {line}", said=said, shape=RefundAsked, act=act)


@router.get("/payments", response_model=PaymentsShape, responses=problems(Kind.INVALID))
def list_payments(
    *,
    inquiry: PaymentReader,
    over: Annotated[bool, Query(description="Those alone of which something is over.")] = False,
    cursor: Cursor = None,
    most: Most = 50,
) -> Response:
    """List payments, the latest first."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = kept.latest(tx, before=cursor, over=over, most=most + 1)
    shown = found[:most]
    following = str(shown[-1].payment_id) if len(found) > most else None
    return answered(PaymentsShape(payments=[_payment(one) for one in shown], next=following))


@router.get("/payments/{payment}", response_model=WholePayment, responses=problems(Kind.NOT_FOUND, Kind.INVALID))
def show_payment(payment: Annotated[Id, Path()], inquiry: PaymentReader) -> Response:
    """Show a payment: what each loan took, by which limb of the law, and whether the tape confirmed it."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return answered(_whole(tx, kept.get(tx, payment)))


@router.post("/payments/{payment}/reversal", responses=problems(*_WRONG))
def take_payment_back(payment: Annotated[Id, Path()], said: Bounced, key: Key, inquiry: PaymentWorker) -> PaymentShape:
    """Write that a payment did not stand: every share of it is reversed on the ledger. It is final."""

    def act() -> PaymentShape:
        return _payment(
            acts.take_back(
                tx, inquiry.parts.store(inquiry.lender_id), vault=inquiry.parts.vault, payment_id=payment,
                why=said.reason, actor=supervisor(inquiry), now=inquiry.parts.clock(), day=said.day,
            )
        )  # fmt: skip

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"reversal {payment}", said=said, shape=PaymentShape, act=act)


def supervisor(inquiry: Inquiry) -> Actor:
    """As whom records name whoever works payments by this token: it is a supervisor's own."""
    return Actor(Role.SUPERVISOR, inquiry.caller.token.name)


def _link(one: Link) -> PaymentLinkShape:
    return PaymentLinkShape(
        link=one.link_id, person=one.person_id, reference=one.reference, amount_minor=one.amount_minor,
        currency=one.currency, loans=list(one.loan_keys), provider=one.provider, url=one.url, made_at=one.made_at,
        made_by=one.made_by, expires_at=one.expires_at, failed_at=one.failed_at, payment=one.payment_id,
    )  # fmt: skip


def _line(one: LineRow, offered: list[ProposalRow]) -> SuspenseLine:
    return SuspenseLine(
        line=one.line_id, statement=one.statement_id, amount_minor=one.amount_minor, currency=one.currency,
        value_day=one.value_day, reversal=one.reversal, name=one.name_masked, account=one.account_masked,
        text=one.text_masked, waits_as=one.waits_as, alone=one.amount_minor <= acts.ALONE_MAX_MINOR,
        proposals=[
            LineProposal(
                person=each.person_id, name=each.name_masked, case=each.case_id, loans=list(each.loan_keys),
                score=each.score, signs=list(each.signs), certain_by=each.certain_by,
            )
            for each in offered if each.line_id == one.line_id
        ],
    )  # fmt: skip


def _payment(one: Payment) -> PaymentShape:
    return PaymentShape(
        payment=one.payment_id, person=one.person_id, line=one.line_id, link=one.link_id,
        amount_minor=one.amount_minor, over_minor=one.over_minor, currency=one.currency, value_day=one.value_day,
        certain_by=one.certain_by, request=one.approval_id, at=one.at, actor=one.by, back_day=one.back_day,
    )  # fmt: skip


def _whole(tx: Tx, one: Payment) -> WholePayment:
    return WholePayment(
        payment=_payment(one),
        shares=[
            LoanShare(
                loan=each.loan_key, number=each.loan_ref, amount_minor=each.amount_minor, because=each.because,
                book_version=each.version, confirmed=each.tape_ref is not None,
            )
            for each in kept.shares(tx, one.payment_id)
        ],
    )  # fmt: skip
