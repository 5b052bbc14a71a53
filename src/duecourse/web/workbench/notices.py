"""Notices of a case: those issued, trying one, issuing it, opening it for a purpose, taking it back."""

from __future__ import annotations

import os

from starlette.responses import Response

from duecourse.casework import images, lender_texts
from duecourse.casework.images import BY_HAND
from duecourse.casework.issue_notice import FIELD, Wanted, issue_notice, preview, withdraw_notice
from duecourse.casework.notice_paper import OpenedNotice, open_notice, paper, pdf
from duecourse.casework.notice_said import DAYS, SAID, asked
from duecourse.casework.opened_case import circle
from duecourse.casework.permit import Refusal, Sender
from duecourse.casework.reveal import NoPurpose
from duecourse.casework.rights import Right, purposes
from duecourse.channels.render import html
from duecourse.law.templates import Template
from duecourse.law.terms import THIRD_PERSONS, Channel, Relation, SenderType
from duecourse.storage import cases, loan_names, notices
from duecourse.storage.connection import Tx
from duecourse.storage.notices import NoSuchNotice, Notice
from duecourse.trouble import N_, Refused, Trouble
from duecourse.web.fields import NotAFieldValue
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence
from duecourse.web.workbench.case import names
from duecourse.web.workbench.worklist import worded

pages = Pages("workbench")


@pages.get("/cases/{case}/notices", right=Right.CASE_READ)
def case_notices(visit: Visit) -> Response:
    """The notices of a case, and the way to another one."""
    return _page(visit)


@pages.post("/cases/{case}/notices/preview", right=Right.NOTICE_ISSUE)
def try_notice(visit: Visit) -> Response:
    """The notice as it would read: names masked, no code, nothing kept."""
    wanted = _wanted(visit)
    try:
        with visit.transaction() as tx:
            on, content = preview(tx, visit.parts.store(visit.lender_id), wanted, now=visit.now)
    except Trouble as error:
        return _page(visit, wanted, error=sentence(error, visit.choice.language))
    return visit.page(
        "workbench/notice_try.html", case=wanted.case_id, wanted=wanted, on=on, shown=html(content), key=_key(visit)
    )


@pages.post("/cases/{case}/notices", right=Right.NOTICE_ISSUE)
def issue(visit: Visit) -> Response:
    """Issue the notice that was tried; sent twice, it is one."""
    wanted = _wanted(visit)
    try:
        with visit.transaction() as tx:
            number = issue_notice(
                tx, vault=visit.parts.vault, store=visit.parts.store(visit.lender_id), wanted=wanted,
                public_url=visit.public_url, request_key=visit.text("key"), actor=visit.actor,
                now=visit.now, chance=os.urandom,
            )  # fmt: skip
    except Trouble as error:
        return _page(visit, wanted, error=sentence(error, visit.choice.language))
    return visit.go(
        f"/cases/{wanted.case_id}/notices",
        said=visit.say(N_("Notice {number} is issued. Nothing was sent: sending needs a permit."), number=number),
    )


@pages.post("/cases/{case}/notices/{notice}/opening", right=Right.PERSON_REVEAL)
def open_it(visit: Visit) -> Response:
    """Open a notice for a purpose that the reader's roles have, with a record that the person can see."""
    purpose = visit.text("purpose")
    if purpose not in purposes(visit.signed.roles, FIELD):
        raise NoPurpose(purpose)
    with visit.transaction() as tx:
        found = _of_case(visit, tx)
        opened = open_notice(
            tx, vault=visit.parts.vault, notice_id=found.notice_id, purpose=purpose, actor=visit.actor, now=visit.now
        )
    if visit.text("form") == "proof":
        return _proof(opened)
    if visit.text("form") == "pdf":
        named = f'attachment; filename="notice-{found.notice_id}.pdf"'
        made = pdf(opened, certificate=visit.parts.certificate(visit.lender_id), now=visit.now)
        return Response(made, media_type="application/pdf", headers={"Content-Disposition": named})
    return visit.page(
        "workbench/notice.html", case=found.case_id, notice=found, shown=html(paper(opened)), proven=opened.proof,
        purpose=purpose,
    )  # fmt: skip


@pages.post("/cases/{case}/notices/{notice}/withdrawal", right=Right.NOTICE_ISSUE)
def withdraw(visit: Visit) -> Response:
    """Take a notice back: whoever asks by its code is told so."""
    with visit.transaction() as tx:
        found = _of_case(visit, tx)
        withdraw_notice(tx, vault=visit.parts.vault, notice_id=found.notice_id, actor=visit.actor, now=visit.now)
    return visit.go(f"/cases/{found.case_id}/notices", said=visit.say(N_("The notice is taken back.")))


