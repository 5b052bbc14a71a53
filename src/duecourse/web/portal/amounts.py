"""An amount as a borrower types it."""

from __future__ import annotations

from duecourse.core.money import Money, exponent
from duecourse.web.visit import NotAFieldValue, Visit


def amount(visit: Visit) -> Money:
    """An amount of the form, in the lender's currency. Raises `NotAFieldValue`."""
    currency = visit.lender.currency
    whole, _dot, rest = visit.text("amount").replace(",", "").replace("，", "").partition(".")
    places = exponent(currency)
    if not whole.isdecimal() or not whole.isascii() or (rest and not (rest.isdecimal() and rest.isascii())):
        raise NotAFieldValue("amount")
    if len(rest) > places or len(whole) > 11:
        raise NotAFieldValue("amount")
    return Money(int(whole + rest.ljust(places, "0")), currency)
