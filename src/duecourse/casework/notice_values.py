"""What goes into the slots of a template for one party: from register, book and letterhead, never from a caller.

Only what no register has is said by whoever issues: the next step as it was decided, the terms of an offer. A slot that
nothing fills is named with the place where its value comes from, and nothing is issued.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from duecourse.casework.acceleration import CURE_DAYS
from duecourse.casework.letterhead import OF_FIRM, OF_LENDER
from duecourse.casework.notice_figures import Figures
from duecourse.casework.notice_said import SAID, checked
from duecourse.casework.permit import Sender
from duecourse.casework.scripts import tail
from duecourse.core.money import plain
from duecourse.law.templates import Template
from duecourse.law.terms import SenderType
from duecourse.storage.lenders import Lender
from duecourse.storage.letterhead import Line
from duecourse.storage.promises import Promise
from duecourse.trouble import N_, BadInput, Said


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
    lang: str,
    promise: Promise | None = None,
) -> dict[str, str]:
    """The values of a template's slots, and whose letter of which day it is.

    Raises `NotSaid`, `NoSuchSlot`, `CannotBe`, `ValuesLacking`.
    """
    told = checked(template, said, figures=figures, today=issued_on)
    known = {
        **{name: line.value for name, line in lines.items()},
        "lender": lender.name,
        "salutation": to.name,
        "debtor": to.name,
        "debtor_id": to.id_masked,
        "postal_address": to.address,
        "issued_on": issued_on.isoformat(),
        "collector": _who(sender, lang, numbered="staff_no" not in template.slots),
        "staff_no": sender.staff,
        **_promised(promise),
        **_owed(figures, planned=template.document == "plan_confirmation"),
        **told,
    }
    found = {slot: known.get(slot, "").strip() for slot in template.slots}
    lacking = [slot for slot, value in found.items() if not value]
    if lacking:
        raise ValuesLacking(template.id, lacking, sender.firm)
    return {**found, "lender": lender.name, "issued_on": issued_on.isoformat(), "postal_address": to.address}


STAFF: Mapping[SenderType, Mapping[str, str]] = {
    SenderType.LENDER: {"zh": "本机构工作人员", "en": "a member of our staff"},
    SenderType.AGENCY: {"zh": "受托机构工作人员", "en": "a member of the agency's staff"},
    SenderType.LAW_FIRM: {"zh": "律师事务所工作人员", "en": "a member of the law firm's staff"},
}
"""Who handles a notice, as it says so: the register knows staff by number, so a notice names role and number."""


def _who(sender: Sender, lang: str, *, numbered: bool) -> str:
    """Whoever handles it by role; with the number where the text has no place of its own for it."""
    if not sender.staff:
        return ""
    number = {"zh": f"（工号{sender.staff}）", "en": f" (staff no. {sender.staff})"}[lang] if numbered else ""
    return STAFF[sender.type][lang] + number


def _promised(promise: Promise | None) -> dict[str, str]:
    """The word that was given and stands, as it was given; nothing where none does."""
    if promise is None:
        return {}
    amount = f"{plain(promise.amount_minor, promise.currency)} {promise.currency}"
    return {"amount_promised": amount, "promised_day": promise.due_day.isoformat()}


def _owed(found: Figures, *, planned: bool) -> dict[str, str]:
    def money(minor: int) -> str:
        return f"{plain(minor, found.currency)} {found.currency}"

    paid = found.payments[-1] if found.payments else None
    return {
        "loan_tail": ", ".join(tail(one) for one in found.refs),
        "amount_due": money(found.due),
        "not_due": money(found.not_due),
        "cure_days": str(CURE_DAYS),
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
        "amount_offer": money(sum(row.principal for row in found.plan.grid)) if planned and found.plan else "",
    }


def _schedule(found: Figures, money: Callable[[int], str]) -> str:
    """The instalments of the agreed plan, a line each: number, day, amount."""
    rows = found.plan.grid if found.plan else ()
    return "\n".join(f"{number}|{row.due.isoformat()}|{money(row.principal)}" for number, row in enumerate(rows, 1))
