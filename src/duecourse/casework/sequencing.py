"""The log's one sequencer: gives entries their places, commits to each head, and only then signs and publishes it.

Two transactions, each under the log's advisory lock. The first takes what is committed and has no place, lengthens the
tree and commits to size and root; a size has one root in the database, so a fork fails there. The second signs the
newest head and writes it to the published folder. Killed between them, or in the middle of either, the next run goes
on from what is committed.

Before either, the log is compared with the checkpoint that was published last. A database that was restored from a
backup, or a stand-by that lagged, is behind it or differs from it, and then nothing is signed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from duecourse.casework.actor import Actor
from duecourse.core.money import BrokenInvariant
from duecourse.evidence.note import Checkpoint, Key, Kind, NotANote, Note, NotSigned, read_checkpoint, read_note, signer
from duecourse.evidence.tiles import WIDTH, Tile, nodes, tiles_of
from duecourse.evidence.tree import HASH_BYTES, root_of
from duecourse.storage import checkpoints, log
from duecourse.storage.checkpoints import OWNER, Head, Origin
from duecourse.storage.connection import Database, Tx
from duecourse.storage.published import CHECKPOINT, KEY, Published
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, Refused, Said

BATCH = 10_000
"""Entries that get their places in one transaction."""

IDS_LEFT_OUT = 100_000
"""Ids of entries that are not given again after a restore: the lost ones had some of them."""

_SEED_BYTES = 32


class LogBehind(Refused):
    """The database holds less of the log than was published."""

    def __init__(self, lender_id: str, held: int, published: int) -> None:
        super().__init__(
            N_(
                "the log of lender {lender} was published with {published} records, and this database holds {held} of "
                "them: it was restored from a backup, or is a stand-by that lagged. Nothing was signed. Bring back the "
                "newer database; if it is lost, `duecourse log recover` takes the missing places from what was "
                "published and says of each that its record is lost"
            ),
            lender=lender_id,
            held=held,
            published=published,
        )


class LogForked(Refused):
    """The database's log is not the one that was published."""

    def __init__(self, lender_id: str, size: int) -> None:
        super().__init__(
            N_(
                "the log of lender {lender} differs from its published checkpoint of {size} records: this is another "
                "log under the same name. Nothing was signed. Find out which of the two databases is the lender's; "
                "they cannot be joined"
            ),
            lender=lender_id,
            size=size,
        )


class NothingPublished(Refused):
    """The published log is gone, so nobody can say whether the database is current."""

    def __init__(self, lender_id: str, size: int) -> None:
        super().__init__(
            N_(
                "the log of lender {lender} was published with at least {size} records, and the folder it is published "
                "in is empty. Nothing was signed. Bring the folder back, or fetch the last checkpoint from a witness "
                "or a mirror and give it to `duecourse log republish`"
            ),
            lender=lender_id,
            size=size,
        )


class NotOurCheckpoint(Refused):
    """What is published is not signed by the log's key."""

    def __init__(self, lender_id: str, why: str) -> None:
        super().__init__(
            N_("the published checkpoint is not one of the log of lender {lender}: {why}. Nothing was signed"),
            lender=lender_id,
            why=why,
        )


class NothingToRecover(Refused):
    """The database holds all that was published."""

    def __init__(self, lender_id: str) -> None:
        super().__init__(
            N_("the log of lender {lender} holds all that was published; nothing is missing"), lender=lender_id
        )


