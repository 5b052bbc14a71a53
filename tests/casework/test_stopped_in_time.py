"""Nothing begins to be sent later than one second after a stop: with real workers, real stops, and a slow provider."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from duecourse.casework.gate import Gate
from duecourse.casework.handover import PROMPT_S, send_next
from duecourse.casework.holds import HoldKind, place
from duecourse.channels.contract import Message, Taken
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import person
from tests.mail_peer import mail_peer
from tests.permit_desk import OPERATOR, Clock
from tests.post_desk import Desk

VAULT = Vault(new_ring())
PEOPLE = 12
STOPPED_S = 1.0


@dataclass
class Slow:
    """A line to a provider that takes its time; what it was given, and when."""

    first: Callable[[], None]
    pause_s: float
    begun: dict[str, float] = field(default_factory=dict)

    def ready(self) -> None:
        """It is always there."""

    def send(self, message: Message) -> Taken:
        self.begun[message.to] = time.monotonic()
        if len(self.begun) == 1:
            self.first()
        time.sleep(self.pause_s)
        return Taken("ok")

    def close(self) -> None:
        """Nothing to let go."""


def stop(desk: Desk, number: int) -> float:
    """Somebody stops everything; an instant that is not before the commit."""
    with desk.database.transaction("demo") as tx:
        place(
            tx, vault=VAULT, person_id=person(number), kind=HoldKind.CEASE, source="test", actor=OPERATOR,
            clock=desk.clock,
        )  # fmt: skip
    return time.monotonic()


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(database, Gate(VAULT), Clock())
    desk.fill(*range(1, PEOPLE + 1))
    with mail_peer(tmp_path) as peer:
        desk.set_up(peer)
        yield desk
    desk.lines.close()


def test_the_second_is_what_people_were_promised() -> None:
    assert PROMPT_S <= STOPPED_S


def test_what_was_allowed_before_a_stop_is_not_begun_when_a_second_has_passed(desk: Desk) -> None:
    """All are allowed in one turn; while the first is handed over everybody stops, and the provider takes its time."""
    desk.queue(*range(1, PEOPLE + 1))
    stopped: dict[str, float] = {}

    def everybody_stops() -> None:
        for number in range(2, PEOPLE + 1):
            stopped[f"demo-{number}@example.com"] = stop(desk, number)

    line = Slow(everybody_stops, 0.3)
    done = send_next(desk.post, "demo", "email", desk.worker, line, most=PEOPLE)
    assert done.left == PEOPLE
    assert "demo-1@example.com" in line.begun
    late = {to: at - stopped[to] for to, at in line.begun.items() if to in stopped and at > stopped[to] + STOPPED_S}
    assert not late
    states = desk.states()
    assert states.count("sent") == len(line.begun)
    assert states.count("failed") == PEOPLE - len(line.begun) > 0


def test_workers_and_people_who_stop_at_any_instant(desk: Desk) -> None:
    """Turns one after the other in a thread of their own, while one person after the other stops."""
    desk.queue(*range(1, PEOPLE + 1))
    stopped: dict[str, float] = {}
    over = threading.Event()
    line = Slow(lambda: None, 0.12)

    def work() -> None:
        while not over.is_set() and send_next(desk.post, "demo", "email", desk.worker, line, most=4).left:
            pass

    worker = threading.Thread(target=work)
    worker.start()
    for number in range(PEOPLE, 0, -1):
        stopped[f"demo-{number}@example.com"] = stop(desk, number)
        time.sleep(0.05)
    worker.join()
    assert line.begun
    assert not {to for to, at in line.begun.items() if at > stopped[to] + STOPPED_S}
    assert set(desk.states()) <= {"sent", "withheld", "failed"}
    assert "queued" not in desk.states()
