"""Replies are read by rules: those written before the rules, amounts and days, and what must never act."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from duecourse.insight.replies import Meaning, Reading, read
from duecourse.insight.replies.amount import numeral, read_amount
from duecourse.insight.replies.due import read_day
from duecourse.insight.replies.measuring import measure

SENTENCES = Path(__file__).parents[1] / "data" / "replies.yaml"
MONDAY = date(2026, 3, 2)


def said(text: str, country: str = "CN") -> Reading:
    return read(text, today=MONDAY, country=country, currency="CNY" if country == "CN" else "USD")


def test_sentences_written_before_the_rules_are_read() -> None:
    for line in measure(SENTENCES, None):
        assert line.found * 10 >= line.there * 9, line
        assert line.taken * 20 <= line.others, line


ACTS = {Meaning.STOP, Meaning.WRONG_PERSON, Meaning.DISPUTE, Meaning.CRISIS}


def test_nothing_acts_that_says_none_of_it() -> None:
    for lang, rows in yaml.safe_load(SENTENCES.read_text("utf-8")).items():
        for meaning, text in rows:
            acts = said(str(text), "CN" if lang == "zh" else "US").acts
            assert acts <= {Meaning(meaning)} & ACTS or acts == {Meaning(meaning)}, text


@pytest.mark.parametrize(
    "text",
    [
        "笑死我了",
        "热死了",
        "don't stop, I'm paying",
        "I can't stop thinking about it",
        "不要误会",
        "弄错账了",
        "想死你了",
        "不要停止联系，我会还款的",
        "请不要联系我的单位",
        "What happens if I refuse to pay?",
        "I never refuse to pay",
    ],
)
def test_everyday_talk_neither_stops_nor_alarms(text: str) -> None:
    assert not said(text).acts & {Meaning.STOP, Meaning.CRISIS, Meaning.WRONG_PERSON}


CEASES = {"stop.all", "stop.refuses"}


@pytest.mark.parametrize(
    "text",
    [
        "Cease all communication with me about this debt", "Stop contacting me", "Stop contacting me, thanks",
        "I refuse to pay this debt", "Do not contact me again. I refuse to pay.", "No further contact, please",
        "cease and desist", "Cease & desist.", "This is a cease-and-desist letter.", "Cease contacting me.",
        "I ask that you cease any and all communications with me regarding this debt.", "Stop all contact with me",
        "I no longer wish to be contacted.", "I don't want you to contact me anymore", "Stop communicating with me!",
        "Please cease all\ncommunication with me about this\ndebt.", "Please stop contacting me\n\nJ. Doe",
        "Do not contact me again\nJ. Doe", "I refuse to\npay this debt.", "I will not pay this debt", "I'm not paying.",
        "Do not contact me again or I will sue you.", "As I said before, stop contacting me.",
        "When your man rang he was rude, so I demand that you cease all communication.",
        "This is what I want: no further contact.", "stop contacting me about this alleged debt",
    ],
)  # fmt: skip
def test_who_wants_no_contact_at_all_is_told_from_who_wants_less(text: str) -> None:
    assert {one.rule for one in said(text, "US").signs} & CEASES


@pytest.mark.parametrize(
    "text",
    [
        "Do not contact me before 9am", "Please don't contact me by phone, email is fine", "Do not contact me at work",
        "Don't contact my employer", "Why did you stop contacting me? I want to pay", "STOP",
        "You stop contacting me and I will pay tomorrow", "What happens if I refuse to pay?", "Stop calling me",
        "cease any doubts, I will pay", "Please do not cease communication with me, I want to pay",
        "I never asked you to cease communications", "No more contact by phone please", "no further contact at work",
        "No more contact until Monday.", "cease and desist from calling me at work",
        "cease communication with my mother",
        "There has been no more contact since March.", "I have had no further communication from you. Please call.",
        "I refuse to pay the late fee but will pay the rest", "I refuse to pay twice.", "I won't pay before Friday",
        "You claim that I refuse to pay, which is false", "I must refuse to pay until you validate the debt",
        "When you find the contract, contact me", "Stop contacting me by text",
    ],
)  # fmt: skip
def test_who_wants_less_contact_does_not_want_none(text: str) -> None:
    assert not {one.rule for one in said(text, "US").signs} & CEASES


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Please stop calling me. You may e-mail me.", {"stop.calls"}), ("不要再给我打电话了", {"stop.calls"}),
        ("stop texting me", {"stop.texts"}), ("别再给我发短信了", {"stop.texts"}), ("I will call you", set()),
        ("Don't stop calling, I want to talk", set()), ("You stop calling and texting me", {"stop.calls"}),
    ],
)  # fmt: skip
def test_a_way_that_is_named_is_told(text: str, rules: set[str]) -> None:
    assert {one.rule for one in said(text, "US").signs} & {"stop.calls", "stop.texts"} == rules


@pytest.mark.parametrize(
    "text",
    ["please stop", "STOP STOP", "Stop.\n\nSent from my iPhone", "stop - John", "I revoke my consent", "dont text"],
)
def test_a_stop_is_heard_in_any_reasonable_words(text: str) -> None:
    assert Meaning.STOP in said(text, "US").acts


def test_several_meanings_are_all_told_the_gravest_first() -> None:
    found = said("我失业了，再打我就投诉你，不想活了")
    assert found.meaning is Meaning.CRISIS
    assert {one.meaning for one in found.signs} >= {Meaning.CRISIS, Meaning.COMPLAINT, Meaning.HARDSHIP}
    text = "ＳＴＯＰ calling me"
    sign = next(one for one in said(text, "US").signs if one.meaning is Meaning.STOP)
    assert text[sign.start : sign.end] == "ＳＴＯＰ calling"


@pytest.mark.parametrize(
    "text", ["15号还不上", "怎么还款", "我不会还的", "I won't pay on Friday", "how do I pay today"]
)
def test_what_is_taken_back_is_no_promise(text: str) -> None:
    assert said(text).offer is None


@given(st.integers(1, 99_999))
def test_every_numeral_is_read(number: int) -> None:
    assert numeral(spoken(number)) == number


def spoken(number: int) -> str:
    """A number as Chinese says it."""
    digits = "零一二三四五六七八九"
    found, zero = "", False
    for unit, name in ((10_000, "万"), (1_000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            found += ("零" if zero and found else "") + digits[digit] + name
            zero = False
        elif found:
            zero = True
    return found


@given(st.text(max_size=200))
def test_whatever_is_written_is_read(text: str) -> None:
    found = said(text)
    for one in found.signs:
        assert 0 <= one.start < one.end <= len(text)
    for offer in (found.offer,):
        assert offer is None or offer.minor is None or offer.minor > 0


def test_money_is_whole_minor_units_and_days_never_pass() -> None:
    found = read_amount("还款 ¥1,200.5", "CNY")
    assert found is not None
    assert found.minor == 120_050
    for text in ("还1.5万", "还一万五千元", "还15,000元", "还15000块钱"):
        amount = read_amount(text, "CNY")
        assert amount is not None, text
        assert amount.minor == 1_500_000, text
    assert read_day("2月30日", MONDAY, "CN") is None
    assert read_day("昨天", MONDAY, "CN") is None
    named = read_day("10月1号", date(2026, 9, 28), "CN")
    assert named is not None
    assert named.rest
