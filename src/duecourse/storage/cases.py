"""Cases: one borrower's overdue loans being worked; opened, extended and closed by the day run in bulk."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import polars as pl

from duecourse.storage import frames
from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "person_id": pl.Int64,
    "case_id": pl.Int64,
    "opened_day": pl.Date,
    "collector_id": pl.String,
    "collector_since": pl.Date,
}
"""Columns of `open_cases`."""


class NoSuchCase(BadInput):
    """A case number that the lender does not have."""

    def __init__(self, case_id: int) -> None:
        super().__init__(N_("case {case} is not known; `duecourse worklist` shows the cases of a day"), case=case_id)


@dataclass(frozen=True, slots=True)
class Case:
    """A case; open while ``closed_day`` is None."""

    case_id: int
    person_id: int
    opened_day: date
    opened_by: str
    closed_day: date | None
    closed_by: str | None
    collector_id: str | None
    collector_since: date | None


_CASE = (
    "SELECT case_id, person_id, opened_day, opened_by, closed_day, closed_by, collector_id, collector_since FROM cases "
)


def get(tx: Tx, case_id: int) -> Case:
    """A case by its number; raises `NoSuchCase`."""
    found = tx.row(Case, _CASE + "WHERE lender_id = %s AND case_id = %s", (tx.lender_id, case_id))
    if found is None:
        raise NoSuchCase(case_id)
    return found


def of_person(tx: Tx, person_id: int) -> list[Case]:
    """All cases of a person, the latest first."""
    return tx.rows(
        Case,
        _CASE + "WHERE lender_id = %s AND person_id = %s ORDER BY opened_day DESC, case_id DESC",
        (tx.lender_id, person_id),
    )


def loans_of(tx: Tx, case_id: int) -> list[int]:
    """Loan keys in a case now (of a closed one: at its end), sorted."""
    found = tx.execute(
        "SELECT DISTINCT l.loan_key FROM case_loan l JOIN cases c USING (lender_id, person_id, case_id) "
        "WHERE lender_id = %s AND case_id = %s AND l.to_day IS NOT DISTINCT FROM c.closed_day ORDER BY 1",
        (tx.lender_id, case_id),
    )
    return [int(row[0]) for row in found]


def of_loans(tx: Tx, loan_keys: Collection[int]) -> dict[int, int]:
    """The open case that each of these loans is in; loans in none are not in it."""
    found = tx.execute(
        "SELECT l.loan_key, l.case_id FROM case_loan l JOIN cases c USING (lender_id, person_id, case_id) "
        "WHERE l.lender_id = %s AND l.loan_key = ANY (%s) AND l.to_day IS NULL AND c.closed_day IS NULL",
        (tx.lender_id, list(loan_keys)),
    )
    return {int(key): int(case) for key, case in found}


def open_cases(tx: Tx, day: date) -> pl.DataFrame:
    """All open cases, by person: a borrower keeps the collector he knows, but for one who is gone on the day."""
    return frames.read(
        tx,
        "SELECT person_id, case_id, opened_day, CASE WHEN here THEN collector_id END, "
        "CASE WHEN here THEN collector_since END FROM (SELECT *, collector_id NOT IN (SELECT collector_id FROM "
        "collector WHERE lender_id = %s AND to_day <= %s) AS here FROM cases) c "
        "WHERE lender_id = %s AND closed_day IS NULL ORDER BY person_id",
        (tx.lender_id, day, tx.lender_id),
        SCHEMA,
    )


def open_many(
    tx: Tx,
    persons: pl.Series,
    *,
    day: date,
    by: str,
    collectors: pl.Series | None = None,
    reopen: str | None = None,
) -> int:
    """Open a case for each of these persons who has none open; returns how many were opened.

    ``collectors`` names, person by person, who works the new case (null: nobody). A case that was closed on this very
    day for the reason ``reopen`` is opened again instead: a rerun of the day found otherwise.
    """
    _plan_for_many(tx)
    given = pl.DataFrame({"person_id": persons.cast(pl.Int64)}).with_columns(
        pl.Series("collector_id", collectors if collectors is not None else [None] * len(persons), dtype=pl.String)
    )
    frames.stage(tx, given.unique("person_id").sort("person_id"), "open")
    reopened = tx.execute(
        "UPDATE cases c SET closed_day = NULL, closed_by = NULL WHERE lender_id = %s AND closed_day = %s "
        "AND closed_by = %s AND person_id IN (SELECT person_id FROM pg_temp.stage_open) AND NOT EXISTS "
        "(SELECT FROM cases o WHERE o.lender_id = c.lender_id AND o.person_id = c.person_id AND o.case_id > c.case_id)",
        (tx.lender_id, day, reopen),
    ).rowcount
    return (
        reopened
        + tx.execute(
            "INSERT INTO cases (lender_id, person_id, opened_day, opened_by, collector_id, collector_since) "
            "SELECT (SELECT %s::lender_code), person_id, %s::date, %s, collector_id, "
            "CASE WHEN collector_id IS NOT NULL THEN %s::date END "
            "FROM pg_temp.stage_open s WHERE NOT EXISTS (SELECT FROM cases o WHERE o.lender_id = %s "
            "AND o.person_id = s.person_id AND o.closed_day IS NULL)",
            (tx.lender_id, day, by, day, tx.lender_id),
        ).rowcount
    )


def close_many(tx: Tx, persons: pl.Series, *, day: date, by: str) -> int:
    """Close the open cases of these persons, and take their loans out; returns how many were closed."""
    _plan_for_many(tx)
    frames.stage(tx, pl.DataFrame({"person_id": persons.cast(pl.Int64)}), "close")
    tx.execute(
        "UPDATE case_loan l SET to_day = greatest(%s::date, l.from_day) FROM cases c "
        "WHERE l.lender_id = %s AND l.to_day IS NULL AND c.lender_id = l.lender_id AND c.person_id = l.person_id "
        "AND c.case_id = l.case_id AND c.closed_day IS NULL "
        "AND l.person_id IN (SELECT person_id FROM pg_temp.stage_close)",
        (day, tx.lender_id),
    )
    return tx.execute(
        "UPDATE cases SET closed_day = greatest(%s::date, opened_day), closed_by = %s WHERE lender_id = %s "
        "AND closed_day IS NULL AND person_id IN (SELECT person_id FROM pg_temp.stage_close)",
        (day, by, tx.lender_id),
    ).rowcount


def set_loans(tx: Tx, loans: pl.DataFrame, *, day: date) -> int:
    """Make the loans of open cases equal to these (``person_id``, ``loan_key``); returns how many rows changed.

    Give all loans of every person named: a loan of theirs that is missing leaves its case on ``day``, and one that left
    on this very day and is named again never left.
    """
    _plan_for_many(tx)
    frames.stage(tx, loans.select(pl.col("person_id", "loan_key").cast(pl.Int64)), "case_loan")
    left = tx.execute(
        "UPDATE case_loan l SET to_day = greatest(%s::date, l.from_day) WHERE lender_id = %s AND to_day IS NULL "
        "AND person_id IN (SELECT person_id FROM pg_temp.stage_case_loan) AND NOT EXISTS "
        "(SELECT FROM pg_temp.stage_case_loan s WHERE s.person_id = l.person_id AND s.loan_key = l.loan_key)",
        (day, tx.lender_id),
    ).rowcount
    back = tx.execute(
        "UPDATE case_loan l SET to_day = NULL FROM pg_temp.stage_case_loan s, cases c WHERE l.lender_id = %s "
        "AND l.person_id = s.person_id AND l.loan_key = s.loan_key AND l.to_day = %s AND c.lender_id = l.lender_id "
        "AND c.person_id = l.person_id AND c.case_id = l.case_id AND c.closed_day IS NULL",
        (tx.lender_id, day),
    ).rowcount
    joined = tx.execute(
        "INSERT INTO case_loan (lender_id, person_id, case_id, loan_key, from_day) "
        "SELECT c.lender_id, c.person_id, c.case_id, s.loan_key, %s::date FROM pg_temp.stage_case_loan s "
        "JOIN cases c ON c.lender_id = %s AND c.person_id = s.person_id AND c.closed_day IS NULL "
        "WHERE NOT EXISTS (SELECT FROM case_loan l WHERE l.lender_id = %s AND l.loan_key = s.loan_key "
        "AND l.to_day IS NULL)",
        (day, tx.lender_id, tx.lender_id),
    ).rowcount
    return left + back + joined


def assign_many(tx: Tx, assignments: pl.DataFrame, *, day: date) -> int:
    """Give open cases their collectors (``person_id``, ``collector_id``; null: none); returns how many changed."""
    _plan_for_many(tx)
    frames.stage(tx, assignments.select(pl.col("person_id").cast(pl.Int64), pl.col("collector_id")), "assign")
    return tx.execute(
        "UPDATE cases c SET collector_id = s.collector_id, "
        "collector_since = CASE WHEN s.collector_id IS NULL THEN NULL ELSE %s::date END "
        "FROM pg_temp.stage_assign s WHERE c.lender_id = %s AND c.person_id = s.person_id AND c.closed_day IS NULL "
        "AND c.collector_id IS DISTINCT FROM s.collector_id",
        (day, tx.lender_id),
    ).rowcount


def _plan_for_many(tx: Tx) -> None:
    """Have the rest of the transaction planned for whole sets.

    A stage is never counted, nor is a table that was filled a moment ago; the planner takes either for a handful of
    rows, loops, and what takes a second takes hours.
    """
    tx.execute("SET LOCAL enable_nestloop = off")
