"""How answers of the gate are printed: permits, refusals with every rule, what was redeemed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from duecourse.cli.output import facts, note, print_json, say, table
from duecourse.cli.words import _, lang, word
from duecourse.trouble import Exit

if TYPE_CHECKING:
    from datetime import datetime

    from duecourse.casework.permit import Checked, Permit, Redeemed, Refusal


def instant(at: datetime | None) -> str | None:
    """An instant as tables show it."""
    return None if at is None else at.isoformat(timespec="seconds")


def show_answer(answer: Permit | Refusal | Redeemed | Checked, *, json: bool) -> None:
    """Print an answer; a no ends the command with the status of a refusal."""
    from duecourse.casework.permit import Checked, Redeemed, Refusal

    refused = isinstance(answer, Refusal) or (isinstance(answer, Checked) and not answer.allowed)
    if json:
        print_json({"answer": "refused" if refused else "allowed", "given": answer})
    elif isinstance(answer, Redeemed):
        say(_("Permit {permit} is used: make the contact now.").format(permit=answer.permit_id))
    else:
        print_answer(answer)
    if refused:
        raise typer.Exit(Exit.REFUSED)


def print_answer(answer: Permit | Refusal | Checked) -> None:
    """Print a permit, or every rule that refuses."""
    from duecourse.casework.permit import Permit

    if isinstance(answer, Permit):
        facts(
            _("Permit {permit}").format(permit=answer.permit_id),
            [
                (_("Person"), str(answer.person_id)),
                (_("Relation"), word(answer.relation.value)),
                (_("Channel"), word(answer.channel.value)),
                (_("Purpose"), word(answer.purpose.value)),
                (_("Template"), f"{answer.template_id} v{answer.template_version}"),
                (_("Sender"), str(answer.sender)),
                (_("Not before"), instant(answer.at)),
                (_("Expires"), instant(answer.expires_at)),
                (_("Token"), answer.token),
            ],
        )
    else:
        say(answer.says[lang()])
        _print_reasons(answer)
        if answer.next_open is not None:
            say(_("Next allowed: {at}").format(at=instant(answer.next_open)))
    for one in getattr(answer, "advice", ()):
        note(_of(one["says"]) or "")


def _print_reasons(answer: Refusal | Checked) -> None:
    """Every rule that refuses; without a purpose most lack it and are only counted."""
    from duecourse.law.wording import told

    shown = [one for one in answer.reasons if "purpose" not in answer.missing or not one["missing"]]
    if shown:
        table(
            _("Rules that refuse"),
            [_("Rule"), _("It says"), _("Source"), _("Instead")],
            [[str(one["rule"]), told(one, lang()), _source(one["source"]), _of(one["instead"])] for one in shown],
        )
    if len(shown) < len(answer.reasons):
        note(
            _("Rules that could not be asked for want of a purpose: {count}. --json names them all.").format(
                count=len(answer.reasons) - len(shown)
            )
        )


def _of(both: object) -> str | None:
    return str(both[lang()]) if isinstance(both, dict) else None


def _source(source: object) -> str | None:
    if not isinstance(source, dict):
        return None
    clause = f" {source['clause']}" if source["clause"] else ""
    return f"{source['instrument']}{clause} ({word(str(source['grade']))})"
