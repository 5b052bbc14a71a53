"""The gate's rules as its peers write rules: ZEN expressions, Cedar policies, plain SQL; made from the same conditions.

Days are numbers there (days since year 1), since not every peer knows dates. A missing fact is ``null`` for ZEN and SQL
and an attribute that is not there for Cedar. What is asked is what `law.judge` asks, in the same order: in force,
bound, applies, refuses; a needed fact that is missing refuses; a lift that is there and true lifts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from duecourse.law.condition import All, Among, AnyOf, Choose, Compare, Expr, Known, Name, Not, Reckon, fold
from duecourse.law.facts import Value
from duecourse.law.rule import Rule, Version


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a peer writes what rules are made of."""

    name: Callable[[str], str]
    text: Callable[[str], str]
    true: str
    false: str
    equal: str
    unequal: str
    and_: str
    or_: str
    not_: Callable[[str], str]
    missing: Callable[[str], str]
    one_of: Callable[[str, list[str]], str]
    choose: Callable[[str, str, str], str]

    def value(self, known: Value) -> str:
        """A value as the peer writes it."""
        if isinstance(known, bool):
            return self.true if known else self.false
        if isinstance(known, date):
            return str(known.toordinal())
        return str(known) if isinstance(known, int) else self.text(known)

    def expression(self, expr: Expr) -> str:
        """A condition or number as the peer writes it."""
        match expr:
            case Known(value):
                return self.value(value)
            case Name(name, _):
                return self.name(name)
            case Among(name, options):
                return self.one_of(self.name(name), [self.text(option) for option in options])
            case Not(of):
                return self.not_(self.expression(of))
            case All(of) | AnyOf(of):
                joint = self.and_ if isinstance(expr, All) else self.or_
                return f"({f' {joint} '.join(self.expression(part) for part in of)})"
            case Compare(sign, left, right):
                written = {"=": self.equal, "<>": self.unequal}.get(sign, sign)
                return f"({self.expression(left)} {written} {self.expression(right)})"
            case Reckon(what, of):
                return self._reckon(what, [self.expression(part) for part in of])
            case Choose(branches, otherwise):
                text = self.expression(otherwise)
                for test, then in reversed(branches):
                    text = self.choose(self.expression(test), self.expression(then), text)
                return text

    def _reckon(self, what: str, parts: list[str]) -> str:
        if what in "+-*":
            return f"({f' {what} '.join(parts)})"
        if what == "abs":
            return self.choose(f"({parts[0]} < 0)", f"(0 - {parts[0]})", parts[0])
        found, *others = parts
        for other in others:
            found = self.choose(f"({found} {'<' if what == 'least' else '>'} {other})", found, other)
        return found

    def rule(self, rule: Rule) -> str:
        """When a rule says no."""
        on, text = self.name("on"), self.false
        for version in reversed(rule.versions):
            until = f" {self.and_} {on} < {self.value(version.end)}" if version.end else ""
            inside = f"({on} >= {self.value(version.start)}{until})"
            text = self.choose(inside, self._version(rule, version), text)
        return self.choose(self.missing("on"), self.true, text)

    def _version(self, rule: Rule, version: Version) -> str:
        lifts = [f"({self.not_(self.missing(name))} {self.and_} {self.name(name)})" for name in rule.lifted_by]
        text = self.not_(f"({f' {self.or_} '.join(lifts)})") if lifts else self.true
        for stage in reversed(rule.stages):
            test = fold(stage.test, version.values)
            if test == Known(value=False):
                text = self.false
            elif test != Known(value=True):
                asked = self.expression(test)
                text = asked if text == self.true else self.choose(asked, text, self.false)
            if stage.facts:
                gap = f" {self.or_} ".join(self.missing(name) for name in stage.facts)
                text = self.choose(f"({gap})", self.true, text)
        return text


ZEN = Dialect(
    name=lambda name: name,
    text=lambda word: f"'{word}'",
    true="true", false="false", equal="==", unequal="!=", and_="and", or_="or",
    not_=lambda text: f"not({text})",
    missing=lambda name: f"({name} == null)",
    one_of=lambda name, words: f"({name} in [{', '.join(words)}])",
    choose=lambda test, then, otherwise: f"({test} ? {then} : {otherwise})",
)  # fmt: skip

CEDAR = Dialect(
    name=lambda name: f"context.{name}",
    text=lambda word: f'"{word}"',
    true="true", false="false", equal="==", unequal="!=", and_="&&", or_="||",
    not_=lambda text: f"(!({text}))",
    missing=lambda name: f"(!(context has {name}))",
    one_of=lambda name, words: f"([{', '.join(words)}].contains({name}))",
    choose=lambda test, then, otherwise: f"(if {test} then {then} else {otherwise})",
)  # fmt: skip

SQL = Dialect(
    name=lambda name: f'"{name}"',
    text=lambda word: f"'{word}'",
    true="TRUE", false="FALSE", equal="=", unequal="<>", and_="AND", or_="OR",
    not_=lambda text: f"NOT ({text})",
    missing=lambda name: f'"{name}" IS NULL',
    one_of=lambda name, words: f"{name} IN ({', '.join(words)})",
    choose=lambda test, then, otherwise: f"CASE WHEN {test} THEN {then} ELSE {otherwise} END",
)  # fmt: skip


def cedar_policies(rules: list[Rule]) -> str:
    """Everything is permitted but what a rule forbids; the policy's id is the rule's."""
    forbidden = (
        f'@id("{rule.id}")\nforbid (principal, action, resource) when {{ {CEDAR.rule(rule)} }};' for rule in rules
    )
    return "\n".join(["permit (principal, action, resource);", *forbidden])


def zen_expression(rules: list[Rule]) -> str:
    """One expression that gives the list of all answers."""
    return f"[{', '.join(ZEN.rule(rule) for rule in rules)}]"


def zen_table(rules: list[Rule]) -> dict[str, object]:
    """A decision table, one row per rule, that collects the ids of those that refuse."""
    return {
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode", "position": {"x": 0, "y": 0}},
            {
                "id": "table", "name": "table", "type": "decisionTableNode", "position": {"x": 1, "y": 0},
                "content": {
                    "hitPolicy": "collect",
                    "inputs": [{"id": "when", "name": "when", "type": "expression"}],
                    "outputs": [{"id": "rule", "name": "rule", "type": "expression", "field": "rule"}],
                    "rules": [
                        {"_id": rule.id, "when": ZEN.rule(rule), "rule": f"'{rule.id}'"} for rule in rules
                    ],
                },
            },
            {"id": "out", "name": "out", "type": "outputNode", "position": {"x": 2, "y": 0}},
        ],
        "edges": [
            {"id": "a", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "b", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }  # fmt: skip


def sql_query(rules: list[Rule], articles: dict[str, str]) -> str:
    """One statement over a table ``proposals``: per row whether it is allowed and the reasons with their articles."""
    said = ", ".join(
        f"CASE WHEN {SQL.rule(rule)} THEN '{rule.id} ({articles[rule.id].replace(chr(39), chr(39) * 2)})' END"
        for rule in rules
    )
    reasons = f"SELECT row, concat_ws('; ', {said}) AS refused_by FROM proposals"  # noqa: S608 - text of packs, checked
    return f"SELECT row, refused_by = '' AS allowed, refused_by FROM ({reasons})"  # noqa: S608 - as above
