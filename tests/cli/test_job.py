"""``duecourse job``: what was asked for is listed, worked off, and done again when it failed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from duecourse.app import now, open_desk, settings, vault_of
from duecourse.casework.actor import Actor, Role
from duecourse.casework.jobs import ask_job
from duecourse.trouble import Exit
from tests.conftest import Program
from tests.desk import DEMO, enter

DAY = date(2026, 3, 2).isoformat()


@pytest.fixture
def asked(home: Path) -> Iterator[str]:
    """A day run asked for of a lender without a book, which cannot be done."""
    with open_desk(settings({"DUECOURSE_HOME": str(home)}), lender_needed=False) as desk:
        enter(desk.database, DEMO)
        with desk.database.transaction("demo") as tx:
            number = ask_job(
                tx, vault=vault_of(desk.settings), kind="day_run", asked={"day": DAY}, actor=Actor(Role.ADMIN, "d1"),
                now=now(),
            )  # fmt: skip
        yield str(number)


def said(duecourse: Program, *arguments: str) -> Any:  # noqa: ANN401 - JSON
    done = duecourse("job", *arguments, "--json")
    assert done.returncode == Exit.OK, done.stderr
    return json.loads(done.stdout)


def test_a_job_is_worked_off_and_done_again(duecourse: Program, asked: str) -> None:
    assert [one["state"] for one in said(duecourse, "list")] == ["queued"]
    assert said(duecourse, "work", "--once") == {"ended": 1}
    shown = said(duecourse, "show", asked)
    assert (shown["state"], shown["attempts"]) == ("aborted", 1)
    assert "the book has no version" in duecourse("job", "list").stdout
    assert "台账尚无版本" in duecourse("--lang", "zh-CN", "job", "show", asked).stdout
    assert said(duecourse, "retry", asked)["state"] == "queued"
    again = duecourse("job", "retry", asked)
    assert (again.returncode, "did not fail" in again.stderr) == (Exit.REFUSED, True)
    assert duecourse("job", "show", "99").returncode == Exit.BAD_INPUT
    assert "排队中" in duecourse("--lang", "zh-CN", "job", "show", asked).stdout
