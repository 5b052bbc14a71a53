"""Many ask at once, some are killed, so is PostgreSQL: no cap is passed, no window, and nothing free is refused.

Real processes on a real server. What the clients were told is compared with the table, and the table is replayed: at
the instant of each grant the contacts that counted by then were below every cap.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import psutil
import psycopg
import pytest

from duecourse.casework.gate import Gate
from duecourse.casework.permit import Permit
from duecourse.casework.permits import request_permit
from duecourse.casework.redemption import redeem_permit
from duecourse.storage import keeper, server
from duecourse.storage.connection import Database
from duecourse.storage.migrate import migrate
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.casework.permit_client import Orders
from tests.desk import loan, person, phones
from tests.permit_desk import CLOSING, MORNING, OPERATOR, Clock, a_request, ask, granted, point, refused, set_up

ROOT = Path(__file__).parents[2]
RING = new_ring()
VAULT = Vault(RING)
GATE = Gate(VAULT)
CALLS_MAX, UNANSWERED_MAX = 3, 6
"""cn.contact.connected_calls and cn_cba_2026.contact.attempts."""
SECONDS_MAX = 120


@pytest.fixture
def desk(database: Database) -> Database:
    set_up(database, VAULT, 1, 2, 3, 4, 5, 6)
    return database


def orders(url: str, name: str, *targets: tuple[int, int, int], **more: Any) -> Orders:  # noqa: ANN401
    return Orders(name=name, url=url, ring=RING.document(), targets=targets, **more)


def target(desk: Database, number: int) -> tuple[int, int, int]:
    return person(number), loan(number), point(desk, number)


@contextmanager
def process(what: Orders) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.casework.permit_client", json.dumps(asdict(what))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment,
    ) as started:  # fmt: skip
        try:
            yield started
        finally:
            started.kill()


def line(of: subprocess.Popen[str]) -> dict[str, Any]:
    assert of.stdout is not None
    said = of.stdout.readline()
    assert said, "the process ended"
    found: dict[str, Any] = json.loads(said)
    return found


def go(*all_of: subprocess.Popen[str]) -> float:
    """Give the word; returns the instant (``time.time()``) at which the shared clock starts."""
    started = time.time()
    for one in all_of:
        assert one.stdin is not None
        one.stdin.write(f"{started}\n")
        one.stdin.flush()
    return started


def answers(of: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """Everything that was said until the process ended, whole lines only."""
    assert of.stdout is not None
    found = []
    for said in of.stdout:
        with contextlib.suppress(json.JSONDecodeError):
            found.append(json.loads(said))
    return found


def together(*what: Orders) -> list[dict[str, Any]]:
    """Let processes loose at once and wait for all."""
    with contextlib.ExitStack() as stack:
        started = [stack.enter_context(process(one)) for one in what]
        for one in started:
            assert line(one) == {"ready": True}
        go(*started)
        said = [answer for one in started for answer in answers(one)]
        assert all(one.wait(SECONDS_MAX) == 0 for one in started)
    return said


def replayed(database: Database) -> int:
    """Go through the contacts in the order in which they were granted; returns how many there are.

    What counted at the instant of each grant is what had been granted before it and was neither released nor lapsed
    by then; a contact settled by then counts as what it was, any other as everything it could be.
    """
    with database.transaction("demo") as tx:
        rows = tx.execute(
            "SELECT person_id, encode(point_index, 'hex'), local_day, state, connected, known_at, expires_at, "
            "redeemed_at, settled_at FROM contact WHERE direction = 'out' AND channel = 'call' ORDER BY contact_id"
        ).fetchall()
    for place, (who, number, day, *_rest, at, _expires, _redeemed, _settled) in enumerate(rows):
        connected = unanswered = 0
        for other, its_number, its_day, state, answered, _at, expires, redeemed, settled in rows[:place]:
            known = settled is not None and settled <= at
            gone = (known and state == "released") or (redeemed is None and expires <= at and not known)
            if its_day != day or gone:
                continue
            connected += other == who and (answered is not False or not known)
            unanswered += its_number == number and (answered is not True or not known)
        assert connected < CALLS_MAX, f"contact {place + 1} was granted though {connected} calls counted"
        assert unanswered < UNANSWERED_MAX, f"contact {place + 1} was granted though {unanswered} attempts counted"
    return len(rows)


def told_is_kept(database: Database, said: list[dict[str, Any]]) -> None:
    """Every permit that a client was told of is in the table with its contact and its record; nothing half is there.

    All is read by one statement, at one instant: what a client sent before it was killed may be committed after it.
    """
    told = {one["permit"] for one in said if one.get("granted")}
    with database.transaction("demo") as tx:
        row = tx.execute(
            "SELECT ARRAY(SELECT permit_id FROM permit_request WHERE answer = 'granted'), "
            "ARRAY(SELECT contact_id FROM contact), (SELECT count(*) FROM log_entry WHERE kind = 'permit.granted')"
        ).fetchone()
    assert row is not None
    kept, made, records = row
    assert told <= set(kept)
    assert sorted(kept) == sorted(made)
    assert records == len(kept)


def test_many_clients_one_borrower(desk: Database, database_url: str) -> None:
    """64 clients in 4 processes, of the lender and an agency: three calls, no more and no less."""
    one = target(desk, 1)
    said = together(*(orders(database_url, f"p{n}", one, clients=16) for n in range(4)))
    assert len(said) == 64
    assert sum(answer["granted"] for answer in said) == CALLS_MAX
    assert {tuple(answer["rules"]) for answer in said if not answer["granted"]} == {("cn.contact.connected_calls",)}
    assert replayed(desk) == CALLS_MAX
    told_is_kept(desk, said)


def test_two_borrowers_who_share_a_phone(database: Database, database_url: str) -> None:
    """Each has three calls of his own, the number they share six attempts in all: unanswered ones use up the number."""
    set_up(database, VAULT, 1, 2, points=phones(1, 2, value="154 0000 0001"))
    both = target(database, 1), target(database, 2)
    began = MORNING.isoformat()
    said = together(
        *(orders(database_url, f"p{n}", *both, clients=16, rounds=9, mode="call", base=began) for n in range(2))
    )
    with database.transaction("demo") as tx:
        made = tx.value("SELECT count(*) FROM contact WHERE outcome = 'unanswered'")
    assert made == UNANSWERED_MAX
    assert replayed(database) == UNANSWERED_MAX
    told_is_kept(database, said)
    assert "cn_cba_2026.contact.attempts" in refused(ask(database, GATE, Clock()))
    assert "cn_cba_2026.contact.attempts" in refused(ask(database, GATE, Clock(), 2))


def test_a_wait_for_locks_that_straddles_closing_time(desk: Database, database_url: str, tmp_path: Path) -> None:
    """They ask a second before closing, get the locks at closing, and are answered by the clock after the wait."""
    shown = tmp_path / "clock"
    before = CLOSING - timedelta(seconds=1)
    granted(ask(desk, GATE, Clock(before), 2))
    show(shown, before)
    one = orders(database_url, "p", target(desk, 1), clients=8, shown=str(shown))
    with process(one) as clients, psycopg.connect(database_url) as holder:
        assert line(clients) == {"ready": True}
        holder.execute("SELECT set_config('duecourse.lender_id', 'demo', true)")
        holder.execute("SELECT lock_counters('demo', %s, '{}', '{}')", ([person(1)],))
        go(clients)
        wait_until(lambda: waiting(database_url) == 8)
        show(shown, CLOSING)
        holder.commit()
        said = answers(clients)
    assert [answer["granted"] for answer in said] == [False] * 8
    assert all("cn.contact.window" in answer["rules"] for answer in said)
    assert replayed(desk) == 1


def show(clock: Path, at: datetime) -> None:
    """Let a clock that processes look at show an instant."""
    whole = clock.with_suffix(".new")
    whole.write_text(at.isoformat(), encoding="utf-8")
    whole.replace(clock)


def waiting(url: str) -> int:
    """How many wait for a lock of a counter."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
            "WHERE l.locktype = 'advisory' AND NOT l.granted AND a.datname = current_database()"
        ).fetchone()
    return int(found[0]) if found else 0


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS_MAX
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.01)


