"""The words of the readable part of a bundle, English and Chinese side by side, out of `dossier_words.json`.

Order and headings follow what courts look at: source, generation, storage and custody of electronic data
(在线诉讼规则 18), then the factors of 证据规定 93 and of 在线诉讼规则 17, then what happened.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _all() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return found


def said(name: str, lang: str, /, **values: object) -> str:
    """A sentence in a language, ``en`` or ``zh``, with its values."""
    return str(_all()[name][lang]).format(**values)


def head(name: str, lang: str) -> list[str]:
    """The head of a table."""
    return [str(one[lang]) for one in _all()[name]]


def word(name: str, key: str, lang: str, *, of: str = "") -> str:
    """One word of a list of them, first as what it is ``of`` calls it; a key that is not there stands for itself."""
    listed = _all()[name]
    return str(listed.get(f"{of}/{key}", listed.get(key, {})).get(lang, key))


def masked(lang: str) -> dict[str, str]:
    """What may be masked or left out, by its name in `dossier.CLEAR`."""
    return {name: one[lang] for name, one in _all()["masked"].items()}


def factors(lang: str) -> list[tuple[str, str]]:
    """What a court looks at, and where it is answered."""
    return [(point[lang], answer[lang]) for point, answer in _all()["factors_say"]]
