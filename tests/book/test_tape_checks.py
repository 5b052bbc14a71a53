# ruff: noqa: E501 - one case a line reads as a table
"""Each rule between rows, one bad row at a time; what is sound beside it goes through."""

from __future__ import annotations

import inspect
import json
import re
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from duecourse.book.store import Store
from duecourse.book.tape import intake, reasons
from duecourse.book.tape import mapping as mappings
from duecourse.book.tape.arrival import Arrival, arrive
from duecourse.book.tape.checks import Frame
from duecourse.book.tape.faults import TODO, Rule, todo
from duecourse.book.tape.identity import checks_out
from duecourse.book.tape.values import Setting
from duecourse.casework import parties
from duecourse.trouble import BadInput
from tests.tapes import LOANS, PAYMENTS, tape

NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
HEAD = LOANS.splitlines()[0] + "\n"
FREE = "loan_ref,borrower_ref,principal_minor,start,method\nF1,C1,500,2026-01-31,free\n"
LATE = HEAD + "L9,C1,5,2026-01-05,2026-02-05,12,9,bullet,0\n"
ADJUST = "loan_ref,ref,effective,kind,target,amount_minor,category,until,pause,rate_ppm\n"


def taken(folder: Path, mapping: str = "standard") -> Arrival:
    read = mappings.load(mappings.find(mapping))
    return arrive(
        intake.sources([folder], read), read, Setting("Asia/Shanghai", "CNY"),
        Frame("demo", "CNY", date(2026, 3, 1), NOW), store=Store(folder / "none"), at=None,
    )  # fmt: skip


