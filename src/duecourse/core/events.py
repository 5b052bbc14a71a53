"""What happens to a loan: one closed list of event kinds, each with the day it counts and the instant we learnt it.

The state of a loan on a day is a function of the events known by an instant. `timeline` turns what is known into
what counts, in the order in which it counts: reversed entries drop out (or stand until they bounce), pauses become a
beginning and an end, and events of one day follow `RANK`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from duecourse.core.contract import ReversalMode
from duecourse.core.days import FAR

if TYPE_CHECKING:
    from collections.abc import Iterable


class Kind(IntEnum):
    """The kinds of event; the numbers are stored, so they never change."""

    OPENING = 1  # balances of a book taken over in mid-life
    DRAWDOWN = 2  # money paid out (for a card: a purchase)
    INSTALMENT_SET = 3  # a schedule given by the lender, in place of what was not yet due
    PAYMENT = 4
    REVERSAL = 5  # of any one earlier event
    FEE = 6
    RATE_CHANGE = 7  # also a floating reset
    GRACE = 8  # grace days for instalments due from this day on
    PAUSE = 9  # a span in which interest, default interest or the day counter stands still
    WAIVER = 10
    PREPAYMENT = 11  # money meant to cut principal, or to settle
    EXTENSION = 12  # instalments not yet due move to later days
    RE_AGE = 13  # the day counter starts anew; amounts stay due
    RESTRUCTURE = 14  # a new schedule for all that is owed
    PLAN = 15  # an agreed plan beside the contract
    ACCELERATION = 16  # everything falls due
    WRITE_OFF = 17  # the lender's accounts give it up; the claim stays
    RECOVERY = 18  # money after write-off
    SALE = 19  # the claim passes to somebody else
    COLLATERAL_NOTE = 20
    GUARANTEE_NOTE = 21
    # Made by `timeline`, never stored:
    PAUSE_END = 30
    BOUNCE = 31


RANK = {
    Kind.SALE: 90, Kind.WRITE_OFF: 80, Kind.BOUNCE: 70, Kind.WAIVER: 60, Kind.PREPAYMENT: 51, Kind.PAYMENT: 50,
    Kind.RECOVERY: 50, Kind.ACCELERATION: 30, Kind.PLAN: 28, Kind.RE_AGE: 27, Kind.EXTENSION: 26, Kind.RESTRUCTURE: 25,
    Kind.FEE: 20, Kind.GRACE: 15, Kind.PAUSE: 14, Kind.PAUSE_END: 13, Kind.RATE_CHANGE: 12, Kind.INSTALMENT_SET: 5,
    Kind.DRAWDOWN: 4, Kind.OPENING: 3, Kind.COLLATERAL_NOTE: 1, Kind.GUARANTEE_NOTE: 1,
}  # fmt: skip
"""Order within one day. What falls due that day falls due between 49 and 50: before money, after agreements."""

DUE_RANK = 49
MONEY_IN = frozenset({Kind.PAYMENT, Kind.RECOVERY, Kind.PREPAYMENT})

PAUSE_INTEREST, PAUSE_PENALTY, PAUSE_DPD = 1, 2, 4
"""Bits of a pause: contract interest, default and compound interest, the day counter."""


class GridRow(NamedTuple):
    """One instalment as given: due day, days of interest in its period, and amounts where the lender sets them."""

    due: date
    days: int
    principal: int = 0
    interest: int = 0
    fee: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to one loan.

    ``amount`` is minor units. ``parts`` are whole numbers whose meaning depends on the kind:

    - OPENING: principal not due (amount), parts = due principal, interest, fee, default interest, compound interest;
      ``until`` = oldest due day
    - FEE, WAIVER: parts = (category,); a WAIVER of -1 is all of the category
    - RATE_CHANGE: amount = contract rate, parts = (default rate or -1, compound rate or -1), annual ppm
    - GRACE: amount = days
    - PAUSE: parts = (bits,); ``until`` = first day after it
    - PREPAYMENT: parts = (1 to reduce the term, 0 to reduce the instalments)
    - EXTENSION: parts = (months, days, 1 if the added days bear interest)
    - RESTRUCTURE: amount = new contract rate, parts = (capitalised categories as bits, 1 if amounts are given);
      ``grid`` = new schedule
    - INSTALMENT_SET, PLAN: ``grid``; a PLAN without rows ends the plan
    - REVERSAL: ``target`` = ref of the event that did not stand
    - BOUNCE: amount of the money, ``until`` = the day on which it had come
    """

    kind: Kind
    effective: date
    known: datetime
    ref: str
    amount: int = 0
    parts: tuple[int, ...] = ()
    until: date = FAR
    target: str = ""
    grid: tuple[GridRow, ...] = field(default=())


class UnknownTarget(ValueError):
    """A reversal names an event that is not there, or one that was reversed already."""

    def __init__(self, reversal: Event) -> None:
        super().__init__(
            f"reversal {reversal.ref} names {reversal.target!r}, not a standing event of this loan known by then",
        )


def sort_key(event: Event) -> tuple[date, int, datetime, str]:
    """The order in which events count: day, rank within the day, when learnt, reference."""
    return (event.effective, RANK[event.kind], event.known, event.ref)


def timeline(events: Iterable[Event], *, known: datetime, mode: ReversalMode) -> list[Event]:
    """The events that count for somebody who knows what was known by ``known``, in the order in which they count.

    Raises `UnknownTarget`. A reversal is final: what was reversed in error is entered again under a new reference.
    """
    learnt = [event for event in events if event.known <= known]
    standing = {event.ref: event for event in learnt if event.kind is not Kind.REVERSAL}
    made: list[Event] = []
    for reversal in (event for event in learnt if event.kind is Kind.REVERSAL):
        target = standing.pop(reversal.target, None)
        if target is None:
            raise UnknownTarget(reversal)
        if mode is ReversalMode.FROM_BOUNCE_DAY and target.kind in MONEY_IN:
            made += [target, _bounce(reversal, target)]
    ends = [
        Event(kind=Kind.PAUSE_END, effective=e.until, known=e.known, ref=e.ref, parts=e.parts)
        for e in standing.values()
        if e.kind is Kind.PAUSE and e.until < FAR
    ]
    return sorted([*standing.values(), *made, *ends], key=sort_key)


def _bounce(reversal: Event, target: Event) -> Event:
    return Event(
        kind=Kind.BOUNCE,
        effective=max(reversal.effective, target.effective),
        known=reversal.known,
        ref=reversal.ref,
        amount=target.amount,
        until=target.effective,
        target=target.ref,
    )
