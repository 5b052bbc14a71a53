"""One loan's state between and on the days on which something happens: `core.balance`, function by function.

Each function takes the state ``f``, the terms ``t`` and the instalments ``rows`` (record 0 is the charges), and what
else it writes. See the core for why things are as they are; here stands only how.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from duecourse.book.kernels.calendar import civil, next_settlement
from duecourse.book.kernels.compiled import compiled, written_in
from duecourse.book.kernels.exact import grown, half_up, product
from duecourse.book.kernels.period import accrued, begin_period, forget_carried, not_due, rate_now
from duecourse.book.kernels.records import (
    BESIDE,
    BY_INSTALMENT,
    CATEGORIES,
    COMPOUND,
    COST,
    DAILY,
    FAR_DAY,
    FEE,
    FORGIVE,
    FROM_BOUNCE_DAY,
    INTEREST,
    INTEREST_AND_PENALTY,
    JOURNAL_FULL,
    NO_COMPOUND,
    NO_DAY,
    PENALTY,
    PRINCIPAL,
    PRINCIPAL_AND_INTEREST,
    SHIFT,
)

if TYPE_CHECKING:
    from duecourse.book.kernels.records import Entry, Fold, Records, Row, Terms

PPM = 1_000_000


@compiled
def clear_row(row: Row, due: int, days: int, grace: int) -> None:
    """A new instalment without amounts."""
    row.due = due
    row.days = days
    row.period_days = days
    row.dpd_from = due
    row.grace = grace
    row.ends = due
    row.ahead = 0
    row.ahead_rest = 0
    row.ahead_unpaused = 0
    row.ahead_unpaused_rest = 0
    row.ahead_stood = 0
    row.principal = 0
    row.interest = 0
    row.fee = 0
    row.cost = 0
    row.given_interest = 0
    row.given_fee = 0
    row.by_rate = 0
    row.given_on = 0
    row.posted = 0
    row.penalty = 0
    row.penalty_rest = 0
    row.compound = 0
    row.compound_rest = 0
    row.late = 0
    row.late_rest = 0
    row.late_settled = 0


# What stands


@compiled
def rest(row: Row) -> int:
    """What is unpaid of the instalment itself."""
    return row.principal + row.interest + row.fee


@compiled
def within_grace(f: Fold, t: Terms, row: Row) -> bool:
    """Whether default interest on the instalment is held back by a forgiving grace (never on the charges)."""
    return t.penalty_grace == FORGIVE and f.day - row.due <= row.grace


@compiled
def penalty_owed(t: Terms, row: Row) -> int:
    """Default interest owed, whatever the grace."""
    return half_up(row.penalty, row.penalty_rest, t.denominator)


@compiled
def compound_owed(t: Terms, row: Row) -> int:
    """Compound default interest owed, whatever the grace."""
    return half_up(row.compound, row.compound_rest, t.denominator)


@compiled
def late_owed(t: Terms, row: Row) -> int:
    """Contract interest owed that went on beside default interest."""
    return half_up(row.late, row.late_rest, t.denominator) - row.late_settled


@compiled
def owed(f: Fold, t: Terms, row: Row, category: int) -> int:
    """What is owed of one instalment in one category on the current day."""
    if category == PRINCIPAL:
        return row.principal
    if category == INTEREST:
        return row.interest + late_owed(t, row)
    if category == PENALTY:
        return 0 if within_grace(f, t, row) else penalty_owed(t, row)
    if category == COMPOUND:
        return 0 if within_grace(f, t, row) else compound_owed(t, row)
    return row.fee if category == FEE else row.cost


# Time passes


@compiled
def next_change(f: Fold, t: Terms, rows: Records[Row]) -> int:
    """The next day on which an instalment falls due, or default interest is posted."""
    due = rows[f.next + 1].due if f.next < f.size else FAR_DAY
    if t.compound_on != INTEREST_AND_PENALTY or f.first >= f.next:
        return due
    return min(due, next_settlement(f.day, t.settlement_day))


@compiled
def grow(f: Fold, t: Terms, row: Row, until: int) -> None:
    """Let one instalment bear interest from the current day until ``until``."""
    after = max(f.day, row.ends)  # up to its end the period has borne contract interest
    start = f.day if t.penalty_mode == BESIDE else after
    if t.penalty_grace == SHIFT:
        start = max(start, row.due + row.grace)
    if f.penalty_pauses == 0 and until > start:
        base = row.principal + row.interest if t.penalty_base == PRINCIPAL_AND_INTEREST else row.principal
        if base != 0 and f.penalty_rate != 0:
            if t.penalty_rounding == DAILY:
                whole, left = product(base, f.penalty_rate, 0, t.denominator)
                row.penalty += half_up(whole, left, t.denominator) * (until - start)
            else:
                whole, left = grown(base, f.penalty_rate, until - start, row.penalty_rest, t.denominator)
                row.penalty += whole
                row.penalty_rest = left
        base = row.interest + row.posted
        if t.compound_on != NO_COMPOUND and base != 0 and f.compound_rate != 0:
            if t.penalty_rounding == DAILY:
                whole, left = product(base, f.compound_rate, 0, t.denominator)
                row.compound += half_up(whole, left, t.denominator) * (until - start)
            else:
                whole, left = grown(base, f.compound_rate, until - start, row.compound_rest, t.denominator)
                row.compound += whole
                row.compound_rest = left
    if t.penalty_mode == BESIDE and row.principal != 0 and until > after:
        whole, left = grown(row.principal, rate_now(f), until - after, row.late_rest, t.denominator)
        row.late += whole
        row.late_rest = left


@compiled
def pass_time(f: Fold, t: Terms, rows: Records[Row], until: int) -> None:
    """Let everything that bears interest grow from the current day until ``until``."""
    for i in range(f.first + 1, f.next + 1):
        grow(f, t, rows[i], until)
    if f.dpd_pauses != 0:
        for i in range(1, f.next + 1):
            rows[i].dpd_from += until - f.day
    f.day = until


@compiled
def fall_due(f: Fold, t: Terms, rows: Records[Row], journal: Records[Entry]) -> None:
    """Let instalments whose day has come fall due, and post default interest on a settlement day."""
    if t.compound_on == INTEREST_AND_PENALTY and f.first < f.next and civil(f.day)[2] == t.settlement_day:
        for i in range(f.first + 1, f.next + 1):
            rows[i].posted = owed(f, t, rows[i], PENALTY) + owed(f, t, rows[i], COMPOUND)
    while f.next < f.size and rows[f.next + 1].due <= f.day:
        f.next += 1
        f.mark = rows[f.next].ends
        begin_period(f, rows)
    if f.credit != 0:
        use_credit(f, t, rows, journal)


# Money


@compiled
def remember(f: Fold, t: Terms, journal: Records[Entry], row: int, category: int, minor: int) -> None:
    """Keep what money went to, where a bounced payment will give it back."""
    if f.journaling == 0 or t.reversal != FROM_BOUNCE_DAY:
        return
    if f.entries >= len(journal):
        f.fault = JOURNAL_FULL
        return
    entry = journal[f.entries]
    entry.row = row
    entry.category = category
    entry.minor = minor
    f.entries += 1


@compiled
def take(f: Fold, t: Terms, row: Row, category: int, minor: int) -> None:
    """Let ``minor`` of one instalment's category be no longer owed."""
    if category == PRINCIPAL:
        row.principal -= minor
    elif category == INTEREST:
        scheduled = min(minor, row.interest)
        row.interest -= scheduled
        row.late_settled += minor - scheduled
    elif category == FEE:
        row.fee -= minor
    elif category == COST:
        row.cost -= minor
    else:
        if category == PENALTY:
            row.penalty -= minor
        else:
            row.compound -= minor
        row.posted = min(row.posted, owed(f, t, row, PENALTY) + owed(f, t, row, COMPOUND))


