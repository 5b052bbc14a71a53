"""Matters over HTTP: disputes, complaints, hardship, corrections, everything called due: raised, listed, answered.

What was said is sealed, and is in no answer. Contact stops with an opened matter, in the same transaction.
"""

from __future__ import annotations

import os
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Path, Query, UploadFile
from pydantic import Field
from starlette.responses import Response

from duecourse.casework import acceleration
from duecourse.casework import matters as acts
from duecourse.casework.actor import Actor, Role
from duecourse.casework.documents import DocumentKind
from duecourse.casework.issue_notice import Wanted, issue_notice
from duecourse.casework.ledger import today_of
from duecourse.casework.matter_kinds import MatterKind
from duecourse.casework.permit import Sender
from duecourse.law.terms import SenderType
from duecourse.storage import cases, documents, matter_pages
from duecourse.storage import matters as kept
from duecourse.storage.matters import Matter
from duecourse.storage.tokens import Scope
from duecourse.web.api.case_shapes import document_shape
from duecourse.web.api.documents import DocumentsShape, KeptShape, taken
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.keyed import Key, once
from duecourse.web.api.notices import own_key
from duecourse.web.api.problem import Kind
from duecourse.web.api.shapes import PREFIX, Code, Day, Id, Shape, Told, answered, problems
from duecourse.web.api.worklist import CaseId, Reader

router = APIRouter(prefix=PREFIX, tags=["matters"])

_WRONG = (Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON, Kind.OTHER_REQUEST)
Opener = Annotated[Inquiry, admitted(Scope.MATTER_OPEN)]
Answerer = Annotated[Inquiry, admitted(Scope.MATTER_ANSWER)]
MatterId = Annotated[Id, Path()]
Severity = Literal["ordinary", "complex", "special"]
Answer = Literal["upheld", "partly_upheld", "rejected", "over"]
Cause = Literal["staff", "agency", "system", "data", "process", "terms", "none"]


class WantedMatter(Shape):
    """What is raised. A category that the kind does not know is answered with those there are."""

    kind: Literal["dispute", "complaint", "credit_correction", "hardship"]
    category: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$", examples=["paid"])]
    words: Annotated[
        str,
        Field(pattern=r"^[^\x00]*[^\x00\s][^\x00]*$", max_length=acts.WORDS_MAX, description="What was said; sealed."),
    ]
    loan: Id | None = Field(default=None, description="Where it is about one of the case.")
    severity: Severity = Field(default="ordinary", description="Of a complaint; the clock depends on it.")
    review_days: Annotated[int, Field(strict=True, ge=1, le=acts.REVIEW_DAYS_MAX)] | None = Field(
        default=None, description="Of hardship, and of nothing else: days until it is looked at again."
    )


class MatterShape(Shape):
    """A matter as it stands; what was said is sealed."""

    matter: Id
    case: Id
    person: Id
    loan: Id | None
    kind: MatterKind
    category: str
    severity: str
    opened: date
    due: date | None = Field(description="By when it is answered; none where no rule that binds gives a clock.")
    rule: str | None = Field(description="The rule that gives the clock.")
    late: bool = Field(description="Open after its day.")
    notice: Id | None = Field(description="The notice that told an acceleration; its day is known once that arrived.")
    hold: Id | None = Field(description="The hold that stands with it.")
    actor: str
    at: Told
    escalated_at: Told | None
    ended_at: Told | None
    ended_as: str | None = Field(description="upheld, partly_upheld, rejected, over, cured or carried_out.")
    cause: str | None
    redress_minor: int | None


class MattersShape(Shape):
    """Matters: those that are open by the day by which they are answered, then those that ended."""

    matters: list[MatterShape]
    next: str | None = Field(description="The cursor of the next page; none at the end.")


class MatterAnswer(Shape):
    """How a matter ended, what was behind it, and what was made good."""

    answer: Answer
    cause: Cause
    redress_minor: Annotated[int, Field(strict=True, ge=0, le=10**13)] = 0


class CalledLoan(Shape):
    """The loan of the case of which everything shall be called."""

    loan: Id
    lang: Literal["zh", "en"] = "zh"
    staff: Code | None = Field(default=None, description="Who handles it, by staff number.")


@router.post("/cases/{case:int}/matters", status_code=201, responses=problems(*_WRONG))
def open_matter(case: CaseId, said: WantedMatter, key: Key, inquiry: Opener) -> MatterShape:
    """Open a matter: its hold stands and its clock runs with that. What was said is sealed."""

    def act() -> MatterShape:
        made = acts.open_matter(
            tx, vault=inquiry.parts.vault, case_id=case, kind=MatterKind(said.kind), category=said.category,
            words=said.words, loan_key=said.loan, severity=said.severity, review_days=said.review_days,
            actor=inquiry.caller.actor, clock=inquiry.parts.clock,
        )  # fmt: skip
        return _shape(made, today_of(tx, inquiry.parts.clock()))

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"matter {case}", said=said, shape=MatterShape, act=act)


