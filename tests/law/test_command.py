"""``duecourse law`` as people meet it."""

from __future__ import annotations

import json

from duecourse.trouble import Exit
from tests.law.conftest import Program


def test_a_refusal_names_rule_clause_and_the_next_open_instant(duecourse: Program) -> None:
    shown = duecourse("law", "explain", "--channel", "call", "--template", "m1.call", "--at", "2026-03-01T22:10").stdout
    for part in ("cn.contact.window v2025-02-28", "GB/T 45251-2025 §5.3", "2026-03-02 08:00:00 (Asia/Shanghai)"):
        assert part in shown
    zh = duecourse(
        "--lang", "zh", "law", "explain", "--channel", "call", "--template", "m1.call", "--at", "2026-03-01T22:10"
    )
    assert "拒绝：每日22时至次日8时不得催收" in zh.stdout
    assert zh.returncode == Exit.REFUSED
    assert "未给出" in zh.stderr


def test_when_a_count_over_days_opens_is_not_guessed(duecourse: Program) -> None:
    ask = ("law", "explain", "--jurisdiction", "US", "--channel", "call", "--template", "us.later.call", "--zone",
           "America/New_York", "--at", "2026-10-05T10:00", "--fact", "resident_territory=new_york_state", "--fact",
           "sender_type=agency", "--fact", "call_attempts_debt_7d=7")  # fmt: skip
    assert "fall out of call_attempts_debt_7d one by one" in duecourse(*ask).stdout
    assert "逐次移出 call_attempts_debt_7d" in duecourse("--lang", "zh", *ask).stdout
    assert "Not open within 14 days as things stand." in duecourse(*ask, "--fact", "hold_cease=true").stdout


def test_explain_as_json_carries_the_whole_answer(duecourse: Program) -> None:
    words = ("law", "explain", "--channel", "call", "--purpose", "collect", "--at", "2026-03-01T14:10+00:00", "--json")
    refused = duecourse(*words, "--fact", "connected_calls_person_day=3")
    assert refused.returncode == Exit.REFUSED
    at_noon = ("law", "explain", "--channel", "call", "--purpose", "collect", "--at", "2026-03-01T12:00")
    assert duecourse(*at_noon).returncode == duecourse(*at_noon, "--json").returncode == Exit.OK
    answer = json.loads(refused.stdout)
    assert answer["allowed"] is False
    assert answer["instant"] == "2026-03-01T14:10:00+00:00"
    assert answer["next_open"] == "2026-03-02T00:00:00+00:00"
    assert answer["refusals"][0]["rule"] == "cn.contact.connected_calls"
    assert answer["refusals"][0]["values"] == {"calls_max": 3}
    assert "hold_dispute" in answer["assumed"]


def test_bare_assumes_nothing(duecourse: Program) -> None:
    words = (
        "law",
        "explain",
        "--channel",
        "call",
        "--purpose",
        "collect",
        "--at",
        "2026-03-01T12:00",
        "--bare",
        "--json",
    )
    answer = json.loads(duecourse(*words).stdout)
    assert {"lender_type", "hold_dispute", "wrong_number"} <= set(answer["missing"])
    assert answer["assumed"] == {}


def test_words_that_are_not_in_the_lists_are_named(duecourse: Program) -> None:
    at = ("--at", "2026-03-01T12:00")
    for asked, said in (
        (("--channel", "phone", "--purpose", "collect", *at), "'phone' is no channel"),
        (("--channel", "call", "--purpose", "colect", *at), "did you mean 'collect'?"),
        (("--channel", "call", "--template", "m1.cal", *at), "did you mean 'm1.call'?"),
        (("--channel", "call", "--purpose", "collect", "--at", "noon"), "is no instant"),
        (("--channel", "call", "--purpose", "collect", *at, "--fact", "hold_dispute"), "write hold_dispute=VALUE"),
        (("--channel", "call", "--purpose", "collect", "--at", "9999-12-31T23:59"), "a year from 1900 to 2199"),
        (
            ("--channel", "call", "--purpose", "collect", *at, "--fact", "hold_disput=true"),
            "did you mean 'hold_dispute'?",
        ),
        (
            ("--channel", "call", "--purpose", "collect", *at, "--fact", "connected_calls_person_day=-1"),
            "-1 is no connected_calls_person_day; it is a whole number from 0\n",
        ),
        (
            ("--channel", "call", "--purpose", "collect", *at, "--fact", "staff_training_age_days=10000"),
            "it is a whole number from 0 to 9999\n",
        ),
        (("--channel", "call", "--purpose", "collect", *at, "--fact", "hold_cease=1"), "it is true, false or null"),
        (("--channel", "call", "--purpose", "collect", *at, "--without", "cn"), "only policy packs can be left out"),
    ):
        ended = duecourse("law", "explain", *asked)
        assert ended.returncode == Exit.BAD_INPUT, asked
        assert said in ended.stderr


def test_list_show_facts_and_templates(duecourse: Program) -> None:
    listed = json.loads(duecourse("law", "list", "--json").stdout)
    assert listed["rules"][0]["rule"] == "cn.matrix"
    assert {pack["pack"] for pack in listed["packs"]} == {"cn", "cn-cba-2026", "house", "house-cn"}
    without = json.loads(duecourse("law", "list", "--without", "house", "--json").stdout)
    assert {pack["pack"] for pack in without["packs"]} == {"cn", "cn-cba-2026", "house-cn"}
    rule = json.loads(duecourse("law", "show", "cn.contact.window", "--json").stdout)
    assert rule["content"]["refuse_when"] == "second_local < opens OR second_local >= closes"
    shown = duecourse("--lang", "zh", "law", "show", "cn.matrix").stdout
    assert "准入表" in shown
    assert "✗" not in shown
    assert "unconfirmed" in duecourse("law", "show", "cn-cba-2026").stdout
    assert "{lender}" in duecourse("law", "show", "m1.notice.sms").stdout
    assert any(one["fact"] == "second_local" for one in json.loads(duecourse("law", "facts", "--json").stdout))
    assert json.loads(duecourse("law", "templates", "--json").stdout)["templates"]
    assert "cn.contact.window" in duecourse("law", "list").stdout
    wrong = duecourse("law", "show", "cn.contact.windw")
    assert wrong.returncode == Exit.BAD_INPUT
    assert "did you mean 'cn.contact.window'?" in wrong.stderr


def test_a_reading_is_shown_in_the_readers_language(duecourse: Program) -> None:
    zh = duecourse("--lang", "zh-CN", "law", "show", "cn.class.loss").stdout
    assert "界限为“超过”，故第360天仍在其下。" in zh
    assert "The bound is strict" not in zh
    assert "The bound is strict, so day 360 is still below." in duecourse("law", "show", "cn.class.loss").stdout
    measured = duecourse(
        "--lang", "zh-CN", "law", "measure", "class_rank", "--on", "2026-03-01", "--fact", "days_past_due=361",
        "--fact", "lender_type=bank",
    )  # fmt: skip
    assert "界限为“超过”，故第360天仍在其下。" in measured.stdout, measured.stderr


def test_check_runs_everything(duecourse: Program) -> None:
    done = json.loads(duecourse("law", "check", "--referee", "2000", "--json").stdout)
    assert done["failures"] == done["survivors"] == done["disputes"] == []
    assert done["cases"] > 400
    assert "All cases hold." in duecourse("law", "check").stdout
