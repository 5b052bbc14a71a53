"""The records that the engine works on: one loan's terms, its state, its instalments, its statements.

Each is declared once, as a class of whole numbers: mypy reads the class, numpy lays memory out by it. Dates are days
since 1970-01-01, amounts minor units, rates annual ppm, flags 0 or 1. What grows is kept as a whole part and a rest
over the terms' ``denominator`` (0 ≤ rest < denominator), less what was settled of it: exact, and never beyond 63 bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

import numpy as np

from duecourse.core.contract import (
    CardInterest,
    Category,
    CompoundOn,
    EarlyMoney,
    FirstPeriod,
    GraceMode,
    LevelFrom,
    Method,
    PenaltyBase,
    PenaltyMode,
    PenaltyRounding,
    RecastPenalty,
    ReversalMode,
    Walk,
)
from duecourse.core.days import DayCount, HolidayShift
from duecourse.core.money import PPM

if TYPE_CHECKING:
    from collections.abc import Sequence
    from enum import StrEnum

    from numpy.typing import NDArray

    from duecourse.core import contract

Ints = "NDArray[np.int64]"
R_co = TypeVar("R_co", covariant=True)

NO_DAY = -(2**31)
"""A day that has not come: stands for ``date.min`` and for None."""

FAR_DAY = 2_932_532
"""9999-01-01, `core.days.FAR`."""


class Records(Protocol[R_co]):
    """An array of records."""

    def __getitem__(self, index: int, /) -> R_co:
        """One record, in place."""

    def __len__(self) -> int:
        """How many there are."""


class Terms(Protocol):
    """`core.contract.Terms` as numbers: members of closed lists by their position in the list."""

    method: int
    denominator: int
    thirty_360: int
    period_months: int
    period_days: int
    holiday_shift: int  # `HolidayShift`; none where the days of a shift bear interest
    begins_tell: int  # whether the contract's first day and the days of its periods tell where these end
    level_from: int
    penalty_mode: int
    penalty_base: int
    penalty_rounding: int
    compound_on: int
    settlement_day: int
    grace_days: int
    dpd_grace: int
    penalty_grace: int
    tolerance: int
    materiality: int
    materiality_ppm: int
    order: int  # three bits a category, the first lowest
    walk: int
    late_order: int
    late_order_from_dpd: int
    early_money: int
    reversal: int
    recast_penalty: int
    card_interest: int
    card_minimum_ppm: int
    card_minimum_floor: int
    card_late_fee_ppm: int


class Fold(Protocol):
    """`core.balance.Fold` and `core.card.CardFold`: one loan's state while it is folded."""

    contract_from: int  # the contract's schedule, as a range of the instalment columns
    contract_to: int
    begins: int  # the contract's first day, where it is known
    given: int  # whether the schedule is the lender's for money that was not out when he gave it
    given_at: int  # the contract rate when the schedule that waits for the money was given
    rated: int  # whether the agreement has a rate, by which a given schedule may be lowered
    grace: int  # days of grace of instalments to come
    cutoff: int  # events learnt later do not count
    event: int  # the next event
    event_stop: int
    more: int  # the row of parts that belongs to the next event that has one
    day: int
    size: int  # instalments, or statements of a card
    next: int  # instalments that have fallen due, or statements issued
    first: int  # instalments before this one are settled
    drawn: int
    written_off: int
    sold: int
    method: int
    rate: int
    penalty_rate: int
    compound_rate: int
    level: int
    ends: int  # instalments from this one on have fallen away
    carried: int
    carried_rest: int
    unpaused: int
    unpaused_rest: int
    stood: int
    mark: int
    credit: int
    paid_total: int
    last_payment: int
    interest_pauses: int
    penalty_pauses: int
    dpd_pauses: int
    plan_from: int
    plan_to: int
    plan_base: int
    plan_day: int
    lay: int  # principal to be laid anew on the instalments not yet due; -1 = none
    lay_level: int  # the former level to keep, or 0
    lay_shorter: int  # early money that is to make the term shorter, or 0
    lay_keep: int  # whether each instalment keeps its principal
    closed: int  # settled early by money that may yet bounce: instalments to come claim nothing
    journaling: int
    entries: int  # of the journal
    purchases: int  # of a card
    rate_days: int
    realised: int
    realised_rest: int
    fee: int
    cost: int
    fault: int


class Row(Protocol):
    """`core.accrual.Instalment`. Record 0 is the charges, on which nothing grows; instalment k is record k + 1."""

    due: int
    days: int
    principal: int
    interest: int
    fee: int
    cost: int
    given_interest: int
    given_fee: int
    by_rate: int  # of a given schedule: it is no more than ours at the rates of its days
    given_on: int
    period_days: int
    dpd_from: int
    grace: int
    ends: int
    ahead: int
    ahead_rest: int
    ahead_unpaused: int
    ahead_unpaused_rest: int
    ahead_stood: int
    posted: int
    penalty: int
    penalty_rest: int
    compound: int
    compound_rest: int
    late: int
    late_rest: int
    late_settled: int


class Entry(Protocol):
    """What money went to, kept for loans on which a payment bounces.

    Category -1 is a cut of principal; ``row`` is then where the term ended before the cut made it shorter, or 0.
    """

    row: int
    category: int
    minor: int


class Statement(Protocol):
    """`core.card.Statement`; its purchases are those from ``start`` up to ``stop``."""

    due: int
    bill_day: int
    dpd_from: int
    judged: int
    revolving: int
    interest: int
    fee: int
    cost: int
    principal: int
    minimum: int
    full: int
    paid_interest: int
    paid_interest_rest: int
    start: int
    stop: int


