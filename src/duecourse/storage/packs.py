"""What two people decided about the packs that bind a lender."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from duecourse.storage.connection import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class PackChange:
    """A pack, in one version, was switched on or off."""

    pack_id: str
    pack_hash: bytes = field(repr=False)
    state: str
    approval_id: int
    asked_by: str
    decided_by: str
    at: datetime


_COLUMNS = "pack_id, pack_hash, state, approval_id, asked_by, decided_by, at"


def add(tx: Tx, change: PackChange) -> None:
    """Write what was decided."""
    tx.execute(
        f"INSERT INTO pack_change (lender_id, {_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            tx.lender_id, change.pack_id, change.pack_hash, change.state, change.approval_id, change.asked_by,
            change.decided_by, change.at,
        ),
    )  # fmt: skip


def latest(tx: Tx) -> dict[str, PackChange]:
    """The latest decision about each pack."""
    found = tx.rows(
        PackChange,
        f"SELECT DISTINCT ON (pack_id) {_COLUMNS} FROM pack_change WHERE lender_id = %s "
        "ORDER BY pack_id, change_id DESC",
        (tx.lender_id,),
    )
    return {one.pack_id: one for one in found}


def history(tx: Tx, most: int = 100) -> list[PackChange]:
    """All decisions, the latest first."""
    return tx.rows(
        PackChange,
        f"SELECT {_COLUMNS} FROM pack_change WHERE lender_id = %s ORDER BY change_id DESC LIMIT %s",
        (tx.lender_id, most),
    )
