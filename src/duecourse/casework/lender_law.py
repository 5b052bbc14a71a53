"""Which packs bind a lender: those of the law always, policy packs unless two people switched them off.

Closed by default: a pack that nobody decided about binds, one that says `always` (holds, wrong numbers, approved texts)
cannot be switched off by anybody, and so does a new version of one. A pack of the law cannot be
switched off; its new version binds as it is installed, and deciding on it puts on record that it was looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from duecourse.law.pack import ANYWHERE, Pack, PackKind, load_packs
from duecourse.law.rulebook import Rulebook, rulebook
from duecourse.law.terms import Status
from duecourse.storage import lenders, packs
from duecourse.storage.connection import Tx
from duecourse.storage.lenders import Lender
from duecourse.storage.packs import PackChange


@dataclass(frozen=True, slots=True)
class Standing:
    """A pack as it stands for a lender. ``decided`` is what two people last decided about it, None: nothing yet."""

    pack: Pack
    on: bool
    decided: PackChange | None

    @property
    def looked_at(self) -> bool:
        """Whether the content that is installed is the one that was decided on."""
        return self.decided is not None and self.decided.pack_hash.hex() == self.pack.hash

    @property
    def may_be_off(self) -> bool:
        """Whether it can be switched off."""
        return self.pack.kind is PackKind.POLICY and not self.pack.always


@cache
def installed() -> tuple[Pack, ...]:
    """The packs that come with the software, read once."""
    return load_packs()


def book_of(lender: Lender) -> Rulebook:
    """The rules that bind a lender. A name in `Lender.packs_off` that is no policy pack lifts nothing."""
    policies = {pack.id for pack in installed() if pack.kind is PackKind.POLICY and not pack.always}
    return _book(lender.jurisdiction, tuple(sorted(policies & set(lender.packs_off))))


@cache
def _book(jurisdiction: str, without: tuple[str, ...]) -> Rulebook:
    return rulebook(installed(), jurisdiction=jurisdiction, without=without)


def law_of(tx: Tx) -> Rulebook:
    """The rules that bind the lender of the transaction."""
    return book_of(lenders.get(tx))


def standing(tx: Tx) -> list[Standing]:
    """Every pack of the lender's jurisdiction that is in force, with how it stands; the law first."""
    lender = lenders.get(tx)
    latest = packs.latest(tx)
    found = [Standing(pack, _binds(pack, lender), latest.get(pack.id)) for pack in _of(lender)]
    return sorted(found, key=lambda one: (one.pack.kind is PackKind.POLICY, one.pack.id))


def _binds(pack: Pack, lender: Lender) -> bool:
    return pack.kind is PackKind.LAW or pack.always or pack.id not in lender.packs_off


def _of(lender: Lender) -> list[Pack]:
    return [
        pack
        for pack in installed()
        if pack.jurisdiction in (lender.jurisdiction, ANYWHERE) and pack.status is not Status.DRAFT
    ]
