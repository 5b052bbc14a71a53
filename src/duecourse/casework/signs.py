"""What a line of a bank statement may name: loan numbers, codes of notices, phones, names; found in its text.

Pure: a text in, words out. Nothing here is looked up, and nothing is decided.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from duecourse.casework.notice_code import normal

WORDS_MAX = 60
NAMES_MAX = 80
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_/\-]{1,63}")
_PARTS = re.compile(r"[_/\-]")
_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{4}(?:[-\s]?[0-9A-Za-z]{4}){3}(?![0-9A-Za-z])")
_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1\d{2}[- ]?\d{4}[- ]?\d{4}(?!\d)|(?<![\d+])\+\d{8,14}(?!\d)")
_HAN = re.compile(r"[\u3400-\u9fff]{2,40}")
_LINK = re.compile(r"(?<![A-Za-z])DC[A-P]{16}(?![A-Za-z])", re.IGNORECASE)
_LETTER, _DIGIT = re.compile(r"[A-Za-z]"), re.compile(r"\d")


def loan_numbers(text: str) -> list[str]:
    """Words that may be a lender's loan number, and neighbours put together: banks break texts where a line is full.

    >>> loan_numbers("还款 L000 123，第3期")
    ['L000', '123', 'L000123']
    """
    words = [one.rstrip("-_/") for one in _WORD.findall(unicodedata.normalize("NFKC", text))][:WORDS_MAX]
    found = dict.fromkeys(word for word in words if len(word) >= 2)
    for word in words:
        parts = _PARTS.split(word)
        found.update(dict.fromkeys(part for part in parts if len(part) >= 2 and part != word))
    found.update(dict.fromkeys(f"{one}{other}" for one, other in pairwise(words)))
    return [*found, *(upper for word in found if (upper := word.upper()) not in found)]


def hardly_by_chance(number: str) -> bool:
    """Whether a loan number would hardly stand in a text without being meant.

    >>> [hardly_by_chance(one) for one in ("L000123", "L1", "20260302", "154000000012")]
    [True, False, False, True]
    """
    bare = _PARTS.sub("", number)
    if _LETTER.search(bare) and _DIGIT.search(bare):
        return len(bare) >= 6
    return len(bare) >= 12


def codes(text: str) -> list[str]:
    """Words that may be the code of a notice, in its one form."""
    found = (normal(one) for one in _CODE.findall(unicodedata.normalize("NFKC", text)))
    return list(dict.fromkeys(one for one in found if one))


def links(text: str) -> list[str]:
    """Words that may be the reference of a payment link."""
    return list(dict.fromkeys(one.upper() for one in _LINK.findall(unicodedata.normalize("NFKC", text))))


def phones(text: str) -> list[str]:
    """Words that may be a phone number."""
    return list(dict.fromkeys(_PHONE.findall(unicodedata.normalize("NFKC", text))))


def names(text: str) -> list[str]:
    """Stretches of Chinese that may be somebody's name, two to four characters."""
    return list(dict.fromkeys(_stretches(unicodedata.normalize("NFKC", text))))[:NAMES_MAX]


def _stretches(text: str) -> Iterator[str]:
    for run in _HAN.findall(text):
        for length in (3, 2, 4):
            yield from (run[at : at + length] for at in range(len(run) - length + 1))
