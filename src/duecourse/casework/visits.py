"""Field visits: where addresses lie, rounds of two collectors, setting out by permits, and what came of each visit.

A round is planned without asking anybody. It sets out at once with permits: the gate is asked for each visit, for both
collectors, now and for every quarter of an hour ahead; what it allows is redeemed, and the phone opens the visit no
later than the last instant that was allowed, and no later than `LASTS` (docs/decisions/visits-set-out.md). Pictures
and the signature are documents of the case, sealed; the record of the visit commits to their hashes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from duecourse.casework import lender_texts
from duecourse.casework.actor import Actor, Role
from duecourse.casework.documents import DocumentKind, keep_document
from duecourse.casework.gate import Gate
from duecourse.casework.handover import against
from duecourse.casework.issue_notice import NotToThem, loans_owed
from duecourse.casework.outcomes import Outcome
from duecourse.casework.permit import Permit, PermitRequest, Redeemed, Refusal, Sender
from duecourse.casework.permit import Visit as Planned
from duecourse.casework.permits import Clock, check_contact, request_permit
from duecourse.casework.redemption import hold, redeem_permit
from duecourse.casework.reveal import NothingThere, RevealPurpose, reveal
from duecourse.casework.settling import settle_held
from duecourse.casework.visit_report import NotAReport, Report, checked, digest, image
from duecourse.casework.visit_route import NotAPlace, Place, route
from duecourse.evidence.record import instant_text
from duecourse.law.templates import Template
from duecourse.law.terms import Channel, SenderType
from duecourse.storage import cases, changes, log, messages, persons, points, visits
from duecourse.storage.connection import Database, Tx
from duecourse.storage.vault import Destroyed, PersonKey, Vault
from duecourse.storage.visits import Round, VisitRow
from duecourse.trouble import N_, BadInput, Refused, Said

FIELD = "visit"
"""Under which what was handed in of a visit is sealed."""

STOPS_MAX = 12
COLLECTORS = 2
LASTS = timedelta(hours=4)
STEP = timedelta(minutes=15)


class NotARound(BadInput):
    """A round that cannot be planned so."""

    def __init__(self, why: str | Said, **values: object) -> None:
        super().__init__(N_("no round was planned: {why}"), why=why, **values)


class RoundMoved(Refused):
    """A round that is not in the state that is asked for."""

    def __init__(self, round_id: int, state: str) -> None:
        super().__init__(N_("round {number} is {state}; nothing was done"), number=round_id, state=state)


class NotTheirRound(Refused):
    """Somebody else's round."""

    def __init__(self, round_id: int) -> None:
        super().__init__(
            N_("round {number} is of two others: one of the two sets out, opens it and hands in"), number=round_id
        )


class VisitsPaused(Refused):
    """All sending, or visits, are paused."""

    def __init__(self) -> None:
        super().__init__(N_("contact is paused, visits too; `duecourse outbox show` says by whom"))


class ReportedOtherwise(Refused):
    """Another report of the same visit was handed in before."""

    def __init__(self, visit_id: int) -> None:
        super().__init__(N_("visit {number} was handed in before, otherwise; what stands, stands"), number=visit_id)


@dataclass(frozen=True, slots=True)
class Stop:
    """A visit opened for those who make it: to whom, where, by which words."""

    row: VisitRow
    name: str = field(repr=False)
    address: str = field(repr=False)
    place: Place | None = field(repr=False)


def locate(
    tx: Tx, *, vault: Vault, person_id: int, place: Place, point: int | None = None, actor: Actor, now: datetime
) -> int:
    """Say where an address of a person lies; returns which contact point. Raises `NotARound`, `NoSuchPerson`."""
    if not (abs(place[0]) <= 90_000_000 and abs(place[1]) <= 180_000_000):
        raise NotAPlace
    there = [one for one in points.of_person(tx, person_id) if one.kind == "address" and one.to_at is None]
    chosen = next((one for one in there if point in {None, one.contact_point_id}), None)
    if chosen is None:
        raise NotARound(N_("the person has no such address; `duecourse person show` lists contact points"))
    key = vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    sealed = vault.seal(key, _place_field(chosen.contact_point_id), json.dumps(place))
    visits.locate(
        tx, person_id=person_id, contact_point_id=chosen.contact_point_id, sealed=sealed, by=str(actor), now=now
    )
    log.append(
        tx, vault=vault, kind="visit.located", at=now, actor=str(actor), subject=key,
        stated={"contact_point": str(chosen.contact_point_id)}, facts={"place": list(place)},
    )  # fmt: skip
    return chosen.contact_point_id


