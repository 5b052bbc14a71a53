"""Lines that say what happened to a loan: one verb for each kind of event."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from duecourse.core.contract import Category, Terms
from duecourse.core.events import PAUSE_DPD, PAUSE_INTEREST, PAUSE_PENALTY, Event, Kind
from duecourse.core.story.contracts import replanned, rows_of
from duecourse.trouble import N_

if TYPE_CHECKING:
    from collections.abc import Callable

    from duecourse.core.story.words import Words

PAUSES = {"interest": PAUSE_INTEREST, "penalty": PAUSE_PENALTY, "dpd": PAUSE_DPD}
BALANCES = ("due", "interest", "fee", "penalty", "compound")


def learnt(day: date, line: int) -> datetime:
    """The instant at which a line's fact was learnt: that day, in the order of the lines."""
    return datetime.combine(day, time(), UTC) + timedelta(microseconds=line)


def happening(verb: str, words: Words, *, day: date, terms: Terms, line: int) -> Event:
    """The event that a line tells; ``known DAY`` and ``ref NAME`` may end the line. Raises `Unreadable`."""
    kind, read = VERBS[verb]
    event = read(Event(kind=kind, effective=day, known=learnt(day, line), ref=f"line {line:04}"), words, terms)
    while words:
        if words.took("known"):
            event = replace(event, known=learnt(words.day(), line))
        elif words.took("ref"):
            event = replace(event, ref=words.take(N_("a reference")))
        else:
            words.end()
    return event


def _amount(event: Event, words: Words, _terms: Terms) -> Event:
    return replace(event, amount=words.amount())


def _fee(event: Event, words: Words, _terms: Terms) -> Event:
    return replace(event, amount=words.amount(), parts=(Category.FEE,))


def _cost(event: Event, words: Words, _terms: Terms) -> Event:
    return replace(event, amount=words.amount(), parts=(Category.COST,))


def _target(event: Event, words: Words, _terms: Terms) -> Event:
    return replace(event, target=words.take(N_("the reference of what is reversed")))


def _rates(event: Event, words: Words, _terms: Terms) -> Event:
    rate, default, compound = words.rate(), -1, -1
    if words.took("penalty"):
        default = words.rate()
    if words.took("compound"):
        compound = words.rate()
    return replace(event, amount=rate, parts=(default, compound))


def _days(event: Event, words: Words, _terms: Terms) -> Event:
    return replace(event, amount=words.number())


def _pause(event: Event, words: Words, _terms: Terms) -> Event:
    bits = 0
    while words.ahead in PAUSES or not bits:
        bits |= PAUSES[words.name(PAUSES, N_("what is paused"))]
    return replace(event, parts=(bits,), until=words.day() if words.took("until") else event.until)


def _waive(event: Event, words: Words, _terms: Terms) -> Event:
    category = words.member(Category, N_("a category"))
    return replace(event, parts=(category,), amount=-1 if words.took("all") else words.amount())


def _prepay(event: Event, words: Words, _terms: Terms) -> Event:
    minor = words.amount()
    shorter = words.name(("term", "instalment"), N_("what gets less: term or instalment")) == "term"
    return replace(event, amount=minor, parts=(int(shorter),))


def _extend(event: Event, words: Words, _terms: Terms) -> Event:
    span = {"months": 0, "days": 0}
    while words.ahead.isdigit() or not any(span.values()):
        number = words.number()
        span[words.name(span, N_("months or days"))] = number
    charged = words.name(("with-interest", "without-interest"), N_("with-interest or without-interest"))
    return replace(event, parts=(span["months"], span["days"], int(charged == "with-interest")))


def _restructure(event: Event, words: Words, terms: Terms) -> Event:
    rate = words.rate()
    bits = 0
    if words.took("capitalise"):
        bits = sum(1 << category for category in set(words.members(Category, N_("a category"))))
    rows, given = replanned(words, terms, start=event.effective)
    return replace(event, amount=rate, parts=(bits, int(given)), grid=rows)


def _rows(event: Event, words: Words, terms: Terms) -> Event:
    if words.took("ends"):
        return event
    if words.ahead != "row":
        words.keyword("row")
    return replace(event, grid=rows_of(words, start=event.effective, day_count=terms.day_count))


def _opening(event: Event, words: Words, _terms: Terms) -> Event:
    words.keyword("not-due")
    event = replace(event, amount=words.amount())
    balances = dict.fromkeys(BALANCES, 0)
    while words.ahead in balances:
        balance = words.take(N_("a balance"))
        balances[balance] = words.amount()
    if words.took("since"):
        event = replace(event, until=words.day())
    return replace(event, parts=tuple(balances.values()) if any(balances.values()) else ())


def _plain(event: Event, _words: Words, _terms: Terms) -> Event:
    return event


VERBS: dict[str, tuple[Kind, Callable[[Event, Words, Terms], Event]]] = {
    "pay": (Kind.PAYMENT, _amount),  # AMOUNT
    "reverse": (Kind.REVERSAL, _target),  # REF of an earlier line
    "draw": (Kind.DRAWDOWN, _amount),  # AMOUNT
    "buy": (Kind.DRAWDOWN, _amount),  # AMOUNT, with a card
    "schedule": (Kind.INSTALMENT_SET, _rows),  # row DAY PRINCIPAL [INTEREST [FEE]] [days N] ...
    "fee": (Kind.FEE, _fee),  # AMOUNT
    "cost": (Kind.FEE, _cost),  # AMOUNT
    "rate": (Kind.RATE_CHANGE, _rates),  # RATE [penalty RATE] [compound RATE]
    "grace": (Kind.GRACE, _days),  # DAYS
    "pause": (Kind.PAUSE, _pause),  # interest|penalty|dpd ... [until DAY]
    "waive": (Kind.WAIVER, _waive),  # CATEGORY AMOUNT|all
    "prepay": (Kind.PREPAYMENT, _prepay),  # AMOUNT term|instalment
    "extend": (Kind.EXTENSION, _extend),  # N months|days ... with-interest|without-interest
    "re-age": (Kind.RE_AGE, _plain),
    "restructure": (Kind.RESTRUCTURE, _restructure),  # RATE [capitalise CATEGORY,...] COUNT PERIOD | row ...
    "plan": (Kind.PLAN, _rows),  # row DAY AMOUNT ... | ends
    "accelerate": (Kind.ACCELERATION, _plain),
    "write-off": (Kind.WRITE_OFF, _plain),
    "recover": (Kind.RECOVERY, _amount),  # AMOUNT
    "sell": (Kind.SALE, _plain),
    "opening": (Kind.OPENING, _opening),  # not-due AMOUNT [due|interest|fee|penalty|compound AMOUNT ...] [since DAY]
    "collateral": (Kind.COLLATERAL_NOTE, _plain),
    "guarantee": (Kind.GUARANTEE_NOTE, _plain),
}
"""Each verb, the kind of event it tells, and what follows the loan's name."""
