"""Masked forms give away little, whatever they are given."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duecourse.storage.vault import clear, mask
from duecourse.storage.vault.mask import mask_address, mask_firm, mask_id, mask_name, mask_phone, mask_point


@pytest.mark.parametrize("module", [mask, clear])
def test_the_examples(module: object) -> None:
    assert doctest.testmod(module, raise_on_error=True).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("masked", "expected"),
    [
        (mask_name("张三"), "张*"),
        (mask_name("王小明"), "王**"),
        (mask_name("张"), "张*"),
        (mask_phone("+8613812345678"), "138****5678"),
        (mask_id("110101199001011234"), "110***********1234"),
        (mask_address("广东省深圳市南山区科技园1号"), "广东省深圳市南山区****"),
        (mask_address("北京市朝阳区建国路88号"), "北京市朝阳区****"),
        (mask_address("内蒙古自治区呼伦贝尔市鄂温克族自治旗巴彦托海镇"), "内蒙古自治区呼伦贝尔市鄂温克族自治旗****"),
        (mask_point("im", "wx_zhang"), "w***"),
    ],
)
def test_known_forms(masked: str, expected: str) -> None:
    assert masked == expected


@given(st.text("张三李四王五赵六", min_size=2, max_size=6))
def test_a_name_shows_one_character(name: str) -> None:
    assert mask_name(name) == name[0] + "*" * (len(name) - 1)


@given(st.from_regex(r"[0-9A-Z]{1,20}", fullmatch=True))
def test_an_id_never_shows_more_than_seven_and_never_half_of_a_short_one(number: str) -> None:
    shown = sum(a == b and b != "*" for a, b in zip(number, mask_id(number), strict=True))
    assert shown <= min(7, max(0, len(number) - 3))


@given(st.from_regex(r"\+[1-9][0-9]{6,13}", fullmatch=True))
def test_a_phone_keeps_at_least_four_digits_hidden(number: str) -> None:
    masked = mask_phone(number)
    hidden = len(number.removeprefix("+86") if masked[0] == "1" else number) - len(masked.replace("*", ""))
    assert hidden >= 4 or len(number) <= 10
    assert number not in masked


@given(st.text("甲乙丙公司有限123", min_size=1, max_size=20))
def test_a_firm_is_never_shown_whole(name: str) -> None:
    assert "*" in mask_firm(name)
