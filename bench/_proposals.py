"""Planned contacts of a book that is not there: facts for every rule of a gate, most of them ordinary, some not.

Nearly every contact is an ordinary one; each fact that could stop it does so in a few of a thousand, some are missing.
So a share of the contacts is refused, by any rule and by several at once, as in a real book.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from duecourse.law.columns import dtype_of
from duecourse.law.facts import FACTS, Fact, Kind, Tightens
from duecourse.law.ordinary import ORDINARY
from duecourse.law.rulebook import Rulebook
from duecourse.law.templates import Register
from duecourse.law.terms import Channel

DAY = date(2026, 3, 2)
ODD = 0.004  # share of contacts in which a fact stands on its strict side
LOST = 0.0005  # share in which it is missing
BY_CHANNEL = {Channel.CALL: 45, Channel.SMS: 30, Channel.PUSH: 15, Channel.ROBOT_CALL: 5, Channel.LETTER: 5}
RELATIONS = {"borrower": 88, "co_borrower": 4, "guarantor": 4, "contact_person": 3, "heir": 1}


def proposals(
    book: Rulebook, register: Register, rows: int, seed: int, *, day: date = DAY, days: int = 1
) -> pl.DataFrame:
    """Planned contacts with every fact that the gate asks, in the column types that it reads without conversion."""
    chance = np.random.default_rng(seed)
    texts = [
        {"channel": channel.value, "weight": weight, **one.facts(day, channel)}
        for one in register.templates.values()
        for channel, weight in BY_CHANNEL.items()
        if one.usable(day, channel)
    ]
    weights = np.array([text["weight"] for text in texts], dtype=np.float64)
    drawn = pl.Series(chance.choice(len(texts), rows, p=weights / weights.sum()))
    table = pl.DataFrame(texts).drop("weight")
    columns: dict[str, pl.Series] = {
        name: pl.Series(name, table[name].cast(dtype_of(name))).gather(drawn) for name in table.columns if name in FACTS
    }
    names = list(RELATIONS)
    shares = np.array(list(RELATIONS.values()), dtype=np.float64)
    columns["relation"] = pl.Series(names, dtype=dtype_of("relation")).gather(
        pl.Series(chance.choice(len(names), rows, p=shares / shares.sum()))
    )
    columns["on"] = pl.Series([day + timedelta(days=n) for n in range(days)]).gather(
        pl.Series(np.arange(rows) * days // max(rows, 1))
    )
    columns["second_local"] = pl.Series(chance.integers(7 * 3600 + 1800, 22 * 3600 + 1800, rows, dtype=np.int64))
    for name in book.gate_facts:
        if name not in columns:
            columns[name] = _column(FACTS[name], rows, chance)
    return pl.DataFrame({name: columns[name] for name in book.gate_facts})


def _column(fact: Fact, rows: int, chance: np.random.Generator) -> pl.Series:
    usual = ORDINARY.get(fact.name)
    if fact.name in ("lender_type", "sender_type") or (fact.kind in (Kind.WORD, Kind.DATE) and usual is None):
        return pl.Series([usual], dtype=dtype_of(fact.name)).new_from_index(0, rows)
    odd = chance.random(rows, dtype=np.float32)
    if fact.kind is Kind.BOOL:
        values = pl.Series(np.where(odd < ODD, usual is not True, usual is True))
    elif fact.kind is Kind.WORD:
        places = np.where(odd < ODD, chance.integers(0, len(fact.options), rows), fact.options.index(str(usual)))
        values = pl.Series(fact.options, dtype=dtype_of(fact.name)).gather(pl.Series(places))
    else:
        values = pl.Series(_numbers(fact, usual, rows, chance))
    gone = chance.random(rows, dtype=np.float32) < LOST
    return pl.select(pl.when(~pl.Series(gone)).then(values)).to_series()


def _numbers(fact: Fact, usual: object, rows: int, chance: np.random.Generator) -> npt.NDArray[np.int64]:
    if fact.daily or fact.rolling:
        return np.minimum(chance.geometric(0.6, rows) - 1, 12).astype(np.int64)
    most = fact.high if fact.high is not None else 400 if fact.tightens is not Tightens.NEITHER else 100_000
    low = int(usual) if isinstance(usual, int) else 0
    strange = chance.integers(fact.low or 0, min(most, 2_000) + 1, rows, dtype=np.int64)
    return np.where(chance.random(rows, dtype=np.float32) < ODD, strange, low)
