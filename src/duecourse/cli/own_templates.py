"""``duecourse template draft|drafts|text|check|ask|withdraw``: a lender's own templates, which two people approve."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from duecourse.cli.acting import acting
from duecourse.cli.approval import print_asked
from duecourse.cli.output import Json, print_json, say, table
from duecourse.cli.strategy.text import content_of
from duecourse.cli.words import _, word

if TYPE_CHECKING:
    from duecourse.storage.own_templates import OwnTemplate

Draft = Annotated[int, typer.Argument(metavar="DRAFT", help="The draft's number; `template drafts` shows it.", min=1)]
File = Annotated[Path, typer.Argument(metavar="FILE", help="The template's YAML file.", exists=True, dir_okay=False)]
Reason = Annotated[str, typer.Option(help="Why, for whoever decides and for the record.")]


def check(file: File, *, json: Json = False) -> None:
    """Validate a template of the lender's own: form, claims, slots, jurisdiction. Changes nothing."""
    from duecourse.app import open_desk
    from duecourse.casework.own_template import checked
    from duecourse.storage import lenders

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = checked(content_of(file), file.name, lenders.get(tx))
    if json:
        print_json({"template": found.id, "version": found.version, "hash": found.hash, "valid": True})
    else:
        say(_("{template}, version {version}, is in order.").format(template=found.id, version=found.version))


def draft(file: File, *, json: Json = False) -> None:
    """Keep a draft that is in order; nothing may be sent by it before two people have approved it."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.own_template import keep_draft
    from duecourse.casework.rights import Right

    at = now()
    with open_desk() as desk:
        actor = acting(desk, at).by(Right.TEMPLATE_WRITE)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            kept = keep_draft(
                tx, vault=vault_of(desk.settings), content=content_of(file), actor=actor, now=at, file=file.name
            )
    if json:
        print_json(_plain(kept))
    else:
        say(
            _("Draft {number} of {template}, version {version}, is kept; nothing may be sent by it yet.").format(
                number=kept.draft_id, template=kept.template_id, version=kept.version
            )
        )


def drafts(*, json: Json = False) -> None:
    """List the lender's own templates: every draft, and which one is in use."""
    from duecourse.app import open_desk
    from duecourse.storage import own_templates

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = own_templates.every(tx)
    if json:
        print_json([_plain(one) for one in found])
        return
    table(
        _("The lender's own templates"),
        [_("Draft"), _("Template"), _("Version"), _("State"), _("From"), _("Written by"), _("Decided by"), _("On")],
        [
            [
                str(one.draft_id), one.template_id, str(one.version), word(one.state) or _("draft"), one.from_day,
                one.actor, one.decided_by, one.at.date(),
            ]
            for one in found
        ],
    )  # fmt: skip


def text(number: Draft, *, json: Json = False) -> None:
    """Print a draft as it was sent."""
    from duecourse.app import open_desk
    from duecourse.storage import own_templates

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = own_templates.get(tx, number)
    if json:
        print_json(_plain(found) | {"content": found.content})
    else:
        typer.echo(found.content, nl=False)


def ask(number: Draft, *, reason: Reason, json: Json = False) -> None:
    """Ask a compliance officer to approve a draft, a new one or an earlier one again."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import approval
    from duecourse.casework.kinds import KINDS
    from duecourse.casework.own_template import APPROVE, wanted
    from duecourse.casework.rights import Right

    at = now()
    with open_desk() as desk:
        actor = acting(desk, at).by(Right.TEMPLATE_WRITE)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            made = approval.ask(
                tx, kinds=KINDS, vault=vault_of(desk.settings), kind=APPROVE.kind, subject=f"template:{number}",
                asked=wanted(tx, number), reason=reason, actor=actor, now=at,
            )  # fmt: skip
    print_asked(made, json=json)


def withdraw(
    template: Annotated[str, typer.Argument(metavar="TEMPLATE", help="Its name, such as own.m2.letter.")],
    *,
    reason: Reason,
    json: Json = False,
) -> None:
    """Take a template of the lender's own out of use at once; one compliance officer may."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.own_template import withdraw_template
    from duecourse.casework.rights import Right

    at = now()
    with open_desk() as desk:
        actor = acting(desk, at).by(Right.LAW_ACTIVATE)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            found = withdraw_template(
                tx, vault=vault_of(desk.settings), template_id=template, reason=reason, actor=actor, now=at
            )
    if json:
        print_json(_plain(found))
    else:
        say(_("{template} is withdrawn from {day} on.").format(template=template, day=found.from_day))


def _plain(one: OwnTemplate) -> dict[str, Any]:
    return {
        "draft": one.draft_id, "template": one.template_id, "version": one.version, "sha256": one.hash,
        "state": one.state, "from": one.from_day, "actor": one.actor, "at": one.at, "asked_by": one.asked_by,
        "decided_by": one.decided_by,
    }  # fmt: skip
