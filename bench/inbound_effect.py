"""From a reply that comes in to its effect on the case, over HTTP: aim p99 1 s under 100 replies/s.

Everything is real and on one machine: the API in processes of its own, PostgreSQL with its default durability, the
clients in another process on the same cores. A request is answered when the reply is landed, sealed, read, acted upon
and committed, so its time is that of the whole effect: of every ten replies two stop a contact point, one disputes, one
finds a wrong person, one is a cry for help, and five (promises, hardship, a complaint, thanks) wait for a person. Each
comes from another borrower; afterwards what the desk holds is counted against what was sent. PEOPLE names another
number of borrowers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import polars as pl
import psycopg

from bench._ground import asked, folder, load, new_database, postgresql
from bench._served import MORNING
from bench.permit_http import LENDER, Ground, counted, served, set_up, shown
from duecourse.core.ids import loan_key, person_id
from duecourse.storage import cases
from duecourse.storage.connection import Database
from duecourse.storage.migrate import migrate

PEOPLE, SECONDS, PACE, ROUNDS, WARM = 10_000, 20, 100, 3, 600
TEXTS = (
    "退订", "STOP", "我根本没借过这笔钱", "你打错了，我不认识这个人", "再逼我我就去跳楼", "发工资就还，15号",
    "下周五先还你500元", "失业了，实在还不上，能不能分期", "我要投诉你们", "好的，谢谢",
)  # fmt: skip
EFFECTS = {"stopped": 2, "wrong": 1, "dispute": 1, "vulnerable": 1, "hardship": 1}
"""Of ten replies: contact points stopped and marked wrong, holds of each kind."""


def replies(people: int) -> Iterator[dict[str, Any]]:
    """A reply from each borrower."""
    for n in range(people):
        yield {
            "channel": "sms", "sender": f"+86154{n // 10_000:04d}{n % 10_000:04d}", "receiver": "1069000",
            "text": TEXTS[n % len(TEXTS)], "at": MORNING.isoformat(), "provider_ref": f"mo-{n}",
        }  # fmt: skip


def open_cases(database: Database, people: int) -> None:
    """A case for each borrower."""
    ids = [person_id(LENDER.lender_id, f"C{n}") for n in range(people)]
    loans = [loan_key(LENDER.lender_id, f"L{n}") for n in range(people)]
    with database.transaction(LENDER.lender_id) as tx:
        cases.open_many(tx, pl.Series(ids), day=MORNING.date(), by="bench")
        cases.set_loans(tx, pl.DataFrame({"person_id": ids, "loan_key": loans}), day=MORNING.date())


def check(database: Database, sent: int) -> None:
    """Count what the desk holds against what was sent."""
    with database.transaction(LENDER.lender_id) as tx:
        kept = tx.execute("SELECT count(*), count(case_id) FROM inbound").fetchone()
        found: dict[str, int] = dict(tx.execute("SELECT state, count(*) FROM contact_point GROUP BY state").fetchall())
        found |= dict(tx.execute("SELECT kind, count(*) FROM hold WHERE to_at IS NULL GROUP BY kind").fetchall())
        read = tx.value("SELECT count(*) FROM reading")
    assert kept == (sent, sent), kept
    assert read == sent, read
    for name, of_ten in EFFECTS.items():
        assert found.get(name) == sent * of_ten // len(TEXTS), (name, found)


def main() -> str:
    """One web process, then two."""
    people = asked("PEOPLE", PEOPLE)
    rows = []
    for workers in (1, 2):
        with folder() as home, postgresql(home / "postgresql") as (place, version):
            url = new_database(place, "inbound")
            migrate(url)
            with Database(url) as database:
                token, _calls = set_up(database, home, people)
                open_cases(database, people)
                with psycopg.connect(url, autocommit=True) as owner:
                    owner.execute("ANALYZE")  # as PostgreSQL does by itself within a minute
                with served(url, home, workers) as port:
                    ground = Ground(database, token, port, home, replies(people))
                    warm = ground.run("/inbound", WARM, clients=8)
                    counted(url)
                    paced = [ground.run("/inbound", PACE * SECONDS, clients=16, per_second=PACE) for _ in range(ROUNDS)]
                    fast = ground.run("/inbound", 1_000, clients=16)
                for one in (warm, *paced, fast):
                    assert one["statuses"] == {"201": one["requests"]}, json.dumps(one["statuses"])
                check(database, WARM + ROUNDS * PACE * SECONDS + 1_000)
            rows.append(f"| {workers} | 16 clients, {PACE}/s | {shown(paced)} | p99 ≤ 1,000 ms |")
            rows.append(f"| {workers} | 16 clients, as fast as answered | {shown([fast])} | |")
    head = (
        f"{version}, fsync on; {people:,} borrowers; {load()}.\n\n"
        "| web processes | replies | replies a second | p50 ms | p99 ms | worst ms | aim |\n"
        "|---:|---|---:|---:|---:|---:|---:|\n"
    )
    return head + "\n".join(rows)


if __name__ == "__main__":
    print(main())
