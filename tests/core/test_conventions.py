"""docs/conventions.md names every parameter with its true default, and all its examples hold."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from enum import Enum
from inspect import signature
from pathlib import Path

import pytest

from duecourse.core.allocation import share_over_debts
from duecourse.core.contract import Terms
from duecourse.core.money import Remainder
from duecourse.core.story import mismatches, parse_stories
from tests.stories.arithmetic import claims

PAGE = (Path(__file__).parents[2] / "docs" / "conventions.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##)", PAGE, flags=re.MULTILINE | re.DOTALL))
EXAMPLES = [
    (PAGE.count("\n", 0, match.start(1)) + 1, match[1])
    for match in re.finditer(r"^```story\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
]


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(member.name for member in value)
    return str(value.value) if isinstance(value, Enum) else str(value)


def test_every_parameter_has_its_section_and_no_other() -> None:
    assert list(SECTIONS) == [field.name for field in fields(Terms)]


@pytest.mark.parametrize("field", fields(Terms), ids=lambda field: field.name)
def test_the_default_is_said_and_an_example_follows(field: object) -> None:
    name, default = getattr(field, "name", ""), getattr(field, "default", MISSING)
    said = "Default: none, it must be given." if default is MISSING else f"Default: `{_shown(default)}`."
    assert SECTIONS[name].lstrip().startswith(said)
    assert "```story" in SECTIONS[name]


def test_the_parameter_of_several_loans_is_said_with_every_choice() -> None:
    default = signature(share_over_debts).parameters["remainder"].default
    several = PAGE[PAGE.index("### Several loans of one borrower") :]
    assert f"parameter `remainder`: default `{default}`" in " ".join(several.split())
    assert all(f"`{choice}`" in several for choice in Remainder)
    assert all(f"remainder {choice} " in several for choice in set(Remainder) - {default})


@pytest.mark.parametrize(("line", "text"), EXAMPLES, ids=[f"line {line}" for line, _ in EXAMPLES])
def test_the_example_holds(line: int, text: str) -> None:
    cases, faults = parse_stories("\n" * (line - 1) + text, name="conventions.md")
    assert not [str(fault) for fault in faults]
    assert not [str(mismatch) for case in cases for mismatch in mismatches(case)]
    assert not [f"{claim.sum} is {claim.value}, not {claim.said}" for claim in claims(text) if not claim.holds]
