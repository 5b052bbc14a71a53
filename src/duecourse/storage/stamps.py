"""Time stamps of the log's heads, as an authority gave them, with what they are checked by."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from duecourse.storage.connection import Tx


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time stamp over the three lines of the checkpoint of ``size`` records, and how its authority was configured."""

    size: int
    root: bytes
    at: datetime  # as the authority states it
    response: bytes = field(repr=False)
    url: str
    policy: str | None
    certificates: str = field(repr=False)


_STAMP = (
    "SELECT s.size, h.root, s.at, s.response, a.url, a.policy, a.certificates FROM log_stamp s "
    "JOIN log_authority a ON a.lender_id = s.lender_id AND a.digest = s.authority "
    "JOIN log_head h ON h.lender_id = s.lender_id AND h.size = s.size WHERE s.lender_id = %s "
)


def keep(tx: Tx, stamp: Stamp, *, now: datetime) -> None:
    """Keep a stamp of a head; one of the same authority over the same head stays as it is."""
    configured = f"{stamp.url}\0{stamp.policy or ''}\0{stamp.certificates}"
    digest = sha256(configured.encode()).digest()
    tx.execute(
        "INSERT INTO log_authority (lender_id, digest, url, policy, certificates) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT DO NOTHING",
        (tx.lender_id, digest, stamp.url, stamp.policy, stamp.certificates),
    )
    tx.execute(
        "INSERT INTO log_stamp (lender_id, size, authority, at, response, kept_at) VALUES (%s, %s, %s, %s, %s, %s) "
        "ON CONFLICT DO NOTHING",
        (tx.lender_id, stamp.size, digest, stamp.at, stamp.response, now),
    )


def every(tx: Tx) -> list[Stamp]:
    """All stamps, by size."""
    return tx.rows(Stamp, _STAMP + "ORDER BY s.size, s.at", (tx.lender_id,))


def newest(tx: Tx, url: str | None = None) -> Stamp | None:
    """The stamp of the largest head, of one authority or of any."""
    return tx.row(
        Stamp, _STAMP + "AND coalesce(a.url = %s, TRUE) ORDER BY s.size DESC, s.at LIMIT 1", (tx.lender_id, url)
    )


def earliest_over(tx: Tx, seq: int) -> Stamp | None:
    """The earliest stamp whose tree holds the record at a place of the log."""
    return tx.row(Stamp, _STAMP + "AND s.size > %s ORDER BY s.at, s.size LIMIT 1", (tx.lender_id, seq))
