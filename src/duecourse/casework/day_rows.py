"""The rows of a day run in PostgreSQL: what it found, put beside the published run's, and the cases as it left them."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from duecourse.book.day import Aged, Outcome
from duecourse.book.store import BookVersion, Store
from duecourse.storage import cases, loan_names, runs
from duecourse.storage.connection import Database, Tx


def load_day(database: Database, lender_id: str, outcome: Outcome, *, run_id: int) -> None:
    """Put snapshots, proposals and worklists in, in a transaction of their own."""
    proposals = outcome.proposals.with_columns(
        answer=pl.when("allowed").then(pl.lit("allowed")).otherwise(pl.lit("refused")),
        rules=pl.col("refused"),
    )
    with database.transaction(lender_id) as tx:
        runs.put(tx, run_id=run_id, rows=runs.Rows(outcome.snapshot, proposals, outcome.worklist))


def written_by(day: date) -> str:
    """Who wrote the version of the book that a day run left."""
    return f"day run {day}"


def loan_rows(aged: Aged) -> pl.DataFrame:
    """What was found for the loans of cases, in the columns of `runs.LOANS`.

    By person: in the order of its index, a table takes rows half as fast again.
    """
    of_cases = aged.case_loans.sort("person_id", "loan_key")
    loans = of_cases.join(aged.ages.drop("person_id"), on="loan_key", maintain_order="left").rename(
        {
            "oldest_due": "oldest_due_day", "next_due": "next_due_day", "overdue": "overdue_minor",
            "due_in_week": "due_in_week_minor", "not_due": "not_due_minor", "paid_total": "paid_total_minor",
            "last_payment": "last_payment_day",
        }
    )  # fmt: skip
    return loans.select(pl.col(column).cast(kind) for column, kind in runs.LOANS.items())


def load_loans(
    database: Database, lender_id: str, store: Store, base: BookVersion, aged: Aged, *, known: datetime, run_id: int
) -> None:
    """Put in what was found for the loans of cases, and what those without a name on the desk are called."""
    of_cases = aged.case_loans.sort("person_id", "loan_key")
    loans = loan_rows(aged)
    with database.transaction(lender_id) as tx:
        runs.put(tx, run_id=run_id, rows=runs.Rows(loans=loans))
        unnamed = loan_names.unnamed(tx, of_cases)
        if unnamed.height:
            keys = unnamed["loan_key"].implode()
            told = store.scan(base, "loans").filter(pl.col("loan_key").is_in(keys) & (pl.col("known") <= known))
            named = told.sort("known").select("loan_key", "loan_ref", "product", "currency").collect()
            newest = named.unique("loan_key", keep="last")
            loan_names.put(tx, unnamed.join(newest, on="loan_key").sort("person_id", "loan_key"))


def change_cases(tx: Tx, outcome: Outcome, *, day: date, rule: str, standing: pl.DataFrame) -> None:
    """Open, extend and close cases, and give them their collectors; ``standing`` are the cases open before."""
    has = outcome.snapshot["person_id"]
    cured = standing.filter(~pl.col("person_id").is_in(has.implode()))["person_id"]
    cases.close_many(tx, cured, day=day, by=f"{rule}: no loan meets opens_when")
    cases.open_many(tx, has, day=day, by=f"{rule}: opens_when", collectors=outcome.snapshot["collector_id"])
    cases.set_loans(tx, outcome.case_loans.sort("person_id", "loan_key"), day=day)
    cases.assign_many(tx, outcome.snapshot.select("person_id", "collector_id"), day=day)
