"""``duecourse law measure`` and ``duecourse law limitation`` as people meet them."""

from __future__ import annotations

import json

import pytest

from duecourse.trouble import Exit
from tests.law.conftest import Program as Ask


def test_the_cap_with_its_article_and_the_row_of_the_table(duecourse: Ask) -> None:
    words = ("law", "measure", "rate_cap_ppm", "--on", "2024-05-01", "--fact", "lender_type=private")
    shown = duecourse(*words)
    for part in ("13.8 % a year", "cn.rate.private_cap", "第二十五条", "cn.lpr_1y", "34,500 ppm a year, 2024-04-22"):
        assert part in shown.stdout
    assert "contract_on = 2024-05-01" in shown.stderr
    zh = duecourse("--lang", "zh", *words)
    assert "13.8 %/年" in zh.stdout
    answer = json.loads(duecourse(*words, "--json").stdout)
    assert (answer["value"], answer["assumed"]) == (138_000, {"contract_on": "2024-05-01"})
    assert answer["tables"][0]["from"] == "2024-04-22"


def test_a_contract_later_than_the_table_is_refused_by_name(duecourse: Ask) -> None:
    words = ("law", "measure", "rate_cap_ppm", "--on", "2026-08-01", "--fact", "lender_type=private")
    ended = duecourse(*words)
    assert ended.returncode == Exit.FOUND
    assert "what was published from 2026-07 on is missing" in ended.stdout
    assert json.loads(duecourse(*words, "--json").stdout)["missing"] == ["lpr_1y_contract_ppm"]
    assert "缺 2026-07 起公布的数值" in duecourse("--lang", "zh", *words).stdout


@pytest.mark.parametrize(
    ("quantity", "facts", "said"),
    [
        ("limitation_years", (), "3 years"),
        ("judgment_delay_ppm_day", (), "0.0175 % a day"),
        ("card_plan_months", ("lender_type=bank",), "60 months"),
        (
            "retention_years",
            ("lender_type=consumer_finance", "record_kind=collection", "card_account=false"),
            "5 years",
        ),
        ("retention_years", ("lender_type=bank", "record_kind=impact_assessment", "card_account=false"), "3 years"),
        ("complaint_days", ("complaint_kind=complex",), "30 days"),
        ("principal_cap_minor", ("received_minor=900000",), "900,000 minor units"),
        ("rate_warn_ppm", ("lender_type=bank",), "24 % a year"),
        ("rate_cap_ppm", ("lender_type=consumer_finance",), "no rule speaks"),
        ("rate_cap_ppm", ("lender_type=bank",), "missing platform_loan"),
        ("debts_order", (), "designated, due, least_secured"),
        ("act_effect", ("limitation_act=suit",), "missing"),
        ("stage_rank", ("days_past_due=91",), "M4"),
        (
            "observed_class_rank",
            ("lender_type=bank", "restructured=true", "observed_periods=1", "observed_years=1"),
            "special_mention",
        ),
        (
            "rate_cap_ppm",
            ("lender_type=private", "contract_on=2020-08-19", "case_filed_on=2024-10-21"),
            "12.4 % a year",
        ),
    ],
)
def test_quantities(duecourse: Ask, quantity: str, facts: tuple[str, ...], said: str) -> None:
    options = [word for fact in facts for word in ("--fact", fact)]
    assert said in duecourse("law", "measure", quantity, "--on", "2026-03-01", *options).stdout


def test_what_cannot_be_read_is_named(duecourse: Ask) -> None:
    on = ("--on", "2026-03-01")
    for words, said in (
        (("rate_cap_pmp", *on), "did you mean 'rate_cap_ppm'?"),
        (("rate_cap_ppm",), "for which day"),
        (("rate_cap_ppm", "--on", "today"), "is no day"),
        (("rate_cap_ppm", *on, "--fact", "lender_type=privat"), "did you mean 'private'?"),
        (("rate_cap_ppm", *on, "--fact", "lender=private"), "no fact 'lender'"),
        (("rate_cap_ppm", *on, "--fact", "contract_on=soon"), "is no day"),
        (("rate_cap_ppm", *on, "--fact", "on=2026-01-01"), "the day comes from --on"),
        (("rate_cap_ppm", *on, "--fact", "lpr_1y_contract_ppm=1"), "comes from the table cn.lpr_1y"),
        (("stage_rank", *on, "--fact", "days_past_due=-1"), "'-1' is no days_past_due"),
    ):
        ended = duecourse("law", "measure", *words)
        assert ended.returncode == Exit.BAD_INPUT, words
        assert said in ended.stderr


def test_the_quantities_are_listed(duecourse: Ask) -> None:
    assert "limitation_years" in duecourse("law", "measure").stdout
    names = [one["quantity"] for one in json.loads(duecourse("law", "measure", "--json").stdout)]
    assert {"rate_cap_ppm", "retention_years", "guarantee_months"} <= set(names)


def test_limitation_as_people_ask_it(duecourse: Ask) -> None:
    shown = duecourse("law", "limitation", "2022-01-31", "--on", "2025-02-06").stdout
    for part in ("Limitation runs out with 2025-02-05.", "On 2025-02-06 it has run out.", "cn.limitation.years"):
        assert part in shown
    zh = duecourse("--lang", "zh", "law", "limitation", "2022-01-31", "--on", "2025-02-05").stdout
    assert "2025-02-05 时尚未届满" in zh
    assert "2025-01-31 为休息日" in zh
    words = (
        "law",
        "limitation",
        "2022-01-31",
        "--act",
        "2024-12-01=message,reached",
        "--act",
        "2024-11-01=message,failed",
    )
    assert "Provisional" in duecourse(*words).stdout
    answer = json.loads(duecourse(*words, "--on", "2026-01-01", "--json").stdout)
    assert (answer["last_day"], answer["provisional"], answer["expired"]) == ("2027-12-01", True, False)
    assert [one["step"] for one in answer["steps"]] == ["begins", "no effect", "restarts", "ends"]
    assert answer["steps"][2]["by"][0]["rule"] == "cn.limitation.demand"
    card = ("law", "limitation", "2022-01-31", "--card", "--act", "2024-12-01=message,reserved", "--json")
    assert json.loads(duecourse(*card).stdout)["last_day"] == "2027-12-01"
    open_ended = duecourse("law", "limitation", "2022-01-31", "--obstacle", "2024-12-01/").stdout
    assert "does not run out while the obstacle stands" in open_ended


def test_acts_that_cannot_be_read_are_named(duecourse: Ask) -> None:
    for words, said in (
        (("2022-31-01",), "is no day"),
        (("2022-01-31", "--act", "2024-12-01=mesage"), "did you mean 'message'?"),
        (("2022-01-31", "--act", "2024-12-01=message,reachd"), "did you mean 'reached'?"),
        (("2022-01-31", "--act", "2024-12-01"), "is no act"),
        (("2022-01-31", "--obstacle", "2024-12-01"), "write 2024-06-01/2024-12-01"),
        (("2022-01-31", "--obstacle", "2024-12-01/2024-11-01"), "ends before it begins"),
    ):
        ended = duecourse("law", "limitation", *words)
        assert ended.returncode == Exit.BAD_INPUT, words
        assert said in ended.stderr
