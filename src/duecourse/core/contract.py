"""The terms of a loan that the arithmetic reads: every convention on which honest engines differ, by name.

Each field has a documented default (``docs/conventions.md`` gives an example of each). Nothing else in the core
chooses a convention. All values are whole numbers or closed lists, so that a contract is one row of a table.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from duecourse.core.days import DayCount, HolidayShift
from duecourse.core.money import PPM

if TYPE_CHECKING:
    from collections.abc import Iterator

RATE_PPM_MAX = 900_000
"""Highest annual rate the engines accept: with `MINOR_MAX` one day's numerator still fits 63 bits."""


class Method(StrEnum):
    """How a loan is repaid."""

    EQUAL_INSTALMENT = "equal_instalment"  # 等额本息: the same amount each period
    EQUAL_PRINCIPAL = "equal_principal"  # 等额本金: the same principal each period
    INTEREST_ONLY = "interest_only"  # 先息后本: interest each period, principal with the last
    BULLET = "bullet"  # 到期还本付息: everything on one day
    FREE = "free"  # the schedule as the lender gives it
    CARD = "card"  # revolving: statement, minimum payment, interest-free period


class LevelFrom(StrEnum):
    """From which days the level instalment of `Method.EQUAL_INSTALMENT` is reckoned."""

    NOMINAL = "nominal"  # every period alike: a month is a twelfth of the year
    ACTUAL = "actual"  # the periods' own days


class FirstPeriod(StrEnum):
    """Interest of a first period that is longer or shorter than the others."""

    BY_DAYS = "by_days"  # its days are counted
    FULL_PERIOD = "full_period"  # it counts as one whole period (30/360 only)


class PenaltyMode(StrEnum):
    """Whether overdue principal bears default interest in place of contract interest or on top of it."""

    INSTEAD = "instead"
    BESIDE = "beside"


class PenaltyBase(StrEnum):
    """On what default interest (罚息) is charged."""

    PRINCIPAL = "principal"
    PRINCIPAL_AND_INTEREST = "principal_and_interest"


class CompoundOn(StrEnum):
    """On what compound default interest (复利) is charged."""

    NONE = "none"
    INTEREST = "interest"  # overdue interest
    INTEREST_AND_PENALTY = "interest_and_penalty"  # also default interest posted on settlement days


class PenaltyRounding(StrEnum):
    """Where default interest is rounded half up."""

    AT_READING = "at_reading"  # once, over all days of an instalment
    DAILY = "daily"  # each day's amount


class GraceMode(StrEnum):
    """What grace days do."""

    IGNORE = "ignore"  # nothing
    FORGIVE = "forgive"  # nothing is counted if paid within grace; else counted from the due day
    SHIFT = "shift"  # counted from the end of grace


class Walk(StrEnum):
    """The direction in which money is applied."""

    BY_INSTALMENT = "by_instalment"  # the oldest instalment in all its categories, then the next
    BY_CATEGORY = "by_category"  # a category over all due instalments, then the next category


class EarlyMoney(StrEnum):
    """What happens to money beyond what is due."""

    HOLD = "hold"  # kept as credit and used as instalments fall due
    REDUCE_INSTALMENT = "reduce_instalment"  # cuts principal; later instalments get smaller
    REDUCE_TERM = "reduce_term"  # cuts principal; the last instalments fall away


class ReversalMode(StrEnum):
    """What a reversed payment leaves behind."""

    AS_IF_NEVER = "as_if_never"  # the loan is reckoned as if the money had never come
    FROM_BOUNCE_DAY = "from_bounce_day"  # it counts until the day it bounced


class RecastPenalty(StrEnum):
    """What a restructure does to default interest that has arisen."""

    KEEP = "keep"  # stays owed (or is capitalised, where the agreement says so)
    RESTART = "restart"  # is given up


class CardInterest(StrEnum):
    """On what a card bears interest when its statement was not paid in full by the due day."""

    FULL = "full"  # each purchase from its own day, also the part that was paid in time (全额计息)
    UNPAID_PART = "unpaid_part"  # each purchase from its own day, the unpaid part only


class Category(IntEnum):
    """What a unit of money can be owed as."""

    COST = 0  # costs of realising the claim (实现债权的有关费用)
    FEE = 1
    INTEREST = 2
    PENALTY = 3  # default interest 罚息
    COMPOUND = 4  # compound default interest 复利
    PRINCIPAL = 5


CIVIL_CODE_ORDER = (
    Category.COST,
    Category.FEE,
    Category.INTEREST,
    Category.PENALTY,
    Category.COMPOUND,
    Category.PRINCIPAL,
)
"""民法典 561: costs, interest, principal. Where default interest ranks is the contract's to say."""