@compiled
def apply(f: Fold, t: Terms, rows: Records[Row], journal: Records[Entry], row: int, category: int) -> None:
    """Apply held money to one place."""
    taken = min(f.credit, owed(f, t, rows[row], category))
    if taken != 0:
        take(f, t, rows[row], category, taken)
        f.credit -= taken
        remember(f, t, journal, row, category, taken)


@compiled
def all_owed(f: Fold, t: Terms, row: Row) -> int:
    """What is owed of one instalment in all categories."""
    total = rest(row) + row.cost + late_owed(t, row)
    return total if within_grace(f, t, row) else total + penalty_owed(t, row) + compound_owed(t, row)


@compiled
def pay_off(f: Fold, t: Terms, row: Row) -> None:
    """Take all that is owed of one instalment."""
    row.principal = 0
    row.interest = 0
    row.fee = 0
    row.cost = 0
    row.late_settled += late_owed(t, row)
    if not within_grace(f, t, row):
        penalty, compound = penalty_owed(t, row), compound_owed(t, row)
        if penalty != 0 or compound != 0:
            row.penalty -= penalty
            row.compound -= compound
            row.posted = 0


@compiled
def use_credit(f: Fold, t: Terms, rows: Records[Row], journal: Records[Entry]) -> None:
    """Apply held money to what is due, in the order of the contract.

    Where it pays for everything no order is needed, unless the order is to be remembered.
    """
    if f.credit == 0:
        return
    total = all_owed(f, t, rows[0])
    for i in range(f.first + 1, f.next + 1):
        total += all_owed(f, t, rows[i])
    if f.credit >= total and f.journaling == 0:
        if total != 0:
            f.credit -= total
            pay_off(f, t, rows[0])
            for i in range(f.first + 1, f.next + 1):
                pay_off(f, t, rows[i])
    else:
        use_credit_in_order(f, t, rows, journal)
    close_settled(f, t, rows)


