"""Using a permit: once, at the instant of dialling or sending, where the gate is asked again with fresh facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg

from duecourse.casework import counting, ground
from duecourse.casework.actor import Actor
from duecourse.casework.answering import said, says
from duecourse.casework.gate import Gate, Question
from duecourse.casework.permit import Permit, PermitRequest, Redeemed, Refusal, Sender, Visit, Why
from duecourse.casework.permit_rows import said_of, stored_answer
from duecourse.casework.permits import BACK, Clock, Moved, subject_of
from duecourse.core.money import BrokenInvariant
from duecourse.evidence.record import Fact
from duecourse.law.plain import plain_finding
from duecourse.storage import log, permits, standing
from duecourse.storage.connection import Database, Row, Tx
from duecourse.storage.permits import PermitRow, Reserved
from duecourse.storage.standing import Standing
from duecourse.storage.vault import PersonKey, Wrapped
from duecourse.trouble import N_, BadInput, Trouble

_ENDS = frozenset({Why.LAW, Why.EXPIRED})
"""Reasons after which a permit is worth nothing any more, so that its reservation is released."""


class WasRefused(BadInput):
    """A number that stands for a refusal is used as if it were a permit."""

    def __init__(self, permit_id: int) -> None:
        super().__init__(
            N_(
                "{permit_id} is the number of a refusal, not of a permit; `duecourse permit show {permit_id}` gives "
                "the reasons"
            ),
            permit_id=permit_id,
        )


@dataclass(frozen=True, slots=True)
class Held:
    """A permit under the locks of everything it touches."""

    row: PermitRow
    permit: Permit
    request: PermitRequest
    standing: Standing
    reserved: Reserved
    now: datetime  # read after the locks

    def key(self, gate: Gate, lender_id: str) -> PersonKey:
        """The key of the person contacted."""
        found = self.standing
        wrapped = None if found.secret_wrapped is None else Wrapped(found.key_id, found.secret_wrapped)
        return gate.vault.person(lender_id, self.row.person_id, wrapped)


def redeem_permit(
    database: Database,
    lender_id: str,
    *,
    gate: Gate,
    permit_id: int,
    sender: Sender,
    content_hash: str,
    actor: Actor,
    clock: Clock,
) -> Redeemed | Refusal:
    """Use a permit now. From the commit on the contact counts as made; of many who try, one succeeds.

    A refusal by the law ends the permit; one for any other reason leaves it to its own sender. Raises
    `permits.NoSuchPermit`, `WasRefused`, `standing.CountersBusy`.
    """
    with database.pipelined(lender_id) as tx:
        held = hold(tx, gate, permit_id, clock)
        return redeem_held(tx, gate=gate, held=held, sender=sender, content_hash=content_hash, actor=actor)


def redeem_held(
    tx: Tx, *, gate: Gate, held: Held, sender: Sender, content_hash: str, actor: Actor
) -> Redeemed | Refusal:
    """The same for whoever holds the permit already and does more in the same transaction (`hold`)."""
    return redeem_use(tx, gate=gate, one=use(gate, held, sender=sender, content_hash=content_hash), actor=actor)


def redeem_use(tx: Tx, *, gate: Gate, one: Use, actor: Actor) -> Redeemed | Refusal:
    """The same for whoever has asked already (`use`)."""
    held, question, why = one.held, one.question, one.why
    permit_id = held.row.permit_id
    if why is None:
        permits.redeem(tx, held.row.person_id, permit_id, now=held.now, local_day=question.moment.day)
        _record(tx, gate, held, question, kind="permit.redeemed", actor=actor)
        return Redeemed(permit_id=permit_id, at=held.now, permit=held.permit)
    if why in _ENDS and held.reserved.state == "reserved":
        permits.release(tx, [(held.row.person_id, permit_id)], now=held.now)
    _record(tx, gate, held, question, kind="permit.not_redeemed", actor=actor, why=why)
    return _refusal(gate, held, question, why, tx.lender_id)


def hold(tx: Tx, gate: Gate, permit_id: int, clock: Clock) -> Held:
    """Lock everything that a permit touches, then read what stands; raises `NoSuchPermit`, `WasRefused`."""
    row = permits.get(tx, permit_id)
    if row.answer != "granted":
        raise WasRefused(permit_id)
    permit = stored_answer(row, tx.lender_id)
    if not isinstance(permit, Permit):
        raise BrokenInvariant(f"permit {permit_id} was granted and is a refusal")
    request = _request(row, permit)
    subject = subject_of(request)
    locks = standing.lock(tx, [subject])
    sent = standing.read(tx, [subject], clock().date() - BACK)
    state = permits.contact(tx, row.person_id, permit_id)
    held = standing.locked(locks)
    found = standing.found(sent, row.person_id)
    if not standing.touched(subject, found) <= held:
        raise Moved
    reserved = permits.reserved(state)
    if reserved is None:
        raise BrokenInvariant(f"permit {permit_id} has no contact")
    log.prove_ring(tx.lender_id, gate.vault, found.index_check)
    return Held(row, permit, request, found, reserved, clock())


def hold_free(tx: Tx, gate: Gate, permit_ids: Sequence[int], clock: Clock) -> dict[int, Held | Trouble | None]:
    """The same of several permits, by number, of those whose counters nobody else holds; nothing is waited for.

    None stands for one whose counters are held or moved, a trouble for one that `hold` would raise it for.
    """
    rows = {one.permit_id: one for one in permits.some(tx, permit_ids)}
    held: dict[int, Held | Trouble | None] = {}
    asked: list[tuple[PermitRow, Permit, PermitRequest]] = []
    for permit_id in permit_ids:
        row = rows.get(permit_id)
        if row is None:
            held[permit_id] = permits.NoSuchPermit(permit_id)
        elif row.answer != "granted":
            held[permit_id] = WasRefused(permit_id)
        else:
            permit = stored_answer(row, tx.lender_id)
            if not isinstance(permit, Permit):
                raise BrokenInvariant(f"permit {permit_id} was granted and is a refusal")
            asked.append((row, permit, _request(row, permit)))
    if not asked:
        return held
    subjects = [subject_of(request) for _row, _permit, request in asked]
    locks = standing.try_lock(tx, subjects)
    sent = standing.read(tx, subjects, clock().date() - BACK)
    states = permits.of_contacts(tx, [(row.person_id, row.permit_id) for row, _permit, _request in asked])
    locked = standing.locked(locks)
    found = [_standing(sent, subject.person_id) for subject in subjects]
    reserved = {int(number): Reserved(*state) for number, *state in states}
    now = clock()
    for subject, stands, (row, permit, request) in zip(subjects, found, asked, strict=True):
        if isinstance(stands, Trouble):
            held[row.permit_id] = stands
        elif not standing.touched(subject, stands) <= locked:
            held[row.permit_id] = None
        else:
            log.prove_ring(tx.lender_id, gate.vault, stands.index_check)
            held[row.permit_id] = Held(row, permit, request, stands, reserved[row.permit_id], now)
    return held


def _standing(sent: psycopg.Cursor[Row], person_id: int) -> Standing | Trouble:
    try:
        return standing.found(sent, person_id)
    except Trouble as trouble:
        return trouble


@dataclass(frozen=True, slots=True)
class Use:
    """What the gate says to the use of a permit now; ``why`` against it, None where it may be used."""

    held: Held
    question: Question
    why: Why | None


def use(gate: Gate, held: Held, *, sender: Sender, content_hash: str) -> Use:
    """Ask the gate again, by everything but the permit's own reservation. Nothing is written."""
    contacts = ground.live(counting.made(held.standing.made), held.now, without=held.row.permit_id)
    question = gate.ask(held.standing, held.request, contacts, held.now)
    return Use(held, question, _why(held, question, gate, sender, content_hash))


