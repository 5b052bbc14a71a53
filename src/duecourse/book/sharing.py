"""One payment of a borrower over his loans, as 民法典 560 shares it: reckoned from the book, nothing is booked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from duecourse.book.loan import BookLoan, read_loan
from duecourse.core.allocation import Debt, Share, share_over_debts
from duecourse.core.contract import PenaltyMode
from duecourse.core.delinquency import reading
from duecourse.core.ids import loan_key
from duecourse.core.money import Money
from duecourse.trouble import N_, BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from duecourse.book.store import BookVersion, Store


class NotOneDebtor(BadInput):
    """Loans that one payment cannot be shared over."""

    def __init__(self, first: str, other: str) -> None:
        super().__init__(
            N_("loans {first} and {other} are not owed by one borrower: a payment is shared over loans of one debtor"),
            first=first,
            other=other,
        )


class NotOneCurrency(BadInput):
    """Loans in several currencies."""

    def __init__(self, first: str, other: str) -> None:
        super().__init__(
            N_("loans {first} and {other} are in different currencies; share what was paid in each by itself"),
            first=first,
            other=other,
        )


class NotAmongThem(BadInput):
    """A loan that was designated and is not among those that the payment is shared over."""

    def __init__(self, ref: str) -> None:
        super().__init__(N_("loan {loan} is designated and not among the loans; name it with them"), loan=ref)


@dataclass(frozen=True, slots=True)
class Shared:
    """What each loan gets, in the order of the law, and what no loan takes; ``debts`` as the law looked at them."""

    amount: Money
    debts: tuple[Debt, ...]
    shares: tuple[Share, ...]
    left: int


def share_payment(
    store: Store,
    version: BookVersion,
    refs: Sequence[str],
    *,
    lender_id: str,
    minor: int,
    day: date,
    known: datetime,
    designated: Sequence[str] = (),
) -> Shared:
    """Share a payment made on a day over loans of one borrower, by their own numbers.

    Raises `NoSuchLoan`, `NotOneDebtor`, `NotOneCurrency`, `NotAmongThem`.
    """
    refs = list(dict.fromkeys(refs))
    for ref in designated:
        if ref not in refs:
            raise NotAmongThem(ref)
    keys = {ref: loan_key(lender_id, ref) for ref in refs}
    loans = {ref: read_loan(store, version, loan_key=key, ref=ref, known=known) for ref, key in keys.items()}
    first = loans[refs[0]]
    for ref, one in loans.items():
        if one.person_id != first.person_id:
            raise NotOneDebtor(refs[0], ref)
        if one.currency != first.currency:
            raise NotOneCurrency(refs[0], ref)
    secured = secured_of(store, version, list(keys.values()), known)
    debts = [debt_of(ref, one, day, known, secured=secured[one.loan_key]) for ref, one in loans.items()]
    shares, left = share_over_debts(minor, debts, designated)
    return Shared(Money(minor, first.currency), tuple(debts), tuple(shares), left)


def secured_of(store: Store, version: BookVersion, keys: list[int], known: datetime) -> dict[int, bool]:
    """Which of some loans are secured, by loan key."""
    rows = store.scan(version, "loans").filter(pl.col("loan_key").is_in(keys) & (pl.col("known") <= known))
    newest = rows.sort("known").select("loan_key", "secured").collect().unique("loan_key", keep="last")
    return {key: bool(secured) for key, secured in newest.iter_rows()}


def debt_of(ref: str, one: BookLoan, day: date, known: datetime, *, secured: bool) -> Debt:
    """A loan as the law looks at it: the burden is the yearly rate in force that day that leaving it unpaid costs."""
    now, terms = reading(one.loan, day, known=known), one.loan.terms
    burden = now.rate_ppm
    if now.overdue and now.penalty_ppm:
        burden = now.penalty_ppm + (now.rate_ppm if terms.penalty_mode is PenaltyMode.BESIDE else 0)
    oldest = now.oldest_due or now.next_due or day
    return Debt(ref, now.due, max(now.settle - now.due, 0), secured, burden, oldest)
