"""Payments on some loans, as a version of the book knows them: by day, with whether each was taken back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING

import polars as pl

from duecourse.core.events import MONEY_IN, Kind
from duecourse.core.ids import shard

if TYPE_CHECKING:
    from duecourse.book.store import BookVersion, Store

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "loan_key": pl.Int64, "effective": pl.Date, "amount": pl.Int64, "ref": pl.String,
    "known": pl.Datetime("us", "UTC"), "back": pl.Boolean,
}  # fmt: skip
"""Columns of `payments`."""


def payments(
    store: Store,
    version: BookVersion,
    loan_keys: Collection[int],
    *,
    persons: Collection[int],
    since: date,
    known: datetime,
) -> pl.DataFrame:
    """Payments from a day on; ``persons`` are the borrowers, whose shards alone are read.

    One that bounced is ``back`` from its own day, whatever the contract says of the days in between: a promise is not
    kept by money that went back.
    """
    if not loan_keys or not persons:
        return pl.DataFrame(schema=SCHEMA)
    shards = sorted({shard(person, version.shards) for person in persons})
    seen = store.scan(version, "events").filter(
        pl.col("shard").is_in(shards) & pl.col("loan_key").is_in(list(loan_keys)) & (pl.col("known") <= known)
    )
    kinds = [kind.value for kind in MONEY_IN]
    rows = seen.filter(pl.col("kind").is_in([*kinds, Kind.REVERSAL.value])).collect()
    back = rows.filter(pl.col("kind") == Kind.REVERSAL).select("loan_key", ref="target", back=pl.lit(value=True))
    came = rows.filter(pl.col("kind").is_in(kinds) & (pl.col("effective") >= since))
    told = came.join(back.unique(), on=["loan_key", "ref"], how="left").with_columns(
        pl.col("back").fill_null(value=False)
    )
    return told.select(list(SCHEMA)).sort("loan_key", "effective", "ref")
