"""A revolving card's state: `core.card` and `core.card_events`, function by function.

Statements issued are the first ``f.next`` of ``f.size``; the purchases of a statement are a range of the array of
purchases, since they come in the order of the statements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from duecourse.book.kernels.balance import immaterial, with_grace
from duecourse.book.kernels.compiled import compiled
from duecourse.book.kernels.exact import half_up, product
from duecourse.book.kernels.laying import P1, P2, P3, UNTIL
from duecourse.book.kernels.records import (
    BY_INSTALMENT,
    CATEGORIES,
    COST,
    FAR_DAY,
    FEE,
    FULL_INTEREST,
    INTEREST,
    NO_CYCLE,
    NO_ROOM,
    PRINCIPAL,
)
from duecourse.core.events import PAUSE_DPD, PAUSE_INTEREST, PAUSE_PENALTY

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from duecourse.book.kernels.laying import Schedule
    from duecourse.book.kernels.records import Fold, Purchase, Records, Statement, Terms

PPM = 1_000_000


@compiled
def clear_statement(statement: Statement, due: int, bill_day: int) -> None:
    """A cycle to come."""
    statement.due = due
    statement.bill_day = bill_day
    statement.dpd_from = due
    statement.judged = 0
    statement.revolving = 0
    statement.interest = 0
    statement.fee = 0
    statement.cost = 0
    statement.principal = 0
    statement.minimum = 0
    statement.full = 0
    statement.paid_interest = 0
    statement.paid_interest_rest = 0
    statement.start = 0
    statement.stop = 0


@compiled
def begin(f: Fold, statements: Records[Statement], s: Schedule) -> None:
    """One statement to come for each cycle of the contract."""
    f.size = f.contract_to - f.contract_from
    if f.size > len(statements):
        f.fault = NO_ROOM
        f.size = 0
    for k in range(f.size):
        clear_statement(
            statements[k], s.due[f.contract_from + k], s.due[f.contract_from + k] - s.days[f.contract_from + k]
        )


# What stands


@compiled
def owed(statement: Statement, category: int) -> int:
    """What is owed of a statement in one category."""
    if category == PRINCIPAL:
        return statement.principal
    if category == INTEREST:
        return statement.interest
    if category == FEE:
        return statement.fee
    return statement.cost if category == COST else 0


@compiled
def whole_of(statement: Statement) -> int:
    """All that is owed of a statement."""
    return statement.principal + statement.interest + statement.fee + statement.cost


@compiled
def dpd(f: Fold, t: Terms, statements: Records[Statement]) -> int:
    """Days since the oldest payment day whose minimum was not met, with grace and materiality."""
    total = 0
    for k in range(f.next):
        if statements[k].due < f.day and statements[k].minimum > t.tolerance:
            total += statements[k].minimum
    exposure = 0
    for k in range(f.size):
        exposure += statements[k].principal
    if immaterial(t, total, exposure):
        return 0
    worst = 0
    for k in range(f.next):
        if statements[k].due < f.day and statements[k].minimum > t.tolerance:
            worst = max(worst, with_grace(t.dpd_grace, f.day - statements[k].dpd_from, t.grace_days))
    return worst


# Time passes


@compiled
def next_change(f: Fold, statements: Records[Statement]) -> int:
    """The next statement day, or day after a payment day."""
    found = FAR_DAY
    for k in range(f.size):
        if statements[k].judged == 0:
            found = min(found, statements[k].due + 1)
        if k >= f.next:
            return min(found, statements[k].bill_day)
    return found


@compiled
def pass_time(f: Fold, t: Terms, statements: Records[Statement], until: int) -> None:
    """Let the clock of rate-days run until a day; let the day counter stand still where it is paused."""
    if f.interest_pauses == 0:
        f.rate_days += f.rate * (until - f.day)
    if f.dpd_pauses != 0:
        for k in range(f.next):
            statement = statements[k]
            if statement.due < until and statement.minimum > t.tolerance:
                statement.dpd_from += until - max(f.day, statement.due)
    f.day = until


@compiled
def fall_due(f: Fold, t: Terms, statements: Records[Statement], purchases: Records[Purchase]) -> None:
    """Judge statements whose payment day has passed, and issue the one whose day has come."""
    for k in range(f.next):
        if statements[k].judged == 0 and statements[k].due < f.day:
            judge(f, t, statements[k], purchases)
    while f.next < f.size and statements[f.next].bill_day <= f.day:
        issue(f, t, statements, purchases)
    use_credit(f, t, statements, purchases)


@compiled
def realise(f: Fold, t: Terms, purchase: Purchase) -> None:
    """Let the interest on a purchase up to now be posted with the next statement."""
    if purchase.unpaid != 0:
        whole, left = product(purchase.unpaid, f.rate_days - purchase.since, f.realised_rest, t.denominator)
        f.realised += whole
        f.realised_rest = left
    purchase.since = f.rate_days


@compiled
def judge(f: Fold, t: Terms, statement: Statement, purchases: Records[Purchase]) -> None:
    """The morning after the payment day, see whether the balance was paid in full and the minimum met."""
    statement.judged = 1
    if statement.full != 0:
        statement.revolving = 1
        if t.card_interest == FULL_INTEREST:
            f.realised += statement.paid_interest
            f.realised_rest += statement.paid_interest_rest
            if f.realised_rest >= t.denominator:
                f.realised_rest -= t.denominator
                f.realised += 1
        for k in range(statement.start, statement.stop):
            realise(f, t, purchases[k])
    statement.paid_interest = 0
    statement.paid_interest_rest = 0
    if f.penalty_pauses == 0:
        whole, left = product(statement.minimum, t.card_late_fee_ppm, 0, PPM)
        f.fee += half_up(whole, left, PPM)


@compiled
def issue(f: Fold, t: Terms, statements: Records[Statement], purchases: Records[Purchase]) -> None:
    """Issue the current statement: post interest and charges, and ask for the minimum."""
    unmet = 0
    principal = 0
    full = 0
    for k in range(f.next):
        earlier = statements[k]
        if earlier.revolving != 0:
            for at in range(earlier.start, earlier.stop):
                realise(f, t, purchases[at])
        unmet += earlier.minimum
        principal += earlier.principal
        full += whole_of(earlier)
    statement = statements[f.next]
    f.next += 1
    statement.interest = half_up(f.realised, f.realised_rest, t.denominator)
    statement.fee = f.fee
    statement.cost = f.cost
    f.realised = 0
    f.realised_rest = 0
    f.fee = 0
    f.cost = 0
    unmet += statement.minimum
    principal += statement.principal
    statement.full = full + whole_of(statement)
    whole, left = product(max(principal - unmet, 0), t.card_minimum_ppm, 0, PPM)
    part = half_up(whole, left, PPM)
    wanted = max(part + statement.interest + statement.fee + statement.cost, t.card_minimum_floor)
    statement.minimum = min(wanted, max(statement.full - unmet, 0))


# Money


@compiled
def apply(
    f: Fold, t: Terms, statements: Records[Statement], purchases: Records[Purchase], at: int, category: int
) -> None:
    """Apply held money to one place."""
    minor = min(f.credit, owed(statements[at], category))
    if minor != 0:
        f.credit -= minor
        take(f, t, statements, purchases, at, category, minor)


@compiled
def use_credit(f: Fold, t: Terms, statements: Records[Statement], purchases: Records[Purchase]) -> None:
    """Apply held money to what the statements billed, then to purchases not yet billed."""
    if f.credit == 0:
        return
    late = t.late_order_from_dpd != 0 and dpd(f, t, statements) >= t.late_order_from_dpd
    order = t.late_order if late else t.order
    outer, inner = (f.next, CATEGORIES) if t.walk == BY_INSTALMENT else (CATEGORIES, f.next)
    for i in range(outer):
        for j in range(inner):
            if f.credit == 0:
                return
            if t.walk == BY_INSTALMENT:
                apply(f, t, statements, purchases, i, order >> 3 * j & 7)
            else:
                apply(f, t, statements, purchases, j, order >> 3 * i & 7)
    if f.next < f.size:
        apply(f, t, statements, purchases, f.next, PRINCIPAL)


@compiled
def take(
    f: Fold, t: Terms, statements: Records[Statement], purchases: Records[Purchase], at: int, category: int, minor: int
) -> None:
    """Let part of a statement be no longer owed, and count it toward minimum and full balance."""
    statement = statements[at]
    if at < f.next:
        left = minor
        for k in range(f.next):
            each = statements[k]
            met = min(left, each.minimum)
            each.minimum -= met
            left -= met
            each.full -= min(minor, each.full)
    if category == PRINCIPAL:
        take_principal(f, t, statement, purchases, minor)
    elif category == INTEREST:
        statement.interest -= minor
    elif category == FEE:
        statement.fee -= minor
    else:
        statement.cost -= minor


@compiled
def take_principal(f: Fold, t: Terms, statement: Statement, purchases: Records[Purchase], minor: int) -> None:
    """Pay purchases off, oldest first; what they have borne is posted, or waits for the payment day."""
    statement.principal -= minor
    for k in range(statement.start, statement.stop):
        purchase = purchases[k]
        part = min(minor, purchase.unpaid)
        if part != 0:
            if statement.revolving != 0:
                whole, left = product(part, f.rate_days - purchase.since, f.realised_rest, t.denominator)
                f.realised += whole
                f.realised_rest = left
            else:
                rest = statement.paid_interest_rest
                whole, left = product(part, f.rate_days - purchase.since, rest, t.denominator)
                statement.paid_interest += whole
                statement.paid_interest_rest = left
            purchase.unpaid -= part
            minor -= part
        if minor == 0:
            break


@compiled
def receive(f: Fold, t: Terms, statements: Records[Statement], purchases: Records[Purchase], minor: int) -> None:
    """Take a payment."""
    f.credit += minor
    f.paid_total += minor
    f.last_payment = f.day
    use_credit(f, t, statements, purchases)


# Events


@compiled
def add_purchase(f: Fold, statement: Statement, purchases: Records[Purchase], amount: int) -> None:
    """Add an amount to a statement's purchases."""
    if f.purchases >= len(purchases):
        f.fault = NO_ROOM
        return
    if statement.start == statement.stop:
        statement.start = f.purchases
    purchases[f.purchases].unpaid = amount
    purchases[f.purchases].since = f.rate_days
    f.purchases += 1
    statement.stop = f.purchases
    statement.principal += amount


