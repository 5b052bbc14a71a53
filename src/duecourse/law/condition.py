"""Conditions: SQL boolean expressions over facts and dated values, parsed once into a small typed tree.

Only what means the same in Python, Polars and DuckDB is let in: ``AND OR NOT``, comparisons, ``IN``, ``BETWEEN``,
``+ - *``, ``abs least greatest``, ``CASE WHEN``, whole numbers, ``TRUE FALSE``, ``DATE '…'`` and words in quotes.
There is no division, no rounding, no text function, and no ``IS NULL``: a missing fact refuses before its condition
is asked, so a condition never meets one.

``compile_value`` makes a Python function of the tree, ``law.columns`` a Polars expression; ``fold`` puts in what is
known beforehand (dated values, constant columns) and simplifies. DuckDB evaluates the text itself in ``law.referee``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import assert_never

import sqlglot
from sqlglot import exp

from duecourse.law.fact import WHOLE_MAX
from duecourse.law.facts import Fact, Kind, Value, nearest


class BadCondition(ValueError):
    """The text is not a condition; the message says why, the file and line are added by the reader."""


@dataclass(frozen=True, slots=True)
class Known:
    """A value written in the text, or put in by `fold`."""

    value: Value


@dataclass(frozen=True, slots=True)
class Name:
    """A fact or a dated value."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Not:
    """Negation."""

    of: Expr


@dataclass(frozen=True, slots=True)
class All:
    """AND."""

    of: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """OR."""

    of: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """``< <= > >= = <>`` of two numbers, dates or truth values."""

    sign: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Among:
    """A word fact is one of these words."""

    name: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reckon:
    """``+ - *`` and ``least greatest abs`` of whole numbers."""

    what: str
    of: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Choose:
    """CASE WHEN … THEN … ELSE … END."""

    branches: tuple[tuple[Expr, Expr], ...]
    otherwise: Expr


Expr = Known | Name | Not | All | AnyOf | Compare | Among | Reckon | Choose

TRUE, FALSE = Known(value=True), Known(value=False)

_COMPARE: dict[type[exp.Expr], str] = {
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.EQ: "=",
    exp.NEQ: "<>",
}
_RECKON: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}
_CALLS: dict[type[exp.Expr], str] = {exp.Abs: "abs", exp.Least: "least", exp.Greatest: "greatest"}

COMPARISONS: dict[str, Callable[[object, object], bool]] = {
    "<": operator.lt,  # type: ignore[dict-item]
    "<=": operator.le,  # type: ignore[dict-item]
    ">": operator.gt,  # type: ignore[dict-item]
    ">=": operator.ge,  # type: ignore[dict-item]
    "=": operator.eq,
    "<>": operator.ne,
}


