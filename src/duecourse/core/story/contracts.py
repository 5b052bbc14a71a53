"""Lines that begin a loan or a card: its terms, named as in `contract.Terms`, and its schedule."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from duecourse.core.contract import (
    CardInterest,
    Category,
    CompoundOn,
    EarlyMoney,
    FirstPeriod,
    GraceMode,
    LevelFrom,
    Method,
    PenaltyBase,
    PenaltyMode,
    PenaltyRounding,
    RecastPenalty,
    ReversalMode,
    Terms,
    Walk,
    faults,
)
from duecourse.core.days import EVERY_DAY, Calendar, DayCount, HolidayShift, add_months, days_between
from duecourse.core.events import GridRow
from duecourse.core.money import EXPONENTS
from duecourse.core.schedule import grid
from duecourse.core.story.words import AMOUNT, RATE, Unreadable, Words, day_of
from duecourse.trouble import N_

if TYPE_CHECKING:
    from collections.abc import Callable

PERIODS = {
    "monthly": (1, 0), "quarterly": (3, 0), "half-yearly": (6, 0), "yearly": (12, 0),
    "daily": (0, 1), "weekly": (0, 7), "fortnightly": (0, 14),
}  # fmt: skip
"""Months and days of a period. A period of n days is written ``every-n-days``."""


def _order(words: Words) -> tuple[Category, ...]:
    return tuple(words.members(Category, N_("a category")))


def _yes(words: Words) -> bool:
    return words.name(("yes", "no"), N_("yes or no")) == "yes"


OPTIONS: dict[str, tuple[str, Callable[[Words], Any]]] = {
    "day-count": ("day_count", lambda w: w.member(DayCount, N_("a day count"))),
    "level-from": ("level_from", lambda w: w.member(LevelFrom, N_("where the level comes from"))),
    "first-period": ("first_period", lambda w: w.member(FirstPeriod, N_("a first period"))),
    "holiday-shift": ("holiday_shift", lambda w: w.member(HolidayShift, N_("a holiday shift"))),
    "holiday-interest": ("holiday_interest", _yes),
    "penalty": ("penalty_ppm", Words.rate),
    "penalty-mode": ("penalty_mode", lambda w: w.member(PenaltyMode, N_("a penalty mode"))),
    "penalty-base": ("penalty_base", lambda w: w.member(PenaltyBase, N_("a penalty base"))),
    "penalty-rounding": ("penalty_rounding", lambda w: w.member(PenaltyRounding, N_("a rounding"))),
    "compound": ("compound_ppm", Words.rate),
    "compound-on": ("compound_on", lambda w: w.member(CompoundOn, N_("what compound interest is charged on"))),
    "settlement-day": ("settlement_day", Words.number),
    "grace-days": ("grace_days", Words.number),
    "dpd-grace": ("dpd_grace", lambda w: w.member(GraceMode, N_("a grace mode"))),
    "penalty-grace": ("penalty_grace", lambda w: w.member(GraceMode, N_("a grace mode"))),
    "tolerance": ("tolerance_minor", Words.amount),
    "materiality": ("materiality_minor", Words.amount),
    "materiality-part": ("materiality_ppm", Words.rate),
    "order": ("order", _order),
    "walk": ("walk", lambda w: w.member(Walk, N_("a walk"))),
    "late-order": ("late_order", _order),
    "late-order-from-dpd": ("late_order_from_dpd", Words.number),
    "early-money": ("early_money", lambda w: w.member(EarlyMoney, N_("what early money does"))),
    "reversal": ("reversal", lambda w: w.member(ReversalMode, N_("a reversal mode"))),
    "recast-penalty": ("recast_penalty", lambda w: w.member(RecastPenalty, N_("what a restructure does to penalty"))),
    "card-interest": ("card_interest", lambda w: w.member(CardInterest, N_("a card interest"))),
    "card-minimum": ("card_minimum_ppm", Words.rate),
    "card-floor": ("card_minimum_floor", Words.amount),
    "card-late-fee": ("card_late_fee_ppm", Words.rate),
}
"""Word of an option, the field of `Terms` it sets, and how its value is read."""


@dataclass(slots=True)
class _Draft:
    """What a contract line has said so far."""

    start: date
    values: dict[str, Any] = field(default_factory=dict)
    count: int = 0
    first_due: date | None = None
    due_day: int = 0
    rows: tuple[GridRow, ...] = ()
    calendar: Calendar = EVERY_DAY
    drawn: bool = True


def rows_of(words: Words, *, start: date, day_count: DayCount) -> tuple[GridRow, ...]:
    """``row DAY PRINCIPAL [INTEREST [FEE]] [days N]``, as often as it stands; days are counted where not given."""
    rows: list[GridRow] = []
    while words.took("row"):
        due = words.day()
        amounts = [words.amount()]
        while len(amounts) < 3 and AMOUNT.fullmatch(words.ahead):
            amounts.append(words.amount())
        before = rows[-1].due if rows else start
        days = words.number() if words.took("days") else max(days_between(before, due, day_count), 0)
        rows.append(GridRow(due, days, *amounts))
    return tuple(rows)


def period(word: str) -> tuple[int, int] | None:
    """Months and days of a period from its word; None for any other word."""
    if word.startswith("every-") and word.endswith("-days") and word[6:-5].isdigit():
        return 0, int(word[6:-5])
    return PERIODS.get(word)


def _calendar(words: Words) -> Calendar:
    """``rest weekends``, or ``rest`` with days and spans of days (``A..B``, B included) parted by commas."""
    if words.took("weekends"):
        return Calendar("weekends", frozenset(), date.max, date.min)
    rest: set[date] = set()
    for part in words.take(N_("rest days")).split(","):
        first, _, last = part.partition("..")
        day, until = day_of(first), day_of(last or first)
        rest.update(day + timedelta(days=n) for n in range((until - day).days + 1))
    return Calendar("the story's rest days", frozenset(rest), date.min, date.max)


def _read(words: Words, draft: _Draft) -> None:
    while words:
        word = words.ahead
        if word == "row":
            day_count = draft.values.get("day_count", DayCount.THIRTY_360)
            draft.rows = rows_of(words, start=draft.start, day_count=day_count)
        elif word.isdigit():
            draft.count = words.number()
            spelled = words.take(N_("a period"))
            found = period(spelled)
            if found is None:
                raise Unreadable(
                    N_("{word!r} is not a period; one of: {known}, every-N-days"),
                    word=spelled,
                    known=", ".join(PERIODS),
                )
            draft.values["period_months"], draft.values["period_days"] = found
        elif RATE.fullmatch(word):
            draft.values["rate_ppm"] = words.rate()
        elif words.took("first-due"):
            draft.first_due = words.day()
        elif words.took("due-day"):
            draft.due_day = words.number()
        elif words.took("rest"):
            draft.calendar = _calendar(words)
        elif words.took("undrawn"):
            draft.drawn = False
        elif word in OPTIONS:
            words.took(word)
            name, read = OPTIONS[word]
            draft.values[name] = read(words)
        else:
            draft.values["method"] = words.member(Method, N_("a method, a rate, a count of periods or an option"))


def loan(words: Words, start: date) -> tuple[Terms, tuple[GridRow, ...], int]:
    """``AMOUNT CURRENCY COUNT PERIOD RATE METHOD [options]``: terms, schedule, and the amount drawn (0: undrawn)."""
    spelled = words.take(N_("an amount"))
    words.currency = words.name(EXPONENTS, N_("a currency"))
    amount = Words([spelled], words.currency).amount()
    draft = _Draft(start)
    _read(words, draft)
    if draft.rows:
        draft.values.setdefault("method", Method.FREE)
    elif not draft.count:
        raise Unreadable(N_("a loan needs a count of periods (12 monthly) or rows"))
    terms = _terms(words, draft)
    if draft.rows:
        return terms, draft.rows, amount if draft.drawn else 0
    months, days = terms.period_months, terms.period_days
    first_due = draft.first_due or (add_months(start, months) if months else start + timedelta(days=days))
    due_day = draft.due_day or (first_due.day if draft.first_due else start.day)
    rows = grid(terms, start=start, first_due=first_due, count=draft.count, due_day=due_day, calendar=draft.calendar)
    return terms, rows, amount if draft.drawn else 0


def card(words: Words, start: date) -> tuple[Terms, tuple[GridRow, ...], int]:
    """``CURRENCY RATE COUNT cycles pay-after DAYS [options]``: a statement each month on the day of the line."""
    words.currency = words.name(EXPONENTS, N_("a currency"))
    draft = _Draft(start, {"method": Method.CARD, "rate_ppm": words.rate(), "day_count": DayCount.ACT_365})
    cycles = words.number()
    words.keyword("cycles")
    words.keyword("pay-after")
    days = words.number()
    _read(words, draft)
    rows = (GridRow(add_months(start, n) + timedelta(days=days), days) for n in range(1, cycles + 1))
    return _terms(words, draft), tuple(rows), 0


def _terms(words: Words, draft: _Draft) -> Terms:
    values = {"rate_ppm": 0, "currency": words.currency, **draft.values}
    if "method" not in values:
        raise Unreadable(N_("the repayment method is missing; one of: {known}"), known=", ".join(Method))
    terms = Terms(**values)
    for name, reason in faults(terms):
        raise Unreadable(N_("{name}: {reason}"), name=name, reason=reason)
    return terms


def replanned(words: Words, terms: Terms, *, start: date) -> tuple[tuple[GridRow, ...], bool]:
    """The new schedule of a restructure: ``COUNT PERIOD [first-due DAY]``, or rows with amounts (then True)."""
    if words.ahead == "row":
        return rows_of(words, start=start, day_count=terms.day_count), True
    count = words.number()
    if period(words.take(N_("a period"))) != (terms.period_months, terms.period_days):
        raise Unreadable(N_("a new schedule keeps the contract's period; another one is given row by row"))
    months, days = terms.period_months, terms.period_days
    first_due, due_day = (add_months(start, months) if months else start + timedelta(days=days)), start.day
    if words.took("first-due"):
        first_due = words.day()
        due_day = first_due.day
    method = Method.EQUAL_INSTALMENT if terms.method is Method.FREE else terms.method
    anew = replace(terms, method=method, holiday_shift=HolidayShift.NONE)
    return grid(anew, start=start, first_due=first_due, count=count, due_day=due_day), False
