"""Audits on screen: drawn by chance, answered by keyboard, found, reported; findings for whoever answers for them."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from starlette.responses import Response

from duecourse.casework.audits import answering, drawing, findings
from duecourse.casework.audits import report as reports
from duecourse.casework.audits.findings import ReadFinding, Severity, StepKind, read_finding
from duecourse.casework.audits.plan import Sample, kept_plan, shipped, shipped_text
from duecourse.casework.dossier_pdf import paper
from duecourse.casework.lender_law import rules_named
from duecourse.casework.rights import Right, may, roles_from
from duecourse.casework.sequencing import Sequencer
from duecourse.channels.render import printer
from duecourse.storage import audits, persons, users
from duecourse.storage.audits import Answer, Audit, Item
from duecourse.storage.checkpoints import SequencerBusy
from duecourse.storage.connection import Tx
from duecourse.trouble import N_, Refused, Trouble
from duecourse.web import fields
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("oversight")

LEVELS = {
    "yes": "good", "no": "bad", "not_applicable": "none", "low": "none", "medium": "info", "high": "warn",
    "critical": "bad", "assigned": "warn", "measure": "info", "answered": "info", "accepted": "good",
    "sent_back": "bad", "reopened": "bad",
}  # fmt: skip
"""How answers, severities and states are shown."""

LABELS = {
    "channel": N_("Channel"), "purpose": N_("Purpose"), "what": N_("What"), "collector": N_("Collector"),
    "firm": N_("Outside firm"),
}  # fmt: skip
"""Names of what an item has."""

STEPS = {
    "measure": N_("Say what shall be done"), "answered": N_("Say that it is done"),
    "accepted": N_("Accept the answer"), "sent_back": N_("Send it back"), "reopened": N_("Reopen it"),
    "assigned": N_("Another owner or day"),
}  # fmt: skip
"""What each step asks of whoever takes it."""

KEYS = {"yes": "y", "no": "n", "not_applicable": "x"}
"""Which key gives which answer."""


class NotYours(Refused):
    """A finding of somebody else."""

    def __init__(self, finding_id: int) -> None:
        super().__init__(N_("finding {number} is not yours to answer"), number=finding_id)


@dataclass(frozen=True, slots=True)
class Standing:
    """An audit on the list: how much is open."""

    audit: Audit
    says: str
    items: int
    open: int
    findings: int
    overdue: int


@pages.get("/audits", right=Right.AUDIT_READ)
def every(visit: Visit) -> Response:
    """Audits, the latest first, and the plans to draw by."""
    return _list(visit)


@pages.post("/audits", right=Right.AUDIT_WORK)
def draw(visit: Visit) -> Response:
    """Announce an audit, publish the log, and draw by its checkpoint."""
    days = (visit.day("from"), visit.day("to")) if visit.text("from") or visit.text("to") else None
    try:
        with visit.transaction() as tx:
            made = drawing.announce(
                tx, vault=visit.parts.vault, name=visit.text("plan"), days=days, again=visit.text("again"),
                actor=visit.actor, today=visit.today, now=visit.now, chance=os.urandom,
            )  # fmt: skip
    except Trouble as error:
        return _list(visit, error=sentence(error, visit.choice.language))
    return _drawn(visit, made.audit_id)


@pages.post("/audits/{audit}/drawing", right=Right.AUDIT_WORK)
def draw_announced(visit: Visit) -> Response:
    """Draw an audit that was announced and whose checkpoint was not there yet."""
    return _drawn(visit, visit.number("audit", visit.path))


@pages.get("/audits/findings", right=Right.AUDIT_READ)
def all_findings(visit: Visit) -> Response:
    """Every finding, those that are not accepted first."""
    with visit.transaction() as tx:
        found = findings.read_findings(tx, vault=visit.parts.vault)
    return visit.page("oversight/findings.html", found=found, levels=LEVELS, base="/audits/findings", mine=False)


@pages.get("/findings", right=Right.FINDING_ANSWER)
def my_findings(visit: Visit) -> Response:
    """The findings that whoever is here answers for."""
    with visit.transaction() as tx:
        found = findings.read_findings(tx, vault=visit.parts.vault, owner=visit.signed.ref)
    return visit.page("oversight/findings.html", found=found, levels=LEVELS, base="/findings", mine=True)


@pages.get("/audits/findings/{finding}", right=Right.AUDIT_READ)
def finding(visit: Visit) -> Response:
    """A finding as an auditor sees it."""
    return _finding(visit, base="/audits/findings")


@pages.get("/findings/{finding}", right=Right.FINDING_ANSWER)
def my_finding(visit: Visit) -> Response:
    """A finding as its owner sees it."""
    return _finding(visit, base="/findings")


@pages.post("/audits/findings/{finding}/steps", right=Right.AUDIT_WORK)
def judge(visit: Visit) -> Response:
    """Accept an answer, send it back, reopen, or give the finding to somebody else."""
    return _follow(visit, base="/audits/findings")


@pages.post("/findings/{finding}/steps", right=Right.FINDING_ANSWER)
def answer_finding(visit: Visit) -> Response:
    """Say what shall be, or was, done about one's own finding."""
    return _follow(visit, base="/findings")


