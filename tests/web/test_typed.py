"""What is typed wrong, or sent broken, is refused in words that name the field and say which form is right."""

from __future__ import annotations

import html

import polars as pl
import pytest

from duecourse.casework.actor import Role
from duecourse.casework.assignment import Handover, assign_case
from duecourse.casework.issue_notice import FIELD as NOTICE
from duecourse.casework.outcomes import Outcome
from duecourse.casework.reveal import RevealPurpose
from duecourse.casework.settling import OutcomeStands
from duecourse.locale import Language
from duecourse.storage import cases, collectors, log, persons
from duecourse.storage.collectors import Collector
from duecourse.web.visiting import sentence
from tests.desk import loan, person
from tests.permit_desk import MORNING, OPERATOR
from tests.web.reader import Ground, Reader


def a_case(ground: Ground) -> int:
    """An open case."""
    people = pl.Series([person(1)])
    day = MORNING.date()
    with ground.database.transaction("demo") as tx:
        cases.open_many(tx, people, day=day, by="test")
        cases.set_loans(tx, pl.DataFrame({"person_id": people, "loan_key": [loan(1)]}), day=day)
        return cases.of_person(tx, person(1))[0].case_id


def chinese(reader: Reader) -> Reader:
    """The same reader, who reads Chinese."""
    reader.client.cookies.set("language", "zh-CN")
    return reader


@pytest.mark.parametrize("number", ["--5", "5-", "-", "9223372036854775808", "１２"])
def test_what_is_no_number_is_refused_wherever_it_stands(house: Ground, number: str) -> None:
    reader = house.reader(Role.COLLECTOR)
    page = reader.get(f"/cases/{number}")
    assert page.status_code == 422
    assert "Case takes a whole number in digits" in page.text
    sent = reader.post("/cases/1/language", "/account", person=number, language="zh")
    assert sent.status_code == 422
    assert "Person takes a whole number in digits" in sent.text


def test_a_form_that_cannot_be_read_is_no_missing_page(house: Ground) -> None:
    reader = house.reader(Role.COLLECTOR)
    send = reader.client.post
    many = "&".join(f"a{number}=1" for number in range(5_000))
    for kind, body in (
        ("multipart/form-data; boundary=x", "--y\r\nno part\r\n"), ("multipart/form-data", "a=1"),
        ("application/x-www-form-urlencoded", many),
    ):  # fmt: skip
        answer = send("/cases/1/notes", content=body, headers={"Content-Type": kind})
        assert answer.status_code == 422, (kind, answer.text)
        assert "the form cannot be read" in answer.text
    assert send("/cases/1/notes", content="x" * 2_000_000).status_code == 422
    assert send("/nowhere", content="x").status_code == 404


def test_an_amount_that_is_none_is_told_by_its_label_and_by_an_example(ground: Ground) -> None:
    number = a_case(ground)
    reader = ground.reader(Role.COLLECTOR)
    said = {"amount": "5", "due": "2026-03-05"}
    place = f"/cases/{number}/promises"
    for amount in ("abc", "100.555", "-5", "123456789012", "1.2.3", ""):
        answer = reader.post(place, "/account", **said | {"amount": amount})
        assert answer.status_code == 422
        assert "Amount takes an amount in digits, at most 11 before the point and 2 behind it" in answer.text
        assert "1234.50" in answer.text
    due = reader.post(place, "/account", **said | {"due": "5 March"})
    assert "By which day takes a day, written as 2026-03-01" in due.text
    answer = reader.post(place, "/account", **said | {"currency": "XXX"})
    assert answer.status_code == 422
    assert "Currency cannot be read" in answer.text
    chinese(reader)
    answer = reader.post(place, "/account", **said | {"amount": "abc"})
    assert "“金额”须填写金额" in html.unescape(answer.text)
    assert "amount" not in answer.text.partition("<main")[2]
    assert reader.post(place, "/account", **said | {"amount": "１，２３４．５"}).status_code == 303


