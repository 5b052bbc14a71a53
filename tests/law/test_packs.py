"""The packs that ship: they load, every case holds, and the cases notice every change to a rule."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from duecourse.law.check import mutants, run_cases, survivors
from duecourse.law.pack import PackKind, load_packs
from duecourse.law.rule import Rule
from duecourse.law.rulebook import _CLOSED, rulebook
from duecourse.law.terms import Authority, Grade, Modal, Status

PACKS = {pack.id: pack for pack in load_packs()}
RULES = [rule for pack in PACKS.values() for rule in pack.rules] + [_CLOSED]
IDS = [rule.id for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_every_case_holds(rule: Rule) -> None:
    assert [str(failure) for failure in run_cases([rule])] == []


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule is not _CLOSED], ids=IDS[:-1])
def test_the_cases_notice_every_changed_operator_number_word_lift_and_date(rule: Rule) -> None:
    assert [mutant.change for mutant in survivors(rule)] == []
    assert list(mutants(rule))


def test_what_ships() -> None:
    china = [pack for pack in PACKS.values() if pack.jurisdiction in ("CN", "any")]
    assert {pack.id: (pack.kind, pack.status) for pack in china} == {
        "cn": (PackKind.LAW, Status.IN_FORCE),
        "cn-cba-2026": (PackKind.POLICY, Status.UNCONFIRMED),
        "house": (PackKind.POLICY, Status.IN_FORCE),
        "house-cn": (PackKind.POLICY, Status.IN_FORCE),
    }


def test_the_unconfirmed_pack_is_on_by_default_and_claims_no_clause() -> None:
    assert "cn-cba-2026" in {pack.id for pack in rulebook(PACKS.values()).packs}
    assert all(not rule.source.clause for rule in PACKS["cn-cba-2026"].rules)


def test_no_clause_inside_5_3_of_the_standard_is_claimed() -> None:
    clauses = {rule.source.clause for rule in RULES if rule.source.instrument == "GB/T 45251-2025"}
    assert clauses <= {"", "5.3"}


def test_nothing_speaks_for_the_superseded_guidelines() -> None:
    assert not [
        rule.id for rule in RULES if "NIFA" in rule.source.instrument or "互联网金融协会" in rule.source.instrument
    ]


def test_grades_stand_as_the_sources_are_known() -> None:
    grades = {rule.id: rule.source.grade for rule in RULES}
    assert grades["cn.contact.window"] is Grade.REPORT
    assert grades["cn.party.guarantee_period"] is Grade.TEXT
    assert grades["cn.identity.stated"] is Grade.RECALLED_HIGH
    assert grades["cn.allocation.card_late"] is Grade.RECALLED_MEDIUM
    assert grades["cn_cba_2026.visit.collectors"] is Grade.RECALLED_MEDIUM
    assert grades["cn.rate.private_cap"] is Grade.TEXT
    assert grades["cn.rate.microloan_cap"] is Grade.REPORT
    assert grades["cn.rate.court_line"] is Grade.RECALLED_HIGH
    assert grades["cn.complaint.days"] is Grade.RECALLED_MEDIUM
    assert all(grades[rule.id] is Grade.PRODUCT for name in ("house", "house-cn") for rule in PACKS[name].rules)


def test_only_recommendations_can_be_overridden_by_an_officer() -> None:
    overridable = [rule for rule in RULES if "officer_override" in rule.lifted_by]
    china = [rule.id for rule in overridable if rule.pack.startswith("cn")]
    assert china == ["cn_cba_2026.contact.attempts"]
    assert {rule.source.modal for rule in overridable} <= {Modal.SHOULD, Modal.SHOULD_NOT}


def test_rules_stand_in_one_order_the_matrix_first_then_by_authority() -> None:
    book = rulebook(PACKS.values())
    assert [one.rule.id for one in book.gate[:3]] == ["cn.matrix", "cn.matrix_before", "law.closed"]
    ranks = [list(Authority).index(judge.rule.source.authority) for judge in book.gate[3:]]
    assert ranks == sorted(ranks)


def test_no_text_of_china_is_cited_before_the_day_on_which_it_came_into_force() -> None:
    begins = {
        instrument: date.fromisoformat(said[1])
        for pack in PACKS.values()
        for instrument, known in pack.sources
        if pack.jurisdiction == "CN" and (said := re.match(r"in force (\d{4}-\d\d-\d\d)", known))
    }
    cited = [
        (rule.id, rule.versions[0].start, day)
        for rule in RULES
        for instrument, day in begins.items()
        if instrument.startswith(rule.source.instrument)
    ]
    assert len(cited) > 40, "the instruments are named as the packs name them"
    assert [one for one in cited if one[1] < one[2]] == []


def test_what_a_standard_asks_for_was_duecourse_s_own_decision_before_it() -> None:
    before = {rule.id: rule for rule in RULES if rule.pack == "cn" and rule.id.endswith("_before")}
    after = {rule.id: rule for rule in RULES if f"{rule.id}_before" in before}
    carried = {id_ for id_, rule in after.items() if rule.source.instrument == "GB/T 45251-2025"}
    assert carried == {
        "cn.matrix", "cn.party.guarantor_proven", "cn.party.third_person_named", "cn.party.third_person_silence",
        "cn.party.third_person_stop", "cn.party.third_person_when",
    }  # fmt: skip
    for id_ in carried:
        own, standard = before[f"{id_}_before"], after[id_]
        assert (own.applies, own.asks, own.lifted_by) == (standard.applies, standard.asks, standard.lifted_by), id_
        assert own.versions[-1].end == standard.versions[0].start == date(2025, 2, 28), id_
        assert (own.source.grade, own.source.authority) == (Grade.PRODUCT, Authority.LENDER_POLICY), id_
        assert not own.source.clause, id_


def test_the_hash_names_the_content() -> None:
    again = {pack.id: pack.hash for pack in load_packs()}
    assert again == {pack.id: pack.hash for pack in PACKS.values()}
    assert rulebook(PACKS.values()).hash != rulebook(PACKS.values(), without=["house"]).hash


def test_a_reading_is_written_in_both_languages() -> None:
    readings = {rule.id: rule.reading for pack in PACKS.values() for rule in pack.rules if rule.reading}
    assert len(readings) > 250
    assert [name for name, said in readings.items() if not re.search("[\u4e00-\u9fff]", said["zh"])] == [
        "us.party.location_once"  # an article and nothing else
    ]


def test_a_cap_that_would_hold_at_its_number_alone_is_noticed() -> None:
    """Without the case beyond the cap, `=` in the place of `>=` would refuse the seventh call and allow the eighth."""
    (rule,) = (one for one in RULES if one.id == "us.contact.calls_7d")
    fewer = replace(rule, cases=tuple(one for one in rule.cases if one.facts.get("call_attempts_debt_7d") != 8))
    assert [one.change for one in survivors(fewer)] == ["refuse_when: >= -> ="]


def test_every_kind_of_change_is_made() -> None:
    made = {one.change for pack in load_packs() for rule in pack.rules for one in mutants(rule)}
    for change in (
        "refuse_when: > -> <>", "refuse_when: <= -> =", "value: * -> +", "values: to 2026-09-01 -> 2026-09-02",
        "binds: without microloan", "binds: with trust", "binds: with law_firm",
        "values: everywhere False -> True", "values: since 2020-08-20 -> 2020-08-21",
    ):  # fmt: skip
        assert change in made, change
