"""The case page: who, what is owed and why, what may be done now, and all that happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from starlette.responses import Response

from duecourse.casework import lender_law
from duecourse.casework.assignment import SkipReason
from duecourse.casework.case_figures import with_desk
from duecourse.casework.documents import FIELD as DOCUMENT
from duecourse.casework.documents import DocumentKind
from duecourse.casework.dossier_words import word
from duecourse.casework.holds import HoldKind
from duecourse.casework.ledger import read_loan
from duecourse.casework.meanings import meaning
from duecourse.casework.opened_case import Circle, OpenedCase, circle, open_case
from duecourse.casework.openings import Way, openings
from duecourse.casework.permit import Sender
from duecourse.casework.promises import WhyAnew
from duecourse.casework.rights import Right, purposes
from duecourse.core.delinquency import explained
from duecourse.core.explain import Account
from duecourse.core.promise import PromiseState
from duecourse.core.wording import account_word, line_words
from duecourse.evidence.record import read as read_record
from duecourse.law.terms import Channel, SenderType
from duecourse.storage import (
    books,
    case_file,
    cases,
    desk_calls,
    entries,
    loan_names,
    notices,
    permits,
    persons,
    transcripts,
)
from duecourse.storage import promises as given
from duecourse.storage.case_file import Happening
from duecourse.storage.connection import Tx
from duecourse.storage.moods import Heard
from duecourse.storage.promises import Promise
from duecourse.trouble import N_, BadInput
from duecourse.web.components import forms
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.workbench import words
from duecourse.web.workbench.worklist import worded

pages = Pages("workbench")

HAPPENINGS = 30
KINDS = {
    "": N_("Everything"), "contact": N_("Contacts"), "inbound": N_("What came in"), "refusal": N_("Refusals"),
    "note": N_("Notes"), "promise": N_("Promises"), "record": N_("Records"),
}  # fmt: skip
"""Filters of what happened."""

FIGURES = (
    "dpd", "overdue_minor", "settle_minor", "principal_minor", "interest_minor", "penalty_minor", "fee_minor",
)  # fmt: skip
LANGUAGES = ("zh", "yue", "en")
PROMISE_AHEAD = timedelta(days=3)
"""The due day that a promise form begins with."""


class NotOfThisCase(BadInput):
    """A loan that is not in the case."""

    def __init__(self, case_id: int) -> None:
        super().__init__(N_("the loan is not in case {case}; open the case anew"), case=case_id)


@dataclass(frozen=True, slots=True)
class Told:
    """One happening in the reader's words."""

    one: Happening
    heading: str
    stated: Mapping[str, Any]
    who: str  # the person it was with, masked; empty for the borrower
    by: str

    @property
    def looked(self) -> bool:
        """Whether somebody looked at a protected value."""
        return self.one.what.get("record") == "person.reveal"


@pages.get("/cases/{case}", right=Right.CASE_READ)
def case_page(visit: Visit) -> Response:
    """A case laid open."""
    number = visit.number("case", visit.path)
    with visit.transaction() as tx:
        found = open_case(tx, number, now=visit.now, most=HAPPENINGS)
        found = with_desk(tx, visit.parts.store(visit.lender_id), found, now=visit.now)
        strategy, known = words.strategy_of(tx, found.shown), lender_law.rules_named(tx)
        spoken = transcripts.latest(tx, [one.recording_id for one in found.recordings])
        mine, most = _my_call(visit, tx, number), given.limits(tx).renegotiations_max
        in_hand = permits.in_hand(tx, found.people, staff=visit.signed.ref, now=visit.now)
        following, issued = _next(visit, tx, found), notices.of_case(tx, found.case.person_id, number)
    proposals = [
        (one, words.treatment(visit, one.treatment, strategy),
         words.grounds(visit, known, strategy, one))
        for one in found.proposals
    ]  # fmt: skip
    return visit.page(
        "workbench/case.html", found=found, issued=issued, names=names(found), proposals=proposals, following=following,
        spoken=spoken, my_call=mine, in_hand=in_hand, told=told(visit, found.happenings, names(found)),
        more=_more(found.happenings),
        meanings={name: meaning(name, visit.lang) for name in FIGURES}, closest=closest(found),
        reason_options=worded(visit, SkipReason), kinds=KINDS, kind="", part=False,
        hold_options=worded(
            visit, (one for one in HoldKind if one not in {HoldKind.WRONG_NUMBER, HoldKind.STORAGE_ONLY})
        ),
        channel_options=worded(visit, Channel), promise_day=visit.today + PROMISE_AHEAD,
        why_options=worded(visit, WhyAnew), standing=_open_promise(visit, found, most),
        sure=sure, by_words=partial(by_words, visit),
        language_options=[(code, visit.say(f"language {code}")) for code in LANGUAGES],
        person_options=[(str(one), names(found).get(one, "***")) for one in found.people],
        document_options=worded(visit, DocumentKind),
        purpose_options=worded(visit, purposes(visit.signed.roles, DOCUMENT)),
    )  # fmt: skip


def _open_promise(visit: Visit, found: OpenedCase, most: int) -> Promise | None:
    """The promise that may still be renegotiated: it stands, its money is not here, and the lender's limit allows."""
    return next(
        (
            one
            for one in found.promises
            if one.ended_at is None and one.due_day >= visit.today and one.state != PromiseState.KEPT
            and one.case_id == found.case.case_id and one.renegotiations < most
        ),
        None,
    )  # fmt: skip


@pages.get("/cases/{case}/openings", right=Right.CASE_READ)
def show_openings(visit: Visit) -> Response:
    """What may be done now, for each person by each channel: the gate's answer, live."""
    number = visit.number("case", visit.path)
    with visit.transaction() as tx:
        found = circle(tx, number)
    return visit.page(
        "workbench/openings.html", found=found, names=names(found), ways=by_person(ways_of(visit, found)),
    )  # fmt: skip


