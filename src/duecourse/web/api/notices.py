"""Notices of cases over HTTP: tried, issued once, listed masked, opened for a purpose on record, taken back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from duecourse.casework.issue_notice import Wanted, issue_notice, preview, withdraw_notice
from duecourse.casework.notice_paper import OpenedNotice, open_notice, paper, pdf
from duecourse.casework.permit import Sender
from duecourse.casework.reveal import RevealPurpose
from duecourse.channels.render import text
from duecourse.law.terms import SenderType
from duecourse.storage import cases, notices
from duecourse.storage.connection import Tx
from duecourse.storage.notices import NoSuchNotice, Notice
from duecourse.storage.tokens import Scope
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.keyed import Key, once
from duecourse.web.api.problem import Kind
from duecourse.web.api.shapes import PREFIX, Code, Id, Shape, Told, problems
from duecourse.web.api.worklist import CaseId, Reader

router = APIRouter(prefix=f"{PREFIX}/cases/{{case:int}}/notices", tags=["notices"])

_WRONG = (Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON)
Issuer = Annotated[Inquiry, admitted(Scope.NOTICE_ISSUE)]
Opener = Annotated[Inquiry, admitted(Scope.NOTICE_OPEN)]
NoticeId = Annotated[Id, Path()]
Slot = Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
Words = Annotated[str, Field(pattern=r"^[^\x00]*$", max_length=2_000)]


class NoticeShape(Shape):
    """A notice as it stands, masked: what it is, by whom, over which amount, and the hash of its words."""

    notice: Id
    case: Id
    person: Id
    template: str
    version: int
    document: str | None
    lang: str
    sender: str
    amount_minor: int
    currency: str
    as_of: date
    sha256: str = Field(description="Of its words, as they are sealed and as its record commits to them.")
    entry: Id
    actor: str
    at: Told
    state: str | None = Field(description="withdrawn or superseded; none while it stands")
    ended_at: Told | None
    replaced_by: Id | None


class NoticesShape(Shape):
    """The notices of a case, the latest first."""

    notices: list[NoticeShape]


class WantedNotice(Shape):
    """What shall be issued: by which template, to whom, from whom."""

    template: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}$")]
    person: Id | None = Field(default=None, description="To whom; the borrower if left out.")
    lang: Literal["zh", "en"] = "zh"
    loans: Annotated[list[Id], Field(max_length=200)] = Field(
        default_factory=list, description="Of the case; all that the party owes if left out."
    )
    said: Annotated[Mapping[Slot, Words], Field(max_length=20)] = Field(
        default_factory=dict, description="What no register has, by the template's slot, such as next_step."
    )
    firm: Code | None = Field(default=None, description="The law firm that writes it; its mandate is on file.")
    staff: Code | None = Field(default=None, description="Who handles it, by staff number.")
    replaces: Id | None = Field(default=None, description="A notice that this one supersedes.")


class TriedShape(Shape):
    """A notice as it would read: names masked, no code, nothing kept."""

    template: str
    version: int
    day: date
    text: str


class IssuedShape(Shape):
    """A notice that is issued. Nothing was sent by that: sending needs a permit."""

    notice: Id


class NoticePurpose(Shape):
    """For which purpose a notice is opened."""

    purpose: RevealPurpose


class NoticeWords(Shape):
    """A notice in clear, with what lets anybody check it."""

    notice: Id
    text: str
    content: str = Field(description="The words as they are sealed: canonical JSON.")
    proof: str | None = Field(description="The proof file; none before a published checkpoint covers the record.")


@router.get("", responses=problems(Kind.NOT_FOUND, Kind.INVALID))
def list_notices(case: CaseId, inquiry: Reader) -> NoticesShape:
    """List the notices of a case, masked, the latest first."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = notices.of_case(tx, cases.get(tx, case).person_id, case)
    return NoticesShape(notices=[_shape(one) for one in found])


