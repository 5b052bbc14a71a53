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


@dataclass(frozen=True, slots=True)
class StrategyUse:
    """From which day on the day run takes a version, for what reason, and who decided."""

    use_id: int
    strategy_id: str
    version: int
    from_day: date
    reason: str
    approval_id: int | None
    actor: str
    at: datetime


def add(tx: Tx, *, strategy_id: str, content: str, from_day: date, now: datetime) -> int:
    """Keep a strategy and return its version; the same text again is the version it already has.

    ``from_day`` is the day from which it counts among the versions of its own name.
    """
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


def in_use(tx: Tx, day: date) -> StrategyVersion | None:
    """The version that the day run takes on a day: of what was said to hold by then the last; None if nothing was."""
    return tx.row(
        StrategyVersion,
        "SELECT v.strategy_id, v.version, v.content, v.content_hash, u.from_day, v.known_at FROM strategy_use u "
        "JOIN strategy_version v USING (lender_id, strategy_id, version) WHERE u.lender_id = %s AND u.from_day <= %s "
        "ORDER BY u.from_day DESC, u.use_id DESC LIMIT 1",
        (tx.lender_id, day),
    )


def use(
    tx: Tx,
    *,
    strategy_id: str,
    version: int,
    from_day: date,
    reason: str,
    approval_id: int | None,
    actor: str,
    now: datetime,
) -> None:
    """Say that the day run takes a version from a day on."""
    tx.execute(
        "INSERT INTO strategy_use (lender_id, strategy_id, version, from_day, reason, approval_id, actor, at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (tx.lender_id, strategy_id, version, from_day, reason, approval_id, actor, now),
    )


def lock(tx: Tx) -> None:
    """Hold what is said of use until the transaction ends: of two who choose at once the second sees the first."""
    tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('strategy_use ' || %s, 0))", (tx.lender_id,))


def uses(tx: Tx, most: int = 50) -> list[StrategyUse]:
    """What was said of use, the latest first."""
    return tx.rows(
        StrategyUse,
        "SELECT use_id, strategy_id, version, from_day, reason, approval_id, actor, at FROM strategy_use "
        "WHERE lender_id = %s ORDER BY use_id DESC LIMIT %s",
        (tx.lender_id, most),
    )


def every(tx: Tx, most: int = 200) -> list[StrategyVersion]:
    """All versions that are kept, the latest first."""
    return tx.rows(
        StrategyVersion, _STRATEGY + "WHERE lender_id = %s ORDER BY known_at DESC, version DESC LIMIT %s",
        (tx.lender_id, most),
    )  # fmt: skip


def get(tx: Tx, strategy_id: str, version: int) -> StrategyVersion | None:
    """One version, or None."""
    return tx.row(
        StrategyVersion,
        _STRATEGY + "WHERE lender_id = %s AND strategy_id = %s AND version = %s",
        (tx.lender_id, strategy_id, version),
    )