CASES = [
    ({"loans": HEAD + "L9,C1,5,2026-01-05,2026-02-05,12,90000,sideways,0\n"}, "loans", "method", Rule.CODE),
    ({"loans": HEAD + "L9,C1,5,2026-01-05,2026-02-05,12,900001,bullet,0\n"}, "loans", "rate_ppm", Rule.RANGE),
    ({"loans": HEAD + "L9,C1,10000000000001,2026-01-05,2026-02-05,12,9,bullet,0\n"}, "loans", "principal_minor", Rule.RANGE),
    ({"loans": HEAD + "L9,C1,-5,2026-01-05,2026-02-05,12,9,bullet,0\n"}, "loans", "principal_minor", Rule.RANGE),
    ({"loans": HEAD + "L9,C1,5,2026-03-02,2026-04-05,12,9,bullet,0\n"}, "loans", "start", Rule.FUTURE),
    ({"loans": HEAD + "L9,,5,2026-01-05,2026-02-05,12,9,bullet,0\n"}, "loans", "borrower_ref", Rule.MISSING),
    ({"loans": HEAD + "L9,C1,5,2026-02-30,2026-02-05,12,9,bullet,0\n"}, "loans", "start", Rule.FORM),
    ({"loans": HEAD + "L9,C1,5,2026-02-10,2026-02-05,12,9,bullet,0\n"}, "loans", "first_due", Rule.ORDER),
    ({"loans": HEAD + "L9,C1,5,2026-01-05,,,9,bullet,0\n"}, "loans", "first_due", Rule.SCHEDULE),
    ({"loans": HEAD + "L9,C1,5,2026-01-05,2026-02-05,12,9,,0\n"}, "loans", "conventions", Rule.TERMS),
    ({"loans": HEAD + "L" + "9" * 128 + ",C1,5,2026-01-05,2026-02-05,12,9,bullet,0\n"}, "loans", "loan_ref", Rule.LENGTH),
    ({"loans": HEAD + "L\ufffd9,C1,5,2026-01-05,2026-02-05,12,9,bullet,0\n"}, "loans", "loan_ref", Rule.BYTES),
    ({"loans": HEAD + "L1,C7,5,2026-01-05,2026-02-05,12,9,bullet,0\n"}, "loans", "loan_ref", Rule.TWICE),
    ({"loans": HEAD.replace("method", "currency") + "L9,C1,5,2026-01-05,2026-02-05,12,9,XXX,0\n"}, "loans", "currency", Rule.CURRENCY),
    ({"loans": LATE, "adjustments": ADJUST + "L9,D1,2026-02-06,drawdown,,5,,,,\n"}, "loans", "first_due", Rule.ORDER),
    ({"loans": LATE, "adjustments": ADJUST + "L9,D1,2026-01-05,drawdown,,5,,,,\nL9,D2,2026-01-06,drawdown,,1,,,,\n"}, "loans", "principal_minor", Rule.SCHEDULE),
    ({"loans": LATE, "adjustments": ADJUST + "L9,D1,2026-01-05,drawdown,,,,,,\n"}, "loans", "adjustments", Rule.DEPENDS),
    ({"loans": FREE, "instalments": "loan_ref,due,principal_minor\nF1,2026-02-04,500\n", "adjustments": ADJUST + "F1,D1,2026-02-05,drawdown,,500,,,,\n"}, "loans", "instalments", Rule.ORDER),
    ({"loans": FREE}, "loans", "instalments", Rule.SCHEDULE),
    ({"loans": FREE, "instalments": "loan_ref,due,principal_minor\nF1,2026-02-28,499\n"}, "loans", "instalments", Rule.SCHEDULE),
    ({"loans": FREE, "instalments": "loan_ref,due,principal_minor\nF1,2026-01-28,500\n"}, "loans", "instalments", Rule.ORDER),
    ({"loans": FREE, "instalments": "loan_ref,due,principal_minor\nF1,x,500\n"}, "loans", "instalments", Rule.DEPENDS),
    ({"openings": "loan_ref,day,principal_minor\nL1,2026-02-28,5\n"}, "openings", "oldest_due", Rule.MISSING),
    ({"openings": "loan_ref,day,not_due_minor\nL1,2026-04-28,5\n"}, "openings", "day", Rule.FUTURE),
    ({"payments": PAYMENTS + "L1,P9,2026-01-04,5\n"}, "payments", "paid_on", Rule.ORDER),
    ({"payments": PAYMENTS + "L1,~P9,2026-02-04,5\n"}, "payments", "payment_ref", Rule.FORM),
    ({"payments": PAYMENTS + "L1,P1,2026-02-04,5\n"}, "payments", "loan_ref + payment_ref", Rule.TWICE),
    ({"adjustments": ADJUST + "L1,A1,2026-02-04,reversal,P77,,,,,\n"}, "adjustments", "target", Rule.UNKNOWN_TARGET),
    ({"adjustments": ADJUST + "L1,A1,2026-02-04,reversal,P1,,,,,\nL1,A2,2026-02-04,reversal,P1,,,,,\n"}, "adjustments", "target", Rule.TWICE),
    ({"adjustments": ADJUST + "L1,A1,2026-02-04,fee,,,cost,,,\n"}, "adjustments", "amount_minor", Rule.MISSING),
    ({"adjustments": ADJUST + "L1,A1,2026-02-04,fee,,5,principal,,,\n"}, "adjustments", "category", Rule.CODE),
    ({"adjustments": ADJUST + "L1,A1,2026-02-04,pause,,,,2026-02-04,dpd,\n"}, "adjustments", "until", Rule.ORDER),
    ({"adjustments": ADJUST + "L1,A1,2026-02-04,restructure,,,,,,9\n"}, "adjustments", "ref", Rule.SCHEDULE),
    ({"adjustments": ADJUST + "L1,P1,2026-02-04,acceleration,,,,,,\n"}, "adjustments", "ref", Rule.TWICE),
    ({"instalments": "loan_ref,due,set_ref\nL1,2026-04-01,NONE\n"}, "instalments", "set_ref", Rule.UNKNOWN_TARGET),
    ({"balances": "loan_ref,day,item,value\nL1,2026-03-02,dpd,1\n"}, "balances", "day", Rule.FUTURE),
    ({"parties": "loan_ref,person_ref,relation\nL1,C1,borrower\n"}, "parties", "relation", Rule.CODE),
]  # fmt: skip


@pytest.mark.parametrize(("files", "records", "field", "rule"), CASES, ids=[f"{c[1]}-{c[2]}-{c[3]}" for c in CASES])
def test_the_row_is_named_by_field_and_rule(
    tmp_path: Path, files: dict[str, str], records: str, field: str, rule: Rule
) -> None:
    tape(tmp_path, payments=PAYMENTS, **{k: v for k, v in files.items() if k not in {"loans", "payments"}})
    tape(tmp_path, loans=LOANS, **{f"{k}.2": v for k, v in files.items() if k == "loans"})
    if "payments" in files:
        tape(tmp_path, payments=files["payments"])
    found = taken(tmp_path)
    told = found.faults.filter((pl.col("records") == records) & (pl.col("rule") == str(rule)))
    assert told["field"].to_list()[:1] == [field], found.faults.select("records", "row", "field", "rule", "why")
    assert told["todo"][0] == todo(records, field, rule)
    assert {reasons.parted(one)[0] for one in told["why"]} <= set(reasons.SENTENCES), "each says why, in words"
    for count in found.counts:
        assert count.rows_in == count.accepted + count.quarantined


