"""Files in every encoding that lenders send come out as they went in."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duecourse.book.tape import readers
from duecourse.book.tape.encoding import LOST, NotText, TwoEncodings, delimiter, found
from duecourse.book.tape.readers import RAGGED, ROW, Unclosed, Unreadable, read

SIMPLIFIED = "客户姓名,借据号,还款金额,备注\n张三,一号,壹佰元,按时还款的客户\n李四,二号,贰佰元,已经联系过本人\n"
TRADITIONAL = "客戶姓名,借據號,還款金額,備註\n張三,一號,壹佰元,按時還款的客戶\n李四,二號,貳佰元,已經聯絡過本人\n"


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        (SIMPLIFIED, "gb18030", "gb18030"),
        (SIMPLIFIED, "gbk", "gb18030"),
        (SIMPLIFIED, "utf-8", "utf-8"),
        (SIMPLIFIED, "utf-8-sig", "utf-8-sig"),
        (SIMPLIFIED, "utf-16", "utf-16"),
        ("no,amount\n1,2\n", "utf-16-le", "utf-16-le"),
        ("no,amount\n1,2\n", "utf-16-be", "utf-16-be"),
        (TRADITIONAL, "big5", "big5"),
        ("no,amount\n1,2\n", "ascii", "utf-8"),
    ],
)
def test_encodings_are_found(tmp_path: Path, text: str, encoding: str, name: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    assert found(path) == name
    first = read(path).columns[1]
    assert first == text.split(",", 1)[0]


PLAIN = st.text(st.characters(codec="gb18030", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=8)
CELL = st.one_of(PLAIN, st.sampled_from(["a\nb", 'say "so"', "x,y", "张\r\n三", "", " spaced "]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), max_size=6),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    sign=st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_goes_in_comes_out(tmp_path: Path, rows: list[tuple[str, str, str]], encoding: str, sign: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=sign, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["编号", "b", "c"])
    writer.writerows(rows)
    path = tmp_path / "round.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    frame = read(path, encoding=encoding)
    assert frame.columns == [ROW, "编号", "b", "c"]
    assert frame[ROW].to_list() == list(range(1, len(rows) + 1))
    assert [tuple(value or "" for value in row) for row in frame.drop(ROW).iter_rows()] == rows


def test_the_delimiter_is_the_one_that_divides() -> None:
    assert [delimiter(heading) for heading in ("a,b", "a;b", "a\tb,c\td", 'a|"b,c,d"|e')] == [",", ";", "\t", "|"]


def test_parquet_and_xlsx_keep_their_types(tmp_path: Path) -> None:
    frame = pl.DataFrame({"no": ["1", "2"], "amount": [1.5, 2.0]})
    frame.write_parquet(tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet").schema["amount"] == pl.Float64


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"a,b,a\n1,2,3\n", "two columns are headed"),
        ("a.parquet", b"not parquet", "cannot be read"),
        ("a.xlsx", b"not xlsx", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=says):
        read(path)


def test_a_wrong_encoding_is_said_without_quoting(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("姓名\n张三\n".encode("gb18030"))
    with pytest.raises(Unreadable, match="the names of its columns are not utf-8 text"):
        read(path, encoding="utf-8")
    path.write_bytes("name\n张三\n".encode("gb18030"))
    with pytest.raises(NotText, match=r"a\.csv is not utf-8 text: the byte at 5, in line 2 of the file, does not fit"):
        read(path, encoding="utf-8")


def test_a_row_that_is_too_wide_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('no,amount\n1,2\n2,"3",4\n3\n')
    frame = read(path)
    assert frame.select(ROW, "no", RAGGED).rows() == [(1, "1", None), (2, "2", 3), (3, "3", None)]


def test_only_known_endings_are_tapes(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="must end in"):
        readers.source(tmp_path / "a.doc")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("said", [True, False])
def test_a_bad_byte_costs_its_value_and_nothing_else(tmp_path: Path, encoding: str, *, said: bool) -> None:
    path = tmp_path / "loans.csv"
    before = "借据号,客户名称,地址\nL1,张三,北京市\nL2,李".encode(encoding)
    after = "四,上海市\n".encode(encoding) + "".join(f"L{n},王五,广州市\n" for n in range(3, 30)).encode(encoding)
    path.write_bytes(before + b"\xff" + after)
    frame = read(path, encoding=encoding if said else None)
    assert frame.height == 29
    assert frame.row(0) == (1, "L1", "张三", "北京市")
    assert frame.row(1) == (2, "L2", f"李{LOST}四", "上海市")
    assert frame.filter(pl.any_horizontal(pl.col(pl.String).str.contains(LOST, literal=True))).height == 1


@pytest.mark.parametrize("other", ["gb18030", "big5"])
def test_two_exports_in_one_file_are_told_apart(tmp_path: Path, other: str) -> None:
    path = tmp_path / "loans.csv"
    heading, one, two = "借據號,客戶名稱,地址\n", "L1,張三,北京市朝陽區\n", "L2,李四,廣州市天河區\n"
    path.write_bytes((heading + one).encode(other) + two.encode())
    with pytest.raises(TwoEncodings, match=r"1 of its lines, the first of them line 3, are UTF-8"):
        read(path)
    path.write_bytes((heading + one + two).encode(other))
    assert read(path).height == 2


def test_a_file_of_bad_bytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "loans.csv"
    path.write_bytes("借据号,客户\n".encode("gb18030") + b"L1,\xff\n" * 40)
    with pytest.raises(NotText, match=r"in line 2 of the file, does not fit, and more do not"):
        read(path, encoding="gb18030")


OPEN = [
    ("the next row, to the same place", 'a,b,c\n1,"x,y\n2,z",w\n3,p,q\n', "row 1 "),
    ("to the end of the file", 'a,b,c\n1,x,"early\n2,y,z\n3,p,q\n', "row 1 "),
    ("many rows", 'a,b,c\n0,x,y\n1,x,"said\n' + "".join(f"{n},y,z\n" for n in range(500)) + '9,p,then"\n', "row 2 "),
    ("with rows of another width", 'a,b,c\n1,"x,y\n2,z",w\n3,p,q,r\n', "row 1 "),
]


@pytest.mark.parametrize(("text", "row"), [(text, row) for _, text, row in OPEN], ids=[name for name, _, _ in OPEN])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_quotation_mark_that_is_not_closed_takes_no_row_away(
    tmp_path: Path, text: str, row: str, encoding: str
) -> None:
    path = tmp_path / "open.csv"
    path.write_bytes(text.replace("said", "说").encode(encoding))
    with pytest.raises(Unclosed, match=row):
        read(path)


def test_values_over_several_lines_are_values(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text('a,b,c,d\n1,"No 5, X Road\nY District","see\nover",z\n2,p,q,r\n', encoding="utf-8")
    assert read(path).drop(ROW).rows() == [("1", "No 5, X Road\nY District", "see\nover", "z"), ("2", "p", "q", "r")]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"a,b\r1,2\r3,4\r", "CR alone"),
        (b'a,b\n1,"' + b"x" * 140_000 + b"\n2,y,z\n", "quotation mark|field larger"),
    ],
)
def test_what_no_reader_takes_is_told(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=why):
        read(path)


def test_utf16_said_and_unmarked_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(SIMPLIFIED.encode("utf-16-le"))
    with pytest.raises(NotText):
        read(path, encoding="utf-16")


def test_a_zero_byte_in_one_value_is_a_fault_of_that_value(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes((SIMPLIFIED * 20).replace("按时", "按\0时", 1).encode())
    assert found(path) == "utf-8"
    assert "\0" in read(path)["备注"][0]
