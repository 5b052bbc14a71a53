"""Who works which case: the collector whom the borrower knows, else one with the skill and a free place.

Deferred acceptance (Gale & Shapley 1962): every case asks the collectors in the order it prefers them, every collector
keeps the cases that rank highest up to capacity. The result is stable: no case waits for a collector who works one of
lower rank in its place; and it is one and the same in whatever order cases ask, so it depends on nothing but its
arguments. See ``docs/decisions/assignment.md`` for why no prices are computed.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from duecourse.book.kernels.asking import Places, prefer, settle
from duecourse.book.kernels.columns import spread

CHOICES = 32
"""How many collectors a case asks, beside the one it knows, before it stays unassigned for the day."""

THREADS = 2


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
    chosen = _accepted(choices, known, staff["capacity"].to_numpy().astype(np.int64))
    found = pl.Series(
        "collector_id", [names[index] if index >= 0 else None for index in chosen.tolist()], dtype=pl.String
    )
    return order.select("person_id").with_columns(found).sort("person_id")


def _fits(kinds: list[str], skills: list[str]) -> np.ndarray:
    """Which collector has every skill that each kind of case needs: kinds × collectors."""
    has = [frozenset(text.split()) for text in skills]
    table = [[frozenset(text.split()) <= one for one in has] for text in kinds]
    return np.array(table, dtype=np.bool_).reshape(len(kinds), len(skills))


def _preferences(persons: np.ndarray, kind: np.ndarray, known: np.ndarray, fits: np.ndarray) -> np.ndarray:
    """Each case's collectors in the order it asks them: cases × choices, -1 where there are no more."""
    width = min(fits.shape[1], CHOICES + 1)
    best = np.empty((len(persons), width), np.int64)

    def part(first: int, last: int) -> int:
        these = slice(first, last)
        return prefer(persons[these], kind[these], known[these], fits, np.empty(width, np.uint64), best[these])

    spread(part, len(persons), THREADS)
    return best


def _accepted(preferences: np.ndarray, known: np.ndarray, capacity: np.ndarray) -> np.ndarray:
    """Who has each case at the end, -1 for nobody."""
    cases, staff = len(preferences), len(capacity)
    places = Places(
        asked=np.zeros(cases, np.int64),
        given=np.full(cases, -1, np.int64),
        taken=np.zeros(staff, np.int64),
        held=np.empty((staff, int(capacity.max(initial=0))), np.int64),
        worst=np.full(staff, -1, np.int64),
    )
    settle(preferences, known, capacity, places)
    return places.given
