"""Retention over HTTP: who is kept until when and by which rule, legal holds, destructions and their certificates."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query
from pydantic import Field, JsonValue
from starlette.responses import Response

from duecourse.casework import approval, destruction_paper, legal_hold
from duecourse.casework import retention as keeping
from duecourse.casework.actor import Actor, Role
from duecourse.casework.destruction import digest
from duecourse.casework.kept import Kept, Phase
from duecourse.casework.kinds import KINDS
from duecourse.storage import retention
from duecourse.storage.retention import LegalHold
from duecourse.storage.tokens import Scope
from duecourse.web.api.holds import Reason
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.keyed import Key, once
from duecourse.web.api.problem import Kind
from duecourse.web.api.shapes import PREFIX, Day, Id, Shape, Told, problems
from duecourse.web.api.strategies import AskedShape, asked_shape

router = APIRouter(prefix=f"{PREFIX}/retention", tags=["retention"])

Reader = Annotated[Inquiry, admitted(Scope.RETENTION_READ)]
Worker = Annotated[Inquiry, admitted(Scope.RETENTION_WORK)]
_WRONG = (Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON, Kind.OTHER_REQUEST)


class TermShape(Shape):
    """One period: of which records, counted from what, how long and by which rules; or what is missing."""

    kind: str
    clock: str
    loan: str | None
    begins: date
    years: int | None
    ends: date | None
    rules: list[str]
    missing: list[str]


class KeptPerson(Shape):
    """What is kept of a person, until when."""

    person: Id
    phase: Phase
    until: date | None = Field(description="The first day on which it may be destroyed, as far as it is known.")
    ended: date | None
    longest: date | None = Field(description="By when a rule wants it destroyed.")
    stored_since: Told | None
    running: list[str]
    terms: list[TermShape]
    legal_holds: list[Id]


class ScheduleShape(Shape):
    """People on the schedule, in the order of their ids."""

    day: date
    people: list[KeptPerson]
    next: Id | None = Field(description="The cursor of the next page; none at the end.")


class LegalHoldShape(Shape):
    """A legal hold; its reason is sealed."""

    legal_hold: Id
    person: Id
    matter: str
    until: date | None
    placed_by: str
    placed_at: Told
    released_by: str | None
    released_at: Told | None


class LegalHoldsShape(Shape):
    """Legal holds, those that stand first."""

    legal_holds: list[LegalHoldShape]


class WantedLegalHold(Shape):
    """What shall be kept, for which matter and why."""

    person: Id
    matter: Annotated[str, Field(pattern=r"^[^\x00]*$", max_length=200)]
    reason: Reason
    until: Day | None = Field(default=None, description="The first day on which it stands no more.")


class Release(Shape):
    """Why a legal hold shall be released."""

    reason: Reason


class DestructionShape(Shape):
    """People whose data shall be, or were, destroyed together; the certificate is what the log commits to."""

    destruction: Id
    people: int
    asked_by: str
    asked_at: Told
    approved_by: str | None
    done_at: Told | None
    certificate: dict[str, JsonValue] | None
    sha256: str | None
    entry: Id | None


class DestructionsShape(Shape):
    """Destructions that were asked for, the latest first."""

    destructions: list[DestructionShape]


@router.get("", responses=problems(Kind.INVALID))
def list_kept(
    inquiry: Reader,
    cursor: Annotated[Id | None, Query(description="What the page before gave.")] = None,
    most: Annotated[int, Query(ge=1, le=500)] = 100,
    phase: Annotated[Phase | None, Query(description="Only people in this phase.")] = None,
) -> ScheduleShape:
    """List who is kept until when and by which rule, today; of a phase, among the next 300 people."""
    now, store = inquiry.parts.clock(), inquiry.parts.store(inquiry.lender_id)
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        day = now.astimezone(ZoneInfo(inquiry.caller.lender.zone)).date()
        found, last = keeping.page(
            tx, store=store, day=day, now=now, after=-1 if cursor is None else cursor, most=most, phase=phase
        )
    return ScheduleShape(day=day, people=[_kept(one) for one in found], next=last)


@router.get("/persons/{person:int}", responses=problems(Kind.NOT_FOUND, Kind.INVALID))
def show_kept(person: Annotated[Id, Path()], inquiry: Reader) -> KeptPerson:
    """Show what is kept of one person, rule by rule."""
    now = inquiry.parts.clock()
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        day = now.astimezone(ZoneInfo(inquiry.caller.lender.zone)).date()
        (found,) = keeping.schedule(
            tx, store=inquiry.parts.store(inquiry.lender_id), person_ids=[person], day=day, now=now
        )
    return _kept(found)


@router.get("/legal-holds", responses=problems())
def list_legal_holds(inquiry: Reader) -> LegalHoldsShape:
    """List legal holds, those that stand first."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return LegalHoldsShape(legal_holds=[_hold(one) for one in retention.holds(tx)])


