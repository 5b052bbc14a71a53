"""A lender is entered with whose word counts."""

from __future__ import annotations

import json
from pathlib import Path

from duecourse.trouble import Exit
from tests.cli.conftest import program


def test_the_master_of_payments_is_said_when_a_lender_is_entered(home: Path) -> None:
    entry = ("--name", "Some Bank", "--kind", "bank", "--json")
    tape, desk, wrong = (
        program(home, "lender", "add", code, *entry, *more)
        for code, more in (("one", ()), ("two", ("--payments", "desk")), ("three", ("--payments", "both")))
    )
    assert json.loads(tape.stdout)["masters"] == {"payment": "tape"}
    assert json.loads(desk.stdout)["masters"] == {"payment": "desk"}
    assert wrong.returncode == Exit.BAD_INPUT
    assert "'both' is not known; known: tape, desk" in wrong.stderr


def test_what_is_said_of_all_claims_is_listed_and_ended(home: Path) -> None:
    entry = ("--name", "Some Bank", "--kind", "bank", "--jurisdiction", "UK", "--zone", "Europe/London", "--json")
    program(home, "lender", "add", "demo", *entry)
    unsaid = json.loads(program(home, "lender", "facts", "--json").stdout)
    assert unsaid["said"] == []
    assert {"governing_territory", "callback_premium", "identity_checked", "sealed"} <= set(unsaid["unsaid"])
    said = program(home, "lender", "state", "callback_premium", "false", "--source", "line list", "--json")
    number = json.loads(said.stdout)["stated_id"]
    listed = json.loads(program(home, "lender", "facts", "--json").stdout)
    (one,) = listed["said"]
    assert (one["fact"], one["value"], one["source"], one["actor"]) == (
        "callback_premium", False, "line list", one["actor"],
    )  # fmt: skip
    assert one["actor"].startswith("operator")
    assert "callback_premium" not in listed["unsaid"]
    wrong = program(home, "lender", "state", "callback_premum", "false", "--source", "line list")
    assert wrong.returncode == Exit.BAD_INPUT
    assert "did you mean 'callback_premium'" in wrong.stderr
    assert program(home, "lender", "end", str(number)).returncode == 0
    assert program(home, "lender", "end", str(number)).returncode == Exit.BAD_INPUT
    assert "callback_premium" in json.loads(program(home, "lender", "facts", "--json").stdout)["unsaid"]


def test_a_code_that_cannot_be_one_is_refused_in_words(home: Path) -> None:
    wrong = program(home, "lender", "add", "Bad Code", "--name", "x", "--kind", "bank")
    assert wrong.returncode == Exit.BAD_INPUT
    assert "'Bad Code' cannot be a lender's code" in wrong.stderr


def test_a_country_without_law_is_said_and_britain_has_two_codes(home: Path) -> None:
    entry = ("--name", "x", "--kind", "bank", "--json")
    british = program(home, "lender", "add", "one", "--jurisdiction", "gb", *entry)
    assert json.loads(british.stdout)["jurisdiction"] == "UK"
    assert "No law ships" not in british.stderr
    nowhere = program(home, "lender", "add", "two", "--jurisdiction", "ZZ", *entry)
    assert nowhere.returncode == Exit.OK
    assert "No law ships for ZZ: the gate refuses every contact" in nowhere.stderr


def test_what_no_lender_can_have_is_refused_in_words(home: Path) -> None:
    entry = ("--lang", "zh", "lender", "add", "one", "--kind", "bank")
    for more, said in (
        (("--name", " "), "机构须有名称"),
        (("--name", "x", "--jurisdiction", "abc"), "'abc' 不是国家或地区代码"),
        (("--name", "x", "--currency", "QQQ"), "没有币种 'QQQ'；已知："),
        (("--name", "x", "--zone", "Nowhere"), "'Nowhere'"),
    ):
        wrong = program(home, *entry, *more)
        assert wrong.returncode == Exit.BAD_INPUT
        assert said in wrong.stderr


def test_the_law_is_that_of_the_lender_named(home: Path) -> None:
    entry = ("--name", "x", "--kind", "private", "--jurisdiction", "gb", "--zone", "Europe/London", "--currency", "GBP")
    program(home, "lender", "add", "isle", *entry)

    def asked(*verb: str, lender: str = "isle") -> str:
        done = program(home, "law", *verb, DUECOURSE_LENDER=lender)
        assert done.returncode in {Exit.OK, Exit.FOUND, Exit.REFUSED}, done.stderr
        assert ("Asked for the lender isle: private, UK, Europe/London." in done.stderr) == (
            lender == "isle" and "--jurisdiction" not in verb
        )
        return done.stdout

    contact = ("explain", "--channel", "call", "--purpose", "collect", "--at", "2026-03-02T23:30", "--json")
    told = json.loads(asked(*contact))
    assert told["instant"] == "2026-03-02T23:30:00+00:00", "by the lender's clock: the law has none of its own"
    assert told["refusals"][0]["rule"].startswith("uk")
    assert json.loads(asked(*contact, "--jurisdiction", "CN"))["instant"] == "2026-03-02T15:30:00+00:00"
    assert json.loads(asked(*contact, lender=""))["instant"] == "2026-03-02T15:30:00+00:00", (
        "China, where none is named"
    )
    assert json.loads(asked("list", "--json"))["jurisdiction"] == "UK"
    texts = json.loads(asked("templates", "--json"))["templates"]
    assert {place for one in texts for place in one["jurisdictions"]} >= {"UK"}
    assert all("UK" in one["jurisdictions"] for one in texts)
    assert "Europe/London" in asked("calendar")
    assert json.loads(asked("list", "--jurisdiction", "gb", "--json"))["jurisdiction"] == "UK"
    program(home, "lender", "add", "small", "--name", "x", "--kind", "microloan")
    cap = ("law", "measure", "rate_cap_ppm", "--on", "2026-03-01")
    assert "missing lender_type" in program(home, *cap).stdout
    assert "24 % a year" in program(home, *cap, DUECOURSE_LENDER="small").stdout, "by the kind of the lender"


def test_a_day_without_law_says_that_the_gate_stays_closed(home: Path) -> None:
    entry = ("--name", "x", "--kind", "bank", "--jurisdiction", "ZZ", "--demo")
    program(home, "lender", "add", "far", *entry)
    done = program(home, "day", "run", "--as-of", "2026-03-01", DUECOURSE_LENDER="far")
    assert "No law ships for ZZ: the gate refuses every contact" in done.stderr
