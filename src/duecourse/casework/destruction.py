"""Destroying what no rule keeps any more: one asks, another approves, the run of retention does it, and certifies it.

The run reckons the schedule anew for everybody named: whoever got a legal hold, a new loan or a longer period since is
left out, and the certificate says so. What remains is noise under keys that are gone; records and proofs stay valid.
The certificate stands in the log: how many people, how many rows of each kind, by which rules, who asked, who approved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import rfc8785

from duecourse.book.store import Store
from duecourse.casework.actor import Actor, Role
from duecourse.casework.approval import Kind
from duecourse.casework.destroy import Ground, destroy
from duecourse.casework.kept import Phase
from duecourse.casework.lender_law import law_of
from duecourse.casework.retention import schedule
from duecourse.law.terms import Authority
from duecourse.storage import log, retention
from duecourse.storage.approvals import Approval
from duecourse.storage.connection import Tx
from duecourse.storage.retention import Destruction
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Refused, Said

FORMAT = 1
PEOPLE_MAX = 1_000


class NothingOver(Refused):
    """Nobody whose periods are all over."""

    def __init__(self) -> None:
        super().__init__(N_("nothing may be destroyed: of nobody named is every period over on this day"))


class TooMany(BadInput):
    """More people than one certificate names."""

    def __init__(self) -> None:
        super().__init__(N_("a destruction is of 1 to {most} people; ask for the others apart"), most=PEOPLE_MAX)


class NotDone(BadInput):
    """A destruction without a certificate: it was not carried out."""

    def __init__(self, number: int) -> None:
        super().__init__(N_("destruction {number} was not carried out yet, so there is no certificate"), number=number)


class ByTwo(Refused):
    """A destruction for the end of a period, asked of one person alone."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "what no rule keeps any more is destroyed by two people, with a certificate: "
                "`duecourse retention destroy`"
            )
        )


class PeriodRuns(Refused):
    """A right to deletion that a legal period, or what is not known of it, stands against."""

    def __init__(self, person_id: int, why: str | Said) -> None:
        super().__init__(
            N_(
                "data of person {person_id} may not be destroyed yet: {why}. Until then they are only stored "
                "(PIPL art. 47): `duecourse retention store {person_id}`"
            ),
            person_id=person_id,
            why=why,
        )


def by_right(
    tx: Tx, *, vault: Vault, store: Store, person_id: int, ground: Ground, day: date, actor: Actor, now: datetime
) -> None:
    """Destroy one person's data because the person has a right to it, unless a period that law sets still runs.

    A period of the lender's own policy does not stand against the right; a fact that a rule lacks does, and a loan that
    the book does not hold. Raises `ByTwo`, `PeriodRuns` and what `destroy.destroy` raises.
    """
    if ground is Ground.RETENTION_OVER:
        raise ByTwo
    (kept,) = schedule(tx, store=store, person_ids=[person_id], day=day, now=now)
    law = {one.rule.id for one in law_of(tx).givers if one.rule.source.authority is not Authority.LENDER_POLICY}
    runs = [one for one in kept.terms if one.ends is not None and one.ends > day and law & set(one.rules)]
    if kept.missing:
        raise PeriodRuns(person_id, Said(N_("these facts are missing: {facts}"), facts=", ".join(kept.missing)))
    if runs:
        latest = max(runs, key=lambda one: one.ends or day)
        rules = ", ".join(sorted(law & set(latest.rules)))
        raise PeriodRuns(person_id, Said(N_("{rules} keeps them until {day}"), rules=rules, day=latest.ends))
    if kept.unheard:
        raise PeriodRuns(person_id, N_("the book does not hold every loan that the person is tied to"))
    destroy(tx, vault=vault, person_id=person_id, ground=ground, standing=kept.running, day=day, actor=actor, now=now)


def propose(
    tx: Tx, *, vault: Vault, store: Store, person_ids: Sequence[int], day: date, actor: Actor, now: datetime
) -> Destruction:
    """Write down the people among these whose periods are all over. Raises `NothingOver`, `TooMany`."""
    if not 1 <= len(person_ids) <= PEOPLE_MAX:
        raise TooMany
    over = [
        one.person_id
        for one in schedule(tx, store=store, person_ids=sorted(set(person_ids)), day=day, now=now)
        if one.phase is Phase.OVER
    ]
    if not over:
        raise NothingOver
    found = retention.destruction(tx, retention.propose(tx, person_ids=over, actor=str(actor), now=now))
    log.append(tx, vault=vault, kind="retention.proposed", at=now, actor=str(actor), stated=asked(found))
    return found


