"""What the API answers, as values. Ids are text, instants know their zone (UTC)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self


def instant(text: str | None) -> datetime | None:
    """An instant of an answer."""
    return None if text is None else datetime.fromisoformat(text)


def known_instant(text: str) -> datetime:
    """An instant that is always there."""
    return datetime.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule stands, and how well that is known; ``cited`` is all of it in one line."""

    instrument: str
    clause: str | None
    authority: str
    modal: str
    grade: str
    status: str
    cited: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says, on which facts and values, by which text."""

    rule: str
    version: str | None
    outcome: str
    says: str
    missing: tuple[str, ...]
    facts: Mapping[str, bool | int | str]
    values: Mapping[str, bool | int | str]
    lifts: tuple[str, ...]
    instead: str | None
    source: Source

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """A finding from its JSON."""
        names = ("instrument", "clause", "authority", "modal", "grade", "status", "cited")
        return cls(
            rule=said["rule"],
            version=said["version"],
            outcome=said["outcome"],
            says=said["says"],
            missing=tuple(said["missing"]),
            facts=dict(said["facts"]),
            values=dict(said["values"]),
            lifts=tuple(said["lifts"]),
            instead=said["instead"],
            source=Source(**{name: said["source"][name] for name in names}),
        )


def findings(said: Sequence[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """Several findings."""
    return tuple(Finding.read(one) for one in said)


@dataclass(frozen=True, slots=True)
class Permit:
    """The gate's yes: for this contact, once, from ``at`` until ``expires_at``. ``token`` is the signed document."""

    id: str
    person: str
    loans: tuple[str, ...]
    relation: str
    contact_point: str
    channel: str
    purpose: str
    template: str
    template_version: int
    content_sha256: str
    at: datetime
    issued_at: datetime
    expires_at: datetime
    token: str = field(repr=False)
    advice: tuple[Finding, ...] = ()

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """A permit from its JSON."""
        return cls(
            id=said["permit"],
            person=said["person"],
            loans=tuple(said["loans"]),
            relation=said["relation"],
            contact_point=said["contact_point"],
            channel=said["channel"],
            purpose=said["purpose"],
            template=said["template"],
            template_version=said["template_version"],
            content_sha256=said["content_sha256"],
            at=known_instant(said["at"]),
            issued_at=known_instant(said["issued_at"]),
            expires_at=known_instant(said["expires_at"]),
            token=said["token"],
            advice=findings(said["advice"]),
        )


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The permit is used: the contact may be made now, and its outcome is owed."""

    permit: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """An outcome as it was taken."""

    permit: str
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Checked:
    """What the gate would answer now; nothing is reserved and nothing promised."""

    allowed: bool
    says: str
    reasons: tuple[Finding, ...]
    advice: tuple[Finding, ...]
    missing: tuple[str, ...]
    lifts: tuple[str, ...]
    next_open: datetime | None
    at: datetime

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """An answer from its JSON."""
        return cls(
            allowed=said["allowed"],
            says=said["says"],
            reasons=findings(said["reasons"]),
            advice=findings(said["advice"]),
            missing=tuple(said["missing"]),
            lifts=tuple(said["lifts"]),
            next_open=instant(said["next_open"]),
            at=known_instant(said["at"]),
        )


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the law says of a contact that was described."""

    allowed: bool
    sentence: str
    at: datetime
    next_open: datetime | None
    refusals: tuple[Finding, ...]
    others: tuple[Finding, ...]
    missing: Mapping[str, str]
    lifts: tuple[str, ...]
    assumed: Mapping[str, bool | int | str]
    rulebook: str

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """An explanation from its JSON."""
        return cls(
            allowed=said["allowed"],
            sentence=said["sentence"],
            at=known_instant(said["at"]),
            next_open=instant(said["next_open"]),
            refusals=findings(said["refusals"]),
            others=findings(said["others"]),
            missing=dict(said["missing"]),
            lifts=tuple(said["lifts"]),
            assumed=dict(said["assumed"]),
            rulebook=said["rulebook"],
        )
