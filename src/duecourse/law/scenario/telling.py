"""What a scenario tells: people, what is known of them from when on, contacts, and what is expected of the law."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from duecourse.core.story.case import Case
from duecourse.law.fact import Value

Count = Callable[[Sequence[Mapping[str, Any]], date, str, tuple[int, ...], str], Mapping[str, int]]
"""Counters from contacts made, for a contact on a day, at a point, about loans, by a firm."""


@dataclass(frozen=True, slots=True)
class Counting:
    """How contacts count: the counters' own table, and what each outcome counts as."""

    count: Count
    outcomes: Mapping[str, Mapping[str, bool]]  # word -> answered, unanswered, talked, placed
    of: Callable[[str, bool], tuple[str, ...]]  # the words for a contact by a channel, or for one that came in by it


@dataclass(frozen=True, slots=True)
class Clock:
    """A day, perhaps with a time of day and a zone; without a zone it is that of the law."""

    day: date
    second: int | None = None
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may be contacted, and what he is to which loans."""

    name: str
    relation: str
    loans: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """The law of the case: jurisdiction, packs on and off, kind of lender."""

    jurisdiction: str = "CN"
    without: tuple[str, ...] = ()
    lender: str = "bank"


@dataclass(frozen=True, slots=True)
class Known:
    """A fact of a person from an instant on, and perhaps until one; ``None`` says that it is not known."""

    line: int
    person: str
    fact: str
    value: Value | None
    since: Clock
    until: Clock | None = None
    ends: bool = False  # a verb said so: release, withdraw
    firm: str | None = None  # of a consent, to whom it was given: a firm, "" for the lender, None where nobody says


@dataclass(frozen=True, slots=True)
class Lives:
    """The zones that a person may be in from an instant on."""

    line: int
    person: str
    zones: tuple[str, ...]
    since: Clock


@dataclass(frozen=True, slots=True)
class Expected:
    """What a line expects of the law."""

    allowed: bool
    rules: tuple[str, ...] = ()  # among those that refuse (or advise, where allowed)
    only: bool = False  # no other rule refuses
    missing: tuple[str, ...] = ()
    next_open: Clock | None = None
    never_open: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """A contact: made or to be made, or one that came in."""

    line: int
    at: Clock
    channel: str
    person: str
    inbound: bool = False
    template: str | None = None
    purpose: str | None = None
    sender: str = "lender"
    firm: str = ""
    point: str = ""
    facts: Mapping[str, Value | None] = field(default_factory=dict)
    outcome: str = ""
    expected: Expected | None = None  # without it the contact was made, and is only counted


@dataclass(frozen=True, slots=True)
class Scenario:
    """One titled case."""

    name: str
    line: int
    title: str
    setting: Setting
    people: Mapping[str, Person]
    known: tuple[Known, ...]
    lives: tuple[Lives, ...]
    attempts: tuple[Attempt, ...]
    story: Case  # its loans, and what is expected of them
