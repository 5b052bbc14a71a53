"""Audits over HTTP, to be read: samples, answers, findings, reports. To draw and to answer are a person's own acts."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query
from pydantic import Field

from duecourse.casework.audits import drawing, findings, report
from duecourse.casework.audits.answering import unanswered
from duecourse.casework.audits.findings import ReadFinding
from duecourse.casework.audits.report import COLUMNS
from duecourse.storage import audits
from duecourse.storage.audits import Audit
from duecourse.storage.connection import Tx
from duecourse.storage.tokens import Scope
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.problem import Kind
from duecourse.web.api.shapes import PREFIX, Id, Shape, Told, problems

router = APIRouter(prefix=f"{PREFIX}/audits", tags=["audits"])

Reader = Annotated[Inquiry, admitted(Scope.AUDIT_READ)]
AuditId = Annotated[Id, Path()]
_ANSWERS = problems(Kind.NOT_FOUND, Kind.INVALID)


class AuditShape(Shape):
    """An audit; without ``drawn_at`` it is announced and no more."""

    audit: Id
    plan: str
    version: int
    plan_sha256: str
    says: str
    first_day: date
    last_day: date
    again: str | None = Field(description="Why the same days are drawn by the same plan once more.")
    announced_by: str
    announced_at: Told
    announced_entry: Id = Field(description="The record of the announcement in the log.")
    drawn_at: Told | None
    drawn_size: int | None = Field(description="The size of the log at the checkpoint that gave the seed.")
    seed: str | None
    sample_sha256: str | None
    open: int = Field(description="Questions without an answer.")
    closed_by: str | None
    closed_at: Told | None


class AuditsShape(Shape):
    """Audits, the latest first."""

    audits: list[AuditShape]


class AuditAnswer(Shape):
    """The answer that counts; its note is sealed and no part of it."""

    question: str
    answer: str
    by: str
    at: Told


class AuditItem(Shape):
    """An item of a sample, as it was when it was drawn."""

    item: int
    sample: str
    key: str
    person: Id | None
    at: Told
    stratum: str
    always: bool
    acted: list[str] = Field(description="Staff numbers of those who did it; none of them answers for it.")
    marks: list[str]
    answers: list[AuditAnswer]


class AuditItemsShape(Shape):
    """Items of an audit, in order."""

    items: list[AuditItem]
    next: int | None = Field(description="After which item the next page begins; none at the end.")


class AuditLine(Shape):
    """The answers to one question: of what chance drew, of a stratum of it, or of what is always looked at."""

    sample: str
    question: str
    part: str
    stratum: str
    population: int
    items: int
    yes: int
    no: int
    not_applicable: int
    open: int
    rate_ppm: int | None
    upper_ppm: int | None = Field(description="One-sided bound of Clopper and Pearson.")
    most: int | None = Field(description="How many of the population deviate at most, by its size.")
    tolerated: int | None


class AuditFinding(Shape):
    """A finding with its state."""

    finding: Id
    audit: Id
    severity: str
    rule: str | None
    items: list[int]
    text: str
    owner: str
    due: date
    state: str
    overdue: bool


class AuditFindingsShape(Shape):
    """Findings, those that are not accepted first."""

    findings: list[AuditFinding]


class AuditReport(Shape):
    """An audit added up."""

    audit: AuditShape
    confidence_percent: int
    items: int
    lines: list[AuditLine]
    findings: list[AuditFinding]
    overdue: int


class ComparedPopulation(Shape):
    """A population as announced and as it is now."""

    sample: str
    announced: int
    found: int
    same: bool


class AuditReplay(Shape):
    """An audit worked out again from plan, log and what is in the database now."""

    audit: Id
    same: bool
    seed_holds: bool
    record_holds: bool
    populations: list[ComparedPopulation]
    missing: list[str] = Field(description="Would be drawn now, and was not.")
    extra: list[str] = Field(description="Was drawn, and would not be now.")


@router.get("", responses=problems(Kind.INVALID))
def list_audits(inquiry: Reader) -> AuditsShape:
    """List audits, the latest first."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return AuditsShape(audits=[_audit(tx, one, inquiry.lang) for one in audits.every(tx)])


