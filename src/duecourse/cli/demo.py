"""``duecourse demo``: the demo lender, made from a seed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from duecourse.cli.output import Json, bars, count, facts, note, print_json, share, table
from duecourse.cli.progress import step
from duecourse.cli.words import _

app = typer.Typer(help="The demo lender: invented people, their loans and payments, from a seed.")


@app.command()
def generate(
    *,
    out: Annotated[Path, typer.Option("--out", help="Folder for the tapes; an earlier demo there is replaced.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    loans: Annotated[int, typer.Option(min=100, max=1_000_000, help="How many loans.")] = 20_000,
    json: Json = False,
) -> None:
    """Write the demo lender's tapes: a full one, a delta for each of three days, and what its people did before."""
    from duecourse.sim import generate as sim

    with step(_("Living the loans"), loans, quiet=json) as advance:
        made = sim.generate(seed=seed, loans=loans, out=out, progress=advance)
    wrong = sum(made.wrong_rows.values())
    if json:
        print_json({**sim.document(made), "out": str(out), "wrong_rows_total": wrong})
        return
    overdue, on_book = made.overdue
    facts(
        _("The demo lender in {folder}").format(folder=out),
        [
            (_("Loans"), made.loans),
            (_("Borrowers"), made.borrowers),
            (_("On the book on the last day"), on_book),
            (_("of these overdue"), f"{count(overdue)} ({share(overdue, on_book)})"),
            (_("Rows that are wrong on purpose"), wrong),
            (_("Balances that are wrong on purpose"), len(made.slips)),
        ],
    )
    bars(_("Overdue by stage"), [(name, n) for name, n in made.stages.items() if name != "M0"], unit=_("loans"))
    table(_("Files"), [_("File"), _("Rows")], sorted(made.rows.items()))
    note(_("Import the folders in this order: {folders}").format(folders=", ".join(p.name for p in made.folders)))
