"""Holds: what stops contact at once. Placing one voids every permit not yet used, in the same transaction.

The locks of the person's counters are taken first, so a permit asked for at the same moment is either granted before,
and voided with the others, or asked after, and meets the hold. Two kinds are kept elsewhere, since they last: that a
third person wants no contact stands with the person's ties, for ever; a wrong number stands with the contact point.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import polars as pl

from duecourse.casework.actor import Actor
from duecourse.casework.ground import OF_THE_PERSON
from duecourse.casework.their_loan import check_their_loan
from duecourse.evidence.record import Fact
from duecourse.storage import holds, log, parties, permits, persons, points
from duecourse.storage import standing as counted
from duecourse.storage.connection import Tx
from duecourse.storage.standing import Subject
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput

FIELD = "hold"
"""Under which a reason is sealed."""


class HoldKind(StrEnum):
    """Why contact stops."""

    DISPUTE = "dispute"  # the debt is disputed
    CEASE = "cease"  # the person asked that contact cease
    BEREAVEMENT = "bereavement"  # a death in the family
    DECEASED = "deceased"  # the person has died, with proof
    BREATHING_SPACE = "breathing_space"  # a moratorium runs
    INSOLVENCY = "insolvency"  # an insolvency procedure runs
    HARDSHIP = "hardship"  # hardship was found and pressing is paused
    IDENTITY_THEFT = "identity_theft"  # somebody else may have taken the loan
    INCAPABLE = "incapable"  # no, or limited, legal capacity
    COURT_STAY = "court_stay"  # a court stayed enforcement
    REPRESENTED = "represented"  # a lawyer or adviser speaks for the person
    COMPLAINT = "complaint"  # a complaint is open
    VULNERABLE = "vulnerable"  # particularly vulnerable
    OTHER = "other"
    STORAGE_ONLY = "storage_only"  # the data are only stored and protected: retention places and ends it
    THIRD_PARTY_REFUSAL = "third_party_refusal"  # a third person wants no contact: for ever
    WRONG_NUMBER = "wrong_number"  # the contact point is somebody else's


_OF_RETENTION = N_("that data are only stored is said and ended by `duecourse retention`, not as a hold")

_ELSEWHERE = frozenset({HoldKind.THIRD_PARTY_REFUSAL, HoldKind.WRONG_NUMBER})


class NotAHold(BadInput):
    """A hold that cannot be placed, or not ended."""


class NotYetBegun(NotAHold):
    """A hold that cannot end, since it begins later, or at this very instant: nothing lies between."""

    def __init__(self, hold_id: int, begins: datetime) -> None:
        super().__init__(
            N_("hold {hold} begins at {begins} and can be ended after that instant, not before"),
            hold=hold_id, begins=begins.astimezone(UTC).isoformat(),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Placed:
    """A hold that stands from now on."""

    hold_id: int | None  # None for the kinds that are kept with ties and contact points
    kind: HoldKind
    at: datetime
    voided: int  # permits that were not yet used and are worth nothing now


def place(
    tx: Tx,
    *,
    vault: Vault,
    person_id: int,
    kind: HoldKind,
    source: str,
    actor: Actor,
    clock: Callable[[], datetime],
    loan_key: int | None = None,
    contact_point_id: int | None = None,
    until: datetime | None = None,
    reason: str | None = None,
) -> Placed:
    """Place a hold on a person, or on one debt, and void the permits it forbids. ``source`` names the proof.

    It stands from the instant at which the locks are held. ``reason`` is free text, sealed. Raises `NotAHold`,
    `NotTheirLoan`, `holds.HoldStands`, `persons.NoSuchPerson`, `points.NoSuchPoint`, `standing.CountersBusy`.
    """
    _check(kind, loan_key, contact_point_id, until)
    check_their_loan(tx, person_id, loan_key)
    loan_key = None if kind in OF_THE_PERSON else loan_key
    key = vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    now = locked(tx, person_id, clock, contact_point_id)
    if until is not None and until <= now:
        raise NotAHold(N_("the hold was not placed: its end lies in the past"))
    everybody = persons.same(tx, person_id)
    hold_id: int | None = None
    if kind is HoldKind.WRONG_NUMBER and contact_point_id is not None:
        voided = mark_wrong(tx, person_id, contact_point_id, now=now)
    elif kind is HoldKind.THIRD_PARTY_REFUSAL:
        if not parties.refuse(tx, pl.DataFrame({"person_id": everybody, "at": [now] * len(everybody)})):
            raise NotAHold(
                N_("the hold was not placed: the person has no tie that makes a third person, or has refused before")
            )
        voided = permits.void(tx, everybody, now=now)
    else:
        sealed = vault.seal(key, FIELD, reason) if reason else None
        hold_id = holds.place(
            tx, person_id=person_id, kind=kind.value, from_at=now, source=source, now=now, loan_key=loan_key,
            to_at=until, reason_sealed=sealed,
        )  # fmt: skip
        voided = permits.void(tx, everybody, now=now, loan_key=loan_key)
    facts: dict[str, Fact] = {"loan": None if loan_key is None else str(loan_key), "source": source, "reason": reason}
    log.append(
        tx, vault=vault, kind="hold.placed", at=now, actor=str(actor), subject=key,
        stated={"hold": None if hold_id is None else str(hold_id), "kind": kind.value, "voided": voided}, facts=facts,
    )  # fmt: skip
    return Placed(hold_id, kind, now, voided)


def end(
    tx: Tx,
    *,
    vault: Vault,
    person_id: int,
    hold_id: int,
    actor: Actor,
    clock: Callable[[], datetime],
    reason: str | None = None,
) -> datetime:
    """End an open hold and return since when; raises `NotAHold` if there is none. Permits have to be asked for anew."""
    key = vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    now = locked(tx, person_id, clock)
    if any(one.hold_id == hold_id and one.kind == HoldKind.STORAGE_ONLY for one in holds.of_person(tx, person_id)):
        raise NotAHold(_OF_RETENTION)
    if not holds.end(tx, person_id=person_id, hold_id=hold_id, to_at=now, ended_by=str(actor)):
        for one in holds.of_person(tx, person_id):
            if one.hold_id == hold_id and one.to_at is None:
                raise NotYetBegun(hold_id, one.from_at)
        raise NotAHold(
            N_("person {person} has no open hold {hold}; `duecourse hold list` shows those that stand"),
            person=person_id, hold=hold_id,
        )  # fmt: skip
    log.append(
        tx, vault=vault, kind="hold.ended", at=now, actor=str(actor), subject=key, stated={"hold": str(hold_id)},
        facts={"reason": reason},
    )  # fmt: skip
    return now


def mark_wrong(tx: Tx, person_id: int, contact_point_id: int, *, now: datetime) -> int:
    """Keep that a number is not this person's, under whichever label and name; how many permits are void by that.

    One that a tape replaced is marked too, so that it is wrong when it comes back. The locks of the person and of the
    point must be held. Raises `points.NoSuchPoint`.
    """
    points.of_number(tx, person_id, contact_point_id)
    found = pl.DataFrame({"person_id": [person_id], "contact_point_id": [contact_point_id]})
    marked = points.mark_wrong(tx, found, now=now)
    return sum(permits.void(tx, [person], now=now, contact_point_id=point) for person, point in marked)


def locked(tx: Tx, person_id: int, clock: Callable[[], datetime], contact_point_id: int | None = None) -> datetime:
    """The instant after the locks of the person, and of everybody's contacts by the number of a contact point."""
    point = -1 if contact_point_id is None else contact_point_id
    counted.locked(counted.lock(tx, [Subject(person_id, point, (), "", "", "", "", "")]))
    return clock()


def _check(kind: HoldKind, loan_key: int | None, point: int | None, until: datetime | None) -> None:
    if (kind is HoldKind.WRONG_NUMBER) is (point is None):
        raise NotAHold(N_("the hold was not placed: a wrong number names its contact point, and no other hold does"))
    if kind is HoldKind.STORAGE_ONLY:
        raise NotAHold(_OF_RETENTION)
    if kind in _ELSEWHERE and (loan_key is not None or until is not None):
        raise NotAHold(
            N_("the hold was not placed: {kind} is about a person or a number, not about one loan, and has no end"),
            kind=kind.value,
        )
