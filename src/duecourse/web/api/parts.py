"""What the API works with, handed in by ``app``: database, vault, clock, log; and the law, loaded once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from duecourse.book.store import Store
from duecourse.casework.gate import Gate
from duecourse.casework.together import Together
from duecourse.law.pack import Pack, load_packs
from duecourse.law.rulebook import Rulebook, rulebook
from duecourse.law.templates import Register, load_register
from duecourse.storage.connection import Database
from duecourse.storage.published import Published
from duecourse.storage.vault import Vault

if TYPE_CHECKING:
    import structlog.typing

    from duecourse.channels.render.signing import Certificate

RULEBOOKS_MAX = 64
"""Rulebooks kept ready; a caller that leaves out ever other packs makes the others be read anew."""


class Law:
    """The shipped packs and templates, read once; rulebooks are kept as they are asked for."""

    def __init__(self) -> None:
        self._books: dict[tuple[str, tuple[str, ...], tuple[str, ...]], Rulebook] = {}
        self._registers: dict[str, Register] = {}

    @cached_property
    def packs(self) -> tuple[Pack, ...]:
        """All packs that ship."""
        return load_packs()

    def register(self, jurisdiction: str) -> Register:
        """The approved templates and scripts of a jurisdiction."""
        if jurisdiction not in self._registers:
            self._registers[jurisdiction] = load_register(jurisdiction=jurisdiction)
        return self._registers[jurisdiction]

    def book(self, jurisdiction: str, without: Iterable[str] = (), own: Iterable[Pack] = ()) -> Rulebook:
        """The rulebook of a jurisdiction without some policy packs, with packs of a lender's own.

        Raises `NotLeftOut`, `RuleTwice`.
        """
        added = tuple(sorted(own, key=lambda pack: pack.hash))
        key = (jurisdiction, tuple(sorted(set(without))), tuple(pack.hash for pack in added))
        if key not in self._books:
            made = rulebook((*self.packs, *added), jurisdiction=jurisdiction, without=key[1])
            if len(self._books) >= RULEBOOKS_MAX:
                self._books.clear()
            self._books[key] = made
        return self._books[key]


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that the handlers reach beyond the request."""

    database: Database
    vault: Vault
    clock: Callable[[], datetime]
    log: structlog.typing.FilteringBoundLogger = field(repr=False)
    gate: Gate = field(repr=False)
    together: Together = field(repr=False)  # permits asked for at the same time
    store: Callable[[str], Store] = field(repr=False)  # the book of a lender
    published: Callable[[str], Published] = field(repr=False)  # the log of a lender, as it is published
    certificate: Callable[[str], Certificate | None] = field(repr=False)  # what notices of a lender are signed with
    public_url: str | None  # the address under which readers reach the pages, if known
    law: Law = field(default_factory=Law, repr=False)
