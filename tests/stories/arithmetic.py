"""The sums in comments: ``# 10,000.00 x 18% x 31 / 360 = 155.00`` is worked out exactly and rounded half up.

Operators: ``+ - x / ^ ( )``; ``18%`` is 18 / 100. So the figures that a story expects are reckoned a second time by
nothing but arithmetic, apart from the engine.
"""

from __future__ import annotations

import ast
import operator
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SUM = re.compile(r"((?:[\d.%()+\-x/^ ]|,(?=\d))+) = (?=([\d,]+(?:\.\d+)?))")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?%?")
OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@dataclass(frozen=True, slots=True)
class Claim:
    """One sum of a comment, what it is said to be, and what it is."""

    line: int
    sum: str
    said: str
    value: Fraction

    @property
    def holds(self) -> bool:
        """Whether the value, rounded half up to the decimals of what is said, is what is said."""
        plain = self.said.replace(",", "")
        scale = 10 ** len(plain.partition(".")[2])
        return bool(Fraction(plain) * scale == (2 * self.value * scale + 1) // 2)


def claims(text: str) -> Iterator[Claim]:
    """Every sum in the comments of a story file."""
    for number, line in enumerate(text.splitlines(), start=1):
        for match in SUM.finditer(line.partition("#")[2]):
            spelled = match[1].strip(" ,.-x/")
            if re.search(r"[+x/^]| - ", spelled):
                yield Claim(number, spelled, match[2].rstrip(","), _worked_out(spelled))


def _worked_out(spelled: str) -> Fraction:
    python = NUMBER.sub(lambda match: f"'{match[0].replace(',', '')}'", spelled).replace("x", "*").replace("^", "**")
    return _value(ast.parse(python, mode="eval").body)


def _value(node: ast.expr) -> Fraction:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        part = Fraction(node.value.rstrip("%"))
        return part / 100 if node.value.endswith("%") else part
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        return _value(node.left) ** int(_value(node.right))
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](_value(node.left), _value(node.right))
    raise ValueError(f"no sum: {ast.dump(node)}")
