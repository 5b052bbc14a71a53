"""The model of insults: a linear one over character n-grams, in whole numbers, read from a table that ships.

A score is the sum of the weights of the n-grams that a text has, and a finding's place is where the heaviest of them
stands: the figures explain themselves. `duecourse.insight.guard.training` makes the tables; what they were trained on
and how well they do stands in docs/guard.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from ahocorasick_rs import AhoCorasick

from duecourse.insight.guard import fold

LANGUAGES = {"zh": (1, 3), "en": (3, 5)}
"""Lengths of n-grams: from, to."""

_READ_MAX = 2_000
"""Characters that the model looks at."""


def read_text(words: str, lang: str) -> str:
    """What the model of a language reads of a text of words (`guard.fold`): of Chinese, nothing between characters."""
    return fold.tight_text(words) if lang == "zh" else words


def grams(text: str, lang: str) -> Iterator[tuple[int, str]]:
    """The n-grams of a text with their places; a space at either end of an English one marks the border of a word."""
    low, high = LANGUAGES[lang]
    if lang == "en":
        text = f" {text} "
    for size in range(low, high + 1):
        for place in range(len(text) - size + 1):
            yield place, text[place : place + size]


class Model:
    """Weights in millionths, and the score from which on a text is a finding."""

    def __init__(self, lang: str, bias: int, threshold: int, weights: Mapping[str, int]) -> None:
        self.lang, self.bias, self.threshold, self.weights = lang, bias, threshold, weights
        self._listed = list(weights.values())
        self._automaton = AhoCorasick(list(weights))

    def _grams(self, text: str) -> list[tuple[int, int, int]]:
        text = text[:_READ_MAX]
        return self._automaton.find_matches_as_indexes(f" {text} " if self.lang == "en" else text, overlapping=True)

    def score(self, text: str) -> int:
        """The score of a text in folded form; each n-gram counts once."""
        listed = self._listed
        return self.bias + sum([listed[number] for number in {number for number, _, _ in self._grams(text)}])

    def find(self, text: str) -> tuple[int, int] | None:
        """Where the n-gram stands that weighs most in a text that is a finding; None where it is none."""
        if self.score(text) < self.threshold:
            return None
        _, start, end = max(self._grams(text), key=lambda one: self._listed[one[0]])
        shift = 1 if self.lang == "en" else 0
        return max(0, start - shift), min(len(text), max(1, end - shift))


@cache
def read(lang: str) -> Model:
    """The model of a language as it ships."""
    lines = (files("duecourse.insight.guard") / f"model_{lang}.tsv").read_text("utf-8").split("\n")
    head = dict(part.split("=") for part in lines[0].split())
    weights = {}
    for line in lines[1:]:
        if line:
            gram, weight = line.rsplit("\t", 1)
            weights[gram.replace("\\t", "\t").replace("\\n", "\n").replace("\\\\", "\\")] = int(weight)
    return Model(lang, int(head["bias"]), int(head["threshold"]), weights)
