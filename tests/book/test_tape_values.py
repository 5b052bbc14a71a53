"""Amounts, rates and days as people write them, read exactly or refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duecourse.book.tape.layout import Field, Shape
from duecourse.book.tape.mapping import Spec
from duecourse.book.tape.values import Reading, Setting

SETTING = Setting("Asia/Shanghai", "CNY")


def read(shape: Shape, values: list[Any], words: tuple[str, ...] = (), **spec: Any) -> list[Any]:  # noqa: ANN401
    frame = pl.DataFrame({"c": values})
    field = Field(name="f", shape=shape, says="", words=words)
    reading = Reading(field, Spec(line=1, column="c", **spec), frame.schema, SETTING)
    typed = frame.select(raw=reading.raw()).with_columns(quick=reading.quick(pl.col("raw")))
    return typed.select(pl.coalesce("quick", reading.patient(pl.col("raw"))).alias("v"))["v"].to_list()


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("12000", 1_200_000), ("12,000.50", 1_200_050), ("１２００．５", 120_050), ("¥ 3.10", 310), ("0.01", 1),
        ("3.005", None), ("1.2.3", None), ("abc", None), ("1e3", 100_000), ("", None), ("-5", -500),
        ("1.000,00", None), ("1234,50", None), ("1,00", None), ("1,2,3,4", None), (",5", None), ("1 5", None),
        ("12 000.50", 1_200_050), ("1'234.50", 123_450), ("1,00,000", 10_000_000), ("12,34,567.10", 123_456_710),
    ],
)  # fmt: skip
def test_money_in_yuan(text: str, minor: int | None) -> None:
    assert read(Shape.MONEY, [text], unit="major") == [minor]


def test_money_is_rounded_only_if_asked() -> None:
    assert read(Shape.MONEY, ["3.005", "3.0049", "3"], unit="major", round=True) == [301, 300, 300]
    assert read(Shape.MONEY, ["1.2345"], unit="ten_thousand") == [1_234_500]


@given(st.decimals(min_value=0, max_value=10**10, places=2))
def test_floats_are_read_by_the_digits_they_are_written_with(value: Decimal) -> None:
    assert read(Shape.MONEY, [float(value)], unit="major") == [int(value * 100)]


@given(st.integers(min_value=0, max_value=10**15))
def test_whole_minor_units_stay(value: int) -> None:
    assert read(Shape.MONEY, [str(value)]) == read(Shape.MONEY, [value]) == [value]


@pytest.mark.parametrize(
    ("text", "unit", "per", "ppm"),
    [
        ("18", "percent", "year", 180_000), ("7.2%", "percent", "year", 72_000),
        ("0.1059", "fraction", "year", 105_900),
        ("5", "bp", "day_360", 180_000), ("1.5", "percent", "month", 180_000), ("180000", None, "year", 180_000),
        ("0.00000001", "fraction", "year", None),
    ],
)  # fmt: skip
def test_rates(text: str, unit: str | None, per: str, ppm: int | None) -> None:
    assert read(Shape.RATE, [text], unit=unit, per=per) == [ppm]


def test_days_in_the_forms_people_use() -> None:
    texts = ["2026-03-01", "2026/03/01", "20260301", "2026年03月01日", "2026-03-01 10:00:00", "31.02.2026"]
    assert read(Shape.DAY, texts) == [date(2026, 3, 1)] * 5 + [None]
    assert read(Shape.DAY, ["01.03.2026"], formats=("%d.%m.%Y",)) == [date(2026, 3, 1)]
    assert read(Shape.DAY, ["46082"], formats=("excel",)) == [date(2026, 3, 1)]


def test_instants_without_an_offset_are_in_the_lenders_zone() -> None:
    texts = ["2026-03-01T09:30:00+08:00", "2026-03-01 09:30:00", "2026-03-01"]
    assert read(Shape.INSTANT, texts) == [
        datetime(2026, 3, 1, 1, 30, tzinfo=UTC),
        datetime(2026, 3, 1, 1, 30, tzinfo=UTC),
        datetime(2026, 3, 1, 15, 59, 59, 999_999, tzinfo=UTC),
    ]


def test_words_flags_and_codes() -> None:
    assert read(Shape.FLAG, ["true", "否", "Y", "maybe"]) == [True, False, True, None]
    assert read(Shape.WORD, ["fee", "Fee", "x"], words=("fee",)) == ["fee", "fee", None]
    codes = (("等额本息", "equal_instalment"), ("作废", None))
    assert read(Shape.WORD, ["等额本息", "作废", "别的"], words=("equal_instalment",), codes=codes) == [
        "equal_instalment", None, None,
    ]  # fmt: skip
    assert read(Shape.WORDS, ["cost fee", "fee, cost", "fee x"], words=("cost", "fee")) == [
        "cost fee",
        "fee cost",
        None,
    ]


def test_references_of_spreadsheets_lose_their_decimals() -> None:
    assert read(Shape.REF, [1001.0, 1002.0]) == ["1001", "1002"]
    assert read(Shape.REF, ["  A 1 ", "", None], prefix="B") == ["BA 1", None, None]


def test_columns_added_up_are_refused_where_one_is_no_number() -> None:
    frame = pl.DataFrame({"a": ["1,000.50", "1.000,50", None, None], "b": ["2", "2", "2", None]})
    field = Field(name="f", shape=Shape.MONEY, says="")
    reading = Reading(field, Spec(line=1, sum=("a", "b"), unit="major"), frame.schema, SETTING)
    typed = frame.select(raw=reading.raw()).with_columns(quick=reading.quick(pl.col("raw")))
    found = typed.with_columns(v=pl.coalesce("quick", reading.patient(pl.col("raw"))))
    assert found["v"].to_list() == [100_250, None, 200, 0]
    assert found["raw"][1] == "1.000,50 2"
