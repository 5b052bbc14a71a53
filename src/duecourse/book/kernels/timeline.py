"""The events that count, for loans with reversals, pauses or events in no clear order: `core.events.timeline`.

Only these loans pay for it. What counts is written as a list of rows of the event columns (a bounce or the end of a
pause is a row of its own, drawn from the event that it belongs to), then put in order loan by loan. References are
compared by hash first and by letter where a hash agrees.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from duecourse.book.kernels.columns import Ranges, buffer, fixed, rows_of
from duecourse.book.kernels.compiled import SOURCES, compiled, entry_point, written_in
from duecourse.book.kernels.records import FAR_DAY
from duecourse.core.events import MONEY_IN, RANK, Event, Kind, UnknownTarget

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

REVERSAL, PAUSE = int(Kind.REVERSAL), int(Kind.PAUSE)
PAUSE_END, PAUSE_END_RANK = int(Kind.PAUSE_END), RANK[Kind.PAUSE_END]
BOUNCE, BOUNCE_RANK = int(Kind.BOUNCE), RANK[Kind.BOUNCE]
MONEY_KINDS = sum(1 << kind for kind in MONEY_IN)
STANDS, DROPPED, BOUNCED = 0, 1, 2


class Rows(NamedTuple):
    """Events of the loans in question, a loan's together, in any order."""

    effective: NDArray[np.int32]
    rank: NDArray[np.int8]
    kind: NDArray[np.int8]
    known: NDArray[np.int64]
    until: NDArray[np.int32]
    ref: NDArray[np.uint64]  # hash
    target: NDArray[np.uint64]  # hash
    place: NDArray[np.int64]  # of the reference among those that must be told apart


class Line(NamedTuple):
    """What counts: the row that it is drawn from, the row whose reference orders it, and its own day, rank and kind."""

    row: NDArray[np.int64]
    named: NDArray[np.int64]
    effective: NDArray[np.int32]
    rank: NDArray[np.int8]
    kind: NDArray[np.int8]
    known: NDArray[np.int64]


@written_in
def put(line: Line, at: int, r: Rows, row: int, named: int, effective: int, rank: int, kind: int) -> None:
    """Write one event that counts; it was learnt with the row that names it."""
    line.row[at] = row
    line.named[at] = named
    line.effective[at] = effective
    line.rank[at] = rank
    line.kind[at] = kind
    line.known[at] = r.known[named]


@compiled
def later(line: Line, a: int, b: int, r: Rows) -> bool:
    """Whether an event that counts comes after another."""
    if line.effective[a] != line.effective[b]:
        return bool(line.effective[a] > line.effective[b])
    if line.rank[a] != line.rank[b]:
        return bool(line.rank[a] > line.rank[b])
    if line.known[a] != line.known[b]:
        return bool(line.known[a] > line.known[b])
    return bool(r.place[line.named[a]] > r.place[line.named[b]])


@written_in
def swap(line: Line, a: int, b: int) -> None:
    """Exchange two events."""
    line.row[a], line.row[b] = line.row[b], line.row[a]
    line.named[a], line.named[b] = line.named[b], line.named[a]
    line.effective[a], line.effective[b] = line.effective[b], line.effective[a]
    line.rank[a], line.rank[b] = line.rank[b], line.rank[a]
    line.kind[a], line.kind[b] = line.kind[b], line.kind[a]
    line.known[a], line.known[b] = line.known[b], line.known[a]


@compiled
def reverse(r: Rows, at: int, stop: int, reversal: int, state: NDArray[np.int8], cutoff: int, bounce: bool) -> int:  # noqa: FBT001  # no keywords in machine code
    """Find the standing event that a reversal names, and mark it; its row, or -1."""
    for k in range(at, stop):
        stands = r.known[k] <= cutoff and r.kind[k] != REVERSAL and state[k] == STANDS
        if stands and r.ref[k] == r.target[reversal]:
            state[k] = BOUNCED if bounce and MONEY_KINDS >> r.kind[k] & 1 else DROPPED
            return k
    return -1


