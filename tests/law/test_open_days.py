"""On which days a jurisdiction is open at all, and whose word closes it on the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from duecourse.law import wording
from duecourse.law.decide import decide, next_open
from duecourse.law.pack import load_packs
from duecourse.law.rulebook import rulebook
from tests.law.quiet import QUIET


def test_an_unknown_jurisdiction_refuses_everything() -> None:
    decision = decide(rulebook(jurisdiction="XX"), QUIET)
    assert [finding.rule.id for finding in decision.refusals] == ["law.closed"]
    assert next_open(rulebook(jurisdiction="XX"), QUIET, datetime(2026, 3, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize("jurisdiction", ["CN", "EU", "HK", "IN", "UK", "US"])
def test_before_the_first_day_of_its_matrix_a_jurisdiction_is_closed(jurisdiction: str) -> None:
    book = rulebook(jurisdiction=jurisdiction)
    matrices = {id_ for pack in book.packs for id_ in pack.matrix}
    first = min(one.start for rule in book.rules if rule.id in matrices for one in rule.versions)
    for day, closed in ((first - timedelta(days=1), True), (date(1900, 1, 1), True), (first, False)):
        facts = {**QUIET, "on": day, "relation": "employer", "purpose": "collect"}
        refusals = [finding.rule.id for finding in decide(book, facts).refusals]
        assert ("law.closed" in refusals) is closed, day
        assert refusals, "an employer is never asked to pay"
        assert [one.rule.id for one in decide(book, facts, passing=False).refusals] == refusals


@pytest.mark.parametrize(
    ("day", "instrument", "of"),
    [(date(2023, 3, 1), "duecourse", "_before"), (date(2025, 2, 27), "duecourse", "_before"),
     (date(2025, 2, 28), "GB/T 45251-2025", "")],
)  # fmt: skip
def test_a_contact_person_is_let_alone_before_the_standard_too_and_it_is_not_cited(
    day: date, instrument: str, of: str
) -> None:
    facts = {
        **QUIET, "on": day, "relation": "contact_person", "purpose": "collect", "named_by_debtor": False,
        "debtor_unreachable": False, "contact_person_refused": True, "mentions_debt": True,
    }  # fmt: skip
    said = {one.rule.id: one.rule.source for one in decide(rulebook(), facts).refusals}
    for rule in ("matrix", *(f"party.third_person_{word}" for word in ("named", "silence", "stop", "when"))):
        assert said[f"cn.{rule}{of}"].instrument == instrument
    assert {one.instrument for one in said.values() if one.instrument.startswith("GB/T")} <= {instrument}


def test_a_matrix_with_an_end_leaves_its_jurisdiction_closed_after_it() -> None:
    (cn,) = (pack for pack in load_packs() if pack.id == "cn")
    (matrix,) = (rule for rule in cn.rules if rule.id == "cn.matrix")
    ended = replace(matrix, versions=(replace(matrix.versions[0], end=date(2026, 1, 1)),))
    later = replace(matrix, versions=(replace(matrix.versions[0], start=date(2027, 1, 1)),), id="cn.matrix")
    for rules, open_days, closed_days in (
        ((ended,), (date(2025, 12, 31),), (date(2026, 1, 1), date(2030, 1, 1))),
        ((later,), (date(2027, 1, 1),), (date(2026, 3, 1), date(2026, 12, 31))),
    ):
        book = rulebook([replace(cn, rules=rules)])
        for days, allowed in ((open_days, True), (closed_days, False)):
            assert [decide(book, {**QUIET, "on": day}).allowed for day in days] == [allowed] * len(days)


def test_a_closed_gate_is_the_first_reason_of_many() -> None:
    decision = decide(rulebook(jurisdiction="XX"), {**QUIET, "hold_dispute": True, "template_approved": False})
    assert decision.refusals[0].rule.id == "law.closed"
    assert len(decision.refusals) > 2
    assert "No pack is in force" in wording.sentence(decision, "en").partition(";")[0]
