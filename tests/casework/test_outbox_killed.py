"""Real kills, of workers, mail server, message centre, PostgreSQL: every message ends, none twice, counters right."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import random
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

import psutil
import psycopg
import pytest

from duecourse.casework.gate import Gate
from duecourse.casework.message import Prepared
from duecourse.casework.permit import Permit
from duecourse.channels.email.letter import tokens_in
from duecourse.law.terms import Channel
from duecourse.storage import keeper, messages, server
from duecourse.storage.connection import Database
from duecourse.storage.migrate import migrate
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from duecourse.trouble import Trouble
from tests import mail_peer, post_life, sms_peer
from tests.permit_desk import Clock
from tests.post_desk import Desk

RING = new_ring()
VAULT = Vault(RING)
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.mail_peer", "tests.post_life"])
AT_ONCE = 4
"""Messages queued between two kills, half of them texts."""

PARTS = 2
"""In which a text goes."""


MAIL, CENTRE, POSTGRESQL = 0, 3, 4
"""What may be killed, by number; 1 and 2 are workers."""


class Lives:
    """Two workers, a mail server and a message centre, which somebody kills again and again; and PostgreSQL."""

    def __init__(self, home: Path, folder: Path, began: datetime) -> None:
        self.home, self.began = home, began
        self.file, self.texts = folder / "delivered", folder / "submitted"
        self.file.touch()
        self.public, self.secret = mail_peer.certificate(folder)
        self.port, self.centre_port = _free_port(), _free_port()
        self.running: list[BaseProcess | subprocess.Popen[bytes]] = [self.start(number) for number in range(POSTGRESQL)]

    def start(self, number: int) -> BaseProcess | subprocess.Popen[bytes]:
        if number == CENTRE:
            command = sms_peer.command(self.texts, self.centre_port, now_and_then=41, pause_s=0.02)
            return subprocess.Popen(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        if number == MAIL:
            given = (self.port, str(self.public), str(self.secret), str(self.file))
            process: BaseProcess = PROCESSES.Process(target=mail_peer.live, args=given, daemon=True)
        else:
            told = (str(self.home), RING.document(), self.began.isoformat())
            process = PROCESSES.Process(target=post_life.work, args=told, daemon=True)
        process.start()
        return process

    def kill(self, number: int) -> None:
        """Kill one outright and start another in its place; PostgreSQL is started anew by its next user."""
        if number < len(self.running):
            os.kill(self.running[number].pid or 0, signal.SIGKILL)
            _wait_for(self.running[number])
            self.running[number] = self.start(number)
            return
        for process in keeper.processes(server.place_of(self.home).folder / "data"):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        with server.attached(self.home):
            return

    def delivered(self) -> Counter[int]:
        """How often each message arrived: a mail as a whole, a text by the part that came most often."""
        names = [tokens_in(line)[0] for line in self.file.read_text(encoding="utf-8").splitlines()]
        found = Counter(int(name.split(".")[1]) for name in names)
        for (number, _part), many in self.parts().items():
            found[number] = max(found[number], many)
        return found

    def parts(self) -> Counter[tuple[int, int]]:
        """How often each part of each text arrived."""
        found: Counter[tuple[int, int]] = Counter()
        for line in self.texts.read_text(encoding="utf-8").splitlines():
            one = json.loads(line)
            found[one["number"], int(one["message"][10:12], 16)] += 1
        return found

    def end(self) -> None:
        for process in self.running:
            process.kill()
            _wait_for(process)


def _wait_for(process: BaseProcess | subprocess.Popen[bytes]) -> None:
    if isinstance(process, BaseProcess):
        process.join()
    else:
        process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _patiently(act: Callable[[], object], seconds: float = 60) -> None:
    """Do it, again and again while the database is away."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            act()
        except (psycopg.Error, Trouble):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _live_and_die(home: Path, folder: Path, kills: int, tell: Callable[[str, object], None]) -> None:
    chance, people = random.Random(20260302), kills * AT_ONCE
    with server.attached(home) as place:
        migrate(place.url)
        with Database(place.url) as database:
            desk = Desk(database, Gate(VAULT), Clock())
            desk.fill(*range(1, people + 1))
            began = datetime.now(UTC)
            lives = Lives(home, folder, began)
            desk.set_up(mail_peer.Peer(lives.port, lives.public, mail_peer.Handler()), seconds="2")
            desk.set_up(sms_peer.at(lives.centre_port, lives.texts), seconds="2")
            desk.clock = post_life.clock(began)  # type: ignore[assignment]
            dead = [0] * 5
            for turn in range(kills):
                _queue(desk, range(turn * AT_ONCE + 1, (turn + 1) * AT_ONCE + 1))
                time.sleep(chance.uniform(0.02, 0.4))  # a moment at random, not a wait for something
                number = chance.choice([MAIL, 1, 1, 2, 2, CENTRE, POSTGRESQL])
                lives.kill(number)
                dead[number] += 1
            _patiently(lambda: _await_the_end(desk), 120)
            lives.end()
            _patiently(lambda: _await_the_end(desk), 10)
            _check(desk, lives)
            states = Counter(desk.states())
    tell("kills", sum(dead))
    of_them = (dead[MAIL], dead[CENTRE], dead[1] + dead[2], dead[POSTGRESQL])
    tell("of them mail server, message centre, workers, PostgreSQL", ", ".join(map(str, of_them)))
    tell("messages", ", ".join(f"{count} {state}" for state, count in sorted(states.items())))


