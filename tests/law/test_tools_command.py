"""``duecourse law diff``, ``coverage``, ``calendar`` and scenarios, as people meet them; no database is needed."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from duecourse.trouble import Exit
from tests.law.conftest import Program

PACK = """\
pack: mine
jurisdiction: any
kind: policy
status: in_force
lang: en
says: {zh: 本机构政策, en: Our own policy}
sources: [{instrument: our handbook, known: written by us}]
"""
NOON = """\
rule: mine.contact.noon
says: {zh: 午前不打电话, en: No call before noon}
source: {instrument: our handbook, authority: lender_policy, modal: shall_not, grade: product}
values: [{from: 2020-01-01, opens: 43200}]
applies_when: channel = 'call'
refuse_when: second_local < opens
instead: {zh: 午后再打, en: call after noon}
given: {on: 2026-03-01, channel: call}
cases:
  - {second_local: 43199, answer: refuse}
  - {second_local: 43200, answer: allow}
  - {second_local: 61200, answer: allow}
  - {channel: letter, second_local: 0, answer: allow, because: does not apply}
  - {on: 2020-01-01, second_local: 0, answer: refuse}
  - {on: 2019-12-31, second_local: 0, answer: allow, because: not in force}
"""
CONTACTS = """\
ref,person,at,zone,channel,template,relation,sms_person_day,connected_calls_person_day,unanswered_attempts_number_day
a,1,2026-03-02T09:00,,call,m1.call,borrower,0,0,7
b,1,2026-03-02T21:30,Asia/Tokyo,call,m1.call,borrower,0,0,0
c,2,2026-03-02T23:00+08:00,,call,m1.call,borrower,0,0,0
d,2,2026-03-02T10:00,,sms,m1.notice.sms,borrower,1,0,0
"""


@pytest.fixture
def contacts(tmp_path: Path) -> str:
    (tmp_path / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    return str(tmp_path / "contacts.csv")


def test_a_file_of_contacts_is_put_to_two_laws(duecourse: Program, contacts: str) -> None:
    said = ("law", "diff", "shipped", "--without", "cn-cba-2026", "--contacts", contacts, "--ordinary")
    found = json.loads(duecourse(*said, "--json").stdout)
    assert (found["contacts"], found["opened"], found["stopped"], found["reasons"]) == (4, 1, 0, 1)
    assert found["changed"][0]["contact"]["ref"] == "a"
    wrong = Path(contacts).with_name("wrong.csv")
    wrong.write_text(CONTACTS.replace("m1.notice.sms", "m1.notise.sms"), encoding="utf-8")
    told = duecourse(*said[:-2], str(wrong), "--ordinary")
    assert "the law refuses it: 'm1.notise.sms'; did you mean 'm1.notice.sms'?" in told.stderr
    assert found["changed"][0]["before"] == ["cn_cba_2026.contact.attempts"]
    shown = duecourse(*said).stdout
    for part in ("cn_cba_2026.contact.attempts", "removed", "ref a"):
        assert part in shown
    assert "拒绝" in duecourse("--lang", "zh", *said).stdout


def test_the_law_of_two_days(duecourse: Program, contacts: str) -> None:
    said = ("law", "diff", "shipped@2025-02-27", "shipped@2026-03-02", "--contacts", contacts, "--ordinary", "--json")
    found = json.loads(duecourse(*said).stdout)
    window = next(one for one in found["rules"] if one["rule"] == "cn.contact.window")
    assert (window["edit"], window["refused_before"], window["refused_after"]) == ("added", 0, 1)


def test_a_folder_takes_the_place_of_the_shipped_pack(duecourse: Program, contacts: str, tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "src/duecourse/law/packs/house"
    for file in shipped.rglob("*.yaml"):
        there = tmp_path / "new" / "house" / file.relative_to(shipped)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_text(file.read_text(encoding="utf-8").replace("sms_max: 1", "sms_max: 2"), encoding="utf-8")
    for place in ("new", "new/house"):
        said = ("law", "diff", "shipped", str(tmp_path / place), "--contacts", contacts, "--ordinary", "--json")
        found = json.loads(duecourse(*said).stdout)
        assert list(found["edits"]) == ["house.contact.sms_day"]
        assert found["opened"] == 1
    nothing = duecourse("law", "diff", "shipped", str(tmp_path / "nowhere"), "--contacts", contacts)
    assert nothing.returncode == Exit.BAD_INPUT
    assert "there is no such folder; write `shipped`" in nothing.stderr


def test_a_table_that_cannot_be_read_says_where(duecourse: Program, contacts: str, tmp_path: Path) -> None:
    wrong = CONTACTS.replace(",call,", ",cal,", 1).replace("T21:30", "T25:30")
    (tmp_path / "wrong.csv").write_text(wrong, encoding="utf-8")
    said = duecourse("law", "diff", "shipped", "--contacts", str(tmp_path / "wrong.csv"))
    assert said.returncode == Exit.BAD_INPUT
    assert "row 1, channel: 'cal' is no word; did you mean 'call'?" in said.stderr
    assert "row 2, at: '2026-03-02T25:30'" in said.stderr
    parquet = tmp_path / "contacts.parquet"
    pl.read_csv(contacts, infer_schema=False).write_parquet(parquet)
    assert json.loads(duecourse("law", "diff", "--contacts", str(parquet), "--json").stdout)["contacts"] == 4


def test_what_the_file_does_not_say_is_missing_unless_it_is_ordinary(duecourse: Program, contacts: str) -> None:
    found = json.loads(duecourse("law", "diff", "--contacts", contacts, "--json").stdout)
    assert found["allowed_before"] == 0


def test_coverage_of_all_of_a_pack_and_of_a_rule(duecourse: Program) -> None:
    pack = json.loads(duecourse("law", "coverage", "cn-cba-2026", "--json").stdout)
    (only,) = pack["packs"]
    assert only["killed"] == only["limits"] > 0
    rule = duecourse("law", "coverage", "cn.contact.window")
    assert rule.returncode == 0
    for part in ("missing second_local", "lifted by time_agreed", "values: closes 79200 -> 79201"):
        assert part in rule.stdout
    unknown = duecourse("law", "coverage", "cn.contact.windw")
    assert "did you mean 'cn.contact.window'?" in unknown.stderr


def test_a_branch_of_an_own_rule_without_a_case_ends_with_its_status_where_gaps_are_asked_for(
    duecourse: Program, tmp_path: Path
) -> None:
    (tmp_path / "mine" / "contact").mkdir(parents=True)
    (tmp_path / "mine" / "pack.yaml").write_text(PACK, encoding="utf-8")
    rule = tmp_path / "mine" / "contact" / "noon.yaml"
    rule.write_text(NOON, encoding="utf-8")
    said = ("law", "coverage", "--packs", str(tmp_path))
    assert duecourse(*said).returncode == 0
    found = duecourse(*said, "--gaps")
    assert found.returncode == Exit.FOUND
    for part in ("mine.contact.noon", "missing channel", "missing second_local"):
        assert part in found.stdout
    assert "cn.contact.window" not in found.stdout
    whole = (
        NOON
        + """\
  - {channel: null, second_local: 43200, answer: refuse, because: missing channel}
  - {second_local: null, answer: refuse, because: missing second_local}
