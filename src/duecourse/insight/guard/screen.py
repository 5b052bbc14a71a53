"""Screening a text: rules, personal numbers and the model; each finding has its place in the text as it was written."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from ahocorasick_rs import AhoCorasick

from duecourse.insight.guard import fold, model, numbers
from duecourse.insight.guard.fold import Form

TEXT_MAX = 20_000
"""Characters that are read; a longer text is a finding itself."""

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_GAP = r".{0,6}?"
"""What `~` stands for."""

_NOT = (
    "不会 不得 不能 不可 不应 不要 不许 不准 不用 无需 绝不 决不 "
    "从不 并非 不是 禁止 严禁 请勿 切勿 勿 防止 谨防 警惕 避免 "
    "没有 未曾 无权 举报 如遇 冒充 凡是 不存在 不构成 不属于 免于 不因"
)
_DENIED_ZH = re.compile(f"({'|'.join(_NOT.split())})[^,.!?;:\uff0c\u3002\uff01\uff1f\uff1b\uff1a\n]{{0,14}}\\Z")
_DENIED_EN = re.compile(
    r"\b(not|never|cannot|can't|won't|don't|doesn't|didn't|isn't|aren't|no one|nobody|without|nor|prohibited from|"
    r"forbidden to|illegal to|against the law to|beware of|report any)\b[^.!?;\n]{0,40}\Z"
)
_BEFORE = 48
"""Characters before a phrase in which it may be denied."""


class Category(StrEnum):
    """What is wrong with a text."""

    INSULT = "insult"
    THREAT = "threat"
    SHAMING = "shaming"
    FALSE_LEGAL = "false_legal"
    DISCLOSURE = "disclosure"
    PRESSURE = "pressure"
    NUMBER = "personal_number"
    UNREAD = "unread"  # too long to be read


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that nobody may say: which rule, where, and whether it was hidden."""

    category: Category
    rule: str
    law: str  # the fact of the law that it answers
    start: int
    end: int
    disguised: bool
    says: dict[str, str]

    def words(self, text: str) -> str:
        """The words of the text."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A phrase of a rule: how it is told from the text around its anchor."""

    rule: dict[str, Any]
    pattern: re.Pattern[str] | None = None  # from the anchor on; None: the anchor is all of it
    whole: bool = False  # stands between word borders
    denied: re.Pattern[str] | None = None
    disguised: bool = False
    plain: str = ""  # by sound or by letters alone: as it would be written openly


class _Finder:
    """Phrases of one form, all looked for at once by their anchors (Aho and Corasick 1975)."""

    def __init__(self) -> None:
        self._phrases: dict[str, list[_Phrase]] = {}

    def add(self, anchor: str, phrase: _Phrase) -> None:
        """Look for one more phrase."""
        self._phrases.setdefault(anchor, []).append(phrase)

    def ready(self) -> None:
        """Build what looks for them, once all are added."""
        self._automaton = AhoCorasick(list(self._phrases))
        self._listed = list(self._phrases.values())

    def find(self, text: str) -> Iterator[tuple[_Phrase, int, int]]:
        """Every phrase that stands in a folded text, with the places there."""
        for number, first, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            for phrase in self._listed[number]:
                start, stop = first, end
                if phrase.pattern is not None:
                    found = phrase.pattern.match(text, first)
                    if found is None:
                        continue
                    stop = found.end()
                if phrase.whole and not _alone(text, start, stop):
                    continue
                yield phrase, start, stop


