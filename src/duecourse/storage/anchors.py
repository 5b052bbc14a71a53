"""Receipts of heads of the log that a contract on a chain holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from duecourse.storage.connection import Tx


@dataclass(frozen=True, slots=True)
class Anchor:
    """That a contract holds the head of ``size`` since a block."""

    size: int
    root: bytes
    chain: int
    contract: bytes
    transaction: bytes
    block: int
    block_hash: bytes
    at: datetime  # as the block states it


_ANCHOR = (
    "SELECT a.size, h.root, a.chain, a.contract, a.transaction, a.block, a.block_hash, a.at FROM log_anchor a "
    "JOIN log_head h ON h.lender_id = a.lender_id AND h.size = a.size WHERE a.lender_id = %s "
)


def keep(tx: Tx, anchor: Anchor, *, now: datetime) -> None:
    """Keep a receipt; the same again stays as it is."""
    tx.execute(
        "INSERT INTO log_anchor (lender_id, size, chain, contract, transaction, block, block_hash, at, kept_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (
            tx.lender_id, anchor.size, anchor.chain, anchor.contract, anchor.transaction, anchor.block,
            anchor.block_hash, anchor.at, now,
        ),
    )  # fmt: skip


def every(tx: Tx) -> list[Anchor]:
    """All receipts, by size."""
    return tx.rows(Anchor, _ANCHOR + "ORDER BY a.size, a.at", (tx.lender_id,))


def earliest_over(tx: Tx, seq: int) -> Anchor | None:
    """The earliest receipt of a head whose tree holds the record at a place of the log."""
    return tx.row(Anchor, _ANCHOR + "AND a.size > %s ORDER BY a.at, a.size LIMIT 1", (tx.lender_id, seq))