def plan_round(
    tx: Tx,
    *,
    vault: Vault,
    case_ids: Sequence[int],
    leaves: datetime,
    staff: tuple[str, str],
    start: Place,
    actor: Actor,
    now: datetime,
) -> Round:
    """Plan a round of two collectors to the borrowers of some cases, by the shortest way. Nobody is asked yet.

    Raises `NotARound` for too many or no cases, one collector, or an address that is not there or lies nowhere.
    """
    if not 1 <= len(set(case_ids)) <= STOPS_MAX or len(set(case_ids)) != len(case_ids):
        raise NotARound(Said(N_("a round sees 1 to {most} cases, each once"), most=STOPS_MAX))
    if len(set(staff)) != COLLECTORS or not all(staff):
        raise NotARound(N_("a visit is made by two collectors, named by their staff numbers"))
    if leaves <= now:
        raise NotARound(N_("it leaves in the past"))
    found = []
    for number in case_ids:
        case = cases.get(tx, number)
        key = vault.person(tx.lender_id, case.person_id, persons.wrapped(tx, case.person_id))
        at = _located(tx, key, case.person_id)
        if at is None:
            raise NotARound(
                Said(
                    N_("of case {case} no address in use has a place; `duecourse visit locate` says where it lies"),
                    case=number,
                )
            )
        found.append((case.person_id, number, *at))
    way = route(start, [place for *_who, place in found])
    number = visits.begin(tx, leaves=leaves, staff=staff, start=start, length_m=way.length_m, by=str(actor), now=now)
    visits.add(
        tx, number,
        [
            (*found[one][:3], leaves + timedelta(seconds=after))
            for one, after in zip(way.order, way.after_s, strict=True)
        ],
    )  # fmt: skip
    log.append(
        tx, vault=vault, kind="visit.planned", at=now, actor=str(actor),
        stated={"round": str(number), "visits": len(found), "length_m": way.length_m},
    )  # fmt: skip
    return visits.get(tx, number)


def set_out(database: Database, lender_id: str, *, gate: Gate, round_id: int, actor: Actor, clock: Clock) -> Round:
    """Ask the gate for each visit and redeem what it allows; what it refuses is left out, with its reason.

    From here on each visit counts as made. Raises `RoundMoved`, `NotTheirRound`, `VisitsPaused`, `NoSuchRound`.
    """
    with database.session_lock(f"{lender_id} visits {round_id}") as mine:
        with database.transaction(lender_id) as tx:
            found = visits.get(tx, round_id)
            if not mine or found.state != "planned":
                raise RoundMoved(round_id, found.state)
            _theirs(found, actor)
            if any(one.channel in {None, Channel.VISIT} for one in messages.pauses(tx)):
                raise VisitsPaused
            waiting = [one for one in visits.of_round(tx, round_id) if one.permit_id is None and one.left_out is None]
        for one in waiting:
            _set_out(database, lender_id, gate, found, one, actor, clock)
        with database.transaction(lender_id) as tx:
            now = clock()
            visits.move(tx, round_id, "out", by=str(actor), now=now)
            out = [one for one in visits.of_round(tx, round_id) if one.permit_id is not None]
            log.append(
                tx, vault=gate.vault, kind="visit.set_out", at=now, actor=str(actor),
                stated={"round": str(round_id), "visits": len(out)},
            )  # fmt: skip
            return visits.get(tx, round_id)


