"""Recordings of calls: kept sealed with a record that commits to their hash, heard for a purpose, on record each time.

A player asks for a recording in pieces. So whoever wants to hear it says why once, which is on record, and may ask for
pieces for `HEARD_FOR`; no piece is given to anybody else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from duecourse.casework import storage_only
from duecourse.casework.actor import Actor
from duecourse.casework.reveal import NoPurpose, RevealPurpose
from duecourse.channels.voice.sound import NotARecording as NoSound
from duecourse.channels.voice.sound import measured
from duecourse.storage import changes, log, permits, persons, recordings
from duecourse.storage.connection import Tx
from duecourse.storage.recordings import Recording
from duecourse.storage.vault import Vault
from duecourse.storage.vault.content import KEY_BYTES, open_content, seal_content
from duecourse.trouble import N_, BadInput, Refused

FIELD = "recording"
"""Under which the key of a recording is sealed."""

BYTES_MAX = 100_000_000
HEARD_FOR = timedelta(minutes=30)


class NotARecording(BadInput):
    """Nothing, too much, or no sound that is known."""

    def __init__(self) -> None:
        super().__init__(
            N_("a recording is a WAV file of 16 bit and at most {most} MB; nothing was kept"),
            most=BYTES_MAX // 1_000_000,
        )


class NotHeard(Refused):
    """Somebody asks for a piece who did not say why, or too long ago."""

    def __init__(self, recording_id: int) -> None:
        super().__init__(
            N_("recording {number} is heard for a purpose, which is said first and holds for half an hour"),
            number=recording_id,
        )


def keep(
    tx: Tx,
    *,
    vault: Vault,
    contact_id: int,
    content: bytes,
    actor: Actor,
    now: datetime,
    chance: Callable[[int], bytes],
) -> int:
    """Keep the recording of a contact, sealed, with a record that commits to it; returns its number.

    Raises `NotARecording`, `permits.NoSuchPermit`, `vault.Destroyed`.
    """
    if not 1 <= len(content) <= BYTES_MAX:
        raise NotARecording
    try:
        millis = measured(content).millis
    except NoSound:
        raise NotARecording from None
    row = permits.get(tx, contact_id)
    person = vault.person(tx.lender_id, row.person_id, persons.wrapped(tx, row.person_id))
    key, digest = chance(KEY_BYTES), sha256(content).digest()
    number = recordings.add(
        tx, person_id=row.person_id, debtor_id=row.debtor_id, contact_id=contact_id, millis=millis, size=len(content),
        sha256=digest, actor=str(actor), now=now,
        sealed=(vault.seal(person, FIELD, key.hex()), seal_content(key, content, chance)),
    )  # fmt: skip
    log.append(
        tx, vault=vault, kind="recording.kept", at=now, actor=str(actor), subject=person,
        stated={"recording": str(number), "permit": str(contact_id), "millis": millis, "size": len(content)},
        facts={"sha256": digest.hex()},
    )  # fmt: skip
    changes.tell(tx, row.debtor_id, by=str(actor))
    return number


def hear(tx: Tx, *, vault: Vault, recording_id: int, purpose: str, actor: Actor, now: datetime) -> Recording:
    """Say why a recording is heard, on record; from now on pieces are given for a while.

    Raises `NoPurpose`, `NoSuchRecording`, `storage_only.OnlyStored`, `vault.Destroyed`.
    """
    if purpose not in set(RevealPurpose):
        raise NoPurpose(purpose)
    found = recordings.get(tx, recording_id)
    storage_only.guard(tx, found.person_id, now=now, purpose=purpose)
    person = vault.person(tx.lender_id, found.person_id, persons.wrapped(tx, found.person_id))
    recordings.let_hear(
        tx, person_id=found.person_id, recording_id=recording_id, purpose=purpose, actor=str(actor), now=now,
        until=now + HEARD_FOR,
    )  # fmt: skip
    log.append(
        tx, vault=vault, kind="person.reveal", at=now, actor=str(actor), subject=person,
        stated={"purpose": purpose, "field": FIELD},
        facts={"field": f"{FIELD}/{recording_id}", "value": bytes(found.sha256).hex()},
    )  # fmt: skip
    changes.tell(tx, found.debtor_id, by=str(actor))
    return found


def sound(tx: Tx, *, vault: Vault, recording_id: int, actor: Actor, now: datetime) -> bytes:
    """The WAV, for whoever said why a moment ago (`hear`). Raises `NotHeard`, `NoSuchRecording`, `vault.Destroyed`."""
    found = recordings.get(tx, recording_id)
    purpose = recordings.heard_for(tx, recording_id, actor=str(actor), at=now)
    if purpose is None:
        raise NotHeard(recording_id)
    storage_only.guard(tx, found.person_id, now=now, purpose=purpose)
    return opened(tx, vault=vault, found=found)


def opened(tx: Tx, *, vault: Vault, found: Recording) -> bytes:
    """The WAV itself, for acts that write why beside it."""
    person = vault.person(tx.lender_id, found.person_id, persons.wrapped(tx, found.person_id))
    kept = recordings.sealed(tx, found.recording_id)
    key = person.open(FIELD, kept.key_sealed)
    if key is None:
        raise recordings.NoSuchRecording(found.recording_id)
    return open_content(bytes.fromhex(key.value), kept.content_sealed)
