"""The document about the law says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from duecourse.law.reference import PAGES, refreshed

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "law.md"


@pytest.mark.parametrize("page", PAGES)
def test_the_tables_are_fresh(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    assert all(f"<!-- {name} -->" in text and f"<!-- /{name} -->" in text for name in PAGES[page])
    assert refreshed(text) == text, "run: python -m duecourse.law.reference docs/law*.md"


def test_the_example_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(example, str(PAGE), "exec"), {})  # noqa: S102