@pytest.mark.parametrize(
    ("paid_out", "days"),
    [("2026-01-05", [30, 30]), ("2026-01-20", [15, 30]), ("2026-02-04", [1, 30]), ("2026-02-05", [0, 30])],
)
def test_interest_of_a_first_period_counts_from_the_day_the_money_was_paid_out(
    tmp_path: Path, paid_out: str, days: list[int]
) -> None:
    """Whatever day the contract began on; a later drawdown and a loan without its own change nothing."""
    loans = (
        HEAD
        + "L9,C1,10,2026-01-05,2026-02-05,2,90000,interest_only,0\nL8,C1,9,2026-01-05,2026-02-05,2,9,interest_only,0\n"
    )
    drawn = ADJUST + f"L9,D2,2026-02-20,drawdown,,3,,,,\nL9,D1,{paid_out},drawdown,,7,,,,\n"
    found = taken(tape(tmp_path, loans=loans, adjustments=drawn))
    assert found.faults.is_empty(), found.faults
    laid = found.told["instalments"].sort("loan_key", "due").group_by("loan_key").agg("days")["days"].to_list()
    assert sorted(laid) == sorted([days, [30, 30]])


def test_a_loan_of_which_a_drawdown_was_quarantined_is_not_taken_as_if_paid_out_on_its_start(tmp_path: Path) -> None:
    rows = "L9,D1,2026-01-05,drawdown,,5,,,,\nL9,D2,2026-02-06,drawdown,,,,,,\nL1,A1,2026-02-04,fee,,5,cost,,,\n"
    found = taken(tape(tmp_path, loans=LOANS + LATE.splitlines()[1] + "\n", adjustments=ADJUST + rows))
    assert set(found.told["loans"]["loan_ref"]) == {"L1", "L2"}
    quarantined = found.faults.filter(pl.col("rule") == str(Rule.DEPENDS)).select("records", "row")
    assert sorted(quarantined.rows()) == [("adjustments", 1), ("loans", 3)]


def test_a_drawdown_that_did_not_stand_does_not_count_against_the_principal(tmp_path: Path) -> None:
    """Of a loan that comes with its history: paid out, returned, paid out again."""
    rows = "L9,D1,2026-01-05,drawdown,,5,,,,\nL9,R1,2026-01-06,reversal,D1,,,,,\nL9,D2,2026-01-20,drawdown,,5,,,,\n"
    assert taken(tape(tmp_path / "t", loans=LATE, adjustments=ADJUST + rows)).faults.is_empty()
    found = taken(tape(tmp_path / "u", loans=LATE, adjustments=ADJUST + rows + "L9,D3,2026-01-20,drawdown,,1,,,,\n"))
    assert found.faults.filter(pl.col("records") == "loans").select("why", "todo").rows() == [
        ("drawdowns add up to 6 of 5 minor units", todo("loans", "principal_minor", Rule.SCHEDULE))
    ]


def test_every_rule_says_what_to_do() -> None:
    assert set(TODO) == set(Rule)


def test_money_that_cannot_be_taken_is_told_apart_from_days_and_rates(tmp_path: Path) -> None:
    rows = "L9,C1,12k yuan,2026-01-05,2026-02-05,12,90000,bullet,0\nL8,C1,1.5,2026-13-05,2026-02-05,12,nine,bullet,0\n"
    found = taken(tape(tmp_path, loans=HEAD + rows)).faults
    said = {(field, rule): what for field, rule, what in found.select("field", "rule", "todo").iter_rows()}
    assert "(`unit: major`)" in said["principal_minor", "form"]
    assert "is it yuan?" in said["principal_minor", "whole"]
    assert "`format:`" in said["start", "form"]
    assert "`unit: percent`" in said["rate_ppm", "form"]
    assert len(set(said.values())) == len(said)


