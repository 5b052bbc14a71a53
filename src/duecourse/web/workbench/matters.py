"""Matters on screen: what was raised and by when it is answered, its words on record, the answer, the evidence."""

from __future__ import annotations

import os
from datetime import timedelta

from starlette.datastructures import UploadFile
from starlette.responses import Response

from duecourse.casework import matters as acts
from duecourse.casework.bundle import bundle_of_case
from duecourse.casework.documents import BYTES_MAX, DocumentKind, NotADocument
from duecourse.casework.dossier import BundleFor
from duecourse.casework.matter_kinds import ANSWERS, CATEGORIES, CAUSES, MatterKind
from duecourse.casework.reveal import RevealPurpose
from duecourse.casework.rights import Right
from duecourse.storage import documents, holds, loan_names, matter_pages, matters
from duecourse.trouble import N_, Trouble
from duecourse.web.fields import NotAFieldValue
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence
from duecourse.web.workbench.contacting import money
from duecourse.web.workbench.ways import ways_of
from duecourse.web.workbench.worklist import worded

pages = Pages("workbench")

PATH = "/matters"
SHOWN = 200
ENDED = 20
LOOKED_BACK = timedelta(days=90)


@pages.get(PATH, right=Right.CASE_READ)
def queue(visit: Visit) -> Response:
    """What is open, what is due first; what was answered last; what was behind it."""
    kind = next((one.value for one in MatterKind if one == visit.query.get("kind")), "")
    with visit.transaction() as tx:
        found = matter_pages.page(tx, today=visit.today, kind=kind or None, state="open", most=SHOWN)
        ended = matters.ended_last(tx, ENDED, kind or None)
        causes = matters.causes(tx, since=visit.today - LOOKED_BACK, until=visit.today, today=visit.today)
    tabs = [(PATH, visit.say(N_("All of them")), not kind)]
    tabs += [(f"{PATH}?kind={value}", text, kind == value) for value, text in worded(visit, MatterKind)]
    return visit.page(
        "workbench/matters.html", found=found, ended=ended, causes=causes,
        tabs=tabs, days=LOOKED_BACK.days,
    )  # fmt: skip


@pages.get(PATH + "/{matter}", right=Right.CASE_READ)
def show(visit: Visit) -> Response:
    """One matter: its clock, its hold, what may be done about it."""
    return _page(visit)


@pages.post(PATH + "/{matter}/opening", right=Right.PERSON_REVEAL)
def open_words(visit: Visit) -> Response:
    """The same with what was said; the reading is on record."""
    with visit.transaction() as tx:
        words = acts.read_words(
            tx, vault=visit.parts.vault, matter_id=visit.number("matter", visit.path), purpose=RevealPurpose.DISPUTE,
            actor=visit.actor, now=visit.now,
        )  # fmt: skip
    return _page(visit, words=words)


@pages.post(PATH + "/{matter}/documents", right=Right.CASE_WORK, body_max=BYTES_MAX + 10_000)
def bring_document(visit: Visit) -> Response:
    """Keep a document as evidence of it, sealed."""
    number, sent = visit.number("matter", visit.path), visit.form.get("file")
    try:
        if not isinstance(sent, UploadFile):
            raise NotADocument
        with visit.transaction() as tx:
            acts.bring_evidence(
                tx, vault=visit.parts.vault, matter_id=number, kind=visit.text("kind"), name=sent.filename or "",
                content=sent.file.read(), actor=visit.actor, now=visit.now, chance=os.urandom,
            )  # fmt: skip
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    return visit.go(f"{PATH}/{number}", said=visit.say(N_("The document is kept, sealed.")))


@pages.post(PATH + "/{matter}/escalation", right=Right.CASE_WORK)
def escalate(visit: Visit) -> Response:
    """Take it up to compliance."""
    number = visit.number("matter", visit.path)
    try:
        with visit.transaction() as tx:
            acts.escalate_matter(tx, vault=visit.parts.vault, matter_id=number, actor=visit.actor, now=visit.now)
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    return visit.go(f"{PATH}/{number}", said=visit.say(N_("It went up to compliance.")))


@pages.post(PATH + "/{matter}/answer", right=Right.HOLD_END)
def answer(visit: Visit) -> Response:
    """Answer it: how it ended, what was behind it, what was made good. Its hold ends, so this asks for that right."""
    number = visit.number("matter", visit.path)
    try:
        with visit.transaction() as tx:
            acts.answer_matter(
                tx, vault=visit.parts.vault, matter_id=number, answer=visit.text("answer"), cause=visit.text("cause"),
                redress=money(visit, "redress").minor if visit.text("redress") else 0, actor=visit.actor,
                clock=visit.parts.clock,
            )  # fmt: skip
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    return visit.go(f"{PATH}/{number}", said=visit.say(N_("It is answered, and its hold has ended.")))


@pages.post(PATH + "/{matter}/evidence", right=Right.RECORD_READ)
def evidence(visit: Visit) -> Response:
    """The evidence of its case in one file, for whom it is meant, which anybody can verify without us."""
    wanted = visit.text("for")
    if wanted not in set(BundleFor):
        raise NotAFieldValue("for")
    try:
        with visit.transaction() as tx:
            found = matters.get(tx, visit.number("matter", visit.path))
            made = bundle_of_case(
                tx, vault=visit.parts.vault, case_id=found.case_id, actor=visit.actor, now=visit.now,
                purpose=BundleFor(wanted), store=visit.parts.store(visit.lender_id),
            )  # fmt: skip
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    name = f"matter-{found.matter_id}-{wanted}.zip"
    return Response(
        made.content, media_type="application/zip", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@pages.post("/cases/{case}/matters", right=Right.HOLD_PLACE)
def open_matter(visit: Visit) -> Response:
    """Open what somebody raised: its hold stands and its clock runs with that."""
    number = visit.number("case", visit.path)
    kind, _slash, category = visit.text("about").partition("/")
    if kind not in CATEGORIES:
        raise NotAFieldValue("about")
    try:
        made = _opened(visit, number, MatterKind(kind), category)
    except Trouble as error:
        return ways_of(visit, error=sentence(error, visit.choice.language))
    return visit.go(f"{PATH}/{made.matter_id}", said=visit.say(N_("It is open. Contact about it has stopped.")))


def _opened(visit: Visit, number: int, kind: MatterKind, category: str) -> matters.Matter:
    with visit.transaction() as tx:
        return acts.open_matter(
            tx, vault=visit.parts.vault, case_id=number, kind=kind, category=category,
            words=visit.text("words"), loan_key=visit.number("loan") if visit.text("loan") else None,
            severity=visit.text("severity") or "ordinary", actor=visit.actor, clock=visit.parts.clock,
            review_days=visit.number("review_days") if kind == MatterKind.HARDSHIP else None,
        )  # fmt: skip


def _page(visit: Visit, *, words: str = "", error: str = "") -> Response:
    with visit.transaction() as tx:
        found = matters.get(tx, visit.number("matter", visit.path))
        papers = documents.of_matter(tx, found.matter_id)
        stands = [one for one in holds.of_person(tx, found.person_id) if one.hold_id == found.hold_id]
        loan = "" if found.loan_key is None else loan_names.references(tx, [found.loan_key]).get(found.loan_key, "")
    return visit.page(
        "workbench/matter.html", status=422 if error else 200, one=found, words=words, error=error, loan=loan,
        hold=stands[0] if stands else None, papers=papers, answers=ANSWERS, causes=CAUSES,
        document_options=worded(visit, DocumentKind), purposes=list(BundleFor),
    )  # fmt: skip
