"""Contacts as the law was asked about them: what past days planned, and the permits that were asked for.

Both come as frames for `law.diff`: a fact of the law in each column, columns that name the contact, and the answer
that was given then (``was_allowed``, ``was_refused``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from duecourse.book.store import Store
from duecourse.casework.day_past import planned_on
from duecourse.law.clock import known_zone, local, zone
from duecourse.law.columns import dtype_of
from duecourse.law.decide import places
from duecourse.law.fact import Kind
from duecourse.law.facts import FACTS
from duecourse.law.rulebook import Rulebook
from duecourse.law.turns import Turns
from duecourse.storage import asked, lenders
from duecourse.storage.connection import Database

TURNS = Turns(
    person=("recipient_id", "day"),
    order=("recipient_id", "slot_second", "order", "person_id", "loan_key"),
    debtor="person_id",
    chain=("chain", "day"),
)
"""How the planned contacts of a day follow one another: as the day run asks them."""

_NAMES = ["person_id", "loan_key", "treatment", "recipient_id"]


def planned_days(
    database: Database, store: Store, *, lender_id: str, days: list[date], threads: int = 2
) -> Iterator[pl.DataFrame]:
    """The planned contacts of published days, one frame a day; in the order of days."""
    for day in days:
        frame, _ = planned_on(database, store, lender_id=lender_id, day=day, threads=threads)
        with database.transaction(lender_id) as tx:
            then = asked.proposals(tx, day)
        yield (
            frame.with_columns(day=pl.lit(day))
            .join(then, on=_NAMES, how="left", nulls_equal=True, maintain_order="left")
            .with_columns(pl.col("was_allowed").fill_null(value=False))
        )


def days_kept(database: Database, lender_id: str, first: date, last: date) -> list[date]:
    """The days in a span whose plans are kept."""
    with database.transaction(lender_id) as tx:
        return asked.days(tx, first, last)


def jurisdiction(database: Database, lender_id: str) -> str:
    """The lender's."""
    with database.transaction(lender_id) as tx:
        return lenders.get(tx).jurisdiction


@dataclass(frozen=True, slots=True)
class Past:
    """The permits of some days, and how many contacts cannot be asked about again."""

    permits: pl.DataFrame
    without_facts: int  # contacts told by files, and permits from before facts were kept


def permits_between(database: Database, lender_id: str, first: date, last: date, book: Rulebook) -> Past:
    """The permits asked for on these days of the lender's clock, both ends included, as the gate was asked."""
    with database.transaction(lender_id) as tx:
        here = ZoneInfo(lenders.get(tx).zone)
        since, until = (
            datetime.combine(day, time(), here).astimezone(UTC) for day in (first, last + timedelta(days=1))
        )
        rows = asked.permits(tx, since, until)
        silent = asked.contacts_without_permit(tx, since, until)
    told = rows.filter(pl.col("asked").is_not_null())
    facts = [_facts(row["at"], json.loads(row["asked"]), book) for row in told.iter_rows(named=True)]
    names = sorted({name for one in facts for name in one if name in FACTS} - {"channel"})
    columns = [_column(name, [one.get(name) for one in facts]) for name in names]
    others = sorted({name for one in facts for name in one if name not in FACTS})
    extra = [pl.Series(name, [one.get(name) for one in facts], dtype=pl.Int64) for name in others]
    frame = told.drop("asked").with_columns(pl.col("channel").cast(dtype_of("channel"))).with_columns(*columns, *extra)
    return Past(frame, silent + rows.height - told.height)


def _facts(at: datetime, told: Mapping[str, Any], book: Rulebook) -> dict[str, Any]:
    """The facts of one request, with day and second by the clocks of now: the law's, and every place of the person."""
    names = places(book, told["zones"])
    clocks = [local(at, zone(name)) if known_zone(name) else None for name in names]
    facts = dict(told["facts"])
    if not clocks or None in clocks:
        return facts | {"on": clocks[0][0] if clocks and clocks[0] else None}
    (day, second), *others = (clock for clock in clocks if clock is not None)
    facts |= {"on": day, "second_local": second}
    return facts | {f"other_second_{place}": one[1] for place, one in enumerate(others)}


def _column(name: str, values: list[Any]) -> pl.Series:
    if FACTS[name].kind is Kind.DATE:
        values = [date.fromisoformat(one) if isinstance(one, str) else one for one in values]
    return pl.Series(name, values, dtype=dtype_of(name))
