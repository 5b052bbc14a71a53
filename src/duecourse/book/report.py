"""The book in numbers: by stage and class, roll rates, vintages, cures. Each number is defined here, once.

Rates are counts or amounts over counts or amounts, kept as pairs of whole numbers; whoever shows them divides. What a
loan was at a month's end is aged anew from its events as known now: a fact learnt late is in every month it counts for.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import polars as pl

from duecourse.book.day import STATUS
from duecourse.book.kernels.age import age
from duecourse.core.reading import Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from duecourse.book.store import BookVersion, Store

STAGES = [stage.value for stage in Stage]
OPEN = ("active", "written_off")


def month_ends(last: date, months: int) -> list[date]:
    """The ends of the ``months`` months before the one of ``last``, ascending, and ``last`` itself.

    >>> month_ends(date(2026, 3, 15), 2)
    [datetime.date(2026, 1, 31), datetime.date(2026, 2, 28), datetime.date(2026, 3, 15)]
    """
    days = [last]
    first = last.replace(day=1)
    for _ in range(months):
        end = first - timedelta(days=1)
        days.insert(0, end)
        first = end.replace(day=1)
    return days


def at_month_ends(
    store: Store,
    version: BookVersion,
    days: list[date],
    *,
    known: datetime,
    threads: int = 2,
    progress: Callable[[int], None] = lambda _done: None,
) -> pl.DataFrame:
    """Every loan on every day: loan_key, day, start, currency, status, dpd, stage, owed (minor units), oldest first."""
    found = []
    for shard in range(version.shards):
        loans, instalments, events = (
            store.read(version, table, shard=shard, known=known) for table in ("loans", "instalments", "events")
        )
        conventions = store.read(version, "conventions")
        attributes = loans.select("loan_key", "start", "currency")
        for place, day in enumerate(days):
            aged = age(loans, conventions, instalments, events, as_of=day, known=known, threads=threads)
            found.append(
                aged.filter(pl.col("fault").is_null()).join(attributes, on="loan_key").select(
                    "loan_key", "start", "currency", "dpd", "day",
                    status=pl.col("status").replace_strict(STATUS, return_dtype=pl.String),
                    stage=_stage(),
                    owed=pl.col("principal") + pl.col("not_due"),
                )
            )  # fmt: skip
            progress(shard * len(days) + place + 1)
    return pl.concat(found).sort("loan_key", "day")


def _stage() -> pl.Expr:
    rank = ((pl.col("dpd") + 29) // 30).clip(0, len(STAGES) - 1)
    named: pl.Expr = rank.cast(pl.UInt32).replace_strict(dict(enumerate(STAGES)), return_dtype=pl.Enum(STAGES))
    return named


def ages_of(store: Store, version: BookVersion, day: date) -> pl.DataFrame:
    """A day's rows of the ``ages`` table, for each loan the one known last."""
    rows = store.scan(version, "ages").filter(pl.col("day") == day).collect()
    return rows.sort("loan_key", "known").unique("loan_key", keep="last", maintain_order=True)


def by_stage_and_class(ages: pl.DataFrame) -> pl.DataFrame:
    """Open loans and principal owed by currency, stage and class, from a day's rows of the ``ages`` table."""
    return (
        ages.filter(pl.col("status").is_in(OPEN))
        .group_by("currency", "stage_rank", "class_rank")
        .agg(
            loans=pl.len(),
            owed=(pl.col("principal") + pl.col("not_due")).sum(),
            overdue=pl.col("overdue").sum(),
        )
        .sort("currency", "stage_rank", "class_rank")
    )


def roll_rates(months: pl.DataFrame) -> pl.DataFrame:
    """Loans by stage at one month's end and state at the next: before, after, loans, owed (at the first), of the row.

    ``after`` is a stage, or settled or sold. Written-off loans stay in the stage of their days past due.
    """
    counted = roll_rows(months).group_by("before", "after").agg(loans=pl.len(), owed=pl.col("owed").sum())
    return counted.with_columns(
        of_loans=pl.col("loans").sum().over("before"), of_owed=pl.col("owed").sum().over("before")
    ).sort("before", "after")