def _set_out(  # noqa: PLR0917 - as in `set_out`
    database: Database, lender_id: str, gate: Gate, found: Round, one: VisitRow, actor: Actor, clock: Clock
) -> None:
    now = clock()
    with database.transaction(lender_id) as tx:
        text = script_of(tx, now)
        try:
            loans = loans_owed(tx, one.case_id, one.person_id, (), now.date())
        except NotToThem as error:
            visits.leave_out(tx, one.visit_id, {"zh": str(error), "en": str(error)})
            return

    def request(staff: str, at: datetime) -> PermitRequest:
        return PermitRequest(
            person_id=one.person_id, loan_keys=loans, contact_point_id=one.contact_point_id, channel=Channel.VISIT,
            at=at, template_id=text.id if text else "none", content_hash=text.hash if text else "0" * 64,
            sender=Sender(SenderType.LENDER, staff=staff), idempotency_key=f"visit-{one.visit_id}",
            visit=Planned(COLLECTORS, enters_private=False),
        )  # fmt: skip

    second = check_contact(database, lender_id, gate=gate, request=request(found.second_staff, now), clock=clock)
    answer: Permit | Refusal | Mapping[str, str]
    if not second.allowed:
        rules = " ".join(str(reason["rule"]) for reason in second.reasons)
        answer = {**second.says, **({"rules": rules} if rules else {})}
    else:
        until = _until(database, lender_id, gate, request, found, now, clock)
        asked = request_permit(
            database, lender_id, gate=gate, request=request(found.first_staff, clock()), actor=actor, clock=clock
        )
        answer = asked if isinstance(asked, Permit) else against(asked)
        if isinstance(asked, Permit):
            used = redeem_permit(
                database, lender_id, gate=gate, permit_id=asked.permit_id, sender=asked.sender,
                content_hash=asked.content_hash, actor=actor, clock=clock,
            )  # fmt: skip
            answer = asked if isinstance(used, Redeemed) else against(used)
    with database.transaction(lender_id) as tx:
        if isinstance(answer, Permit):
            visits.permitted(tx, one.visit_id, answer.permit_id, until=until)
        elif isinstance(answer, Mapping):
            visits.leave_out(tx, one.visit_id, answer)


def _until(  # noqa: PLR0917 - as in `set_out`
    database: Database,
    lender_id: str,
    gate: Gate,
    request: Callable[[str, datetime], PermitRequest],
    found: Round,
    now: datetime,
    clock: Clock,
) -> datetime:
    """The last quarter of an hour, as far as `LASTS`, up to which the gate allows the visit without a break."""
    until = now
    while until < now + LASTS:
        then = until + STEP
        checked = check_contact(database, lender_id, gate=gate, request=request(found.first_staff, then), clock=clock)
        if not checked.allowed:
            break
        until = then
    return until


def open_round(
    tx: Tx, *, vault: Vault, round_id: int, actor: Actor, now: datetime
) -> tuple[Round, list[Stop], Template | None]:
    """Names, addresses and places of a round, opened on record for those who make it, and the words for the door.

    Raises `NotTheirRound`, `RoundMoved`, `NoSuchRound`.
    """
    found = visits.get(tx, round_id)
    _theirs(found, actor)
    if found.state == "ended":
        raise RoundMoved(round_id, found.state)
    stops = []
    for one in visits.of_round(tx, round_id):
        if one.left_out is not None or one.handed_in_at is not None:
            continue
        try:
            key = vault.person(tx.lender_id, one.person_id, persons.wrapped(tx, one.person_id))
            name, address = (
                reveal(
                    tx, vault=vault, person_id=one.person_id, field=what, purpose=RevealPurpose.CONTACT, actor=actor,
                    now=now,
                ).value
                for what in ("name", points.field_name(one.contact_point_id))
            )  # fmt: skip
        except (NothingThere, Destroyed):
            continue
        stops.append(Stop(one, name, address, _place(tx, key, one.person_id, one.contact_point_id)))
    return found, stops, script_of(tx, now)


