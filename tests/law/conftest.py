"""The program in this process: starting it anew for each question takes longer than asking."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from duecourse.cli import words
from duecourse.cli.main import main
from duecourse.locale import Language


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has run, in this process: starting the program anew for each question takes longer than asking."""

    returncode: int
    stdout: str
    stderr: str


Program = Callable[..., Ended]


@pytest.fixture
def duecourse(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Program]:
    for name in ("DUECOURSE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "120")

    def run(*said: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["duecourse", *said])
        code = 0
        try:
            main()
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        printed = capsys.readouterr()
        return Ended(code, printed.out, printed.err)

    yield run
    words.use(Language.EN)
