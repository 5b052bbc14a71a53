"""A program that takes seconds to load, started at once: forked from a process that has loaded it and waits.

What is started is a process of its own, with its own session, output and end. ``python -m tests.forked MODULE...`` is
the one that waits: it loads the modules, calls ``main`` of the first for each that is asked for, ends with its asker.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import warnings
from functools import cache
from importlib import import_module

PIECE = 65_536


class Forked:
    """A process that was started, as its starter sees it."""

    def __init__(self, told: socket.socket) -> None:
        self._told = told
        self.pid = int(told.recv(PIECE))
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """The status with which it ends, negative the signal that ended it; raises `TimeoutError`."""
        if self.returncode is None:
            self._told.settimeout(timeout)
            self.returncode = int(self._told.recv(PIECE))
            self._told.close()
        return self.returncode

    def poll(self) -> int | None:
        """The same if it has ended, None while it runs."""
        if self.returncode is None and not select.select([self._told], [], [], 0)[0]:
            return None
        return self.wait()

    def send_signal(self, which: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, which)

    def kill(self) -> None:
        """End it without a word."""
        self.send_signal(signal.SIGKILL)


@cache
def _loaded(modules: tuple[str, ...]) -> socket.socket:
    """The way to a process that has loaded the modules; it ends with this one."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with there:
        command = [sys.executable, "-W", "error", "-m", "tests.forked", *modules]
        process = subprocess.Popen(command, stdin=there.fileno(), start_new_session=True)

    def end() -> None:
        here.close()
        process.wait()

    atexit.register(end)
    return here


def forked(modules: tuple[str, ...], *arguments: str, stdout: int) -> Forked:
    """Call ``main`` of the first of the modules with these arguments in a process of its own."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with there:
        socket.send_fds(_loaded(modules), [json.dumps(arguments).encode()], [stdout, 2, there.fileno()])
    return Forked(here)


def _asked(way: socket.socket) -> list[str] | None:
    """Start what is asked for and tell how it ends; gives arguments in each process that was started, None at last."""
    running: dict[int, tuple[int, socket.socket]] = {}
    while True:
        for ready in select.select([way.fileno(), *running], [], [])[0]:
            if ready != way.fileno():
                pid, told = running.pop(ready)
                os.close(ready)
                with told:
                    _answer(told, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
                continue
            said, handles, _flags, _from = socket.recv_fds(way, PIECE, 3)
            if not said:
                return None
            output, errors, teller = handles
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # threads of libraries wait: nothing was computed
                pid = os.fork()
            if pid == 0:
                for handle in (teller, way.detach(), *(told.detach() for _pid, told in running.values()), *running):
                    os.close(handle)
                os.setsid()
                for place, handle in enumerate((os.open(os.devnull, os.O_RDONLY), output, errors)):
                    os.dup2(handle, place)
                    os.close(handle)
                found: list[str] = json.loads(said)
                return found
            os.close(output)
            os.close(errors)
            told = socket.socket(fileno=teller)
            running[os.pidfd_open(pid)] = pid, told
            _answer(told, pid)


def _answer(told: socket.socket, number: int) -> None:
    try:
        told.send(str(number).encode())
    except BrokenPipeError:  # who asked no longer wants to know
        return


def main(*modules: str) -> None:
    """Load, then wait to be asked."""
    loaded = [import_module(name) for name in modules]
    way = socket.socket(fileno=os.dup(0))
    arguments = _asked(way)
    if arguments is None:
        way.close()
        return
    loaded[0].main(*arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
