"""The lender's figures against ours: for each figure a tape states, what our arithmetic says of that day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from duecourse.book.kernels.age import age
from duecourse.book.tape.change import BREAKS, breaks

if TYPE_CHECKING:
    from datetime import datetime

    from duecourse.book.store import BookVersion, Store

OURS = {
    "principal": pl.col("not_due") + pl.col("principal"),
    "not_due": pl.col("not_due"),
    "principal_due": pl.col("principal"),
    "interest_due": pl.col("interest"),
    "fee_due": pl.col("fee"),
    "cost_due": pl.col("cost"),
    "penalty_due": pl.col("penalty"),
    "compound_due": pl.col("compound"),
    "due": pl.col("due"),
    "overdue": pl.col("overdue"),
    "accrued": pl.col("accrued"),
    "settle": pl.col("settle"),
    "credit": pl.col("credit"),
    "paid_total": pl.col("paid_total"),
    "next_amount": pl.col("next_amount"),
    "dpd": pl.col("dpd"),
}
"""Each item that a tape may state, from the columns of `age`."""


def compare(
    store: Store, at: BookVersion, stated: pl.DataFrame, *, known: datetime, threads: int
) -> tuple[pl.DataFrame, int]:
    """Breaks of figures (loan_key, day, item, value) that differ from ours by version ``at``; and how many agree.

    Of several days of one figure the last counts. Loans that cannot be reckoned are passed over: `age` names them.
    """
    last = stated.sort("loan_key", "item", "day").unique(["loan_key", "item"], keep="last", maintain_order=True)
    if last.is_empty():
        return pl.DataFrame(schema=BREAKS), 0
    wanted = last.select("loan_key").unique()
    loans, instalments, events = (
        store.read(at, table, known=known).join(wanted, on="loan_key", how="semi", maintain_order="left")
        for table in ("loans", "instalments", "events")
    )
    conventions = store.read(at, "conventions")
    found = []
    for (day,), part in last.group_by("day", maintain_order=True):
        here = loans.join(part.select("loan_key").unique(), on="loan_key", how="semi", maintain_order="left")
        ours = age(here, conventions, instalments, events, as_of=day, known=known, threads=threads)
        found.append(_ours(part, ours))
    both = pl.concat(found).join(loans.select("loan_key", "currency"), on="loan_key", how="left")
    unlike = both.filter(pl.col("value") != pl.col("ours")).sort("loan_key", "item")
    days = pl.col("item") == "dpd"
    return breaks(
        unlike,
        kind=pl.when(days).then(pl.lit("dpd")).otherwise(pl.lit("balance")),
        subject=pl.col("item"),
        currency=pl.when(~days).then("currency"),
        theirs_minor=pl.when(~days).then("value"),
        ours_minor=pl.when(~days).then("ours"),
        theirs_days=pl.when(days).then("value"),
        ours_days=pl.when(days).then("ours"),
    ), both.height - unlike.height


def _ours(stated: pl.DataFrame, ours: pl.DataFrame) -> pl.DataFrame:
    items = stated["item"].unique().to_list()
    long = (
        ours.filter(pl.col("fault").is_null())
        .select("loan_key", *(OURS[item].cast(pl.Int64).alias(item) for item in items))
        .unpivot(index="loan_key", variable_name="item", value_name="ours")
    )
    return stated.join(long, on=["loan_key", "item"]).select("loan_key", "item", "value", "ours")