def test_a_client_killed_while_it_holds_the_locks(desk: Database, database_url: str) -> None:
    """Nothing of it is left, and who waited behind it is served."""
    one = target(desk, 1)
    with process(orders(database_url, "dead", one, mode="hang")) as dead:
        assert line(dead) == {"ready": True}
        go(dead)
        assert line(dead) == {"locked": True}
        with process(orders(database_url, "heir", one, rounds=4)) as heir:
            assert line(heir) == {"ready": True}
            go(heir)
            wait_until(lambda: waiting(database_url) == 1)
            dead.kill()
            said = answers(heir)
    assert [answer["granted"] for answer in said] == [True] * 3 + [False]
    assert replayed(desk) == CALLS_MAX
    told_is_kept(desk, said)


def killed_at_random(desk: Database, url: str, *, kills: int) -> int:
    """Processes that ask and ask, each killed at a moment of its own; then the rest of the budget is used up."""
    chance, said = Random(kills), []
    people = [target(desk, number) for number in range(1, 7)]
    for number in range(kills):
        with process(orders(url, f"k{number}", *people, clients=6, rounds=50)) as one:
            assert line(one) == {"ready": True}
            go(one)
            said += [line(one) for _ in range(chance.randint(1, 40))]
            one.kill()
            said += answers(one)
        told_is_kept(desk, said)
    said += together(orders(url, "last", *people, clients=6, rounds=4))
    told_is_kept(desk, said)
    assert replayed(desk) == CALLS_MAX * len(people)
    return len(said)