@written_in
def use_credit_in_order(f: Fold, t: Terms, rows: Records[Row], journal: Records[Entry]) -> None:
    """Apply held money, as far as it goes, to one place after the other."""
    late = t.late_order_from_dpd != 0 and dpd(f, t, rows) >= t.late_order_from_dpd
    order = t.late_order if late else t.order
    if t.walk == BY_INSTALMENT:
        for i in range(f.first, f.next + 1):
            for place in range(CATEGORIES):
                if f.credit == 0:
                    return
                apply(f, t, rows, journal, i if i > f.first else 0, order >> 3 * place & 7)
    else:
        for place in range(CATEGORIES):
            for i in range(f.first, f.next + 1):
                if f.credit == 0:
                    return
                apply(f, t, rows, journal, i if i > f.first else 0, order >> 3 * place & 7)


@compiled
def close_settled(f: Fold, t: Terms, rows: Records[Row]) -> None:
    """Forget what grew within a forgiving grace on instalments that were paid in it; pass settled ones."""
    if t.penalty_grace == FORGIVE:
        for i in range(f.first + 1, f.next + 1):
            if rest(rows[i]) == 0 and within_grace(f, t, rows[i]):
                drop_growth(rows[i])
    while f.first < f.next and settled(t, rows[f.first + 1]):
        f.first += 1


@compiled
def drop_growth(row: Row) -> None:
    """Forget the default interest of an instalment."""
    row.penalty = 0
    row.penalty_rest = 0
    row.compound = 0
    row.compound_rest = 0
    row.posted = 0


@compiled
def settled(t: Terms, row: Row) -> bool:
    """Whether nothing of an instalment is owed."""
    return rest(row) == 0 and penalty_owed(t, row) + compound_owed(t, row) + late_owed(t, row) == 0


@compiled
def accelerate(f: Fold, t: Terms, rows: Records[Row], journal: Records[Entry]) -> None:
    """Let everything fall due today: interest up to now, no interest or fee of periods not begun."""
    if f.next >= f.size:
        return
    interest = accrued(f, t, rows)
    for i in range(f.next + 1, f.size + 1):
        row = rows[i]
        row.interest = 0
        row.due = f.day
        row.dpd_from = f.day
        row.ends = max(f.day, f.mark)
        if i > f.next + 1:
            row.fee = 0
    rows[f.next + 1].interest = interest
    fall_due(f, t, rows, journal)


# The day counter


@compiled
def with_grace(mode: int, days: int, grace: int) -> int:
    """A number of days past due as grace makes it."""
    days = max(days, 0)
    if mode == FORGIVE:
        return days if days > grace else 0
    return max(days - grace, 0) if mode == SHIFT else days


@compiled
def immaterial(t: Terms, total: int, exposure: int) -> bool:
    """Whether an overdue total is too small to count, absolutely or as a part of the principal outstanding."""
    if total <= t.materiality:
        return True
    millions = exposure // PPM
    return total <= millions * t.materiality_ppm + (exposure - millions * PPM) * t.materiality_ppm // PPM


@compiled
def dpd(f: Fold, t: Terms, rows: Records[Row]) -> int:
    """Contractual days past due on the current day."""
    total = 0
    exposure = 0
    for i in range(f.first + 1, f.next + 1):
        row = rows[i]
        exposure += row.principal
        if row.due < f.day and rest(row) > t.tolerance:
            total += rest(row)
    if total <= t.materiality or immaterial(t, total, exposure + not_due(f, rows)):
        return 0
    worst = 0
    for i in range(f.first + 1, f.next + 1):
        row = rows[i]
        if row.due < f.day and rest(row) > t.tolerance:
            worst = max(worst, with_grace(t.dpd_grace, f.day - row.dpd_from, row.grace))
    return worst


@written_in
def start(f: Fold, t: Terms, rows: Records[Row]) -> None:
    """The state before anything has happened, less the rates; also for a card."""
    f.day = NO_DAY
    f.size = 0
    f.next = 0
    f.first = 0
    f.drawn = 0
    f.written_off = 0
    f.sold = 0
    f.method = t.method
    f.given = 0
    f.grace = t.grace_days
    f.level = 0
    f.ends = 0
    forget_carried(f)
    f.mark = NO_DAY
    f.credit = 0
    f.paid_total = 0
    f.last_payment = NO_DAY
    f.interest_pauses = 0
    f.penalty_pauses = 0
    f.dpd_pauses = 0
    f.plan_from = 0
    f.plan_to = 0
    f.plan_base = 0
    f.plan_day = NO_DAY
    f.lay = -1
    f.lay_level = 0
    f.lay_shorter = 0
    f.lay_keep = 0
    f.closed = 0
    f.entries = 0
    f.purchases = 0
    f.rate_days = 0
    f.realised = 0
    f.realised_rest = 0
    f.fee = 0
    f.cost = 0
    f.fault = 0
    clear_row(rows[0], NO_DAY, 0, -1)