@pages.get("/audits/{audit}", right=Right.AUDIT_READ)
def one(visit: Visit) -> Response:
    """An audit: its items by sample, its findings."""
    return _audit(visit)


@pages.get("/audits/{audit}/items/{item}", right=Right.AUDIT_READ)
def item(visit: Visit) -> Response:
    """One item with its questions."""
    return _item(visit)


@pages.post("/audits/{audit}/items/{item}/answers", right=Right.AUDIT_WORK)
def answer(visit: Visit) -> Response:
    """Answer a question; then the next that is open."""
    number, place = visit.number("audit", visit.path), visit.number("item", visit.path)
    try:
        with visit.transaction() as tx:
            answering.answer(
                tx, vault=visit.parts.vault, audit_id=number, number=place, question=visit.text("question"),
                said=visit.text("said"), note=visit.text("note"), actor=visit.actor, now=visit.now, chance=os.urandom,
            )  # fmt: skip
            next_open = _next_open(tx, audits.get(tx, number), place, visit.signed.ref)
    except Trouble as error:
        return _item(visit, error=sentence(error, visit.choice.language))
    if next_open is None:
        return visit.go(f"/audits/{number}", said=visit.say("Every question that is yours to answer is answered."))
    return visit.go(f"/audits/{number}/items/{next_open}")


@pages.post("/audits/{audit}/notes", right=Right.AUDIT_READ)
def read_notes(visit: Visit) -> Response:
    """The audit with its notes in clear, on record."""
    with visit.transaction() as tx:
        found = answering.read_notes(
            tx, vault=visit.parts.vault, audit_id=visit.number("audit", visit.path), actor=visit.actor, now=visit.now
        )
    return _audit(visit, notes=found)


@pages.post("/audits/{audit}/findings", right=Right.AUDIT_WORK)
def find(visit: Visit) -> Response:
    """Write a finding and give it to its owner."""
    number = visit.number("audit", visit.path)
    try:
        numbers = fields.wholes(visit.text("items"), "items")
    except fields.NotAFieldValue:
        return _audit(visit, error=visit.say("Items are whole numbers, parted by commas."))
    try:
        with visit.transaction() as tx:
            made = findings.record_finding(
                tx, vault=visit.parts.vault, audit_id=number, severity=visit.text("severity"),
                rule=visit.text("rule") or None, items=numbers, text=visit.text("text"), owner=visit.text("owner"),
                due=visit.day("due"), actor=visit.actor, today=visit.today, now=visit.now, chance=os.urandom,
            )  # fmt: skip
    except Trouble as error:
        return _audit(visit, error=sentence(error, visit.choice.language))
    return visit.go(f"/audits/{number}", said=visit.say("Finding {number} is written.", number=made))


@pages.post("/audits/{audit}/closing", right=Right.AUDIT_WORK)
def close(visit: Visit) -> Response:
    """Close an audit: its answers stay as they are."""
    number = visit.number("audit", visit.path)
    try:
        with visit.transaction() as tx:
            answering.close(tx, vault=visit.parts.vault, audit_id=number, actor=visit.actor, now=visit.now)
    except Trouble as error:
        return _audit(visit, error=sentence(error, visit.choice.language))
    return visit.go(f"/audits/{number}/report", said=visit.say("The audit is closed."))


@pages.get("/audits/{audit}/report", right=Right.AUDIT_READ)
def report(visit: Visit) -> Response:
    """What an audit says."""
    made = _report(visit)
    return visit.page(
        "oversight/audit_report.html", audit=made.audit, title=reports.title(made, visit.say, visit.lang),
        parts=reports.parts(made, visit.say, visit.lang, visit.today),
        numeric=lambda headings: [(one, "num") for one in headings],
    )  # fmt: skip


@pages.get("/audits/{audit}/report.pdf", right=Right.AUDIT_READ)
def report_pdf(visit: Visit) -> Response:
    """The same as a file to print."""
    made = _report(visit)
    head, parts = reports.title(made, visit.say, visit.lang), reports.parts(made, visit.say, visit.lang, visit.today)
    content = paper(head, parts, visit.lang, visit.today, printer=printer())
    return _file(content, "application/pdf", f"audit-{made.audit.audit_id}.pdf")


