"""Parts of longer replies that wait for their others."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from duecourse.storage.connection import Tx
from duecourse.storage.vault import Wrapped


@dataclass(frozen=True, slots=True)
class HeardPart:
    """A row of ``heard_part``."""

    place: int
    parts: int
    key_id: str
    part_sealed: bytes = field(repr=False)
    at: datetime


def owner(whole: str, place: int) -> str:
    """Under which name a part is sealed."""
    return f"heard:{whole}:{place}"


def add(tx: Tx, channel: str, whole: str, *, place: int, parts: int, sealed: Wrapped, now: datetime) -> list[HeardPart]:
    """Keep a part, once; all of its reply that are there, in their order. Others of the same reply wait."""
    _lock(tx, channel, whole)
    tx.execute(
        "INSERT INTO heard_part (lender_id, channel, whole, place, parts, key_id, part_sealed, at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (tx.lender_id, channel, whole, place, parts, sealed.key_id, sealed.sealed, now),
    )
    return of_whole(tx, channel, whole)


def _lock(tx: Tx, channel: str, whole: str) -> None:
    tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 3))", (f"{tx.lender_id} heard {channel} {whole}",))


def of_whole(tx: Tx, channel: str, whole: str) -> list[HeardPart]:
    """The parts of a reply that are there, in their order. Others of the same reply wait."""
    _lock(tx, channel, whole)
    return tx.rows(
        HeardPart,
        "SELECT place, parts, key_id, part_sealed, at FROM heard_part WHERE lender_id = %s AND channel = %s "
        "AND whole = %s ORDER BY place",
        (tx.lender_id, channel, whole),
    )


def remove(tx: Tx, channel: str, whole: str) -> None:
    """Forget the parts of a reply that was received."""
    tx.execute(
        "DELETE FROM heard_part WHERE lender_id = %s AND channel = %s AND whole = %s", (tx.lender_id, channel, whole)
    )


def stale(tx: Tx, *, before: datetime, most: int = 100) -> list[tuple[str, str]]:
    """Replies, by channel and name, whose latest part came before an instant."""
    return [
        (str(channel), str(whole))
        for channel, whole in tx.execute(
            "SELECT channel, whole FROM heard_part WHERE lender_id = %s GROUP BY channel, whole "
            "HAVING max(at) < %s LIMIT %s",
            (tx.lender_id, before, most),
        )
    ]
