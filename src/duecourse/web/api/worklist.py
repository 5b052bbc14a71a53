"""Worklists and search over HTTP, masked: entries by filter and cursor, passing one over, saved views, people found."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.responses import Response

from duecourse.casework import assignment
from duecourse.casework.assignment import SkipReason
from duecourse.casework.meanings import MEANINGS
from duecourse.casework.searching import TEXT_MAX
from duecourse.casework.searching import search as found_by
from duecourse.law.clock import zone
from duecourse.law.terms import Channel, Relation
from duecourse.storage import entries, views
from duecourse.storage.entries import Entry, EntryState, Filter, Scope
from duecourse.storage.tokens import Scope as TokenScope
from duecourse.trouble import N_
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.problem import Kind, Problem
from duecourse.web.api.shapes import PREFIX, Code, Id, Shape, Told, answered, problems

router = APIRouter(prefix=PREFIX, tags=["cases"])

Reader = Annotated[Inquiry, admitted(TokenScope.CASE_READ)]
Worker = Annotated[Inquiry, admitted(TokenScope.CASE_WORK)]
CaseId = Annotated[Id, Path()]
Minor = Annotated[int, Field(ge=0, le=10**13)]
Word = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,32}$")]
Stage = Annotated[str, Field(pattern=r"^M[0-6]\+?$", examples=["M2"])]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$", examples=["zh"])]
Most = Annotated[int, Query(ge=1, le=entries.PAGE_MAX)]
Cursor = Annotated[str | None, Query(pattern=r"^[0-9]{1,17}-([a-z_]{1,16}-)?[0-9]{1,19}$")]
Name = Annotated[str, Path(min_length=1, max_length=views.NAME_MAX, pattern=r"^[^\x00-\x1f\x7f/]+$")]
NO_DAY = N_("No day run is published yet, so there is no worklist.")


class EntryShape(Shape):
    """One entry: the case, what is owed (`meanings` says what each figure is), and what is to be done next."""

    case: Id
    person: Id
    collector: str | None
    place: int
    state: EntryState
    name: str | None = Field(description="Masked.")
    stage: str
    five_class: str
    dpd: int
    currency: str
    overdue_minor: int
    settle_minor: int
    loans: int
    products: list[str]
    language: str | None
    opened: date
    treatment: str | None = Field(description="What is to be done; none where nothing is proposed.")
    channel: Channel | None
    relation: Relation | None
    template: str | None
    slot: Told | None
    answer: str | None = Field(description="The law's answer at the slot, as of the day run.")
    rules: list[str]
    missing: list[str]
    skipped: SkipReason | None
    holds: int
    last_contact: Told | None
    last_channel: Channel | None
    last_outcome: str | None
    promise_minor: int | None
    promise_due: date | None
    promise_state: str | None


class EntriesShape(Shape):
    """A page of a list, as of a published day."""

    day: date
    entries: list[EntryShape]
    next: str | None = Field(description="For the next page; none at the end.")
    meanings: dict[str, str] = Field(description="What each figure means.")


class Skipped(Shape):
    """An entry is passed over for the day."""

    reason: SkipReason


class SkipShape(Shape):
    """A skip that stands."""

    case: Id
    day: date
    reason: SkipReason


class ReturnedShape(Shape):
    """An entry that is back in its place."""

    case: Id
    day: date


class FoundShape(Shape):
    """Somebody to whom the text belongs, masked, with the latest case."""

    person: Id
    by: list[str] = Field(description="Which value it was: case, loan, customer, name, id or contact_point.")
    kind: str
    name: str | None
    identity: str | None
    customer: str | None
    relations: list[Relation]
    case: Id | None
    closed: date | None
    collector: str | None
    stage: str | None
    dpd: int | None
    currency: str | None
    overdue_minor: int | None


class FoundPeople(Shape):
    """Who was found."""

    people: list[FoundShape]


class Sought(Shape):
    """What is looked for; in the body, since addresses are written into logs on the way."""

    text: Annotated[str, Field(min_length=1, max_length=TEXT_MAX, pattern=r"^[^\x00-\x1f\x7f]+$")]
    most: Annotated[int, Field(strict=True, ge=1, le=50)] = 20


class ViewBody(Shape):
    """A filter, as the page's address has it."""

    query: Annotated[str, Field(max_length=views.QUERY_MAX, pattern=r"^[!-~]*$")]


class ViewShape(Shape):
    """A filter under a name."""

    name: str
    query: str


class ViewsShape(Shape):
    """The caller's saved views of the worklist."""

    views: list[ViewShape]


class Forgotten(Shape):
    """A view that is gone."""

    name: str


