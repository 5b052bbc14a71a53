"""The log's order: which entries wait, which place each got, the tiles of the tree, and every head it had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from duecourse.core.money import BrokenInvariant
from duecourse.evidence.note import Key, Kind, Signer, read_checkpoint, signer
from duecourse.evidence.tiles import Read, edge_of, grow, nodes
from duecourse.evidence.tree import Node, root_of
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault, Wrapped
from duecourse.trouble import N_, Busy

OWNER = "log"
"""Under which name the signing key of a lender's log is sealed."""


class SequencerBusy(Busy):
    """Another sequencer of the same log is at work."""

    def __init__(self, lender_id: str) -> None:
        super().__init__(
            N_("the log of lender {lender_id} is being sequenced by another process; it will take these too"),
            lender_id=lender_id,
        )


@dataclass(frozen=True, slots=True)
class Origin:
    """A lender's log: its name, its public key, and the sealed private one."""

    origin: str
    public_key: bytes
    key_id: str
    key_sealed: bytes = field(repr=False)
    begun_at: datetime

    @property
    def key(self) -> Key:
        """The key as others are given it."""
        return Key(self.origin, Kind.LOG, self.public_key)

    def signer(self, lender_id: str, vault: Vault) -> Signer:
        """Who signs the checkpoints."""
        return signer(self.origin, Kind.LOG, vault.open_secret(lender_id, OWNER, Wrapped(self.key_id, self.key_sealed)))


@dataclass(frozen=True, slots=True)
class Head:
    """A size of the log and the root over it; ``checkpoint`` is its signed note, None until it was published."""

    size: int
    root: bytes
    at: datetime
    checkpoint: str | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry without a place in the log."""

    entry_id: int
    leaf_hash: bytes


_HEAD = "SELECT size, root, at, checkpoint, published_at FROM log_head WHERE lender_id = %s "


def lock(tx: Tx, *, wait: bool = False) -> None:
    """Be the log's one sequencer until the transaction ends; raises `SequencerBusy`, unless it is to wait."""
    name = (f"log {tx.lender_id}",)
    if wait:
        tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 3))", name)
    elif not tx.value("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 3))", name):
        raise SequencerBusy(tx.lender_id)


def origin(tx: Tx) -> Origin | None:
    """The lender's log, None before it begins."""
    return tx.row(
        Origin,
        "SELECT origin, public_key, key_id, key_sealed, begun_at FROM log_origin WHERE lender_id = %s",
        (tx.lender_id,),
    )


def begin(tx: Tx, *, key: Key, sealed: Wrapped, now: datetime) -> Origin:
    """Give the lender's log its name and key, once."""
    tx.execute(
        "INSERT INTO log_origin (lender_id, origin, public_key, key_id, key_sealed, begun_at) "
        "VALUES (%s, %s, %s, %s, %s, %s)",
        (tx.lender_id, key.name, key.public, sealed.key_id, sealed.sealed, now),
    )
    return Origin(key.name, key.public, sealed.key_id, sealed.sealed, now)


def reseal(tx: Tx, sealed: Wrapped) -> None:
    """The same signing key under another key of the ring."""
    tx.execute(
        "UPDATE log_origin SET key_id = %s, key_sealed = %s WHERE lender_id = %s",
        (sealed.key_id, sealed.sealed, tx.lender_id),
    )


def waiting(tx: Tx, most: int) -> list[Waiting]:
    """Entries that are committed and have no place yet, by id.

    All of them, not those above the last that got one: an act that drew its id earlier may commit later.
    """
    return tx.rows(
        Waiting,
        "SELECT entry_id, leaf_hash FROM log_entry WHERE lender_id = %s AND seq IS NULL ORDER BY entry_id LIMIT %s",
        (tx.lender_id, most),
    )


def waiting_count(tx: Tx) -> int:
    """How many entries have no place yet."""
    return int(str(tx.value("SELECT count(*) FROM log_entry WHERE lender_id = %s AND seq IS NULL", (tx.lender_id,))))


def idle(tx: Tx) -> bool:
    """Whether nothing waits for the sequencer: every entry has its place and the newest head is published."""
    return bool(
        tx.value(
            "SELECT NOT EXISTS (SELECT FROM log_entry WHERE lender_id = %(lender)s AND seq IS NULL) AND coalesce("
            "(SELECT published_at IS NOT NULL FROM log_head WHERE lender_id = %(lender)s ORDER BY size DESC LIMIT 1), "
            "TRUE)",
            {"lender": tx.lender_id},
        )
    )


