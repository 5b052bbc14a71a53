"""Columns as numpy arrays, whose rows are whose, and work spread over threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from duecourse.book.kernels.survey import align
from duecourse.book.tables import ORDER

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

PARTS_PER_THREAD = 8
PART_MIN = 512


class Ranges(NamedTuple):
    """Each loan's rows of a table: from ``start`` up to ``stop``."""

    start: NDArray[np.int64]
    stop: NDArray[np.int64]


def spread(work: Callable[[int, int], int], size: int, threads: int) -> list[int]:
    """Do ``work(first, last)`` over ranges that make up ``size``, on some threads; what each gave."""
    parts = max(min(threads * PARTS_PER_THREAD, size // PART_MIN), 1) if threads > 1 else 1
    bounds = [size * part // parts for part in range(parts + 1)]
    if parts == 1:
        return [work(0, size)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, bounds[:-1], bounds[1:]))


def fixed(array: NDArray[Any]) -> NDArray[Any]:
    """A view that may not be written: compiled code has one form for all that it reads."""
    array = array.view()
    array.flags.writeable = False
    return array


def buffer(column: pl.Series, dtype: type[np.generic], missing: int = 0) -> NDArray[Any]:
    """A column as an array that may not be written; not copied where its type is right and nothing is null."""
    column = column.to_physical()
    if column.null_count():
        column = column.fill_null(missing)
    return fixed(np.ascontiguousarray(column.rechunk().to_numpy(), dtype))


def ranges(keys: NDArray[np.int64], table: pl.DataFrame) -> Ranges | None:
    """Each loan's rows, where the table has the loans' order and no other loan's rows; else None."""
    found = Ranges(np.empty(len(keys), np.int64), np.empty(len(keys), np.int64))
    walked = align(keys, buffer(table["loan_key"], np.int64), found.start, found.stop)
    return found if walked == len(table) else None


def in_order(loans: pl.DataFrame, table: pl.DataFrame, name: str) -> pl.DataFrame:
    """The rows of these loans alone, in the order of `tables.ORDER`; what that leaves open stays as it was."""
    ours = table.join(loans.select("loan_key"), on="loan_key", how="semi", maintain_order="left")
    return ours.sort(ORDER[name], maintain_order=True)


def rows_of(found: Ranges) -> NDArray[np.int64]:
    """All rows of some loans, loan by loan."""
    sizes = found.stop - found.start
    ends = np.cumsum(sizes)
    return np.repeat(found.start - (ends - sizes), sizes) + np.arange(int(sizes.sum()))
