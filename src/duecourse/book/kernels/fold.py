"""Loans folded one after the other, each to a day: `core.delinquency` over columns.

`fold_loans` is the one way in. It takes loans, schedules and events as columns and a list of jobs (a loan, a day), and
writes what `core.delinquency.read` says, and what will be due a week on, at each job's place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from duecourse.book.kernels import agreement, balance, card, laying
from duecourse.book.kernels.compiled import SOURCES, compiled, entry_point, written_in
from duecourse.book.kernels.laying import P1, P2, P3, SET_FROM, SET_TO
from duecourse.book.kernels.reading import (
    DUE_IN_A_WEEK,
    FAULT,
    due_of_card,
    due_of_loan,
    finish,
    read_card,
    read_loan,
    total_due,
)
from duecourse.book.kernels.records import CARD, FAR_DAY, FROM_BOUNCE_DAY, JOURNAL_FULL, NO_DAY
from duecourse.core.events import DUE_RANK, MONEY_IN, RANK, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from duecourse.book.kernels.laying import Schedule
    from duecourse.book.kernels.records import Entry, Fold, Purchase, Records, Row, Statement, Terms, Work


def _bits(kinds: tuple[Kind, ...]) -> int:
    return sum(1 << kind for kind in kinds)


MORE_KINDS = _bits(
    (
        Kind.OPENING, Kind.INSTALMENT_SET, Kind.FEE, Kind.RATE_CHANGE, Kind.PAUSE, Kind.PAUSE_END, Kind.WAIVER,
        Kind.PREPAYMENT, Kind.EXTENSION, Kind.RESTRUCTURE, Kind.PLAN,
    )
)  # fmt: skip
"""A bit for each kind of event that has a row of parts."""

AFTER_DUE = _bits(tuple(kind for kind, rank in RANK.items() if rank > DUE_RANK))
"""Kinds that count after what falls due on their day."""

AFTER_SALE = _bits((*MONEY_IN, Kind.BOUNCE))
"""Kinds that still count when the claim has passed to somebody else."""

WEEK = 7
E_GRACE, E_BOUNCE, E_PAUSE, E_PAUSE_END = int(Kind.GRACE), int(Kind.BOUNCE), int(Kind.PAUSE), int(Kind.PAUSE_END)
E_PAYMENT, E_RECOVERY, E_PREPAYMENT = int(Kind.PAYMENT), int(Kind.RECOVERY), int(Kind.PREPAYMENT)
E_OPENING, E_DRAWDOWN, E_INSTALMENT_SET = int(Kind.OPENING), int(Kind.DRAWDOWN), int(Kind.INSTALMENT_SET)
E_FEE, E_RATE_CHANGE, E_WAIVER = int(Kind.FEE), int(Kind.RATE_CHANGE), int(Kind.WAIVER)
E_EXTENSION, E_RE_AGE, E_RESTRUCTURE = int(Kind.EXTENSION), int(Kind.RE_AGE), int(Kind.RESTRUCTURE)
E_PLAN, E_ACCELERATION = int(Kind.PLAN), int(Kind.ACCELERATION)
E_WRITE_OFF, E_SALE = int(Kind.WRITE_OFF), int(Kind.SALE)


class Loans(NamedTuple):
    """One row a loan: its terms, its rates, and its contract schedule as a range of `Schedule`."""

    terms: NDArray[np.int32]
    rate: NDArray[np.int64]
    penalty_rate: NDArray[np.int64]
    compound_rate: NDArray[np.int64]
    begins: NDArray[np.int32]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]


class Events(NamedTuple):
    """One row an event, a loan's events one after the other in the order in which they count.

    Events whose kind is in `MORE_KINDS` have a row of ``more``, in the same order. ``since`` is the day of the
    event, of a bounce that on which the money had come.
    """

    effective: NDArray[np.int32]
    since: NDArray[np.int32]
    kind: NDArray[np.int8]
    known: NDArray[np.int64]
    amount: NDArray[np.int64]
    more: NDArray[np.int64]


class Jobs(NamedTuple):
    """One row a loan and day to read: its range of `Events`, its first row of parts, its place in what is written."""

    loan: NDArray[np.int64]
    day: NDArray[np.int32]
    place: NDArray[np.int64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    more: NDArray[np.int64]


# A loan's life


@written_in
def apply_to_card(
    f: Fold,
    t: Terms,
    statements: Records[Statement],
    purchases: Records[Purchase],
    kind: int,
    amount: int,
    more: NDArray[np.int64],
    at: int,
) -> None:
    """What an event does to a card; agreements that a card does not know do nothing."""
    if kind in (E_PAYMENT, E_RECOVERY, E_PREPAYMENT):
        card.receive(f, t, statements, purchases, amount)
    elif kind == E_DRAWDOWN:
        card.drawdown(f, statements, purchases, amount)
    elif kind == E_OPENING:
        card.opening(f, statements, purchases, amount, more, at)
    elif kind == E_FEE:
        card.fee(f, more[at, P1], amount)
    elif kind == E_RATE_CHANGE:
        f.rate = amount
    elif kind == E_PAUSE:
        card.switch(f, more[at, P1], 1)
    elif kind == E_PAUSE_END:
        card.switch(f, more[at, P1], -1)
    elif kind == E_WAIVER:
        card.waiver(f, t, statements, purchases, more[at, P1], amount)
    elif kind == E_RE_AGE:
        card.re_age(f, statements)
    elif kind == E_ACCELERATION:
        card.acceleration(f, t, statements, purchases)
    elif kind == E_PLAN:
        agreement.plan(f, more[at, SET_FROM], more[at, SET_TO])
    elif kind == E_WRITE_OFF:
        f.written_off = 1
    elif kind == E_SALE:
        card.sale(f, statements)


@written_in
def apply_to_loan(
    f: Fold,
    t: Terms,
    rows: Records[Row],
    journal: Records[Entry],
    s: Schedule,
    kind: int,
    amount: int,
    since: int,
    more: NDArray[np.int64],
    at: int,
) -> None:
    """What an event does to a loan; notes do nothing."""
    if kind in (E_PAYMENT, E_RECOVERY, E_PREPAYMENT):
        early = agreement.early_money(more[at, P1]) if kind == E_PREPAYMENT else t.early_money
        agreement.receive(f, t, rows, journal, amount, early)
    elif kind == E_DRAWDOWN:
        agreement.drawdown(f, t, rows, journal, s, amount)
    elif kind == E_OPENING:
        agreement.opening(f, t, rows, s, amount, more, at)
    elif kind == E_INSTALMENT_SET:
        agreement.instalment_set(f, rows, s, more[at, SET_FROM], more[at, SET_TO])
    elif kind == E_FEE:
        agreement.fee(rows, more[at, P1], amount)
    elif kind == E_RATE_CHANGE:
        agreement.rate_change(f, t, rows, journal, amount, more[at, P1], more[at, P2])
    elif kind == E_GRACE:
        agreement.grace(f, rows, amount)
    elif kind in (E_PAUSE, E_PAUSE_END):
        agreement.switch(f, t, rows, journal, more[at, P1], 1 if kind == E_PAUSE else -1)
    elif kind == E_WAIVER:
        agreement.waiver(f, t, rows, more[at, P1], amount)
    elif kind == E_EXTENSION:
        agreement.extension(f, t, rows, more[at, P1], more[at, P2], more[at, P3])
    elif kind == E_RE_AGE:
        agreement.re_age(f, rows)
    elif kind == E_RESTRUCTURE:
        agreement.restructure(f, t, rows, journal, s, amount, more, at)
    elif kind == E_PLAN:
        agreement.plan(f, more[at, SET_FROM], more[at, SET_TO])
    elif kind == E_ACCELERATION:
        balance.accelerate(f, t, rows, journal)
    elif kind == E_BOUNCE:
        agreement.bounce(f, t, rows, journal, amount, since)
    elif kind == E_WRITE_OFF:
        f.written_off = 1
    elif kind == E_SALE:
        agreement.wipe(f, rows)
        f.sold = 1


@compiled
def pass_unknown(f: Fold, ev: Events) -> None:
    """Go on to the next event that was known."""
    while f.event < f.event_stop and ev.known[f.event] > f.cutoff:
        if MORE_KINDS >> ev.kind[f.event] & 1:
            f.more += 1
        f.event += 1


@written_in
def live_loan_day(
    f: Fold, t: Terms, rows: Records[Row], journal: Records[Entry], limbs: NDArray[np.int64], s: Schedule, ev: Events
) -> None:
    """Apply the events of the current day; what falls due does so after agreements and before money."""
    fallen = False
    while True:
        coming = f.event < f.event_stop and ev.effective[f.event] <= f.day
        kind = int(ev.kind[f.event]) if coming else 0
        if not fallen and (not coming or AFTER_DUE >> kind & 1):
            balance.fall_due(f, t, rows, journal)
            fallen = True
        if not coming:
            break
        if f.sold == 0 or AFTER_SALE >> kind & 1:
            since = ev.since[f.event]
            apply_to_loan(f, t, rows, journal, s, kind, ev.amount[f.event], since, ev.more, f.more)
        if f.lay >= 0:
            laying.recast(f, t, rows, limbs)
        if MORE_KINDS >> kind & 1:
            f.more += 1
        f.event += 1
        pass_unknown(f, ev)


@written_in
def live_card_day(f: Fold, t: Terms, statements: Records[Statement], purchases: Records[Purchase], ev: Events) -> None:
    """The same of a card."""
    fallen = False
    while True:
        coming = f.event < f.event_stop and ev.effective[f.event] <= f.day
        kind = int(ev.kind[f.event]) if coming else 0
        if not fallen and (not coming or AFTER_DUE >> kind & 1):
            card.fall_due(f, t, statements, purchases)
            fallen = True
        if not coming:
            break
        if f.sold == 0 or AFTER_SALE >> kind & 1:
            apply_to_card(f, t, statements, purchases, kind, ev.amount[f.event], ev.more, f.more)
        if MORE_KINDS >> kind & 1:
            f.more += 1
        f.event += 1
        pass_unknown(f, ev)


@compiled
def bounces(ev: Events, start: int, stop: int) -> int:
    """Whether a payment bounces among some events."""
    for k in range(start, stop):
        if ev.kind[k] == E_BOUNCE:
            return 1
    return 0


@written_in
def fold_loan(
    f: Fold,
    t: Terms,
    rows: Records[Row],
    journal: Records[Entry],
    limbs: NDArray[np.int64],
    s: Schedule,
    ev: Events,
    until: int,
) -> None:
    """Bring a loan to a day."""
    while f.fault == 0:
        day = int(ev.effective[f.event]) if f.event < f.event_stop else FAR_DAY
        if f.day != NO_DAY:
            day = max(min(day, balance.next_change(f, t, rows)), f.day)
        if day > until:
            break
        if f.day != NO_DAY:
            balance.pass_time(f, t, rows, day)
        f.day = day
        live_loan_day(f, t, rows, journal, limbs, s, ev)
    if f.day != NO_DAY and f.day < until:
        balance.pass_time(f, t, rows, until)


@written_in
def fold_card(
    f: Fold, t: Terms, statements: Records[Statement], purchases: Records[Purchase], ev: Events, until: int
) -> None:
    """Bring a card to a day; its cycles pass before its first purchase, too."""
    while f.fault == 0:
        day = int(ev.effective[f.event]) if f.event < f.event_stop else FAR_DAY
        day = max(min(day, card.next_change(f, statements)), f.day)
        if day > until:
            break
        if f.day != NO_DAY:
            card.pass_time(f, t, statements, day)
        f.day = day
        live_card_day(f, t, statements, purchases, ev)
    if f.day != NO_DAY and f.day < until:
        card.pass_time(f, t, statements, until)


@written_in
def begin(f: Fold, t: Terms, rows: Records[Row], loans: Loans, ev: Events, jobs: Jobs, job: int) -> None:
    """A job's loan before anything has happened."""
    loan = jobs.loan[job]
    balance.start(f, t, rows)
    f.rate = loans.rate[loan]
    f.given_at = f.rate
    f.rated = 1 if f.rate > 0 else 0
    f.penalty_rate = loans.penalty_rate[loan]
    f.compound_rate = loans.compound_rate[loan]
    f.contract_from = loans.start[loan]
    f.contract_to = loans.stop[loan]
    f.begins = loans.begins[loan]
    f.event = jobs.start[job]
    f.event_stop = jobs.stop[job]
    f.more = jobs.more[job]
    f.journaling = bounces(ev, f.event, f.event_stop) if t.reversal == FROM_BOUNCE_DAY else 0
    pass_unknown(f, ev)


