"""Findings and what follows: an owner answers for each by a day, an auditor who is not the owner accepts the answer.

assigned → (measure →) answered → accepted, or sent back → answered …; what was accepted can be reopened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

from duecourse.casework.actor import Actor
from duecourse.casework.audits.answering import (
    TEXT_MAX,
    NotAText,
    open_text,
    seal_text,
    secret_of,
)
from duecourse.casework.audits.drawing import NotPublishedYet
from duecourse.casework.lender_law import rules_named
from duecourse.casework.rights import Right, may, roles_from
from duecourse.law.facts import nearest
from duecourse.storage import audits, log, users
from duecourse.storage.audits import Audit, Finding
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Refused

FIELD = "audit finding"


class Severity(StrEnum):
    """How bad it is."""

    LOW = "low"  # a matter of form
    MEDIUM = "medium"  # a duty was missed, nobody was harmed
    HIGH = "high"  # somebody's rights were touched, or it happens again and again
    CRITICAL = "critical"  # the law was broken, or may be at any moment


class StepKind(StrEnum):
    """What becomes of a finding; its state is its last step."""

    ASSIGNED = "assigned"  # somebody answers for it, by a day
    MEASURE = "measure"  # what shall be done
    ANSWERED = "answered"  # the owner says that it is done
    ACCEPTED = "accepted"  # an auditor looked, and it is
    SENT_BACK = "sent_back"  # an auditor looked, and it is not
    REOPENED = "reopened"  # it came up again


_AFTER: dict[StepKind, frozenset[str]] = {
    StepKind.ASSIGNED: frozenset({"assigned", "measure", "answered", "sent_back", "reopened"}),
    StepKind.MEASURE: frozenset({"assigned", "measure", "sent_back", "reopened"}),
    StepKind.ANSWERED: frozenset({"assigned", "measure", "sent_back", "reopened"}),
    StepKind.ACCEPTED: frozenset({"answered"}),
    StepKind.SENT_BACK: frozenset({"answered"}),
    StepKind.REOPENED: frozenset({"accepted"}),
}
"""After which states a step may come."""

OWNERS = frozenset({StepKind.MEASURE, StepKind.ANSWERED})
"""Steps of the owner; the others are an auditor's, who is not the owner."""


class NotASeverity(BadInput):
    """No such severity."""

    def __init__(self, said: str) -> None:
        super().__init__(N_("{said!r} is no severity; there are {known}"), said=said, known=", ".join(Severity))


class NotAStep(BadInput):
    """No such step."""

    def __init__(self, said: str) -> None:
        super().__init__(N_("{said!r} is no step; there are {known}"), said=said, known=", ".join(StepKind))


class UnknownRule(BadInput):
    """A finding rests on a rule that no pack has."""

    def __init__(self, rule: str, near: str) -> None:
        super().__init__(N_("no rule {rule!r}{near}; `duecourse law list` shows them"), rule=rule, near=near)


class NotAnOwner(BadInput):
    """Somebody who cannot answer for a finding."""

    def __init__(self, user: str) -> None:
        super().__init__(
            N_("{user} cannot answer for a finding: no role of theirs includes it, or the account is disabled"),
            user=user,
        )  # fmt: skip


class NotADueDay(BadInput):
    """A day that is past."""

    def __init__(self) -> None:
        super().__init__(N_("a finding is due on a day to come"))


class NotNow(Refused):
    """A step that does not follow from the state."""

    def __init__(self, finding_id: int, state: str) -> None:
        super().__init__(
            N_("finding {number} is {state}, so this step does not come next"), number=finding_id, state=state
        )


class OwnFinding(Refused):
    """The owner judges the own answer."""

    def __init__(self, finding_id: int) -> None:
        super().__init__(
            N_("finding {number} is yours to answer: an auditor who does not own it accepts, sends back or reopens"),
            number=finding_id,
        )  # fmt: skip


class OthersFinding(Refused):
    """Somebody answers for a finding of another."""

    def __init__(self, finding_id: int, owner: str) -> None:
        super().__init__(N_("finding {number} is answered by {owner}, nobody else"), number=finding_id, owner=owner)


@dataclass(frozen=True, slots=True)
class ReadStep:
    """A step with its text in the clear."""

    step: str
    text: str | None
    owner: str | None
    due_day: date | None
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReadFinding:
    """A finding with its text in the clear, and what became of it."""

    finding: Finding
    text: str
    steps: tuple[ReadStep, ...]

    def overdue(self, today: date) -> bool:
        """Whether it should have been answered before today."""
        return is_overdue(self.finding, today)


def is_overdue(finding: Finding, today: date) -> bool:
    """Whether a finding should have been answered before today and was not, or not well."""
    return finding.due_day < today and finding.step not in (StepKind.ANSWERED, StepKind.ACCEPTED)


