"""``duecourse server``: the embedded PostgreSQL. Commands start and stop it themselves; here one can make it stay."""

from __future__ import annotations

from typing import Annotated

import typer

from duecourse.cli.output import Json, facts, note, print_json, say
from duecourse.cli.words import _

app = typer.Typer(help="The embedded PostgreSQL: keep it running, stop it, see where it is.")


@app.command()
def start() -> None:
    """Start the server and keep it running after this command, so that the next ones need not start it."""
    from duecourse.app import settings
    from duecourse.storage import server

    place = server.start(settings().home)
    if place.note:
        note(place.note)
    say(_("PostgreSQL runs in {folder} until `duecourse server stop`.").format(folder=place.folder))


@app.command()
def stop(
    *, now: Annotated[bool, typer.Option("--now", help="Stop it even if other commands are using it.")] = False
) -> None:
    """Stop the server, as soon as no other command uses it."""
    from duecourse.app import settings
    from duecourse.storage import server

    if server.stop(settings().home, now=now):
        say(_("PostgreSQL is stopped."))
    else:
        say(_("Other commands still use PostgreSQL; it stops with the last of them, or at once with --now."))


@app.command()
def status(*, json: Json = False) -> None:
    """Show whether the server runs, and where its data is."""
    from duecourse.app import settings
    from duecourse.storage import server

    found = server.status(settings().home)
    if json:
        print_json(
            {
                "running": found.keeper_pid is not None,
                "stays": found.held,
                "keeper_pid": found.keeper_pid,
                "folder": str(found.place.folder),
                "log": str(found.place.folder / "server.log"),
                "initialised": found.initialised,
                "url": found.place.url,
            }
        )
        return
    state = _("stopped")
    if found.keeper_pid is not None:
        state = _("running until `duecourse server stop`") if found.held else _("running while a command uses it")
    facts(
        _("Embedded PostgreSQL"),
        [
            (_("State"), state),
            (_("Folder"), str(found.place.folder)),
            (_("Log"), str(found.place.folder / "server.log")),
            (_("Address"), found.place.url if found.keeper_pid is not None else None),
        ],
    )
    if found.place.note:
        note(found.place.note)