@dataclass(frozen=True, slots=True)
class Sequenced:
    """What a sequencer did: how many entries got a place, and the head that is published now, if any."""

    entries: int
    head: Head | None


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was taken over from the published log: places of records that are still here, and of those that are lost."""

    found: int
    lost: int
    size: int


@dataclass(frozen=True, slots=True)
class Sequencer:
    """The sequencer of one lender's log. ``name`` is given to a log that begins now."""

    database: Database
    lender_id: str
    vault: Vault
    published: Published
    clock: Callable[[], datetime]
    name: str | None = None

    def run(self, *, most: int = BATCH) -> Sequenced:
        """Give every waiting entry its place and publish the log's head; where nothing waits, only look whether it may.

        Raises `SequencerBusy` where another one is at work, and `LogBehind`, `LogForked`, `NothingPublished` or
        `NotOurCheckpoint` where the published log says that this database must not sign.
        """
        done = 0
        while True:
            with self.database.transaction(self.lender_id) as tx:
                if checkpoints.idle(tx):
                    agreed(tx, self.published)  # a database that is behind has nothing that waits either
                    return Sequenced(done, checkpoints.newest_published(tx))
                done += self._place(tx, most)
            with self.database.transaction(self.lender_id) as tx:
                self._publish(tx)

    def check(self) -> Checkpoint | None:
        """The last published checkpoint, which this database continues; raises as `run` does where it does not."""
        with self.database.transaction(self.lender_id) as tx:
            return agreed(tx, self.published)

    def republish(self, content: bytes) -> Head:
        """Publish the whole log anew in an empty folder, once a checkpoint from elsewhere shows that it is current."""
        with self.database.transaction(self.lender_id) as tx:
            checkpoints.lock(tx)
            _agrees(tx, content, _begun(tx))
            if self.published.checkpoint() is not None:
                agreed(tx, self.published)
            self._publish(tx, since=0)
            head = checkpoints.newest_published(tx)
        if head is None:
            raise BrokenInvariant("a log that has a checkpoint has a head")
        return head

    def recover(self, *, actor: Actor) -> Recovered:
        """Take over the places that were published and that this database lost; leaves a record of it.

        An entry that is here, without a place, gets the place that its leaf hash has in the published tiles. Of the
        others only the leaf hash is left. Raises `NothingToRecover`, `LogForked`, `NotOurCheckpoint`.
        """
        with self.database.transaction(self.lender_id) as tx:
            checkpoints.lock(tx)
            origin = _begun(tx)
            content = self.published.checkpoint()
            head = None if content is None else _read(content, origin.key, self.lender_id)
            before = checkpoints.newest(tx)
            size = before.size if before else 0
            if head is None or head.size <= size:
                raise NothingToRecover(self.lender_id)
            node = nodes(lambda level, number: self._tile_file(level, number, head.size))
            if root_of(0, head.size, node) != head.root or (before and root_of(0, size, node) != before.root):
                raise LogForked(self.lender_id, head.size)
            leaves = [node(0, index) for index in range(size, head.size)]
            at = {leaf: seq for seq, leaf in enumerate(leaves, size)}
            found = {one.entry_id: at[one.leaf_hash] for one in checkpoints.waiting(tx, 2**31) if one.leaf_hash in at}
            checkpoints.place(tx, list(found), list(found.values()))
            new = checkpoints.add_leaves(tx, size, leaves, now=self.clock())
            if new.root != head.root:
                raise BrokenInvariant(f"the tiles of {head.size} records do not give the published root")
            checkpoints.publish(tx, head.size, checkpoint=(content or b"").decode(), now=self.clock())
            log.leave_out(tx, len(leaves) + IDS_LEFT_OUT)
            lost = len(leaves) - len(found)
            log.append(
                tx, vault=self.vault, kind="log.recovered", at=self.clock(), actor=str(actor),
                stated={"held": size, "published": head.size, "found": len(found), "lost": lost},
            )  # fmt: skip
        return Recovered(len(found), lost, head.size)

    def _place(self, tx: Tx, most: int) -> int:
        """Give a batch of entries their places, and commit to the head that the log has then."""
        checkpoints.lock(tx)
        self._begin(tx)
        agreed(tx, self.published)
        taken = checkpoints.waiting(tx, most)
        if taken:
            newest = checkpoints.newest(tx)
            size = newest.size if newest else 0
            checkpoints.place(tx, [one.entry_id for one in taken], range(size, size + len(taken)))
            checkpoints.add_leaves(tx, size, [one.leaf_hash for one in taken], now=self.clock())
        return len(taken)

    def _begin(self, tx: Tx) -> None:
        """Give a log that has none its name and key; refused where a log of the lender was published before."""
        if checkpoints.origin(tx) is not None:
            return
        if self.published.checkpoint() is not None:
            raise LogBehind(self.lender_id, 0, read_checkpoint(read_note(self.published.checkpoint() or b"").text).size)
        seed = os.urandom(_SEED_BYTES)
        public = signer("unnamed", Kind.LOG, seed).key.public
        name = self.name or f"duecourse/{self.lender_id}/{sha256(public).hexdigest()[:16]}"
        checkpoints.begin(
            tx, key=signer(name, Kind.LOG, seed).key, sealed=self.vault.seal_secret(self.lender_id, OWNER, seed),
            now=self.clock(),
        )  # fmt: skip

    def _publish(self, tx: Tx, since: int | None = None) -> None:
        """Sign the newest head and publish it: tiles first, so that no checkpoint is there before its tiles."""
        checkpoints.lock(tx)
        origin, newest = _begun(tx), checkpoints.newest(tx)
        if newest is None:
            return
        with self.published.writing():
            last = agreed(tx, self.published) if since is None else None
            text = str(Checkpoint(origin.origin, newest.size, newest.root))
            note = Note(text, (origin.signer(self.lender_id, self.vault).sign(text),))
            if newest.checkpoint is not None:  # published before: witnesses may have signed it
                note = read_note(newest.checkpoint.encode()).with_signatures(note.signatures)
            for tile in tiles_of(newest.size, since if since is not None else last.size if last else 0):
                held = checkpoints.tile(tx, tile.level, tile.number)
                self.published.put_tile(tile, held[: HASH_BYTES * tile.width])
            self.published.put(KEY, f"{origin.key}\n".encode())
            self.published.put(CHECKPOINT, str(note).encode())
        checkpoints.publish(tx, newest.size, checkpoint=str(note), now=self.clock())

    def _tile_file(self, level: int, number: int, size: int) -> bytes:
        tile = Tile(level, number, min(WIDTH, (size >> 8 * level) - WIDTH * number))
        content = self.published.tile(tile)
        if content is None:
            raise NotOurCheckpoint(self.lender_id, Said(N_("{path} is not there"), path=tile.path))
        return content


