"""One rule: one YAML file with its sentence, source, dated values, condition, lifts and cases.

`read_rule` checks everything that can be checked without running the rule: keys, words, facts, types, dates without
gap or overlap, what may lift. ``law.check`` then runs the cases. The format is described in ``docs/law.md``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import product

from duecourse.law.condition import (
    FALSE,
    TRUE,
    Among,
    AnyOf,
    BadCondition,
    Compare,
    Expr,
    Known,
    Name,
    kind_of,
    names_in,
    parse_condition,
    parse_number,
    parts,
)
from duecourse.law.document import Node, Plain
from duecourse.law.facts import FACTS, Fact, Kind, Value, nearest
from duecourse.law.program import compile_value
from duecourse.law.quantities import QUANTITIES, Quantity
from duecourse.law.terms import Authority, Combine, Grade, LenderType, Modal, SenderType, Status

_KEYS = (
    "rule",
    "says",
    "source",
    "reading",
    "binds",
    "applies_when",
    "values",
    "refuse_when",
    "advise_when",
    "gives",
    "overrides",
    "lifted_by",
    "instead",
    "given",
    "cases",
)
_SOURCE_KEYS = ("instrument", "clause", "clause_grade", "authority", "modal", "grade", "status")
_DATES = ("from", "to", "published")
_ALWAYS_ASKED = ("on", "lender_type", "sender_type")
BOUND = (*LenderType, SenderType.AGENCY, SenderType.LAW_FIRM)
"""Whom `binds` can name: kinds of lender, and those who make contacts for one."""


class Effect(StrEnum):
    """What a rule does where its condition holds."""

    REFUSE = "refuse"
    ADVISE = "advise"  # shows a warning and never refuses
    GIVE = "give"  # gives a quantity


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule stands and how well that is known."""

    instrument: str
    authority: Authority
    modal: Modal
    grade: Grade
    status: Status
    clause: str = ""
    clause_grade: Grade | None = None  # where the number of the clause is known less well than its content


@dataclass(frozen=True, slots=True)
class Version:
    """The numbers of a rule from a day on; ``end`` is the first day they no longer hold."""

    start: date
    end: date | None
    published: date | None
    values: dict[str, Value]

    def holds(self, day: date) -> bool:
        """Whether these numbers are in force on a day."""
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Given:
    """What a rule gives: a whole number reckoned from facts and values, or an order of parts."""

    quantity: Quantity
    text: str
    number: Expr | None
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A worked example of one rule: facts, and what the rule must answer."""

    facts: dict[str, Value | None]
    answer: Plain
    because: str
    line: int
    own: tuple[str, ...]  # the facts that this case names itself; the others are shared by all


@dataclass(frozen=True, slots=True)
class Stage:
    """A question of a rule, and the facts without which it cannot be asked."""

    facts: tuple[str, ...]
    test: Expr


@dataclass(frozen=True)  # without slots: what is asked of a rule at every contact is worked out once
class Rule:
    """One rule, read and checked. Conditions are kept as text (for people and the referee) and as trees."""

    id: str
    pack: str
    effect: Effect
    says: dict[str, str]
    source: Source
    versions: tuple[Version, ...]
    cases: tuple[Case, ...]
    file: str
    line: int
    text: Plain  # the whole file, for the pack's hash
    reading: dict[str, str] | None = None  # what duecourse decided where the text leaves room
    binds: tuple[str, ...] = ()  # lender types, and `agency`, `law_firm` for their contacts; empty = everybody
    applies_text: str = "TRUE"
    asks_text: str = "TRUE"  # refuse_when or advise_when
    applies: Expr = TRUE
    asks: Expr = TRUE
    lifted_by: tuple[str, ...] = ()
    instead: dict[str, str] | None = None
    gives: Given | None = None
    overrides: tuple[str, ...] = ()

    def version(self, day: date) -> Version | None:
        """The numbers in force on a day, or ``None`` where the rule is not in force."""
        return next((version for version in self.versions if version.holds(day)), None)

    @cached_property
    def bound(self) -> Expr:
        """Whether the rule binds the lender or the sender of a contact."""
        if not self.binds:
            return TRUE
        lenders = tuple(one for one in self.binds if one in tuple(LenderType))
        senders = tuple(one for one in self.binds if one in tuple(SenderType))
        parts = [Among(name, some) for name, some in (("lender_type", lenders), ("sender_type", senders)) if some]
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The questions in order: is it bound, does it apply, does it refuse. A no ends the asking."""
        gives = names_in(self.gives.number) if self.gives and self.gives.number else ()
        asked = (self.bound, ()), (self.applies, ()), (self.asks, gives)
        return tuple(
            Stage(tuple(name for name in dict.fromkeys((*names_in(test), *more)) if name in FACTS), test)
            for test, more in asked
        )

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """Every fact this rule may ask, lifts included."""
        asked = (name for stage in self.stages for name in stage.facts)
        return tuple(dict.fromkeys(("on", *asked, *self.lifted_by)))


