"""``duecourse evidence``: what others are given: everything of one matter in one file that is checked without us."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from duecourse.cli.output import Json, note, print_json, say
from duecourse.cli.words import _

app = typer.Typer(help="Evidence for others: one matter in one file, which is checked without duecourse.")


@app.command()
def bundle(
    *,
    out: Annotated[Path, typer.Option(help="The zip to write.")],
    case: Annotated[int | None, typer.Option(help="The case whose evidence is put together.", min=1)] = None,
    permit: Annotated[int | None, typer.Option(help="The permit or refusal whose evidence is.", min=1)] = None,
    purpose: Annotated[
        str,
        typer.Option(
            "--for",
            help="Of a case: court (in clear), regulator (masked) or borrower (in clear, without notes of staff).",
        ),
    ] = "regulator",
    json: Json = False,
) -> None:
    """Put the evidence of a case or a permit together: records, proofs, facts, timeline, ledger, documents, verifier.

    Facts about a person are in it in the clear: give it to whom it is meant for, and to nobody else.
    """
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework import bundle as bundles
    from duecourse.casework import dossier_pdf
    from duecourse.casework.dossier import BundleFor
    from duecourse.channels.render import Printer
    from duecourse.cli.lender import UnknownWord
    from duecourse.cli.person import operator

    if (case is None) == (permit is None):
        raise typer.BadParameter(_("give --case or --permit"))
    if purpose not in set(BundleFor):
        raise UnknownWord(_("purpose"), purpose, tuple(BundleFor))
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        make = (
            partial(
                bundles.bundle_of_case, tx, case_id=case, purpose=BundleFor(purpose), store=store_of(desk.settings),
                printer=partial(dossier_pdf.pdf, printer=Printer()),
            )
            if case is not None
            else partial(bundles.bundle_of_permit, tx, permit_id=permit or 0)
        )  # fmt: skip
        made = make(vault=vault_of(desk.settings), actor=operator(), now=now())
    out.write_bytes(made.content)
    if json:
        print_json(
            {
                "file": str(out), "records": made.records, "decisions": made.decisions, "facts": made.facts,
                "closed": made.closed, "unproven_days": made.unproven,
            }
        )  # fmt: skip
        return
    say(
        _(
            "{records} records and {decisions} decisions are in {file}, {facts} facts are shown, {closed} stay closed."
        ).format(records=made.records, decisions=made.decisions, file=out, facts=made.facts, closed=made.closed)
    )
    for day in made.unproven:
        note(
            _(
                "The decisions of {day} are not in it: the log does not cover them as they are stored. "
                "`duecourse day verify {day}` recomputes the day."
            ).format(day=day)
        )
