"""The keeper: a small process that owns the embedded PostgreSQL and stops it when its last user is gone.

Started by ``storage.server`` as a program of its own, so it imports nothing of duecourse. It never asks who uses the
server: the users hold a shared lock on ``users.lock``, which the kernel takes back from any process that ends, however
it ends (Ctrl-C, kill -9). The keeper waits for the exclusive lock; once it has it, nobody is left, and nobody can come
until it lets go. Files in the folder of the server:

``users.lock``   shared by every process that uses the server, exclusive for who stops it
``start.lock``   exclusive for who starts it; handed on to the keeper until the server is ready
``keeper.lock``  exclusive for the keeper as long as it lives; holds its pid
``server.lock``  exclusive for PostgreSQL and all its processes, which inherit it from the keeper
``hold.lock``    exclusive for the process that ``server start`` leaves behind as a user; holds its pid
``data``         the cluster; ``run`` its socket; ``server.log`` what keeper and PostgreSQL have to say
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import psutil

PORT = 5432
"""Part of the socket's file name; nothing listens on a network."""

START_SECONDS = 300
"""How long a start may take; recovery after a crash replays what was written since the last checkpoint."""

STOP_SECONDS = 60
"""How long sessions may take to end before the server is stopped without a last checkpoint (safe, slower to start)."""

LOG_BYTES = 5_000_000
"""A longer log is put aside at the next start."""

PROBES_MAX = 100
"""How often a holder tries for its lock before it believes that there is another one."""

_BUILTIN_LOCALE_SINCE = 17
_PR_SET_PDEATHSIG = 1

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "max_connections": "100",
    # A plan made while a table was empty reads all of it, until statistics say how it has grown.
    "autovacuum_naptime": "10s",
    # Rows and statements hold personal data: neither goes into the log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_statement": "none",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is kept: the server's folder, its programs, its socket folder, and the user it runs as (None: ours)."""

    folder: Path
    programs: Path
    sockets: Path
    user: str | None

    @property
    def data(self) -> Path:
        """The cluster."""
        return self.folder / "data"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs to its end, as the server's user; raises what ``subprocess`` raises."""
        command = [str(self.programs / program), *arguments]
        subprocess.run(
            command, check=True, user=self.user, group=self._group(), extra_groups=self._groups(),
            stdin=subprocess.DEVNULL, cwd="/", env=self._environment(),
        )  # fmt: skip

    def start(self, lock: int) -> subprocess.Popen[bytes]:
        """Start the server, which inherits its lock; on Linux the kernel stops it if the keeper itself is killed."""
        options = [f"--{name}={value}" for name, value in SETTINGS.items()]
        options.append(f"--unix_socket_directories={self.sockets}")
        return subprocess.Popen(
            [str(self.programs / "postgres"), "-D", str(self.data), "-p", str(PORT), *options],
            user=self.user, group=self._group(), extra_groups=self._groups(),
            pass_fds=(lock,), preexec_fn=_end_with_parent(),  # noqa: PLW1509 - there is one thread yet
            stdin=subprocess.DEVNULL, cwd="/", env=self._environment(),
        )  # fmt: skip

    def _group(self) -> int | None:
        return None if self.user is None else pwd.getpwnam(self.user).pw_gid

    def _groups(self) -> list[int] | None:
        return None if self.user is None else []

    def _environment(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

    def own(self, path: Path) -> None:
        """Give a path to the server's user alone."""
        if self.user is not None:
            entry = pwd.getpwnam(self.user)
            os.chown(path, entry.pw_uid, entry.pw_gid)
        path.chmod(0o700)


def _end_with_parent() -> Callable[[], None] | None:
    """What makes the kernel stop the server when the keeper ends; None where there is no such thing."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0)

    return ask


def processes(data: Path) -> list[psutil.Process]:
    """Every process of a PostgreSQL that works on this cluster, whatever a left-over pid file says."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            ours = process.name().startswith("postgres") and not _ended(process)
            if ours and (process.cwd() == str(data) or str(data) in process.cmdline()):
                found.append(process)
    return found


def ready(data: Path, pid: int) -> bool:
    """Whether the server of that pid says that it takes connections."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    return bool(lines) and lines[0] == str(pid) and lines[-1].strip() == "ready"


def make_cluster(keeping: Keeping) -> None:
    """Make an empty cluster, whole or not at all: it appears under its name when it is finished."""
    if (keeping.data / "PG_VERSION").exists():
        return
    # A killed keeper may have left a program that still writes: each attempt has a folder of its own.
    for earlier in keeping.folder.glob("data.unfinished.*"):
        shutil.rmtree(earlier, ignore_errors=True)
    unfinished = Path(mkdtemp(prefix="data.unfinished.", dir=keeping.folder))
    keeping.own(unfinished)
    version = subprocess.run(
        [str(keeping.programs / "postgres"), "--version"], check=True, capture_output=True, text=True
    ).stdout.split()[2]
    # Text sorts by code point on every machine; letters' case follows Unicode where the server can do so alone.
    builtin = int(version.split(".")[0]) >= _BUILTIN_LOCALE_SINCE
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if builtin else []
    keeping.run(
        "initdb", "--pgdata", str(unfinished), "--username=postgres", "--auth=trust", "--encoding=UTF8",
        "--locale=C", *locale, "--data-checksums",
    )  # fmt: skip
    unfinished.rename(keeping.data)


def clear_leftovers(keeping: Keeping) -> int:
    """Stop a server that lost its keeper, remove what a killed one left; return the lock that a server inherits.

    The lock is what makes this safe: a server that was just forked, and is not to be seen yet, holds it already. Two
    servers never work on one cluster. Raises RuntimeError where the old one does not end.
    """
    deadline, how = time.monotonic() + STOP_SECONDS, [signal.SIGKILL, signal.SIGQUIT, signal.SIGINT]
    while True:
        leftovers = processes(keeping.data)
        if not leftovers:
            with contextlib.suppress(BlockingIOError):
                lock = locked(keeping.folder / "server.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
        for process in leftovers:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(how[-1])
        if time.monotonic() > deadline:
            how.pop()
            deadline += STOP_SECONDS
        if not how:
            raise RuntimeError(f"a server without keeper does not end: {[process.pid for process in leftovers]}")
        time.sleep(0.05)
    # A pid that now belongs to somebody else would keep PostgreSQL from starting.
    (keeping.data / "postmaster.pid").unlink(missing_ok=True)
    for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (keeping.sockets / name).unlink(missing_ok=True)
    return lock


def _stop(server: psutil.Process) -> None:
    """Stop a server: sessions are ended and what they had not committed is gone; killed only if that takes too long."""
    for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        with contextlib.suppress(psutil.NoSuchProcess):
            server.send_signal(how)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            if _ended(server):
                return
            time.sleep(0.02)


def _ended(server: psutil.Process) -> bool:
    """Whether a process has ended; it may still be listed if its parent never asks for its status."""
    try:
        return not server.is_running() or server.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_ready(keeping: Keeping, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server takes connections; raises RuntimeError where it ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while not ready(keeping.data, server.pid):
        if server.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended with status {server.returncode} while starting")
        if time.monotonic() > deadline:
            _stop(psutil.Process(server.pid))
            raise RuntimeError(f"PostgreSQL was not ready after {START_SECONDS} s")
        time.sleep(0.02)


def locked(path: Path, how: int = fcntl.LOCK_EX) -> int:
    """A new descriptor of a lock file, locked; raises BlockingIOError if asked not to wait and somebody holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, how)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def sign(descriptor: int) -> None:
    """Write our pid into a lock file that we hold."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)


def _wait_for_the_end(folder: Path, server: subprocess.Popen[bytes]) -> None:
    """Return when nobody uses the server (then new users are kept out), when told to stop, or when it has ended.

    A signal may come at any moment, so nothing here relies on being interrupted: the thread and the signals both
    write into one pipe, which is read.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(writing)

    def wait_for_users() -> None:
        locked(folder / "users.lock")  # kept until this process ends
        os.write(writing, b"\0")

    threading.Thread(target=wait_for_users, daemon=True).start()
    if server.poll() is None:
        os.read(reading, 1)


