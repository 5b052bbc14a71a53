"""What is on record, as plans of several debts are asked: the strictest of theirs, as at the gate."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from duecourse.book import desk
from duecourse.book.plan_facts import on_record
from duecourse.law.pack import load_packs
from duecourse.law.rulebook import rulebook

AT = datetime(2026, 3, 3, 16, tzinfo=UTC)
BOOK = rulebook(load_packs(), jurisdiction="US")
ROWS = pl.DataFrame(
    {
        "person_id": [1, 1, 2], "recipient_id": [1, 1, 2], "about": [[7], [7, 8], [9]], "slot_at": [AT] * 3,
        "law_second": [39_600] * 3,
    },
    schema={
        "person_id": pl.Int64, "recipient_id": pl.Int64, "about": pl.List(pl.Int64),
        "slot_at": pl.Datetime("us", "UTC"), "law_second": pl.Int32,
    },
)  # fmt: skip


def said(*statements: tuple[str, object, int | None]) -> list[dict[str, Any]]:
    """Statements about person 1 in their order: fact, value, the loan or None."""
    return [
        {
            "stated_id": number, "person_id": 1, "fact": fact, "value": json.dumps(value), "loan_key": loan,
            "from_at": AT - timedelta(days=1), "to_at": None, "second_from": None, "second_to": None,
        }
        for number, (fact, value, loan) in enumerate(statements, start=1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("statements", "fact", "found"),
    [
        ([("validation_given", True, 7)], "validation_given", [True, None, None]),
        ([("validation_given", True, 7), ("validation_given", True, 8)], "validation_given", [True, True, None]),
        ([("validation_given", True, None)], "validation_given", [True, True, None]),
        (
            [("validation_given", False, 8), ("validation_given", True, None), ("validation_given", False, 8)],
            "validation_given", [True, False, None],
        ),
        ([("court_permission", True, 7)], "court_permission", [True, None, None]),
        ([("employer_prohibits", True, 7)], "employer_prohibits", [True, True, False]),
        ([("resident_territory", "other_state", 7)], "resident_territory", ["other_state", None, None]),
    ],
)  # fmt: skip
def test_what_is_said_of_one_debt_is_said_of_no_other(
    statements: list[tuple[str, object, int | None]], fact: str, found: list[object]
) -> None:
    stated = pl.DataFrame(said(*statements), schema=desk.SCHEMAS["stated"])
    column = on_record(ROWS, replace(desk.empty(), stated=stated), BOOK)[fact]
    assert column.to_list() == found
