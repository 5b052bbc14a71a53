"""Matters page by page: open ones by the day by which they are answered, then those that ended, likewise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import LiteralString

from duecourse.storage.connection import Tx
from duecourse.storage.matters import COLUMNS, Matter

CURSOR = re.compile(r"^[01]-([0-9]{8}|x)-[0-9]{1,18}$")
"""Where a page of matters goes on: whether the last one ended, its day, its number."""

_DAY: LiteralString = "coalesce(to_char(due_day, 'YYYYMMDD'), 'x') COLLATE \"C\""
_STATES: Mapping[str, LiteralString] = {
    "open": "AND ended_at IS NULL ", "escalated": "AND ended_at IS NULL AND escalated_at IS NOT NULL ",
    "late": "AND ended_at IS NULL AND due_day < %(today)s ", "ended": "AND ended_at IS NOT NULL ",
}  # fmt: skip


def cursor(one: Matter) -> str:
    """Where the page goes on after a matter."""
    day = "x" if one.due_day is None else f"{one.due_day:%Y%m%d}"
    return f"{0 if one.ended_at is None else 1}-{day}-{one.matter_id}"


def page(
    tx: Tx, *, today: date, case_id: int | None = None, kind: str | None = None, state: str | None = None,
    due_until: date | None = None, after: str | None = None, most: int,
) -> list[Matter]:  # fmt: skip
    """Matters after a cursor: open ones by the day by which they are answered, then those that ended, likewise."""
    ended, day, number = after.split("-") if after else ("0", "", "0")
    return tx.rows(
        Matter,
        "SELECT " + COLUMNS + " FROM matter WHERE lender_id = %(lender)s "
        "AND (%(case)s::bigint IS NULL OR case_id = %(case)s) AND (%(kind)s::text IS NULL OR kind = %(kind)s) "
        "AND (%(until)s::date IS NULL OR due_day <= %(until)s) " + _STATES.get(state or "", "")
        + "AND (NOT %(paged)s OR (ended_at IS NOT NULL, " + _DAY + ", matter_id) > "
        "(%(ended)s::boolean, %(day)s::text, %(number)s::bigint)) "
        "ORDER BY ended_at IS NOT NULL, " + _DAY + ", matter_id "
        "LIMIT %(most)s",
        {
            "lender": tx.lender_id, "case": case_id, "kind": kind, "until": due_until, "today": today,
            "paged": after is not None, "ended": ended == "1", "day": day, "number": int(number), "most": most,
        },
    )  # fmt: skip
