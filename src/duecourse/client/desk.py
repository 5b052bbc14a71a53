"""What the desk answers about cases: entries of worklists, people found, promises; masked, with ids as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from duecourse.client.answers import instant


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One case of a list, with the next action; amounts are minor units of ``currency``."""

    case: str
    person: str
    collector: str | None
    place: int
    state: str  # open, done or skipped
    name: str | None  # masked
    stage: str
    dpd: int
    currency: str
    overdue_minor: int
    settle_minor: int
    treatment: str | None
    channel: str | None
    answer: str | None  # the law's answer as of the day run
    last_contact: datetime | None
    last_outcome: str | None
    promise_minor: int | None
    promise_due: date | None
    promise_state: str | None

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """An entry from its JSON."""
        plain = (
            "case", "person", "collector", "place", "state", "name", "stage", "dpd", "currency", "overdue_minor",
            "settle_minor", "treatment", "channel", "answer", "last_outcome", "promise_minor", "promise_state",
        )  # fmt: skip
        return cls(
            **{name: said[name] for name in plain}, last_contact=instant(said["last_contact"]),
            promise_due=_day(said["promise_due"]),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Somebody to whom a value belongs, masked, with the latest case; ``by`` says which value it was."""

    person: str
    by: tuple[str, ...]
    name: str | None
    relations: tuple[str, ...]
    case: str | None
    collector: str | None
    stage: str | None
    overdue_minor: int | None
    currency: str | None

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """Somebody from the JSON."""
        plain = ("person", "name", "case", "collector", "stage", "overdue_minor", "currency")
        return cls(**{name: said[name] for name in plain}, by=tuple(said["by"]), relations=tuple(said["relations"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A promise that stands; ``state`` is what the payments make of it, None before the first reckoning."""

    promise: str
    case: str
    person: str
    amount_minor: int
    currency: str
    due: date
    state: str | None
    paid_minor: int | None
    kept_on: date | None

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """A promise from its JSON."""
        plain = ("promise", "case", "person", "amount_minor", "currency", "state", "paid_minor")
        return cls(
            **{name: said[name] for name in plain}, due=date.fromisoformat(said["due"]),
            kept_on=_day(said["kept_on"]),
        )  # fmt: skip
