"""Recordings of a case: heard for a purpose, in pieces as a player asks for them, with what was said and found."""

from __future__ import annotations

import os
import re

from starlette.responses import Response

from duecourse.casework import moods, recordings, transcripts
from duecourse.casework.reveal import NoPurpose
from duecourse.casework.rights import Right, purposes
from duecourse.casework.speech import SAYS
from duecourse.channels.voice.turns import BYTES_MAX, NotATranscript, read_json, read_vtt
from duecourse.insight.guard import Category
from duecourse.storage import cases
from duecourse.storage import moods as kept_moods
from duecourse.storage import recordings as kept
from duecourse.storage import transcripts as kept_words
from duecourse.storage.connection import Tx
from duecourse.storage.recordings import NoSuchRecording, Recording
from duecourse.trouble import N_
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.workbench.case import sure
from duecourse.web.workbench.worklist import worded

pages = Pages("workbench")

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@pages.get("/cases/{case}/recordings/{recording}", right=Right.CASE_READ)
def show(visit: Visit) -> Response:
    """One recording: why it is to be heard; then the player, what was said, and what the guard says of it."""
    with visit.transaction() as tx:
        found = _of_case(visit, tx)
        words = kept_words.of_recording(tx, found.recording_id)
        may = visit.may(Right.PERSON_REVEAL)
        by = visit.actor_for(Right.PERSON_REVEAL) if may else visit.actor
        heard = kept.heard_for(tx, found.recording_id, actor=str(by), at=visit.now) if may else None
        turns = (
            transcripts.read(tx, vault=visit.parts.vault, recording_id=found.recording_id, actor=by, now=visit.now)
            if heard
            else []
        )
        sounds = kept_moods.of_transcript(tx, words.transcript_id) if words and turns else {}
        waits = kept_moods.waits(tx, person_id=found.person_id, recording_id=found.recording_id)
    marked: dict[int, list[str]] = {}
    for one in words.findings if words else ():
        said = f"{visit.say(SAYS[Category(one['category'])])} ({one['rule']})"
        marked.setdefault(int(one["turn"]), []).append(said)
    return visit.page(
        "workbench/recording.html", case=visit.number("case", visit.path), one=found, words=words, heard=heard,
        turns=list(enumerate(turns)), marked=marked,
        sounds=sounds, waits=waits, sure=sure,
        purpose_options=worded(visit, purposes(visit.signed.roles, recordings.FIELD)),
    )  # fmt: skip


@pages.post("/cases/{case}/recordings/{recording}/hearing", right=Right.PERSON_REVEAL)
def hear(visit: Visit) -> Response:
    """Say why it is heard, on record."""
    purpose = visit.text("purpose")
    if purpose not in purposes(visit.signed.roles, recordings.FIELD):
        raise NoPurpose(purpose)
    with visit.transaction() as tx:
        found = _of_case(visit, tx)
        recordings.hear(
            tx, vault=visit.parts.vault, recording_id=found.recording_id, purpose=purpose, actor=visit.actor,
            now=visit.now,
        )  # fmt: skip
    return visit.go(
        _at(visit), said=visit.say(N_("You may hear it for half an hour; the person can see that you did."))
    )


@pages.post("/cases/{case}/recordings/{recording}/look", right=Right.CASE_WORK)
def look(visit: Visit) -> Response:
    """Put on record that one looked at a call in which somebody may be in distress."""
    with visit.transaction() as tx:
        found = _of_case(visit, tx)
        moods.look(tx, vault=visit.parts.vault, recording_id=found.recording_id, actor=visit.actor, now=visit.now)
    return visit.go(
        _at(visit), said=visit.say(N_("It is on record that you looked. What follows is done on the case."))
    )


@pages.get("/cases/{case}/recordings/{recording}/sound", right=Right.PERSON_REVEAL)
def sound(visit: Visit) -> Response:
    """The WAV, or the piece that is asked for (RFC 9110, one range of bytes)."""
    with visit.transaction() as tx:
        found = _of_case(visit, tx)
        whole = recordings.sound(
            tx, vault=visit.parts.vault, recording_id=found.recording_id, actor=visit.actor, now=visit.now
        )
    head = {"Accept-Ranges": "bytes", "Cache-Control": "no-store", "Content-Disposition": "inline"}
    piece = ranged(visit.request.headers.get("range", ""), len(whole))
    if piece is None:
        return Response(whole, media_type="audio/wav", headers=head)
    begin, end = piece
    if begin >= end:
        return Response(status_code=416, headers=head | {"Content-Range": f"bytes */{len(whole)}"})
    head["Content-Range"] = f"bytes {begin}-{end - 1}/{len(whole)}"
    return Response(whole[begin:end], 206, media_type="audio/wav", headers=head)


@pages.post("/cases/{case}/recordings/{recording}/transcript", right=Right.CASE_WORK, body_max=BYTES_MAX + 10_000)
def bring(visit: Visit) -> Response:
    """Keep what was said, from a WebVTT or JSON file."""
    raw = visit.file("file")
    vtt = raw.lstrip(b"\xef\xbb\xbf").startswith(b"WEBVTT")
    turns, lang = (read_vtt(raw), "") if vtt else read_json(raw)
    if not turns:
        raise NotATranscript("turns", N_("there are none"))
    with visit.transaction() as tx:
        found = _of_case(visit, tx)
        made = transcripts.keep(
            tx, vault=visit.parts.vault, recording_id=found.recording_id, source="vtt" if vtt else "json",
            lang=lang or "zh", turns=turns, actor=visit.actor, now=visit.now, chance=os.urandom,
        )  # fmt: skip
    said = visit.say(
        N_("The transcript is kept, sealed: {turns} turns, findings of the guard: {findings}."), turns=made.turns,
        findings=len(made.findings),
    )  # fmt: skip
    return visit.go(_at(visit), said=said)


def ranged(asked: str, size: int) -> tuple[int, int] | None:
    """From and to which byte a player asks, the end excluded; None for everything.

    >>> ranged("bytes=0-9", 100), ranged("bytes=90-", 100), ranged("bytes=-5", 100), ranged("bytes=200-", 100)
    ((0, 10), (90, 100), (95, 100), (200, 100))
    >>> ranged("", 100), ranged("bytes=-", 100), ranged("bytes=0-1,5-6", 100)
    (None, None, None)
    """
    found = _RANGE.fullmatch(asked)
    if found is None or not (found[1] or found[2]) or len(asked) > 60:
        return None
    if not found[1]:
        return max(0, size - int(found[2])), size
    return int(found[1]), min(size, int(found[2]) + 1) if found[2] else size


def _of_case(visit: Visit, tx: Tx) -> Recording:
    number = visit.number("recording", visit.path)
    found = kept.get(tx, number)
    if cases.get(tx, visit.number("case", visit.path)).person_id != found.debtor_id:
        raise NoSuchRecording(number)
    return found


def _at(visit: Visit) -> str:
    return f"/cases/{visit.number('case', visit.path)}/recordings/{visit.number('recording', visit.path)}"
