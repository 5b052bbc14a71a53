"""The fingerprint of a table: a number that two sets of rows share if, and for all practice only if, they are equal.

Each row is hashed to 128 bits over its columns, in the order of the contract and without the shard; the table's hash is
the sum of its rows' hashes modulo 2^128. So it does not depend on the order of rows, files, shards or workers, and
appending rows adds to it. It finds accidents and differences; it is not made to withstand somebody who forges rows:
that is what the evidence log, which holds it, is for.

Row hash, part of the format: two 64-bit lanes start at `SEEDS`. For each column the lanes take in a word for null or
not null, then the value: numbers, days and instants as their 64-bit two's complement, texts as their UTF-8 length and
their bytes in little-endian words of eight, the last filled with zeros. Taking in a word w is h ← mix(h xor w) with the
finaliser of SplitMix64, the second lane taking in w rotated by 32 bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa

from duecourse.book.kernels.rowhash import add_up, take_numbers, take_texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

SEEDS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)
MODULUS = 1 << 128


def fingerprint(frame: pl.DataFrame, columns: Iterable[str]) -> int:
    """The fingerprint of a frame over the columns named, in that order; 0 for no rows."""
    one = np.full(frame.height, SEEDS[0], dtype=np.uint64)
    two = np.full(frame.height, SEEDS[1], dtype=np.uint64)
    for name in columns:
        if name == "shard":
            continue
        column = frame[name]
        nulls = column.is_null().to_numpy()
        if column.dtype == pl.String:
            offsets, data = _buffers(column)
            take_texts(one, two, offsets, data, nulls)
        else:
            take_numbers(one, two, column.to_physical().cast(pl.Int64).fill_null(0).to_numpy(), nulls)
    high, low = add_up(one, two)
    return (int(high) << 64 | int(low)) % MODULUS


def add(*hashes: int) -> int:
    """The fingerprint of several sets of rows taken together."""
    return sum(hashes) % MODULUS


def _buffers(column: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    array = column.rechunk().to_arrow()
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    array = array.cast(pa.large_string())
    _, offsets, data = array.buffers()
    starts = np.frombuffer(offsets, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    return starts, np.frombuffer(data, dtype=np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
