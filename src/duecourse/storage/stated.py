"""Facts of law that somebody stated and answers for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import polars as pl
from psycopg.types.json import Jsonb

from duecourse.storage import frames
from duecourse.storage.connection import Tx


@dataclass(frozen=True, slots=True)
class Stated:
    """A fact on record; the reason is sealed and not part of it."""

    stated_id: int
    person_id: int
    fact: str
    value: Any
    loan_key: int | None
    from_at: datetime
    to_at: datetime | None
    second_from: int | None
    second_to: int | None
    bound_to: str | None
    source: str
    actor: str
    known_at: datetime
    ended_by: str | None
    firm: str | None


_COLUMNS = (
    "stated_id, person_id, fact, value, loan_key, from_at, to_at, second_from, second_to, bound_to, source, actor, "
    "known_at, ended_by, firm"
)


def add(
    tx: Tx,
    *,
    person_id: int,
    fact: str,
    value: bool | int | str,
    from_at: datetime,
    to_at: datetime | None,
    source: str,
    actor: str,
    now: datetime,
    loan_key: int | None = None,
    seconds: tuple[int, int] | None = None,
    bound_to: str | None = None,
    firm: str | None = None,
    reason_sealed: bytes | None = None,
) -> int:
    """Write a fact and return its id; ``reason_sealed`` is sealed under the field ``stated``.

    ``firm`` is the house to which the person said it, empty for the lender; None where that makes no difference.
    """
    opens, closes = seconds or (None, None)
    added = tx.value(
        "INSERT INTO stated_fact (lender_id, person_id, fact, value, loan_key, from_at, to_at, second_from, "
        "second_to, bound_to, firm, source, reason_sealed, actor, known_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING stated_id",
        (
            tx.lender_id, person_id, fact, Jsonb(value), loan_key, from_at, to_at, opens, closes, bound_to, firm,
            source, reason_sealed, actor, now,
        ),
    )  # fmt: skip
    return int(str(added))


def end(tx: Tx, *, person_id: int, stated_id: int, to_at: datetime, ended_by: str) -> bool:
    """End a fact that stands; False if there is none of that id."""
    done = tx.execute(
        "UPDATE stated_fact SET to_at = %s, ended_by = %s WHERE lender_id = %s AND person_id = %s AND stated_id = %s "
        "AND from_at < %s AND (to_at IS NULL OR to_at > %s)",
        (to_at, ended_by, tx.lender_id, person_id, stated_id, to_at, to_at),
    )
    return done.rowcount == 1


FRAME: dict[str, pl.DataType | type[pl.DataType]] = {
    "stated_id": pl.Int64,
    "person_id": pl.Int64,
    "loan_key": pl.Int64,
    "fact": pl.String,
    "value": pl.String,
    "from_at": pl.Datetime("us", "UTC"),
    "to_at": pl.Datetime("us", "UTC"),
    "second_from": pl.Int32,
    "second_to": pl.Int32,
}
"""Columns of `holding`; ``value`` is JSON."""


def holding(tx: Tx, begins: datetime, ends: datetime, *, persons: pl.Series, names: Sequence[str]) -> pl.DataFrame:
    """What is on record of persons that holds at some instant of a span.

    What is bound to one request, or was given to an outside firm, is left out.
    """
    picked = frames.picked(tx, persons, "person_id")
    query: LiteralString = (
        "SELECT stated_id, person_id, loan_key, fact, value::text, from_at, to_at, second_from, second_to "
        "FROM stated_fact WHERE lender_id = %s AND fact = ANY (%s) AND bound_to IS NULL "
        "AND coalesce(firm, '') = '' AND from_at < %s AND (to_at IS NULL OR to_at > %s) "
        + picked
        + "ORDER BY stated_id"
    )
    return frames.read(tx, query, (tx.lender_id, list(names), ends, begins), FRAME)


def reason_sealed(tx: Tx, person_id: int, stated_id: int) -> bytes | None:
    """The sealed reason of a fact, None where none was given."""
    found = tx.value(
        "SELECT reason_sealed FROM stated_fact WHERE lender_id = %s AND person_id = %s AND stated_id = %s",
        (tx.lender_id, person_id, stated_id),
    )
    return found if isinstance(found, bytes) else None


def of_person(tx: Tx, person_id: int) -> list[Stated]:
    """All facts on record about a person, the latest first."""
    return tx.rows(
        Stated,
        f"SELECT {_COLUMNS} FROM stated_fact WHERE lender_id = %s AND person_id = %s ORDER BY stated_id DESC",
        (tx.lender_id, person_id),
    )
