"""What the demo lender lends: each product with its conventions, rates, amounts and terms.

Between them the products use every repayment method and the conventions on which lenders differ.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Final

from duecourse.core.contract import (
    CompoundOn,
    EarlyMoney,
    GraceMode,
    LevelFrom,
    Method,
    PenaltyMode,
    PenaltyRounding,
    ReversalMode,
    Terms,
    Walk,
)
from duecourse.core.days import DayCount, HolidayShift, add_months
from duecourse.core.events import GridRow
from duecourse.core.schedule import grid, lay
from duecourse.sim.lender import FIRST_DAY, LAST_DAY, TAKEOVER_DAYS, calendar

YUAN: Final = 100
MATURED_KEPT: Final = 0.12
"""Of the loans drawn so that they would have matured, this part stays so; the others start later."""

CARD_CYCLES: Final = 36
CARD_DAYS_TO_PAY: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product. ``terms`` are its series; rates are put in for each loan. Amounts are whole yuan."""

    code: str
    terms: tuple[Terms, ...]
    rates_ppm: tuple[int, ...]
    months: tuple[int, ...]  # number of instalments
    yuan: tuple[int, int]
    penalty_percent: int = 150  # default rate, as a part of the contract rate
    secured: bool = False
    floating: bool = False
    taken_over: bool = False


def _terms(method: Method, **conventions: object) -> Terms:
    return replace(Terms(method=method, rate_ppm=0), **conventions)  # type: ignore[arg-type]


CONSUMER = Product(
    code="consumer_instalment",
    terms=(
        _terms(Method.EQUAL_INSTALMENT, grace_days=3, penalty_grace=GraceMode.FORGIVE),
        _terms(Method.EQUAL_INSTALMENT, day_count=DayCount.ACT_365, level_from=LevelFrom.ACTUAL),
    ),
    rates_ppm=(72_000, 98_000, 120_000, 144_000, 180_000, 216_000),
    months=(12, 12, 18, 24, 24, 36),
    yuan=(3_000, 80_000),
)
CASH = Product(
    code="cash_loan",
    terms=(
        _terms(
            Method.EQUAL_INSTALMENT,
            day_count=DayCount.ACT_365,
            walk=Walk.BY_CATEGORY,
            penalty_mode=PenaltyMode.BESIDE,
            penalty_rounding=PenaltyRounding.DAILY,
            reversal=ReversalMode.FROM_BOUNCE_DAY,
            tolerance_minor=YUAN,
        ),
    ),
    rates_ppm=(180_000, 216_000, 239_000),
    months=(6, 12, 12, 24),
    yuan=(1_000, 20_000),
    penalty_percent=50,
)
CAR = Product(
    code="car",
    terms=(
        _terms(Method.EQUAL_PRINCIPAL, holiday_shift=HolidayShift.FOLLOWING, early_money=EarlyMoney.REDUCE_INSTALMENT),
        _terms(Method.EQUAL_PRINCIPAL, holiday_shift=HolidayShift.FOLLOWING, holiday_interest=True),
    ),
    rates_ppm=(42_000, 54_000, 66_000),
    months=(24, 36, 36, 60),
    yuan=(60_000, 250_000),
    secured=True,
    floating=True,
)
BUSINESS = Product(
    code="business",
    terms=(
        _terms(Method.INTEREST_ONLY, day_count=DayCount.ACT_360, compound_on=CompoundOn.INTEREST),
        _terms(
            Method.INTEREST_ONLY,
            day_count=DayCount.ACT_360,
            compound_on=CompoundOn.INTEREST_AND_PENALTY,
            settlement_day=21,
        ),
    ),
    rates_ppm=(43_500, 52_000, 68_000),
    months=(12, 12, 24, 36),
    yuan=(100_000, 1_000_000),
    secured=True,
    floating=True,
)
SHORT = Product(
    code="short_bullet",
    terms=(_terms(Method.BULLET, day_count=DayCount.ACT_365, grace_days=3, dpd_grace=GraceMode.SHIFT),),
    rates_ppm=(120_000, 180_000),
    months=(1, 2, 3, 3, 6, 6),
    yuan=(500, 30_000),
)
PARTNER = Product(
    code="partner_given",
    terms=(_terms(Method.FREE),),
    rates_ppm=(150_000, 175_000),
    months=(12, 24),
    yuan=(2_000, 50_000),
)
CARD = Product(
    code="card",
    terms=(
        _terms(
            Method.CARD,
            day_count=DayCount.ACT_365,
            late_order_from_dpd=91,
            card_late_fee_ppm=50_000,
            card_minimum_floor=10 * YUAN,
        ),
    ),
    rates_ppm=(182_500,),
    months=(CARD_CYCLES,),
    yuan=(5_000, 50_000),
    penalty_percent=0,
)
TAKEN_OVER = Product(
    code="taken_over",
    terms=(_terms(Method.EQUAL_INSTALMENT, day_count=DayCount.ACT_365, materiality_minor=100 * YUAN),),
    rates_ppm=(96_000, 138_000),
    months=(24, 36, 36, 48),
    yuan=(10_000, 120_000),
    taken_over=True,
)

