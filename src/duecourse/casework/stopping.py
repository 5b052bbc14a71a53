"""What comes back of a message and changes its contact point: somebody stops it, complains, or nobody lives there.

The locks of the person's counters are taken first, as holds take them, and permits that are not used yet are void: what
waits in the outbox for this contact point is withheld.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import polars as pl

from duecourse.casework.actor import Actor, Role
from duecourse.casework.holds import HoldKind
from duecourse.casework.permits import Clock
from duecourse.evidence.record import Fact
from duecourse.storage import changes, log, messages, parties, permits, persons, points, standing
from duecourse.storage.connection import Tx
from duecourse.storage.points import Numbered
from duecourse.storage.standing import Subject
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

    Whoever else has the number is not called by it either.

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
    everybody: bool = True,
) -> datetime | None:
    """The same of a contact point; ``stated`` says by what it was asked.

    A stop is of the number: under each label, also where another replaced it, and for ``everybody`` who has it, unless
    the caller goes through them. A third person who asks it wants no contact by any way, for ever: so his ties say
    from then on.
    """
    rows = points.of_number(tx, person_id, contact_point_id)
    subjects = [Subject(one.person_id, one.contact_point_id, (), "", "", "", "", "") for one in rows]
    standing.locked(standing.lock(tx, subjects))
    now = clock()
    if why is Why.ASKED:
        refuse_all(tx, vault=vault, person_id=person_id, source=SOURCE, actor=actor, now=now)
    by = _By(vault, why, stated, actor, now)
    point, *others = points.of_number(tx, person_id, contact_point_id)
    for one in others:
        if one.person_id == person_id or (_STATES[why] == "stopped" and (everybody or one.replaced)):
            _mark(tx, by, one)
    return now if _mark(tx, by, point) and not point.replaced else None


def stop_earlier(
    tx: Tx, *, vault: Vault, index: bytes, stated: Mapping[str, Fact], actor: Actor, clock: Clock
) -> list[int]:
    """Keep a stop of a number with those who had it, or had it wrongly, for whomever it comes to."""
    by = _By(vault, Why.ASKED, stated, actor, clock())
    return [one.contact_point_id for one in points.earlier(tx, index) if _mark(tx, by, one)]


@dataclass(frozen=True, slots=True)
class _By:
    vault: Vault
    why: Why
    stated: Mapping[str, Fact]
    actor: Actor
    now: datetime


def _mark(tx: Tx, by: _By, point: Numbered) -> bool:
    """Mark one point, with a record; False where it stands so already."""
    state = _STATES[by.why]
    if (point.state, state) == ("wrong", "stopped"):  # nobody is reached by it, but whom it comes to must know
        points.set_state(tx, point.person_id, point.contact_point_id, state, now=by.now)
    if _STRONGER[point.state] >= _STRONGER[state] or (point.replaced and state != "stopped"):
        return False
    points.set_state(tx, point.person_id, point.contact_point_id, state, now=by.now)
    voided = permits.void(tx, [point.person_id], now=by.now, contact_point_id=point.contact_point_id)
    wrapped = persons.wrapped(tx, point.person_id)
    log.append(
        tx, vault=by.vault, kind="point.stopped" if state == "stopped" else "point.failing", at=by.now,
        actor=str(by.actor),
        subject=None if wrapped is None else by.vault.person(tx.lender_id, point.person_id, wrapped),
        stated={**by.stated, "contact_point": str(point.contact_point_id), "why": by.why.value, "voided": voided},
    )  # fmt: skip
    changes.tell(tx, point.person_id, by=str(by.actor))
    return True


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