@compiled
def drawdown(f: Fold, statements: Records[Statement], purchases: Records[Purchase], amount: int) -> None:
    """Draw an amount; after the last cycle it is billed with that cycle's purchases."""
    f.drawn = 1
    if f.size == 0:
        f.fault = NO_CYCLE
        return
    add_purchase(f, statements[min(f.next, f.size - 1)], purchases, amount)


@compiled
def wipe(f: Fold, statements: Records[Statement]) -> None:
    """Forget all purchases and all that is held or charged."""
    f.credit = 0
    f.fee = 0
    f.cost = 0
    f.realised = 0
    f.realised_rest = 0
    f.purchases = 0
    for k in range(f.size):
        statements[k].principal = 0
        statements[k].paid_interest = 0
        statements[k].paid_interest_rest = 0
        statements[k].start = 0
        statements[k].stop = 0


@compiled
def copy_statement(out: Statement, statement: Statement) -> None:
    """Write a statement without purchases over another."""
    clear_statement(out, statement.due, statement.bill_day)
    out.dpd_from = statement.dpd_from
    out.judged = statement.judged
    out.revolving = statement.revolving
    out.interest = statement.interest
    out.fee = statement.fee
    out.cost = statement.cost
    out.minimum = statement.minimum
    out.full = statement.full