@router.post("/preview", responses=problems(*_WRONG))
def preview_notice(case: CaseId, said: WantedNotice, inquiry: Issuer) -> TriedShape:
    """Show how a notice would read: names masked, without a code; nothing is kept."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        on, content = preview(
            tx, inquiry.parts.store(inquiry.lender_id), _wanted(tx, case, said), now=inquiry.parts.clock()
        )
    return TriedShape(template=on.template.id, version=on.template.version, day=on.day, text=text(content))


@router.post("", status_code=201, responses=problems(*_WRONG, Kind.OTHER_REQUEST))
def issue(case: CaseId, said: WantedNotice, key: Key, inquiry: Issuer) -> IssuedShape:
    """Issue a notice: its words are fixed, sealed and on record, and it bears a code. Sending needs a permit."""

    def act() -> IssuedShape:
        number = issue_notice(
            tx, vault=inquiry.parts.vault, store=inquiry.parts.store(inquiry.lender_id),
            wanted=_wanted(tx, case, said), public_url=inquiry.parts.public_url, request_key=own_key(inquiry, key),
            actor=inquiry.caller.actor, now=inquiry.parts.clock(), chance=os.urandom,
        )  # fmt: skip
        return IssuedShape(notice=number)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"notice {case}", said=said, shape=IssuedShape, act=act)


@router.post("/{notice:int}/reading", responses=problems(*_WRONG))
def read_notice(case: CaseId, notice: NoticeId, said: NoticePurpose, inquiry: Opener) -> NoticeWords:
    """Open a notice for a purpose and give its words and its proof; on record, and the person can see it."""
    opened = _open(case, notice, said, inquiry)
    return NoticeWords(
        notice=notice, text=text(paper(opened)), content=opened.content.decode(),
        proof=None if opened.proof is None else opened.proof.decode(),
    )  # fmt: skip


@router.post(
    "/{notice:int}/pdf",
    response_class=Response,
    responses={**problems(*_WRONG), 200: {"content": {"application/pdf": {}}}},
)
def notice_as_pdf(case: CaseId, notice: NoticeId, said: NoticePurpose, inquiry: Opener) -> Response:
    """Open a notice for a purpose and give it as PDF, with its proof in it; on record, and the person can see it."""
    opened = _open(case, notice, said, inquiry)
    made = pdf(opened, certificate=inquiry.parts.certificate(inquiry.lender_id), now=inquiry.parts.clock())
    named = f'attachment; filename="notice-{notice}.pdf"'
    return Response(made, media_type="application/pdf", headers={"Content-Disposition": named})


@router.post("/{notice:int}/withdrawal", responses=problems(*_WRONG))
def withdraw(case: CaseId, notice: NoticeId, inquiry: Issuer) -> NoticeShape:
    """Take a notice back: whoever asks by its code is told so."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        _of_case(tx, case, notice)
        found = withdraw_notice(
            tx, vault=inquiry.parts.vault, notice_id=notice, actor=inquiry.caller.actor, now=inquiry.parts.clock()
        )
    return _shape(found)


def own_key(inquiry: Inquiry, key: str) -> str:
    """The key under which the act itself is done once: the records name tokens of one name alike."""
    return sha256(f"{inquiry.caller.token.token_id} {key}".encode()).hexdigest()


def _open(case: int, notice: int, said: NoticePurpose, inquiry: Inquiry) -> OpenedNotice:
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        _of_case(tx, case, notice)
        return open_notice(
            tx, vault=inquiry.parts.vault, notice_id=notice, purpose=said.purpose.value, actor=inquiry.caller.actor,
            now=inquiry.parts.clock(),
        )  # fmt: skip


def _of_case(tx: Tx, case: int, notice: int) -> None:
    on = cases.get(tx, case)
    found = notices.get(tx, notice)
    if (found.debtor_id, found.case_id) != (on.person_id, on.case_id):
        raise NoSuchNotice(notice)


def _wanted(tx: Tx, case: int, said: WantedNotice) -> Wanted:
    staff = said.staff or ""
    return Wanted(
        case_id=case, person_id=cases.get(tx, case).person_id if said.person is None else said.person,
        template_id=said.template, lang=said.lang,
        sender=Sender(SenderType.LAW_FIRM, said.firm, staff) if said.firm else Sender(SenderType.LENDER, staff=staff),
        loan_keys=tuple(said.loans), said=dict(said.said), replaces=said.replaces,
    )  # fmt: skip


def _shape(one: Notice) -> NoticeShape:
    return NoticeShape(
        notice=one.notice_id, case=one.case_id, person=one.person_id, template=one.template_id,
        version=one.template_version, document=one.document, lang=one.lang, sender=one.sender,
        amount_minor=one.shown["amount_minor"], currency=one.shown["currency"], as_of=one.shown["as_of"],
        sha256=bytes(one.content_hash).hex(), entry=one.entry_id, actor=one.actor, at=one.at, state=one.ended_as,
        ended_at=one.ended_at, replaced_by=one.replaced_by,
    )  # fmt: skip
