"""When a person may be contacted over the next days: what stands about him now, asked of the law for every instant.

Counters lose what falls out of them, holds and statements end when they end: the facts of each instant are reckoned as
the gate would reckon them then, if nothing else happened until then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TypeAlias

from duecourse.book.propose import POINT_KIND, TEXTS
from duecourse.casework import counting, ground, outlook
from duecourse.casework.gate import Gate, where_they_may_be
from duecourse.casework.permit import LOANS_MAX, PermitRequest, Sender
from duecourse.casework.permits import BACK, Clock, subject_of
from duecourse.law.calendar import DAYS, Calendar, Later, Wanted, calendar
from duecourse.law.clock import zone
from duecourse.law.decide import decide_at
from duecourse.law.ordinary import ORDINARY
from duecourse.law.rulebook import Rulebook
from duecourse.law.templates import Register
from duecourse.law.terms import Channel, Purpose, Relation, SenderType
from duecourse.storage import lenders, parties, points, standing
from duecourse.storage.connection import Database, Tx
from duecourse.storage.points import ContactPoint
from duecourse.storage.standing import Standing
from duecourse.trouble import N_, BadInput

PURPOSES = (Purpose.COLLECT, Purpose.REMIND, Purpose.OFFER, Purpose.NOTIFY)
"""Where no template is named, each channel takes the first that is approved for one of these, in this order."""

OWN = Sender(SenderType.LENDER)

_Reached: TypeAlias = tuple[PermitRequest, Standing]
_Ask: TypeAlias = Callable[[datetime], Mapping[str, object]]

_STAFF: Mapping[str, object] = {name: value for name, value in ORDINARY.items() if name.startswith("staff_")}
"""Where nobody of the staff is named: somebody who may speak."""


class NothingOwed(BadInput):
    """The person is tied to no loan, so there is nothing to speak about."""

    def __init__(self, person_id: int) -> None:
        super().__init__(
            N_("person {person_id} is tied to no loan today, so no contact can be about one"), person_id=person_id
        )


def ways(
    register: Register, at: datetime, relation: Relation, *, template: str | None = None
) -> list[tuple[Channel, str]]:
    """Each channel with the template that a calendar takes for it; or the channels of one template.

    A person is spoken to by a text that suits what he is to the debt, and soonest by one that is written for such.

    Raises `UnknownTemplate`.
    """
    if template is not None:
        return [(channel, template) for channel in register[template].channels]
    found = []
    for channel in Channel:
        usable = [one for one in register.templates.values() if one.usable(at.date(), channel) and one.suits(relation)]
        usable.sort(key=lambda one: -one.suits(relation))
        best = next((one for purpose in PURPOSES for one in usable if one.purpose is purpose), None)
        if best is not None:
            found.append((channel, best.id))
    return found


def person_calendar(
    database: Database,
    lender_id: str,
    *,
    gate: Gate,
    person_id: int,
    clock: Clock,
    template: str | None = None,
    sender: Sender = OWN,
    days: int = DAYS,
) -> Calendar:
    """The calendar of a person by channel, about all loans that he is tied to in the closest relation.

    A channel is open where it is at one of his valid contact points; each has its own rules and its own clock.
    Without a member of staff in ``sender``, one who may speak is taken for granted. Nothing is locked, reserved or
    written. Raises `NothingOwed`, `UnknownTemplate`.
    """
    now = clock()
    with database.transaction(lender_id) as tx:
        lender = lenders.get(tx)
        law = gate.law(lender.jurisdiction, lender.packs_off, lender.own_packs, lender.own_templates)
        here = law.book.zone or lender.zone
        relation, loans = _loans(tx, person_id, now, here)
        reached = _points(tx, person_id)
    wanted = [
        PermitRequest(
            person_id=person_id, loan_keys=loans, contact_point_id=point, channel=channel, at=now, template_id=name,
            content_hash=sha256(b"").hexdigest(), sender=sender, idempotency_key="calendar",
        )
        for channel, name in ways(law.register, now, relation, template=template)
        for point in reached.get(POINT_KIND[channel], ())
    ]  # fmt: skip
    with database.pipelined(lender_id) as tx:
        sent = standing.read(tx, [subject_of(one) for one in wanted], now.date() - BACK)
        every = [(one, standing.found(sent, person_id)) for one in wanted]
    found: dict[tuple[Channel, str], list[_Reached]] = {}
    for request, stands in every:
        if law.book.zone or where_they_may_be(stands):  # else the gate is closed at every hour
            found.setdefault((request.channel, request.template_id), []).append((request, stands))
    standings = [stands for one in found.values() for _, stands in one]
    zones = tuple(dict.fromkeys(name for stands in standings for name in where_they_may_be(stands))) or (here,)
    changes = {at for stands in standings for at in outlook.changes(stands, gate.moment(stands, now), days)}

    def wants(channel: Channel, name: str, there: Sequence[_Reached]) -> Wanted:
        asks = [_asker(gate, request, stands, now) for request, stands in there]
        return Wanted(channel.value, {}, name, ask=_best(law.book, zones, asks))

    return calendar(
        law.book,
        [wants(channel, name, there) for (channel, name), there in found.items()],
        now,
        zones=zones,
        later=[Later(at, {}) for at in sorted(changes)],
        days=days,
    )


def _loans(tx: Tx, person_id: int, now: datetime, here: str) -> tuple[Relation, tuple[int, ...]]:
    """The closest relation that the person has to any loan today, and the loans that he has it to."""
    day = now.astimezone(zone(here)).date()
    ties = [
        one
        for one in parties.of_person(tx, person_id)
        if one.from_day <= day and (one.to_day is None or day < one.to_day)
    ]
    closest = next((relation for relation in Relation if any(one.relation == relation for one in ties)), None)
    if closest is None:
        raise NothingOwed(person_id)
    return closest, tuple(sorted({one.loan_key for one in ties if one.relation == closest}))[:LOANS_MAX]


def _points(tx: Tx, person_id: int) -> dict[str, list[int]]:
    """The contact points at which the person is reached, by kind: the valid ones, else the first."""
    found: dict[str, list[ContactPoint]] = {}
    for one in sorted(points.of_person(tx, person_id), key=lambda point: point.ordinal):
        if one.to_at is None:
            found.setdefault(one.kind, []).append(one)
            if one.kind == "phone" and one.line != "fixed":
                found.setdefault(TEXTS, []).append(one)
    return {
        kind: [one.contact_point_id for one in ([one for one in there if one.state == "ok"] or there[:1])]
        for kind, there in found.items()
    }


def _asker(gate: Gate, request: PermitRequest, stands: Standing, now: datetime) -> _Ask:
    """The facts of a contact at any instant, if nothing happens until then."""
    contacts = ground.live(counting.made(stands.made), now)

    def ask(at: datetime) -> Mapping[str, object]:
        assumed = {} if request.sender.staff else _STAFF
        return {**assumed, **gate.facts(stands, request, contacts, gate.moment(stands, at))}

    return ask


def _best(book: Rulebook, zones: Sequence[str], asks: Sequence[_Ask]) -> _Ask:
    """The facts of whichever contact is open at an instant; of the first, where none is."""
    first, *others = asks

    def ask(at: datetime) -> Mapping[str, object]:
        told = first(at)
        if not others or decide_at(book, told, at, zones, passing=False).allowed:
            return told
        for other in others:
            facts = other(at)
            if decide_at(book, facts, at, zones, passing=False).allowed:
                return facts
        return told

    return ask
