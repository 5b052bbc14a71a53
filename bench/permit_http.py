"""Permits over HTTP, reserved durably: aim 800/s at 32 clients, and p99 10 ms at 8 clients under 200/s.

Everything is real and on one machine: the API in processes of its own, PostgreSQL with its default settings (a commit
is on disk before it is answered), and the clients in another process, whose work counts against the same cores. Each
request is for a contact that the law allows; what PostgreSQL then holds is counted against the answers.
PEOPLE names another number of borrowers.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

import polars as pl
import psycopg

from bench._ground import ROUNDS, asked, folder, load, new_database, postgresql
from bench._served import MORNING
from duecourse import app
from duecourse.casework import parties
from duecourse.casework.actor import Actor, Role
from duecourse.casework.enter_lender import enter_lender
from duecourse.casework.parties import Batch
from duecourse.casework.registers import put_on_record
from duecourse.casework.staff import OfStaff
from duecourse.casework.token import create_token
from duecourse.core.ids import loan_key, person_id
from duecourse.storage.connection import Database
from duecourse.storage.lenders import Lender
from duecourse.storage.migrate import migrate
from duecourse.storage.tokens import Scope

PEOPLE = 20_000
CALLS_EACH = 3
REQUESTS = 6_000
PACED_SECONDS = 20
WARM = 2_000
ACTOR = Actor(Role.OPERATOR, "bench")
LENDER = Lender("bench", "演示消费金融", "CN", "Asia/Shanghai", "CNY", "consumer_finance", demo=True, masters={})
SCRIPT = sha256(b"the script as it is spoken").hexdigest()


@dataclass
class Ground:
    """A served desk, and the contacts that its people may still be asked for."""

    database: Database
    token: str
    port: int
    home: Path
    contacts: Iterator[dict[str, Any]]

    def run(self, path: str, requests: int, *, clients: int, per_second: int = 0) -> dict[str, Any]:
        """Put requests to a path, and give what each took."""
        head = (
            f"POST /api/v1{path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nIdempotency-Key: {monotonic()}-{{number}}\r\n"
        )
        plan = {
            "host": "127.0.0.1", "port": self.port, "head": head, "clients": clients, "per_second": per_second,
            "bodies": list(islice(self.contacts, requests)),
        }  # fmt: skip
        file = self.home / "plan.json"
        file.write_text(json.dumps(plan), encoding="utf-8")
        command = [sys.executable, "-m", "bench._http_load", str(file)]
        found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        assert found["requests"] == requests, found
        return found


def set_up(database: Database, home: Path, people: int) -> tuple[str, list[dict[str, Any]]]:
    """Enter a lender, its borrowers with a mobile and a loan each, and an agent; a token, and a call to each."""
    vault = app.vault_of(app.settings({"DUECOURSE_HOME": str(home)}))
    ids = [person_id(LENDER.lender_id, f"C{n}") for n in range(people)]
    loans = [loan_key(LENDER.lender_id, f"L{n}") for n in range(people)]
    persons = pl.DataFrame(
        {
            "person_id": ids, "kind": "natural", "name": "张三", "id_kind": "resident_id",
            "id": [f"9901011990{n:07d}X" for n in range(people)], "birth": MORNING.date() - timedelta(days=12_000),
            "reference": [f"C{n}" for n in range(people)],
        },
        schema=parties.PERSONS,
    )  # fmt: skip
    phones = pl.DataFrame(
        {
            "person_id": ids, "kind": "phone", "label": "mobile", "zone": None, "consent": "contract",
            "value": [f"154 {n // 10_000:04d} {n % 10_000:04d}" for n in range(people)],
        },
        schema=parties.POINTS,
    )  # fmt: skip
    ties = pl.DataFrame(
        {
            "person_id": ids, "loan_key": loans, "relation": "borrower", "proof_kind": "contract",
            "from_day": MORNING.date() - timedelta(days=400), "proof_until": None, "named_by_debtor": False,
        },
        schema=parties.PARTIES,
    )  # fmt: skip
    fit, findings = parties.inspect(LENDER, Batch(persons, phones, ties))
    assert not findings, findings[:3]
    with database.transaction(LENDER.lender_id) as tx:
        enter_lender(tx, LENDER, vault=vault, actor=ACTOR, now=MORNING)
        parties.register_parties(tx, vault=vault, fit=fit, source="bench", day=MORNING.date(), actor=ACTOR, now=MORNING)
        for kind in OfStaff:
            if kind is not OfStaff.BREACH:
                put_on_record(
                    tx, vault=vault, firm="", staff="E01", kind=kind, from_day=MORNING.date() - timedelta(days=30),
                    source="bench", actor=ACTOR, now=MORNING,
                )  # fmt: skip
        given = create_token(
            tx, vault=vault, name="bench", scopes=[*Scope], sender_type="lender", firm=None,
            expires_at=MORNING + timedelta(days=1), requests_minute_max=None, actor=ACTOR, now=MORNING,
            chance=os.urandom,
        )  # fmt: skip
        points: dict[int, int] = dict(tx.execute("SELECT person_id, contact_point_id FROM contact_point").fetchall())
    calls = [
        {
            "person": str(person), "loans": [str(loan)], "contact_point": str(points[person]), "channel": "call",
            "at": MORNING.isoformat(), "template": "m1.call", "content_sha256": SCRIPT, "staff": "E01",
        }
        for person, loan in zip(ids, loans, strict=True)
    ]  # fmt: skip
    return given.text, calls


@contextmanager
def served(url: str, home: Path, workers: int, *, lender_id: str = LENDER.lender_id) -> Iterator[int]:
    """The API of a lender in so many web processes; gives its port."""
    environment = os.environ | {
        "DUECOURSE_HOME": str(home), "DUECOURSE_DATABASE_URL": url, "DUECOURSE_LENDER": lender_id,
        "BENCH_BEGUN": str(monotonic()),
    }  # fmt: skip
    command = [sys.executable, "-m", "bench._served", str(workers)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        for _ in range(8):  # each web process answers once it has loaded the law
            connection = HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/api/v1/health/ready")
            assert connection.getresponse().status == 200
            connection.close()
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def counted(url: str) -> None:
    """Let PostgreSQL count its rows, as it does by itself a minute after many were written: its plans rest on that."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def shown(found: list[dict[str, Any]]) -> str:
    """Requests a second (median, least, most), and the median of what half, 99 of 100 and all took at most."""
    rates = [one["requests"] / one["seconds"] for one in found]
    times = " | ".join(f"{median(one[name] for one in found) / 1000:.1f}" for name in ("p50_us", "p99_us", "worst_us"))
    return f"{median(rates):,.0f} ({min(rates):,.0f}-{max(rates):,.0f}) | {times}"


