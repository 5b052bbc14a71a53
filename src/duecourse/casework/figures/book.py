"""Figures whose rows stand in the book: their definitions are the row functions of `book.report`."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

import polars as pl

from duecourse.book import report
from duecourse.book.store import BookVersion, version_from
from duecourse.casework.figures.figure import (
    Column,
    Figure,
    Ground,
    Measure,
    Over,
    Share,
    Shows,
    Span,
    Text,
    Unit,
)
from duecourse.casework.figures.words import BORROWER, CLASS, CURRENCY, DAY, STAGE
from duecourse.core.events import MONEY_IN, Kind
from duecourse.core.reading import Stage
from duecourse.law.quantities import QUANTITIES
from duecourse.storage import books, figures, runs

if TYPE_CHECKING:
    from pathlib import Path

MONTHS = 13
"""Month ends that are looked back over: a year of pairs."""

VINTAGE_DPD = 30
"""Days past due that a loan must pass to count as bad in a vintage."""

_STAGES = {rank: stage.value for rank, stage in enumerate(Stage)}
_LABELS = QUANTITIES["class_rank"]
_CLASSES = {rank + _LABELS.base: label for rank, label in enumerate(_LABELS.labels)}
_LOAN = (Column("loan_key", Text("借据", "Loan"), Shows.LOAN),)
_DPD = Column("dpd", Text("逾期天数", "Days past due"), Shows.NUMBER)


def version_of(ground: Ground) -> BookVersion | None:
    """The newest version of the lender's book, or None before the first."""
    row = books.newest(ground.tx)
    return None if row is None else version_from(row.version, row.tables)


def stage_rows(ages: pl.DataFrame, day: date) -> pl.DataFrame:
    """The rows of `STAGES` for one day, from its rows of the ``ages`` table."""
    return ages.filter(pl.col("status").is_in(report.OPEN)).select(
        pl.lit(day).alias("day"),
        "currency",
        pl.col("stage_rank").replace_strict(_STAGES, default="", return_dtype=pl.String).alias("stage"),
        pl.col("class_rank").replace_strict(_CLASSES, default="", return_dtype=pl.String).alias("class"),
        pl.lit(1, dtype=pl.Int64).alias("loans"),
        (pl.col("principal") + pl.col("not_due")).alias("owed_minor"),
        pl.col("overdue").alias("overdue_minor"),
        "loan_key",
        "person_id",
        pl.col("dpd").cast(pl.Int64),
    )


def _stages(ground: Ground, span: Span) -> pl.DataFrame:
    version = version_of(ground)
    if version is None or "ages" not in version.tables:
        return pl.DataFrame(schema=_SCHEMA)
    days = [one.day for one in runs.every(ground.tx, most=10_000) if one.state == "published"]
    found = [
        stage_rows(report.ages_of(ground.store, version, day), day)
        for day in sorted(days)
        if span.first <= day <= span.last
    ]
    return pl.concat(found) if found else pl.DataFrame(schema=_SCHEMA)


_SCHEMA = {
    "day": pl.Date, "currency": pl.String, "stage": pl.String, "class": pl.String, "loans": pl.Int64,
    "owed_minor": pl.Int64, "overdue_minor": pl.Int64, "loan_key": pl.Int64, "person_id": pl.Int64, "dpd": pl.Int64,
}  # fmt: skip

STAGES = Figure(
    name="book.stage",
    says=Text("资产台账（按账龄与五级分类）", "The book by stage and class"),
    defines=Text(
        "当日日终跑批后仍未结清、未转让的借据（含已核销），按逾期天数的账龄与五级分类计；所欠本金含未到期部分。",
        "Loans neither settled nor sold after the day run of the day, written-off ones included, by the stage of their "
        "days past due and their class; principal owed counts what is not yet due.",
    ),
    over=Over.STATE,
    dimensions=(DAY, CURRENCY, STAGE, CLASS),
    measures=(
        Measure("loans", Text("借据数", "Loans"), Unit.LOANS),
        Measure("owed_minor", Text("所欠本金", "Principal owed"), Unit.MINOR),
        Measure("overdue_minor", Text("逾期金额", "Overdue"), Unit.MINOR),
    ),
    keys=_LOAN,
    details=(BORROWER, _DPD),
    person="person_id",
    by_run=True,
    rows=_stages,
)


