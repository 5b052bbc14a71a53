"""What is said, in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

SAYS: dict[str, list[str]] = json.loads(Path(__file__).with_name("sentences.json").read_text(encoding="utf-8"))
"""Each sentence in English and in Chinese; the page in the browser says the same."""

UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What could make a line look like another one."""


def said(word: str, values: dict[str, object]) -> tuple[str, str]:
    """A sentence with its values, in both languages."""
    en, zh = (UNSHOWN.sub("\ufffd", sentence.format(**values)) for sentence in SAYS[word])
    return en, zh


class Wrong(Exception):
    """Something that does not hold: a word of `SAYS` and its values."""

    def __init__(self, word: str, **values: object) -> None:
        """Keep both sentences."""
        self.said = said(word, values)
        super().__init__(self.said[0])