def asked(found: Destruction) -> dict[str, Any]:
    """What is asked for when a destruction shall be approved."""
    people = ",".join(str(one) for one in found.person_ids)
    return {"destruction": found.destruction_id, "people": len(found.person_ids), "digest": _digest(people)}


def carry_out(
    tx: Tx, *, vault: Vault, store: Store, found: Destruction, day: date, actor: Actor, now: datetime
) -> Mapping[str, Any]:
    """Destroy what was approved and is still over today, and return the certificate that stands in the log."""
    listed = schedule(tx, store=store, person_ids=list(found.person_ids), day=day, now=now)
    over = [one for one in listed if one.phase is Phase.OVER]
    counted = retention.count(tx, [one.person_id for one in over]) if over else {}
    for one in over:
        destroy(
            tx, vault=vault, person_id=one.person_id, ground=Ground.RETENTION_OVER, standing=(), day=day, actor=actor,
            now=now,
        )  # fmt: skip
    left = Counter(one.phase.value for one in listed if one.phase is not Phase.OVER)
    gone = len(found.person_ids) - len(listed)
    certificate: dict[str, Any] = {
        "format": FORMAT, "lender": tx.lender_id, "destruction": found.destruction_id, "day": day.isoformat(),
        "people": len(over), "rows": counted, "left": dict(sorted(left.items())), "gone_before": gone,
        "rules": sorted({rule for one in over for rule in one.by}), "ground": Ground.RETENTION_OVER.value,
        "asked_by": found.asked_by, "approved_by": found.approved_by, "carried_out_by": str(actor),
        "at": now.isoformat(),
    }  # fmt: skip
    entry = log.append(
        tx, vault=vault, kind="retention.destroyed", at=now, actor=str(actor), rules=certificate["rules"],
        stated={
            "destruction": found.destruction_id, "people": len(over), "left": sum(left.values()), "rows": counted,
            "ground": Ground.RETENTION_OVER.value, "certificate": digest(certificate),
            "asked_by": vault.actor_pseudonym(tx.lender_id, found.asked_by),
            "approved_by": vault.actor_pseudonym(tx.lender_id, found.approved_by or ""),
        },
    )  # fmt: skip
    retention.carried_out(tx, found.destruction_id, certificate=certificate, entry_id=entry, now=now)
    return certificate


def certificate_of(tx: Tx, destruction_id: int) -> tuple[Mapping[str, Any], int]:
    """The certificate of a destruction and the number of its record. Raises `NotDone`, `NoSuchDestruction`."""
    found = retention.destruction(tx, destruction_id)
    if found.certificate is None or found.entry_id is None:
        raise NotDone(destruction_id)
    return found.certificate, found.entry_id


def digest(certificate: Mapping[str, Any]) -> str:
    """SHA-256 of a certificate as canonical JSON (RFC 8785): what its record states."""
    return sha256(rfc8785.dumps(dict(certificate))).hexdigest()


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _check(tx: Tx, said: Mapping[str, Any]) -> None:
    found = retention.destruction(tx, int(said["destruction"]))
    if found.approved_at is not None or asked(found) != dict(said):
        raise retention.NoSuchDestruction(found.destruction_id)


def _carry_out(tx: Tx, request: Approval, _vault: Vault, actor: Actor, now: datetime) -> None:
    _check(tx, request.asked)
    retention.approve(tx, int(request.asked["destruction"]), approval_id=request.approval_id, actor=str(actor), now=now)


APPROVE = Kind(
    kind="retention.destroy",
    says=N_("destroy the data of {people} people for good (destruction {destruction}), at the next run of retention"),
    asks=frozenset({Role.COMPLIANCE}),
    decides=frozenset({Role.COMPLIANCE, Role.ADMIN}),
    carry_out=_carry_out,
    check=_check,
)
"""Four eyes over a destruction."""
