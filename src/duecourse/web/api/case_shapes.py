"""What the API says of cases: the shapes of their bodies, and how they are filled."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field, JsonValue

from duecourse.casework import notes
from duecourse.casework.assignment import Handover
from duecourse.casework.opened_case import OpenedCase
from duecourse.casework.openings import Way
from duecourse.casework.reveal import RevealPurpose
from duecourse.evidence.record import read
from duecourse.law.terms import Channel, Purpose, Relation
from duecourse.storage.case_file import Happening
from duecourse.storage.documents import Document
from duecourse.web.api.gate_shapes import CheckedShape, checked_shape
from duecourse.web.api.promise_shapes import PromiseShape, promise_shape
from duecourse.web.api.shapes import Code, Id, Shape, Told
from duecourse.web.api.worklist import Language, meanings

Text = Annotated[str, Field(min_length=1, max_length=notes.CHARACTERS_MAX, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
FIGURES = (
    "dpd", "dpd_plan", "stage", "class", "overdue_minor", "settle_minor", "principal_minor", "interest_minor",
    "penalty_minor", "fee_minor", "due_in_week_minor", "not_due_minor", "paid_total_minor", "paid_minor",
)  # fmt: skip


class LoanShape(Shape):
    """A loan of a case, as of the day run."""

    loan: Id
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


class TieShape(Shape):
    """A tie of a person to one loan, with what proves it."""

    loan: Id
    relation: Relation
    since: date
    until: date | None
    proof: str | None
    proof_until: date | None
    named_by_debtor: bool
    refused_at: Told | None


class PointShape(Shape):
    """A contact point, masked."""

    contact_point: Id
    kind: str
    label: str
    line: str | None
    value: str
    zone: str | None
    consent: str | None
    source: str
    state: str
    since: Told
    until: Told | None


class CaseHold(Shape):
    """A hold on a person of the case."""

    hold: Id
    kind: str
    loan: Id | None
    since: Told
    until: Told | None
    source: str
    ended_by: str | None


class PersonShape(Shape):
    """Somebody tied to the case, masked."""

    person: Id
    kind: str
    name: str | None
    identity: str | None
    born: str | None
    language: str | None
    destroyed: bool
    ties: list[TieShape]
    contact_points: list[PointShape]
    holds: list[CaseHold]


class HappeningShape(Shape):
    """One thing that happened."""

    kind: str = Field(examples=["contact"])
    id: Id
    person: Id
    at: Told
    actor: str | None
    what: dict[str, JsonValue]


class MoodShape(Shape):
    """How somebody sounded in one turn: an estimate, which decides nothing."""

    at: Told
    person: Id
    channel: str
    mood: str = Field(examples=["worried"], description="calm, worried, angry or distressed.")
    mood_ppm: int = Field(description="How sure the estimate is, in parts per million.")
    rule: str = Field(description="The rule that found words of it, or the model.")
    inbound: Id | None
    recording: Id | None
    turn: int | None


class MoodsShape(Shape):
    """The last turns, in the order in which they came."""

    turns: list[MoodShape]


class HappeningsShape(Shape):
    """What happened, the latest first."""

    happenings: list[HappeningShape]
    next: str | None


class ProposalShape(Shape):
    """What the day wanted, with the law's answer at the slot."""

    treatment: str
    channel: Channel | None
    relation: Relation | None
    person: Id | None
    template: str | None
    slot: Told | None
    answer: str
    rules: list[str]
    missing: list[str]


class SnapshotShape(Shape):
    """The case as the day run found it; minor units of `currency`."""

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


class DocumentShape(Shape):
    """A document on file, sealed: what it is, never its name or content."""

    document: Id
    case: Id
    kind: str
    media_type: str
    size: int
    sha256: str
    actor: str
    at: Told


def document_shape(one: Document) -> DocumentShape:
    """A document in the list."""
    return DocumentShape(
        document=one.document_id, case=one.case_id, kind=one.kind, media_type=one.media_type, size=one.size,
        sha256=bytes(one.sha256).hex(), actor=one.actor, at=one.at,
    )  # fmt: skip


class CaseShape(Shape):
    """A case laid open."""

    case: Id
    person: Id
    opened: date
    opened_by: str
    closed: date | None
    closed_by: str | None
    collector: str | None
    collector_since: date | None
    snapshot: SnapshotShape | None
    place: int | None = Field(description="In the collector's worklist of the day.")
    skipped: str | None
    loans: list[LoanShape]
    people: list[PersonShape]
    promises: list[PromiseShape]
    proposals: list[ProposalShape]
    notes: int = Field(description="How many notes there are; they are sealed.")
    documents: list[DocumentShape]
    happenings: list[HappeningShape]
    next: str | None = Field(description="For GET /cases/{case}/happenings.")
    meanings: dict[str, str] = Field(description="What each figure means.")


class OpeningShape(Shape):
    """One way to one person, and the gate's answer now; none where no text is approved for it."""

    person: Id
    relation: Relation
    loans: list[Id]
    channel: Channel
    contact_point: Id
    value: str = Field(description="Masked.")
    state: str
    template: str | None
    purpose: Purpose | None
    scripts: list[str] = Field(description="All texts approved for this channel and relation.")
    answer: CheckedShape | None


class WaysShape(Shape):
    """What may be done now; nothing is reserved and nothing promised."""

    ways: list[OpeningShape]


class NoteBody(Shape):
    """A note to be written."""

    text: Text
    contact: Id | None = None


class NoteShape(Shape):
    """A note was written; its text is sealed."""

    note: Id