def agreed(tx: Tx, published: Published) -> Checkpoint | None:
    """The last published checkpoint, which this database continues; None where nothing was ever published.

    Raises `LogBehind`, `LogForked`, `NothingPublished`, `NotOurCheckpoint`.
    """
    origin, content = checkpoints.origin(tx), published.checkpoint()
    if origin is None:
        return None
    if content is None:
        last = checkpoints.newest_published(tx)
        if last is not None:
            raise NothingPublished(tx.lender_id, last.size)
        return None
    return _agrees(tx, content, origin)


def _agrees(tx: Tx, content: bytes, origin: Origin) -> Checkpoint:
    head = _read(content, origin.key, tx.lender_id)
    newest = checkpoints.newest(tx)
    if newest is None or newest.size < head.size:
        raise LogBehind(tx.lender_id, newest.size if newest else 0, head.size)
    if root_of(0, head.size, checkpoints.nodes_of(tx)) != head.root:
        raise LogForked(tx.lender_id, head.size)
    return head


def _read(content: bytes, key: Key, lender_id: str) -> Checkpoint:
    try:
        note = read_note(content)
        note.signed_by(key)
        head = read_checkpoint(note.text)
    except (NotANote, NotSigned) as error:
        raise NotOurCheckpoint(lender_id, str(error)) from None
    if head.origin != key.name:
        raise NotOurCheckpoint(lender_id, Said(N_("it is of the log {origin}"), origin=head.origin))
    return head


def _begun(tx: Tx) -> Origin:
    origin = checkpoints.origin(tx)
    if origin is None:
        raise NoLog(tx.lender_id)
    return origin


class NoLog(Refused):
    """The lender's log has no entry in its place yet."""

    def __init__(self, lender_id: str) -> None:
        super().__init__(
            N_("the log of lender {lender} has not begun: `duecourse log sequence` begins it"), lender=lender_id
        )