def measure(url: str, home: Path, token: str, contacts: Iterator[dict[str, Any]], workers: int) -> list[str]:
    """The rows of one number of web processes."""
    rows = []
    with Database(url) as database, served(url, home, workers) as port:
        ground = Ground(database, token, port, home, contacts)
        ground.run("/permits", WARM, clients=32)  # statements prepared, connections open
        counted(url)
        fast = [ground.run("/permits", REQUESTS, clients=32) for _ in range(ROUNDS)]
        rows.append(f"| {workers} | permits, 32 clients, as fast as answered | {shown(fast)} | ≥ 800/s |")
        paced = [ground.run("/permits", 200 * PACED_SECONDS, clients=8, per_second=200) for _ in range(3)]
        rows.append(f"| {workers} | permits, 8 clients, 200/s | {shown(paced)} | p99 ≤ 10 ms |")
        checks = [ground.run("/permits/check", 2_000, clients=8, per_second=200) for _ in range(1)]
        rows.append(f"| {workers} | checks without reservation, 8 clients, 200/s | {shown(checks)} | |")
        for one in (*fast, *paced):
            assert one["statuses"] == {"201": one["requests"]}, one["statuses"]
    return rows


def main() -> str:
    """One web process, then two."""
    people = asked("PEOPLE", PEOPLE)
    rows = []
    for workers in (1, 2):
        with folder() as home, postgresql(home / "postgresql") as (place, version):
            url = new_database(place, "permits")
            migrate(url)
            with Database(url) as database:
                token, calls = set_up(database, home, people)
            contacts = (call for _ in range(CALLS_EACH) for call in calls)
            rows += measure(url, home, token, contacts, workers)
            with Database(url) as database, database.transaction(LENDER.lender_id) as tx:
                kept = tx.value("SELECT count(*) FROM permit_request WHERE answer = 'granted'")
                expected = WARM + ROUNDS * REQUESTS + 3 * 200 * PACED_SECONDS
                assert kept == expected, (kept, expected)
    head = [
        f"{version}, fsync on; {people:,} borrowers; machine load {load()}.",
        "",
        "| web processes | work | requests a second | p50 ms | p99 ms | worst ms | aim |",
        "|---:|---|---:|---:|---:|---:|---:|",
    ]
    return "\n".join([*head, *rows])


if __name__ == "__main__":
    print(main())