def months_of(ground: Ground, day: date, months: int = MONTHS) -> pl.DataFrame:
    """What every loan was at the month ends up to a day, as known now; kept beside the book, since it is costly.

    The file is named by all that it depends on, so another book, day or instant of knowledge makes another.
    """
    row = books.newest(ground.tx)
    if row is None or "loans" not in row.tables:
        return pl.DataFrame(schema=_MONTHS)
    version = version_from(row.version, row.tables)
    tables = [f"{name} {at.hash}" for name, at in sorted(version.tables.items()) if name != "ages"]
    named = sha256("\n".join([f"months 1 {day} {months}", *tables]).encode()).hexdigest()[:32]
    folder = ground.store.folder / "months"
    kept = folder / f"{named}.parquet"
    if kept.is_file():
        return pl.read_parquet(kept)
    ends = report.month_ends(day, months)
    of = version.shards * len(ends)
    found = report.at_month_ends(
        ground.store, version, ends, known=row.known_at, threads=ground.threads,
        progress=lambda done: ground.progress(done, of),
    )  # fmt: skip
    found = found.with_columns(pl.col("stage").cast(pl.String))
    _keep(found, folder, kept)
    return found.sort("loan_key", "day")


def _keep(found: pl.DataFrame, folder: Path, kept: Path) -> None:
    """Write the file whole or not at all, and let the older ones go."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = kept.with_suffix(".new")
    found.write_parquet(whole)
    whole.replace(kept)
    others = sorted((one for one in folder.glob("*.parquet") if one != kept), key=lambda one: one.stat().st_mtime)
    for old in others[:-1]:
        old.unlink(missing_ok=True)


_MONTHS = {
    "loan_key": pl.Int64, "start": pl.Date, "currency": pl.String, "dpd": pl.Int32, "day": pl.Date,
    "status": pl.String, "stage": pl.String, "owed": pl.Int64,
}  # fmt: skip


def _span_of(frame: pl.DataFrame, span: Span) -> pl.DataFrame:
    return frame.filter(pl.col("day").is_between(span.first, span.last))


def _until(ground: Ground, span: Span) -> date:
    """The day up to which months are looked at: the last day that was run, or the last one asked about if earlier."""
    days = [one.day for one in runs.every(ground.tx, most=1_000) if one.state == "published"]
    return min(max(days), span.last) if days else span.last


def _rolls(ground: Ground, span: Span) -> pl.DataFrame:
    rows = report.roll_rows(months_of(ground, _until(ground, span)))
    return _span_of(rows, span).with_columns(
        pl.lit(1, dtype=pl.Int64).alias("loans"), pl.col("owed").alias("owed_minor"), pl.col("dpd").cast(pl.Int64)
    )


ROLLS = Figure(
    name="book.roll",
    says=Text("迁徙率", "Roll rates"),
    defines=Text(
        "月末未结清的借据，由该月末账龄到下一月末状态（账龄、结清或转让）；金额为前一月末所欠本金。最后一段止于跑批日。",
        "Loans open at a month's end, from their stage then to what they are at the next: a stage, settled or "
        "sold. Amounts "
        "are principal owed at the first. The last step ends on the day that was run. The day is the second one's.",
    ),
    over=Over.EVENTS,
    dimensions=(
        DAY,
        CURRENCY,
        Column("before", Text("原账龄", "From"), Shows.TEXT),
        Column("after", Text("迁至", "To")),
    ),
    measures=(
        Measure("loans", Text("借据数", "Loans"), Unit.LOANS),
        Measure("owed_minor", Text("所欠本金", "Principal owed"), Unit.MINOR),
    ),
    keys=_LOAN,
    details=(_DPD,),
    rows=_rolls,
)


def _cures(ground: Ground, span: Span) -> pl.DataFrame:
    rows = report.cure_rows(months_of(ground, _until(ground, span)))
    return _span_of(rows, span).with_columns(
        pl.lit(1, dtype=pl.Int64).alias("loans"), pl.col("cured", "watched", "again", "dpd").cast(pl.Int64)
    )


CURES = Figure(
    name="book.cure",
    says=Text("回正与再次逾期", "Cures and re-defaults"),
    defines=Text(
        "月末逾期的借据中，下一月末不再逾期或已结清者为回正；回正后可再观察一个月末者中，又逾期者为再次逾期。",
        "Of loans past due at a month's end, those cured at the next: no longer past due, or settled. Of the cured "
        "that a further month's end was seen of, those past due again.",
    ),
    over=Over.EVENTS,
    dimensions=(DAY, STAGE),
    measures=(
        Measure("loans", Text("逾期借据数", "Loans past due"), Unit.LOANS),
        Measure("cured", Text("回正", "Cured"), Unit.LOANS),
        Measure("watched", Text("回正后已观察", "Cured and watched"), Unit.LOANS),
        Measure("again", Text("再次逾期", "Past due again"), Unit.LOANS),
    ),
    shares=(
        Share("cure_rate", Text("回正率", "Cure rate"), "cured", "loans"),
        Share("again_rate", Text("再次逾期率", "Re-default rate"), "again", "watched"),
    ),
    keys=_LOAN,
    details=(_DPD,),
    rows=_cures,
)


def _vintages(ground: Ground, span: Span) -> pl.DataFrame:
    rows = report.vintage_rows(months_of(ground, _until(ground, span)), dpd=VINTAGE_DPD)
    return _span_of(rows, span).with_columns(
        pl.col("cohort").cast(pl.String), pl.col("months").cast(pl.String), pl.lit(1, dtype=pl.Int64).alias("loans"),
        pl.col("ever").cast(pl.Int64).alias("bad"), pl.col("dpd").cast(pl.Int64),
    )  # fmt: skip


VINTAGES = Figure(
    name="book.vintage",
    says=Text("放款批次", "Vintages"),
    defines=Text(
        f"按放款季度与在账月数：该批借据数，及在所看的月末中曾逾期超过{VINTAGE_DPD}天者。",
        f"By quarter of payout and months on book: loans, and those that had passed {VINTAGE_DPD} days past due at "
        "one of "
        "the month ends looked at.",
    ),
    over=Over.EVENTS,
    dimensions=(
        DAY,
        Column("cohort", Text("放款季度", "Paid out in"), Shows.TEXT),
        Column("months", Text("在账月数", "Months on book"), Shows.TEXT),
    ),
    measures=(
        Measure("loans", Text("借据数", "Loans"), Unit.LOANS),
        Measure("bad", Text("曾逾期超过30天", "Passed 30 days past due"), Unit.LOANS),
    ),
    shares=(Share("bad_rate", Text("占比", "Share"), "bad", "loans"),),
    keys=_LOAN,
    details=(_DPD,),
    rows=_vintages,
)


def _recovered(ground: Ground, span: Span) -> pl.DataFrame:
    version = version_of(ground)
    loans = figures.case_loans(ground.tx, span.first, span.last)
    if version is None or "events" not in version.tables or loans.is_empty():
        return pl.DataFrame(schema=_RECOVERED)
    keys = loans["loan_key"].unique()
    events = ground.store.scan(version, "events").filter(pl.col("loan_key").is_in(keys.implode())).collect()
    reversed_ = events.filter(pl.col("kind") == Kind.REVERSAL).select("loan_key", pl.col("target").alias("ref"))
    money = (
        events.filter(
            pl.col("kind").is_in([int(kind) for kind in MONEY_IN])
            & pl.col("effective").is_between(span.first, span.last)
            & (pl.col("known") <= ground.now)
        )
        .join(reversed_, on=["loan_key", "ref"], how="anti")
        .join(loans, on="loan_key")
        .filter(
            (pl.col("from_day") <= pl.col("effective"))
            & (pl.col("to_day").is_null() | (pl.col("effective") <= pl.col("to_day")))
        )
        .sort("loan_key", "effective", "ref", "from_day")
        .unique(["loan_key", "effective", "ref"], keep="first", maintain_order=True)
    )
    about = ground.store.scan(version, "loans").select("loan_key", "currency", "known").collect()
    about = about.sort("known").unique("loan_key", keep="last").select("loan_key", "currency")
    return money.join(about, on="loan_key").select(
        pl.col("effective").alias("day"), "currency", pl.lit(1, dtype=pl.Int64).alias("payments"),
        pl.col("amount").alias("recovered_minor"), "loan_key", "ref", "person_id",
    )  # fmt: skip


_RECOVERED = {
    "day": pl.Date, "currency": pl.String, "payments": pl.Int64, "recovered_minor": pl.Int64, "loan_key": pl.Int64,
    "ref": pl.String, "person_id": pl.Int64,
}  # fmt: skip

RECOVERED = Figure(
    name="recovery.payment",
    says=Text("回收", "Recovery"),
    defines=Text(
        "借据在办期间（含出案当日）收到且未被冲正的还款，按生效日计；不区分是否由触达带来。",
        "Money received, and not reversed, on loans while they were in a case, the day they left it included, by "
        "the day on which it counts. Whether a contact brought it is not asked.",
    ),
    over=Over.EVENTS,
    dimensions=(DAY, CURRENCY),
    measures=(
        Measure("payments", Text("还款笔数", "Payments"), Unit.PAYMENTS),
        Measure("recovered_minor", Text("回收金额", "Recovered"), Unit.MINOR),
    ),
    keys=(*_LOAN, Column("ref", Text("还款参考号", "Reference"), Shows.TEXT)),
    details=(BORROWER,),
    person="person_id",
    rows=_recovered,
)


def first_day(day: date, months: int = MONTHS) -> date:
    """The first month end that is looked back to from a day."""
    return report.month_ends(day, months)[0]


FIGURES = (STAGES, ROLLS, CURES, VINTAGES, RECOVERED)
COSTLY = frozenset({"book.roll", "book.cure", "book.vintage", "recovery.payment"})
"""Figures that read the whole book, most of them at every month's end: prepared by an act of its own."""
