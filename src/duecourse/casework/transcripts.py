"""Transcripts of recorded calls: kept sealed, our own turns screened by the speech guard, read with the recording.

Who reads says why, as for the recording (`casework.recordings.hear`), and reads for as long. What the guard finds in
what we said is kept beside the sealed words, without a word of them, and stands in the record.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import rfc8785

from duecourse.casework import recordings
from duecourse.casework.actor import Actor
from duecourse.casework.moods import keep_turns
from duecourse.casework.speech import guard
from duecourse.channels.voice.turns import Turn
from duecourse.storage import changes, log, persons, transcripts
from duecourse.storage import recordings as kept
from duecourse.storage.connection import Tx
from duecourse.storage.transcripts import Transcript
from duecourse.storage.vault import Vault
from duecourse.storage.vault.content import KEY_BYTES, open_content, seal_content

FIELD = "transcript"
"""Under which the key of a transcript is sealed."""


def keep(
    tx: Tx,
    *,
    vault: Vault,
    recording_id: int,
    source: str,
    lang: str,
    turns: Sequence[Turn],
    actor: Actor,
    now: datetime,
    chance: Callable[[int], bytes],
) -> Transcript:
    """Keep what was said in a recorded call. ``source``: vtt, json or recogniser. Raises `NoSuchRecording`."""
    recording = kept.get(tx, recording_id)
    person = vault.person(tx.lender_id, recording.person_id, persons.wrapped(tx, recording.person_id))
    said: list[Any] = [one.plain() for one in turns]
    whole = rfc8785.dumps(said)
    found = findings(turns)
    key, digest = chance(KEY_BYTES), sha256(whole).digest()
    number = transcripts.add(
        tx, person_id=recording.person_id, recording_id=recording_id, source=source, lang=lang, turns=len(turns),
        sha256=digest, findings=found, actor=str(actor), now=now,
        sealed=(vault.seal(person, FIELD, key.hex()), seal_content(key, whole, chance)),
    )  # fmt: skip
    keep_turns(tx, recording=recording, transcript_id=number, turns=turns, now=now)
    log.append(
        tx, vault=vault, kind="transcript.kept", at=now, actor=str(actor), subject=person,
        stated={
            "transcript": str(number), "recording": str(recording_id), "source": source, "turns": len(turns),
            "rules": sorted({str(one["rule"]) for one in found}),
        },
        facts={"sha256": digest.hex()},
    )  # fmt: skip
    changes.tell(tx, recording.debtor_id, by=str(actor))
    latest = transcripts.of_recording(tx, recording_id)
    if latest is None:
        raise kept.NoSuchRecording(recording_id)
    return latest


def findings(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """What the guard finds in what we said: which turn, from and to which sign, rule and category."""
    return [
        {"turn": place, "start": one.start, "end": one.end, "rule": one.rule, "category": one.category.value}
        for place, turn in enumerate(turns)
        if turn.speaker == "us"
        for one in guard().screen(turn.text)
    ]


def read(tx: Tx, *, vault: Vault, recording_id: int, actor: Actor, now: datetime) -> list[Turn]:
    """The turns of the latest transcript, for whoever may hear the recording now; none where there is none.

    Raises `recordings.NotHeard`, `NoSuchRecording`, `vault.Destroyed`.
    """
    recording = kept.get(tx, recording_id)
    if kept.heard_for(tx, recording_id, actor=str(actor), at=now) is None:
        raise recordings.NotHeard(recording_id)
    found = transcripts.of_recording(tx, recording_id)
    return [] if found is None else opened(tx, vault=vault, found=found, person_id=recording.person_id)


def opened(tx: Tx, *, vault: Vault, found: Transcript, person_id: int) -> list[Turn]:
    """The turns themselves, for acts that write why beside it."""
    sealed = transcripts.sealed(tx, found.transcript_id)
    person = vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    key = person.open(FIELD, sealed.key_sealed) if sealed else None
    if sealed is None or key is None:
        return []
    whole = open_content(bytes.fromhex(key.value), sealed.content_sealed)
    return [Turn(one["speaker"], one["start_ms"], one["end_ms"], one["text"]) for one in json.loads(whole)]
