"""What providers say afterwards of what they took: kept as it comes, and taken over once the message is known.

A receipt may come before the answer that names the message is written. So it is kept first, which is all that the
provider waits for, and a turn of the outbox's worker acts on it: a message whose parts all arrived is delivered, one of
which a part did not is failed, and where nobody has the number its contact point is failing and used no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from duecourse.casework.actor import Actor
from duecourse.casework.gate import Gate
from duecourse.casework.hearing import hear
from duecourse.casework.outcomes import Outcome
from duecourse.casework.permits import Clock
from duecourse.casework.redemption import hold
from duecourse.casework.settling import report
from duecourse.casework.stopping import Why, end_use
from duecourse.channels.contract import Arrived, Heard, Receipt
from duecourse.storage import log, messages, parts
from duecourse.storage.connection import Database, Tx
from duecourse.storage.parts import Said, Waiting
from duecourse.storage.vault import Destroyed
from duecourse.trouble import Busy

AT_ONCE = 200
KNOWN_WITHIN = timedelta(days=1)
"""A receipt whose message is not known by then is of none of ours: another system sends by the same account."""

STATUS_MAX = 100


def keep_what_came(
    database: Database,
    lender_id: str,
    channel: str,
    came: Sequence[Receipt | Heard],
    *,
    gate: Gate,
    actor: Actor,
    clock: Clock,
) -> None:
    """Keep what came by a line: receipts to be acted on, replies received. It is committed when this returns.

    Raises `standing.CountersBusy`: the provider brings it again.
    """
    said = [
        Said(one.reference[:500], one.arrived.value, one.status[:STATUS_MAX], one.nobody_there)
        for one in came if isinstance(one, Receipt) and one.reference
    ]  # fmt: skip
    with database.transaction(lender_id) as tx:
        if said:
            parts.keep(tx, channel, said, now=clock())
    for one in came:
        if isinstance(one, Heard):
            with database.transaction(lender_id) as tx:
                hear(tx, channel, one, gate=gate, actor=actor, clock=clock)


def take_receipts(database: Database, lender_id: str, *, gate: Gate, actor: Actor, clock: Clock) -> int:
    """Act on the receipts that wait, each in a transaction of its own; how many there were."""
    with database.transaction(lender_id) as tx:
        now = clock()
        parts.give_up(tx, before=now - KNOWN_WITHIN, now=now)
        found = parts.waiting(tx, most=AT_ONCE)
    done = 0
    for one in found:
        try:
            with database.transaction(lender_id) as tx:
                done += _taken(tx, one, gate=gate, actor=actor, clock=clock)
        except Busy:  # the next turn takes it
            continue
    return done


def _taken(tx: Tx, one: Waiting, *, gate: Gate, actor: Actor, clock: Clock) -> bool:
    if not parts.still_waits(tx, one.receipt_id):
        return False
    row = messages.get(tx, one.message_id, held=True)
    now = clock()
    parts.taken(tx, one.receipt_id, person_id=row.person_id, message_id=row.message_id, now=now)
    if one.arrived == Arrived.UNDERWAY:
        return True
    known = parts.arrived(tx, one.message_id, one.part, one.arrived)
    failed = Arrived.FAILED in known
    if not failed and not all(known):
        return True
    try:
        held = hold(tx, gate, row.permit_id, clock)
        key = held.key(gate, tx.lender_id)
    except Destroyed:  # nothing of the person is left that could be wrong
        return True
    report(tx, gate=gate, held=held, outcome=Outcome.FAILED if failed else Outcome.DELIVERED, actor=actor)
    if failed and row.state == "sent":
        messages.end(
            tx, row.message_id, state="failed", now=held.now, permanent=one.nobody_there,
            why={"zh": one.status, "en": one.status},
        )  # fmt: skip
    log.append(
        tx, vault=gate.vault, kind="message.bounced" if failed else "message.delivered", at=held.now, actor=str(actor),
        subject=key, stated={"message": str(row.message_id), "permit": str(row.permit_id), "status": one.status},
    )  # fmt: skip
    if one.nobody_there:
        end_use(tx, vault=gate.vault, message_id=row.message_id, why=Why.BOUNCED, actor=actor, clock=clock)
    return True
