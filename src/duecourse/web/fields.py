"""What somebody typed or an address names: whole numbers, days and amounts, read or refused in words.

A refusal names the field as its label does and says which form is right.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date

from duecourse.core.money import EXPONENTS, Money
from duecourse.trouble import N_, BadInput

LABELS: Mapping[str, str] = {
    "amount": N_("Amount"),
    "before": N_("Before"),
    "capacity": N_("Cases a day"),
    "case": N_("Case"),
    "channel": N_("Channel"),
    "currency": N_("Currency"),
    "day": N_("Day"),
    "due": N_("By which day"),
    "file": N_("File"),
    "from": N_("From"),
    "job": N_("Job"),
    "kind": N_("Kind"),
    "leaves": N_("Leaves"),
    "loan": N_("Loan"),
    "most": N_("At most"),
    "number": N_("Number"),
    "outcome": N_("Outcome"),
    "person": N_("Person"),
    "reason": N_("Reason"),
    "stage": N_("Stages"),
    "to": N_("to"),
    "until": N_("Until"),
    "why": N_("Why"),
}
"""Fields of forms and addresses as their labels say them; another field is named as it is sent."""

WHOLE_MAX = 2**63
"""Numbers are smaller; so many the database keeps."""

_WHOLE = re.compile(r"-?[0-9]{1,19}")
_AMOUNT = re.compile(r"([0-9]{1,11})(?:\.([0-9]*))?")
_WIDE = str.maketrans({"，": ",", "．": ".", "。": "."})


class NotAFieldValue(BadInput):
    """Something in a form or address cannot be read."""

    def __init__(self, name: str, sentence: str = "", **values: object) -> None:
        super().__init__(
            sentence or N_("{field} cannot be read as it was sent; choose again"),
            field=LABELS.get(name, name), **values,
        )  # fmt: skip


def whole(text: str, name: str) -> int:
    """A whole number of less than 2^63. Raises `NotAFieldValue`.

    >>> whole("42", "case"), whole("-1", "case")
    (42, -1)
    """
    if not _WHOLE.fullmatch(text) or abs(int(text)) >= WHOLE_MAX:
        raise NotAFieldValue(name, N_("{field} takes a whole number in digits, such as 105"))
    return int(text)


def within(text: str, name: str, least: int, most: int) -> int:
    """A whole number from ``least`` to ``most``. Raises `NotAFieldValue`.

    >>> within("50", "most", 1, 500)
    50
    """
    number = whole(text, name)
    if not least <= number <= most:
        raise NotAFieldValue(
            name, N_("{field} takes a whole number from {least} to {most}"), least=least,
            most=most,
        )  # fmt: skip
    return number


def one_of(text: str, name: str, known: Collection[str]) -> str:
    """A word of a closed list. Raises `NotAFieldValue`.

    >>> one_of("M1", "stage", ["M0", "M1"])
    'M1'
    """
    if text not in known:
        raise NotAFieldValue(name, N_("{field} takes what the list has: {known}; choose again"), known=" ".join(known))
    return text


def wholes(text: str, name: str) -> list[int]:
    """Whole numbers, parted by commas or spaces. Raises `NotAFieldValue`."""
    return [whole(one, name) for one in text.translate(_WIDE).replace(",", " ").split()]


def day(text: str, name: str) -> date:
    """A day. Raises `NotAFieldValue`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotAFieldValue(name, N_("{field} takes a day, written as 2026-03-01")) from None


def money(text: str, name: str, currency: str) -> Money:
    """An amount as somebody types it, thousands parted by commas or not. Raises `NotAFieldValue`.

    >>> money("1,234.5", "amount", "CNY"), money("１２３４．５", "amount", "CNY")
    (Money(1,234.50 CNY), Money(1,234.50 CNY))
    """
    if currency not in EXPONENTS:
        raise NotAFieldValue("currency")
    places = EXPONENTS[currency]
    plain = unicodedata.normalize("NFKC", text).translate(_WIDE).replace(",", "").strip()
    found = _AMOUNT.fullmatch(plain)
    if found is None or len(found[2] or "") > places:
        raise NotAFieldValue(
            name,
            N_(
                "{field} takes an amount in digits, at most 11 before the point and {places} behind it, such as "
                "{example}"
            ),
            places=places, example=f"1234.{50:0<{places}}" if places else "1234",
        )  # fmt: skip
    return Money(int(found[1] + (found[2] or "").ljust(places, "0")), currency)