"""
    )
    rule.write_text(whole, encoding="utf-8")
    assert duecourse(*said, "--gaps").returncode == 0


def test_the_calendar_of_an_ordinary_contact(duecourse: Program) -> None:
    said = ("law", "calendar", "--channel", "call", "--at", "2026-03-06T12:00", "--days", "3")
    shown = duecourse(*said, "--fact", "connected_calls_person_day=3").stdout
    assert "2026-03-06  Fri                          ························  closed" in shown
    assert "████████████████████████████····  08:00-22:00" in shown
    assert "Closed by: cn.contact.connected_calls" in shown or "cn.contact.window" in shown
    found = json.loads(duecourse(*said, "--zone", "America/New_York", "--json").stdout)
    opened = [span for span in found["ways"][0]["spans"] if span["open"]]
    assert opened[0]["from"] == "2026-03-06T13:00:00+00:00"
    assert "周" in duecourse("--lang", "zh", *said).stdout
    assert "say with --zone" in duecourse("law", "calendar", "--jurisdiction", "XX").stderr
    explain = ("law", "explain", "--channel", "call", "--template", "m1.call", "--at", "2026-03-02T10:00")
    for asked in (("law", "calendar", "--jurisdiction", "US"), explain):
        done = duecourse(*asked, "--zone", "America/New_Yrok")
        assert done.returncode == Exit.BAD_INPUT
        assert "'America/New_Yrok'" in done.stderr
        assert "America/New_York" in done.stderr


def test_what_is_no_scenario_file_is_said_in_our_words(duecourse: Program, tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    for name, english, chinese in (
        ("nowhere", "there is no file or folder", "没有文件或文件夹"),
        (".", "is a folder: name the files in it", "是文件夹：请写出其中的文件"),
        ("bytes", "is no text in UTF-8", "不是 UTF-8 文本"),
    ):
        done = duecourse("law", "check", str(tmp_path / name))
        assert done.returncode == Exit.BAD_INPUT
        assert english in done.stderr
        assert "Errno" not in done.stderr
        assert done.stderr.count(str(tmp_path)) == 1, "the path once"
        assert chinese in duecourse("--lang", "zh", "law", "check", str(tmp_path / name)).stderr


def test_a_file_that_tells_of_nothing_does_not_hold(duecourse: Program, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("# nothing yet\n", encoding="utf-8")
    done = duecourse("law", "check", str(tmp_path / "empty"))
    assert done.returncode == Exit.FOUND
    assert "no case stands here" in done.stdout
    assert "Every line holds." not in done.stdout


def test_scenarios_are_run_and_what_does_not_hold_is_named(duecourse: Program, tmp_path: Path) -> None:
    file = tmp_path / "night.scenario"
    file.write_text(
        "== night\n2026-01-05 loan L1 12,000.00 CNY 12 monthly 9.0% equal_instalment\n"
        "2026-03-01 22:10 call L1 -> refused cn.contact.window\n",
        encoding="utf-8",
    )
    held = duecourse("law", "check", str(file))
    assert held.returncode == 0
    assert "Every line holds." in held.stdout
    with file.open("a", encoding="utf-8") as text:
        text.write("2026-03-01 22:10 call L1 -> allowed\n2026-03-01 22:10 cal L1\n")
    broken = duecourse("law", "check", str(file), "--json")
    assert broken.returncode == Exit.FOUND
    found = json.loads(broken.stdout)
    assert [fault.split(": ")[0].rpartition(":")[2] for fault in found["faults"]] == ["5", "4"]
    assert found["cases"][0]["contacts"][0]["next_open"] == "2026-03-02T00:00:00+00:00"
    assert duecourse("law", "check", str(tmp_path / "none")).returncode == Exit.BAD_INPUT


def test_days_in_the_wrong_order_are_told(duecourse: Program) -> None:
    done = duecourse("law", "replay", "--from", "2026-06-18", "--to", "2026-06-01")
    assert (done.returncode, "the last day comes before the first" in done.stderr) == (Exit.USAGE, True), done.stderr
