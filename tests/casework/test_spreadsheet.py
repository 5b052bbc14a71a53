"""Lines of CSV that a spreadsheet may open: what would be a formula is a text, and what is empty stays so."""

from __future__ import annotations

from datetime import date

import pytest

from duecourse.casework.spreadsheet import csv_text


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_would_be_a_formula_begins_with_an_apostrophe(first: str) -> None:
    assert csv_text([["x", f"{first}1+1"]], end="\n").decode().startswith(("x,'", "x,\"'"))


def test_other_cells_are_as_they_are() -> None:
    line = ["", "1=1", "'", "\n", -5, None, date(2026, 3, 1)]
    assert csv_text([line]) == b',1=1,\',"\n",-5,,2026-03-01\r\n'
