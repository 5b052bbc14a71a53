"""What the API takes and answers: outbox.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many messages of a channel are in a state: now where it is open, else of the last 24 hours."""

    channel: str
    state: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message, without its words."""

    message: str
    person: str
    permit: str
    channel: str
    contact_point: str
    template: str
    version: int
    lang: str
    notice: str | None
    content_sha256: str
    priority: int
    state: str
    queued_at: datetime
    queued_by: str
    until: datetime
    sending_at: datetime | None
    ended_at: datetime | None
    provider_ref: str | None
    why_zh: str | None
    why_en: str | None
    rules: tuple[str, ...]
    settled_by: str | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """Messages, the latest first."""

    messages: tuple[Message, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """The outbox as a whole."""

    counts: tuple[Count, ...]
    pauses: tuple[Pause, ...]
    channels: tuple[Way, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A time in which nothing is sent, on one channel or at all."""

    pause: str
    channel: str | None
    reason: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseMade:
    """The pause that began or ended."""

    pause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """By what a lender sends on a channel."""

    channel: str
    name: str
    settings: Mapping[str, str]
    minute_max: int
    failures: int
    shut_until: datetime | None