def read_rule(node: Node, pack: str, facts: dict[str, Fact] | None = None) -> Rule:
    """The rule that a file holds. Raises `Flaw`."""
    facts = FACTS if facts is None else facts
    top = node.mapping(_KEYS, ("rule", "says", "source", "values", "cases"))
    effects = [key for key in ("refuse_when", "advise_when", "gives") if key in top]
    if len(effects) != 1:
        raise node.flaw("a rule has exactly one of refuse_when, advise_when and gives")
    effect = {"refuse_when": Effect.REFUSE, "advise_when": Effect.ADVISE, "gives": Effect.GIVE}[effects[0]]
    source = _source(top["source"])
    versions = _versions(top["values"], facts)
    kinds = {name: kind_of(Known(value)) for name, value in versions[0].values.items()}
    applies_text = top["applies_when"].text() if "applies_when" in top else "TRUE"
    applies = _condition(node, "applies_when", applies_text, facts, kinds) if "applies_when" in top else TRUE
    asks_text = "TRUE" if effect is Effect.GIVE else top[effects[0]].text()
    asks = TRUE if effect is Effect.GIVE else _condition(node, effects[0], asks_text, facts, kinds)
    rule = Rule(
        id=_identifier(top["rule"]),
        pack=pack,
        effect=effect,
        says=top["says"].both(),
        source=source,
        versions=versions,
        cases=(),
        file=node.file,
        line=node.line,
        text=node.plain(),
        reading=top["reading"].both() if "reading" in top else None,
        binds=_words(top.get("binds"), BOUND),
        applies_text=applies_text,
        asks_text=asks_text,
        applies=applies,
        asks=asks,
        lifted_by=_lifts(top.get("lifted_by"), source, facts, effect),
        instead=top["instead"].both() if "instead" in top else None,
        gives=_given(top["gives"], facts, kinds) if effect is Effect.GIVE else None,
        overrides=tuple(one.text() for one in top["overrides"].items()) if "overrides" in top else (),
    )
    _check_sense(node, rule, kinds)
    return replace(rule, cases=_cases(node, rule, facts))


def _identifier(node: Node) -> str:
    name = node.text()
    if not all(part.isidentifier() and part.islower() for part in name.replace("-", "_").split(".")):
        raise node.flaw(f"{name!r} is no rule id: lower-case words joined by dots, such as cn.contact.window")
    return name


def _source(node: Node) -> Source:
    held = node.mapping(_SOURCE_KEYS, ("instrument", "authority", "modal", "grade"))
    source = Source(
        instrument=held["instrument"].text(),
        authority=Authority(held["authority"].one_of(tuple(Authority))),
        modal=Modal(held["modal"].one_of(tuple(Modal))),
        grade=Grade(held["grade"].one_of(tuple(Grade))),
        status=Status(held["status"].one_of(tuple(Status))) if "status" in held else Status.IN_FORCE,
        clause=held["clause"].text() if "clause" in held else "",
        clause_grade=Grade(held["clause_grade"].one_of(tuple(Grade))) if "clause_grade" in held else None,
    )
    if source.status is Status.UNCONFIRMED and source.clause:
        raise node.flaw("an unconfirmed text ships without clause numbers: nobody here has seen them", "clause")
    if source.grade is Grade.PRODUCT and source.authority is not Authority.LENDER_POLICY:
        raise node.flaw("grade product means that no outside text says so: its authority is lender_policy", "grade")
    grades = list(Grade)
    if source.clause_grade and grades.index(source.clause_grade) < grades.index(source.grade):
        raise node.flaw("the number of a clause cannot be better known than its content", "clause_grade")
    return source


