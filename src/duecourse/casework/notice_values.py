"""What goes into the slots of a template for one party: from register, book and letterhead, never from a caller.

Only what no register has is said by whoever issues: the next step as it was decided, the terms of an offer. A slot that
nothing fills is named with the place where its value comes from, and nothing is issued.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from duecourse.casework.letterhead import OF_FIRM, OF_LENDER
from duecourse.casework.notice_figures import Figures
from duecourse.casework.permit import Sender
from duecourse.casework.scripts import tail
from duecourse.core.money import plain
from duecourse.law.fact import nearest
from duecourse.law.templates import Template
from duecourse.storage.lenders import Lender
from duecourse.storage.letterhead import Line
from duecourse.trouble import N_, BadInput, Said

SAID: Mapping[str, str] = {
    "next_step": N_("What happens next, as it has been decided"),
    "plan_terms": N_("Terms of the plan offered"),
    "amount_offer": N_("Amount of the plan or settlement, with currency"),
    "amount_then": N_("Amount on the itemization day, with currency"),
    "changes_since": N_("Interest, fees, payments and credits since the itemization day"),
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
"""Those of `SAID` that are days."""

SAID_MAX = 500
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


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
            template=template.id, slot=slot, slots=", ".join(one for one in SAID if one in template.slots) or "–",
        )  # fmt: skip


class ValuesLacking(BadInput):
    """A template has slots that nothing fills."""

    def __init__(self, template: str, lacking: Collection[str], firm: str) -> None:
        self.lacking = tuple(lacking)
        lines = [one for one in lacking if one not in SAID and one in (*OF_LENDER, *(OF_FIRM if firm else ()))]
        unsaid = [one for one in lacking if one in SAID]
        others = [one for one in lacking if one not in lines and one not in unsaid]
        super().__init__(
            N_("{template} cannot be filled; nothing was issued.{lines}{unsaid}{others}"),
            template=template,
            lines=_lacks(N_(" Not entered as lines of letters (`duecourse letterhead enter`): {slots}."), lines),
            unsaid=_lacks(N_(" Not said by whoever issues: {slots}."), unsaid),
            others=_lacks(N_(" Not on file: {slots}."), others),
        )


def _lacks(sentence: str, slots: Sequence[str]) -> str:
    return Said(sentence, slots=", ".join(slots)) if slots else ""


@dataclass(frozen=True, slots=True)
class Addressee:
    """The party as the letter addresses it: in clear where it is issued, masked where it is tried."""

    name: str
    id_masked: str
    address: str = ""


def values(
    template: Template,
    *,
    lender: Lender,
    figures: Figures,
    lines: Mapping[str, Line],
    sender: Sender,
    to: Addressee,
    issued_on: date,
    said: Mapping[str, str],
) -> dict[str, str]:
    """The values of a template's slots, and whose letter of which day it is.

    Raises `NotSaid`, `NoSuchSlot`, `ValuesLacking`.
    """
    for slot, text in said.items():
        if slot in SAID and slot not in template.slots:
            raise NoSuchSlot(template, slot)
        if slot not in SAID or len(text) > SAID_MAX or _CONTROLS.search(text):
            raise NotSaid(slot)
    known = {
        **{name: line.value for name, line in lines.items()},
        "lender": lender.name,
        "salutation": to.name,
        "debtor": to.name,
        "debtor_id": to.id_masked,
        "postal_address": to.address,
        "issued_on": issued_on.isoformat(),
        "collector": sender.staff,
        "staff_no": sender.staff,
        **_owed(figures),
        **{slot: text.strip() for slot, text in said.items()},
    }
    found = {slot: known.get(slot, "").strip() for slot in template.slots}
    lacking = [slot for slot, value in found.items() if not value]
    if lacking:
        raise ValuesLacking(template.id, lacking, sender.firm)
    return {**found, "lender": lender.name, "issued_on": issued_on.isoformat()}


def _owed(found: Figures) -> dict[str, str]:
    def money(minor: int) -> str:
        return f"{plain(minor, found.currency)} {found.currency}"

    paid = found.payments[-1] if found.payments else None
    return {
        "loan_tail": ", ".join(tail(one) for one in found.refs),
        "amount_due": money(found.due),
        "principal_due": money(found.principal),
        "interest_due": money(found.interest),
        "fees_due": money(found.charges),
        "as_of": found.day.isoformat(),
        "days_past_due": str(found.dpd),
        "due_day": found.due_day.isoformat() if found.due_day else "",
        "amount_paid": money(paid.amount) if paid else "",
        "paid_on": paid.effective.isoformat() if paid else "",
        "payment_ref": paid.ref[-8:] if paid else "",
        "schedule": _schedule(found, money),
    }


def _schedule(found: Figures, money: Callable[[int], str]) -> str:
    """The instalments of the agreed plan, a line each: number, day, amount."""
    rows = found.plan.grid if found.plan else ()
    return "\n".join(f"{number}|{row.due.isoformat()}|{money(row.principal)}" for number, row in enumerate(rows, 1))
