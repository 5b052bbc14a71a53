"""Which few of many ways to pay to look at first: those that differ most, each best in something that can be said.

Nothing is weighed against anything else, and nothing is left out: what is best in nothing stands behind these few. The
same ways give the same few in whatever order they come.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from duecourse.core.plan_options import Option


class Best(StrEnum):
    """What a way to pay is best in, in the order in which they are shown."""

    AFFORDABLE = "affordable"  # costs least of those that fit what is left of a month as stated
    CHEAPEST = "cheapest"  # costs least of all; of equals, here and below, the one with the smallest payments
    LIGHTEST = "lightest"  # its largest payment is the smallest
    SOONEST = "soonest"  # its last payment comes first
    AT_ONCE = "at_once"  # costs least of those that nobody has to decide


@dataclass(frozen=True, slots=True)
class Picked:
    """A way to pay with what it is best in."""

    option: Option
    best: tuple[Best, ...]


def pick(
    options: Sequence[Option], *, left: int | None, alone: Callable[[Option], bool]
) -> tuple[tuple[Picked, ...], tuple[Option, ...]]:
    """The few that differ most, best in something each, and all others, those that cost least first.

    ``left``: minor units that are left of a month as stated, None where nothing was stated; ``alone``: whether an
    option is agreed without a second person.
    """
    won: dict[tuple[str, int, int], list[Best]] = {}
    for best in Best:
        fit = [one for one in options if _may_be(one, best, left=left, alone=alone)]
        if fit:
            won.setdefault(_name(min(fit, key=partial(_order, best))), []).append(best)
    by_name = {_name(one): one for one in options}
    few = tuple(Picked(by_name[name], tuple(best)) for name, best in won.items())
    rest = sorted((one for one in options if _name(one) not in won), key=partial(_order, Best.CHEAPEST))
    return few, tuple(rest)


def _may_be(one: Option, best: Best, *, left: int | None, alone: Callable[[Option], bool]) -> bool:
    if best is Best.AFFORDABLE:
        return left is not None and one.burden <= left
    return best is not Best.AT_ONCE or alone(one)


def _name(one: Option) -> tuple[str, int, int]:
    return (one.kind.value, one.months, one.deferred)


def _order(best: Best, one: Option) -> tuple[int, int, int, str, int, int]:
    """What one is compared by, the smallest first; the name at the end makes equals differ."""
    total, burden, end = one.total, one.burden, one.end.toordinal()
    lightest_of_equals, soonest_of_equals = (total, burden, end), (total, end, burden)
    first = {
        Best.AFFORDABLE: soonest_of_equals, Best.CHEAPEST: lightest_of_equals, Best.LIGHTEST: (burden, total, end),
        Best.SOONEST: (end, total, burden), Best.AT_ONCE: lightest_of_equals,
    }  # fmt: skip
    return (*first[best], *_name(one))