@compiled
def opening(
    f: Fold, statements: Records[Statement], purchases: Records[Purchase], amount: int, more: NDArray[np.int64], at: int
) -> None:
    """Take a card over in mid-life: an unmet minimum with its oldest payment day, and a revolving balance."""
    wipe(f, statements)
    f.drawn = 1
    kept = 0
    issued = 0
    for k in range(f.size):
        if statements[k].bill_day > f.day:
            issued += 1 if k < f.next else 0
            if kept != k:
                copy_statement(statements[kept], statements[k])
            kept += 1
    if kept >= len(statements):
        f.fault = NO_ROOM
        return
    for k in range(kept, 0, -1):
        copy_statement(statements[k], statements[k - 1])
    f.size = kept + 1
    f.next = issued + 1
    taken = statements[0]
    due = more[at, UNTIL] if more[at, UNTIL] < FAR_DAY else f.day
    clear_statement(taken, due, due)
    taken.judged = 1
    taken.revolving = 1
    taken.interest = more[at, P2]
    taken.fee = more[at, P3]
    taken.minimum = more[at, P1] + more[at, P2] + more[at, P3]
    taken.full = taken.minimum + amount
    add_purchase(f, taken, purchases, more[at, P1] + amount)


@compiled
def fee(f: Fold, category: int, amount: int) -> None:
    """Charge a fee or cost; the next statement bills it."""
    if category == COST:
        f.cost += amount
    else:
        f.fee += amount


@compiled
def switch(f: Fold, bits: int, step: int) -> None:
    """Begin or end a pause of interest, late fees or the day counter."""
    if bits & PAUSE_INTEREST:
        f.interest_pauses += step
    if bits & PAUSE_PENALTY:
        f.penalty_pauses += step
    if bits & PAUSE_DPD:
        f.dpd_pauses += step


@compiled
def waiver(
    f: Fold, t: Terms, statements: Records[Statement], purchases: Records[Purchase], category: int, amount: int
) -> None:
    """Give up part of a category, oldest statement first."""
    left = amount
    for k in range(f.size):
        there = owed(statements[k], category)
        taken = there if amount < 0 else min(left, there)
        if taken != 0:
            left -= taken
            take(f, t, statements, purchases, k, category, taken)


@compiled
def re_age(f: Fold, statements: Records[Statement]) -> None:
    """Start the day counter anew; the minimum stays due."""
    for k in range(f.next):
        statements[k].dpd_from = f.day


@compiled
def acceleration(f: Fold, t: Terms, statements: Records[Statement], purchases: Records[Purchase]) -> None:
    """Call everything due: what is billed becomes the minimum, what is not is billed today."""
    if f.next < f.size:
        running = statements[f.next]
        running.due = f.day
        running.dpd_from = f.day
        issue(f, t, statements, purchases)
    if f.size == 0:
        return
    lacking = 0
    for k in range(f.next):
        lacking += whole_of(statements[k]) - statements[k].minimum
    statements[f.next - 1].minimum += lacking


@compiled
def sale(f: Fold, statements: Records[Statement]) -> None:
    """Let the claim pass to somebody else: nothing is owed to us from today."""
    wipe(f, statements)
    f.size = 0
    f.next = 0
    f.sold = 1
