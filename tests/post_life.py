"""A worker of the outbox as a process that lives until it is killed, by a clock that runs faster than ours."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from duecourse.casework.gate import Gate
from duecourse.casework.handover import Post
from duecourse.casework.posting import work_on
from duecourse.storage import server
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import parse_ring
from duecourse.trouble import Trouble
from tests.permit_desk import MORNING

FASTER = 20
"""A minute in three seconds: permits end, and a provider that failed is tried again, while we look."""


def clock(began: datetime) -> Callable[[], datetime]:
    """The instant by a clock that stood at 10:00 in Shanghai when the test began."""
    return lambda: MORNING + (datetime.now(UTC) - began) * FASTER


def work(home: str, ring: str, began: str) -> None:
    """Send what waits, for ever, coming back after whatever happens to the server."""
    gate = Gate(Vault(parse_ring(ring, "the test")))
    while True:
        try:
            with server.attached(Path(home)) as place, Database(place.url, connections_max=6) as database:
                post = Post(database, gate, clock(datetime.fromisoformat(began)))
                work_on(post, threads=2, once=False, chance=os.urandom)
        except (psycopg.Error, Trouble, OSError):
            continue
