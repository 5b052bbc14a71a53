"""One staged demo for all tests of the terminal that read only: small, made by the program itself, kept for the run."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from duecourse.cli import words
from duecourse.cli.main import main
from duecourse.locale import Language
from duecourse.storage import server
from tests.conftest import _base

LOANS = 300
Show = Callable[..., str]


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a program started in a data folder of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DUECOURSE_", "LC_", "LANG"))}
    return clean | {"DUECOURSE_HOME": str(home), "COLUMNS": "120"} | more


def program(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    command = [sys.executable, "-W", "error", "-m", "duecourse", *arguments]
    return subprocess.run(command, env=environment(home, **more), capture_output=True, text=True, check=False)


def made(home: Path, loans: int = LOANS) -> Path:
    """The demo lender's tapes in a data folder, small."""
    home.mkdir(mode=0o711, exist_ok=True)
    done = program(home, "demo", "generate", "--out", str(home / "demo"), "--loans", str(loans))
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture(scope="session")
def staged() -> Iterator[Path]:
    """The data folder of a small staged demo, its server running; for reading."""
    home = _base() / "staged"
    with (_base() / "staged.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = home / "staged.txt"
        if not said.exists():
            done = program(made(home), "demo", "--no-web")
            said.write_text(f"{done.returncode}\n{done.stderr}", encoding="utf-8")
        status, _, words = said.read_text(encoding="utf-8").partition("\n")
        assert status == "0", words
    with server.attached(home):
        yield home


@pytest.fixture
def show(staged: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Show]:
    """What a command prints on the staged demo; it must end well unless ``status`` says otherwise.

    It runs in this process, since a program takes its time to start; `program` starts one.
    """

    def run(*arguments: str, status: int = 0, **more: str) -> str:
        for name, value in ({"DUECOURSE_HOME": str(staged), "DUECOURSE_LANG": "en", "COLUMNS": "120"} | more).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["duecourse", *arguments])
        said, noted = StringIO(), StringIO()
        with redirect_stdout(said), redirect_stderr(noted), pytest.raises(SystemExit) as ended:
            main()
        assert (ended.value.code or 0) == status, said.getvalue() + noted.getvalue()
        assert "Traceback" not in noted.getvalue()
        return said.getvalue()

    yield run
    words.use(Language.EN)


@pytest.fixture
def data(show: Show) -> Callable[..., Any]:
    """The same as data: the one JSON document that the command prints."""
    return lambda *arguments, status=0: json.loads(show(*arguments, "--json", status=status))
