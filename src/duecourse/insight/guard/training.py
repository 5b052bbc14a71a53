"""Making the models' tables from public sets of class A (`measuring`): needs the packages of the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from duecourse.insight.guard import fold
from duecourse.insight.guard.measuring import SOURCES, cut, rows
from duecourse.insight.guard.model import LANGUAGES, Model, grams, read_text

ALARMS_PPM = {True: 500, False: 40_000}
"""Of the harmless texts that set the threshold, so many in a million may be findings of the model: of customers' and
everyday talk, and of quarrels in public forums, which no message of a lender is like."""


def train(lang: str, data: Path) -> Model:
    """The model of a language, from the sets of class A."""
    found = [
        (read_text(fold.words_text(text), lang), bad, one.everyday, cut(text))
        for one in SOURCES
        if one.shipped and one.lang == lang
        for text, bad in rows(one, data)
    ]
    learn = [(text, bad) for text, bad, _, part in found if part > 1]
    vectors = CountVectorizer(analyzer=_analyser(lang), binary=True, min_df=5)
    matrix = vectors.fit_transform([text for text, _ in learn])
    fitted = LogisticRegression(solver="liblinear", l1_ratio=1.0, C=1.0, class_weight="balanced", random_state=0)
    fitted.fit(matrix, [bad for _, bad in learn])
    names, weights = vectors.get_feature_names_out(), fitted.coef_[0]
    table = {
        str(name): millionths
        for name, weight in zip(names, weights, strict=True)
        if (millionths := round(float(weight) * 1_000_000)) != 0
    }
    draft = Model(lang, round(float(fitted.intercept_[0]) * 1_000_000), 0, table)
    threshold = max(
        _threshold(
            [draft.score(text) for text, bad, everyday, part in found if (part, bad, everyday) == (1, False, one)], most
        )
        for one, most in ALARMS_PPM.items()
    )
    return Model(lang, draft.bias, threshold, table)


def _threshold(scores: list[int], most_ppm: int) -> int:
    """The score that no more than so many of these pass."""
    return sorted(scores, reverse=True)[len(scores) * most_ppm // 1_000_000] + 1


def _analyser(lang: str) -> Any:  # noqa: ANN401 - what scikit-learn calls
    def analyse(text: str) -> list[str]:
        return [gram for _, gram in grams(text, lang)]

    return analyse


def written(model: Model) -> str:
    """A model as the table that ships."""
    lines = [f"bias={model.bias} threshold={model.threshold}"]
    for gram, weight in sorted(model.weights.items()):
        shown = gram.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
        lines.append(f"{shown}\t{weight}")
    return "\n".join(lines) + "\n"


def tables(data: Path) -> dict[str, str]:
    """The tables of every language, by the name of their file."""
    return {f"model_{lang}.tsv": written(train(lang, data)) for lang in LANGUAGES}
