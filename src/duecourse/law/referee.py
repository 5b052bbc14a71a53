"""The referee: DuckDB evaluates the text of the rules, and must agree with Python and Polars on random facts.

What is independent here: DuckDB parses and evaluates the conditions as written in the packs, over values joined by
date. What is shared: the order of asking, which is the engine's definition (`law.judge`), said here in SQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np
import polars as pl

from duecourse.law.columns import WORD_BITS, decide_columns, decode, dtype_of
from duecourse.law.decide import decide
from duecourse.law.facts import FACTS, Fact, Kind, Value
from duecourse.law.rule import Rule, Version
from duecourse.law.rulebook import Rulebook

MISSING_SHARE = 0.04
"""Share of the random values that are missing."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """A contact on which two engines differ."""

    engine: str  # the one that differs from Polars, or `first` where the first reason is not the first
    row: int
    rule: str
    facts: dict[str, Value | None]


def random_facts(book: Rulebook, rows: int, seed: int, missing: float = MISSING_SHARE) -> pl.DataFrame:
    """Random facts for a rulebook, nulls included; numbers and days crowd around the bounds that its rules name."""
    chance = np.random.default_rng(seed)
    near = _Near(
        numbers=sorted({bound + step for bound in (*_bounds(book), 0) for step in (-1, 0, 1)}),
        days=[day + timedelta(days=step) for day in _turns(book) for step in (-1, 0, 1)],
    )
    columns = []
    for name in book.gate_facts:
        column = _random_column(FACTS[name], rows, chance, near)
        holes = pl.Series(chance.random(rows) < missing)
        columns.append(column.to_frame(name).select(pl.when(~holes).then(pl.col(name)).alias(name)).to_series())
    return pl.DataFrame(columns)


@dataclass(frozen=True, slots=True)
class _Near:
    """Values around the bounds of the rules, from which random facts are drawn."""

    numbers: list[int]
    days: list[date]


def _bounds(book: Rulebook) -> Iterator[int]:
    for rule in book.rules:
        for version in rule.versions:
            yield from (value for value in version.values.values() if isinstance(value, int))


def _turns(book: Rulebook) -> list[date]:
    """The days on which dated values begin or end, and one on which all the latest hold, three times as often."""
    days = {day for rule in book.rules for one in rule.versions for day in (one.start, one.end) if day}
    latest = max(days) + timedelta(days=30)
    return sorted(days) + [latest] * 3 * len(days)


def _random_column(fact: Fact, rows: int, chance: np.random.Generator, near: _Near) -> pl.Series:
    match fact.kind:
        case Kind.BOOL:
            return pl.Series(chance.random(rows) < 0.3)
        case Kind.WORD:
            drawn = pl.Series(fact.options)
        case Kind.DATE:
            drawn = pl.Series(near.days)
        case _:
            drawn = pl.Series([one for one in near.numbers if fact.high is None or one <= fact.high + 1])
    column = drawn[pl.Series(chance.integers(0, len(drawn), rows))]
    return column.cast(dtype_of(fact.name)) if fact.kind is Kind.WORD else column


def rule_sql(rule: Rule) -> str:
    """A query over ``facts`` (columns `row` and the vocabulary) that yields, per row, whether the rule says no."""
    facts = {f'"{name}"' for name in rule.facts}
    return " UNION ALL ".join(_version_sql(rule, version, facts) for version in rule.versions)


def _version_sql(rule: Rule, version: Version, facts: set[str]) -> str:
    values = "".join(f", {_literal(value)} AS {name}" for name, value in version.values.items())
    until = f' AND "on" < {_literal(version.end)}' if version.end else ""
    lift = " OR ".join(f"coalesce({name}, FALSE)" for name in rule.lifted_by) or "FALSE"
    bound = _bound_sql(rule)
    needs = [" OR ".join(f'"{name}" IS NULL' for name in stage.facts) or "FALSE" for stage in rule.stages]
    asked = " ".join(
        f"WHEN {need} THEN TRUE WHEN NOT ({text}) THEN FALSE"
        for need, text in zip(needs, (bound, rule.applies_text, rule.asks_text), strict=True)
    )
    # Nothing goes in but the text of packs, read and checked by `law.rule`.
    return f"""
        SELECT row, CASE {asked} ELSE NOT ({lift}) END AS says_no
        FROM (SELECT row, {", ".join(sorted(facts))}{values} FROM facts)
        WHERE "on" >= {_literal(version.start)}{until}
    """  # noqa: S608


_WHO = ("lender_type", "sender_type")


def _bound_sql(rule: Rule) -> str:
    if not rule.binds:
        return "TRUE"
    named = ((fact, [word for word in rule.binds if word in FACTS[fact].options]) for fact in _WHO)
    return " OR ".join(f"{fact} IN ({', '.join(map(repr, words))})" for fact, words in named if words)


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return f"DATE '{value}'" if isinstance(value, date) else str(value)


def referee(book: Rulebook, frame: pl.DataFrame) -> Iterator[tuple[Rule, pl.Series]]:
    """Each refusing rule with the row numbers of a frame of facts to which it says no by DuckDB, ascending."""
    believed = frame.select(
        _believed(FACTS[name]) if name in frame.columns else _absent(name) for name in book.gate_facts
    )
    with duckdb.connect(":memory:", config={"threads": 2}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("facts", believed.with_row_index("row").to_arrow())
        for judge in book.gate:
            no_day = 'SELECT row, TRUE AS says_no FROM facts WHERE "on" IS NULL'
            query = f"SELECT row FROM ({rule_sql(judge.rule)} UNION ALL {no_day}) WHERE says_no ORDER BY row"  # noqa: S608 - rule text of packs, read and checked
            rows = pl.from_arrow(connection.sql(query).to_arrow_table())
            yield judge.rule, pl.DataFrame(rows)["row"].cast(pl.UInt32)


def _absent(name: str) -> pl.Expr:
    return pl.lit(None, dtype=pl.String if FACTS[name].kind is Kind.WORD else dtype_of(name)).alias(name)


def _believed(fact: Fact) -> pl.Expr:
    column = pl.col(fact.name)
    if fact.kind is Kind.WORD:
        return column.cast(pl.String)
    if fact.kind is Kind.INT:
        low = True if fact.low is None else column >= fact.low
        high = True if fact.high is None else column <= fact.high
        return pl.when(pl.lit(value=True) & low & high).then(column).alias(fact.name)
    return column


def disputes(book: Rulebook, rows: int, seed: int, *, scalar_rows: int | None = None) -> Iterator[Dispute]:
    """Every contact among random ones on which DuckDB, or Python (the first ``scalar_rows``), differs from Polars."""
    frame = random_facts(book, rows, seed)
    decided = decide_columns(book, frame)
    for place, (rule, found) in enumerate(referee(book, frame)):
        bit = pl.col(f"refused_{place // WORD_BITS}") & (1 << (place % WORD_BITS)) != 0
        ours = decided.select(bit.arg_true()).to_series().cast(pl.UInt32)
        if not ours.equals(found):
            for row in sorted(set(ours) ^ set(found)):
                yield Dispute("duckdb", row, rule.id, frame.row(row, named=True))
    ids = [judge.rule.id for judge in book.gate]
    for row, answer in enumerate(decided.head(rows if scalar_rows is None else scalar_rows).iter_rows(named=True)):
        facts = frame.row(row, named=True)
        refusals = [(one.rule.id, one.missing) for one in decide(book, facts).refusals]
        if refusals != [(reason.rule.id, reason.missing) for reason in decode(book, answer)]:
            yield Dispute("scalar", row, refusals[0][0] if refusals else "", facts)
        if answer["allowed"] is bool(refusals) or (refusals and ids[answer["first"]] != refusals[0][0]):
            yield Dispute("first", row, refusals[0][0] if refusals else "", facts)
