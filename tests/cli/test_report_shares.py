"""Shares of the book report can be checked from the numbers beside them; what is empty says why."""

from __future__ import annotations

from datetime import date

import pytest

from duecourse.cli.report import _print, _print_cures


def test_every_share_of_the_cures_has_its_whole_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    _print_cures([{"stage": "M1", "loans": 2_000, "cured": 1_160, "watched": 894, "again": 160}])
    line = next(line for line in capsys.readouterr().out.splitlines() if "M1" in line)
    assert line.split() == ["M1", "2,000", "1,160", "58.0", "%", "894", "160", "17.9", "%"]


def test_a_day_that_ran_over_a_book_without_amounts_is_not_asked_for_again(capsys: pytest.CaptureFixture[str]) -> None:
    empty = {"day": date(2026, 3, 31), "stages": [], "observed_rolls": []}
    _print(empty, 30, ran=True)
    _print(empty, 30, ran=False)
    ran, not_ran = capsys.readouterr().err.strip().split("No day run of 2026-03-31 is published")
    assert "The day run of 2026-03-31 aged no open loan" in " ".join(ran.split())
    assert "duecourse day run --as-of 2026-03-31" in " ".join(not_ran.split())