def record_finding(
    tx: Tx,
    *,
    vault: Vault,
    audit_id: int,
    severity: str,
    rule: str | None,
    items: Sequence[int],
    text: str,
    owner: str,
    due: date,
    actor: Actor,
    today: date,
    now: datetime,
    chance: Callable[[int], bytes],
) -> int:
    """Write a finding, give it to its owner, and return its number. After the audit was closed too.

    Raises `NotASeverity`, `UnknownRule`, `audits.NoSuchItem`, `NotAText`, `NotAnOwner`, `NotADueDay`.
    """
    audit = audits.get(tx, audit_id, lock=True)
    if audit.drawn_at is None:
        raise NotPublishedYet(audit_id)
    if severity not in set(Severity):
        raise NotASeverity(severity)
    known = rules_named(tx)
    if rule is not None and rule not in known:
        raise UnknownRule(rule, nearest(rule, sorted(known)))
    whose = _owner(tx, owner, due, today)
    numbers = sorted(set(items))
    for one in numbers:
        audits.item(tx, audit_id, one)
    sealed = _sealed(tx, vault, audit, text, chance)
    number = audits.find(
        tx, audit_id, severity=severity, rule=rule, items=numbers, text_sealed=sealed, actor=str(actor), now=now
    )
    audits.add_step(
        tx, number, step=StepKind.ASSIGNED, text_sealed=None, owner=whose, due=due, actor=str(actor), now=now
    )
    log.append(
        tx, vault=vault, kind="audit.found", at=now, actor=str(actor), rules=[rule] if rule else [],
        stated={
            "audit": audit_id, "finding": number, "severity": severity, "items": numbers, "due": due.isoformat(),
            "owner": vault.actor_pseudonym(tx.lender_id, whose), "text": sha256(sealed).hexdigest(),
        },
    )  # fmt: skip
    return number


def follow(
    tx: Tx,
    *,
    vault: Vault,
    finding_id: int,
    step: str,
    text: str,
    owner: str | None,
    due: date | None,
    actor: Actor,
    today: date,
    now: datetime,
    chance: Callable[[int], bytes],
) -> Finding:
    """Take a step after a finding. ``owner`` and ``due`` belong to `StepKind.ASSIGNED`: what is left out stays.

    Raises `NotAStep`, `NotNow`, `OwnFinding`, `OthersFinding`, `NotAText`, `NotAnOwner`, `NotADueDay`.
    """
    if step not in set(StepKind):
        raise NotAStep(step)
    kind, found = StepKind(step), audits.finding(tx, finding_id)
    own = found.owner.lower() == actor.ref.lower()
    if kind in OWNERS and not own:
        raise OthersFinding(finding_id, found.owner)
    if kind not in OWNERS and own:
        raise OwnFinding(finding_id)
    if not may_follow(found.step, kind):
        raise NotNow(finding_id, found.step)
    assigned = kind is StepKind.ASSIGNED
    when = due or found.due_day if assigned else None
    whose = _owner(tx, owner or found.owner, when, today) if assigned and when else None
    sealed = None
    if text.strip() or kind in {*OWNERS, StepKind.SENT_BACK, StepKind.REOPENED}:
        sealed = _sealed(tx, vault, audits.get(tx, found.audit_id), text, chance)
    audits.add_step(tx, finding_id, step=kind, text_sealed=sealed, owner=whose, due=when, actor=str(actor), now=now)
    log.append(
        tx, vault=vault, kind="audit.followed", at=now, actor=str(actor),
        stated={
            "audit": found.audit_id, "finding": finding_id, "step": kind.value,
            "owner": vault.actor_pseudonym(tx.lender_id, whose) if whose else None,
            "due": when.isoformat() if when else None, "text": sha256(sealed).hexdigest() if sealed else None,
        },
    )  # fmt: skip
    return audits.finding(tx, finding_id)


def may_follow(state: str, step: StepKind) -> bool:
    """Whether a step may come next in a state."""
    return state in _AFTER[step]


def read_findings(tx: Tx, *, vault: Vault, audit_id: int | None = None, owner: str | None = None) -> list[ReadFinding]:
    """Findings with their texts, of an audit or of all, of one owner where named: those that are not accepted first."""
    secrets: dict[int, bytes] = {}
    found = []
    for one in audits.findings(tx, audit_id):
        if owner is not None and one.owner.lower() != owner.lower():
            continue
        if one.audit_id not in secrets:
            secrets[one.audit_id] = secret_of(tx, vault, audits.get(tx, one.audit_id))
        found.append(_read(tx, one, secrets[one.audit_id]))
    return sorted(found, key=lambda one: (one.finding.step == StepKind.ACCEPTED, one.finding.due_day))


def read_finding(tx: Tx, *, vault: Vault, finding_id: int) -> ReadFinding:
    """One finding with its texts."""
    found = audits.finding(tx, finding_id)
    return _read(tx, found, secret_of(tx, vault, audits.get(tx, found.audit_id)))


def _read(tx: Tx, found: Finding, secret: bytes) -> ReadFinding:
    steps = tuple(
        ReadStep(
            one.step, open_text(secret, FIELD, one.text_sealed) if one.text_sealed else None, one.owner, one.due_day,
            one.actor, one.at,
        )
        for one in audits.steps(tx, found.finding_id)
    )  # fmt: skip
    return ReadFinding(found, open_text(secret, FIELD, found.text_sealed), steps)


def _owner(tx: Tx, name: str, due: date, today: date) -> str:
    user = users.get(tx, name)
    if user.disabled_at is not None or not may(roles_from(user.roles), Right.FINDING_ANSWER):
        raise NotAnOwner(user.user_id)
    if due <= today:
        raise NotADueDay
    return user.user_id


def _sealed(tx: Tx, vault: Vault, audit: Audit, text: str, chance: Callable[[int], bytes]) -> bytes:
    said = text.strip()
    if not 1 <= len(said) <= TEXT_MAX or "\0" in said:
        raise NotAText
    return seal_text(secret_of(tx, vault, audit), FIELD, said, chance)
