"""The digest of a frame: rows decide it, their order and chunks do not."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from duecourse.book.digest import digest
from duecourse.core.money import BrokenInvariant

FRAME = pl.DataFrame(
    {
        "key": [1, 2, 3],
        "text": ["a", None, "甲乙"],
        "day": [date(2026, 3, 1), None, date(1999, 1, 1)],
        "at": [datetime(2026, 3, 1, tzinfo=UTC), None, datetime(2020, 1, 1, tzinfo=UTC)],
        "flag": [True, None, False],
        "words": [["x", "y"], [], None],
        "amount": [-5, None, 10**13],
    },
    schema_overrides={"at": pl.Datetime("us", "UTC")},
)


def test_order_and_chunks_do_not_matter() -> None:
    again = pl.concat([FRAME[2:], FRAME[:2]], rechunk=False).select(reversed(FRAME.columns))
    assert digest(again, ["key"]) == digest(FRAME, ["key"])


@pytest.mark.parametrize("column", ["text", "day", "at", "flag", "words", "amount"])
@pytest.mark.parametrize("row", [0, 1, 2])
def test_every_value_counts(column: str, row: int) -> None:
    values = FRAME[column].to_list()
    values[row] = values[row - 1] if values[row] is None else None
    changed = FRAME.with_columns(pl.Series(column, values, dtype=FRAME[column].dtype))
    assert digest(changed, ["key"]) != digest(FRAME, ["key"])


def test_the_type_counts() -> None:
    assert digest(FRAME.with_columns(pl.col("key").cast(pl.Int32)), ["key"]) != digest(FRAME, ["key"])


def test_a_published_digest_never_changes() -> None:
    """A known answer: whoever holds an old manifest can still check it."""
    small = pl.DataFrame({"key": [1, 2], "text": ["a", None]}, schema={"key": pl.Int64, "text": pl.String})
    assert digest(small, ["key"]) == KNOWN


KNOWN = "4aaeca70d8cacb3618e9f946b93d53d778f7b14551cd126e76d18c7c78317446"


def test_floats_and_rows_that_are_not_told_apart_are_refused() -> None:
    with pytest.raises(BrokenInvariant):
        digest(pl.DataFrame({"key": [1], "x": [0.5]}), ["key"])
    with pytest.raises(BrokenInvariant):
        digest(pl.DataFrame({"key": [1, 1]}), ["key"])
