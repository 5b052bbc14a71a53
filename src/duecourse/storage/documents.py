"""Documents of cases: kind, size, hash; name and content are sealed and opened by `casework.documents` alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput


class NoSuchDocument(BadInput):
    """A number that no document of the case's person has."""

    def __init__(self, document_id: int) -> None:
        super().__init__(N_("there is no document {number} of this case"), number=document_id)


@dataclass(frozen=True, slots=True)
class Document:
    """A document, sealed."""

    document_id: int
    person_id: int
    case_id: int
    kind: str
    media_type: str
    size: int
    sha256: bytes
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SealedDocument:
    """A document with what is sealed of it."""

    media_type: str
    sha256: bytes
    name_sealed: bytes = field(repr=False)
    key_sealed: bytes = field(repr=False)
    content_sealed: bytes = field(repr=False)


def add(
    tx: Tx,
    *,
    person_id: int,
    case_id: int,
    kind: str,
    media_type: str,
    size: int,
    sha256: bytes,
    sealed: tuple[bytes, bytes, bytes],
    actor: str,
    now: datetime,
) -> int:
    """Keep a document and return its number. ``sealed``: name, key, content."""
    return int(
        str(
            tx.value(
                "INSERT INTO document (lender_id, person_id, case_id, kind, media_type, size, sha256, name_sealed, "
                "key_sealed, content_sealed, actor, at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
                "RETURNING document_id",
                (tx.lender_id, person_id, case_id, kind, media_type, size, sha256, *sealed, actor, now),
            )
        )
    )


def of_person(tx: Tx, person_id: int, most: int = 200) -> list[Document]:
    """The documents on all cases of a person, the latest first, without their content."""
    return tx.rows(
        Document,
        "SELECT document_id, person_id, case_id, kind, media_type, size, sha256, actor, at FROM document "
        "WHERE lender_id = %s AND person_id = %s ORDER BY document_id DESC LIMIT %s",
        (tx.lender_id, person_id, most),
    )


def of_matter(tx: Tx, matter_id: int) -> list[Document]:
    """The documents brought in evidence of a matter, the latest first, without their content."""
    return tx.rows(
        Document,
        "SELECT d.document_id, d.person_id, d.case_id, d.kind, d.media_type, d.size, d.sha256, d.actor, d.at "
        "FROM matter_document m JOIN document d USING (lender_id, person_id, document_id) "
        "WHERE m.lender_id = %s AND m.matter_id = %s ORDER BY d.document_id DESC",
        (tx.lender_id, matter_id),
    )


def bring(tx: Tx, *, person_id: int, matter_id: int, document_id: int) -> None:
    """Say that a document is evidence of a matter of the same person."""
    tx.execute(
        "INSERT INTO matter_document (lender_id, person_id, matter_id, document_id) VALUES (%s, %s, %s, %s)",
        (tx.lender_id, person_id, matter_id, document_id),
    )


def sealed(tx: Tx, person_id: int, document_id: int) -> SealedDocument:
    """One document of a person, sealed; raises `NoSuchDocument`."""
    found = tx.row(
        SealedDocument,
        "SELECT media_type, sha256, name_sealed, key_sealed, content_sealed FROM document "
        "WHERE lender_id = %s AND person_id = %s AND document_id = %s",
        (tx.lender_id, person_id, document_id),
    )
    if found is None:
        raise NoSuchDocument(document_id)
    return found
