"""How answers of the gate are printed: permits, refusals with every rule, what was redeemed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from duecourse.cli.output import facts, note, print_json, say, table
from duecourse.cli.words import _, lang, word
from duecourse.trouble import Exit

if TYPE_CHECKING:
    from datetime import datetime

    from duecourse.app import Desk
    from duecourse.casework.permit import Checked, Permit, Redeemed, Refusal, Sender


def clock_of(desk: Desk) -> str:
    """The lender's zone, in which a person reads when a contact opens."""
    from duecourse.storage import lenders

    with desk.database.transaction(desk.settings.lender_id) as tx:
        return lenders.get(tx).zone


def local(at: datetime, clock: str) -> str:
    """An instant by a clock, as a column of it shows it."""
    from duecourse.law.clock import zone

    return f"{at.astimezone(zone(clock)):%Y-%m-%d %H:%M:%S}"


def instant(at: datetime | None, clock: str) -> str | None:
    """An instant by a clock that is named with it."""
    return None if at is None else f"{local(at, clock)} ({clock})"


def _sender(sender: Sender) -> str:
    return " ".join(part for part in (word(sender.type.value), sender.firm, sender.staff) if part)


def show_answer(answer: Permit | Refusal | Redeemed | Checked, *, json: bool, clock: str = "UTC") -> None:
    """Print an answer; a no ends the command with the status of a refusal."""
    from duecourse.casework.permit import Checked, Redeemed, Refusal

    refused = isinstance(answer, Refusal) or (isinstance(answer, Checked) and not answer.allowed)
    if json:
        print_json({"answer": "refused" if refused else "allowed", "given": answer})
    elif isinstance(answer, Redeemed):
        say(_("Permit {permit} is used: make the contact now.").format(permit=answer.permit_id))
    else:
        print_answer(answer, clock)
    if refused:
        raise typer.Exit(Exit.REFUSED)


def print_answer(answer: Permit | Refusal | Checked, clock: str = "UTC") -> None:
    """Print a permit, or every rule that refuses and when it opens; instants by a clock."""
    from duecourse.casework.permit import Permit
    from duecourse.law.wording import lifted

    if isinstance(answer, Permit):
        facts(
            _("Permit {permit}").format(permit=answer.permit_id),
            [
                (_("Person"), str(answer.person_id)),
                (_("Relation"), word(answer.relation.value)),
                (_("Channel"), word(answer.channel.value)),
                (_("Purpose"), word(answer.purpose.value)),
                (_("Template"), f"{answer.template_id} v{answer.template_version}"),
                (_("Sender"), _sender(answer.sender)),
                (_("Not before"), instant(answer.at, clock)),
                (_("Expires"), instant(answer.expires_at, clock)),
                (_("Signed token"), answer.token),
            ],
        )
    else:
        say(answer.says[lang()])
        _print_reasons(answer)
        if answer.next_open is not None:
            say(_("Next allowed: {when} ({zone}).").format(when=local(answer.next_open, clock), zone=clock))
    for one in getattr(answer, "lifted", ()):
        note(lifted(one, lang()))
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
    from duecourse.law.terms import word as law_word

    if not isinstance(source, dict):
        return None
    clause = f" {source['clause']}" if source["clause"] else ""
    return f"{source['instrument']}{clause} ({law_word(str(source['grade']), lang())})"