def _versions(node: Node, facts: dict[str, Fact]) -> tuple[Version, ...]:
    if not node.items():
        raise node.flaw("values needs at least one entry with the day from which the rule is in force")
    found: list[Version] = []
    for entry in node.items():
        held = entry.mapping(None, ("from",))
        values: dict[str, Value] = {}
        for name, value in held.items():
            if name in _DATES:
                continue
            if name in facts or not name.isidentifier():
                raise entry.flaw(
                    f"{name!r} is {'a fact' if name in facts else 'no name'}; name the value otherwise", name
                )
            if not isinstance(value.held, int | date):
                raise value.flaw(f"a dated value is a whole number, a truth value or a date, not {value.show()}")
            values[name] = value.held
        end = held["to"].day() if "to" in held else None
        version = Version(held["from"].day(), end, held["published"].day() if "published" in held else None, values)
        if end is not None and end <= version.start:
            raise entry.flaw(
                f"to: {end} is not after from: {version.start} (`to` is the first day no longer in force)", "to"
            )
        if version.published and version.published > version.start:
            raise entry.flaw(f"published {version.published} after it came into force on {version.start}", "published")
        if found:
            version_before = found[-1]
            found[-1] = _joined(entry, version_before, version)
        found.append(version)
    return tuple(found)


def _joined(entry: Node, before: Version, after: Version) -> Version:
    """The earlier version, ended where the later begins."""
    if after.start <= before.start:
        raise entry.flaw(
            f"from: {after.start} does not come after {before.start}; entries stand in order of time", "from"
        )
    if before.end is not None and before.end != after.start:
        word = "overlap" if before.end > after.start else "gap"
        raise entry.flaw(f"{word} between to: {before.end} and from: {after.start}", "from")
    if {k: kind_of(Known(v)) for k, v in before.values.items()} != {
        k: kind_of(Known(v)) for k, v in after.values.items()
    }:
        raise entry.flaw(
            f"the entry has other values than the one before: {sorted(after.values)}, {sorted(before.values)}"
        )
    return replace(before, end=after.start)


def _condition(node: Node, key: str, text: str, facts: dict[str, Fact], kinds: dict[str, Kind]) -> Expr:
    try:
        return parse_condition(text, facts, kinds)
    except BadCondition as trouble:
        raise node.flaw(f"{key}: {trouble}", key) from None


def _words(node: Node | None, options: tuple[str, ...]) -> tuple[str, ...]:
    return () if node is None else tuple(one.one_of(options) for one in node.items())


def _lifts(node: Node | None, source: Source, facts: dict[str, Fact], effect: Effect) -> tuple[str, ...]:
    if node is None:
        return ()
    if effect is not Effect.REFUSE:
        raise node.flaw("only a refusal can be lifted")
    lifting = tuple(fact.name for fact in facts.values() if fact.lifts)
    names = tuple(one.one_of(lifting) for one in node.items())
    if "officer_override" in names and source.modal not in (Modal.SHOULD, Modal.SHOULD_NOT):
        raise node.flaw(
            f"officer_override lifts recommendations (should, should_not) only; this text says {source.modal}"
        )
    return names


def _given(node: Node, facts: dict[str, Fact], kinds: dict[str, Kind]) -> Given:
    held = node.mapping(("quantity", "value", "combine"), ("quantity", "value", "combine"))
    quantity = QUANTITIES[held["quantity"].one_of(tuple(QUANTITIES))]
    combine = held["combine"].one_of(tuple(Combine))
    if combine != quantity.combine:
        raise node.flaw(f"{quantity.name} is joined by {quantity.combine}, not by {combine}", "combine")
    value = held["value"]
    if quantity.parts:
        order = tuple(one.one_of(quantity.parts) for one in value.items())
        if sorted(order) != sorted(quantity.parts):
            raise value.flaw(f"{quantity.name} names each of these once: {', '.join(quantity.parts)}")
        return Given(quantity, ", ".join(order), None, order)
    text = str(value.held) if isinstance(value.held, int) else value.text()
    try:
        return Given(quantity, text, parse_number(text, facts, kinds), ())
    except BadCondition as trouble:
        raise node.flaw(f"value: {trouble}", "value") from None


