"""One quantity: its unit, its values or parts, and how the rules that give it are joined.

What does not belong here: the quantities themselves (`law.quantities`, and a module beside it for those that China does
not know).
"""

from __future__ import annotations

from dataclasses import dataclass

from duecourse.law.terms import Combine


@dataclass(frozen=True, slots=True)
class Quantity:
    """One thing that rules give."""

    name: str
    combine: Combine
    means: str
    means_zh: str
    unit: str = ""
    labels: tuple[str, ...] = ()  # the words of the values, the first for `base`
    labels_zh: tuple[str, ...] = ()
    base: int = 0  # what holds where no rule that applies gives more; the code of labels[0]
    parts: tuple[str, ...] = ()  # of an order: each of these exactly once
    law_alone: bool = False  # whichever side is stricter for one of the two is looser for the other
