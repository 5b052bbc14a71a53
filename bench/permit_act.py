"""The act of permitting, without HTTP: aim 1,500/s at 32 clients; a check without reservation: p99 3 ms.

Real processes on a real PostgreSQL with its default durability: a permit is answered when its commit is on disk. Each
act locks and counts, decides by the whole rulebook of China, signs, reserves the contact, stores answer and evidence,
and commits. Clients, gate and PostgreSQL share the same cores, so the CPU time that an act takes of each is told too:
it hardly depends on who else uses the machine. What was answered is counted against the table. PEOPLE and ACTS name
other sizes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from statistics import median
from threading import Barrier
from time import perf_counter, process_time_ns
from typing import Any

import psycopg

from bench._ground import ROUNDS, asked, folder, load, new_database, postgresql, server_cpu_us
from bench._served import MORNING
from bench.permit_http import ACTOR, LENDER, SCRIPT, counted, set_up
from duecourse import app
from duecourse.casework.gate import Gate
from duecourse.casework.permit import Permit, PermitRequest, Sender
from duecourse.casework.permits import check_contact
from duecourse.casework.together import CONNECTIONS, Together
from duecourse.law.terms import Channel, SenderType
from duecourse.storage.connection import Database
from duecourse.storage.migrate import migrate

PEOPLE, ACTS, CLIENTS = 20_000, 8_000, 32
WARM = 50
"""Acts of each client before the clock starts: statements are prepared, plans are made."""

OFFICE = Sender(SenderType.LENDER, staff="E01")


def requests(calls: list[dict[str, Any]], key: str) -> list[PermitRequest]:
    """The contacts of a plan as the act takes them."""
    return [
        PermitRequest(
            person_id=int(one["person"]), loan_keys=tuple(int(loan) for loan in one["loans"]),
            contact_point_id=int(one["contact_point"]), channel=Channel(one["channel"]), at=MORNING,
            template_id=one["template"], content_hash=SCRIPT, sender=OFFICE, idempotency_key=f"{key}-{n}",
        )
        for n, one in enumerate(calls)
    ]  # fmt: skip


def client(plan: dict[str, Any]) -> None:
    """One process: its threads ask as fast as they are answered, and it says how long each answer took."""
    gate = Gate(app.vault_of(app.settings({"DUECOURSE_HOME": plan["home"]})))
    gate.law("CN")
    threads = int(plan["threads"])
    todo = requests(plan["calls"], plan["key"])
    warm = WARM * threads
    barrier = Barrier(threads + 1)
    with (
        Database(plan["url"], connections_max=threads + CONNECTIONS) as database,
        closing(Together(database, gate=gate, clock=lambda: MORNING)) as asked_together,
    ):

        def ask(one: PermitRequest) -> int:
            begun = perf_counter()
            if plan["check"]:
                good = check_contact(database, LENDER.lender_id, gate=gate, request=one, clock=lambda: MORNING).allowed
            else:
                answer = asked_together.ask(LENDER.lender_id, request=one, actor=ACTOR).result()
                good = isinstance(answer, Permit)
            assert good, one
            return int((perf_counter() - begun) * 1_000_000)

        def run(number: int) -> list[int]:
            for one in todo[number:warm:threads]:
                ask(one)
            barrier.wait()
            barrier.wait()
            return [ask(one) for one in todo[warm + number :: threads]]

        with ThreadPoolExecutor(threads) as pool:
            sent = [pool.submit(run, number) for number in range(threads)]
            barrier.wait()
            print("ready", flush=True)
            sys.stdin.readline()
            barrier.wait()
            begun, spent = perf_counter(), process_time_ns()
            took = [one for done in sent for one in done.result()]
            said = {"seconds": perf_counter() - begun, "cpu_us": (process_time_ns() - spent) // 1000, "took_us": took}
            print(json.dumps(said), flush=True)


def together(plans: list[dict[str, Any]], home: Path) -> dict[str, float]:
    """Let the processes loose at once; the rate is over the slowest."""
    running = []
    for number, plan in enumerate(plans):
        file = home / f"plan{number}.json"
        file.write_text(json.dumps(plan), encoding="utf-8")
        running.append(
            subprocess.Popen(
                [sys.executable, "-m", "bench.permit_act", str(file)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
    for one in running:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    counted(plans[0]["url"])
    spent = server_cpu_us(plans[0]["url"])
    for one in running:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    found = [json.loads(one.communicate()[0]) for one in running]
    spent = server_cpu_us(plans[0]["url"]) - spent
    took = sorted(us for one in found for us in one["took_us"])
    return {
        "rate": len(took) / max(one["seconds"] for one in found),
        "p50": took[len(took) // 2] / 1000,
        "p99": took[len(took) * 99 // 100] / 1000,
        "python": sum(one["cpu_us"] for one in found) / len(took),
        "server": spent / len(took),
    }


def measured(url: str, home: Path, calls: list[dict[str, Any]], *, processes: int, clients: int, check: bool) -> str:
    """A row of the table: the median of some rounds, each on contacts of its own; fewer of them for fewer clients."""
    acts, found = asked("ACTS", ACTS) * min(clients, 8) // 8, []
    for turn in range(ROUNDS):
        threads = clients // processes
        size = acts // processes + WARM * threads
        plans = []
        for number in range(processes):
            part, calls[:] = calls[:size], calls[size:]
            assert len(part) == size, "PEOPLE is too small for so many acts"
            plans.append(
                {"url": url, "home": str(home), "threads": threads, "calls": part, "check": check,
                 "key": f"{processes}-{clients}-{turn}-{number}"}
            )  # fmt: skip
        found.append(together(plans, home))
    rates = [one["rate"] for one in found]
    return (
        f"{median(rates):,.0f} ({min(rates):,.0f}-{max(rates):,.0f}) | {median(one['p50'] for one in found):.1f} "
        f"| {median(one['p99'] for one in found):.1f} | {median(one['python'] for one in found):,.0f} "
        f"| {median(one['server'] for one in found):,.0f}"
    )


def main() -> str:
    """Measure and return the table."""
    people = asked("PEOPLE", PEOPLE)
    with folder() as home, postgresql(home) as (place, version):
        url = new_database(place, "permits")
        migrate(url)
        with Database(url) as database:
            _, calls = set_up(database, home, people)
        with psycopg.connect(url) as connection:
            durable = connection.execute(
                "SELECT current_setting('fsync'), current_setting('synchronous_commit')"
            ).fetchone()
        checks = [
            measured(url, home, calls * 3, processes=processes, clients=clients, check=True)
            for processes, clients in ((1, 1), (2, 8))
        ]
        calls = calls * 3  # each borrower may be called three times a day
        rows = [
            f"| act, {clients} clients in {processes} processes | "
            f"{measured(url, home, calls, processes=processes, clients=clients, check=False)} | {aim} |"
            for processes, clients, aim in ((2, CLIENTS, "1,500/s"), (1, 1, "-"))
        ]
        rows += [
            f"| check, 1 client | {checks[0]} | p99 3 ms |",
            f"| check, 8 clients in 2 processes | {checks[1]} | - |",
        ]
        with psycopg.connect(url) as connection:
            kept = connection.execute(
                "SELECT (SELECT count(*) FROM contact), "
                "(SELECT count(*) FROM permit_request WHERE answer = 'granted'), "
                "(SELECT count(*) FROM log_entry WHERE kind = 'permit.granted')"
            ).fetchone()
    assert kept is not None
    assert len(set(kept)) == 1, kept
    return (
        f"{people:,} borrowers, {version}, fsync and synchronous_commit {durable}, load {load()}.\n\n"
        "| what | per second: median (least-most) | p50 ms | p99 ms | CPU µs of Python | of PostgreSQL | aim |\n"
        "|---|---|---|---|---|---|---|\n"
        + "\n".join(rows)
        + f"\n\nAfter it the table holds {kept[0]:,} contacts, as many permits, as many records.\n"
    )


if __name__ == "__main__":
    client(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