def ways_of(visit: Visit, found: Circle) -> list[Way]:
    """What the gate says now of every way to the people of a case, to its collector where the reader calls nobody."""
    staff = visit.signed.ref if visit.may(Right.CASE_WORK) else found.case.collector_id or visit.signed.ref
    return openings(
        visit.parts.database, visit.lender_id, gate=visit.parts.gate, ties=found.ties, points=found.points,
        proposed=found.proposals, lender=visit.signed.lender,
        sender=Sender(SenderType.LENDER, staff=staff), clock=visit.parts.clock,
    )  # fmt: skip


def by_person(ways: list[Way]) -> dict[int, list[Way]]:
    """Ways person by person, those open first."""
    found: dict[int, list[Way]] = {}
    for one in ways:
        found.setdefault(one.person_id, []).append(one)
    return found


@pages.get("/cases/{case}/happenings", right=Right.CASE_READ)
def show_happenings(visit: Visit) -> Response:
    """More of what happened, or of one kind."""
    number = visit.number("case", visit.path)
    kind = visit.query.get("kind", "")
    wanted = tuple(one for one in case_file.KINDS if not kind or one.startswith(kind))
    with visit.transaction() as tx:
        found = circle(tx, number)
        happened = case_file.happenings(
            tx, person_id=found.case.person_id, people=found.people, now=visit.now, kinds=wanted,
            before=visit.query.get("before") or None, most=HAPPENINGS,
        )  # fmt: skip
    return visit.page(
        "workbench/happenings.html", found=found, told=told(visit, happened, names(found)), more=_more(happened),
        kinds=KINDS, kind=kind if kind in KINDS else "", part=bool(visit.query.get("before")),
    )  # fmt: skip


@pages.get("/cases/{case}/loans/{loan}/working", right=Right.CASE_READ)
def show_working(visit: Visit) -> Response:
    """How the amount owed on a loan comes about, line by line, on the day shown."""
    number, loan = visit.number("case", visit.path), visit.number("loan", visit.path)
    with visit.transaction() as tx:
        case, shown, row = cases.get(tx, number), entries.published(tx), books.newest(tx)
        if loan not in cases.loans_of(tx, number) or row is None or shown is None:
            raise NotOfThisCase(number)
        reference = loan_names.references(tx, [loan]).get(loan, str(loan))
        read = read_loan(
            tx, visit.parts.store(visit.lender_id), loan_key=loan, ref=reference, now=visit.now,
            persons=persons.same(tx, case.person_id),
        )  # fmt: skip
    held, day = read.held, read.day(shown.day)
    reading, trace = explained(held.loan, day, known=read.known)
    chinese = visit.lang == "zh"
    totals = trace.totals()
    moved = {account for line in trace.lines for account, _minor in line.moves}
    return visit.page(
        "workbench/working.html",
        reference=reference, day=day, currency=held.currency, reading=reading,
        lines=[
            (line, line_words(line, held.currency, chinese=chinese),
             [(account_word(account, chinese=chinese), minor) for account, minor in line.moves])
            for line in trace.lines
        ],
        totals=[(account_word(one, chinese=chinese), totals[one]) for one in Account if one in moved],
    )  # fmt: skip


def sure(ppm: int) -> str:
    """How sure an estimate is, as a share."""
    return forms.share(ppm, 1_000_000)


def by_words(visit: Visit, one: Heard) -> str:
    """Whether words of the mood were found, or a model estimated it."""
    return visit.say(N_("by a model") if one.mood_rule.startswith("model.") else N_("by its words"))


def names(found: OpenedCase | Circle) -> dict[int, str]:
    """The people of a case by their masked names."""
    return {one.person_id: one.name_masked or "***" for one in found.ties}


def closest(found: OpenedCase) -> dict[int, list[str]]:
    """By person, the relations to the loans of the case, each once."""
    said: dict[int, list[str]] = {}
    for one in found.ties:
        said.setdefault(one.person_id, [])
        if one.relation not in said[one.person_id]:
            said[one.person_id].append(one.relation)
    return said


def told(visit: Visit, happened: list[Happening], people: Mapping[int, str]) -> list[Told]:
    """Happenings with their headings in the reader's language."""
    found = []
    for one in happened:
        heading = visit.say(words.HAPPENED[one.kind])
        if one.kind == "record":
            heading = word("kinds", str(one.what["record"]), visit.lang)
        stated = read_record(one.content)["stated"] if one.content is not None else {}
        found.append(
            Told(
                one, heading,
                stated if isinstance(stated, dict) else {}, people.get(one.person_id, ""), words.by(visit, one.actor),
            )
        )  # fmt: skip
    return found


def _more(happened: list[Happening]) -> str:
    return happened[-1].cursor if len(happened) >= HAPPENINGS else ""


def _my_call(visit: Visit, tx: Tx, number: int) -> int | None:
    """A call of the reader's own that is under way, or whose outcome is owed."""
    me = visit.signed.ref
    one = next((one for one in desk_calls.of_case(tx, number, most=5) if one.user_id == me), None)
    if one is None or one.under_way or one.permit_id is None or one.state == "refused":
        return one.call_id if one is not None and one.under_way else None
    stands = permits.reserved(permits.contact(tx, one.person_id, one.permit_id))
    return one.call_id if stands is not None and stands.state == "redeemed" else None


def _next(visit: Visit, tx: Tx, found: OpenedCase) -> int | None:
    if found.shown is None:
        return None
    return entries.next_open(
        tx, visit.signed.ref, day=found.shown.day, run_id=found.shown.run_id, today=visit.today, now=visit.now,
        after=found.case.case_id,
    )  # fmt: skip
