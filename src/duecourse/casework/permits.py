"""Asking for permits: the one way to a channel.

`request_permit` opens a READ COMMITTED transaction and takes, in a statement of its own, the locks of every counter
that the contact touches; only then it reads the clock and what stands; it decides, reserves the contact with its permit
or stores the refusal, writes the record, and commits: two round trips, the second of them with the commit. Whoever
waited for a lock is answered by the clock after the wait. `casework.redemption` uses a permit, `casework.settling`
settles what came of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from psycopg import errors

from duecourse.book.propose import POINT_KIND, TEXTS
from duecourse.casework import counting, ground
from duecourse.casework.actor import Actor
from duecourse.casework.answering import Answering, Asked, says
from duecourse.casework.gate import Gate
from duecourse.casework.permit import Answer, Checked, NotARequest, PermitRequest
from duecourse.law.plain import plain_finding
from duecourse.storage import counters, log, standing
from duecourse.storage.connection import Database, Tx
from duecourse.storage.points import NoSuchPoint
from duecourse.storage.standing import Standing, Subject
from duecourse.trouble import N_, BadInput, Busy, Said, Trouble, each

Clock: TypeAlias = Callable[[], datetime]
Beside: TypeAlias = Callable[[Tx, Sequence[Answer]], None]
"""What is done with the answers in their own transaction, such as queuing what was permitted; nothing is waited for."""

_TRIES = 3
BACK = timedelta(days=max(standing.REACH_DAYS, counters.DAYS_BACK) + 2)
"""How far back contacts are read: no local day is more than a day from the day in UTC, and a permit lives minutes."""


class OtherDebtors(BadInput):
    """Loans of several debtors, or of nobody."""

    def __init__(self, debtors: int) -> None:
        owed = Said(N_("persons who owe them: {debtors}"), debtors=debtors) if debtors else N_("nobody owes them")
        super().__init__(
            N_("a contact is about the loans of one debtor; of the loans named, {owed}: ask for each apart"), owed=owed
        )


class Moved(Busy):
    """Persons or debts were joined or parted, again and again, while their counters were being locked."""

    def __init__(self) -> None:
        super().__init__(
            N_("the person or the debts are being merged or changed at this moment; nothing was done, ask again")
        )


def request_permit(
    database: Database, lender_id: str, *, gate: Gate, request: PermitRequest, actor: Actor, clock: Clock
) -> Answer:
    """Ask for one permit: a `Permit`, or a `Refusal` with every reason. ``clock`` is read after the locks.

    Raises `NotARequest`, `KeyReused`, `OtherDebtors`, `points.NoSuchPoint`, `persons.NoSuchPerson`,
    `standing.CountersBusy`, `vault.Destroyed`.
    """
    return request_permits(database, lender_id, gate=gate, requests=[request], actor=actor, clock=clock)[0]


def request_permits(
    database: Database,
    lender_id: str,
    *,
    gate: Gate,
    requests: Sequence[PermitRequest],
    actor: Actor,
    clock: Clock,
    beside: Beside | None = None,
) -> list[Answer]:
    """Ask for several permits in one transaction, each seeing those granted before it; answers in their order.

    All are answered or, where one cannot be asked, none: the trouble says which (`Trouble.place`). At most
    `Parameters.batch_max`. ``beside`` is done in the same transaction.
    """
    if not 1 <= len(requests) <= gate.parameters.batch_max:
        raise NotARequest("batch", Said(N_("a batch has 1 to {most} requests"), most=gate.parameters.batch_max))
    keys: set[tuple[str, str, str]] = set()

    def of_its_own(one: PermitRequest) -> None:
        key = (one.sender.type, one.sender.firm, one.idempotency_key)
        if key in keys:
            raise NotARequest("idempotency_key", N_("each request of a batch has a key of its own"))
        keys.add(key)

    list(each(of_its_own, requests))
    for _ in range(_TRIES):
        try:
            answers = _try(database, lender_id, gate=gate, requests=requests, actor=actor, clock=clock, beside=beside)
        except errors.UniqueViolation:  # the same key, for another contact, at this very moment: the next try sees it
            continue
        if answers is not None:
            return answers
    raise Moved


def check_contact(database: Database, lender_id: str, *, gate: Gate, request: PermitRequest, clock: Clock) -> Checked:
    """What the gate would answer now. Nothing is locked, reserved or written, and nothing is promised.

    The idempotency key matters only for an override that is bound to it.
    """
    subject = subject_of(request)
    with database.pipelined(lender_id) as tx:
        found = standing.found(standing.read(tx, [subject], clock().date() - BACK), request.person_id)
        now = clock()
        _debtor(request, found)
    question = gate.ask(found, request, ground.live(counting.made(found.made), now), max(request.at, now))
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


def subject_of(request: PermitRequest) -> Subject:
    """What is read and locked for a request."""
    sender = request.sender
    return Subject(
        request.person_id, request.contact_point_id, request.loan_keys, sender.type.value, sender.firm, sender.staff,
        str(sender), request.idempotency_key,
    )  # fmt: skip


def _try(
    database: Database,
    lender_id: str,
    *,
    gate: Gate,
    requests: Sequence[PermitRequest],
    actor: Actor,
    clock: Clock,
    beside: Beside | None,
) -> list[Answer] | None:
    """One attempt; None if what was locked is not what turned out to be counted."""
    subjects = [subject_of(one) for one in requests]
    since = clock().date() - BACK
    with database.pipelined(lender_id) as tx:
        locks = standing.lock(tx, subjects)
        rows = standing.read(tx, subjects, since)
        held = standing.locked(locks)
        found = list(each(lambda about: standing.found(rows, about.person_id), subjects))
        if any(not standing.touched(*both) <= held for both in zip(subjects, found, strict=True)):
            return None
        now = clock()
        log.prove_ring(lender_id, gate.vault, found[0].index_check)
        asked = list(each(lambda three: _asked(*three, actor), zip(requests, subjects, found, strict=True)))
        answering = Answering(tx, gate, now)
        answers = list(each(answering.answer, asked))
        answering.write()
        if beside is not None:
            beside(tx, answers)
        return answers


def answer_free(
    database: Database,
    lender_id: str,
    *,
    gate: Gate,
    asked: Sequence[tuple[PermitRequest, Actor]],
    clock: Clock,
) -> list[Answer | Trouble | None]:
    """Answer, in one transaction, those requests whose counters nobody else holds; nothing is waited for.

    In place of an answer stands the trouble that `request_permit` would raise for this request, or None: it is to be
    asked alone. Each request sees those granted before it.
    """
    subjects = [subject_of(request) for request, _ in asked]
    found: list[Answer | Trouble | None] = []
    keys: set[tuple[str, str, str]] = set()
    proven: set[bytes | None] = set()
    with database.pipelined(lender_id) as tx:
        locks = standing.try_lock(tx, subjects)
        rows = standing.read(tx, subjects, clock().date() - BACK)
        held = standing.locked(locks)
        now = clock()
        answering = Answering(tx, gate, now)
        for subject, (request, actor) in zip(subjects, asked, strict=True):
            key = (subject.sender_type, subject.firm, subject.key)
            try:
                there = standing.found(rows, subject.person_id)
                if key in keys or not standing.touched(subject, there) <= held:
                    found.append(None)
                    continue
                keys.add(key)
                if there.index_check not in proven:
                    log.prove_ring(lender_id, gate.vault, there.index_check)
                    proven.add(there.index_check)
                found.append(answering.answer(_asked(request, subject, there, actor)))
            except Trouble as trouble:
                found.append(trouble)
        answering.write()
    return found


def _asked(request: PermitRequest, subject: Subject, found: Standing, actor: Actor) -> Asked:
    return Asked(request, subject, found, counting.made(found.made), _debtor(request, found), actor)


def _debtor(request: PermitRequest, found: Standing) -> int:
    """Whose debts they are.

    Raises `NoSuchPoint`, `OtherDebtors`, or `NotARequest` where channel and contact point do not go together.
    """
    if found.point is None:
        raise NoSuchPoint(request.person_id, request.contact_point_id)
    kind = POINT_KIND[request.channel]
    if found.point[0] != ("phone" if kind == TEXTS else kind):
        raise NotARequest(
            "contact_point",
            Said(
                N_("a contact point of the kind {point} cannot be reached by {channel}"),
                point=found.point[0],
                channel=request.channel,
            ),
        )
    debtors = {root for _loan, _person, root in found.borrowers}
    if len(debtors) != 1 or len(found.borrowers) != len(request.loan_keys):
        raise OtherDebtors(len(debtors))
    return debtors.pop()
