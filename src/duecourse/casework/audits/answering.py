"""Answers to the questions of an audit: by somebody who did nothing of what is looked at, each with its record.

A note is sealed under the key of the item's person and ends with it; where an item has no person, under the audit's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from duecourse.casework.actor import Actor
from duecourse.casework.audits.drawing import NotPublishedYet, plan_of
from duecourse.casework.reveal import RevealPurpose
from duecourse.evidence.record import canonical
from duecourse.law.facts import nearest
from duecourse.storage import audits, log, persons
from duecourse.storage.audits import Audit, Item
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Clear, PersonKey, Vault, derive
from duecourse.storage.vault.content import open_content, seal_content
from duecourse.trouble import N_, BadInput, Refused

FIELD = "audit note"
"""Under which a note about a person is sealed."""

TEXT_MAX = 4_000
_SALT = 16


class Said(StrEnum):
    """An answer."""

    YES = "yes"  # as it should be
    NO = "no"  # it deviates
    NOT_APPLICABLE = "not_applicable"  # the question does not arise


class NotAnAnswer(BadInput):
    """No answer of the list."""

    def __init__(self, said: str) -> None:
        super().__init__(N_("{said!r} is no answer; there are {answers}"), said=said, answers=", ".join(Said))


class NoSuchQuestion(BadInput):
    """A question that is not asked of the item."""

    def __init__(self, question: str, known: list[str]) -> None:
        super().__init__(
            N_("no question {question!r} is asked of this item{near}; there are {known}"), question=question,
            near=nearest(question, known), known=", ".join(known),
        )  # fmt: skip


class NotAText(BadInput):
    """A text that is empty or too long."""

    def __init__(self) -> None:
        super().__init__(N_("a text has 1 to {most} characters"), most=TEXT_MAX)


class OwnAct(Refused):
    """Somebody answers for what he or she did."""

    def __init__(self, item: int) -> None:
        super().__init__(N_("item {item} was done by you, at least in part: somebody else answers for it"), item=item)


class Closed(Refused):
    """An audit whose answers stay as they are."""

    def __init__(self, audit_id: int) -> None:
        super().__init__(
            N_("audit {number} is closed, and its answers stay as they are; its findings go on"), number=audit_id
        )


class Unfinished(Refused):
    """An audit that is not to be closed yet."""

    def __init__(self, open_answers: int, without: list[int]) -> None:
        super().__init__(
            N_(
                "it is not closed: {open} questions have no answer, and a no stands in no finding at items {items}"
            ),
            open=open_answers, items=", ".join(map(str, without)) or "–",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Note:
    """A note in the clear; None where the data of its person were destroyed."""

    item: int
    question: str
    text: Clear | None


def answer(
    tx: Tx,
    *,
    vault: Vault,
    audit_id: int,
    number: int,
    question: str,
    said: str,
    note: str,
    actor: Actor,
    now: datetime,
    chance: Callable[[int], bytes],
) -> None:
    """Answer one question of one item; a later answer replaces it and leaves it on record.

    Raises `NotAnAnswer`, `NoSuchQuestion`, `NotAText`, `OwnAct`, `Closed`, `audits.NoSuchItem`.
    """
    audit, item = being_answered(tx, audit_id), audits.item(tx, audit_id, number)
    if said not in set(Said):
        raise NotAnAnswer(said)
    known = [one.id for one in plan_of(tx, audit).sample(item.sample).questions]
    if question not in known:
        raise NoSuchQuestion(question, known)
    if acted_on(item, actor.ref):
        raise OwnAct(number)
    text = note.strip()
    if len(text) > TEXT_MAX or "\0" in text:
        raise NotAText
    key = key_of(tx, vault, item)
    sealed = None
    if text:
        sealed = vault.seal(key, FIELD, text) if key else seal_text(secret_of(tx, vault, audit), FIELD, text, chance)
    audits.answer(tx, audit_id, number, question=question, said=said, note_sealed=sealed, actor=str(actor), now=now)
    log.append(  # about what staff did, not about the person: whoever works the case does not see it
        tx, vault=vault, kind="audit.answered", at=now, actor=str(actor),
        stated={
            "audit": audit_id, "item": number, "question": question, "answer": said,
            "note": sha256(sealed).hexdigest() if sealed else None,
        },
    )  # fmt: skip


def read_notes(tx: Tx, *, vault: Vault, audit_id: int, actor: Actor, now: datetime) -> list[Note]:
    """Open the notes of an audit, with a record for each person, which that person can see."""
    audit, items = audits.get(tx, audit_id), {one.item: one for one in audits.items(tx, audit_id)}
    found, read = [], dict[int, PersonKey]()
    for one in audits.answers(tx, audit_id):
        if one.note_sealed is None:
            continue
        item = items[one.item]
        text: Clear | None
        if item.person_id is None:
            text = Clear(open_text(secret_of(tx, vault, audit), FIELD, one.note_sealed))
        else:
            key = read.get(item.person_id) or key_of(tx, vault, item)
            text = key.open(FIELD, one.note_sealed) if key else None
            read |= {item.person_id: key} if key else {}
        found.append(Note(one.item, one.question, text))
    for person in sorted(read):
        log.append(
            tx, vault=vault, kind="person.reveal", at=now, actor=str(actor), subject=read[person],
            stated={"purpose": RevealPurpose.SUPERVISION.value, "field": FIELD}, facts={"audit": audit_id},
        )  # fmt: skip
    return found


def close(tx: Tx, *, vault: Vault, audit_id: int, actor: Actor, now: datetime) -> Audit:
    """Close an audit whose questions are all answered and whose every no stands in a finding.

    The record holds the digest of all answers. Raises `Unfinished`, `Closed`.
    """
    audit = being_answered(tx, audit_id)
    answers = audits.answers(tx, audit_id)
    left = unanswered(tx, audit)
    found = {number for one in audits.findings(tx, audit_id) for number in one.items}
    without = sorted({one.item for one in answers if one.answer == Said.NO} - found)
    if left or without:
        raise Unfinished(left, without)
    audits.close(tx, audit_id, actor=str(actor), now=now)
    said = sha256(canonical([[one.item, one.question, one.answer] for one in answers])).hexdigest()
    log.append(
        tx, vault=vault, kind="audit.closed", at=now, actor=str(actor),
        stated={"audit": audit_id, "answers": len(answers), "sha256": said},
    )  # fmt: skip
    return audits.get(tx, audit_id)


def unanswered(tx: Tx, audit: Audit) -> int:
    """How many questions of an audit have no answer yet."""
    plan = plan_of(tx, audit)
    asked = sum(len(plan.sample(one.sample).questions) for one in audits.items(tx, audit.audit_id))
    return asked - len(audits.answers(tx, audit.audit_id))


def being_answered(tx: Tx, audit_id: int) -> Audit:
    """An audit that is drawn and not closed, held until the transaction ends. Raises `Closed`, `NotPublishedYet`."""
    audit = audits.get(tx, audit_id, lock=True)
    if audit.drawn_at is None:
        raise NotPublishedYet(audit_id)
    if audit.closed_at is not None:
        raise Closed(audit_id)
    return audit


def acted_on(item: Item, ref: str) -> bool:
    """Whether somebody did what is looked at; one who works for another lender counts as the same at home."""
    return bool(_names([ref]) & _names(item.acted))


def _names(refs: Iterable[str]) -> set[str]:
    return {name for ref in refs for name in (ref.lower(), ref.lower().rpartition("@")[0]) if name}


def key_of(tx: Tx, vault: Vault, item: Item) -> PersonKey | None:
    """The key of the person whom an item is about; None where there is none, or it was destroyed."""
    if item.person_id is None:
        return None
    wrapped = persons.wrapped(tx, item.person_id)
    return None if wrapped is None else vault.person(tx.lender_id, item.person_id, wrapped)


def secret_of(tx: Tx, vault: Vault, audit: Audit) -> bytes:
    """The secret of an audit."""
    return vault.open_secret(tx.lender_id, audit.owner, audit.key)


def seal_text(secret: bytes, field: str, text: str, chance: Callable[[int], bytes]) -> bytes:
    """A text sealed under a key of its own: a salt, then what `seal_content` gives."""
    salt = chance(_SALT)
    return salt + seal_content(derive(secret, f"{field} {salt.hex()}"), text.encode(), chance)


def open_text(secret: bytes, field: str, sealed: bytes) -> str:
    """What `seal_text` sealed; raises `TamperedFile`."""
    salt = sealed[:_SALT]
    return open_content(derive(secret, f"{field} {salt.hex()}"), sealed[_SALT:]).decode()