class _Parser:
    def __init__(self, facts: Mapping[str, Fact], values: Mapping[str, Kind]) -> None:
        self.facts, self.values = facts, values

    def boolean(self, node: exp.Expr) -> Expr:
        """Any expression that is true or false."""
        if isinstance(node, exp.Paren):
            return self.boolean(node.this)
        if isinstance(node, exp.And | exp.Or):
            parts = tuple(self.boolean(part) for part in node.flatten())
            return All(parts) if isinstance(node, exp.And) else AnyOf(parts)
        if isinstance(node, exp.Not):
            return Not(self.boolean(node.this))
        if isinstance(node, exp.Boolean):
            return Known(bool(node.this))
        if isinstance(node, exp.In):
            return self.among(node.this, node.expressions, node)
        if isinstance(node, exp.Between):
            low = exp.GTE(this=node.this, expression=node.args["low"])
            high = exp.LTE(this=node.this, expression=node.args["high"])
            return All((self.compare(low), self.compare(high)))
        if type(node) in _COMPARE:
            return self.compare(node)
        if isinstance(node, exp.Column):
            name = self.name(node)
            if name.kind is not Kind.BOOL:
                raise BadCondition(f"{name.name} is a {name.kind}, not a truth value; compare it with something")
            return name
        raise BadCondition(f"{node.sql()!r} is not a condition that rules may use")

    def compare(self, node: exp.Expr) -> Expr:
        sign = _COMPARE[type(node)]
        left, right = node.this, node.expression
        for word, text in ((left, right), (right, left)):
            if isinstance(word, exp.Column) and self.name(word).kind is Kind.WORD:
                if sign not in ("=", "<>"):
                    raise BadCondition(f"{word.name} is a word: use =, <> or IN")
                found = self.among(word, [text], node)
                return found if sign == "=" else Not(found)
        a, b = self.scalar(left), self.scalar(right)
        if (kind := kind_of(a)) is not kind_of(b):
            raise BadCondition(f"{node.sql()!r} compares a {kind} with a {kind_of(b)}")
        if kind is Kind.BOOL and sign not in ("=", "<>"):
            raise BadCondition(f"{node.sql()!r}: truth values have no order")
        return Compare(sign, a, b)

    def among(self, column: exp.Expr, options: list[exp.Expr], node: exp.Expr) -> Expr:
        if not isinstance(column, exp.Column) or not options:
            raise BadCondition(f"{node.sql()!r}: IN asks whether a fact is one of a list of words or numbers")
        name = self.name(column)
        if name.kind is not Kind.WORD:
            return AnyOf(tuple(self.compare(exp.EQ(this=column, expression=option)) for option in options))
        words: list[str] = []
        known = self.facts[name.name].options
        for option in options:
            if not isinstance(option, exp.Literal) or not option.is_string:
                raise BadCondition(f"{node.sql()!r}: {name.name} is compared with words in single quotes")
            if option.this not in known:
                raise BadCondition(f"{option.this!r} is no {name.name}{nearest(option.this, known)}")
            if option.this in words:
                raise BadCondition(f"{option.this!r} stands twice in {node.sql()!r}")
            words.append(option.this)
        return Among(name.name, tuple(words))

    def scalar(self, node: exp.Expr) -> Expr:
        """A number, a date or a truth value."""
        if isinstance(node, exp.Paren):
            return self.scalar(node.this)
        if isinstance(node, exp.Literal):
            return Known(_whole(node))
        if isinstance(node, exp.Cast) and node.to.this is exp.DataType.Type.DATE and isinstance(node.this, exp.Literal):
            return Known(date.fromisoformat(node.this.this))
        if isinstance(node, exp.Column):
            return self.name(node)
        if isinstance(node, exp.Neg):
            return Reckon("-", (Known(0), self.integer(node.this)))
        if type(node) in _RECKON:
            return Reckon(_RECKON[type(node)], (self.integer(node.this), self.integer(node.expression)))
        if type(node) in _CALLS:
            parts = tuple(self.integer(part) for part in (node.this, *node.expressions))
            return Reckon(_CALLS[type(node)], parts)
        if isinstance(node, exp.Case) and node.this is None:
            if node.args.get("default") is None:
                raise BadCondition("CASE needs an ELSE")
            branches = tuple((self.boolean(arm.this), self.integer(arm.args["true"])) for arm in node.args["ifs"])
            return Choose(branches, self.integer(node.args["default"]))
        if isinstance(node, exp.Boolean):
            return Known(bool(node.this))
        raise BadCondition(
            f"{node.sql()!r} may not stand in a rule: only + - *, abs, least, greatest, CASE, whole numbers and dates"
        )

    def integer(self, node: exp.Expr) -> Expr:
        found = self.scalar(node)
        if kind_of(found) is not Kind.INT:
            raise BadCondition(f"{node.sql()!r} is a {kind_of(found)}; a whole number is needed")
        return found

    def name(self, node: exp.Column) -> Name:
        if node.table:
            raise BadCondition(f"{node.sql()!r}: facts have plain names")
        if node.name in self.values:
            return Name(node.name, self.values[node.name])
        if node.name in self.facts:
            return Name(node.name, self.facts[node.name].kind)
        raise BadCondition(f"unknown fact or value {node.name!r}{nearest(node.name, [*self.facts, *self.values])}")


def kind_of(expr: Expr) -> Kind:
    """The type of an expression's value."""
    match expr:
        case Known(value):
            if isinstance(value, bool):
                return Kind.BOOL
            return Kind.INT if isinstance(value, int) else Kind.DATE if isinstance(value, date) else Kind.WORD
        case Name(_, kind):
            return kind
        case Reckon() | Choose():
            return Kind.INT
        case _:
            return Kind.BOOL


def _whole(node: exp.Literal) -> int:
    if node.is_string or not str(node.this).isdigit():
        raise BadCondition(f"{node.sql()} is not a whole number")
    if int(node.this) > WHOLE_MAX:
        raise BadCondition(f"{node.sql()} is too large: a whole number has at most {WHOLE_MAX}")
    return int(node.this)


def _where(trouble: sqlglot.errors.SqlglotError) -> str:
    """At which sign of a condition the reading ended, and what it wanted there."""
    found = trouble.errors[0] if isinstance(trouble, sqlglot.errors.ParseError) and trouble.errors else None
    if found is None:
        return "it ends inside a text in quotes, or there is nothing"
    sign, wanted = f"{found['highlight']!r} (sign {found['col']} of the condition)", str(found["description"])
    if wanted.startswith("Required keyword"):
        return f"something is missing after {sign}"
    if wanted.startswith("Expecting "):
        return f"{wanted.removeprefix('Expecting ')!r} is missing after {sign}"
    return f"{sign} is not expected there"


