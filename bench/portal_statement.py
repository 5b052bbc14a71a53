"""The portal's statement, asked by many borrowers at once: aim p95 150 ms at most, 1,000,000 loans, 100 users.

``LOANS=20000 PORTAL_USERS=20 SECONDS=30 make bench BENCH=portal_statement`` makes it smaller; ``THINK_MS`` is the
mean time between pages of a user. Book and desk are the demo lender's, imported as everybody's; sessions are written
as coming in writes them.
"""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import polars as pl

from bench._ground import asked, folder, load, new_database, postgresql
from bench.permit_http import counted, served
from duecourse import app
from duecourse.core.ids import letters
from duecourse.sim import generate as sim
from duecourse.sim import stage
from duecourse.sim.lender import FULL_DAY, LENDER_ID
from duecourse.storage import cases, log, notices, portal
from duecourse.storage.connection import BATCH, Database
from duecourse.storage.migrate import migrate
from duecourse.storage.notices import Sealed
from duecourse.storage.portal import PortalSession
from duecourse.storage.vault import Vault
from duecourse.web.visiting import PORTAL_COOKIE

LOANS, USERS, SECONDS, THINK_MS, WORKERS = 1_000_000, 100, 120, 5_000, 2
AIM_MS = 150


def sessions(database: Database, vault: Vault, users: int) -> list[tuple[str, list[int]]]:
    """So many borrowers who are in: the cookie of each, and the loans he owes."""
    now = datetime.now(UTC)
    with database.transaction(LENDER_ID) as tx:
        people = [
            (int(person), [int(one) for one in keys])
            for person, keys in tx.execute(
                "SELECT person_id, array_agg(loan_key) FROM party WHERE lender_id = %s AND relation = 'borrower' "
                "AND to_day IS NULL GROUP BY person_id ORDER BY person_id LIMIT %s",
                (LENDER_ID, users),
            )
        ]
        cases.open_many(tx, pl.Series([person for person, _ in people]), day=FULL_DAY, by="bench")
        made = []
        for person, keys in people:
            case = cases.of_person(tx, person)[0]
            number = notices.next_id(tx)
            entry = log.append(tx, vault=vault, kind="bench.notice", at=now, actor="schedule:bench")
            notices.add(
                tx, notice_id=number, person_id=person, debtor_id=person, case_id=case.case_id, loan_keys=keys,
                template=("m3.letter", 1, bytes(32)), document="dunning_letter", lang="zh", sender="lender", shown={},
                code_index=os.urandom(16), content_hash=bytes(32), sealed=Sealed(b"-", b"-"), entry_id=entry,
                actor="schedule:bench", now=now,
            )  # fmt: skip
            text = portal.new_text(LENDER_ID, os.urandom)
            one = PortalSession(
                letters(os.urandom(8)), person, number, "sms", "bench", now, now, now + timedelta(hours=6), None, None
            )
            portal.add_session(tx, one, text)
            made.append((text, keys))
    return made


def visit(port: int, cookie: str, keys: list[int], *, seconds: float, think_ms: int, seed: int) -> dict[str, list[int]]:
    """One borrower: his overview, then the working of a loan, with time to read in between; microseconds by page."""
    rng, taken = random.Random(seed), dict[str, list[int]](overview=[], statement=[])
    until = time.monotonic() + seconds
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", cookies={PORTAL_COOKIE: cookie}, timeout=60) as client:
        time.sleep(rng.random() * think_ms / 1000)
        while time.monotonic() < until:
            for kind, path in (("overview", "/my/home"), ("statement", f"/my/loans/{rng.choice(keys)}")):
                begun = time.perf_counter_ns()
                answer = client.get(path)
                taken[kind].append((time.perf_counter_ns() - begun) // 1000)
                assert answer.status_code == 200, (path, answer.status_code)
                time.sleep(rng.expovariate(1000 / think_ms))
    return taken


def at(taken: list[int], share: float) -> float:
    """What so many of them took at most, in milliseconds."""
    ordered = sorted(taken)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] / 1000


def main() -> str:
    """Make the lender, let the borrowers in, let them read."""
    loans, users = asked("LOANS", LOANS), asked("PORTAL_USERS", USERS)
    seconds, think = asked("SECONDS", SECONDS), asked("THINK_MS", THINK_MS)
    with folder() as home, postgresql(home / "postgresql") as (place, version):
        url = new_database(place, "portal")
        migrate(url)
        where = app.settings({"DUECOURSE_HOME": str(home), "DUECOURSE_LENDER": LENDER_ID})
        vault, tapes = app.vault_of(where), Path(home) / "demo"
        sim.generate(loans=loans, out=tapes)
        with Database(url, limits=BATCH) as database:
            for step in stage.steps(database, app.store_of(where), vault, tapes):
                if step.kind == "import" and step.day == FULL_DAY:
                    step.do(lambda _what, _done, _of: None)
                    break
            made = sessions(database, vault, users)
        counted(url)
        with served(url, home, WORKERS, lender_id=LENDER_ID) as port, ThreadPoolExecutor(users) as pool:
            for cookie, keys in made[:4]:  # the law and the book are read once by each process
                visit(port, cookie, keys, seconds=3, think_ms=10, seed=0)
            runs = [
                pool.submit(visit, port, cookie, keys, seconds=seconds, think_ms=think, seed=number)
                for number, (cookie, keys) in enumerate(made)
            ]
            found = [one.result() for one in runs]
            busy = load()
    rows = []
    for kind in ("overview", "statement"):
        taken = [time_ for one in found for time_ in one[kind]]
        times = " | ".join(f"{at(taken, share):.0f}" for share in (0.5, 0.95, 0.99, 1))
        rows.append(f"| {kind} | {len(taken):,} | {times} |")
    said = (
        f"Aim: p95 of the statement at most {AIM_MS} ms. {version}, {loans:,} loans, {users} borrowers, a page each "
        f"{think / 1000:g} s on average, {WORKERS} web processes; machine load {busy}."
    )
    head = ["| page | requests | p50 ms | p95 ms | p99 ms | worst ms |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *rows, "", said])
