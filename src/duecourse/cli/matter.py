"""``duecourse matter``: disputes, complaints, corrections of credit records, hardship, and calling everything due."""

from __future__ import annotations

import os
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from duecourse.casework.documents import BYTES_MAX, DocumentKind
from duecourse.casework.matter_kinds import MatterKind
from duecourse.cli.case.work import CaseId
from duecourse.cli.output import Json, amount, in_currency, print_json, say, table
from duecourse.cli.person import operator
from duecourse.cli.plan import LoanRef
from duecourse.cli.words import _, word

app = typer.Typer(help="What is raised: it stops contact at once, has the clock of the packs, and is answered once.")

MatterId = Annotated[int, typer.Argument(metavar="MATTER", help="Its number, as in `matter list`.", min=1)]


class Severity(StrEnum):
    """How hard a complaint is to decide; the clock depends on it."""

    ORDINARY = "ordinary"
    COMPLEX = "complex"
    SPECIAL = "special"


@app.command("open")
def open_matter(
    case: CaseId,
    kind: Annotated[MatterKind, typer.Argument(help="What is raised.")],
    category: Annotated[str, typer.Argument(help="What it is about; a wrong one is answered with those there are.")],
    words: Annotated[str, typer.Argument(help="What was said; sealed.")],
    *,
    loan: Annotated[str | None, typer.Option(help="The lender's loan number, where it is about one.")] = None,
    severity: Annotated[Severity, typer.Option(help="Of a complaint.")] = Severity.ORDINARY,
    review_days: Annotated[int | None, typer.Option(help="Of hardship: days until it is looked at again.")] = None,
    json: Json = False,
) -> None:
    """Open a matter: its hold stands and its clock runs with that."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import matters
    from duecourse.core.ids import loan_key

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        made = matters.open_matter(
            tx, vault=vault_of(desk.settings), case_id=case, kind=kind, category=category, words=words,
            loan_key=loan_key(tx.lender_id, loan) if loan else None, severity=severity.value, review_days=review_days,
            actor=operator(), clock=now,
        )  # fmt: skip
    shown = {"matter_id": made.matter_id, "due_day": made.due_day, "rule": made.due_rule, "hold_id": made.hold_id}
    if json:
        print_json(shown)
    elif made.due_day is None:
        say(_("Matter {matter} is open; no rule that binds gives it a clock.").format(matter=made.matter_id))
    else:
        say(
            _("Matter {matter} is open; to be answered by {day} ({rule}).").format(
                matter=made.matter_id, day=made.due_day, rule=made.due_rule
            )
        )


@app.command("list")
def list_matters(
    *,
    case: Annotated[int | None, typer.Option(help="Of one case alone.", min=1)] = None,
    every: Annotated[bool, typer.Option("--all", help="Those that ended too.")] = False,
    json: Json = False,
) -> None:
    """List matters, what is due first."""
    from duecourse.app import open_desk
    from duecourse.storage import matters

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = matters.listed(tx, case_id=case, open_only=not every)
    plain = [
        {
            "matter_id": one.matter_id, "case_id": one.case_id, "kind": one.kind, "category": one.category,
            "due_day": one.due_day, "rule": one.due_rule, "escalated": one.escalated_at is not None,
            "ended_as": one.ended_as,
        }
        for one in found
    ]  # fmt: skip
    if json:
        print_json(plain)
        return
    table(
        _("Matters"),
        [_("Matter number"), _("Case"), _("Kind"), _("About"), _("By day"), _("Rule"), _("Became of it")],
        [
            [
                str(one.matter_id), str(one.case_id), word(one.kind), word(f"matter_{one.category}"), one.due_day,
                one.due_rule, word(one.ended_as) if one.ended_as else None,
            ]
            for one in found
        ],
    )  # fmt: skip


@app.command()
def answer(
    matter: MatterId,
    how: Annotated[str, typer.Argument(metavar="ANSWER", help="upheld, partly_upheld, rejected, over.")],
    *,
    cause: Annotated[str, typer.Option(help="What was behind it: staff, agency, system, data, process, terms, none.")],
    redress: Annotated[int, typer.Option(help="What was made good, minor units.", min=0)] = 0,
    json: Json = False,
) -> None:
    """Answer a matter; its hold ends with that."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import matters

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        made = matters.answer_matter(
            tx, vault=vault_of(desk.settings), matter_id=matter, answer=how, cause=cause, redress=redress,
            actor=operator(), clock=now,
        )  # fmt: skip
    if json:
        print_json({"matter_id": matter, "ended_as": made.ended_as})
    else:
        say(_("Matter {matter} is answered.").format(matter=matter))


