"""What a pack may not be: each flaw is named with file, line and the nearest word."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from duecourse.law.check import run_cases
from duecourse.law.document import Flaw, Flaws, read
from duecourse.law.pack import load_packs
from duecourse.law.rule import Rule, read_rule
from duecourse.law.rulebook import NotLeftOut, RuleTwice, rulebook

RULE = """\
rule: cn.contact.window
says: {zh: 夜间不得催收, en: No collection at night}
source: {instrument: Standard, authority: national_standard, modal: shall_not, grade: report}
applies_when: purpose <> 'service'
values:
  - {from: 2025-02-28, opens: 28800, closes: 79200}
refuse_when: second_local < opens OR second_local >= closes
lifted_by: time_agreed
instead: {zh: 次日再联系, en: wait}
given: {on: 2026-03-01, purpose: collect}
cases:
  - {second_local: 79199, answer: allow}
  - {second_local: 79200, answer: refuse}
"""

FLAWS = [
    # replace, by, the line it is found on, what is said
    ("second_local < opens", "second_locl < opens", 7, "value 'second_locl'; did you mean 'second_local'?"),
    ("purpose <> 'service'", "purpose <> 'servce'", 4, "'servce' is no purpose; did you mean 'service'?"),
    ("purpose <> 'service'", "purpose", 4, "purpose is a word, not a truth value"),
    ("purpose <> 'service'", "purpose > 'service'", 4, "purpose is a word: use =, <> or IN"),
    ("purpose <> 'service'", "mentions_debt > TRUE", 4, "truth values have no order"),
    ("purpose <> 'service'", "days_past_due / 2 > 1", 4, "may not stand in a rule"),
    ("purpose <> 'service'", "round(days_past_due) > 1", 4, "may not stand in a rule"),
    ("purpose <> 'service'", "days_past_due IS NULL", 4, "is not a condition that rules may use"),
    ("purpose <> 'service'", "days_past_due > 1.5", 4, "1.5 is not a whole number"),
    ("purpose <> 'service'", "days_past_due > TRUE", 4, "compares a int with a bool"),
    ("purpose <> 'service'", "purpose IN (", 4, "not SQL: ')' is missing after '(' (sign 12 of the condition)"),
    ("purpose <> 'service'", "mentions_debt AND", 4, "something is missing after 'AND' (sign 17 of the condition)"),
    ("purpose <> 'service'", "days_past_due BETWEEN 1", 4, "something is missing after '1' (sign 23 of the condition)"),
    ("purpose <> 'service'", "mentions_debt)", 4, "not SQL: ')' (sign 14 of the condition) is not expected there"),
    ("purpose <> 'service'", "purpose = 'service", 4, "not SQL: it ends inside a text in quotes, or there is nothing"),
    ("second_local < opens", "second_local + 60 < opens", 7, "second_local is only compared"),
    ("second_local < opens OR second_local >= closes", "FALSE", 7, "always false"),
    ("second_local < opens OR", "", 5, "no condition uses the value opens"),
    ("from: 2025-02-28", "from: 2025-02-30", 6, "2025-02-30 is no day of the calendar"),
    ("from: 2025-02-28", "from: 2025-02-28, to: 2025-02-28", 6, "is not after from"),
    ("from: 2025-02-28", "from: 2025-02-28, published: 2025-03-01", 6, "published 2025-03-01 after it came into force"),
    ("opens: 28800", "opens: 28800.5", 6, "28800.5 is a decimal fraction"),
    ("opens: 28800", "opens: 9007199254740992", 6, "is too large: a whole number has at most 9007199254740991"),
    ("purpose <> 'service'", "days_past_due > 9007199254740992", 4, "is too large"),
    ("opens: 28800", "purpose: 28800", 6, "'purpose' is a fact; name the value otherwise"),
    ("opens: 28800", "opens: morning", 6, "a dated value is a whole number"),
    ("grade: report", "grade: reprt", 3, "'reprt' is none of"),
    ("modal: shall_not", "modal: shall_not, clause: 5.3", 3, "a clause such as 5.3 stands in quotes"),
    ("modal: shall_not", "modal: advises", 1, "modal: advises and advise_when go together"),
    ("grade: report", "grade: product", 3, "its authority is lender_policy"),
    ("grade: report", 'grade: report, clause: "1", status: unconfirmed', 3, "ships without clause numbers"),
    ("grade: report", 'grade: report, clause: "1", clause_grade: text', 3, "cannot be better known than its content"),
    ("lifted_by: time_agreed", "lifted_by: officer_override", 8, "recommendations (should, should_not) only"),
    ("lifted_by: time_agreed", "lifted_by: mentions_debt", 8, "'mentions_debt' is none of"),
    ("instead: {", "insted: {", 9, "unknown key 'insted'; did you mean 'instead'?"),
    ("lifted_by: time_agreed", "reading: It says so.", 8, "expected `key: value` pairs, found 'It says so.'"),
    ("lifted_by: time_agreed", "reading: {en: It says so.}", 8, "key 'zh' is missing"),
    ("instead: {zh: 次日再联系, en: wait}\n", "", 1, "key `instead` is missing"),
    ("instead: {zh: 次日再", "instead: {zh: 次日,再", 9, "a text with a comma inside { } stands in quotes"),
    ("instead: {zh: 次日再联系, en: wait}", "instead: {zh: 次日再联系}", 9, "key 'en' is missing"),
    ("refuse_when:", "advise_when: TRUE\nrefuse_when:", 1, "exactly one of refuse_when, advise_when and gives"),
    ("purpose: collect}", "purpse: collect}", 10, "unknown fact 'purpse'; did you mean 'purpose'?"),
    ("purpose: collect}", "purpose: colect}", 10, "'colect' is no purpose"),
    ("purpose: collect}", "purpose: collect, wrong_number: true}", 10, "this rule never asks for 'wrong_number'"),
    ("second_local: 79199", "second_local: 86400", 12, "86400 is no second_local"),
    ("answer: allow", "answer: refuse", 11, "cases stand on both sides"),
    ("second_local: 79199", "second_local: [79199, 86400]", 12, "86400 is no second_local"),
    ("second_local: 79199", "second_local: []", 12, "second_local stands with an empty list"),
    ("purpose: collect}", "purpose: [collect, answer]}", 10, "a list is no purpose"),
    ("second_local: 79199, answer: allow", "second_local: 79199", 12, "key 'answer' is missing"),
    ("rule: cn.contact.window", "rule: Cn.Window", 1, "is no rule id"),
    ("rule: cn.contact.window", "rule: cn.contact.window\nrule: x", 2, "key 'rule' stands twice"),
    ("instead: {zh: 次日再", "instead: {zh: 次日\x9d再", 9, "character #x009d has no place in a text"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "said"), FLAWS)
def test_a_flaw_is_named_with_its_line(old: str, new: str, line: int, said: str) -> None:
    assert old in RULE
    with pytest.raises(Flaw) as caught:
        read_rule(read(RULE.replace(old, new, 1), "x.yaml"), "cn")
    assert said in str(caught.value)
    assert (caught.value.file, caught.value.line) == ("x.yaml", line), str(caught.value)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (("2025-01-01, to: 2025-06-01", "2025-07-01"), "gap between"),
        (("2025-01-01, to: 2025-08-01", "2025-07-01"), "overlap between"),
        (("2025-07-01", "2025-01-01"), "does not come after"),
        (("2025-07-01", "2025-07-01"), "does not come after"),
    ],
)
def test_dated_values_have_neither_gap_nor_overlap(entries: tuple[str, str], said: str) -> None:
    values = "".join(f"  - {{from: {entry}, opens: 28800, closes: 79200}}\n" for entry in entries)
    text = RULE.replace("  - {from: 2025-02-28, opens: 28800, closes: 79200}\n", values)
    with pytest.raises(Flaw, match=said):
        read_rule(read(text, "x.yaml"), "cn")


def test_later_values_have_the_same_names() -> None:
    text = RULE.replace("closes: 79200}\n", "closes: 79200}\n  - {from: 2026-01-01, opens: 28800}\n")
    with pytest.raises(Flaw, match="other values than the one before"):
        read_rule(read(text, "x.yaml"), "cn")


def test_a_case_that_fails_is_named_with_its_line() -> None:
    rule = read_rule(read(RULE.replace("79199", "79201"), "x.yaml"), "cn")
    (failure,) = run_cases([rule])
    assert str(failure).startswith("x.yaml:12: cn.contact.window answers refuse")


def test_a_line_with_a_list_is_a_case_for_each_of_its_values() -> None:
    line = "{second_local: [28800, 79199], purpose: [collect, relay, locate], answer: allow}"
    rule = read_rule(read(RULE.replace("{second_local: 79199, answer: allow}", line), "x.yaml"), "cn")
    found = [(case.facts["second_local"], case.facts["purpose"]) for case in rule.cases if case.line == 12]
    assert found == [(second, purpose) for second in (28800, 79199) for purpose in ("collect", "relay", "locate")]
    assert list(run_cases([rule])) == []


def test_the_words_on_and_no_are_text_and_a_day_is_a_day() -> None:
    page = read("on: 2026-03-01\nno: off\nflag: true\ncount: 1_000", "x.yaml")
    assert [page["no"].held, page["flag"].held, page["count"].held] == ["off", True, 1000]


@pytest.mark.parametrize("text", ["a: &x 1\nb: *x", "a: &x 1", "a: !python 1", "a: [", "", "a: 1\na: 2", "- 1\n -2: ["])
def test_what_is_not_plain_yaml_is_refused(text: str) -> None:
    with pytest.raises(Flaw):
        read(text, "x.yaml")


PARTS = "principal, cost, fee, interest, penalty, compound"
HEAD = """\
pack: own
jurisdiction: any
kind: policy
status: in_force
lang: en
says: {zh: 自有, en: own}
sources: [{instrument: own, known: ours}]
"""
POLICY = (
    RULE.replace("cn.contact", "own.contact")
    .replace("national_standard", "lender_policy")
    .replace("grade: report", "grade: product")
)


def folder(tmp_path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return tmp_path


def flaws_of(tmp_path: Path, files: dict[str, str]) -> str:
    with pytest.raises(Flaws) as caught:
        load_packs(folder(tmp_path, files))
    return str(caught.value)


def test_an_own_policy_pack_loads(tmp_path: Path) -> None:
    (pack,) = load_packs(folder(tmp_path, {"own/pack.yaml": HEAD, "own/contact/window.yaml": POLICY}))
    assert [rule.id for rule in pack.rules] == ["own.contact.window"]


def test_a_file_in_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    place = folder(tmp_path, {"own/pack.yaml": HEAD, "own/contact/window.yaml": POLICY}) / "own" / "contact"
    (place / "window.yaml").write_bytes(POLICY.encode("gb18030"))
    with pytest.raises(Flaws, match=r"own/contact/window\.yaml:\d+: no text in UTF-8: save the file so"):
        load_packs(tmp_path)
    (place / "window.yaml").write_bytes(b"\xef\xbb\xbf" + POLICY.encode())
    assert len(load_packs(tmp_path)) == 1, "the mark that some editors put before a text is none of it"


def test_a_policy_pack_opens_nothing(tmp_path: Path) -> None:
    matrix = """\
