"""What a borrower does: promise, dispute, complain, ask, stop a way of contact or all, say when; his papers."""

from __future__ import annotations

from starlette.datastructures import UploadFile
from starlette.responses import Response

from duecourse.casework.bundle import bundle_of_case
from duecourse.casework.documents import BYTES_MAX, DocumentKind
from duecourse.casework.dossier import BundleFor
from duecourse.casework.notice_paper import open_notice, pdf
from duecourse.casework.portal import saying
from duecourse.casework.portal.entry import borrower
from duecourse.casework.portal.own import NoSuchOwnThing, own, reading
from duecourse.casework.portal.saying import PAPERS, TIMES, Matter, Paper, takes_papers
from duecourse.casework.promises import PORTAL as GIVEN
from duecourse.casework.promises import record_promise
from duecourse.casework.reveal import RevealPurpose
from duecourse.core.ids import letters
from duecourse.law.once import STOPS
from duecourse.law.terms import word
from duecourse.storage import letterhead, notices
from duecourse.storage.stated import Stated
from duecourse.trouble import N_, Trouble
from duecourse.web.page import PORTAL, Open, Pages
from duecourse.web.portal.amounts import amount
from duecourse.web.portal.own_number import number
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("portal")

WAYS = {
    "no_calls": N_("Calls"), "no_texts": N_("Text messages"), "no_emails": N_("E-mails"),
    "no_pushes": N_("Messages of the app or a chat"), "no_letters": N_("Letters"), "no_visits": N_("Visits"),
}  # fmt: skip
_ANSWERED = N_("It is on record, and somebody answers you.")
MATTERS = {
    Matter.DISPUTE: (N_("I do not owe this, or not so much"), N_("Contact about it stops until it is answered.")),
    Matter.COMPLAINT: (N_("I was treated badly"), _ANSWERED),
    Matter.HARDSHIP: (N_("I cannot pay at the moment"), N_("Say what happened, and what you can pay, if anything.")),
    Matter.DEFERRAL: (N_("I need more time"), N_("Say until when, and what you can pay then.")),
    Matter.REPRESENTATIVE: (N_("Somebody speaks for me"), N_("Say who it is, how to reach them, and since when.")),
    Matter.CREDIT: (N_("What you report of me is wrong"), N_("Say which entry it is, and what is right.")),
    Matter.CORRECTION: (N_("Something you hold of me is wrong"), N_("Say what it is, and what is right.")),
    Matter.DELETION: (N_("Delete my data"), N_("What the law asks to be kept stays until its period is over.")),
    Matter.QUESTION: (N_("I have a question"), N_("You are answered on a way that you have not stopped.")),
}
_ELSE = ("other", N_("Something else"))
PAPER_WORDS = {
    DocumentKind.RECEIPT: N_("A receipt or proof of a transfer"),
    DocumentKind.INCOME: N_("What I earn or owe elsewhere"),
    DocumentKind.MEDICAL: N_("A doctor's or hospital's paper"),
    DocumentKind.COURT: N_("A paper of a court or an authority"),
    DocumentKind.CORRESPONDENCE: N_("A letter or message"),
    DocumentKind.OTHER: N_("Something else"),
}  # fmt: skip
ABOUT = {
    Matter.DISPUTE: (
        ("amount", N_("The amount is wrong")), ("not_mine", N_("This debt is not mine")),
        ("paid", N_("I have paid it")), ("fraud", N_("Somebody used my name")),
        ("terms", N_("It is not what was agreed")), _ELSE,
    ),
    Matter.COMPLAINT: (
        ("conduct", N_("How somebody spoke or behaved")), ("frequency", N_("I was contacted too often")),
        ("third_person", N_("Others were contacted about me")), ("data", N_("What was done with my data")),
        ("amount", N_("What was asked of me")), _ELSE,
    ),
    Matter.HARDSHIP: (
        ("income", N_("I earn less, or nothing")), ("illness", N_("Illness, mine or of somebody close")),
        ("bereavement", N_("Somebody close has died")), ("vulnerable", N_("It is hard for me to deal with this")),
        _ELSE,
    ),
    Matter.CREDIT: (
        ("wrong", N_("It says something wrong")), ("outdated", N_("It is out of date")),
        ("not_mine", N_("This debt is not mine")), ("goodwill", N_("It is right, and I ask for understanding")),
    ),
}  # fmt: skip
"""What a matter may be about, in the borrower's words; categories of `casework.matters`."""

ADVICE = {"UK": ("uk.forbearance.adviser", "uk.forbearance.offer"), "EU": ("eu.forbearance.ccd2",)}
"""Rules that give the debtor help or time, by jurisdiction: shown with their source and how well it is known."""

_KEY_BYTES = 12