@router.post("/legal-holds", status_code=201, responses=problems(*_WRONG))
def place_legal_hold(said: WantedLegalHold, key: Key, inquiry: Worker) -> LegalHoldShape:
    """Place a legal hold, at once: nothing of the person is destroyed while it stands. It stops no contact."""
    now = inquiry.parts.clock()

    def act() -> LegalHoldShape:
        number = legal_hold.place(
            tx, vault=inquiry.parts.vault, person_id=said.person, source=said.matter, reason=said.reason,
            until=said.until, actor=_officer(inquiry),
            day=now.astimezone(ZoneInfo(inquiry.caller.lender.zone)).date(), now=now,
        )  # fmt: skip
        return _hold(retention.legal_hold(tx, number))

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place="legal hold", said=said, shape=LegalHoldShape, act=act)


@router.post("/legal-holds/{hold:int}/release", status_code=201, responses=problems(*_WRONG))
def ask_release(hold: Annotated[Id, Path()], said: Release, key: Key, inquiry: Worker) -> AskedShape:
    """Ask for the release of a legal hold; somebody else decides."""

    def act() -> AskedShape:
        return asked_shape(
            approval.ask(
                tx, kinds=KINDS, vault=inquiry.parts.vault, kind=legal_hold.RELEASE.kind, subject=f"legal_hold/{hold}",
                asked={"hold": hold}, reason=said.reason, actor=_officer(inquiry), now=inquiry.parts.clock(),
            )
        )  # fmt: skip

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"release {hold}", said=said, shape=AskedShape, act=act)


@router.get("/destructions", responses=problems())
def list_destructions(inquiry: Reader) -> DestructionsShape:
    """List destructions with their certificates. They are asked for and decided by people who are signed in."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = retention.destructions(tx)
    return DestructionsShape(
        destructions=[
            DestructionShape(
                destruction=one.destruction_id, people=len(one.person_ids), asked_by=one.asked_by,
                asked_at=one.asked_at, approved_by=one.approved_by, done_at=one.done_at,
                certificate=None if one.certificate is None else dict(one.certificate),
                sha256=None if one.certificate is None else digest(one.certificate), entry=one.entry_id,
            )
            for one in found
        ]
    )  # fmt: skip


@router.get(
    "/destructions/{destruction:int}/pdf",
    response_class=Response,
    responses={**problems(Kind.NOT_FOUND, Kind.INVALID), 200: {"content": {"application/pdf": {}}}},
)
def certificate_as_pdf(
    destruction: Annotated[Id, Path()],
    inquiry: Reader,
    lang: Annotated[Literal["zh", "en"], Query(description="Language of the paper.")] = "zh",
) -> Response:
    """Give the certificate of a destruction as PDF, with its proof in it once the record's place is published."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = destruction_paper.certified(tx, destruction)
    signing = inquiry.parts.certificate(inquiry.lender_id)
    made = destruction_paper.pdf(found, lang, certificate=signing, now=inquiry.parts.clock())
    named = f'attachment; filename="destruction-{destruction}.pdf"'
    return Response(made, media_type="application/pdf", headers={"Content-Disposition": named})


def _officer(inquiry: Inquiry) -> Actor:
    """As whom records name whoever keeps by this token: it is a compliance officer's own."""
    return Actor(Role.COMPLIANCE, inquiry.caller.token.name)


def _hold(one: LegalHold) -> LegalHoldShape:
    return LegalHoldShape(
        legal_hold=one.legal_hold_id, person=one.person_id, matter=one.source, until=one.until_day,
        placed_by=one.placed_by, placed_at=one.placed_at, released_by=one.released_by, released_at=one.released_at,
    )  # fmt: skip


def _kept(one: Kept) -> KeptPerson:
    terms: list[dict[str, Any]] = [
        {
            "kind": each.kind.value, "clock": each.clock, "loan": each.loan, "begins": each.begins,
            "years": each.years, "ends": each.ends, "rules": list(each.rules), "missing": list(each.missing),
        }
        for each in one.terms
    ]  # fmt: skip
    return KeptPerson(
        person=one.person_id, phase=one.phase, until=one.until, ended=one.ended, longest=one.longest,
        stored_since=one.stored.since if one.stored else None, running=list(one.running),
        terms=[TermShape(**each) for each in terms], legal_holds=[each.legal_hold_id for each in one.holds],
    )  # fmt: skip
