"""The clocks of the validation notice of Regulation F: when it is late, and when the validation period ends.

The numbers of days come from the packs; what stands here is the reckoning of 12 CFR 1006.34(b)(5): receipt may be
assumed so many days after providing, without Saturdays, Sundays and public holidays (5 USC 6103(a); the day on which
one is observed is left out too), and the period ends so many calendar days after that. A notice that comes back starts
no period: reckon from the new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from duecourse.law.measure import measure
from duecourse.law.rulebook import Rulebook
from duecourse.law.workdays import rest_days
from duecourse.trouble import N_, BadInput, Said


class NoValidation(BadInput):
    """No rule gives a number that the clocks need."""

    def __init__(self, quantity: str, day: date, missing: tuple[str, ...]) -> None:
        lacks = Said(N_("; missing: {facts}"), facts=", ".join(missing)) if missing else ""
        super().__init__(
            N_("no rule in force on {day} gives {quantity}{lacks}"), day=day, quantity=quantity, lacks=lacks
        )


@dataclass(frozen=True, slots=True)
class Validation:
    """The period that a validation notice opens."""

    provided: date
    received: date  # as it may be assumed
    ends: date  # the last day on which the person can dispute in time
    provisional: bool  # a day lies beyond the years for which holidays are known

    def open_on(self, day: date) -> bool:
        """Whether the period still runs on a day."""
        return day <= self.ends


def notice_due(book: Rulebook, initial: date, facts: Mapping[str, object]) -> date:
    """The last day for the notice after an initial communication. Raises `NoValidation`."""
    return initial + timedelta(days=_days(book, "validation_notice_days", initial, facts))


def validation(book: Rulebook, provided: date, facts: Mapping[str, object]) -> Validation:
    """The period of a notice provided on a day; ``facts`` say whom the law binds. Raises `NoValidation`.

    >>> from duecourse.law.rulebook import rulebook
    >>> us = {"debt_collector": True, "consumer_debt": True}
    >>> found = validation(rulebook(jurisdiction="US"), date(2026, 6, 1), us)
    >>> found.received.isoformat(), found.ends.isoformat()
    ('2026-06-08', '2026-07-08')
    """
    calendar = rest_days("US")
    received, left = provided, _days(book, "validation_receipt_days", provided, facts)
    while left:
        received += timedelta(days=1)
        left -= not calendar.rests(received)
    ends = received + timedelta(days=_days(book, "validation_period_days", provided, facts))
    return Validation(provided, received, ends, not calendar.known(received))


def _days(book: Rulebook, quantity: str, day: date, facts: Mapping[str, object]) -> int:
    found = measure(book, quantity, {**facts, "on": day})
    if not isinstance(found.value, int):
        raise NoValidation(quantity, day, found.missing)
    return found.value