matrix: own.matrix
says: {zh: 表, en: matrix}
source: {instrument: own, authority: lender_policy, modal: shall_not, grade: product}
values: [{from: 2020-01-01}]
rows: [{relation: borrower, purpose: all, channel: all, by: us}]
instead: {zh: 无, en: nothing}
given: {on: 2026-03-01}
cases:
  - {relation: borrower, answer: allow}
  - {relation: null, answer: refuse}
"""
    assert "a policy pack opens nothing" in flaws_of(tmp_path, {"own/pack.yaml": HEAD, "own/matrix.yaml": matrix})


def test_a_day_has_one_matrix(tmp_path: Path) -> None:
    head = HEAD.replace("kind: policy", "kind: law\nzone: Asia/Shanghai")
    first = (files("duecourse.law") / "packs/cn/matrix_before.yaml").read_text("utf-8").replace("cn.", "own.")
    again = first.replace("own.matrix_before", "own.matrix").replace("2021-01-01", "2025-02-27")
    said = flaws_of(tmp_path, {"own/pack.yaml": head, "own/a.yaml": first, "own/b.yaml": again})
    assert (
        "own/b.yaml:3: own.matrix and own.matrix_before are both in force on 2025-02-27: a day has one matrix" in said
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            POLICY.replace("lender_policy", "law").replace("grade: product", "grade: text"),
            "cannot speak with the authority",
        ),
        (POLICY.replace("lifted_by: time_agreed", "overrides: own.contact.window"), "may refuse more, never lift"),
        (POLICY.replace("lifted_by: time_agreed", "overrides: cn.nothing"), "overrides 'cn.nothing', which is no rule"),
        (POLICY.replace("own.contact", "cn.contact"), "must begin with 'own.'"),
        (POLICY.replace("lifted_by: time_agreed", "lifts: cn.contact.window"), "unknown key 'lifts'"),
    ],
)
def test_a_policy_rule_lifts_nothing(tmp_path: Path, text: str, said: str) -> None:
    assert said in flaws_of(tmp_path, {"own/pack.yaml": HEAD, "own/contact/window.yaml": text})


@pytest.mark.parametrize(
    ("gives", "said"),
    [
        (f"{{quantity: allocation_order, value: [{PARTS}], combine: special}}", "has no stricter side"),
        ("{quantity: limitation_start, value: 1, combine: max}", "limitation_start is for the law alone"),
        ("{quantity: payment_order_days, value: 1, combine: min}", "payment_order_days is for the law alone"),
        ("{quantity: class_rank, value: 1, combine: min}", "class_rank is joined by max, not by min"),
        ("{quantity: rate_cap_ppm, value: -1, combine: min}", "rate_cap_ppm is never below 0, and this is -1"),
        ("{quantity: rate_cap_ppm, value: 0 - 5, combine: min}", "rate_cap_ppm is never below 0, and this is -5"),
        ("{quantity: class_rnk, value: 1, combine: max}", "did you mean 'class_rank'?"),
        ("{quantity: class_rank, value: days_past_du, combine: max}", "did you mean 'days_past_due'?"),
        ("{quantity: class_rank, value: days_past_due * 0.5, combine: max}", "0.5 is not a whole number"),
        ("{quantity: allocation_order, value: [principal, cost], combine: special}", "names each of these once"),
    ],
)  # fmt: skip
def test_a_policy_number_keeps_its_direction(tmp_path: Path, gives: str, said: str) -> None:
    text = f"""\
