"""One loan as it is lived: the core's own fold carries it from day to day, so that borrowers pay what is really owed.

An event that belongs before what has been lived already (a bounced payment, a date learnt late) makes the life be
folded again from its start; the result is that of `core.delinquency.reading` on all its events (a test holds it).
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import TypeAlias

from duecourse.core.balance import Fold
from duecourse.core.card import CardFold
from duecourse.core.contract import Category
from duecourse.core.days import FAR
from duecourse.core.delinquency import Loan, advance, read, start
from duecourse.core.events import DUE_RANK, RANK, Event, GridRow, Kind, timeline
from duecourse.core.reading import Reading
from duecourse.sim.lender import LAST_DAY, end_of, instant
from duecourse.sim.products import Deal

Parts: TypeAlias = tuple[int, ...]

EVER = end_of(FAR - timedelta(days=1))
"""An instant after every other."""

LATE_KNOWN = 0.012
"""Part of the payments that the lender learns of days after their value day."""


class Life:
    """A loan, its events so far, and its state on the day lived last."""

    __slots__ = ("bounced", "deal", "events", "fold", "lived", "queue", "rng", "unreferenced")

    def __init__(self, deal: Deal, rng: Random) -> None:
        self.deal = deal
        self.rng = rng
        self.events: list[Event] = []
        self.unreferenced: set[str] = set()  # payments that the lender sends without a reference
        self.bounced = False
        self.queue: list[Event] = []  # what the events so far will still bring: the ends of pauses
        self.fold = self._fresh()
        self.lived = (date.min, 0)

    def _fresh(self) -> Fold | CardFold:
        return start(self._loan(()))

    @property
    def over(self) -> bool:
        """Whether the claim is somebody else's."""
        return self.fold.sold

    @property
    def clear(self) -> bool:
        """Whether everything that has fallen due is paid, and no pause is running that would change what comes."""
        fold = self.fold
        if not isinstance(fold, Fold) or self.queue or fold.first < fold.next:
            return False
        charges = fold.charges
        return not (charges.rest or charges.cost or charges.penalty.whole or charges.compound.whole)

    def live_to(self, day: date) -> None:
        """Let time pass until a day, with what falls due on it."""
        if day > self.fold.day:
            advance(self.fold, self.queue, self.deal.grid, day)
            self.lived = (day, DUE_RANK)

    def happen(
        self,
        kind: Kind,
        day: date,
        amount: int = 0,
        *,
        parts: Parts = (),
        until: date = FAR,
        target: str = "",
        grid: tuple[GridRow, ...] = (),
        learnt: int | None = None,
    ) -> Event:
        """Let something happen on a day. ``learnt`` is in days after it; by default seldom other than 0."""
        if learnt is None:
            learnt = self.rng.randint(1, 6) if self.rng.random() < LATE_KNOWN else 0
        event = Event(
            kind=kind,
            effective=day,
            known=instant(day + timedelta(days=learnt), 28_800 + self.rng.randrange(46_800)),
            ref=f"{self.deal.ref}-{len(self.events):03d}",
            amount=amount,
            parts=parts,
            until=until,
            target=target,
            grid=grid,
        )
        self.events.append(event)
        place = (day, RANK[Kind.BOUNCE if kind is Kind.REVERSAL else kind])
        if place < self.lived or kind in {Kind.REVERSAL, Kind.PAUSE} or self.queue:
            self._again(max(day, self.fold.day))
        else:
            advance(self.fold, [event], self.deal.grid, day)
        self.lived = max(self.lived, place)
        return event

    def pay(self, day: date, amount: int, *, kind: Kind = Kind.PAYMENT, reduce_term: bool = False) -> Event:
        """Let money come in; one payment in a hundred has no reference in the lender's files."""
        parts = (int(reduce_term),) if kind is Kind.PREPAYMENT else ()
        event = self.happen(kind, day, amount, parts=parts)
        if self.rng.random() < 0.01:
            self.unreferenced.add(event.ref)
        return event

    def bounce(self, payment: Event, days: int) -> None:
        """Let a payment come back from the bank."""
        day = payment.effective + timedelta(days=days)
        late = (payment.known.date() - payment.effective).days + 1
        self.unreferenced.discard(payment.ref)
        self.happen(Kind.REVERSAL, day, target=payment.ref, learnt=late)

    def _again(self, day: date) -> None:
        self.queue = timeline(self.events, known=EVER, mode=self.deal.terms.reversal)[::-1]
        self.fold = self._fresh()
        advance(self.fold, self.queue, self.deal.grid, day)

    def due(self) -> int:
        """What must be paid on the day lived last for nothing to be due; minor units."""
        fold = self.fold
        if isinstance(fold, CardFold):
            return read(fold, fold.day).due
        if self.clear:
            return 0
        return max(sum(fold.owed(row, category) for row in fold.claimable() for category in Category) - fold.credit, 0)

    def end(self) -> Reading:
        """The loan on the last day as the lender knew it then; what it learnt later has not happened."""
        known = [event for event in self.events if event.known <= end_of(LAST_DAY)]
        if len(known) < len(self.events):
            self.events = known
            self._again(LAST_DAY)
        else:
            self.live_to(LAST_DAY)
        return read(self.fold, LAST_DAY)

    def rebuilt(self) -> Loan:
        """The loan as the core reads it, from its deal and its events."""
        return self._loan(tuple(self.events))

    def _loan(self, events: tuple[Event, ...]) -> Loan:
        deal = self.deal
        return Loan(ref=deal.ref, terms=deal.terms, grid=deal.grid, events=events, start=deal.start)
