"""The inbox: what people wrote, with how it was read; a person confirms or corrects it, or says whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from duecourse.casework import confirming, inbound, replies
from duecourse.casework.reveal import RevealPurpose
from duecourse.casework.rights import Right
from duecourse.core.money import exponent
from duecourse.insight.replies import Meaning
from duecourse.storage import confirmations, entries, finding, moods, readings, worklists
from duecourse.storage import inbound as kept
from duecourse.storage.confirmations import Confirmation
from duecourse.storage.connection import Tx
from duecourse.storage.readings import ReadingRow, Waiting
from duecourse.trouble import N_
from duecourse.web.fields import NotAFieldValue
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.workbench.case import sure
from duecourse.web.workbench.contacting import money

pages = Pages("workbench")

SHOWN = 50
DECIDED = 10
EVERYBODY = "all"

KEYS = dict(zip(Meaning, "1234567890-", strict=True))
"""By which key a reply is said to mean what."""

SCRIPT = (
    N_("Call at once, or let a colleague call while you stay with the message; say your name and that you read it."),
    N_("Listen. Say nothing about the debt: pressing is on hold and stays so."),
    N_("Ask directly whether the person is safe now and whether somebody is with them."),
    N_("In danger now: call the emergency number of the place (120 and 110 in mainland China) and stay on the line."),
    N_("Give the number of a crisis line: 12356 in mainland China, 988 in the United States."),
    N_("Tell your supervisor, and write a note of what was said and done."),
)
"""What somebody does who reads words of self-harm, in this order."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text, with the rule that found it, if one did."""

    text: str
    rule: str


@pages.get("/inbox", right=Right.CASE_READ)
def inbox(visit: Visit) -> Response:
    """What waits for a person: what is urgent first, then the earliest."""
    return _page(visit, visit.query.get("whose") or visit.signed.ref)


@pages.post("/inbox/{number}/opening", right=Right.CASE_WORK)
def open_message(visit: Visit) -> Response:
    """Open one: its words, what was found in them and what was done; the reading is on record."""
    number = visit.number("number", visit.path)
    with visit.transaction() as tx:
        one, read = readings.one(tx, number), readings.get(tx, number)
        text = inbound.read_text(
            tx, vault=visit.parts.vault, inbound_id=number, purpose=RevealPurpose.CONTACT, actor=visit.actor,
            now=visit.now,
        )  # fmt: skip
        stop = confirmations.of_inbound(tx, number)
        holders = _candidates(tx, number) if one is not None and one.person_id is None else []
        offered = _offered(tx, one, read)
    if one is None or text is None:
        raise kept.NoSuchInbound(number)
    currency = read.currency if read and read.currency else visit.signed.lender.currency
    whose = visit.text("whose") or visit.signed.ref
    told: dict[str, Any] = {
        "stop": _stop(visit, stop), "one": one, "read": read, "pieces": _pieces(text.value, read), "keys": KEYS,
        "script": [visit.say(line) for line in SCRIPT], "holders": holders, "offered": _plain(offered, currency),
        "currency": currency, "latest": visit.today + timedelta(days=62),
    }  # fmt: skip
    if visit.fragment_wanted:
        return visit.page("workbench/inbox_message.html", sure=sure, whose=whose, **told)
    return _page(visit, whose, told)  # before the scripts run, or without them, the whole page comes


@pages.post("/inbox/{number}/decision", right=Right.CASE_WORK)
def decide(visit: Visit) -> Response:
    """Say what it means, as it was read or otherwise; a promise is made with it."""
    number, meaning = visit.number("number", visit.path), visit.text("meaning")
    if meaning not in set(Meaning):
        raise NotAFieldValue("meaning")
    promised = meaning == Meaning.PROMISE
    with visit.transaction() as tx:
        done = replies.decide(
            tx, gate=visit.parts.gate, inbound_id=number, meaning=Meaning(meaning), actor=visit.actor,
            clock=visit.parts.clock, amount=money(visit, "amount") if promised else None,
            due=visit.day("due") if promised else None,
        )  # fmt: skip
    said = N_("The promise is on record.") if done.promise_id else N_("The reply is decided.")
    return visit.go(_back(visit), said=visit.say(said))


