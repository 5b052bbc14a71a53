"""A web process is killed while clients ask it: what they were told is there, and no counter is wrong."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from random import Random
from threading import Event
from typing import Any
from uuid import uuid4

import httpx
import pytest

from duecourse import app
from duecourse.casework.token import create_token
from duecourse.storage import server
from duecourse.storage.connection import Database
from duecourse.storage.tokens import Scope
from tests.conftest import _base, _new_database
from tests.desk import NOW, loan, person
from tests.permit_desk import CONTENT, MORNING, OPERATOR, point, set_up
from tests.web.conftest import serving

PEOPLE = range(1, 9)
CLIENTS = 16
CALLS_MAX = 3
"""cn.contact.connected_calls."""

SECONDS = 60


class Crowd:
    """Clients who ask for calls to the same few people, over and over, until the server is gone."""

    def __init__(self, database: Database, token: str) -> None:
        self.head = {"Authorization": f"Bearer {token}"}
        self.points = {number: str(point(database, number)) for number in PEOPLE}
        self.told: set[str] = set()
        self.keys, self.answers = count(1), count(1)

    def asked(self, number: int) -> dict[str, Any]:
        return {
            "person": str(person(number)), "loans": [str(loan(number))], "contact_point": self.points[number],
            "channel": "call", "at": MORNING.isoformat(), "template": "m1.call", "content_sha256": CONTENT,
            "staff": "E01",
        }  # fmt: skip

    def client(self, url: str, seed: int, enough: int, reached: Event) -> None:
        """One of them; ``reached`` is set once so many answers came to all together."""
        chance = Random(seed)
        with httpx.Client(base_url=url, headers=self.head, timeout=SECONDS) as client:
            while not reached.is_set():
                key = f"k{next(self.keys)}"
                try:
                    answer = client.post(
                        "/permits", json=self.asked(chance.choice(PEOPLE)), headers={"Idempotency-Key": key}
                    )
                except httpx.TransportError:
                    return
                assert answer.status_code in (201, 409), answer.text
                if answer.status_code == 201:
                    self.told.add(answer.json()["permit"])
                if next(self.answers) >= enough:
                    reached.set()


@contextmanager
def _desk(postgres: server.Place, migrated: str) -> Iterator[tuple[str, Path, Database, Crowd]]:
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    (home / "clock").write_text(MORNING.isoformat(), encoding="utf-8")
    with _new_database(postgres, migrated) as url, Database(url) as database:
        vault = app.vault_of(app.settings({"DUECOURSE_HOME": str(home)}))
        set_up(database, vault, *PEOPLE)
        with database.transaction("demo") as tx:
            token = create_token(
                tx, vault=vault, name="crowd", scopes=(Scope.PERMIT_REQUEST,), sender_type="lender", firm=None,
                expires_at=NOW.replace(year=2030), requests_minute_max=None, actor=OPERATOR, now=NOW,
                chance=os.urandom,
            ).text  # fmt: skip
        yield url, home, database, Crowd(database, token)


def killed(postgres: server.Place, migrated: str, *, kills: int) -> int:
    """Kill the web process so often, at moments of chance; then use up what is left. Gives the permits told."""
    chance = Random(kills)
    with _desk(postgres, migrated) as (url, home, database, crowd), ThreadPoolExecutor(CLIENTS) as pool:
        for turn in range(kills + 1):
            reached = Event()
            last = turn == kills
            crowd.answers = count(1)
            with serving(url, home, home / "clock") as (address, process):
                enough = 240 if last else chance.randint(2, 60)
                sent = [pool.submit(crowd.client, address, turn * CLIENTS + n, enough, reached) for n in range(CLIENTS)]
                while not reached.wait(0.01):
                    early = [one for one in sent if one.done()]
                    assert not early or reached.is_set(), early[0].result()
                if not last:
                    process.kill()
                for one in sent:
                    one.result(SECONDS)
            with database.transaction("demo") as tx:
                kept = {
                    str(row[0]) for row in tx.execute("SELECT permit_id FROM permit_request WHERE answer = 'granted'")
                }
                made = {str(row[0]) for row in tx.execute("SELECT contact_id FROM contact")}
                records = tx.value("SELECT count(*) FROM log_entry WHERE kind = 'permit.granted'")
                most = tx.execute("SELECT person_id, count(*) FROM contact GROUP BY 1").fetchall()
            assert crowd.told <= kept
            assert kept == made
            assert records == len(kept)
            assert all(calls <= CALLS_MAX for _, calls in most)
        assert sorted(calls for _, calls in most) == [CALLS_MAX] * len(PEOPLE)
    return len(crowd.told)


def test_a_killed_web_process_keeps_the_counters(postgres: server.Place, migrated: str) -> None:
    assert killed(postgres, migrated, kills=2)


@pytest.mark.soak
def test_a_web_process_killed_fifty_times(
    postgres: server.Place, migrated: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("kills of a serving process", 50)
    record_property("permits told between them", killed(postgres, migrated, kills=50))
