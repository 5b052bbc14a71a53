"""What comes back of e-mails, taken over: bounces, complaints and receipts, each report once; and people's replies.

A bounce makes the message failed and its contact's outcome too; where nobody lives at the address, its contact point is
failing and used no more. A complaint stops the contact point. Nothing gives room back in any counter.

What a person wrote lands like everything that comes in (`casework.inbound`): with the lender whose message it answers,
or in whose mailbox it lies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

from duecourse.casework.actor import Actor
from duecourse.casework.gate import Gate
from duecourse.casework.inbound import Inbound, receive
from duecourse.casework.outcomes import Outcome
from duecourse.casework.permits import Clock
from duecourse.casework.redemption import hold
from duecourse.casework.settling import report as report_outcome
from duecourse.casework.stop_link import message_named
from duecourse.casework.stopping import Why, end_use
from duecourse.channels.email.reply import Reply, read_reply
from duecourse.channels.email.report import Kind, Report, read_report
from duecourse.law.terms import Channel
from duecourse.storage import lenders, log, messages, reports, transports
from duecourse.storage.connection import Database, NoSuchLender, Tx
from duecourse.storage.messages import NoSuchMessage
from duecourse.storage.vault import Destroyed

READ_BEFORE, NO_REPORT, NOT_OURS = "read before", "no report", "not ours"
LANDED, UNPLACED = "reply landed", "reply unplaced"

_OUTCOMES = {Kind.BOUNCED: Outcome.FAILED, Kind.DELIVERED: Outcome.DELIVERED}
_STATES = {Kind.BOUNCED: ("failed", frozenset({"sent", "unknown"})), Kind.DELIVERED: ("sent", frozenset({"unknown"}))}


def take_over(database: Database, raws: Iterable[bytes], *, gate: Gate, actor: Actor, clock: Clock) -> Counter[str]:
    """Read mails and act on those that report on messages of ours; how many there were of each kind.

    Each is a transaction of its own: what was read stays read if a later one cannot be. Raises `CountersBusy`.
    """
    found: Counter[str] = Counter()
    for raw in raws:
        report = read_report(raw)
        if report is not None:
            found[_take(database, raw, report, gate=gate, actor=actor, clock=clock)] += 1
            continue
        reply = read_reply(raw)
        found[NO_REPORT if reply is None else _hear(database, reply, gate=gate, actor=actor, clock=clock)] += 1
    return found


def _hear(database: Database, reply: Reply, *, gate: Gate, actor: Actor, clock: Clock) -> str:
    """Receive a person's reply for the lender whom it is meant for."""
    meant = next((one for token in reply.tokens if (one := message_named(gate.vault, token)) is not None), None)
    lender_id = _owner(database, reply) if meant is None else meant[0]
    if lender_id is None:
        return NOT_OURS
    now = clock()
    came = Inbound(
        channel=Channel.EMAIL, sender=reply.sender, receiver=(reply.receivers or ("",))[0][:200], text=reply.text,
        at=min(reply.at or now, now), provider_ref=reply.name, message_id=None if meant is None else meant[1],
    )  # fmt: skip
    try:
        with database.transaction(lender_id) as tx:
            received = receive(tx, gate=gate, came=came, actor=actor, clock=clock)
    except NoSuchLender:  # of a database restored to an earlier state
        return NOT_OURS
    if received.again:
        return READ_BEFORE
    return LANDED if received.row.state == "landed" else UNPLACED


def _owner(database: Database, reply: Reply) -> str | None:
    """The one lender to whose mailbox a mail came; None where it is nobody's, or several lenders'."""
    receivers = {one.strip().lower() for one in reply.receivers}
    with database.register() as tx:
        every = [one.lender_id for one in lenders.every(tx)]
    found = []
    for lender_id in every:
        with database.transaction(lender_id) as tx:
            ways = [one for one in transports.every(tx) if one.channel == Channel.EMAIL]
        ours = {str(one.settings.get(name, "")).lower() for one in ways for name in ("from", "reply_to")} - {""}
        if ours & receivers:
            found.append(lender_id)
    return found[0] if len(found) == 1 else None


def _take(database: Database, raw: bytes, report: Report, *, gate: Gate, actor: Actor, clock: Clock) -> str:
    meant = next((one for token in report.tokens if (one := message_named(gate.vault, token)) is not None), None)
    if meant is None:
        return NOT_OURS
    lender_id, number = meant
    try:
        with database.transaction(lender_id) as tx:
            return _taken(tx, raw, report, number, gate=gate, actor=actor, clock=clock)
    except (
        NoSuchMessage,
        NoSuchLender,
        Destroyed,
    ):  # of a database restored to an earlier state, or of data that is gone
        return NOT_OURS


def _taken(tx: Tx, raw: bytes, report: Report, number: int, *, gate: Gate, actor: Actor, clock: Clock) -> str:
    row = messages.get(tx, number, held=True)
    new = reports.add(
        tx, report_hash=sha256(raw).digest(), person_id=row.person_id, message_id=number, kind=report.kind.value,
        status=report.status, now=clock(),
    )  # fmt: skip
    if not new:
        return READ_BEFORE
    held = hold(tx, gate, row.permit_id, clock)
    if report.kind in _OUTCOMES and row.sending_at is not None:
        report_outcome(tx, gate=gate, held=held, outcome=_OUTCOMES[report.kind], actor=actor)
        state, before = _STATES[report.kind]
        if row.state in before:
            why = {"zh": f"退信（{report.status or '未说明'}）", "en": f"it came back ({report.status or 'no code'})"}
            messages.end(
                tx, number, state=state, now=held.now, why=why if state == "failed" else None,
                permanent=report.nobody_there if state == "failed" else None,
            )  # fmt: skip
    log.append(
        tx, vault=gate.vault, kind=f"message.{report.kind}", at=held.now, actor=str(actor),
        subject=held.key(gate, tx.lender_id),
        stated={"message": str(number), "permit": str(row.permit_id), "status": report.status},
    )  # fmt: skip
    if report.kind is Kind.COMPLAINT:
        end_use(tx, vault=gate.vault, message_id=number, why=Why.COMPLAINT, actor=actor, clock=clock)
    elif report.nobody_there:
        end_use(tx, vault=gate.vault, message_id=number, why=Why.BOUNCED, actor=actor, clock=clock)
    return report.kind.value
