"""The quarantine file: no formula to a spreadsheet, and read again as it was found."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from duecourse.book.tape import quarantine

TEXTS = ["=1+1", "+8613800000000", "-5", "@x", "'=1", "'tis", "plain", "", None, "\t=1"]


@pytest.mark.parametrize("value", TEXTS)
def test_a_file_holds_no_formula_and_gives_each_value_back(value: str | None, tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    faults = pl.DataFrame(
        [dict.fromkeys(quarantine.COLUMNS, value)], schema=dict.fromkeys(quarantine.COLUMNS, pl.String)
    )
    quarantine.write(faults, path)
    assert quarantine.read(path).equals(faults)
    cells = pl.read_csv(path, infer_schema=False).row(0)
    assert not any(cell and cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert path.stat().st_mode & 0o777 == 0o600
