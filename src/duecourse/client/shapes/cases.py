"""What the API takes and answers: cases.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from duecourse.client.shapes.shared import Checked, Document, Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Whose the case is."""

    case: str
    collector: str | None
    since: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case laid open."""

    case: str
    person: str
    opened: date
    opened_by: str
    closed: date | None
    closed_by: str | None
    collector: str | None
    collector_since: date | None
    snapshot: Snapshot | None
    place: int | None
    skipped: str | None
    loans: tuple[Loan, ...]
    people: tuple[Person, ...]
    promises: tuple[Promise, ...]
    proposals: tuple[Proposal, ...]
    notes: int
    documents: tuple[Document, ...]
    happenings: tuple[Happening, ...]
    next: str | None
    meanings: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHold:
    """A hold on a person of the case."""

    hold: str
    kind: str
    loan: str | None
    since: datetime
    until: datetime | None
    source: str
    ended_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """A page of a list, as of a published day."""

    day: date
    entries: tuple[Entry, ...]
    next: str | None
    meanings: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry."""

    case: str
    person: str
    collector: str | None
    place: int
    state: str
    name: str | None
    stage: str
    five_class: str
    dpd: int
    currency: str
    overdue_minor: int
    settle_minor: int
    loans: int
    products: tuple[str, ...]
    language: str | None
    opened: date
    treatment: str | None
    channel: str | None
    relation: str | None
    template: str | None
    slot: datetime | None
    answer: str | None
    rules: tuple[str, ...]
    missing: tuple[str, ...]
    skipped: str | None
    holds: int
    last_contact: datetime | None
    last_channel: str | None
    last_outcome: str | None
    promise_minor: int | None
    promise_due: date | None
    promise_state: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """A view that is gone."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Somebody to whom the text belongs, masked, with the latest case."""

    person: str
    by: tuple[str, ...]
    kind: str
    name: str | None
    identity: str | None
    customer: str | None
    relations: tuple[str, ...]
    case: str | None
    closed: date | None
    collector: str | None
    stage: str | None
    dpd: int | None
    currency: str | None
    overdue_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPeople:
    """Who was found."""

    people: tuple[Found, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened."""

    kind: str
    id: str
    person: str
    at: datetime
    actor: str | None
    what: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happenings:
    """What happened, the latest first."""

    happenings: tuple[Happening, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """The language that is noted."""

    person: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadThen:
    """How many open cases somebody would have, and what stands against it; nothing of it hinders the act."""

    collector: str
    cases: int
    then: int
    capacity: int
    silenced: Silenced | None
    lacks: tuple[SkillLacking, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """A loan of a case, as of the day run."""

    loan: str
    number: str | None
    product: str | None
    currency: str | None
    status: str | None
    dpd: int | None
    oldest_due: date | None
    next_due: date | None
    overdue_minor: int | None
    due_in_week_minor: int | None
    not_due_minor: int | None
    paid_total_minor: int | None
    last_payment: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """How somebody sounded in one turn: an estimate, which decides nothing."""

    at: datetime
    person: str
    channel: str
    mood: str
    mood_ppm: int
    rule: str
    inbound: str | None
    recording: str | None
    turn: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moods:
    """The last turns, in the order in which they came."""

    turns: tuple[Mood, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A case and who gets it."""

    case: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """How many cases changed hands."""

    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note was written; its text is sealed."""

    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One way to one person, and the gate's answer now; none where no text is approved for it."""

    person: str
    relation: str
    loans: tuple[str, ...]
    channel: str
    contact_point: str
    value: str
    state: str
    template: str | None
    purpose: str | None
    scripts: tuple[str, ...]
    answer: Checked | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody tied to the case, masked."""

    person: str
    kind: str
    name: str | None
    identity: str | None
    born: str | None
    language: str | None
    destroyed: bool
    ties: tuple[Tie, ...]
    contact_points: tuple[Point, ...]
    holds: tuple[CaseHold, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A contact point, masked."""

    contact_point: str
    kind: str
    label: str
    line: str | None
    value: str
    zone: str | None
    consent: str | None
    source: str
    state: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewedMove:
    """A case and who would get it; masked."""

    case: str
    collector: str | None = None
    to: str
    name: str | None = None
    stage: str | None = None
    dpd: int | None = None
    overdue_minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What the day wanted, with the law's answer at the slot."""

    treatment: str
    channel: str | None
    relation: str | None
    person: str | None
    template: str | None
    slot: datetime | None
    answer: str
    rules: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadNote:
    """A note in the clear."""

    note: str
    actor: str
    at: datetime
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadNotes:
    """The notes on all cases of the person, the latest first; that they were read is on record."""

    notes: tuple[ReadNote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReassignmentPreview:
    """What would be done."""

    moves: tuple[PreviewedMove, ...]
    loads: tuple[LoadThen, ...]
    untold: tuple[str, ...]
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """An entry that is back in its place."""

    case: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Silenced:
    """Why the gate refuses a collector's calls and visits whoever they go to."""

    known: bool
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillLacking:
    """A skill that the strategy asks for and the collector lacks."""

    skill: str
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A skip that stands."""

    case: str
    day: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The case as the day run found it; minor units of ``currency``."""

    day: date
    stage: str
    five_class: str
    dpd: int
    dpd_plan: int
    oldest_due: date | None
    currency: str
    principal_minor: int
    interest_minor: int
    penalty_minor: int
    fee_minor: int
    overdue_minor: int
    settle_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """A tie of a person to one loan, with what proves it."""

    loan: str
    relation: str
    since: date
    until: date | None
    proof: str | None
    proof_until: date | None
    named_by_debtor: bool
    refused_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A filter under a name."""

    name: str
    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """The caller's saved views of the worklist."""

    views: tuple[View, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """What may be done now; nothing is reserved and nothing promised."""

    ways: tuple[Opening, ...]
