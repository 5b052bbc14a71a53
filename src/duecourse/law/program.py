"""An expression as a Python function: what a condition says, as the one expression that Python compiles.

Built as a syntax tree, never as text: a word or a name of a rule stays a value whatever stands in it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import assert_never

from duecourse.law.condition import All, Among, AnyOf, Choose, Compare, Expr, Known, Name, Not, Reckon, reckon
from duecourse.law.fact import Value

Facts = Mapping[str, Value]
"""Facts and values that are there: what is missing has been refused before."""

_COMPARE: dict[str, type[ast.cmpop]] = {
    "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE, "=": ast.Eq, "<>": ast.NotEq,
}  # fmt: skip
_BINARY: dict[str, type[ast.operator]] = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult}
_FACTS = "facts"


def compile_value(expr: Expr) -> Callable[[Facts], Value]:
    """A Python function of the facts and values an expression asks, all of which must be there."""
    kept: dict[str, object] = {"reckon": reckon}
    body = _tree(expr, kept)
    arguments = ast.arguments([], [ast.arg(_FACTS)], None, [], [], None, [])
    tree = ast.fix_missing_locations(ast.Expression(ast.Lambda(arguments, body)))
    made: Callable[[Facts], Value] = eval(compile(tree, "<rule>", "eval"), kept)  # noqa: S307 - a tree made here
    return made


def _tree(expr: Expr, kept: dict[str, object]) -> ast.expr:
    match expr:
        case Known(value):
            return _keep(value, kept)
        case Name(name, _):
            return _fact(name)
        case Among(name, options):
            return ast.Compare(_fact(name), [ast.In()], [_keep(frozenset(options), kept)])
        case Not(of):
            return ast.UnaryOp(ast.Not(), _tree(of, kept))
        case All(of):
            return _joined(ast.And(), of, kept)
        case AnyOf(of):
            return _joined(ast.Or(), of, kept)
        case Compare(sign, left, right):
            return ast.Compare(_tree(left, kept), [_COMPARE[sign]()], [_tree(right, kept)])
        case Reckon(what, (left, right)) if what in _BINARY:
            return ast.BinOp(_tree(left, kept), _BINARY[what](), _tree(right, kept))
        case Reckon(what, of):
            numbers = ast.List([_tree(part, kept) for part in of], ast.Load())
            return ast.Call(ast.Name("reckon", ast.Load()), [ast.Constant(what), numbers], [])
        case Choose(branches, otherwise):
            chosen = _tree(otherwise, kept)
            for test, then in reversed(branches):
                chosen = ast.IfExp(_tree(test, kept), _tree(then, kept), chosen)
            return chosen
        case _:
            assert_never(expr)


def _joined(how: ast.boolop, of: tuple[Expr, ...], kept: dict[str, object]) -> ast.expr:
    if len(of) < 2:
        return _tree(of[0], kept) if of else ast.Constant(isinstance(how, ast.And))
    return ast.BoolOp(how, [_tree(part, kept) for part in of])


def _fact(name: str) -> ast.expr:
    return ast.Subscript(ast.Name(_FACTS, ast.Load()), ast.Constant(name), ast.Load())


def _keep(value: object, kept: dict[str, object]) -> ast.expr:
    """A value that the function holds: what Python has no literal for, as a day."""
    if isinstance(value, bool | int | str):
        return ast.Constant(value)
    name = f"kept_{len(kept)}"
    kept[name] = value
    return ast.Name(name, ast.Load())
