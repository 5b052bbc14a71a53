"""The columnar engine, the scalar one and DuckDB give one answer; and facts can only tighten the way they say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duecourse.law.columns import SLICE_ROWS, WrongColumn, decide_columns, decode, dtype_of, expression
from duecourse.law.condition import fold, names_in, parse_condition
from duecourse.law.decide import decide
from duecourse.law.facts import FACTS, Kind, Tightens, Value
from duecourse.law.pack import load_packs
from duecourse.law.program import compile_value
from duecourse.law.referee import disputes, random_facts
from duecourse.law.rulebook import Rulebook, rulebook

BOOK = rulebook()


@pytest.mark.parametrize("seed", range(2))
def test_python_polars_and_duckdb_agree_on_random_contacts(seed: int) -> None:
    assert list(disputes(BOOK, 20_000, seed, scalar_rows=1_500)) == []


@pytest.mark.parametrize("without", [["cn-cba-2026"], ["house"], ["cn-cba-2026", "house"]])
def test_they_agree_without_policy_packs(without: list[str]) -> None:
    assert list(disputes(rulebook(without=without), 5_000, 9, scalar_rows=500)) == []


def test_they_agree_where_no_law_is_in_force() -> None:
    assert list(disputes(rulebook(jurisdiction="XX"), 500, 3)) == []


def test_the_referee_would_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong text given to DuckDB alone is found, so silence means agreement."""
    monkeypatch.setattr("duecourse.law.referee.MISSING_SHARE", 0.0)
    wrong = {"cn.contact.connected_calls": "connected_calls_person_day > calls_max"}
    book = replace(
        BOOK, rules=tuple(replace(rule, asks_text=wrong.get(rule.id, rule.asks_text)) for rule in BOOK.rules)
    )
    found = list(disputes(book, 5_000, 1, scalar_rows=0))
    assert {one.rule for one in found} == {"cn.contact.connected_calls"}


def own(tmp_path: Path, rules: dict[str, str]) -> Rulebook:
    place = tmp_path / "own"
    place.mkdir()
    (place / "pack.yaml").write_text(
        "{pack: own, jurisdiction: CN, kind: policy, status: in_force, lang: en, says: {zh: 自有, en: own}, "
        "sources: [{instrument: own, known: ours}]}",
        encoding="utf-8",
    )
    for name, body in rules.items():
        (place / f"{name}.yaml").write_text(
            f"rule: own.{name}\nsays: {{zh: 规则, en: rule}}\n"
            "source: {instrument: own, authority: lender_policy, modal: should_not, grade: product}\n"
            f"instead: {{zh: 无, en: nothing}}\n{body}",
            encoding="utf-8",
        )
    return rulebook((*load_packs(), *load_packs(tmp_path)))


MANY_SHAPES = {
    "versions": """
values:
  - {from: 2025-01-01, calls_max: 1, day_end: 2025-06-01}
  - {from: 2026-01-15, calls_max: 2, day_end: 2026-03-31}
  - {from: 2026-03-01, to: 2026-04-01, calls_max: 3, day_end: 2026-12-31}
binds: [bank, agency]
applies_when: '"on" < day_end AND (purpose IN (''collect'', ''offer'') OR NOT mentions_debt)'
refuse_when: connected_calls_person_day * 2 - 1 >= calls_max
lifted_by: [officer_override, time_agreed]
cases:
  - {on: 2026-03-01, purpose: collect, mentions_debt: true, connected_calls_person_day: 1, answer: allow}
  - {on: 2026-03-01, purpose: collect, mentions_debt: true, connected_calls_person_day: 2, answer: refuse}
""",
    "reckons": """
values: [{from: 2020-01-01, a: 3}]
refuse_when: >-
  CASE WHEN sms_person_day > a THEN least(sms_person_day, push_person_day) WHEN card_account THEN -a
  ELSE greatest(abs(push_person_day - a), 2) END BETWEEN 1 AND a AND (card_account = mentions_debt OR channel <> 'sms')
given: {on: 2026-03-01, card_account: true, mentions_debt: true, channel: sms}
cases:
  - {sms_person_day: 4, push_person_day: 1, answer: refuse}
  - {sms_person_day: 4, push_person_day: 0, answer: allow}
""",
}  # fmt: skip


def test_they_agree_on_every_form_a_condition_may_have(tmp_path: Path) -> None:
    assert list(disputes(own(tmp_path, MANY_SHAPES), 20_000, 5, scalar_rows=2_000)) == []


def test_more_rules_than_bits_in_a_word(tmp_path: Path) -> None:
    body = """
values: [{{from: 2020-01-01, most: {most}}}]
refuse_when: days_past_due > most
cases:
  - {{on: 2026-03-01, days_past_due: {most}, answer: allow}}
  - {{on: 2026-03-01, days_past_due: {more}, answer: refuse}}
"""
    book = own(tmp_path, {f"r{n:02d}": body.format(most=n, more=n + 1) for n in range(60)})
    assert len(book.gate) > 64
    assert list(disputes(book, 3_000, 2, scalar_rows=600)) == []
    frame = random_facts(book, 100, 1)
    assert {"refused_0", "refused_1"} <= set(decide_columns(book, frame).columns)


