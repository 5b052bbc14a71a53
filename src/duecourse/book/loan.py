"""One loan out of the book's tables, as the core reckons it; all is read from one version."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from duecourse.book.tables import DESK, latest, terms_from
from duecourse.core.contract import Method
from duecourse.core.days import FAR
from duecourse.core.delinquency import Loan, reading, readings
from duecourse.core.events import Event, GridRow, Kind
from duecourse.core.ids import shard
from duecourse.core.reading import Status
from duecourse.trouble import N_, BadInput

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import date, datetime

    from duecourse.book.store import BookVersion, Store


class NoSuchLoan(BadInput):
    """A loan that the book does not hold."""

    def __init__(self, ref: str) -> None:
        super().__init__(
            N_("loan {ref!r} is not in the book; give the lender's own loan number as on the tape"), ref=ref
        )


class NotYetKnown(NoSuchLoan):
    """A loan that the book holds now, and did not at the instant that was asked for."""

    def __init__(self, ref: str, known: datetime, first: datetime) -> None:
        BadInput.__init__(
            self,
            N_("loan {ref!r} was not yet known on {known}: the book holds it from what was learnt on {first}"),
            ref=ref,
            known=known.isoformat(" ", "seconds"),
            first=first.astimezone(known.tzinfo).isoformat(" ", "seconds"),
        )


@dataclass(frozen=True, slots=True)
class BookLoan:
    """A loan with what the book knows of it beside its arithmetic."""

    loan: Loan
    loan_key: int
    person_id: int
    product: str | None
    currency: str
    of_desk: frozenset[str] = frozenset()  # references of events that came from the desk


def read_loan(
    store: Store, version: BookVersion, *, loan_key: int, ref: str, known: datetime, persons: Collection[int] = ()
) -> BookLoan:
    """A loan as it stands in a version of the book, by what was known at an instant. Raises `NoSuchLoan`.

    ``persons`` are those who may be the borrower, where that is known: the loan is looked for in their shards alone.
    """
    mine = pl.col("loan_key") == loan_key
    if persons:
        mine &= pl.col("shard").is_in(sorted({shard(person, version.shards) for person in persons}))
    told = pl.col("known") <= known
    rows = store.scan(version, "loans").filter(mine).sort("known").collect()
    if rows.is_empty():
        raise NoSuchLoan(ref)
    first, rows = rows["known"][0], rows.filter(told)
    if rows.is_empty():
        raise NotYetKnown(ref, known, first)
    row = rows.row(-1, named=True)
    conventions = store.scan(version, "conventions").filter(pl.col("conventions") == row["conventions"]).collect()
    rates = {name: row[name] for name in ("rate_ppm", "penalty_ppm", "compound_ppm")}
    terms = terms_from(json.loads(conventions["terms"][0]), **rates)
    here = mine & told & (pl.col("shard") == row["shard"])
    grids = _grids(latest(store.scan(version, "instalments").filter(here).sort("set_no", "due").collect()))
    events = store.scan(version, "events").filter(here).collect()
    found = tuple(event_of(event, grids) for event in events.iter_rows(named=True))
    loan = Loan(ref=row["loan_ref"], terms=terms, grid=grids.get(0, ()), events=found, start=row["start"])
    of_desk = frozenset(events.filter(pl.col("source").str.starts_with(DESK))["ref"])
    return BookLoan(loan, loan_key, row["person_id"], row["product"], row["currency"], of_desk)


ENDED = (Status.SETTLED, Status.SOLD)


def standing(store: Store, version: BookVersion, loan_keys: Iterable[int], day: date, *, known: datetime) -> list[str]:
    """The numbers of those of these loans that are not at their end on a day; loans not in the book are not in it."""
    loans = store.scan(version, "loans").filter(pl.col("loan_key").is_in(list(loan_keys)))
    found = []
    for key, ref in loans.select("loan_key", "loan_ref").unique().sort("loan_ref").collect().iter_rows():
        loan = read_loan(store, version, loan_key=key, ref=ref, known=known).loan
        if reading(loan, day, known=known).status not in ENDED:
            found.append(ref)
    return found


@dataclass(frozen=True, slots=True)
class End:
    """A loan of the book on a day: its product's kind, and since when it is at its end; ``day`` None: it runs."""

    loan_key: int
    ref: str
    card: bool
    status: Status
    day: date | None  # the first of its end: of its settlement, its transfer, or the due day of what was paid before


