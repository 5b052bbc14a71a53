"""A story line that cannot be read is named with file, line, what was found and what may stand there."""

from __future__ import annotations

from pathlib import Path

import pytest

from duecourse.core.contract import Terms
from duecourse.core.events import Kind
from duecourse.core.story import mismatches, parse_stories
from duecourse.core.story.case import COUNTS, DAYS, MONEY, NAMES
from duecourse.core.story.contracts import OPTIONS, PERIODS
from duecourse.core.story.happenings import VERBS
from duecourse.core.story.lines import OTHER_VERBS

LOAN = "2026-01-05 loan L1 12,000.00 CNY 12 monthly 9.0% equal_instalment"


def _fault(*lines: str) -> str:
    _, faults = parse_stories("\n".join(lines), name="a.story")
    assert len(faults) == 1, [str(fault) for fault in faults]
    return str(faults[0])


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("2026-13-05 pay L1 1.00", "2026-13-05 is not in the calendar"),
        ("5.1.2026 pay L1 1.00", "'5.1.2026' is not a day; days look like 2026-03-01"),
        ("20260105 pay L1 1.00", "'20260105' is not a day; days look like 2026-03-01"),
        ("2026-02-05 paay L1 1.00", "'paay' is not a verb; it is one of: loan, card, debt"),
        ("2026-02-05 pay", "the line ends where a loan's name is expected"),
        ("2026-02-05 pay L2 1.00", "no loan or card L2 in this case"),
        ("2026-02-05 pay L1", "the line ends where an amount is expected"),
        ("2026-02-05 pay L1 1.0", "'1.0' is not an amount of CNY; amounts look like 1,234.55"),
        ("2026-02-05 pay L1 1000,00.00", "'1000,00.00' is not an amount of CNY"),
        ("2026-02-05 pay L1 -1.00", "'-1.00' is not an amount of CNY"),
        ("2026-02-05 pay L1 1.00 please", "'please' is not expected here"),
        ("2026-02-05 rate L1 6", "'6' is not a rate; rates look like 13.5%"),
        ("2026-02-05 pause L1 everything", "'everything' is not what is paused; it is one of: interest, penalty, dpd"),
        ("2026-02-05 waive L1 kindness 1.00", "'kindness' is not a category; it is one of: cost, fee, interest"),
        ("2026-02-05 prepay L1 1.00 rate", "'rate' is not what gets less: term or instalment"),
        ("2026-02-05 extend L1 1 years", "'years' is not months or days"),
        ("2026-02-05 grace L1 three", "'three' is not a whole number"),
        ("2026-02-05 restructure L1 6.0% 6 weekly", "a new schedule keeps the contract's period"),
        ("2026-02-05 expect L1", "nothing is expected; one of: dpd, plan-dpd, due"),
        ("2026-02-05 expect L1 joy 1.00", "'joy' is not what may be expected"),
        ("2026-02-05 loan L1 1.00 CNY 1 monthly bullet", "L1 is there already"),
        ("2026-02-05 loan L2 1.00 XXX 1 monthly bullet", "'XXX' is not a currency"),
        ("2026-02-05 loan L2 1.00 CNY bullet", "a loan needs a count of periods (12 monthly) or rows"),
        ("2026-02-05 loan L2 1.00 CNY 12 monthly", "the repayment method is missing"),
        ("2026-02-05 loan L2 1.00 CNY 12 moonly bullet", "'moonly' is not a period"),
        ("2026-02-05 loan L2 1.00 CNY 1 monthly bullet 95%", "rate_ppm: 950000 is outside 0 to 900000 ppm a year"),
        ("2026-02-05 loan L2 1.00 CNY 1 monthly bullet order fee", "order: an order names each of the six categories"),
        ("2026-02-05 share 1.00 CNY -> L9 1.00 left 0.00", "'L9' is not a debt of this case"),
    ],
)
def test_a_line_that_cannot_be_read(line: str, says: str) -> None:
    said = _fault("# a comment", "== a case", LOAN, line)
    assert said.startswith(f"a.story:4: {says}"), said


def test_a_reference_is_given_once() -> None:
    said = _fault(LOAN, "2026-02-05 pay L1 1.00 ref P", "2026-02-06 pay L1 1.00 ref P")
    assert said == "a.story:3: the reference 'P' is taken by an earlier line"


def test_a_fault_of_a_continued_line_names_its_first_line() -> None:
    assert _fault("", "2026-01-05 loan L1 1.00 CNY", "   1 monthly", "   bulllet").startswith("a.story:2: 'bulllet'")


def test_the_other_lines_of_a_file_are_read() -> None:
    cases, faults = parse_stories(f"{LOAN}\nnonsense\n2026-02-05 expect L1 due 1,049.42\n", name="a.story")
    assert [fault.line for fault in faults] == [2]
    assert [case.title for case in cases] == ["a.story"]
    assert mismatches(cases[0]) == []


def test_what_differs_is_named_with_both_figures() -> None:
    text = f"== a case\n{LOAN}\n2026-03-01 expect L1 dpd 24 due 1.00 stage M2 next-due none\n"
    cases, _ = parse_stories(text, name="a.story")
    assert [str(mismatch) for mismatch in mismatches(cases[0])] == [
        "a.story:3: L1 due: expected 1.00, is 1,049.42",
        "a.story:3: L1 stage: expected M2, is M1",
        "a.story:3: L1 next-due: expected none, is 2026-03-05",
    ]


def test_a_reversal_without_its_payment_is_told() -> None:
    text = f"{LOAN}\n2026-02-06 reverse L1 P\n2026-02-06 expect L1 due 0.00\n2026-02-05 expect L1 refused\n"
    cases, _ = parse_stories(text, name="a.story")
    found = [str(mismatch) for mismatch in mismatches(cases[0])]
    assert found[0].startswith("a.story:3: L1 cannot be reckoned: reversal line 0002 names 'P'")
    assert found[1] == "a.story:4: L1 was to be refused, but is reckoned"


def test_a_share_that_differs_is_told() -> None:
    text = (
        "2026-03-01 debt A CNY due 5.00 not-due 0.00 unsecured 6% since 2026-01-05\n"
        "2026-03-01 share 7.00 CNY -> A 4.00 left 1.00\n2026-03-01 share 7.00 CNY -> left 7.00\n"
    )
    cases, _ = parse_stories(text, name="a.story")
    assert [str(mismatch) for mismatch in mismatches(cases[0])] == [
        "a.story:2: A was to take 4.00, takes 5.00",
        "a.story:2: 1.00 was to be left, 2.00 is",
        "a.story:3: A was to take 0.00, takes 5.00",
        "a.story:3: 7.00 was to be left, 2.00 is",
    ]


def test_every_convention_can_be_told() -> None:
    said_otherwise = {"method", "rate_ppm", "currency", "period_months", "period_days"}
    assert {name for name, _ in OPTIONS.values()} | said_otherwise == set(Terms.__dataclass_fields__)


def test_every_kind_of_event_can_be_told() -> None:
    made_by_the_engine = {Kind.PAUSE_END, Kind.BOUNCE}
    assert {kind for kind, _ in VERBS.values()} | made_by_the_engine == set(Kind)


def test_every_word_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "stories.md").read_text(encoding="utf-8")
    words = [*OTHER_VERBS, *VERBS, *OPTIONS, *PERIODS, *COUNTS, *MONEY, *DAYS, *NAMES, "week", "refused"]
    assert [word for word in words if f"`{word}" not in page and f" {word} " not in page] == []