def test_what_cannot_be_read_is_in_neither_sum_and_said(tmp_path: Path) -> None:
    rows = "L9,C1,12k,2026-01-05,2026-02-05,12,90000,bullet,0\nL8,,700,2026-01-05,2026-02-05,12,90000,bullet,0\n"
    found = taken(tape(tmp_path, loans=HEAD + "L7,C1,500,2026-01-05,2026-02-05,12,90000,bullet,0\n" + rows))
    assert (found.principal_in, found.principal_accepted) == ({"CNY": 1_200}, {"CNY": 500})
    assert found.principal_unread == {"CNY": 1}


def test_a_restructure_brings_its_schedule(tmp_path: Path) -> None:
    tape(
        tmp_path,
        loans=LOANS,
        adjustments="loan_ref,ref,effective,kind,rate_ppm,capitalised\nL1,R1,2026-02-10,restructure,60000,interest fee\n",
        instalments="loan_ref,due,set_ref\nL1,2026-03-10,R1\nL1,2026-04-10,R1\n",
    )
    rows = taken(tmp_path).change.rows
    event = rows["events"].filter(pl.col("ref") == "R1").row(0, named=True)
    assert (event["amount"], event["p1"], event["p2"]) == (60_000, 0b110, 0)
    given = rows["instalments"].filter(pl.col("set_no") == event["set_no"])
    assert event["set_no"] > 0
    assert given.select("due", "days").rows() == [(date(2026, 3, 10), 30), (date(2026, 4, 10), 30)]


def test_two_references_in_one_key_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("duecourse.core.ids.loan_key", lambda _lender, ref: len(ref))
    found = taken(tape(tmp_path, loans=LOANS))
    assert found.faults["rule"].to_list() == ["collision", "collision"]


def test_check_digits() -> None:
    numbers = pl.DataFrame(
        {"n": ["11010519491231002X", "110105194912310021", "1101051949", None, "11010519491231002x"]}
    )
    assert numbers.select(checks_out(pl.col("n")))["n"].to_list() == [True, False, False, True, True]


def test_spreadsheets_are_read(tmp_path: Path) -> None:
    rows = [line.split(",") for line in LOANS.splitlines()]
    _xlsx(tmp_path / "loans.xlsx", rows)
    found = taken(tmp_path)
    assert found.faults.is_empty()
    assert found.change.rows["loans"].sort("loan_ref")["principal_minor"].to_list() == [1_200_000, 1_200_000]


def test_two_customers_in_one_id_are_refused_with_what_hangs_on_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("duecourse.core.ids.person_id", lambda _lender, ref: {"C1": 7, "C9": 7}.get(ref, 8))
    loans = HEAD + "L1,C1,5,2026-01-05,2026-02-05,12,9,bullet,0\nL2,C2,5,2026-01-05,2026-02-05,12,9,bullet,0\n"
    found = taken(
        tape(
            tmp_path,
            loans=loans,
            persons="person_ref,name\nC9,x\n",
            payments="loan_ref,payment_ref,paid_on,amount_minor\nL1,P1,2026-02-01,5\nL2,P2,2026-02-01,5\n",
        )
    )
    told = found.faults.select("records", "row", "rule").rows()
    assert told == [("loans", 1, "collision"), ("payments", 1, "depends"), ("persons", 1, "collision")]
    assert found.change.rows["loans"]["loan_ref"].to_list() == ["L2"]


def test_a_card_without_cycles_is_refused(tmp_path: Path) -> None:
    found = taken(tape(tmp_path, loans=HEAD + "K1,C1,5,2026-01-05,,,9,card,0\n"))
    assert found.faults.select("field", "rule").rows() == [("first_due", "schedule")]
    assert "cycles" in found.faults["why"][0]
    assert "principal" not in found.faults["todo"][0], "a card's instalments add up to nothing"


def test_a_card_goes_by_category_unless_the_tape_says_otherwise(tmp_path: Path) -> None:
    head = HEAD.replace("method", "method,statement_day,walk")
    rows = "K1,C1,5,2026-01-05,2026-02-05,3,9,card,20,{},0\nL7,C1,5,2026-01-05,2026-02-05,3,9,bullet,,,0\n"
    for said, walks in (("", ["by_category", "by_instalment"]), ("by_instalment", ["by_instalment", "by_instalment"])):
        made = taken(tape(tmp_path, loans=head + rows.format(said))).change.rows
        terms = made["loans"].join(made["conventions"], on="conventions", how="left").sort("loan_ref")["terms"]
        assert [json.loads(text)["walk"] for text in terms] == walks


