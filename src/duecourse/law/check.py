"""Running the cases of rules, and asking whether the cases would notice a changed rule.

`run_cases` asks each rule alone. `mutants` changes one operator or number of a rule at a time; a mutant that no case
notices shows a boundary without a case on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from duecourse.law.condition import All, Among, AnyOf, Compare, Expr, Known, Name, Not, Reckon, parts, rebuilt
from duecourse.law.document import Plain
from duecourse.law.facts import FACTS, Kind, Value
from duecourse.law.judge import Finding, Judge, Outcome, clean
from duecourse.law.rule import BOUND, Case, Effect, Rule, Version


@dataclass(frozen=True, slots=True)
class Failure:
    """A case whose rule answers otherwise."""

    rule: Rule
    case: Case
    wanted: str
    found: str

    def __str__(self) -> str:
        """File, line, and what differs."""
        return f"{self.rule.file}:{self.case.line}: {self.rule.id} answers {self.found}, the case says {self.wanted}"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule with one thing changed."""

    rule: Rule
    change: str


def ask_case(judge: Judge, case: Case) -> Finding:
    """The rule's finding on a case; unless the case says otherwise, a lender whom the rule binds makes the contact."""
    facts = dict(case.facts)
    binds = judge.rule.binds
    facts.setdefault("lender_type", binds[0] if binds else "bank")
    facts.setdefault("sender_type", "lender")
    return judge.ask(clean(facts))


def answer_of(finding: Finding) -> Plain:
    """The finding in the words of a case's `answer`."""
    if finding.rule.effect is Effect.GIVE:
        answer = finding.answer
        return "none" if answer is None else list(answer) if isinstance(answer, tuple) else answer
    if finding.rule.effect is Effect.ADVISE:
        return "advise" if finding.outcome is Outcome.ADVISES else "allow"
    return "refuse" if finding.outcome.says_no else "allow"


def run_cases(rules: Iterable[Rule]) -> Iterator[Failure]:
    """Every case that fails."""
    for rule in rules:
        judge = Judge(rule)
        for case in rule.cases:
            finding = ask_case(judge, case)
            wanted, found = str(case.answer), str(answer_of(finding))
            if wanted != found or (case.because and case.because != finding.because):
                reason = f" ({case.because})" if case.because else ""
                yield Failure(rule, case, wanted + reason, f"{found} ({finding.because})")


def mutants(rule: Rule) -> Iterator[Mutant]:
    """The rule with each operator, number, word, date and lift changed in turn."""
    for change, other in _variants(rule.applies, rule):
        yield Mutant(replace(rule, applies=other), f"applies_when: {change}")
    for change, other in _variants(rule.asks, rule):
        yield Mutant(replace(rule, asks=other), f"{rule.effect}_when: {change}")
    if rule.gives and rule.gives.number:
        for change, other in _variants(rule.gives.number, rule):
            yield Mutant(replace(rule, gives=replace(rule.gives, number=other)), f"value: {change}")
    for place in range(len(rule.versions)):
        yield from _of_version(rule, place)
    for one in rule.binds if len(rule.binds) > 1 else ():
        yield Mutant(replace(rule, binds=tuple(who for who in rule.binds if who != one)), f"binds: without {one}")
    for one in (who for who in BOUND if rule.binds and who not in rule.binds):
        yield Mutant(replace(rule, binds=(*rule.binds, one)), f"binds: with {one}")
    for name in rule.lifted_by:
        rest = tuple(lift for lift in rule.lifted_by if lift != name)
        yield Mutant(replace(rule, lifted_by=rest), f"lifted_by: without {name}")


def _of_version(rule: Rule, place: int) -> Iterator[Mutant]:
    """One version with each of its days and values changed in turn."""
    version = rule.versions[place]
    for days in (-1, 1):
        moved = version.start + timedelta(days=days)
        yield Mutant(_moved(rule, place, moved), f"values: from {version.start} -> {moved}")
    if version.end is not None and place == len(rule.versions) - 1:
        for days in (-1, 1):
            last = version.end + timedelta(days=days)
            yield Mutant(_with(rule, place, replace(version, end=last)), f"values: to {version.end} -> {last}")
    for name, value in version.values.items():
        for near in _beside(value):
            changed = replace(version, values={**version.values, name: near})
            yield Mutant(_with(rule, place, changed), f"values: {name} {value} -> {near}")


