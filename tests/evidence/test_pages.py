"""The page that describes the log byte by byte shows what the code does."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "evidence.md"


def test_the_examples_of_the_page_are_what_the_code_gives() -> None:
    done = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8", optionflags=doctest.ELLIPSIS)
    assert done.attempted > 15
    assert done.failed == 0


@pytest.mark.parametrize("name", ["tree", "tiles", "note", "record"])
def test_the_examples_of_the_code_hold(name: str) -> None:
    done = doctest.testmod(import_module(f"duecourse.evidence.{name}"))
    assert (done.attempted > 0, done.failed) == (True, 0)