def roll_rows(months: pl.DataFrame) -> pl.DataFrame:
    """The rows of `roll_rates`: each loan open at a month's end, with what it is at the next, whose day is ``day``."""
    after = pl.col("stage", "status", "dpd", "day").shift(-1).over("loan_key").name.suffix("_after")
    pairs = months.with_columns(after).filter(pl.col("status").is_in(OPEN) & pl.col("status_after").is_not_null())
    return pairs.select(
        "loan_key",
        "currency",
        pl.col("day_after").alias("day"),
        pl.col("stage").alias("before"),
        pl.when(pl.col("status_after").is_in(OPEN))
        .then(pl.col("stage_after").cast(pl.String))
        .otherwise(pl.col("status_after"))
        .alias("after"),
        "owed",
        "dpd",
        "dpd_after",
    )


def cures(months: pl.DataFrame) -> pl.DataFrame:
    """By stage at a month's end: loans past due, those cured at the next, and of those who were past due again.

    Cured: no longer past due, or settled; ``watched``: cured ones that a further month's end was seen of.
    """
    flags = pl.col("cured", "watched", "again").sum()
    return cure_rows(months).group_by("stage").agg(flags, loans=pl.len()).select(
        "stage", "loans", "cured", "watched", "again"
    ).sort("stage")  # fmt: skip


def cure_rows(months: pl.DataFrame) -> pl.DataFrame:
    """The rows of `cures`: each loan past due at a month's end of which the next was seen; ``day`` is the first's."""
    state = months.with_columns(bad=pl.col("status").is_in(OPEN) & (pl.col("dpd") > 0))
    ahead = state.with_columns(
        bad_1=pl.col("bad").shift(-1).over("loan_key"),
        bad_2=pl.col("bad").shift(-2).over("loan_key"),
        status_1=pl.col("status").shift(-1).over("loan_key"),
    )
    late = ahead.filter(pl.col("bad") & pl.col("bad_1").is_not_null())
    cured = ~pl.col("bad_1") & (pl.col("status_1") != "sold")
    return late.select(
        "loan_key",
        "day",
        "stage",
        "dpd",
        cured.alias("cured"),
        (cured & pl.col("bad_2").is_not_null()).alias("watched"),
        (cured & pl.col("bad_2").fill_null(value=False)).alias("again"),
    )


def vintages(months: pl.DataFrame, *, dpd: int = 30) -> pl.DataFrame:
    """By quarter of payout and months on book: loans paid out, and those that had passed ``dpd`` by then."""
    return (
        vintage_rows(months, dpd=dpd)
        .group_by("cohort", "months")
        .agg(loans=pl.len(), bad=pl.col("ever").sum())
        .sort("cohort", "months")
    )


def vintage_rows(months: pl.DataFrame, *, dpd: int = 30) -> pl.DataFrame:
    """The rows of `vintages`: each loan at each month's end since it was paid out."""
    return months.filter(pl.col("day") >= pl.col("start")).select(
        "loan_key",
        "day",
        "dpd",
        cohort=pl.col("start").dt.truncate("1q"),
        months=(pl.col("day").dt.year() - pl.col("start").dt.year()) * 12
        + pl.col("day").dt.month().cast(pl.Int32)
        - pl.col("start").dt.month().cast(pl.Int32),
        ever=(pl.col("dpd") > dpd).cum_max().over("loan_key"),
    )


def observed_rolls(observations: pl.DataFrame) -> pl.DataFrame:
    """Accounts by the lender's own status at one month and the next, from observations: before, after, accounts, of."""
    pairs = (
        observations.sort("loan_key", "day")
        .with_columns(
            after=pl.col("bucket").shift(-1).over("loan_key"), next_day=pl.col("day").shift(-1).over("loan_key")
        )
        .filter(pl.col("after").is_not_null() & (pl.col("next_day") == _next_month_end(pl.col("day"))))
    )
    counted = pairs.group_by(pl.col("bucket").alias("before"), "after").agg(accounts=pl.len())
    return counted.with_columns(of=pl.col("accounts").sum().over("before")).sort("before", "after")


def _next_month_end(day: pl.Expr) -> pl.Expr:
    return day.dt.offset_by("1d").dt.month_end()


def months_covered(last: date, first: date) -> int:
    """Whole months between two days, for choosing how far a report goes back.

    >>> months_covered(date(2026, 3, 1), date(2025, 1, 31))
    14
    """
    return (last.year - first.year) * 12 + last.month - first.month
