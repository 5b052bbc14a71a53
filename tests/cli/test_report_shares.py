"""Shares of the book report can be checked from the numbers beside them."""

from __future__ import annotations

import pytest

from duecourse.cli.report import _print_cures


def test_every_share_of_the_cures_has_its_whole_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    _print_cures([{"stage": "M1", "loans": 2_000, "cured": 1_160, "watched": 894, "again": 160}])
    line = next(line for line in capsys.readouterr().out.splitlines() if "M1" in line)
    assert line.split() == ["M1", "2,000", "1,160", "58.0", "%", "894", "160", "17.9", "%"]
