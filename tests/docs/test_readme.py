"""The two READMEs say the same, and what they show of the program is what it prints."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from duecourse.book.tape import mapping, patch
from duecourse.book.tape.intake import sources
from duecourse.cli import words
from duecourse.cli.loan import print_loan
from duecourse.cli.main import main
from duecourse.core.delinquency import due_in_a_week, explained
from duecourse.core.events import Kind
from duecourse.core.reading import stage
from duecourse.core.story import mismatches, parse_stories
from duecourse.law.templates import load_register
from duecourse.locale import Language
from duecourse.storage.migrate import FILES
from tests.stories.arithmetic import claims

ROOT = Path(__file__).parents[2]
README = {Language.EN: ROOT / "README.md", Language.ZH: ROOT / "README.zh-CN.md"}
EXAMPLES = ROOT / "docs" / "examples"

BLOCKS = re.compile(
    r"^    \$ \.venv/bin/duecourse (law explain [^\n]+)\n\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
LINK = re.compile(r"\]\(((?!README)[^)\s]+)\)")

LOAN = """
== The loan that README explains: 12 % over 365 days, the level from the actual days, default interest 18 %
2026-04-09  loan    L1  12,300.00 CNY  18 monthly  12.0%  equal_instalment  first-due 2026-05-05
                        day-count act/365  level-from actual  penalty 18.0%
# 12,300.00 x 12% x 26 / 365 = 105.14
2026-05-05  pay     L1  749.19
# 11,655.95 x 12% x 31 / 365 = 118.79
2026-06-06  expect  L1  dpd 1
# 630.40 x 18% x 13 / 365 = 4.04
# 11,025.55 x 12% x 13 / 365 = 47.12
2026-06-18  expect  L1  dpd 13  stage M1  due 753.23  principal 630.40  interest 118.79  penalty 4.04
                        week 755.41  not-due 11,025.55  accrued 47.12  settle 11,825.90
"""


def text(language: Language) -> str:
    return README[language].read_text(encoding="utf-8")


def commands(page: str) -> list[str]:
    """The lines of code that a reader types, without their comments."""
    lines = [line.split(" # ")[0].strip() for line in page.splitlines() if line.startswith("    ")]
    return [line for line in lines if re.match(r"\$ |make |duecourse |export |CREATE |GRANT ", line)]


def headings(page: str) -> list[str]:
    return [line.split(" ")[0] for line in page.splitlines() if line.startswith("#")]


@pytest.fixture
def in_english() -> Iterator[None]:
    yield
    words.use(Language.EN)


def test_both_have_the_same_headings_commands_and_links() -> None:
    english, chinese = text(Language.EN), text(Language.ZH)
    assert headings(english) == headings(chinese)
    assert commands(english) == commands(chinese)
    assert sorted(LINK.findall(english)) == sorted(LINK.findall(chinese))
    assert english.count("\n|") == chinese.count("\n|")


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize("language", Language)
def test_the_refusal_is_as_printed(
    language: Language, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = BLOCKS.findall(text(language))
    assert shown, "README shows a refusal, and the command before it"
    for line, output in shown:
        monkeypatch.setattr(sys, "argv", ["duecourse", "--lang", language, *line.split()])
        with pytest.raises(SystemExit):
            main()
        assert capsys.readouterr().out.startswith(output), "copy it anew from the program"


def test_the_loan_is_as_explained() -> None:
    cases, faults = parse_stories(LOAN, name="README.md")
    assert not [str(fault) for fault in faults]
    assert not [str(mismatch) for case in cases for mismatch in mismatches(case)]
    sums = list(claims(LOAN))
    assert sums
    assert not [found for found in sums if not found.holds]
    for page in README.values():
        shown = page.read_text(encoding="utf-8")
        for figure in ("753.23", "630.40", "118.79", "4.04"):
            assert figure in shown


def test_the_files_of_the_walk_fit_each_other() -> None:
    read = mapping.load(EXAMPLES / "lender.yaml")
    files = sources([EXAMPLES / "tape"], read)
    assert len(files) == len(read.tables)
    patch.load(EXAMPLES / "patch.csv").check(files)


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("language", "first", "after"),
    [(Language.EN, "Derivation (CNY)", "To settle (CNY)"), (Language.ZH, "推导（CNY）", "结清金额（CNY）")],
)
def test_the_derivation_is_as_printed(
    language: Language, first: str, after: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The loan of the story above, printed by the command's own hand; only the sums of the lines are left out."""
    cases, _ = parse_stories(LOAN, name="README")
    refs = {Kind.PAYMENT: "L0026902-001", Kind.DRAWDOWN: "~drawdown"}
    loan = cases[0].loans["L1"]
    loan = replace(loan, events=tuple(replace(event, ref=refs[event.kind]) for event in loan.events))
    day, known = date(2026, 6, 18), datetime(2027, 1, 1, tzinfo=UTC)
    reading, trace = explained(loan, day, known=known)
    words.use(language)
    monkeypatch.setenv("COLUMNS", "80")
    print_loan({
        "loan": "L0026902", "day": day, "currency": "CNY", "reading": reading, "stage": stage(reading.dpd),
        "class_rules": [], "due_in_week": due_in_a_week(loan, day, known=known), "lines": trace.lines,
        "totals": trace.totals(), "words": "",
    })  # fmt: skip
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines() if line.strip()]
    page = text(language)
    shown = [line for line in page[page.index(first) : page.index("```", page.index(first))].splitlines() if line]
    derived, settled = shown[: shown.index(after)], shown[shown.index(after) :]
    at = printed.index(first)
    assert derived == printed[at : at + len(derived)]
    assert settled == printed[printed.index(after) :]


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "docs/getting-started.md", "docs/storage.md"])
def test_every_role_that_migrations_make_can_be_made_by_an_administrator(name: str) -> None:
    sql = "".join(path.read_text(encoding="utf-8") for path in FILES.glob("*.sql"))
    roles = set(re.findall(r"CREATE ROLE (\w+)", sql))
    assert len(roles) == 2
    text = (ROOT / name).read_text(encoding="utf-8")
    for role in roles:
        assert f"CREATE ROLE {role} NOLOGIN NOBYPASSRLS;" in text
        assert re.search(rf"GRANT {role} TO ", text)


@pytest.mark.parametrize("language", list(README))
def test_the_templates_that_are_shown_have_the_version_of_the_register(language: Language) -> None:
    shown = re.findall(r"(?:template|模板) ([a-z0-9_.]+) v(\d+)", text(language))
    register = load_register(jurisdiction="CN")
    assert shown, "a case with its proposals is shown"
    assert shown == [(name, str(register[name].version)) for name, _ in shown]
