"""What the verbs of ``duecourse law`` share: their options, and the packs and language these ask for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.output import note
from duecourse.cli.words import _, language
from duecourse.locale import Language

if TYPE_CHECKING:
    from duecourse.law.pack import Pack
    from duecourse.law.rulebook import Rulebook
    from duecourse.law.templates import Register

Without = Annotated[
    list[str] | None, typer.Option("--without", metavar="PACK", help="Leave out a policy pack; may be repeated.")
]
Folder = Annotated[Path | None, typer.Option("--packs", metavar="DIR", help="Packs of this folder beside the shipped.")]
Jurisdiction = Annotated[
    str | None,
    typer.Option(help="Country, by its ISO 3166 code; without it that of the lender in DUECOURSE_LENDER, else CN."),
]


@dataclass(frozen=True, slots=True)
class Place:
    """Whose law is asked: that of a country, or what binds one lender there. Zone and kind: the lender's."""

    book: Rulebook
    register: Register
    zone: str = ""
    kind: str = ""

    @property
    def facts(self) -> dict[str, str]:
        """What is known of the lender."""
        return {"lender_type": self.kind} if self.kind else {}

    def zones(self, said: list[str] | None) -> list[str]:
        """Where the person may be: as said; where the law has no clock of its own, the lender's zone.

        Raises `UnknownZone` for a zone that somebody typed and nobody knows.
        """
        from duecourse.law.clock import zone

        for name in said or ():
            zone(name)
        return said or ([self.zone] if self.zone and not self.book.zone else [])


def lang_asked() -> str:
    """``zh`` or ``en``."""
    return "zh" if language() is Language.ZH else "en"


def read_packs(folder: Path | None) -> tuple[Pack, ...]:
    """The shipped packs and those of a folder."""
    from duecourse.law.pack import load_packs

    return load_packs() if folder is None else (*load_packs(), *load_packs(folder))


def read_place(folder: Path | None = None, jurisdiction: str | None = None, without: list[str] | None = None) -> Place:
    """Whose law the options ask for; where they name no country and DUECOURSE_LENDER names a lender, what binds it."""
    from duecourse.law.pack import country
    from duecourse.law.rulebook import rulebook
    from duecourse.law.templates import load_register

    packs, off = read_packs(folder), without or []
    if jurisdiction is None and os.environ.get("DUECOURSE_LENDER"):
        return _of_lender(packs, off)
    asked = country(jurisdiction or "CN")
    return Place(rulebook(packs, jurisdiction=asked, without=off), load_register(jurisdiction=asked))


def _of_lender(packs: tuple[Pack, ...], without: list[str]) -> Place:
    from duecourse.app import open_desk
    from duecourse.casework.lender_law import off_of, own_of
    from duecourse.casework.lender_texts import register_for
    from duecourse.law.rulebook import rulebook
    from duecourse.storage import lenders

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        lender, every, register = lenders.get(tx), (*packs, *own_of(tx)), register_for(tx)
    book = rulebook(every, jurisdiction=lender.jurisdiction, without=[*off_of(lender, every), *without])
    note(
        _("Asked for the lender {lender}: {kind}, {place}, {zone}. With --jurisdiction for any.").format(
            lender=lender.lender_id, kind=_(lender.lender_type.replace("_", " ")), place=lender.jurisdiction,
            zone=lender.zone,
        )
    )  # fmt: skip
    return Place(book, register, lender.zone, lender.lender_type)
