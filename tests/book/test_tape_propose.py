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
