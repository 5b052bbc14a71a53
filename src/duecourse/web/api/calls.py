"""Calls by click and recordings over HTTP: a collector's telephone rings first; recordings are heard for a purpose."""

from __future__ import annotations

import os
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from duecourse.casework import recordings, transcripts
from duecourse.casework.desk_calls import ask_call, whom
from duecourse.casework.handover import Post
from duecourse.casework.reveal import RevealPurpose
from duecourse.channels.voice.turns import TEXT_MAX, TURNS_MAX, read_turns
from duecourse.law.terms import SenderType
from duecourse.storage import cases, desk_calls
from duecourse.storage import recordings as kept
from duecourse.storage import transcripts as kept_words
from duecourse.storage.connection import Tx
from duecourse.storage.desk_calls import DeskCall, NoSuchCall
from duecourse.storage.recordings import NoSuchRecording, Recording
from duecourse.storage.tokens import Scope
from duecourse.storage.transcripts import Transcript
from duecourse.trouble import N_
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.keyed import Key, long_once, once
from duecourse.web.api.problem import Kind, Problem
from duecourse.web.api.shapes import PREFIX, Code, Id, Shape, Told, problems
from duecourse.web.api.worklist import CaseId, Reader, Worker

router = APIRouter(prefix=f"{PREFIX}/cases", tags=["calls"])

Caller = Annotated[Inquiry, admitted(Scope.CALL_MAKE)]
Hearer = Annotated[Inquiry, admitted(Scope.RECORDING_HEAR)]
CallId = Annotated[Id, Path()]
RecordingId = Annotated[Id, Path()]
Lang = Literal["zh", "en"]
_READ = (Kind.NOT_FOUND, Kind.INVALID)
_WRONG = (Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON)


class WantedCall(Shape):
    """Who calls whom. The number that calls is the lender's one number: there is no field for another."""

    staff: Code = Field(description="Staff number of who calls; his own telephone rings first.")
    person: Id | None = Field(default=None, description="None: the borrower.")
    contact_point: Id | None = Field(default=None, description="None: the first telephone in use.")
    template: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,99}$")] | None = Field(
        default=None, description="None: the first approved script for calls."
    )
    lang: Lang = "zh"


class CallShape(Shape):
    """Where a call stands."""

    call: Id
    case: Id
    person: Id
    contact_point: Id
    staff: str
    state: str = Field(
        description="asked, ringing (his own telephone), dialling, talking, ended, not_taken, refused, failed, unknown."
    )
    permit: Id | None = Field(description="The permit that was redeemed at the instant of dialling, or the refusal.")
    outcome: str | None = Field(description="What the line knows; of an answered call the outcome is owed.")
    why_zh: str | None
    why_en: str | None
    rules: str | None
    asked_at: Told
    changed_at: Told


class CallsShape(Shape):
    """Calls by click, the latest first."""

    calls: list[CallShape]


class FindingOfTurn(Shape):
    """What the speech guard found in a turn of ours: from and to which sign."""

    turn: int
    start: int
    end: int
    rule: str
    category: str


class TranscriptShape(Shape):
    """A transcript, without its words."""

    transcript: Id
    source: str
    lang: str
    turns: int
    sha256: str
    at: Told
    findings: list[FindingOfTurn]


class RecordingShape(Shape):
    """A recording, sealed."""

    recording: Id
    person: Id
    permit: Id
    millis: int
    size: int
    sha256: str
    at: Told
    transcript: TranscriptShape | None


class RecordingsShape(Shape):
    """Recordings of calls about a borrower's debts, the latest first."""

    recordings: list[RecordingShape]


class WantedHearing(Shape):
    """What a recording, or what was said in it, is wanted for."""

    purpose: RevealPurpose


API_TURNS_MAX = min(TURNS_MAX, 3_000)
"""Turns of a transcript that a body may hold (`envelope.BODY_BYTES_MAX`); longer ones come in by the command line."""


class TurnShape(Shape):
    """Who spoke, from when to when, and what."""

    speaker: Literal["us", "them"]
    start_ms: Annotated[int, Field(strict=True, ge=0, le=86_400_000)]
    end_ms: Annotated[int, Field(strict=True, ge=0, le=86_400_000)]
    text: Annotated[str, Field(min_length=1, max_length=TEXT_MAX, pattern=r"^[^\x00]*$")]


class WantedTranscript(Shape):
    """What was said in a call."""

    lang: Lang
    turns: Annotated[list[TurnShape], Field(min_length=1, max_length=API_TURNS_MAX)]


class WordsShape(TranscriptShape):
    """A transcript with its words."""

    said: list[TurnShape]


@router.post("/{case:int}/calls", status_code=201, responses=problems(*_WRONG, Kind.OTHER_REQUEST, Kind.NO_SCOPE))
def make_call(case: CaseId, said: WantedCall, key: Key, inquiry: Caller) -> CallShape:
    """Call somebody of a case: the collector's own telephone rings, then the gate is asked and the number dialled."""
    if inquiry.caller.sender_type is not SenderType.LENDER:
        raise Problem(Kind.NO_SCOPE, N_("Only the lender's own systems make calls from the lender's number."))
    post = Post(inquiry.parts.database, inquiry.parts.gate, inquiry.parts.clock)
    asked = whom(
        post, inquiry.lender_id, case_id=case, user_id=said.staff, person_id=said.person,
        contact_point_id=said.contact_point, template_id=said.template or "", lang=said.lang,
    )  # fmt: skip

    def act() -> CallShape:
        return _call(ask_call(post, inquiry.lender_id, asked=asked, actor=inquiry.caller.actor))

    return long_once(inquiry, key, place=f"call {case}", said=said, shape=CallShape, act=act)


