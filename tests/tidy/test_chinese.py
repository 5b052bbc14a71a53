"""Chinese in code is punctuated as Chinese is: with full-width signs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.tidy.test_house import modules, none_of, place, text_of

LETTERS = "\u4e00-\u9fff"
HALF = re.compile(rf"[{LETTERS}（）“”](?:\{{\}})?[,:;!?()]|[,:;!?(](?: |\{{\}})?[{LETTERS}]")
OTHER = re.compile(r"[a-z]{2,} [a-z]{2,}|\\[bsd]|\.\{")
"""An English sentence that quotes Chinese, or a pattern."""


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The texts of a module and their lines, docstrings left out; a value put in is ``{}``."""
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr(values=values):
                yield node.lineno, "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in values)
            case ast.Constant(value=str(text)) if id(node) not in parts | alone:
                yield node.lineno, text


def test_chinese_stands_with_full_width_punctuation() -> None:
    none_of(
        (
            f"{place(path, line)}: {text[:60]}"
            for path in modules()
            for line, text in texts(ast.parse(text_of(path)))
            if HALF.search(text) and not OTHER.search(text)
        ),
        "Write ，：；（）！？ between Chinese words.",
    )
