"""Facts of law that a lender said once of all its claims and answers for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from psycopg.types.json import Jsonb

from duecourse.storage import frames
from duecourse.storage.connection import Tx


@dataclass(frozen=True, slots=True)
class LenderFact:
    """A fact on record."""

    stated_id: int
    firm: str
    fact: str
    value: Any
    from_at: datetime
    to_at: datetime | None
    source: str
    actor: str
    known_at: datetime
    ended_by: str | None


FRAME: dict[str, pl.DataType | type[pl.DataType]] = {
    "stated_id": pl.Int64,
    "fact": pl.String,
    "value": pl.String,
    "from_at": pl.Datetime("us", "UTC"),
    "to_at": pl.Datetime("us", "UTC"),
}
"""Columns of `holding`; ``value`` is JSON."""


def add(
    tx: Tx,
    *,
    firm: str,
    fact: str,
    value: bool | int | str,
    from_at: datetime,
    to_at: datetime | None,
    source: str,
    actor: str,
    now: datetime,
) -> int:
    """Write a fact and return its id."""
    added = tx.value(
        "INSERT INTO lender_fact (lender_id, firm, fact, value, from_at, to_at, source, actor, known_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING stated_id",
        (tx.lender_id, firm, fact, Jsonb(value), from_at, to_at, source, actor, now),
    )
    return int(str(added))


def end(tx: Tx, *, stated_id: int, to_at: datetime, ended_by: str) -> bool:
    """End a fact that stands; False if there is none of that id."""
    done = tx.execute(
        "UPDATE lender_fact SET to_at = %s, ended_by = %s WHERE lender_id = %s AND stated_id = %s "
        "AND from_at < %s AND (to_at IS NULL OR to_at > %s)",
        (to_at, ended_by, tx.lender_id, stated_id, to_at, to_at),
    )
    return done.rowcount == 1


def every(tx: Tx) -> list[LenderFact]:
    """All facts on record, the latest first."""
    return tx.rows(
        LenderFact,
        "SELECT stated_id, firm, fact, value, from_at, to_at, source, actor, known_at, ended_by FROM lender_fact "
        "WHERE lender_id = %s ORDER BY stated_id DESC",
        (tx.lender_id,),
    )


def holding(tx: Tx, begins: datetime, ends: datetime) -> pl.DataFrame:
    """What the lender said of itself and its claims, no outside firm's, that holds at some instant of a span."""
    return frames.read(
        tx,
        "SELECT stated_id, fact, value::text, from_at, to_at FROM lender_fact WHERE lender_id = %s AND firm = '' "
        "AND from_at < %s AND (to_at IS NULL OR to_at > %s) ORDER BY stated_id",
        (tx.lender_id, ends, begins),
        FRAME,
    )
