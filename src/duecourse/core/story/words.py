"""The words of one story line, read one by one: days, amounts, rates, numbers, names from closed lists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar

from duecourse.core.money import exponent
from duecourse.trouble import N_, BadInput, Said

if TYPE_CHECKING:
    from collections.abc import Iterable
    from enum import Enum

    E = TypeVar("E", bound=Enum)

AMOUNT = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
RATE = re.compile(r"(\d{1,3})(?:\.(\d{1,4}))?%")


class Unreadable(BadInput):
    """A line that cannot be read; the message says what was found and what may stand there."""


def one_of(word: str, names: Iterable[str], what: str) -> str:
    """The word, if it is in a closed list; raises `Unreadable` naming the list and the nearest word of it."""
    listed = list(names)
    if word not in listed:
        close = get_close_matches(word, listed, n=1)
        hint = Said(N_("; did you mean {name!r}?"), name=str(close[0])) if close else ""
        raise Unreadable(
            N_("{word!r} is not {what}; it is one of: {known}{near}"),
            word=word, what=what, known=", ".join(listed), near=hint,
        )  # fmt: skip
    return word


def minor_units(word: str, currency: str) -> int:
    """``12,000.00`` in minor units of a currency; raises `Unreadable`.

    >>> minor_units("12,000.00", "CNY"), minor_units("1,200", "JPY")
    (1200000, 1200)
    """
    places = exponent(currency)
    whole, _, cents = word.partition(".")
    if not AMOUNT.fullmatch(word) or len(cents) != places:
        like = f"1,234.{'5' * places}" if places else "1,234"
        raise Unreadable(
            N_("{word!r} is not an amount of {currency}; amounts look like {like}"),
            word=word, currency=currency, like=like,
        )  # fmt: skip
    return int(whole.replace(",", "") + cents)


def ppm(word: str) -> int:
    """``13.5%`` in parts per million; raises `Unreadable`.

    >>> ppm("13.5%"), ppm("0.0175%")
    (135000, 175)
    """
    match = RATE.fullmatch(word)
    if match is None:
        raise Unreadable(N_("{word!r} is not a rate; rates look like 13.5%, with up to four decimals"), word=word)
    return int(match[1]) * 10_000 + int((match[2] or "").ljust(4, "0"))


@dataclass(slots=True)
class Words:
    """A line's words and how far they have been read. Every reader raises `Unreadable`."""

    words: list[str]
    currency: str = "CNY"
    at: int = 0

    def __bool__(self) -> bool:
        """Whether words are left."""
        return self.at < len(self.words)

    @property
    def ahead(self) -> str:
        """The next word, not taken; empty at the end."""
        return self.words[self.at] if self else ""

    def take(self, what: str) -> str:
        """The next word, which is to be ``what``."""
        if not self:
            raise Unreadable(N_("the line ends where {what} is expected"), what=what)
        self.at += 1
        return self.words[self.at - 1]

    def took(self, word: str) -> bool:
        """Take the next word if it is this one."""
        found = self.ahead == word
        self.at += found
        return found

    def name(self, names: Iterable[str], what: str) -> str:
        """The next word, from a closed list."""
        return one_of(self.take(what), names, what)

    def keyword(self, word: str) -> None:
        """Take the next word, which can only be this one."""
        self.name((word,), Said(N_("the word {word!r}"), word=word))

    def member(self, members: type[E], what: str) -> E:
        """The next word as a member of an enumeration, by its value (or name, in lower case)."""
        by_word = {str(m.value) if isinstance(m.value, str) else m.name.lower(): m for m in members}
        return by_word[self.name(by_word, what)]

    def members(self, members: type[E], what: str) -> list[E]:
        """The next word as a list of members, parted by commas."""
        return [Words([part]).member(members, what) for part in self.take(what).split(",")]

    def amount(self) -> int:
        """The next word as an amount of the loan's currency, in minor units."""
        return minor_units(self.take(N_("an amount")), self.currency)

    def rate(self) -> int:
        """The next word as an annual rate, in ppm."""
        return ppm(self.take(N_("a rate")))

    def number(self) -> int:
        """The next word as a whole number."""
        word = self.take(N_("a number"))
        if not word.isascii() or not word.isdigit():
            raise Unreadable(N_("{word!r} is not a whole number"), word=word)
        return int(word)

    def day(self) -> date:
        """The next word as a day."""
        return day_of(self.take(N_("a day")))

    def end(self) -> None:
        """Nothing may be left."""
        if self:
            raise Unreadable(N_("{word!r} is not expected here"), word=self.ahead)


def day_of(word: str) -> date:
    """``2026-03-01``; raises `Unreadable`."""
    if DAY.fullmatch(word):
        try:
            return date.fromisoformat(word)
        except ValueError:
            raise Unreadable(N_("{day} is not in the calendar"), day=word) from None
    raise Unreadable(N_("{word!r} is not a day; days look like 2026-03-01"), word=word)
