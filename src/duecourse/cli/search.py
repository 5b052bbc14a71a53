"""``duecourse search``: who a name, number or mailbox belongs to, masked."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from duecourse.cli.output import Json, amount, print_json, say, table
from duecourse.cli.words import _, joined, word


def command(
    text: Annotated[
        str,
        typer.Argument(
            metavar="TEXT",
            help="A whole name, phone number, mailbox, identity number, or a customer, loan or case number; - asks for "
            "it, so that it does not stay in the shell's history.",
        ),
    ],
    *,
    most: Annotated[int, typer.Option(min=1, max=50, help="Lines shown at the most.")] = 20,
    json: Json = False,
) -> None:
    """Find people by a whole value of any kind, masked. Nothing is decrypted: values are compared by keyed indexes."""
    from duecourse.app import open_desk, vault_of
    from duecourse.casework.searching import search

    said = text
    if text == "-":
        said = getpass.getpass("") if sys.stdin.isatty() else sys.stdin.readline().strip()
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = search(tx, vault=vault_of(desk.settings), text=said, most=most)
    if json:
        print_json(found)
    elif not found:
        say(_("Nobody has this value."))
    else:
        table(
            _("People"),
            [_("Person"), _("Name"), _("Found by"), _("Relation"), _("Case"), _("Collector"), _("Stage"), _("Overdue")],
            [
                [
                    str(one.person_id), one.name_masked, joined(str(word(by)) for by in one.by),
                    joined(str(word(relation)) for relation in one.relations),
                    str(one.case_id) if one.case_id else None, one.collector_id, one.stage,
                    f"{amount(one.overdue_minor, one.currency)} {one.currency}"
                    if one.overdue_minor is not None and one.currency else None,
                ]
                for one in found
            ],
            right=(7,),
        )  # fmt: skip
