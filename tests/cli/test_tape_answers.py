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
    mapping = tmp_path / "own.yaml"
    mapping.write_text(MAPPING, encoding="utf-8")
    for more in (["--check"], []):
        done = duecourse("book", "import", *more, "-m", str(mapping), str(folder))
        assert done.returncode == Exit.FOUND, done.stderr
        assert "payments.csv is taken by no table of the mapping" in done.stderr
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
