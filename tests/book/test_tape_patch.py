"""A patch mends one field of one row, in the lender's own file, and says nothing of what it mends."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duecourse.book.tape import patch as patches
from duecourse.book.tape.layout import Records
from duecourse.book.tape.mapping import Spec, Table
from duecourse.book.tape.patch import BadPatch, Mend, Patch, patched
from duecourse.book.tape.readers import ROW, Source

SOURCE = Source(Path("loans.csv"), "ab" * 32)
TABLE = Table(
    records=Records.LOANS, file="loans", line=1,
    specs=(("principal_minor", Spec(line=2, column="金额", unit="major")),),
)  # fmt: skip
RAW = pl.DataFrame(
    {ROW: [1, 2, 3], "金额": ["1", "x", "3"], "name": ["张三", "李四", "王五"]}, schema_overrides={ROW: pl.UInt32}
)


def write(folder: Path, *lines: str, heading: str = "source,row,field,value") -> Path:
    path = folder / "patch.csv"
    path.write_text("\n".join([heading, *lines]) + "\n", encoding="utf-8")
    return path


def test_a_field_of_the_layout_or_a_heading(tmp_path: Path) -> None:
    path = write(tmp_path, f"{'ab' * 6},2,principal_minor,12.5", f"{'ab' * 32},3,name,")
    mended = patched(RAW, patches.load(path), SOURCE, TABLE)
    assert mended.rows() == [(1, "1", "张三"), (2, "12.5", "李四"), (3, "3", None)]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("abababababab,9,name,secret", "line 2: loans.csv has no row 9, only 3"),
        ("abababababab,1,nmae,secret", "line 2: 'nmae' is neither a heading"),
        ("abab,1,name,secret", "line 2: source must be at least 12 digits"),
        ("abababababab,x,name,secret", "line 2: row must be a number"),
        ("abababababab,1,name", "line 2: 3 values, 4 are needed"),
        ("cdcdcdcdcdcd,1,name,secret", "line 2: no file of this import has the hash cdcdcdcdcdcd"),
        ("abababababab,1,name,a\nabababababab,1,name,secret", "line 3: row 1, field name is mended twice"),
    ],
)
def test_a_bad_patch_is_told_by_line_without_its_value(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(BadPatch) as caught:  # noqa: PT012
        patch = patches.load(write(tmp_path, *line.split("\n")))
        patch.check([SOURCE])
        patched(RAW, patch, SOURCE, TABLE)
    assert says in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_heading_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadPatch, match="the first line must be source,row,field,value"):
        patches.load(write(tmp_path, heading="row,value"))


def test_a_patch_shows_nothing_of_itself() -> None:
    assert "secret" not in repr(Patch("p", "0", (Mend(2, "ab", 1, "name", "secret"),)))


VALUES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=9)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.dictionaries(st.tuples(st.integers(1, 3), st.sampled_from(["金额", "name"])), VALUES))
def test_what_is_patched_changes_and_nothing_else(tmp_path: Path, cells: dict[tuple[int, str], str]) -> None:
    lines = [
        f'{"ab" * 8},{row},{column},"{value.replace(chr(34), chr(34) * 2)}"' for (row, column), value in cells.items()
    ]
    mended = patched(RAW, patches.load(write(tmp_path, *lines)), SOURCE, TABLE)
    for row in RAW.iter_rows(named=True):
        for column in ("金额", "name"):
            assert mended[column][row[ROW] - 1] == cells.get((row[ROW], column), row[column])
