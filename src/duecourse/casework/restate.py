"""What each loan was on each day: today's rows, and those of earlier days that facts learnt since then change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import polars as pl

from duecourse.book.day import AGES, Shard, age_shard
from duecourse.book.propose import Setting
from duecourse.book.store import BookVersion, Store

RESTATED_DAYS = 35
"""How far back a fact that was learnt late restates what was said of a loan; earlier days are aged anew when asked."""


def new_ages(
    store: Store, base: BookVersion, setting: Setting, today: pl.DataFrame, *, known_by: datetime
) -> tuple[pl.DataFrame, int]:
    """Rows for the ``ages`` table: today's, and those of earlier days that facts learnt since then change.

    Only loans touched by such facts are aged again. Rows that are already there are left out. ``known`` is that of the
    book, or an instant after the last row's where another strategy or law changes a day without new facts.
    """
    day = setting.day
    shards = store.scan(base, "loans").select("loan_key", "shard").unique("loan_key").collect()
    ages = store.scan(base, "ages").filter(pl.col("day") >= day - timedelta(days=RESTATED_DAYS))
    last = ages.select(pl.col("known").max()).collect().item()
    now = known_by if last is None else max(known_by, last + timedelta(microseconds=1))
    fresh = [_dated(today, day, shards, now)]
    late = pl.DataFrame(schema={"loan_key": pl.Int64, "effective": pl.Date})
    if last is not None:
        learnt = pl.col("known").is_between(last, known_by, closed="right")
        late = store.scan(base, "events").filter(learnt).select("loan_key", "effective").collect()
    conventions = store.read(base, "conventions")
    touched = 0
    for earlier in ages.filter(pl.col("day") < day).select("day").unique().sort("day").collect()["day"]:
        keys = late.filter(pl.col("effective") <= earlier).select("loan_key").unique()
        if keys.is_empty():
            continue
        part = _only(store, base, keys, known_by)
        aged, _ = age_shard(part, conventions, replace(setting, day=earlier), known=known_by)
        fresh.append(_dated(aged.select(AGES), earlier, shards, now))
        touched += keys.height
    rows = pl.concat(fresh)
    same = [name for name in rows.columns if name not in {"known", "shard"}]
    asked = (pl.col("day") == day) | pl.col("loan_key").is_in(late["loan_key"].unique().implode())
    latest = ages.filter(asked).collect().sort("known").unique(["day", "loan_key"], keep="last")
    return rows.join(latest.select(same), on=same, how="anti", nulls_equal=True), touched


def _only(store: Store, base: BookVersion, keys: pl.DataFrame, known_by: datetime) -> Shard:
    return Shard(
        *(
            store.read(base, table, known=known_by).join(keys, on="loan_key", how="semi", maintain_order="left")
            for table in ("loans", "instalments", "events")
        )
    )


def _dated(ages: pl.DataFrame, day: date, shards: pl.DataFrame, known: datetime) -> pl.DataFrame:
    return ages.join(shards, on="loan_key", how="left").with_columns(day=pl.lit(day), known=pl.lit(known))
