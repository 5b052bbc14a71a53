"""The way of a contact: choose person and channel, the gate answers, permit, redeem, the number, the outcome, the next.

No permit, no number: the number in clear comes with the redemption, as a reading that the record binds to the permit.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from starlette.responses import Response

from duecourse.casework import notes, promises, redemption, settling
from duecourse.casework.dialling import SHOWN_FOR, reveal_number
from duecourse.casework.opened_case import OpenedCase, open_case
from duecourse.casework.openings import Way, openings
from duecourse.casework.outcomes import COUNTS, OF_CALLS, OF_MESSAGES, SPOKEN, Outcome, begun_by_them, outcomes_of
from duecourse.casework.permit import Permit, PermitRequest, Redeemed, Sender, Why
from duecourse.casework.permit_rows import stored_answer
from duecourse.casework.permits import request_permit
from duecourse.casework.rights import Right
from duecourse.casework.scripts import script, tail
from duecourse.casework.speech import screened_note
from duecourse.core.money import Money, plain
from duecourse.law.templates import Template
from duecourse.law.terms import Channel, Purpose, SenderType
from duecourse.storage import changes, desk_lines, entries, permits
from duecourse.storage.connection import Tx
from duecourse.storage.permits import NoSuchPermit, PermitRow, Reserved
from duecourse.trouble import N_, BadInput, Refused
from duecourse.web import fields
from duecourse.web.components.forms import day_long
from duecourse.web.fields import NotAFieldValue
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.workbench.case import PROMISE_AHEAD, names

pages = Pages("workbench")

KEYS = {
    Outcome.CONNECTED: "1", Outcome.PROMISED: "2", Outcome.HUNG_UP: "3", Outcome.OTHER_PERSON: "4",
    Outcome.UNANSWERED: "5", Outcome.BUSY: "6", Outcome.POWER_OFF: "7", Outcome.VOICEMAIL: "8",
    Outcome.NOT_IN_SERVICE: "9", Outcome.WRONG_NUMBER: "0", Outcome.REFUSED: "-", Outcome.NOT_SENT: "=",
    Outcome.SENT: "1", Outcome.DELIVERED: "2", Outcome.FAILED: "3",
}  # fmt: skip
"""The key of each outcome; those of calls and of messages never stand side by side."""


class NoSuchWay(BadInput):
    """A person, channel or contact point that the case does not have."""

    def __init__(self) -> None:
        super().__init__(N_("this way does not belong to the case any more; open the case anew"))


class NothingInHand(Refused):
    """A permit that can be used no more, and of which nothing is owed."""

    def __init__(self, permit_id: int) -> None:
        super().__init__(
            N_("permit {permit} is over: it was reported, given back, or not used in time; choose the way again"),
            permit=permit_id,
        )


@pages.get("/cases/{case}/contact", right=Right.CASE_WORK)
def choose_way(visit: Visit) -> Response:
    """One way: the script, what the gate says of it now, and the button that asks for a permit."""
    found, way = way_of(visit, visit.query)
    return visit.page("workbench/contact.html", **_shown(visit, found, way), key=_key(visit), at=visit.now.isoformat())


@pages.post("/cases/{case}/permits", right=Right.CASE_WORK)
def ask_permit(visit: Visit) -> Response:
    """Ask for the permit of one way: it reserves the contact, or says which rules refuse."""
    found, way = way_of(visit, visit.form)
    text = way.template
    if text is None:
        raise NoSuchWay
    answer = request_permit(
        visit.parts.database, visit.lender_id, gate=visit.parts.gate, actor=visit.actor, clock=visit.parts.clock,
        request=PermitRequest(
            person_id=way.person_id, loan_keys=way.loan_keys, contact_point_id=way.point.contact_point_id,
            channel=way.channel, at=_asked_at(visit), template_id=text.id, content_hash=text.hash, sender=sender(visit),
            idempotency_key=visit.text("key") or _key(visit),
        ),
    )  # fmt: skip
    permit = answer if isinstance(answer, Permit) else None
    refusal = None if isinstance(answer, Permit) else answer
    return visit.page(
        "workbench/permit.html", **_shown(visit, found, way), permit=permit, refusal=refusal, key=_key(visit)
    )


@pages.get("/cases/{case}/permits/{permit}", right=Right.CASE_WORK)
def in_hand(visit: Visit) -> Response:
    """A permit of the reader's own: still to be used, or used and its outcome owed."""
    found, row, state = _own(visit)
    if state is not None and state.state == "redeemed":
        seen = state.redeemed_at is not None and visit.now - state.redeemed_at <= SHOWN_FOR
        return _owed(visit, found, row, number=None, again=seen)
    permit = stored_answer(row, visit.lender_id)
    usable = state is not None and state.state == "reserved" and isinstance(permit, Permit)
    if not usable or visit.now >= permit.expires_at:  # type: ignore[union-attr]
        raise NothingInHand(row.permit_id)
    where = {
        "person": row.person_id, "point": row.contact_point_id, "channel": row.channel, "template": row.template_id,
    }  # fmt: skip
    found, way = way_of(visit, where)
    return visit.page(
        "workbench/permit.html", **_shown(visit, found, way), permit=permit, refusal=None, key=_key(visit)
    )


