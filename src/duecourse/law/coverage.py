"""What the cases of the packs exercise: every branch and limit of every rule, and every fact.

A rule's branches are what it may say: refuses, passes, does not apply, is not bound, is not in force, lacks a fact, is
lifted. Its limits are its operators, numbers, words and dates: each is changed in turn (`law.check.mutants`), and the
cases that notice are named. A branch without a case and a limit that no case notices are gaps.

Over real contacts `exercised` counts the same branches, rule by rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from duecourse.law.check import Mutant, ask_case, mutants, run_cases
from duecourse.law.columns import Facts, some
from duecourse.law.condition import TRUE
from duecourse.law.fact import Kind
from duecourse.law.facts import FACTS
from duecourse.law.judge import Finding, Judge, Outcome
from duecourse.law.pack import Pack
from duecourse.law.rule import Effect, Rule
from duecourse.law.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Branch:
    """One thing that a rule may say, and the lines of the cases in which it does."""

    says: str  # in the words of a case's `because`: refuses, missing second_local, lifted by time_agreed …
    cases: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """One thing in a rule that was changed, and the lines of the cases that notice."""

    change: str
    cases: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """What the cases of one rule exercise."""

    rule: str
    pack: str
    file: str
    cases: int
    failing: tuple[int, ...]  # lines of cases that do not hold
    branches: tuple[Branch, ...]
    limits: tuple[Limit, ...]
    facts: tuple[str, ...]  # that it may ask

    @property
    def without_case(self) -> tuple[str, ...]:
        """The branches that no case takes."""
        return tuple(branch.says for branch in self.branches if not branch.cases)

    @property
    def unnoticed(self) -> tuple[str, ...]:
        """The changes that no case notices."""
        return tuple(limit.change for limit in self.limits if not limit.cases)

    @property
    def killed(self) -> int:
        """The changes that a case notices."""
        return sum(1 for limit in self.limits if limit.cases)


@dataclass(frozen=True, slots=True)
class FactCoverage:
    """Where a fact is asked, and which of its values stand in cases."""

    fact: str
    rules: tuple[str, ...]
    cases: int  # that say something of it
    words_without_case: tuple[str, ...]  # of a closed list or truth value: what no case says


@dataclass(frozen=True, slots=True)
class PackCoverage:
    """The sums of one pack."""

    pack: str
    rules: int
    cases: int
    branches: int
    branches_without_case: int
    limits: int
    killed: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the cases of some packs exercise."""

    packs: tuple[PackCoverage, ...]
    rules: tuple[RuleCoverage, ...]
    facts: tuple[FactCoverage, ...]

    @property
    def gaps(self) -> bool:
        """Whether a rule has a branch without a case, an unnoticed limit or a failing case."""
        return any(one.without_case or one.unnoticed or one.failing for one in self.rules)


def coverage(packs: Iterable[Pack]) -> Coverage:
    """The coverage of every rule of these packs by its own cases."""
    listed = tuple(packs)
    rules = [rule_coverage(rule) for pack in listed for rule in pack.rules]
    return Coverage(
        packs=tuple(_pack(pack.id, [one for one in rules if one.pack == pack.id]) for pack in listed),
        rules=tuple(rules),
        facts=_facts([rule for pack in listed for rule in pack.rules]),
    )


def rule_coverage(rule: Rule) -> RuleCoverage:
    """The coverage of one rule."""
    judge = Judge(rule)
    found = [(case.line, ask_case(judge, case)) for case in rule.cases]
    failing = {failure.case.line for failure in run_cases([rule])}
    taken: dict[str, list[int]] = {says: [] for says in branches(rule)}
    for line, finding in found:
        for says in _said(finding):
            taken.setdefault(says, []).append(line)
    return RuleCoverage(
        rule=rule.id,
        pack=rule.pack,
        file=rule.file,
        cases=len(rule.cases),
        failing=tuple(sorted(failing)),
        branches=tuple(Branch(says, tuple(lines)) for says, lines in taken.items()),
        limits=tuple(_limit(mutant) for mutant in mutants(rule)),
        facts=rule.facts,
    )


