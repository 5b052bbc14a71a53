"""Every story file holds, and the arithmetic in its comments is right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from duecourse.core.story import Case, mismatches, parse_stories
from tests.stories.arithmetic import claims

if TYPE_CHECKING:
    from duecourse.core.story import Fault

FILES = sorted(Path(__file__).parent.glob("*.story"))


def _told() -> tuple[list[Case], list[Fault]]:
    cases: list[Case] = []
    faults: list[Fault] = []
    for path in FILES:
        more, broken = parse_stories(path.read_text(encoding="utf-8"), name=path.name)
        cases += more
        faults += broken
    return cases, faults


CASES, FAULTS = _told()


def test_every_line_is_read() -> None:
    assert not [str(fault) for fault in FAULTS]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}:{case.line}")
def test_the_loan_is_as_the_case_expects(case: Case) -> None:
    assert case.checks or case.sharings, f"{case.name}:{case.line} expects nothing"
    assert not [str(mismatch) for mismatch in mismatches(case)], case.title


def test_titles_tell_cases_apart() -> None:
    titles = [(case.name, case.title) for case in CASES]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_arithmetic_in_comments_is_right(path: Path) -> None:
    found = [claim for claim in claims(path.read_text(encoding="utf-8")) if not claim.holds]
    assert not [f"{path.name}:{claim.line}: {claim.sum} is {claim.value}, not {claim.said}" for claim in found]
