"""Loans folded one after the other, each to a day: `core.delinquency` over columns.

`fold_loans` is the one way in. It takes loans, schedules and events as columns and a list of jobs (a loan, a day), and
writes what `core.delinquency.read` says, and what will be due a week on, at each job's place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from duecourse.book.kernels import agreement, balance, card
from duecourse.book.kernels.agreement import More, Schedule
from duecourse.book.kernels.compiled import SOURCES, compiled, entry_point
from duecourse.book.kernels.exact import half_up, product
from duecourse.book.kernels.records import (
    CARD,
    FAR_DAY,
    FROM_BOUNCE_DAY,
    JOURNAL_FULL,
    NO_DAY,
    Work,
    position,
)
from duecourse.core.events import DUE_RANK, MONEY_IN, Kind
from duecourse.core.reading import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from duecourse.book.kernels.records import Fold, Records, Row, Terms

__all__ = ["AMOUNTS", "DAYS", "MORE_KINDS", "Events", "Jobs", "Loans", "Out", "fold_loans"]

AMOUNTS = (
    "cost", "fee", "interest", "penalty", "compound", "principal", "not_due", "accrued", "credit", "overdue",
    "next_amount", "paid_total", "due", "settle", "due_in_a_week",
)  # fmt: skip
"""Rows of `Out.amounts`: minor units."""

DAYS = ("dpd", "plan_dpd", "oldest_due", "next_due", "last_payment")
"""Rows of `Out.days`: two counts of days, then three dates, `NO_DAY` where there is none."""

MORE_KINDS = sum(
    1 << kind
    for kind in (
        Kind.OPENING, Kind.INSTALMENT_SET, Kind.FEE, Kind.RATE_CHANGE, Kind.PAUSE, Kind.PAUSE_END, Kind.WAIVER,
        Kind.PREPAYMENT, Kind.EXTENSION, Kind.RESTRUCTURE, Kind.PLAN,
    )
)  # fmt: skip
"""A bit for each kind of event that has a row in `agreement.More`."""

AFTER_SALE = sum(1 << kind for kind in (*MONEY_IN, Kind.BOUNCE))
"""A bit for each kind of event that still counts when the claim has passed to somebody else."""

NOT_DRAWN, ACTIVE, SETTLED = position(Status.NOT_DRAWN), position(Status.ACTIVE), position(Status.SETTLED)
WRITTEN_OFF, SOLD = position(Status.WRITTEN_OFF), position(Status.SOLD)

WEEK = 7
GRACE, BOUNCE, PAUSE, PAUSE_END = int(Kind.GRACE), int(Kind.BOUNCE), int(Kind.PAUSE), int(Kind.PAUSE_END)
PAYMENT, RECOVERY, PREPAYMENT = int(Kind.PAYMENT), int(Kind.RECOVERY), int(Kind.PREPAYMENT)
OPENING, DRAWDOWN, INSTALMENT_SET = int(Kind.OPENING), int(Kind.DRAWDOWN), int(Kind.INSTALMENT_SET)
FEE, RATE_CHANGE, WAIVER = int(Kind.FEE), int(Kind.RATE_CHANGE), int(Kind.WAIVER)
EXTENSION, RE_AGE, RESTRUCTURE = int(Kind.EXTENSION), int(Kind.RE_AGE), int(Kind.RESTRUCTURE)
PLAN, ACCELERATION = int(Kind.PLAN), int(Kind.ACCELERATION)
WRITE_OFF, SALE = int(Kind.WRITE_OFF), int(Kind.SALE)


class Loans(NamedTuple):
    """One row a loan: its terms, its rates, and its contract schedule as a range of `Schedule`."""

    terms: NDArray[np.int32]
    rate: NDArray[np.int64]
    penalty_rate: NDArray[np.int64]
    compound_rate: NDArray[np.int64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]


class Events(NamedTuple):
    """One row an event, a loan's events one after the other in the order in which they count."""

    effective: NDArray[np.int32]
    rank: NDArray[np.int8]
    kind: NDArray[np.int8]
    known: NDArray[np.int64]
    amount: NDArray[np.int64]


