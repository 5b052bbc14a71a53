"""A notice opened: its words in clear, for a purpose, on record; and the paper made of them with the proof within.

`proof.json` travels in the PDF: the record of the issue, its place in the log under a signed checkpoint, the openings
of what the record commits to, and the words themselves. The verifier of `evidence` takes the PDF, or that file, and
needs nothing else but the log's key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from duecourse.casework import paper_proof
from duecourse.casework.actor import Actor
from duecourse.casework.issue_notice import FIELD
from duecourse.casework.reveal import NoPurpose, RevealPurpose
from duecourse.channels.render import Content, printer, read_content
from duecourse.core.money import BrokenInvariant
from duecourse.evidence import record
from duecourse.evidence.record import Opening
from duecourse.law.terms import SenderType
from duecourse.storage import changes, log, notices, persons
from duecourse.storage.connection import Tx
from duecourse.storage.notices import Notice
from duecourse.storage.vault import PersonKey, Vault
from duecourse.storage.vault.content import open_content

if TYPE_CHECKING:
    from duecourse.channels.render.signing import Certificate

PROOF = "duecourse notice proof 1"


@dataclass(frozen=True, slots=True)
class OpenedNotice:
    """A notice in clear: the canonical content, and the proof file where a published checkpoint covers its record."""

    notice: Notice
    content: bytes = field(repr=False)
    proof: bytes | None = field(repr=False)


def open_notice(tx: Tx, *, vault: Vault, notice_id: int, purpose: str, actor: Actor, now: datetime) -> OpenedNotice:
    """Open a notice for a purpose, with a record that the person can see; if ``tx`` is undone, show nothing.

    Raises `NoPurpose`, `notices.NoSuchNotice`, `vault.Destroyed`, `content.TamperedFile`.
    """
    if purpose not in set(RevealPurpose):
        raise NoPurpose(purpose)
    found = notices.get(tx, notice_id)
    person = vault.person(tx.lender_id, found.person_id, persons.wrapped(tx, found.person_id))
    content = _content(tx, person, found)
    log.append(
        tx, vault=vault, kind="person.reveal", at=now, actor=str(actor), subject=person,
        stated={"purpose": purpose, "field": FIELD},
        facts={"field": f"{FIELD}/{notice_id}", "value": bytes(found.content_hash).hex()},
    )  # fmt: skip
    changes.tell(tx, found.person_id, by=str(actor))
    return OpenedNotice(found, content, proof_of(tx, person, found, content))


def paper(opened: OpenedNotice) -> Content:
    """The words as they were issued, whatever became of their template."""
    return read_content(opened.content)


def pdf(opened: OpenedNotice, *, certificate: Certificate | None, now: datetime) -> bytes:
    """The notice as PDF, with the proof in it where there is one, signed where `signs` says so.

    Raises `NoCertificate`.
    """
    attached = {} if opened.proof is None else {paper_proof.NAME: opened.proof}
    made = printer().pdf(paper(opened), attachments=attached)
    if certificate is None or not signs(opened.notice):
        return made
    return certificate.signed(made, now=now)


def signs(notice: Notice) -> bool:
    """Whether a lender's certificate signs the notice: its own, never a law firm's."""
    return notice.sender.partition("/")[0] == SenderType.LENDER


def _content(tx: Tx, person: PersonKey, notice: Notice) -> bytes:
    """The words of a notice, unsealed, if they are those that were issued."""
    kept = notices.sealed(tx, notice.person_id, notice.notice_id)
    key = person.open(FIELD, kept.key_sealed)
    if key is None:
        raise notices.NoSuchNotice(notice.notice_id)
    found = open_content(bytes.fromhex(key.value), kept.content_sealed)
    if sha256(found).digest() != bytes(notice.content_hash):
        raise BrokenInvariant(f"notice {notice.notice_id} opens to words that were not issued")
    return found


def proof_of(tx: Tx, person: PersonKey, notice: Notice, content: bytes) -> bytes | None:
    """The proof file of a notice, None where no published checkpoint covers its record yet."""
    return paper_proof.carried(
        tx, notice.entry_id, called=PROOF, words=content.decode(),
        openings=lambda entry: _openings(entry, person, notice, content),
    )  # fmt: skip


def _openings(entry: bytes, person: PersonKey, notice: Notice, content: bytes) -> list[Opening]:
    """What opens the words and the figures. The code has no opening of its own: it stands in the words."""
    shown = notice.shown
    facts = {
        "content": sha256(content).hexdigest(), "amount": shown["amount_minor"], "currency": shown["currency"],
        "as_of": shown["as_of"],
    }  # fmt: skip
    return [record.open_fact(entry, name, value, person.secret) for name, value in facts.items()]
