"""Days and lenders that a command is asked for: refused in a sentence when they cannot be meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from duecourse.app import open_desk, settings, store_of, today, vault_of
from duecourse.trouble import Exit
from tests.conftest import Program
from tests.day_desk import DAY, fill

COMMANDS = [
    ["hold", "list"], ["promise", "list"], ["day", "list"], ["worklist"], ["case", "list"], ["book", "report"],
    ["book", "versions"], ["day", "run", "--as-of", "2026-01-01"], ["book", "breaks"], ["user", "list"],
]  # fmt: skip


@pytest.fixture
def filled(home: Path) -> Iterator[Path]:
    """A lender with a book, its server running."""
    with open_desk(settings({"DUECOURSE_HOME": str(home)}), lender_needed=False) as desk:
        fill(desk.database, store_of(desk.settings), vault_of(desk.settings))
        yield home


def test_a_lender_that_is_not_entered_is_said_to_be_unknown_by_every_command(duecourse: Program, home: Path) -> None:
    with open_desk(settings({"DUECOURSE_HOME": str(home)}), lender_needed=False):
        for command in COMMANDS:
            done = duecourse(*command, DUECOURSE_LENDER="nobody")
            assert done.returncode == Exit.BAD_INPUT, command
            assert "lender 'nobody' is not known; `duecourse lender list` shows" in done.stderr
            assert done.stdout == ""
        assert duecourse("lender", "list", DUECOURSE_LENDER="nobody").returncode == Exit.OK
        chinese = duecourse("book", "versions", DUECOURSE_LENDER="nobody", DUECOURSE_LANG="zh")
        assert "没有放款机构 'nobody'；`duecourse lender list` 列出已登记的机构" in chinese.stderr


@pytest.mark.parametrize(
    "command",
    [["day", "run", "--as-of"], ["loan", "explain", "A", "--as-of"], ["worklist", "--day"], ["day", "show"]],
)
def test_a_day_outside_the_years_we_know_is_refused_at_once(duecourse: Program, command: list[str]) -> None:
    for day in ("9999-12-31", "2201-01-01", "1899-12-31"):
        done = duecourse(*command, day)
        assert done.returncode == Exit.USAGE
        assert f"{day} lies outside the years 1900 to 2200" in re.sub(r"\s+", " ", done.stderr)
    assert "2201-01-01 不在 1900 年至 2200 年之间" in duecourse(*command, "2201-01-01", DUECOURSE_LANG="zh").stderr


@pytest.mark.usefixtures("filled")
def test_a_day_ahead_is_refused_and_one_before_the_first_loan_says_so(duecourse: Program) -> None:
    tomorrow = str(today() + timedelta(days=2))
    done = duecourse("day", "run", "--as-of", tomorrow)
    assert (done.returncode, done.stdout) == (Exit.BAD_INPUT, "")
    assert f"{tomorrow} has not begun yet" in done.stderr
    assert "--ahead runs it all the same." in done.stderr
    assert "尚未开始" in duecourse("day", "run", "--as-of", tomorrow, DUECOURSE_LANG="zh").stderr
    assert duecourse("day", "list").stdout.count(tomorrow) == 0

    older = duecourse("day", "run", "--as-of", "1999-01-01")
    assert older.returncode == Exit.BAD_INPUT
    assert "days before 2000-01-01 cannot be run" in older.stderr
    early = duecourse("day", "run", "--as-of", "2001-01-01")
    assert early.returncode == Exit.OK
    assert "On 2001-01-01 no loan of the book existed yet: the first begins on" in early.stderr
    assert "existed yet" not in duecourse("day", "run", "--as-of", str(DAY)).stderr