def _tell(report: int, what: str) -> None:
    """Tell who started us; they may have been killed meanwhile, which is no reason for us to fall too."""
    with contextlib.suppress(BrokenPipeError):
        os.write(report, f"{what}\n".encode())
    os.close(report)


def keep(keeping: Keeping, start: int, report: int) -> None:
    """Start the server, say so, wait until nobody needs it, stop it."""
    keeper = locked(keeping.folder / "keeper.lock")
    sign(keeper)
    try:
        lock = clear_leftovers(keeping)
        make_cluster(keeping)
        server = keeping.start(lock)
        wait_ready(keeping, server)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        _tell(report, f"failed {error}")
        raise
    os.close(start)
    _tell(report, "ready")
    _wait_for_the_end(keeping.folder, server)
    if server.poll() is None:
        _stop(psutil.Process(server.pid))
    os.close(keeper)  # before the users' lock, so that who comes next finds no keeper


def hold(folder: Path, report: int) -> None:
    """Be a user of the server until told to stop: what ``server start`` leaves behind."""
    for _ in range(PROBES_MAX):
        try:
            holding = locked(folder / "hold.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            time.sleep(0.01)  # somebody holds it, or just looks whether somebody does
    else:
        _tell(report, "ready")
        return
    sign(holding)
    locked(folder / "users.lock", fcntl.LOCK_SH)
    _tell(report, "ready")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        signal.pause()


def _detach(log: Path) -> None:
    """Leave the terminal: a Ctrl-C there is for the commands, which then let go of the server."""
    if os.fork():
        os._exit(0)
    os.setsid()
    os.chdir("/")
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".old.log"))
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(out, stream)
    os.close(out)


def main() -> None:
    """Read the arguments that ``storage.server`` gives, leave its process group, keep or hold."""
    parser = argparse.ArgumentParser(prog="keeper")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--report", type=int, required=True)
    parser.add_argument("--hold", action="store_true")
    parser.add_argument("--start", type=int)
    parser.add_argument("--programs", type=Path)
    parser.add_argument("--sockets", type=Path)
    parser.add_argument("--user")
    given = parser.parse_args()
    _detach(given.folder / "server.log")
    if given.hold:
        hold(given.folder, given.report)
        return
    keeping = Keeping(given.folder, given.programs, given.sockets, given.user)
    keep(keeping, given.start, given.report)


if __name__ == "__main__":
    main()
