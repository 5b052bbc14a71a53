"""The digest of a frame that stands in a day's manifest: SHA-256 over its rows in one canonical form.

The same rows give the same digest, whatever their order, chunks, shards or files. Other than the tables' content hash
(`book.content`, which grows with each append), it is made to withstand somebody who looks for a second set of rows.

Format 1: the format number, the number of rows, then for each column in the order of its name: name, type, one byte a
row for validity, then the values with nulls as zero (fixed width, little-endian) or, for text, the lengths (unsigned
32 bit) and the UTF-8 bytes. Rows are first sorted by the columns that identify them.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa

from duecourse.core.money import BrokenInvariant

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMAT = 1


def digest(frame: pl.DataFrame, by: Sequence[str]) -> str:
    """SHA-256 (hex) of a frame whose rows are told apart by the columns ``by``; floats are refused."""
    rows = frame.sort(by)
    if rows.select(pl.all_horizontal(pl.col(by).eq_missing(pl.col(by).shift())).slice(1).any()).item():
        raise BrokenInvariant(f"rows of {frame.columns} are not told apart by {list(by)}, so they have no one order")
    whole = sha256(f"{FORMAT}\n{rows.height}\n".encode())
    for name in sorted(rows.columns):
        column = rows[name]
        whole.update(f"{name}\n{column.dtype}\n".encode())
        whole.update(column.is_not_null().cast(pl.UInt8).to_numpy().tobytes())
        for part in _parts(column):
            whole.update(part)
    return whole.hexdigest()


def _parts(column: pl.Series) -> list[bytes]:
    dtype = column.dtype
    if isinstance(dtype, pl.List):
        flat = column.list.eval(pl.element().cast(pl.String)).list.join("\x1f")
        return [column.list.len().fill_null(0).cast(pl.UInt32).to_numpy().tobytes(), *_parts(flat)]
    if dtype == pl.String or isinstance(dtype, pl.Enum | pl.Categorical):
        text = column.cast(pl.String).fill_null("")
        lengths = text.str.len_bytes().cast(pl.UInt32).to_numpy().tobytes()
        return [lengths, _utf8(text)]
    if not (dtype.is_integer() or dtype.is_temporal() or dtype == pl.Boolean):
        raise BrokenInvariant(f"column {column.name} of type {dtype} has no canonical form")
    number = column.to_physical() if dtype != pl.Boolean else column.cast(pl.UInt8)
    values = number.fill_null(0).to_numpy()
    return [values.astype(values.dtype.newbyteorder("<")).tobytes()]


def _utf8(text: pl.Series) -> bytes:
    """The bytes of all texts one after another, as Arrow keeps them."""
    array = text.rechunk().to_arrow().cast(pa.large_string())
    _, offsets, data = array.buffers()
    if data is None:
        return b""
    starts = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
    return bytes(data[int(starts[0]) : int(starts[-1])])
