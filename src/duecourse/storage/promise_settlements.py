"""What became of promises once their day had ended, with every payment that was looked at: added, never changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from duecourse.storage.connection import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """One settling of a promise; the latest ``ordinal`` holds. ``looked_at``: loan, day, minor, ref, why."""

    person_id: int
    promise_id: int
    ordinal: int
    state: str
    amount_minor: int
    paid_minor: int
    kept_day: date | None
    version: int
    through_day: date
    looked_at: Sequence[Mapping[str, Any]]
    actor: str
    at: datetime


_SELECT: LiteralString = (
    "SELECT person_id, promise_id, ordinal, state, amount_minor, paid_minor, kept_day, version, through_day, "
    "looked_at, actor, at FROM promise_settlement "
)


def add(tx: Tx, one: Settlement) -> None:
    """Keep a settling; of two that settle the same at once, the database lets one."""
    tx.execute(
        "INSERT INTO promise_settlement (lender_id, person_id, promise_id, ordinal, state, amount_minor, paid_minor, "
        "kept_day, version, through_day, looked_at, actor, at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            tx.lender_id, one.person_id, one.promise_id, one.ordinal, one.state, one.amount_minor, one.paid_minor,
            one.kept_day, one.version, one.through_day, Jsonb([dict(each) for each in one.looked_at]), one.actor,
            one.at,
        ),
    )  # fmt: skip


def latest(tx: Tx, promise_ids: Collection[int]) -> dict[int, Settlement]:
    """The settling that holds of each of these promises that was settled."""
    found = tx.rows(
        Settlement,
        "SELECT DISTINCT ON (promise_id) * FROM (" + _SELECT + "WHERE lender_id = %s AND promise_id = ANY (%s)) s "
        "ORDER BY promise_id, ordinal DESC",
        (tx.lender_id, list(promise_ids)),
    )
    return {one.promise_id: one for one in found}


def of_promise(tx: Tx, promise_id: int) -> list[Settlement]:
    """Every settling of a promise, the first first."""
    return tx.rows(
        Settlement, _SELECT + "WHERE lender_id = %s AND promise_id = %s ORDER BY ordinal", (tx.lender_id, promise_id)
    )


def lock(tx: Tx) -> None:
    """Let one settle the lender's promises at a time, until the transaction ends."""
    tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 250))", (f"promises {tx.lender_id}",))
