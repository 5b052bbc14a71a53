"""The page of breaks: loans by the lender's own numbers, with their case; what differs, in words."""

from __future__ import annotations

import polars as pl
import pytest

from duecourse.casework.actor import Role
from duecourse.storage import breaks, cases, loan_names
from duecourse.storage.books import BookVersion, commit_version
from tests.desk import NOW, TODAY, loan, person
from tests.web.reader import Ground

KINDS = ["balance", "dpd", "payment_unmatched"]


@pytest.fixture
def differs(ground: Ground) -> int:
    """Breaks of a loan in a case and of one in none; gives the case."""
    rows = [
        ("balance", loan(1), "settle", "CNY", 100, 90, None, None),
        ("dpd", loan(1), "dpd", None, None, None, 3, 4),
        ("balance", loan(1), "penalty_due", "CNY", 5, 6, None, None),
        ("payment_unmatched", loan(1), "row 7 of 0123456789abcdef", "CNY", 5, None, None, None),
        ("balance", loan(2), "principal", "CNY", 5, 6, None, None),
    ]
    found = pl.DataFrame(rows, schema=breaks.SCHEMA, orient="row")
    named = pl.DataFrame([(person(1), loan(1), "LN-0042", "consumer", "CNY")], schema=loan_names.SCHEMA, orient="row")
    with ground.database.transaction("demo") as tx:
        commit_version(tx, BookVersion(1, None, NOW, "import", {}, bytes(32), 0))
        breaks.set_open(tx, found, checked=found["loan_key"], kinds=KINDS, version=1, day=TODAY, by="import")
        cases.open_many(tx, pl.Series([person(1)]), day=TODAY, by="test")
        cases.set_loans(tx, named.select("person_id", "loan_key"), day=TODAY)
        loan_names.put(tx, named)
        return cases.of_person(tx, person(1))[0].case_id


def test_a_break_names_the_loan_by_its_number_and_says_what_differs(ground: Ground, differs: int) -> None:
    page = ground.reader(Role.SUPERVISOR).get("/book/breaks").text
    assert page.count(f'<a href="/cases/{differs}">LN-0042</a>') == 4
    assert str(loan(1)) not in page
    for words in ("what settles the loan", "days past due", "default interest due", "row 7 of file 01234567"):
        assert f">{words}</td>" in page, words
    assert f"<td>{loan(2)}</td>" in page, "a loan that neither a case nor the book names"
