"""What commands that measure and train on public sets have in common: what they are given, and writing tables down."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from duecourse.cli.output import print_json, say
from duecourse.cli.words import _

Data = Annotated[
    Path,
    typer.Argument(metavar="FOLDER", help="The folder of public sets, one folder each.", exists=True, file_okay=False),
]
MoreData = Annotated[
    Path | None, typer.Argument(metavar="FOLDER", help="The folder of public sets.", exists=True, file_okay=False)
]
Sentences = Annotated[Path, typer.Argument(metavar="SENTENCES", help="A file of sentences.", exists=True)]
Into = Annotated[Path, typer.Argument(metavar="INTO", help="The folder for the tables.", file_okay=False)]


def write(made: Mapping[str, str], into: Path, *, json: bool) -> None:
    """Write the tables of models into a folder, which is made where it is not there, and say which."""
    into.mkdir(parents=True, exist_ok=True)
    for name, content in made.items():
        (into / name).write_text(content, encoding="utf-8")
    if json:
        print_json(sorted(made))
    else:
        say(_("Written: {files}.").format(files=", ".join(sorted(made))))
