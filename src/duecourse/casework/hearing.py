"""What people write back by a provider's line: parts put together, then received (`casework.inbound`).

A provider that gives a reply no name of its own may bring it again when our thanks got lost. The same words from the
same number to the same one within five minutes are one reply: its name is made of them, as a pseudonym.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from duecourse.casework.actor import Actor
from duecourse.casework.gate import Gate
from duecourse.casework.inbound import Inbound, NotInbound, receive
from duecourse.casework.permits import Clock
from duecourse.channels.contract import Heard
from duecourse.law.terms import Channel
from duecourse.storage import heard
from duecourse.storage.connection import Database, Tx
from duecourse.storage.heard import HeardPart
from duecourse.storage.vault import Wrapped
from duecourse.trouble import Busy

TOGETHER_WITHIN = timedelta(minutes=15)
"""Parts wait so long for their others; then what there is of a reply is received, with a mark where some lack."""

SAME_S = 300
MISSING = "[…]"


def hear(tx: Tx, channel: str, came: Heard, *, gate: Gate, actor: Actor, clock: Clock) -> None:
    """Take in a reply, or a part of one. What is no reply at all (no words) is left."""
    if came.part is None:
        _received(tx, channel, (came.sender, came.to, came.text), came.reference, gate=gate, actor=actor, clock=clock)
        return
    vault, part = gate.vault, came.part
    whole = vault.text_pseudonym(tx.lender_id, f"{came.sender} {came.to} {part.reference} {part.of}")
    sealed = vault.seal_secret(
        tx.lender_id, heard.owner(whole, part.place), json.dumps([came.sender, came.to, came.text]).encode()
    )
    there = heard.add(tx, channel, whole, place=part.place, parts=part.of, sealed=sealed, now=clock())
    if len(there) == part.of:
        _join(tx, channel, whole, there, gate=gate, actor=actor, clock=clock)


def join_stale(database: Database, lender_id: str, *, gate: Gate, actor: Actor, clock: Clock) -> int:
    """Receive what there is of replies whose other parts did not come; how many."""
    with database.transaction(lender_id) as tx:
        found = heard.stale(tx, before=clock() - TOGETHER_WITHIN)
    done = 0
    for channel, whole in found:
        try:
            with database.transaction(lender_id) as tx:
                there = heard.of_whole(tx, channel, whole)
                if there:
                    _join(tx, channel, whole, there, gate=gate, actor=actor, clock=clock)
                    done += 1
        except Busy:  # the next turn takes it
            continue
    return done


def _join(tx: Tx, channel: str, whole: str, there: list[HeardPart], *, gate: Gate, actor: Actor, clock: Clock) -> None:
    said = {one.place: _opened(tx, gate, whole, one) for one in there}
    sender, to, _text = next(iter(said.values()))
    words = "".join(said[place][2] if place in said else MISSING for place in range(1, there[0].parts + 1))
    heard.remove(tx, channel, whole)
    _received(tx, channel, (sender, to, words), "", gate=gate, actor=actor, clock=clock)


def _opened(tx: Tx, gate: Gate, whole: str, one: HeardPart) -> tuple[str, str, str]:
    sealed = Wrapped(one.key_id, bytes(one.part_sealed))
    sender, to, text = json.loads(gate.vault.open_secret(tx.lender_id, heard.owner(whole, one.place), sealed))
    return sender, to, text


def _received(
    tx: Tx, channel: str, said: tuple[str, str, str], reference: str, *, gate: Gate, actor: Actor, clock: Clock
) -> None:
    now = clock()
    sender, to, text = said
    name = reference or f"{gate.vault.text_pseudonym(tx.lender_id, chr(0).join(said))}.{_slot(now)}"
    try:
        came = Inbound(
            channel=Channel(channel), sender=sender, receiver=to, text=text.replace(chr(0), ""), at=now,
            provider_ref=name,
        )  # fmt: skip
    except NotInbound:  # nothing that could be read: the provider is not asked to bring it again
        return
    receive(tx, gate=gate, came=came, actor=actor, clock=clock)


def _slot(now: datetime) -> int:
    return int(now.timestamp()) // SAME_S
