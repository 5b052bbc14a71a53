"""Who works which case: the collector whom the borrower knows, else one with the skill and a free place.

Deferred acceptance (Gale & Shapley 1962): every case asks the collectors in the order it prefers them, every collector
keeps the cases that rank highest up to capacity. The result is stable: no case waits for a collector who works one of
lower rank in its place. It depends on nothing but its arguments, whatever the order or sharding of the rows. See
``docs/decisions/assignment.md`` for why no prices are computed.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from duecourse.core.ids import MIX_64

CHOICES = 32
"""How many collectors a case asks, beside the one it knows, before it stays unassigned for the day."""


def assign(cases: pl.DataFrame, collectors: pl.DataFrame) -> pl.DataFrame:
    """Give cases to collectors; returns ``person_id`` and ``collector_id`` (null where nobody has a place).

    ``cases``: person_id, needs (skills joined by spaces), score, known (collector_id or null).
    ``collectors``: collector_id, skills (joined by spaces), capacity (cases a day). A case ranks by whether the
    collector knows it, then by score, then by person id.
    """
    order = cases.sort("score", "person_id", descending=[True, False])
    staff = collectors.sort("collector_id")
    persons = order["person_id"].to_numpy().astype(np.uint64)
    names = staff["collector_id"].to_list()
    place = {name: index for index, name in enumerate(names)}
    known = np.array([place.get(name, -1) for name in order["known"]], dtype=np.int64)
    fits = _fits(order["needs"].to_list(), staff["skills"].to_list())
    chosen = _deferred(_preferences(persons, known, fits), known, staff["capacity"].to_numpy().astype(np.int64))
    found = pl.Series(
        "collector_id", [names[index] if index >= 0 else None for index in chosen.tolist()], dtype=pl.String
    )
    return order.select("person_id").with_columns(found).sort("person_id")


def _fits(needs: list[str], skills: list[str]) -> np.ndarray:
    """Which collector has every skill that each case needs: cases × collectors."""
    has = [frozenset(text.split()) for text in skills]
    table = {text: np.array([frozenset(text.split()) <= one for one in has], dtype=np.bool_) for text in set(needs)}
    if not needs or not skills:
        return np.zeros((len(needs), len(skills)), dtype=np.bool_)
    return np.stack([table[text] for text in needs])


def _preferences(persons: np.ndarray, known: np.ndarray, fits: np.ndarray) -> np.ndarray:
    """Each case's collectors in the order it asks them, -1 where there are no more.

    The known one first; the others in an order drawn from the person's id, so that cases spread evenly and a case
    that comes back finds the same people.
    """
    count = fits.shape[1]
    if count == 0:
        return np.full((len(persons), 1), -1, dtype=np.int64)
    with np.errstate(over="ignore"):
        drawn = (
            persons[:, None] ^ np.arange(1, count + 1, dtype=np.uint64)[None, :] * np.uint64(MIX_64[0])
        ) * np.uint64(MIX_64[1])
        drawn ^= drawn >> np.uint64(29)
        drawn = (drawn * np.uint64(MIX_64[2])) >> np.uint64(2)
    rank = np.where(fits, drawn, np.uint64(2**62 + 1))
    rows = np.arange(len(persons))
    knows = (known >= 0) & fits[rows, np.maximum(known, 0)]
    rank[rows[knows], known[knows]] = 0
    best = np.argsort(rank, axis=1, kind="stable")[:, : CHOICES + 1]
    return np.where(np.take_along_axis(rank, best, axis=1) > 2**62, -1, best)


def _deferred(preferences: np.ndarray, known: np.ndarray, capacity: np.ndarray) -> np.ndarray:
    """Deferred acceptance; cases stand in the order of their rank, known ones before others at their collector."""
    count, choices = preferences.shape
    asking = np.zeros(count, dtype=np.int64)
    while True:
        wanted = np.where(asking < choices, preferences[np.arange(count), np.minimum(asking, choices - 1)], -1)
        rank = np.lexsort((np.arange(count), wanted != known, wanted))
        at = wanted[rank]
        starts = np.searchsorted(at, at, side="left")
        nth = np.arange(count) - starts
        full = np.where(at >= 0, capacity[np.maximum(at, 0)] if len(capacity) else 0, count)
        refused = rank[(at >= 0) & (nth >= full)]
        if not len(refused):
            return wanted
        asking[refused] += 1
