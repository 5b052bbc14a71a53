"""Payments that stand on some loans, as a version of the book knows them: by day, without those taken back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING

import polars as pl

from duecourse.core.events import MONEY_IN, Kind
from duecourse.core.ids import shard

if TYPE_CHECKING:
    from duecourse.book.store import BookVersion, Store

SCHEMA: dict[str, type[pl.DataType]] = {"loan_key": pl.Int64, "effective": pl.Date, "amount": pl.Int64}
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
    """Payments from a day on, those reversed left out; ``persons`` are the borrowers, whose shards alone are read.

    A payment that bounced counts as never made, whatever the contract says of the days in between: a promise is not
    kept by money that went back.
    """
    if not loan_keys or not persons:
        return pl.DataFrame(schema=SCHEMA)
    shards = sorted({shard(person, version.shards) for person in persons})
    told = store.scan(version, "events").filter(
        pl.col("shard").is_in(shards) & pl.col("loan_key").is_in(list(loan_keys)) & (pl.col("known") <= known)
    )
    kinds = [kind.value for kind in MONEY_IN]
    rows = told.filter(pl.col("kind").is_in([*kinds, Kind.REVERSAL.value])).collect()
    back = rows.filter(pl.col("kind") == Kind.REVERSAL).select("loan_key", ref="target")
    stands = rows.filter(pl.col("kind").is_in(kinds) & (pl.col("effective") >= since))
    return stands.join(back, on=["loan_key", "ref"], how="anti").select(list(SCHEMA)).sort("loan_key", "effective")
