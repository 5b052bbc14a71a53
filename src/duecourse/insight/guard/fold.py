"""A text as the guard reads it: folded forms in which a phrase cannot hide, each with the place of every character.

`words` has compatibility forms and lower case; `tight` letters, digits and Han characters alone, so that spaces, signs
and emoji between them hide nothing, and Han characters written as two are one again; `sound` is tight by its sound: a
Han character is its syllable without tone, and so is pinyin; `hidden` Latin letters alone, with figures that stand for
letters.

Most texts hold nothing, so each form is made as a text alone first (``*_text``), and with its places where something is
found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pypinyin.pinyin_dict import pinyin_dict

SPLIT = {
    "贝戋": "贱", "贝戈戈": "贱", "女表": "婊", "女马": "妈", "犭者": "猪", "犬者": "猪", "犭句": "狗", "犬句": "狗",
    "歹匕": "死", "亻老": "佬", "基亻老": "基佬", "月孛": "脖", "纟冬": "终", "夕卜": "外", "弓虽": "强", "女干": "奸",
    "讠正": "证", "氵去": "法", "亻言": "信", "扌丁": "打", "石欠": "砍", "忄白": "怕", "氵衮": "滚", "亻尔": "你",
    "女也": "她", "亻也": "他", "马奇": "骑", "马扁": "骗", "走己": "起", "讠斥": "诉", "扌爪": "抓", "火暴": "爆",
    "日暴": "曝", "车轰": "轰", "氵皮": "泼", "口马": "骂", "尸吊": "屌", "尸肖": "屑", "疒疑": "痴", "疒知": "痴",
    "虫疋": "蛋", "疋虫": "蛋", "宀牛": "牢", "牛宀": "牢", "矢豆": "短", "扌斤": "折", "户方": "房", "木艮": "根",
}  # fmt: skip
"""Two characters side by side, or three, that stand for one which the rules name."""

_SPLIT = re.compile("|".join(sorted(map(re.escape, SPLIT), key=len, reverse=True)))
_SYLLABLES_FROM = 0xF0000
"""Private characters: one for each syllable."""

_LATIN = re.compile(r"[a-z]{2,12}")
_BETWEEN = re.compile(r"[\W_]+")
_LETTERS = re.compile(r"[^a-z]+")
_THRICE = re.compile(r"([a-z])\1{2,}")
_FIGURES = str.maketrans("01345 7@$!|".replace(" ", ""), "oieas" + "tasii")
_UNSEEN = re.compile(
    "[\u0300-\u036f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
"""Marks upon letters, and what is not seen at all."""


@dataclass(frozen=True, slots=True)
class Form:
    """One folded form: the text, and where each of its characters began and ended in the text as it was written."""

    text: str
    first: Sequence[int]
    end: Sequence[int]

    def span(self, first: int, end: int) -> tuple[int, int]:
        """Where the characters from ``first`` up to ``end`` stood."""
        return self.first[first], self.end[end - 1]

    def picked(self, places: Sequence[int]) -> Form:
        """These characters alone."""
        return Form(
            "".join([self.text[at] for at in places]),
            [self.first[at] for at in places],
            [self.end[at] for at in places],
        )


def words_text(text: str) -> str:
    """Compatibility forms and lower case; what is not seen goes."""
    if text.isascii():
        return text.lower()
    return _UNSEEN.sub("", unicodedata.normalize("NFKD", text).lower())


def words(text: str) -> Form:
    """The same with its places."""
    plain = text.lower() if text.isascii() else unicodedata.normalize("NFKD", text).lower()
    if len(plain) == len(text) and not _UNSEEN.search(plain):  # nothing expands, so each stands where it stood
        return Form(plain, range(len(plain)), range(1, len(plain) + 1))
    made: list[str] = []
    at: list[int] = []
    for place, char in enumerate(text):
        for one in _UNSEEN.sub("", unicodedata.normalize("NFKD", char).lower()):
            made.append(one)
            at.append(place)
    return Form("".join(made), at, [place + 1 for place in at])


def tight_text(text: str) -> str:
    """Letters, digits and Han characters of a text of words; a Han character written as two is one."""
    return _SPLIT.sub(lambda found: SPLIT[found.group()], _BETWEEN.sub("", text))


def tight(form: Form) -> Form:
    """The same with its places."""
    form = form.picked([at for at, char in enumerate(form.text) if char.isalnum()])
    made = _Making(form)
    for found in _SPLIT.finditer(form.text):
        made.up_to(found.start())
        made.take(found.end(), SPLIT[found.group()])
    return made.done()


def sound_text(text: str) -> str:
    """A tight text by its sound."""
    syllables, table = _syllables()

    def syllabic(run: re.Match[str]) -> str:
        parts = _parted(run.group())
        return run.group() if parts is None else "".join([syllables[part] for part in parts])

    return _LATIN.sub(syllabic, text).translate(table)


def sound(form: Form) -> Form:
    """The same with its places."""
    syllables, table = _syllables()
    made = _Making(form)
    for run in _LATIN.finditer(form.text):
        made.up_to(run.start())
        for part in _parted(run.group()) or ():
            made.take(made.at + len(part), syllables[part])
    told = made.done()
    return Form(told.text.translate(table), told.first, told.end)


def hidden_text(text: str) -> str:
    """Latin letters of a text of words, figures and signs that stand for letters among them, none thrice in a row."""
    return _THRICE.sub(r"\1", _LETTERS.sub("", text.translate(_FIGURES)))


def hidden(form: Form) -> Form:
    """The same with its places."""
    text = form.text.translate(_FIGURES)
    form = Form(text, form.first, form.end).picked([at for at, char in enumerate(text) if "a" <= char <= "z"])
    made = _Making(form)
    for run in _THRICE.finditer(form.text):
        made.up_to(run.start())
        made.take(run.end(), run.group(1))
    return made.done()


class _Making:
    """A form made anew from another: parts of it as they are, parts in other characters."""

    def __init__(self, form: Form) -> None:
        self.form, self.at = form, 0
        self._text: list[str] = []
        self._first: list[int] = []
        self._end: list[int] = []

    def up_to(self, end: int) -> None:
        """What stands up to here, as it is."""
        self._text.append(self.form.text[self.at : end])
        self._first += self.form.first[self.at : end]
        self._end += self.form.end[self.at : end]
        self.at = end

    def take(self, end: int, instead: str) -> None:
        """Other characters for what stands up to here."""
        first, last = self.form.span(self.at, end)
        self._text.append(instead)
        self._first += [first] * len(instead)
        self._end += [last] * len(instead)
        self.at = end

    def done(self) -> Form:
        """The form, with what is left."""
        self.up_to(len(self.form.text))
        return Form("".join(self._text), self._first, self._end)


@cache
def _syllables() -> tuple[dict[str, str], dict[int, str]]:
    """The characters of syllables, and the table from Han characters to them; the first reading of each counts."""
    syllables: dict[str, str] = {}
    table: dict[int, str] = {}
    for code, readings in pinyin_dict.items():
        first = unicodedata.normalize("NFKD", readings.split(",")[0]).encode("ascii", "ignore").decode()
        if first:
            table[code] = syllables.setdefault(first, chr(_SYLLABLES_FROM + len(syllables)))
    return syllables, table


@cache
def _parted(run: str) -> tuple[str, ...] | None:
    """A run of letters as pinyin syllables, the longest first; None where it is none."""
    if not run:
        return ()
    syllables, _ = _syllables()
    for size in range(min(6, len(run)), 1, -1):
        if run[:size] in syllables and (rest := _parted(run[size:])) is not None:
            return run[:size], *rest
    return None
