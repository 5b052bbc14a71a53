"""A mapping proposed from a sample can be used, or says what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from duecourse.book.tape.layout import Records
from duecourse.book.tape.mapping import BadMapping, parse
from duecourse.book.tape.propose import propose

CHINESE = """借据号,客户号,客户姓名,身份证号,手机号码,放款金额(元),放款日期,首次还款日,总期数,年利率(%),还款方式,备注
A1,C1,张三,990101199001011234,15412345678,"12,000.00",20260105,20260205,12,9.0,等额本息,甲
A2,C2,李四,990101199001011234,15412345679,8000,20260205,20260305,12,12,先息后本,乙
"""


def test_a_chinese_sample_in_gb18030(tmp_path: Path) -> None:
    path = tmp_path / "借据.csv"
    path.write_bytes(CHINESE.encode("gb18030"))
    text = propose([path])
    tables = {table.records: dict(table.specs) for table in parse(text, "proposed").tables}
    assert set(tables) == {Records.LOANS, Records.PERSONS, Records.CONTACT_POINTS}
    loans = tables[Records.LOANS]
    assert loans["principal_minor"].unit == "major"
    assert loans["rate_ppm"].unit == "percent"
    assert loans["method"].codes == (("先息后本", "interest_only"), ("等额本息", "equal_instalment"))
    assert tables[Records.CONTACT_POINTS]["kind"].value == "phone"
    assert "备注" in text.splitlines()[-1]
    for secret in ("张三", "990101", "15412345678", "12,000"):
        assert secret not in text


def test_customer_numbers_with_phones_are_contact_points(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("客户号,手机号码,单位电话,电子邮箱\nC1,15412345678,010-1,a@b.invalid\n", encoding="utf-8")
    read = parse(propose([path]), "proposed")
    assert [table.records for table in read.tables] == [Records.CONTACT_POINTS] * 3
    points = [dict(table.specs) for table in read.tables]
    assert [point["kind"].value for point in points] == ["phone", "phone", "email"]
    assert [point["label"].value if "label" in point else None for point in points] == ["mobile", "work", None]


def test_people_keep_their_phones_and_names(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("客户号,姓名,手机号\nC1,张三,15412345678\n", encoding="utf-8")
    read = parse(propose([path]), "proposed")
    assert [table.records for table in read.tables] == [Records.PERSONS, Records.CONTACT_POINTS]


def test_a_folder_is_its_files_and_their_parts_are_one(tmp_path: Path) -> None:
    (tmp_path / "借据.csv").write_text("借据号,客户号,放款金额\nA1,C1,8000\n", encoding="utf-8")
    for day in ("20260301", "20260302"):
        (tmp_path / f"还款流水_{day}.csv").write_text("借据号,还款日期,还款金额\nA1,2026-03-01,5\n", encoding="utf-8")
    text = propose([tmp_path])
    files = [line.split("file: ")[1].strip('"') for line in text.splitlines() if "file: " in line]
    assert files == ["借据.csv", "还款流水*.csv"]
    assert "records: payments" in text


@pytest.mark.parametrize(
    ("amount", "sure"), [("100.00", True), ("1,250.5", True), ("100", False)], ids=["decimals", "one", "none"]
)
def test_decimals_mean_yuan_and_whole_numbers_are_a_question(tmp_path: Path, amount: str, *, sure: bool) -> None:
    path = tmp_path / "loans.csv"
    path.write_text(f'借据号,放款金额\nA1,"{amount}"\n', encoding="utf-8")
    text = propose([path])
    assert "unit: major" in text
    assert ("are these yuan (major) or fen (minor)?" in text) is not sure


def test_what_no_table_takes_is_said_even_if_another_kind_would(tmp_path: Path) -> None:
    path = tmp_path / "payments.csv"
    path.write_text("借据号,还款日期,还款金额,证件号\n1,2026-03-01,1.00,x\n", encoding="utf-8")
    assert "nothing takes: 证件号" in propose([path])


def test_another_kind_that_fits_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("借据号,还款日期,还款金额\n1,2026-03-01,1.00\n", encoding="utf-8")
    assert "records: payments   # ?? by its headings; it may also be instalments" in propose([path])


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    path = tmp_path / "payments.csv"
    path.write_text("loan_id,amount\n1,12\n")
    text = propose([path])
    assert "# paid_on: MISSING, needed: value day" in text
    assert "are these yuan (major) or fen (minor)?" in text
    with pytest.raises(BadMapping, match="payments need paid_on"):
        parse(text, "proposed")


@pytest.mark.parametrize(
    ("heading", "values", "says"),
    [
        ("起息日", "46082", "format: excel"),
        ("起息日", "13/01/2026", 'format: "%d/%m/%Y"'),
        ("月利率", "1.5", "per: month"),
        ("日利率(‰)", "0.5", "unit: permille, per: day_360"),
        ("执行利率", "0.072", "unit: fraction"),
        ("贷款金额(万元)", "1.2", "unit: ten_thousand"),
    ],
)
def test_forms_and_units_are_guessed_from_heading_and_values(
    tmp_path: Path, heading: str, values: str, says: str
) -> None:
    path = tmp_path / "loans.csv"
    path.write_text(f"借据号,客户号,{heading}\nA1,C1,{values}\n", encoding="utf-8")
    assert says in propose([path])
