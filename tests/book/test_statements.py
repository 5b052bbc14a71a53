"""Bank statements are read as their banks write them; what does not add up, or cannot be read, is refused or named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from duecourse.book.statement.line import Flaw, Format, NotAnAmount, NotBalanced, Rule, Unreadable, minor_of
from duecourse.book.statement.reading import read_statement
from duecourse.book.statement.table import BadBankMapping, parse

TABLE = """\
statement: demo
account: "6222000000000001"
currency: CNY
encoding: gb18030
fields:
  value_day: {column: 交易日期, format: "%Y%m%d"}
  amount: 金额
  side: {column: 借贷, in: [贷], out: [借]}
  reference: 流水号
  name: 对方户名
  account: 对方账号
  text: [摘要, 附言]
  balance: 余额
"""
HEADING = "交易日期,金额,借贷,流水号,对方户名,对方账号,摘要,附言,余额\n"
ROWS = (
    "20260302,100.00,贷,S1,张三,6222 1540 0000 0001,转账,还款L1,1100.00\n"
    '20260302,"1,250.50",贷,S2,李四,6222154000000002,转账,,2350.50\n'
    "20260303,50,借,S3,某商户,,手续费,,2300.50\n"
)


def table(path: Path, text: str) -> Path:
    path.write_bytes(text.encode("gb18030"))
    return path


def camt(entries: str, *, opening: str = "1000.00", closing: str = "1100.00", version: str = "08") -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>
<Stmt><Id>2026-42</Id><Acct><Id><IBAN>DE02120300000000202051</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{opening}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{closing}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
{entries}</Stmt></BkToCstmrStmt></Document>"""


def entry(
    minor: str = "100.00", *, side: str = "CRDT", status: str = "<Cd>BOOK</Cd>", details: str = "", more: str = ""
) -> str:
    return (
        f'<Ntry><Amt Ccy="EUR">{minor}</Amt><CdtDbtInd>{side}</CdtDbtInd>{more}<Sts>{status}</Sts>'
        f"<ValDt><Dt>2026-03-02</Dt></ValDt><AcctSvcrRef>B1</AcctSvcrRef><NtryDtls>{details}</NtryDtls></Ntry>"
    )


PAID = (
    "<TxDtls><Refs><EndToEndId>E-77</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>Erika Muster</Nm></Pty></Dbtr>"
    "<DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct></RltdPties>"
    "<RmtInf><Ustrd>Loan L7</Ustrd><Ustrd>March</Ustrd></RmtInf></TxDtls>"
)
MT940 = (
    ":20:START\r\n:25:12030000/1020304050\r\n:28C:42/1\r\n:60F:C260301EUR1000,00\r\n"
    ":61:2603020302C100,00NTRFNONREF//BANK-1\r\n"
    ":86:166?00GUTSCHRIFT?20EREF+E-77SVWZ+Loan L7 March?30COBADEFF?31DE89370400440532013000?32Erika Muster\r\n"
    ":61:2603020302D40,00NMSCNONREF//BANK-2\r\n:86:Account fee\r\n"
    ":62F:C260302EUR1060,00\r\n-\r\n"
)


def test_a_table_of_a_chinese_bank_is_read_by_its_mapping(tmp_path: Path) -> None:
    found = read_statement(table(tmp_path / "a.csv", HEADING + ROWS), mapping=parse(TABLE, "m"))
    (one,) = found.statements
    assert (found.format, found.flaws) == (Format.CSV, ())
    assert (one.opening, one.closing, one.difference) == (100_000, 230_050, 0)
    first, second, fee = one.lines
    assert (first.incoming, first.minor, first.value_day) == (True, 10_000, date(2026, 3, 2))
    assert (first.name, first.account, first.text, first.reference) == (
        "张三", "6222 1540 0000 0001", "转账 还款L1", "S1",
    )  # fmt: skip
    assert (second.minor, fee.incoming, fee.minor) == (125_050, False, 5_000)


def test_a_table_with_the_newest_row_first_is_turned(tmp_path: Path) -> None:
    rows = "".join(reversed(ROWS.splitlines(keepends=True)))
    found = read_statement(table(tmp_path / "a.csv", HEADING + rows), mapping=parse(TABLE, "m"))
    assert [one.reference for one in found.statements[0].lines] == ["S1", "S2", "S3"]
    assert found.statements[0].opening == 100_000


