"""Ways to pay a loan that has become too heavy: each worked out to the cent by the loan's own arithmetic, and compared.

An option is a set of events beside the contract and the payments that follow from them. Nothing is estimated: the loan
is folded with the events and with each payment made on its day, and what it then owes is what the next payment asks.
So the last payment leaves nothing owed, and what was signed is what the ledger does. What the law or the lender's own
rules say against an option comes from outside (`Limits`) and is named with it; what is refused is still worked out.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from duecourse.core.contract import Category, Method
from duecourse.core.days import add_months, days_between
from duecourse.core.delinquency import Loan, advance, read, reading, start
from duecourse.core.events import (
    MONEY_IN,
    PAUSE_INTEREST,
    PAUSE_PENALTY,
    Event,
    GridRow,
    Kind,
    timeline,
)
from duecourse.core.money import split_pro_rata
from duecourse.core.reading import Reading, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from duecourse.core.delinquency import AnyFold

ONE_DAY = timedelta(days=1)
_LATER = datetime(1, 1, 1)  # noqa: DTZ001 - `_plain` puts the instant in
PAYMENTS_MAX = 720
"""Payments after which an option is given up: sixty years of months."""

MONTHS = (3, 6, 12, 18, 24, 36, 48, 60)
DEFERRALS = (1, 3, 6)
DEFERRED_MAX = 24
"""Lengths and beginnings that are worked out where nobody asks for others; a deferral with short ones alone."""

REFS = "~plan"
"""Begins the references of events that are only worked with; those that are entered get their own."""


class OptionKind(StrEnum):
    """How a loan can be paid otherwise than agreed."""

    INSTALMENTS = "instalments"  # what is overdue in parts, beside what falls due; default interest stands still
    DEFERRAL = "deferral"  # nothing for some months, then the same
    STEP_UP = "step_up"  # parts that grow: one, two, three
    RESCHEDULE = "reschedule"  # all that is owed on a new schedule at the contract's rate
    INTEREST_STOP = "interest_stop"  # all that is owed in equal parts, with no interest
    EXTENSION = "extension"  # what is not yet due moves to later days
    RE_AGE = "re_age"  # as instalments, and the day counter starts anew


@dataclass(frozen=True, slots=True)
class Limit:
    """What a rule says of an option: the rule's name, and its number where it has one."""

    rule: str
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What law and lender allow. None: no rule speaks.

    ``card_months``: longest plan of a card. ``extension``: rule by which one is agreed before the due day only.
    ``re_age``: payments in consecutive months that must have come before the counter starts anew.
    """

    card_months: Limit | None = None
    months: Limit | None = None
    extension: Limit | None = None
    re_age: Limit | None = None


@dataclass(frozen=True, slots=True)
class Against:
    """Why an option may not be agreed: the rule, its number, and what there is in this loan."""

    rule: str
    most: int | None
    is_: int


@dataclass(frozen=True, slots=True)
class Due:
    """One payment: its day and what it asks."""

    day: date
    minor: int


@dataclass(frozen=True, slots=True)
class Option:
    """A way to pay. Amounts are minor units.

    ``rows`` are all payments until nothing is owed; those under the plan are the first ``planned``. ``extra`` is what
    is paid beyond what would settle everything today.
    """

    kind: OptionKind
    months: int
    deferred: int
    events: tuple[Event, ...]
    rows: tuple[Due, ...]
    planned: int
    extra: int
    against: tuple[Against, ...] = ()

    @property
    def total(self) -> int:
        """All payments together."""
        return sum(one.minor for one in self.rows)

    @property
    def end(self) -> date:
        """The day of the last payment."""
        return self.rows[-1].day

    @property
    def burden(self) -> int:
        """The most that one payment asks."""
        return max(one.minor for one in self.rows)

    @property
    def lawful(self) -> bool:
        """Whether no rule speaks against it."""
        return not self.against


@dataclass(slots=True)
class _Walk:
    """A loan folded forward, with each payment made as it is asked."""

    loan: Loan
    known: datetime
    fold: AnyFold
    queue: list[Event]
    day: date
    rows: list[Due] = field(default_factory=list)

    def on(self, day: date) -> Reading:
        """The loan on a day, payments so far included."""
        advance(self.fold, self.queue, self.loan.grid, day)
        self.day = day
        return read(self.fold, day)

    def pay(self, minor: int) -> None:
        """Make a payment on the day on which the walk stands."""
        self.rows.append(Due(self.day, minor))
        if minor:
            number = len(self.rows)
            event = Event(kind=Kind.PAYMENT, effective=self.day, known=self.known, ref=f"{REFS}-{number}", amount=minor)
            at = next((n for n, one in enumerate(self.queue) if one.effective <= self.day), len(self.queue))
            self.queue.insert(at, event)
            advance(self.fold, self.queue, self.loan.grid, self.day)


@dataclass(frozen=True, slots=True)
class _Begun:
    """A loan folded up to the day before: what all its options have in common, so that it is worked out once."""

    loan: Loan
    day: date
    known: datetime
    fold: bytes

    def walk(self, events: Sequence[Event]) -> _Walk:
        """Go on from there with some events more, none of them before the day."""
        told = replace(self.loan, events=(*self.loan.events, *events))
        queue = timeline(told.events, known=self.known, mode=self.loan.terms.reversal)[::-1]
        to_come = [one for one in queue if one.effective >= self.day]
        return _Walk(told, self.known, pickle.loads(self.fold), to_come, self.day)  # noqa: S301 - made in `_begin`


def _begin(loan: Loan, day: date, known: datetime) -> _Begun:
    fold = start(loan)
    advance(fold, timeline(loan.events, known=known, mode=loan.terms.reversal)[::-1], loan.grid, day - ONE_DAY)
    return _Begun(loan, day, known, pickle.dumps(fold, pickle.HIGHEST_PROTOCOL))


def options(
    loan: Loan,
    day: date,
    *,
    known: datetime,
    limits: Limits,
    first: date | None = None,
    months: Sequence[int] = MONTHS,
    deferrals: Sequence[int] = DEFERRALS,
) -> Iterator[Option]:
    """Every way to pay a loan that stands on ``day``, by kind and length; none of one that owes nothing or is not ours.

    ``first`` is the day of the first payment: the next due day of the contract where none is given, else a month on.
    """
    now = reading(loan, day, known=known)
    if now.status not in {Status.ACTIVE, Status.WRITTEN_OFF} or now.settle <= 0:
        return
    begins = first or (now.next_due if now.next_due and now.next_due <= add_months(day, 1) else add_months(day, 1))
    wanted = [
        (kind, length, deferred)
        for kind in OptionKind
        for length in months
        for deferred in (deferrals if kind is OptionKind.DEFERRAL else (0,))
        if _fits(loan, now, kind, length)
        and (kind is not OptionKind.DEFERRAL or length <= DEFERRED_MAX or tuple(months) != MONTHS)
    ]
    begun = _begin(loan, day, known)
    for kind, length, deferred in wanted:
        made = _option(begun, now, kind=kind, months=length, deferred=deferred, first=begins, limits=limits)
        if made is not None:
            yield made


def _fits(loan: Loan, now: Reading, kind: OptionKind, length: int) -> bool:
    """Whether a kind means anything for a loan: a card has no schedule to move; without arrears nothing is split."""
    card = loan.terms.method is Method.CARD
    if kind in {OptionKind.RESCHEDULE, OptionKind.INTEREST_STOP}:
        return not card
    if kind is OptionKind.EXTENSION:
        return not card and now.not_due > 0 and length <= 12
    if kind in {OptionKind.INSTALMENTS, OptionKind.STEP_UP, OptionKind.RE_AGE, OptionKind.DEFERRAL}:
        return card or now.due > 0
    return True


def _option(
    begun: _Begun, now: Reading, *, kind: OptionKind, months: int, limits: Limits, deferred: int, first: date
) -> Option | None:
    """One way to pay, worked out; None where the loan's conventions leave something owed in the end."""
    loan, day, known = begun.loan, begun.day, begun.known
    days = [add_months(first, n) for n in range(deferred + months)]
    terms = [
        _plain(one, known=known, day=day) for one in _events(loan, kind, days, months=months, day=day, owed=now.settle)
    ]
    walk = begun.walk(terms)
    now_with = walk.on(day)
    if kind in {OptionKind.RESCHEDULE, OptionKind.INTEREST_STOP}:
        for one in days:
            walk.pay(walk.on(one).due)
    elif kind is not OptionKind.EXTENSION:
        _split(walk, now_with, days, deferred=deferred, card=loan.terms.method is Method.CARD, kind=kind)
    planned = len(walk.rows)
    left = _to_the_end(walk)
    if left:
        return None
    rows = tuple(walk.rows)
    if kind is OptionKind.EXTENSION:
        planned = len(rows)
    grid = tuple(
        GridRow(one.day, max(days_between(before, one.day, loan.terms.day_count), 0), one.minor)
        for before, one in zip((day, *(row.day for row in rows)), rows[:planned], strict=False)
    )
    plan = _plain(Event(kind=Kind.PLAN, effective=day, known=known, ref="plan", grid=grid), known=known, day=day)
    return Option(
        kind, months, deferred, (*terms, plan), rows, planned, sum(one.minor for one in rows) - now.settle,
        tuple(_against(loan, now, day, kind, deferred + months, known=known, limits=limits)),
    )  # fmt: skip


