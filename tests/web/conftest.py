"""A running API: a process of its own on a database of its own, two lenders, and tokens of every kind."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp

from duecourse import app
from duecourse.casework.actor import Actor, Role
from duecourse.casework.token import create_token
from duecourse.locale import Language, catalogue
from duecourse.storage import server
from duecourse.storage.connection import Database
from duecourse.storage.tokens import Scope
from duecourse.storage.vault import Vault
from duecourse.web.api.problem import MEDIA_TYPE, Kind
from tests.conftest import _base, _new_database
from tests.desk import DEMO, NOW, enter
from tests.forked import Forked, forked
from tests.permit_desk import MORNING, Clock, set_up
from tests.web.reader import CERTIFICATES, Ground

OTHER = replace(DEMO, lender_id="other", name="另一家演示机构")
OPERATOR = Actor(Role.OPERATOR, "test")
PEOPLE = 120


@dataclass
class Site:
    """A served desk: where it answers, what stands behind it, and its clock."""

    url: str
    database: Database
    vault: Vault
    home: Path
    process: Forked
    clock: Path
    given: dict[tuple[object, ...], str] = field(default_factory=dict)

    def set_clock(self, at: datetime | None) -> None:
        """Let it be this instant for the server; the machine's own clock with None."""
        whole = self.clock.with_suffix(".new")
        whole.write_text(at.isoformat() if at else "", encoding="utf-8")
        whole.replace(self.clock)

    def now(self) -> datetime:
        """The instant that it is for the server."""
        return datetime.fromisoformat(self.clock.read_text(encoding="utf-8"))

    def token(
        self,
        *scopes: Scope,
        lender: str = "demo",
        firm: str | None = None,
        per_minute: int | None = None,
        name: str = "test",
    ) -> str:
        """The text of a token with these scopes; made once."""
        key = (scopes, lender, firm, per_minute, name)
        if key not in self.given:
            with self.database.transaction(lender) as tx:
                self.given[key] = create_token(
                    tx,
                    vault=self.vault,
                    name=name,
                    scopes=scopes,
                    sender_type="lender" if firm is None else "agency",
                    firm=firm,
                    expires_at=NOW + timedelta(days=30),
                    requests_minute_max=per_minute,
                    actor=OPERATOR,
                    now=NOW,
                    chance=os.urandom,
                ).text
        return self.given[key]

    def client(self, *scopes: Scope, lender: str = "demo", firm: str | None = None, **more: object) -> httpx.Client:
        """A client with a token of these scopes; close it."""
        token = self.token(*scopes, lender=lender, firm=firm, **more)  # type: ignore[arg-type]
        head = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.url, headers=head, timeout=30, verify=CERTIFICATES)


def problem(answer: httpx.Response, kind: Kind) -> dict[str, Any]:
    """The problem document of an answer, which must be of this kind."""
    assert answer.headers["content-type"] == MEDIA_TYPE, answer.text
    found: dict[str, Any] = answer.json()
    assert (answer.status_code, found["status"], found["type"]) == (kind.status, kind.status, kind.type)
    spoken = catalogue(Language(answer.headers["content-language"]))
    assert found["title"] == spoken.gettext(kind.title)
    assert found["detail"]
    assert found["instance"] == f"urn:duecourse:request:{answer.headers['x-request-id']}"
    return found


SERVED = ("tests.web.server", "duecourse.web.site", "duecourse.web.api.application", "uvloop", "httptools")
"""What a served site loads: its program, and what that loads when it serves."""


@contextmanager
def serving(url: str, home: Path, clock: Path) -> Iterator[tuple[str, Forked]]:
    """The API on a database until the end of the block; it must stop well when told to."""
    said, saying = os.pipe()
    try:
        process = forked(SERVED, url, str(home), str(clock), stdout=saying)
    finally:
        os.close(saying)
    with os.fdopen(said) as told:
        try:
            port = told.readline().strip()
            assert port, "the server did not start"
            yield f"http://127.0.0.1:{port}/api/v1", process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


@contextmanager
def _site(postgres: server.Place, migrated: str) -> Iterator[Site]:
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    clock = home / "clock"
    clock.write_text(MORNING.isoformat(), encoding="utf-8")
    with _new_database(postgres, migrated) as url, Database(url) as database:
        vault = app.vault_of(app.settings({"DUECOURSE_HOME": str(home)}))
        enter(database, OTHER)
        set_up(database, vault, *range(1, PEOPLE + 1))
        with serving(url, home, clock) as (address, process):
            yield Site(address, database, vault, home, process, clock)


@pytest.fixture(scope="session")
def site(postgres: server.Place, migrated: str) -> Iterator[Site]:
    """The API over two demo lenders, one with borrowers; it is 10:00 in Shanghai until a test says so."""
    with _site(postgres, migrated) as made:
        yield made


@pytest.fixture
def own_site(postgres: server.Place, migrated: str) -> Iterator[Site]:
    """The same for a test that does anything to anybody, and shares its people with no other."""
    with _site(postgres, migrated) as made:
        yield made


@pytest.fixture(autouse=True)
def _ten_in_the_morning(request: pytest.FixtureRequest) -> None:
    if "site" in request.fixturenames:
        request.getfixturevalue("site").set_clock(MORNING)


@contextmanager
def _listening(served: ASGIApp) -> Iterator[str]:
    """An application served by a thread of this process; gives its address."""
    config = uvicorn.Config(served, log_config=None, access_log=False, loop="asyncio", ws="none", lifespan="on")
    running = uvicorn.Server(config)
    # Asyncio sends at once only where the protocol is named: else each answer waits for the reader's system to confirm
    # its head, 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        running.should_exit = True
        thread.join()


@contextmanager
def _ground(database: Database) -> Iterator[Ground]:
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    where = app.settings({"DUECOURSE_HOME": str(home)})
    clock = Clock()
    vault = app.vault_of(where)
    set_up(database, vault, *range(1, 6))
    with _listening(app.web(app.Desk(where, database), clock=clock)) as url:
        made = Ground(database, vault, home, url, clock)
        yield made
        for reader in made.readers.values():
            reader.client.close()


@pytest.fixture
def ground(database: Database) -> Iterator[Ground]:
    """The pages over a demo lender with borrowers, in this process; its clock stands until a test moves it."""
    with _ground(database) as made:
        yield made


@pytest.fixture(scope="session")
def house(postgres: server.Place, migrated: str) -> Iterator[Ground]:
    """The same for all tests that only read, with one reader for each role."""
    with _new_database(postgres, migrated) as url, Database(url) as database, _ground(database) as made:
        yield made
