"""``duecourse case``: cases listed, shown and worked: notes, skips, taking and handing back, what may be done now."""

from __future__ import annotations

import typer

from duecourse.cli.case.call import call
from duecourse.cli.case.file import happenings, openings
from duecourse.cli.case.listing import list_cases, next_case
from duecourse.cli.case.show import case_facts, print_case, show
from duecourse.cli.case.work import assign, hand_back, language, note, notes, skip, take, unskip

__all__ = ["app", "case_facts", "print_case"]

app = typer.Typer(help="Cases: one borrower's overdue loans being worked.")

app.command("show")(show)
app.command("list")(list_cases)
app.command("next")(next_case)
app.command("openings")(openings)
app.command("happenings")(happenings)
app.command("call")(call)
app.command("note")(note)
app.command("notes")(notes)
app.command("skip")(skip)
app.command("unskip")(unskip)
app.command("take")(take)
app.command("hand-back")(hand_back)
app.command("assign")(assign)
app.command("language")(language)


@app.callback()
def cases() -> None:
    """Cases: one borrower's overdue loans being worked."""
