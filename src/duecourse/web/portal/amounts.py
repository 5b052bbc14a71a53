"""An amount as a borrower types it."""

from __future__ import annotations

from duecourse.core.money import Money
from duecourse.web import fields
from duecourse.web.visit import Visit


def amount(visit: Visit) -> Money:
    """An amount of the form, in the lender's currency. Raises `NotAFieldValue`."""
    return fields.money(visit.text("amount"), "amount", visit.lender.currency)
