"""What README shows of `make run` is what the demo lender of its full size prints, line by line, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import program

ROOT = Path(__file__).parents[2]
CASE = re.compile(r"(?<=Case )\d+|(?<=案件 )\d+")
"""The number of a case, which depends on who was first of two that were opened at once."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("readme") / "data"
    home.mkdir(mode=0o711)
    return home


def lines(text: str) -> list[str]:
    return [CASE.sub("N", line.rstrip()) for line in text.splitlines()]


def test_readme_shows_what_the_demo_prints(home: Path) -> None:
    for language, page in (("en", "README.md"), ("zh-CN", "README.zh-CN.md")):
        done = program(home, "demo", "--no-web", COLUMNS="80", DUECOURSE_LANG=language)
        assert done.returncode == 0, done.stderr
        printed = lines(done.stdout)
        shown = (ROOT / page).read_text(encoding="utf-8").partition("```text\n")[2].partition("\n```")[0]
        at = 0
        for line in lines(shown):
            if line.strip() in ("", "…"):
                continue
            assert line in printed[at:], f"{page} shows what is not printed, or not there: {line!r}"
            at = printed.index(line, at) + 1
