"""Measuring the guard on public sets: on what was cut off of those that weights come from, on all of the others.

What is cut off is told by the hash of each text alone (`cut`), so nobody chooses it, and a text that stands in two sets
is on one side. Weights that ship come from sets of class A (docs/guard.md names them and their licences); sets of class
B are measured upon and never trained upon.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import polars as pl

from duecourse.insight.guard.screen import Category, Guard

PARTS = 5
"""One part in five is cut off to measure upon, another one sets the threshold."""


@dataclass(frozen=True, slots=True)
class Source:
    """A public set: where its texts stand, and which of them are what the guard looks for."""

    name: str
    file: str
    text: str
    bad: pl.Expr
    lang: str
    shipped: bool  # class A: weights that ship may come from it
    everyday: bool = False  # customers' and everyday talk, nothing of it bad
    only: pl.Expr | None = None  # which of its texts are taken
    category: Category | None = Category.INSULT  # what its bad texts are; None: any finding counts


_NONE = pl.lit(value=False)
SOURCES = (
    Source("offence_zh_cold", "comments.parquet", "text", pl.col("label") == 1, "zh", shipped=True),
    Source("abuse_zh_swsr", "comments.parquet", "text", pl.col("label") == 1, "zh", shipped=True),
    Source(
        "dialogue_emotion_zh_cped",
        "utterances.parquet",
        "utterance",
        _NONE,
        "zh",
        shipped=True,
        everyday=True,
        only=pl.col("sentiment") != "negative",
    ),
    Source("offence_en_davidson", "posts.parquet", "text", pl.col("class") < 2, "en", shipped=True),
    Source("bank_intents_en", "queries.parquet", "text", _NONE, "en", shipped=True, everyday=True),
    Source("assistant_intents_en", "queries.parquet", "text", _NONE, "en", shipped=True, everyday=True),
    Source("fin_question_pairs_zh", "pairs.parquet", "text1", _NONE, "zh", shipped=False, everyday=True),
    Source("collection_intents_zh", "utterances.parquet", "text", _NONE, "zh", shipped=False, everyday=True),
)
"""SWSR and COLD are abuse of groups more than of debtors; the harmless ones are customers and everyday talk."""

FUNCTIONS = (
    Source("functional_tests_abuse_zh", "cases.parquet", "test_case", pl.col("label_gold") == "hateful", "zh",
           shipped=False, category=None),
    Source("functional_tests_abuse_en", "cases.parquet", "test_case", pl.col("label_gold") == "hateful", "en",
           shipped=False, category=None),
)  # fmt: skip
"""Functional tests, which nothing is trained upon: what is found of each function is shown, function by function."""


def cut(text: str) -> int:
    """The part of a text, from its hash: 0 is measured upon, 1 sets the threshold, the others train."""
    return sha256(text.encode()).digest()[0] % PARTS


def rows(source: Source, data: Path) -> list[tuple[str, bool]]:
    """The texts of a set and whether each is bad."""
    frame = pl.read_parquet(data / source.name / source.file)
    if source.only is not None:
        frame = frame.filter(source.only)
    shown = frame.select(pl.col(source.text).alias("text"), source.bad.alias("bad")).drop_nulls().unique("text")
    return [(str(text), bool(bad)) for text, bad in shown.sort("text").iter_rows()]


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the figures: of so many bad texts so many were found, of so many harmless ones so many."""

    name: str
    part: str
    bad: int
    found: int
    harmless: int
    alarms: int


def measure(guard: Guard, data: Path) -> list[Measured]:
    """The guard on what was cut off of each set, and on each function of the functional tests."""
    told = []
    for source in (*SOURCES, *FUNCTIONS):
        texts = rows(source, data)
        if source.shipped:
            texts = [row for row in texts if cut(row[0]) == 0]
        told.append(_line(guard, source.name, "cut off" if source.shipped else "all", texts, source.category))
    for source in FUNCTIONS:
        frame = pl.read_parquet(data / source.name / source.file)
        for (function,), part in sorted(frame.group_by("functionality"), key=lambda one: str(one[0])):
            texts = [(str(text), bool(bad)) for text, bad in part.select(source.text, source.bad).iter_rows()]
            told.append(_line(guard, source.name, str(function), texts, None))
    return told


def _line(guard: Guard, name: str, part: str, texts: Iterable[tuple[str, bool]], category: Category | None) -> Measured:
    counts = {True: [0, 0], False: [0, 0]}
    for text, bad in texts:
        found = guard.screen(text)
        counts[bad][0] += 1
        counts[bad][1] += any(category in {None, one.category} for one in found) if bad else bool(found)
    return Measured(name, part, *counts[True], *counts[False])