@pages.get("/audits/{audit}/report.csv", right=Right.AUDIT_READ)
def report_csv(visit: Visit) -> Response:
    """Its lines for another program."""
    made = _report(visit)
    return _file(reports.as_csv(made).encode(), "text/csv", f"audit-{made.audit.audit_id}.csv")


@pages.get("/audits/{audit}/replay", right=Right.AUDIT_READ)
def replay(visit: Visit) -> Response:
    """Draw again, and tell whether it is the same sample."""
    with visit.transaction() as tx:
        made = drawing.replay(tx, visit.number("audit", visit.path))
    return visit.page("oversight/audit_replay.html", made=made)


def _list(visit: Visit, *, error: str = "") -> Response:
    with visit.transaction() as tx:
        kept = {one.plan: kept_plan(one.content) for one in audits.plans(tx)}
        found = audits.findings(tx)
        listed = [_standing(visit, tx, one, found) for one in audits.every(tx)]
    plans = {**{name: kept_plan(shipped_text(name)) for name in shipped()}, **kept}
    return visit.page(
        "oversight/audits.html", status=422 if error else 200, error=error, listed=listed,
        plans=[(name, f"{plan.says[visit.lang]} ({name})") for name, plan in sorted(plans.items())],
        periods={name: plan.last_period(visit.today) for name, plan in plans.items()},
    )  # fmt: skip


def _standing(visit: Visit, tx: Tx, audit: Audit, found: list[audits.Finding]) -> Standing:
    mine = [one for one in found if one.audit_id == audit.audit_id]
    return Standing(
        audit, drawing.plan_of(tx, audit).says[visit.lang], len(audits.items(tx, audit.audit_id)),
        answering.unanswered(tx, audit), len(mine), sum(findings.is_overdue(one, visit.today) for one in mine),
    )  # fmt: skip


def _drawn(visit: Visit, number: int) -> Response:
    address = (visit.parts.public_url or "").partition("://")[2]
    sequencer = Sequencer(
        visit.parts.database, visit.lender_id, visit.parts.vault, visit.parts.published(visit.lender_id),
        visit.parts.clock, f"{address}/log/{visit.lender_id}" if address else None,
    )  # fmt: skip
    with suppress(SequencerBusy):  # the site's own is at it
        sequencer.run()
    try:
        with visit.transaction() as tx:
            made = drawing.draw(tx, vault=visit.parts.vault, audit_id=number, actor=visit.actor, now=visit.now)
    except Trouble as error:
        return _audit(visit, number=number, error=sentence(error, visit.choice.language))
    return visit.go(f"/audits/{made.audit_id}", said=visit.say("The sample is drawn."))


def _audit(
    visit: Visit, *, number: int | None = None, error: str = "", notes: list[answering.Note] | None = None
) -> Response:
    wanted = visit.number("audit", visit.path) if number is None else number
    with visit.transaction() as tx:
        audit = audits.get(tx, wanted)
        plan, items, answers = drawing.plan_of(tx, audit), audits.items(tx, wanted), audits.answers(tx, wanted)
        names = _names(tx, items)
        owners = [one.user_id for one in users.every(tx) if _may_own(one)] if visit.may(Right.AUDIT_WORK) else []
        found = findings.read_findings(tx, vault=visit.parts.vault, audit_id=wanted)
        first = _next_open(tx, audit, 0, visit.signed.ref) if audit.drawn_at and not audit.closed_at else None
    said = {(one.item, one.question): one for one in answers}
    given = Counter(one.item for one in answers)
    return visit.page(
        "oversight/audit.html", status=422 if error else 200, error=error, audit=audit, plan=plan, items=items,
        said=said, given=given, names=names, levels=LEVELS, found=found, owners=owners, first=first, notes=notes,
        asked=sum(len(plan.sample(one.sample).questions) for one in items), answered=len(answers),
        severities=list(Severity), rules=sorted({q.rule for one in plan.samples for q in one.questions if q.rule}),
        without=_without(answers, found),
    )  # fmt: skip


def _without(answers: list[Answer], found: list[ReadFinding]) -> list[int]:
    """Items with a no that stand in no finding yet."""
    covered = {number for one in found for number in one.finding.items}
    return sorted({one.item for one in answers if one.answer == answering.Said.NO} - covered)


