"""What is done to a case by hand: notes, promises, holds, skips, taking and handing back, a person's language."""

from __future__ import annotations

import os
from functools import partial
from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.responses import Response

from duecourse.casework import assignment, documents, holds, notes, promises
from duecourse.casework.assignment import Handover, SkipReason
from duecourse.casework.holds import HoldKind
from duecourse.casework.language import note_language
from duecourse.casework.reveal import NoPurpose, RevealPurpose
from duecourse.casework.rights import Right, purposes
from duecourse.storage import cases, changes, entries
from duecourse.trouble import N_
from duecourse.web.fields import NotAFieldValue
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.workbench.contacting import money
from duecourse.web.workbench.words import by

pages = Pages("workbench")


@pages.post("/cases/{case}/notes", right=Right.CASE_WORK)
def write_note(visit: Visit) -> Response:
    """Write a note; its text is sealed."""
    number = _case(visit)
    with visit.transaction() as tx:
        notes.record_note(
            tx, vault=visit.parts.vault, case_id=number, text=visit.text("text"), actor=visit.actor, now=visit.now
        )
    return _again(visit, visit.say(N_("The note is written and sealed.")))


@pages.post("/cases/{case}/notes/reading", right=Right.CASE_WORK)
def read_notes(visit: Visit) -> Response:
    """Open the notes, with a record that the person can see."""
    number = _case(visit)
    with visit.transaction() as tx:
        person = cases.get(tx, number).person_id
        found = notes.read_notes(
            tx, vault=visit.parts.vault, person_id=person, purpose=RevealPurpose.CONTACT, actor=visit.actor,
            now=visit.now,
        )  # fmt: skip
        changes.tell(tx, person, by=str(visit.actor))
    return visit.page("workbench/notes.html", notes=found, by=partial(by, visit))


@pages.post("/cases/{case}/documents", right=Right.CASE_WORK, body_max=documents.BYTES_MAX + 10_000)
def keep_document(visit: Visit) -> Response:
    """Keep a document on the case, sealed."""
    sent = visit.form.get("file")
    if not isinstance(sent, UploadFile):
        raise documents.NotADocument
    with visit.transaction() as tx:
        documents.keep_document(
            tx, vault=visit.parts.vault, case_id=_case(visit), kind=visit.text("kind"), name=sent.filename or "",
            content=sent.file.read(), actor=visit.actor, now=visit.now, chance=os.urandom,
        )  # fmt: skip
    return _again(visit, visit.say(N_("The document is kept, sealed.")))


@pages.post("/cases/{case}/documents/{document}/opening", right=Right.PERSON_REVEAL)
def open_document(visit: Visit) -> Response:
    """Open a document for a purpose that the reader's roles have, with a record that the person can see."""
    purpose = visit.text("purpose")
    if purpose not in purposes(visit.signed.roles, documents.FIELD):
        raise NoPurpose(purpose)
    with visit.transaction() as tx:
        found = documents.open_document(
            tx, vault=visit.parts.vault, case_id=_case(visit), document_id=visit.number("document", visit.path),
            purpose=purpose, actor=visit.actor, now=visit.now,
        )  # fmt: skip
    named = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    return Response(found.content, media_type=found.media_type, headers={"Content-Disposition": named})


@pages.post("/cases/{case}/promises", right=Right.CASE_WORK)
def record_promise(visit: Visit) -> Response:
    """Record a promise; where one stands whose day has not passed, it is renegotiated."""
    number = _case(visit)
    with visit.transaction() as tx:
        promises.record_promise(
            tx, vault=visit.parts.vault, case_id=number, amount=money(visit, "amount"), due=visit.day("due"),
            promised_by=visit.number("person") if visit.text("person") else None, actor=visit.actor, now=visit.now,
        )  # fmt: skip
    return _again(visit, visit.say(N_("The promise is on record.")))


@pages.post("/cases/{case}/promises/{promise}/renegotiation", right=Right.CASE_WORK)
def renegotiate_promise(visit: Visit) -> Response:
    """Agree on another amount or day in place of a promise that stands, for a reason."""
    if (why := visit.text("why")) not in set(promises.WhyAnew):
        raise NotAFieldValue("why")
    with visit.transaction() as tx:
        promises.renegotiate_promise(
            tx, vault=visit.parts.vault, promise_id=visit.number("promise", visit.path), amount=money(visit, "amount"),
            due=visit.day("due"), why=promises.WhyAnew(why), actor=visit.actor, now=visit.now,
        )  # fmt: skip
    return _again(
        visit, visit.say(N_("The promise is renegotiated; the old one counts neither as kept nor as broken."))
    )


