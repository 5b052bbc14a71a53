"""``duecourse demo``: the demo lender, made from a seed, and its pages."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.output import Json, bars, count, facts, note, print_json, say, share, table
from duecourse.cli.progress import say_if_compiling, step
from duecourse.cli.words import _, word

if TYPE_CHECKING:
    from duecourse.app import Desk, Settings

app = typer.Typer()

HOST = "127.0.0.1"
PORT = 8800
GRACE_SECONDS = 3
"""A demo that is stopped waits no longer for answers under way."""

ALONE = True
"""The noun alone does something: it stages the whole demo."""


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


@app.callback(invoke_without_command=True)
def demo(
    context: typer.Context,
    *,
    web: Annotated[bool, typer.Option("--web/--no-web", help="Serve the pages at the end, until Ctrl-C.")] = True,
    port: Annotated[
        int, typer.Option(help="Port of the pages; another one where it is taken.", min=0, max=65_535)
    ] = PORT,
    json: Json = False,
) -> None:
    """Set up the demo lender, run its last three days, show what came out, and serve the pages until Ctrl-C.

    Its people, loans and payments are invented, from a seed. What was done before is not done again; a demo that was
    stopped goes on where it stood. With --json it prints one document and ends.
    """
    if context.invoked_subcommand is None:
        where = _stage(json=json)
        if web and not json:
            _serve(where, port)


def _stage(*, json: bool) -> Settings:
    from dataclasses import replace

    from duecourse.app import open_desk, settings, store_of, vault_of
    from duecourse.sim import generate as sim
    from duecourse.sim import stage
    from duecourse.sim.lender import LENDER_ID
    from duecourse.storage.connection import BATCH

    where = replace(settings(), lender_id=LENDER_ID)
    tapes = where.home / "demo"
    if not (tapes / sim.MADE).exists():
        with step(_("Living the loans"), sim.LOANS, quiet=json) as advance:
            sim.generate(out=tapes, progress=advance)
    names = {
        "import": _("Importing {day}"),
        "desk": _("Desk of {day}"),
        "run": _("Day run {day}"),
        "users": _("Users of the pages"),
        "figures": _("Figures of the book"),
    }
    with ExitStack() as stack:
        with step(_("Opening the desk"), quiet=json):
            desk = stack.enter_context(open_desk(where, limits=BATCH, lender_needed=False))
        say_if_compiling(quiet=json)
        for one in stage.steps(desk.database, store_of(where), vault_of(desk.settings), tapes):
            with step(names[one.kind].format(day=one.day), quiet=json) as advance:
                one.do(lambda _what, done, _of, advance=advance: advance(done))  # type: ignore[misc]
        _show(desk, json=json)
    return where


def _serve(where: Settings, port: int) -> None:
    """Serve the pages and say who may sign in; Ctrl-C ends them, and the server of the database with them."""
    from duecourse import app as parts
    from duecourse.cli.job import worker_beside
    from duecourse.cli.serve import CannotListen, listening, run

    with ExitStack() as stack:
        desk = stack.enter_context(parts.open_desk(where))
        try:
            listener = stack.enter_context(listening(HOST, port))
        except CannotListen:
            listener = stack.enter_context(listening(HOST, 0))
            note(_("Port {port} is taken, so the pages are elsewhere.").format(port=port))
        at = f"http://{HOST}:{listener.getsockname()[1]}"
        _sign_in_names(desk.settings)
        _borrower(desk, at)
        say("\n" + _("The pages are at {at}, the API at {at}/api/v1. Ctrl-C stops everything.").format(at=at))
        sys.stdout.flush()
        stack.enter_context(parts.sequencing(desk))
        stack.enter_context(worker_beside())
        stack.enter_context(worker_beside("outbox"))
        run(parts.web(desk), listener, grace_seconds=GRACE_SECONDS)


def _sign_in_names(where: Settings) -> None:
    """Who may sign in on the pages; passwords are this installation's own, until somebody changes them."""
    from duecourse.app import vault_of
    from duecourse.casework.rights import OF_POWER
    from duecourse.sim.users import USERS, password_of

    vault = vault_of(where)
    table(
        _("Sign-in names of the demo (invented people, this machine only)"),
        [_("Sign-in name"), _("Role"), _("Password"), _("Six digits")],
        [
            [
                user_id, str(word(role.value)), password_of(vault, user_id),
                f"duecourse user code {user_id}" if role in OF_POWER else None,
            ]
            for user_id, role, _team in USERS
        ],
    )  # fmt: skip
    note(_("The last column prints the code of the moment, in another terminal: an authenticator app would show it."))


def _borrower(desk: Desk, at: str) -> None:
    """How to come into the portal as a borrower of the demo: the code of a notice, and where his texts lie."""
    import os

    from duecourse.app import now, store_of, vault_of
    from duecourse.sim.portal import way_in

    where = desk.settings
    found = way_in(
        desk.database, store_of(where), vault_of(where), folder=where.home / "demo" / "telephone", public_url=at,
        now=now(), chance=os.urandom,
    )  # fmt: skip
    if found is not None:
        say("\n" + _("A borrower's portal: {at}/my?code={code}").format(at=at, code=found.code))
        note(_("The one-time code that it asks for is laid as a text into {folder}.").format(folder=found.folder))


def _show(desk: Desk, *, json: bool) -> None:
    """The book, the day's proposals and refusals, one case with its place, one loan explained."""
    from duecourse.cli.case import case_facts, print_case
    from duecourse.cli.day import day_facts, print_day
    from duecourse.cli.loan import loan_facts, print_loan
    from duecourse.sim.lender import LAST_DAY
    from duecourse.storage import worklists

    with desk.database.transaction(desk.settings.lender_id) as tx:
        places = worklists.worklist(tx, LAST_DAY, most=10_000)
    several = [one for one in places if one.stage in {"M2", "M3"}] or places
    case = case_facts(desk, several[0].case_id, LAST_DAY) if several else None
    loan = loan_facts(desk, str(case["loans"][0]["loan_ref"]), LAST_DAY) if case else None
    if json:
        print_json({"day": day_facts(desk, LAST_DAY), "case": case, "loan": loan})
        return
    print_day(desk, LAST_DAY)
    if case is None or loan is None:
        return
    print_case(case)
    print_loan(loan)
    ref, number = loan["loan"], case["case"].case_id
    note(
        _(
            "Look further: duecourse worklist, duecourse case show {case}, duecourse loan explain {loan} --as-of {day},"
        ).format(case=number, loan=ref, day=LAST_DAY)
    )
    note(_("duecourse book report, duecourse law list, duecourse day verify {day}").format(day=LAST_DAY))
