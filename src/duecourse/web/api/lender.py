"""What the lender says once of all its claims, or of the lines of one house, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from duecourse.casework.lender_facts import end_lender_fact, state_lender_fact, unsaid
from duecourse.law import wording
from duecourse.law.facts import FACTS
from duecourse.storage import lender_facts
from duecourse.storage.tokens import Scope
from duecourse.trouble import N_, Said
from duecourse.web.api.facts import FactName, FactValue, read_fact
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.keyed import Key, once
from duecourse.web.api.problem import Kind, Problem
from duecourse.web.api.shapes import PREFIX, Code, Id, Instant, Shape, Told, problems

router = APIRouter(prefix=f"{PREFIX}/lender/facts", tags=["lender"])

Speaker = Annotated[Inquiry, admitted(Scope.LENDER_STATE)]
_WRONG = (Kind.INVALID, Kind.NOT_JSON, Kind.OTHER_REQUEST)


class LenderSays(Shape):
    """A fact that the lender says once and answers for."""

    fact: FactName
    value: FactValue
    source: Annotated[
        str,
        Field(
            pattern=r"^[^\x00]*[^\x00\s][^\x00]*$", max_length=200, description="The document that proves it.",
            examples=["contract form 2026/1"],
        ),
    ]  # fmt: skip
    firm: Code | None = Field(default=None, description="The outside firm whose lines or systems it is about.")
    begins: Instant | None = Field(default=None, description="From when it holds; now where it is left out.")
    until: Instant | None = None


class LenderSaid(Shape):
    """A fact that the lender said."""

    stated: Id
    fact: str
    means: str
    value: bool | int | str
    firm: str | None
    begins: Told
    until: Told | None
    source: str
    by: str
    ended_by: str | None


class Unsaid(Shape):
    """A fact that the lender's law asks of plans and nobody has said."""

    fact: str
    means: str


class LenderFacts(Shape):
    """What the lender said, the latest first, and what its law asks and nobody has said."""

    said: list[LenderSaid]
    unsaid: list[Unsaid]


class LenderStated(Shape):
    """The number of a fact on record."""

    stated: Id


class LenderEnded(Shape):
    """A fact that the lender says no more."""

    stated: Id
    at: Told


@router.get("", responses=problems())
def list_lender_facts(inquiry: Annotated[Inquiry, admitted(Scope.LAW_ANALYSE)]) -> LenderFacts:
    """List what was said of all claims, the latest first, and what its law asks and nobody has said yet."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found, open_ones = lender_facts.every(tx), unsaid(tx, inquiry.parts.clock())
    return LenderFacts(
        said=[
            LenderSaid(
                stated=one.stated_id, fact=one.fact, means=wording.meaning(one.fact, inquiry.lang), value=one.value,
                firm=one.firm or None, begins=one.from_at, until=one.to_at, source=one.source, by=one.actor,
                ended_by=one.ended_by,
            )
            for one in found
        ],
        unsaid=[Unsaid(fact=name, means=wording.meaning(name, inquiry.lang)) for name in open_ones],
    )  # fmt: skip


@router.post("", status_code=201, responses=problems(*_WRONG))
def state_lender(said: LenderSays, key: Key, inquiry: Speaker) -> LenderStated:
    """Say a fact once of all claims, or of the lines of one house; the gate and the day run ask it of every contact."""
    value = read_fact(said.fact, said.value)
    if value is None:
        raise Problem(Kind.INVALID, Said(N_("The fact {fact!r} needs a value."), fact=FACTS[said.fact].name))
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(
            tx, inquiry, key, place="lender fact", said=said, shape=LenderStated,
            act=lambda: LenderStated(
                stated=state_lender_fact(
                    tx, vault=inquiry.parts.vault, fact=said.fact, value=value, source=said.source,
                    actor=inquiry.caller.actor, now=inquiry.parts.clock(), from_at=said.begins, until=said.until,
                    firm=said.firm or "",
                )
            ),
        )  # fmt: skip


@router.post("/{stated:int}/ending", responses=problems(Kind.NOT_FOUND, *_WRONG))
def end_lender(stated: Annotated[Id, Path()], key: Key, inquiry: Speaker) -> LenderEnded:
    """End a fact that was said of all claims."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:

        def act() -> LenderEnded:
            now = inquiry.parts.clock()
            end_lender_fact(tx, vault=inquiry.parts.vault, stated_id=stated, actor=inquiry.caller.actor, now=now)
            return LenderEnded(stated=stated, at=now)

        return once(tx, inquiry, key, place=f"end of lender fact {stated}", said=None, shape=LenderEnded, act=act)
