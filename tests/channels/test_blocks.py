"""What Markdown a template has, and how values are put in."""

from __future__ import annotations

import random

from duecourse.channels.render.blocks import Kind, filled, read_blocks
from duecourse.channels.render.words import capitals, written


def test_blocks_of_a_text() -> None:
    body = (
        "Hello **{a}**\nthere\n\n## Head\n\n- one\n- two\n\n1. x\n\n- [ ] tick\n\n"
        "| A | B |\n|---|---|\n| {rows} | |\n\n---\n\n> end\\\n> now\n"
    )
    found = read_blocks(body, "en")
    assert [one.kind for one in found] == [
        Kind.PARAGRAPH, Kind.HEADING, Kind.LIST, Kind.NUMBERED, Kind.TICKS, Kind.TABLE, Kind.CUT, Kind.SIGN_OFF,
    ]  # fmt: skip
    put = filled(found, {"a": "*x* {rows}", "rows": "1|2\n3|4|5\n6"}.__getitem__)
    assert put[0].words() == "Hello *x* {rows} there"
    assert put[0].rows[0][0][1] == ("*x* {rows}", True)
    assert [[cell[0][0] for cell in row] for row in put[5].rows] == [["A", "B"], ["1", "2"], ["3", "4|5"], ["6", ""]]
    assert put[4].words() == "tick"
    assert put[7].words() == "end\nnow"


def test_chinese_lines_are_joined_without_a_space() -> None:
    assert read_blocks("您好\n世界", "zh")[0].words() == "您好世界"


DIGITS = {sign: place for place, sign in enumerate("零壹贰叁肆伍陆柒捌玖")}
UNITS = {"拾": 10, "佰": 100, "仟": 1_000}


def back(said: str) -> int:
    """The fen that capital numerals say, read as a person reads them."""
    body = said.removeprefix("人民币").removesuffix("整")
    whole, _, rest = body.partition("元") if "元" in body else ("", "", body)
    total = section = digit = 0
    for sign in whole:
        if sign in DIGITS:
            digit = DIGITS[sign]
        elif sign in UNITS:
            section, digit = section + digit * UNITS[sign], 0
        elif sign == "万":
            total, section, digit = total + (section + digit) * 10_000, 0, 0
        elif sign == "亿":
            total, section, digit = (total + section + digit) * 100_000_000, 0, 0
    fen = (total + section + digit) * 100
    for sign in rest:
        if sign in DIGITS:
            digit = DIGITS[sign]
        elif sign in "角分":
            fen, digit = fen + digit * (10 if sign == "角" else 1), 0
    return fen


def test_capital_numerals_read_back() -> None:
    chance = random.Random(7)
    amounts = [0, 1, 10, 100, 101, 1_000_000, 100_000_000, 1_000_005, 10_000_000_00, 100_000_000_00, 12_000_000_003_05]
    amounts += [chance.randrange(10 ** chance.randrange(1, 14)) for _ in range(500)]
    for fen in amounts:
        said = capitals(f"{fen // 100:,}.{fen % 100:02} CNY")
        assert back(said) == fen, (fen, said)
        assert "零零" not in said
        assert not said.endswith("零整")


def test_capital_numerals_as_banks_write_them() -> None:
    for value, said in (
        ("0.00 CNY", "人民币零元整"),
        ("10.00 CNY", "人民币壹拾元整"),
        ("1,409.50 CNY", "人民币壹仟肆佰零玖元伍角整"),
        ("6,007.14 CNY", "人民币陆仟零柒元壹角肆分"),
        ("107,000.53 CNY", "人民币壹拾万柒仟元伍角叁分"),
        ("16,409.02 CNY", "人民币壹万陆仟肆佰零玖元零贰分"),
        ("100,000,001.00 CNY", "人民币壹亿零壹元整"),
        ("5.00 USD", "5.00 USD"),
        ("-5.00 CNY", "-5.00 CNY"),
        ("many", "many"),
    ):
        assert capitals(value) == said


def test_days_and_amounts_in_the_manner_of_a_place() -> None:
    assert written("2026-11-05", "en_US") == "November 5, 2026"
    assert written("1,234,567.80 INR", "en_IN") == "Rs 12,34,567.80"
    assert written("1,234.00 GBP", "en_GB") == "£1,234.00"
    assert written("5 CNY paid", "zh_CN") == "5 CNY paid"