def _beside(value: Value) -> tuple[Value, ...]:
    """The nearest other values."""
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return value - 1, value + 1
    return tuple(value + timedelta(days=days) for days in (-1, 1)) if isinstance(value, date) else ()


def survivors(rule: Rule) -> Iterator[Mutant]:
    """The mutants that no case of the rule notices."""
    for mutant in mutants(rule):
        if next(run_cases((mutant.rule,)), None) is None:
            yield mutant


def _moved(rule: Rule, place: int, start: date) -> Rule:
    """The rule with one version starting on another day, and the one before it ending there."""
    moved = _with(rule, place, replace(rule.versions[place], start=start))
    if place and rule.versions[place - 1].end is not None:
        moved = _with(moved, place - 1, replace(rule.versions[place - 1], end=start))
    return moved


def _with(rule: Rule, place: int, version: Version) -> Rule:
    return replace(rule, versions=(*rule.versions[:place], version, *rule.versions[place + 1 :]))


_OTHERS = {
    "<": ("<=", "<>"), "<=": ("<", "="), ">": (">=", "<>"), ">=": (">", "="), "=": ("<>",), "<>": ("=",),
}  # fmt: skip
"""Of an order, the neighbour, which differs on the boundary, and what differs everywhere beyond it."""

_RECKONED = {"+": "-", "-": "+", "*": "+", "least": "greatest", "greatest": "least"}


def _variants(expr: Expr, rule: Rule) -> Iterator[tuple[str, Expr]]:
    """The expression with one thing changed, at its top or in one of its parts."""
    yield from _changed(expr, rule)
    made_of = parts(expr)
    for place, part in enumerate(made_of):
        for change, other in _variants(part, rule):
            yield change, rebuilt(expr, (*made_of[:place], other, *made_of[place + 1 :]))


def _at_the_least(left: Expr, right: Expr, rule: Rule) -> bool:
    """Whether a fact is compared with the smallest value that it can have: over it is other than it."""
    if not isinstance(left, Name) or left.name not in FACTS:
        return False
    if isinstance(right, Known):
        return right.value == FACTS[left.name].low
    return isinstance(right, Name) and {one.values.get(right.name) for one in rule.versions} == {FACTS[left.name].low}


def _changed(expr: Expr, rule: Rule) -> Iterator[tuple[str, Expr]]:
    match expr:
        case Known(value) if isinstance(value, int) and not isinstance(value, bool):
            yield from ((f"{value} -> {value + step}", Known(value + step)) for step in (-1, 1))
        case Known(value) if isinstance(value, date):
            yield from ((f"{value} {step:+d} d", Known(value + timedelta(days=step))) for step in (-1, 1))
        case Name(name, Kind.BOOL):
            yield f"NOT {name}", Not(expr)
        case Among(name, options):
            for option in options:
                rest = tuple(word for word in options if word != option)
                yield f"{name}: without {option}", Among(name, rest) if rest else Known(value=False)
        case Not(of):
            yield "NOT dropped", of
        case All(of) | AnyOf(of):
            for place in range(len(of)):
                others = (*of[:place], *of[place + 1 :])
                yield f"part {place + 1} dropped", others[0] if len(others) == 1 else rebuilt(expr, others)
        case Compare(sign, left, right):
            signs = _OTHERS[sign][:1] if sign == ">" and _at_the_least(left, right, rule) else _OTHERS[sign]
            yield from ((f"{sign} -> {other}", Compare(other, left, right)) for other in signs)
        case Reckon(what, numbers) if what in _RECKONED:
            yield f"{what} -> {_RECKONED[what]}", Reckon(_RECKONED[what], numbers)
        case _:
            return
