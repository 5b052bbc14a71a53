"""Field visits over HTTP: places, rounds, setting out, and what came of each visit."""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field

from duecourse.casework import visits as acts
from duecourse.casework.visit_report import PHOTOS_MAX, TEXT_MAX, report_of
from duecourse.storage import visits
from duecourse.storage.tokens import Scope
from duecourse.storage.visits import Round, VisitRow
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.keyed import Key, long_once, once
from duecourse.web.api.problem import Kind
from duecourse.web.api.shapes import PREFIX, Code, Id, Instant, Shape, Told, problems

router = APIRouter(prefix=f"{PREFIX}/visits", tags=["visits"])

VisitReader = Annotated[Inquiry, admitted(Scope.CASE_READ)]
VisitWorker = Annotated[Inquiry, admitted(Scope.CASE_WORK)]
RoundId = Annotated[Id, Path()]
_WRONG = (Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON, Kind.OTHER_REQUEST)
North = Annotated[int, Field(ge=-90_000_000, le=90_000_000, description="Millionths of a degree.")]
East = Annotated[int, Field(ge=-180_000_000, le=180_000_000, description="Millionths of a degree.")]
Words = Annotated[str, Field(pattern=r"^[^\x00]*$", max_length=TEXT_MAX)]
Base64 = Annotated[
    str,
    Field(pattern=r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$", max_length=4_000_100),
]


class PlaceShape(Shape):
    """A place on earth."""

    north: North
    east: East


class WantedPlace(PlaceShape):
    """Where an address of a person lies."""

    person: Id
    contact_point: Id | None = None


class LocatedShape(Shape):
    """The contact point that it is the place of."""

    contact_point: Id


class WantedRound(Shape):
    """A round of two collectors to the borrowers of some cases."""

    cases: Annotated[list[Id], Field(min_length=1, max_length=acts.STOPS_MAX)]
    leaves: Instant
    first: Code
    second: Code
    start: PlaceShape


class VisitOfRound(Shape):
    """A visit of a round."""

    visit: Id
    case: Id
    position: int
    planned_at: Told
    permit: Id | None
    until: Told | None
    left_out_zh: str | None
    left_out_en: str | None
    outcome: str | None
    made_at: Told | None
    entered: bool | None
    handed_in_at: Told | None


class RoundShape(Shape):
    """A round."""

    round: Id
    state: str
    leaves: Told
    first: str
    second: str
    length_m: int
    out_at: Told | None
    ended_at: Told | None
    visits: int
    left_out: int
    handed_in: int


class RoundWhole(RoundShape):
    """A round with its visits in their order."""

    list: list[VisitOfRound]


class RoundsShape(Shape):
    """Rounds, the latest first."""

    rounds: list[RoundShape]
    next: str | None = Field(description="The cursor of the next page; none at the end.")


class PhotoShape(Shape):
    """A photo in base 64, with when and where it was taken."""

    content: Base64
    at: Instant
    place: PlaceShape | None = None


class WantedReport(Shape):
    """What came of a visit."""

    at: Instant
    outcome: Literal["connected", "promised", "unanswered", "other_person", "refused", "not_sent"]
    passes_shown: bool
    entered: bool = False
    consent_by: Words | None = None
    present: Words | None = None
    note: Words | None = None
    place: PlaceShape | None = None
    photos: Annotated[list[PhotoShape], Field(max_length=PHOTOS_MAX)] | None = None
    signature: Base64 | None = None
    signer: Words | None = None


@router.post("/places", responses=problems(*_WRONG))
def locate_address(said: WantedPlace, inquiry: VisitWorker) -> LocatedShape:
    """Say where an address lies; it is kept sealed."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = acts.locate(
            tx, vault=inquiry.parts.vault, person_id=said.person, place=(said.north, said.east),
            point=said.contact_point, actor=inquiry.caller.actor, now=inquiry.parts.clock(),
        )  # fmt: skip
    return LocatedShape(contact_point=found)


@router.get("/rounds", responses=problems(Kind.INVALID))
def list_rounds(
    inquiry: VisitReader,
    cursor: Annotated[Id | None, Query(description="What the page before gave.")] = None,
    most: Annotated[int, Query(ge=1, le=500)] = 50,
) -> RoundsShape:
    """List rounds of visits, the latest first."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = visits.rounds(tx, before=cursor, most=most)
    return RoundsShape(
        rounds=[_shape(one) for one in found], next=str(found[-1].round_id) if len(found) >= most else None
    )


@router.post("/rounds", status_code=201, responses=problems(*_WRONG))
def plan_visits(said: WantedRound, key: Key, inquiry: VisitWorker) -> RoundShape:
    """Plan a round by the shortest way; nobody is asked yet."""

    def act() -> RoundShape:
        return _shape(
            acts.plan_round(
                tx, vault=inquiry.parts.vault, case_ids=said.cases, leaves=said.leaves, staff=(said.first, said.second),
                start=(said.start.north, said.start.east), actor=inquiry.caller.actor, now=inquiry.parts.clock(),
            )
        )  # fmt: skip

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place="round", said=said, shape=RoundShape, act=act)