@pages.post("/cases/{case}/permits/{permit}/redemption", right=Right.CASE_WORK)
def redeem(visit: Visit) -> Response:
    """Use the permit: the gate is asked again; then the number, and the outcome is owed.

    Asked again while the outcome is owed, it shows the number again, which is on record again, and uses nothing.
    """
    found, row, state = _own(visit)
    if state is None or state.state != "redeemed":
        answer = redemption.redeem_permit(
            visit.parts.database, visit.lender_id, gate=visit.parts.gate, permit_id=row.permit_id,
            sender=sender(visit), content_hash=row.content_hash.hex(), actor=visit.actor, clock=visit.parts.clock,
        )  # fmt: skip
        if not isinstance(answer, Redeemed) and answer.why is not Why.USED:  # used: by the same hand a moment ago
            return visit.page("workbench/not_redeemed.html", refusal=answer, found=found)
    with visit.transaction() as tx:
        value = reveal_number(
            tx, vault=visit.parts.vault, permit_id=row.permit_id, sender=sender(visit), actor=visit.actor,
            now=visit.parts.clock(),
        )  # fmt: skip
        changes.tell(tx, found.case.person_id, by=str(visit.actor))
    return _owed(visit, found, row, number=value.value)


def _own(visit: Visit) -> tuple[OpenedCase, PermitRow, Reserved | None]:
    """A case, a permit of the reader's own for it, and what became of the contact; raises `NoSuchPermit`."""
    number, permit = visit.number("case", visit.path), visit.number("permit", visit.path)
    with visit.transaction() as tx:
        found = open_case(tx, number, now=visit.now, most=1)
        row = permits.get(tx, permit)
        mine = (row.sender_type, row.staff) == ("lender", visit.signed.ref)
        if row.debtor_id not in found.people or not mine:
            raise NoSuchPermit(permit)
        return found, row, permits.reserved(permits.contact(tx, row.person_id, permit))


def _owed(visit: Visit, found: OpenedCase, row: PermitRow, *, number: str | None, again: bool = False) -> Response:
    text = _text(visit, row.template_id)
    return visit.page(
        "workbench/outcome.html", **outcomes(visit, found, row.channel), permit=row.permit_id, number=number,
        again=again, person=row.person_id, channel=row.channel, document=text is not None and text.document is not None,
        parts=parts_of(visit, found, row.template_id, row.person_id),
    )  # fmt: skip


def _asked_at(visit: Visit) -> datetime:
    """When the form was made: sent twice, it asks for one and the same contact. The gate takes no instant gone by."""
    try:
        made = datetime.fromisoformat(visit.text("at"))
    except ValueError:
        return visit.now
    return min(made, visit.now) if made.tzinfo else visit.now