class NotesAsked(Shape):
    """For which purpose notes are opened."""

    purpose: RevealPurpose


class ReadNoteShape(Shape):
    """A note in the clear."""

    note: Id
    actor: str
    at: Told
    text: str


class ReadNotesShape(Shape):
    """The notes on all cases of the person, the latest first; that they were read is on record."""

    notes: list[ReadNoteShape]


class AssignmentBody(Shape):
    """Whose the case shall be."""

    collector: Code | None
    reason: Handover


class AssignmentShape(Shape):
    """Whose the case is."""

    case: Id
    collector: str | None
    since: date | None


class LanguageBody(Shape):
    """In which language a person wants to be spoken to."""

    language: Language


class LanguageShape(Shape):
    """The language that is noted."""

    person: Id
    language: str


def case_shape(found: OpenedCase, lang: str) -> CaseShape:
    """A case as callers get it."""
    case, snap = found.case, found.snapshot
    return CaseShape(
        case=case.case_id, person=case.person_id, opened=case.opened_day, opened_by=case.opened_by,
        closed=case.closed_day, closed_by=case.closed_by, collector=case.collector_id,
        collector_since=case.collector_since,
        snapshot=SnapshotShape(
            day=found.shown.day, stage=snap.stage, five_class=snap.five_class, dpd=snap.dpd, dpd_plan=snap.dpd_plan,
            oldest_due=snap.oldest_due_day, currency=snap.currency, principal_minor=snap.principal_minor,
            interest_minor=snap.interest_minor, penalty_minor=snap.penalty_minor, fee_minor=snap.fee_minor,
            overdue_minor=snap.overdue_minor, settle_minor=snap.settle_minor,
        ) if snap and found.shown else None,
        place=found.place[1] if found.place else None,
        skipped=found.skip.reason if found.skip else None,
        loans=[
            LoanShape(
                loan=one.loan_key, number=one.loan_ref, product=one.product, currency=one.currency, status=one.status,
                dpd=one.dpd, oldest_due=one.oldest_due_day, next_due=one.next_due_day,
                overdue_minor=one.overdue_minor, due_in_week_minor=one.due_in_week_minor,
                not_due_minor=one.not_due_minor, paid_total_minor=one.paid_total_minor,
                last_payment=one.last_payment_day,
            )
            for one in found.loans
        ],
        people=[_person(found, person) for person in found.people],
        promises=[promise_shape(one) for one in found.promises],
        proposals=[
            ProposalShape(
                treatment=one.treatment, channel=Channel(one.channel) if one.channel else None,
                relation=Relation(one.relation) if one.relation else None, person=one.recipient_id,
                template=one.template_id, slot=one.slot_at, answer=one.answer, rules=one.rules, missing=one.missing,
            )
            for one in found.proposals
        ],
        notes=found.notes,
        documents=[document_shape(one) for one in found.documents],
        happenings=[happening_shape(one) for one in found.happenings],
        next=next_cursor(found.happenings, 50),
        meanings=meanings(lang, *FIGURES),
    )  # fmt: skip


def _person(found: OpenedCase, person: int) -> PersonShape:
    ties = [one for one in found.ties if one.person_id == person]
    first = ties[0] if ties else None
    return PersonShape(
        person=person, kind=first.kind if first else "natural", name=first.name_masked if first else None,
        identity=first.id_masked if first else None, born=first.birth_masked if first else None,
        language=first.language if first else None, destroyed=bool(first and first.destroyed_at),
        ties=[
            TieShape(
                loan=one.loan_key, relation=Relation(one.relation), since=one.from_day, until=one.to_day,
                proof=one.proof_kind, proof_until=one.proof_until, named_by_debtor=one.named_by_debtor,
                refused_at=one.refused_at,
            )
            for one in ties
        ],
        contact_points=[
            PointShape(
                contact_point=one.contact_point_id, kind=one.kind, label=one.label, line=one.line,
                value=one.value_masked, zone=one.zone, consent=one.consent, source=one.source, state=one.state,
                since=one.state_at, until=one.to_at,
            )
            for one in found.points if one.person_id == person
        ],
        holds=[
            CaseHold(
                hold=one.hold_id, kind=one.kind, loan=one.loan_key, since=one.from_at, until=one.to_at,
                source=one.source, ended_by=one.ended_by,
            )
            for one in found.holds if one.person_id == person
        ],
    )  # fmt: skip


def happening_shape(one: Happening) -> HappeningShape:
    """One thing that happened, with what its record states."""
    stated = read(one.content)["stated"] if one.content is not None else {}
    what: dict[str, Any] = {**one.what, **({"stated": stated} if stated else {})}
    return HappeningShape(
        kind=one.kind, id=one.id, person=one.person_id, at=one.at, actor=one.actor,
        what=what,
    )  # fmt: skip


def next_cursor(found: list[Happening], most: int) -> str | None:
    """From where the file goes on; None where this was all."""
    return found[-1].cursor if len(found) >= most else None


def way_shape(one: Way, lang: str) -> OpeningShape:
    """A way to a person as callers get it."""
    text = one.template
    return OpeningShape(
        person=one.person_id, relation=one.relation, loans=list(one.loan_keys), channel=one.channel,
        contact_point=one.point.contact_point_id, value=one.point.value_masked, state=one.point.state,
        template=text.id if text else None, purpose=text.purpose if text else None,
        scripts=[script.id for script in one.scripts],
        answer=checked_shape(one.checked, lang) if one.checked else None,
    )  # fmt: skip
