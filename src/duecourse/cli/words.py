"""The terminal's language: chosen once when the program starts, by ``--lang``, DUECOURSE_LANG, LC_ALL or LANG."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from duecourse.locale import Language, catalogue, language_of


class _Chosen:
    """The language of this run; English until ``use`` is called."""

    language = Language.EN


def language_asked(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """The language that a command line and an environment ask for, the first of these that says something.

    >>> language_asked(["--lang", "zh"], {"LANG": "en_GB.UTF-8"})
    <Language.ZH: 'zh-CN'>
    """
    for place, word in enumerate(arguments):
        if word == "--lang" and place + 1 < len(arguments):
            return language_of(arguments[place + 1])
        if word.startswith("--lang="):
            return language_of(word.removeprefix("--lang="))
    for name in ("DUECOURSE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return language_of(environment[name])
    return Language.EN


def use(language: Language | None = None, arguments: Sequence[str] = ()) -> Language:
    """Choose the language of this run: the one given, else the one that the arguments or the environment ask for."""
    _Chosen.language = language or language_asked(arguments, os.environ)
    return _Chosen.language


def language() -> Language:
    """The language of this run, for texts that carry both languages themselves (rules, templates)."""
    return _Chosen.language


def lang() -> str:
    """``zh`` or ``en``: the key under which rules, strategies and templates hold their texts."""
    return "zh" if _Chosen.language is Language.ZH else "en"


def _(text: str) -> str:
    """The text in the language of this run; texts not in the catalogue stay English."""
    return catalogue(_Chosen.language).gettext(text) if text else ""  # gettext keeps a catalogue's header under ""


def word(data: str | None) -> str | None:
    """A word of the data (a relation, a channel, a state) in the language of this run; None stays.

    >>> word("contact_person")
    'contact person'
    """
    return None if data is None else _(data.replace("_", " "))


def joined(words: Iterable[str]) -> str:
    """Words of a list, with the comma of the language.

    >>> joined(["phone", "mobile"])
    'phone, mobile'
    """
    return (", " if _Chosen.language is Language.EN else "、").join(words)


def _n(one: str, many: str, count: int) -> str:
    """The text for a count, in the language of this run; the caller fills in the number."""
    return catalogue(_Chosen.language).ngettext(one, many, count)
