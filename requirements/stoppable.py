"""Runs the programs of set-up so that a stop ends them with us.

A Ctrl-C goes to all that the terminal has in front, and each program says something else about it: Python a traceback,
npm a page. So each has a session of its own and hears nothing of it; we kill it, together with all that it started.
Whatever set-up does can be killed at any moment: what was not finished is done anew.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from typing import Any

STOPPED = 130


def run(command: list[str], **how: Any) -> subprocess.CompletedProcess[Any]:  # noqa: ANN401 - what subprocess takes
    """Run a program to its end, as ``subprocess.run`` does; told to stop meanwhile, we kill it and end ourselves."""
    running: subprocess.Popen[Any] | None = None
    stopped = False

    def stop(_number: int, _frame: object) -> None:
        nonlocal stopped
        stopped = True
        if running is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)

    heard = [one for one in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(one) is not signal.SIG_IGN]
    before = {one: signal.signal(one, stop) for one in heard}
    running = subprocess.Popen(command, start_new_session=True, **how)
    if stopped:  # before there was anything to kill
        stop(signal.SIGTERM, None)
    out, err = running.communicate()
    if stopped:
        sys.exit(STOPPED)
    for one, handler in before.items():
        signal.signal(one, handler)
    return subprocess.CompletedProcess(command, running.returncode, out, err)