def test_clients_killed_at_random(desk: Database, database_url: str) -> None:
    killed_at_random(desk, database_url, kills=2)


@pytest.mark.soak
def test_clients_killed_fifty_times(
    desk: Database, database_url: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("kills of asking clients", 50)
    record_property("answers given between them", killed_at_random(desk, database_url, kills=50))


@pytest.mark.soak
def test_sixty_four_processes_ask_at_once(
    desk: Database, database_url: str, record_property: Callable[[str, object], None]
) -> None:
    """A connection each: a server takes a hundred."""
    people = [target(desk, number) for number in range(1, 7)]
    said = together(*(orders(database_url, f"p{n}", people[n % len(people)], rounds=6) for n in range(64)))
    assert len(said) == 64 * 6
    assert sum(answer["granted"] for answer in said) == CALLS_MAX * len(people)
    assert replayed(desk) == CALLS_MAX * len(people)
    record_property("processes", 64)
    record_property("requests", len(said))


def killed_server(home: Path, *, kills: int) -> int:
    """PostgreSQL itself is killed while clients ask; what they were told is there when it is back."""
    chance, said, day = Random(kills), [], MORNING
    with server.attached(home) as place:
        migrate(place.url)
        with Database(place.url) as database:
            set_up(database, VAULT, 1, 2, 3)
            people = [target(database, number) for number in (1, 2, 3)]
    for number in range(kills):
        day += timedelta(days=1)
        with (
            server.attached(home) as place,
            process(orders(place.url, f"s{number}", *people, clients=3, rounds=500, base=day.isoformat())) as one,
        ):
            assert line(one) == {"ready": True}
            go(one)
            said += [line(one) for _ in range(chance.randint(1, 30))]
            for running in keeper.processes(place.folder / "data"):
                with contextlib.suppress(psutil.NoSuchProcess):
                    running.kill()
            said += answers(one)
        with server.attached(home) as again, Database(again.url) as database:
            told_is_kept(database, said)
            replayed(database)
            used = [free(database, number, day) for number in (1, 2, 3)]
            assert used == [CALLS_MAX] * 3
            replayed(database)
    return len(said)


def free(database: Database, number: int, day: datetime) -> int:
    """Use up what is left of a borrower's day; returns how many calls the day then has."""
    clock = Clock(day + timedelta(minutes=1))
    while True:
        request = a_request(database, number, at=clock())
        answer = request_permit(database, "demo", gate=GATE, request=request, actor=OPERATOR, clock=clock)
        if not isinstance(answer, Permit):
            break
    with database.transaction("demo") as tx:
        return int(
            str(
                tx.value(
                    "SELECT count(*) FROM contact WHERE person_id = %s AND local_day = %s AND state <> 'released'",
                    (person(number), (day + timedelta(hours=8)).date()),
                )
            )
        )


def test_a_killed_postgresql_keeps_the_counters(home: Path) -> None:
    killed_server(home, kills=1)


@pytest.mark.soak
def test_postgresql_killed_twenty_times(home: Path, record_property: Callable[[str, object], None]) -> None:
    record_property("kills of PostgreSQL under asking clients", 20)
    record_property("answers given between them", killed_server(home, kills=20))


def test_who_finds_a_reservation_lapsed_ends_it_for_slower_clocks(desk: Database) -> None:
    fast, slow = Clock(MORNING + timedelta(minutes=10)), Clock(MORNING + timedelta(minutes=9))
    early = [granted(ask(desk, GATE, Clock())) for _ in range(CALLS_MAX)]
    assert isinstance(ask(desk, GATE, fast), Permit)
    for permit in early:
        answer = redeem_permit(
            desk, "demo", gate=GATE, permit_id=permit.permit_id, sender=permit.sender,
            content_hash=permit.content_hash, actor=OPERATOR, clock=slow,
        )  # fmt: skip
        assert refused(answer) == ("ended",)
