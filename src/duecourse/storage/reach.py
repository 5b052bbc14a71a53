"""How debtors could be reached lately, and which persons turned out to be one: read for a whole day run."""

from __future__ import annotations

from datetime import date

import polars as pl

from duecourse.storage import frames
from duecourse.storage.connection import Tx

BY_NUMBER: dict[str, pl.DataType | type[pl.DataType]] = {
    "debtor_id": pl.Int64,
    "value_index": pl.String,
    "attempts": pl.Int64,
    "days": pl.Int64,
    "reached": pl.Boolean,
}
"""Columns of `reach`; ``reached``: a call was answered there, or the debtor called or wrote from there."""

ALIASES: dict[str, pl.DataType | type[pl.DataType]] = {"person_id": pl.Int64, "root_id": pl.Int64}
"""Columns of `aliases`."""


def reach(tx: Tx, *, since: date, until: date) -> pl.DataFrame:
    """Calls to each of a debtor's own numbers on the days from ``since`` to ``until`` (excluded)."""
    return frames.read(
        tx,
        "SELECT debtor_id, encode(point_index, 'hex'), "
        "count(*) FILTER (WHERE direction = 'out' AND channel IN ('call', 'robot_call')), "
        "count(DISTINCT local_day) FILTER (WHERE direction = 'out' AND channel IN ('call', 'robot_call')), "
        "bool_or(direction = 'in' OR (channel IN ('call', 'robot_call') AND coalesce(connected, false))) "
        "FROM contact WHERE lender_id = %s AND local_day >= %s AND local_day < %s AND person_id = debtor_id "
        "AND state NOT IN ('reserved', 'released') AND point_index IS NOT NULL "
        "GROUP BY debtor_id, point_index ORDER BY debtor_id, point_index",
        (tx.lender_id, since, until),
        BY_NUMBER,
    )


def aliases(tx: Tx) -> pl.DataFrame:
    """Each merged person and the person it was merged into, through any number of steps."""
    return frames.read(
        tx,
        "WITH RECURSIVE up AS (SELECT person_id, alias_of AS root_id FROM person "
        "WHERE lender_id = %(lender)s AND alias_of IS NOT NULL "
        "UNION SELECT up.person_id, p.alias_of FROM up JOIN person p ON p.lender_id = %(lender)s "
        "AND p.person_id = up.root_id WHERE p.alias_of IS NOT NULL) "
        "SELECT up.person_id, up.root_id FROM up JOIN person p ON p.lender_id = %(lender)s "
        "AND p.person_id = up.root_id WHERE p.alias_of IS NULL ORDER BY up.person_id",
        {"lender": tx.lender_id},
        ALIASES,
    )