def _queue(desk: Desk, numbers: range) -> None:
    """A message to each of these; asked again after a lost answer it is queued once."""
    made: dict[int, Prepared] = {}

    def queue() -> None:
        for number in numbers:
            if number not in made:
                desk.channel = Channel.SMS if number % 2 else Channel.EMAIL
                made[number] = desk.prepare(number)
        assert all(isinstance(one, Permit) for one in desk.put(list(made.values())))

    _patiently(queue)


def _await_the_end(desk: Desk) -> None:
    """Until nothing waits and nothing is under way."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        with desk.database.transaction("demo") as tx:
            left = tx.value("SELECT count(*) FROM message WHERE state IN ('queued', 'sending')")
        if not left:
            return
        time.sleep(0.1)
    raise AssertionError(f"messages are left: {Counter(desk.states())}")


def _check(desk: Desk, lives: Lives) -> None:
    arrived = lives.delivered()
    parts = lives.parts()
    assert max(arrived.values()) == 1, "a message came twice"
    assert max(part for _, part in parts) == PARTS
    with desk.database.transaction("demo") as tx:
        rows = messages.latest(tx, most=100_000)
        told = tx.execute(
            "SELECT m.message_id, m.channel, m.state, c.state, c.outcome, (SELECT count(*) FROM counted_contact k "
            "WHERE "
            "k.lender_id = m.lender_id AND k.person_id = m.person_id AND k.state <> 'released' AND k.placed) "
            "FROM message m JOIN "
            "contact c ON c.lender_id = m.lender_id AND c.person_id = m.person_id AND c.contact_id = m.permit_id"
        ).fetchall()
        records = Counter(
            (int(number), str(kind))
            for number, kind in tx.execute(
                "SELECT (convert_from(bytes, 'UTF8')::jsonb->'stated'->>'message')::bigint, kind FROM log_entry "
                "WHERE kind LIKE 'message.%%'"
            )
        )
    assert len(told) == len(rows)
    for number, channel, state, contact, outcome, counted in told:
        there = arrived[number]
        if channel == "sms" and state == "sent":
            assert [parts[number, place] for place in range(1, PARTS + 1)] == [1] * PARTS, number
        match state:
            case "sent":
                assert (there, contact, outcome, counted) == (1, "reported", "sent", 1), number
            case "failed":
                assert (there, contact, outcome, counted) == (0, "reported", "failed", 1), number
            case "unknown":
                assert (contact, outcome, counted) == ("reported", "sent", 1), number
            case "withheld":
                assert (there, contact, counted) == (0, "released", 0), number
            case _:
                pytest.fail(f"message {number} is {state}")
        assert records[number, "message.queued"] == 1
        assert records[number, "message.sending"] == (state != "withheld")
        assert records[number, f"message.{state}"] == 1
        assert records[number, "message.sent"] + records[number, "message.failed"] <= 1
    assert {row.message_id for row in rows} >= set(arrived)
    for channel in ("email", "sms"):
        sent = [row.state for row in rows if row.channel == channel]
        assert sent.count("sent") > len(sent) // 3, f"hardly anything was sent: {channel}"


def _nothing(_name: str, _value: object) -> None:
    """The small run is not reported."""


def test_killed_fifty_times_every_message_ends_and_none_comes_twice(home: Path, tmp_path: Path) -> None:
    _live_and_die(home, tmp_path, 50, _nothing)


@pytest.mark.soak
def test_killed_five_hundred_times_every_message_ends_and_none_comes_twice(
    home: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    _live_and_die(home, tmp_path, 500, record_property)