def _make(sources: int) -> Callable[..., int]:
    @entry_point
    def fold_loans(
        loans: Loans,
        terms: Records[Terms],
        s: Schedule,
        ev: Events,
        jobs: Jobs,
        work: Work,
        cutoff: int,
        first: int,
        last: int,
        out: NDArray[np.int64],
    ) -> int:
        if sources < 0:
            return first
        f, rows, journal, limbs = work.fold[0], work.rows, work.journal, work.limbs
        statements, purchases, r = work.statements, work.purchases, work.reading
        f.cutoff = cutoff
        for job in range(first, last):
            t = terms[loans.terms[jobs.loan[job]]]
            begin(f, t, rows, loans, ev, jobs, job)
            is_card = t.method == CARD
            if is_card:
                card.begin(f, statements, s)
            for weeks in range(2):
                until = jobs.day[job] + WEEK * weeks
                if is_card:
                    fold_card(f, t, statements, purchases, ev, until)
                else:
                    fold_loan(f, t, rows, journal, limbs, s, ev, until)
                if weeks == 0:
                    if is_card:
                        read_card(f, t, statements, purchases, r)
                    else:
                        read_loan(f, t, rows, r)
                    finish(f, t, s, until, r)
                    for k in range(len(r)):
                        out[k, jobs.place[job]] = r[k]
            if is_card:
                due_of_card(f, statements, r)
            else:
                due_of_loan(f, t, rows, r)
            if f.fault == JOURNAL_FULL:
                return job
            out[DUE_IN_A_WEEK, jobs.place[job]] = total_due(r)
            out[FAULT, jobs.place[job]] = f.fault
        return last

    return fold_loans


fold_loans = _make(SOURCES)
"""Fold the jobs from ``first`` up to ``last``; returns the job at which the journal was full, else ``last``."""
