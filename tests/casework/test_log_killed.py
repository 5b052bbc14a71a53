"""Real kills, of writers, sequencer and PostgreSQL: nothing is lost, doubled or forked, no checkpoint taken back."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

import psutil
import psycopg
import pytest

from duecourse.casework import proving
from duecourse.casework.sequencing import Sequencer
from duecourse.evidence.note import read_checkpoint, read_key, read_note
from duecourse.evidence.tree import root_of
from duecourse.storage import checkpoints, keeper, log, server
from duecourse.storage.connection import Database
from duecourse.storage.migrate import migrate
from duecourse.storage.published import Published
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests import log_life
from tests.desk import NOW, enter

RING = new_ring()
VAULT = Vault(RING)
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.log_life"])


class Lives:
    """Two writers and a sequencer on one log, which somebody kills again and again."""

    def __init__(self, home: Path) -> None:
        self.home, self.told, self.published = home, home / "told", Published(home / "log")
        self.seen: set[bytes] = set()
        self.running: list[BaseProcess] = [self.start(number) for number in range(3)]

    def start(self, number: int) -> BaseProcess:
        if number:
            process = PROCESSES.Process(
                target=log_life.write, args=(str(self.home), RING.document(), str(self.told)), daemon=True
            )
        else:
            process = PROCESSES.Process(
                target=log_life.sequence,
                args=(str(self.home), RING.document(), str(self.published.folder)),
                daemon=True,
            )
        process.start()
        return process

    def kill(self, number: int) -> None:
        """Kill one outright and start another in its place; the fourth is PostgreSQL, which its keeper brings back."""
        if number < len(self.running):
            os.kill(self.running[number].pid or 0, signal.SIGKILL)
            self.running[number].join()
            self.running[number] = self.start(number)
            return
        for process in keeper.processes(server.place_of(self.home).folder / "data"):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def look(self, until: threading.Event) -> None:
        """Keep every checkpoint that anybody could have fetched."""
        while not until.wait(0.002):
            self.seen.add(self.published.checkpoint() or b"")

    def end(self) -> None:
        for process in self.running:
            process.kill()
            process.join()


def _live_and_die(home: Path, kills: int, tell: Callable[[str, object], None]) -> None:
    chance = random.Random(20260301)
    with server.attached(home) as place:
        migrate(place.url)
        with Database(place.url) as database:
            enter(database)
            with database.transaction("demo") as tx:
                log.append(tx, vault=VAULT, kind="case.test", at=NOW, actor="operator:x")
    with server.attached(home):
        lives, over = Lives(home), threading.Event()
        looking = threading.Thread(target=lives.look, args=(over,))
        looking.start()
        dead = [0] * 4
        for _ in range(kills):
            size = len(lives.seen)
            deadline = time.monotonic() + 20
            while len(lives.seen) < size + 2 and time.monotonic() < deadline:  # it works again: two more checkpoints
                time.sleep(0.005)
            assert len(lives.seen) >= size + 2, "the sequencer does not come back"
            time.sleep(chance.uniform(0, 0.05))  # a moment at random, not a wait for something
            number = chance.choice([0, 0, 0, 1, 2, 3])
            lives.kill(number)
            dead[number] += 1
        lives.end()
        over.set()
        looking.join()
    with server.attached(home) as place, Database(place.url) as database:
        _check(database, lives)
    tell("kills", sum(dead))
    tell("of them sequencer, writers, PostgreSQL", f"{dead[0]}, {dead[1] + dead[2]}, {dead[3]}")
    tell("acts told as committed", len(lives.told.read_text(encoding="utf-8").splitlines()))
    tell("checkpoints seen", len(lives.seen))


def _check(database: Database, lives: Lives) -> None:
    Sequencer(database, "demo", VAULT, lives.published, lambda: datetime.now(UTC)).run()
    told = {int(line) for line in lives.told.read_text(encoding="utf-8").splitlines()}
    key = read_key((lives.published.key() or b"").decode())
    with database.transaction("demo") as tx:
        rows = tx.execute("SELECT entry_id, seq FROM log_entry ORDER BY seq").fetchall()
        assert [row[1] for row in rows] == list(range(len(rows)))
        assert told <= {row[0] for row in rows}
        found = proving.audit(tx, lives.published)
        assert (found.records, found.lost, found.waiting, found.findings) == (len(rows), 0, 0, [])
        node = checkpoints.nodes_of(tx)
        for content in lives.seen - {b""}:
            note = read_note(content)
            note.signed_by(key)
            head = read_checkpoint(note.text)
            assert root_of(0, head.size, node) == head.root


def _nothing(_name: str, _value: object) -> None:
    """The small run is not reported."""


def test_killed_fifty_times_the_log_is_whole(home: Path) -> None:
    _live_and_die(home, 50, _nothing)


@pytest.mark.soak
def test_killed_a_thousand_times_the_log_is_whole(home: Path, record_property: Callable[[str, object], None]) -> None:
    _live_and_die(home, 1000, record_property)


def test_a_connection_that_breaks_in_the_middle_leaves_the_log_as_it_was(database_url: str, tmp_path: Path) -> None:
    published = Published(tmp_path / "log")
    with Database(database_url) as database:
        enter(database)
        with database.transaction("demo") as tx:
            log.append(tx, vault=VAULT, kind="case.test", at=NOW, actor="operator:x")

        def broken() -> datetime:
            with psycopg.connect(database_url, autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            return NOW

        with pytest.raises(psycopg.OperationalError):
            Sequencer(database, "demo", VAULT, published, broken).run()
        assert published.checkpoint() is None
        done = Sequencer(database, "demo", VAULT, published, lambda: NOW).run()
    assert done.entries == 1
