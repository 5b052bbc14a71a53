"""One loan's state on any day, folded from its events: the readable definition that every other engine must equal.

Between days on which something happens, balances stand still, so what grows does so in a straight line; `Fold` goes
from one such day to the next. On a day: agreements first (schedules, rates, pauses, charges), then what falls due,
then money in and waivers, then write-off and sale. Interest of a day belongs to whoever owes at the end of it.

With a trace, every movement is noted as a line; the lines of each account add up to its balance (`explain`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from duecourse.core.accrual import Accrual, Instalment
from duecourse.core.allocation import places
from duecourse.core.contract import (
    Category,
    CompoundOn,
    EarlyMoney,
    GraceMode,
    Method,
    PenaltyBase,
    PenaltyMode,
    PenaltyRounding,
    ReversalMode,
    Terms,
)
from duecourse.core.days import FAR, add_months, days_between
from duecourse.core.explain import ACCOUNT, Account, Working
from duecourse.core.money import PPM, half_up
from duecourse.core.recast import recast

if TYPE_CHECKING:
    from duecourse.core.events import GridRow
    from duecourse.core.explain import Span, Trace


@dataclass(slots=True)
class Fold:
    """A loan's state while it is folded. Rows before ``next`` have fallen due; rows before ``first`` are settled."""

    terms: Terms
    trace: Trace | None = None
    day: date = date.min
    rows: list[Instalment] = field(default_factory=list)
    next: int = 0
    first: int = 0
    not_due: int = 0  # principal of the rows that have not fallen due
    charges: Instalment = field(default_factory=lambda: Instalment(0, date.min, 0))
    drawn: bool = False
    written_off: bool = False
    sold: bool = False
    method: Method = Method.FREE
    denominator: int = 1
    rate_ppm: int = 0
    penalty_ppm: int = 0
    compound_ppm: int = 0
    level: int = 0
    ends: int = 0  # rows from this one on have fallen away: early money made the term shorter
    carried: int = 0  # numerator of interest that arose earlier in the current period
    unpaused: int = 0  # the same, had interest never been paused
    stood: int = 0  # of a given schedule: principal x days that bore interest earlier in the current period
    carried_over: list[Span] = field(default_factory=list)  # what `carried` is made of; kept with a trace
    mark: date = date.min  # first day of the current period whose interest is not yet in `carried`
    credit: int = 0
    paid_total: int = 0
    last_payment: date | None = None
    interest_pauses: int = 0
    penalty_pauses: int = 0
    dpd_pauses: int = 0
    begins: tuple[date, ...] = ()  # the contract's first day, where it is known
    given: tuple[GridRow, ...] | None = None  # the lender's schedule for money that is not out yet
    given_at: int = 0  # the contract rate when the schedule that waits for the money was given
    rated: bool = False  # whether the agreement has a rate, by which a given schedule may be lowered
    closed: bool = False  # settled early by money that may yet bounce: instalments to come claim nothing
    grace_days: int = 0  # of instalments to come
    plan: tuple[GridRow, ...] = ()
    plan_base: int = 0  # what had been paid when the plan was agreed
    plan_day: date = date.min
    journal: list[tuple[Instalment, Category | None, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with the contract's own method and rates."""
        self.denominator = self.terms.denominator
        self.method = self.terms.method
        self.rate_ppm = self.given_at = self.terms.rate_ppm
        self.rated = self.rate_ppm > 0
        self.grace_days = self.terms.grace_days
        self.penalty_ppm = self.terms.penalty_ppm
        self.compound_ppm = self.terms.compound_ppm

    # What stands

    @property
    def rate_now(self) -> int:
        """The contract rate, or nothing while interest is paused."""
        return 0 if self.interest_pauses else self.rate_ppm

    def claimable(self) -> list[Instalment]:
        """Charges, then the instalments that have fallen due and may still be owed, oldest first."""
        return [self.charges, *self.rows[self.first : self.next]]

    def owed(self, row: Instalment, category: Category) -> int:
        """Minor units owed of one instalment in one category on the current day."""
        if category is Category.PRINCIPAL:
            return row.principal
        if category is Category.FEE:
            return row.fee
        if category is Category.COST:
            return row.cost
        self.grow(row)
        if category is Category.INTEREST:
            return row.interest + row.late.owed(self.denominator)
        if self.within_grace(row):
            return 0
        return (row.penalty if category is Category.PENALTY else row.compound).owed(self.denominator)

    def within_grace(self, row: Instalment) -> bool:
        """Whether default interest on the instalment is held back by a forgiving grace."""
        forgiving = self.terms.penalty_grace is GraceMode.FORGIVE and row.number > 0
        return forgiving and (self.day - row.due).days <= row.grace

    def accrued(self) -> int:
        """Interest of the current period up to the current day, rounded as if it were posted now."""
        if self.next >= len(self.rows):
            return 0
        row = self.rows[self.next]
        if self.method is not Method.FREE:
            return self._by_rates(row)
        if not row.period_days:
            return 0
        whole = self._bearing(row, row.days) or 1
        even = half_up(self._given(row, whole) * self._bearing(row, self._elapsed(row)), whole)
        return min(even, self._by_rates(row)) if row.by_rate else even

    def _by_rates(self, row: Instalment) -> int:
        """Interest of the current period up to the current day at the rates of its days."""
        return half_up(self.carried + self.not_due * self.rate_now * self._elapsed(row), self.denominator)

    def _given(self, row: Instalment, bearing: int) -> int:
        """What of the lender's interest a row bears, for all its principal x days, before a rate lowers it."""
        if not row.by_rate:
            return row.interest
        return min(row.given_interest, half_up(row.given_interest * bearing, row.given_on * row.period_days))

    def running(self) -> list[Span]:
        """What `accrued` is made of."""
        if self.next >= len(self.rows):
            return []
        row = self.rows[self.next]
        if self.method is not Method.FREE or (row.by_rate and self._by_rates(row) == self.accrued()):
            return [*self.carried_over, self._running_span(row)]
        if not row.period_days:
            return []
        begun = self.carried_over[0][0] if self.carried_over else self.mark
        days = self._elapsed(row)
        given = self._given(row, self._bearing(row, row.days) or 1)
        if row.given_on and (self.stood or self.interest_pauses):
            so_far, whole = self._bearing(row, days), self._bearing(row, row.days) or 1
            return [(begun, self.day, Working(given, so_far, days, whole, share=True, summed=True))]
        so_far, whole = (self._bearing(row, n) for n in (days, row.days)) if not row.given_on else (days, row.days)
        return [(begun, self.day, Working(given, PPM, so_far, (whole or 1) * PPM, share=True))]

    def _bearing(self, row: Instalment, days: int) -> int:
        """Principal x days that bear a given interest: earlier in the current period, and ``days`` from the mark on.

        Interest that the lender reckoned on no principal goes by days alone.
        """
        return self.stood + (0 if self.interest_pauses else (self.not_due if row.given_on else 1) * days)

    def _running_span(self, row: Instalment) -> Span:
        return self.mark, self.day, Working(self.not_due, self.rate_now, self._elapsed(row), self.denominator)

    def _elapsed(self, row: Instalment) -> int:
        return min(max(days_between(self.mark, self.day, self.terms.day_count), 0), row.days)

    # Time passes

    def next_change(self) -> date:
        """The next day on which something happens without an event: an instalment falls due, or a settlement day."""
        due = self.rows[self.next].due if self.next < len(self.rows) else FAR
        if self.terms.compound_on is not CompoundOn.INTEREST_AND_PENALTY or self.first >= self.next:
            return due
        settles = self.day.replace(day=self.terms.settlement_day)
        return min(due, settles if settles > self.day else add_months(settles, 1))

    def pass_time(self, until: date) -> None:
        """Go on to a day. What grows is reckoned when it is next looked at or its base or rate changes (`grow`)."""
        if self.dpd_pauses:
            for row in self.rows[: self.next]:  # also one that is paid: its money may bounce
                row.dpd_from += until - self.day
        self.day = until

    def grow(self, row: Instalment) -> None:
        """Let what grows on an instalment grow up to the current day, on what has stood since it was last grown."""
        if row.grown >= self.day:
            return
        terms = self.terms
        span = (row.grown, self.day)
        row.grown = self.day
        after = max(span[0], row.ends), self.day  # up to its end the period has borne contract interest
        if terms.penalty_mode is PenaltyMode.BESIDE:
            if after[0] < after[1]:
                self._accrue(row, row.late, row.principal, self.rate_now, span=after)
        else:
            span = after
        if terms.penalty_grace is GraceMode.SHIFT:
            span = (max(span[0], row.due + timedelta(days=row.grace)), self.day)
        if not self.penalty_pauses and span[0] < span[1]:
            base = row.principal + (row.interest if terms.penalty_base is PenaltyBase.PRINCIPAL_AND_INTEREST else 0)
            self._accrue(row, row.penalty, base, self.penalty_ppm, span=span)
            if terms.compound_on is not CompoundOn.NONE:
                self._accrue(row, row.compound, row.interest + row.posted, self.compound_ppm, span=span)

    def grow_all(self) -> None:
        """Let everything grow up to the current day, before a rate or a pause changes."""
        for row in self.rows[self.first : self.next]:
            self.grow(row)

    def _accrue(self, row: Instalment, accrual: Accrual, base: int, ppm: int, *, span: tuple[date, date]) -> None:
        if not base or not ppm:
            return
        rounding = self.terms.penalty_rounding if accrual is not row.late else PenaltyRounding.AT_READING
        daily = rounding is PenaltyRounding.DAILY
        working = Working(base, ppm, (span[1] - span[0]).days, self.denominator, daily)
        before = accrual.owed(working.denominator) if self.trace else 0
        accrual.add(base, ppm, working.days, working.denominator, rounding)
        if self.trace:
            grown = accrual.owed(working.denominator) - before
            self.trace.grow(span, row.account(accrual), grown, row.number, working)

    def fall_due(self) -> None:
        """Let instalments whose day has come fall due, and post default interest on a settlement day."""
        if self.terms.compound_on is CompoundOn.INTEREST_AND_PENALTY and self.day.day == self.terms.settlement_day:
            for row in self.rows[self.first : self.next]:
                row.posted = self.owed(row, Category.PENALTY) + self.owed(row, Category.COMPOUND)
        while self.next < len(self.rows) and self.rows[self.next].due <= self.day:
            row = self.rows[self.next]
            row.grown = self.day
            posted = self._posted(row) if self.trace else ()
            self.next += 1
            self.not_due -= row.principal
            self.mark = row.ends
            self.begin_period()
            self.note(
                "falls_due",
                {
                    Account.NOT_DUE: -row.principal,
                    Account.PRINCIPAL: row.principal,
                    Account.INTEREST: row.interest,
                    Account.FEE: row.fee,
                },
                row,
                posted=posted,
            )
        self.use_credit()

    def _posted(self, row: Instalment) -> tuple[Working, ...]:
        """What the interest of an instalment that falls due is made of; empty where the lender's schedule states it."""
        if self.method is Method.FREE or not row.interest:
            return ()
        for days in dict.fromkeys((row.days, self._elapsed(row))):
            last = Working(self.not_due, self.rate_now, days, self.denominator)
            every = (*(working for *_, working in self.carried_over), last) if self.carried_over else (last,)
            spans = tuple([one for one in every if one.numerator])
            if half_up(sum(one.numerator for one in spans), self.denominator) == row.interest:
                return spans
        return ()

    # Money

    def use_credit(self, ref: str = "") -> None:
        """Apply held money to what is due, in the order of the contract."""
        if not self.credit:
            return
        terms = self.terms
        late = terms.late_order_from_dpd and self.dpd() >= terms.late_order_from_dpd
        rows = self.rows[self.first : self.next] if self.charges.empty else self.claimable()
        for index, category in places(len(rows), terms.late_order if late else terms.order, terms.walk):
            taken = min(self.credit, self.owed(rows[index], category))
            if taken:
                self.take(rows[index], category, taken)
                self.credit -= taken
                self._remember(rows[index], category, taken)
                self.note("applied", {Account.CREDIT: -taken, ACCOUNT[category]: -taken}, rows[index], ref)
            if not self.credit:
                break
        self.close_settled()

    def take(self, row: Instalment, category: Category, minor: int) -> None:
        """Let ``minor`` of one instalment's category be no longer owed."""
        self.grow(row)
        if category is Category.PRINCIPAL:
            row.principal -= minor
        elif category is Category.INTEREST:
            scheduled = min(minor, row.interest)
            row.interest -= scheduled
            row.late.settled += minor - scheduled
        elif category is Category.FEE:
            row.fee -= minor
        elif category is Category.COST:
            row.cost -= minor
        else:
            (row.penalty if category is Category.PENALTY else row.compound).settled += minor
            owed = self.owed(row, Category.PENALTY) + self.owed(row, Category.COMPOUND)
            row.posted = min(row.posted, owed)

    def _remember(self, row: Instalment, category: Category | None, minor: int, *, ends: int = 0) -> None:
        """Keep what money went to (None: a cut of principal), where a bounced payment gives it back.

        ``ends`` is where the term ended before the money made it shorter; 0 if it did not.
        """
        if self.terms.reversal is ReversalMode.FROM_BOUNCE_DAY:
            self.journal.append((row, category, minor, ends))

    def close_settled(self) -> None:
        """Forget what grew within a forgiving grace on instalments that were paid in it; pass settled ones."""
        for row in self.rows[self.first : self.next]:
            if not row.rest and self.within_grace(row):
                self.drop_growth(row, "grace_kept")
        while self.first < self.next and self._settled(self.rows[self.first]):
            self.first += 1

    def drop_growth(self, row: Instalment, what: str) -> None:
        """Forget the default interest of an instalment on which a forgiving grace still runs."""
        self.grow(row)
        if self.trace:
            den = self.denominator
            moves = {Account.PENALTY: -row.penalty.owed(den), Account.COMPOUND: -row.compound.owed(den)}
            self.note(what, moves, row)
        row.penalty.clear()
        row.compound.clear()
        row.posted = 0

    def _settled(self, row: Instalment) -> bool:
        if row.rest:
            return False
        self.grow(row)
        den = self.denominator
        return not (row.penalty.owed(den) + row.compound.owed(den) + row.late.owed(den))

    def receive(self, minor: int, ref: str, *, early: EarlyMoney | None = None) -> None:
        """Take money in: apply it to what is due; the rest is held or cuts principal, as the contract says."""
        self.credit += minor
        self.paid_total += minor
        self.last_payment = self.day
        self.note("money_in", {Account.CREDIT: minor}, None, ref)
        self.use_credit(ref)
        early = early or self.terms.early_money
        if self.credit and early is not EarlyMoney.HOLD and (self.not_due or 0 < self.accrued() <= self.credit):
            self._cut(early, ref)

    def _cut(self, early: EarlyMoney, ref: str) -> None:
        settles = self.credit >= self.not_due + self.accrued()
        if settles and self.terms.reversal is not ReversalMode.FROM_BOUNCE_DAY:
            self.rows[self.next].fee = 0
            self.accelerate(ref)
            self.use_credit(ref)
            return
        if settles:
            self._post_running(ref)
        cut = min(self.credit, self.not_due)
        self.settle_period()
        self.credit -= cut
        self.note("cuts_principal", {Account.CREDIT: -cut, Account.NOT_DUE: -cut}, None, ref)
        level = self.level if early is EarlyMoney.REDUCE_TERM and self.level else None
        self._remember(self.charges, None, cut, ends=self.ends if level else 0)
        self.closed = settles
        recast(self, self.not_due - cut, level=level)

    def _post_running(self, ref: str) -> None:
        """Let interest of the running period fall due at once, before early money that may yet bounce.

        `unpaused` stays: if the principal comes back, it is laid as if the interest had not been posted.
        """
        interest = self.accrued()
        self.settle_period()
        self.charges.interest += interest
        self.note("settled_early", {Account.INTEREST: interest}, self.charges, ref)
        self.carried = self.stood = 0
        self.carried_over.clear()
        for row in self.rows[self.next + 1 :]:
            row.ahead = row.ahead_stood = 0
            row.ahead_over.clear()
        self.use_credit(ref)

    # Schedules

    def settle_period(self) -> None:
        """Carry the interest of the current period up to the current day, before balance or rate change."""
        if self.next >= len(self.rows):
            return
        row = self.rows[self.next]
        elapsed = self._elapsed(row)
        if self.trace and self.mark < self.day:
            self.carried_over.append(self._running_span(row))
        self.carried += self.not_due * self.rate_now * elapsed
        self.unpaused += self.not_due * self.rate_ppm * elapsed
        self.stood = self._bearing(row, elapsed)
        row.days -= elapsed
        self._settle_ahead()
        self.mark = max(self.mark, self.day)

    def _settle_ahead(self) -> None:
        """Carry what has arisen in the periods after one whose due day rest days moved on, and that is not yet due."""
        balance = self.not_due
        for row, following in pairwise(self.rows[self.next :]):
            begun = max(row.ends, self.mark)
            if begun >= self.day:
                break
            balance -= row.principal
            days = min(days_between(begun, self.day, self.terms.day_count), following.days)
            working = Working(balance, self.rate_now, days, self.denominator)
            if self.trace:
                following.ahead_over.append((begun, self.day, working))
            following.ahead += working.numerator
            following.ahead_unpaused += balance * self.rate_ppm * days
            following.ahead_stood += 0 if self.interest_pauses else (balance if following.given_on else 1) * days
            following.days -= days
            row.ends = self.day

    def begin_period(self) -> None:
        """Let a period become the current one, in which interest may have arisen while the one before was not due."""
        row = self.rows[self.next] if self.next < len(self.rows) else None
        self.forget_carried()
        if row:
            self.carried, self.unpaused, self.stood = row.ahead, row.ahead_unpaused, row.ahead_stood
            self.carried_over = list(row.ahead_over)

    def forget_carried(self) -> None:
        """Let a period begin in which no interest has arisen."""
        self.carried = self.unpaused = self.stood = 0
        self.carried_over.clear()

    def accelerate(self, ref: str) -> None:
        """Let everything fall due today: interest up to now, no interest or fee of periods not begun."""
        if self.next >= len(self.rows):
            return
        accrued = self.accrued()
        for row in self.rows[self.next :]:
            row.interest = 0
            row.due = row.dpd_from = self.day
            row.ends = max(self.day, self.mark)
        for row in self.rows[self.next + 1 :]:
            row.fee = 0
        self.rows[self.next].interest = accrued
        self.note("accelerated", {}, None, ref)
        self.fall_due()

    # The day counter

    def dpd(self) -> int:
        """Contractual days past due on the current day, with grace, tolerance and materiality as the terms say."""
        overdue = [
            r for r in self.rows[self.first : self.next] if r.due < self.day and r.rest > self.terms.tolerance_minor
        ]
        total = sum(row.rest for row in overdue)
        exposure = self.not_due + sum(row.principal for row in self.rows[self.first : self.next])
        if total <= self.terms.materiality_minor or total * 1_000_000 <= self.terms.materiality_ppm * exposure:
            return 0
        return max(self._row_dpd(row) for row in overdue)

    def _row_dpd(self, row: Instalment) -> int:
        days = max((self.day - row.dpd_from).days, 0)
        if self.terms.dpd_grace is GraceMode.FORGIVE:
            return days if days > row.grace else 0
        return max(days - row.grace, 0) if self.terms.dpd_grace is GraceMode.SHIFT else days

    def note(
        self,
        what: str,
        moves: dict[Account, int],
        row: Instalment | None,
        ref: str = "",
        *,
        posted: tuple[Working, ...] = (),
        rates: tuple[int, int, int] | None = None,
    ) -> None:
        """Add a line to the trace, where one is kept."""
        if self.trace:
            number = row.number if row else None
            self.trace.note(self.day, what, moves, instalment=number, ref=ref, posted=posted, rates=rates)
