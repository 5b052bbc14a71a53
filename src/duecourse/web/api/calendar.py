"""Open windows over HTTP: of a described contact, and of a person as he stands now."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from duecourse.casework.permit import Sender
from duecourse.casework.person_calendar import person_calendar
from duecourse.law.calendar import DAYS, Calendar, Wanted, Way, calendar
from duecourse.storage.tokens import Scope
from duecourse.trouble import N_
from duecourse.web.api import problem
from duecourse.web.api.facts import scalar
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.law import Described, LawReader, Name, known_of, law_of
from duecourse.web.api.problem import Problem
from duecourse.web.api.shapes import PREFIX, Id, Shape, Told, problems

router = APIRouter(prefix=f"{PREFIX}/law/calendar", tags=["law"])

Days = Annotated[int, Query(ge=1, le=31, description="Local days, the first of them begun.")]


class Window(Shape):
    """A stretch of time in which the contact is allowed; `until` is not part of it."""

    at: Told
    until: Told


class WindowsShape(Shape):
    """One way of contact: its open windows, and the rules that close the rest."""

    channel: str
    template: str
    windows: list[Window]
    closed_by: dict[str, str]


class CalendarShape(Shape):
    """Open windows, exact to the second; times in between are closed."""

    at: Told
    until: Told
    zone: str = Field(description="In whose days the last one is counted.")
    zones: list[str] = Field(description="Zones of which all must be open.")
    rulebook: str
    ways: list[WindowsShape]
    assumed: dict[str, bool | int | str] = Field(description="What was taken for granted; nothing for a person.")


@router.post("", responses=problems(problem.Kind.INVALID, problem.Kind.NOT_JSON))
def show_calendar(ask: Described, inquiry: LawReader, days: Days = DAYS) -> CalendarShape:
    """Give the open windows of a described contact over the next days, and which rules close the rest."""
    book = law_of(inquiry, ask.jurisdiction, ask.without, ask.own)
    if not book.zone and not ask.zones:
        raise Problem(problem.Kind.INVALID, N_("No law with a clock is in force there: name a zone of the person."))
    said, assumed = known_of(ask, inquiry, book)
    wanted = Wanted(ask.channel.value, {**assumed, **said}, ask.template or "")
    found = calendar(book, [wanted], ask.at, zones=ask.zones, days=days)
    asked = {name for judge in book.gate for name in judge.rule.facts}
    guessed = {name: scalar(value) for name, value in assumed.items() if name not in said and name in asked}
    return _shape(found, inquiry.lang, guessed)


@router.get("/{person:int}", responses=problems(problem.Kind.NOT_FOUND, problem.Kind.INVALID))
def show_persons_calendar(
    *,
    person: Annotated[Id, Path()],
    inquiry: Annotated[Inquiry, admitted(Scope.PERMIT_REQUEST)],
    template: Annotated[Name | None, Query(description="Of this text only; else of one for each channel.")] = None,
    days: Days = DAYS,
) -> CalendarShape:
    """Give a person's open windows by channel as things stand now; nothing is reserved and nothing promised."""
    found = person_calendar(
        inquiry.parts.database,
        inquiry.lender_id,
        gate=inquiry.parts.gate,
        person_id=person,
        clock=inquiry.parts.clock,
        template=template,
        sender=Sender(inquiry.caller.sender_type, inquiry.caller.firm),
        days=days,
    )
    return _shape(found, inquiry.lang, {})


def _shape(found: Calendar, lang: str, assumed: dict[str, bool | int | str]) -> CalendarShape:
    return CalendarShape(
        at=found.at,
        until=found.until,
        zone=found.clock,
        zones=list(found.zones),
        rulebook=found.rulebook,
        ways=[_way(one, lang) for one in found.ways],
        assumed=assumed,
    )


def _way(found: Way, lang: str) -> WindowsShape:
    return WindowsShape(
        channel=found.channel,
        template=found.label,
        windows=[Window(at=span.at, until=span.until) for span in found.windows],
        closed_by={one.rule.id: one.rule.says[lang] for span in found.spans for one in span.refusals},
    )
