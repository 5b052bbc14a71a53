"""Leaves of the decisions' tree: the text made in columns is the canonical form that RFC 8785 gives a row."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from duecourse.casework.decisions import COLUMNS, leaves, salts
from duecourse.core.money import BrokenInvariant

SCHEMA: dict[str, Any] = {
    "person_id": pl.Int64, "ordinal": pl.Int16, "treatment": pl.String, "channel": pl.String, "template_id": pl.String,
    "template_version": pl.Int32, "contact_point_id": pl.Int64, "slot_at": pl.Datetime("us", "UTC"),
    "allowed": pl.Boolean, "refused": pl.List(pl.String), "missing": pl.List(pl.String),
}  # fmt: skip
WORDS = st.text(st.characters(exclude_categories=["Cs"], min_codepoint=32), max_size=12)
ROWS = st.tuples(
    st.integers(0, 2**63 - 1),
    st.integers(1, 99),
    WORDS,
    st.none() | WORDS,
    st.none() | WORDS,
    st.none() | st.integers(1, 9),
    st.none() | st.integers(0, 2**63 - 1),
    st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    st.booleans(),
    st.lists(WORDS, max_size=3),
    st.lists(WORDS, max_size=3),
)


def plain(value: object) -> Any:  # noqa: ANN401 - any value of JSON
    if isinstance(value, datetime):
        return str(int(value.timestamp()))
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


@given(st.lists(ROWS, max_size=5))
def test_a_leaf_is_the_canonical_json_of_its_row(rows: list[tuple[object, ...]]) -> None:
    whole = [tuple(v.replace(microsecond=0) if isinstance(v, datetime) else v for v in row) for row in rows]
    frame = pl.DataFrame(whole, schema=SCHEMA, orient="row")
    assert tuple(SCHEMA) == COLUMNS
    assert list(leaves(frame)) == [rfc8785.dumps([plain(v) for v in row]).decode() for row in whole]


def test_control_characters_are_refused() -> None:
    row: tuple[object, ...] = (1, 1, "call\n", None, None, None, None, None, True, [], [])
    with pytest.raises(BrokenInvariant):
        leaves(pl.DataFrame([row], schema=SCHEMA, orient="row"))


def test_every_row_has_a_salt_of_its_own_that_only_the_key_gives() -> None:
    rows = pl.DataFrame(
        [(person, ordinal) for person in (1, 2, 2**40 + 1, 2**63 - 1) for ordinal in (1, 2, 32_767)],
        schema={"person_id": pl.Int64, "ordinal": pl.Int16},
        orient="row",
    )
    together = salts(rows, b"k" * 16)
    apart = [salts(rows[index], b"k" * 16) for index in range(rows.height)]
    assert together == b"".join(apart)
    assert {len(one) for one in apart} == {32}
    halves = {one[:16] for one in apart} | {one[16:] for one in apart}
    assert len(halves) == 2 * rows.height, "no half of a salt stands twice"
    assert not halves & {salts(rows[0], b"o" * 16)[:16]}
