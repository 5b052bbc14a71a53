"""Preparing figures: sums of past days written beside the rows that they were taken from, and proved equal to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from duecourse.casework.actor import Actor
from duecourse.casework.figures import book, near
from duecourse.casework.figures.asking import FIGURES, answer
from duecourse.casework.figures.figure import Asked, Figure, Ground, Span
from duecourse.law.rulebook import Rulebook
from duecourse.storage import figures, log
from duecourse.storage.connection import Tx
from duecourse.storage.figures import ChannelCost
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput

LOOKED_BACK = 35
"""Days before a published day whose sums are taken anew: what is learnt late still counts where it belongs."""

_BATCH = 2_000
_PERMITS_MAX = 1_000_000

Cells = Sequence[tuple[date, list[str], list[int]]]


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell whose prepared sum is not the sum of its rows; None where there is none."""

    figure: str
    at: tuple[str, ...]
    prepared: tuple[int, ...] | None
    summed: tuple[int, ...] | None


def _cells(of: Figure, days: Span, ground: Ground) -> Cells:
    by = tuple(one.name for one in of.dimensions)
    names = [one.name for one in of.measures]
    found = answer(of, Asked(days, by), ground).cells
    return [
        (date.fromisoformat(one.at[by[0]]), [one.at[name] for name in by[1:]], [one.of[name] for name in names])
        for one in found
    ]


def _all_days(days: Span) -> list[date]:
    return [days.first + timedelta(days=n) for n in range((days.last - days.first).days + 1)]


def forget_run(tx: Tx, day: date, *, changed: Sequence[date] = ()) -> None:
    """Forget what no longer stands once a run of a day is published; in the run's transaction.

    ``changed`` are earlier days some of whose loans it restated.
    """
    for of in FIGURES.values():
        if of.by_run:
            figures.forget(tx, of.name, [day])
    figures.forget(tx, book.STAGES.name, changed)


def prepare_run(ages: pl.DataFrame, day: date, now: datetime, ground: Ground, *beside: Ground) -> None:
    """Prepare what a published run fixed, for its day, and the sums of the days before it (as `prepare_days`).

    ``ages`` are the run's rows of the book. Until this is done, what is asked of the day is summed over its rows.
    """
    rows = book.stage_rows(ages, day)
    of = book.STAGES
    by = [one.name for one in of.dimensions]
    names = [one.name for one in of.measures]
    summed = rows.group_by(by).agg(pl.col(names).sum()).sort(by)
    cells = [
        (row[0], [str(value) for value in row[1 : len(by)]], [int(value) for value in row[len(by) :]])
        for row in summed.select(*by, *names).iter_rows()
    ]
    figures.prepare(ground.tx, of.name, [day], cells, definition=of.definition, now=now)
    prepare_days(day, now, ground, *beside, but=(of.name,))


def prepare_days(day: date, now: datetime, *grounds: Ground, but: Iterable[str] = ()) -> None:
    """Prepare all but the costly figures around a published day: of that day what its run fixed, and days before.

    The grounds share the work, each by a transaction of its own: a sum is the work of one process of PostgreSQL.
    """
    past = Span(day - timedelta(days=LOOKED_BACK), day - timedelta(days=1))
    wanted = [of for of in FIGURES.values() if of.name not in {*but, *book.COSTLY}]
    ran = [of for of in wanted if of.by_run]
    later = [of for of in wanted if not of.by_run]

    def share(number: int, ground: Ground) -> None:
        for of in later[number :: len(grounds)]:
            _prepare(of, past, now, ground)
        figures.plan_for_whole_days(ground.tx)
        for of in ran[number :: len(grounds)]:
            _prepare(of, Span(day, day), now, ground)

    with ThreadPoolExecutor(max_workers=len(grounds)) as threads:
        for done in [threads.submit(share, number, ground) for number, ground in enumerate(grounds)]:
            done.result()


def _prepare(of: Figure, days: Span, now: datetime, ground: Ground) -> None:
    cells = _cells(of, days, ground)
    figures.prepare(ground.tx, of.name, _all_days(days), cells, definition=of.definition, now=now)


def prepare_costly(day: date, now: datetime, ground: Ground) -> int:
    """Prepare what reads the whole book, aged at the month ends up to a day; returns how many cells were written.

    Cells prepared on another day go: every one is of the book as it is known now.
    """
    span = Span(book.first_day(day), day)
    written = 0
    for name in sorted(book.COSTLY):
        of = FIGURES[name]
        cells = _cells(of, span, ground)
        days = sorted({one[0] for one in cells})
        figures.forget(ground.tx, of.name)
        figures.prepare(ground.tx, of.name, days, cells, definition=of.definition, now=now)
        written += len(cells)
    return written


def find_near_misses(tx: Tx, law: Rulebook, *, most: int = _PERMITS_MAX) -> int:
    """Look through the permits given since the last look for near misses, and write them; returns how many there were.

    The rules asked are those in force now for the lender.
    """
    until = figures.near_misses_until(tx)
    count = looked = 0
    while looked < most:
        given = figures.given_after(tx, until, min(_BATCH, most - looked))
        if not given:
            break
        looked += len(given)
        until = given[-1].permit_id
        found = [
            (one, miss.rule, miss.kind, miss.fact)
            for one in given
            for miss in near.near_misses(law, one.facts, one.at, tuple(one.zones))
        ]
        figures.add_near_misses(tx, found, until=until)
        count += len(found)
    return count


def differences(of: Figure, days: Span, ground: Ground) -> list[Difference]:
    """Where what was prepared for some days is not what their rows sum to; other days are not looked at."""
    ready = [
        one for one in figures.prepared(ground.tx, of.name, days.first, days.last) if one.definition == of.definition
    ]
    kept = {
        (day.isoformat(), *at): tuple(amounts)
        for day, at, amounts in figures.cells(ground.tx, of.name, [one.day for one in ready])
    }
    wanted = {one.day.isoformat() for one in ready}
    summed = {
        (day.isoformat(), *at): tuple(amounts)
        for day, at, amounts in _cells(of, days, ground)
        if day.isoformat() in wanted
    }
    return [
        Difference(of.name, at, kept.get(at), summed.get(at))
        for at in sorted({*kept, *summed})
        if kept.get(at) != summed.get(at)
    ]


class CostStands(BadInput):
    """The cost of a channel was said for this day before."""

    def __init__(self, channel: str, day: date) -> None:
        super().__init__(
            N_("what {channel} costs from {day} on was said before and stays; say another from a later day"),
            channel=channel,
            day=day,
        )


def set_cost(tx: Tx, *, vault: Vault, cost: ChannelCost, actor: Actor, now: datetime) -> None:
    """Say what one contact by a channel costs from a day on, and leave a record. Raises `CostStands`."""
    if not figures.set_cost(tx, cost):
        raise CostStands(cost.channel, cost.from_day)
    log.append(
        tx,
        vault=vault,
        kind="cost.set",
        at=now,
        actor=str(actor),
        stated={
            "channel": cost.channel,
            "from": cost.from_day.isoformat(),
            "currency": cost.currency,
            "cost_minor": cost.cost_minor,
        },
    )
