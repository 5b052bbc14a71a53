"""Four eyes: one asks, another approves or refuses, or it lapses. What was asked is what is carried out, or nothing.

Acts that need two people register a `Kind` where they live and put it into the table that is handed to `approve`: who
may ask, who may decide, how long it waits, and the function that carries it out, in the transaction of the approval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from duecourse.casework.actor import Actor, Role
from duecourse.storage import approvals, log
from duecourse.storage.approvals import Approval
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Refused

REASON_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that takes two people: its word, who may ask and who may decide, how long it waits, what is then done.

    ``carry_out`` gets the transaction, the request, the vault, whoever approved and the instant. ``check``, where there
    is one, is asked when somebody asks: it raises where this could never be carried out.
    """

    kind: str
    says: str  # English, marked by N_: what approving does
    asks: frozenset[Role]
    decides: frozenset[Role]
    carry_out: Callable[[Tx, Approval, Vault, Actor, datetime], None]
    waits: timedelta = timedelta(days=3)
    check: Callable[[Tx, Mapping[str, Any]], None] | None = None


class MayNotAsk(Refused):
    """A role that may not ask for this."""

    def __init__(self, actor: Actor, kind: str) -> None:
        super().__init__(N_("{actor} may not ask for {kind}"), actor=actor, kind=kind)


class MayNotDecide(Refused):
    """A role that may not decide this."""

    def __init__(self, approval_id: int, role: Role) -> None:
        super().__init__(N_("request {number} is not decided by the role {role}"), number=approval_id, role=role)


class SameEyes(Refused):
    """Who asked may not decide."""

    def __init__(self, approval_id: int) -> None:
        super().__init__(
            N_("request {number} was asked by you: somebody else must decide it. You may withdraw it."),
            number=approval_id,
        )


class Decided(Refused):
    """It is decided, or has lapsed."""

    def __init__(self, approval_id: int, decision: str) -> None:
        super().__init__(
            N_("request {number} is {decision} and stays so; ask anew"), number=approval_id, decision=decision
        )


class AskedAlready(Refused):
    """The same thing waits for its decision."""

    def __init__(self, approval_id: int) -> None:
        super().__init__(N_("this was asked already and waits for its decision: request {number}"), number=approval_id)


class UnknownKind(BadInput):
    """Nothing that takes two people has this name."""

    def __init__(self, kind: str) -> None:
        super().__init__(N_("{kind} is nothing that one asks a second person for"), kind=kind)


class NoReason(BadInput):
    """A reason is missing, or too long."""

    def __init__(self) -> None:
        super().__init__(N_("say why, in at most {most} characters"), most=REASON_MAX)


def ask(
    tx: Tx,
    *,
    kinds: Mapping[str, Kind],
    vault: Vault,
    kind: str,
    subject: str,
    asked: Mapping[str, Any],
    reason: str,
    actor: Actor,
    now: datetime,
) -> Approval:
    """Ask for something that takes two people. Raises `MayNotAsk`, `AskedAlready`, `NoReason`, `UnknownKind`."""
    found = _kind(kinds, kind)
    if actor.role not in found.asks:
        raise MayNotAsk(actor, kind)
    said = _reason(reason)
    if found.check is not None:
        found.check(tx, asked)
    standing = approvals.open_of(tx, kind, subject)
    if standing is not None and standing.lapses_at <= now:
        _lapse(tx, vault, standing, now)
        standing = None
    if standing is not None:
        raise AskedAlready(standing.approval_id)
    number = approvals.add(
        tx, kind=kind, subject=subject, asked=asked, reason=said, asked_by=str(actor), asked_at=now,
        lapses_at=now + found.waits,
    )  # fmt: skip
    if number is None:
        raise AskedAlready(0)
    made = approvals.get(tx, number)
    _record(tx, vault, "approval.asked", made, by=actor, now=now)
    return made


