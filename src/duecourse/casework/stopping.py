"""What comes back of a message and changes its contact point: somebody stops it, complains, or nobody lives there.

The locks of the person's counters are taken first, as holds take them, and permits that are not used yet are void: what
waits in the outbox for this contact point is withheld.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import polars as pl

from duecourse.casework.actor import Actor, Role
from duecourse.casework.holds import HoldKind, locked
from duecourse.casework.permits import Clock
from duecourse.evidence.record import Fact
from duecourse.storage import changes, log, messages, parties, permits, persons, points
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault

READER = Actor(Role.BORROWER, "stop-link")
"""Whoever has the message: nothing else is known of them, and nothing else is asked."""


SOURCE = "stop"
"""What is named as the source of a refusal that a stop brings."""


class Why(StrEnum):
    """Why a contact point is used no more."""

    ASKED = "asked"  # whoever has the message asked for it
    COMPLAINT = "complaint"  # reported as unwanted to the mailbox's provider
    BOUNCED = "bounced"  # the mailbox does not exist, or takes nothing, for good


_STATES = {Why.ASKED: "stopped", Why.COMPLAINT: "stopped", Why.BOUNCED: "unreachable"}
_STRONGER = {"ok": 0, "unreachable": 1, "stopped": 2, "wrong": 2}


def end_use(tx: Tx, *, vault: Vault, message_id: int, why: Why, actor: Actor, clock: Clock) -> datetime | None:
    """Use the contact point of a message no more; None where it stands so already, or was replaced meanwhile.

    Raises `NoSuchMessage`, `standing.CountersBusy`.
    """
    found = messages.get(tx, message_id)
    return stop_point(
        tx, vault=vault, person_id=found.person_id, contact_point_id=found.contact_point_id, why=why,
        stated={"message": str(message_id), "channel": found.channel}, actor=actor, clock=clock,
    )  # fmt: skip


def stop_point(
    tx: Tx,
    *,
    vault: Vault,
    person_id: int,
    contact_point_id: int,
    why: Why,
    stated: Mapping[str, Fact],
    actor: Actor,
    clock: Clock,
) -> datetime | None:
    """The same of a contact point; ``stated`` says by what it was asked.

    A third person who asks it wants no contact by any way, for ever: so his ties say from then on.
    """
    now = locked(tx, person_id, clock)
    if why is Why.ASKED:
        refuse_all(tx, vault=vault, person_id=person_id, source=SOURCE, actor=actor, now=now)
    point = next(one for one in points.of_person(tx, person_id) if one.contact_point_id == contact_point_id)
    state = _STATES[why]
    if point.to_at is not None or _STRONGER[point.state] >= _STRONGER[state]:
        return None
    points.set_state(tx, person_id, contact_point_id, state, now=now)
    voided = permits.void(tx, [person_id], now=now, contact_point_id=contact_point_id)
    log.append(
        tx, vault=vault, kind="point.stopped" if state == "stopped" else "point.failing", at=now, actor=str(actor),
        subject=vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id)),
        stated={**stated, "contact_point": str(contact_point_id), "why": why.value, "voided": voided},
    )  # fmt: skip
    changes.tell(tx, person_id, by=str(actor))
    return now


def refuse_all(tx: Tx, *, vault: Vault, person_id: int, source: str, actor: Actor, now: datetime) -> bool:
    """Keep that a third person wants no contact by any way; False where nothing makes him one, or he said so before.

    The locks of the person must be held. It stands in the log as the hold that a person places does.
    """
    everybody = persons.same(tx, person_id)
    if not parties.refuse(tx, pl.DataFrame({"person_id": everybody, "at": [now] * len(everybody)})):
        return False
    voided = permits.void(tx, everybody, now=now)
    log.append(
        tx, vault=vault, kind="hold.placed", at=now, actor=str(actor),
        subject=vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id)),
        stated={"hold": None, "kind": HoldKind.THIRD_PARTY_REFUSAL.value, "voided": voided},
        facts={"loan": None, "source": source, "reason": None},
    )  # fmt: skip
    return True