def place(tx: Tx, entries: Sequence[int], seqs: Sequence[int]) -> None:
    """Give entries their places, for good."""
    done = tx.execute(
        "UPDATE log_entry e SET seq = n.seq FROM unnest(%s::bigint[], %s::bigint[]) AS n (entry_id, seq) "
        "WHERE e.lender_id = %s AND e.entry_id = n.entry_id",
        (list(entries), list(seqs), tx.lender_id),
    ).rowcount
    if done != len(entries):
        raise BrokenInvariant(f"{len(entries)} entries were to get a place in the log, {done} did")


def add_leaves(tx: Tx, size: int, leaf_hashes: Sequence[bytes], *, now: datetime) -> Head:
    """Lengthen the tree of ``size`` and commit to the head that it has then, which follows the one of ``size``."""
    edge = {one.level: tile(tx, one.level, one.number) for one in edge_of(size)}
    changed = grow(size, edge, leaf_hashes)
    put_tiles(tx, changed)
    new = size + len(leaf_hashes)
    head = Head(new, root_of(0, new, nodes(_read(tx, changed))), now, None, None)
    tx.execute(
        "INSERT INTO log_head (lender_id, size, parent, root, at) VALUES (%s, %s, %s, %s, %s)",
        (tx.lender_id, head.size, size or None, head.root, now),
    )
    return head


def put_tiles(tx: Tx, tiles: Mapping[tuple[int, int], bytes]) -> None:
    """Write tiles, or lengthen those that are there."""
    tx.many(
        "INSERT INTO log_tile (lender_id, level, number, hashes) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (lender_id, level, number) DO UPDATE SET hashes = excluded.hashes",
        [(tx.lender_id, level, number, content) for (level, number), content in sorted(tiles.items())],
    )


def tile(tx: Tx, level: int, number: int) -> bytes:
    """The hashes of a tile, as many as there are."""
    found = tx.value(
        "SELECT hashes FROM log_tile WHERE lender_id = %s AND level = %s AND number = %s", (tx.lender_id, level, number)
    )
    if not isinstance(found, bytes):
        raise BrokenInvariant(f"tile {level}/{number} of the log is not there")
    return found


def leaf(tx: Tx, seq: int) -> bytes:
    """The leaf hash at a place of the log, whether its record is here or lost."""
    return nodes_of(tx)(0, seq)


def nodes_of(tx: Tx) -> Node:
    """The nodes of the log's tree."""
    return nodes(_read(tx, {}))


def newest(tx: Tx) -> Head | None:
    """The newest head, published or not; None for a log without an entry."""
    return tx.row(Head, _HEAD + "ORDER BY size DESC LIMIT 1", (tx.lender_id,))


def newest_published(tx: Tx) -> Head | None:
    """The newest head that was published."""
    return tx.row(Head, _HEAD + "AND published_at IS NOT NULL ORDER BY size DESC LIMIT 1", (tx.lender_id,))


def newest_witnessed(tx: Tx) -> Head | None:
    """The newest published head that a witness signed too, among the latest thousand."""
    return tx.row(
        Head,
        "SELECT size, root, at, checkpoint, published_at FROM (" + _HEAD + "AND published_at IS NOT NULL "
        "ORDER BY size DESC LIMIT 1000) AS latest WHERE checkpoint ~ E'\n\u2014 [^\n]+\n\u2014 ' "
        "ORDER BY size DESC LIMIT 1",
        (tx.lender_id,),
    )


def first_with(tx: Tx, seq: int) -> Head | None:
    """The first published head that holds a place of the log."""
    return tx.row(Head, _HEAD + "AND published_at IS NOT NULL AND size > %s ORDER BY size LIMIT 1", (tx.lender_id, seq))


def of_size(tx: Tx, size: int) -> Head | None:
    """The head of a size."""
    return tx.row(Head, _HEAD + "AND size = %s", (tx.lender_id, size))


def of_text(tx: Tx, text: str) -> Head | None:
    """The published head whose checkpoint has this text."""
    return tx.row(
        Head, _HEAD + "AND size = %s AND starts_with(checkpoint, %s)", (tx.lender_id, _size(text), f"{text}\n")
    )


def _size(text: str) -> int:
    return read_checkpoint(text).size


def heads(tx: Tx) -> list[Head]:
    """Every head, the oldest first."""
    return tx.rows(Head, _HEAD + "ORDER BY size", (tx.lender_id,))


def publish(tx: Tx, size: int, *, checkpoint: str, now: datetime) -> None:
    """Note that the head of a size is published, under this signed note."""
    tx.execute(
        "UPDATE log_head SET checkpoint = %s, published_at = coalesce(published_at, %s) "
        "WHERE lender_id = %s AND size = %s",
        (checkpoint, now, tx.lender_id, size),
    )


def _read(tx: Tx, changed: Mapping[tuple[int, int], bytes]) -> Read:
    return lambda level, number: changed.get((level, number)) or tile(tx, level, number)
