"""How borrowers sound, kept with what they wrote or said: an estimate for people, and no ground for anything.

No rule of the law, no proposal and no permit reads it. Where somebody may be in distress a person looks, and puts on
record that he did.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from duecourse.casework.actor import Actor
from duecourse.channels.voice.turns import Turn
from duecourse.insight.mood import Mood, estimate
from duecourse.storage import changes, log, moods, persons, recordings
from duecourse.storage.connection import Tx
from duecourse.storage.moods import TurnMood
from duecourse.storage.recordings import Recording
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput


class NobodyWaits(BadInput):
    """A call that nobody is asked to look at, or somebody looked at before."""

    def __init__(self, recording_id: int) -> None:
        super().__init__(
            N_("recording {number} waits for nobody to look: nothing of distress was heard in it, or somebody did"),
            number=recording_id,
        )


def keep_turns(tx: Tx, *, recording: Recording, transcript_id: int, turns: Sequence[Turn], now: datetime) -> None:
    """Estimate the turns of whoever was called, and let a person look where one sounds distressed."""
    found = []
    for place, turn in enumerate(turns):
        if turn.speaker != "us" and turn.text.strip():
            told = estimate(turn.text)
            found.append(TurnMood(place, turn.start_ms, told.mood.value, told.ppm, told.rule))
    moods.add(tx, person_id=recording.person_id, transcript_id=transcript_id, found=found)
    if any(one.mood == Mood.DISTRESSED for one in found):
        moods.ask_to_look(tx, person_id=recording.person_id, recording_id=recording.recording_id, now=now)


def look(tx: Tx, *, vault: Vault, recording_id: int, actor: Actor, now: datetime) -> None:
    """Put on record that a person looked at a call in which somebody sounds distressed.

    Raises `NobodyWaits`, `NoSuchRecording`.
    """
    found = recordings.get(tx, recording_id)
    if not moods.looked(tx, person_id=found.person_id, recording_id=recording_id, actor=str(actor), now=now):
        raise NobodyWaits(recording_id)
    log.append(
        tx, vault=vault, kind="distress.seen", at=now, actor=str(actor),
        subject=vault.person(tx.lender_id, found.person_id, persons.wrapped(tx, found.person_id)),
        stated={"recording": str(recording_id)},
    )  # fmt: skip
    changes.tell(tx, found.debtor_id, by=str(actor))
