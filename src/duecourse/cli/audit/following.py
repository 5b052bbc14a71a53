"""What was found, what becomes of it, and the report."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.acting import acting
from duecourse.cli.audit.samples import Number
from duecourse.cli.audit.shown import plain, today_of
from duecourse.cli.output import Json, note, print_json, say, table
from duecourse.cli.words import _, joined, lang, word

if TYPE_CHECKING:
    from datetime import date

    from duecourse.casework.audits.findings import ReadFinding
    from duecourse.casework.audits.report import Report

Finding = Annotated[int, typer.Argument(help="The finding's number; `audit findings` shows it.", min=1)]


def finding(
    number: Number,
    *,
    severity: Annotated[str, typer.Option(help="low, medium, high or critical.")],
    text: Annotated[str, typer.Option(help="What was found, in free text; sealed. Names no borrower: items do.")],
    owner: Annotated[str, typer.Option(help="The user who answers for it.")],
    due: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="By which day.")],
    item: Annotated[list[int] | None, typer.Option(help="An item that shows it; may be given again.")] = None,
    rule: Annotated[str | None, typer.Option(help="The rule it is about.")] = None,
    json: Json = False,
) -> None:
    """Write a finding of an audit and give it to somebody who answers for it."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.audits import findings as acts
    from duecourse.casework.rights import Right

    with open_desk() as desk:
        actor = acting(desk, now()).by(Right.AUDIT_WORK)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            made = acts.record_finding(
                tx, vault=vault_of(desk.settings), audit_id=number, severity=severity, rule=rule, items=item or [],
                text=text, owner=owner, due=due.date(), actor=actor, today=today_of(tx), now=now(), chance=os.urandom,
            )  # fmt: skip
    if json:
        print_json({"finding": made, "audit": number})
    else:
        say(_("Finding {finding} is given to {owner}.").format(finding=made, owner=owner))


def findings(
    *,
    audit: Annotated[int | None, typer.Option(min=1, help="Of this audit alone.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those that are overdue.")] = False,
    mine: Annotated[bool, typer.Option("--mine", help="Only those that are mine to answer.")] = False,
    json: Json = False,
) -> None:
    """List findings with their state: those that are not accepted first, the one due next on top."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.audits import findings as acts
    from duecourse.casework.rights import Right

    with open_desk() as desk:
        who = acting(desk, now())
        owner = who.by(Right.FINDING_ANSWER).ref if mine else None
        if not mine:
            who.by(Right.AUDIT_READ)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            today = today_of(tx)
            found = acts.read_findings(tx, vault=vault_of(desk.settings), audit_id=audit, owner=owner)
    shown = [one for one in found if not overdue or one.overdue(today)]
    if json:
        print_json([_plain_finding(one, today) for one in shown])
        return
    table(
        _("Findings"),
        [
            _("Finding"), _("Audit"), _("Severity"), _("What"), _("Rule"), _("Items"), _("Owner"), _("Due by"),
            _("State"),
        ],
        [
            [
                str(one.finding.finding_id), str(one.finding.audit_id), word(one.finding.severity), one.text,
                one.finding.rule, joined(map(str, one.finding.items)), one.finding.owner, one.finding.due_day,
                _("past its day") if one.overdue(today) else word(one.finding.step),
            ]
            for one in shown
        ],
    )  # fmt: skip


def follow(
    number: Finding,
    step: Annotated[
        str,
        typer.Argument(
            help="By the owner: measure, answered. By an auditor: accepted, sent_back, reopened, assigned (to another "
            "owner, or with another day)."
        ),
    ],
    *,
    text: Annotated[str, typer.Option(help="What is done or said, in free text; sealed.")] = "",
    owner: Annotated[str | None, typer.Option(help="With assigned: the new owner.")] = None,
    due: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="With assigned: the new day.")] = None,
    json: Json = False,
) -> None:
    """Take a step after a finding. The owner says what is done; somebody else decides whether that will do."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.audits import findings as acts
    from duecourse.casework.rights import Right

    with open_desk() as desk:
        right = Right.FINDING_ANSWER if step in acts.OWNERS else Right.AUDIT_WORK
        actor = acting(desk, now()).by(right)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            acts.follow(
                tx, vault=vault_of(desk.settings), finding_id=number, step=step, text=text, owner=owner,
                due=due.date() if due else None, actor=actor, today=today_of(tx), now=now(), chance=os.urandom,
            )  # fmt: skip
            found, today = acts.read_finding(tx, vault=vault_of(desk.settings), finding_id=number), today_of(tx)
    if json:
        print_json(_plain_finding(found, today))
        return
    table(
        _("Finding {number}: {text}").format(number=number, text=found.text),
        [_("Step"), _("What"), _("Owner"), _("Due by"), _("By"), _("At")],
        [
            [word(one.step), one.text, one.owner, one.due_day, one.actor, f"{one.at:%Y-%m-%d %H:%M}"]
            for one in found.steps
        ],
    )


def report(
    number: Number,
    *,
    csv: Annotated[bool, typer.Option("--csv", help="Print the lines as CSV.")] = False,
    pdf: Annotated[Path | None, typer.Option(help="Write the report as a PDF into this file.")] = None,
    json: Json = False,
) -> None:
    """Print what an audit says: deviations by question with exact bounds, findings with their state."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.audits import report as made_of
    from duecourse.casework.rights import Right

    with open_desk() as desk:
        acting(desk, now()).by(Right.AUDIT_READ)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            today = today_of(tx)
            made = made_of.report(tx, vault=vault_of(desk.settings), audit_id=number, today=today)
    if pdf is not None:
        from duecourse.casework.dossier_pdf import paper
        from duecourse.channels.render import Printer

        head, held = made_of.title(made, _, lang()), made_of.parts(made, _, lang(), today)
        pdf.write_bytes(paper(head, held, lang(), today, printer=Printer()))
        note(_("The report is in {file}.").format(file=pdf))
    if json:
        print_json(_plain_report(made, today))
    elif csv:
        sys.stdout.write(made_of.as_csv(made))
    elif pdf is None:
        _say_report(made, today)


def _say_report(made: Report, today: date) -> None:
    from duecourse.casework.audits import report as made_of

    say(made_of.title(made, _, lang()))
    for part in made_of.parts(made, _, lang(), today):
        say("")
        for line in (part.heading, *part.says, *part.items):
            if line:
                say(line)
        for above, (head, *rows) in part.tables:
            table(above, head, rows, right=range(1, len(head) - 1))


def _plain_finding(one: ReadFinding, today: date) -> dict[str, object]:
    found = one.finding
    return {
        "finding": found.finding_id, "audit": found.audit_id, "severity": found.severity, "rule": found.rule,
        "items": found.items, "text": one.text, "owner": found.owner, "due": found.due_day, "state": found.step,
        "overdue": one.overdue(today), "steps": one.steps,
    }  # fmt: skip


def _plain_report(made: Report, today: date) -> dict[str, object]:
    from duecourse.casework.audits.report import COLUMNS

    return {
        **plain(made.audit), "confidence_percent": made.plan.confidence, "items": made.items, "open": made.open,
        "overdue": made.overdue, "lines": [{name: getattr(one, name) for name in COLUMNS} for one in made.lines],
        "findings": [_plain_finding(one, today) for one in made.findings],
    }  # fmt: skip
