"""A revolving card: statements, minimum payments, the interest-free period, interest from each purchase's own day.

A row of the contract schedule is one cycle: ``due`` is the payment day, ``days`` the days from statement to payment
day. Purchases are drawdowns. Interest is free for the purchases of a statement that is paid in full by its payment
day; else it runs from each purchase's day (`CardInterest`). It is rounded once, when a statement posts it. The day
counter runs from the oldest payment day whose minimum was not met. An agreed conversion into instalments is a loan of
its own: a payment here, a drawdown there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from duecourse.core.allocation import places
from duecourse.core.contract import CardInterest, Category, GraceMode
from duecourse.core.days import FAR
from duecourse.core.explain import ACCOUNT, Account, Working
from duecourse.core.money import PPM, half_up
from duecourse.core.reading import Reading, Status, plan_dpd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duecourse.core.contract import Terms
    from duecourse.core.events import GridRow
    from duecourse.core.explain import Span, Trace

ONE_DAY = timedelta(days=1)


@dataclass(slots=True)
class Purchase:
    """One amount drawn: what is unpaid, and the rate-days already on the clock when interest on it last began."""

    unpaid: int
    since: int
    since_day: date


@dataclass(slots=True)
class Statement:
    """One cycle: its purchases, what it billed, and what is left of its minimum and of its whole balance."""

    number: int
    due: date
    dpd_from: date
    issued: bool = False
    judged: bool = False  # the payment day has passed
    revolving: bool = False  # it was not paid in full: its purchases bear interest
    interest: int = 0
    fee: int = 0
    cost: int = 0
    minimum: int = 0  # left of the minimum payment that this statement added
    full: int = 0  # left of the whole balance that it showed
    paid_interest: int = 0  # numerator: interest on parts paid before the payment day
    paid_spans: list[Span] = field(default_factory=list)  # what it is made of; kept with a trace
    purchases: list[Purchase] = field(default_factory=list)

    @property
    def principal(self) -> int:
        """Unpaid purchases of the cycle, minor units."""
        return sum(purchase.unpaid for purchase in self.purchases)

    @property
    def open(self) -> bool:
        """Whether anything of this statement is owed."""
        return bool(self.interest or self.fee or self.cost) or any(one.unpaid for one in self.purchases)

    @property
    def total(self) -> int:
        """All that is owed of this statement."""
        return self.interest + self.fee + self.cost + self.principal

    def owed(self, category: Category) -> int:
        """What is owed of this statement in one category; a card has no default interest beside its interest."""
        if category is Category.PRINCIPAL:
            return self.principal
        if category is Category.INTEREST:
            return self.interest
        if category is Category.FEE:
            return self.fee
        return self.cost if category is Category.COST else 0


@dataclass(slots=True)
class CardFold:
    """A card's state while it is folded."""

    terms: Terms
    grid: Sequence[GridRow]
    trace: Trace | None = None
    day: date = date.min
    statements: list[Statement] = field(default_factory=list)
    rate_ppm: int = 0
    rate_days: int = 0  # the clock: sum over days of the rate in force, ppm × days
    realised: int = 0  # numerator of interest that will be posted with the next statement
    realised_spans: list[Span] = field(default_factory=list)  # what it is made of; kept with a trace
    fee: int = 0  # charged since the last statement
    cost: int = 0
    credit: int = 0
    paid_total: int = 0
    last_payment: date | None = None
    interest_pauses: int = 0
    penalty_pauses: int = 0
    dpd_pauses: int = 0
    drawn: bool = False
    written_off: bool = False
    sold: bool = False
    plan: tuple[GridRow, ...] = ()
    plan_base: int = 0

    def __post_init__(self) -> None:
        """One statement to come for each cycle of the contract."""
        self.rate_ppm = self.terms.rate_ppm
        self.statements = [Statement(n, row.due, row.due) for n, row in enumerate(self.grid, start=1)]

    def statement_day(self, statement: Statement) -> date:
        """The day on which a cycle is billed."""
        row = self.grid[statement.number - 1]
        return row.due - timedelta(days=row.days)

    def issued(self) -> list[Statement]:
        """Statements issued so far, oldest first."""
        return [statement for statement in self.statements if statement.issued]

    def current(self) -> Statement | None:
        """The cycle in which a purchase of today falls: the first whose statement is still to come."""
        return next((statement for statement in self.statements if not statement.issued), None)

    # Time passes

    def next_change(self) -> date:
        """The next statement day, or day after a payment day."""
        found = FAR
        for statement in self.statements:
            if not statement.judged:
                found = min(found, statement.due + ONE_DAY)
            if not statement.issued:
                return min(found, self.statement_day(statement))
        return found

    def pass_time(self, until: date) -> None:
        """Let the clock of rate-days run until a day; let the day counter stand still where it is paused."""
        days = until - self.day
        if not self.interest_pauses:
            self.rate_days += self.rate_ppm * days.days
        if self.dpd_pauses:
            for statement in self.issued():
                if statement.due < until and statement.minimum > self.terms.tolerance_minor:
                    statement.dpd_from += until - max(self.day, statement.due)
        self.day = until

    def fall_due(self) -> None:
        """Judge statements whose payment day has passed, and issue the one whose day has come."""
        for statement in self.statements:
            if statement.issued and not statement.judged and statement.due < self.day:
                self._judge(statement)
        running = self.current()
        while running is not None and self.statement_day(running) <= self.day:
            self.issue(running)
            running = self.current()
        self.use_credit()

    def _judge(self, statement: Statement) -> None:
        """The morning after the payment day, see whether the balance was paid in full and the minimum met."""
        statement.judged = True
        if statement.full:
            statement.revolving = True
            if self.terms.card_interest is CardInterest.FULL:
                self.realised += statement.paid_interest
                self.realised_spans += statement.paid_spans
            for purchase in statement.purchases:
                self._realise(purchase)
        statement.paid_interest = 0
        statement.paid_spans.clear()
        late_fee = half_up(statement.minimum * self.terms.card_late_fee_ppm, PPM) if not self.penalty_pauses else 0
        if late_fee:
            self.fee += late_fee
            self.note("late_fee", {Account.FEE: late_fee}, statement.number)

    def _realise(self, purchase: Purchase) -> None:
        self.realised += purchase.unpaid * (self.rate_days - purchase.since)
        if self.trace:
            self.realised_spans.append(self._span(purchase, purchase.unpaid))
        purchase.since = self.rate_days
        purchase.since_day = self.day

    def _span(self, purchase: Purchase, minor: int) -> Span:
        """What a part of a purchase has borne since its interest last began; by one rate if one held throughout."""
        days, ppm_days = (self.day - purchase.since_day).days, self.rate_days - purchase.since
        summed = ppm_days != self.rate_ppm * days
        rate = ppm_days if summed else self.rate_ppm
        return purchase.since_day, self.day, Working(minor, rate, days, self.terms.denominator, summed=summed)

    def issue(self, statement: Statement) -> None:
        """Post interest and charges, and ask for the minimum: a part of the principal, and all of the rest."""
        for earlier in self.issued():
            if earlier.revolving:
                for purchase in earlier.purchases:
                    self._realise(purchase)
        statement.interest = half_up(self.realised, self.terms.denominator)
        if self.trace:
            self.trace.spans("card_interest", Account.INTEREST, self.realised_spans, statement.number)
            self.realised_spans.clear()
        statement.fee, statement.cost = self.fee, self.cost
        self.realised = self.fee = self.cost = 0
        statement.issued = True
        unmet = sum(earlier.minimum for earlier in self.issued())
        principal = sum(each.principal for each in self.issued())
        statement.full = sum(each.total for each in self.issued())
        part = half_up(max(principal - unmet, 0) * self.terms.card_minimum_ppm, PPM)
        wanted = max(part + statement.interest + statement.fee + statement.cost, self.terms.card_minimum_floor)
        statement.minimum = min(wanted, max(statement.full - unmet, 0))
        if self.drawn or statement.full:
            self.note("statement", {}, statement.number, f"statement {statement.number}")

    # Money

    def receive(self, minor: int, ref: str) -> None:
        """Take a payment: billed amounts in the order of the contract, then purchases not billed, then credit."""
        self.credit += minor
        self.paid_total += minor
        self.last_payment = self.day
        self.note("money_in", {Account.CREDIT: minor}, None, ref)
        self.use_credit(ref)

    def use_credit(self, ref: str = "") -> None:
        """Apply held money to what the statements billed, then to purchases not yet billed."""
        if not self.credit:
            return
        late = self.terms.late_order_from_dpd and self.dpd() >= self.terms.late_order_from_dpd
        billed = [statement for statement in self.issued() if statement.open]
        order = self.terms.late_order if late else self.terms.order
        for index, category in places(len(billed), order, self.terms.walk):
            if not self.credit:
                return
            self._apply(billed[index], category, min(self.credit, billed[index].owed(category)), ref)
        running = self.current()
        if running:
            self._apply(running, Category.PRINCIPAL, min(self.credit, running.principal), ref)

    def _apply(self, statement: Statement, category: Category, minor: int, ref: str) -> None:
        if not minor:
            return
        self.credit -= minor
        self.note("applied", {Account.CREDIT: -minor, account(category): -minor}, statement.number, ref)
        self.take(statement, category, minor)

    def take(self, statement: Statement, category: Category, minor: int) -> None:
        """Let part of a statement be no longer owed, and count it toward minimum and full balance."""
        if statement.issued:
            left = minor
            for each in self.issued():
                met = min(left, each.minimum)
                each.minimum -= met
                left -= met
                each.full -= min(minor, each.full)
        if category is Category.PRINCIPAL:
            self._take_principal(statement, minor)
        elif category is Category.INTEREST:
            statement.interest -= minor
        elif category is Category.FEE:
            statement.fee -= minor
        else:
            statement.cost -= minor

    def _take_principal(self, statement: Statement, minor: int) -> None:
        for purchase in statement.purchases:
            part = min(minor, purchase.unpaid)
            grown = part * (self.rate_days - purchase.since)
            if statement.revolving:
                self.realised += grown
            else:
                statement.paid_interest += grown
            if self.trace and part:
                spans = self.realised_spans if statement.revolving else statement.paid_spans
                spans.append(self._span(purchase, part))
            purchase.unpaid -= part
            minor -= part

    # What stands

    def running(self) -> list[Span]:
        """What the interest that no statement has posted yet is made of."""
        return self.realised_spans + [
            self._span(purchase, purchase.unpaid)
            for statement in self.issued()
            if statement.revolving
            for purchase in statement.purchases
        ]

    def dpd(self) -> int:
        """Days since the oldest payment day whose minimum was not met, with grace and materiality."""
        terms = self.terms
        open_statements = [s for s in self.issued() if s.due < self.day and s.minimum > terms.tolerance_minor]
        total = sum(statement.minimum for statement in open_statements)
        exposure = sum(statement.principal for statement in self.statements)
        if total <= terms.materiality_minor or total * PPM <= terms.materiality_ppm * exposure:
            return 0
        return max(_with_grace(terms, (self.day - statement.dpd_from).days) for statement in open_statements)

    def note(self, what: str, moves: dict[Account, int], number: int | None, ref: str = "") -> None:
        """Add a line to the trace, where one is kept."""
        if self.trace:
            self.trace.note(self.day, what, moves, instalment=number, ref=ref)


