"""The demo lender's register of staff: who has passed, been trained and signed, and two who may not speak."""

from __future__ import annotations

from datetime import date
from typing import Final

from duecourse.casework.staff import OfStaff
from duecourse.sim.desk import COLLECTORS

TRAINED: Final = date(2026, 3, 2)
OVERDUE: Final = {"E03": date(2025, 2, 10)}
"""Whose last training is more than 365 days old."""

IN_BREACH: Final = {"L04": date(2026, 6, 10)}
"""Who has a serious breach open."""


def records() -> list[tuple[str, OfStaff, date]]:
    """Staff number, what is on record, and since when; the entry of each first."""
    found = []
    for number, *_words, began, _left in COLLECTORS:
        since = began if isinstance(began, date) else TRAINED
        found += [(str(number), kind, since) for kind in (OfStaff.POST, OfStaff.EXAM, OfStaff.UNDERTAKING)]
        found.append((str(number), OfStaff.TRAINING, max(since, OVERDUE.get(str(number), TRAINED))))
    return found + [(number, OfStaff.BREACH, day) for number, day in IN_BREACH.items()]
