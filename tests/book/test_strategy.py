"""Strategies: the shipped one holds, and a faulty one says where and what."""

from __future__ import annotations

import polars as pl
import pytest

from duecourse.book.cases import HOLD_FACTS
from duecourse.book.strategy import FACTS, FLAGS, BadStrategy, first_in, read_strategy, shipped, unusable
from duecourse.law.templates import load_register


@pytest.mark.parametrize("jurisdiction", ["CN", "UK", "US", "HK", "IN", "EU"])
def test_a_shipped_strategy_uses_approved_templates_on_their_channels(jurisdiction: str) -> None:
    register = load_register(jurisdiction=jurisdiction).templates
    channels = {one.id: [str(channel) for channel in one.channels] for one in register.values()}
    assert list(unusable(read_strategy(shipped(first_in(jurisdiction))), channels)) == []


def test_a_shipped_strategy_leaves_alone_whoever_has_a_hold() -> None:
    for jurisdiction in ("CN", "UK", "US", "HK", "IN", "EU"):
        strategy = read_strategy(shipped(first_in(jurisdiction)))
        blank = {fact: [False] if fact in FLAGS else [0] for fact in FACTS}
        rule = pl.any_horizontal(one.when.expression for one in strategy.never)
        assert not pl.DataFrame(blank).select(rule).item()
        for hold in HOLD_FACTS:
            assert pl.DataFrame(blank | {hold: [True]}).select(rule).item(), f"{strategy.id} works on with {hold}"


def test_the_least_amount_of_a_case_is_a_parameter() -> None:
    assert read_strategy(shipped()).at_least_minor == 1_000
    assert read_strategy(shipped().replace("  at_least_minor: 1000", "  # none")).at_least_minor == 1
    with pytest.raises(BadStrategy, match="at_least_minor must be at least 1"):
        read_strategy(shipped().replace("at_least_minor: 1000", "at_least_minor: 0"))


def test_a_template_that_is_not_in_the_register_is_named() -> None:
    strategy = read_strategy(shipped().replace("template: m1.call", "template: m1.cal"))
    faults = list(unusable(strategy, {"m1.call": ["call"]}))
    assert "in_house_call: template 'm1.cal' is not in the register; did you mean 'm1.call'?" in faults


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("dpd = 0", "dppd = 0", "'dppd' is not a fact; did you mean 'dpd'?"),
        ("dpd = 0", "dpd / 2 = 0", "may not stand in a condition"),
        ("dpd = 0", "dpd = 0; DROP TABLE cases", "is not a condition"),
        ("dpd = 0 AND", "pg_sleep(1) AND", "may not stand in a condition"),
        ("opens_when: dpd >= 1", "opens_when: dpd + 1", "may not stand in a condition"),
        ("opens_when: dpd >= 1", "opens_when: dpd", "is not true or false"),
        ("by: system", "by: robot", "by 'robot' is none of collector, system, nobody"),
        ("to: borrower", "to: borower", "to 'borower' is none of borrower, co_borrower, guarantor"),
        ("to: borrower", "to: borower", "did you mean 'borrower'?"),
        ("to: borrower", "to: neighbour", "to 'neighbour' is none of"),
        ("version: 1", "version: 1\nversion: 2", "mine.yaml, line "),
        ("    scope: loan", "    scope: loan\n    scope: case", "'scope' stands twice, first in line "),
        ('slot: "09:30"', 'slot: "25:00"', "must be a local time"),
        ("channel: sms", "chanel: sms", "'chanel' is not known here; did you mean 'channel'?"),
        ("version: 1", "version: one", "version holds the text 'one': write `version:` and a whole number"),
        ("version: 1", "version: true", "version holds yes or no: write"),
        ("strategy: first", "strategy:", "strategy is missing: write `strategy:` and a text"),
        ("strategy: first", "strategy: 2026-01-01", "strategy holds a day or a time, 2026-01-01: write"),
        ("never:", "never: nothing\nold:", "'old' is not known here"),
        (
            "{zh: 到期前提醒, en: reminder before the due day}",
            "{en: reminder}",
            "says must hold a text in zh and one in en",
        ),
        ("strategy: first", "strategy: [first", "is not YAML"),
    ],
)
def test_a_fault_is_named_with_its_place(was: str, becomes: str, said: str) -> None:
    text = shipped()
    assert was in text
    with pytest.raises(BadStrategy) as caught:
        read_strategy(text.replace(was, becomes, 1), "mine.yaml")
    assert said in str(caught.value)
    assert "mine.yaml" in str(caught.value)
