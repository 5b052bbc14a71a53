"""Estimating a mood: by a rule where one finds words of it, else by a model; how sure, in parts per million.

What a rule found is as sure as it was right on a part of the public sets that neither rules nor weights were made from;
the model's figure is its own probability, set so that on another part it is neither bolder nor shyer than it is right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from math import exp
from typing import Any

import yaml

from duecourse.insight.guard import fold
from duecourse.insight.guard.model import Model, read_text
from duecourse.insight.replies.read import Meaning
from duecourse.insight.replies.read import rules as read_replies

TEXT_MAX = 2_000
WHOLE = 1_000_000
_HAN = re.compile(r"[\u3400-\u9fff]")
LANGUAGES = ("zh", "en")


class Mood(StrEnum):
    """How a borrower sounds."""

    CALM = "calm"
    WORRIED = "worried"
    ANGRY = "angry"
    DISTRESSED = "distressed"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mood and how sure it is; ``rule`` is ``model.zh`` or ``model.en`` where no rule found words of it."""

    mood: Mood
    ppm: int
    rule: str

    @property
    def by_rule(self) -> bool:
        """Whether words of it were found."""
        return not self.rule.startswith("model.")


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    mood: Mood
    pattern: re.Pattern[str]


class Weights:
    """What ships for a language: a linear model for each mood, how their scores are made one, what rules are worth."""

    def __init__(
        self, lang: str, models: Mapping[Mood, Model], scale: int, shift: Mapping[Mood, int], worth: Mapping[str, int]
    ) -> None:
        self.lang, self.models, self.scale, self.shift, self.worth = lang, models, scale, shift, worth

    def shares(self, words: str) -> dict[Mood, int]:
        """How likely each mood is, in parts per million that add up to a million."""
        text = read_text(words, self.lang)
        return spread({mood: self.models[mood].score(text) for mood in Mood}, self.scale, self.shift)


def spread(scores: Mapping[Mood, int], scale: int, shift: Mapping[Mood, int]) -> dict[Mood, int]:
    """Scores as shares: e to the power of scale times score plus shift, of their sum; the largest takes the rest."""
    raised = {mood: (score / WHOLE) * (scale / WHOLE) + shift[mood] / WHOLE for mood, score in scores.items()}
    top = max(raised.values())
    powers = {mood: exp(value - top) for mood, value in raised.items()}
    whole = sum(powers.values())
    found = {mood: int(power / whole * WHOLE) for mood, power in powers.items()}
    first = max(found, key=lambda mood: found[mood])
    found[first] += WHOLE - sum(found.values())
    return found


@cache
def rules() -> tuple[_Rule, ...]:
    """The rules as they ship, the gravest first."""
    said: list[dict[str, Any]] = yaml.safe_load((files("duecourse.insight.mood") / "rules.yaml").read_text("utf-8"))
    return tuple(
        _Rule(
            str(one["rule"]),
            Mood(one["mood"]),
            re.compile("|".join(f"(?:{part})" for part in (*one["zh"], *one["en"]))),
        )
        for one in said
    )


def found_by(words: str) -> _Rule | None:
    """The gravest rule that finds words of its mood in a folded text; those of self-harm are words of distress."""
    if any(one.find(words, words.strip()) for one in read_replies() if one.meaning is Meaning.CRISIS):
        return rules()[0]
    return next((one for one in rules() if one.pattern.search(words)), None)


@cache
def weights(lang: str) -> Weights:
    """The weights of a language as they ship (`mood.training.written`)."""
    return read_weights((files("duecourse.insight.mood") / f"model_{lang}.tsv").read_text("utf-8"), lang)


def read_weights(text: str, lang: str) -> Weights:
    """Weights from their table: a head of names and whole numbers, then n-gram and a weight for each mood."""
    lines = text.split("\n")
    head = {name: int(value) for name, value in (part.split("=") for part in lines[0].split())}
    tables: dict[Mood, dict[str, int]] = {mood: {} for mood in Mood}
    for line in lines[1:]:
        if not line:
            continue
        gram, *listed = line.split("\t")
        gram = gram.replace("\\t", "\t").replace("\\n", "\n").replace("\\\\", "\\")
        for mood, weight in zip(Mood, listed, strict=True):
            if weight != "0":
                tables[mood][gram] = int(weight)
    return Weights(
        lang,
        {mood: Model(lang, head[f"bias_{mood}"], 0, tables[mood]) for mood in Mood},
        head["scale"],
        {mood: head[f"shift_{mood}"] for mood in Mood},
        {name: value for name, value in head.items() if name.startswith("mood.")},
    )


def folded(text: str) -> str:
    """A text as rules and models read it."""
    return fold.words_text(text[:TEXT_MAX]).replace("’", "'")


def estimate(text: str) -> Estimate:
    """How whoever wrote or said this sounds.

    >>> estimate("我真的撑不下去了").mood.value, estimate("thank you, I will pay on Friday").mood.value
    ('distressed', 'calm')
    """
    words = folded(text)
    held = weights("zh" if _HAN.search(words) else "en")
    rule = found_by(words)
    if rule is not None:
        return Estimate(rule.mood, held.worth[rule.name], rule.name)
    shares = held.shares(words)
    mood = max(shares, key=lambda one: shares[one])
    return Estimate(mood, shares[mood], f"model.{held.lang}")