@pages.post("/cases/{case}/permits/{permit}/outcome", right=Right.CASE_WORK)
def record_outcome(visit: Visit) -> Response:
    """Record what came of the contact, with a note and a promise if there are any, and go to the next case."""
    number, permit = visit.number("case", visit.path), visit.number("permit", visit.path)
    outcome = _outcome(visit.text("outcome"))
    promise = _promise(visit) if outcome is Outcome.PROMISED else None
    screened_note(visit.text("note"))  # before anything is recorded, so that nothing of it is lost
    if promise is not None:  # tried first, for the same reason: what is refused now, is refused before the outcome
        with visit.transaction() as tx, tx.connection.transaction(force_rollback=True):
            _record_promise(visit, tx, promise, contact=None)
    settled = settling.record_outcome(
        visit.parts.database, visit.lender_id, gate=visit.parts.gate, permit_id=permit, outcome=outcome,
        sender=sender(visit), actor=visit.actor, clock=visit.parts.clock,
    )  # fmt: skip
    contact = permit if settled.state == "reported" else None
    with visit.transaction() as tx:
        found = open_case(tx, number, now=visit.now, most=1)
        if note := visit.text("note"):
            notes.record_note(
                tx, vault=visit.parts.vault, case_id=number, text=note, contact_id=contact, actor=visit.actor,
                now=visit.now,
            )  # fmt: skip
        if promise is not None:
            _record_promise(visit, tx, promise, contact=contact)
        changes.tell(tx, found.case.person_id, by=str(visit.actor))
        following = None
        if found.shown and not visit.text("stay"):
            following = entries.next_open(
                tx, visit.signed.ref, day=found.shown.day, run_id=found.shown.run_id, today=visit.today,
                now=visit.now, after=number,
            )  # fmt: skip
    said = visit.say(
        N_("Recorded for case {case}: {outcome}."), case=number, outcome=visit.say(outcome.replace("_", " "))
    )
    return visit.go(f"/cases/{following or number}", said=said)


def _record_promise(visit: Visit, tx: Tx, promise: tuple[Money, date], *, contact: int | None) -> None:
    amount, due = promise
    promises.record_promise(
        tx, vault=visit.parts.vault, case_id=visit.number("case", visit.path), amount=amount, due=due,
        contact_id=contact, promised_by=permits.get(tx, visit.number("permit", visit.path)).person_id,
        actor=visit.actor, now=visit.now,
    )  # fmt: skip


@pages.post("/cases/{case}/permits/{permit}/release", right=Right.CASE_WORK)
def release(visit: Visit) -> Response:
    """Give a permit back that will not be used."""
    number, permit = visit.number("case", visit.path), visit.number("permit", visit.path)
    settling.release_permit(
        visit.parts.database, visit.lender_id, gate=visit.parts.gate, permit_id=permit, sender=sender(visit),
        actor=visit.actor, clock=visit.parts.clock,
    )  # fmt: skip
    return visit.go(f"/cases/{number}", said=visit.say(N_("The permit was given back; nothing was made.")))


@pages.post("/cases/{case}/inbound", right=Right.CASE_WORK)
def record_inbound(visit: Visit) -> Response:
    """Note a contact that the person started."""
    number, person = visit.number("case", visit.path), visit.number("person")
    with visit.transaction() as tx:
        found = open_case(tx, number, now=visit.now, most=1)
    loans = tuple(sorted({one.loan_key for one in found.ties if one.person_id == person}))
    if not loans:
        raise NoSuchWay
    screened_note(visit.text("note"))
    channel = _channel(visit.text("channel"))
    contact = settling.record_inbound(
        visit.parts.database, visit.lender_id, gate=visit.parts.gate, person_id=person, loan_keys=loans,
        channel=channel, outcome=_outcome(visit.text("outcome", begun_by_them(channel))),
        at=visit.now, actor=visit.actor, clock=visit.parts.clock, purpose=Purpose.ANSWER,
    )  # fmt: skip
    with visit.transaction() as tx:
        if note := visit.text("note"):
            notes.record_note(
                tx, vault=visit.parts.vault, case_id=number, text=note, contact_id=contact, actor=visit.actor,
                now=visit.now,
            )  # fmt: skip
        changes.tell(tx, found.case.person_id, by=str(visit.actor))
    return visit.go(f"/cases/{number}", said=visit.say(N_("The incoming contact is noted.")))


def sender(visit: Visit) -> Sender:
    """The user as the one who makes the contact: by the staff number."""
    return Sender(SenderType.LENDER, staff=visit.signed.ref)