PRODUCTS: Final = (CONSUMER, CASH, CAR, BUSINESS, SHORT, PARTNER, CARD, TAKEN_OVER)
BY_CODE: Final = {product.code: product for product in PRODUCTS}

HOUSEHOLD: Final = ((CONSUMER, 570), (CASH, 150), (CAR, 100), (SHORT, 60), (PARTNER, 60), (CARD, 20), (TAKEN_OVER, 40))
"""What households borrow, in parts of a thousand."""

TRADE: Final = ((BUSINESS, 780), (SHORT, 220))
"""What shopkeepers and firms borrow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """One loan as agreed: what the lender's tape says of it before anything has happened. Amounts are minor units."""

    ref: str
    borrower_ref: str
    product: Product
    region: str
    terms: Terms
    principal: int
    start: date
    first_due: date
    count: int
    grid: tuple[GridRow, ...]


def pick(rng: Random, weighted: tuple[tuple[Product, int], ...]) -> Product:
    """One of several products by their weights, which add up to a thousand."""
    left = rng.randrange(1000)
    for product, weight in weighted:
        left -= weight
        if left < 0:
            return product
    raise AssertionError("weights of products add up to a thousand")


def deal(rng: Random, product: Product, *, ref: str, borrower_ref: str, region: str) -> Deal:
    """A loan of a product, drawn from its ranges."""
    rate = rng.choice(product.rates_ppm)
    terms = rng.choice(product.terms)
    penalty = rate * product.penalty_percent // 100
    changes: dict[str, int] = {}
    compound = penalty if terms.compound_on is not CompoundOn.NONE else 0
    count = rng.choice(product.months)
    start = _start(rng, product, count)
    if product is SHORT:
        period = rng.choice((30, 60, 90)) if count < 3 else rng.choice((90, 120, 180))
        changes = {"period_months": 0, "period_days": period}
        count, first_due = 1, start + timedelta(days=period)
    elif product is CARD:
        first_due = add_months(start, 1) + timedelta(days=CARD_DAYS_TO_PAY)
    else:
        first_due = _first_due(rng, start)
    terms = replace(terms, rate_ppm=rate, penalty_ppm=penalty, compound_ppm=compound, **changes)  # type: ignore[arg-type]
    low, high = product.yuan
    part = min(rng.randrange(1001), rng.randrange(1001))  # small loans are the common ones
    principal = (low + (high - low) * part // 1000) // 100 * 100 * YUAN
    return Deal(
        ref=ref,
        borrower_ref=borrower_ref,
        product=product,
        region=region,
        terms=terms,
        principal=principal,
        start=start,
        first_due=first_due,
        count=count,
        grid=_grid(terms, start, first_due, count, principal),
    )


def _start(rng: Random, product: Product, count: int) -> date:
    if product.taken_over:
        return rng.choice(TAKEOVER_DAYS) - timedelta(days=rng.randrange(90, 540))
    span = (LAST_DAY - FIRST_DAY).days
    start = FIRST_DAY + timedelta(days=int(span * rng.random() ** 0.75))
    runs = 30 * count if product is not SHORT else 90
    if start + timedelta(days=runs) < LAST_DAY and rng.random() > MATURED_KEPT:
        start = LAST_DAY - timedelta(days=rng.randrange(min(runs, span)))
    return start


def _first_due(rng: Random, start: date) -> date:
    if rng.random() < 0.6:
        return add_months(start, 1)
    following = add_months(start, 1).replace(day=rng.choice((5, 10, 15, 20, 25)))
    return following if (following - start).days >= 15 else add_months(following, 1)


def _grid(terms: Terms, start: date, first_due: date, count: int, principal: int) -> tuple[GridRow, ...]:
    if terms.method is Method.CARD:
        return tuple(
            GridRow(add_months(start, n) + timedelta(days=CARD_DAYS_TO_PAY), CARD_DAYS_TO_PAY)
            for n in range(1, count + 1)
        )
    rows = grid(terms, start=start, first_due=first_due, count=count, calendar=calendar())
    if terms.method is not Method.FREE:
        return rows
    laid, _ = lay(
        terms, Method.EQUAL_INSTALMENT, principal=principal, rate_ppm=terms.rate_ppm, days=[row.days for row in rows]
    )
    fee = principal // 400  # a monthly fee of 0.25 %, as partners charge it
    return tuple(
        row._replace(principal=part.principal, interest=part.interest, fee=fee)
        for row, part in zip(rows, laid, strict=True)
    )
