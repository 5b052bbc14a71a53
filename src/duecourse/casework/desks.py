"""Telephones of the house: whose, at which address, and who may take a call that goes on.

Each is kept per user and named by staff number. Who is put through to somebody is asked of the gate at that instant, as
if that collector called: hours, holds, exam, training and undertaking bind him alike.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from ipaddress import ip_address

from duecourse.casework import counting, ground, lender_texts
from duecourse.casework.actor import Actor
from duecourse.casework.gate import Gate
from duecourse.casework.permit import PermitRequest, Sender
from duecourse.casework.permits import BACK, Clock, subject_of
from duecourse.casework.redemption import hold
from duecourse.channels.contract import Desk, Handing
from duecourse.channels.voice.desk import checked_address, host_of
from duecourse.law.templates import Template
from duecourse.law.terms import Channel, Purpose, Relation, SenderType
from duecourse.storage import changes, desk_lines, lenders, log, permits, persons, standing, users
from duecourse.storage.cases import Case
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, Refused

TRIED_MAX = 3
"""So many telephones ring, in turn, before who asks for a person is told that nobody is there."""

MUST_RECORD = frozenset({"calls_unrecorded", "call_recorded"})
"""A lender whose law asks one of these is bound by a rule that calls be recorded."""


class DemoRingsHere(Refused):
    """A telephone of a demo lender would ring somewhere in the world."""

    def __init__(self) -> None:
        super().__init__(N_("desk telephones of a demo lender are on this very machine, such as c017@127.0.0.1:5070"))


def set_line(tx: Tx, *, vault: Vault, user_id: str, address: str, actor: Actor, now: datetime) -> str:
    """Keep at which telephone a user is rung; empty: at none. Gives the address as kept.

    Raises `NotADesk`, `DemoRingsHere`, `users.NoSuchUser`.
    """
    user = users.get(tx, user_id)
    kept = checked_address(address) if address.strip() else ""
    if kept and lenders.get(tx).demo and not _inland(host_of(kept)):
        raise DemoRingsHere
    desk_lines.put(tx, user.user_id, kept, by=str(actor), now=now)
    log.append(
        tx, vault=vault, kind="user.line_set", at=now, actor=str(actor),
        stated={
            "user": vault.actor_pseudonym(tx.lender_id, f"user:{user.user_id}"),
            "line": vault.text_pseudonym(tx.lender_id, kept) if kept else None,
        },
    )  # fmt: skip
    return kept


def who_takes(tx: Tx, gate: Gate, *, permit_id: int, case: Case | None, clock: Clock) -> Handing | None:
    """Whose telephones ring for somebody who asks for a person in a call; None where nobody may or is there."""
    if case is None:
        return None
    held = hold(tx, gate, permit_id, clock)
    day = gate.moment(held.standing, held.now).day
    text = _script(tx, held.permit.purpose, held.permit.relation, day)
    if text is None:
        return None
    desks = []
    for line in desk_lines.present(tx, day, first=case.collector_id or ""):
        request = replace(
            held.request, channel=Channel.CALL, at=held.now, template_id=text.id, content_hash=text.hash,
            sender=Sender(SenderType.LENDER, staff=line.user_id),
        )  # fmt: skip
        if _may(tx, gate, request, permit_id, held.now):
            desks.append(Desk(line.user_id, line.address))
        if len(desks) == TRIED_MAX:
            break
    if not desks:
        return None
    return Handing(tuple(desks), case.case_id, bool(MUST_RECORD & gate.law_of(held.standing).asked))


def put_through(
    tx: Tx, *, vault: Vault, permit_id: int, staff: str, recorded: bool, actor: Actor, now: datetime
) -> None:
    """Put on record that somebody of the house took a call that a machine had begun."""
    row = permits.get(tx, permit_id)
    log.append(
        tx, vault=vault, kind="call.put_through", at=now, actor=str(actor),
        subject=vault.person(tx.lender_id, row.person_id, persons.wrapped(tx, row.person_id)),
        stated={
            "permit": str(permit_id), "staff": vault.actor_pseudonym(tx.lender_id, f"user:{staff}"),
            "recorded": recorded,
        },
    )  # fmt: skip
    changes.tell(tx, row.debtor_id, by=str(actor))


def _may(tx: Tx, gate: Gate, request: PermitRequest, permit_id: int, now: datetime) -> bool:
    """Whether the gate would let this collector speak now, in this very contact."""
    rows = standing.read(tx, [subject_of(request)], now.date() - BACK)
    found = standing.found(rows, request.person_id)
    contacts = ground.live(counting.made(found.made), now, without=permit_id)
    return gate.ask(found, request, contacts, now).decision.allowed


def _script(tx: Tx, purpose: Purpose, relation: Relation, day: date) -> Template | None:
    """The approved text for a person who speaks with the same purpose to the same relation."""
    fit = [
        one
        for one in lender_texts.register_for(tx).templates.values()
        if one.purpose is purpose and one.usable(day, Channel.CALL) and one.suits(relation)
    ]
    return min(fit, key=lambda one: one.id, default=None)


def _inland(host: str) -> bool:
    try:
        return not host or ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
