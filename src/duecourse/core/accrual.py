"""What grows by the day: an exact numerator that is rounded once, or whole units rounded each day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from duecourse.core.contract import PenaltyRounding
from duecourse.core.explain import Account, Span
from duecourse.core.money import half_up


@dataclass(slots=True)
class Accrual:
    """One growing amount. Its owed part is the rounded total less what was paid, waived or moved away."""

    numerator: int = 0  # over Terms.denominator
    whole: int = 0  # minor units: brought in, or rounded day by day
    settled: int = 0

    def add(self, base: int, rate_ppm: int, days: int, denominator: int, rounding: PenaltyRounding) -> None:
        """Let ``base`` minor units bear ``rate_ppm`` a year for ``days``."""
        if rounding is PenaltyRounding.DAILY:
            self.whole += half_up(base * rate_ppm, denominator) * days
        else:
            self.numerator += base * rate_ppm * days

    def owed(self, denominator: int) -> int:
        """Minor units owed."""
        rounded = half_up(self.numerator, denominator) if self.numerator else 0
        return rounded + self.whole - self.settled

    def clear(self) -> None:
        """Forget everything that has grown."""
        self.numerator = self.whole = self.settled = 0


@dataclass(slots=True)
class Instalment:
    """One instalment as it stands: what is still owed of it and what has grown on it.

    Number 0 stands for charges outside the schedule (costs, fees, what a restructure left over); they are due at
    once, bear nothing and do not count for DPD.
    """

    number: int
    due: date
    days: int
    principal: int = 0
    interest: int = 0
    fee: int = 0
    cost: int = 0
    given_interest: int = 0
    given_fee: int = 0
    by_rate: bool = False  # of a given schedule: it is no more than ours at the rates of its days
    given_on: int = 0  # principal on which the lender reckoned it: this row's and all later ones' of his schedule
    period_days: int = 0
    dpd_from: date = date.max
    grace: int = 0
    ends: date = date.max  # the first day of interest of the period after it: the due day, unless rest days moved that
    ahead: int = 0  # numerator of interest of this period that arose while the one before was not yet due
    ahead_unpaused: int = 0  # the same, had interest never been paused
    ahead_stood: int = 0  # of a given schedule: principal x days that bore interest then
    ahead_over: list[Span] = field(default_factory=list)  # what `ahead` is made of; kept with a trace
    grown: date = date.max  # the day up to which what follows has grown; the far future until it falls due
    posted: int = 0  # default interest that bears compound interest since the last settlement day
    penalty: Accrual = field(default_factory=Accrual)
    compound: Accrual = field(default_factory=Accrual)
    late: Accrual = field(default_factory=Accrual)  # contract interest that goes on beside default interest

    def __post_init__(self) -> None:
        """The day counter starts at the due day; the period ends there, and is as long as its days."""
        self.dpd_from = min(self.dpd_from, self.due)
        self.ends = self.due if self.ends == date.max else self.ends
        self.period_days = self.days

    @property
    def rest(self) -> int:
        """What is unpaid of the instalment itself: principal, interest and fee as scheduled."""
        return self.principal + self.interest + self.fee

    @property
    def empty(self) -> bool:
        """Whether nothing was ever charged here; asked of charges, where nothing grows."""
        return not (self.rest or self.cost or self.penalty.whole or self.compound.whole)

    def account(self, accrual: Accrual) -> Account:
        """Where what has grown on this instalment is owed."""
        if accrual is self.late:
            return Account.INTEREST
        return Account.PENALTY if accrual is self.penalty else Account.COMPOUND