@pages.post("/inbox/{number}/place", right=Right.CASE_WORK)
def place(visit: Visit) -> Response:
    """Say whose it is, where no address told."""
    number = visit.number("number", visit.path)
    person, _slash, case = visit.text("home").partition("/")
    if not (person.isdecimal() and case.isdecimal()):
        raise NotAFieldValue("home")
    with visit.transaction() as tx:
        inbound.place(
            tx, gate=visit.parts.gate, inbound_id=number, person_id=int(person), case_id=int(case), actor=visit.actor,
            clock=visit.parts.clock,
        )  # fmt: skip
    return visit.go(_back(visit), said=visit.say(N_("It landed on case {case}."), case=case))


@pages.post("/inbox/{number}/dismissal", right=Right.CASE_WORK)
def dismiss(visit: Visit) -> Response:
    """Say that it is nobody's; its text is erased."""
    with visit.transaction() as tx:
        inbound.dismiss(
            tx, vault=visit.parts.vault, inbound_id=visit.number("number", visit.path), actor=visit.actor,
            now=visit.now,
        )  # fmt: skip
    return visit.go(_back(visit), said=visit.say(N_("It is nobody's; its text is erased.")))


def _page(visit: Visit, whose: str, opened: Mapping[str, Any] | None = None) -> Response:
    with visit.transaction() as tx:
        waits = readings.waiting(tx, collector=None if whose == EVERYBODY else whose, most=SHOWN)
        done = readings.decided(tx, most=DECIDED)
        looks = moods.to_look_at(tx, collector=None if whose == EVERYBODY else whose)
    tabs = [
        ("/inbox", visit.say(N_("Mine, and what nobody has")), whose != EVERYBODY),
        (f"/inbox?whose={EVERYBODY}", visit.say(N_("All of them")), whose == EVERYBODY),
    ]
    return visit.page(
        "workbench/inbox.html", waits=waits, looks=looks, done=done, tabs=tabs, whose=whose, sure=sure,
        opened=opened is not None, **(opened or {}),
    )  # fmt: skip


def _back(visit: Visit) -> str:
    return f"/inbox?whose={EVERYBODY}" if visit.text("whose") == EVERYBODY else "/inbox"


def _candidates(tx: Tx, number: int) -> list[finding.Found]:
    """Everybody to whom its sender's address belongs, with their open cases."""
    index = kept.get(tx, number).sender_index
    if index is None:
        return []
    found = finding.find(tx, finding.Wanted(point_indexes=(index,)), day=None, run_id=None)
    return [one for one in found if one.case_id is not None and one.case_closed is None]


def _offered(tx: Tx, one: Waiting | None, read: ReadingRow | None) -> int | None:
    """The amount that a promise form begins with: what was said, or all that is overdue where that was meant."""
    if read is None or read.amount_minor is not None or not read.whole:
        return read.amount_minor if read else None
    if one is None or one.person_id is None:
        return None
    shown = entries.published(tx)
    debtor = kept.get(tx, one.inbound_id).debtor_id
    found = worklists.snapshot(tx, shown.day, debtor) if shown is not None and debtor is not None else None
    return found.overdue_minor if found is not None and found.currency == read.currency else None


def _stop(visit: Visit, stop: Confirmation | None) -> str:
    """What became of confirming a stop, in the reader's words."""
    if stop is None:
        return ""
    said = confirming.said(stop)
    return visit.say(said.sentence, **said.values)


def _plain(minor: int | None, currency: str) -> str:
    places = exponent(currency)
    if minor is None:
        return ""
    whole, part = divmod(minor, 10**places)
    return f"{whole}.{part:0{places}d}" if places else str(whole)


def _pieces(text: str, read: ReadingRow | None) -> list[Piece]:
    """A text cut where signs begin and end; where two overlap, the first stands."""
    found, last = [], 0
    for sign in sorted(read.signs if read else (), key=lambda one: (one["start"], -one["end"])):
        start, end = int(sign["start"]), int(sign["end"])
        if start < last:
            continue
        found += [Piece(text[last:start], ""), Piece(text[start:end], str(sign["rule"]))]
        last = end
    return [one for one in (*found, Piece(text[last:], "")) if one.text]
