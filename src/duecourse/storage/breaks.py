"""Breaks: where the lender's figure and ours differ. While one is open, we claim the lower figure."""

from __future__ import annotations

from datetime import date

import polars as pl

from duecourse.storage import frames
from duecourse.storage.connection import Tx

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "kind": pl.String,
    "loan_key": pl.Int64,
    "subject": pl.String,
    "currency": pl.String,
    "theirs_minor": pl.Int64,
    "ours_minor": pl.Int64,
    "theirs_days": pl.Int32,
    "ours_days": pl.Int32,
}
"""Columns given to `set_open` and read by `open_breaks` (there with ``opened_day``)."""

_KEY = "s.kind = b.kind AND s.loan_key = b.loan_key AND s.subject = b.subject"


def set_open(
    tx: Tx, breaks: pl.DataFrame, *, checked: pl.Series, kinds: list[str], version: int, day: date, by: str
) -> tuple[int, int]:
    """Make the open breaks of the loans in ``checked``, of these kinds, equal to ``breaks``; returns (opened, closed).

    A break that goes on keeps its opening day and takes the new figures; one no longer found is closed ``by`` this.
    """
    frames.stage(tx, breaks.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items()), "break")
    frames.stage(tx, pl.DataFrame({"loan_key": checked.cast(pl.Int64)}), "checked")
    closed = tx.execute(
        "UPDATE break b SET closed_version = %s, closed_day = %s, closed_by = %s WHERE lender_id = %s "
        "AND closed_day IS NULL AND kind = ANY(%s) AND loan_key IN (SELECT loan_key FROM pg_temp.stage_checked) "
        "AND NOT EXISTS (SELECT FROM pg_temp.stage_break s WHERE " + _KEY + ")",
        (version, day, by, tx.lender_id, kinds),
    ).rowcount
    tx.execute(
        "UPDATE break b SET currency = s.currency, theirs_minor = s.theirs_minor, ours_minor = s.ours_minor, "
        "theirs_days = s.theirs_days, ours_days = s.ours_days FROM pg_temp.stage_break s "
        "WHERE b.lender_id = %s AND b.closed_day IS NULL AND " + _KEY + " AND (b.currency, b.theirs_minor, "
        "b.ours_minor, b.theirs_days, b.ours_days) IS DISTINCT FROM (s.currency, s.theirs_minor, s.ours_minor, "
        "s.theirs_days, s.ours_days)",
        (tx.lender_id,),
    )
    opened = tx.execute(
        "INSERT INTO break (lender_id, kind, loan_key, subject, currency, theirs_minor, ours_minor, theirs_days, "
        "ours_days, opened_version, opened_day) SELECT %s, kind, loan_key, subject, currency, theirs_minor, "
        "ours_minor, theirs_days, ours_days, %s::bigint, %s::date FROM pg_temp.stage_break "
        "ORDER BY loan_key, kind, subject "
        "ON CONFLICT (lender_id, kind, loan_key, subject) WHERE closed_day IS NULL DO NOTHING",
        (tx.lender_id, version, day),
    ).rowcount
    return opened, closed


def open_breaks(tx: Tx, *, loans: pl.Series | None = None) -> pl.DataFrame:
    """Open breaks of the given loans or of all, by loan, kind and subject."""
    picked = frames.picked(tx, loans, "loan_key")
    return frames.read(
        tx,
        "SELECT kind, loan_key, subject, currency, theirs_minor, ours_minor, theirs_days, ours_days, opened_day "
        "FROM break WHERE lender_id = %s AND closed_day IS NULL " + picked + "ORDER BY loan_key, kind, subject",
        (tx.lender_id,),
        {**SCHEMA, "opened_day": pl.Date},
    )


def page(found: pl.DataFrame, most: int, *, after: int | None = None) -> pl.DataFrame:
    """The first ``most`` open breaks of the loans after one, less those of a loan that would be cut; a loan's at least.

    >>> found = pl.DataFrame({"loan_key": [1, 2, 2, 3]})
    >>> page(found, 2)["loan_key"].to_list(), page(found, 1, after=1)["loan_key"].to_list()
    ([1], [2, 2])
    """
    rest = found if after is None else found.filter(pl.col("loan_key") > after)
    if rest.height <= most:
        return rest
    cut = rest["loan_key"][most]
    whole = rest.filter(pl.col("loan_key") < cut)
    return whole if whole.height else rest.filter(pl.col("loan_key") == cut)