@pages.post("/cases/{case}/notices/{notice}/image", right=Right.CASE_WORK)
def hand_out(visit: Visit) -> Response:
    """Give the picture of a notice to whoever sends it by hand: that is a contact, by a permit used with it."""
    if visit.text("channel") not in set(BY_HAND):
        raise NotAFieldValue("channel")
    with visit.transaction() as tx:
        found = _of_case(visit, tx)
    try:
        done = images.hand_out(
            visit.parts.database, visit.lender_id, gate=visit.parts.gate, notice_id=found.notice_id,
            channel=Channel(visit.text("channel")), staff=visit.signed.ref, key=visit.text("key"),
            actor=visit.actor, clock=visit.parts.clock, chance=os.urandom,
        )  # fmt: skip
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    if isinstance(done, Refusal):
        return _page(visit, error=done.says[visit.lang])
    named = f'attachment; filename="notice-{found.notice_id}.png"'
    return Response(done.picture, media_type="image/png", headers={"Content-Disposition": named})


def issuable(visit: Visit, tx: Tx) -> list[Template]:
    """The documents that may be issued today, by title."""
    register = lender_texts.register_for(tx)
    found = [
        one
        for one in register.templates.values()
        if one.document and any(one.usable(visit.today, channel) for channel in one.channels)
    ]
    return sorted(found, key=lambda one: (one.title or {}).get(visit.lang, one.id))


def _page(visit: Visit, wanted: Wanted | None = None, *, error: str = "") -> Response:
    number = visit.number("case", visit.path)
    with visit.transaction() as tx:
        found, templates = circle(tx, number), issuable(visit, tx)
        kept = notices.of_case(tx, found.case.person_id, number)
        refs = loan_names.references(tx, cases.loans_of(tx, number))
        pictures = {one.notice_id: images.by_hand(tx, one.template_id, visit.now) for one in kept if not one.ended_as}
    told = names(found)
    chosen = wanted.template_id if wanted else visit.query.get("template", "")
    text = next((one for one in templates if one.id == chosen), None)
    owing = {one.person_id: one.relation for one in reversed(found.ties) if Relation(one.relation) not in THIRD_PERSONS}
    return visit.page(
        "workbench/notices.html", status=422 if error else 200, case=found.case, error=error, wanted=wanted,
        templates=templates, notices=kept, pictures=pictures, key=lambda: _key(visit),
        names=told, text=text, asks=[] if text is None else _asks(text),
        parties=[(str(one), f"{told.get(one, '***')} ({visit.say(relation.replace('_', ' '))})")
                 for one, relation in owing.items()],
        loans=[(str(key), ref) for key, ref in refs.items()],
        purpose_options=worded(visit, purposes(visit.signed.roles, FIELD)),
    )  # fmt: skip


def _asks(text: Template) -> list[tuple[str, str, bool]]:
    """What the template wants said by whoever issues: the slot, what it means, whether it is a day."""
    return [(slot, SAID[slot], slot in DAYS) for slot in asked(text)]


def _wanted(visit: Visit) -> Wanted:
    firm, staff = visit.text("firm"), visit.signed.ref
    lang = visit.text("lang") or visit.lang
    if lang not in {"zh", "en"}:
        raise NotAFieldValue("lang")
    text = visit.parts.gate.register(visit.signed.lender).templates.get(visit.text("template"))
    slots = text.slots if text is not None else ()
    return Wanted(
        case_id=visit.number("case", visit.path),
        person_id=visit.number("person"),
        template_id=visit.text("template"),
        lang=lang,
        sender=Sender(SenderType.LAW_FIRM, firm) if firm else Sender(SenderType.LENDER, staff=staff),
        loan_keys=(visit.number("loan"),) if visit.text("loan") else (),
        said={slot: visit.text(f"said-{slot}") for slot in SAID if slot in slots and visit.text(f"said-{slot}")},
        replaces=visit.number("replaces") if visit.text("replaces") else None,
    )


def _of_case(visit: Visit, tx: Tx) -> Notice:
    case, number = cases.get(tx, visit.number("case", visit.path)), visit.number("notice", visit.path)
    found = notices.get(tx, number)
    if (found.debtor_id, found.case_id) != (case.person_id, case.case_id):
        raise NoSuchNotice(number)
    return found


def _proof(opened: OpenedNotice) -> Response:
    if opened.proof is None:
        raise NotProvenYet
    named = f'attachment; filename="notice-{opened.notice.notice_id}-proof.json"'
    return Response(opened.proof, media_type="application/json", headers={"Content-Disposition": named})


class NotProvenYet(Refused):
    """No published checkpoint covers the record of the notice yet."""

    def __init__(self) -> None:
        super().__init__(N_("no published checkpoint covers the notice yet; in a moment one will"))


def _key(visit: Visit) -> str:
    return visit.door.chance(16).hex()
