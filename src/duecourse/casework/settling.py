"""What came of a contact: reporting it, giving a permit back, and contacts that the person started.

A redeemed contact counts as everything it could be until its outcome is known; the outcome makes it one thing. Nothing
that was made is ever made undone: an outcome of a contact whose permit had lapsed, or was never redeemed, counts too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import polars as pl

from duecourse.casework import ground
from duecourse.casework.actor import Actor
from duecourse.casework.gate import Gate
from duecourse.casework.holds import mark_wrong
from duecourse.casework.outcomes import COUNTS, Outcome, fits
from duecourse.casework.permit import NotARequest, Sender
from duecourse.casework.permits import BACK, Clock, OtherDebtors
from duecourse.casework.redemption import Held, hold
from duecourse.casework.staff import check_firm
from duecourse.evidence.record import Fact, instant_text
from duecourse.law.terms import THIRD_PERSONS, Channel, Purpose, Relation
from duecourse.storage import contacts, log, parties, permits, persons, standing
from duecourse.storage.connection import Database, Tx
from duecourse.storage.contacts import Contact
from duecourse.storage.points import NoSuchPoint
from duecourse.storage.standing import Subject
from duecourse.storage.vault import PersonKey, Vault
from duecourse.trouble import N_, BadInput, Refused, Said


class OutcomeStands(BadInput):
    """Another outcome was reported before."""

    def __init__(self, permit_id: int, outcome: str) -> None:
        super().__init__(
            N_("the outcome of permit {permit_id} was reported before, as {outcome}; it stands"),
            permit_id=permit_id,
            outcome=outcome.replace("_", " "),
        )


class NotThen(BadInput):
    """An instant at which the contact cannot have been made."""

    def __init__(self, permit_id: int, why: str) -> None:
        super().__init__(N_("the outcome of permit {permit_id} was not taken, at: {why}"), permit_id=permit_id, why=why)


class OtherSender(Refused):
    """Somebody else's contact is reported or given back."""

    def __init__(self, permit_id: int) -> None:
        super().__init__(
            N_("permit {permit_id} was given to another sender, who alone reports on it or gives it back"),
            permit_id=permit_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What stands of a contact after a report."""

    permit_id: int
    state: str  # reported or released
    outcome: Outcome
    at: datetime  # when the contact was made
    unredeemed: bool  # it was made without redeeming the permit


def record_outcome(
    database: Database,
    lender_id: str,
    *,
    gate: Gate,
    permit_id: int,
    outcome: Outcome,
    sender: Sender,
    actor: Actor,
    clock: Clock,
    at: datetime | None = None,
) -> Settled:
    """Report what came of a contact, made ``at`` an instant: the redemption's, or now, if none is said.

    The same report again changes nothing. Any member of the sender's firm may report. ``not_sent`` releases what was
    not redeemed; after redemption it is an attempt without answer, since a sender's word alone gives no room back. A
    wrong number marks the contact point; a third person's refusal is noted for ever; either voids the permits that it
    forbids. Raises `NotOfThisChannel`, `NoSuchPermit`, `WasRefused`, `OutcomeStands`, `NotThen`, `OtherSender`,
    `CountersBusy`.
    """
    with database.transaction(lender_id) as tx:
        held = hold(tx, gate, permit_id, clock)
        _same_house(held, sender)
        return settle_held(tx, gate=gate, held=held, outcome=outcome, actor=actor, at=at)


def settle_held(
    tx: Tx, *, gate: Gate, held: Held, outcome: Outcome, actor: Actor, at: datetime | None = None
) -> Settled:
    """The same for whoever holds the permit already and does more in the same transaction (`redemption.hold`)."""
    before, permit_id = held.reserved, held.row.permit_id
    unredeemed = before.redeemed_at is None
    if before.state == "reported":
        if before.outcome != outcome:
            raise OutcomeStands(permit_id, str(before.outcome))
        return Settled(permit_id=permit_id, state="reported", outcome=outcome, at=before.at, unredeemed=unredeemed)
    fits(held.permit.channel, outcome)
    made = _made(held, outcome, at)
    if outcome is Outcome.NOT_SENT and unredeemed:
        permits.release(tx, [(held.row.person_id, permit_id)], now=held.now)
        state = "released"
    else:
        _settle(tx, gate, held, outcome, made)
        state = "reported"
        _follow(
            tx, outcome, person_id=held.row.person_id, contact_point_id=held.row.contact_point_id,
            loan_keys=held.permit.loan_keys, relation=held.permit.relation, day=held.now.date(), now=held.now,
        )  # fmt: skip
    what: dict[str, Fact] = {"outcome": outcome.value, "unredeemed": unredeemed, "made": instant_text(made)}
    _record(tx, gate, held, kind="contact.settled", actor=actor, what=what)
    return Settled(permit_id=permit_id, state=state, outcome=outcome, at=made, unredeemed=unredeemed)


@dataclass(frozen=True, slots=True)
class Made:
    """A redeemed contact whose outcome is written under its row's lock, without those of its counters.

    An outcome only takes away what a redeemed contact counts as, so nobody who counts at the same instant lets pass
    what he should not.
    """

    permit_id: int
    person_id: int
    redeemed_at: datetime
    entry_id: int
    key: PersonKey = field(repr=False)
    outcome: Outcome


def settle_made(tx: Tx, *, vault: Vault, made: Sequence[Made], actor: Actor, now: datetime) -> list[log.Row]:
    """Send outcomes of contacts whose rows are held; returns their records, which the caller writes."""
    permits.report_many(
        tx, [(one.person_id, one.permit_id, one.outcome.value, COUNTS[one.outcome].connected) for one in made], now=now
    )
    return [
        log.row_of(
            tx, one.entry_id, vault=vault, kind="contact.settled", at=now, actor=str(actor), subject=one.key,
            stated={"permit": str(one.permit_id), "outcome": one.outcome.value},
            facts={"outcome": one.outcome.value, "unredeemed": False, "made": instant_text(one.redeemed_at)},
        )
        for one in made
    ]  # fmt: skip


RECEIPTS = frozenset({Outcome.DELIVERED, Outcome.FAILED})
"""What may be learnt afterwards of a message that was reported as sent."""


def receive_receipt(tx: Tx, *, gate: Gate, held: Held, outcome: Outcome, actor: Actor) -> bool:
    """What a receipt says of a message that was reported as sent: it arrived, or it did not; false if nothing changes.

    Neither gives room back: a message that came back was an attempt all the same.
    """
    before = held.reserved
    if outcome not in RECEIPTS or before.state != "reported" or before.outcome != Outcome.SENT:
        return False
    _settle(tx, gate, held, outcome, before.at)
    what: dict[str, Fact] = {"outcome": outcome.value, "before": str(before.outcome), "made": instant_text(before.at)}
    _record(tx, gate, held, kind="contact.receipt", actor=actor, what=what)
    return True


def report(tx: Tx, *, gate: Gate, held: Held, outcome: Outcome, actor: Actor) -> None:
    """Give the contact its outcome, or after one that says sent whether it arrived; any other that stands, stands."""
    if held.reserved.state == "redeemed":
        settle_held(tx, gate=gate, held=held, outcome=outcome, actor=actor)
    else:
        receive_receipt(tx, gate=gate, held=held, outcome=outcome, actor=actor)


def _settle(tx: Tx, gate: Gate, held: Held, outcome: Outcome, made: datetime) -> None:
    permits.settle(
        tx, held.row.person_id, held.row.permit_id, outcome=outcome.value, connected=COUNTS[outcome].connected,
        at=made, local_day=gate.moment(held.standing, made).day, now=held.now,
    )  # fmt: skip


def _made(held: Held, outcome: Outcome, said: datetime | None) -> datetime:
    """When the contact was made: as said, where it can have been then; raises `NotThen`."""
    redeemed, number = held.reserved.redeemed_at, held.row.permit_id
    if said is None:
        return redeemed or held.now
    if outcome is Outcome.NOT_SENT:
        raise NotThen(number, N_("what was not sent was sent at no time; leave it out"))
    if said > held.now:
        raise NotThen(
            number,
            Said(
                N_("{at} lies in the future; it is {limit}"),
                at=instant_text(said),
                limit=instant_text(held.now),
            ),
        )
    begins, how = (held.permit.issued_at, N_("given")) if redeemed is None else (redeemed, N_("redeemed"))
    if said < begins:
        raise NotThen(
            number,
            Said(
                N_("{at} lies before the permit was {how}, {limit}"),
                at=instant_text(said),
                how=how,
                limit=instant_text(begins),
            ),
        )
    return said


def release_permit(
    database: Database, lender_id: str, *, gate: Gate, permit_id: int, sender: Sender, actor: Actor, clock: Clock
) -> bool:
    """Give back a permit that will not be used, so that its place is free; False if there is nothing to give back."""
    with database.transaction(lender_id) as tx:
        held = hold(tx, gate, permit_id, clock)
        _same_house(held, sender)
        if held.reserved.state != "reserved":
            return False
        permits.release(tx, [(held.row.person_id, permit_id)], now=held.now)
        _record(tx, gate, held, kind="permit.released", actor=actor, what={})
        return True


def record_inbound(
    database: Database,
    lender_id: str,
    *,
    gate: Gate,
    person_id: int,
    loan_keys: Sequence[int],
    channel: Channel,
    outcome: Outcome,
    at: datetime,
    actor: Actor,
    clock: Clock,
    contact_point_id: int | None = None,
    purpose: Purpose = Purpose.ANSWER,
    firm: str = "",
) -> int:
    """Note a contact that the person started, under the same locks; returns its number.

    It uses up no cap of contacts that we start, and counts where the law counts conversations whoever began them, for
    the house that the person reached: ``firm`` is the outside firm, empty for the lender itself.
    Raises `NotOfThisChannel`, `NotARequest` for an instant to come, `OtherDebtors`, `NoSuchPoint`, `NoSuchPerson`,
    `staff.UnknownFirm`.
    """
    with database.transaction(lender_id) as tx:
        check_firm(tx, firm)
        return note_inbound(
            tx, gate=gate, person_id=person_id, loan_keys=loan_keys, channel=channel, outcome=outcome, at=at,
            actor=actor, clock=clock, contact_point_id=contact_point_id, purpose=purpose, firm=firm,
        )  # fmt: skip


def note_inbound(
    tx: Tx,
    *,
    gate: Gate,
    person_id: int,
    loan_keys: Sequence[int],
    channel: Channel,
    outcome: Outcome,
    at: datetime,
    actor: Actor,
    clock: Clock,
    contact_point_id: int | None = None,
    purpose: Purpose = Purpose.ANSWER,
    firm: str = "",
) -> int:
    """The same as part of what a transaction does."""
    fits(channel, outcome, inbound=True)
    subject = Subject(
        person_id, -1 if contact_point_id is None else contact_point_id, tuple(loan_keys), "lender", "", "", "", ""
    )
    lender_id = tx.lender_id
    locks = standing.lock(tx, [subject])
    sent = standing.read(tx, [subject], clock().date() - BACK)
    standing.locked(locks)
    found = standing.found(sent, person_id)
    now = clock()
    log.prove_ring(lender_id, gate.vault, found.index_check)
    if at > now:
        raise NotARequest("at", N_("a contact that came in lies in the past"))
    if contact_point_id is not None and found.point is None:
        raise NoSuchPoint(person_id, contact_point_id)
    debtors = {root for _loan, _person, root in found.borrowers}
    if len(debtors) != 1:
        raise OtherDebtors(len(debtors))
    day = gate.moment(found, at).day
    made = Contact(
        person_id=person_id,
        debtor_id=debtors.pop(),
        loan_keys=tuple(loan_keys),
        relation=(ground.relation(found, loan_keys, day) or Relation.OTHER).value,
        channel=channel.value,
        purpose=purpose.value,
        direction="in",
        agency=firm or None,
        at=at,
        local_day=day,
        state="reported",
        contact_point_id=contact_point_id,
        point_index=bytes.fromhex(found.point[1]) if found.point else None,
        outcome=outcome.value,
        connected=COUNTS[outcome].connected,
    )
    contact_id = contacts.add(tx, made, now=now)
    log.append_as(
        tx,
        found.entry_id,
        vault=gate.vault,
        kind="contact.inbound",
        at=now,
        actor=str(actor),
        subject=gate.vault.person(lender_id, person_id, persons.wrapped(tx, person_id)),
        stated={"contact": str(contact_id), "channel": channel.value, "at": instant_text(at)},
        facts={
            "outcome": outcome.value,
            "loans": [str(loan) for loan in loan_keys],
            **({"firm": firm} if firm else {}),
        },
    )
    _follow(
        tx, outcome, person_id=person_id, contact_point_id=contact_point_id, loan_keys=loan_keys,
        relation=made.relation, day=day, now=now,
    )  # fmt: skip
    return contact_id


def _same_house(held: Held, sender: Sender) -> None:
    own = held.permit.sender
    if (sender.type, sender.firm) != (own.type, own.firm):
        raise OtherSender(held.row.permit_id)


def _follow(
    tx: Tx,
    outcome: Outcome,
    *,
    person_id: int,
    contact_point_id: int | None,
    loan_keys: Sequence[int],
    relation: str,
    day: date,
    now: datetime,
) -> None:
    """What an outcome changes beside the counters, whoever began the contact."""
    if outcome is Outcome.WRONG_NUMBER and contact_point_id is not None:
        mark_wrong(tx, person_id, contact_point_id, now=now)
    if outcome is Outcome.REFUSED and relation in THIRD_PERSONS:
        if not parties.refuse(tx, pl.DataFrame({"person_id": [person_id], "at": [now]})):
            parties.refuse_untied(tx, person_id, loan_keys, at=now, day=day)
        permits.void(tx, persons.same(tx, person_id), now=now)


def _record(tx: Tx, gate: Gate, held: Held, *, kind: str, actor: Actor, what: dict[str, Fact]) -> None:
    log.append_as(
        tx,
        held.standing.entry_id,
        vault=gate.vault,
        kind=kind,
        at=held.now,
        actor=str(actor),
        subject=held.key(gate, tx.lender_id),
        stated={"permit": str(held.row.permit_id), **({"outcome": what["outcome"]} if "outcome" in what else {})},
        facts=what,
    )
