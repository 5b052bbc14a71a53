"""Notes on a case: written sealed, and read together by an act that leaves a record, like every protected value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from duecourse.casework import storage_only
from duecourse.casework.actor import Actor
from duecourse.casework.reveal import NoPurpose, RevealPurpose
from duecourse.casework.speech import screened_note
from duecourse.storage import cases, changes, log, notes, persons
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Clear, Vault
from duecourse.trouble import N_, BadInput

CHARACTERS_MAX = 4_000


class NotANote(BadInput):
    """A text that is no note."""

    def __init__(self, characters: int) -> None:
        super().__init__(
            N_("the note was not written: it has {count} characters, and a note has 1 to {most}"), count=characters,
            most=CHARACTERS_MAX,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadNote:
    """A note in the clear."""

    note_id: int
    actor: str
    at: datetime
    text: Clear


def record_note(
    tx: Tx, *, vault: Vault, case_id: int, text: str, actor: Actor, now: datetime, contact_id: int | None = None
) -> int:
    """Write a note on a case and return its number. The text is sealed under the key of the case's person.

    ``contact_id`` names the contact that it was written after. Raises `NotANote`, `speech.NotToBeNoted`,
    `cases.NoSuchCase`, `vault.Destroyed`.
    """
    said = text.strip()
    if not 1 <= len(said) <= CHARACTERS_MAX or "\0" in said:
        raise NotANote(len(said))
    screened_note(said)
    person_id = cases.get(tx, case_id).person_id
    key = vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    note_id = notes.add(
        tx, person_id=person_id, case_id=case_id, text_sealed=vault.seal(key, notes.FIELD, said),
        characters=len(said), actor=str(actor), now=now, contact_id=contact_id,
    )  # fmt: skip
    log.append(
        tx, vault=vault, kind="note.recorded", at=now, actor=str(actor), subject=key,
        stated={"note": str(note_id), "case": str(case_id)}, facts={"text": said},
    )  # fmt: skip
    changes.tell(tx, person_id, by=str(actor))
    return note_id


def read_notes(
    tx: Tx, *, vault: Vault, person_id: int, purpose: str, actor: Actor, now: datetime, most: int = 200
) -> list[ReadNote]:
    """Open the notes on all cases of a person, the latest first, with one record of it that the person can see.

    Raises `NoPurpose`, `persons.NoSuchPerson`, `vault.Destroyed`.
    """
    if purpose not in set(RevealPurpose):
        raise NoPurpose(purpose)
    storage_only.guard(tx, person_id, now=now, purpose=purpose)
    key = vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    found = []
    for one in notes.sealed(tx, person_id, most):
        text = key.open(notes.FIELD, one.text_sealed)
        if text is not None:
            found.append(ReadNote(one.note_id, one.actor, one.at, text))
    if found:
        log.append(
            tx, vault=vault, kind="person.reveal", at=now, actor=str(actor), subject=key,
            stated={"purpose": purpose, "field": notes.FIELD, "values": len(found)},
            facts={"notes": [str(one.note_id) for one in found]},
        )  # fmt: skip
    return found
