"""Processes that live on a log until they are killed: one writes acts, one sequences. Used by the kill tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from duecourse.casework.sequencing import Sequencer
from duecourse.storage import log, server
from duecourse.storage.connection import Database
from duecourse.storage.published import Published
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import parse_ring
from duecourse.trouble import Trouble


def live(home: Path, work: Callable[[Database], None]) -> None:
    """Work on the desk of a data folder for ever, coming back after whatever happens to the server."""
    while True:
        try:
            with server.attached(home) as place, Database(place.url, connections_max=2) as database:
                while True:
                    work(database)
        except (psycopg.Error, Trouble, OSError):
            continue


def write(home: str, ring: str, told: str) -> None:
    """Commit acts, one or a few in a transaction, and tell the number of each once it is committed."""
    vault = Vault(parse_ring(ring, "the test"))
    file = os.open(told, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def act(database: Database) -> None:
        with database.transaction("demo") as tx:
            entries = [
                log.append(tx, vault=vault, kind="case.test", at=datetime.now(UTC), actor="operator:x")
                for _ in range(1 + os.getpid() % 3)
            ]
        os.write(file, "".join(f"{entry}\n" for entry in entries).encode())

    live(Path(home), act)


def sequence(home: str, ring: str, folder: str) -> None:
    """Sequence, a few entries at a time, so that every kill is in the middle of something."""
    vault, published = Vault(parse_ring(ring, "the test")), Published(Path(folder))

    def run(database: Database) -> None:
        Sequencer(database, "demo", vault, published, lambda: datetime.now(UTC)).run(most=7)

    live(Path(home), run)