def _resolve(sources: int) -> Callable[..., int]:
    @entry_point
    def resolve(
        r: Rows,
        start: NDArray[np.int64],
        stop: NDArray[np.int64],
        bounce: NDArray[np.bool_],
        cutoff: int,
        state: NDArray[np.int8],
        target: NDArray[np.int64],
        fault: NDArray[np.int64],
        tied: NDArray[np.bool_],
        line: Line,
        line_start: NDArray[np.int64],
        line_stop: NDArray[np.int64],
    ) -> int:
        at = 0 if sources >= 0 else -1
        for loan in range(len(start)):
            line_start[loan] = at
            for k in range(start[loan], stop[loan]):
                if r.kind[k] == REVERSAL and r.known[k] <= cutoff:
                    found = reverse(r, start[loan], stop[loan], k, state, cutoff, bounce[loan])
                    target[k] = found
                    if found < 0:
                        fault[loan] = k
                        break
                    if state[found] == BOUNCED:
                        effective = max(r.effective[k], r.effective[found])
                        put(line, at, r, found, k, effective, BOUNCE_RANK, BOUNCE)
                        at += 1
            for k in range(start[loan], stop[loan]):
                if r.known[k] <= cutoff and r.kind[k] != REVERSAL and state[k] != DROPPED:
                    put(line, at, r, k, k, r.effective[k], r.rank[k], r.kind[k])
                    at += 1
                    if r.kind[k] == PAUSE and r.until[k] < FAR_DAY:
                        put(line, at, r, k, k, r.until[k], PAUSE_END_RANK, PAUSE_END)
                        at += 1
            line_stop[loan] = at
            for k in range(line_start[loan] + 1, at):
                i = k
                while i > line_start[loan] and later(line, i - 1, i, r):
                    swap(line, i - 1, i)
                    i -= 1
            for k in range(line_start[loan] + 1, at):
                if not later(line, k, k - 1, r) and not later(line, k - 1, k, r):
                    tied[loan] = True
        return at

    return resolve


resolve = _resolve(SOURCES)
"""Resolve reversals and pauses of each loan and put what counts in order; how many events count.

``fault`` has the reversal whose target does not stand, else -1; ``tied`` the loans with events that only ``place``
would tell apart.
"""


class Timelines(NamedTuple):
    """What counts of some loans: rows of the events given, what they count as, each loan's range, and faults."""

    row: NDArray[np.int64]
    effective: NDArray[np.int32]
    kind: NDArray[np.int8]
    known: NDArray[np.int64]
    found: Ranges
    faults: list[tuple[int, str]]


class Resolved(NamedTuple):
    """What `resolve` has found."""

    line: Line
    used: int
    found: Ranges
    target: NDArray[np.int64]
    fault: NDArray[np.int64]
    tied: NDArray[np.bool_]


def timelines(events: pl.DataFrame, given: Ranges, bounce: NDArray[np.bool_], cutoff: int) -> Timelines:
    """What counts of loans that have the ranges ``given`` of ``events``, for who knew all up to ``cutoff``.

    ``bounce`` says for each loan whether reversed money counts until it bounced; ``cutoff`` is microseconds since 1970.
    """
    reversals = buffer(events["kind"], np.int8) == REVERSAL
    place = np.zeros(len(events), np.int64)
    for seed in count():
        rows = Rows(
            buffer(events["effective"], np.int32),
            buffer(events["rank"], np.int8),
            buffer(events["kind"], np.int8),
            buffer(events["known"], np.int64),
            buffer(events["until"], np.int32, FAR_DAY),
            fixed(events["ref"].hash(seed).to_numpy()),
            fixed(events["target"].hash(seed).to_numpy()),
            place,
        )
        made = _resolved(rows, given, bounce, cutoff)
        asked = np.flatnonzero(reversals & (made.target >= 0))
        if (events["ref"].gather(made.target[asked]) == events["target"].gather(asked)).all():
            break
    if made.tied.any():
        these = rows_of(Ranges(given.start[made.tied], given.stop[made.tied]))
        place[these] = events["ref"].gather(these).rank("dense").to_numpy()
        made = _resolved(rows, given, bounce, cutoff)
    line, used = made.line, made.used
    faults = [(int(loan), _sentence(events, int(made.fault[loan]))) for loan in np.flatnonzero(made.fault >= 0)]
    return Timelines(
        line.row[:used], line.effective[:used], line.kind[:used], line.known[:used],
        made.found, faults,
    )  # fmt: skip


def _resolved(rows: Rows, given: Ranges, bounce: NDArray[np.bool_], cutoff: int) -> Resolved:
    size, loans = len(rows.kind), len(given.start)
    room = size + int(np.isin(rows.kind, (REVERSAL, PAUSE)).sum())
    made = Resolved(
        Line(
            np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int32), np.empty(room, np.int8),
            np.empty(room, np.int8), np.empty(room, np.int64),
        ),
        0,
        Ranges(np.empty(loans, np.int64), np.empty(loans, np.int64)),
        np.full(size, -1, np.int64),
        np.full(loans, -1, np.int64),
        np.zeros(loans, np.bool_),
    )  # fmt: skip
    state = np.zeros(size, np.int8)
    used = resolve(rows, *given, bounce, cutoff, state, made.target, made.fault, made.tied, made.line, *made.found)
    return made._replace(used=used)


def _sentence(events: pl.DataFrame, row: int) -> str:
    found = events.row(row, named=True)
    reversal = Event(
        kind=Kind.REVERSAL,
        effective=found["effective"],
        known=found["known"],
        ref=found["ref"],
        target=found["target"] or "",
    )
    return str(UnknownTarget(reversal))