def record_visit(
    tx: Tx,
    *,
    gate: Gate,
    visit_id: int,
    report: Report,
    actor: Actor,
    clock: Clock,
    chance: Callable[[int], bytes],
) -> VisitRow:
    """Take over what came of a visit; the same again changes nothing.

    Raises `NotAReport`, `ReportedOtherwise`, `NotTheirRound`, `NoSuchVisit`, what `settle_held` raises.
    """
    one = visits.visit(tx, visit_id, held=True)
    found = visits.get(tx, one.round_id)
    _theirs(found, actor)
    hashed = digest(report)
    if one.handed_in_at is not None:
        if bytes(one.report_hash or b"") != hashed:
            raise ReportedOtherwise(visit_id)
        return one
    if one.permit_id is None or one.until is None:
        raise NotAReport(N_("the round did not set out to it"))
    checked(report)
    held = hold(tx, gate, one.permit_id, clock)
    late = report.at > one.until
    settle_held(tx, gate=gate, held=held, outcome=report.outcome, actor=actor, at=_made_at(report))
    vault, key = gate.vault, held.key(gate, tx.lender_id)

    def kept(kind: DocumentKind, name: str, content: bytes) -> dict[str, Any]:
        number = keep_document(
            tx, vault=vault, case_id=one.case_id, kind=kind.value, name=name, content=content, actor=actor,
            now=held.now, chance=chance,
        )  # fmt: skip
        return {"document": number, "sha256": sha256(content).hexdigest()}

    photos = [
        {
            **kept(DocumentKind.OTHER, f"visit-{visit_id}-{place}.{image(photo.content)}", photo.content),
            "at": instant_text(photo.at), "place": photo.place,
        }
        for place, photo in enumerate(report.photos, 1)
    ]  # fmt: skip
    signed = (
        {**kept(DocumentKind.AGREEMENT, f"visit-{visit_id}-signature.png", report.signature), "signer": report.signer}
        if report.signature
        else None
    )
    said = {
        "passes_shown": report.passes_shown, "entered": report.entered, "consent_by": report.consent_by,
        "present": report.present, "note": report.note, "place": report.place, "photos": photos, "signature": signed,
    }  # fmt: skip
    visits.hand_in(
        tx, visit_id, outcome=report.outcome.value, made_at=report.at, entered=report.entered,
        sealed=vault.seal(key, FIELD, json.dumps(said, ensure_ascii=False)), report_hash=hashed, by=str(actor),
        now=held.now,
    )  # fmt: skip
    log.append(
        tx, vault=vault, kind="visit.made", at=held.now, actor=str(actor), subject=key,
        stated={
            "visit": str(visit_id), "round": str(one.round_id), "permit": str(one.permit_id),
            "outcome": report.outcome.value, "entered": report.entered, "passes_shown": report.passes_shown,
            "late": late, "photos": len(photos), "signed": signed is not None,
        },
        facts={
            "staff": [found.first_staff, found.second_staff], "made": instant_text(report.at),
            "place": list(report.place) if report.place else None, "photos": [each["sha256"] for each in photos],
            "signature": signed["sha256"] if signed else None, "consent_by": report.consent_by,
            "report": hashed.hex(),
        },
    )  # fmt: skip
    if all(each.handed_in_at or each.left_out for each in visits.of_round(tx, one.round_id)):
        visits.move(tx, one.round_id, "ended", by=str(actor), now=held.now)
    changes.tell(tx, one.person_id, by=str(actor))
    return visits.visit(tx, visit_id)


def read_report(tx: Tx, *, vault: Vault, visit_id: int) -> dict[str, Any]:
    """What was handed in of a visit, for whoever was let in to it; empty where nothing was."""
    one = visits.visit(tx, visit_id)
    sealed = visits.report_sealed(tx, visit_id)
    if sealed is None:
        return {}
    value = vault.person(tx.lender_id, one.person_id, persons.wrapped(tx, one.person_id)).open(FIELD, sealed)
    return {} if value is None else dict(json.loads(value.value))


def script_of(tx: Tx, now: datetime) -> Template | None:
    """The words for the door: the first text that is approved for visits; None leaves all visits out."""
    texts = lender_texts.register_for(tx).templates.values()
    return next((one for one in texts if one.usable(now.date(), Channel.VISIT)), None)


def _theirs(found: Round, actor: Actor) -> None:
    """Whoever is at the desk as one of the two, leads them, or runs the installation."""
    if actor.role in {Role.OPERATOR, Role.SUPERVISOR} or actor.ref in {found.first_staff, found.second_staff}:
        return
    raise NotTheirRound(found.round_id)


def _made_at(report: Report) -> datetime | None:
    return None if report.outcome is Outcome.NOT_SENT else report.at


def _located(tx: Tx, key: PersonKey, person_id: int) -> tuple[int, Place] | None:
    for one in points.of_person(tx, person_id):
        if one.kind == "address" and one.state == "ok" and one.to_at is None:
            place = _place(tx, key, person_id, one.contact_point_id)
            if place is not None:
                return one.contact_point_id, place
    return None


def _place(tx: Tx, key: PersonKey, person_id: int, point: int) -> Place | None:
    sealed = visits.place(tx, person_id, point)
    value = None if sealed is None else key.open(_place_field(point), sealed)
    if value is None:
        return None
    north, east = json.loads(value.value)
    return int(north), int(east)


def _place_field(point: int) -> str:
    return f"place/{point}"
