"""The figures that a notice states: the loans it is about, as book and desk know them, on the day last published.

Where the desk entered something since (a payment matched, a waiver), the figures are those of that later day.

What a document claims must be so: a receipt needs a payment that is matched to a loan, a certificate of full payment
loans on which nothing is owed or will fall due, a plan's confirmation a plan that stands, a dunning letter something
due. While the lender's figure of a loan is lower than ours, nothing higher is claimed: no letter demands from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from duecourse.book.loan import BookLoan
from duecourse.book.store import Store
from duecourse.casework.ledger import Read, read_loan
from duecourse.core.contract import ReversalMode
from duecourse.core.events import MONEY_IN, Event, Kind, timeline
from duecourse.core.money import plain
from duecourse.core.reading import Reading, Status
from duecourse.storage import books, breaks, entries, loan_names, persons
from duecourse.storage.connection import Tx
from duecourse.trouble import N_, Refused


class NoFigures(Refused):
    """No day was published, or the book does not hold the loans."""

    def __init__(self) -> None:
        super().__init__(N_("no day has been run yet, so there are no figures that a notice could state"))


class NotSo(Refused):
    """The document would state what is not so."""


class SeveralCurrencies(Refused):
    """One notice states amounts in one currency."""

    def __init__(self) -> None:
        super().__init__(N_("the loans are in several currencies: issue a notice for each apart"))


@dataclass(frozen=True, slots=True)
class Figures:
    """What is owed on the loans together on a day, in minor units.

    ``charges`` are costs, fees, default and compound interest.
    """

    day: date
    currency: str
    refs: tuple[str, ...]
    principal: int
    interest: int
    charges: int
    not_due: int  # principal that is not due yet
    settle: int
    dpd: int
    due_day: date | None  # of the oldest instalment not fully paid
    settled: bool  # every loan is at its end with nothing owed
    plan: Event | None  # the agreed plan that stands, of one loan
    payments: tuple[Event, ...]  # that stand, the latest last
    lower: str  # a loan of which the lender's own figure is lower than ours

    @property
    def due(self) -> int:
        """What must be paid today for nothing to be due."""
        return self.principal + self.interest + self.charges


def figures(tx: Tx, store: Store, *, person_id: int, loan_keys: Sequence[int]) -> Figures:
    """The figures of some loans of a borrower. Raises `NoFigures`, `SeveralCurrencies`."""
    shown, newest = entries.published(tx), books.newest(tx)
    if shown is None or newest is None:
        raise NoFigures
    names, everybody = loan_names.references(tx, loan_keys), persons.same(tx, person_id)
    known = [
        read_loan(
            tx, store, loan_key=key, ref=names.get(key, str(key)), now=newest.known_at, persons=everybody
        )
        for key in loan_keys
    ]  # fmt: skip
    held = [one.held for one in known]
    if len({one.currency for one in held}) != 1:
        raise SeveralCurrencies
    day = max(one.day(shown.day) for one in known)
    read = [one.on(day) for one in known]
    stands = [_standing(one, day) for one in known]
    return Figures(
        day=day,
        currency=held[0].currency,
        refs=tuple(one.loan.ref for one in held),
        principal=sum(one.principal for one in read),
        interest=sum(one.interest for one in read),
        charges=sum(one.cost + one.fee + one.penalty + one.compound for one in read),
        not_due=sum(one.not_due for one in read),
        settle=sum(one.settle for one in read),
        dpd=max(one.dpd for one in read),
        due_day=min((one.oldest_due for one in read if one.oldest_due), default=None),
        settled=all(one.status is Status.SETTLED and _nothing(one) for one in read),
        plan=next((event for events in stands for event in reversed(events) if event.kind is Kind.PLAN), None),
        payments=tuple(
            sorted((one for events in stands for one in events if one.kind in MONEY_IN), key=lambda one: one.effective)
        ),
        lower=_lower(tx, held),
    )


def _nothing(one: Reading) -> bool:
    return one.due == one.not_due == one.accrued == 0


def _standing(read: Read, day: date) -> list[Event]:
    """The events of a loan that stand on a day: none that was reversed, in the order in which they count."""
    found = timeline(read.loan.events, known=read.known, mode=ReversalMode.AS_IF_NEVER)
    return [one for one in found if one.effective <= day]


def _lower(tx: Tx, held: Sequence[BookLoan]) -> str:
    found = breaks.open_breaks(tx, loans=pl.Series([one.loan_key for one in held], dtype=pl.Int64))
    lower = found.filter(pl.col("theirs_minor") < pl.col("ours_minor"))["loan_key"].to_list()
    return next((one.loan.ref for one in held if one.loan_key in lower), "")


def _demands(found: Figures) -> None:
    if found.due <= 0:
        raise NotSo(N_("nothing is due on these loans on {day}: there is nothing to demand"), day=found.day)
    _not_above(found)


def _calls(found: Figures) -> None:
    _demands(found)
    if found.dpd <= 0 or not found.not_due:
        raise NotSo(
            N_("nothing is overdue on this loan on {day}, or nothing is left that could be called"), day=found.day
        )


def _not_above(found: Figures) -> None:
    """Nothing is claimed above what the lender itself says."""
    if found.lower:
        raise NotSo(
            N_(
                "the lender's own figure of loan {loan} is lower than ours, and only the lower one is claimed: settle "
                "the break first (`duecourse book breaks`)"
            ),
            loan=found.lower,
        )  # fmt: skip


def _owes(found: Figures) -> None:
    if found.settle <= 0:
        raise NotSo(
            N_("nothing is owed on these loans on {day}: there is nothing to settle, and no claim that could pass on"),
            day=found.day,
        )  # fmt: skip
    _not_above(found)


def _paid(found: Figures) -> None:
    if not found.payments:
        raise NotSo(N_("no payment is matched to these loans by {day}: there is nothing to receipt"), day=found.day)


def _paid_in_full(found: Figures) -> None:
    if not found.settled:
        raise NotSo(
            N_("not paid in full: on {day} {amount} {currency} would settle these loans"),
            day=found.day, amount=plain(found.settle, found.currency), currency=found.currency,
        )  # fmt: skip


def _planned(found: Figures) -> None:
    if found.plan is None or not found.plan.grid:
        raise NotSo(N_("no agreed plan stands on these loans on {day}: there is nothing to confirm"), day=found.day)


MUST_BE: dict[str, Callable[[Figures], None]] = {
    "dunning_letter": _demands,
    "dunning_image": _demands,
    "lawyer_letter": _demands,
    "validation_notice": _demands,
    "acceleration_notice": _calls,
    "assignment_notice": _owes,
    "settlement_offer": _owes,
    "receipt": _paid,
    "paid_in_full": _paid_in_full,
    "credit_repair": _paid_in_full,
    "plan_confirmation": _planned,
}
"""By kind of document, what must be so of the loans; raises `NotSo`. Every kind stands here."""
