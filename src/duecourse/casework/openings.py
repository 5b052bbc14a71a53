"""What may be done now, for every person of a case by every channel: the gate's answer, live, with nothing reserved.

Each person is asked about in the closest relation to the loans of the case, at each number for calls and at the best
contact point for the rest, with the text that the day proposed or else the first that is approved for the relation. A
no says until when; a yes promises nothing: the permit is asked for apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from duecourse.book.propose import POINT_KIND, TEXTS
from duecourse.casework import counting, ground
from duecourse.casework.answering import says
from duecourse.casework.gate import Gate
from duecourse.casework.permit import Checked, PermitRequest, Sender
from duecourse.casework.permits import BACK, subject_of
from duecourse.law.plain import plain_finding
from duecourse.law.templates import Register, Template
from duecourse.law.terms import THIRD_PERSONS, Channel, Purpose, Relation
from duecourse.storage import standing
from duecourse.storage.case_file import Point, Tie
from duecourse.storage.connection import Database
from duecourse.storage.entries import Alternative, Entry
from duecourse.storage.lenders import Lender
from duecourse.storage.standing import Standing

Clock = Callable[[], datetime]

CHANNELS = (
    Channel.CALL, Channel.SMS, Channel.PUSH, Channel.EMAIL, Channel.IM, Channel.LETTER, Channel.VISIT,
    Channel.LAWYER_LETTER, Channel.ROBOT_CALL, Channel.MMS_IMAGE,
)  # fmt: skip
"""The channels that are asked about, in this order; the portal is the person's own."""

OWES = (Purpose.COLLECT, Purpose.REMIND, Purpose.OFFER, Purpose.NOTIFY)
TOLD = (Purpose.RELAY, Purpose.LOCATE)
"""Purposes of texts to who owes, and to third persons, in the order in which one is taken."""

PEOPLE_MAX = 12
"""People of a case that are asked about; one with more of them is looked at person by person."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to one person, with the text it would be by; ``checked`` is None where no text is approved for it."""

    person_id: int
    relation: Relation
    loan_keys: tuple[int, ...]
    channel: Channel
    point: Point
    scripts: tuple[Template, ...]  # approved for the channel and this relation, the one asked about first
    checked: Checked | None

    @property
    def template(self) -> Template | None:
        """The text that the gate was asked about."""
        return self.scripts[0] if self.scripts else None


def openings(
    database: Database,
    lender_id: str,
    *,
    gate: Gate,
    ties: Sequence[Tie],
    points: Sequence[Point],
    proposed: Iterable[Alternative],
    lender: Lender,
    sender: Sender,
    clock: Clock,
    channels: Sequence[Channel] = CHANNELS,
    prefer: Mapping[Channel, str] | None = None,
) -> list[Way]:
    """Ask the gate about every way to everybody who is tied to a case's loans; nothing is locked or written.

    ``prefer`` names the text to ask about, by channel, where it is approved.
    """
    now = clock()
    register = gate.register(lender)
    wanted: dict[tuple[int | None, str | None], str] = {}
    for one in sorted(proposed, key=lambda each: (each.answer != "allowed", each.ordinal)):
        if one.template_id:
            wanted.setdefault((one.recipient_id, one.channel), one.template_id)
    ways = []
    for person, relation, loans in _people(ties, now):
        reached = _points([one for one in points if one.person_id == person and one.to_at is None])
        for channel in channels:
            first = (prefer or {}).get(channel) or wanted.get((person, channel.value))
            scripts = _scripts(register, channel, relation, now, first)
            ways += [Way(person, relation, loans, channel, point, scripts, None) for point in _at(reached, channel)]
    asked = [(place, _request(way, sender, now)) for place, way in enumerate(ways) if way.scripts]
    answers = checked_many(database, lender_id, gate=gate, requests=[one for _, one in asked], clock=clock)
    for (place, _), answer in zip(asked, answers, strict=True):
        way = ways[place]
        ways[place] = Way(way.person_id, way.relation, way.loan_keys, way.channel, way.point, way.scripts, answer)
    return ways


def entry_answers(
    database: Database,
    lender_id: str,
    *,
    gate: Gate,
    entries: Sequence[Entry],
    reaches: Mapping[int, tuple[int, ...]],
    lender: Lender,
    sender: Sender,
    clock: Clock,
) -> dict[int, Checked]:
    """The gate's answer now to the next action of each of these entries, by case; of those that reach somebody.

    It is asked for the collector who has the case, else for ``sender``.
    """
    register, now = gate.register(lender), clock()
    asked: dict[int, PermitRequest] = {}
    for one in entries:
        text = register.templates.get(one.template_id or "")
        if text and one.case_id in reaches and one.recipient_id and one.contact_point_id and one.channel:
            asked[one.case_id] = PermitRequest(
                person_id=one.recipient_id, loan_keys=reaches[one.case_id], contact_point_id=one.contact_point_id,
                channel=Channel(one.channel), at=now, template_id=text.id, content_hash=text.hash,
                sender=replace(sender, staff=one.collector_id) if one.collector_id else sender, idempotency_key="check",
            )  # fmt: skip
    answers = checked_many(database, lender_id, gate=gate, requests=list(asked.values()), clock=clock)
    return dict(zip(asked, answers, strict=True))


