"""One fact: its type, unit, words, and in which direction it may only tighten.

A fact is a whole number, a truth value, a date or a word of a closed list. What does not belong here: the facts
themselves (`law.facts`, and a module beside it for the facts that one jurisdiction alone asks).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from enum import StrEnum

from duecourse.trouble import N_, Said

Value = int | bool | str | date
"""A known fact. Missing is ``None``."""


class Kind(StrEnum):
    """The type of a fact."""

    INT = "int"
    BOOL = "bool"
    DATE = "date"
    WORD = "word"  # one of a closed list


class Tightens(StrEnum):
    """In which direction a fact may only make things stricter; the property tests hold every pack to it."""

    UP = "up"  # larger, or true
    DOWN = "down"  # smaller, or false
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Fact:
    """One word of the vocabulary."""

    name: str
    kind: Kind
    means: str
    means_zh: str
    source: str  # who supplies it
    unit: str = ""
    options: tuple[str, ...] = ()  # of a WORD, in the order of its codes
    low: int | None = None  # smallest and largest value of an INT that can be believed
    high: int | None = None
    tightens: Tightens = Tightens.NEITHER
    lifts: bool = False  # may stand in `lifted_by`
    daily: bool = False  # a counter that starts again at 0 with each local day
    rolling: int = 0  # a counter over this many local days, the day of the contact and those just before it
    ages: bool = False  # a number of days since something: one more with each local day

    def read(self, value: object) -> Value | None:
        """The value if it is one this fact can have, else ``None``: what cannot be believed is missing."""
        return self.reader()(value)

    def reader(self) -> Callable[[object], Value | None]:
        """The function that `read` calls, for whoever reads many values of the fact."""
        match self.kind:
            case Kind.BOOL:
                return _truth
            case Kind.INT:
                return self._whole
            case Kind.DATE:
                return _day
            case Kind.WORD:
                words = {word: word for word in self.options}
                return lambda value: words.get(value) if isinstance(value, str) else None

    def strictest(self, values: Iterable[Value | None]) -> Value | None:
        """What several debts have in common, else the strictest of theirs; missing where that cannot be known.

        >>> lift, bar = (flag("x", "", "", "", way) for way in (Tightens.DOWN, Tightens.UP))
        >>> lift.strictest([True, True]), lift.strictest([True, False]), lift.strictest([True, None])
        (True, False, None)
        >>> bar.strictest([True, None]), since("x", "", "", "", Tightens.UP).strictest([3, 9])
        (True, 9)
        """
        found = set(values)
        if len(found) == 1:
            return found.pop()
        worst = {Tightens.UP: True, Tightens.DOWN: False}.get(self.tightens)
        if self.kind is Kind.BOOL and worst in found:
            return worst
        known = [one for one in found if isinstance(one, int)]
        if worst is None or len(known) < len(found):
            return None
        return max(known) if worst else min(known)

    def _whole(self, value: object) -> int | None:
        if type(value) is not int:
            return None
        below = self.low is not None and value < self.low
        above = self.high is not None and value > self.high
        return None if below or above else value


def _truth(value: object) -> bool | None:
    return value if value is True or value is False else None


def _day(value: object) -> date | None:
    return value if type(value) is date else None


def flag(
    name: str, means: str, means_zh: str, source: str, tightens: Tightens = Tightens.NEITHER, *, lifts: bool = False
) -> Fact:
    """A truth value."""
    return Fact(name, Kind.BOOL, means, means_zh, source, tightens=tightens, lifts=lifts)


def word(name: str, members: type[StrEnum], means: str, means_zh: str, source: str) -> Fact:
    """A word of a closed list."""
    return Fact(name, Kind.WORD, means, means_zh, source, options=tuple(member.value for member in members))


def count(name: str, means: str, means_zh: str, unit: str, *, rolling: int = 0) -> Fact:
    """A counter of a natural day, or of as many local days as ``rolling`` says, live reservations included."""
    return Fact(
        name,
        Kind.INT,
        means,
        means_zh,
        "contact counters",
        unit,
        low=0,
        tightens=Tightens.UP,
        daily=not rolling,
        rolling=rolling,
    )


WHOLE_MAX = 2**53 - 1
"""The largest whole number of a rule: what JSON carries exactly, and the column engines hold with room to add."""

NEVER = 9_999
"""The value of a number of days since something that has never been, or was that many days ago or more."""


def since(name: str, means: str, means_zh: str, source: str, tightens: Tightens) -> Fact:
    """Local days from the day of something to the day of the contact: 0 on the day itself, `NEVER` without one."""
    return Fact(name, Kind.INT, means, means_zh, source, "days", low=0, high=NEVER, tightens=tightens, ages=True)


_HOUR_US = 3_600_000_000
_DAY_US = 24 * _HOUR_US


def grown(fact: Fact, value: int, elapsed_us: int) -> int:
    """A number of days that somebody said, so many microseconds later: it grows by the local days that may have passed.

    Where more days are stricter the most that may have passed, else the fewest; a change of the clocks takes an hour.

    >>> since("days", "", "", "", Tightens.UP).name, grown(since("days", "", "", "", Tightens.UP), 3, 2 * _HOUR_US)
    ('days', 4)
    >>> grown(since("days", "", "", "", Tightens.DOWN), 3, 26 * _HOUR_US)
    4
    """
    if fact.tightens is Tightens.UP:
        passed = -(-(elapsed_us + _HOUR_US) // _DAY_US) if elapsed_us > 0 else 0
    else:
        passed = max((elapsed_us - _HOUR_US) // _DAY_US, 0)
    return min(value + passed, NEVER)


def nearest(word: str, known: Sequence[str] | dict[str, object]) -> str:
    """``; did you mean 'x'?`` for the known word most like this one, else nothing."""
    found = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return Said(N_("; did you mean {name!r}?"), name=str(found[0])) if found else ""
