"""Measuring moods: on what was cut off by hash of the sets that weights come from, on sets that nothing comes from.

CPED (class A) and GoEmotions (class A) have emotions of people who owe nothing: actors' lines, and comments. No public
set of an open licence has those of borrowers. Weibo (class B) is measured upon and never trained upon.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import yaml

from duecourse.insight.guard.measuring import cut
from duecourse.insight.mood.estimate import WHOLE, Mood, estimate

_C, _W, _A, _D = Mood.CALM, Mood.WORRIED, Mood.ANGRY, Mood.DISTRESSED
CPED: Mapping[str, Mood] = {
    "neutral": _C, "happy": _C, "grateful": _C, "relaxed": _C, "positive-other": _C, "worried": _W, "fear": _W,
    "anger": _A, "disgust": _A, "sadness": _D, "depress": _D,
}  # fmt: skip
GO: Mapping[str, Mood] = {
    **dict.fromkeys(("neutral", "approval", "gratitude", "curiosity", "optimism", "caring", "realization", "relief",
                     "joy", "admiration"), _C),
    **dict.fromkeys(("fear", "nervousness"), _W),
    **dict.fromkeys(("anger", "annoyance", "disgust"), _A),
    **dict.fromkeys(("sadness", "grief", "remorse", "disappointment"), _D),
}  # fmt: skip
WEIBO: Mapping[str, Mood] = {"neutral": _C, "happy": _C, "fear": _W, "angry": _A, "sad": _D}
"""Their emotions as moods; what is none of ours (surprise, desire, other) is left out."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Of a set and a mood: how many there are and were found, how many others were taken for it.

    ``sure_ppm`` is how sure the estimates of this mood were in the mean, ``right_ppm`` how often they were right.
    """

    name: str
    lang: str
    mood: Mood
    there: int
    found: int
    others: int
    taken: int
    sure_ppm: int
    right_ppm: int


def labelled(lang: str, data: Path) -> list[tuple[str, Mood]]:
    """The texts of a language's set of class A with their moods."""
    if lang == "zh":
        frame = pl.read_parquet(data / "dialogue_emotion_zh_cped" / "utterances.parquet")
        pairs = frame.select("utterance", pl.col("emotion").replace_strict(CPED, default=None, return_dtype=pl.String))
    else:
        frame = pl.read_parquet(data / "emotion_en_goemotions" / "posts.parquet").filter(
            pl.col("labels").list.len() == 1
        )
        one = pl.col("labels").list.first()
        pairs = frame.select("text", one.replace_strict(GO, default=None, return_dtype=pl.String))
    return _unique(pairs)


def _unique(pairs: pl.DataFrame) -> list[tuple[str, Mood]]:
    """Each text once; one that stands under several moods is left out."""
    text, mood = pairs.columns
    once = pairs.drop_nulls().group_by(text).agg(pl.col(mood).unique()).filter(pl.col(mood).list.len() == 1)
    return [(str(said), Mood(str(moods[0]))) for said, moods in once.sort(text).iter_rows()]


def measure(sentences: Path, data: Path | None) -> list[Measured]:
    """Every set, mood by mood."""
    told: list[Measured] = []
    for lang, rows in yaml.safe_load(sentences.read_text("utf-8")).items():
        told += _lines("sentences of our own", lang, [(str(text), Mood(mood)) for mood, text in rows])
    if data is not None:
        for name, lang in (("CPED (class A), cut off", "zh"), ("GoEmotions (class A), cut off", "en")):
            told += _lines(name, lang, [one for one in labelled(lang, data) if cut(one[0]) == 0])
        frame = pl.read_parquet(data / "emotion_zh_weibo" / "posts.parquet")
        moods = pl.col("label").replace_strict(WEIBO, default=None, return_dtype=pl.String)
        told += _lines("Weibo (class B), all", "zh", _unique(frame.select("text", moods)))
    return told


def _lines(name: str, lang: str, rows: Iterable[tuple[str, Mood]]) -> Iterator[Measured]:
    there, found, taken, sure = Counter[Mood](), Counter[Mood](), Counter[Mood](), Counter[Mood]()
    total = 0
    for text, meant in rows:
        told = estimate(text)
        total += 1
        there[meant] += 1
        found[meant] += told.mood is meant
        taken[told.mood] += told.mood is not meant
        sure[told.mood] += told.ppm
    for mood in Mood:
        said = found[mood] + taken[mood]
        yield Measured(
            name, lang, mood, there[mood], found[mood], total - there[mood], taken[mood],
            sure[mood] // said if said else 0, found[mood] * WHOLE // said if said else 0,
        )  # fmt: skip
