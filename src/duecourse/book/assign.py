"""Who works which case: the collector whom the borrower knows, else one with the skill and a free place.

Deferred acceptance (Gale & Shapley 1962): every case asks the collectors in the order it prefers them, every collector
keeps the cases that rank highest up to capacity. The result is stable: no case waits for a collector who works one of
lower rank in its place; and it is one and the same in whatever order cases ask, so it depends on nothing but its
arguments. See ``docs/decisions/assignment.md`` for why no prices are computed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from duecourse.book.kernels.compiled import entry_point
from duecourse.core.ids import MIX_64

CHOICES = 32
"""How many collectors a case asks, beside the one it knows, before it stays unassigned for the day."""

_A, _B, _C = (np.uint64(word) for word in MIX_64)
_LAST = np.uint64(2**64 - 1)


def assign(cases: pl.DataFrame, collectors: pl.DataFrame) -> pl.DataFrame:
    """Give cases to collectors; returns ``person_id`` and ``collector_id`` (null where nobody has a place).

    ``cases``: person_id, needs (skills joined by spaces), score, known (collector_id or null).
    ``collectors``: collector_id, skills (joined by spaces), capacity (cases a day). A case ranks by whether the
    collector knows it, then by score, then by person id.
    """
    order = cases.sort("score", "person_id", descending=[True, False])
    staff = collectors.sort("collector_id")
    names = staff["collector_id"].to_list()
    place = {name: index for index, name in enumerate(names)}
    known = np.array([place.get(name, -1) for name in order["known"]], dtype=np.int64)
    kinds = order["needs"].unique().sort()
    kind = (order["needs"].rank("dense").cast(pl.Int64) - 1).to_numpy()
    fits = _fits(kinds.to_list(), staff["skills"].to_list())
    choices = _preferences(order["person_id"].to_numpy().astype(np.uint64), kind, known, fits)
    chosen = _deferred(choices, known, staff["capacity"].to_numpy().astype(np.int64))
    found = pl.Series(
        "collector_id", [names[index] if index >= 0 else None for index in chosen.tolist()], dtype=pl.String
    )
    return order.select("person_id").with_columns(found).sort("person_id")


def _fits(kinds: list[str], skills: list[str]) -> np.ndarray:
    """Which collector has every skill that each kind of case needs: kinds × collectors."""
    has = [frozenset(text.split()) for text in skills]
    table = [[frozenset(text.split()) <= one for one in has] for text in kinds]
    return np.array(table, dtype=np.bool_).reshape(len(kinds), len(skills))


@entry_point
def _preferences(persons: Any, kind: Any, known: Any, fits: Any) -> Any:  # noqa: ANN401 - arrays, to numba
    """Each case's collectors in the order it asks them, -1 where there are no more.

    The known one first; the others in an order drawn from the person's id, so that cases spread evenly and a case
    that comes back finds the same people.
    """
    count = fits.shape[1]
    width = min(count, CHOICES + 1)
    best = np.full((len(persons), width), -1, np.int64)
    drawn = np.empty(width, np.uint64)
    for case in range(len(persons)):
        drawn[:] = _LAST
        for at in range(count):
            if not fits[kind[case], at]:
                continue
            word = (persons[case] ^ (np.uint64(at + 1) * _A)) * _B
            word = ((word ^ (word >> np.uint64(29))) * _C) >> np.uint64(2)
            if at == known[case]:
                word = np.uint64(0)
            k = width
            while k > 0 and word < drawn[k - 1]:
                k -= 1
            if k < width:
                for later in range(width - 1, k, -1):
                    drawn[later], best[case, later] = drawn[later - 1], best[case, later - 1]
                drawn[k], best[case, k] = word, at
    return best


@entry_point
def _deferred(preferences: Any, known: Any, capacity: Any) -> Any:  # noqa: ANN401 - as above
    """Deferred acceptance; cases stand in the order of their rank, known ones before others at their collector."""
    count, choices = preferences.shape
    asked = np.zeros(count, np.int64)
    given = np.full(count, -1, np.int64)
    taken = np.zeros(len(capacity), np.int64)
    held = np.empty((len(capacity), capacity.max() if len(capacity) else 0), np.int64)
    worst = np.full(len(capacity), -1, np.int64)  # the rank of the last that each collector keeps
    for first in range(count):
        case = first
        while asked[case] < choices:
            at = preferences[case, asked[case]]
            asked[case] += 1
            if at < 0:
                break
            rank = case if at == known[case] else case + count
            if taken[at] < capacity[at]:
                held[at, taken[at]] = case
                taken[at] += 1
                given[case] = at
                worst[at] = max(worst[at], rank)
                break
            if rank > worst[at]:
                continue
            out, last = 0, -1
            for k in range(taken[at]):
                other = held[at, k]
                other_rank = other if at == known[other] else other + count
                if other_rank == worst[at]:
                    out = k
                else:
                    last = max(last, other_rank)
            leaver = held[at, out]
            held[at, out], worst[at] = case, max(last, rank)
            given[case], given[leaver] = at, -1
            case = leaver
    return given