def approve(
    tx: Tx, *, kinds: Mapping[str, Kind], vault: Vault, approval_id: int, reason: str, actor: Actor, now: datetime
) -> Approval:
    """Approve what another asked, and carry it out with that. Raises `SameEyes`, `MayNotDecide`, `Decided`."""
    request = _to_decide(tx, kinds, approval_id, actor, now)
    approvals.decide(tx, approval_id, decision="approved", by=str(actor), reason=reason.strip()[:REASON_MAX], now=now)
    made = approvals.get(tx, approval_id)
    _record(tx, vault, "approval.approved", made, by=actor, now=now)
    _kind(kinds, request.kind).carry_out(tx, made, vault, actor, now)
    return made


def refuse(
    tx: Tx, *, kinds: Mapping[str, Kind], vault: Vault, approval_id: int, reason: str, actor: Actor, now: datetime
) -> Approval:
    """Refuse what another asked, with a reason. Raises `SameEyes`, `MayNotDecide`, `Decided`, `NoReason`."""
    _to_decide(tx, kinds, approval_id, actor, now)
    approvals.decide(tx, approval_id, decision="refused", by=str(actor), reason=_reason(reason), now=now)
    made = approvals.get(tx, approval_id)
    _record(tx, vault, "approval.refused", made, by=actor, now=now)
    return made


def withdraw(tx: Tx, *, vault: Vault, approval_id: int, actor: Actor, now: datetime) -> Approval:
    """Take one's own request back. Raises `Decided`, `SameEyes` turned round: `MayNotDecide`."""
    request = approvals.locked(tx, approval_id)
    if request.asker != actor.ref:
        raise MayNotDecide(approval_id, actor.role)
    if request.decision is not None:
        raise Decided(approval_id, request.decision)
    approvals.decide(tx, approval_id, decision="withdrawn", by=str(actor), reason=None, now=now)
    made = approvals.get(tx, approval_id)
    _record(tx, vault, "approval.withdrawn", made, by=actor, now=now)
    return made


def lapse(tx: Tx, *, vault: Vault, now: datetime) -> int:
    """End every request that waited too long; returns how many. Whoever looks at the list calls it first."""
    late = approvals.late(tx, now)
    for request in late:
        _lapse(tx, vault, request, now)
    return len(late)


def may_decide(kinds: Mapping[str, Kind], request: Approval, roles: frozenset[Role], ref: str) -> Role | None:
    """In which role somebody may decide a request, None where in none."""
    found = kinds.get(request.kind)
    if found is None or request.asker == ref or request.decision is not None:
        return None
    return next((role for role in Role if role in roles and role in found.decides), None)


def _to_decide(tx: Tx, kinds: Mapping[str, Kind], approval_id: int, actor: Actor, now: datetime) -> Approval:
    request = approvals.locked(tx, approval_id)
    if request.decision is not None:
        raise Decided(approval_id, request.decision)
    if request.lapses_at <= now:
        raise Decided(approval_id, "lapsed")
    if request.asker == actor.ref:
        raise SameEyes(approval_id)
    if actor.role not in _kind(kinds, request.kind).decides:
        raise MayNotDecide(approval_id, actor.role)
    return request


def _lapse(tx: Tx, vault: Vault, request: Approval, now: datetime) -> None:
    clock = Actor(Role.SCHEDULE, "lapse")
    approvals.decide(tx, request.approval_id, decision="lapsed", by=str(clock), reason=None, now=now)
    _record(tx, vault, "approval.lapsed", request, by=clock, now=now)


def _kind(kinds: Mapping[str, Kind], kind: str) -> Kind:
    found = kinds.get(kind)
    if found is None:
        raise UnknownKind(kind)
    return found


def _reason(text: str) -> str:
    said = text.strip()
    if not 1 <= len(said) <= REASON_MAX:
        raise NoReason
    return said


def _record(tx: Tx, vault: Vault, kind: str, request: Approval, *, by: Actor, now: datetime) -> None:
    log.append(
        tx, vault=vault, kind=kind, at=now, actor=str(by),
        stated={
            "request": request.approval_id, "kind": request.kind, "subject": request.subject,
            "asked_digest": request.digest,
        },
    )  # fmt: skip
