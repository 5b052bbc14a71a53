"""What is said to borrowers is screened before it can go out: own templates, what is typed, each message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache

from duecourse.insight.guard import Category, Finding, Guard
from duecourse.trouble import N_, Refused, Said

SAYS = {
    Category.INSULT: N_("an insult"),
    Category.THREAT: N_("a threat"),
    Category.SHAMING: N_("shaming in public"),
    Category.FALSE_LEGAL: N_("a false legal consequence"),
    Category.DISCLOSURE: N_("telling others of the debt"),
    Category.PRESSURE: N_("pressing to borrow or to sell"),
    Category.NUMBER: N_("somebody's own number"),
    Category.UNREAD: N_("too long to be read"),
}
"""Each category in words."""


class NotToBeSaid(Refused):
    """A text says what nobody may say to a borrower."""

    def __init__(self, place: str, words: str, found: Finding) -> None:
        super().__init__(
            N_("{place} says {words!r}: {what} (rule {rule}). Nobody may say that to a borrower; write it otherwise"),
            place=place, words=words, what=Said(SAYS[found.category]), rule=found.rule,
        )  # fmt: skip
        self.found = found


IN_A_NOTE = frozenset({Category.INSULT, Category.THREAT, Category.SHAMING})
"""What a note may not say either, where a rule finds it. A note may name numbers, and say what others threaten with."""


@cache
def guard() -> Guard:
    """The guard of this process: a moment to make, and kept."""
    return Guard()


def screened(texts: Mapping[str, str], *, own: Callable[[], Iterable[str]] = tuple) -> None:
    """Raise `NotToBeSaid` for the first thing in these texts, by the name of their place, that nobody may say.

    ``own`` gives what the lender may name of its own: it is asked where a text has a number.
    """
    for place, text in texts.items():
        found = guard().screen(text)
        if any(one.category is Category.NUMBER for one in found):
            found = guard().screen(text, own_numbers=own())
        for one in found:
            raise NotToBeSaid(place, one.words(text), one)


class NotToBeNoted(Refused):
    """A note says of a person what nobody may say to him."""

    def __init__(self, words: str, found: Finding) -> None:
        super().__init__(
            N_(
                "the note was not written: it says {words!r}: {what} (rule {rule}). The person may read it one day, "
                "and so may a court; write what happened"
            ),
            words=words, what=Said(SAYS[found.category]), rule=found.rule,
        )  # fmt: skip
        self.found = found


def screened_note(text: str) -> None:
    """Raise `NotToBeNoted` for the first thing in a note that a rule of `IN_A_NOTE` finds; no model judges a note."""
    for one in guard().screen(text):
        if one.category in IN_A_NOTE and not one.rule.startswith("model."):
            raise NotToBeNoted(one.words(text), one)
