"""Lines of letters: what they say of the lender, or of a firm that writes for it, from a day, until a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from duecourse.storage.connection import Tx


@dataclass(frozen=True, slots=True)
class Line:
    """One line, until ``to_day`` (excluded)."""

    line_id: int
    firm: str
    name: str
    value: str
    from_day: date
    to_day: date | None
    source: str
    actor: str
    at: datetime
    ended_by: str | None


_COLUMNS = "line_id, firm, name, value, from_day, to_day, source, actor, at, ended_by"


def add(
    tx: Tx,
    *,
    firm: str,
    name: str,
    value: str,
    from_day: date,
    to_day: date | None,
    source: str,
    actor: str,
    now: datetime,
) -> int:
    """Enter a line and return its number."""
    return int(
        str(
            tx.value(
                "INSERT INTO letterhead (lender_id, firm, name, value, from_day, to_day, source, actor, at) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING line_id",
                (tx.lender_id, firm, name, value, from_day, to_day, source, actor, now),
            )
        )
    )


def end(tx: Tx, *, line_id: int, to_day: date, by: str) -> bool:
    """End a line that stands, from a day on; false where none of this number does."""
    return bool(
        tx.execute(
            "UPDATE letterhead SET to_day = greatest(%s, from_day), ended_by = %s "
            "WHERE lender_id = %s AND line_id = %s AND (to_day IS NULL OR to_day > %s)",
            (to_day, by, tx.lender_id, line_id, to_day),
        ).rowcount
    )


def every(tx: Tx, most: int = 500) -> list[Line]:
    """All lines, the latest entered first."""
    return tx.rows(
        Line, f"SELECT {_COLUMNS} FROM letterhead WHERE lender_id = %s ORDER BY line_id DESC LIMIT %s",
        (tx.lender_id, most),
    )  # fmt: skip


def on_day(tx: Tx, firm: str, day: date) -> dict[str, Line]:
    """The lines of a firm (empty: of the lender) that hold on a day, by name."""
    found = tx.rows(
        Line,
        f"SELECT {_COLUMNS} FROM letterhead WHERE lender_id = %s AND firm = %s AND from_day <= %s "
        "AND (to_day IS NULL OR to_day > %s) ORDER BY line_id",
        (tx.lender_id, firm, day, day),
    )
    return {one.name: one for one in found}
