"""The packs that apply together, their rules in one fixed order, compiled.

Order: the matrix, then by authority (law first), then by id. It never depends on the facts, so an answer lists its
rules alike everywhere. On the days on which no matrix of the jurisdiction is in force (all of them where it has no
pack) the rule `law.closed` refuses everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from hashlib import sha256

from duecourse.law.document import read
from duecourse.law.judge import Judge
from duecourse.law.pack import ANYWHERE, LOCAL, Pack, PackKind, canonical, load_packs
from duecourse.law.program import Facts, compile_speaking
from duecourse.law.rule import Effect, Rule, Version, read_rule
from duecourse.law.series import Series
from duecourse.law.terms import Authority, Status
from duecourse.trouble import N_, BadInput

CLOSED = "law.closed"
"""The rule of a jurisdiction that has no law here, or none on a day: it refuses everything."""

_CLOSED = read_rule(
    read(
        """
rule: law.closed
says: {zh: 该法域没有有效的规则包，不得触达, en: No pack is in force for this jurisdiction and nobody may be contacted}
source: {instrument: duecourse, authority: lender_policy, modal: shall_not, grade: product}
values: [{from: 1900-01-01}]
refuse_when: "TRUE"
instead: {zh: 安装或启用该法域的规则包, en: install or switch on a pack for the jurisdiction}
cases:
  - {on: 2026-03-01, answer: refuse}
  - {on: 1899-12-31, answer: allow}
""",
        "law/rulebook.py",
    ),
    "law",
)


def _without(matrices: Iterable[Rule]) -> Rule:
    """The rule that closes a jurisdiction, in force on the days on which no matrix is."""
    start, found = _CLOSED.versions[0].start, []
    for begins, ends in sorted((one.start, one.end or date.max) for matrix in matrices for one in matrix.versions):
        if start < begins:
            found.append(Version(start, begins, None, {}))
        start = max(start, ends)
    if start < date.max:
        found.append(Version(start, None, None, {}))
    return replace(_CLOSED, versions=tuple(found))


class NotLeftOut(BadInput):
    """Somebody wants to leave out a pack that is no policy pack."""

    def __init__(self, names: list[str], policies: list[str]) -> None:
        super().__init__(
            N_("{names}: only policy packs can be left out ({policies})"),
            names=", ".join(names),
            policies=", ".join(policies),
        )


class ClocksDiffer(BadInput):
    """Law packs of one jurisdiction whose clocks stand in different zones."""

    def __init__(self, jurisdiction: str, zones: dict[str, str]) -> None:
        said = ", ".join(f"{pack}: {name}" for pack, name in sorted(zones.items()))
        super().__init__(
            N_("the law packs of {jurisdiction} go by different clocks ({said}); a jurisdiction has one"),
            jurisdiction=jurisdiction,
            said=said,
        )


class RuleTwice(BadInput):
    """Packs that apply together hold rules of one id, so that an answer could not say which of them it means."""

    def __init__(self, where: dict[str, list[str]]) -> None:
        said = "; ".join(f"rule {rule} stands in the packs {' and '.join(packs)}" for rule, packs in where.items())
        super().__init__(
            N_("{said}: a rule's id is its name for ever, so rename one of them or leave one pack out"), said=said
        )


DAYS_MAX = 1_000
"""Days of which it is kept which function asks all rules."""


@dataclass(frozen=True)
class Rulebook:
    """What applies to a lender in a jurisdiction. Build it with `rulebook`."""

    jurisdiction: str
    packs: tuple[Pack, ...]
    zone: str  # the zone of the law's clock; empty where it is that of the place where the person is
    rules: tuple[Rule, ...]  # every binding rule, in order

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each rule stands among `rules`, by its id."""
        return {rule.id: place for place, rule in enumerate(self.rules)}

    @cached_property
    def gate(self) -> tuple[Judge, ...]:
        """The rules that may refuse, in order; bit i of a refusal mask is the i-th."""
        return self._judges(Effect.REFUSE)

    @cached_property
    def advisers(self) -> tuple[Judge, ...]:
        """The rules that advise."""
        return self._judges(Effect.ADVISE)

    @cached_property
    def givers(self) -> tuple[Judge, ...]:
        """The rules that give a quantity."""
        return self._judges(Effect.GIVE)

    def speaking(self, day: date) -> Callable[[Facts], list[int]]:
        """A function of cleaned facts that gives the places among `speakers` of the rules that say something on a day.

        The others pass, or do not apply.
        """
        found = self._days.get(day)
        if found is None:
            versions = tuple(judge.rule.version(day) for judge in self.speakers)
            key = tuple(None if one is None else one.start for one in versions)
            if key not in self._programs:
                self._programs[key] = compile_speaking([judge.asking(day) for judge in self.speakers])
            if len(self._days) >= DAYS_MAX:
                self._days.clear()
            found = self._days[day] = self._programs[key]
        return found

    @cached_property
    def _days(self) -> dict[date, Callable[[Facts], list[int]]]:
        return {}

    @cached_property
    def _programs(self) -> dict[tuple[date | None, ...], Callable[[Facts], list[int]]]:
        return {}

    @cached_property
    def speakers(self) -> tuple[Judge, ...]:
        """Gate and advisers, one after the other."""
        return (*self.gate, *self.advisers)

    def _judges(self, effect: Effect) -> tuple[Judge, ...]:
        return tuple(Judge(rule) for rule in self.rules if rule.effect is effect)

    @cached_property
    def series(self) -> tuple[Series, ...]:
        """The dated tables of published numbers that quantities are reckoned from."""
        return tuple(table for pack in self.packs for table in pack.series)

    @cached_property
    def gate_facts(self) -> tuple[str, ...]:
        """The facts the gate may ask, each once, in order; bit i of a missing mask is the i-th."""
        return tuple(dict.fromkeys(name for judge in self.gate for name in judge.rule.facts))

    @cached_property
    def hash(self) -> str:
        """sha256 over jurisdiction and the hashes of the packs, hex; for the day's manifest."""
        return sha256(
            canonical({"jurisdiction": self.jurisdiction, "packs": {pack.id: pack.hash for pack in self.packs}})
        ).hexdigest()


