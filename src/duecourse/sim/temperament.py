"""How borrowers pay: a temperament for each, and what it makes of one instalment.

The chances are chosen so that about 9 % of the loans are overdue on the last day, spread over all stages; a test
holds that. They are the demo's own and measured on nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from random import Random
from typing import Final, NamedTuple

from duecourse.sim.lender import LAST_DAY


class Temper(StrEnum):
    """What kind of payer a borrower is."""

    PAYER = "payer"  # on the day, or before; forgets once in a while
    SLOW = "slow"  # days late, most months
    ROLLER = "roller"  # carries one or two instalments along
    HARDSHIP = "hardship"  # pays until something happens, then what is possible
    DEFAULTER = "defaulter"  # pays until a day, then hardly anything


class Pays(StrEnum):
    """What a borrower does about one instalment."""

    NOTHING = "nothing"
    PART = "part"
    ONE = "one"  # this instalment's amount, whatever else is owed
    TWO = "two"
    ALL = "all"  # everything owed on the day
    OVER = "over"  # more than that: the next full hundred


class Choice(NamedTuple):
    """What is paid and how many days after the due day (negative: before)."""

    pays: Pays
    days: int


SHARES: Final = (
    (Temper.SLOW, 50),
    (Temper.ROLLER, 16),
    (Temper.HARDSHIP, 44),
    (Temper.DEFAULTER, 78),
    (Temper.PAYER, 812),
)
"""Borrowers of each temperament in a thousand."""

SHOCK_DAYS: Final = 700
MISSED_MAX: Final = 3  # a roller who is further behind pays


@dataclass(frozen=True, slots=True)
class Nature:
    """A borrower's temperament, and the day on which things turn (for hardship and default)."""

    temper: Temper
    shock: date

    def shaken(self, day: date) -> bool:
        """Whether things have turned by a day."""
        return self.temper in {Temper.HARDSHIP, Temper.DEFAULTER} and day >= self.shock

    def on(self, rng: Random, start: date) -> Nature:
        """The nature as it shows on a loan of its own: nobody lends to somebody whose turn has come already."""
        return replace(self, shock=max(self.shock, start + timedelta(days=rng.randint(40, 240))))


def draw(rng: Random) -> Nature:
    """A borrower's nature; the turns are more frequent in late months, as in a book that grows."""
    left = rng.randrange(1000)
    shock = LAST_DAY + timedelta(days=25 - int(SHOCK_DAYS * rng.random() ** 1.4))
    for temper, share in SHARES:
        left -= share
        if left < 0:
            return Nature(temper, shock)
    raise AssertionError("shares of temperaments add up to a thousand")


def choose(rng: Random, nature: Nature, *, due: date, missed: int, agreed: bool) -> Choice:
    """What a borrower does about the instalment of a due day, with ``missed`` ones before it unpaid."""
    if nature.temper is Temper.SLOW:
        return _slow(rng, missed)
    if nature.temper is Temper.ROLLER:
        return _roller(rng, missed)
    if not nature.shaken(due):
        return _payer(rng)
    if nature.temper is Temper.HARDSHIP:
        return _hardship(rng, agreed=agreed)
    return _defaulter(rng, missed)


def _payer(rng: Random) -> Choice:
    u = rng.random()
    if u < 0.67:
        return Choice(Pays.ALL, 0)
    if u < 0.94:
        return Choice(Pays.ALL, -rng.randint(1, 5))
    if u < 0.95:
        return Choice(Pays.OVER, 0)
    if u < 0.993:
        return Choice(Pays.ALL, rng.randint(1, 8))
    return Choice(Pays.NOTHING, 0)


def _slow(rng: Random, missed: int) -> Choice:
    u = rng.random()
    if u < 0.3:
        return Choice(Pays.ALL, 0)
    if u < 0.42 and missed:
        return Choice(Pays.ONE, rng.randint(1, 12))
    if u < 0.94:
        return Choice(Pays.ALL, 1 + int(25 * rng.random() ** 1.6))
    return Choice(Pays.NOTHING, 0)


def _roller(rng: Random, missed: int) -> Choice:
    u = rng.random()
    if u < 0.24 and missed < MISSED_MAX:
        return Choice(Pays.NOTHING, 0)
    if u < 0.68:
        return Choice(Pays.ONE, rng.randint(3, 26))
    if u < 0.88:
        return Choice(Pays.TWO, rng.randint(3, 26))
    return Choice(Pays.ALL, rng.randint(0, 20))


def _hardship(rng: Random, *, agreed: bool) -> Choice:
    u = rng.random()
    if agreed:
        return Choice(Pays.ALL, rng.randint(0, 6)) if u < 0.88 else Choice(Pays.NOTHING, 0)
    if u < 0.4:
        return Choice(Pays.NOTHING, 0)
    return Choice(Pays.PART if u < 0.8 else Pays.ONE, rng.randint(2, 25))


def _defaulter(rng: Random, missed: int) -> Choice:
    u = rng.random()
    if u < 0.06 and 0 < missed <= 4:
        return Choice(Pays.ALL, rng.randint(5, 26))
    if u < 0.13:
        return Choice(Pays.PART, rng.randint(2, 26))
    return Choice(Pays.NOTHING, 0)
