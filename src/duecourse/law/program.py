"""Conditions as Python functions: one expression, or all the rules of a day in one function.

Built as a syntax tree, never as text: a word or a name of a rule stays a value whatever stands in it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import assert_never

from duecourse.law.condition import All, Among, AnyOf, Choose, Compare, Expr, Known, Name, Not, Reckon, reckon
from duecourse.law.fact import Value

Facts = Mapping[str, Value]
"""Facts and values that are there: what is missing has been refused before."""

_COMPARE: dict[str, type[ast.cmpop]] = {
    "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE, "=": ast.Eq, "<>": ast.NotEq,
}  # fmt: skip
_BINARY: dict[str, type[ast.operator]] = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult}


@dataclass(frozen=True, slots=True)
class Asking:
    """One question of a rule: the facts it needs, and the test, into which the values of the day are put."""

    needs: tuple[str, ...]
    test: Expr


def compile_value(expr: Expr) -> Callable[[Facts], Value]:
    """A Python function of the facts and values an expression asks, all of which must be there."""
    maker = _Maker()
    tree = ast.Expression(ast.Lambda(_ARGUMENTS, maker.tree(expr)))
    made: Callable[[Facts], Value] = eval(_compiled(tree), maker.kept)  # noqa: S307 - a tree made here
    return made


def compile_speaking(rules: Sequence[Sequence[Asking] | None]) -> Callable[[Facts], list[int]]:
    """A Python function that gives the places of those rules that say something of a contact.

    A rule's questions come in order. The first that lacks a fact makes the rule speak (it is missing), the first that
    is answered with no makes it silent, and one whose questions are all answered with yes speaks. ``None`` is silent.
    """
    maker = _Maker(local=True)
    spoken: list[ast.stmt] = []
    for place, questions in enumerate(rules):
        if questions is not None:
            said = ast.Call(ast.Name("speaks", ast.Load()), [ast.Constant(place)], [])
            spoken.append(ast.If(maker.speaks(questions), [ast.Expr(said)], []))
    begin = ast.parse("found = []; speaks = found.append; get = facts.get").body
    fetch = ast.parse("; ".join(f"{local} = get({name!r})" for name, local in maker.locals.items()) or "pass").body
    body = [*begin, *fetch, *spoken, ast.Return(ast.Name("found", ast.Load()))]
    tree = ast.Module([ast.FunctionDef("speaking", _ARGUMENTS, body, [])], [])
    exec(_compiled(tree, "exec"), maker.kept)  # noqa: S102 - a tree made here
    made: Callable[[Facts], list[int]] = maker.kept["speaking"]  # type: ignore[assignment]
    return made


_ARGUMENTS = ast.arguments([], [ast.arg("facts")], None, [], [], None, [])


def _compiled(tree: ast.Expression | ast.Module, how: str = "eval") -> CodeType:
    return compile(ast.fix_missing_locations(tree), "<rules>", how)


class _Maker:
    """Makes trees. Facts are looked up by name where they are asked, or, ``local``, once each beforehand."""

    def __init__(self, *, local: bool = False) -> None:
        self.kept: dict[str, object] = {"reckon": reckon}
        self.local = local
        self.locals: dict[str, str] = {}

    def tree(self, expr: Expr) -> ast.expr:
        """What an expression says."""
        match expr:
            case Known(value):
                return self._keep(value)
            case Name(name, _):
                return self._fact(name)
            case Among(name, options):
                return ast.Compare(self._fact(name), [ast.In()], [self._keep(frozenset(options))])
            case Not(of):
                return ast.UnaryOp(ast.Not(), self.tree(of))
            case All(of):
                return _joined(ast.And(), [self.tree(part) for part in of])
            case AnyOf(of):
                return _joined(ast.Or(), [self.tree(part) for part in of])
            case Compare(sign, left, right):
                return ast.Compare(self.tree(left), [_COMPARE[sign]()], [self.tree(right)])
            case Reckon(what, (left, right)) if what in _BINARY:
                return ast.BinOp(self.tree(left), _BINARY[what](), self.tree(right))
            case Reckon(what, of):
                numbers = ast.List([self.tree(part) for part in of], ast.Load())
                return ast.Call(ast.Name("reckon", ast.Load()), [ast.Constant(what), numbers], [])
            case Choose(branches, otherwise):
                chosen = self.tree(otherwise)
                for test, then in reversed(branches):
                    chosen = ast.IfExp(self.tree(test), self.tree(then), chosen)
                return chosen
            case _:
                assert_never(expr)

    def speaks(self, questions: Sequence[Asking]) -> ast.expr:
        """Whether a rule speaks that has these questions left: one lacks a fact, or all are answered with yes."""
        if not questions:
            return ast.Constant(value=True)
        first, *rest = questions
        lacks = [ast.Compare(self._fact(name), [ast.Is()], [ast.Constant(None)]) for name in first.needs]
        asked = _joined(ast.And(), [part for part in (self.tree(first.test), self.speaks(rest)) if not _is_true(part)])
        return _joined(ast.Or(), [*lacks, asked])

    def _fact(self, name: str) -> ast.expr:
        if self.local:
            return ast.Name(self.locals.setdefault(name, f"fact_{len(self.locals)}"), ast.Load())
        return ast.Subscript(ast.Name("facts", ast.Load()), ast.Constant(name), ast.Load())

    def _keep(self, value: object) -> ast.expr:
        """A value that the function holds: what Python has no literal for, as a day."""
        if isinstance(value, bool | int | str):
            return ast.Constant(value)
        name = f"kept_{len(self.kept)}"
        self.kept[name] = value
        return ast.Name(name, ast.Load())


def _joined(how: ast.boolop, parts: list[ast.expr]) -> ast.expr:
    if len(parts) < 2:
        return parts[0] if parts else ast.Constant(isinstance(how, ast.And))
    return ast.BoolOp(how, parts)


def _is_true(tree: ast.expr) -> bool:
    return isinstance(tree, ast.Constant) and tree.value is True