def _tree(text: str) -> exp.Expr:
    try:
        node = sqlglot.parse_one(text, read="duckdb")
    except sqlglot.errors.SqlglotError as trouble:
        raise BadCondition(f"not SQL: {_where(trouble)}") from None
    for part in node.walk():
        if part.comments:
            raise BadCondition("comments do not stand inside a condition")
    return node


def parse_condition(text: str, facts: Mapping[str, Fact], values: Mapping[str, Kind]) -> Expr:
    """The tree of a boolean text. Raises `BadCondition`."""
    return _Parser(facts, values).boolean(_tree(text))


def parse_number(text: str, facts: Mapping[str, Fact], values: Mapping[str, Kind]) -> Expr:
    """The tree of a whole-number text. Raises `BadCondition`."""
    return _Parser(facts, values).integer(_tree(text))


def parts(expr: Expr) -> tuple[Expr, ...]:
    """The expressions of which an expression is made, in order of appearance."""
    match expr:
        case Not(of):
            return (of,)
        case All(of) | AnyOf(of) | Reckon(_, of):
            return of
        case Compare(_, left, right):
            return (left, right)
        case Choose(branches, otherwise):
            return (*(part for pair in branches for part in pair), otherwise)
        case _:
            return ()


def rebuilt(expr: Expr, made_of: tuple[Expr, ...]) -> Expr:
    """The same expression made of other parts, as many and in the same order as `parts` gives."""
    match expr:
        case Not():
            return Not(made_of[0])
        case All() | AnyOf():
            return type(expr)(made_of)
        case Reckon(what, _):
            return Reckon(what, made_of)
        case Compare(sign, _, _):
            return Compare(sign, made_of[0], made_of[1])
        case Choose():
            return Choose(tuple(zip(made_of[:-1:2], made_of[1:-1:2], strict=True)), made_of[-1])
        case _:
            return expr


def names_in(expr: Expr) -> tuple[str, ...]:
    """The facts and values an expression asks, each once, in order of appearance."""
    own = [expr.name] if isinstance(expr, Name | Among) else []
    return tuple(dict.fromkeys((*own, *(name for part in parts(expr) for name in names_in(part)))))


def reckon(what: str, numbers: list[int]) -> int:
    """One of the arithmetic operations, on whole numbers."""
    match what:
        case "+":
            return numbers[0] + numbers[1]
        case "-":
            return numbers[0] - numbers[1]
        case "*":
            return numbers[0] * numbers[1]
        case "abs":
            return abs(numbers[0])
        case "least":
            return min(numbers)
        case _:
            return max(numbers)


def fold(expr: Expr, known: Mapping[str, Value]) -> Expr:
    """The expression with known names put in, simplified as far as that decides it."""
    match expr:
        case Known():
            return expr
        case Name(name, _):
            return Known(known[name]) if name in known else expr
        case Among(name, options):
            return Known(known[name] in options) if name in known else expr
        case Not(of):
            inner = fold(of, known)
            return Known(not inner.value) if isinstance(inner, Known) else Not(inner)
        case All(of):
            return _join(tuple(fold(part, known) for part in of), All, decided=False)
        case AnyOf(of):
            return _join(tuple(fold(part, known) for part in of), AnyOf, decided=True)
        case Compare(sign, left, right):
            a, b = fold(left, known), fold(right, known)
            if isinstance(a, Known) and isinstance(b, Known):
                return Known(COMPARISONS[sign](a.value, b.value))
            return Compare(sign, a, b)
        case Reckon(what, of):
            parts = tuple(fold(part, known) for part in of)
            numbers = [part.value for part in parts if isinstance(part, Known) and isinstance(part.value, int)]
            return Known(reckon(what, numbers)) if len(numbers) == len(parts) else Reckon(what, parts)
        case Choose(branches, otherwise):
            return _choose(branches, otherwise, known)
        case _:
            assert_never(expr)


def _join(parts: tuple[Expr, ...], kind: type[All | AnyOf], *, decided: bool) -> Expr:
    left = tuple(part for part in parts if not (isinstance(part, Known) and part.value is not decided))
    if any(isinstance(part, Known) for part in left):
        return Known(decided)
    if not left:
        return Known(not decided)
    return left[0] if len(left) == 1 else kind(left)


def _choose(branches: tuple[tuple[Expr, Expr], ...], otherwise: Expr, known: Mapping[str, Value]) -> Expr:
    left: list[tuple[Expr, Expr]] = []
    for test, then in branches:
        asked = fold(test, known)
        if not isinstance(asked, Known):
            left.append((asked, fold(then, known)))
        elif asked.value:
            return Choose(tuple(left), fold(then, known)) if left else fold(then, known)
    rest = fold(otherwise, known)
    return Choose(tuple(left), rest) if left else rest
