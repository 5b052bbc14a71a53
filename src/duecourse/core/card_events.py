"""What each kind of event does to a card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from duecourse.core.card import CardFold, Purchase, Statement, account
from duecourse.core.contract import Category
from duecourse.core.days import FAR
from duecourse.core.events import PAUSE_DPD, PAUSE_INTEREST, PAUSE_PENALTY, Event, Kind
from duecourse.core.explain import ACCOUNT, Account

if TYPE_CHECKING:
    from collections.abc import Callable


def purchase(fold: CardFold, event: Event) -> None:
    """Draw an amount; after the last cycle of the contract it is billed with that cycle's purchases."""
    fold.drawn = True
    statement = fold.current() or fold.statements[-1]
    statement.purchases.append(Purchase(event.amount, fold.rate_days, fold.day))
    fold.note("drawdown", {Account.NOT_DUE: event.amount}, statement.number, event.ref)


def opening(fold: CardFold, event: Event) -> None:
    """Take a card over in mid-life: an unmet minimum with its oldest payment day, and a revolving balance."""
    principal, interest, fee, _, _ = event.parts or (0, 0, 0, 0, 0)
    _wipe(fold, "superseded", event.ref)
    fold.drawn = True
    fold.statements = [s for s in fold.statements if fold.statement_day(s) > event.effective]
    due = event.until if event.until < FAR else event.effective
    taken = Statement(0, due, due, issued=True, judged=True, revolving=True, interest=interest, fee=fee)
    taken.purchases = [Purchase(principal + event.amount, fold.rate_days, fold.day)]
    taken.minimum = principal + interest + fee
    taken.full = taken.minimum + event.amount
    fold.statements.insert(0, taken)
    moves = {Account.NOT_DUE: principal + event.amount, Account.INTEREST: interest, Account.FEE: fee}
    fold.note("opening", moves, 0, event.ref)


def fee(fold: CardFold, event: Event) -> None:
    """Charge a fee or cost; the next statement bills it."""
    category = Category(event.parts[0])
    if category is Category.COST:
        fold.cost += event.amount
    else:
        fold.fee += event.amount
    fold.note("charged", {ACCOUNT[category]: event.amount}, None, event.ref)


def rate_change(fold: CardFold, event: Event) -> None:
    """Let a new rate hold from today."""
    fold.rate_ppm = event.amount
    fold.note("rate_changes", {}, None, event.ref)


def switch(fold: CardFold, event: Event, step: int) -> None:
    """Begin or end a pause of interest, late fees or the day counter."""
    bits = event.parts[0]
    fold.interest_pauses += step if bits & PAUSE_INTEREST else 0
    fold.penalty_pauses += step if bits & PAUSE_PENALTY else 0
    fold.dpd_pauses += step if bits & PAUSE_DPD else 0
    fold.note("pause" if step > 0 else "pause_end", {}, None, event.ref)


def waiver(fold: CardFold, event: Event) -> None:
    """Give up part of a category, oldest statement first."""
    category = Category(event.parts[0])
    left = event.amount
    for statement in fold.statements:
        owed = statement.owed(category)
        taken = owed if event.amount < 0 else min(left, owed)
        if taken:
            left -= taken
            fold.note("waived", {account(category): -taken}, statement.number, event.ref)
            fold.take(statement, category, taken)


def money(fold: CardFold, event: Event) -> None:
    """Receive a payment."""
    fold.receive(event.amount, event.ref)


def re_age(fold: CardFold, event: Event) -> None:
    """Start the day counter anew; the minimum stays due."""
    for statement in fold.issued():
        statement.dpd_from = event.effective
    fold.note("re_aged", {}, None, event.ref)


def acceleration(fold: CardFold, event: Event) -> None:
    """Call everything due: what is billed becomes the minimum, what is not is billed today."""
    running = fold.current()
    if running:
        running.due = running.dpd_from = event.effective
        fold.issue(running)
    if fold.statements:
        billed = fold.issued()
        whole = sum(each.owed(category) for each in billed for category in Category)
        billed[-1].minimum += whole - sum(each.minimum for each in billed)
    fold.note("accelerated", {}, None, event.ref)


def plan(fold: CardFold, event: Event) -> None:
    """Agree a plan beside the contract, or end it."""
    fold.plan, fold.plan_base = event.grid, fold.paid_total
    fold.note("plan" if event.grid else "plan_ends", {}, None, event.ref)


def write_off(fold: CardFold, event: Event) -> None:
    """Note that the lender's accounts have given the card's balance up; the claim stays."""
    fold.written_off = True
    fold.note("written_off", {}, None, event.ref)


def sale(fold: CardFold, event: Event) -> None:
    """Let the claim pass to somebody else: nothing is owed to us from today."""
    _wipe(fold, "sold", event.ref)
    fold.statements = []
    fold.sold = True


def _wipe(fold: CardFold, what: str, ref: str) -> None:
    moves = {Account.CREDIT: -fold.credit, Account.FEE: -fold.fee, Account.COST: -fold.cost}
    for statement in fold.statements:
        for category in Category:
            at = account(category)
            moves[at] = moves.get(at, 0) - statement.owed(category)
    fold.note(what, moves, None, ref)
    fold.credit = fold.fee = fold.cost = fold.realised = 0
    fold.realised_spans.clear()
    for statement in fold.statements:
        statement.purchases.clear()
        statement.paid_interest = 0
        statement.paid_spans.clear()


def note(fold: CardFold, event: Event) -> None:
    """Keep a note; no amount changes. So it is for agreements that a card does not know."""
    word = event.kind.name.lower()
    fold.note(
        word if event.kind in {Kind.COLLATERAL_NOTE, Kind.GUARANTEE_NOTE} else "not_for_cards", {}, None, event.ref
    )


APPLY: dict[Kind, Callable[[CardFold, Event], None]] = {
    Kind.DRAWDOWN: purchase,
    Kind.OPENING: opening,
    Kind.PAYMENT: money,
    Kind.RECOVERY: money,
    Kind.PREPAYMENT: money,
    Kind.FEE: fee,
    Kind.RATE_CHANGE: rate_change,
    Kind.PAUSE: lambda fold, event: switch(fold, event, 1),
    Kind.PAUSE_END: lambda fold, event: switch(fold, event, -1),
    Kind.WAIVER: waiver,
    Kind.RE_AGE: re_age,
    Kind.ACCELERATION: acceleration,
    Kind.PLAN: plan,
    Kind.WRITE_OFF: write_off,
    Kind.SALE: sale,
}
"""What each kind does to a card; the kinds that are not here leave a note (import refuses them for cards)."""
