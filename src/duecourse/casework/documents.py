"""Documents of a case: kept sealed, listed without their names, opened one by one for a purpose, on record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from duecourse.casework import storage_only
from duecourse.casework.actor import Actor
from duecourse.casework.reveal import NoPurpose, RevealPurpose
from duecourse.storage import cases, changes, documents, log, persons
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.storage.vault.content import KEY_BYTES, open_content, seal_content
from duecourse.trouble import N_, BadInput

BYTES_MAX = 10_000_000
FIELD, NAME = "document", "document name"
"""Under which the key of a document, and its name, are sealed."""

_NAME_MAX = 120
_BEGINNINGS = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class DocumentKind(StrEnum):
    """What a document is."""

    IDENTITY = "identity"  # shows who somebody is
    INCOME = "income"  # shows what somebody earns or owes elsewhere
    RECEIPT = "receipt"  # shows a payment
    AGREEMENT = "agreement"  # signed by both sides
    MEDICAL = "medical"  # shows an illness or an incapacity
    COURT = "court"  # written by a court or an authority
    CORRESPONDENCE = "correspondence"  # letters from or to the person
    OTHER = "other"  # anything else


class NotADocument(BadInput):
    """Nothing, or too much, or of no kind that is known."""

    def __init__(self) -> None:
        super().__init__(
            N_("choose a file of at most {most} MB and say what it is; nothing was kept"), most=BYTES_MAX // 1_000_000
        )


@dataclass(frozen=True, slots=True)
class OpenedDocument:
    """A document in the clear."""

    name: str = field(repr=False)
    media_type: str
    content: bytes = field(repr=False)


def keep_document(
    tx: Tx,
    *,
    vault: Vault,
    case_id: int,
    kind: str,
    name: str,
    content: bytes,
    actor: Actor,
    now: datetime,
    chance: Callable[[int], bytes],
) -> int:
    """Keep a document on a case, sealed, with a record that commits to its content; returns its number.

    Raises `NotADocument`, `cases.NoSuchCase`, `vault.Destroyed`.
    """
    if not 1 <= len(content) <= BYTES_MAX or kind not in set(DocumentKind):
        raise NotADocument
    person_id = cases.get(tx, case_id).person_id
    person = vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    key, digest = chance(KEY_BYTES), sha256(content).digest()
    said = Path(name.replace("\0", "")).name[-_NAME_MAX:] or "file"
    number = documents.add(
        tx, person_id=person_id, case_id=case_id, kind=kind, media_type=_media_type(content), size=len(content),
        sha256=digest, actor=str(actor), now=now, sealed=(
            vault.seal(person, NAME, said), vault.seal(person, FIELD, key.hex()), seal_content(key, content, chance),
        ),
    )  # fmt: skip
    log.append(
        tx, vault=vault, kind="document.kept", at=now, actor=str(actor), subject=person,
        stated={"document": str(number), "case": str(case_id), "kind": kind, "size": len(content)},
        facts={"sha256": digest.hex(), "name": said},
    )  # fmt: skip
    changes.tell(tx, person_id, by=str(actor))
    return number


def open_document(
    tx: Tx, *, vault: Vault, case_id: int, document_id: int, purpose: str, actor: Actor, now: datetime
) -> OpenedDocument:
    """Open one document for a purpose, with a record that the person can see; if ``tx`` is undone, show nothing.

    Raises `NoPurpose`, `documents.NoSuchDocument`, `vault.Destroyed`, `content.TamperedFile`.
    """
    if purpose not in set(RevealPurpose):
        raise NoPurpose(purpose)
    person_id = cases.get(tx, case_id).person_id
    storage_only.guard(tx, person_id, now=now, purpose=purpose)
    person = vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    found = documents.sealed(tx, person_id, document_id)
    key, name = person.open(FIELD, found.key_sealed), person.open(NAME, found.name_sealed)
    if key is None or name is None:
        raise documents.NoSuchDocument(document_id)
    content = open_content(bytes.fromhex(key.value), found.content_sealed)
    log.append(
        tx, vault=vault, kind="person.reveal", at=now, actor=str(actor), subject=person,
        stated={"purpose": purpose, "field": FIELD},
        facts={"field": f"{FIELD}/{document_id}", "value": bytes(found.sha256).hex()},
    )  # fmt: skip
    changes.tell(tx, person_id, by=str(actor))
    return OpenedDocument(name.value, found.media_type, content)


def _media_type(content: bytes) -> str:
    """What a content is by its first bytes, never by what its name says."""
    for beginning, media_type in _BEGINNINGS.items():
        if content.startswith(beginning):
            return media_type
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "application/octet-stream" if b"\0" in content else "text/plain"
