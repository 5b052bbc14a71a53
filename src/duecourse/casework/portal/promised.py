"""What a borrower promised, and what became of it: said as the payments say it, and as nothing else does."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from duecourse.casework.portal.own import Own
from duecourse.core.promise import PromiseState
from duecourse.storage import promises
from duecourse.storage.connection import Tx
from duecourse.storage.promises import RESTS_DAYS, Promise


class Became(StrEnum):
    """Where a promise stands on a day, for whoever gave it."""

    STANDS = "stands"  # its day has not passed, and its money is not all here
    KEPT = "kept"  # all of it came by its day
    PARTLY_KEPT = "partly_kept"  # its day has passed, and a part had come by then
    BROKEN = "broken"  # its day has passed, and nothing had come by then
    RECKONED = "reckoned"  # its day has passed, and not all payments of it are known yet


def became(one: Promise, today: date) -> Became:
    """What became of a promise that nobody ended; before its day has passed it can only stand or be kept."""
    if one.state == PromiseState.KEPT:
        return Became.KEPT
    if one.due_day >= today:
        return Became.STANDS
    if one.state is None or one.state == PromiseState.OPEN:
        return Became.RECKONED
    return Became(one.state)


def promised(tx: Tx, mine: Own, today: date) -> list[tuple[Promise, Became]]:
    """His promises that nobody ended, the latest first; what became of one is shown as long as it is reckoned anew."""
    return [
        (one, became(one, today))
        for person in mine.persons
        for one in promises.of_person(tx, person)
        if one.ended_at is None and one.due_day >= today - timedelta(days=RESTS_DAYS)
    ]
