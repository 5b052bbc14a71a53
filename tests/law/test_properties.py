"""What must hold of every jurisdiction that ships, whatever its rules say: more strictness never loosens.

Contacts are drawn at random around the bounds that the rules name, half of them ordinary but for a few facts;
hypothesis chooses which, and what of them is changed. Each property is asked of the columnar engine, rule by rule, and
that engine is held to the scalar one and to DuckDB.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duecourse.law.columns import decide_columns
from duecourse.law.decide import decide
from duecourse.law.fact import Fact, Kind, Tightens
from duecourse.law.facts import FACTS
from duecourse.law.ordinary import ORDINARY, ordinary_text
from duecourse.law.pack import PackKind, load_packs
from duecourse.law.referee import disputes, random_facts
from duecourse.law.rule import Effect
from duecourse.law.rulebook import CLOSED, Rulebook, rulebook

PACKS = load_packs()
PLACES = sorted({pack.jurisdiction for pack in PACKS if pack.kind is PackKind.LAW})
POLICIES = {
    place: sorted(
        pack.id for pack in rulebook(PACKS, jurisdiction=place).packs if pack.kind is PackKind.POLICY
    )
    for place in PLACES
}  # fmt: skip
ROWS = 400
few = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 2**32 - 1)
every_place = pytest.mark.parametrize("place", PLACES)


@cache
def book_of(place: str, without: frozenset[str] = frozenset()) -> Rulebook:
    return rulebook(PACKS, jurisdiction=place, without=without)


@cache
def books_of_one_pack(place: str) -> dict[str, Rulebook]:
    """For each pack of a place that refuses, a book of it alone; and one of what closes the days without a law."""
    book = book_of(place)
    own = {pack.id: (pack,) for pack in book.packs if any(rule.effect is Effect.REFUSE for rule in pack.rules)}
    return {
        name: Rulebook(place, packs, book.zone, tuple(rule for rule in book.rules if rule.pack == name))
        for name, packs in (own | {"law": ()}).items()
    }


USUAL: dict[str, object] = {
    **ORDINARY, **ordinary_text("collect"), "purpose": "collect", "channel": "call", "relation": "borrower",
    "on": date(2026, 11, 18), "second_local": 10 * 3600, "day_of_rest_local": False,
}  # fmt: skip
HOMES = {"UK": "england_wales", "EU": "germany", "US": "other_state"}
"""Where the person lives and the debt is governed, in places whose law asks it: nobody takes that for granted."""


def usual(place: str) -> dict[str, object]:
    home = HOMES.get(place)
    return USUAL | ({} if home is None else {"resident_territory": home, "governing_territory": home})


def drawn(place: str, seed: int, missing: float = 0.01) -> pl.DataFrame:
    """Random contacts; in every second one most facts are ordinary, since random words seldom make one that is."""
    frame = random_facts(book_of(place), ROWS, seed, missing=missing)
    chance = np.random.default_rng(seed)
    columns, ordinary = [], usual(place)
    for name in frame.columns:
        keep = pl.Series((np.arange(ROWS) % 2 == 0) | (chance.random(ROWS) < 0.06))
        other = pl.lit(ordinary.get(name), dtype=frame[name].dtype)
        columns.append(frame.select(pl.when(keep).then(pl.col(name)).otherwise(other).alias(name)).to_series())
    return pl.DataFrame(columns)


def masks(answers: pl.DataFrame) -> list[str]:
    return [name for name in answers.columns if name.startswith("refused_")]


def never_looser(book: Rulebook, before: pl.DataFrame, after: pl.DataFrame) -> None:
    """No rule that said no falls silent, and so no contact that was refused is allowed."""
    old, new = decide_columns(book, before), decide_columns(book, after)
    silent = pl.DataFrame({name: old[name] & ~new[name] for name in masks(old)})
    fallen = silent.select(pl.any_horizontal(pl.all() != 0)).to_series()
    if fallen.any():
        row = fallen.arg_true()[0]
        bits = sum(int(silent[name][row]) << (64 * place) for place, name in enumerate(silent.columns))
        rules = [judge.rule.id for place, judge in enumerate(book.gate) if bits >> place & 1]
        changed = {
            name: (before[name][row], after[name][row])
            for name in before.columns
            if before[name][row] != after[name][row]
        }
        raise AssertionError(
            f"{', '.join(rules)} falls silent where {changed}; the contact: {before.row(row, named=True)}"
        )
    assert not (new["allowed"] & ~old["allowed"]).any()


def stricter(frame: pl.DataFrame, fact: Fact, step: int) -> pl.DataFrame:
    """The fact on its strict side, or so many further towards it; what is missing stays missing."""
    up = fact.tightens is Tightens.UP
    column = pl.col(fact.name)
    if fact.kind is Kind.BOOL:
        return frame.with_columns(pl.when(column.is_not_null()).then(pl.lit(up)).alias(fact.name))
    moved = column + (step if up else -step)
    return frame.with_columns(moved.clip(fact.low, fact.high).alias(fact.name))


def believable(frame: pl.DataFrame, fact: Fact) -> pl.DataFrame:
    """Values out of range count as missing, and a fact that comes to be known may allow: they are brought in."""
    return frame if fact.kind is Kind.BOOL else frame.with_columns(pl.col(fact.name).clip(fact.low, fact.high))


def tightening(book: Rulebook) -> list[Fact]:
    return [FACTS[name] for name in book.gate_facts if FACTS[name].tightens is not Tightens.NEITHER]


@every_place
@few
@given(seed=seeds, data=st.data())
def test_a_fact_on_its_strict_side_never_turns_a_no_into_a_yes(place: str, seed: int, data: st.DataObject) -> None:
    book = book_of(place)
    frame = drawn(place, seed)
    chosen = data.draw(st.lists(st.sampled_from(tightening(book)), min_size=1, max_size=4, unique=True))
    for fact in chosen:
        frame = believable(frame, fact)
    after = frame
    for fact in chosen:
        after = stricter(after, fact, data.draw(st.integers(1, 50)))
    never_looser(book, frame, after)


@every_place
def test_each_fact_alone_on_its_strict_side(place: str) -> None:
    book, frame = book_of(place), drawn(place, 7)
    pairs = [(believable(frame, fact), fact, step) for fact in tightening(book) for step in (1, 30)]
    after = pl.concat([stricter(known, fact, step).select(frame.columns) for known, fact, step in pairs])
    never_looser(book, pl.concat([known for known, _, _ in pairs]), after)


@every_place
@few
@given(seed=seeds, steps=st.lists(st.integers(0, 9), min_size=1, max_size=12))
def test_more_history_never_loosens(place: str, seed: int, steps: list[int]) -> None:
    """More contacts: every counter stays or grows, whatever the others do."""
    book = book_of(place)
    counters = [FACTS[name] for name in book.gate_facts if FACTS[name].daily or FACTS[name].rolling]
    before = drawn(place, seed)
    for fact in counters:
        before = believable(before, fact)
    after = before
    for number, fact in enumerate(counters):
        after = stricter(after, fact, steps[number % len(steps)])
    assert all(fact.tightens is Tightens.UP for fact in counters)
    never_looser(book, before, after)


@every_place
@few
@given(seed=seeds, data=st.data())
def test_a_stricter_policy_never_loosens(place: str, seed: int, data: st.DataObject) -> None:
    off = data.draw(st.sets(st.sampled_from(POLICIES[place])) if POLICIES[place] else st.just(set()))
    also = data.draw(st.sets(st.sampled_from(sorted(off))) if off else st.just(set()))
    loose, strict = book_of(place, frozenset(off)), book_of(place, frozenset(off - also))
    frame = drawn(place, seed)
    old, new = decide_columns(loose, frame), decide_columns(strict, frame)
    assert not (new["allowed"] & ~old["allowed"]).any()


@every_place
@few
@given(seed=seeds)
def test_deny_wins_whoever_denies(place: str, seed: int) -> None:
    """The whole book refuses exactly what one of its packs alone would refuse."""
    book, frame = book_of(place), drawn(place, seed)
    parts = pl.DataFrame(
        {name: decide_columns(one, frame)["allowed"] for name, one in books_of_one_pack(place).items()}
    )
    alone = parts.select(pl.all_horizontal(pl.all())).to_series()
    assert decide_columns(book, frame)["allowed"].equals(alone, check_names=False)


@every_place
@few
@given(seed=seeds, data=st.data())
def test_forgetting_facts_never_allows(place: str, seed: int, data: st.DataObject) -> None:
    book, frame = book_of(place), drawn(place, seed)
    gone = data.draw(st.sets(st.sampled_from(book.gate_facts), min_size=1, max_size=6))
    never_looser(book, frame, forgotten(frame, *gone))


def forgotten(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    return frame.with_columns(pl.lit(None, dtype=frame[name].dtype).alias(name) for name in names)


@every_place
def test_forgetting_any_one_fact_never_allows(place: str) -> None:
    book, frame = book_of(place), drawn(place, 11)
    names = book.gate_facts
    never_looser(book, pl.concat([frame] * len(names)), pl.concat([forgotten(frame, name) for name in names]))


@every_place
@pytest.mark.parametrize("seed", [101, 102])
def test_scalar_columnar_and_duckdb_give_one_answer(place: str, seed: int) -> None:
    assert list(disputes(book_of(place), 4_000, seed, scalar_rows=400)) == []


@every_place
def test_every_place_has_a_law_and_the_properties_are_about_something(place: str) -> None:
    book = book_of(place)
    assert not any(rule.version(date(2026, 3, 1)) for rule in book.rules if rule.id == CLOSED)
    assert len(tightening(book)) > 10
    allowed = decide_columns(book, drawn(place, 3, missing=0.0))["allowed"]
    assert allowed.any()
    assert not allowed.all()


@every_place
def test_the_ordinary_contact_is_allowed_at_ten_on_a_working_day(place: str) -> None:
    """What `explain` and scenarios take for granted is a contact that the law lets through."""
    found = decide(book_of(place), usual(place))
    assert found.allowed, [(one.rule.id, one.missing) for one in found.refusals]