def _with_grace(terms: Terms, days: int) -> int:
    days = max(days, 0)
    if terms.dpd_grace is GraceMode.FORGIVE:
        return days if days > terms.grace_days else 0
    return max(days - terms.grace_days, 0) if terms.dpd_grace is GraceMode.SHIFT else days


def account(category: Category) -> Account:
    """Principal of a card stands under "not due" in the derivation, until its last line names the minimum."""
    return Account.NOT_DUE if category is Category.PRINCIPAL else ACCOUNT[category]


def read(fold: CardFold, day: date) -> Reading:
    """What a card's fold that stands on ``day`` says."""
    billed = fold.issued()
    cost, fee = sum(statement.cost for statement in billed), sum(statement.fee for statement in billed)
    interest = sum(statement.interest for statement in billed)
    unmet = sum(statement.minimum for statement in billed)
    principal = sum(statement.principal for statement in billed)
    due = max(min(unmet - cost - fee - interest, principal), 0)
    principal += sum(statement.principal for statement in fold.statements[len(billed) :])
    cost, fee = cost + fold.cost, fee + fold.fee
    running = [p for s in billed if s.revolving for p in s.purchases]
    grown = fold.realised + sum(p.unpaid * (fold.rate_days - p.since) for p in running)
    open_statements = [s for s in billed if s.due <= day and s.minimum > fold.terms.tolerance_minor]
    ahead = next((s for s in billed if s.due > day and s.minimum), None) or fold.current()
    nothing = not (cost or fee or interest or principal or grown)
    dpd = fold.dpd()
    paid = fold.paid_total - fold.plan_base
    return Reading(
        day=day,
        status=_status(fold, nothing=nothing),
        dpd=dpd,
        plan_dpd=plan_dpd(fold.plan, paid=paid, day=day, tolerance=fold.terms.tolerance_minor) if fold.plan else dpd,
        cost=cost,
        fee=fee,
        interest=interest,
        penalty=0,
        compound=0,
        principal=due,
        not_due=principal - due,
        accrued=half_up(grown, fold.terms.denominator),
        credit=fold.credit,
        overdue=sum(statement.minimum for statement in billed if statement.due < day),
        oldest_due=min((statement.due for statement in open_statements), default=None),
        next_due=ahead.due if ahead else None,
        next_amount=ahead.minimum if ahead else 0,
        paid_total=fold.paid_total,
        last_payment=fold.last_payment,
        rate_ppm=fold.rate_ppm,
        penalty_ppm=0,
    )


def _status(fold: CardFold, *, nothing: bool) -> Status:
    if fold.sold:
        return Status.SOLD
    if not fold.drawn:
        return Status.NOT_DRAWN
    if fold.written_off:
        return Status.SETTLED if nothing else Status.WRITTEN_OFF
    return Status.SETTLED if nothing and fold.current() is None else Status.ACTIVE
