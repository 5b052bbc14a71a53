"""A payment shared over a borrower's loans in the terminal: the amounts are those of each loan's own explanation."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from duecourse.sim.lender import FULL_DAY, LAST_DAY
from duecourse.trouble import Exit
from tests.cli.conftest import Show
from tests.cli.test_demo import Data

DAY = LAST_DAY.isoformat()


@pytest.fixture(scope="module")
def by_borrower(staged: Path) -> list[list[str]]:
    """The numbers of each borrower's loans on the full tape, those with most loans first."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    with (staged / "demo" / FULL_DAY.isoformat() / "loans.csv").open(encoding="utf-8") as tape:
        for row in csv.DictReader(tape):
            if not row["loan_ref"].startswith("L9999"):  # rows that are wrong on purpose
                found[row["borrower_ref"]].append(row["loan_ref"])
    return sorted(found.values(), key=len, reverse=True)


def owed(data: Data, refs: list[str]) -> dict[str, dict[str, Any]]:
    return {ref: data("loan", "explain", ref, "--as-of", DAY) for ref in refs}


def test_shares_add_up_and_what_is_due_comes_first(data: Data, by_borrower: list[list[str]]) -> None:
    seen_two = False
    for refs in by_borrower[:8]:
        explained = owed(data, refs)
        due = {ref: one["due"] for ref, one in explained.items()}
        settle = {ref: one["settle"] for ref, one in explained.items()}
        whole = sum(settle.values())
        for minor in (1, 777, max(sum(due.values()), 1), whole + 5):
            found = data("loan", "share", str(minor), *refs, "--as-of", DAY)
            got: defaultdict[str, int] = defaultdict(int)
            for share in found["shares"]:
                got[share["ref"]] += share["minor"]
            assert sum(got.values()) + found["left"] == minor
            assert found["left"] == max(minor - whole, 0)
            assert all(got[ref] <= settle[ref] for ref in refs)
            if minor <= sum(due.values()):
                assert all(got[ref] <= due[ref] for ref in refs), "nothing goes to what is not due while something is"
            seen_two |= len(got) > 1
    assert seen_two


def test_the_debtors_own_word_comes_first(data: Data, show: Show, by_borrower: list[list[str]]) -> None:
    refs = next(
        refs for refs in by_borrower if len(refs) > 1 and all(one["settle"] > 0 for one in owed(data, refs).values())
    )
    for named in refs:
        found = data("loan", "share", "1", *refs, "--as-of", DAY, "--designated", named)
        assert [(one["ref"], one["minor"]) for one in found["shares"]] == [(named, 1)]
    said = show("loan", "share", "1", *refs, "--as-of", DAY, "--designated", refs[-1])
    assert "民法典 560(1) designation" in said
    assert "第五百六十条第一款" in show(
        "loan", "share", "1", *refs, "--as-of", DAY, "--designated", refs[-1], DUECOURSE_LANG="zh"
    )


def test_what_cannot_be_shared_is_refused_by_name(show: Show, by_borrower: list[list[str]]) -> None:
    (one, *_), (other, *_), *_ = by_borrower
    for arguments in (
        ("5", one, other, "--as-of", DAY),  # two debtors
        ("5", one, "--as-of", DAY, "--designated", other),
        ("5", one, "NOBODYS", "--as-of", DAY),
    ):
        show("loan", "share", *arguments, status=Exit.BAD_INPUT)