@router.post("/cases/{case:int}/acceleration", status_code=201, responses=problems(*_WRONG))
def tell_acceleration(
    case: CaseId, said: CalledLoan, key: Key, inquiry: Annotated[Inquiry, admitted(Scope.MATTER_ACCELERATE)]
) -> MatterShape:
    """Issue the notice that everything will be called, and open the matter. Sending it needs a permit.

    What is overdue can be cured until the day in the answer, which is known once the notice has arrived. A day run
    after it calls everything, unless it was cured.
    """
    parts = inquiry.parts

    def act() -> MatterShape:
        now = parts.clock()
        number = issue_notice(
            tx, vault=parts.vault, store=parts.store(inquiry.lender_id),
            wanted=Wanted(
                case_id=case, person_id=cases.get(tx, case).person_id, template_id=acceleration.TEMPLATE,
                lang=said.lang, sender=Sender(SenderType.LENDER, staff=said.staff or ""), loan_keys=(said.loan,),
            ),
            public_url=parts.public_url, request_key=own_key(inquiry, key),
            actor=Actor(Role.SUPERVISOR, inquiry.caller.token.name), now=now, chance=os.urandom,
        )  # fmt: skip
        return _shape(kept.of_notice(tx, number), today_of(tx, now))

    with parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"acceleration {case}", said=said, shape=MatterShape, act=act)


@router.get("/matters", response_model=MattersShape, responses=problems(Kind.INVALID))
def list_matters(
    *,
    inquiry: Reader,
    case: Annotated[Id | None, Query()] = None,
    kind: Annotated[MatterKind | None, Query()] = None,
    state: Annotated[
        Literal["open", "escalated", "late", "ended"] | None,
        Query(description="open: not ended; escalated: open, and went up; late: open after its day."),
    ] = None,
    due_until: Annotated[Day | None, Query(description="To be answered by this day or before.")] = None,
    cursor: Annotated[
        str | None, Query(pattern=matter_pages.CURSOR.pattern, description="What the page before gave.")
    ] = None,
    most: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Response:
    """List matters, what is due first; those that ended come last."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        day = today_of(tx, inquiry.parts.clock())
        found = matter_pages.page(
            tx, today=day, case_id=case, kind=kind.value if kind else None, state=state, due_until=due_until,
            after=cursor, most=most + 1,
        )  # fmt: skip
    shown = found[:most]
    following = matter_pages.cursor(shown[-1]) if len(found) > most else None
    return answered(MattersShape(matters=[_shape(one, day) for one in shown], next=following))


@router.get("/matters/{matter}", response_model=MatterShape, responses=problems(Kind.NOT_FOUND, Kind.INVALID))
def show_matter(matter: MatterId, inquiry: Reader) -> Response:
    """Show a matter: its clock, its hold, how it was answered; never what was said."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return answered(_shape(kept.get(tx, matter), today_of(tx, inquiry.parts.clock())))


@router.get("/matters/{matter}/documents", responses=problems(Kind.NOT_FOUND, Kind.INVALID))
def list_evidence(matter: MatterId, inquiry: Reader) -> DocumentsShape:
    """List what was brought in evidence of a matter: what each is, its size and hash, never its name or content."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        kept.get(tx, matter)
        return DocumentsShape(documents=[document_shape(one) for one in documents.of_matter(tx, matter)])


@router.post("/matters/{matter}/documents", status_code=201, responses=problems(*_WRONG))
def bring_evidence(
    *,
    matter: MatterId,
    file: Annotated[UploadFile, File(description="The document; its name is sealed too.")],
    kind: Annotated[DocumentKind, Form()],
    key: Key,
    inquiry: Annotated[Inquiry, admitted(Scope.DOCUMENT_KEEP)],
) -> KeptShape:
    """Keep a document on the matter's case as evidence of it, sealed, with a record that commits to its content."""
    content, name, said = taken(file, kind)

    def act() -> KeptShape:
        number = acts.bring_evidence(
            tx, vault=inquiry.parts.vault, matter_id=matter, kind=kind.value, name=name, content=content,
            actor=inquiry.caller.actor, now=inquiry.parts.clock(), chance=os.urandom,
        )  # fmt: skip
        return KeptShape(document=number)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"evidence {matter}", said=said, shape=KeptShape, act=act)


@router.post("/matters/{matter}/answer", responses=problems(*_WRONG))
def answer_matter(matter: MatterId, said: MatterAnswer, key: Key, inquiry: Answerer) -> MatterShape:
    """Answer a matter; its hold ends with that. What went up is answered by compliance, signed in."""

    def act() -> MatterShape:
        made = acts.answer_matter(
            tx, vault=inquiry.parts.vault, matter_id=matter, answer=said.answer, cause=said.cause,
            redress=said.redress_minor, actor=inquiry.caller.actor, clock=inquiry.parts.clock,
        )  # fmt: skip
        return _shape(made, today_of(tx, inquiry.parts.clock()))

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"answer {matter}", said=said, shape=MatterShape, act=act)


@router.post("/matters/{matter}/escalation", responses=problems(*_WRONG))
def escalate_matter(matter: MatterId, key: Key, inquiry: Opener) -> MatterShape:
    """Take a matter up to compliance, who answer it then."""

    def act() -> MatterShape:
        now = inquiry.parts.clock()
        acts.escalate_matter(tx, vault=inquiry.parts.vault, matter_id=matter, actor=inquiry.caller.actor, now=now)
        return _shape(kept.get(tx, matter), today_of(tx, now))

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"escalation {matter}", said=None, shape=MatterShape, act=act)


def _shape(one: Matter, today: date) -> MatterShape:
    return MatterShape(
        matter=one.matter_id, case=one.case_id, person=one.person_id, loan=one.loan_key, kind=MatterKind(one.kind),
        category=one.category, severity=one.severity, opened=one.opened_day, due=one.due_day, rule=one.due_rule,
        late=one.ended_at is None and one.due_day is not None and one.due_day < today, notice=one.notice_id,
        hold=one.hold_id, actor=one.actor, at=one.at, escalated_at=one.escalated_at, ended_at=one.ended_at,
        ended_as=one.ended_as, cause=one.cause, redress_minor=one.redress_minor,
    )  # fmt: skip
