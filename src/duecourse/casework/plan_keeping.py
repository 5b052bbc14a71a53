"""How a signed plan is kept: what it asked so far, what was paid since it began, what is open, how late it is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from duecourse.book.store import Store
from duecourse.casework.ledger import Read, read_loan
from duecourse.storage.connection import Tx
from duecourse.storage.plans import Plan


@dataclass(frozen=True, slots=True)
class Standing:
    """How a signed plan is kept on a day: what it asked so far, what came, how late the oldest open payment is."""

    plan: Plan
    asked: int
    paid: int
    days_late: int
    open: tuple[tuple[date, int], ...]  # of each payment, what has not come; payments that came whole are left out

    @property
    def partly(self) -> bool:
        """Whether something of what was asked came, and not all."""
        return 0 < self.paid < self.asked


def standing(tx: Tx, store: Store, plan: Plan, *, day: date, now: datetime) -> Standing:
    """How a plan is kept, by what was paid since it began."""
    return kept_by(plan, read_loan(tx, store, loan_key=plan.loan_key, now=now), day)


def kept_by(plan: Plan, read: Read, day: date) -> Standing:
    """The same for a loan that was read already. What came counts for the oldest payment first."""
    began = [one for one in read.loan.events if one.ref == f"plan-{plan.plan_id}-plan"]
    before = read.on(plan.as_of).paid_total if began else 0
    payments = [(date.fromisoformat(due), int(minor)) for due, minor in json.loads(plan.content)["payments"]]
    found, open_ = read.on(day), []
    paid = left = found.paid_total - before
    for due, minor in payments:
        if minor > left:
            open_.append((due, minor - max(left, 0)))
        left = max(left - minor, 0)
    return Standing(
        plan, sum(minor for due, minor in payments if due <= day), paid, found.plan_dpd, tuple(open_)
    )  # fmt: skip
