"""A strategy in words: every shipped condition has them, and none is changed by them."""

from __future__ import annotations

import re

import pytest

from duecourse.book.saying import NUMBERS, STATES, in_words, why
from duecourse.book.strategy import FACTS, FLAGS, read_strategy, shipped

STRATEGY = read_strategy(shipped())
CONDITIONS = sorted(
    {STRATEGY.opens_when.text}
    | {rule.when.text for rule in STRATEGY.never}
    | {rule.when.text for rule in STRATEGY.treatments}
    | {rule.when.text for rule in STRATEGY.priority}
    | {rule.when.text for rule in STRATEGY.skills}
)


def test_every_fact_has_words_in_both_languages() -> None:
    assert set(NUMBERS) | set(STATES) == set(FACTS)
    assert set(STATES) == FLAGS


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_shipped_condition_is_said_without_code(condition: str) -> None:
    english, chinese = in_words(condition, "en"), in_words(condition, "zh")
    assert not re.search(r"\b(AND|OR|NOT|BETWEEN|IN)\b|_", english)
    assert not re.search(r"[A-Za-z]{2,}|_", chinese)
    ranks = "stage_rank" in condition
    numbers = [re.findall(r"\d+", text.replace(",", "")) for text in (condition, english, chinese)]
    assert ranks or numbers[0] == numbers[1] == numbers[2]


@pytest.mark.parametrize(
    ("condition", "english", "chinese"),
    [
        ("NOT (dpd > 3 OR card)", "days past due at most 3, and no loan is a card", "逾期天数不超过3，且不含信用卡"),
        ("3 < dpd", "days past due over 3", "逾期天数超过3"),
        (
            "dpd IN (1, 2) AND (card OR on_plan = FALSE)",
            "days past due = 1 or 2, and (a loan is a card, or no plan is agreed)",
            "逾期天数为1或2，且（含信用卡，或未约定还款方案）",
        ),
        ("NOT dpd BETWEEN 1 AND 3", "days past due outside 1 to 3", "逾期天数不在1至3之间"),
        ("NOT stage_rank IN (6, 7)", "stage not M6 or M6+", "账龄不为M6或M6+"),
        ("dpd > plan_dpd", "days past due over days past due under the plan", "逾期天数超过方案逾期天数"),
        ("class_rank >= 3 AND score > -5", "class at least substandard, and score over -5",
         "五级分类不少于次级，且评分超过-5"),
        ("1 = 1", "1 = 1", "1 = 1"),
    ],
)  # fmt: skip
def test_what_is_said_is_what_is_asked(condition: str, english: str, chinese: str) -> None:
    assert (in_words(condition, "en"), in_words(condition, "zh")) == (english, chinese)


def test_the_reasons_of_a_proposal_are_words() -> None:
    place = next(n for n, one in enumerate(STRATEGY.treatments) if one.name == "offer_plan")
    said = why(STRATEGY, {"treatment": place, "points": [4]}, "en")
    assert said == [
        "days past due 31 to 120, and no plan is agreed, and days since the last payment over 15",
        "new case (+20)",
    ]
