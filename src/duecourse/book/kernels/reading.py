"""What a folded loan or card says of one day: `core.delinquency.read` and `core.card.read`, figure by figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from duecourse.book.kernels import balance, card, period
from duecourse.book.kernels.compiled import compiled, written_in
from duecourse.book.kernels.exact import half_up, product
from duecourse.book.kernels.records import CARD, NO_DAY, position
from duecourse.core.reading import Status

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from duecourse.book.kernels.laying import Schedule
    from duecourse.book.kernels.records import Fold, Purchase, Records, Row, Statement, Terms

AMOUNTS = (
    "cost", "fee", "interest", "penalty", "compound", "principal", "not_due", "accrued", "credit", "overdue",
    "next_amount", "paid_total", "due", "settle", "due_in_a_week", "rate_ppm", "penalty_ppm",
)  # fmt: skip
COUNTS = ("dpd", "plan_dpd")
DATES = ("oldest_due", "next_due", "last_payment")
FIGURES = (*AMOUNTS, *COUNTS, *DATES, "status", "fault")
"""What is written of each job: minor units, days, days since 1970 (`NO_DAY`: none), the place of `Status` in its list,
and what stopped the fold (0: nothing)."""

(
    COST, FEE, INTEREST, PENALTY, COMPOUND, PRINCIPAL, NOT_DUE, ACCRUED, CREDIT, OVERDUE, NEXT_AMOUNT, PAID_TOTAL, DUE,
    SETTLE, DUE_IN_A_WEEK, RATE, PENALTY_RATE, DPD, PLAN_DPD, OLDEST_DUE, NEXT_DUE, LAST_PAYMENT, STATUS, FAULT,
) = range(len(FIGURES))  # fmt: skip

NOT_DRAWN, ACTIVE, SETTLED = position(Status.NOT_DRAWN), position(Status.ACTIVE), position(Status.SETTLED)
WRITTEN_OFF, SOLD = position(Status.WRITTEN_OFF), position(Status.SOLD)


@compiled
def plan_dpd(f: Fold, t: Terms, s: Schedule, day: int) -> int:
    """Days past due under an agreed plan."""
    wanted = f.plan_base - f.paid_total
    for k in range(f.plan_from, f.plan_to):
        wanted += s.principal[k]
        if s.due[k] >= day:
            break
        if wanted > t.tolerance:
            return int(day - s.due[k])
    return 0


@compiled
def due_of_card(f: Fold, statements: Records[Statement], r: NDArray[np.int64]) -> None:
    """Cost, fee and interest billed or charged, and the principal in the minimum."""
    principal, unmet = 0, 0
    r[COST] = 0
    r[FEE] = 0
    r[INTEREST] = 0
    r[PENALTY] = 0
    r[COMPOUND] = 0
    for k in range(f.next):
        statement = statements[k]
        r[COST] += statement.cost
        r[FEE] += statement.fee
        r[INTEREST] += statement.interest
        principal += statement.principal
        unmet += statement.minimum
    r[PRINCIPAL] = max(min(unmet - r[COST] - r[FEE] - r[INTEREST], principal), 0)
    r[COST] += f.cost
    r[FEE] += f.fee


@compiled
def due_of_loan(f: Fold, t: Terms, rows: Records[Row], r: NDArray[np.int64]) -> None:
    """What is due on the current day, by category, and what of it is overdue."""
    r[COST] = 0
    r[FEE] = 0
    r[INTEREST] = 0
    r[PENALTY] = 0
    r[COMPOUND] = 0
    r[PRINCIPAL] = 0
    r[OVERDUE] = 0
    for i in range(f.first, f.next + 1):
        row = rows[i if i > f.first else 0]
        interest = row.interest + balance.late_owed(t, row)
        penalty, compound = 0, 0
        if not balance.within_grace(f, t, row):
            penalty, compound = balance.penalty_owed(t, row), balance.compound_owed(t, row)
        r[COST] += row.cost
        r[FEE] += row.fee
        r[INTEREST] += interest
        r[PENALTY] += penalty
        r[COMPOUND] += compound
        r[PRINCIPAL] += row.principal
        if row.due < f.day:
            r[OVERDUE] += row.cost + row.fee + interest + penalty + compound + row.principal


@compiled
def total_due(r: NDArray[np.int64]) -> int:
    """All that is due."""
    return int(r[COST] + r[FEE] + r[INTEREST] + r[PENALTY] + r[COMPOUND] + r[PRINCIPAL])


@compiled
def read_card(
    f: Fold, t: Terms, statements: Records[Statement], purchases: Records[Purchase], r: NDArray[np.int64]
) -> None:
    """`core.card.read`, less what `finish` adds."""
    due_of_card(f, statements, r)
    principal = 0
    grown, grown_rest = f.realised, f.realised_rest
    r[OVERDUE] = 0
    r[OLDEST_DUE] = NO_DAY
    r[NEXT_DUE] = NO_DAY
    r[NEXT_AMOUNT] = 0
    for k in range(f.size):
        statement = statements[k]
        principal += statement.principal
        ahead = k >= f.next or (statement.due > f.day and statement.minimum != 0)
        if ahead and r[NEXT_DUE] == NO_DAY:
            r[NEXT_DUE] = statement.due
            r[NEXT_AMOUNT] = statement.minimum
        if k >= f.next:
            continue
        if statement.revolving != 0:
            for p in range(statement.start, statement.stop):
                unpaid, days = purchases[p].unpaid, f.rate_days - purchases[p].since
                whole, grown_rest = product(unpaid, days, grown_rest, t.denominator)
                grown += whole
        if statement.due < f.day:
            r[OVERDUE] += statement.minimum
        if statement.due <= f.day and statement.minimum > t.tolerance:
            r[OLDEST_DUE] = statement.due if r[OLDEST_DUE] == NO_DAY else min(r[OLDEST_DUE], statement.due)
    r[ACCRUED] = half_up(grown, grown_rest, t.denominator)
    r[NOT_DUE] = principal - r[PRINCIPAL]
    r[DPD] = card.dpd(f, t, statements)
    nothing = principal == 0 and grown == 0 and grown_rest == 0 and r[COST] + r[FEE] + r[INTEREST] == 0
    r[STATUS] = ACTIVE
    if nothing and (f.written_off != 0 or f.next >= f.size):
        r[STATUS] = SETTLED
    elif f.written_off != 0:
        r[STATUS] = WRITTEN_OFF


@compiled
def read_loan(f: Fold, t: Terms, rows: Records[Row], r: NDArray[np.int64]) -> None:
    """`core.delinquency.read`, less what `finish` adds."""
    due_of_loan(f, t, rows, r)
    r[OLDEST_DUE] = NO_DAY
    for i in range(f.first + 1, f.next + 1):
        if balance.rest(rows[i]) > t.tolerance:
            r[OLDEST_DUE] = rows[i].due if r[OLDEST_DUE] == NO_DAY else min(r[OLDEST_DUE], rows[i].due)
    r[NEXT_DUE] = NO_DAY
    r[NEXT_AMOUNT] = 0
    r[NOT_DUE] = 0
    for i in range(f.next + 1, f.size + 1):
        r[NOT_DUE] += rows[i].principal
        if r[NEXT_AMOUNT] == 0 and balance.rest(rows[i]) != 0:
            r[NEXT_DUE] = rows[i].due
            r[NEXT_AMOUNT] = balance.rest(rows[i])
    r[ACCRUED] = period.accrued(f, t, rows)
    r[DPD] = balance.dpd(f, t, rows)
    r[STATUS] = ACTIVE
    if total_due(r) == 0 and r[NEXT_AMOUNT] == 0:
        r[STATUS] = SETTLED
    elif f.written_off != 0:
        r[STATUS] = WRITTEN_OFF


@written_in
def finish(f: Fold, t: Terms, s: Schedule, day: int, r: NDArray[np.int64]) -> None:
    """What loans and cards read alike."""
    r[CREDIT] = f.credit
    r[PAID_TOTAL] = f.paid_total
    r[LAST_PAYMENT] = f.last_payment
    r[RATE] = f.rate
    r[PENALTY_RATE] = 0 if t.method == CARD else f.penalty_rate
    r[DUE] = total_due(r)
    r[SETTLE] = max(r[DUE] + r[NOT_DUE] + r[ACCRUED] - f.credit, 0)
    r[PLAN_DPD] = plan_dpd(f, t, s, day) if f.plan_from < f.plan_to else r[DPD]
    if f.sold != 0:
        r[STATUS] = SOLD
    elif f.drawn == 0:
        r[STATUS] = NOT_DRAWN
