"""What the API takes and answers: webhooks.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An endpoint, and how many acts it was told of."""

    endpoint: str
    url: str
    kinds: tuple[str, ...]
    created_at: datetime
    ended_at: datetime | None
    waiting: int
    delivered: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointEnded:
    """Whether it was live."""

    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """All endpoints, the latest first."""

    endpoints: tuple[Endpoint, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A new endpoint."""

    endpoint: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """How many acts are told again, under the same message ids."""

    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One act that an endpoint was, or will be, told of."""

    endpoint: str
    entry: str
    type: str
    at: datetime
    state: str
    attempts: int
    next_at: datetime
    last_status: int | None
    last_trouble: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tellings:
    """Acts, the latest first."""

    events: tuple[Telling, ...]
    next: str | None
