"""What other packs would change: held against asking each contact of both rulebooks, one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from duecourse.law.decide import decide
from duecourse.law.diff import RECORDED, Change, Difference, Edit, as_of, compare, edits, recall
from duecourse.law.facts import FACTS
from duecourse.law.ordinary import ORDINARY, ordinary_text
from duecourse.law.pack import load_packs
from duecourse.law.referee import random_facts
from duecourse.law.rulebook import Rulebook, rulebook
from duecourse.law.turns import Turns

BOOK = rulebook()
LOOSE = rulebook(without=["cn-cba-2026"])
DAY = date(2026, 3, 2)


def quiet(**facts: object) -> dict[str, object]:
    """An ordinary reminder that every shipped pack allows, but for what is said."""
    return {
        **ORDINARY, **ordinary_text("collect"), "purpose": "collect", "channel": "call", "relation": "borrower",
        "on": DAY, "second_local": 10 * 3600, **facts,
    }  # fmt: skip


def frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None)


def one_by_one(before: Rulebook, after: Rulebook, rows: pl.DataFrame) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in rows.iter_rows(named=True):
        facts = {name: value for name, value in row.items() if name in FACTS}
        old, new = ({one.rule.id for one in decide(book, facts).refusals} for book in (before, after))
        found["contacts"] += 1
        found["allowed_before"] += not old
        found["allowed_after"] += not new
        if not old and new:
            found["stopped"] += 1
        elif old and not new:
            found["opened"] += 1
        elif old != new:
            found["reasons"] += 1
    return found


def sums(found: Difference) -> Mapping[str, int]:
    names = ("contacts", "allowed_before", "allowed_after", "stopped", "opened", "reasons")
    return {name: getattr(found, name) for name in names if getattr(found, name)}


@pytest.mark.parametrize(
    ("before", "after"),
    [(LOOSE, BOOK), (BOOK, LOOSE), (as_of(BOOK, date(2025, 2, 27)), as_of(BOOK, DAY)), (BOOK, BOOK)],
    ids=["more", "less", "two days", "same"],
)
def test_counts_are_those_of_asking_one_by_one(before: Rulebook, after: Rulebook) -> None:
    drawn = random_facts(BOOK, 700, 3)
    whole_day = frame([quiet(second_local=second) for second in range(0, 86_400, 700)])
    known = [name for name in drawn.columns if name in whole_day.columns]
    rows = pl.concat([drawn, whole_day.select(pl.col(name).cast(drawn[name].dtype) for name in known)], how="diagonal")
    found = compare(before, after, [rows.head(300), rows.slice(300)])
    assert sums(found) == {name: n for name, n in one_by_one(before, after, rows).items() if n}
    assert found.none is (before is after)


def test_a_removed_pack_is_told_rule_by_rule() -> None:
    found = compare(BOOK, LOOSE, [frame([quiet(unanswered_attempts_number_day=9), quiet()])])
    assert (found.opened, found.stopped, found.contacts) == (1, 0, 2)
    (rule,) = [one for one in found.rules if one.opened]
    assert (rule.rule, rule.edit, rule.refused_before, rule.opened_alone) == (
        "cn_cba_2026.contact.attempts", Edit.REMOVED, 1, 1,
    )  # fmt: skip
    (changed,) = found.changed
    assert changed.change is Change.OPENED
    assert changed.before == ("cn_cba_2026.contact.attempts",)
    assert changed.facts["unanswered_attempts_number_day"] == 9


def test_a_changed_number_is_told_with_what_changed(tmp_path: Path) -> None:
    packs = Path(__file__).parents[2] / "src/duecourse/law/packs/cn"
    for file in packs.rglob("*.yaml"):
        there = tmp_path / "cn" / file.relative_to(packs)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_text(file.read_text(encoding="utf-8").replace("calls_max: 3", "calls_max: 2"), encoding="utf-8")
    after = rulebook((*(one for one in load_packs() if one.id != "cn"), *load_packs(tmp_path)))
    assert edits(BOOK, after) == {"cn.contact.connected_calls": ("values",)}
    found = compare(BOOK, after, [frame([quiet(connected_calls_person_day=n) for n in range(4)])])
    assert (found.stopped, found.allowed_before, found.allowed_after) == (1, 3, 2)
    assert found.rules[0].edit is Edit.CHANGED
    assert (found.rules[0].refused_before, found.rules[0].refused_after, found.rules[0].stopped_alone) == (1, 2, 1)


def test_as_of_a_day_every_day_is_that_day() -> None:
    early = as_of(BOOK, date(2025, 2, 27))
    night = quiet(second_local=23 * 3600)
    assert decide(LOOSE, night).allowed is False
    assert "cn.contact.window" not in {judge.rule.id for judge in early.gate}
    assert all(len(rule.versions) == 1 for rule in early.rules)


def test_what_an_allowed_contact_uses_up_counts_for_the_next_on_each_side() -> None:
    """Two calls left: without the night rule the first of the day is at 07:00, so the last is one too many."""
    seconds = [7 * 3600, 10 * 3600, 14 * 3600]
    rows = frame([
        quiet(second_local=second, connected_calls_person_day=1, person=7, day=DAY, at=place)
        for place, second in enumerate(seconds)
    ])  # fmt: skip
    loose = as_of(LOOSE, date(2025, 2, 28))
    no_window = Rulebook(loose.jurisdiction, loose.packs, loose.zone, tuple(
        rule for rule in loose.rules if rule.id not in ("cn.contact.window", "house.contact.late")))  # fmt: skip
    turns = Turns(person=("person", "day"), order=("at",))
    found = compare(no_window, loose, [rows], turns=turns, group=("person",))
    assert (found.allowed_before, found.allowed_after, found.stopped, found.opened) == (2, 2, 1, 1)
    assert [one.contact["at"] for one in found.changed] == [0, 2]
    assert found.groups[0].group == (7,)
    without = compare(no_window, loose, [rows])
    assert (without.allowed_before, without.allowed_after) == (3, 2)


def test_an_allowed_call_about_a_debt_counts_for_the_debtor_too() -> None:
    """One call is left: the guarantor's comes first, so the debtor's own is one too many, and no text is."""
    rows = frame([
        quiet(connected_calls_person_day=2, relation="guarantor", person=8, debtor=7, chain=7, day=DAY, at=0),
        quiet(connected_calls_person_day=2, person=7, debtor=7, chain=7, day=DAY, at=1),
        quiet(connected_calls_person_day=2, channel="sms", person=7, debtor=7, chain=7, day=DAY, at=2),
        quiet(connected_calls_person_day=2, person=9, debtor=9, chain=9, day=DAY, at=3),
    ])  # fmt: skip
    apart = Turns(person=("person", "day"), order=("at",))
    joined = replace(apart, debtor="debtor", chain=("chain", "day"))
    assert compare(BOOK, BOOK, [rows], turns=apart).allowed_before == 4
    found = compare(LOOSE, BOOK, [rows], turns=joined)
    assert (found.allowed_before, found.allowed_after) == (3, 3)


def test_a_contact_in_another_zone_is_asked_at_both_clocks() -> None:
    row = quiet(second_local=10 * 3600, law_second=23 * 3600)
    found = compare(as_of(LOOSE, date(2025, 2, 27)), LOOSE, [frame([row, {**row, "law_second": 10 * 3600}])])
    (stopped,) = found.changed
    assert (stopped.facts["second_local"], stopped.elsewhere) == (10 * 3600, (23 * 3600,))
    assert (found.allowed_before, found.stopped) == (2, 1)


def test_recall_holds_past_answers_against_the_law_of_now() -> None:
    rows = frame([
        quiet(second_local=second, contact_id=n, was_allowed=allowed, was_refused=refused)
        for n, (second, allowed, refused) in enumerate([
            (10 * 3600, True, []), (23 * 3600, True, []), (10 * 3600, False, ["gone.rule"]),
            (23 * 3600, False, ["gone.rule"]),
        ])
    ])  # fmt: skip
    found = recall(BOOK, [rows.with_columns(pl.col("was_refused").cast(pl.List(pl.String)))], group=("channel",))
    assert (found.before, found.stopped, found.opened, found.reasons) == (RECORDED, 1, 1, 1)
    assert {one.contact["contact_id"]: one.change for one in found.changed} == {
        1: Change.STOPPED, 2: Change.OPENED, 3: Change.REASONS,
    }  # fmt: skip
    assert next(one for one in found.rules if one.rule == "gone.rule").opened_alone == 1


def test_what_an_answer_named_as_missing_is_told_from_what_it_did_not_record() -> None:
    rows = frame([
        quiet(second_local=None, contact_id=0, was_allowed=True, was_refused=[], was_missing=[]),
        quiet(second_local=None, contact_id=1, was_allowed=False, was_refused=["gone"], was_missing=["second_local"]),
    ])  # fmt: skip
    lists = pl.col("was_refused", "was_missing").cast(pl.List(pl.String))
    found = {one.contact["contact_id"]: one for one in recall(BOOK, [rows.with_columns(lists)]).changed}
    assert found[0].facts["second_local"] is None
    assert (found[0].unrecorded, found[1].unrecorded) == (("second_local",), ())


def test_no_contacts_at_all() -> None:
    assert compare(LOOSE, BOOK, []).none
    assert compare(LOOSE, BOOK, [random_facts(BOOK, 5, 1).clear()], group=("purpose",)).contacts == 0


def test_the_instant_of_a_contact_names_it_and_is_no_fact() -> None:
    at = datetime(2026, 3, 2, 15, tzinfo=UTC)
    found = compare(LOOSE, BOOK, [frame([quiet(unanswered_attempts_number_day=9, at=at)])])
    assert found.changed[0].contact == {"at": at}
