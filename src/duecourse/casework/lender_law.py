"""Which packs bind a lender: those of the law always, policy packs unless two people switched them off.

Closed by default: a pack that nobody decided about binds, one that says `always` (holds, wrong numbers, approved texts)
cannot be switched off by anybody, and so does a new version of one. A pack of the law cannot be
switched off; its new version binds as it is installed, and deciding on it puts on record that it was looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from duecourse.law.document import Flaw, Flaws
from duecourse.law.pack import ANYWHERE, Pack, PackKind, load_packs
from duecourse.law.rule import Rule
from duecourse.law.rulebook import Rulebook, rulebook
from duecourse.law.terms import Status
from duecourse.storage import lenders, own_packs, packs
from duecourse.storage.connection import Database, Tx
from duecourse.storage.lenders import Lender
from duecourse.storage.packs import PackChange
from duecourse.trouble import N_, Unavailable


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


class OwnPackUnread(Unavailable):
    """A pack of the lender's own binds, and its content is not at hand: nothing is allowed on the rest alone."""

    def __init__(self, name: str) -> None:
        super().__init__(N_("the lender's own pack {name} cannot be read, so nothing is decided"), name=name)


_OWN: dict[str, Pack] = {}
"""Own packs of lenders as they were read, by name: a content never changes under its hash."""


def read_pack(files: Mapping[str, str]) -> Pack:
    """The one pack that some files are, by their place below a folder. Raises `Flaws` with every file and line."""
    with TemporaryDirectory(prefix="pack-") as place:
        for path, text in files.items():
            file = Path(place) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        found = load_packs(Path(place))
    if len(found) != 1:
        raise Flaws([Flaw("pack.yaml", 1, f"one pack at a time; these are {len(found)}")])
    return found[0]


def name_of(lender_id: str, pack_hash: str) -> str:
    """How a version of an own pack is named where it binds."""
    return f"{lender_id}:{pack_hash}"


def own_pack(name: str) -> Pack:
    """An own pack that was learnt. Raises `OwnPackUnread`."""
    if name not in _OWN:
        raise OwnPackUnread(name)
    return _OWN[name]


def learn(tx: Tx, lender: Lender) -> Lender:
    """Read those of the lender's own packs that bind and that this process has not read yet."""
    for name in lender.own_packs:
        if name not in _OWN:
            kept = own_packs.by_hash(tx, bytes.fromhex(name.partition(":")[2]))
            if kept is None:
                raise OwnPackUnread(name)
            _OWN[name] = read_pack(kept.files)
    return lender


def own_from(url: str, name: str) -> Pack:
    """An own pack, read by a connection of its own where need be: those of the pool are taken by whoever asks."""
    if name not in _OWN:
        lender_id = name.partition(":")[0]
        with Database(url, connections_max=1) as database, database.transaction(lender_id) as tx:
            learn(tx, lenders.get(tx))
    return own_pack(name)


def book_of(lender: Lender) -> Rulebook:
    """The rules that bind a lender whose own packs were learnt.

    A name in `Lender.packs_off` that is no policy pack lifts nothing. Raises `OwnPackUnread`.
    """
    own = tuple(sorted(lender.own_packs))
    every = (*installed(), *(own_pack(name) for name in own))
    policies = {pack.id for pack in every if pack.kind is PackKind.POLICY and not pack.always}
    return _book(lender.jurisdiction, tuple(sorted(policies & set(lender.packs_off))), own)


@cache
def _book(jurisdiction: str, without: tuple[str, ...], own: tuple[str, ...]) -> Rulebook:
    every = (*installed(), *(own_pack(name) for name in own))
    return rulebook(every, jurisdiction=jurisdiction, without=without)


def law_of(tx: Tx) -> Rulebook:
    """The rules that bind the lender of the transaction."""
    return book_of(learn(tx, lenders.get(tx)))


def packs_of(tx: Tx) -> tuple[Pack, ...]:
    """What is installed, and the lender's own packs that bind."""
    return (*installed(), *own_of(tx))


def own_of(tx: Tx) -> tuple[Pack, ...]:
    """The lender's own packs that bind."""
    return tuple(own_pack(name) for name in learn(tx, lenders.get(tx)).own_packs)


def off_of(lender: Lender, packs: Iterable[Pack]) -> list[str]:
    """Those of some packs that are switched off for the lender; the law, and what says always, never is."""
    return [
        pack.id for pack in packs if pack.kind is PackKind.POLICY and not pack.always and pack.id in lender.packs_off
    ]


def kept_pack(tx: Tx, version: str) -> Pack:
    """A version of the lender's own pack by its name, PACK@VERSION. Raises `NoSuchOwnPack`, `Flaws`."""
    pack, _at, number = version.rpartition("@")
    return read_pack(own_packs.get(tx, pack, int(number)).files)


def packs_named(tx: Tx) -> tuple[Pack, ...]:
    """Every pack that an answer to this lender may ever have named: installed, its own that bind, then others it kept.

    A version that today's loader does not take is left out: nothing is decided by it here.
    """
    return (*installed(), *(own_pack(name) for name in _own_named(tx)))


def rules_named(tx: Tx) -> Mapping[str, Rule]:
    """The rules of `packs_named` by id; of several texts the one that binds, else the latest."""
    return _by_id(_own_named(tx))


def _own_named(tx: Tx) -> tuple[str, ...]:
    kept = [name_of(tx.lender_id, one.hex()) for one in own_packs.hashes(tx)]
    for name in kept:
        if name not in _OWN and name not in _UNREAD:
            found = own_packs.by_hash(tx, bytes.fromhex(name.partition(":")[2]))
            try:
                _OWN[name] = read_pack(found.files if found else {})
            except Flaws:
                _UNREAD.add(name)
    return tuple(dict.fromkeys(name for name in (*lenders.get(tx).own_packs, *kept) if name in _OWN))


_UNREAD: set[str] = set()
"""Versions of own packs that today's loader does not take."""


@lru_cache(maxsize=64)
def _by_id(own: tuple[str, ...]) -> Mapping[str, Rule]:
    found: dict[str, Rule] = {}
    for pack in (*installed(), *(own_pack(name) for name in own)):
        for rule in pack.rules:
            found.setdefault(rule.id, rule)
    return found


def standing(tx: Tx) -> list[Standing]:
    """Every pack of the lender's jurisdiction that is in force, with how it stands; the law first."""
    lender = learn(tx, lenders.get(tx))
    latest = packs.latest(tx)
    found = [Standing(pack, _binds(pack, lender), latest.get(pack.id)) for pack in _of(lender)]
    return sorted(found, key=lambda one: (one.pack.kind is PackKind.POLICY, one.pack.id))


def _binds(pack: Pack, lender: Lender) -> bool:
    return pack.kind is PackKind.LAW or pack.always or pack.id not in lender.packs_off


def _of(lender: Lender) -> list[Pack]:
    return [
        pack
        for pack in (*installed(), *(own_pack(name) for name in lender.own_packs))
        if pack.jurisdiction in (lender.jurisdiction, ANYWHERE) and pack.status is not Status.DRAFT
    ]
