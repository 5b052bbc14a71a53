"""The collector's pages, 50 users at work on a million loans' desk: aim p95 200 ms and p99 500 ms at most.

``PEOPLE=20000 SECONDS=60 make bench BENCH=desk_pages`` makes it smaller; ``THINK_MS`` is the mean time between a user's
pages. A table that a query walked through from end to end while it was measured fails the bench.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import psycopg

from bench import _desk_ground
from bench._ground import asked, folder, load, new_database, postgresql
from bench._pages_load import KINDS
from bench.permit_http import counted, served
from duecourse import app
from duecourse.storage.connection import BATCH, Database
from duecourse.storage.migrate import migrate

WORKERS, SECONDS, WARM, THINK_MS = 2, 180, 20, 3_000
LARGE_ROWS = 50_000
"""A table of fewer rows may be walked through: for a small one that is the quickest way."""


def walked(url: str) -> dict[str, int]:
    """How often each large table was walked through from end to end."""
    with psycopg.connect(url) as owner:
        query = "SELECT relname, seq_scan FROM pg_stat_user_tables WHERE n_live_tup >= %s"
        rows = owner.execute(query, (LARGE_ROWS,)).fetchall()
        return {str(name): int(scans or 0) for name, scans in rows}


def main() -> str:
    """Make the desk, serve it, let the users work."""
    people, seconds = asked("PEOPLE", _desk_ground.PEOPLE), asked("SECONDS", SECONDS)
    think, workers = asked("THINK_MS", THINK_MS), asked("WORKERS", WORKERS)
    with folder() as home, postgresql(home / "postgresql") as (place, version):
        url = new_database(place, "desk")
        migrate(url)
        begun = perf_counter()
        with Database(url, limits=BATCH) as database:
            vault = app.vault_of(app.settings({"DUECOURSE_HOME": str(home)}))
            ground = _desk_ground.set_up(database, vault, people)
        counted(url)
        made = perf_counter() - begun
        with served(url, home, workers, lender_id=_desk_ground.LENDER.lender_id) as port:
            plan = {
                "host": "127.0.0.1", "port": port, "cookies": ground.cookies, "cases": ground.cases,
                "looked_for": ground.looked_for, "seconds": seconds, "warm": min(WARM, seconds // 3),
                "think_ms": think, "seed": 1,
            }  # fmt: skip
            file = Path(home) / "plan.json"
            file.write_text(json.dumps(plan), encoding="utf-8")
            before = walked(url)
            command = [sys.executable, "-m", "bench._pages_load", str(file)]
            said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
            busy = load()
            after = walked(url)
    found = json.loads(said)
    assert set(found["statuses"]) == {"200"}, found["statuses"]
    scans = {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)}
    rows = []
    for kind in (*KINDS, "all"):
        if kind in found:
            one = found[kind]
            times = " | ".join(f"{one[name] / 1000:.0f}" for name in ("p50_us", "p95_us", "p99_us", "worst_us"))
            rows.append(f"| {kind} | {one['requests']:,} | {one['requests'] / found['seconds']:.1f} | {times} |")
    sizes = ", ".join(f"{count:,} {name}" for name, count in ground.sizes.items())
    ran = (
        f"{version}, {workers} web processes, {_desk_ground.USERS} users, a page each {think / 1000:g} s on average; "
        f"machine load {busy}."
    )
    through = ", ".join(f"{name} {times}" for name, times in sorted(scans.items())) or "none"
    rested = f"Rows: {sizes}; made in {made:.0f} s. Large tables walked through while it was measured: {through}."
    text = [
        ran,
        "",
        rested,
        "",
        "| page or fragment | requests | a second | p50 ms | p95 ms | p99 ms | worst ms |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *rows,
        "",
        "Aim: p95 ≤ 200 ms, p99 ≤ 500 ms for each page.",
    ]
    assert not scans, "\n".join(text)
    return "\n".join(text)


if __name__ == "__main__":
    print(main())
