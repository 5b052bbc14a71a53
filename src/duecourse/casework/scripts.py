"""An approved text as it is spoken or written to one person, as far as the desk knows what goes into it.

What the desk does not know, or must not open without a purpose, stays a blank that says what belongs there: names are
masked here like everywhere. The permit binds the approved text, not this reading of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from duecourse.law.claims import SLOTS
from duecourse.law.templates import Template

TAIL = 4


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text: words as approved, a value put in, or a blank (``slot`` with an empty text)."""

    text: str
    slot: str = ""

    @property
    def means(self) -> str:
        """What belongs into the slot."""
        return SLOTS.get(self.slot, "")


def script(template: Template, values: Mapping[str, str], lang: str) -> list[Part]:
    """A text in pieces, ``zh`` or ``en``; ``values`` by slot.

    >>> from types import SimpleNamespace
    >>> [part.text for part in script(SimpleNamespace(text={"en": "I call for {lender}."}), {"lender": "Bank"}, "en")]
    ['I call for ', 'Bank', '.']
    """
    found = []
    for words, slot, _spec, _turn in Formatter().parse(template.text[lang]):
        if words:
            found.append(Part(words))
        if slot is not None:
            found.append(Part(values.get(slot, ""), slot))
    return found


def tail(reference: str | None) -> str:
    """The last digits of a loan's number, as texts name a loan.

    >>> tail("LN-2026-0042"), tail(None)
    ('0042', '')
    """
    return (reference or "")[-TAIL:]
