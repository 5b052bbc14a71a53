"""Sampling: sizes and bounds as their definitions say, to the last item; plans read line by line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as some

from duecourse.casework.audits import plan as plans
from duecourse.casework.audits import sampling
from duecourse.casework.lender_law import installed
from duecourse.law.document import Flaws
from tests.audit_desk import PLAN, TODAY

# The arithmetic


def chance_of_few(population: int, deviating: int, drawn_: int, most: int) -> Fraction:
    """P(at most so many deviate in the sample), by the definition."""
    ways = sum(comb(deviating, i) * comb(population - deviating, drawn_ - i) for i in range(min(most, drawn_) + 1))
    return Fraction(ways, comb(population, drawn_))


@given(some.integers(1, 60), some.integers(1, 400), some.integers(0, 3), some.sampled_from([80, 90, 95, 99]))
def test_the_size_is_the_least_that_shows_a_rate_beyond_the_tolerable(
    population: int, tolerable: int, expected: int, confidence: int
) -> None:
    size = sampling.size_for(population, confidence=confidence, tolerable_permille=tolerable, expected=expected)
    bad, alpha = sampling.intolerable(population, tolerable), Fraction(100 - confidence, 100)
    assert Fraction(bad, population) > Fraction(tolerable, 1000) >= Fraction(bad - 1, population)
    enough = [
        n for n in range(min(expected + 1, population), population + 1)
        if chance_of_few(population, bad, n, expected) <= alpha
    ]  # fmt: skip
    assert size == min(enough, default=population)


@given(some.integers(1, 60), some.data(), some.sampled_from([80, 95]))
def test_the_bound_over_a_population_is_the_largest_number_that_stays_likely(
    population: int, data: some.DataObject, confidence: int
) -> None:
    size = data.draw(some.integers(0, population))
    seen = data.draw(some.integers(0, size))
    alpha = Fraction(100 - confidence, 100)
    likely = [
        bad for bad in range(seen, population - (size - seen) + 1)
        if chance_of_few(population, bad, size, seen) > alpha
    ]  # fmt: skip
    assert sampling.most_deviating(population, size, seen, confidence=confidence) == max(likely)


@given(some.integers(1, 40), some.data(), some.sampled_from([90, 95]))
def test_clopper_and_pearson_to_the_millionth(size: int, data: some.DataObject, confidence: int) -> None:
    seen = data.draw(some.integers(0, size))
    bound = sampling.clopper_pearson_ppm(size, seen, confidence=confidence)

    def few(ppm: int) -> Fraction:
        p = Fraction(ppm, sampling.PPM)
        return sum((comb(size, i) * p**i * (1 - p) ** (size - i) for i in range(seen + 1)), Fraction(0))

    alpha = Fraction(100 - confidence, 100)
    assert bound == sampling.PPM or few(bound) <= alpha
    assert few(bound - 1) > alpha


def test_a_size_and_its_bound_agree() -> None:
    for population in (30, 100, 1_000, 50_000):
        size = sampling.size_for(population, confidence=95, tolerable_permille=50, expected=1)
        most = sampling.most_deviating(population, size, 1, confidence=95)
        assert most < sampling.intolerable(population, 50)
        assert sampling.most_deviating(population, size, 2, confidence=95) >= sampling.intolerable(population, 50)


def test_a_larger_sample_holds_the_smaller_one_and_every_item_may_be_drawn() -> None:
    keys = [str(one) for one in range(200)]
    small = sampling.draw(keys, 10, seed=bytes(32), sample="a")
    assert sampling.draw(reversed(keys), 20, seed=bytes(32), sample="a")[:10] == small
    assert sampling.draw(keys, 10, seed=bytes(32), sample="b") != small
    times = dict.fromkeys(keys, 0)
    for number in range(400):
        for key in sampling.draw(keys, 10, seed=number.to_bytes(32), sample="a"):
            times[key] += 1
    assert 4 < min(times.values()) <= max(times.values()) < 45  # 20 expected; all are drawn, none is preferred


# Plans


def test_the_plan_that_ships_rests_on_rules_that_bind() -> None:
    rules = {rule.id for pack in installed() if pack.id == "cn" for rule in pack.rules}
    assert "cn.collection" in plans.shipped()
    for name in plans.shipped():
        made = plans.read_plan(plans.shipped_text(name), name, rules)
        assert {one.population for one in made.samples} >= {"contact", "reveal", "notice", "lift", "hold"}
        assert [(one.instrument, one.clause, one.grade) for one in made.basis] == [
            ("个人信息保护法", "第五十四条", "text")
        ]


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("rule: cn.identity.stated", "rule: cn.identity.statd", 14, "did you mean 'cn.identity.stated'"),
        ("population: contact", "population: contacts", 9, "did you mean 'contact'"),
        ("where: {channel: [call]}", "where: {chanel: [call]}", 10, "unknown key 'chanel'; did you mean 'channel'"),
        ("[call]", "[phone]", 10, "'phone' is none of"),
        ("size: {expected: 0}", "size: {count: 0}", 12, "0 is not between 1 and 5000"),
        ("    tolerable_permille: 300\n", "", 11, "say tolerable_permille"),
        ("{by: collector, each: 1}", "{by: collector}", 19, "a size is {count}"),
        ("confidence_percent: 90", "confidence_percent: 100", 5, "100 is not between 50 and 99"),
        ("{id: outcome,", "{id: identity,", 15, "'identity' stands twice"),
        ("name: holds", "name: calls", 21, "'calls' stands twice"),
        ("clause: 第五十一条, grade: text", "clause: 第五十一条, grade: sure", 33, "'sure' is none of"),
        ("population: hold\n", "population: hold\n    always: [near_miss]\n", 24, "bear no flags"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_plan_is_said_line_by_line(old: str, new: str, line: int, says: str) -> None:
    rules = {rule.id for pack in installed() for rule in pack.rules}
    plans.read_plan(PLAN, "plan.yaml", rules)
    assert old in PLAN
    with pytest.raises(Flaws) as wrong:
        plans.read_plan(PLAN.replace(old, new, 1), "plan.yaml", rules)
    (flaw,) = wrong.value.flaws
    assert flaw.line == line, str(flaw)
    assert says in str(flaw)


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(Flaws) as wrong:
        plans.read_plan(PLAN.replace("period: month", "period: week").replace("[call]", "[phone]"), "p.yaml", None)
    assert len(wrong.value.flaws) == 2


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("month", (2026, 2, 1), (2026, 2, 28)),
        ("quarter", (2025, 10, 1), (2025, 12, 31)),
        ("year", (2025, 1, 1), (2025, 12, 31)),
    ],
)
def test_the_last_whole_period(period: str, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    made = replace(plans.read_plan(PLAN, "p", None), period=plans.Every(period))
    assert made.last_period(TODAY) == (date(*first), date(*last))
