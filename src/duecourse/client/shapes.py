"""What the API takes and answers, as values; written from its description (`duecourse docs client shapes`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

Channel = Literal[
    "call", "robot_call", "sms", "email", "push", "im", "mms_image", "letter", "lawyer_letter", "visit", "portal"
]
EntryState = Literal["open", "done", "skipped"]
Format = Literal["csv", "parquet"]
Handover = Literal["taken", "handed_back", "reassigned", "absence"]
HoldKind = Literal[
    "dispute",
    "cease",
    "bereavement",
    "deceased",
    "breathing_space",
    "insolvency",
    "hardship",
    "identity_theft",
    "incapable",
    "court_stay",
    "represented",
    "complaint",
    "vulnerable",
    "other",
    "third_party_refusal",
    "wrong_number",
]
Outcome = Literal[
    "connected",
    "promised",
    "hung_up",
    "other_person",
    "voicemail",
    "unanswered",
    "power_off",
    "busy",
    "not_in_service",
    "wrong_number",
    "refused",
    "delivered",
    "sent",
    "failed",
    "not_sent",
]
Purpose = Literal["service", "remind", "collect", "relay", "locate", "offer", "notify", "answer", "follow_up"]
Relation = Literal[
    "borrower",
    "co_borrower",
    "guarantor",
    "spouse_liable",
    "spouse",
    "heir",
    "representative",
    "lawyer",
    "contact_person",
    "employer",
    "other",
]
RevealPurpose = Literal[
    "contact", "identify", "document", "claim", "dispute", "subject_request", "correction", "supervision"
]
Scope = Literal["today", "all", "lost", "nobody"]
SenderType = Literal["lender", "agency", "law_firm"]
SkipReason = Literal[
    "no_contact_point",
    "wait_for_callback",
    "wait_for_payment",
    "wait_for_document",
    "needs_supervisor",
    "language",
    "later_today",
    "other",
]


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
class Asked:
    """A request that waits for a second person."""

    request: str
    kind: str
    subject: str
    lapses_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Whose the case is."""

    case: str
    collector: str | None
    since: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAnswer:
    """The answer to one request of a batch: a permit, or a refusal."""

    idempotency_key: str
    permit: Permit | None
    refusal: Refusal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAnswers:
    """The answers, in the order of the requests."""

    answers: tuple[BatchAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Open windows, exact to the second; times in between are closed."""

    at: datetime
    until: datetime
    zone: str
    zones: tuple[str, ...]
    rulebook: str
    ways: tuple[Windows, ...]
    assumed: Mapping[str, bool | int | str]


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
class Cell:
    """One cell: where it stands, and its measures as whole numbers."""

    at: Mapping[str, str]
    of: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """What a figure says over some days."""

    figure: str
    first: date
    last: date
    by: tuple[str, ...]
    where: tuple[str, ...]
    prepared_at: datetime | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A proposal that would be added, removed or changed, with why it stands on each side."""

    person: str
    case: str | None
    name: str | None
    change: str
    treatment: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The changes of a trial, in order."""

    changes: tuple[Change, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What the cases of a rule exercise; cases are named by their line in the rule's file."""

    rule: str
    cases: int
    failing: tuple[int, ...]
    branches: Mapping[str, tuple[int, ...]]
    limits: Mapping[str, tuple[int, ...]]
    without_case: tuple[str, ...]
    unnoticed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageSums:
    """What the cases of the packs exercise."""

    packs: tuple[PackSums, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What the change of law changes."""

    before: str
    after: str
    contacts: int
    allowed_before: int
    allowed_after: int
    stopped: int
    opened: int
    reasons: int
    rules: tuple[Mapping[str, Any], ...]
    groups: tuple[Mapping[str, Any], ...]
    changed: tuple[Mapping[str, Any], ...]
    edits: Mapping[str, tuple[str, ...]]
    without_facts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """What divides a figure."""

    name: str
    says: Text
    shows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft with its latest revision."""

    draft: str
    strategy: str
    based_on: int | None
    revision: int
    sha256: str
    fault: str | None
    closed_as: str | None
    at: datetime
    content: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """Drafts, the latest first."""

    drafts: tuple[Draft, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A hold that ended."""

    hold: str
    at: datetime


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
class Explanation:
    """Allowed or refused, with every rule that was asked and applied."""

    allowed: bool
    sentence: str
    at: datetime
    next_open: datetime | None
    jurisdiction: str
    rulebook: str
    refusals: tuple[Finding, ...]
    others: tuple[Finding, ...]
    missing: Mapping[str, str]
    lifts: tuple[str, ...]
    assumed: Mapping[str, bool | int | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A fact on record."""

    stated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The vocabulary: every fact a condition may ask."""

    facts: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What a figure means."""

    name: str
    says: Text
    defines: Text
    over: str
    dimensions: tuple[Dimension, ...]
    measures: tuple[Measure, ...]
    shares: tuple[Share, ...]
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All figures."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule says, on which facts and values, by which text."""

    rule: str
    pack: str
    version: str | None
    outcome: str
    says: str
    missing: tuple[str, ...]
    facts: Mapping[str, bool | int | str]
    values: Mapping[str, bool | int | str]
    lifted_by: tuple[str, ...]
    lifts: tuple[str, ...]
    instead: str | None
    source: Source


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
class Health:
    """All is well."""

    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedContact:
    """One request of a batch."""

    person: str
    loans: tuple[str, ...]
    contact_point: str
    channel: str
    at: datetime
    template: str
    content_sha256: str
    staff: str | None = None
    sender: Sender | None = None
    visit: Visit | None = None
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """The language that is noted."""

    person: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LawVersion:
    """A law: the shipped packs, without some policy packs, as on a day for every day if one is named."""

    without: tuple[str, ...] | None = None
    as_of: date | None = None


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
class Made:
    """A new endpoint."""

    endpoint: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number of a figure, and what it counts."""

    name: str
    says: Text
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note was written; its text is sealed."""

    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A contact that was noted."""

    contact: str


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
class PackLine:
    """One pack of the rulebook."""

    pack: str
    kind: str
    status: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSums:
    """The sums of one pack."""

    pack: str
    rules: int
    cases: int
    branches: int
    branches_without_case: int
    limits: int
    killed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """The gate's yes: for this contact, once, from ``at`` until ``expires_at``."""

    permit: str
    person: str
    loans: tuple[str, ...]
    relation: str
    contact_point: str
    channel: str
    purpose: str
    template: str
    template_version: int
    content_sha256: str
    sender: Sender
    staff: str
    at: datetime
    issued_at: datetime
    expires_at: datetime
    token: str = field(repr=False)
    advice: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitKept:
    """What was answered under a number, and what became of it."""

    state: str
    outcome: str | None
    redeemed_at: datetime | None
    settled_at: datetime | None
    permit: Permit | None
    refusal: Refusal | None


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
class Placed:
    """A hold that stands from now on."""

    hold: str | None
    kind: str
    at: datetime
    voided: int


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
class Promise:
    """A promise."""

    promise: str
    case: str
    person: str
    amount_minor: int
    currency: str
    made: date
    due: date
    actor: str
    at: datetime
    ended_at: datetime | None
    end: str | None
    state: str | None
    paid_minor: int | None
    kept_on: date | None
    payments_through: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseMade:
    """A promise is on record."""

    promise: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """Promises that stand, by due day."""

    promises: tuple[Promise, ...]


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
class Redeemed:
    """The permit is used: the contact may be made now, and its outcome is owed."""

    permit: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The gate's no."""

    permit: str
    why: str
    says: str
    reasons: tuple[Finding, ...]
    missing: tuple[str, ...]
    lifts: tuple[str, ...]
    next_open: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """How many acts are told again, under the same message ids."""

    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """An entry that is back in its place."""

    case: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows behind a figure: ids as text, amounts in minor units, names masked."""

    figure: str
    rows: tuple[Mapping[str, Any], ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """One rule in the list."""

    rule: str
    pack: str
    effect: str
    says: str
    since: str
    source: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleWhole:
    """A rule as its file says it, cases and all, in both languages."""

    pack: str
    file: str
    content: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules that bind together, in the order in which answers name them."""

    jurisdiction: str
    rulebook: str
    packs: tuple[PackLine, ...]
    rules: tuple[RuleLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who makes the contact."""

    type: str
    firm: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What stands of a contact after a report."""

    permit: str
    state: str
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One measure as a part of another; divide when you show it."""

    name: str
    says: Text
    part: str
    whole: str


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
class Source:
    """Where a rule stands, and how well that is known."""

    instrument: str
    clause: str | None
    clause_grade: str | None
    authority: str
    modal: str
    grade: str
    status: str
    cited: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategies:
    """The lender's strategies, the latest first."""

    versions: tuple[Version, ...]
    uses: tuple[Use, ...]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """The register of approved templates and scripts."""

    register_hash: str
    templates: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text in both languages."""

    zh: str
    en: str


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
class Trial:
    """What a draft would change on a published day."""

    trial: str
    day: date
    at: datetime
    sums: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """From which day on the day run takes a version; of those that hold on a day the last said counts."""

    strategy: str
    version: int
    first: date
    reason: str
    request: str | None
    actor: str
    at: datetime


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version that is kept."""

    strategy: str
    version: int
    sha256: str
    known_at: datetime


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
class Visit:
    """How a visit is planned."""

    collectors: int
    enters_private: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """What may be done now; nothing is reserved and nothing promised."""

    ways: tuple[Opening, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of time in which the contact is allowed; ``until`` is not part of it."""

    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """One way of contact: its open windows, and the rules that close the rest."""

    channel: str
    template: str
    windows: tuple[Window, ...]
    closed_by: Mapping[str, str]