def _limit(mutant: Mutant) -> Limit:
    return Limit(mutant.change, tuple(failure.case.line for failure in run_cases([mutant.rule])))


def branches(rule: Rule) -> tuple[str, ...]:
    """Everything that a rule may say, in the order of asking."""
    said = [f"in force from {version.start}" for version in rule.versions]
    said.append(Outcome.NOT_IN_FORCE.value)
    asked = rule.stages
    for stage, otherwise in zip(asked, (Outcome.NOT_BOUND, Outcome.NOT_APPLICABLE, Outcome.PASSES), strict=True):
        said += [f"missing {name}" for name in stage.facts if name not in ("lender_type", "sender_type")]
        if stage.test != TRUE:
            said.append(otherwise.value)
    said += [f"lifted by {name}" for name in rule.lifted_by]
    last = {Effect.REFUSE: Outcome.REFUSES, Effect.ADVISE: Outcome.ADVISES, Effect.GIVE: Outcome.GIVES}
    return tuple(dict.fromkeys((*said, last[rule.effect].value)))


def _said(finding: Finding) -> list[str]:
    """What a finding says, a missing fact or a lift at a time; and the version it rests on."""
    version = [f"in force from {finding.version.start}"] if finding.version else []
    if finding.outcome is Outcome.MISSING:
        return [*version, *(f"missing {name}" for name in finding.missing)]
    if finding.outcome is Outcome.LIFTED:
        return [*version, *(f"lifted by {name}" for name in finding.lifted_by)]
    return [*version, finding.outcome.value]


def _pack(name: str, rules: list[RuleCoverage]) -> PackCoverage:
    return PackCoverage(
        pack=name,
        rules=len(rules),
        cases=sum(one.cases for one in rules),
        branches=sum(len(one.branches) for one in rules),
        branches_without_case=sum(len(one.without_case) for one in rules),
        limits=sum(len(one.limits) for one in rules),
        killed=sum(one.killed for one in rules),
    )


def _facts(rules: list[Rule]) -> tuple[FactCoverage, ...]:
    found = []
    for name, fact in FACTS.items():
        asking = [rule for rule in rules if name in rule.facts]
        values = [case.facts[name] for rule in rules for case in rule.cases if name in case.facts]
        every: tuple[object, ...] = fact.options if fact.kind is Kind.WORD else ()
        every = (True, False) if fact.kind is Kind.BOOL else every
        left = [str(one).lower() if isinstance(one, bool) else str(one) for one in every if one not in values]
        found.append(FactCoverage(name, tuple(rule.id for rule in asking), len(values), tuple(left) if asking else ()))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Exercised:
    """One rule over a frame of contacts."""

    rule: str
    contacts: int
    applies: int  # in force, bound, and applies
    says_no: int
    missing: int  # of these, for want of a fact
    lifted: int


def exercised(book: Rulebook, frame: pl.DataFrame) -> tuple[Exercised, ...]:
    """How often each rule of the gate speaks over contacts whose facts are the columns of a frame."""
    facts = Facts(frame, book.gate_facts)
    found = []
    for judge in book.gate:
        rule = judge.rule
        unlifted = replace(rule, lifted_by=())
        asked = {"no": rule, "unlifted": unlifted, "reached": replace(unlifted, asks=TRUE)}
        told = {name: facts.ask(one) for name, one in asked.items()}
        gaps = {name: facts.whole(some(lacking.values())) for name, (_, lacking) in told.items()}
        row = facts.frame.select(
            no=facts.whole(told["no"][0]).sum(),
            missing=gaps["no"].sum(),
            unlifted=facts.whole(told["unlifted"][0]).sum(),
            applies=(facts.whole(told["reached"][0]) & ~gaps["reached"]).sum(),
        ).row(0, named=True)
        lifted = int(row["unlifted"]) - int(row["no"])
        found.append(Exercised(rule.id, frame.height, int(row["applies"]), int(row["no"]), int(row["missing"]), lifted))
    return tuple(found)