@router.get("/{case:int}/calls", responses=problems(*_READ))
def list_calls(case: CaseId, inquiry: Reader) -> CallsShape:
    """List the calls by click of a case, the latest first."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        cases.get(tx, case)
        return CallsShape(calls=[_call(one) for one in desk_calls.of_case(tx, case)])


@router.get("/{case:int}/calls/{call:int}", responses=problems(*_READ))
def show_call(case: CaseId, call: CallId, inquiry: Reader) -> CallShape:
    """Show where a call stands."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = desk_calls.get(tx, call)
    if found.case_id != case:
        raise NoSuchCall(call)
    return _call(found)


@router.get("/{case:int}/recordings", responses=problems(*_READ))
def list_recordings(case: CaseId, inquiry: Reader) -> RecordingsShape:
    """List the recordings of calls about a borrower's debts, with what the guard found in what we said."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = kept.of_debtor(tx, cases.get(tx, case).person_id)
        words = {one.recording_id: kept_words.of_recording(tx, one.recording_id) for one in found}
    return RecordingsShape(recordings=[_recording(one, words[one.recording_id]) for one in found])


@router.post(
    "/{case:int}/recordings/{recording:int}/hearing",
    response_class=Response,
    responses={**problems(*_WRONG), 200: {"content": {"audio/wav": {}}}},
)
def hear_recording(case: CaseId, recording: RecordingId, said: WantedHearing, inquiry: Hearer) -> Response:
    """Hear a recording for a purpose: the WAV of both legs. It is on record, and the person can see it."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found, now = _of_case(tx, case, recording), inquiry.parts.clock()
        vault, actor = inquiry.parts.vault, inquiry.caller.actor
        recordings.hear(
            tx, vault=vault, recording_id=found.recording_id, purpose=said.purpose.value, actor=actor, now=now
        )
        sound = recordings.sound(tx, vault=vault, recording_id=found.recording_id, actor=actor, now=now)
    return Response(sound, media_type="audio/wav", headers={"Cache-Control": "no-store"})


@router.post(
    "/{case:int}/recordings/{recording:int}/transcript",
    status_code=201,
    responses=problems(*_WRONG, Kind.OTHER_REQUEST),
)
def keep_transcript(
    case: CaseId, recording: RecordingId, said: WantedTranscript, key: Key, inquiry: Worker
) -> TranscriptShape:
    """Keep what was said in a call, sealed; what we said is screened by the speech guard."""
    turns = read_turns([one.model_dump() for one in said.turns])

    def act() -> TranscriptShape:
        made = transcripts.keep(
            tx, vault=inquiry.parts.vault, recording_id=_of_case(tx, case, recording).recording_id, source="json",
            lang=said.lang, turns=turns, actor=inquiry.caller.actor, now=inquiry.parts.clock(), chance=os.urandom,
        )  # fmt: skip
        return _transcript(made)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"transcript {recording}", said=said, shape=TranscriptShape, act=act)


@router.post("/{case:int}/recordings/{recording:int}/words", responses=problems(*_WRONG))
def read_transcript(case: CaseId, recording: RecordingId, said: WantedHearing, inquiry: Hearer) -> WordsShape:
    """Read what was said in a call for a purpose, with what the guard found; it is on record."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found, now = _of_case(tx, case, recording), inquiry.parts.clock()
        words = kept_words.of_recording(tx, found.recording_id)
        if words is None:
            raise Problem(Kind.NOT_FOUND, N_("No transcript of this recording is kept."))
        vault, actor = inquiry.parts.vault, inquiry.caller.actor
        recordings.hear(
            tx, vault=vault, recording_id=found.recording_id, purpose=said.purpose.value, actor=actor, now=now
        )
        turns = transcripts.read(tx, vault=vault, recording_id=found.recording_id, actor=actor, now=now)
    return WordsShape(**_transcript(words).model_dump(), said=[TurnShape.model_validate(one.plain()) for one in turns])


def _of_case(tx: Tx, case: int, recording: int) -> Recording:
    found = kept.get(tx, recording)
    if cases.get(tx, case).person_id != found.debtor_id:
        raise NoSuchRecording(recording)
    return found


def _call(one: DeskCall) -> CallShape:
    why = one.why or {}
    return CallShape(
        call=one.call_id, case=one.case_id, person=one.person_id, contact_point=one.contact_point_id,
        staff=one.user_id, state=one.state, permit=one.permit_id, outcome=one.outcome, why_zh=why.get("zh"),
        why_en=why.get("en"), rules=why.get("rules"), asked_at=one.asked_at, changed_at=one.changed_at,
    )  # fmt: skip


def _transcript(one: Transcript) -> TranscriptShape:
    return TranscriptShape(
        transcript=one.transcript_id, source=one.source, lang=one.lang, turns=one.turns,
        sha256=bytes(one.sha256).hex(), at=one.at,
        findings=[FindingOfTurn.model_validate(each) for each in one.findings],
    )  # fmt: skip


def _recording(one: Recording, words: Transcript | None) -> RecordingShape:
    return RecordingShape(
        recording=one.recording_id, person=one.person_id, permit=one.contact_id, millis=one.millis, size=one.size,
        sha256=bytes(one.sha256).hex(), at=one.at, transcript=None if words is None else _transcript(words),
    )  # fmt: skip
