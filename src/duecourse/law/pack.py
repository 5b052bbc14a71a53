"""Packs: folders of rules with one ``pack.yaml`` each, read whole, checked, and named by a hash of their content.

    packs/<pack>/pack.yaml
    packs/<pack>/matrix.yaml               (law packs: what may be done at all, closed by default; several, each with
                                            days of its own, where the text changed on which it rests)
    packs/<pack>/<subject>/<rule>.yaml
    packs/<pack>/series/<table>.yaml       (dated tables of published numbers: `law.series`)

A policy pack may refuse more or give a stricter number, and may not lift: `_prove_policy` holds it to that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import rfc8785

from duecourse.law.clock import UnknownZone, zone
from duecourse.law.document import Flaw, Flaws, Node, Plain, iso, read, text_of
from duecourse.law.rule import Effect, Rule, read_rule
from duecourse.law.series import Series, read_series
from duecourse.law.terms import Authority, Channel, Combine, Purpose, Relation, Status
from duecourse.trouble import N_, BadInput

_KEYS = ("pack", "jurisdiction", "kind", "status", "lang", "zone", "says", "sources", "always")
_MATRIX_KEYS = ("matrix", "says", "source", "reading", "values", "rows", "instead", "given", "cases")
ANYWHERE = "any"
"""The jurisdiction of a policy pack that goes with every law."""
_ALSO = {"GB": "UK"}
"""Other codes of countries under which packs ship."""
_COUNTRY = re.compile("[A-Z]{2}")
LOCAL = "local"
"""The zone of a law whose clock is that of the place where the person is."""


class PackKind(StrEnum):
    """What a pack may do."""

    LAW = "law"
    POLICY = "policy"  # a lender's own rules, or a text that is not confirmed: may only be stricter


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A row of the matrix: these relations, for these purposes, by these channels."""

    relation: tuple[str, ...]
    purpose: tuple[str, ...]
    channel: tuple[str, ...]
    by: str

    def sql(self) -> str:
        """The row as a condition."""
        axes = (
            ("relation", self.relation, Relation),
            ("purpose", self.purpose, Purpose),
            ("channel", self.channel, Channel),
        )
        parts = [f"{name} IN ({', '.join(map(repr, some))})" for name, some, every in axes if len(some) < len(every)]
        return f"({' AND '.join(parts) or 'TRUE'})"


@dataclass(frozen=True, slots=True)
class Pack:
    """One pack, read and checked."""

    id: str
    jurisdiction: str  # ISO 3166 code, or `any`
    kind: PackKind
    status: Status
    lang: str  # BCP 47 tag of the law's own language
    zone: str  # the zone of the law's clock; empty where it is that of the person's place, and for a policy pack
    says: dict[str, str]
    sources: tuple[tuple[str, str], ...]  # instrument and what is known of it
    rules: tuple[Rule, ...]
    matrix: dict[str, tuple[MatrixRow, ...]]  # the rows of each matrix, by its rule; one holds on a day
    hash: str  # sha256 of the canonical content, hex
    series: tuple[Series, ...] = ()  # dated tables of published numbers
    always: bool = False  # a policy pack that no lender can switch off: holds, wrong numbers, approved texts

    @property
    def clock(self) -> ZoneInfo | None:
        """The zone of the law's clock."""
        return zone(self.zone) if self.zone else None


def canonical(plain: Plain) -> bytes:
    """RFC 8785 bytes of content read from YAML; days as text."""
    content: Any = iso(plain)
    encoded: bytes = rfc8785.dumps(content)
    return encoded


def shipped() -> Traversable:
    """The folder of the packs that come with duecourse."""
    return files("duecourse.law") / "packs"


class NotACountry(BadInput):
    """A word that is no code of a country."""

    def __init__(self, word: str) -> None:
        super().__init__(N_("{word!r} is no code of a country: two letters of ISO 3166, such as CN"), word=word)


def country(word: str) -> str:
    """The jurisdiction that a person means, as packs name it. Raises `NotACountry`.

    >>> country("gb"), country("CN")
    ('UK', 'CN')
    """
    code = word.strip().upper()
    if len(code) != COUNTRY_LETTERS or not (code.isascii() and code.isalpha()):
        raise NotACountry(word)
    return _ALSO.get(code, code)


COUNTRY_LETTERS = 2
"""Of ISO 3166-1 alpha-2."""