def checked_many(
    database: Database, lender_id: str, *, gate: Gate, requests: Sequence[PermitRequest], clock: Clock
) -> list[Checked]:
    """What the gate would answer to each of these now, read in one round trip; nothing is reserved or promised.

    What stands about a person and a contact point is read once, whichever way it is used.
    """
    if not requests:
        return []
    subjects = {_same(one): subject_of(one) for one in requests}
    with database.pipelined(lender_id) as tx:
        rows = standing.read(tx, list(subjects.values()), clock().date() - BACK)
        found = {key: standing.found(rows, about.person_id) for key, about in subjects.items()}
    now = clock()
    live = {key: ground.live(counting.made(stands.made), now) for key, stands in found.items()}
    return [_checked(gate, found[_same(one)], live[_same(one)], one, now) for one in requests]


def _checked(
    gate: Gate, stands: Standing, contacts: list[Mapping[str, object]], request: PermitRequest, now: datetime
) -> Checked:
    question = gate.ask(stands, request, contacts, max(request.at, now))
    decision = question.decision
    return Checked(
        allowed=decision.allowed,
        says=says(question),
        reasons=tuple(plain_finding(one) for one in decision.refusals),
        advice=tuple(plain_finding(one) for one in decision.advice),
        lifted=tuple(plain_finding(one) for one in decision.lifted),
        missing=decision.missing,
        lifts=decision.lifts,
        next_open=None if decision.allowed else gate.next_open(question),
        at=now,
    )


def _same(request: PermitRequest) -> tuple[int, int, tuple[int, ...]]:
    return request.person_id, request.contact_point_id, request.loan_keys


def _request(way: Way, sender: Sender, now: datetime) -> PermitRequest:
    text = way.scripts[0]
    return PermitRequest(
        person_id=way.person_id, loan_keys=way.loan_keys, contact_point_id=way.point.contact_point_id,
        channel=way.channel, at=now, template_id=text.id, content_hash=text.hash, sender=sender,
        idempotency_key="check",
    )  # fmt: skip


def _people(ties: Sequence[Tie], now: datetime) -> Iterator[tuple[int, Relation, tuple[int, ...]]]:
    """Each person with the closest relation that stands today, and the loans of the case it stands to."""
    day = now.date()
    by_person: dict[int, list[Tie]] = {}
    for one in ties:
        if one.from_day <= day and (one.to_day is None or day < one.to_day) and one.destroyed_at is None:
            by_person.setdefault(one.person_id, []).append(one)
    for person, theirs in list(by_person.items())[:PEOPLE_MAX]:
        closest = next(relation for relation in Relation if any(one.relation == relation for one in theirs))
        yield person, closest, tuple(sorted({one.loan_key for one in theirs if one.relation == closest}))


def _points(points: list[Point]) -> dict[str, list[Point]]:
    """A person's current points by kind, good ones first; phones that take texts apart."""
    found: dict[str, list[Point]] = {}
    for one in sorted(points, key=lambda point: (point.state != "ok", point.ordinal)):
        found.setdefault(one.kind, []).append(one)
        if one.kind == "phone" and one.line != "fixed":
            found.setdefault(TEXTS, []).append(one)
    return found


def _at(reached: Mapping[str, list[Point]], channel: Channel) -> list[Point]:
    """Where a channel reaches somebody: every number for a call, else the best point alone."""
    there = reached.get(POINT_KIND[channel], [])
    return there if channel is Channel.CALL else there[:1]


def _scripts(
    register: Register, channel: Channel, relation: Relation, now: datetime, first: str | None
) -> tuple[Template, ...]:
    """The texts approved for a channel today that suit the relation, the preferred one first."""
    purposes = TOLD if relation in THIRD_PERSONS else OWES
    order = {purpose: place for place, purpose in enumerate(purposes)}
    usable = [
        one
        for one in register.templates.values()
        if one.usable(now.date(), channel) and one.purpose in order and one.suits(relation)
    ]
    usable.sort(key=lambda one: (one.id != first, -one.suits(relation), order[one.purpose]))
    return tuple(usable)
