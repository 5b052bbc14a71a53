"""The embedded server lives exactly as long as somebody uses it, whatever happens to them, to it, or to its keeper."""

from __future__ import annotations

import contextlib
import os
import random
import select
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from duecourse.storage import keeper, server

USER_PROGRAM = """
import sys
from pathlib import Path
from duecourse.storage import server
with server.attached(Path(sys.argv[1])) as place:
    print(place.url, flush=True)
    sys.stdin.read()
"""
SECONDS_MAX = 30


@contextmanager
def a_user(home: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that uses the server until its stdin is closed; it may not be ready yet."""
    command = [sys.executable, "-W", "error", "-c", USER_PROGRAM, str(home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def address(user: subprocess.Popen[str]) -> str:
    """Wait until a user says that it is attached."""
    assert user.stdout is not None
    ready, _, _ = select.select([user.stdout], [], [], SECONDS_MAX)
    assert ready, "the user did not come up"
    return user.stdout.readline().strip()


def wait_until_stopped(home: Path) -> None:
    """Wait until no keeper and no PostgreSQL is left for a data folder."""
    deadline = time.monotonic() + SECONDS_MAX
    while server.status(home).keeper_pid is not None or keeper.processes(home / "postgresql" / "data"):
        assert time.monotonic() < deadline, "the server still runs"
        time.sleep(0.02)


def wait_until_ready(data: Path) -> None:
    """Wait until a server that was started by hand holds its folder and answers: its pid file's last line says so."""
    deadline = time.monotonic() + SECONDS_MAX
    pid_file = data / "postmaster.pid"
    while not pid_file.exists() or not pid_file.read_text().rstrip().endswith("ready"):
        assert time.monotonic() < deadline, "the server does not come up"
        time.sleep(0.02)


def keeper_pid(home: Path) -> int:
    pid = server.status(home).keeper_pid
    assert pid is not None
    return pid


def value(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def test_runs_while_attached_and_not_after(home: Path) -> None:
    with server.attached(home) as place:
        assert value(place.url, "SHOW timezone") == "UTC"
        assert value(place.url, "SHOW server_encoding") == "UTF8"
        assert value(place.url, "SHOW data_checksums") == "on"
        assert server.status(home).keeper_pid is not None
    assert server.status(home).keeper_pid is None, "who leaves last waits until the server has stopped"
    assert not keeper.processes(place.folder / "data")


def test_data_survives_and_a_second_start_is_quick(home: Path) -> None:
    with server.attached(home) as place, psycopg.connect(place.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    began = time.monotonic()
    with server.attached(home) as place:
        assert time.monotonic() - began < 5
        assert value(place.url, "SELECT answer FROM kept") == 42


def test_nobody_else_on_the_machine_gets_in(home: Path) -> None:
    with server.attached(home) as place:
        assert stat.S_IMODE(place.sockets.stat().st_mode) == 0o700
        assert stat.S_IMODE((place.folder / "data").stat().st_mode) == 0o700
        assert value(place.url, "SHOW listen_addresses") == ""


def test_personal_data_does_not_go_into_the_servers_log(home: Path) -> None:
    with server.attached(home) as place, psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE phones (phone text PRIMARY KEY)")
        connection.execute("INSERT INTO phones VALUES ('13900001234')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO phones VALUES ('13900001234')")
    log = (place.folder / "server.log").read_text()
    assert "duplicate key" in log
    assert "13900001234" not in log


def test_a_user_killed_outright_lets_go(home: Path) -> None:
    with a_user(home) as user:
        assert value(address(user), "SELECT 1") == 1
        user.send_signal(signal.SIGKILL)
        wait_until_stopped(home)


def test_ctrl_c_lets_go(home: Path) -> None:
    with a_user(home) as user:
        address(user)
        user.send_signal(signal.SIGINT)
        wait_until_stopped(home)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("delay_ms", [20, 150, 300, 500, 800])
def test_stopped_in_the_middle_of_a_first_start_leaves_nothing_running_and_nothing_broken(
    home: Path, how: signal.Signals, delay_ms: int
) -> None:
    with a_user(home) as user:
        time.sleep(delay_ms / 1000)  # a moment at random, not a wait for something
        user.send_signal(how)
        user.wait(SECONDS_MAX)
        wait_until_stopped(home)
    with server.attached(home) as place:
        assert value(place.url, "SELECT 1") == 1


@pytest.mark.soak
def test_killed_at_a_hundred_moments(home: Path, record_property: Callable[[str, object], None]) -> None:
    chance, data = random.Random(20260301), server.place_of(home).folder / "data"
    for _ in range(100):
        with a_user(home) as user:
            time.sleep(chance.uniform(0, 0.6))
            running = [process.pid for process in keeper.processes(data)][:1]
            keeping = [pid for pid in [server.status(home).keeper_pid] if pid]
            for pid in chance.choice([[user.pid], keeping, running, keeping + running]):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            user.kill()
            user.wait(SECONDS_MAX)
            wait_until_stopped(home)
        with server.attached(home) as place, psycopg.connect(place.url) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS starts (n int)")
            connection.execute("INSERT INTO starts VALUES (1)")
    with server.attached(home) as place:
        starts = value(place.url, "SELECT count(*) FROM starts")
    record_property("kills", 100)
    record_property("clean starts after them", starts)
    assert starts == 100


def test_many_who_come_at_once_share_one_server(home: Path) -> None:
    def use(_: int) -> object:
        with server.attached(home) as place:
            return value(place.url, "SELECT pg_postmaster_start_time()")

    with a_user(home), ThreadPoolExecutor(6) as pool:
        starts = list(pool.map(use, range(6)))
    assert len(starts) == 6
    assert None not in starts
    wait_until_stopped(home)


def test_comings_and_goings_never_meet_a_stopping_server(home: Path) -> None:
    def come_and_go(_: int) -> int:
        for _round in range(4):
            with server.attached(home) as place:
                assert value(place.url, "SELECT 1") == 1
        return 1

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(come_and_go, range(3))) == 3
    wait_until_stopped(home)


def test_a_server_killed_outright_recovers_what_was_committed(home: Path) -> None:
    with server.attached(home) as place:
        with psycopg.connect(place.url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS answer")
        for process in keeper.processes(place.folder / "data"):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        with server.attached(home) as again:
            assert value(again.url, "SELECT answer FROM kept") == 7
    wait_until_stopped(home)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a server that its keeper was killed")
def test_a_keeper_killed_outright_takes_the_server_with_it(home: Path) -> None:
    with server.attached(home) as place:
        assert keeper.processes(place.folder / "data")
        os.kill(keeper_pid(home), signal.SIGKILL)
        wait_until_stopped(home)


def test_a_server_that_lost_its_keeper_is_replaced(home: Path) -> None:
    with server.attached(home) as place:
        user = place.user
    log = (place.folder / "server.log").open("ab")
    command = [str(place.programs / "postgres"), "-D", str(place.folder / "data"), "-k", str(place.sockets), "-h", ""]
    orphan = subprocess.Popen(command, user=user, cwd="/", stdout=log, stderr=log)
    wait_until_ready(place.folder / "data")
    with log, orphan, server.attached(home) as again:
        assert value(again.url, "SELECT 1") == 1
        assert orphan.wait(SECONDS_MAX) == 0


def test_a_pid_file_whose_pid_is_somebody_elses_does_not_matter(home: Path) -> None:
    with server.attached(home) as place:
        pass
    stale = place.folder / "data" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{place.folder / 'data'}\n1\n5432\n{place.sockets}\n\n\nready\n")
    with server.attached(home) as again:
        assert value(again.url, "SELECT 1") == 1


def test_a_first_start_that_was_cut_off_is_begun_anew(home: Path) -> None:
    unfinished = server.place_of(home).folder / "data.unfinished.earlier"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    with server.attached(home) as place:
        assert value(place.url, "SELECT 1") == 1
    assert not unfinished.exists()


def test_start_keeps_it_and_stop_ends_it(home: Path) -> None:
    place = server.start(home)
    assert server.start(home) == place, "starting twice is harmless"
    assert server.status(home).held
    assert value(place.url, "SELECT 1") == 1
    assert server.stop(home)
    assert server.status(home).keeper_pid is None


def test_stop_waits_for_other_users_unless_told_now(home: Path) -> None:
    server.start(home)
    with server.attached(home) as place:
        assert not server.stop(home)
        assert value(place.url, "SELECT 1") == 1
        assert server.stop(home, now=True)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(place.url)
    wait_until_stopped(home)


def test_a_deep_folder_gets_a_short_socket(home: Path) -> None:
    deep = home / ("d" * 60) / ("e" * 60)
    with server.attached(deep) as place:
        assert not place.sockets.is_relative_to(deep)
        assert value(place.url, "SELECT 1") == 1
    place.sockets.rmdir()


def test_a_socket_folder_of_somebody_else_is_refused(home: Path) -> None:
    folder = server.place_of(home).sockets
    folder.chmod(0o777)
    with pytest.raises(server.ServerDidNotStart, match="belongs to somebody else"), server.attached(home):
        pass


def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    with server.attached(home) as place:
        pass
    (place.folder / "data" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(server.ServerDidNotStart, match=r"server\.log"), server.attached(home):
        pass
    assert "no_such_setting" in (place.folder / "server.log").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user for PostgreSQL")
def test_root_in_a_closed_folder_keeps_the_cluster_in_the_state_folder_and_says_so(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    state = home / "state"
    with server.attached(closed / "data", state=state) as place:
        assert place.folder.is_relative_to(state)
        assert place.note is not None
        assert str(place.folder) in place.note
        assert value(place.url, "SELECT 1") == 1
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700, "no folder is opened behind the owner's back"
    closed.chmod(0o711)
    with server.attached(closed / "data", state=state) as again:
        assert again.folder == place.folder, "a database stays where it is"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user for PostgreSQL")
def test_root_is_told_when_a_folder_was_closed_above_the_database(home: Path) -> None:
    open_folder = home / "open"
    with server.attached(open_folder / "data", state=home / "state"):
        pass
    open_folder.chmod(0o700)
    with (
        pytest.raises(server.ServerOutOfReach, match=r"chmod o\+x"),
        server.attached(open_folder / "data", state=home / "state"),
    ):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user for PostgreSQL")
def test_programs_in_a_closed_folder_are_copied_once(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    installed = server.programs()
    package = closed / installed.parent.parent.name
    package.mkdir()
    (package / installed.parent.name).symlink_to(installed.parent)
    libraries = installed.parent.parent.with_name(f"{package.name}.libs")
    (closed / libraries.name).symlink_to(libraries)
    state = home / "state"
    with server.attached(home / "data", state=state, own_programs=package / installed.parent.name / "bin") as place:
        assert place.programs.is_relative_to(state)
        assert value(place.url, "SELECT 1") == 1
    assert [path.name for path in state.iterdir()] == [place.programs.relative_to(state).parts[0]]