@pytest.mark.parametrize(
    ("row", "field", "rule"),
    [
        ("20260230,1.00,贷,S9,,,,,\n", "value_day", Rule.FORM),
        (",1.00,贷,S9,,,,,\n", "value_day", Rule.MISSING),
        ("20260302,1.005,贷,S9,,,,,\n", "金额", Rule.WHOLE),
        ("20260302,一元,贷,S9,,,,,\n", "金额", Rule.FORM),
        ("20260302,99999999999999999,贷,S9,,,,,\n", "金额", Rule.RANGE),
        ("20260302,,贷,S9,,,,,\n", "amount", Rule.MISSING),
        ("20260302,0,贷,S9,,,,,\n", "amount", Rule.RANGE),
        ("20260302,1.00,那,S9,,,,,\n", "side", Rule.FORM),
    ],
)
def test_a_wrong_row_is_named_and_the_rest_is_read(tmp_path: Path, row: str, field: str, rule: Rule) -> None:
    found = read_statement(table(tmp_path / "a.csv", HEADING + ROWS + row), mapping=parse(TABLE, "m"))
    assert [(one.row, one.field, one.rule) for one in found.flaws] == [(4, field, rule)]
    assert len(found.statements[0].lines) == 3


def test_a_row_that_its_balance_contradicts_is_not_taken(tmp_path: Path) -> None:
    altered = ROWS.replace('"1,250.50"', '"9,250.50"')
    found = read_statement(table(tmp_path / "a.csv", HEADING + altered), mapping=parse(TABLE, "m"))
    assert [(one.row, one.rule) for one in found.flaws] == [(2, Rule.BALANCE)]
    assert [one.reference for one in found.statements[0].lines] == ["S1", "S3"]


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("金额", "金额数", "金额数"),
        ("  amount: 金额\n", "", "fields"),
        ("currency: CNY", "currency: XXX", ""),
        ("encoding: gb18030", "encoding: ebcdic", ""),
        ("in: [贷]", "inn: [贷]", "fields.side"),
        ("currency: CNY", "currency: CNY\ncurrency: USD", "'currency' stands twice, first in line"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_by_place(tmp_path: Path, old: str, new: str, where: str) -> None:
    with pytest.raises(BadBankMapping) as refused:
        read_statement(table(tmp_path / "a.csv", HEADING + ROWS), mapping=parse(TABLE.replace(old, new, 1), "m"))
    assert where in str(refused.value)


def test_a_camt_statement_is_read_whatever_its_version(tmp_path: Path) -> None:
    for version in ("02", "08"):
        path = tmp_path / f"{version}.xml"
        pending = entry("7.00", status="<Cd>PDNG</Cd>")
        path.write_text(camt(entry(details=PAID) + pending, version=version), encoding="utf-8")
        found = read_statement(path)
        (one,) = found.statements
        (line,) = one.lines
        assert (found.format, found.unbooked, one.name, one.account) == (
            Format.CAMT, 1, "2026-42", "DE02120300000000202051",
        )  # fmt: skip
        assert (line.name, line.account, line.text, line.end_to_end, line.reference) == (
            "Erika Muster", "DE89370400440532013000", "Loan L7 March", "E-77", "B1",
        )  # fmt: skip


def test_an_entry_is_parted_into_its_transactions_or_named(tmp_path: Path) -> None:
    part = '<TxDtls><Refs><EndToEndId>{}</EndToEndId></Refs><Amt Ccy="EUR">{}</Amt></TxDtls>'
    path = tmp_path / "a.xml"
    path.write_text(camt(entry(details=part.format("A", "60.00") + part.format("B", "40.00"))), encoding="utf-8")
    assert [(one.end_to_end, one.minor) for one in read_statement(path).statements[0].lines] == [
        ("A", 6_000),
        ("B", 4_000),
    ]
    path.write_text(camt(entry(details=part.format("A", "60.00") + part.format("B", "41.00"))), encoding="utf-8")
    assert [one.rule for one in read_statement(path).flaws] == [Rule.PARTS]


def test_a_debit_that_bounced_is_told_with_the_banks_reason(tmp_path: Path) -> None:
    back = "<TxDtls><Refs><EndToEndId>E-1</EndToEndId></Refs><RtrInf><Rsn><Cd>AM04</Cd></Rsn></RtrInf></TxDtls>"
    path = tmp_path / "a.xml"
    path.write_text(camt(entry(side="DBIT", details=back), closing="900.00"), encoding="utf-8")
    (line,) = read_statement(path).statements[0].lines
    assert (line.incoming, line.reversal, line.reason, line.end_to_end) == (False, True, "AM04", "E-1")


def test_an_mt940_statement_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.sta"
    path.write_text(MT940, encoding="utf-8", newline="")
    found = read_statement(path)
    (one,) = found.statements
    paid, fee = one.lines
    assert (found.format, one.account, one.opening, one.closing) == (
        Format.MT940, "12030000/1020304050", 100_000, 106_000,
    )  # fmt: skip
    assert (paid.name, paid.account, paid.end_to_end, paid.reference) == (
        "Erika Muster", "DE89370400440532013000", "E-77", "BANK-1",
    )  # fmt: skip
    assert "Loan L7" in paid.text
    assert (fee.incoming, fee.minor, fee.text) == (False, 4_000, "Account fee")


def test_a_line_of_mt940_that_cannot_be_is_named_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.sta"
    path.write_text(MT940.replace("2603020302D40,00", "2602300302D40,00"), encoding="utf-8", newline="")
    found = read_statement(path)
    assert found.flaws == (Flaw(2, "61", Rule.FORM, "the field is not as MT940 has it"),)
    assert [one.reference for one in found.statements[0].lines] == ["BANK-1"]


def test_parts_of_one_mt940_statement_follow_on_one_another(tmp_path: Path) -> None:
    first = MT940.replace(":62F:", ":62M:").replace(":28C:42/1", ":28C:42/1")
    second = MT940.replace(":28C:42/1", ":28C:42/2").replace(":60F:C260301EUR1000,00", ":60M:C260302EUR1060,00")
    second = second.replace(":62F:C260302EUR1060,00", ":62F:C260302EUR1120,00")
    path = tmp_path / "a.sta"
    path.write_text(first + second, encoding="utf-8", newline="")
    (one,) = read_statement(path).statements
    assert (one.opening, one.closing, len(one.lines)) == (100_000, 112_000, 4)
    path.write_text(first + second.replace("1060,00", "1061,00"), encoding="utf-8", newline="")
    with pytest.raises(Unreadable):
        read_statement(path)


def test_what_does_not_add_up_is_refused_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(camt(entry(details=PAID), closing="1100.01"), encoding="utf-8")
    with pytest.raises(NotBalanced) as refused:
        read_statement(path)
    assert "1,100.00" in str(refused.value)
    assert "1,100.01" in str(refused.value)
    path = tmp_path / "a.sta"
    path.write_text(MT940.replace("EUR1060,00", "EUR1060,01"), encoding="utf-8", newline="")
    with pytest.raises(NotBalanced):
        read_statement(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nothing of the kind",
        b"<Document><Other/></Document>",
        b"<Document",
        b'<!DOCTYPE x [<!ENTITY a "b">]><Document>&a;</Document>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><Document/>',
        b":20:A\n:25:\n:60F:X\n",
    ],
)
def test_what_is_no_statement_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(content)
    with pytest.raises(Unreadable):
        read_statement(path)


def test_amounts_are_read_exactly_or_not_at_all() -> None:
    assert [minor_of(one, "CNY") for one in ("1,234.50", "１２.３", "¥5", "-7", "+1", "100.000")] == [
        123_450, 1_230, 500, -700, 100, 10_000,
    ]  # fmt: skip
    assert minor_of("1200", "JPY") == 1200
    assert minor_of("1.250", "KWD") == 1250
    for wrong in ("1,23", "1.2.3", "", "1e5", "0x10", "--1", "1 000,00"):
        with pytest.raises(NotAnAmount):
            minor_of(wrong, "CNY")


def test_nothing_personal_stands_in_what_is_printed(tmp_path: Path) -> None:
    found = read_statement(table(tmp_path / "a.csv", HEADING + ROWS), mapping=parse(TABLE, "m"))
    assert not any(one in repr(found) for one in ("张三", "6222 1540", "还款L1"))
