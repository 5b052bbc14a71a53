"""The conversation, as steps: what is said, which keys are waited for, what the house is asked to do.

A generator that knows neither sound nor database: it yields steps and is sent what came of them. Before a step `Verify`
was answered yes, nothing of the approved text but its opening is said; a test walks every way of keys for that.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeAlias

TRIES = 2
"""How often a date of birth, or a choice, may be entered."""

ROUNDS_MAX = 6
"""So often the menu is offered."""

UNRECORDED = "9"
"""The key by which somebody does not agree that his talk with a person is recorded, where no rule asks that it is."""


class Do(StrEnum):
    """What the house is asked."""

    VERIFY = "verify"  # whether a date of birth is that on file
    STOP = "stop"  # no more calls to this number
    DISPUTE = "dispute"  # who answered does not agree
    OFFER = "offer"  # the promise of a day, in words to be confirmed; empty where it cannot be taken
    PROMISE = "promise"  # the same, on record
    PERSON = "person"  # who may take the call: must or may, as the law has it of recording; empty where nobody may
    CALL_BACK = "call_back"  # nobody took it


@dataclass(frozen=True, slots=True)
class Say:
    """Sentences to be said to their end: names of `words.WORDS`, or ``=`` and a text."""

    what: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Keys:
    """The same, and then up to so many keys are waited for; the answer is what was pressed, empty for nothing."""

    what: tuple[str, ...] = field(repr=False)
    most: int = 1


@dataclass(frozen=True, slots=True)
class Ask:
    """The house is asked; the answer is its word, empty for no."""

    do: Do
    given: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Connect:
    """Telephones of the house ring; the answer is empty where nobody took the call."""

    recorded: bool  # from then on


Step: TypeAlias = Say | Keys | Ask | Connect
Talk: TypeAlias = Generator[Step, str, None]


@dataclass(slots=True)
class So:
    """What stands of a call at any moment: its outcome (`casework.outcomes`) if it ended now, and what was done."""

    outcome: str = "hung_up"
    done: list[str] = field(default_factory=list)


def conversation(opening: str, matter: str, so: So, *, year: int) -> Talk:
    """The whole of it: ``opening`` before, ``matter`` after who answered is verified; ``year`` is this year."""
    first = ("=" + opening, "who")
    for turn in range(TRIES):
        pressed = yield Keys(first if turn == 0 else ("again", *first))
        if pressed == "1":
            break
        if pressed == "0":
            yield from _stop(so)
            return
        if pressed in {"2", "3"}:
            so.outcome = "other_person" if pressed == "2" else "wrong_number"
            so.done.append(so.outcome)
            yield Say(("other",))
            return
    else:
        so.done.append("no_choice")
        yield Say(("bye",))
        return
    for turn in range(TRIES):
        birth = yield Keys(("birth" if turn == 0 else "birth_again",), most=8)
        if birth and (yield Ask(Do.VERIFY, birth)):
            so.outcome = "connected"
            so.done.append("verified")
            yield from _matter(matter, so, year)
            return
    so.done.append("unverified")
    yield Say(("unverified",))


def _matter(matter: str, so: So, year: int) -> Talk:
    said: tuple[str, ...] = ("=" + matter, "menu")
    silent = 0
    for _ in range(ROUNDS_MAX):
        pressed = yield Keys(said)
        silent = 0 if pressed else silent + 1
        said = ("again", "menu")
        match pressed:
            case "1":
                said = ("=" + matter, "menu")
            case "2":
                if (yield from _promise(so, year)):
                    return
                said = ("not_confirmed", "menu")
            case "3":
                yield from _person(so)
                return
            case "4":
                yield Ask(Do.DISPUTE)
                so.done.append("disputed")
                yield Say(("dispute",))
                return
            case "0":
                yield from _stop(so)
                return
        if silent == TRIES:
            break
    yield Say(("bye",))


def _stop(so: So) -> Talk:
    yield Ask(Do.STOP)
    so.done.append("stopped")
    yield Say(("stopped",))


def _promise(so: So, year: int) -> Generator[Step, str, bool]:
    for turn in range(TRIES):
        pressed = yield Keys(("day",) if turn == 0 else ("day_not", "day"), most=4)
        offered = ""
        for due in _days(pressed, year):
            offered = offered or (yield Ask(Do.OFFER, due.isoformat()))
        if not offered:
            continue
        words, _, due_day = offered.rpartition("|")
        if (yield Keys(("=" + words, "confirm"))) == "1" and (yield Ask(Do.PROMISE, due_day)):
            so.outcome = "promised"
            so.done.append("promised")
            yield Say(("confirmed",))
            return True
    return False


def _person(so: So) -> Talk:
    free = yield Ask(Do.PERSON)
    so.done.append("asked_for_person")
    if free:
        recorded = free == "must" or (yield Keys(("choice",))) != UNRECORDED
        so.done += [] if recorded else ["unrecorded"]
        yield Say(("person", "recorded" if recorded else "unrecorded", "wait"))
        if (yield Connect(recorded)):
            so.done.append("put_through")
            return
    yield Ask(Do.CALL_BACK)
    so.done.append("call_back")
    yield Say(("no_person",))


def _days(pressed: str, year: int) -> list[date]:
    """The days that four keys may mean: month and day, of this year or the next.

    >>> _days("0301", 2026), _days("0230", 2026), _days("3", 2026)
    ([datetime.date(2026, 3, 1), datetime.date(2027, 3, 1)], [], [])
    """
    found = []
    if len(pressed) == 4 and pressed.isdecimal():
        for each in (year, year + 1):
            try:
                found.append(date(each, int(pressed[:2]), int(pressed[2:])))
            except ValueError:
                continue
    return found
