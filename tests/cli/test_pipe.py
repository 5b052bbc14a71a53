"""A reader who stops reading, as `| head` does, is no trouble and no finding."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from duecourse.trouble import Exit
from tests.cli.conftest import environment


@pytest.mark.parametrize("command", [["law", "list"], ["law", "list", "--json"], ["--help"], ["version"]])
def test_output_that_nobody_reads_ends_quietly(home: Path, command: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "duecourse", *command],
        env=environment(home),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (Exit.UNREAD, "")