def _item(visit: Visit, *, error: str = "") -> Response:
    number, place = visit.number("audit", visit.path), visit.number("item", visit.path)
    with visit.transaction() as tx:
        audit, found = audits.get(tx, number), audits.item(tx, number, place)
        plan, items = drawing.plan_of(tx, audit), audits.items(tx, number)
        said = {one.question: one for one in audits.answers(tx, number, place)}
        case = None if found.person_id is None else audits.case_of(tx, found.person_id)
        names = _names(tx, [found])
        cited = _cited(visit, tx, plan.sample(found.sample))
    own = answering.acted_on(found, visit.signed.ref)
    open_ones = [one.id for one in plan.sample(found.sample).questions if one.id not in said]
    works = visit.may(Right.AUDIT_WORK) and not own and audit.closed_at is None
    return visit.page(
        "oversight/audit_item.html", status=422 if error else 200, error=error, audit=audit, plan=plan, item=found,
        sample=plan.sample(found.sample), said=said, case=case, names=names, own=own, levels=LEVELS, keys=KEYS,
        current=open_ones[0] if open_ones and works else None, last=len(items), cited=cited, works=works,
        labels={name: visit.say(text) for name, text in LABELS.items()},
        before=place - 1 if place > 1 else None, after=place + 1 if place < len(items) else None,
    )  # fmt: skip


def _cited(visit: Visit, tx: Tx, sample: Sample) -> dict[str, str]:
    rules = rules_named(tx)
    return {one.id: reports.rests_on(one, rules, visit.lang) for one in sample.questions}


def _finding(visit: Visit, *, base: str, error: str = "") -> Response:
    with visit.transaction() as tx:
        found = read_finding(tx, vault=visit.parts.vault, finding_id=visit.number("finding", visit.path))
        owners = [one.user_id for one in users.every(tx) if _may_own(one)] if visit.may(Right.AUDIT_WORK) else []
    own = found.finding.owner.lower() == visit.signed.ref.lower()
    if base == "/findings" and not own:
        raise NotYours(found.finding.finding_id)
    possible = [
        kind
        for kind in StepKind
        if (kind in findings.OWNERS) == own and findings.may_follow(found.finding.step, kind)
        and visit.may(Right.FINDING_ANSWER if own else Right.AUDIT_WORK)
    ]  # fmt: skip
    return visit.page(
        "oversight/finding.html", status=422 if error else 200, error=error, found=found, own=own, base=base,
        levels=LEVELS, steps=[one.value for one in possible], owners=owners,
        says={name: visit.say(text) for name, text in STEPS.items()},
        where="/findings" if own else "/audits/findings",
    )  # fmt: skip


def _follow(visit: Visit, *, base: str) -> Response:
    number, step = visit.number("finding", visit.path), visit.text("step")
    due: date | None = visit.day("due") if visit.text("due") else None
    try:
        with visit.transaction() as tx:
            if (step in findings.OWNERS) is not (base == "/findings"):
                raise NotYours(number)
            findings.follow(
                tx, vault=visit.parts.vault, finding_id=number, step=step, text=visit.text("text"),
                owner=visit.text("owner") or None, due=due, actor=visit.actor, today=visit.today, now=visit.now,
                chance=os.urandom,
            )  # fmt: skip
    except audits.NoSuchFinding:
        raise
    except Trouble as error:
        return _finding(visit, base=base, error=sentence(error, visit.choice.language))
    return visit.go(f"{base}/{number}", said=visit.say("It is on record."))


def _report(visit: Visit) -> reports.Report:
    with visit.transaction() as tx:
        return reports.report(
            tx, vault=visit.parts.vault, audit_id=visit.number("audit", visit.path), today=visit.today
        )


def _next_open(tx: Tx, audit: Audit, place: int, ref: str) -> int | None:
    """The next item from a place on, then from the beginning, with an open question that somebody may answer."""
    plan, items = drawing.plan_of(tx, audit), audits.items(tx, audit.audit_id)
    given = Counter(one.item for one in audits.answers(tx, audit.audit_id))

    def is_open(one: Item) -> bool:
        left = given[one.item] < len(plan.sample(one.sample).questions)
        return left and not answering.acted_on(one, ref)

    ahead = [*(one for one in items if one.item >= place), *(one for one in items if one.item < place)]
    return next((one.item for one in ahead if is_open(one)), None)


def _names(tx: Tx, items: list[Item]) -> dict[int, str | None]:
    """The masked names of the people that items are about."""
    return {person: persons.get(tx, person).name_masked for person in {one.person_id for one in items if one.person_id}}


def _may_own(user: users.User) -> bool:
    return user.disabled_at is None and may(roles_from(user.roles), Right.FINDING_ANSWER)


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
