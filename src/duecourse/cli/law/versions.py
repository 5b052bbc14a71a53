"""Which law is meant: the shipped packs or those of a folder, as they stand or as on a day, with and without some."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from duecourse.trouble import N_, BadInput, Said

if TYPE_CHECKING:
    from duecourse.law.pack import Pack
    from duecourse.law.rulebook import Rulebook

SHIPPED = "shipped"


class NoSuchLaw(BadInput):
    """A word that names no packs."""

    def __init__(self, said: str, why: str) -> None:
        super().__init__(
            N_(
                "{said!r}: {why}; write `shipped`, a folder of packs or of one pack, and @DAY for the law of a day: "
                "shipped@2026-09-01"
            ),
            said=said,
            why=why,
        )


def read_version(
    said: str, jurisdiction: str, *, on: list[str] | None = None, off: list[str] | None = None
) -> Rulebook:
    """The law that ``said`` names; ``on`` switches drafts on, ``off`` leaves policy packs out.

    A folder's packs take the place of the shipped packs of the same id.
    """
    from duecourse.law.diff import as_of
    from duecourse.law.rulebook import rulebook

    source, _, day = said.partition("@")
    packs = switched_on(_packs(said, source), on or [])
    book = rulebook(packs, jurisdiction=jurisdiction.upper(), without=off or ())
    if not day:
        return book
    try:
        return as_of(book, date.fromisoformat(day))
    except ValueError:
        raise NoSuchLaw(said, Said(N_("{day!r} is no day"), day=day)) from None


def _packs(said: str, source: str) -> tuple[Pack, ...]:
    from duecourse.law.pack import load_packs

    shipped = load_packs()
    if source == SHIPPED:
        return shipped
    folder = Path(source)
    if (folder / "pack.yaml").is_file():
        own = tuple(pack for pack in load_packs(folder.resolve().parent) if pack.id == folder.resolve().name)
    elif folder.is_dir():
        own = load_packs(folder)
    else:
        raise NoSuchLaw(said, N_("there is no such folder"))
    return replaced(shipped, own)


def replaced(packs: tuple[Pack, ...], own: tuple[Pack, ...]) -> tuple[Pack, ...]:
    """Packs, those of the same id replaced."""
    ids = {pack.id for pack in own}
    return (*(pack for pack in packs if pack.id not in ids), *own)


def switched_on(packs: tuple[Pack, ...], names: list[str]) -> tuple[Pack, ...]:
    """Packs, the named drafts taken as in force. Raises `NoSuchLaw` for a pack that is not there."""
    from duecourse.law.facts import nearest
    from duecourse.law.terms import Status

    ids = [pack.id for pack in packs]
    for name in names:
        if name not in ids:
            raise NoSuchLaw(name, Said(N_("there is no such pack{near}"), near=nearest(name, ids)))
    found = []
    for pack in packs:
        if pack.id not in names:
            found.append(pack)
            continue
        rules = tuple(
            replace(rule, source=replace(rule.source, status=Status.IN_FORCE))
            if rule.source.status is Status.DRAFT
            else rule
            for rule in pack.rules
        )
        status = Status.IN_FORCE if pack.status is Status.DRAFT else pack.status
        found.append(replace(pack, status=status, rules=rules))
    return tuple(found)
