"""Making the tables of moods from public sets of class A (`mood.measuring`): needs the packages of the tests.

Of five parts by hash, the first is measured upon and touched by nothing here; the second sets how scores become shares
and what rules are worth; the other three train.
"""

from __future__ import annotations

from collections import Counter
from math import log
from pathlib import Path
from typing import Any

from scipy.optimize import minimize
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from duecourse.insight.guard.measuring import cut
from duecourse.insight.guard.model import Model, grams, read_text
from duecourse.insight.mood.estimate import LANGUAGES, WHOLE, Mood, Weights, folded, found_by, rules, spread
from duecourse.insight.mood.measuring import labelled

_KEPT = 5_000
"""Weights below this many millionths are left out of the table."""


def train(lang: str, data: Path) -> Weights:
    """The weights of a language."""
    rows = [(folded(text), mood, cut(text)) for text, mood in labelled(lang, data)]
    learn = [(read_text(words, lang), mood) for words, mood, part in rows if part > 1]
    vectors = CountVectorizer(analyzer=_analyser(lang), binary=True, min_df=8)
    matrix = vectors.fit_transform([text for text, _ in learn])
    names = [str(name) for name in vectors.get_feature_names_out()]
    models = {}
    for mood in Mood:
        fitted = LogisticRegression(solver="liblinear", l1_ratio=1.0, C=0.4, class_weight="balanced", random_state=0)
        fitted.fit(matrix, [one is mood for _, one in learn])
        table = {
            name: millionths
            for name, weight in zip(names, fitted.coef_[0], strict=True)
            if abs(millionths := round(float(weight) * WHOLE)) >= _KEPT
        }
        models[mood] = Model(lang, round(float(fitted.intercept_[0]) * WHOLE), 0, table)
    setting = [(words, mood) for words, mood, part in rows if part == 1]
    bare = [(words, mood) for words, mood in setting if found_by(words) is None]
    scale, shift = _set(
        [({one: models[one].score(read_text(words, lang)) for one in Mood}, mood) for words, mood in bare]
    )
    return Weights(lang, models, scale, shift, _worth(setting))


def _set(scored: list[tuple[dict[Mood, int], Mood]]) -> tuple[int, dict[Mood, int]]:
    """Scale and shifts under which the shares of what came true are likeliest."""

    def whole(values: Any) -> tuple[int, dict[Mood, int]]:  # noqa: ANN401 - what scipy gives
        numbers = [round(float(one) * WHOLE) for one in values]
        return numbers[0], dict(zip(Mood, (0, *numbers[1:]), strict=True))

    def loss(values: Any) -> float:  # noqa: ANN401 - as above
        scale, shift = whole(values)
        return -sum(log(max(spread(scores, scale, shift)[mood], 1) / WHOLE) for scores, mood in scored) / len(scored)

    found = minimize(
        loss, [1.0, -0.5, -0.5, -0.5], method="Nelder-Mead", options={"maxiter": 600, "xatol": 1e-3, "fatol": 1e-5}
    )
    return whole(found.x)


def _worth(setting: list[tuple[str, Mood]]) -> dict[str, int]:
    """How often each rule was right, by the rule of succession: one that was seen little is little sure."""
    said, right = Counter[str](), Counter[str]()
    for words, mood in setting:
        rule = found_by(words)
        if rule is not None:
            said[rule.name] += 1
            right[rule.name] += rule.mood is mood
    return {one.name: (right[one.name] + 1) * WHOLE // (said[one.name] + 2) for one in rules()}


def _analyser(lang: str) -> Any:  # noqa: ANN401 - what scikit-learn calls
    def analyse(text: str) -> list[str]:
        return [gram for _, gram in grams(text, lang)]

    return analyse


def written(made: Weights) -> str:
    """Weights as the table that ships."""
    head = {
        **{f"bias_{mood}": made.models[mood].bias for mood in Mood}, "scale": made.scale,
        **{f"shift_{mood}": made.shift[mood] for mood in Mood}, **made.worth,
    }  # fmt: skip
    lines = [" ".join(f"{name}={value}" for name, value in head.items())]
    for gram in sorted({gram for mood in Mood for gram in made.models[mood].weights}):
        shown = gram.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
        lines.append("\t".join([shown, *(str(made.models[mood].weights.get(gram, 0)) for mood in Mood)]))
    return "\n".join(lines) + "\n"


def tables(data: Path) -> dict[str, str]:
    """The tables of every language, by the name of their file."""
    return {f"model_{lang}.tsv": written(train(lang, data)) for lang in LANGUAGES}
