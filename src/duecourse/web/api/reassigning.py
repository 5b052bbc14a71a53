"""Giving many cases to others over HTTP: first who would get which, then the same and nothing else."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

from duecourse.casework import reassigning as acts
from duecourse.casework.assignment import Handover
from duecourse.casework.reassigning import Choice, Preview
from duecourse.law.clock import zone
from duecourse.storage.tokens import Scope
from duecourse.trouble import N_
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.keyed import Key, once
from duecourse.web.api.problem import Kind, Problem
from duecourse.web.api.shapes import PREFIX, Code, Id, Shape, problems
from duecourse.web.api.staff import Word
from duecourse.web.api.worklist import Stage

router = APIRouter(prefix=f"{PREFIX}/reassignments", tags=["cases"])

Giver = Annotated[Inquiry, admitted(Scope.CASE_ASSIGN)]
_WRONG = (Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON)


class WantedMoves(Shape):
    """Which cases change hands, and who may get them. At least a collector, a team or a stage is chosen."""

    from_collector: Code | None = None
    from_team: Word | None = None
    stages: list[Stage] = Field(default=[], max_length=16)
    to: list[Code] = Field(
        default=[], max_length=500, description="Nobody: everybody of the giver's team who is here today."
    )
    most: int = Field(default=50, ge=1, le=acts.MOST)


class PreviewedMove(Shape):
    """A case and who would get it; masked. Sent back, its case and who gets it are read, and nothing else."""

    case: Id
    collector: str | None = Field(default=None, description="Whose it is.")
    to: Code
    name: str | None = None
    stage: str | None = None
    dpd: int | None = None
    overdue_minor: int | None = None
    currency: str | None = None


class SkillLacking(Shape):
    """A skill that the strategy asks for and the collector lacks."""

    skill: str
    cases: int


class Silenced(Shape):
    """Why the gate refuses a collector's calls and visits whoever they go to."""

    known: bool = Field(description="Whether the register of staff has the collector today.")
    rules: list[str]


class LoadThen(Shape):
    """How many open cases somebody would have, and what stands against it; nothing of it hinders the act."""

    collector: str
    cases: int
    then: int
    capacity: int
    silenced: Silenced | None
    lacks: list[SkillLacking]


class ReassignmentPreview(Shape):
    """What would be done."""

    moves: list[PreviewedMove]
    loads: list[LoadThen]
    untold: list[str] = Field(description="Skills that nobody is compared with: what they ask for stands in the book.")
    seen: str = Field(
        description="What the preview showed: each case, whose it is and who would get it. The act is held to it."
    )


class Move(Shape):
    """A case and who gets it."""

    case: Id
    to: Code


class Moves(Shape):
    """All moves of a preview, as it gave them or each with its case and who gets it alone."""

    moves: list[Move | PreviewedMove] = Field(min_length=1, max_length=acts.MOST)
    seen: str = Field(pattern="^[0-9a-f]{64}$")
    reason: Literal["reassigned", "absence"] = "reassigned"


class Moved(Shape):
    """How many cases changed hands."""

    cases: int


@router.post("/preview", responses=problems(*_WRONG))
def preview_reassignment(said: WantedMoves, inquiry: Giver) -> ReassignmentPreview:
    """Show who would get which case: the longest overdue first, each to whoever has the most room. Nothing is done."""
    if not (said.from_collector or said.from_team or said.stages):
        raise Problem(Kind.INVALID, N_("Choose cases by from_collector, from_team or stages."))
    choice = Choice(
        from_collector=said.from_collector, from_team=said.from_team, stages=tuple(said.stages), to=tuple(said.to),
        most=said.most,
    )  # fmt: skip
    today = inquiry.parts.clock().astimezone(zone(inquiry.caller.lender.zone)).date()
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return _told(acts.preview(tx, choice, today=today))


@router.post("", status_code=201, responses=problems(Kind.NOT_FOUND, Kind.OTHER_REQUEST, *_WRONG))
def reassign(said: Moves, key: Key, inquiry: Giver) -> Moved:
    """Give the cases of a preview, all or none.

    Nothing is done where the moves are not those of the preview, or a case changed hands or was closed meanwhile.
    """

    def act() -> Moved:
        done = acts.reassign(
            tx, vault=inquiry.parts.vault, moves=[(one.case, one.to) for one in said.moves], seen=said.seen,
            reason=Handover(said.reason), actor=inquiry.caller.actor, now=inquiry.parts.clock(),
        )  # fmt: skip
        return Moved(cases=done)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place="reassignment", said=said, shape=Moved, act=act)


def _told(found: Preview) -> ReassignmentPreview:
    return ReassignmentPreview(
        moves=[
            PreviewedMove(
                case=one.case.case_id, collector=one.case.collector_id, to=one.to, name=one.case.name_masked,
                stage=one.case.stage, dpd=one.case.dpd, overdue_minor=one.case.overdue_minor,
                currency=one.case.currency,
            )
            for one in found.moves
        ],
        loads=[
            LoadThen(
                collector=one.collector_id, cases=one.now, then=one.then, capacity=one.capacity,
                silenced=Silenced(known=one.barred.known, rules=list(one.barred.rules)) if one.barred else None,
                lacks=[SkillLacking(skill=skill, cases=cases) for skill, cases in one.lacks],
            )
            for one in found.loads
        ],
        untold=list(found.untold), seen=found.seen,
    )  # fmt: skip
