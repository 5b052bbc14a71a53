"""Whoever reads a case or a bundle reads words: each kind of record about a person has them, in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import duecourse
from duecourse.casework.dossier_words import word

_KIND = re.compile(r"[a-z_]+\.[a-z_]+")
_ENDS = {
    "acceleration": ("cured", "carried_out", "over"), "plan": ("kept", "broken", "replaced"),
    "message": ("sent", "failed", "unknown", "withheld"),
}  # fmt: skip
"""Kinds that are put together from how something ended."""


def _calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in names:
                yield node


def _named(call: ast.Call) -> Iterator[str]:
    for value in (*call.args, *(one.value for one in call.keywords)):
        for node in (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _KIND.fullmatch(node.value):
                yield node.value


def _about_a_person(call: ast.Call) -> bool:
    return any(one.arg == "subject" and not isinstance(one.value, ast.Constant) for one in call.keywords)


def kinds() -> dict[str, str]:
    """Every kind that a record about a person can have, with the file that writes it."""
    found = {f"{begin}.{end}": "" for begin, ends in _ENDS.items() for end in ends}
    for path in sorted(Path(duecourse.__file__).parent.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        helpers = [
            one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and one.name in {"record", "_record"}
        ]
        own = any(_about_a_person(call) for one in helpers for call in _calls(one, "append"))
        for call in _calls(tree, "append"):
            if _about_a_person(call):
                found |= dict.fromkeys(_named(call), path.name)
        if own or (not helpers):
            for call in _calls(tree, "record", "_record"):
                found |= dict.fromkeys(_named(call), path.name)
    return found


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_a_kind_of_record_has_words(kind: str) -> None:
    assert word("kinds", kind, "en") != kind, f"dossier_words.json has no words for {kind} ({kinds()[kind]})"
    assert re.search(r"[\u4e00-\u9fff]", word("kinds", kind, "zh")), kind


def test_the_kinds_are_found() -> None:
    assert {"plan.signed", "acceleration.told", "matter.opened", "notice.issued", "person.reveal"} <= set(kinds())