PRINCIPAL_FIRST = (
    Category.PRINCIPAL,
    Category.COST,
    Category.FEE,
    Category.INTEREST,
    Category.PENALTY,
    Category.COMPOUND,
)
"""The order of a card that is more than 90 days past due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """One contract's conventions. Amounts are minor units, rates annual ppm, spans days unless named otherwise."""

    method: Method
    rate_ppm: int
    currency: str = "CNY"
    day_count: DayCount = DayCount.THIRTY_360
    period_months: int = 1  # months in a period; 0 where periods are counted in days
    period_days: int = 0
    level_from: LevelFrom = LevelFrom.NOMINAL
    first_period: FirstPeriod = FirstPeriod.BY_DAYS
    holiday_shift: HolidayShift = HolidayShift.NONE
    holiday_interest: bool = False  # whether the days of a shift bear contract interest
    penalty_ppm: int = 0
    penalty_mode: PenaltyMode = PenaltyMode.INSTEAD
    penalty_base: PenaltyBase = PenaltyBase.PRINCIPAL
    penalty_rounding: PenaltyRounding = PenaltyRounding.AT_READING
    compound_ppm: int = 0
    compound_on: CompoundOn = CompoundOn.NONE
    settlement_day: int = 0  # day of the month (1-28) on which default interest is posted to the compound base
    grace_days: int = 0
    dpd_grace: GraceMode = GraceMode.IGNORE
    penalty_grace: GraceMode = GraceMode.IGNORE
    tolerance_minor: int = 0  # an instalment short by no more than this counts as paid
    materiality_minor: int = 0  # DPD counts only while the overdue total is above this,
    materiality_ppm: int = 0  # and above this part of the principal outstanding
    order: tuple[Category, ...] = CIVIL_CODE_ORDER
    walk: Walk = Walk.BY_INSTALMENT
    late_order: tuple[Category, ...] = PRINCIPAL_FIRST
    late_order_from_dpd: int = 0  # DPD from which `late_order` applies; 0 = never
    early_money: EarlyMoney = EarlyMoney.HOLD
    reversal: ReversalMode = ReversalMode.AS_IF_NEVER
    recast_penalty: RecastPenalty = RecastPenalty.KEEP
    card_interest: CardInterest = CardInterest.FULL
    card_minimum_ppm: int = 100_000  # part of the statement's principal in the minimum payment
    card_minimum_floor: int = 0
    card_late_fee_ppm: int = 0  # of the unpaid part of the minimum payment, once, the day after the due day

    @property
    def denominator(self) -> int:
        """The denominator over which this loan's interest accrues: ppm × days of the year."""
        return PPM * self.day_count.basis


def faults(terms: Terms) -> Iterator[tuple[str, str]]:
    """Each (field, reason) for which these terms cannot be reckoned; nothing where they can."""
    for name in ("rate_ppm", "penalty_ppm", "compound_ppm"):
        value = getattr(terms, name)
        if not 0 <= value <= RATE_PPM_MAX:
            yield name, f"{value} is outside 0 to {RATE_PPM_MAX} ppm a year"
    if terms.rate_ppm + terms.penalty_ppm > RATE_PPM_MAX and terms.penalty_mode is PenaltyMode.BESIDE:
        yield "penalty_ppm", f"with the contract rate beside it, it passes {RATE_PPM_MAX} ppm a year"
    if (terms.period_months > 0) == (terms.period_days > 0):
        yield "period_months", "a period is counted in months or in days, one of the two"
    for name in ("order", "late_order"):
        if sorted(getattr(terms, name)) != sorted(Category):
            yield name, "an order names each of the six categories once"
    if terms.compound_on is not CompoundOn.NONE and terms.penalty_base is PenaltyBase.PRINCIPAL_AND_INTEREST:
        yield "compound_on", "overdue interest would bear both default and compound interest"
    if terms.compound_on is CompoundOn.INTEREST_AND_PENALTY and not 1 <= terms.settlement_day <= 28:
        yield "settlement_day", "a day of the month from 1 to 28 is needed to post default interest"
    if terms.first_period is FirstPeriod.FULL_PERIOD and terms.day_count is not DayCount.THIRTY_360:
        yield "first_period", "a whole period without counting days exists under 30/360 only"
    if terms.method is Method.CARD and terms.reversal is not ReversalMode.AS_IF_NEVER:
        yield "reversal", "a card's payment is reversed as if it had never been made"
    if not 0 <= terms.materiality_ppm <= 100_000:
        yield "materiality_ppm", f"{terms.materiality_ppm} is outside 0 to 100,000"
    yield from _negatives(terms)


def _negatives(terms: Terms) -> Iterator[tuple[str, str]]:
    for field in fields(terms):
        value = getattr(terms, field.name)
        if isinstance(value, int) and value < 0 and field.name not in {"rate_ppm", "penalty_ppm", "compound_ppm"}:
            yield field.name, f"{value} is negative"
