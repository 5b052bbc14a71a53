"""Frames keep every value on their way through PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duecourse.core.money import BrokenInvariant
from duecourse.storage import frames
from duecourse.storage.connection import Database
from tests.desk import enter

INSTANT = pl.Datetime("us", "UTC")
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "number": pl.Int64,
    "text": pl.String,
    "flag": pl.Boolean,
    "day": pl.Date,
    "at": INSTANT,
}
FIRST, LAST = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (1900, 2999))
texts = st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=8).filter(lambda text: text != "\\N")
rows = st.tuples(
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | texts,
    st.none() | st.booleans(),
    st.none() | st.dates(date(1, 1, 1), date(9999, 12, 31)),
    st.none() | st.datetimes(FIRST, LAST, timezones=st.just(UTC)),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rows, min_size=1, max_size=5))
def test_what_goes_in_comes_out(database: Database, values: list[tuple[object, ...]]) -> None:
    frame = pl.DataFrame(values, schema=SCHEMA, orient="row")
    with database.transaction("demo") as tx:
        frames.stage(tx, frame.with_row_index("row").cast({"row": pl.Int64}), "q")
        out = frames.read(tx, "SELECT number, text, flag, day, at FROM stage_q ORDER BY row", None, SCHEMA)
    assert out.rows() == frame.rows()


def test_lists_and_bytes_go_in(database: Database) -> None:
    frame = pl.DataFrame(
        {"words": [["a b", 'q"\\,{}', ""], [], None], "keys": [[1, 2], [], None], "raw": [b"\x00\xff", b"", None]},
        schema={"words": pl.List(pl.String), "keys": pl.List(pl.Int64), "raw": pl.Binary},
    )
    with database.transaction("demo") as tx:
        frames.stage(tx, frame, "q")
        assert tx.execute("SELECT words, keys, raw FROM stage_q").fetchall() == frame.rows()


def test_an_empty_answer_has_its_columns(database: Database) -> None:
    with database.transaction("demo") as tx:
        assert frames.read(tx, "SELECT 1 WHERE false", None, {"a": pl.Int64}).schema == {"a": pl.Int64}


def test_a_float_does_not_go_in(database: Database) -> None:
    with pytest.raises(BrokenInvariant, match="Float64"), database.transaction("demo") as tx:
        frames.stage(tx, pl.DataFrame({"a": [1.5]}), "q")


def test_an_insert_is_checked_like_any_other(database: Database) -> None:
    enter(database)
    frame = pl.DataFrame(
        {"collector_id": ["c1"], "team": ["t"], "capacity": [-1], "from_day": [date(2026, 1, 1)]}
    ).with_columns(skills=pl.Series([[]], dtype=pl.List(pl.String)), languages=pl.Series([["zh"]]))
    with pytest.raises(Exception, match="capacity"), database.transaction("demo") as tx:
        frames.insert(tx, frame, "collector")
    with database.transaction("demo") as tx:
        assert frames.insert(tx, frame.with_columns(capacity=pl.lit(5)), "collector") == 1
        assert frames.insert(tx, frame.clear(), "collector") == 0
