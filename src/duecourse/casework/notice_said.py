"""What whoever issues a notice says, since no register has it: each thing a day, an amount, rows of amounts, or words.

A day is a day of the calendar that can be so, an amount is exact and in the loan's currency, and both agree with the
book. What does not is refused with its rule, and nothing is made of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from duecourse.casework.notice_figures import Figures
from duecourse.core.money import MINOR_MAX, Money, exponent
from duecourse.law.fact import nearest
from duecourse.law.rulebook import rulebook
from duecourse.law.templates import Template
from duecourse.law.validation import validation
from duecourse.trouble import N_, BadInput, Said

SAID: Mapping[str, str] = {
    "next_step": N_("What happens next, as it has been decided"),
    "plan_terms": N_("Terms of the plan offered"),
    "amount_offer": N_("Amount of the plan or settlement, with currency"),
    "amount_then": N_("Amount on the itemization day, with currency"),
    "changes_since": N_("Interest, fees, payments and credits since the itemization day, a line each: words | amount"),
    "contact_person": N_("Form of address of the contact person"),
    "creditor_then": N_("Creditor on the itemization day"),
    "assigned_on": N_("Day on which the claim was assigned"),
    "reported_on": N_("Day on which it was reported to the credit register"),
    "valid_until": N_("Last day on which the offer can be accepted"),
    "itemization_day": N_("Itemization day"),
    "opt_out": N_("How to stop messages to this address"),
    "pay_link": N_("Page on which to pay; it names no debt"),
    "provider": N_("Another firm that works for the servicer"),
    "validation_end": N_("Last day of the validation period"),
}
"""Slots that whoever issues fills, since no register has them."""

DAYS = frozenset({"assigned_on", "itemization_day", "reported_on", "valid_until", "validation_end"})
AMOUNTS = frozenset({"amount_offer", "amount_then"})
ROWS = frozenset({"changes_since"})
FORMED = DAYS | AMOUNTS | ROWS
"""Those of `SAID` that are days, amounts, and rows of words and an amount; the others are words."""

SAID_MAX = 500
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_AMOUNT = re.compile(r"(-?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))? ?([A-Z]{3})")
_COLLECTOR = {"debt_collector": True, "consumer_debt": True}


class NotSaid(BadInput):
    """Something is said that nobody may say, or that no letter can print."""

    def __init__(self, slot: str) -> None:
        like = nearest(slot, list(SAID))
        super().__init__(
            N_("{slot} is not said by whoever issues{like}; what may be said, in at most {most} characters: {slots}"),
            slot=slot, like=like, most=SAID_MAX, slots=", ".join(SAID),
        )  # fmt: skip


class NoSuchSlot(BadInput):
    """Something is said for which the template has no place."""

    def __init__(self, template: Template, slot: str) -> None:
        super().__init__(
            N_("{template} has no place for {slot}; what whoever issues says in it: {slots}"),
            template=template.id, slot=slot, slots=", ".join(asked(template)) or "–",
        )  # fmt: skip


class CannotBe(BadInput):
    """A day or an amount that is none, or that the book or the calendar contradicts."""

    def __init__(self, slot: str, said: str, why: str) -> None:
        super().__init__(
            N_("{slot} ({means}) cannot be {said!r}: {why}. Nothing was made of the template"),
            slot=slot, means=Said(SAID[slot]), said=said, why=why,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Ground:
    template: Template
    figures: Figures
    today: date
    said: Mapping[str, str]

    def money(self, minor: int) -> str:
        return str(Money(minor, self.figures.currency))


def asked(template: Template) -> tuple[str, ...]:
    """What a template wants said by whoever issues, in the order of `SAID`; the sum of a plan comes from the book."""
    known = {"amount_offer"} if template.document == "plan_confirmation" else set()
    return tuple(slot for slot in SAID if slot in template.slots and slot not in known)


def checked(template: Template, said: Mapping[str, str], *, figures: Figures, today: date) -> dict[str, str]:
    """What is said, as it is printed. Raises `NotSaid`, `NoSuchSlot`, `CannotBe`."""
    told = {slot: text.replace("\r\n", "\n").strip() for slot, text in said.items()}
    for slot, text in told.items():
        if slot in SAID and slot not in template.slots:
            raise NoSuchSlot(template, slot)
        if slot not in SAID or len(text) > SAID_MAX or _CONTROLS.search(text):
            raise NotSaid(slot)
    on = _Ground(template, figures, today, told)
    return {slot: _typed(on, slot, text) if text else "" for slot, text in told.items()}


def stand_ins(template: Template, *, figures: Figures, today: date) -> dict[str, str]:
    """Days and amounts that can be, where a draft is only looked at."""
    money = _Ground(template, figures, today, {}).money
    found = dict.fromkeys(DAYS, today.isoformat()) | {
        "amount_offer": money(_planned(figures) if template.document == "plan_confirmation" else figures.settle),
        "amount_then": money(figures.due),
        "changes_since": f"–|{money(0)}",
        "validation_end": _validated(today).isoformat() if template.document == "validation_notice" else "",
    }
    return {slot: text for slot, text in found.items() if slot in template.slots and text}


def _typed(on: _Ground, slot: str, text: str) -> str:
    if slot in DAYS:
        return _day(on, slot, text).isoformat()
    if slot in AMOUNTS:
        return on.money(_amount(on, slot, text))
    return _rows(on, slot, text) if slot in ROWS else text


def _day(on: _Ground, slot: str, text: str) -> date:
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise CannotBe(slot, text, Said(N_("it is a day of the calendar, written as {day}"), day=on.today.isoformat()))
    if slot == "valid_until" and found < on.today:
        why = N_("an offer that is over cannot be accepted; it stands until {day} at least")
        raise CannotBe(slot, text, Said(why, day=on.today.isoformat()))
    if slot == "validation_end":
        if found < (first := _validated(on.today)):
            why = N_("the period of a notice of today runs until {day} at least (12 CFR 1006.34(b)(5))")
            raise CannotBe(slot, text, Said(why, day=first.isoformat()))
        return found
    if slot != "valid_until" and found > on.today:
        why = N_("what is yet to happen has not happened; it is {day} at the latest")
        raise CannotBe(slot, text, Said(why, day=on.today.isoformat()))
    last = on.figures.payments[-1].effective if on.figures.payments else None
    if slot == "reported_on" and last is not None and found < last:
        why = N_("the last payment came on {day}, and nothing was reported as paid before that")
        raise CannotBe(slot, text, Said(why, day=last.isoformat()))
    return found


def _validated(today: date) -> date:
    return validation(rulebook(jurisdiction="US"), today, _COLLECTOR).ends


def _amount(on: _Ground, slot: str, text: str) -> int:
    found, figures = minor_of(text, on.figures.currency), on.figures
    if found is None or not 0 < found <= MINOR_MAX:
        why = N_("it is an amount above zero in the currency of the loan, written as {amount}")
        raise CannotBe(slot, text, Said(why, amount=on.money(123_456)))
    if slot == "amount_offer" and on.template.document == "settlement_offer" and found > figures.settle:
        why = N_("{amount} would settle the loan on {day}, and no offer is above that")
        raise CannotBe(slot, text, Said(why, amount=on.money(figures.settle), day=figures.day.isoformat()))
    if slot == "amount_offer" and on.template.document == "plan_confirmation" and found != _planned(figures):
        why = N_("the instalments of the plan that stands add up to {amount}; it need not be said")
        raise CannotBe(slot, text, Said(why, amount=on.money(_planned(figures))))
    return found


def _rows(on: _Ground, slot: str, text: str) -> str:
    """Lines of words and an amount that lead from the amount then to the amount now."""
    rows, total = [], minor_of(on.said.get("amount_then", ""), on.figures.currency)
    for line in text.splitlines():
        words, bar, cell = line.rpartition("|")
        found = minor_of(cell.strip(), on.figures.currency)
        if not bar or not words.strip() or "|" in words or found is None or abs(found) > MINOR_MAX:
            why = N_("each line is words, | and an amount in the currency of the loan, such as {amount}")
            raise CannotBe(slot, line, Said(why, amount=on.money(123_456)))
        rows.append(f"{words.strip()}|{on.money(found)}")
        total = None if total is None else total + found
    if total is not None and total != on.figures.due:
        why = N_("with the amount on the itemization day it makes {sum}, but on {day} {amount} is due")
        raise CannotBe(
            slot, text,
            Said(why, sum=on.money(total), amount=on.money(on.figures.due), day=on.figures.day.isoformat()),
        )  # fmt: skip
    return "\n".join(rows)


def _planned(figures: Figures) -> int:
    return sum(row.principal for row in figures.plan.grid) if figures.plan else 0


def minor_of(text: str, currency: str) -> int | None:
    """The minor units of an amount that is written out in a currency, None where it is none.

    >>> minor_of("1,234.5 CNY", "CNY"), minor_of("-200.00 CNY", "CNY"), minor_of("12 JPY", "JPY")
    (123450, -20000, 12)
    >>> [minor_of(one, "CNY") for one in ("1.005 CNY", "12,34 CNY", "1.00", "1.00 USD", "一元")]
    [None, None, None, None, None]
    """
    found = _AMOUNT.fullmatch(text)
    places = exponent(currency)
    if found is None or found[4] != currency or not text.isascii() or len(found[3] or "") > places:
        return None
    return int(f"{found[1]}{found[2].replace(',', '')}{(found[3] or '').ljust(places, '0')}")
