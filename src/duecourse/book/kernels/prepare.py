"""The book's columns made ready for the fold: what was known, whose rows are whose, and what counts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from duecourse.book.kernels.columns import Ranges, buffer, fixed, in_order, ranges, rows_of, spread
from duecourse.book.kernels.fold import MORE_KINDS, Events, Loans
from duecourse.book.kernels.laying import Schedule
from duecourse.book.kernels.records import FAR_DAY, FROM_BOUNCE_DAY, NO_DAY, terms_records
from duecourse.book.kernels.survey import (
    DISORDER,
    VERSIONS,
    find_schedules,
    list_more,
    survey_events,
    survey_schedules,
)
from duecourse.book.kernels.timeline import timelines
from duecourse.book.tables import ORDER, terms_from
from duecourse.core.events import Kind
from duecourse.core.money import BrokenInvariant
from duecourse.trouble import N_, BadInput

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

PARTS = ("p1", "p2", "p3", "p4", "p5")


class UnknownConventions(BadInput):
    """Loans name conventions that the book does not have."""

    def __init__(self, ids: list[str]) -> None:
        super().__init__(
            N_("loans name conventions that the book does not have: {ids}; import them again"), ids=", ".join(ids[:5])
        )


@dataclass(frozen=True, slots=True)
class Stream:
    """Events in the order in which they count, with each loan's range of them and its first row of parts."""

    events: Events
    found: Ranges
    first_more: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A book, as known at an instant, ready to be folded. Loan ``i`` is row ``i`` of ``loans``."""

    loans: pl.DataFrame
    columns: Loans
    terms: NDArray[np.void]
    schedule: Schedule
    straight: Stream  # every loan's events, as the columns have them
    resolved: Stream  # with reversals and pauses resolved, for the loans that have them
    special: NDArray[np.int64]  # each loan's place in `resolved`, or -1
    faults: dict[int, str]  # loan to why it cannot be reckoned
    cutoff: int  # microseconds since 1970
    rows_max: int  # of one loan's instalments, all schedules together
    events_max: int  # of one loan


def prepare(
    loans: pl.DataFrame,
    conventions: pl.DataFrame,
    instalments: pl.DataFrame,
    events: pl.DataFrame,
    *,
    known: datetime,
    threads: int,
) -> Prepared:
    """Make a book ready, as it was known at an instant. Raises `UnknownConventions`.

    Fastest where the tables are in the order of `tables.ORDER`; they are sorted where they are not. Rows of loans that
    are not in ``loans`` are left out. Of several versions of a schedule the latest known one counts.
    """
    loans = _latest(loans, known)
    instalments = _known(instalments, known)
    keys = buffer(loans["loan_key"], np.int64)
    rows, lines = ranges(keys, instalments), ranges(keys, events)
    if rows is None or lines is None:
        loans = loans.sort("loan_key")
        keys = buffer(loans["loan_key"], np.int64)
        instalments, events = in_order(loans, instalments, "instalments"), in_order(loans, events, "events")
        rows, lines = _certain(ranges(keys, instalments)), _certain(ranges(keys, events))
    instalments, rows, contract_stop = _schedules(keys, instalments, rows, threads)
    terms = _terms(conventions)
    columns = Loans(
        _terms_of(loans, conventions),
        buffer(loans["rate_ppm"], np.int64),
        buffer(loans["penalty_ppm"], np.int64),
        buffer(loans["compound_ppm"], np.int64),
        buffer(loans["start"], np.int32, NO_DAY),
        fixed(rows.start),
        fixed(contract_stop),
    )
    sets = _Sets(rows, buffer(instalments["set_no"], np.int64))
    cutoff = _microseconds(known)
    straight, odd, longest = _straight(events, lines, sets, threads)
    bounce = terms["reversal"][columns.terms[odd]] == FROM_BOUNCE_DAY
    resolved, faults = _resolved(events, Ranges(lines.start[odd], lines.stop[odd]), odd, bounce, sets, cutoff)
    special = np.full(len(loans), -1, np.int64)
    special[odd] = np.arange(len(odd))
    schedule = Schedule(
        buffer(instalments["due"], np.int32),
        buffer(instalments["days"], np.int32),
        buffer(instalments["principal_minor"], np.int64),
        buffer(instalments["interest_minor"], np.int64),
        buffer(instalments["fee_minor"], np.int64),
    )
    rows_max = int((rows.stop - rows.start).max(initial=0))
    return Prepared(
        loans, columns, terms, schedule, straight, resolved, special, faults, cutoff, rows_max, longest
    )  # fmt: skip


# What was known


def _microseconds(instant: datetime) -> int:
    return int(pl.Series([instant]).cast(pl.Datetime("us", "UTC")).to_physical().item())


def _known(table: pl.DataFrame, known: datetime) -> pl.DataFrame:
    latest = table["known"].max()
    return table if latest is None or latest <= known else table.filter(pl.col("known") <= known)  # type: ignore[operator]  # a column of instants has an instant as its largest


def _latest(loans: pl.DataFrame, known: datetime) -> pl.DataFrame:
    """The latest row of each loan that was known."""
    loans = _known(loans, known)
    keys = buffer(loans["loan_key"], np.int64)
    if bool((keys[1:] > keys[:-1]).all()) or loans["loan_key"].n_unique() == len(loans):
        return loans
    return loans.sort(ORDER["loans"]).unique("loan_key", keep="last", maintain_order=True)


def _certain(found: Ranges | None) -> Ranges:
    if found is None:
        raise BrokenInvariant("rows sorted by loan are not in the loans' order")
    return found


# Schedules


@dataclass(frozen=True, slots=True)
class _Sets:
    """Where each loan's instalment rows are, and which schedule each row belongs to."""

    rows: Ranges
    set_no: NDArray[np.int64]


