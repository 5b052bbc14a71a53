"""Documents of cases over HTTP: kept sealed, listed without name and content, opened for a purpose on record."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Path, UploadFile
from starlette.responses import Response

from duecourse.casework import documents
from duecourse.casework.documents import DocumentKind
from duecourse.casework.reveal import RevealPurpose
from duecourse.storage import cases
from duecourse.storage import documents as kept
from duecourse.storage.tokens import Scope
from duecourse.web.api.case_shapes import DocumentShape, document_shape
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.keyed import Key, once
from duecourse.web.api.problem import Kind
from duecourse.web.api.shapes import PREFIX, Id, Shape, problems
from duecourse.web.api.worklist import CaseId, Reader

router = APIRouter(prefix=f"{PREFIX}/cases", tags=["cases"])

_WRONG = (Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON)
MEDIA_TYPES = ("application/pdf", "image/png", "image/jpeg", "text/plain", "application/octet-stream")


class DocumentsShape(Shape):
    """The documents on all cases of a borrower, the latest first."""

    documents: list[DocumentShape]


class KeptShape(Shape):
    """A document that is kept."""

    document: Id


class FileShape(Shape):
    """What was sent, by hashes: whether a request is the same again."""

    kind: DocumentKind
    name: str
    sha256: str


class Opening(Shape):
    """For which purpose a document is opened."""

    purpose: RevealPurpose


def taken(file: UploadFile, kind: DocumentKind) -> tuple[bytes, str, FileShape]:
    """What a form sent: content, name, and by what it is the same request again."""
    content, name = file.file.read(), file.filename or ""
    return content, name, FileShape(kind=kind, name=name, sha256=sha256(content).hexdigest())


@router.get("/{case:int}/documents", responses=problems(Kind.NOT_FOUND, Kind.INVALID))
def list_documents(case: CaseId, inquiry: Reader) -> DocumentsShape:
    """List the documents on a borrower's cases: what each is, its size and hash, never its name or content."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = kept.of_person(tx, cases.get(tx, case).person_id)
    return DocumentsShape(documents=[document_shape(one) for one in found])


@router.post("/{case:int}/documents", status_code=201, responses=problems(*_WRONG, Kind.OTHER_REQUEST))
def keep_document(
    *,
    case: CaseId,
    file: Annotated[UploadFile, File(description="The document; its name is sealed too.")],
    kind: Annotated[DocumentKind, Form()],
    key: Key,
    inquiry: Annotated[Inquiry, admitted(Scope.DOCUMENT_KEEP)],
) -> KeptShape:
    """Keep a document on a case, sealed, with a record that commits to its content."""
    content, name, said = taken(file, kind)

    def act() -> KeptShape:
        number = documents.keep_document(
            tx, vault=inquiry.parts.vault, case_id=case, kind=kind.value, name=name, content=content,
            actor=inquiry.caller.actor, now=inquiry.parts.clock(), chance=os.urandom,
        )  # fmt: skip
        return KeptShape(document=number)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"document {case}", said=said, shape=KeptShape, act=act)


@router.post(
    "/{case:int}/documents/{document:int}/opening",
    response_class=Response,
    responses={**problems(*_WRONG), 200: {"content": {one: {} for one in MEDIA_TYPES}}},
)
def open_document(
    case: CaseId,
    document: Annotated[Id, Path()],
    said: Opening,
    inquiry: Annotated[Inquiry, admitted(Scope.DOCUMENT_OPEN)],
) -> Response:
    """Open a document for a purpose and give it as a file; the opening is on record, and the person can see it."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = documents.open_document(
            tx, vault=inquiry.parts.vault, case_id=case, document_id=document, purpose=said.purpose.value,
            actor=inquiry.caller.actor, now=inquiry.parts.clock(),
        )  # fmt: skip
    named = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    return Response(found.content, media_type=found.media_type, headers={"Content-Disposition": named})