@router.get("/findings", responses=problems(Kind.INVALID))
def list_audit_findings(
    inquiry: Reader, *, overdue: Annotated[bool, Query(description="Only those that are overdue.")] = False
) -> AuditFindingsShape:
    """List the findings of all audits, those that are not accepted first."""
    today = _today(inquiry)
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = findings.read_findings(tx, vault=inquiry.parts.vault)
    return AuditFindingsShape(findings=[_finding(one, today) for one in found if one.overdue(today) or not overdue])


@router.get("/{audit:int}", responses=_ANSWERS)
def show_audit(audit: AuditId, inquiry: Reader) -> AuditShape:
    """Show an audit: by which plan, of which days, from which seed."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return _audit(tx, audits.get(tx, audit), inquiry.lang)


@router.get("/{audit:int}/items", responses=_ANSWERS)
def list_audit_items(
    audit: AuditId,
    inquiry: Reader,
    after: Annotated[int, Query(ge=0, description="What the page before gave.")] = 0,
    most: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> AuditItemsShape:
    """List the items of an audit with their answers."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        audits.get(tx, audit)
        items = [one for one in audits.items(tx, audit) if one.item > after]
        said = audits.answers(tx, audit)
    shown = [
        AuditItem(
            item=one.item, sample=one.sample, key=one.key, person=one.person_id, at=one.at, stratum=one.stratum,
            always=one.always, acted=list(one.acted), marks=list(one.shown["flags"]),
            answers=[
                AuditAnswer(question=each.question, answer=each.answer, by=each.actor, at=each.at)
                for each in said
                if each.item == one.item
            ],
        )
        for one in items[:most]
    ]  # fmt: skip
    return AuditItemsShape(items=shown, next=shown[-1].item if len(items) > most else None)


@router.get("/{audit:int}/report", responses=_ANSWERS)
def show_audit_report(audit: AuditId, inquiry: Reader) -> AuditReport:
    """Show what an audit says: deviations by question with exact bounds, findings with their state."""
    today = _today(inquiry)
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        made = report.report(tx, vault=inquiry.parts.vault, audit_id=audit, today=today)
        shape = _audit(tx, made.audit, inquiry.lang)
    return AuditReport(
        audit=shape, confidence_percent=made.plan.confidence, items=made.items,
        lines=[AuditLine(**{name: getattr(one, name) for name in COLUMNS}) for one in made.lines],
        findings=[_finding(one, today) for one in made.findings], overdue=made.overdue,
    )  # fmt: skip


@router.get("/{audit:int}/replay", responses=_ANSWERS)
def replay_audit(audit: AuditId, inquiry: Reader) -> AuditReplay:
    """Draw an audit again, and tell whether it is the same sample."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        made = drawing.replay(tx, audit)
    return AuditReplay(
        audit=audit, same=made.same, seed_holds=made.seed_holds, record_holds=made.record_holds,
        populations=[
            ComparedPopulation(sample=one.sample, announced=one.announced, found=one.found, same=one.same)
            for one in made.populations
        ],
        missing=list(made.missing), extra=list(made.extra),
    )  # fmt: skip


def _audit(tx: Tx, one: Audit, lang: str) -> AuditShape:
    kept = audits.get_plan(tx, one.plan, one.version)
    return AuditShape(
        audit=one.audit_id, plan=one.plan, version=one.version, plan_sha256=kept.hash.hex(),
        says=drawing.plan_of(tx, one).says[lang], first_day=one.first_day, last_day=one.last_day, again=one.again,
        announced_by=one.announced_by, announced_at=one.announced_at, announced_entry=one.announced_entry,
        drawn_at=one.drawn_at, drawn_size=one.drawn_size, seed=one.seed.hex() if one.seed else None,
        sample_sha256=one.sample_digest.hex() if one.sample_digest else None, open=unanswered(tx, one),
        closed_by=one.closed_by, closed_at=one.closed_at,
    )  # fmt: skip


def _finding(one: ReadFinding, today: date) -> AuditFinding:
    found = one.finding
    return AuditFinding(
        finding=found.finding_id, audit=found.audit_id, severity=found.severity, rule=found.rule,
        items=list(found.items), text=one.text, owner=found.owner, due=found.due_day, state=found.step,
        overdue=one.overdue(today),
    )  # fmt: skip


def _today(inquiry: Inquiry) -> date:
    return inquiry.parts.clock().astimezone(ZoneInfo(inquiry.caller.lender.zone)).date()