def load_packs(folder: Traversable | None = None) -> tuple[Pack, ...]:
    """All packs of a folder, by id; by default the shipped ones, which a process reads once.

    Raises `Flaws` with everything found wrong.
    """
    return _shipped_packs() if folder is None else _load(folder)


@cache
def _shipped_packs() -> tuple[Pack, ...]:
    return _load(shipped())


def _load(root: Traversable) -> tuple[Pack, ...]:
    flaws: list[Flaw] = []
    packs: list[Pack] = []
    for place in sorted(root.iterdir(), key=lambda one: one.name):
        if place.is_dir() and (place / "pack.yaml").is_file():
            pack = _load_pack(place, flaws)
            if pack is not None:
                packs.append(pack)
    seen: dict[str, Rule] = {}
    for rule in (rule for pack in packs for rule in pack.rules):
        if rule.id in seen:
            flaws.append(Flaw(rule.file, rule.line, f"rule {rule.id!r} stands also in {seen[rule.id].file}"))
        seen[rule.id] = rule
    flaws.extend(
        Flaw(rule.file, rule.line, f"overrides {other!r}, which is no rule")
        for rule in seen.values()
        for other in rule.overrides
        if other not in seen
    )
    if not packs and not flaws:
        flaws.append(Flaw(str(root), 1, "no folder here holds a pack.yaml"))
    if flaws:
        raise Flaws(flaws)
    return tuple(packs)


def _load_pack(place: Traversable, flaws: list[Flaw]) -> Pack | None:
    content: dict[str, Plain] = {}
    rules: list[Rule] = []
    series: list[Series] = []
    rows: dict[str, tuple[MatrixRow, ...]] = {}
    head: Node | None = None
    for path, file in sorted(_yaml_files(place, place.name)):
        try:
            node = read(text_of(file.read_bytes(), path), path)
            content[path] = node.plain()
            if file.name == "pack.yaml":
                head = node
            elif node.get("matrix"):
                rule, opened = _matrix(node, place.name)
                rules.append(rule)
                rows[rule.id] = opened
            elif node.get("series"):
                series.append(read_series(node, place.name))
            else:
                rules.append(read_rule(node, place.name))
        except Flaw as flaw:
            flaws.append(flaw)
    if head is None:
        return None
    try:
        pack = _head(head, place.name, rules, rows, sha256(canonical(content)).hexdigest())
    except Flaw as flaw:
        flaws.append(flaw)
        return None
    pack = replace(pack, series=tuple(series))
    flaws.extend(_check_pack(pack))
    return pack


