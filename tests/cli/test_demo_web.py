"""The first run to its end: pages and API at one address, names that sign in, and Ctrl-C that leaves nothing behind."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx

from duecourse.sim.users import USERS
from duecourse.trouble import Exit
from tests.cli.conftest import environment, made, program
from tests.cli.test_stopping import PATIENCE_S, wait_until_nothing_runs
from tests.conftest import _base

TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
NAME = re.compile(r"^ ?(\S+) +\S.*? +((?:[a-z2-7]{4}-){3}[a-z2-7]{4}) +(\S.*?) *$", re.MULTILINE)
HALF = re.compile(r'name="half" value="([^"]+)"')


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[None]:
    """However the block ends, the process does not outlive it."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.kill()


def signed_in(at: str, name: str, word: str, code: str | None) -> str:
    """The first page that somebody sees who signs in as the demo says."""
    with httpx.Client(base_url=at, follow_redirects=True, timeout=60) as browser:
        page = browser.get("/sign-in").text
        token = TOKEN.search(page)
        assert token
        page = browser.post("/sign-in", data={"csrf": token[1], "name": name, "password": word}).text
        if code is not None:
            half, token = HALF.search(page), TOKEN.search(page)
            assert half
            assert token
            page = browser.post("/sign-in/code", data={"csrf": token[1], "half": half[1], "code": code}).text
        return page


def test_the_demo_ends_with_pages_that_its_names_open_until_ctrl_c() -> None:
    home = made(_base() / f"web-{uuid4().hex[:6]}")
    command = [sys.executable, "-W", "error", "-m", "duecourse", "demo", "--port", "0"]
    try:
        with (
            subprocess.Popen(
                command, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            ) as running,
            ended(running),
        ):
            assert running.stdout is not None
            shown = ""
            while "Ctrl-C stops everything" not in shown:
                line = running.stdout.readline()
                assert line, shown
                shown += line
            assert "The book on" in shown
            found = re.search(r"http://127\.0\.0\.1:\d+", shown)
            assert found
            at = found.group()
            assert httpx.get(f"{at}/api/v1/health/ready", timeout=60).json() == {"status": "ok"}
            names = NAME.findall(shown)
            assert {name for name, _word, _code in names} == {one for one, _role, _team in USERS}
            for name, word, code in names:
                if name not in {"E01", "admin"}:
                    continue
                said = program(home, "user", "code", name).stdout.strip() if code.startswith("duecourse") else None
                assert f">{name}<" in signed_in(at, name, word, said)
            running.send_signal(signal.SIGINT)
            assert running.wait(PATIENCE_S) in {Exit.OK, Exit.INTERRUPTED}
        wait_until_nothing_runs(home)
    finally:
        shutil.rmtree(home, ignore_errors=True)