def _check_sense(node: Node, rule: Rule, kinds: dict[str, Kind]) -> None:
    if (rule.effect is Effect.ADVISE) is not (rule.source.modal is Modal.ADVISES):
        raise node.flaw("modal: advises and advise_when go together")
    if rule.effect is Effect.REFUSE and rule.instead is None:
        raise node.flaw("a refusal says what may be done instead: key `instead` is missing")
    for key, expr in (("applies_when", rule.applies), (f"{rule.effect}_when", rule.asks)):
        if expr == FALSE:
            raise node.flaw(f"{key}: a condition that is always false makes no rule", key)
        if names_in(expr).count("second_local") and not _clock_alone(expr):
            raise node.flaw(f"{key}: second_local is only compared, with a number or a dated value", key)
    gives = names_in(rule.gives.number) if rule.gives and rule.gives.number else ()
    unused = set(kinds) - {*names_in(rule.applies), *names_in(rule.asks), *gives}
    if unused:
        raise node.flaw(f"no condition uses the value {', '.join(sorted(unused))}", "values")
    if rule.gives and rule.gives.number and set(gives) <= set(kinds):
        for version in rule.versions:
            given = compile_value(rule.gives.number)(version.values)
            if isinstance(given, int) and given < 0:
                raise node.flaw(f"{rule.gives.quantity.name} is never below 0, and this is {given}", "gives")


def _clock_alone(expr: Expr) -> bool:
    """Whether the clock is only ever compared with constants, so that the next open instant can be searched exactly."""
    if isinstance(expr, Compare):
        sides = (expr.left, expr.right)
        if Name("second_local", Kind.INT) in sides:
            return any(isinstance(side, Known) or (isinstance(side, Name) and side.name not in FACTS) for side in sides)
        return "second_local" not in names_in(expr)
    return all(_clock_alone(part) for part in parts(expr))


def _cases(node: Node, rule: Rule, facts: dict[str, Fact]) -> tuple[Case, ...]:
    asked = {*_ALWAYS_ASKED, *rule.facts}
    given = node.get("given")
    shared = _facts(given.mapping(), given, facts, asked, ()) if given else {}
    cases = [case for one in node["cases"].items() for case in _of_line(one, shared, facts, asked)]
    answers = {"refuse" if case.answer == "refuse" else "other" for case in cases}
    if rule.effect is Effect.REFUSE and answers != {"refuse", "other"}:
        raise node.flaw("cases stand on both sides: at least one `answer: allow` and one `answer: refuse`", "cases")
    if len(cases) < 2:
        raise node.flaw("at least two cases, one on each side", "cases")
    return tuple(cases)


def _of_line(node: Node, shared: dict[str, Value | None], facts: dict[str, Fact], asked: set[str]) -> Iterator[Case]:
    """The case of a line; where a fact stands with a list of words, one for each of them."""
    held = node.mapping(None, ("answer",))
    because = held["because"].text() if "because" in held else ""
    listed = {name: value.items() for name, value in held.items() if isinstance(value.held, list) and name in facts}
    for name in (name for name, each in listed.items() if not each):
        raise node.flaw(f"{name} stands with an empty list: name the values for which the case holds", name)
    for chosen in product(*listed.values()):
        own = _facts({**held, **dict(zip(listed, chosen, strict=True))}, node, facts, asked, ("answer", "because"))
        yield Case(shared | own, held["answer"].plain(), because, node.line, tuple(own))


def _facts(
    held: dict[str, Node], node: Node, facts: dict[str, Fact], asked: set[str], skip: tuple[str, ...]
) -> dict[str, Value | None]:
    found: dict[str, Value | None] = {}
    for name, value in held.items():
        if name in skip:
            continue
        if name not in facts:
            raise node.flaw(f"unknown fact {name!r}{nearest(name, list(facts))}", name)
        if name not in asked:
            raise node.flaw(f"this rule never asks for {name!r}", name)
        known = None if value.held is None else facts[name].read(value.held)
        if value.held is not None and known is None:
            near = nearest(str(value.held), facts[name].options)
            raise node.flaw(f"{value.show()} is no {name} ({facts[name].means}){near}", name)
        found[name] = known
    return found
