"""The law over HTTP says what the law says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from duecourse.law.coverage import rule_coverage
from duecourse.law.decide import decide_at
from duecourse.law.facts import VOCABULARY
from duecourse.law.ordinary import ORDINARY
from duecourse.law.pack import load_packs
from duecourse.law.rulebook import rulebook
from duecourse.law.templates import load_register
from duecourse.storage.tokens import Scope
from duecourse.web.api.problem import Kind
from tests.desk import person
from tests.web.conftest import PEOPLE, Site, problem

LATE = "2026-03-01T22:10:00+08:00"
CALL: dict[str, Any] = {"channel": "call", "at": LATE, "template": "m1.call", "assume": "ordinary"}


def explained(site: Site, language: str = "en", **changed: object) -> dict[str, Any]:
    with site.client(Scope.LAW_READ) as client:
        answer = client.post("/law/explain", json=CALL | changed, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_call_after_ten_is_refused_with_article_grade_and_next_open(site: Site) -> None:
    found = explained(site)
    assert found["allowed"] is False
    refusal = next(one for one in found["refusals"] if one["rule"] == "cn.contact.window")
    assert refusal["source"]["instrument"] == "GB/T 45251-2025"
    assert (refusal["source"]["clause"], refusal["source"]["grade"]) == ("5.3", "report")
    assert refusal["facts"]["second_local"] == 79_800
    assert refusal["values"] == {"opens": 28_800, "closes": 79_200}
    assert refusal["instead"].startswith("a letter may be sent")
    assert found["next_open"] == "2026-03-02T00:00:00Z"
    assert found["assumed"]["connected_calls_person_day"] == 0


def test_sentences_come_in_the_language_asked_for(site: Site) -> None:
    zh, en = explained(site, "zh-CN,zh;q=0.9,en;q=0.8"), explained(site, "en-GB")
    assert zh["sentence"].startswith("拒绝")
    assert en["sentence"].startswith("Refused")
    assert [one["rule"] for one in zh["refusals"]] == [one["rule"] for one in en["refusals"]]


def test_a_value_that_a_fact_cannot_have_is_answered_with_those_it_takes(site: Site) -> None:
    wrong: tuple[tuple[dict[str, object], str, str], ...] = (
        ({"connected_calls_person_day": -1}, "a whole number, at least 0", "不小于 0 的整数"),
        ({"agency_evaluation_age_days": "x"}, "a whole number from 0 to 9999", "0 到 9999 的整数"),
        ({"time_agreed": "yes"}, "true or false", "true 或 false"),
        ({"resident_territory": "wales"}, "one of england_wales, scotland", "以下之一：england_wales"),
    )
    with site.client(Scope.LAW_READ) as client:
        for facts, english, chinese in wrong:
            for language, takes in (("en", english), ("zh-CN", chinese)):
                answer = client.post(
                    "/law/explain", json=CALL | {"facts": facts}, headers={"Accept-Language": language}
                )
                assert takes in problem(answer, Kind.INVALID)["detail"]


def test_explain_answers_as_the_engine_does(site: Site) -> None:
    book = rulebook(jurisdiction="CN")
    register = load_register()
    for hour in (0, 7, 8, 12, 21, 22, 23):
        at = datetime(2026, 3, 2, (hour - 8) % 24, tzinfo=UTC)
        for calls in (2, 3):
            found = explained(site, at=at.isoformat(), facts={"connected_calls_person_day": calls})
            facts: dict[str, object] = {
                **ORDINARY, **register["m1.call"].facts(at.date(), "call"), "channel": "call", "relation": "borrower",
                "lender_type": "consumer_finance", "sender_type": "lender", "connected_calls_person_day": calls,
            }  # fmt: skip
            expected = decide_at(book, facts, at)
            assert found["allowed"] is expected.allowed
            assert [one["rule"] for one in found["refusals"]] == [one.rule.id for one in expected.refusals]


def test_nothing_is_assumed_unless_asked(site: Site) -> None:
    found = explained(site, at="2026-03-01T10:00:00+08:00", assume="nothing")
    assert found["allowed"] is False
    assert found["assumed"] == {}
    assert "connected_calls_person_day" in found["missing"]
    assert explained(site, at="2026-03-01T10:00:00+08:00")["allowed"] is True


def test_an_unknown_jurisdiction_refuses_everything(site: Site) -> None:
    found = explained(site, jurisdiction="ZZ", template=None, purpose="collect")
    assert found["allowed"] is False
    assert "law.closed" in {one["rule"] for one in found["refusals"]}
    assert found["next_open"] is None


def test_rules_are_listed_and_shown_whole(site: Site) -> None:
    with site.client(Scope.LAW_READ) as client:
        listed = client.get("/law/rules").json()
        book = rulebook(jurisdiction="CN")
        assert [one["rule"] for one in listed["rules"]] == [one.id for one in book.rules]
        assert listed["rulebook"] == book.hash
        without = client.get("/law/rules", params={"without": "cn-cba-2026"}).json()
        assert not [one for one in without["rules"] if one["pack"] == "cn-cba-2026"]
        assert client.get("/law/rules", params={"without": "cn"}).status_code == 422
        for rule in load_packs()[0].rules[:3]:
            shown = client.get(f"/law/rules/{rule.id}").json()
            assert shown["content"]["rule"] == rule.id
            assert len(shown["content"]["cases"]) == len({case.line for case in rule.cases})


def test_facts_and_templates_are_the_vocabulary_and_the_register(site: Site) -> None:
    with site.client(Scope.LAW_READ) as client:
        facts = client.get("/law/facts").json()["facts"]
        templates = client.get("/law/templates").json()
    assert [one["fact"] for one in facts] == [one.name for one in VOCABULARY]
    register = load_register()
    assert templates["register_hash"] == register.hash
    assert {one["template"]: one["sha256"] for one in templates["templates"]} == {
        one.id: one.hash for one in register.templates.values()
    }


def test_a_calendar_gives_the_open_windows(site: Site) -> None:
    with site.client(Scope.LAW_READ) as client:
        found = client.post("/law/calendar", params={"days": 2}, json=CALL).json()
    (way,) = found["ways"]
    assert way["windows"] == [{"at": "2026-03-02T00:00:00Z", "until": "2026-03-02T14:00:00Z"}]
    assert "cn.contact.window" in way["closed_by"]
    assert found["until"] == "2026-03-02T16:00:00Z"


def test_a_persons_calendar_is_of_things_as_they_stand(site: Site) -> None:
    where = f"/law/calendar/{person(PEOPLE - 2)}"
    with site.client(Scope.PERMIT_REQUEST, name="office") as client:
        found = client.get(where, params={"template": "m1.call", "days": 2}).json()
    (way,) = found["ways"]
    assert (way["channel"], way["template"]) == ("call", "m1.call")
    assert found["assumed"] == {}
    with site.client(Scope.PERMIT_REQUEST, lender="other") as client:
        problem(client.get(where), Kind.INVALID)


def test_another_law_is_asked_about_the_past(site: Site) -> None:
    with site.client(Scope.LAW_ANALYSE) as client:
        days = {"first": "2026-03-02", "last": "2026-03-02"}
        found = client.post("/law/replay", json=days | {"law": {"without": ["cn-cba-2026"]}})
        assert found.status_code == 200, found.text
        assert found.json()["before"] == "as recorded"
        problem(client.post("/law/replay", json={"first": "2026-03-02", "last": "2026-04-02"}), Kind.INVALID)
        problem(client.post("/law/replay", json={"first": "2026-03-02", "last": "2026-03-01"}), Kind.INVALID)
        problem(client.post("/law/diff", json={}), Kind.INVALID)  # no day was run here


def test_the_coverage_of_a_pack_is_summed(site: Site) -> None:
    with site.client(Scope.LAW_ANALYSE) as client:
        (sums,) = client.get("/law/coverage", params={"pack": "house"}).json()["packs"]
        problem(client.get("/law/coverage", params={"pack": "nowhere"}), Kind.INVALID)
    house = next(one for one in load_packs() if one.id == "house")
    assert (sums["rules"], sums["cases"]) == (len(house.rules), sum(len(one.cases) for one in house.rules))
    assert sums["killed"] == sums["limits"]


NIGHT = """\
== A call after ten at night
2026-01-05                      loan   L1  12,000.00 CNY  12 monthly  9.0%  equal_instalment
2026-03-01 22:10 Asia/Shanghai  call   L1    -> refused cn.contact.window  next 2026-03-02 08:00
2026-03-01 22:10                letter L1    -> {letter}
"""


def test_packs_and_scenarios_are_checked(site: Site) -> None:
    hk_policy = next(one for one in load_packs() if one.id == "hk-policy")
    with site.client(Scope.LAW_ANALYSE) as client:
        found = client.post("/law/check", json={"packs": ["hk-policy"]}).json()
        assert (found["rules"], found["failures"], found["survivors"]) == (len(hk_policy.rules), [], [])
        assert found["cases"] == sum(len(rule.cases) for rule in hk_policy.rules)
        assert found["mutants"] > 20
        held = client.post("/law/check", json={"scenario": NIGHT.format(letter="allowed")}).json()
        assert held["faults"] == []
        call, letter = held["contacts"]
        assert (call["allowed"], letter["allowed"]) == (False, True)
        assert "cn.contact.window" in call["refused_by"]
        assert call["next_open"] == "2026-03-02T00:00:00Z"
        wrong = client.post("/law/check", json={"scenario": NIGHT.format(letter="refused")}).json()
        assert len(wrong["faults"]) == 1
        problem(client.post("/law/check", json={}), Kind.INVALID)
        problem(client.post("/law/check", json={"packs": ["house"], "scenario": "== x"}), Kind.INVALID)
        problem(client.post("/law/check", json={"packs": ["nowhere"]}), Kind.INVALID)


def test_the_coverage_of_a_rule_names_its_cases(site: Site) -> None:
    with site.client(Scope.LAW_READ) as client:
        found = client.get("/law/rules/cn.contact.window/coverage").json()
    rule = next(one for pack in load_packs() for one in pack.rules if one.id == "cn.contact.window")
    expected = rule_coverage(rule)
    assert found["without_case"] == list(expected.without_case)
    assert found["failing"] == found["unnoticed"] == []
    assert found["branches"]["refuses"]
    assert all(lines for lines in found["limits"].values())
