"""The law over the staged demo's book: what others would change, what they would have refused, a person's windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from duecourse.sim.lender import DELTA_DAYS
from tests.cli.conftest import Show

Data = Callable[..., Any]
DAYS = [day.isoformat() for day in DELTA_DAYS]


def test_another_law_over_what_day_runs_planned(data: Data, show: Show) -> None:
    same = data("law", "diff", "--from", DAYS[0], "--to", DAYS[-1])
    assert same["contacts"] > 20
    assert (same["stopped"], same["opened"], same["reasons"]) == (0, 0, 0)
    looser = data("law", "diff", "shipped", "--without", "house", "--without", "cn-cba-2026")
    assert looser["stopped"] == 0
    assert looser["contacts"] < same["contacts"]
    assert "Difference" in show("law", "diff", "shipped", "--without", "house")
    nothing = show("law", "diff", "--from", "2019-01-01", "--to", "2019-01-02", status=3)
    assert nothing == ""


def test_looking_back_with_the_law_of_the_runs_changes_nothing(data: Data, show: Show) -> None:
    found = data("law", "replay", "--from", DAYS[0], "--to", DAYS[-1])
    plans = found["plans"]
    assert found["days"] == DAYS
    assert plans["contacts"] > 20
    assert (plans["stopped"], plans["opened"], plans["reasons"]) == (0, 0, 0)
    before = data("law", "replay", "--from", DAYS[0], "--packs", "shipped@2025-02-27")
    assert before["plans"]["allowed_after"] >= before["plans"]["allowed_before"] > 0
    lawless = data("law", "replay", "--from", DAYS[0], "--packs", "shipped@2020-12-31")
    assert lawless["plans"]["allowed_after"] == 0, "where no matrix is in force nobody is contacted"
    assert "Planned by day runs: 1" in show("law", "replay", "--from", DAYS[-1])


def test_the_windows_of_a_person(data: Data, show: Show) -> None:
    case = str(data("worklist", "--most", "1")[0]["case_id"])
    person = str(data("case", "show", case)["case"]["person_id"])
    found = data("law", "calendar", person, "--days", "3")
    assert {way["channel"] for way in found["ways"]} >= {"call", "sms"}
    assert all(span["rules"] or span["open"] for way in found["ways"] for span in way["spans"])
    assert "08:00-22:00" in show("law", "calendar", person, "--channel", "call")
    show("law", "calendar", person, "--fact", "sms_person_day=1", status=3)
