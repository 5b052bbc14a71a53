"""What tests share: real PostgreSQL servers, empty or migrated databases, data folders, public data, the program.

``empty_database``  address of a new, empty database; the test runs on the embedded server and on Debian's
``database_url``    the same, migrated
``database``        the same, opened as ``storage.connection.Database``
``home``            a data folder (DUECOURSE_HOME) that the server's own user can reach
``duecourse``       runs the program in that folder, as people do
``public_data``     the folder of a public data set by name; skips, and says so, where there is none
``tool``            the path of a program from Debian by name; likewise
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import gettempdir
from uuid import uuid4
from zlib import crc32

import psycopg
import pytest
from hypothesis import settings as hypothesis_settings

from duecourse.storage import server
from duecourse.storage.connection import Database
from duecourse.storage.migrate import migrate

hypothesis_settings.register_profile("house", deadline=None, print_blob=True)
hypothesis_settings.load_profile("house")

Program = Callable[..., "subprocess.CompletedProcess[str]"]

DEBIAN_POSTGRESQL = Path("/usr/lib/postgresql")
TEMPLATE = "migrated"


def _run_id() -> str:
    """The same for all workers of one run."""
    return os.environ.setdefault("DUECOURSE_TEST_RUN", uuid4().hex[:8])


def _base() -> Path:
    """The folder of this run: short, since sockets live in it, and open to pass, since the server's user must."""
    base = Path(gettempdir()) / f"duecourse-tests-{_run_id()}"
    base.mkdir(exist_ok=True)
    base.chmod(0o711)
    return base


def pytest_configure() -> None:
    """Name the run before workers are started, so that they share it."""
    _run_id()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Remove the run's folder when all workers have let go of their servers."""
    if not hasattr(session.config, "workerinput"):
        shutil.rmtree(_base(), ignore_errors=True)


HERE = Path(__file__).parent
PAGES = tuple(HERE / name for name in ("web", "browser", "sim"))
"""What stands over the acts: tested on the embedded server."""
STORES = (HERE / "storage",)
"""What speaks SQL: tested on the embedded server and on Debian's."""


