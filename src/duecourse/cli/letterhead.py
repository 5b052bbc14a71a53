"""``duecourse letterhead``: what letters say of who writes them: ways to pay and to complain, law firm and mandate."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from duecourse.cli.output import Json, print_json, say, table
from duecourse.cli.person import operator
from duecourse.cli.words import _

app = typer.Typer(help="Lines of letters: each from a day, with the document that proves it.")


@app.command()
def enter(
    name: Annotated[
        str, typer.Argument(help="Which line: pay_at, callback, complaint …; of a firm law_firm, lawyer …")
    ],
    value: Annotated[str, typer.Argument(help="What it says.")],
    *,
    source: Annotated[str, typer.Option(help="The document that proves it.")],
    firm: Annotated[str, typer.Option(help="Code of the firm; none for the lender itself.")] = "",
    since: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day; today without.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day on which it is so no longer.")
    ] = None,
    json: Json = False,
) -> None:
    """Enter a line; it goes before what was entered earlier under the name."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.letterhead import enter_line

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        number = enter_line(
            tx, vault=vault_of(desk.settings), name=name, value=value, source=source, firm=firm,
            from_day=since.date() if since else None, to_day=until.date() if until else None, actor=operator(),
            now=now(),
        )  # fmt: skip
    if json:
        print_json({"line": number, "firm": firm, "name": name})
    else:
        say(_("Line {number} is entered: {name}.").format(number=number, name=name))


@app.command()
def end(
    number: Annotated[int, typer.Argument(help="The line's number; `letterhead list` shows it.", min=1)],
    *,
    json: Json = False,
) -> None:
    """End a line from today on."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.letterhead import end_line

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        end_line(tx, vault=vault_of(desk.settings), line_id=number, actor=operator(), now=now())
    if json:
        print_json({"line": number})
    else:
        say(_("Line {number} is ended.").format(number=number))


@app.command("list")
def list_lines(*, json: Json = False) -> None:
    """List every line that was entered, the latest first."""
    from duecourse.app import open_desk
    from duecourse.storage import letterhead

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = letterhead.every(tx)
    if json:
        print_json(found)
        return
    table(
        _("Lines of letters"),
        [_("Number"), _("Firm"), _("Line"), _("Says"), _("From"), _("Until"), _("Source"), _("By")],
        [
            [str(one.line_id), one.firm or None, one.name, one.value, one.from_day, one.to_day, one.source, one.actor]
            for one in found
        ],
    )