def _schedules(
    keys: NDArray[np.int64], instalments: pl.DataFrame, rows: Ranges, threads: int
) -> tuple[pl.DataFrame, Ranges, NDArray[np.int64]]:
    """Schedules in order and in their latest version only, and where each loan's contract schedule ends."""
    while True:
        contract_stop = np.empty(len(keys), np.int64)
        columns = (
            *rows,
            buffer(instalments["set_no"], np.int64),
            buffer(instalments["due"], np.int32),
            buffer(instalments["known"], np.int64),
            contract_stop,
        )
        seen = np.bitwise_or.reduce(spread(partial(survey_schedules, *columns), len(keys), threads))
        if not seen:
            return instalments, rows, contract_stop
        if seen & DISORDER:
            owner = pl.Series("owner", np.repeat(np.arange(len(keys)), rows.stop - rows.start))
            instalments = instalments.with_columns(owner).sort("owner", "set_no", "due", maintain_order=True)
        if seen & VERSIONS:
            instalments = instalments.filter(pl.col("known") == pl.col("known").max().over("loan_key", "set_no"))
            rows = _certain(ranges(keys, instalments))


def _terms(conventions: pl.DataFrame) -> NDArray[np.void]:
    plain = [json.loads(text) for text in conventions["terms"]]
    return terms_records([terms_from(each, rate_ppm=0, penalty_ppm=0, compound_ppm=0) for each in plain])


def _terms_of(loans: pl.DataFrame, conventions: pl.DataFrame) -> NDArray[np.int32]:
    places = loans["conventions"].cast(pl.Enum(conventions["conventions"]), strict=False).to_physical()
    if places.null_count():
        raise UnknownConventions(loans["conventions"].filter(places.is_null()).unique().sort().to_list())
    return fixed(buffer(places, np.int32))


# What counts


def _more(events: pl.DataFrame, chosen: NDArray[np.int64], owner: NDArray[np.int64], sets: _Sets) -> NDArray[np.int64]:
    """The columns of events that have parts. A part that is not given is 0; of a rate change -1, "as before"."""
    found = events.select("kind", *PARTS, "until", "set_no")[chosen]
    missing = pl.when(pl.col("kind") == int(Kind.RATE_CHANGE)).then(-1).otherwise(0)
    found = found.with_columns(pl.col(*PARTS).fill_null(missing))
    set_from, set_to = np.zeros(len(found), np.int64), np.zeros(len(found), np.int64)
    find_schedules(owner, buffer(found["set_no"], np.int64), *sets.rows, sets.set_no, set_from, set_to)
    parts = (buffer(found[part], np.int64) for part in PARTS)
    return fixed(np.column_stack((*parts, buffer(found["until"], np.int32, FAR_DAY), set_from, set_to)))


def _straight(events: pl.DataFrame, lines: Ranges, sets: _Sets, threads: int) -> tuple[Stream, NDArray[np.int64], int]:
    """All events as the columns have them; the loans for which that will not do; the longest list of events."""
    effective, rank = buffer(events["effective"], np.int32), buffer(events["rank"], np.int8)
    kind, instant = buffer(events["kind"], np.int8), buffer(events["known"], np.int64)
    size = len(lines.start)
    special, count = np.empty(size, np.bool_), np.empty(size, np.int64)
    look = partial(
        survey_events, *lines, effective, rank, instant, kind, special, count
    )  # fmt: skip
    longest = max(spread(look, size, threads))
    total = int(count.sum())
    chosen, owner = np.empty(total, np.int64), np.empty(total, np.int64)
    if total:
        list_more(*lines, kind, count, chosen, owner)
    amount = buffer(events["amount"], np.int64)
    columns = Events(effective, effective, kind, instant, amount, _more(events, chosen, owner, sets))
    return Stream(columns, lines, np.cumsum(count) - count), np.flatnonzero(special), longest


def _resolved(
    events: pl.DataFrame,
    lines: Ranges,
    odd: NDArray[np.int64],
    bounce: NDArray[np.bool_],
    sets: _Sets,
    cutoff: int,
) -> tuple[Stream, dict[int, str]]:
    """The events that count of the loans in ``odd``, whose rows are ``lines``, in the order in which they count."""
    rows = rows_of(lines)
    ours = events.select("effective", "rank", "kind", "known", "ref", "amount", "until", "target")[rows]
    stop = np.cumsum(lines.stop - lines.start)
    made = timelines(ours, Ranges(stop - (lines.stop - lines.start), stop), bounce, cutoff)
    at = np.flatnonzero(MORE_KINDS >> made.kind.astype(np.int64) & 1)
    owner = np.repeat(odd, made.found.stop - made.found.start)[at]
    columns = Events(
        fixed(made.effective),
        fixed(buffer(ours["effective"], np.int32)[made.row]),
        fixed(made.kind),
        fixed(made.known),
        fixed(buffer(ours["amount"], np.int64)[made.row]),
        _more(events, rows[made.row[at]], owner, sets),
    )
    stream = Stream(columns, made.found, np.searchsorted(at, made.found.start))
    return stream, {int(odd[loan]): why for loan, why in made.faults}
