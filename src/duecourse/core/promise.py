"""A promise to pay: an amount by a day, and what the payments make of it.

Nobody types whether a promise was kept. It is kept on the first day on which the payments from the day of the promise
on reach the amount, if that day is not after the due day. Once all payments of the due day are known and they do not
reach it, it is partly kept where something came and broken where nothing did; until then it is open.

What does not belong here: whose promise it is and where payments come from (casework), and whether a part is enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime


class PromiseState(StrEnum):
    """What became of a promise."""

    OPEN = "open"  # not paid yet, and not all payments of the due day are known
    KEPT = "kept"  # paid in full by the due day
    PARTLY_KEPT = "partly_kept"  # the due day has passed, and some of the amount was paid by then
    BROKEN = "broken"  # the due day has passed, and nothing was paid by then


class Standing(StrEnum):
    """Whether a payment counts toward a promise, and why not."""

    COUNTED = "counted"  # it came between the promise and the end of its day, and stands
    BEFORE = "before"  # it came, or was known, before the promise was given
    LATE = "late"  # it came after the promised day
    TAKEN_BACK = "taken_back"  # it bounced or was recalled: money that went back keeps no promise


@dataclass(frozen=True, slots=True, order=True)
class Payment:
    """A payment on one of the loans; ``known`` is when it was learnt of, ``back`` whether it was taken back."""

    day: date
    loan_key: int
    ref: str
    minor: int
    known: datetime
    back: bool = False


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What payments known through a day make of a promise; ``paid`` counts from its day to the due day."""

    state: PromiseState
    paid: int
    kept_day: date | None
    through: date


def reckon(amount: int, *, made: date, due: date, payments: Iterable[tuple[date, int]], through: date) -> Reckoning:
    """Reckon a promise of ``amount`` minor units by payments (day, minor units) known through a day.

    >>> from datetime import date as day
    >>> paid = [(day(2026, 3, 3), 300), (day(2026, 3, 5), 200)]
    >>> reckon(500, made=day(2026, 3, 1), due=day(2026, 3, 5), payments=paid, through=day(2026, 3, 6)).state.value
    'kept'
    >>> reckon(501, made=day(2026, 3, 1), due=day(2026, 3, 5), payments=paid, through=day(2026, 3, 5)).state.value
    'partly_kept'
    >>> reckon(501, made=day(2026, 3, 1), due=day(2026, 3, 2), payments=paid, through=day(2026, 3, 5)).state.value
    'broken'
    >>> reckon(501, made=day(2026, 3, 1), due=day(2026, 3, 5), payments=paid, through=day(2026, 3, 4)).state.value
    'open'
    """
    paid, kept = 0, None
    for day, minor in sorted(payments):
        if made <= day <= due:
            paid += minor
            if kept is None and paid >= amount:
                kept = day
    if paid < amount:  # a payment taken back on a later day takes the promise's end with it
        kept = None
    missed = PromiseState.PARTLY_KEPT if paid else PromiseState.BROKEN
    state = PromiseState.KEPT if kept else missed if through >= due else PromiseState.OPEN
    return Reckoning(state, paid, kept, through)


def standing_of(payment: Payment, *, made: date, at: datetime, due: date) -> Standing:
    """Whether a payment counts toward a promise given on a day, at an instant, and due by a day.

    A payment of the day itself counts unless it was known before the promise was given. What a tape tells later of
    that day counts: nobody knows the hour, and the doubt is the borrower's.
    """
    if payment.back:
        return Standing.TAKEN_BACK
    if payment.day < made or (payment.day == made and payment.known < at):
        return Standing.BEFORE
    return Standing.LATE if payment.day > due else Standing.COUNTED
