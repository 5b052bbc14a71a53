"""Strategies as they were loaded: every version with its text and the day from which it counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256

from duecourse.storage.connection import Tx


@dataclass(frozen=True, slots=True)
class StrategyVersion:
    """A strategy's text, its SHA-256, and the day from which it counts."""

    strategy_id: str
    version: int
    content: str = field(repr=False)
    content_hash: bytes = field(repr=False)
    from_day: date
    known_at: datetime


_STRATEGY = "SELECT strategy_id, version, content, content_hash, from_day, known_at FROM strategy_version "


def add(tx: Tx, *, strategy_id: str, content: str, from_day: date, now: datetime) -> int:
    """Keep a strategy and return its version; the same text again is the version it already has."""
    known = tx.value(
        "SELECT version FROM strategy_version WHERE lender_id = %s AND strategy_id = %s AND content_hash = %s",
        (tx.lender_id, strategy_id, sha256(content.encode()).digest()),
    )
    if known is not None:
        return int(str(known))
    added = tx.value(
        "INSERT INTO strategy_version (lender_id, strategy_id, version, content, content_hash, from_day, known_at) "
        "SELECT %(lender)s::text, %(id)s::text, coalesce(max(version), 0) + 1, %(content)s, %(hash)s, "
        "%(day)s::date, %(now)s "
        "FROM strategy_version WHERE lender_id = %(lender)s::text AND strategy_id = %(id)s::text RETURNING version",
        {
            "lender": tx.lender_id, "id": strategy_id, "content": content, "hash": sha256(content.encode()).digest(),
            "day": from_day, "now": now,
        },
    )  # fmt: skip
    return int(str(added))


def on_day(tx: Tx, strategy_id: str, day: date) -> StrategyVersion | None:
    """The version that counts on a day, or None."""
    return tx.row(
        StrategyVersion,
        _STRATEGY + "WHERE lender_id = %s AND strategy_id = %s AND from_day <= %s "
        "ORDER BY from_day DESC, version DESC LIMIT 1",
        (tx.lender_id, strategy_id, day),
    )


def get(tx: Tx, strategy_id: str, version: int) -> StrategyVersion | None:
    """One version, or None."""
    return tx.row(
        StrategyVersion,
        _STRATEGY + "WHERE lender_id = %s AND strategy_id = %s AND version = %s",
        (tx.lender_id, strategy_id, version),
    )
