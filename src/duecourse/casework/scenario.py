"""How the contacts of a scenario count: by the same table as those of the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from duecourse.casework import counting
from duecourse.casework.outcomes import COUNTS, Outcome
from duecourse.law.scenario import Counting

UNREPORTED = "unreported"
"""What a scenario calls a contact that was made and of which nobody told what came of it."""


def _count(
    made: Sequence[Mapping[str, Any]], day: date, point: str, loans: tuple[int, ...], firm: str
) -> Mapping[str, int]:
    return counting.count(made, counting.About(day, point, loans, firm))


def scenario_counting() -> Counting:
    """Counters and outcomes as the desk has them."""
    outcomes: dict[str, dict[str, bool]] = {
        outcome.value: {
            "answered": counts.connected,
            "unanswered": not counts.connected,
            "talked": counts.talked,
            "placed": counts.placed,
        }
        for outcome, counts in COUNTS.items()
        if outcome is not Outcome.NOT_SENT
    }
    outcomes[UNREPORTED] = dict.fromkeys(("answered", "unanswered", "talked", "placed"), True)
    return Counting(_count, outcomes)
