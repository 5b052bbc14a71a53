"""Proofs from the log: that a record is in it, and that the whole of it is what its checkpoints say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from duecourse.casework.sequencing import NoLog, agreed
from duecourse.casework.stamping import audited
from duecourse.evidence.note import read_note
from duecourse.evidence.proof import Proof
from duecourse.evidence.tiles import NoSuchTile, edge_of, grow, nodes, tile_at, tiles_of
from duecourse.evidence.tree import HASH_BYTES, Node, inclusion_proof, leaf_hash, root_of
from duecourse.storage import anchors, checkpoints, log
from duecourse.storage.checkpoints import Head
from duecourse.storage.connection import Tx
from duecourse.storage.log import Entry
from duecourse.storage.published import Published
from duecourse.trouble import N_, BadInput, Refused

AT_ONCE = 10_000


class NoSuchEntry(BadInput):
    """A number that no entry of the log has."""

    def __init__(self, entry_id: int) -> None:
        super().__init__(N_("the log has no entry {entry}"), entry=entry_id)


class NotPublishedYet(Refused):
    """An entry that no checkpoint covers yet."""

    def __init__(self, entry_id: int) -> None:
        super().__init__(
            N_("entry {entry} is in no published checkpoint yet; `duecourse log sequence` publishes one"),
            entry=entry_id,
        )


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry and the proof that it stands in the log."""

    entry: Entry
    proof: Proof


def prove(tx: Tx, entry_id: int) -> Proven:
    """The proof of an entry under the newest published checkpoint. Raises `NoSuchEntry`, `NotPublishedYet`."""
    return prove_all(tx, [entry_id])[0]


def prove_all(tx: Tx, entry_ids: Sequence[int]) -> list[Proven]:
    """The proofs of entries under one checkpoint: the newest that was witnessed, or the newest if one is not in it."""
    entries = log.these(tx, entry_ids)
    head, node, found = _head(tx, [entries.get(one) for one in entry_ids]), checkpoints.nodes_of(tx), []
    for entry_id in entry_ids:
        entry = entries.get(entry_id)
        if entry is None:
            raise NoSuchEntry(entry_id)
        if entry.seq is None or head is None or head.checkpoint is None or entry.seq >= head.size:
            raise NotPublishedYet(entry_id)
        path = tuple(inclusion_proof(entry.seq, head.size, node))
        found.append(Proven(entry, Proof(entry.seq, path, read_note(head.checkpoint.encode()))))
    return found


def _head(tx: Tx, entries: Sequence[Entry | None]) -> Head | None:
    witnessed = checkpoints.newest_witnessed(tx)
    if witnessed is not None and all(one and one.seq is not None and one.seq < witnessed.size for one in entries):
        return witnessed
    return checkpoints.newest_published(tx)


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found when the whole log was reckoned anew from its records."""

    records: int
    lost: int  # places whose record went with a database that was lost; their leaf hashes stand
    waiting: int
    heads: int
    stamps: int
    anchors: int  # receipts of what a chain holds; whether it does is asked of a node, not here
    findings: Sequence[str]


def audit(tx: Tx, published: Published) -> Audit:
    """Reckon the whole log anew: every record's hash, every tile, every head, what is published, and every stamp.

    Raises as `sequencing.agreed` does where the published checkpoint is not one that this database continues.
    """
    checkpoints.lock(tx, wait=True)
    if checkpoints.origin(tx) is None:
        raise NoLog(tx.lender_id)
    heads, findings = checkpoints.heads(tx), list[str]()
    tiles: dict[tuple[int, int], bytes] = {}
    node = nodes(lambda level, number: tiles[level, number], keep=False)
    kept = checkpoints.nodes_of(tx)
    size = records = 0
    for head in heads:
        while size < head.size:
            until = min(size + AT_ONCE, head.size)
            leaves, told, found = _leaves(tx, kept, size, until)
            tiles |= grow(size, {one.level: tiles[one.level, one.number] for one in edge_of(size)}, leaves)
            size, records, findings = until, records + found, findings + told
        if root_of(0, size, node) != head.root:
            findings.append(f"the root of {size} records is not the one that was committed")
    findings += [
        f"the head of {after.size} records is dated before that of {before.size}: the clock was set back"
        for before, after in pairwise(heads)
        if after.at < before.at
    ]
    findings += [
        f"tile {level}/{number} is not what the records give"
        for (level, number), content in tiles.items()
        if checkpoints.tile(tx, level, number) != content
    ]
    findings += _published(tx, published, tiles)
    stamped = list(audited(tx))
    findings += [f"the stamp of {one.size} records by {one.url} does not hold: {why}" for one, why in stamped if why]
    return Audit(
        records,
        size - records,
        checkpoints.waiting_count(tx),
        len(heads),
        len(stamped),
        len(anchors.every(tx)),
        findings,
    )


def _leaves(tx: Tx, kept: Node, first: int, until: int) -> tuple[list[bytes], list[str], int]:
    """The leaf hashes of a stretch of the log, what is wrong with its records, and how many there are."""
    held = {one.seq: one for one in log.between(tx, first, until)}
    leaves, findings = [], []
    for seq in range(first, until):
        one, placed = held.get(seq), kept(0, seq)
        leaves.append(leaf_hash(one.content) if one else placed)
        if one and leaves[-1] != placed:
            findings.append(f"entry {one.entry_id} is not the record that got place {seq}")
    return leaves, findings, len(held)


def _published(tx: Tx, published: Published, tiles: dict[tuple[int, int], bytes]) -> Iterator[str]:
    """What is wrong with the files of the published log."""
    head = agreed(tx, published)
    for tile in tiles_of(head.size) if head else ():
        content = published.tile(tile)
        if content is None:
            yield f"{tile.path} is not published"
        elif content != tiles[tile.level, tile.number][: HASH_BYTES * tile.width]:
            yield f"{tile.path} is not what the records give"
    for name in published.partial_names():
        try:
            tile = tile_at(name)
        except NoSuchTile:
            yield f"{name} is published, and no log has a tile of that name"
            continue
        held = tiles.get((tile.level, tile.number), b"")[: HASH_BYTES * tile.width]
        if len(held) != HASH_BYTES * tile.width or published.read(name) != held:
            yield f"{name}, of an earlier checkpoint, is not what the records give"
