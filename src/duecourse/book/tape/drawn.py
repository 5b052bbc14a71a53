"""When money was paid out: by the loan's own drawdowns, else on its start. Nothing bears interest before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from duecourse.book.tape.faults import Rule
from duecourse.book.tape.layout import Records

if TYPE_CHECKING:
    from duecourse.book.tape.checks import Present
    from duecourse.book.tape.intake import Intake

DRAWN = "~drawdown"
"""Reference of the drawdown that follows from a loan's start."""


def attach(intake: Intake, loans: pl.DataFrame, present: Present) -> pl.DataFrame:
    """The loans with ``paid_out``: the day of their first drawdown; the start of cards and of what began otherwise."""
    if "paid_out" in loans.columns:
        return loans
    begun = present.events.filter(pl.col("kind").is_in(["drawdown", "opening"]))
    otherwise = [begun.filter((pl.col("kind") == "opening") | (pl.col("ref") == DRAWN)).select("loan_key")]
    opened = intake.get(Records.OPENINGS)
    if opened is not None:
        otherwise.append(opened.select("loan_key"))
    own = [begun.filter(pl.col("kind") == "drawdown").select("loan_key", "effective")]
    tape = _of_tape(intake)
    if tape is not None:
        own.append(tape.select("loan_key", "effective"))
    first = pl.concat(own).join(pl.concat(otherwise), on="loan_key", how="anti").group_by("loan_key")
    days = first.agg(paid_out=pl.col("effective").min())
    joined = loans.join(days, on="loan_key", how="left", maintain_order="left")
    card = pl.col("method").fill_null("") == "card"
    return joined.with_columns(paid_out=pl.when(card).then("start").otherwise(pl.coalesce("paid_out", "start")))


def check(intake: Intake, present: Present) -> pl.DataFrame | None:
    """Reject new loans of whose drawdowns one was quarantined, or that together pay out more than the principal.

    Of loans that stand it is the drawdowns that go. Returns the new loans that were rejected.
    """
    _beyond(intake, present)
    loans = intake.get(Records.LOANS)
    if loans is None:
        return None
    new = loans.join(present.loans, on="loan_key", how="anti").filter(pl.col("method").fill_null("") != "card")
    lost = intake.lost_of(Records.ADJUSTMENTS)
    without = new.clear()
    if lost is not None and "kind" in lost.columns:
        without = new.join(lost.filter(pl.col("kind") == "drawdown"), on="loan_key", how="semi")
        lacks = "a drawdown of it was quarantined"
        intake.reject(Records.LOANS, without, column="adjustments", rule=Rule.DEPENDS, why=lacks)
    tape = _standing_of_tape(intake)
    if tape is None:
        return without.select("loan_key")
    drawn = tape.group_by("loan_key").agg(drawn=pl.col("amount_minor").sum())
    over = new.join(drawn, on="loan_key").filter(pl.col("drawn") > pl.col("principal_minor"))
    why = pl.format("drawdowns add up to {} of {} minor units", pl.col("drawn"), pl.col("principal_minor"))
    intake.reject(Records.LOANS, over, column="principal_minor", rule=Rule.SCHEDULE, why=why)
    return pl.concat([without.select("loan_key"), over.select("loan_key")])


def _beyond(intake: Intake, present: Present) -> None:
    """Reject drawdowns of loans that stand which, with what the book has paid out, exceed the principal.

    The payout that follows from a loan's start counts, unless this tape reverses it or it was reversed before.
    """
    tape = _standing_of_tape(intake)
    if tape is None:
        return
    have = present.events.join(tape, on="loan_key", how="semi")
    new = tape.join(have, on=["loan_key", "ref"], how="anti")
    reversed_before = have.filter(pl.col("kind") == "reversal").select("loan_key", ref="target")
    held = _less_reversed(intake, have.filter(pl.col("kind") == "drawdown"))
    held = held.join(reversed_before, on=["loan_key", "ref"], how="anti")
    limits = _principals(intake, present).filter(pl.col("method").fill_null("") != "card")
    over = (
        new.join(limits.select("loan_key", "principal_minor"), on="loan_key")
        .join(held.group_by("loan_key").agg(held=pl.col("amount").sum()), on="loan_key", how="left")
        .with_columns(pl.col("held").fill_null(0), brought=pl.col("amount_minor").sum().over("loan_key"))
        .filter(pl.col("held") + pl.col("brought") > pl.col("principal_minor"))
    )
    why = pl.format(
        "the book has {} paid out, drawdowns of this tape bring {} more, of {} minor units of principal",
        pl.col("held"), pl.col("brought"), pl.col("principal_minor"),
    )  # fmt: skip
    intake.reject(Records.ADJUSTMENTS, over, column="amount_minor", rule=Rule.SCHEDULE, why=why)


def _principals(intake: Intake, present: Present) -> pl.DataFrame:
    """Principal and method of loans that stand, by the tape's row or else the book's."""
    columns = ["loan_key", "principal_minor", "method"]
    book, loans = present.loans.select(columns), intake.get(Records.LOANS)
    if loans is None:
        return book
    again = loans.select(columns).join(book, on="loan_key", how="semi")
    return pl.concat([again, book.join(again, on="loan_key", how="anti")])


def _standing_of_tape(intake: Intake) -> pl.DataFrame | None:
    """The tape's drawdowns that it does not reverse itself."""
    tape = _of_tape(intake)
    return None if tape is None else _less_reversed(intake, tape)


def _less_reversed(intake: Intake, drawdowns: pl.DataFrame) -> pl.DataFrame:
    """These drawdowns without those that the tape reverses."""
    rows = intake.get(Records.ADJUSTMENTS)
    if rows is None:
        return drawdowns
    back = rows.filter(pl.col("kind") == "reversal").select("loan_key", ref="target")
    return drawdowns.join(back, on=["loan_key", "ref"], how="anti", maintain_order="left")


def _of_tape(intake: Intake) -> pl.DataFrame | None:
    rows = intake.get(Records.ADJUSTMENTS)
    return None if rows is None else rows.filter(pl.col("kind") == "drawdown")