def _plain(event: Event, *, known: datetime, day: date) -> Event:
    return replace(event, ref=f"{REFS}-{event.kind.name.lower()}", known=known, effective=day)


def _events(
    loan: Loan, kind: OptionKind, days: Sequence[date], *, months: int, day: date, owed: int
) -> Iterator[Event]:
    """The events of an option beside its plan; references, days and instants are put in by `_plain`."""
    card = loan.terms.method is Method.CARD
    ends = add_months(days[-1], 1)

    def event(kind: Kind, **more: object) -> Event:
        return Event(kind=kind, effective=day, known=_LATER, ref="", **more)  # type: ignore[arg-type]

    if kind is OptionKind.EXTENSION:
        yield event(Kind.EXTENSION, parts=(months, 0, 1))
    elif kind in {OptionKind.RESCHEDULE, OptionKind.INTEREST_STOP}:
        grid = tuple(
            GridRow(one, max(days_between(before, one, loan.terms.day_count), 0))
            for before, one in zip((day, *days), days, strict=False)
        )
        rate = 0 if kind is OptionKind.INTEREST_STOP else loan.terms.rate_ppm
        # At the contract's rate neither default interest nor compound interest bears interest anew.
        rolled = [one for one in Category if rate == 0 or one not in {Category.PENALTY, Category.COMPOUND}]
        bits = sum(1 << one for one in rolled)
        if rate == 0:  # equal parts whatever the contract's method; else the last payment may be all of it
            parts = split_pro_rata(owed, [1] * len(grid))
            grid = tuple(row._replace(principal=part) for row, part in zip(grid, parts, strict=True))
        yield event(Kind.RESTRUCTURE, amount=rate, parts=(bits, int(rate == 0)), grid=grid)
    else:
        yield event(Kind.PAUSE, parts=(PAUSE_PENALTY | (PAUSE_INTEREST if card else 0),), until=ends)
        if kind is OptionKind.RE_AGE:
            yield event(Kind.RE_AGE)