class Purchase(Protocol):
    """`core.card.Purchase`."""

    unpaid: int
    since: int


def _layout(record: type) -> np.dtype[np.void]:
    return np.dtype([(name, np.int64) for name in record.__annotations__], align=True)


TERMS = _layout(Terms)
FOLD = _layout(Fold)
ROW = _layout(Row)
ENTRY = _layout(Entry)
STATEMENT = _layout(Statement)
PURCHASE = _layout(Purchase)


class Work(NamedTuple):
    """What one thread writes on while it folds one loan after the other."""

    fold: Records[Fold]
    rows: Records[Row]
    journal: Records[Entry]
    statements: Records[Statement]
    purchases: Records[Purchase]
    limbs: NDArray[np.int64]  # big numbers, and what they were made from: see `level`
    reading: NDArray[np.int64]


def work(rows: int, *, purchases: int, journal: int, figures: int) -> Work:
    """Room for loans of up to ``rows`` instalments and ``purchases`` purchases, a journal, and a reading's figures."""

    def room(count: int, dtype: np.dtype[np.void]) -> Any:  # noqa: ANN401  # numpy's records are read through the classes above
        return np.zeros(count, dtype)

    return Work(
        room(1, FOLD),
        room(rows + 2, ROW),
        room(journal, ENTRY),
        room(rows + 2, STATEMENT),
        room(purchases + 2, PURCHASE),
        np.zeros((7, (rows + 1) * 35 // 28 + 8), np.int64),
        np.zeros(figures, np.int64),
    )


def position(member: StrEnum) -> int:
    """The number that stands for a member of a closed list: its position in it."""
    return list(type(member)).index(member)


EQUAL_INSTALMENT = position(Method.EQUAL_INSTALMENT)
EQUAL_PRINCIPAL = position(Method.EQUAL_PRINCIPAL)
BULLET = position(Method.BULLET)
FREE = position(Method.FREE)
CARD = position(Method.CARD)
ACTUAL = position(LevelFrom.ACTUAL)
NO_SHIFT, FOLLOWING = position(HolidayShift.NONE), position(HolidayShift.FOLLOWING)
BESIDE = position(PenaltyMode.BESIDE)
PRINCIPAL_AND_INTEREST = position(PenaltyBase.PRINCIPAL_AND_INTEREST)
DAILY = position(PenaltyRounding.DAILY)
NO_COMPOUND = position(CompoundOn.NONE)
INTEREST_AND_PENALTY = position(CompoundOn.INTEREST_AND_PENALTY)
FORGIVE = position(GraceMode.FORGIVE)
SHIFT = position(GraceMode.SHIFT)
BY_INSTALMENT = position(Walk.BY_INSTALMENT)
HOLD = position(EarlyMoney.HOLD)
REDUCE_INSTALMENT = position(EarlyMoney.REDUCE_INSTALMENT)
REDUCE_TERM = position(EarlyMoney.REDUCE_TERM)
FROM_BOUNCE_DAY = position(ReversalMode.FROM_BOUNCE_DAY)
RESTART = position(RecastPenalty.RESTART)
FULL_INTEREST = position(CardInterest.FULL)

COST, FEE, INTEREST = int(Category.COST), int(Category.FEE), int(Category.INTEREST)
PENALTY, COMPOUND, PRINCIPAL = int(Category.PENALTY), int(Category.COMPOUND), int(Category.PRINCIPAL)
CATEGORIES = len(Category)
NOMINAL_DENOMINATOR = 12 * PPM

# Why a fold stopped.
JOURNAL_FULL = 1  # more room is made, and the loan folded again
NEGATIVE = 2  # a negative amount would have been rounded: `BrokenInvariant`
NO_ROOM = 3  # more instalments or purchases than were counted: `BrokenInvariant`
NO_CYCLE = 4  # a card whose contract has no cycle cannot be drawn on: a fault of the loan
TOO_LONG = 5  # a period whose interest passes any that a contract has: likewise


def _packed(order: Sequence[Category]) -> int:
    return sum(int(category) << 3 * place for place, category in enumerate(order))


def terms_records(terms: Sequence[contract.Terms]) -> NDArray[np.void]:
    """The terms of several conventions, one record each; their rates are the loans' own and are left out."""
    made = np.zeros(len(terms), TERMS)
    for at, each in enumerate(terms):
        made[at] = (
            position(each.method),
            each.denominator,
            each.day_count is DayCount.THIRTY_360,
            each.period_months,
            each.period_days,
            NO_SHIFT if each.holiday_interest else position(each.holiday_shift),
            each.first_period is FirstPeriod.BY_DAYS,
            position(each.level_from),
            position(each.penalty_mode),
            position(each.penalty_base),
            position(each.penalty_rounding),
            position(each.compound_on),
            each.settlement_day,
            each.grace_days,
            position(each.dpd_grace),
            position(each.penalty_grace),
            each.tolerance_minor,
            each.materiality_minor,
            each.materiality_ppm,
            _packed(each.order),
            position(each.walk),
            _packed(each.late_order),
            each.late_order_from_dpd,
            position(each.early_money),
            position(each.reversal),
            position(each.recast_penalty),
            position(each.card_interest),
            each.card_minimum_ppm,
            each.card_minimum_floor,
            each.card_late_fee_ppm,
        )
    return made
