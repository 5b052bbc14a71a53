"""The asking of `book.assign` in machine code: whom each case prefers, and deferred acceptance.

All arrays are the caller's; nothing is allocated here (`compiled.OPTIONS`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from duecourse.book.kernels.compiled import SOURCES, entry_point
from duecourse.core.ids import MIX_64

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_A, _B, _C = (np.uint64(word) for word in MIX_64)
_LAST = np.uint64(2**64 - 1)


class Places(NamedTuple):
    """What deferred acceptance writes in: by case, and by collector."""

    asked: NDArray[np.int64]  # by case: how many it has asked, 0 at first
    given: NDArray[np.int64]  # by case: who has it, -1 at first
    taken: NDArray[np.int64]  # by collector: places taken, 0 at first
    held: NDArray[np.int64]  # by collector and place: the cases
    worst: NDArray[np.int64]  # by collector: the rank of the last that it keeps, -1 at first


def _prefer(sources: int) -> Callable[..., int]:
    @entry_point
    def prefer(
        persons: NDArray[np.uint64],
        kind: NDArray[np.int64],
        known: NDArray[np.int64],
        fits: NDArray[np.bool_],
        drawn: NDArray[np.uint64],
        best: NDArray[np.int64],
    ) -> int:
        width = len(drawn)
        for case in range(len(persons) if sources >= 0 else 0):
            for k in range(width):
                drawn[k] = _LAST
                best[case, k] = -1
            for at in range(fits.shape[1]):
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
                        drawn[later] = drawn[later - 1]
                        best[case, later] = best[case, later - 1]
                    drawn[k] = word
                    best[case, k] = at
        return width

    return prefer


prefer = _prefer(SOURCES)
"""Write each case's collectors in the order it asks them, -1 where there are no more.

The known one first; the others in an order drawn from the person's id, so that cases spread evenly and a case that
comes back finds the same people.
"""


def _settle(sources: int) -> Callable[..., int]:
    @entry_point
    def settle(
        preferences: NDArray[np.int64], known: NDArray[np.int64], capacity: NDArray[np.int64], places: Places
    ) -> int:
        count = len(preferences)
        choices = preferences.shape[1]
        for first in range(count if sources >= 0 else 0):
            case = first
            while places.asked[case] < choices:
                at = preferences[case, places.asked[case]]
                places.asked[case] += 1
                if at < 0:
                    break
                rank = case if at == known[case] else case + count
                if places.taken[at] < capacity[at]:
                    places.held[at, places.taken[at]] = case
                    places.taken[at] += 1
                    places.given[case] = at
                    places.worst[at] = max(places.worst[at], rank)
                    break
                if rank > places.worst[at]:
                    continue
                out, last = 0, -1
                for k in range(places.taken[at]):
                    other = places.held[at, k]
                    other_rank = other if at == known[other] else other + count
                    if other_rank == places.worst[at]:
                        out = k
                    else:
                        last = max(last, other_rank)
                leaver = places.held[at, out]
                places.held[at, out] = case
                places.worst[at] = max(last, rank)
                places.given[case] = at
                places.given[leaver] = -1
                case = leaver
        return count

    return settle


settle = _settle(SOURCES)
"""Deferred acceptance; cases stand in the order of their rank, known ones before others at their collector."""
