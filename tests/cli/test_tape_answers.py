"""What importing says of files and tables that did not meet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from duecourse.app import open_desk, settings
from duecourse.book.tape.reasons import said
from duecourse.cli import words
from duecourse.locale import Language
from duecourse.trouble import Exit
from tests.conftest import Program
from tests.desk import enter
from tests.tapes import LOANS, PAYMENTS, tape

MAPPING = """mapping: own
zone: Asia/Shanghai
currency: CNY
tables:
  - {records: loans, file: loans}
  - {records: payments, file: repaid*.csv}
"""


@pytest.fixture
def lender(home: Path) -> Iterator[None]:
    with open_desk(settings({"DUECOURSE_HOME": str(home)}), lender_needed=False) as desk:
        enter(desk.database)
        yield


@pytest.mark.usefixtures("lender")
def test_files_and_tables_that_did_not_meet_are_named(duecourse: Program, tmp_path: Path) -> None:
    folder = tape(tmp_path / "in", loans=LOANS, payments=PAYMENTS)
    for paper in ("README.md", "LICENSE", "readme.txt", "lender.yaml"):
        (folder / paper).write_text("about the tape\n", encoding="utf-8")
    mapping = tmp_path / "own.yaml"
    mapping.write_text(MAPPING, encoding="utf-8")
    for more in (["--check"], []):
        done = duecourse("book", "import", *more, "-m", str(mapping), str(folder))
        assert done.returncode == Exit.FOUND, done.stderr
        assert "No table of the mapping takes payments.csv, so it was left alone." in done.stderr
        assert done.stderr.count("was left alone") == 1
        assert "The table payments: repaid*.csv of the mapping found no file" in done.stderr
    said = json.loads(duecourse("book", "import", "--check", "-m", str(mapping), str(folder), "--json").stdout)
    assert said["files_not_taken"] == ["payments.csv"]
    assert said["tables_without_a_file"] == ["payments: repaid*.csv"]
    named = duecourse("book", "import", "--check", "-m", str(mapping), str(folder / "loans.csv"))
    assert named.returncode == Exit.OK, "who names a file misses no other"
    standard = duecourse("book", "import", "--check", str(folder))
    assert standard.returncode == Exit.OK, "kinds of records of the standard layout may be left out"


@pytest.mark.usefixtures("lender")
def test_why_a_row_is_wrong_is_said_in_chinese_to_the_last_word(duecourse: Program, tmp_path: Path) -> None:
    points = "person_ref,kind,value\nC1,phone,12\nC1,email,a@b.cn\nC2,app,mine\nC9,phone,15412345678\n"
    persons = "person_ref,name,id_kind,id_number\nC1,演示甲,resident_id,1\n"
    wrong = "X1,C1,x,2026-13-05,2026-02-05,some,a lot,bullet,0\n"
    folder = tape(tmp_path / "in", loans=LOANS + wrong, persons=persons, contact_points=points)
    faults = json.loads(duecourse("book", "import", "--check", str(folder), "--json").stdout)["faults"]
    words.use(Language.ZH)
    try:
        told = {fault["why"]: said(fault["why"], words._) for fault in faults}
    finally:
        words.use(Language.EN)
    assert len(told) > 6
    codes = re.compile(r"known: .*|\b(demo|Demo|DEMO|xxx|xxxx|CN|invalid|first_due|instalment_count|99xxxx)\b")
    assert {why: left for why in told if (left := re.findall(r"[A-Za-z]{2,}", codes.sub("", told[why])))} == {}


@pytest.mark.usefixtures("lender")
def test_faults_that_are_not_shown_are_said_to_be_in_the_json(duecourse: Program, tmp_path: Path) -> None:
    wrong = "".join(f"X{n},C1,x,2026-01-05,2026-02-05,12,90000,bullet,0\n" for n in range(25))
    folder = tape(tmp_path / "in", loans=LOANS + wrong)
    done = duecourse("book", "import", "--check", str(folder))
    assert done.returncode == Exit.FOUND
    assert "With --json all 25 faults are printed." in done.stderr
    assert len(json.loads(duecourse("book", "import", "--check", str(folder), "--json").stdout)["faults"]) == 25


@pytest.mark.usefixtures("lender")
def test_a_currency_that_nobody_knows_costs_its_row_alone(duecourse: Program, tmp_path: Path) -> None:
    head, first, second = LOANS.splitlines()
    folder = tape(tmp_path / "in", loans=f"{head},currency\n{first},CNY\n{second},XXX\n", payments=PAYMENTS)
    for more in (["--check"], []):
        done = duecourse("book", "import", *more, str(folder), COLUMNS="300")
        assert done.returncode == Exit.FOUND, done.stderr
        assert "which are in none of these sums: 1." in done.stderr
        assert "Rows not taken (faults shown: 2 of 2)" in done.stdout
    told = json.loads(duecourse("book", "import", "--check", str(folder), "--json").stdout)
    faults = [tuple(fault[name] for name in ("file", "row", "field", "rule")) for fault in told["faults"]]
    assert faults == [("loans.csv", 2, "currency", "currency"), ("payments.csv", 2, "loan_ref", "depends")]
    assert json.loads(duecourse("book", "show", "--json").stdout)["version"] == 1, "the rest is imported"


@pytest.mark.usefixtures("lender")
def test_what_is_taken_and_may_be_meant_otherwise_is_said(duecourse: Program, tmp_path: Path) -> None:
    loans = LOANS.replace("penalty_ppm", "penalty_pmm,wibble,note").replace("135000\n", "135000,1,2\n")
    loans = loans.replace("C2,1200000", "C2,0")
    persons = "person_ref,name\nC1,演示甲\n"
    folder = tape(tmp_path / "in", loans=loans, persons=persons)
    told = json.loads(duecourse("book", "import", "--check", str(folder), "--json").stdout)
    assert told["columns_not_read"] == [
        {"file": "loans.csv", "column": "penalty_pmm", "near": "penalty_ppm"},
        {"file": "loans.csv", "column": "wibble", "near": None},
        {"file": "loans.csv", "column": "note", "near": None},
    ]
    assert (told["loans_of_nothing"], told["loans_of_nothing_count"]) == ([{"file": "loans.csv", "row": 2}], 1)
    assert told["loans_by_number"] == 1, "C2 is nobody's number"
    assert told["rates_ppm"] == [90_000, 90_000]
    for language, parts in (
        ("en", ("penalty_pmm of loans.csv is read by nothing. Did you mean penalty_ppm?", "reads: wibble, note.",
                "principal is 0: 1; the first is row 2 of loans.csv", "known by number alone: 1.",
                "reads them: 9 % to 9 %.")),
        ("zh", ("列 penalty_pmm 未被读取。是否指 penalty_ppm？", "未被读取的列：wibble、note。",
                "本金为 0 的借据：1 笔", "借款人只有客户号的借据：1 笔。", "合同年利率：9 % 至 9 %。")),
    ):  # fmt: skip
        done = duecourse("--lang", language, "book", "import", "--check", str(folder), COLUMNS="300")
        assert done.returncode == Exit.OK, "a doubt is no fault"
        for part in parts:
            assert part in done.stderr
    silent = duecourse("book", "import", "--check", str(tape(tmp_path / "all", loans=LOANS, persons=persons)))
    assert "nothing reads" not in silent.stderr + silent.stdout


@pytest.mark.usefixtures("lender")
def test_a_borrower_whom_the_desk_knows_is_not_known_by_number_alone(duecourse: Program, tmp_path: Path) -> None:
    def by_number(folder: Path, *more: str) -> int:
        return int(json.loads(duecourse("book", "import", *more, str(folder), "--json").stdout)["loans_by_number"])

    points = "person_ref,kind,value\nC2,app,demo-2\n"
    assert by_number(tape(tmp_path / "a", persons="person_ref,name\nC1,演示甲\n", contact_points=points)) == 0
    loans = tape(tmp_path / "b", loans=LOANS + LOANS.splitlines()[1].replace("L1,C1", "L3,C3") + "\n")
    assert by_number(loans, "--check") == by_number(loans) == 1, "C1 has a name, C2 a contact point, C3 neither"
    changed = tape(tmp_path / "c", loans=(loans / "loans.csv").read_text(encoding="utf-8").replace("90000", "80000"))
    assert by_number(changed, "--check") == 1, "a number that the desk has is still a number"


@pytest.mark.usefixtures("lender")
def test_terms_that_change_are_named_with_what_they_were(duecourse: Program, tmp_path: Path) -> None:
    duecourse("book", "import", str(tape(tmp_path / "a", loans=LOANS)))
    again = tape(
        tmp_path / "b", loans=LOANS.replace("12,90000,equal_i", "12,85000,equal_i").replace("C2,1200000", "C2,1300000")
    )
    told = json.loads(duecourse("book", "import", "--check", str(again), "--json").stdout)
    assert told["terms_changed"] == 2
    assert told["terms"][0] == {
        "loan_ref": "L1", "currency": "CNY", "field": "rate_ppm", "was": "90000", "now": "85000",
    }  # fmt: skip
    for asked in (["--check"], []):
        done = duecourse("book", "import", *asked, str(again), COLUMNS="200")
        assert "(terms shown: 2; loans: 2)" in done.stdout
        assert re.search(r"L1 +rate_ppm +9 % +8\.5 %", done.stdout)
        assert re.search(r"L2 +principal_minor +12,000\.00 +13,000\.00", done.stdout)
        assert "is reckoned anew" in done.stderr
    same = tape(tmp_path / "c", loans=(again / "loans.csv").read_text(encoding="utf-8") + "\n")
    assert "standing loans" not in duecourse("book", "import", str(same)).stdout


@pytest.mark.usefixtures("lender")
def test_the_card_of_the_documentation_has_the_statements_that_it_says(duecourse: Program, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "tape.md").read_text(encoding="utf-8")
    example = page.split("### A card, by example")[1].split("\n## ")[0]
    files = dict(re.findall(r"^    (\w+)\.csv\n((?:    .*\n)+)", example, re.MULTILINE))
    files = {name: text.replace("    ", "") for name, text in files.items()}
    assert set(files) == {"loans", "adjustments", "instalments"}
    given = files.pop("instalments")

    def due(as_of: str) -> list[int]:
        told = json.loads(duecourse("loan", "explain", "K1", "--as-of", as_of, "--json").stdout)
        return [told["due"], told["reading"]["dpd"]]

    assert duecourse("book", "import", str(tape(tmp_path / "a", **files))).returncode == Exit.OK
    assert [due(day) for day in ("2026-02-04", "2026-02-05", "2026-02-25", "2026-02-26")] == [
        [0, 0], [10_000, 0], [10_000, 0], [10_000, 1],
    ]  # fmt: skip
    other = files["loans"].replace("instalment_count,statement_day,", "").replace("2026-01-25,12,5,", "2026-01-25,")
    named = tape(tmp_path / "b", loans=other.replace("K1", "K2"), instalments=given.replace("K1", "K2"))
    assert json.loads(duecourse("book", "import", str(named), "--json").stdout)["quarantined"] == 0


@pytest.mark.usefixtures("lender")
def test_the_engine_is_said_to_be_compiled_only_where_a_tape_has_figures_to_compare(
    duecourse: Program, tmp_path: Path
) -> None:
    cold = tmp_path / "machine_code"
    plain = tape(tmp_path / "a", loans=LOANS, payments=PAYMENTS)
    done = duecourse("book", "import", str(plain), NUMBA_CACHE_DIR=str(cold))
    assert "compiled" not in done.stderr
    assert {path.name.split(".")[0] for path in cold.rglob("*.nbc")} <= {"rowhash"}, "rows are hashed, no loan is read"
    stated = tape(tmp_path / "b", balances="loan_ref,day,item,value\n")
    done = duecourse("book", "import", str(stated), NUMBA_CACHE_DIR=str(cold))
    assert "The engine is being compiled" in done.stderr