@app.command()
def evidence(
    matter: MatterId,
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, readable=True, help="The document: at most 10 MB; content and name are sealed."
        ),
    ],
    *,
    kind: Annotated[DocumentKind, typer.Option(help="What it is.")],
    json: Json = False,
) -> None:
    """Keep a document as evidence of a matter that is open: a doctor's letter, a receipt, a pay slip."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import matters

    with file.open("rb") as raw:
        content = raw.read(BYTES_MAX + 1)
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        number = matters.bring_evidence(
            tx, vault=vault_of(desk.settings), matter_id=matter, kind=kind.value, name=file.name, content=content,
            actor=operator(), now=now(), chance=os.urandom,
        )  # fmt: skip
    if json:
        print_json({"matter_id": matter, "document": number})
    else:
        say(
            _("Document {number} is kept, sealed, as evidence of matter {matter}.").format(number=number, matter=matter)
        )


@app.command()
def escalate(matter: MatterId, *, json: Json = False) -> None:
    """Take a matter up: compliance answers it then."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import matters

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        matters.escalate_matter(
            tx, vault=vault_of(desk.settings), matter_id=matter, actor=operator(), now=now()
        )  # fmt: skip
    if json:
        print_json({"matter_id": matter})
    else:
        say(_("Matter {matter} went up to compliance.").format(matter=matter))


@app.command()
def accelerate(
    case: CaseId,
    loan: LoanRef,
    *,
    into: Annotated[str, typer.Option("--in", metavar="zh|en", help="Language of the notice.")] = "zh",
    staff: Annotated[str, typer.Option(help="Staff number of who handles it.")] = "",
    json: Json = False,
) -> None:
    """Issue the notice that everything will be called; the day run calls it when its days are over and not cured.

    The days begin when the notice has arrived: send it as any other, by letter or e-mail.
    """
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework.acceleration import CURE_DAYS, TEMPLATE
    from duecourse.casework.issue_notice import Wanted, issue_notice
    from duecourse.casework.permit import Sender
    from duecourse.core.ids import loan_key
    from duecourse.law.terms import SenderType
    from duecourse.storage import cases, matters

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        wanted = Wanted(
            case_id=case, person_id=cases.get(tx, case).person_id, template_id=TEMPLATE, lang=into,
            sender=Sender(SenderType.LENDER, staff=staff), loan_keys=(loan_key(tx.lender_id, loan),),
        )  # fmt: skip
        number = issue_notice(
            tx, vault=vault_of(desk.settings), store=store_of(desk.settings), wanted=wanted,
            public_url=desk.settings.public_url, request_key=os.urandom(16).hex(), actor=operator(), now=now(),
            chance=os.urandom,
        )  # fmt: skip
        made = matters.of_notice(tx, number)
    if json:
        print_json({"matter_id": made.matter_id, "notice": number})
        return
    told = _("Notice {number} is issued; nothing was sent yet. {days} days to cure run from when it has arrived.")
    say(told.format(number=number, days=CURE_DAYS))


@app.command()
def causes(
    *,
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day.")],
    json: Json = False,
) -> None:
    """Report what was raised by category and cause: how often, upheld, late, made good."""
    from duecourse.app import now, open_desk
    from duecourse.casework.ledger import today_of
    from duecourse.storage import lenders, matters

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = matters.causes(tx, since=since.date(), until=until.date(), today=today_of(tx, now()))
        currency = lenders.get(tx).currency
    if json:
        print_json(found)
        return
    table(
        in_currency(_("What was raised, and why"), currency),
        [_("Kind"), _("About"), _("Cause"), _("Matters"), _("Upheld"), _("Late"), _("Made good")],
        [
            [
                word(one.kind), word(f"matter_{one.category}"), word(f"cause_{one.cause}") if one.cause else None,
                str(one.matters), str(one.upheld), str(one.late), amount(one.redress_minor, currency),
            ]
            for one in found
        ],
        right=(3, 4, 5, 6),
    )  # fmt: skip
