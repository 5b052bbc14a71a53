"""What the API takes and answers: people.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
    """Everybody who may sign in at this lender."""

    users: tuple[User, ...]