def _servers_of(path: Path, name: str) -> list[str]:
    """The servers that a test runs on. Acts are tested on one, by the test's name, so that each server sees half."""
    if any(path.is_relative_to(folder) for folder in STORES):
        return ["embedded", "debian"]
    if any(path.is_relative_to(folder) for folder in PAGES):
        return ["embedded"]
    return [("embedded", "debian")[crc32(name.encode()) % 2]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Say on which servers a test runs: on both where it is marked so, or where DUECOURSE_TEST_SERVERS is all."""
    definition = metafunc.definition
    chosen = any("postgres" in mark.args[0] for mark in definition.iter_markers("parametrize"))
    if chosen or "postgres" not in metafunc.fixturenames:
        return
    both = definition.get_closest_marker("both_servers") or os.environ.get("DUECOURSE_TEST_SERVERS") == "all"
    servers = ["embedded", "debian"] if both else _servers_of(definition.path, definition.name)
    metafunc.parametrize("postgres", servers, indirect=True, scope="session")


def debian_programs() -> Path | None:
    """The newest PostgreSQL that Debian installed, None where there is none."""
    found = [path for path in DEBIAN_POSTGRESQL.glob("*/bin") if (path / "postgres").exists()]
    return max(found, key=lambda path: int(path.parent.name), default=None)


def pytest_report_header() -> list[str]:
    """Say up front what this machine cannot test."""
    lines = []
    if debian_programs() is None:
        lines.append("MISSING postgresql: tests on a server of your own are skipped (`make system` installs it)")
    if not os.environ.get("DUECOURSE_TEST_DATA"):
        lines.append("DUECOURSE_TEST_DATA is not set: tests on public data are skipped")
    return lines


def without(what: str, remedy: str) -> None:
    """Skip for want of a tool; fail where the build demands all of them."""
    message = f"{what} is missing: {remedy}"
    if os.environ.get("DUECOURSE_REQUIRE_TOOLS"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def tool() -> Callable[[str], Path]:
    """The path of a program; skips (or fails, in the build) where it is not installed."""

    def find(name: str) -> Path:
        found = shutil.which(name)
        if found is None:
            without(name, "`make system` installs it")
        return Path(found or "")

    return find


@pytest.fixture(scope="session")
def public_data() -> Callable[[str], Path]:
    """The folder of a public data set; skips where DUECOURSE_TEST_DATA does not have it."""

    def find(name: str) -> Path:
        root = os.environ.get("DUECOURSE_TEST_DATA")
        folder = Path(root or "-") / name
        if not root or not folder.is_dir():
            pytest.skip(f"the public data set {name} is not there: DUECOURSE_TEST_DATA names the folder that holds it")
        return folder

    return find


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[server.Place]:
    """A PostgreSQL server, the embedded one or Debian's. Shared by all workers, stopped by the last."""
    kind = str(request.param)
    programs = debian_programs() if kind == "debian" else None
    if kind == "debian" and programs is None:
        without("postgresql", "`make system` installs it")
    with server.attached(_base() / kind, own_programs=programs) as place:
        with psycopg.connect(place.url_of("postgres"), autocommit=True) as connection:
            # Making and dropping a database flushes everything to the disk, and this machine is not switched off here.
            # Tests that kill a server have one of their own, as people have it.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        yield place


@contextmanager
def _new_database(place: server.Place, template: str) -> Iterator[str]:
    name = f"t_{uuid4().hex[:12]}"
    with psycopg.connect(place.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    try:
        yield place.url_of(name)
    finally:
        with psycopg.connect(place.url_of("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="session")
def migrated(postgres: server.Place) -> str:
    """The name of the database on this server that migrated ones are copied from; made once a run."""
    with (_base() / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
            there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (TEMPLATE,)).fetchone()
            if there is None:
                connection.execute(f"CREATE DATABASE {TEMPLATE}_unfinished".encode())
                migrate(postgres.url_of(f"{TEMPLATE}_unfinished"))
                connection.execute(f"ALTER DATABASE {TEMPLATE}_unfinished RENAME TO {TEMPLATE}".encode())
    return TEMPLATE


@pytest.fixture
def empty_database(postgres: server.Place) -> Iterator[str]:
    """The address of a new, empty database, as its owner; dropped after the test."""
    with _new_database(postgres, "template0") as url:
        yield url


@pytest.fixture
def database_url(postgres: server.Place, migrated: str) -> Iterator[str]:
    """The address of a new, migrated database, as its owner; dropped after the test."""
    with _new_database(postgres, migrated) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A new, migrated database, opened in the application's role."""
    with Database(database_url) as opened:
        yield opened


@pytest.fixture(scope="session")
def prepared() -> Path:
    """A data folder as the program leaves it after its first start, stopped; made once a run, to be copied."""
    made, making = _base() / "prepared", _base() / "preparing"
    with (_base() / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            making.mkdir(mode=0o711)
            with server.attached(making) as place:
                migrate(place.url)
            while server.status(making).keeper_pid is not None:
                time.sleep(0.02)
            making.rename(made)
    return made


@pytest.fixture
def home(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A data folder of the test's own; its server, if one was started, ends with its users.

    For a test of the program it is as after the first start, unless the test is marked ``first_start``.
    """
    folder = _base() / uuid4().hex[:8]
    if _started(request):
        subprocess.run(["/bin/cp", "-a", str(request.getfixturevalue("prepared")), str(folder)], check=True)
    else:
        folder.mkdir(mode=0o711)
    yield folder
    shutil.rmtree(folder)


def _started(request: pytest.FixtureRequest) -> bool:
    return "duecourse" in request.fixturenames and request.node.get_closest_marker("first_start") is None


@pytest.fixture
def duecourse(home: Path, request: pytest.FixtureRequest) -> Iterator[Program]:
    """Run the program as people do, in English, its data in ``home``; gives what it printed and its exit status.

    The server runs meanwhile, unless the test is marked ``first_start``.
    """

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("DUECOURSE_", "LC_", "LANG"))
        }
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "duecourse", *arguments],
            env=clean | {"DUECOURSE_HOME": str(home), "COLUMNS": "120"} | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    with server.attached(home) if _started(request) else nullcontext():
        yield run