def rulebook(
    packs: Iterable[Pack] | None = None, *, jurisdiction: str = "CN", without: Collection[str] = ()
) -> Rulebook:
    """The rulebook of a jurisdiction from packs (the shipped ones by default).

    Drafts never bind. Policy packs of the jurisdiction or of `any` bind unless named in ``without``; the packs of the
    law cannot be left out. Raises `NotLeftOut` for a name in ``without`` that is no policy pack, `RuleTwice`.
    """
    found = tuple(load_packs() if packs is None else packs)
    policies = {pack.id for pack in found if pack.kind is PackKind.POLICY}
    if wrong := set(without) - policies:
        raise NotLeftOut(sorted(wrong), sorted(policies))
    chosen = tuple(
        pack
        for pack in sorted(found, key=lambda pack: pack.id)
        if pack.jurisdiction in (jurisdiction, ANYWHERE) and pack.status is not Status.DRAFT and pack.id not in without
    )
    laws = sorted((pack for pack in chosen if pack.kind is PackKind.LAW), key=lambda pack: not pack.matrix)
    if len({pack.zone for pack in laws if pack.jurisdiction == jurisdiction}) > 1:
        raise ClocksDiffer(jurisdiction, {pack.id: pack.zone or LOCAL for pack in laws})
    rules = [rule for pack in chosen for rule in pack.rules if rule.source.status is not Status.DRAFT]
    if twice := sorted(id_ for id_, count in Counter(rule.id for rule in rules).items() if count > 1):
        where = {id_: [pack.id for pack in chosen for rule in pack.rules if rule.id == id_] for id_ in twice}
        raise RuleTwice(where)
    matrices = {id_ for pack in laws for id_ in pack.matrix}
    closed = _without(rule for rule in rules if rule.id in matrices)
    if closed.versions:
        rules.append(closed)
        matrices.add(CLOSED)  # the first reason, as a matrix would be
    authorities = list(Authority)
    rules.sort(key=lambda r: (r.id not in matrices, authorities.index(r.source.authority), r.id))
    return Rulebook(jurisdiction, chosen, next((pack.zone for pack in laws), ""), tuple(rules))