def _alone(text: str, start: int, end: int) -> bool:
    """Whether no Latin letter or figure touches it."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return not (before.isascii() and before.isalnum()) and not (after.isascii() and after.isalnum())


class Guard:
    """The rules and the models, ready to screen; make one and keep it. It may be asked by several threads."""

    def __init__(self) -> None:
        self._words, self._tight, self._sound, self._hidden = _Finder(), _Finder(), _Finder(), _Finder()
        for rule in read_rules():
            self._take(rule)
        for finder in (self._words, self._tight, self._sound, self._hidden):
            finder.ready()
        self._models = {lang: model.read(lang) for lang in model.LANGUAGES}

    def _take(self, rule: dict[str, Any]) -> None:
        zh, en = (_DENIED_ZH, _DENIED_EN) if rule.get("denied") else (None, None)
        for phrase in rule.get("zh", ()):
            parts = [fold.tight_text(fold.words_text(part)) for part in phrase.split("~")]
            pattern = re.compile(_GAP.join(map(re.escape, parts))) if len(parts) > 1 else None
            self._tight.add(parts[0], _Phrase(rule, pattern, denied=zh))
        for phrase in rule.get("sound", ()):
            plain = fold.tight_text(fold.words_text(phrase))
            self._sound.add(fold.sound_text(plain), _Phrase(rule, disguised=True, plain=plain))
        for token in rule.get("tokens", ()):
            self._words.add(token, _Phrase(rule, whole=True, disguised=True))
        for phrase in rule.get("en", ()):
            self._words.add(phrase, _Phrase(rule, whole=True, denied=en))
        for phrase in rule.get("hidden", ()):
            self._hidden.add(fold.hidden_text(phrase), _Phrase(rule, disguised=True, plain=phrase))

    def screen(self, text: str, *, own_numbers: Iterable[str] = ()) -> list[Finding]:
        """What nobody may say in a text, in the order of the text; ``own_numbers`` are the lender's, which it may name.

        The first `TEXT_MAX` characters are read, and a longer text is a finding.
        """
        read = text[:TEXT_MAX]
        words = fold.words_text(read)
        found = self._by_rules(read, words)
        found += [
            Finding(Category.NUMBER, one.rule, "", one.start, one.end, one.disguised, numbers.SAYS[one.rule])
            for one in numbers.find(read, words, own_numbers)
        ]
        if not any(one.category is Category.INSULT for one in found):
            found += self._by_model(read, words)
        if len(text) > TEXT_MAX:
            found.append(Finding(Category.UNREAD, "unread.long", "", TEXT_MAX, len(text), disguised=False, says=_LONG))
        return _widest(found) if len(found) > 1 else found

    def _by_rules(self, text: str, words: str) -> list[Finding]:
        """Each form is made with its places only where a phrase stands in it."""
        found: list[Finding] = []
        if any(self._words.find(words)):
            found += _found(self._words, fold.words(text), text)
        if _HAN.search(words):
            tight = fold.tight_text(words)
            if any(self._tight.find(tight)):
                found += _found(self._tight, fold.tight(fold.words(text)), text)
            if any(self._sound.find(fold.sound_text(tight))):
                shown = fold.tight(fold.words(text))
                found += _found(self._sound, fold.sound(shown), text, shown)
        if _HIDING.search(words) and any(self._hidden.find(fold.hidden_text(words))):
            shown = fold.words(text)
            found += _found(self._hidden, fold.hidden(shown), text, shown)
        return found

    def _by_model(self, text: str, words: str) -> Iterator[Finding]:
        lang = "zh" if _HAN.search(words) else "en"
        hit = self._models[lang].find(model.read_text(words, lang))
        if hit is not None:
            form = fold.words(text)
            start, end = (fold.tight(form) if lang == "zh" else form).span(*hit)
            yield Finding(Category.INSULT, f"model.{lang}", "threatens", start, end, disguised=False, says=_MODEL)


_HIDING = re.compile(
    r"\b[a-z][\W\d_]{1,2}[a-z]\b|[a-z][0134@$!|5*]+[a-z]|\b[0134@$5][a-z]|[a-z][*._-][a-z]|([a-z])\1\1"
)
"""How somebody writes who hides a word: signs or figures between letters, letters alone, one letter again and again."""

_LONG = {"zh": "文本过长，未能全部审读", "en": "the text is too long to be read to its end"}
_MODEL = {"zh": "措辞与辱骂文本相近", "en": "worded as abusive texts are"}


def _found(finder: _Finder, form: Form, written: str, shown: Form | None = None) -> Iterator[Finding]:
    for phrase, start, end in finder.find(form.text):
        first, last = form.span(start, end)
        if phrase.denied is not None and phrase.denied.search(written[max(0, first - _BEFORE) : first].lower()):
            continue
        if shown is None or _is_hidden(phrase, shown, first, last):
            rule = phrase.rule
            yield Finding(
                Category(rule["category"]), rule["rule"], rule["law"], first, last, phrase.disguised, rule["says"]
            )


def _is_hidden(phrase: _Phrase, shown: Form, first: int, last: int) -> bool:
    """Whether a phrase found by its sound, or by letters alone, is written otherwise than openly, between words."""
    begin = bisect_left(shown.first, first)
    stop = bisect_right(shown.end, last)
    if shown.text[begin:stop] == phrase.plain:
        return False
    return not phrase.plain.isascii() or _alone(shown.text, begin, stop)


def _widest(found: Sequence[Finding]) -> list[Finding]:
    """In the order of the text; of those of one category that overlap, the longest."""
    kept: list[Finding] = []
    for one in sorted(found, key=lambda each: (each.start, each.start - each.end)):
        before = next((each for each in kept if each.category is one.category and each.end > one.start), None)
        if before is None:
            kept.append(one)
        elif one.end - one.start > before.end - before.start:
            kept[kept.index(before)] = one
    return kept


@cache
def read_rules() -> tuple[dict[str, Any], ...]:
    """The shipped rules."""
    return tuple(yaml.safe_load((files("duecourse.insight.guard") / "rules.yaml").read_text("utf-8")))