def _split(walk: _Walk, now: Reading, days: Sequence[date], *, deferred: int, card: bool, kind: OptionKind) -> None:
    """Ask for what falls due and for a part of what is overdue on each day; with the last for all that is due then.

    Of a card all that is owed is split.
    """
    for one in days[:deferred]:
        walk.on(one)
        walk.pay(0)
    at = walk.on(days[deferred - 1]) if deferred else now
    base = at.settle if card else at.due
    parts = days[deferred:]
    weights = [1 + 3 * n // len(parts) if kind is OptionKind.STEP_UP else 1 for n in range(len(parts))]
    left = base
    for part, one in zip(split_pro_rata(base, weights), parts, strict=True):
        left -= part
        found = walk.on(one)
        walk.pay(max((found.settle if card else found.due) - left, 0))


def _to_the_end(walk: _Walk) -> int:
    """Pay what falls due on each due day until nothing will; what is owed then."""
    for _ in range(PAYMENTS_MAX):
        found = read(walk.fold, walk.day)
        if found.settle <= 0:
            return 0
        following = found.next_due
        if following is None or following <= walk.day:
            if found.due:
                walk.day += ONE_DAY
                walk.pay(walk.on(walk.day).due)
                return max(read(walk.fold, walk.day).settle, 0)
            return found.settle
        walk.pay(walk.on(following).due)
    return read(walk.fold, walk.day).settle


def _against(
    loan: Loan, now: Reading, day: date, kind: OptionKind, length: int, *, known: datetime, limits: Limits
) -> Iterator[Against]:
    card = loan.terms.method is Method.CARD
    for limit in (limits.card_months if card else None, limits.months):
        if limit is not None and limit.most is not None and length > limit.most:
            yield Against(limit.rule, limit.most, length)
    if kind is OptionKind.EXTENSION and limits.extension is not None and now.due > 0:
        overdue = (day - now.oldest_due).days if now.oldest_due else 0
        yield Against(limits.extension.rule, limits.extension.most, overdue)
    if kind is OptionKind.RE_AGE and limits.re_age is not None:
        paid = _months_paid(loan, day, known=known)
        if paid < (limits.re_age.most or 0):
            yield Against(limits.re_age.rule, limits.re_age.most, paid)


def _months_paid(loan: Loan, day: date, *, known: datetime) -> int:
    """Consecutive months before a day, the latest first, in each of which a payment came and stood."""
    stands = timeline(loan.events, known=known, mode=loan.terms.reversal)
    back = {one.target for one in stands if one.kind is Kind.BOUNCE}
    paid = [one.effective for one in stands if one.kind in MONEY_IN and one.ref not in back and one.effective <= day]
    months = 0
    while any(add_months(day, -months - 1) < one <= add_months(day, -months) for one in paid):
        months += 1
    return months