@router.get("/rounds/{round}", responses=problems(Kind.NOT_FOUND, Kind.INVALID))
def read_round(round: RoundId, inquiry: VisitReader) -> RoundWhole:  # noqa: A002 - the word of the trade
    """Show a round: its visits in their order, what the gate said, what came of each."""
    return _whole(inquiry, round)


@router.post("/rounds/{round}/setting-out", responses=problems(*_WRONG))
def set_round_out(round: RoundId, key: Key, inquiry: VisitWorker) -> RoundWhole:  # noqa: A002 - as above
    """Ask the gate for each visit; what it allows counts as made from then on."""

    def act() -> RoundWhole:
        acts.set_out(
            inquiry.parts.database, inquiry.lender_id, gate=inquiry.parts.gate, round_id=round,
            actor=inquiry.caller.actor, clock=inquiry.parts.clock,
        )  # fmt: skip
        return _whole(inquiry, round)

    return long_once(inquiry, key, place=f"round {round}", said=None, shape=RoundWhole, act=act)


@router.post("/{visit}/report", responses=problems(*_WRONG, Kind.TOO_LARGE))
def hand_visit_in(visit: Annotated[Id, Path()], said: WantedReport, inquiry: VisitWorker) -> VisitOfRound:
    """Take over what came of a visit; the same again changes nothing."""
    report = report_of(said.model_dump(mode="json", exclude_none=True))
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return _visit(
            acts.record_visit(
                tx, gate=inquiry.parts.gate, visit_id=visit, report=report, actor=inquiry.caller.actor,
                clock=inquiry.parts.clock, chance=os.urandom,
            )
        )  # fmt: skip


def _whole(inquiry: Inquiry, number: int) -> RoundWhole:
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found, listed = visits.get(tx, number), visits.of_round(tx, number)
    return RoundWhole(**dict(_shape(found)), list=[_visit(one) for one in listed])


def _shape(one: Round) -> RoundShape:
    return RoundShape(
        round=one.round_id, state=one.state, leaves=one.leaves, first=one.first_staff, second=one.second_staff,
        length_m=one.length_m, out_at=one.out_at, ended_at=one.ended_at, visits=one.visits, left_out=one.left_out,
        handed_in=one.handed_in,
    )  # fmt: skip


def _visit(one: VisitRow) -> VisitOfRound:
    why: Any = one.left_out or {}
    return VisitOfRound(
        visit=one.visit_id, case=one.case_id, position=one.position, planned_at=one.planned_at, permit=one.permit_id,
        until=one.until, left_out_zh=why.get("zh"), left_out_en=why.get("en"), outcome=one.outcome,
        made_at=one.made_at, entered=one.entered, handed_in_at=one.handed_in_at,
    )  # fmt: skip
