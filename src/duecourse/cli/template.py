"""``duecourse template``: what may be said. ``show`` (`cli.template_show`) fills one with invented values."""

from __future__ import annotations

import typer

from duecourse.cli import template_show

app = typer.Typer(help="Templates: what may be said, in which words.")


@app.callback()
def _noun() -> None:
    """Keep `show` a verb of its own."""


app.command("show")(template_show.show)
