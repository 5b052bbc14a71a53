"""What many loans owe on the days on which money came in, and how each payment is shared over them: in columns.

The same as `book.sharing`, which reads one loan after the other and explains; a test holds the two together. Events
that the desk made and that the version lacks come beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from duecourse.book.kernels.age import read
from duecourse.book.kernels.prepare import prepare
from duecourse.core.allocation import Debt, Share, share_over_debts

if TYPE_CHECKING:
    from duecourse.book.store import BookVersion, Store

FIGURES = {
    "loan_key": pl.Int64, "day": pl.Date, "due": pl.Int64, "overdue": pl.Int64, "settle": pl.Int64,
    "next_due": pl.Date, "next_amount": pl.Int64, "oldest_due": pl.Date, "secured": pl.Boolean, "burden": pl.Int64,
    "status": pl.Int8,
}  # fmt: skip
"""Columns of `figures`: minor units; ``burden`` is the yearly rate in force, in ppm, that leaving it unpaid costs."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Rows of the book's tables that a version lacks: what the desk entered since."""

    events: pl.DataFrame
    instalments: pl.DataFrame


def figures(
    store: Store,
    version: BookVersion,
    wanted: pl.DataFrame,
    *,
    known: datetime,
    beside: Beside | None = None,
    threads: int = 2,
) -> pl.DataFrame:
    """What loans owe on days (``wanted``: ``loan_key``, ``day``); none of those not in the book, or with a fault."""
    pairs = wanted.select(pl.col("loan_key").cast(pl.Int64), pl.col("day").cast(pl.Date)).unique()
    keys = pairs.select("loan_key").unique()
    loans = _of(store, version, "loans", keys).filter(pl.col("known") <= known)
    loans = loans.sort("loan_key", "known").unique("loan_key", keep="last", maintain_order=True)
    if loans.is_empty():
        return pl.DataFrame(schema=FIGURES)
    conventions = store.read(version, "conventions")
    instalments, events = _of(store, version, "instalments", keys), _of(store, version, "events", keys)
    if beside is not None:
        instalments = pl.concat([instalments, beside.instalments.select(instalments.columns)])
        events = pl.concat([events, beside.events.select(events.columns)])
    book = prepare(loans, conventions, instalments, events, known=known, threads=threads)
    place = book.loans.select("loan_key").with_row_index("place")
    jobs = pairs.join(place, on="loan_key", how="inner").sort("place", "day")
    days = jobs["day"].to_numpy().astype("datetime64[D]").astype(np.int32)
    found = read(book, jobs["place"].to_numpy().astype(np.int64), days, threads=threads).filter(
        pl.col("fault").is_null()
    )
    terms = _terms(conventions)
    told = loans.select("loan_key", "secured", "conventions").join(terms, on="conventions")
    late = pl.col("penalty_ppm") + pl.when(pl.col("beside")).then(pl.col("rate_ppm")).otherwise(0)
    burden = pl.when((pl.col("overdue") > 0) & (pl.col("penalty_ppm") > 0)).then(late).otherwise(pl.col("rate_ppm"))
    return (
        found.join(told, on="loan_key")
        .with_columns(burden=burden)
        .select(pl.col(n).cast(k) for n, k in FIGURES.items())
    )


def _of(store: Store, version: BookVersion, table: str, keys: pl.DataFrame) -> pl.DataFrame:
    return store.scan(version, table).join(keys.lazy(), on="loan_key", how="semi").collect()


def _terms(conventions: pl.DataFrame) -> pl.DataFrame:
    rows = [
        (one, json.loads(terms).get("penalty_mode") == "beside")
        for one, terms in conventions.select("conventions", "terms").iter_rows()
    ]
    return pl.DataFrame(rows, schema={"conventions": pl.String, "beside": pl.Boolean}, orient="row")


def debts_of(rows: Sequence[Mapping[str, object]]) -> list[Debt]:
    """Rows of `figures` of one debtor on one day, as the law looks at them; the ref is the loan key."""
    return [_debt(row) for row in rows]


def _debt(row: Mapping[str, object]) -> Debt:
    due, settle = int(str(row["due"])), int(str(row["settle"]))
    oldest = row["oldest_due"] or row["next_due"] or row["day"]
    if not isinstance(oldest, date):
        raise TypeError(f"{oldest!r} is no day")
    return Debt(str(row["loan_key"]), due, max(settle - due, 0), bool(row["secured"]), int(str(row["burden"])), oldest)


def share(minor: int, rows: Sequence[Mapping[str, object]], named: Sequence[int]) -> tuple[list[Share], int]:
    """Share a payment over the loans of a debtor by 民法典 560; ``named`` are loan keys that the payer named."""
    debts = debts_of(rows)
    known = {debt.ref for debt in debts}
    return share_over_debts(minor, debts, [str(key) for key in named if str(key) in known])
