"""Records appended in bulk, durable: aim 60,000/s on 2 cores; tree and tiles take at most 0.3 of the records' bytes.

Each record is built, hashed and written into the log's own table, with all its checks and indexes; a batch is one
statement and one commit, answered when it is on disk. Two writers work at once, PostgreSQL beside them. The sequencer
is timed apart: it gives each record its place, lengthens the tree, signs and publishes. RECORDS and BATCH name other
sizes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

import psycopg

from bench._ground import asked, drop_database, folder, load, new_database, postgresql
from bench._log_ground import LENDER, NOW, enter, rows
from duecourse.casework.sequencing import Sequencer
from duecourse.storage import log
from duecourse.storage.connection import BATCH as LIMITS
from duecourse.storage.connection import Database
from duecourse.storage.migrate import migrate
from duecourse.storage.published import Published
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring

RECORDS, BATCH, WRITERS, ROUNDS = 1_000_000, 10_000, 2, 3


def write(url: str, first: int, count: int, batch: int) -> None:
    """One writer, in a process of its own: its clock begins when it is told to go."""
    vault = Vault(new_ring())
    with Database(url, limits=LIMITS) as database:
        with database.transaction(LENDER.lender_id) as tx:
            tx.execute("SELECT 1")  # it is connected
        print("ready", flush=True)
        sys.stdin.readline()
        for begin in range(first, first + count, batch):
            with database.transaction(LENDER.lender_id) as tx:
                log.append_rows(tx, list(rows(tx, vault, begin, min(batch, first + count - begin))))


def appended(url: str, records: int, batch: int) -> float:
    """Seconds that the writers took together."""
    share = records // WRITERS
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.log_append", url, str(1 + share * number), str(share), str(batch)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for number in range(WRITERS)
    ]  # fmt: skip
    for one in running:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    begun = perf_counter()
    for one in running:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    assert [one.wait() for one in running] == [0] * WRITERS
    return perf_counter() - begun


def round_of(url: str, home: Path, records: int, batch: int) -> tuple[float, float, dict[str, int]]:
    """Seconds of appending, seconds of sequencing, and the bytes of all parts."""
    migrate(url)
    with Database(url, limits=LIMITS) as database:
        enter(database)
        took = appended(url, records, batch)
        begun = perf_counter()
        published = Published(home / "log")
        done = Sequencer(database, LENDER.lender_id, Vault(new_ring()), published, lambda: NOW).run()
        sequencing = perf_counter() - begun
        assert done.entries == records
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT (SELECT sum(octet_length(bytes)) FROM log_entry), "
            "(SELECT sum(octet_length(leaf_hash)) FROM log_entry), (SELECT sum(octet_length(hashes)) FROM log_tile), "
            "current_setting('fsync'), current_setting('synchronous_commit')"
        ).fetchone()
    assert found is not None
    assert found[3:] == ("on", "on")
    files = sum(one.stat().st_size for one in (home / "log").rglob("*") if one.is_file())
    return (
        took,
        sequencing,
        dict(zip(("records", "leaves", "tiles", "published"), (*map(int, found[:3]), files), strict=True)),
    )


def main() -> str:
    """Measure and return the table."""
    records, batch = asked("RECORDS", RECORDS), asked("BATCH", BATCH)
    found = []
    with folder() as home, postgresql(home) as (place, version):
        for number in range(ROUNDS):
            (home / str(number)).mkdir()
            found.append(round_of(new_database(place, f"log{number}"), home / str(number), records, batch))
            drop_database(place, f"log{number}")
    size = found[0][2]
    share = (size["records"] + size["leaves"] + size["tiles"]) / size["records"]
    rates = [
        f"{median(each):,.0f} ({min(each):,.0f}-{max(each):,.0f})"
        for each in ([records / one[0] for one in found], [records / one[1] for one in found])
    ]
    return (
        f"{records:,} records of {size['records'] // records} bytes in batches of {batch:,}, {WRITERS} writers, "
        f"{version}, fsync and synchronous_commit on, load {load()}.\n\n"
        "| what | per second: median (least-most) | aim |\n|---|---|---|\n"
        f"| records appended, durable | {rates[0]} | 60,000 |\n"
        f"| records given their place, head signed and published | {rates[1]} | - |\n\n"
        "| storage | share of the records' bytes | aim |\n|---|---|---|\n"
        f"| records, leaf hashes and tiles in the database | {share:.2f} | 1.3 |\n"
        f"| the published folder | {size['published'] / size['records']:.2f} | - |\n"
    )


if __name__ == "__main__":
    write(sys.argv[1], *map(int, sys.argv[2:5]))