def way_of(visit: Visit, where: Mapping[str, Any]) -> tuple[OpenedCase, Way]:
    """The way that the address or form names, with the gate's answer to it now; raises `NoSuchWay`."""
    number = visit.number("case", visit.path)
    person, point = visit.number("person", where), visit.number("point", where)
    channel, text = _channel(str(where.get("channel", ""))), str(where.get("template", ""))
    with visit.transaction() as tx:
        found = open_case(tx, number, now=visit.now, most=1)
    ways = openings(
        visit.parts.database, visit.lender_id, gate=visit.parts.gate,
        ties=[one for one in found.ties if one.person_id == person],
        points=[one for one in found.points if one.contact_point_id == point], proposed=found.proposals,
        lender=visit.signed.lender, sender=sender(visit), clock=visit.parts.clock,
        channels=(channel,), prefer={channel: text} if text else None,
    )  # fmt: skip
    way = next((one for one in ways if one.point.person_id == person), None)
    if way is None:
        raise NoSuchWay
    return found, way


def _shown(visit: Visit, found: OpenedCase, way: Way) -> dict[str, Any]:
    text = way.template
    return {
        "found": found,
        "way": way,
        "names": names(found),
        "spoken": way.channel in SPOKEN,
        "desk": way.channel is Channel.CALL and _desk(visit),
        "document": text is not None and text.document is not None,
        "parts": parts_of(visit, found, text.id, way.person_id) if text else [],
    }


def _desk(visit: Visit) -> str:
    """The reader's telephone; empty for one who has none."""
    with visit.transaction() as tx:
        return desk_lines.of_user(tx, visit.signed.ref)


def _text(visit: Visit, template_id: str) -> Template | None:
    return visit.parts.gate.register(visit.signed.lender).templates.get(template_id)


def parts_of(visit: Visit, found: OpenedCase, template_id: str, person: int) -> list[object]:
    """The approved text with what the desk knows put in; none of a document, which is laid out where it is issued."""
    text = _text(visit, template_id)
    if text is None or text.document is not None:
        return []
    snap, loan = found.snapshot, next(iter(found.loans), None)
    values = {
        "lender": visit.signed.lender.name,
        "collector": visit.signed.ref,
        "staff_no": visit.signed.ref,
        "salutation": names(found).get(person, ""),
        "debtor": names(found).get(found.case.person_id, ""),
        "loan_tail": tail(loan.loan_ref) if loan else "",
    }
    if snap is not None and found.shown is not None:
        values |= {
            "amount_due": f"{plain(snap.overdue_minor, snap.currency)} {snap.currency}",
            "as_of": day_long(found.shown.day, visit.choice.language),
            "days_past_due": str(snap.dpd),
            "due_day": day_long(snap.oldest_due_day, visit.choice.language) if snap.oldest_due_day else "",
        }
    return list(script(text, values, visit.lang))


def outcomes(visit: Visit, found: OpenedCase, channel: str) -> dict[str, Any]:
    """What may have come of a contact, for the form that records it."""
    way = Channel(channel)
    listed = [one for one in (OF_CALLS if way in SPOKEN else OF_MESSAGES) if one in outcomes_of(way)]
    return {
        "found": found,
        "names": names(found),
        "outcomes": [(one, KEYS[one], COUNTS[one]) for one in listed],
        "overdue": found.snapshot.overdue_minor if found.snapshot else None,
        "currency": found.snapshot.currency if found.snapshot else visit.signed.lender.currency,
        "promise_day": visit.today + PROMISE_AHEAD,
    }


def _outcome(text: str) -> Outcome:
    if text not in set(Outcome):
        raise NotAFieldValue("outcome")
    return Outcome(text)


def _channel(text: str) -> Channel:
    if text not in set(Channel):
        raise NotAFieldValue("channel")
    return Channel(text)


def _promise(visit: Visit) -> tuple[Money, date]:
    return money(visit, "amount"), visit.day("due")


def money(visit: Visit, name: str) -> Money:
    """An amount of the form, in the lender's currency or the one that the form names."""
    currency = visit.text("currency") or visit.signed.lender.currency
    return fields.money(visit.text(name), name, currency)


def _key(visit: Visit) -> str:
    """A key for one request of a permit: sent twice, it asks once."""
    return visit.door.chance(16).hex()
