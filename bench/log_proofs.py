"""Proofs from a log of 10,000,000 records, out of its tiles in PostgreSQL: aim 5 ms each; beside pymerkle.

Each proof begins with nothing in memory, as a request does, and is checked. The tree's leaves are hashes of numbers:
what a record says takes no part in it. pymerkle keeps its tree in memory or in SQLite; it gets PEER leaves, in SQLite,
for it needs hours to take in ten million. RECORDS, PEER and PROOFS name other sizes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random
from statistics import median
from time import perf_counter
from typing import TypeVar

from pymerkle import SqliteTree, verify_consistency, verify_inclusion

from bench._ground import asked, folder, load, new_database, postgresql
from bench._log_ground import LENDER, NOW, enter, leaf
from duecourse.evidence.tree import check_consistency, check_inclusion, consistency_proof, inclusion_proof, root_of
from duecourse.storage import checkpoints
from duecourse.storage.connection import BATCH, Database
from duecourse.storage.migrate import migrate

Made = TypeVar("Made")
RECORDS, PEER, PROOFS, AT_ONCE = 10_000_000, 100_000, 1_000, 250_000


def shown(name: str, took: list[float], aim: str) -> str:
    """A row of the table, of milliseconds."""
    ordered = sorted(took)
    return f"| {name} | {median(ordered):.2f} | {ordered[len(ordered) * 99 // 100]:.2f} | {aim} |\n"


def timed(work: Callable[[], Made]) -> tuple[float, Made]:
    """Milliseconds, and what was made."""
    begun = perf_counter()
    made = work()
    return (perf_counter() - begun) * 1000, made


def ours(database: Database, records: int, proofs: int, chance: Random) -> tuple[float, list[float], list[float]]:
    """Seconds to lengthen the tree to its size, and milliseconds of each kind of proof."""
    begun = perf_counter()
    for size in range(0, records, AT_ONCE):
        with database.transaction(LENDER.lender_id) as tx:
            more = [leaf(number) for number in range(size, min(size + AT_ONCE, records))]
            checkpoints.add_leaves(tx, size, more, now=NOW)
    grown = perf_counter() - begun
    inclusion, consistency = [], []
    for _ in range(proofs):
        with database.transaction(LENDER.lender_id) as tx:
            node = checkpoints.nodes_of(tx)
            top = root_of(0, records, node)
            index, old = chance.randrange(records), chance.randrange(1, records)
            old_root = root_of(0, old, node)
            took, path = timed(partial(inclusion_proof, index, records, checkpoints.nodes_of(tx)))
            inclusion.append(took)
            check_inclusion(leaf(index), index, records, path, top)
            took, path = timed(partial(consistency_proof, old, records, checkpoints.nodes_of(tx)))
            consistency.append(took)
            check_consistency(old, old_root, records, top, path)
    return grown, inclusion, consistency


def theirs(file: str, records: int, proofs: int, chance: Random) -> tuple[float, list[float], list[float]]:
    """The same by pymerkle; its leaves are entries that it hashes itself."""
    inclusion, consistency = [], []
    with SqliteTree(file) as tree:
        begun = perf_counter()
        tree.append_entries([number.to_bytes(8, "big") for number in range(records)], chunksize=AT_ONCE)
        grown = perf_counter() - begun
        top = tree.get_state(records)
        for _ in range(proofs):
            index, old = chance.randrange(1, records + 1), chance.randrange(1, records)
            took, proof = timed(partial(tree.prove_inclusion, index, records))
            inclusion.append(took)
            verify_inclusion(tree.get_leaf(index), top, proof)
            took, proof = timed(partial(tree.prove_consistency, old, records))
            consistency.append(took)
            verify_consistency(tree.get_state(old), top, proof)
    return grown, inclusion, consistency


def main() -> str:
    """Measure and return the table."""
    records, peer, proofs = asked("RECORDS", RECORDS), asked("PEER", PEER), asked("PROOFS", PROOFS)
    with folder() as home, postgresql(home) as (place, version):
        url = new_database(place, "proofs")
        migrate(url)
        with Database(url, limits=BATCH) as database:
            enter(database)
            grown, inclusion, consistency = ours(database, records, proofs, Random(1))
        their_growth, their_inclusion, their_consistency = theirs(
            str(home / "peer.db"), peer, max(proofs // 50, 1), Random(1)
        )
    return (
        f"{proofs:,} proofs of each kind, {version}, load {load()}. The tree took in {records / grown:,.0f} leaves/s; "
        f"pymerkle's {peer / their_growth:,.0f}.\n\n"
        "| proof | p50 ms | p99 ms | aim |\n|---|---|---|---|\n"
        + shown(f"inclusion, {records:,} records", inclusion, "5 ms")
        + shown(f"consistency, {records:,} records", consistency, "5 ms")
        + shown(f"inclusion by pymerkle, {peer:,} records", their_inclusion, "-")
        + shown(f"consistency by pymerkle, {peer:,} records", their_consistency, "-")
    )
