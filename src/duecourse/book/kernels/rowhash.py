"""The words of rows folded into two lanes of 64 bits each; `book.content` says how and what for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from duecourse.book.kernels.compiled import SOURCES, compiled, entry_point

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_A = np.uint64(0xBF58476D1CE4E5B9)
_B = np.uint64(0x94D049BB133111EB)
_NULL = np.uint64(0x5BD1E995)
_HERE = np.uint64(0x1B873593)


@compiled
def mix(h: np.uint64) -> np.uint64:
    """The finaliser of SplitMix64 (Steele, Lea & Flood 2014)."""
    h = (h ^ (h >> np.uint64(30))) * _A
    h = (h ^ (h >> np.uint64(27))) * _B
    return h ^ (h >> np.uint64(31))


@compiled
def turned(word: np.uint64) -> np.uint64:
    """A word with its halves exchanged."""
    return (word << np.uint64(32)) | (word >> np.uint64(32))


def _take_numbers(sources: int) -> Callable[..., int]:
    @entry_point
    def take_numbers(
        one: NDArray[np.uint64], two: NDArray[np.uint64], values: NDArray[np.int64], nulls: NDArray[np.bool_]
    ) -> int:
        for i in range(len(one) if sources >= 0 else 0):
            flag = _NULL if nulls[i] else _HERE
            word = np.uint64(0) if nulls[i] else np.uint64(values[i])
            one[i] = mix(mix(one[i] ^ flag) ^ word)
            two[i] = mix(mix(two[i] ^ flag) ^ turned(word))
        return len(one)

    return take_numbers


take_numbers = _take_numbers(SOURCES)
"""Take a column of numbers into the lanes of its rows."""


def _take_texts(sources: int) -> Callable[..., int]:
    @entry_point
    def take_texts(
        one: NDArray[np.uint64],
        two: NDArray[np.uint64],
        offsets: NDArray[np.int64],
        data: NDArray[np.uint8],
        nulls: NDArray[np.bool_],
    ) -> int:
        for i in range(len(one) if sources >= 0 else 0):
            flag = _NULL if nulls[i] else _HERE
            start, end = offsets[i], offsets[i + 1]
            if nulls[i]:
                end = start
            a = mix(mix(one[i] ^ flag) ^ np.uint64(end - start))
            b = mix(mix(two[i] ^ flag) ^ np.uint64(end - start))
            at = start
            while at < end:
                word = np.uint64(0)
                for k in range(min(8, end - at)):
                    word |= np.uint64(data[at + k]) << np.uint64(8 * k)
                a = mix(a ^ word)
                b = mix(b ^ turned(word))
                at += 8
            one[i] = a
            two[i] = b
        return len(one)

    return take_texts


take_texts = _take_texts(SOURCES)
"""Take a column of texts (UTF-8 bytes and where each begins) into the lanes of its rows."""


def _add_up(sources: int) -> Callable[..., tuple[np.uint64, np.uint64]]:
    @entry_point
    def add_up(one: NDArray[np.uint64], two: NDArray[np.uint64]) -> tuple[np.uint64, np.uint64]:
        low, high = np.uint64(0), np.uint64(0)
        for i in range(len(one) if sources >= 0 else 0):
            before = low
            low += one[i]
            high += two[i]
            if low < before:
                high += np.uint64(1)
        return high, low

    return add_up


add_up = _add_up(SOURCES)
"""The sum of all rows' 128-bit numbers (two, one), as (high, low); carries are counted."""
