"""What went wrong, in words one can act on: the base of every error that duecourse raises on purpose.

Three kinds of trouble are kept apart. Expected outcomes are values and never pass through here. A command that cannot
be done raises a class of its own derived from one of the bases below, built from values and worded as a sentence: what
happened, to what, by which rule, what to do next. A broken invariant (``core.money``) is a fault of ours that nobody
catches.

Whatever was not worded by us may quote a borrower's data (a database quotes the row): `masked` covers it before it is
shown or logged.

What does not belong here: the errors themselves. Each lives with the noun it is about. Nothing but the standard
library is imported, so that every layer may use this.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import IntEnum
from typing import ClassVar, Self, TypeVar

Item = TypeVar("Item")
Done = TypeVar("Done")

_HAN = re.compile(r"[\u4e00-\u9fff]+")
_NUMBERS = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+|\+?\d(?:[ -]?\d){6,}[Xx]?")
_PERSONAL = re.compile(rf"{_NUMBERS.pattern}|{_HAN.pattern}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Exit(IntEnum):
    """How a command ended, as its exit status; part of the public interface."""

    OK = 0  # done
    FOUND = 1  # done, and it found problems: quarantined rows, breaks, a failed verification
    USAGE = 2  # the command line is not understood
    BAD_INPUT = 3  # a file, mapping, rule or value given to us is wrong
    REFUSED = 4  # the law, a policy or a permission says no
    BUSY = 5  # somebody else is doing it; try again later
    UNAVAILABLE = 6  # the store, a key or a program we need cannot be reached
    FAULT = 70  # a fault of duecourse itself
    INTERRUPTED = 130  # stopped by Ctrl-C; nothing is left half done
    UNREAD = 141  # the reader of the output went away, as `| head` does


def N_(text: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Mark a sentence for the catalogues where it is written; it is put into a language where it is shown."""
    return text


class Said(str):
    """A part of a sentence that is a sentence with values of its own; as text it is English.

    >>> why = Said(N_("it has {columns} columns"), columns=3)
    >>> german = {"it has {columns} columns": "sie hat {columns} Spalten", "refused: {why}": "abgelehnt: {why}"}
    >>> str(why), worded("refused: {why}", {"why": why}, lambda text: german.get(text, text))
    ('it has 3 columns', 'abgelehnt: sie hat 3 Spalten')
    """

    __slots__ = ("sentence", "values")
    sentence: str
    values: Mapping[str, object]

    def __new__(cls, sentence: str, **values: object) -> Self:
        """Fill the values in; ``sentence`` is marked by `N_`."""
        said = super().__new__(cls, sentence.format(**values) if values else sentence)
        said.sentence, said.values = sentence, values
        return said


def worded(sentence: str, values: Mapping[str, object], translate: Callable[[str], str]) -> str:
    """A marked sentence in the language of ``translate``, and in it those of its values that are words of ours.

    What a sentence quotes (``{word!r}``) stays as somebody wrote it.
    """

    def word(name: str, value: object) -> object:
        if isinstance(value, Said | Trouble):
            return worded(value.sentence, value.values, translate)
        quoted = f"{{{name}!r" in sentence
        return translate(value) if isinstance(value, str) and value and not quoted else value

    known = translate(sentence) if sentence else ""
    return known.format(**{name: word(name, value) for name, value in values.items()}) if values else known


class Trouble(Exception):
    """A command cannot be done, and the message says what to do. Derive one class per condition.

    A sentence with places for values, marked by `N_` and given its values by name, can be shown in the reader's
    language: screens do so.

    >>> str(Trouble(N_("user {user} is locked"), user="E01"))
    'user E01 is locked'
    """

    exit: ClassVar[Exit] = Exit.FAULT
    place: int | None = None  # of several things asked at once: which of them it is about, counted from 0

    def __init__(self, sentence: str = "", **values: object) -> None:
        self.sentence = sentence
        self.values = values
        super().__init__(sentence.format(**values) if values else sentence)


def each(act: Callable[[Item], Done], items: Iterable[Item]) -> Iterator[Done]:
    """What an act makes of each item; trouble with one of them says which.

    >>> def halved(number: int) -> int:
    ...     if number % 2:
    ...         raise Trouble("odd")
    ...     return number // 2
    >>> try:
    ...     list(each(halved, (2, 4, 5)))
    ... except Trouble as trouble:
    ...     trouble.place
    2
    """
    for place, item in enumerate(items):
        try:
            done = act(item)
        except Trouble as trouble:
            trouble.place = place
            raise
        yield done


class BadInput(Trouble):
    """What we were given is wrong: the message names the place, the value (masked if personal) and the rule."""

    exit = Exit.BAD_INPUT


class Refused(Trouble):
    """The law, a policy or a permission says no: the message names the rule and what may be done instead."""

    exit = Exit.REFUSED


class Busy(Trouble):
    """Somebody else holds what we need: the message says who, and when to try again."""

    exit = Exit.BUSY


class Unavailable(Trouble):
    """A store, key or program cannot be reached: the message says which and how to bring it back."""

    exit = Exit.UNAVAILABLE


def masked(text: str) -> str:
    """A text with everything that may be a phone, ID or account number, a mailbox or a Chinese name covered; days stay.

    >>> masked("row (13800001111, wang@example.com) due 2026-03-01")
    'row (***11, ***) due 2026-03-01'
    """
    return _PERSONAL.sub(_cover, text)


def told(said: Trouble | Said, translate: Callable[[str], str]) -> str:
    """What was said in the language of ``translate``, covered as `masked` covers; the language's own words stay.

    A sentence that ``translate`` does not know is English, and covered whole.

    >>> chinese = {"{name} has no {what}": "{name} 没有{what}", "mailbox": "邮箱"}
    >>> told(Said("{name} has no {what}", name="王五", what="mailbox"), lambda text: chinese.get(text, text))
    '*** 没有邮箱'
    """
    if not said.sentence or translate(said.sentence) == said.sentence:
        return masked(str(said))
    values = {name: _nameless(value, translate) for name, value in said.values.items()}
    return _NUMBERS.sub(_cover, worded(said.sentence, values, translate))


def _nameless(value: object, translate: Callable[[str], str]) -> object:
    """A value of a sentence without Chinese that is no word of ours."""
    if isinstance(value, Said | Trouble):
        return told(value, translate)
    if isinstance(value, str) and value and translate(value) != value:
        return value
    return _HAN.sub("***", str(value)) if _HAN.search(str(value)) else value


def _cover(found: re.Match[str]) -> str:
    word = found.group()
    if _DAY.fullmatch(word):
        return word
    return f"***{word[-2:]}" if word[-1].isdigit() else "***"