def redeem_uses(tx: Tx, *, gate: Gate, uses: Sequence[Use], actor: Actor) -> list[log.Row]:
    """Send that permits are used now, as `redeem_held` does for one; returns their records, which the caller writes."""
    if uses:
        permits.redeem_many(
            tx, [(one.held.row.person_id, one.held.row.permit_id, one.question.moment.day) for one in uses],
            now=uses[0].held.now,
        )  # fmt: skip
    return [_row(tx, gate, one.held, one.question, kind="permit.redeemed", actor=actor) for one in uses]


def _request(row: PermitRow, permit: Permit) -> PermitRequest:
    visit = row.said.get("visit")
    return PermitRequest(
        person_id=row.person_id,
        loan_keys=permit.loan_keys,
        contact_point_id=row.contact_point_id,
        channel=permit.channel,
        at=row.at,
        template_id=row.template_id,
        content_hash=permit.content_hash,
        sender=permit.sender,
        idempotency_key=row.idempotency_key,
        visit=None if visit is None else Visit(*visit),
    )


def _why(held: Held, question: Question, gate: Gate, sender: Sender, content_hash: str) -> Why | None:
    """The first reason against, the most telling one first."""
    if sender != held.permit.sender:
        return Why.OTHER_SENDER
    if held.reserved.state != "reserved":
        return Why.ENDED if held.reserved.state == "released" else Why.USED
    if content_hash != held.permit.content_hash:
        return Why.OTHER_CONTENT
    if held.now >= held.permit.expires_at:
        return Why.EXPIRED
    if held.now < held.permit.at:
        return Why.TOO_EARLY
    if not question.decision.allowed:
        return Why.LAW
    if question.template is None or question.template.version != held.permit.template_version:
        return Why.OTHER_CONTENT
    if held.standing.unreported >= gate.parameters.unreported_max:
        return Why.SENDER_STOPPED
    return None


def _refusal(gate: Gate, held: Held, question: Question, why: Why, lender_id: str) -> Refusal:
    lawful = why is not Why.LAW
    decision = question.decision
    return Refusal(
        permit_id=held.row.permit_id,
        lender_id=lender_id,
        person_id=held.row.person_id,
        why=why,
        says=said_of(why, gate.parameters) if lawful else says(question),
        reasons=() if lawful else tuple(plain_finding(one) for one in decision.refusals),
        missing=() if lawful else decision.missing,
        lifts=() if lawful else decision.lifts,
        next_open=None if lawful else gate.next_open(question),
        at=held.now,
    )


def _record(
    tx: Tx, gate: Gate, held: Held, question: Question, *, kind: str, actor: Actor, why: Why | None = None
) -> None:
    log.append_rows(tx, [_row(tx, gate, held, question, kind=kind, actor=actor, why=why)])


def _row(
    tx: Tx, gate: Gate, held: Held, question: Question, *, kind: str, actor: Actor, why: Why | None = None
) -> log.Row:
    stated: dict[str, Fact] = {"permit": str(held.row.permit_id), "rulebook": question.decision.rulebook}
    if why is not None:
        stated["why"] = why.value
    return log.row_of(
        tx,
        held.standing.entry_id,
        vault=gate.vault,
        kind=kind,
        at=held.now,
        actor=str(actor),
        subject=held.key(gate, tx.lender_id),
        rules=[one.rule.id for one in question.decision.refusals] if why is Why.LAW else (),
        stated=stated,
        facts={"facts": {name: said(value) for name, value in question.facts.items()}},
    )
