"""What the benches of the log share: a lender with one person, records as permits leave them, and trees of any size."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256

from duecourse.evidence.note import Checkpoint, Kind, Note, signer
from duecourse.storage import lenders, log
from duecourse.storage.connection import Database, Tx
from duecourse.storage.lenders import Lender
from duecourse.storage.log import Row
from duecourse.storage.vault import Vault

LENDER = Lender("demo", "演示消费金融", "CN", "Asia/Shanghai", "CNY", "consumer_finance", demo=True, masters={})
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
LOG = signer("log.example/bench", Kind.LOG, bytes(32))
STATED = {
    "channel": "call", "template": "m1.call", "content": "0" * 64, "sender_type": "lender", "rulebook": "0" * 64,
    "at": "2026-03-02T02:00:00.000000Z", "expires": "2026-03-02T02:10:00.000000Z",
}  # fmt: skip


def enter(database: Database) -> None:
    """Enter the lender."""
    with database.transaction(LENDER.lender_id) as tx:
        lenders.add(tx, LENDER, now=NOW)


def rows(tx: Tx, vault: Vault, first: int, count: int) -> Iterator[Row]:
    """Records as a permit leaves them, without a subject: about 460 bytes each."""
    for number in range(first, first + count):
        yield log.row_of(
            tx, number, vault=vault, kind="permit.granted", at=NOW, actor="operator:bench",
            stated={"permit": str(number), **STATED},
        )  # fmt: skip


def leaf(number: int) -> bytes:
    """A leaf hash of a record that is not there: what a tree is filled up with."""
    return sha256(number.to_bytes(8, "big")).digest()


def signed(size: int, top: bytes) -> Note:
    """A checkpoint of the bench's log."""
    text = str(Checkpoint(LOG.name, size, top))
    return Note(text, (LOG.sign(text),))