def test_the_statement_day_of_a_card_gives_the_days_of_its_cycles(tmp_path: Path) -> None:
    """Statement on the 5th, payment on the 25th: 20 days, whatever the month. On the 31st, the month's last day."""
    head = HEAD.replace("method", "method,statement_day")
    rows = "K1,C1,0,2026-01-05,2026-01-25,3,9,card,{},0\n"
    for day, days in ((5, [20, 20, 20]), (26, [30, 30, 27]), (31, [25, 25, 25]), (25, [31, 31, 28])):
        made = taken(tape(tmp_path, loans=head + rows.format(day))).change.rows["instalments"]
        assert made.select("due", "days").rows() == list(
            zip([date(2026, month, 25) for month in (1, 2, 3)], days, strict=True)
        )
    given = "loan_ref,due,days\nK1,2026-01-25,20\nK1,2026-02-27,\n"
    made = taken(tape(tmp_path, loans=head + rows.format(6), instalments=given)).change.rows["instalments"]
    assert made["days"].to_list() == [20, 21], "days that are given count"


@pytest.mark.parametrize(
    "instalments", ["loan_ref,due,days\n", "loan_ref,due,days\nK1,2026-01-25,20\nK1,2026-02-25,\n"]
)
def test_a_card_without_its_statement_day_is_refused(tmp_path: Path, instalments: str) -> None:
    """Taken for the payment day before, each purchase would be billed on the day it was made."""
    rows = "K1,C1,0,2026-01-05,2026-01-25,3,9,card,0\nL7,C1,5,2026-01-05,2026-02-05,3,9,bullet,0\n"
    found = taken(tape(tmp_path, loans=HEAD + rows, instalments=instalments))
    assert found.faults.filter(pl.col("records") == "loans").select("row", "field", "rule").rows() == [
        (1, "statement_day", "schedule")
    ]
    assert "statement" in found.faults.filter(pl.col("records") == "loans")["todo"][0]


@pytest.mark.parametrize("kind", ["extension", "restructure", "instalment_set", "grace"])
def test_a_card_knows_no_agreement_about_instalments(tmp_path: Path, kind: str) -> None:
    found = taken(
        tape(
            tmp_path,
            loans=HEAD.replace("method", "method,statement_day") + "K1,C1,5,2026-01-05,2026-02-05,3,9,card,20,0\n",
            adjustments=f"loan_ref,ref,effective,kind,days,rate_ppm\nK1,A1,2026-02-04,{kind},3,9\n",
            instalments="loan_ref,due,set_ref\nK1,2026-04-01,A1\n" if kind in {"restructure", "instalment_set"} else "loan_ref,due\n",
        )
    )  # fmt: skip
    told = found.faults.filter(pl.col("records") == "adjustments")
    assert told.select("field", "rule", "why").rows() == [("kind", "code", f"a card knows no {kind}")]


def _xlsx(path: Path, rows: list[list[str]]) -> None:
    """A workbook with one sheet: numbers as numbers, the rest as text."""

    def cell(text: str) -> str:
        return f"<c><v>{text}</v></c>" if text.isdigit() else f'<c t="inlineStr"><is><t>{text}</t></is></c>'

    sheet = "".join(f"<row>{''.join(cell(text) for text in row)}</row>" for row in rows)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/'
        'vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override '
        'PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="明细" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w") as book:
        for name, text in parts.items():
            book.writestr(name, text)


def test_a_number_with_too_many_digits_is_out_of_range_and_a_day_is_shown(tmp_path: Path) -> None:
    rows = (
        "L8,C1,99999999999999999999,2026-01-05,2026-02-05,12,9,bullet,0\nL9,C1,5,2026-02-30,2026-02-05,12,9,bullet,0\n"
    )
    half = "L7,C1,5.5,2026-01-05,2026-02-05,12,9,bullet,0\n"
    found = taken(tape(tmp_path / "in", loans=HEAD + rows + half)).faults
    big, day, rest = (found.filter(pl.col("row") == row).row(0, named=True) for row in (1, 2, 3))
    assert (big["rule"], big["why"]) == (Rule.RANGE, "outside 0 to 10000000000000")
    assert (day["field"], day["value"]) == ("start", "2026-02-30")
    assert rest["rule"] == Rule.WHOLE


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"there is no file or folder .*nowhere"):
        intake.sources([tmp_path / "nowhere"], mappings.load(mappings.find("standard")))


