"""The speech guard: what it finds in sentences of the trade, where it says they stand, and what it leaves alone."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from duecourse.insight.guard import Category, Guard, fold, measuring, model
from duecourse.insight.guard.screen import TEXT_MAX, read_rules
from duecourse.law.facts import FACTS

GUARD = Guard()
TRADE: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "trade.yaml").read_text("utf-8"))
DATA = os.environ.get("DUECOURSE_TEST_DATA")


@pytest.mark.parametrize(
    ("category", "text"), [(category, text) for category, texts in TRADE["bad"].items() for text in texts]
)
def test_what_nobody_may_say_is_found_with_its_category(category: str, text: str) -> None:
    found = GUARD.screen(text)
    assert category in {one.category for one in found}, [(one.rule, one.words(text)) for one in found]


@pytest.mark.parametrize("text", TRADE["harmless"])
def test_what_a_lender_says_is_left_alone(text: str) -> None:
    assert [(one.rule, one.words(text)) for one in GUARD.screen(text)] == []


def test_templates_that_ship_are_left_alone() -> None:
    for file in sorted((files("duecourse.law") / "register").iterdir(), key=lambda one: one.name):
        for one in yaml.safe_load(file.read_text("utf-8")):
            for lang, text in one["text"].items():
                found = [(each.rule, each.words(text)) for each in GUARD.screen(text)]
                assert found == [], (one["template"], lang)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("请注意：弄  死 你！", "弄  死 你"),
        ("　ｌｏｓｅｒ，pay", "ｌｏｓｅｒ"),
        ("啊贝戈戈人啊", "贝戈戈人"),
        ("别爆 通 訊 錄了", "爆 通 訊 錄"),
        ("王ba 蛋", "王ba 蛋"),
        ("we  know where you live!", "know where you live"),
        ("ok a.s.s.h.o.l.e ok", "a.s.s.h.o.l.e"),
        ("弄\u200b死\u200b你", "弄\u200b死\u200b你"),
        ("电话：138 0013 8000。", "138 0013 8000"),
    ],
)
def test_a_finding_stands_where_it_was_written(text: str, words: str) -> None:
    assert words in [one.words(text) for one in GUARD.screen(text)]


def test_disguises_are_called_disguises() -> None:
    shown = {text: GUARD.screen(text)[0].disguised for text in ("王八蛋", "王ba蛋", "汪八蛋", "d3adbeat", "deadbeat")}
    assert shown == {"王八蛋": False, "王ba蛋": True, "汪八蛋": True, "d3adbeat": True, "deadbeat": False}


def test_a_negation_makes_harmless_only_what_follows_it() -> None:
    assert GUARD.screen("我们不会打断您的腿") == []
    assert GUARD.screen("我们不会骗你。今晚打断你的腿")
    assert GUARD.screen("You will not be arrested. Pay or you will be arrested.")


def test_the_lenders_own_number_may_be_named() -> None:
    text = "请致电 138-0013-8000"
    assert [one.category for one in GUARD.screen(text)] == [Category.NUMBER]
    assert GUARD.screen(text, own_numbers=["+86 13800138000"]) == []


def test_a_text_that_is_too_long_is_a_finding() -> None:
    found = GUARD.screen("好" * (TEXT_MAX + 1))
    assert [(one.category, one.start) for one in found] == [(Category.UNREAD, TEXT_MAX)]


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_each_form_is_the_same_with_and_without_its_places(text: str) -> None:
    words = fold.words(text)
    assert words.text == fold.words_text(text)
    tight = fold.tight(words)
    assert tight.text == fold.tight_text(words.text)
    assert fold.sound(tight).text == fold.sound_text(tight.text)
    assert fold.hidden(words).text == fold.hidden_text(words.text)
    for one in GUARD.screen(text):
        assert 0 <= one.start < one.end <= len(text)


@given(
    st.sampled_from([text for texts in TRADE["bad"].values() for text in texts]),
    st.sampled_from(TRADE["harmless"]),
    st.sampled_from(TRADE["harmless"]),
)
def test_harmless_sentences_around_it_hide_nothing(bad: str, before: str, after: str) -> None:
    found = GUARD.screen(f"{before}\n{bad}\n{after}")
    assert {one.category for one in GUARD.screen(bad)} <= {one.category for one in found}


def test_the_rules_name_facts_of_the_law_and_no_phrase_twice() -> None:
    seen: dict[str, str] = {}
    for rule in read_rules():
        assert rule["law"] in FACTS, rule["rule"]
        assert set(rule["says"]) == {"zh", "en"}
        for phrase in (*rule.get("zh", ()), *rule.get("en", ())):
            assert phrase == phrase.lower(), phrase
            assert seen.setdefault(phrase, rule["rule"]) == rule["rule"], phrase


def test_a_models_score_explains_itself() -> None:
    for lang, text in (("zh", "你真是令人作呕的东西"), ("en", "these hoes be trash")):
        one = model.read(lang)
        present = {gram for _, gram in model.grams(text, lang)}
        assert one.score(text) == one.bias + sum(weight for gram, weight in one.weights.items() if gram in present)


@pytest.mark.skipif(not DATA, reason="DUECOURSE_TEST_DATA is not set: the public sets are not there")
def test_what_was_cut_off_is_found_as_documented() -> None:
    lines = {(one.name, one.part): one for one in measuring.measure(GUARD, Path(DATA or ""))}
    for name in ("bank_intents_en", "assistant_intents_en"):
        one = lines[name, "cut off"]
        assert one.alarms * 500 <= one.harmless, one  # at most two in a thousand
    one = lines["fin_question_pairs_zh", "all"]
    assert one.alarms * 500 <= one.harmless, one
    for name, percent in (("offence_zh_cold", 60), ("offence_en_davidson", 90)):
        one = lines[name, "cut off"]
        assert one.found * 100 >= percent * one.bad, one


def test_a_denial_ends_with_its_line_and_so_does_a_number() -> None:
    for before, bad in (
        ("我们不会联系您的单位", "法院明天上门"),
        ("Never pay into a private account", "My boys will visit you tonight"),
        ("Your next instalment is due on 5 December 2026.", "一三八〇〇一三八〇〇〇"),
    ):  # fmt: skip
        alone = {one.category for one in GUARD.screen(bad)}
        assert alone
        assert alone <= {one.category for one in GUARD.screen(f"{before}\n{bad}")}, bad
    assert not GUARD.screen("我们不会联系您的单位\n谢谢")
