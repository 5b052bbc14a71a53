"""What the API takes and answers: people.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A request that takes two people."""

    approval: str
    kind: str
    subject: str
    asked: Mapping[str, Any]
    reason: str
    asked_by: str
    asked_at: datetime
    lapses_at: datetime
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals:
    """Requests that take two people."""

    approvals: tuple[Approval, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The value, and until when it may be shown."""

    person: str
    what: str
    contact_point: str | None
    clear: str = field(repr=False)
    purpose: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAnswer:
    """What became of it: the role is given, or somebody else decides."""

    user: str
    role: str
    given: bool
    request: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleEnded:
    """Whether the user had the role."""

    user: str
    role: str
    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsEnded:
    """How many sessions ended."""

    user: str
    ended: int


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who may sign in, by staff number."""

    user: str
    team: str | None
    roles: tuple[str, ...]
    authenticator: bool
    single_sign_on: bool
    locked: bool
    disabled_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Users:
    """Who may sign in at this lender, by staff number."""

    users: tuple[User, ...]
    next: str | None
