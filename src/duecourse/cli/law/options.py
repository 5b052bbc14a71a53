"""What the verbs of ``duecourse law`` share: their options, and the packs and language these ask for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.words import language
from duecourse.locale import Language

if TYPE_CHECKING:
    from duecourse.law.pack import Pack
    from duecourse.law.rulebook import Rulebook

Without = Annotated[
    list[str] | None, typer.Option("--without", metavar="PACK", help="Leave out a policy pack; may be repeated.")
]
Folder = Annotated[Path | None, typer.Option("--packs", metavar="DIR", help="Packs of this folder beside the shipped.")]
Jurisdiction = Annotated[str, typer.Option(help="Jurisdiction, as the ISO 3166 code of a country.")]


def lang_asked() -> str:
    """``zh`` or ``en``."""
    return "zh" if language() is Language.ZH else "en"


def read_packs(folder: Path | None) -> tuple[Pack, ...]:
    """The shipped packs and those of a folder."""
    from duecourse.law.pack import load_packs

    return load_packs() if folder is None else (*load_packs(), *load_packs(folder))


def read_book(folder: Path | None, jurisdiction: str, without: list[str] | None) -> Rulebook:
    """The rulebook that the options ask for."""
    from duecourse.law.rulebook import rulebook

    return rulebook(read_packs(folder), jurisdiction=jurisdiction.upper(), without=without or ())