@pages.post("/cases/{case}/promises/{promise}/withdrawal", right=Right.CASE_WORK)
def withdraw_promise(visit: Visit) -> Response:
    """Note that a promise was withdrawn by who gave it."""
    with visit.transaction() as tx:
        promises.withdraw_promise(
            tx, vault=visit.parts.vault, promise_id=visit.number("promise", visit.path), actor=visit.actor,
            now=visit.now,
        )  # fmt: skip
    return _again(visit, visit.say(N_("The promise is withdrawn.")))


@pages.post("/cases/{case}/holds", right=Right.HOLD_PLACE)
def place_hold(visit: Visit) -> Response:
    """Place a hold: it acts at once, and permits not yet used are void with it."""
    kind = visit.text("kind")
    if kind not in set(HoldKind):
        raise NotAFieldValue("kind")
    with visit.transaction() as tx:
        person = visit.number("person")
        placed = holds.place(
            tx, vault=visit.parts.vault, person_id=person, kind=HoldKind(kind), source=visit.text("source"),
            actor=visit.actor, clock=visit.parts.clock, reason=visit.text("reason") or None,
        )  # fmt: skip
        changes.tell(tx, person, by=str(visit.actor))
        changes.tell(tx, cases.get(tx, _case(visit)).person_id, by=str(visit.actor))
    return _again(visit, visit.say(N_("The hold stands. Permits voided: {voided}."), voided=placed.voided))


@pages.post("/cases/{case}/holds/{hold}/ending", right=Right.HOLD_END)
def end_hold(visit: Visit) -> Response:
    """End a hold; permits that it voided stay void."""
    with visit.transaction() as tx:
        person = visit.number("person")
        holds.end(
            tx, vault=visit.parts.vault, person_id=person, hold_id=visit.number("hold", visit.path),
            actor=visit.actor, clock=visit.parts.clock, reason=visit.text("reason") or None,
        )  # fmt: skip
        changes.tell(tx, cases.get(tx, _case(visit)).person_id, by=str(visit.actor))
    return _again(visit, visit.say(N_("The hold has ended.")))


@pages.post("/cases/{case}/skip", right=Right.CASE_WORK)
def skip(visit: Visit) -> Response:
    """Pass the case over for the day, and go to the next."""
    number, reason = _case(visit), visit.text("reason")
    if reason not in set(SkipReason):
        raise NotAFieldValue("reason")
    with visit.transaction() as tx:
        assignment.skip_entry(
            tx, vault=visit.parts.vault, case_id=number, reason=SkipReason(reason), actor=visit.actor, now=visit.now
        )
        shown = entries.published(tx)
        following = entries.next_open(
            tx, visit.signed.ref, day=shown.day, run_id=shown.run_id, today=visit.today, now=visit.now, after=number
        ) if shown else None  # fmt: skip
    said = visit.say(N_("Case {case} is skipped for the day."), case=number)
    return visit.go(f"/cases/{following}" if following else "/worklist", said=said)


@pages.post("/cases/{case}/skip/return", right=Right.CASE_WORK)
def unskip(visit: Visit) -> Response:
    """Bring a skipped case back to its place."""
    with visit.transaction() as tx:
        assignment.take_back_skip(tx, vault=visit.parts.vault, case_id=_case(visit), actor=visit.actor, now=visit.now)
    return _again(visit, visit.say(N_("The case is back in its place.")))


@pages.post("/cases/{case}/collector", right=Right.CASE_WORK)
def hand(visit: Visit) -> Response:
    """Take a case that is nobody's, or hand one's own back."""
    number, taking = _case(visit), bool(visit.text("take"))
    with visit.transaction() as tx:
        assignment.assign_case(
            tx, vault=visit.parts.vault, case_id=number, to=visit.signed.ref if taking else None,
            reason=Handover.TAKEN if taking else Handover.HANDED_BACK, actor=visit.actor, now=visit.now,
        )  # fmt: skip
    return _again(visit, visit.say(N_("The case is yours.") if taking else N_("The case is handed back.")))


@pages.post("/cases/{case}/language", right=Right.CASE_WORK)
def language(visit: Visit) -> Response:
    """Note in which language a person wants to be spoken to."""
    with visit.transaction() as tx:
        note_language(
            tx, vault=visit.parts.vault, person_id=visit.number("person"), language=visit.text("language"),
            actor=visit.actor, now=visit.now,
        )  # fmt: skip
    return _again(visit, visit.say(N_("The language is noted.")))


def _case(visit: Visit) -> int:
    return visit.number("case", visit.path)


def _again(visit: Visit, said: str) -> Response:
    return visit.go(f"/cases/{_case(visit)}", said=said)