@pages.get(f"{PORTAL}/stop", right=Open.BORROWER)
def ways(visit: Visit) -> Response:
    """Which ways of contact are stopped, at which times nobody may, and stopping everything."""
    return _ways(visit)


@pages.post(f"{PORTAL}/stop/ways", right=Open.BORROWER)
def choose_ways(visit: Visit) -> Response:
    """Stop ways of contact, or let them go again."""
    wanted = [str(one) for one in visit.form.getlist("stop") if str(one) in STOPS]
    with visit.transaction() as tx:
        saying.choose_ways(
            tx, vault=visit.parts.vault, mine=own(tx, visit.borrower), person_id=visit.borrower.person_id, stop=wanted,
            clock=visit.parts.clock,
        )  # fmt: skip
    return visit.go(f"{PORTAL}/stop", said=visit.say("Done. It holds from this moment on."))


@pages.post(f"{PORTAL}/stop/all", right=Open.BORROWER)
def stop_all(visit: Visit) -> Response:
    """Stop everything, or take that back."""
    person, parts = visit.borrower.person_id, visit.parts
    with visit.transaction() as tx:
        if visit.text("again") == "1":
            saying.go_on(tx, vault=parts.vault, mine=own(tx, visit.borrower), person_id=person, clock=parts.clock)
        else:
            saying.stop_all(tx, vault=parts.vault, person_id=person, clock=parts.clock)
    return visit.go(f"{PORTAL}/stop", said=visit.say("Done. It holds from this moment on."))


@pages.post(f"{PORTAL}/stop/times", right=Open.BORROWER)
def choose_times(visit: Visit) -> Response:
    """Say between which hours one may be contacted, or at any that the law leaves."""
    try:
        window = None if visit.text("any") == "1" else (visit.number("from"), visit.number("to"))
        with visit.transaction() as tx:
            saying.choose_times(
                tx, vault=visit.parts.vault, mine=own(tx, visit.borrower), person_id=visit.borrower.person_id,
                window=window, clock=visit.parts.clock,
            )  # fmt: skip
    except Trouble as error:
        return _ways(visit, said=sentence(error, visit.choice.language))
    return visit.go(f"{PORTAL}/stop", said=visit.say("Done. It holds from this moment on."))


@pages.get(f"{PORTAL}/write", right=Open.BORROWER)
def matters(visit: Visit) -> Response:
    """What one may write about."""
    return visit.page("portal/matters.html", matters=MATTERS)


@pages.get(f"{PORTAL}/write/{{matter}}", right=Open.BORROWER)
def form(visit: Visit) -> Response:
    """The form of one matter."""
    return _form(visit, _matter(visit))


@pages.post(f"{PORTAL}/write/{{matter}}", right=Open.BORROWER, body_max=BYTES_MAX + 20_000)
def write(visit: Visit) -> Response:
    """Write to the lender; a dispute freezes at once."""
    matter = _matter(visit)
    try:
        with visit.transaction() as tx:
            mine = own(tx, visit.borrower)
            saying.write(
                tx, gate=visit.parts.gate, mine=mine, person_id=visit.borrower.person_id,
                matter=matter, text=str(visit.form.get("text", "")), lang=visit.lang, key=visit.text("key")[:40],
                clock=visit.parts.clock, category=visit.text("about") or ABOUT.get(matter, (_ELSE,))[-1][0],
                paper=_paper(visit),
            )  # fmt: skip
    except Trouble as error:
        return _form(visit, matter, said=sentence(error, visit.choice.language), text=str(visit.form.get("text", "")))
    frozen = matter is Matter.DISPUTE and mine.owes
    told = visit.say("It has come in and is on record. Contact about it has stopped.") if frozen else ""
    return visit.go(f"{PORTAL}/home", said=told or visit.say("It has come in and is on record. Somebody answers you."))


@pages.get(f"{PORTAL}/promise", right=Open.BORROWER)
def promise_form(visit: Visit) -> Response:
    """The form of a promise."""
    return _promise(visit)


@pages.post(f"{PORTAL}/promise", right=Open.BORROWER)
def promise(visit: Visit) -> Response:
    """Promise an amount by a day."""
    try:
        with visit.transaction() as tx:
            mine = own(tx, visit.borrower)
            if mine.case is None:
                raise NoSuchOwnThing
            record_promise(
                tx, vault=visit.parts.vault, case_id=mine.case.case_id,
                amount=amount(visit), due=visit.day("due"),
                actor=borrower(visit.borrower.person_id), now=visit.now, promised_by=visit.borrower.person_id,
                given=GIVEN,
            )  # fmt: skip
    except Trouble as error:
        return _promise(visit, said=sentence(error, visit.choice.language))
    return visit.go(f"{PORTAL}/home", said=visit.say("Your promise is noted. If things change, say so here."))