def test_slices_and_types_change_nothing() -> None:
    frame = random_facts(BOOK, 1_000, 4)
    long = pl.concat([frame] * (SLICE_ROWS // 1_000 + 2))
    once, many = decide_columns(BOOK, frame), decide_columns(BOOK, long)
    assert many.height == long.height
    assert many.tail(1_000).equals(once)
    words = [name for name in frame.columns if FACTS[name].kind is Kind.WORD]
    assert decide_columns(BOOK, frame.with_columns(pl.col(words).cast(pl.String))).equals(once)
    counters = [name for name in frame.columns if FACTS[name].daily]
    assert decide_columns(BOOK, frame.with_columns(pl.col(counters).cast(pl.Int32))).equals(once)


def test_no_rows_and_no_columns() -> None:
    assert decide_columns(BOOK, random_facts(BOOK, 10, 1).clear()).height == 0
    (row,) = decide_columns(BOOK, pl.DataFrame({"else": [1]})).rows(named=True)
    assert {reason.missing for reason in decode(BOOK, row)} == {("on",)}
    assert len(decode(BOOK, row)) == len(BOOK.gate)


def test_a_column_of_a_wrong_type_is_an_error() -> None:
    with pytest.raises(WrongColumn, match="column 'second_local' is Float64; the fact is int"):
        decide_columns(BOOK, pl.DataFrame({"second_local": [1.5]}))
    with pytest.raises(WrongColumn, match="must be Boolean"):
        decide_columns(BOOK, pl.DataFrame({"mentions_debt": [1]}))


# --- conditions -------------------------------------------------------------------------------------------------------

CONDITIONS = [
    "purpose IN ('collect', 'offer') AND second_local < 100",
    "NOT (card_account OR days_past_due BETWEEN 3 AND 9)",
    "days_past_due * 2 - 5 > sms_person_day + 1 OR purpose <> 'relay'",
    "CASE WHEN card_account THEN 0 WHEN days_past_due > 4 THEN -1 ELSE abs(days_past_due - 3) END = 0",
    "least(days_past_due, sms_person_day, 4) = greatest(1, second_local)",
    "days_past_due IN (1, 3, 5) AND card_account = TRUE",
    "\"on\" >= DATE '2026-01-01' AND TRUE",
]


@settings(max_examples=60, deadline=None)
@given(
    text=st.sampled_from(CONDITIONS),
    facts=st.fixed_dictionaries(
        {
            "purpose": st.sampled_from(FACTS["purpose"].options),
            "second_local": st.integers(0, 110),
            "card_account": st.booleans(),
            "days_past_due": st.integers(0, 10),
            "sms_person_day": st.integers(0, 8),
            "on": st.dates(date(2025, 12, 30), date(2026, 1, 2)),
        }
    ),
    data=st.data(),
)
def test_folding_and_both_compilations_agree(text: str, facts: dict[str, Value], data: st.DataObject) -> None:
    tree = parse_condition(text, FACTS, {})
    said = compile_value(tree)(facts)
    known = {name: facts[name] for name in data.draw(st.sets(st.sampled_from(sorted(facts))))}
    folded = fold(tree, known)
    assert not set(names_in(folded)) & set(known)
    assert compile_value(folded)(facts) is said
    columns = {
        name: pl.Series([one], dtype=dtype_of(name)).to_physical() if name == "purpose" else pl.Series([one])
        for name, one in facts.items()
    }
    assert pl.DataFrame(columns).select(pl.lit(value=True) & expression(tree)).item() is said


# --- monotony ---------------------------------------------------------------------------------------------------------

RANDOM = random_facts(BOOK, 4_000, 77, missing=0.01)
TIGHTENING = [fact for fact in FACTS.values() if fact.tightens is not Tightens.NEITHER and fact.name in BOOK.gate_facts]


@pytest.mark.parametrize("fact", TIGHTENING, ids=[fact.name for fact in TIGHTENING])
def test_a_fact_only_tightens_the_way_it_says(fact: object) -> None:
    """More calls, one more hold, a consent that is lost: no rule that said no falls silent."""
    one = FACTS[fact.name]  # type: ignore[attr-defined]
    up = one.tightens is Tightens.UP
    frame = RANDOM.filter(pl.col(one.name).is_not_null())
    if one.kind is Kind.BOOL:
        stricter = frame.with_columns(pl.lit(up).alias(one.name))
    else:
        stricter = frame.with_columns((pl.col(one.name).clip(0) + (1 if up else -1)).clip(0).alias(one.name))
        frame = frame.with_columns(pl.col(one.name).clip(0))
    before, after = decide_columns(BOOK, frame), decide_columns(BOOK, stricter)
    assert (before["refused_0"] & ~after["refused_0"]).sum() == 0
    assert not (after["allowed"] & ~before["allowed"]).any()


def test_forgetting_a_fact_never_allows() -> None:
    before = decide_columns(BOOK, RANDOM)
    for name in BOOK.gate_facts:
        after = decide_columns(BOOK, RANDOM.drop(name))
        assert not (after["allowed"] & ~before["allowed"]).any(), name


def test_a_policy_pack_never_loosens() -> None:
    loose = rulebook(without=["cn-cba-2026", "house"])
    for without in (["house"], ["cn-cba-2026"], []):
        strict = decide_columns(rulebook(without=without), RANDOM)["allowed"]
        assert not (strict & ~decide_columns(loose, RANDOM)["allowed"]).any()


def test_deny_wins_and_the_first_reason_is_the_first() -> None:
    decided = decide_columns(BOOK, RANDOM)
    for row, facts in zip(decided.head(300).iter_rows(named=True), RANDOM.iter_rows(named=True), strict=False):
        refusals = decide(BOOK, facts).refusals
        assert row["allowed"] is not bool(refusals)
        if refusals:
            assert BOOK.gate[row["first"]].rule.id == refusals[0].rule.id
