"""``duecourse collector``, as an operator runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Program


@pytest.fixture
def bank(duecourse: Program, home: Path) -> str:
    assert home.is_dir()
    added = duecourse("lender", "add", "bank", "--name", "Some Bank", "--kind", "bank")
    assert added.returncode == 0, added.stderr
    return "bank"


def test_a_collector_is_entered_changed_and_away(duecourse: Program, bank: str) -> None:
    def run(*arguments: str, status: int = 0) -> tuple[str, str]:
        done = duecourse("collector", *arguments, DUECOURSE_LENDER=bank)
        assert done.returncode == status, done.stderr
        return done.stdout, " ".join(done.stderr.split())

    row = ("--team", "early", "--capacity", "40", "--skill", "early", "--skill", "m9", "--language", "zh")
    assert "`duecourse collector add`" in run("list")[0]
    said, noted = run("add", "E09", *row, "--from", "2026-03-02")
    assert said == "E09 works in team early from 2026-03-02 on, cases a day: 40. The next day run goes by it.\n"
    assert "Nobody signs in as E09 yet: `duecourse user add E09 --role collector`." in noted
    assert "The register of staff has no post of E09" in noted
    assert "The strategy asks for `card early late`; it asks nobody for `m9`, which brings no cases." in noted
    assert "E09 is a collector already, and was not entered again" in run("add", "E09", *row, status=4)[1]
    assert "a collector is named by the staff number" in run("add", "two words", *row, status=3)[1]
    assert "from 0 to 10000" in run("add", "E10", "--team", "a", "--capacity", "-1", status=3)[1]
    assert "name what changes" in run("change", "E09", status=2)[1]
    assert "there is no collector E10" in run("change", "E10", "--team", "late", status=3)[1]
    run("change", "E09", "--skill", "late", "--capacity", "0")
    run("away", "E09", "--from", "2126-03-02", "--back", "2126-03-05", "--kind", "sick")
    assert "--back names the first day back" in run("away", "E09", "--from", "2126-03-02", status=2)[1]
    assert "sick 2126-03-02 – 2126-03-05" in run("list")[0]
    found = json.loads(run("list", "--json")[0])
    (one,) = found["collectors"]
    assert (one["team"], one["skills"], one["languages"], one["capacity"]) == ("early", ["late"], ["zh"], 0)
    assert [each["kind"] for each in found["absences"]] == ["sick"]
    assert "E09 is gone from 2127-01-01 on" in run("leave", "E09", "--from", "2127-01-01")[0]
    assert json.loads(run("list", "--json")[0])["collectors"][0]["to_day"] == "2127-01-01"
    assert "later than the first day of work" in run("leave", "E09", "--from", "2026-03-02", status=3)[1]
    assert "name the day with --from, or --stays" in run("leave", "E09", status=2)[1]
    assert run("leave", "E09", "--stays")[0] == "E09 stays.\n"
    run("away", "E09", "--from", "2126-03-02", "--end")
    assert "No absence of E09 begins on 2126-03-02." in run("away", "E09", "--from", "2126-03-02", "--end")[0]
