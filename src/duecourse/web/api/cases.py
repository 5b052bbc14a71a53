"""Cases over HTTP, masked: one case laid open, what happened, what may be done now; notes, promises, whose it is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from duecourse.casework import assignment, notes
from duecourse.casework.case_figures import with_desk
from duecourse.casework.language import note_language
from duecourse.casework.opened_case import circle, open_case
from duecourse.casework.openings import openings
from duecourse.casework.permit import Sender
from duecourse.storage import case_file, moods
from duecourse.storage import cases as kept_cases
from duecourse.web.api.case_shapes import (
    AssignmentBody,
    AssignmentShape,
    CaseShape,
    HappeningsShape,
    LanguageBody,
    LanguageShape,
    MoodShape,
    MoodsShape,
    NoteBody,
    NotesAsked,
    NoteShape,
    ReadNoteShape,
    ReadNotesShape,
    WaysShape,
    case_shape,
    happening_shape,
    next_cursor,
    way_shape,
)
from duecourse.web.api.keyed import Key, once
from duecourse.web.api.problem import Kind
from duecourse.web.api.shapes import PREFIX, Code, Id, answered, problems
from duecourse.web.api.worklist import CaseId, Cursor, Most, Reader, Worker

router = APIRouter(prefix=PREFIX, tags=["cases"])

_READING = problems(Kind.NOT_FOUND, Kind.INVALID)
_WORKING = problems(Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON)


@router.get("/cases/{case:int}", response_model=CaseShape, responses=_READING)
def show_case(case: CaseId, inquiry: Reader) -> Response:
    """Lay a case open: people, contact points, loans, holds, promises, proposals, what happened; all masked."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        now = inquiry.parts.clock()
        found = with_desk(tx, inquiry.parts.store(inquiry.lender_id), open_case(tx, case, now=now), now=now)
    return answered(case_shape(found, inquiry.lang))


@router.get("/cases/{case:int}/happenings", response_model=HappeningsShape, responses=_READING)
def list_happenings(
    *,
    case: CaseId,
    inquiry: Reader,
    cursor: Cursor = None,
    most: Most = 50,
) -> Response:
    """List what happened to a case, the latest first."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        opened = circle(tx, case)
        found = case_file.happenings(
            tx, person_id=opened.case.person_id, people=opened.people, now=inquiry.parts.clock(), before=cursor,
            most=most,
        )  # fmt: skip
    told = [happening_shape(one) for one in found]
    return answered(HappeningsShape(happenings=told, next=next_cursor(found, most)))


@router.get("/cases/{case:int}/moods", response_model=MoodsShape, responses=_READING)
def list_moods(*, case: CaseId, inquiry: Reader, most: Most = 50) -> Response:
    """List how everybody of a case sounded over the last turns, of texts and transcribed calls: estimates."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = moods.of_debtor(tx, kept_cases.get(tx, case).person_id, most=most)
    return answered(
        MoodsShape(
            turns=[
                MoodShape(
                    at=one.at, person=one.person_id, channel=one.channel, mood=one.mood, mood_ppm=one.mood_ppm,
                    rule=one.mood_rule, inbound=one.inbound_id, recording=one.recording_id, turn=one.turn,
                )
                for one in found
            ]
        )
    )  # fmt: skip


@router.get("/cases/{case:int}/openings", response_model=WaysShape, responses=_READING)
def list_openings(
    *,
    case: CaseId,
    inquiry: Reader,
    staff: Annotated[Code | None, Query(description="Staff number of who would speak.")] = None,
) -> Response:
    """Ask what may be done now, for each person of a case by each channel, and until when it may not."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        opened = circle(tx, case)
    found = openings(
        inquiry.parts.database,
        inquiry.lender_id,
        gate=inquiry.parts.gate,
        ties=opened.ties,
        points=opened.points,
        proposed=opened.proposals,
        lender=inquiry.caller.lender,
        sender=Sender(inquiry.caller.sender_type, inquiry.caller.firm, staff or ""),
        clock=inquiry.parts.clock,
    )
    return answered(WaysShape(ways=[way_shape(one, inquiry.lang) for one in found]))


@router.post(
    "/cases/{case:int}/notes",
    status_code=201,
    responses=problems(Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON, Kind.OTHER_REQUEST),
)
def record_note(case: CaseId, said: NoteBody, key: Key, inquiry: Worker) -> NoteShape:
    """Write a note on a case; its text is sealed."""

    def act() -> NoteShape:
        note = notes.record_note(
            tx, vault=inquiry.parts.vault, case_id=case, text=said.text, contact_id=said.contact,
            actor=inquiry.caller.actor, now=inquiry.parts.clock(),
        )  # fmt: skip
        return NoteShape(note=note)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"note {case}", said=said, shape=NoteShape, act=act)


@router.post("/cases/{case:int}/notes/reading", responses=_WORKING)
def read_notes(case: CaseId, said: NotesAsked, inquiry: Worker) -> ReadNotesShape:
    """Open the notes on the cases of a person, for a purpose; the reading is on record."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        person = kept_cases.get(tx, case).person_id
        found = notes.read_notes(
            tx, vault=inquiry.parts.vault, person_id=person, purpose=said.purpose.value, actor=inquiry.caller.actor,
            now=inquiry.parts.clock(),
        )  # fmt: skip
    return ReadNotesShape(
        notes=[ReadNoteShape(note=one.note_id, actor=one.actor, at=one.at, text=one.text.value) for one in found]
    )


@router.put("/cases/{case:int}/collector", responses=_WORKING)
def assign_case(case: CaseId, said: AssignmentBody, inquiry: Worker) -> AssignmentShape:
    """Give a case to a collector, or to nobody, with the reason."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = assignment.assign_case(
            tx, vault=inquiry.parts.vault, case_id=case, to=said.collector, reason=said.reason,
            actor=inquiry.caller.actor, now=inquiry.parts.clock(),
        )  # fmt: skip
    return AssignmentShape(case=case, collector=found.collector_id, since=found.collector_since)


@router.put("/persons/{person:int}/language", responses=_WORKING)
def set_language(person: Annotated[Id, Path()], said: LanguageBody, inquiry: Worker) -> LanguageShape:
    """Note in which language a person wants to be spoken to."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        note_language(
            tx, vault=inquiry.parts.vault, person_id=person, language=said.language, actor=inquiry.caller.actor,
            now=inquiry.parts.clock(),
        )  # fmt: skip
    return LanguageShape(person=person, language=said.language)