rule: own.number
says: {{zh: 数, en: number}}
source: {{instrument: own, authority: lender_policy, modal: shall, grade: product}}
values: [{{from: 2020-01-01}}]
gives: {gives}
cases:
  - {{on: 2026-03-01, answer: 1}}
  - {{on: 2019-12-31, answer: none}}
"""
    assert said in flaws_of(tmp_path, {"own/pack.yaml": HEAD, "own/number.yaml": text})


def test_a_policy_pack_publishes_no_numbers(tmp_path: Path) -> None:
    table = """\
series: own.lpr
says: {zh: 利率, en: rate}
source: own
unit: ppm a year
fills: [{fact: lpr_1y_contract_ppm, day: contract_on}]
known: [{from: 2019-08-20, grade: product, by: us}]
rows: [{from: 2019-08-20, value: 900000}, {from: 2030-01-01, value: 900000}]
"""
    files = {"own/pack.yaml": HEAD, "own/contact/window.yaml": POLICY, "own/series/lpr.yaml": table}
    said = flaws_of(tmp_path, files)
    assert said == "own/series/lpr.yaml:1: a policy pack publishes no numbers for the law to reckon with: own.lpr"


def test_all_flaws_are_told_at_once(tmp_path: Path) -> None:
    files = {
        "own/pack.yaml": HEAD,
        "own/a.yaml": POLICY.replace("second_local <", "x <"),
        "own/b.yaml": POLICY + "x: 1\n",
    }
    assert flaws_of(tmp_path, files).count("\n") == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("pack: own", "pack: other", "stands in a folder named 'own'"),
        ("kind: policy", "kind: law", "a law pack names the zone of its clock"),
        ("kind: policy", "kind: law\nzone: Asia/Shangai", "did you mean 'Asia/Shanghai'?"),
        ("jurisdiction: any", "jurisdiction: CHINA", "'CHINA' is no jurisdiction"),
        ("jurisdiction: any", "jurisdiction: GB", "packs of GB are written UK"),
        ("status: in_force", "status: unconfirmed", "rules of an unconfirmed pack have status: unconfirmed"),
    ],
)
def test_the_head_of_a_pack_is_checked(tmp_path: Path, old: str, new: str, said: str) -> None:
    files = {"own/pack.yaml": HEAD.replace(old, new), "own/contact/window.yaml": POLICY}
    assert said in flaws_of(tmp_path, files)


def test_a_rule_id_stands_once(tmp_path: Path) -> None:
    files = {"own/pack.yaml": HEAD, "own/a.yaml": POLICY, "own/b.yaml": POLICY}
    assert "stands also in own/a.yaml" in flaws_of(tmp_path, files)


def test_drafts_never_bind(tmp_path: Path) -> None:
    head = HEAD.replace("status: in_force", "status: draft")
    packs = (*load_packs(), *load_packs(folder(tmp_path, {"own/pack.yaml": head, "own/contact/window.yaml": POLICY})))
    assert "own" not in {pack.id for pack in rulebook(packs).packs}


def test_the_law_cannot_be_left_out() -> None:
    with pytest.raises(NotLeftOut, match="only policy packs"):
        rulebook(without=["cn"])


def test_a_rule_says_where_it_stands() -> None:
    rule: Rule = read_rule(read(RULE, "x.yaml"), "cn")
    assert (rule.file, rule.line, rule.facts) == ("x.yaml", 1, ("on", "purpose", "second_local", "time_agreed"))


def test_one_id_is_one_rule() -> None:
    packs = load_packs()
    house = next(pack for pack in packs if pack.id == "house")
    same = replace(house, id="own")
    with pytest.raises(RuleTwice, match=r"rule house\.class\.own stands in the packs house and own"):
        rulebook([*packs, same])
    assert rulebook([*packs, same], without={"own"}).rules == rulebook(packs).rules
