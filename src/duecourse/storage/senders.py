"""The registers of staff and outside firms: records from a day, until a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from psycopg.errors import UniqueViolation

from duecourse.storage.connection import Tx


@dataclass(frozen=True, slots=True)
class Record:
    """One thing on record of a member of staff, or (``staff`` empty) of a firm, until ``to_day`` (excluded)."""

    record_id: int
    firm: str
    staff: str
    kind: str
    from_day: date
    to_day: date | None
    source: str
    actor: str
    known_at: datetime
    ended_by: str | None


_COLUMNS = "record_id, firm, staff, kind, from_day, to_day, source, actor, known_at, ended_by"


def add(
    tx: Tx,
    *,
    firm: str,
    staff: str,
    kind: str,
    from_day: date,
    to_day: date | None,
    source: str,
    actor: str,
    now: datetime,
) -> int | None:
    """Write a record and return its id; None if the member of staff, or the firm, is in the register already."""
    try:
        with tx.connection.transaction():
            added = tx.value(
                "INSERT INTO sender_record (lender_id, firm, staff, kind, from_day, to_day, source, actor, known_at) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING record_id",
                (tx.lender_id, firm, staff, kind, from_day, to_day, source, actor, now),
            )
    except UniqueViolation:
        return None
    return int(str(added))


def end(tx: Tx, *, firm: str, staff: str, kind: str, to_day: date, ended_by: str, record_id: int | None) -> int:
    """End the open records of a kind, or the one of an id; returns how many."""
    return tx.execute(
        "UPDATE sender_record SET to_day = %s, ended_by = %s WHERE lender_id = %s AND firm = %s AND staff = %s "
        "AND kind = %s AND to_day IS NULL AND from_day <= %s AND record_id = coalesce(%s, record_id)",
        (to_day, ended_by, tx.lender_id, firm, staff, kind, to_day, record_id),
    ).rowcount


def of(tx: Tx, firm: str, staff: str) -> list[Record]:
    """All records of a member of staff or of a firm, the earliest first."""
    return tx.rows(
        Record,
        f"SELECT {_COLUMNS} FROM sender_record WHERE lender_id = %s AND firm = %s AND staff = %s "
        "ORDER BY from_day, record_id",
        (tx.lender_id, firm, staff),
    )


def firms(tx: Tx) -> list[str]:
    """The outside firms that stand in the register or have a token."""
    rows = tx.execute(
        "SELECT firm FROM sender_record WHERE lender_id = %(lender)s AND firm <> '' "
        "UNION SELECT firm FROM api_token WHERE lender_id = %(lender)s AND firm <> '' ORDER BY firm",
        {"lender": tx.lender_id},
    )
    return [str(row[0]) for row in rows]


def every(tx: Tx) -> list[Record]:
    """All records of the lender, by firm and staff number."""
    return tx.rows(
        Record,
        f"SELECT {_COLUMNS} FROM sender_record WHERE lender_id = %s ORDER BY firm, staff, from_day, record_id",
        (tx.lender_id,),
    )


def page(tx: Tx, *, firm: str | None, staff: str | None, after: int | None, most: int) -> list[Record]:
    """Records of a firm, of a member of staff, or all, in the order in which they were made, after one."""
    return tx.rows(
        Record,
        f"SELECT {_COLUMNS} FROM sender_record WHERE lender_id = %s AND firm = coalesce(%s, firm) "
        "AND staff = coalesce(%s, staff) AND record_id > %s ORDER BY record_id LIMIT %s",
        (tx.lender_id, firm, staff, -1 if after is None else after, most),
    )