def test_what_was_read_and_who_acted_is_chinese_on_a_chinese_page(ground: Ground) -> None:
    number = a_case(ground)
    with ground.database.transaction("demo") as tx:
        subject = ground.vault.person("demo", person(1), persons.wrapped(tx, person(1)))
        log.append(
            tx, vault=ground.vault, kind="person.reveal", at=ground.clock(), actor="schedule:demo", subject=subject,
            stated={"field": NOTICE, "purpose": RevealPurpose.DOCUMENT.value},
        )  # fmt: skip
    reader = ground.reader(Role.COLLECTOR)
    assert "schedule demo" in reader.get(f"/cases/{number}").text
    assert ">notice <" in " ".join(reader.get(f"/cases/{number}/happenings").text.split()).replace("</strong> ", ">")
    page = chinese(reader).get(f"/cases/{number}").text
    assert "定时任务 demo" in page
    assert "还款计划 demo" not in page
    assert "通知 <span" in page
    assert "notice" not in page.partition('id="timeline"')[2].partition("</ol>")[0]


@pytest.mark.parametrize(
    ("asked", "said", "zh"),
    [
        ("most=abc", "At most takes a whole number in digits", "“最多”须填写整数"),
        ("most=-1", "At most takes a whole number from 1 to 500", "“最多”须填写 1 至 500 之间的整数"),
        ("most=501", "At most takes a whole number from 1 to 500", "“最多”须填写 1 至 500 之间的整数"),
        ("stage=M1&stage=M9", "Stages takes what the list has: M0 M1 M2", "“账龄”只能取列表中的值：M0 M1 M2"),
    ],
)
def test_what_cases_change_hands_is_not_guessed_from_what_cannot_be_read(
    house: Ground, asked: str, said: str, zh: str
) -> None:
    reader = house.reader(Role.SUPERVISOR)
    page = reader.get(f"/floor/reassign?from=E01&{asked}")
    assert page.status_code == 422
    assert said in page.text
    assert "Give them" not in page.text
    if asked.startswith("most"):
        assert f'value="{asked.removeprefix("most=")}"' in page.text, "what was typed stays"
    assert zh in html.unescape(chinese(reader).get(f"/floor/reassign?from=E01&{asked}").text)
    del reader.client.cookies["language"]


def test_a_preview_on_the_page_warns_of_whoever_may_speak_to_nobody(ground: Ground) -> None:
    number = a_case(ground)
    with ground.database.transaction("demo") as tx:
        for one in ("E01", "E02"):
            collectors.put(tx, Collector(one, "field", ["early"], ["zh"], 40, MORNING.date()))
        assign_case(
            tx, vault=ground.vault, case_id=number, to="E01", reason=Handover.REASSIGNED, actor=OPERATOR, now=MORNING
        )
    reader = ground.reader(Role.SUPERVISOR)
    page = reader.get("/floor/reassign?from=E01")
    assert page.status_code == 200, page.text
    row = page.text.partition("<td>E02</td>")[2].partition("</tr>")[0]
    assert "no calls, no visits" in row
    assert "not in the staff register" in row
    assert '<td class="num">0</td><td class="num">1</td><td class="num">40</td>' in row
    row = chinese(reader).get("/floor/reassign?from=E01").text.partition("<td>E02</td>")[2].partition("</tr>")[0]
    assert "不得拨打、不得上门" in row
    assert "未在催收员登记册" in row


def test_words_of_a_chinese_page_mean_what_they_stand_for(ground: Ground) -> None:
    number = a_case(ground)
    with ground.database.transaction("demo") as tx:
        collectors.put(tx, Collector("E01", "field", ["early"], ["zh"], 40, MORNING.date()))
    reader = chinese(ground.reader(Role.COLLECTOR))
    found = reader.post("/search", "/account", q=str(number)).text
    assert f"/cases/{number}" in found
    assert "案例" not in found
    assert "<td>案件</td>" in found
    teams = chinese(ground.reader(Role.ADMIN)).get("/teams").text
    assert '<option value="">未指定</option>' in teams
    assert "无人" not in teams
    said = sentence(OutcomeStands(5, Outcome.PROMISED), Language.ZH)
    assert said == "准许 5 的结果此前已报告为“承诺还款”；以此为准"
    assert sentence(OutcomeStands(5, Outcome.NOT_SENT), Language.EN).endswith("reported before, as not sent; it stands")