def test_every_reason_is_a_sentence_that_can_be_translated() -> None:
    places = [*Path(inspect.getfile(reasons)).parent.glob("*.py"), Path(inspect.getfile(parties))]
    told = re.compile(
        r'\bwhy=f?"([^"]+)"|\bwhy = (?:pl\.format\()?"([^"]+)"|\bFinding\([^()"]*"\w+", [\w.]+, "[^"]+", f?"([^"]+)"'
    )
    found = {"".join(one) for path in places for one in told.findall(path.read_text(encoding="utf-8"))}
    assert {"missing", "neither natural nor firm", "an end of proof, but no proof"} <= found
    assert len(found) > 20
    unknown = [one for one in found if reasons.parted(re.sub(r"\{[^}]*\}", "x", one))[0] not in reasons.SENTENCES]
    assert unknown == []


def test_rows_that_clash_are_named_with_their_reference(tmp_path: Path) -> None:
    again = "L9,C1,5,2026-01-05,2026-02-05,12,9,bullet,0\n"
    loans = HEAD + again + "L9,C7,5,2026-01-05,2026-02-05,12,9,bullet,0\n" + again
    long = "".join(f"62220000000012,C{n},5,2026-01-05,2026-02-05,12,9,bullet,0\n" for n in range(9))
    found = taken(tape(tmp_path / "one", loans=loans + long)).faults
    assert set(found.filter(pl.col("row") <= 3).select("value", "why").rows()) == {
        ("L9", "rows with this key that say different things: 1, 2, 3")
    }
    assert set(found.filter(pl.col("row") > 3).select("value", "why").rows()) == {
        ("***12", "rows with this key that say different things: 4, 5, 6, 7, 8, 9, 10, 11, …")
    }


def test_a_day_of_birth_that_is_a_number_is_no_amount(tmp_path: Path) -> None:
    persons = "person_ref,birth\nC1,13800138000\nC2,99999999999999999999\n"
    found = taken(tape(tmp_path / "in", loans=LOANS, persons=persons)).faults
    assert found.select("row", "field", "rule", "why").rows() == [
        (1, "birth", "form", "cannot be read as day"), (2, "birth", "form", "cannot be read as day"),
    ]  # fmt: skip
    assert all("2026-03-31" in todo for todo in found["todo"])


def test_a_row_whose_key_another_row_has_that_could_not_be_read_is_not_taken(tmp_path: Path) -> None:
    loans = HEAD + "L9,C1,5,2026-01-05,2026-02-05,12,9,bullet,0\n" + "L9,C7,5,2026-01-05,2026-02-05,12,x,bullet,0\n"
    folder = tape(tmp_path / "in", loans=loans, payments=PAYMENTS + "L2,P2,2026-02-28,x\n" + "L2,,2026-02-28,x\n" * 2)
    found = taken(folder)
    assert found.faults.filter(rule=Rule.TWICE).select("file", "row", "value", "why").rows() == [
        ("loans.csv", 1, "L9", "a row with this key is quarantined: 2"),
        ("payments.csv", 2, "L2 + P2", "a row with this key is quarantined: 3"),
    ]


def test_rows_that_clash_name_their_files_where_there_are_several(tmp_path: Path) -> None:
    folder = tape(tmp_path / "in", loans=LOANS, payments=PAYMENTS)
    (folder / "payments.2.csv").write_text(PAYMENTS.replace("5000\n", "5001\n"), encoding="utf-8")
    found = taken(folder).faults.select("file", "row", "value", "why").rows()
    apart = "rows with this key that say different things: payments.2.csv:2, payments.csv:2"
    assert sorted(found) == [
        ("payments.2.csv", 2, "L2 + P2", apart),
        ("payments.csv", 1, "L1 + P1", "the same row stands before: payments.2.csv:1"),
        ("payments.csv", 2, "L2 + P2", apart),
    ]


def test_a_reference_that_is_used_again_names_the_row_that_has_it(tmp_path: Path) -> None:
    rows = "L1,P1,2026-02-04,acceleration,,,,,,\nL2,A1,2026-02-27,reversal,P2,,,,,\nL2,A2,2026-02-27,reversal,P2,,,,,\n"
    folder = tape(tmp_path / "in", loans=LOANS, payments=PAYMENTS, adjustments=ADJUST + rows)
    assert taken(folder).faults.select("row", "value", "why").rows() == [
        (1, "P1", "a payment of the loan has this reference: payments.csv:1"),
        (3, "P2", "another row reverses it: 2"),
    ]
