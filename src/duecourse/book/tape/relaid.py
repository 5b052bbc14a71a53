"""Contract schedules of loans that come again with other terms: laid anew by these, or a break that names the row.

Only a schedule that we reckoned is laid anew: one that the terms of the book give just as it stands. It is a new
version, known from now on; the one before stays readable. Days of interest and due days that the lender gave himself
stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from duecourse.book.tables import INSTALMENTS
from duecourse.book.tape import assemble
from duecourse.book.tape.conventions import USED
from duecourse.book.tape.drawn import DRAWN
from duecourse.book.tape.layout import Records

if TYPE_CHECKING:
    from duecourse.book.tape.checks import Frame, Present
    from duecourse.book.tape.intake import Intake
    from duecourse.core.days import Calendar

ROW = ["due", "days", "principal_minor", "interest_minor", "fee_minor"]
"""What a row of a schedule says."""

_TERMS = [name for name in USED if name != "beside"]


@dataclass(frozen=True, slots=True)
class Relaid:
    """Contract schedules as the terms of the tape lay them, of loans that the book has with other terms."""

    rows: pl.DataFrame  # of `tables.INSTALMENTS`: the new versions
    kept: pl.DataFrame  # loan_key, set_no and `ROW`: as the new terms would have it, where the book's days stay
    reckoned: pl.Series  # loan_key: of which more than the start is new, so that something else is due
    unsaid: pl.DataFrame  # loan_key: of whom the tape gives due days and leaves the days of interest to us


def find(intake: Intake, made: pl.DataFrame, present: Present, frame: Frame, calendar: Calendar) -> Relaid:
    """Which contract schedules other terms lay anew; ``made`` are the schedules of the tape, ``present`` the book."""
    given, loans = intake.get(Records.INSTALMENTS), intake.get(Records.LOANS)
    own = None if given is None else given.filter(pl.col("set_ref").is_null())
    unsaid = made.select("loan_key").clear() if own is None else own.filter(pl.col("days").is_null())
    unsaid = unsaid.select("loan_key").unique()
    book = present.schedules.filter(pl.col("set_no") == 0)
    again = None if loans is None or book.is_empty() else _changed(loans, present).join(book, on="loan_key", how="semi")
    if again is None or again.is_empty():
        return Relaid(made.clear(), made.select("loan_key", "set_no", *ROW).clear(), made["loan_key"].clear(), unsaid)
    now = made.filter(pl.col("set_no") == 0).join(again, on="loan_key", how="semi")
    silent = again.join(now, on="loan_key", how="anti")  # the tape says nothing of their due days: those of the book
    dues = _dues(book.join(silent, on="loan_key", how="semi"))
    sent = dues.clear() if own is None else own.select(dues.columns).join(again, on="loan_key", how="semi")
    dues = pl.concat([_plain(sent), dues])
    now = _laid(dues, again, present, frame, calendar)
    was = _laid(dues, _as_before(again, book, own_drawn(present)), present, frame, calendar)
    book = book.join(again, on="loan_key", how="semi")
    unlike = _unlike(now, book)
    ours = unlike.join(_unlike(was, book), on="loan_key", how="anti").join(
        now.filter(pl.col("days") < 0), on="loan_key", how="anti"
    )
    known = book.group_by("loan_key").agg(ours=pl.col("known").max())
    rows = now.join(ours, on="loan_key", how="semi").join(known, on="loan_key")
    later = pl.max_horizontal("known", pl.col("ours") + pl.duration(microseconds=1))
    home = present.loans.select("loan_key", "shard")
    rows = rows.with_columns(known=later).join(home, on="loan_key")
    kept = now.join(unlike.join(ours, on="loan_key", how="anti"), on="loan_key", how="semi")
    return Relaid(
        rows.select(pl.col(name).cast(kind) for name, kind in INSTALMENTS.items()),
        kept.select("loan_key", "set_no", *ROW),
        _by_more_than_start(again, present).join(ours, on="loan_key", how="semi")["loan_key"],
        unsaid,
    )


def own_drawn(present: Present) -> pl.DataFrame:
    """Loans whose first period begins with drawdowns of their own, which are events and no term."""
    begun = present.events.filter(pl.col("kind").is_in(["drawdown", "opening"]))
    otherwise = begun.filter((pl.col("kind") == "opening") | (pl.col("ref") == DRAWN))
    return begun.join(otherwise, on="loan_key", how="anti").select("loan_key").unique()


def _changed(loans: pl.DataFrame, present: Present) -> pl.DataFrame:
    """Loans of the tape of which the book has other terms that a schedule is laid by, and these as ``…_was``.

    Of a card the statement day is none of the book's terms: its schedule tells.
    """
    terms = ["start", *_TERMS]
    both = loans.join(present.loans.select("loan_key", *terms), on="loan_key", suffix="_was", maintain_order="left")
    other = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_was")) for name in terms)
    statement = (pl.col("method") == "card") & pl.col("statement_day").is_not_null()
    alike = (pl.col("method") == "free") == (pl.col("method_was") == "free")
    return both.filter((other | statement) & alike)


def _by_more_than_start(again: pl.DataFrame, present: Present) -> pl.DataFrame:
    """Loans whose schedule follows otherwise; the start moves the first period of those alone that nothing paid out."""
    paid_out = present.events.filter(pl.col("kind") == "drawdown")["loan_key"].unique()
    other = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_was")) for name in _TERMS)
    return again.filter(other | (pl.col("method") == "card") | ~pl.col("loan_key").is_in(paid_out.implode()))


def _as_before(again: pl.DataFrame, book: pl.DataFrame, drawn: pl.DataFrame) -> pl.DataFrame:
    """These loans by the terms of the book; the statement day of a card is that of its schedule."""
    statement = (pl.col("due") - pl.duration(days=pl.col("days"))).dt.day().max().cast(pl.Int64)
    cards = book.group_by("loan_key").agg(statement_was=statement)
    before = again.join(cards, on="loan_key", how="left", maintain_order="left")
    return before.with_columns(
        pl.when(pl.col("loan_key").is_in(drawn["loan_key"].implode()))
        .then("paid_out")
        .otherwise("start_was")
        .alias("paid_out"),
        *(pl.col(f"{name}_was").alias(name) for name in _TERMS),
        pl.col("statement_was").alias("statement_day"),
    )


def _dues(book: pl.DataFrame) -> pl.DataFrame:
    amounts = ("principal_minor", "interest_minor", "fee_minor")
    return book.select(
        "loan_key", "due", *amounts, days=pl.lit(None, pl.Int32), known=pl.lit(None, book["known"].dtype)
    )


def _plain(sent: pl.DataFrame) -> pl.DataFrame:
    amounts = ("principal_minor", "interest_minor", "fee_minor")
    return sent.with_columns(pl.col("days").cast(pl.Int32), *(pl.col(name).fill_null(0) for name in amounts))


def _laid(dues: pl.DataFrame, loans: pl.DataFrame, present: Present, frame: Frame, calendar: Calendar) -> pl.DataFrame:
    return assemble.contract(dues, loans, present, frame, calendar)


def _unlike(rows: pl.DataFrame, book: pl.DataFrame) -> pl.DataFrame:
    """Loans of ``rows`` whose schedule is not the book's, row by row."""
    mine = book.join(rows, on="loan_key", how="semi")
    sides = [(rows, mine), (mine, rows)]
    apart = [one.join(other, on=["loan_key", *ROW], how="anti").select("loan_key") for one, other in sides]
    return pl.concat(apart).unique()
