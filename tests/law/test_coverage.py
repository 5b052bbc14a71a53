"""What cases exercise: every branch by name, every limit by the cases that notice, and gaps that are found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from duecourse.law.check import answer_of, ask_case, mutants
from duecourse.law.coverage import branches, coverage, exercised, rule_coverage
from duecourse.law.judge import Judge, Outcome, clean
from duecourse.law.pack import Pack, load_packs
from duecourse.law.referee import random_facts
from duecourse.law.rule import Case, Rule
from duecourse.law.rulebook import rulebook

PACKS = load_packs()
RULES = {rule.id: rule for pack in PACKS for rule in pack.rules}
WINDOW = RULES["cn.contact.window"]


def test_the_branches_of_a_rule_are_all_that_it_may_say() -> None:
    assert branches(WINDOW) == (
        "in force from 2025-02-28", "not in force", "not bound", "missing purpose", "missing channel",
        "does not apply", "missing second_local", "passes", "lifted by time_agreed", "lifted by time_consent_recorded",
        "refuses",
    )  # fmt: skip


@pytest.mark.parametrize("pack", PACKS, ids=[pack.id for pack in PACKS])
def test_every_branch_of_a_shipped_rule_has_a_case(pack: Pack) -> None:
    # Without exception: a branch that no facts can reach is text to take out of its rule.
    found = coverage([pack])
    assert {one.rule: one.without_case for one in found.rules if one.without_case} == {}
    assert not found.gaps


def decides(rule: Rule, case: Case, fact: str) -> bool:
    """Whether the absence of this fact alone makes the answer: told as in another case, the rule answers otherwise."""
    judge = Judge(rule)
    lacking = ask_case(judge, case)
    if lacking.missing != (fact,):
        return False
    told = [{**case.facts, fact: other.facts[fact]} for other in rule.cases if other.facts.get(fact) is not None]
    return any(answer_of(ask_case(judge, replace(case, facts=facts))) != answer_of(lacking) for facts in told)


@pytest.mark.parametrize("pack", PACKS, ids=[pack.id for pack in PACKS])
def test_each_fact_that_a_shipped_rule_needs_is_alone_missing_in_a_case_that_it_decides(pack: Pack) -> None:
    undecided = [
        f"{rule.id}: {says}"
        for rule in pack.rules
        for says in branches(rule)
        if says.startswith("missing ")
        and not any(decides(rule, case, says.removeprefix("missing ")) for case in rule.cases)
    ]
    assert undecided == []


def test_a_branch_without_a_case_is_named() -> None:
    full = rule_coverage(WINDOW)
    lifted = next(branch for branch in full.branches if branch.says == "lifted by time_agreed")
    assert lifted.cases
    less = replace(WINDOW, cases=tuple(case for case in WINDOW.cases if case.line not in lifted.cases))
    assert rule_coverage(less).without_case == ("lifted by time_agreed",)
    assert coverage([replace(PACKS[0], rules=(less,))]).gaps


def test_a_limit_names_the_cases_that_notice_and_one_that_nobody_notices_is_a_gap() -> None:
    full = rule_coverage(WINDOW)
    assert full.unnoticed == ()
    assert full.killed == len(list(mutants(WINDOW))) == len(full.limits)
    closes = next(limit for limit in full.limits if limit.change == "values: closes 79200 -> 79199")
    (line,) = closes.cases
    assert next(case for case in WINDOW.cases if case.line == line).facts["second_local"] == 79_199
    less = replace(WINDOW, cases=tuple(case for case in WINDOW.cases if case.line != line))
    assert "values: closes 79200 -> 79199" in rule_coverage(less).unnoticed


def test_a_case_that_fails_is_named() -> None:
    wrong = replace(WINDOW, cases=(replace(WINDOW.cases[0], answer="refuse"), *WINDOW.cases[1:]))
    assert rule_coverage(wrong).failing == (WINDOW.cases[0].line,)


def test_the_sums_of_packs_are_those_of_their_rules() -> None:
    few = [replace(pack, rules=pack.rules[:3]) for pack in PACKS[:2]]
    found = coverage(few)
    assert [one.pack for one in found.packs] == [pack.id for pack in few]
    for pack in found.packs:
        own = [one for one in found.rules if one.pack == pack.pack]
        assert (pack.rules, pack.cases) == (3, sum(one.cases for one in own))
        assert pack.branches_without_case == sum(len(one.without_case) for one in own)
        assert pack.killed == pack.limits
    asked = {one.fact for one in found.facts if one.rules}
    assert asked == {name for rule in found.rules for name in rule.facts}


def counted(rule: Rule, rows: list[dict[str, object]]) -> dict[str, int]:
    outcomes = [Judge(rule).ask(clean(row)).outcome for row in rows]
    silent = (Outcome.NOT_IN_FORCE, Outcome.NOT_BOUND, Outcome.NOT_APPLICABLE)
    return {
        "says_no": sum(one.says_no for one in outcomes),
        "missing": outcomes.count(Outcome.MISSING),
        "lifted": outcomes.count(Outcome.LIFTED),
        "silent": sum(one in silent for one in outcomes),
    }


def test_over_contacts_it_counts_what_the_judge_finds_one_by_one() -> None:
    book = rulebook()
    frame = random_facts(book, 400, 8, missing=0.1)
    rows = list(frame.iter_rows(named=True))
    for one, judge in zip(exercised(book, frame), book.gate, strict=True):
        found = counted(judge.rule, rows)
        assert (one.says_no, one.missing, one.lifted) == (found["says_no"], found["missing"], found["lifted"]), one.rule
        assert one.applies <= len(rows) - found["silent"]
        assert one.says_no - one.missing + one.lifted <= one.applies
