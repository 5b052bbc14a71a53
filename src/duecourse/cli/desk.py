"""``duecourse desk``: what people work on; here, what a lender's people did before duecourse."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from duecourse.cli.output import Json, facts, print_json
from duecourse.cli.words import _

app = typer.Typer(help="The desk: collectors, absences, contacts made elsewhere.")


@app.callback()
def desk() -> None:
    """The desk: collectors, absences, contacts made elsewhere."""


@app.command("import")
def import_(
    folder: Annotated[
        Path, typer.Argument(help="Folder with collectors.csv, absences.csv, contacts.csv, facts.csv, or some of them.")
    ],
    *,
    json: Json = False,
) -> None:
    """Take collectors, absences, contacts and facts of people from CSV files; whole or not at all."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.actor import Actor, Role
    from duecourse.casework.desk_import import import_desk
    from duecourse.storage import standing

    with open_desk() as opened:
        with opened.database.transaction(opened.settings.lender_id) as tx:
            taken = import_desk(
                tx, folder, vault=vault_of(opened.settings), actor=Actor(Role.OPERATOR, "cli"), now=now()
            )  # fmt: skip
        opened.database.gather(standing.TABLES)
    if json:
        print_json(taken)
        return
    facts(
        _("Taken from {folder}").format(folder=folder),
        [
            (_("Collectors"), taken.collectors),
            (_("Absences"), taken.absences),
            (_("Contacts that are new"), taken.contacts),
            (_("Contacts known before, left as they are"), taken.contacts_known),
            (_("Numbers now known to be wrong"), taken.wrong_numbers),
            (_("Third persons who refused"), taken.refusals),
            (_("Facts of people that are new"), taken.facts),
        ],
    )