def _yaml_files(place: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for one in place.iterdir():
        below = f"{path}/{one.name}"
        if one.is_dir():
            yield from _yaml_files(one, below)
        elif one.name.endswith(".yaml"):
            yield below, one


def _head(node: Node, folder: str, rules: list[Rule], rows: dict[str, tuple[MatrixRow, ...]], digest: str) -> Pack:
    held = node.mapping(_KEYS, ("pack", "jurisdiction", "kind", "status", "lang", "says", "sources"))
    if held["pack"].text() != folder:
        raise node.flaw(f"pack {held['pack'].text()!r} stands in a folder named {folder!r}", "pack")
    jurisdiction = held["jurisdiction"].text()
    if jurisdiction != ANYWHERE and not _COUNTRY.fullmatch(jurisdiction):
        raise node.flaw(
            f"{jurisdiction!r} is no jurisdiction: two capital letters of ISO 3166, such as CN, or {ANYWHERE}",
            "jurisdiction",
        )
    if jurisdiction in _ALSO:
        raise node.flaw(f"packs of {jurisdiction} are written {_ALSO[jurisdiction]}", "jurisdiction")
    zone_name = held["zone"].text() if "zone" in held else ""
    kind = PackKind(held["kind"].one_of(tuple(PackKind)))
    if kind is PackKind.LAW and not zone_name:
        raise node.flaw(f"a law pack names the zone of its clock, or `{LOCAL}`: that of the person's place", "kind")
    if zone_name == LOCAL:
        zone_name = ""
    if zone_name:
        try:
            zone(zone_name)
        except UnknownZone as trouble:
            raise node.flaw(str(trouble), "zone") from None
    return Pack(
        id=folder,
        jurisdiction=jurisdiction,
        kind=kind,
        status=Status(held["status"].one_of(tuple(Status))),
        lang=held["lang"].text(),
        zone=zone_name,
        says=held["says"].both(),
        sources=tuple(
            (one.mapping(("instrument", "known"), ("instrument", "known"))["instrument"].text(), one["known"].text())
            for one in held["sources"].items()
        ),
        rules=tuple(sorted(rules, key=lambda rule: rule.id)),
        matrix=rows,
        hash=digest,
        always="always" in held and held["always"].flag(),
    )


def _matrix(node: Node, pack: str) -> tuple[Rule, tuple[MatrixRow, ...]]:
    held = dict(node.mapping(_MATRIX_KEYS, ("matrix", "says", "source", "values", "rows", "instead", "cases")))
    rows = tuple(_row(one) for one in held.pop("rows").items())
    held["rule"] = held.pop("matrix")
    opened = " OR ".join(row.sql() for row in rows)
    held["refuse_when"] = Node(f"NOT ({opened})", node.file, node.line)
    return read_rule(Node(held, node.file, node.line, node.keys_at), pack), rows


def _row(node: Node) -> MatrixRow:
    held = node.mapping(("relation", "purpose", "channel", "by"), ("relation", "purpose", "channel", "by"))

    def some(key: str, every: tuple[str, ...]) -> tuple[str, ...]:
        if held[key].held == "all":
            return every
        return tuple(one.one_of(every) for one in held[key].items())

    return MatrixRow(
        some("relation", tuple(Relation)),
        some("purpose", tuple(Purpose)),
        some("channel", tuple(Channel)),
        held["by"].text(),
    )


def _check_pack(pack: Pack) -> Iterator[Flaw]:
    prefix = f"{pack.id.replace('-', '_')}."
    for rule in pack.rules:
        if not rule.id.startswith(prefix):
            yield Flaw(rule.file, rule.line, f"rule {rule.id!r} of pack {pack.id} must begin with {prefix!r}")
        if pack.status is Status.UNCONFIRMED and (rule.source.clause or rule.source.status is not Status.UNCONFIRMED):
            yield Flaw(rule.file, rule.line, "rules of an unconfirmed pack have status: unconfirmed and no clause")
        if pack.kind is PackKind.POLICY:
            yield from _prove_policy(pack, rule)
    if pack.kind is PackKind.POLICY:
        for table in pack.series:
            yield Flaw(table.file, 1, f"a policy pack publishes no numbers for the law to reckon with: {table.id}")
    yield from _at_once([rule for rule in pack.rules if rule.id in pack.matrix])
    if pack.status is Status.UNCONFIRMED and pack.kind is not PackKind.POLICY:
        yield Flaw(f"{pack.id}/pack.yaml", 1, "an unconfirmed text ships as a policy pack")


def _at_once(matrices: list[Rule]) -> Iterator[Flaw]:
    """Matrices of a pack that are in force together: what one opens the other closes, and nobody could say which."""
    held = sorted(((one, rule) for rule in matrices for one in rule.versions), key=lambda each: each[0].start)
    for (before, first), (after, rule) in pairwise(held):
        if before.end is None or before.end > after.start:
            yield Flaw(
                rule.file,
                rule.line,
                f"{rule.id} and {first.id} are both in force on {after.start}: a day has one matrix",
            )


def _prove_policy(pack: Pack, rule: Rule) -> Iterator[Flaw]:
    """A policy pack can only make the answer stricter.

    Every refusing rule is a no of its own beside all others, and its lifts lift nothing but itself; a number is joined
    by the quantity's own `min` or `max`, towards the strict side. What is left that could loosen is refused here, and
    a table of numbers in `_check_pack`: it would stand in the place of the published ones.
    """
    if rule.source.authority not in (Authority.LENDER_POLICY, Authority.SELF_REGULATION):
        yield Flaw(rule.file, rule.line, f"a policy pack cannot speak with the authority of a {rule.source.authority}")
    if rule.id in pack.matrix:
        yield Flaw(rule.file, rule.line, "a policy pack opens nothing, so it has no matrix; refuse with a rule instead")
    if rule.effect is Effect.GIVE and rule.gives is not None and rule.gives.quantity.combine is Combine.SPECIAL:
        yield Flaw(rule.file, rule.line, f"{rule.gives.quantity.name} has no stricter side, so policy cannot give it")
    if rule.gives is not None and rule.gives.quantity.law_alone:
        yield Flaw(rule.file, rule.line, f"{rule.gives.quantity.name} is for the law alone: policy cannot give it")
    if rule.overrides:
        yield Flaw(rule.file, rule.line, "a policy rule overrides nothing: it may refuse more, never lift")
