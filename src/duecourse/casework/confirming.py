"""Confirming a stop: one message to the address that was stopped, where the law lets one go, and never a second.

The stop itself waits for nothing. Beside it a row says that its address may have its one confirmation; the outbox's
worker asks the law whether there is one at all and until when (`stop_confirmations`, `stop_confirmation_minutes`), and
then the gate, as for any message. Row, permit and message are written together, so that neither a kill nor a second
worker makes two. Where the law is silent, or nobody of us wrote to the address, none is sent, and the row says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from duecourse.casework import counting, lender_texts, letterhead, stop_link
from duecourse.casework.actor import Actor
from duecourse.casework.gate import Gate
from duecourse.casework.ground import CONFIRMING
from duecourse.casework.message import OPT_OUT, Prepared, queue_prepared, sealed, whole
from duecourse.casework.permit import Answer, Permit, PermitRequest, Sender
from duecourse.casework.permit_rows import KeyReused
from duecourse.casework.permits import BACK, Clock, OtherDebtors, subject_of
from duecourse.casework.stating import state_for
from duecourse.channels.render import compose
from duecourse.law.measure import measure
from duecourse.law.templates import Template
from duecourse.law.terms import Channel, SenderType
from duecourse.storage import confirmations, lenders, log, messages, permits, persons, standing
from duecourse.storage.confirmations import Confirmation
from duecourse.storage.connection import Database, Tx
from duecourse.storage.inbound import InboundRow
from duecourse.storage.vault import Destroyed
from duecourse.trouble import N_, Busy, Said

AT_ONCE = 50
WRITTEN = frozenset({Channel.SMS, Channel.MMS_IMAGE, Channel.EMAIL, Channel.PUSH, Channel.IM})
"""Ways by which a stop that came in writing is confirmed; a call says it itself."""

SAYS = {
    "due": N_("the law is being asked whether it is confirmed"),
    "queued": N_("it is confirmed once, by message {message}"),
    "spoken": N_("it was confirmed in the call itself"),
    "refused": N_("not confirmed: the gate refused it"),
    "late": N_("not confirmed: its time was over"),
    "law": N_("not confirmed: the law says nothing of a confirmation"),
    "missing": N_("not confirmed: a fact that the law asks is missing"),
    "nobody_wrote": N_("not confirmed: no message of ours is answered by it"),
    "no_text": N_("not confirmed: no text is approved for it"),
    "no_line": N_("not confirmed: a line of the lender's letters is missing"),
    "no_stop_address": N_("not confirmed: an e-mail needs the address of the page that stops it"),
    "gone": N_("not confirmed: the person's data are erased"),
    "other_debtors": N_("not confirmed: the debts are of several people by now"),
}
"""What became of a confirmation, in words: by its state, or why there is none."""

_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class _Allowed:
    """What may go: to whom, by whom, in which words, until when."""

    row: Confirmation
    sender: Sender
    loans: tuple[int, ...]
    template: Template
    until: datetime


@dataclass(frozen=True, slots=True)
class _Asking:
    """By whom, by which gate and clock it is asked."""

    gate: Gate
    actor: Actor
    clock: Clock


class _NoneGoes(Exception):
    """There is no confirmation, for a reason."""

    def __init__(self, row: Confirmation, why: str, *, state: str = "none") -> None:
        super().__init__(why)
        self.row, self.why, self.state = row, why, state


def is_chinese(text: str) -> bool:
    """In which of our two languages a text is answered."""
    return _HAN.search(text) is not None


def owe(tx: Tx, *, row: InboundRow, lang: str, stopped: Sequence[tuple[int, int]]) -> None:
    """Note, in the transaction of the stop, that the address it came from may have its one confirmation.

    ``stopped`` are the person and contact point of each who has the address. Of several people nobody knows who asked.
    """
    if Channel(row.channel) not in WRITTEN or row.person_id is None or row.other_sender:
        return
    mine = [point for person, point in stopped if person == row.person_id]
    if len({person for person, _point in stopped}) == 1 and mine:
        confirmations.owe(
            tx, person_id=row.person_id, contact_point_id=mine[0], channel=row.channel,
            lang=lang, at=row.at, inbound_id=row.inbound_id, answers=row.answers,
        )  # fmt: skip


def said(row: Confirmation) -> Said:
    """What became of it, as a sentence."""
    name = (row.why or row.state) if row.state == "none" else row.state
    return Said(SAYS[name], message=row.message_id or 0)


def confirm_due(
    database: Database,
    lender_id: str,
    *,
    gate: Gate,
    public_url: str | None,
    actor: Actor,
    clock: Clock,
    chance: Callable[[int], bytes],
) -> int:
    """Ask law and gate for the confirmations that are due, and queue those that may go; how many were queued."""
    with database.transaction(lender_id) as tx:
        found = confirmations.due(tx, most=AT_ONCE)
    asking, done = _Asking(gate, actor, clock), 0
    for number in found:
        try:
            with database.transaction(lender_id) as tx:
                ready = _ready(tx, asking, number, public_url, chance)
            if ready is not None:
                done += _queued(database, lender_id, asking, *ready)
        except (Busy, KeyReused):  # the next turn takes it, or somebody else did
            continue
    return done


def _ready(
    tx: Tx, asking: _Asking, number: int, public_url: str | None, chance: Callable[[int], bytes]
) -> tuple[_Allowed, Prepared] | None:
    """What may go, its words made; None where nothing may, which is on record then."""
    row = confirmations.held(tx, number)
    if row is None:
        return None
    try:
        allowed = _allowed(tx, asking, row)
        return allowed, _prepared(tx, asking, allowed, public_url, chance)
    except _NoneGoes as none:
        _none(tx, asking, none.row, none.why, state=none.state)
        return None
    except Destroyed:
        confirmations.settle(tx, number, state="none", why="gone", now=asking.clock())
        return None


def _allowed(tx: Tx, asking: _Asking, row: Confirmation) -> _Allowed:
    """What the law lets go. Raises `_NoneGoes`."""
    gate, clock = asking.gate, asking.clock
    if row.answers is None:
        raise _NoneGoes(row, "nobody_wrote")
    asked = permits.get(tx, row.answers)
    sender = Sender(SenderType(asked.sender_type), asked.firm, asked.staff)
    day = clock().astimezone(ZoneInfo(lenders.get(tx).zone)).date()
    texts = lender_texts.register_for(tx).templates.values()
    fit = [one for one in texts if one.states.get("confirms_stop") and one.usable(day, row.channel)]
    request = PermitRequest(
        person_id=row.person_id, loan_keys=tuple(asked.loan_keys), contact_point_id=row.contact_point_id,
        channel=Channel(row.channel), at=clock(), template_id=fit[0].id if fit else asked.template_id,
        content_hash=sha256(b"").hexdigest(), sender=sender, idempotency_key=_key(row),
    )  # fmt: skip
    subject = subject_of(request)
    about = standing.found(standing.read(tx, [subject], clock().date() - BACK), row.person_id)
    question = gate.ask(about, request, counting.made(about.made), clock())
    facts = {**question.facts, "on": question.moment.day}
    book = gate.law_of(about).book
    allows = measure(book, "stop_confirmations", facts)
    if not allows.value:
        raise _NoneGoes(row, "missing" if allows.missing else "law")
    if not fit:
        raise _NoneGoes(row, "no_text")
    minutes = measure(book, "stop_confirmation_minutes", facts).value
    if not isinstance(minutes, int):
        raise _NoneGoes(row, "law")
    until = row.at + timedelta(minutes=minutes)
    if clock() >= until:
        raise _NoneGoes(row, "late", state="late")
    if row.until is None:
        confirmations.allow(tx, row.confirmation_id, until=until)
        source = f"inbound:{row.inbound_id}"
        for fact, value in CONFIRMING.items():
            state_for(
                tx, vault=gate.vault, person_id=row.person_id, fact=fact, value=value, sender=sender, key=_key(row),
                source=source, until=until, actor=asking.actor, now=clock(),
            )  # fmt: skip
    return _Allowed(row, sender, request.loan_keys, fit[0], until)


def _none(tx: Tx, asking: _Asking, row: Confirmation, why: str, *, state: str = "none") -> None:
    gate, now = asking.gate, asking.clock()
    confirmations.settle(tx, row.confirmation_id, state=state, why=why, now=now)
    try:
        key = gate.vault.person(tx.lender_id, row.person_id, persons.wrapped(tx, row.person_id))
    except Destroyed:
        return
    log.append(
        tx, vault=gate.vault, kind="stop.not_confirmed", at=now, actor=str(asking.actor), subject=key,
        stated={"inbound": str(row.inbound_id), "channel": row.channel, "why": why},
    )  # fmt: skip


def _prepared(
    tx: Tx, asking: _Asking, allowed: _Allowed, public_url: str | None, chance: Callable[[int], bytes]
) -> Prepared:
    """The words of a confirmation, in which nobody says anything of his own. Raises `_NoneGoes`."""
    row, template, vault = allowed.row, allowed.template, asking.gate.vault
    lender, number, now = lenders.get(tx), messages.next_id(tx), asking.clock()
    stop = ""
    if row.channel == Channel.EMAIL:
        if public_url is None:
            raise _NoneGoes(row, "no_stop_address")
        stop = f"{public_url}{stop_link.PATH}/{stop_link.token(vault, tx.lender_id, number)}"
    day = now.astimezone(ZoneInfo(lender.zone)).date()
    known = {name: line.value for name, line in letterhead.lines_on(tx, allowed.sender.firm, day).items()}
    known |= {"lender": lender.name, "opt_out": stop or OPT_OUT[row.lang]}
    if any(not known.get(slot) for slot in template.slots):
        raise _NoneGoes(row, "no_line")
    filled = {slot: known[slot] for slot in template.slots}
    head = {"lender": lender.name, "issued_on": day.isoformat(), "postal_address": ""}
    content = whole(compose(template, {**filled, **head}, row.lang, verify=None), stop)
    key = vault.person(tx.lender_id, row.person_id, persons.wrapped(tx, row.person_id))
    return sealed(
        vault, key, number, content, lang=row.lang, priority=0, chance=chance,
        request=PermitRequest(
            person_id=row.person_id, loan_keys=allowed.loans, contact_point_id=row.contact_point_id,
            channel=Channel(row.channel), at=now, template_id=template.id, content_hash=sha256(content).hexdigest(),
            sender=allowed.sender, idempotency_key=_key(row),
        ),
    )  # fmt: skip


def _queued(database: Database, lender_id: str, asking: _Asking, allowed: _Allowed, made: Prepared) -> bool:
    """Ask the gate; permit, message and what became of the row are written together."""
    row = allowed.row
    kept: list[bool] = []

    def settled(tx: Tx, answers: Sequence[Answer]) -> None:
        answer = answers[0]
        if isinstance(answer, Permit):
            confirmations.settle(
                tx, row.confirmation_id, state="queued", now=answer.issued_at, permit_id=answer.permit_id,
                message_id=made.message_id,
            )  # fmt: skip
            kept.append(True)
        else:
            confirmations.settle(
                tx, row.confirmation_id, state="refused", why=answer.why.value, now=answer.at,
                permit_id=answer.permit_id,
            )  # fmt: skip

    try:
        queue_prepared(
            database, lender_id, gate=asking.gate, prepared=[made], actor=asking.actor, clock=asking.clock,
            also=settled,
        )  # fmt: skip
    except OtherDebtors:
        with database.transaction(lender_id) as tx:
            _none(tx, asking, row, "other_debtors")
    return bool(kept)


def _key(row: Confirmation) -> str:
    return f"stop-confirmation:{row.confirmation_id}"