@pages.get(f"{PORTAL}/notices/{{notice}}", right=Open.BORROWER)
def notice(visit: Visit) -> Response:
    """A notice to him as PDF, with the proof in it."""
    wanted = number(visit, "notice")
    with reading(visit.parts.database, visit.borrower) as (tx, mine):
        if wanted not in {one.notice_id for person in mine.persons for one in notices.of_person(tx, person)}:
            raise NoSuchOwnThing
    with visit.transaction() as tx:
        opened = open_notice(
            tx, vault=visit.parts.vault, notice_id=wanted, purpose=RevealPurpose.SUBJECT_REQUEST.value,
            actor=borrower(visit.borrower.person_id), now=visit.now,
        )  # fmt: skip
    made = pdf(opened, certificate=visit.parts.certificate(visit.lender_id), now=visit.now)
    return Response(
        made,
        media_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="notice-{wanted}.pdf"'},
    )


@pages.post(f"{PORTAL}/bundle", right=Open.BORROWER)
def bundle(visit: Visit) -> Response:
    """The evidence of his own case, verifiable without us."""
    with visit.transaction() as tx:
        mine = own(tx, visit.borrower)
        if mine.case is None:
            raise NoSuchOwnThing
        made = bundle_of_case(
            tx, vault=visit.parts.vault, case_id=mine.case.case_id, actor=borrower(visit.borrower.person_id),
            now=visit.now, purpose=BundleFor.BORROWER, store=visit.parts.store(visit.lender_id),
        )  # fmt: skip
    return Response(
        made.content, media_type="application/zip", headers={"Content-Disposition": 'attachment; filename="bundle.zip"'}
    )


@pages.get(f"{PORTAL}/rights", right=Open.BORROWER)
def rights(visit: Visit) -> Response:
    """Calm information: what the law gives him, how to tell an impostor, where advice is."""
    with visit.transaction() as tx:
        lines = letterhead.on_day(tx, "", visit.today)
    lender = visit.borrower.lender
    law = visit.parts.gate.law(lender.jurisdiction, lender.packs_off, lender.own_packs, lender.own_templates)
    wanted = ADVICE.get(lender.jurisdiction, ())
    helps = [one for one in law.book.rules if one.id in wanted and one.version(visit.today) is not None]
    return visit.page(
        "portal/rights.html", lines=lines, helps=helps,
        graded=lambda one: word(one.source.grade.value, visit.lang),
    )  # fmt: skip


def _matter(visit: Visit) -> Matter:
    said = str(visit.path["matter"])
    if said not in set(Matter):
        raise NoSuchOwnThing
    return Matter(said)


def _paper(visit: Visit) -> Paper | None:
    """The document that came with it; a form sent without one has an empty file."""
    sent = visit.form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        return None
    return Paper(visit.text("paper"), sent.filename, sent.file.read())


def _form(visit: Visit, matter: Matter, *, said: str = "", text: str = "") -> Response:
    with visit.transaction() as tx:
        taken = PAPERS if takes_papers(own(tx, visit.borrower), matter) else ()
    return visit.page(
        "portal/write.html", status=422 if said else 200, matter=matter, words=MATTERS[matter], error=said, text=text,
        key=letters(visit.door.chance(_KEY_BYTES)), chosen=visit.text("about"),
        papers=[(one.value, visit.say(PAPER_WORDS[one])) for one in taken],
        about=[(name, visit.say(words)) for name, words in ABOUT.get(matter, ())],
    )  # fmt: skip


def _promise(visit: Visit, *, said: str = "") -> Response:
    with visit.transaction() as tx:
        mine = own(tx, visit.borrower)
    return visit.page("portal/promise.html", status=422 if said else 200, error=said, case=mine.case)


def _of_one_day(said: Stated) -> list[tuple[int, int]]:
    """The hours of a fact as spans that end by midnight; without hours, the whole day."""
    begins, ends = said.second_from or 0, said.second_to or saying.DAY_SECONDS
    return [(begins, ends)] if begins < ends else [(0, ends), (begins, saying.DAY_SECONDS)]


def _ways(visit: Visit, *, said: str = "") -> Response:
    with reading(visit.parts.database, visit.borrower) as (tx, mine):
        standing = saying.stopped(tx, mine, visit.now)
        ceased = saying.ceased(tx, mine, visit.now)
    times = sorted(part for one in standing if one.fact == TIMES for part in _of_one_day(one))
    opens = next((closes for begins, closes in times if begins == 0), 0)
    closes = next((begins for begins, ends in times if ends == saying.DAY_SECONDS and begins), saying.DAY_SECONDS)
    return visit.page(
        "portal/stop.html", status=422 if said else 200, error=said, ways=WAYS,
        stopped={one.fact for one in standing}, ceased=ceased,
        window=(opens // 3600, closes // 3600) if times else None,
        hours=[(str(hour), f"{hour:02d}:00") for hour in range(25)],
    )  # fmt: skip