class Jobs(NamedTuple):
    """One row a loan and day to read: its range of `Events`, its first row of `More`, and its place in `Out`."""

    loan: NDArray[np.int64]
    day: NDArray[np.int32]
    place: NDArray[np.int64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    more: NDArray[np.int64]


class Out(NamedTuple):
    """What was read: a column a job."""

    amounts: NDArray[np.int64]
    days: NDArray[np.int32]
    status: NDArray[np.int8]
    fault: NDArray[np.int8]


# A loan's life


@compiled
def apply_to_card(f: Fold, t: Terms, work: Work, kind: int, amount: int, m: More, at: int) -> None:
    """What an event does to a card; agreements that a card does not know do nothing."""
    if kind in (PAYMENT, RECOVERY, PREPAYMENT):
        card.receive(f, t, work, amount)
    elif kind == DRAWDOWN:
        card.drawdown(f, work, amount)
    elif kind == OPENING:
        card.opening(f, work, amount, m, at)
    elif kind == FEE:
        card.fee(f, m.p1[at], amount)
    elif kind == RATE_CHANGE:
        f.rate = amount
    elif kind == PAUSE:
        card.switch(f, m.p1[at], 1)
    elif kind == PAUSE_END:
        card.switch(f, m.p1[at], -1)
    elif kind == WAIVER:
        card.waiver(f, t, work, m.p1[at], amount)
    elif kind == RE_AGE:
        card.re_age(f, work.statements)
    elif kind == ACCELERATION:
        card.acceleration(f, t, work)
    elif kind == PLAN:
        agreement.plan(f, m, at)
    elif kind == WRITE_OFF:
        f.written_off = 1
    elif kind == SALE:
        card.sale(f, work.statements)


@compiled
def apply_agreement(f: Fold, t: Terms, work: Work, s: Schedule, kind: int, amount: int, m: More, at: int) -> None:
    """What the rarer events do to a loan; notes do nothing."""
    rows = work.rows
    if kind == PREPAYMENT:
        agreement.prepayment(f, t, work, amount, m.p1[at])
    elif kind == INSTALMENT_SET:
        agreement.instalment_set(f, t, rows, s, m, at)
    elif kind == FEE:
        agreement.fee(rows, m.p1[at], amount)
    elif kind == RATE_CHANGE:
        agreement.rate_change(f, t, work, amount, m.p1[at], m.p2[at])
    elif kind == GRACE:
        agreement.grace(f, rows, amount)
    elif kind == PAUSE:
        agreement.switch(f, t, work, m.p1[at], 1)
    elif kind == PAUSE_END:
        agreement.switch(f, t, work, m.p1[at], -1)
    elif kind == WAIVER:
        agreement.waiver(f, t, work, m.p1[at], amount)
    elif kind == EXTENSION:
        agreement.extension(f, t, work, m.p1[at], m.p2[at], m.p3[at])
    elif kind == RE_AGE:
        agreement.re_age(f, rows)
    elif kind == RESTRUCTURE:
        agreement.restructure(f, t, work, s, amount, m, at)
    elif kind == PLAN:
        agreement.plan(f, m, at)
    elif kind == ACCELERATION:
        balance.accelerate(f, t, rows, work.journal)
    elif kind == BOUNCE:
        agreement.bounce(f, t, work, amount)
    elif kind == WRITE_OFF:
        f.written_off = 1
    elif kind == SALE:
        agreement.wipe(f, rows)
        f.sold = 1


@compiled
def pass_unknown(f: Fold, ev: Events, cutoff: int) -> None:
    """Go on to the next event that was known."""
    while f.event < f.event_stop and ev.known[f.event] > cutoff:
        if MORE_KINDS >> ev.kind[f.event] & 1:
            f.more += 1
        f.event += 1


@compiled
def fall_due(f: Fold, t: Terms, work: Work) -> None:
    """Let what falls due on the current day fall due."""
    if t.method == CARD:
        card.fall_due(f, t, work)
    else:
        balance.fall_due(f, t, work.rows, work.journal)


@compiled
def live_day(
    f: Fold, t: Terms, work: Work, s: Schedule, ev: Events, m: More, contract_from: int, contract_to: int, cutoff: int
) -> None:
    """Apply the events of the current day; what falls due does so after agreements and before money."""
    fallen = False
    while f.event < f.event_stop and ev.effective[f.event] <= f.day:
        at = f.event
        f.event += 1
        kind = int(ev.kind[at])
        amount = ev.amount[at]
        more = f.more
        if MORE_KINDS >> kind & 1:
            f.more += 1
        if not fallen and ev.rank[at] > DUE_RANK:
            fall_due(f, t, work)
            fallen = True
        if f.sold == 0 or AFTER_SALE >> kind & 1:
            if t.method == CARD:
                apply_to_card(f, t, work, kind, amount, m, more)
            elif kind in (PAYMENT, RECOVERY):
                agreement.receive(f, t, work, amount, t.early_money)
            elif kind == DRAWDOWN:
                agreement.drawdown(f, t, work, s, contract_from, contract_to, amount)
            elif kind == OPENING:
                agreement.opening(f, t, work, s, contract_from, contract_to, amount, m, more)
            else:
                apply_agreement(f, t, work, s, kind, amount, m, more)
        pass_unknown(f, ev, cutoff)
    if not fallen:
        fall_due(f, t, work)


@compiled
def pass_time(f: Fold, t: Terms, work: Work, until: int) -> None:
    """Let time pass until a day."""
    if t.method == CARD:
        card.pass_time(f, t, work.statements, until)
    else:
        balance.pass_time(f, t, work.rows, until)


@compiled
def advance(
    f: Fold,
    t: Terms,
    work: Work,
    s: Schedule,
    ev: Events,
    m: More,
    contract_from: int,
    contract_to: int,
    cutoff: int,
    until: int,
) -> None:
    """Bring a loan to a day."""
    while True:
        day = int(ev.effective[f.event]) if f.event < f.event_stop else FAR_DAY
        if f.day != NO_DAY:
            if t.method == CARD:
                day = max(min(day, card.next_change(f, work.statements)), f.day)
            else:
                day = max(min(day, balance.next_change(f, t, work.rows)), f.day)
        if day > until or f.fault != 0:
            break
        if f.day != NO_DAY:
            pass_time(f, t, work, day)
        f.day = day
        live_day(f, t, work, s, ev, m, contract_from, contract_to, cutoff)
    if f.day != NO_DAY and f.day < until:
        pass_time(f, t, work, until)


# What it says


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
def due_of_card(f: Fold, work: Work) -> tuple[int, int, int, int]:
    """Cost, fee and interest billed or charged, and the principal in the minimum."""
    cost, fee, interest, principal, unmet = 0, 0, 0, 0, 0
    for k in range(f.next):
        statement = work.statements[k]
        cost += statement.cost
        fee += statement.fee
        interest += statement.interest
        principal += statement.principal
        unmet += statement.minimum
    return cost + f.cost, fee + f.fee, interest, max(min(unmet - cost - fee - interest, principal), 0)


@compiled
def due_of_loan(f: Fold, t: Terms, rows: Records[Row]) -> int:
    """All that is due on the current day."""
    total = 0
    for i in range(f.first, f.next + 1):
        row = rows[i if i > f.first else 0]
        total += row.cost + balance.rest(row) + balance.late_owed(t, row)
        if not balance.within_grace(f, t, row):
            total += balance.penalty_owed(t, row) + balance.compound_owed(t, row)
    return total


@compiled
def read_card(f: Fold, t: Terms, work: Work, s: Schedule, day: int, out: Out, at: int) -> None:
    """`core.card.read`."""
    cost, fee, interest, due = due_of_card(f, work)
    principal, overdue = 0, 0
    grown, grown_rest = f.realised, f.realised_rest
    oldest, ahead_due, ahead_minimum = NO_DAY, NO_DAY, 0
    for k in range(f.size):
        statement = work.statements[k]
        principal += statement.principal
        if k >= f.next:
            if ahead_due == NO_DAY:
                ahead_due, ahead_minimum = statement.due, statement.minimum
            continue
        if statement.revolving != 0:
            for p in range(statement.start, statement.stop):
                purchase = work.purchases[p]
                whole, left = product(purchase.unpaid, f.rate_days - purchase.since, grown_rest, t.denominator)
                grown += whole
                grown_rest = left
        if statement.due < day:
            overdue += statement.minimum
        if statement.due <= day and statement.minimum > t.tolerance:
            oldest = statement.due if oldest == NO_DAY else min(oldest, statement.due)
        if statement.due > day and statement.minimum != 0 and ahead_due == NO_DAY:
            ahead_due, ahead_minimum = statement.due, statement.minimum
    accrued = half_up(grown, grown_rest, t.denominator)
    nothing = cost == 0 and fee == 0 and interest == 0 and principal == 0 and grown == 0 and grown_rest == 0
    days = card.dpd(f, t, work.statements)
    status = ACTIVE
    if f.sold != 0:
        status = SOLD
    elif f.drawn == 0:
        status = NOT_DRAWN
    elif nothing and (f.written_off != 0 or f.next >= f.size):
        status = SETTLED
    elif f.written_off != 0:
        status = WRITTEN_OFF
    write_amounts(f, out, at, cost, fee, interest, 0, 0, due, principal - due, accrued, overdue, ahead_minimum)
    plan = plan_dpd(f, t, s, day) if f.plan_from < f.plan_to else days
    write_days(f, out, at, status, days, plan, oldest, ahead_due)


@compiled
def read_loan(f: Fold, t: Terms, work: Work, s: Schedule, day: int, out: Out, at: int) -> None:
    """`core.delinquency.read`."""
    rows = work.rows
    cost, fee, interest, penalty, compound, principal, overdue = 0, 0, 0, 0, 0, 0, 0
    oldest = NO_DAY
    for i in range(f.first, f.next + 1):
        row = rows[i if i > f.first else 0]
        row_interest = row.interest + balance.late_owed(t, row)
        row_penalty, row_compound = 0, 0
        if not balance.within_grace(f, t, row):
            row_penalty, row_compound = balance.penalty_owed(t, row), balance.compound_owed(t, row)
        cost += row.cost
        fee += row.fee
        interest += row_interest
        penalty += row_penalty
        compound += row_compound
        principal += row.principal
        if i == f.first or row.due < day:
            overdue += row.cost + row.fee + row_interest + row_penalty + row_compound + row.principal
        if i > f.first and balance.rest(row) > t.tolerance:
            oldest = row.due if oldest == NO_DAY else min(oldest, row.due)
    ahead_due, ahead_rest, ahead = NO_DAY, 0, 0
    for i in range(f.next + 1, f.size + 1):
        row = rows[i]
        ahead += row.principal
        if ahead_rest == 0 and balance.rest(row) != 0:
            ahead_due, ahead_rest = row.due, balance.rest(row)
    accrued = balance.accrued(f, t, rows)
    days = balance.dpd(f, t, rows)
    status = ACTIVE
    if f.sold != 0:
        status = SOLD
    elif f.drawn == 0:
        status = NOT_DRAWN
    elif cost + fee + interest + penalty + compound + principal == 0 and ahead_rest == 0:
        status = SETTLED
    elif f.written_off != 0:
        status = WRITTEN_OFF
    write_amounts(f, out, at, cost, fee, interest, penalty, compound, principal, ahead, accrued, overdue, ahead_rest)
    plan = plan_dpd(f, t, s, day) if f.plan_from < f.plan_to else days
    write_days(f, out, at, status, days, plan, oldest, ahead_due)


@compiled
def write_amounts(
    f: Fold,
    out: Out,
    at: int,
    cost: int,
    fee: int,
    interest: int,
    penalty: int,
    compound: int,
    principal: int,
    not_due: int,
    accrued: int,
    overdue: int,
    next_amount: int,
) -> None:
    """Write a reading's amounts, in the order of `AMOUNTS`."""
    due = cost + fee + interest + penalty + compound + principal
    out.amounts[0, at] = cost
    out.amounts[1, at] = fee
    out.amounts[2, at] = interest
    out.amounts[3, at] = penalty
    out.amounts[4, at] = compound
    out.amounts[5, at] = principal
    out.amounts[6, at] = not_due
    out.amounts[7, at] = accrued
    out.amounts[8, at] = f.credit
    out.amounts[9, at] = overdue
    out.amounts[10, at] = next_amount
    out.amounts[11, at] = f.paid_total
    out.amounts[12, at] = due
    out.amounts[13, at] = max(due + not_due + accrued - f.credit, 0)


@compiled
def write_days(f: Fold, out: Out, at: int, status: int, dpd: int, plan: int, oldest: int, next_due: int) -> None:
    """Write a reading's status and days, in the order of `DAYS`."""
    out.status[at] = status
    out.days[0, at] = dpd
    out.days[1, at] = plan
    out.days[2, at] = oldest
    out.days[3, at] = next_due
    out.days[4, at] = f.last_payment


@compiled
def due_now(f: Fold, t: Terms, work: Work) -> int:
    """What is due on the current day."""
    if t.method != CARD:
        return due_of_loan(f, t, work.rows)
    cost, fee, interest, principal = due_of_card(f, work)
    return cost + fee + interest + principal


@compiled
def bounces(ev: Events, start: int, stop: int) -> int:
    """Whether a payment bounces among some events."""
    for k in range(start, stop):
        if ev.kind[k] == BOUNCE:
            return 1
    return 0


@compiled
def fold_one(
    loans: Loans, terms: Records[Terms], s: Schedule, ev: Events, m: More, jobs: Jobs, work: Work, cutoff: int, job: int,
    out: Out,
) -> int:  # fmt: skip
    """Fold one job's loan and write its reading; what stopped it, or 0."""
    f = work.fold[0]
    loan = jobs.loan[job]
    t = terms[loans.terms[loan]]
    contract_from, contract_to = loans.start[loan], loans.stop[loan]
    balance.start(f, t, work.rows)
    f.rate = loans.rate[loan]
    f.penalty_rate = loans.penalty_rate[loan]
    f.compound_rate = loans.compound_rate[loan]
    f.event = jobs.start[job]
    f.event_stop = jobs.stop[job]
    f.more = jobs.more[job]
    f.journaling = bounces(ev, f.event, f.event_stop) if t.reversal == FROM_BOUNCE_DAY else 0
    if t.method == CARD:
        card.begin(f, work.statements, s, contract_from, contract_to)
    day, place = int(jobs.day[job]), jobs.place[job]
    pass_unknown(f, ev, cutoff)
    advance(f, t, work, s, ev, m, contract_from, contract_to, cutoff, day)
    if t.method == CARD:
        read_card(f, t, work, s, day, out, place)
    else:
        read_loan(f, t, work, s, day, out, place)
    advance(f, t, work, s, ev, m, contract_from, contract_to, cutoff, day + WEEK)
    out.amounts[14, place] = due_now(f, t, work)
    return f.fault


def _make(sources: int) -> Callable[..., int]:
    @entry_point
    def fold_loans(
        loans: Loans, terms: Records[Terms], s: Schedule, ev: Events, m: More, jobs: Jobs, work: Work, cutoff: int,
        first: int, last: int, out: Out,
    ) -> int:  # fmt: skip
        if sources < 0:
            return first
        for job in range(first, last):
            fault = fold_one(loans, terms, s, ev, m, jobs, work, cutoff, job, out)
            if fault == JOURNAL_FULL:
                return job
            out.fault[jobs.place[job]] = fault
        return last

    return fold_loans


fold_loans = _make(SOURCES)
"""Fold the jobs from ``first`` up to ``last``; returns the job at which the journal was full, else ``last``."""
