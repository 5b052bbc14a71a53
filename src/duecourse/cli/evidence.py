"""``duecourse evidence``: what others are given: everything of one matter in one file that is checked without us."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.log import look_whether_current
from duecourse.cli.output import Json, note, print_json, say
from duecourse.cli.words import _

if TYPE_CHECKING:
    from duecourse.app import Desk

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
    from duecourse.app import certificate_of, now, open_desk, store_of, vault_of
    from duecourse.casework import bundle as bundles
    from duecourse.casework import dossier_pdf, notice_paper
    from duecourse.casework.dossier import BundleFor
    from duecourse.channels.render import Printer
    from duecourse.cli.lender import UnknownWord
    from duecourse.cli.person import operator

    if (case is None) == (permit is None):
        raise typer.BadParameter(_("give --case or --permit"))
    if purpose not in set(BundleFor):
        raise UnknownWord(_("purpose"), purpose, tuple(BundleFor))
    with open_desk() as desk:
        look_whether_current(desk)
        lender, at = desk.settings.lender_id, now()
        certificate = certificate_of(desk.settings, lender)
        with desk.database.transaction(lender) as tx:
            make = (
                partial(
                    bundles.bundle_of_case, tx, case_id=case, purpose=BundleFor(purpose), store=store_of(desk.settings),
                    printer=partial(dossier_pdf.pdf, printer=Printer()),
                    paper=partial(notice_paper.pdf, certificate=certificate, now=at),
                )
                if case is not None
                else partial(bundles.bundle_of_permit, tx, permit_id=permit or 0)
            )  # fmt: skip
            made = make(vault=vault_of(desk.settings), actor=operator(), now=at)
        out.write_bytes(made.content)
        sealed = _sealed(desk, out)
    if json:
        print_json(
            {
                "file": str(out), "records": made.records, "decisions": made.decisions, "facts": made.facts,
                "closed": made.closed, "unproven_days": made.unproven, "sealed": sealed is None,
            }
        )  # fmt: skip
        return
    say(
        _("In {file}: records {records}, decisions {decisions}. Facts shown: {facts}, kept closed: {closed}.").format(
            records=made.records, decisions=made.decisions, file=out, facts=made.facts, closed=made.closed
        )
    )
    if sealed is not None:
        note(
            _(
                "The proof of its handing-over is not in it: {why}. Once the log is published, "
                "`duecourse evidence seal {file}` adds it."
            ).format(why=sealed, file=out)
        )
    if not made.records and not made.decisions:
        note(_("It proves nothing: no record of this matter has its place in the log yet."))
    for day in made.unproven:
        note(
            _(
                "The decisions of {day} are not in it: the log does not cover them as they are stored. "
                "`duecourse day verify {day}` recomputes the day."
            ).format(day=day)
        )


@app.command()
def seal(
    file: Annotated[
        Path,
        typer.Argument(metavar="BUNDLE", help="A bundle that was handed over before.", exists=True, dir_okay=False),
    ],
    *,
    json: Json = False,
) -> None:
    """Add to a bundle the proof that the log has the record of its handing-over, with the hash of all its files."""
    from duecourse.app import open_desk
    from duecourse.casework import handing

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        content = handing.sealed(tx, file.read_bytes())
    file.write_bytes(content)
    if json:
        print_json({"file": str(file), "sealed": True})
    else:
        say(_("{file} carries the proof of its handing-over.").format(file=file))


def _sealed(desk: Desk, file: Path) -> str | None:
    """Publish the log and add the proof of the handing-over to a bundle; why that is not possible, where it is not."""
    from duecourse.app import sequencer_of
    from duecourse.casework import handing
    from duecourse.storage.checkpoints import SequencerBusy
    from duecourse.trouble import Refused

    try:
        sequencer_of(desk).run()
        with desk.database.transaction(desk.settings.lender_id) as tx:
            file.write_bytes(handing.sealed(tx, file.read_bytes()))
    except (Refused, SequencerBusy) as error:
        return str(error)
    return None
