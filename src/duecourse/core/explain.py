"""The derivation of a loan's figures, line by line; the lines of each account add up to its balance, to the cent."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from duecourse.core.contract import Category
from duecourse.core.money import half_up

if TYPE_CHECKING:
    from datetime import date


class Account(StrEnum):
    """Where an amount of a loan can stand."""

    NOT_DUE = "not_due"  # principal that has not fallen due
    COST = "cost"
    FEE = "fee"
    INTEREST = "interest"
    PENALTY = "penalty"
    COMPOUND = "compound"
    PRINCIPAL = "principal"  # principal due
    CREDIT = "credit"  # money held
    ACCRUED = "accrued"  # interest of the running period, not yet due


ACCOUNT = {category: Account[category.name] for category in Category}


@dataclass(slots=True)
class Working:
    """The arithmetic of an accrual: ``base`` × ``rate_ppm`` × ``days`` over ``denominator``, before rounding.

    ``daily``: each day's amount is rounded, and the rounded amount is what days multiply. ``share``: ``base`` is the
    interest of a whole period, of which ``days`` have passed; the rate is 1. ``summed``: ``rate_ppm`` is the sum of the
    yearly rates of each of the ``days``, for the rate changed or paused between them. Both: ``rate_ppm`` over the
    denominator is the share of the period's principal × days that bore interest by then.
    """

    base: int
    rate_ppm: int
    days: int
    denominator: int
    daily: bool = False
    share: bool = False
    summed: bool = False

    @property
    def numerator(self) -> int:
        """What is divided by the denominator."""
        return self.base * self.rate_ppm * (1 if self.summed else self.days)


Span = tuple["date", "date", Working]
"""A half-open span of days and what grew in it."""


@dataclass(slots=True)
class Line:
    """One movement: the day it counts, what it is, the instalment, its amounts by account, and what caused it.

    ``until`` is the first day after an accrual's span. ``ref`` names the event, where one caused the line. ``posted``
    is what contract interest that falls due is made of, rounded once as a whole; ``rates`` are those that hold anew:
    contract, default and compound interest.
    """

    day: date
    what: str
    instalment: int | None
    moves: tuple[tuple[Account, int], ...]
    ref: str = ""
    until: date | None = None
    working: Working | None = None
    posted: tuple[Working, ...] = ()
    rates: tuple[int, int, int] | None = None

    @property
    def stepped(self) -> bool:
        """Whether the amount is the step of a sum that is rounded as a whole, and not the rounded working itself."""
        w = self.working
        if w is None or w.daily or not self.moves:
            return False
        return self.moves[0][1] != half_up(w.numerator, w.denominator)


@dataclass(slots=True)
class Trace:
    """Collects lines; spans of one accrual that adjoin with the same base and rate become one line."""

    lines: list[Line] = field(default_factory=list)
    _open: dict[tuple[int, Account], int] = field(default_factory=dict)

    def note(
        self,
        day: date,
        what: str,
        moves: dict[Account, int],
        *,
        instalment: int | None,
        ref: str,
        posted: tuple[Working, ...] = (),
        rates: tuple[int, int, int] | None = None,
    ) -> None:
        """Add one movement, unless nothing moves and no event caused it."""
        kept = tuple([move for move in moves.items() if move[1]])
        if kept or ref:
            self.lines.append(Line(day, what, instalment, kept, ref, posted=posted, rates=rates))

    def grow(self, span: tuple[date, date], account: Account, minor: int, instalment: int, working: Working) -> None:
        """Add what has grown over a half-open span of days; ``minor`` is the change of its rounded total."""
        start, until = span
        at = self._open.get((instalment, account))
        if at is not None and _adjoins(self.lines[at], start, working):
            line = self.lines[at]
            days = working.days + (line.working.days if line.working else 0)
            total = minor + sum(amount for _, amount in line.moves)
            self.lines[at] = replace(line, until=until, moves=((account, total),), working=replace(working, days=days))
            return
        self._open[instalment, account] = len(self.lines)
        self.lines.append(Line(start, f"accrues_{account}", instalment, ((account, minor),), "", until, working))

    def spans(self, what: str, account: Account, spans: list[Span], instalment: int | None) -> None:
        """Add a line for each span; their amounts are the steps of the one rounded total, and so add up to it.

        What bears the same rate over the same days is one line.
        """
        alike: dict[tuple[date, date, int, bool], Working] = {}
        for start, until, working in spans:
            at = (start, until, working.rate_ppm, working.summed)
            alike[at] = replace(working, base=working.base + (alike[at].base if at in alike else 0))
        so_far = 0
        for (start, until, *_), working in alike.items():
            before = half_up(so_far, working.denominator)
            so_far += working.numerator
            minor = half_up(so_far, working.denominator) - before
            if working.numerator:
                self.lines.append(Line(start, what, instalment, ((account, minor),), "", until, working))

    def totals(self) -> dict[Account, int]:
        """The sum of all lines by account."""
        sums = dict.fromkeys(Account, 0)
        for line in self.lines:
            for account, minor in line.moves:
                sums[account] += minor
        return sums


def _adjoins(line: Line, day: date, working: Working) -> bool:
    was = line.working
    return line.until == day and was is not None and (was.base, was.rate_ppm) == (working.base, working.rate_ppm)
