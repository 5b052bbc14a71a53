"""What the benches share: sizes from the environment, the machine's load, and a PostgreSQL of their own.

Sizes: ``make bench BENCH=day_persisted LOANS=50000``. Every table says how large it was and how busy the machine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import psutil
import psycopg
from psycopg import sql

from duecourse.storage import server

ROUNDS = 5
"""Figures are medians of this many."""

DEBIAN_POSTGRESQL = Path("/usr/lib/postgresql")


def asked(name: str, otherwise: int) -> int:
    """A size named in the environment, or the one that the claim is about."""
    return int(os.environ.get(name) or otherwise)


def load() -> str:
    """How busy the machine is: a figure taken on a busy machine is not the claim's."""
    one, five, _ = os.getloadavg()
    return f"{one:.1f} in the last minute, {five:.1f} in the last five, of {os.cpu_count()} cores"


def seconds(work: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """How long some work takes, several times over."""
    taken = []
    for _ in range(rounds):
        begun = perf_counter()
        work()
        taken.append(perf_counter() - begun)
    return taken


def shown(taken: list[float]) -> str:
    """The median, and in brackets the best and the worst."""
    return f"{median(taken):.2f} s ({min(taken):.2f}-{max(taken):.2f})"


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that goes at the end; PostgreSQL's own user may pass through it."""
    with TemporaryDirectory(prefix="duecourse-bench-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@contextmanager
def postgresql(home: Path) -> Iterator[tuple[server.Place, str]]:
    """A server in ``home`` with our settings, and its name: Debian's where it is installed, else the embedded one."""
    found = [path for path in DEBIAN_POSTGRESQL.glob("*/bin") if (path / "postgres").exists()]
    debian = max(found, key=lambda path: int(path.parent.name), default=None)
    with server.attached(home, own_programs=debian) as place:
        with psycopg.connect(place.url_of("postgres")) as connection:
            version = connection.info.parameter_status("server_version") or "?"
        yield place, f"PostgreSQL {version.split()[0]} ({'Debian' if debian else 'embedded'})"


def server_cpu_us(url: str) -> int:
    """CPU time, in microseconds, that a server of this machine has taken: all its processes, also those that ended."""
    with psycopg.connect(url) as connection:
        keeper = psutil.Process(connection.info.backend_pid).parent()
    assert keeper is not None
    of_ended = keeper.cpu_times()
    spent = of_ended.children_user + of_ended.children_system
    for process in (keeper, *keeper.children()):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            spent += times.user + times.system
    return int(spent * 1_000_000)


def new_database(place: server.Place, name: str, *, like: str = "template0") -> str:
    """The address of a new database on the server, a copy of another one."""
    with psycopg.connect(place.url_of("postgres"), autocommit=True) as connection:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(like)))
        connection.execute("CHECKPOINT")  # what it took to copy is not part of what is measured
    return place.url_of(name)


def drop_database(place: server.Place, name: str) -> None:
    """Drop a database; the next one starts with as much room."""
    with psycopg.connect(place.url_of("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute("CHECKPOINT")