@router.get("/worklist", response_model=EntriesShape, responses=problems(Kind.INVALID, Kind.CONFLICT))
def list_entries(
    *,
    inquiry: Reader,
    collector: Annotated[Code | None, Query(description="Staff number; everybody's without it.")] = None,
    scope: Annotated[Scope, Query(description="today, all, lost or nobody.")] = Scope.TODAY,
    stage: Annotated[list[Stage] | None, Query(max_length=8)] = None,
    amount_min: Annotated[Minor | None, Query(description="Minor units overdue.")] = None,
    amount_max: Annotated[Minor | None, Query()] = None,
    product: Annotated[Word | None, Query()] = None,
    channel: Annotated[Channel | None, Query()] = None,
    language: Annotated[Language | None, Query()] = None,
    state: Annotated[EntryState | None, Query()] = None,
    new: Annotated[bool, Query(description="Opened on the day of the run.")] = False,
    promise_due: Annotated[bool, Query(description="A promise falls due by today, or was broken.")] = False,
    lost_days: Annotated[int, Query(ge=1, le=365)] = 14,
    cursor: Cursor = None,
    most: Most = 50,
) -> Response:
    """List the entries of a collector's worklist, or of everybody's, as of the latest published day."""
    wanted = Filter(
        collector_id=collector, scope=scope, stages=tuple(stage or ()), amount_min=amount_min, amount_max=amount_max,
        product=product, channel=channel.value if channel else None, language=language, state=state, new=new,
        promise_due=promise_due, lost_days=lost_days,
    )  # fmt: skip
    now = inquiry.parts.clock()
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        shown = entries.published(tx)
        if shown is None:
            raise Problem(Kind.CONFLICT, NO_DAY)
        found = entries.page(
            tx, wanted, day=shown.day, run_id=shown.run_id, now=now, after=cursor, most=most,
            today=now.astimezone(zone(inquiry.caller.lender.zone)).date(),
        )  # fmt: skip
    return answered(
        EntriesShape(
            day=shown.day,
            entries=[entry_shape(one) for one in found.entries],
            next=found.cursor,
            meanings=meanings(inquiry.lang, "dpd", "stage", "class", "overdue_minor", "settle_minor", "place"),
        )
    )


@router.post(
    "/worklist/{case:int}/skip",
    status_code=201,
    responses=problems(Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON),
)
def skip_entry(case: CaseId, said: Skipped, inquiry: Worker) -> SkipShape:
    """Pass an entry of the latest day's worklist over, with the reason."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        shown = entries.published(tx)
        if shown is None:
            raise Problem(Kind.CONFLICT, NO_DAY)
        assignment.skip_entry(
            tx, vault=inquiry.parts.vault, case_id=case, reason=said.reason, actor=inquiry.caller.actor,
            now=inquiry.parts.clock(), day=shown.day,
        )  # fmt: skip
    return SkipShape(case=case, day=shown.day, reason=said.reason)


@router.delete("/worklist/{case:int}/skip", responses=problems(Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT))
def return_entry(case: CaseId, inquiry: Worker) -> ReturnedShape:
    """Bring a skipped entry back to its place."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        shown = entries.published(tx)
        if shown is None:
            raise Problem(Kind.CONFLICT, NO_DAY)
        assignment.take_back_skip(
            tx, vault=inquiry.parts.vault, case_id=case, actor=inquiry.caller.actor, now=inquiry.parts.clock(),
            day=shown.day,
        )  # fmt: skip
    return ReturnedShape(case=case, day=shown.day)


@router.post("/search", responses=problems(Kind.INVALID, Kind.NOT_JSON))
def search(said: Sought, inquiry: Reader) -> FoundPeople:
    """Find people by a whole value: name, phone, mailbox, identity number, or customer, loan or case number."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = found_by(tx, vault=inquiry.parts.vault, text=said.text, most=said.most)
    return FoundPeople(
        people=[
            FoundShape(
                person=one.person_id, by=one.by, kind=one.kind, name=one.name_masked, identity=one.id_masked,
                customer=one.reference_masked, relations=[Relation(word) for word in one.relations], case=one.case_id,
                closed=one.case_closed, collector=one.collector_id,
                stage=one.stage, dpd=one.dpd, currency=one.currency, overdue_minor=one.overdue_minor,
            )
            for one in found
        ]
    )  # fmt: skip


@router.get("/views", responses=problems())
def list_views(inquiry: Reader) -> ViewsShape:
    """List the caller's saved views of the worklist."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = views.of(tx, owner=str(inquiry.caller.actor), page="worklist")
    return ViewsShape(views=[ViewShape(name=one.name, query=one.query) for one in found])


@router.put("/views/{name}", responses=problems(Kind.INVALID, Kind.NOT_JSON))
def save_view(name: Name, said: ViewBody, inquiry: Worker) -> ViewShape:
    """Keep a filter under a name, in place of the one of that name."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        views.save(
            tx, owner=str(inquiry.caller.actor), page="worklist", name=name, query=said.query,
            now=inquiry.parts.clock(),
        )  # fmt: skip
    return ViewShape(name=name.strip(), query=said.query)


@router.delete("/views/{name}", responses=problems(Kind.NOT_FOUND, Kind.INVALID))
def forget_view(name: Name, inquiry: Worker) -> Forgotten:
    """Forget a saved view."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        if not views.delete(tx, owner=str(inquiry.caller.actor), page="worklist", name=name.strip()):
            raise Problem(Kind.NOT_FOUND, N_("You have no view of this name."))
    return Forgotten(name=name.strip())


def meanings(lang: str, *names: str) -> dict[str, str]:
    """What figures mean, by name."""
    return {name: MEANINGS[name][lang] for name in names}


def entry_shape(one: Entry) -> EntryShape:
    """An entry as callers get it."""
    return EntryShape(
        case=one.case_id, person=one.person_id, collector=one.collector_id, place=one.place, state=one.state,
        name=one.name_masked, stage=one.stage, five_class=one.five_class, dpd=one.dpd, currency=one.currency,
        overdue_minor=one.overdue_minor, settle_minor=one.settle_minor, loans=one.loans, products=one.products,
        language=one.language, opened=one.opened_day, treatment=one.treatment,
        channel=Channel(one.channel) if one.channel else None,
        relation=Relation(one.relation) if one.relation else None, template=one.template_id, slot=one.slot_at,
        answer=one.answer, rules=one.rules or [], missing=one.missing or [],
        skipped=SkipReason(one.skipped) if one.skipped else None, holds=one.holds, last_contact=one.last_at,
        last_channel=Channel(one.last_channel) if one.last_channel else None, last_outcome=one.last_outcome,
        promise_minor=one.promise_amount, promise_due=one.promise_due,
        promise_state=one.promise_state,
    )  # fmt: skip