def ends(
    store: Store, version: BookVersion, loan_keys: Collection[int], day: date, *, known: datetime
) -> dict[int, End]:
    """How these loans stand on a day, read together, by loan key; those that the book does not hold are not in it."""
    mine = pl.col("loan_key").is_in(sorted(loan_keys)) & (pl.col("known") <= known)
    rows = store.scan(version, "loans").filter(mine).sort("known").unique("loan_key", keep="last").collect()
    if rows.is_empty():
        return {}
    mine &= pl.col("shard").is_in(rows["shard"].unique().sort().to_list())
    scanned = [store.scan(version, name).filter(mine).collect() for name in ("instalments", "events")]
    found = {}
    for key, loan in loans_of(rows, store.scan(version, "conventions").collect(), *scanned):
        status, ended = _end(loan, day, known)
        found[key] = End(key, loan.ref, loan.terms.method is Method.CARD, status, ended)
    return found


def loans_of(
    rows: pl.DataFrame, conventions: pl.DataFrame, instalments: pl.DataFrame, events: pl.DataFrame
) -> Iterator[tuple[int, Loan]]:
    """Loans as the core reckons them, by loan key, out of rows of the book's tables: one row of ``loans`` for each."""
    terms = dict(conventions.select("conventions", "terms").iter_rows())
    by_grid = latest(instalments).sort("set_no", "due").partition_by("loan_key", as_dict=True)
    by_event = events.partition_by("loan_key", as_dict=True)
    for row in rows.iter_rows(named=True):
        key = row["loan_key"]
        rates = {name: row[name] for name in ("rate_ppm", "penalty_ppm", "compound_ppm")}
        laid = _grids(by_grid.get((key,), instalments.clear()))
        told = tuple(event_of(one, laid) for one in by_event.get((key,), events.clear()).iter_rows(named=True))
        agreed = terms_from(json.loads(terms[row["conventions"]]), **rates)
        yield key, Loan(ref=row["loan_ref"], terms=agreed, grid=laid.get(0, ()), events=told, start=row["start"])


def _end(loan: Loan, day: date, known: datetime) -> tuple[Status, date | None]:
    """The status on a day, and since when the loan has been at its end without a break.

    It need not come to its end by an event: what was paid before it was due ends it when it falls due.
    """
    happened = sorted({one.effective for one in loan.events if one.effective < day and one.known <= known})
    *before, last = readings(loan, [*happened, day], known=known)
    if last.status not in ENDED:
        return last.status, None
    running, since = (happened[0] if happened else day), day
    for one in reversed(before):
        if one.status not in ENDED:
            running = one.day
            break
        since = one.day
    while (since - running).days > 1:  # between two events nothing but a due day ends it, and nothing opens it again
        middle = running + (since - running) // 2
        if reading(loan, middle, known=known).status in ENDED:
            since = middle
        else:
            running = middle
    return last.status, since


def _grids(rows: pl.DataFrame) -> dict[int, tuple[GridRow, ...]]:
    grids: dict[int, list[GridRow]] = {}
    for row in rows.iter_rows(named=True):
        grid = GridRow(row["due"], row["days"], row["principal_minor"], row["interest_minor"], row["fee_minor"])
        grids.setdefault(row["set_no"], []).append(grid)
    return {number: tuple(grid) for number, grid in grids.items()}


def event_of(row: dict[str, object], grids: dict[int, tuple[GridRow, ...]]) -> Event:
    """An event from its row of the book, with its schedule out of those of the loan by ``set_no``."""
    parts = [row[f"p{n}"] for n in range(1, 6)]
    number = row["set_no"]
    return Event(
        kind=Kind(int(str(row["kind"]))),
        effective=row["effective"],  # type: ignore[arg-type]  # a date by the column contract
        known=row["known"],  # type: ignore[arg-type]
        ref=str(row["ref"]),
        amount=int(str(row["amount"])),
        parts=tuple(int(str(part)) for part in parts if part is not None),
        until=row["until"] or FAR,  # type: ignore[arg-type]
        target=str(row["target"] or ""),
        grid=grids.get(int(str(number)), ()) if number else (),
    )
