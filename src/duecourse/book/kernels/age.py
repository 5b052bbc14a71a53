"""The age of every loan in a book: its figures on a day, as `core.delinquency.readings` has them, in columns.

The frame that `age` and `read` give has a row a loan (or a loan and day) with

- ``loan_key``, ``person_id``, ``shard``, and ``day``;
- ``status``: the place of `core.reading.Status` in its list: 0 not drawn, 1 active, 2 settled, 3 written off, 4 sold;
- the other fields of `core.reading.Reading` under their names: amounts Int64 in minor units, ``dpd`` and ``plan_dpd``
  Int32, ``oldest_due``, ``next_due`` and ``last_payment`` dates or null; with ``due`` and ``settle``, which a reading
  works out, and ``due_in_a_week``, what will have to be paid seven days on if nothing happens until then;
- ``fault``: null, or why the loan cannot be reckoned (a reversal whose target does not stand, a card without cycles);
  then its figures are null. It stops no other loan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from duecourse.book.kernels.columns import spread
from duecourse.book.kernels.fold import Jobs, fold_loans
from duecourse.book.kernels.prepare import Prepared, prepare
from duecourse.book.kernels.reading import AMOUNTS, COUNTS, DATES, FAULT, FIGURES
from duecourse.book.kernels.records import NO_CYCLE, NO_DAY, TOO_LONG, work
from duecourse.core.money import BrokenInvariant

if TYPE_CHECKING:
    from datetime import date, datetime

    from numpy.typing import NDArray

    from duecourse.book.kernels.prepare import Stream

JOURNAL = 256
EPOCH_ORDINAL = 719_163

FAULTS = {
    NO_CYCLE: "it is a card whose contract has no cycle, so that a purchase has no statement: give its schedule",
    TOO_LONG: "one of its periods is longer than any that interest can be reckoned for: check the days of its schedule",
}
"""Faults of a loan that the fold finds; anything else that stops it is a fault of the engine."""


def age(
    loans: pl.DataFrame,
    conventions: pl.DataFrame,
    instalments: pl.DataFrame,
    events: pl.DataFrame,
    *,
    as_of: date,
    known: datetime,
    threads: int,
) -> pl.DataFrame:
    """Every loan of a book (tables of `book.tables`) on a day, by what was known at an instant.

    Loans come in the order of ``loans`` where the tables are in theirs, else by loan key. Raises `UnknownConventions`.
    """
    book = prepare(loans, conventions, instalments, events, known=known, threads=threads)
    every = np.arange(len(book.loans))
    day = np.full(len(every), as_of.toordinal() - EPOCH_ORDINAL, np.int32)
    return read(book, every, day, threads=threads)


def read(book: Prepared, loan: NDArray[np.int64], day: NDArray[np.int32], *, threads: int) -> pl.DataFrame:
    """Loans (rows of ``book.loans``) each on a day (days since 1970-01-01); a loan may come on several days."""
    size = len(loan)
    out = np.empty((len(FIGURES), size), np.int64)
    special = book.special[loan]
    plain = np.flatnonzero(special < 0) if book.special.max(initial=-1) >= 0 else np.arange(size)
    _run(book, book.straight, _jobs(book.straight, loan, loan, day, plain), out, threads)
    odd = np.flatnonzero(special >= 0)
    _run(book, book.resolved, _jobs(book.resolved, special, loan, day, odd), out, threads)
    return _frame(book, loan, day, out, _faults(book, loan, out))


def _jobs(
    stream: Stream,
    at: NDArray[np.int64],
    loan: NDArray[np.int64],
    day: NDArray[np.int32],
    chosen: NDArray[np.int64],
) -> Jobs:
    at = at[chosen]
    return Jobs(loan[chosen], day[chosen], chosen, stream.found.start[at], stream.found.stop[at], stream.first_more[at])


def _run(book: Prepared, stream: Stream, jobs: Jobs, out: NDArray[np.int64], threads: int) -> None:
    def fold(first: int, last: int) -> int:
        length = JOURNAL
        while first < last:
            room = work(book.rows_max, purchases=book.events_max, journal=length, figures=len(FIGURES))
            first = fold_loans(
                book.columns, book.terms, book.schedule, stream.events, jobs, room, book.cutoff,
                first, last, out,
            )  # fmt: skip
            length *= 2
        return last

    if len(jobs.loan):
        spread(fold, len(jobs.loan), threads)


def _faults(book: Prepared, loan: NDArray[np.int64], out: NDArray[np.int64]) -> dict[int, str]:
    """Why loans cannot be reckoned, by place. Raises `BrokenInvariant` where the engine itself is at fault."""
    found = {int(at): book.faults[int(loan[at])] for at in np.flatnonzero(np.isin(loan, list(book.faults)))}
    for at in np.flatnonzero(out[FAULT]):
        if int(at) not in found:
            why = FAULTS.get(int(out[FAULT, at]))
            if why is None:
                key, code = book.loans["loan_key"][int(loan[at])], out[FAULT, at]
                raise BrokenInvariant(f"loan {key} stopped the fold by fault {code} of kernels.records")
            found[int(at)] = why
    return found


def _frame(
    book: Prepared, loan: NDArray[np.int64], day: NDArray[np.int32], out: NDArray[np.int64], faults: dict[int, str]
) -> pl.DataFrame:
    whole = len(loan) == len(book.loans) and bool((loan == np.arange(len(loan))).all())
    named = book.loans.select("loan_key", "person_id", "shard")
    columns = dict(zip(FIGURES, (pl.Series(row) for row in out), strict=True))
    frame = (named if whole else named[loan]).with_columns(
        pl.Series("day", day).cast(pl.Date),
        columns["status"].cast(pl.Int8).alias("status"),
        *(columns[name].cast(pl.Int32).alias(name) for name in COUNTS),
        *(_dates(columns[name]).alias(name) for name in DATES),
        *(columns[name].alias(name) for name in AMOUNTS),
    )
    why = pl.Series("fault", [None], dtype=pl.String).new_from_index(0, len(frame))
    if faults:
        why = why.scatter(list(faults), list(faults.values()))
        frame = frame.with_columns(pl.when(pl.lit(why).is_null()).then(pl.col("status", *COUNTS, *DATES, *AMOUNTS)))
    return frame.with_columns(why.alias("fault"))


def _dates(days: pl.Series) -> pl.Series:
    """Days since 1970-01-01 as dates, null where there is none."""
    return days.to_frame("day").select(pl.when(pl.col("day") != NO_DAY).then("day").cast(pl.Int32).cast(pl.Date))["day"]
