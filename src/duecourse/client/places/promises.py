"""The operations of the API: promises.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from duecourse.client.asking import Asking
from duecourse.client.shapes.promises import OnePromise, PromiseMade, Promises
from duecourse.client.shapes.words import WhyAnew


class PromisesPlaces(Asking):
    """Operations: promises; what is left None is not sent."""

    def record_promise(
        self,
        case: str,
        *,
        amount_minor: int,
        currency: Literal[
            "AUD",
            "BRL",
            "CAD",
            "CHF",
            "CNY",
            "EUR",
            "GBP",
            "HKD",
            "IDR",
            "INR",
            "JPY",
            "KRW",
            "KWD",
            "MOP",
            "MXN",
            "NGN",
            "PHP",
            "SGD",
            "TWD",
            "USD",
            "VND",
            "ZAR",
        ],
        due: date,
        person: str | None = None,
        contact: str | None = None,
        key: str | None = None,
    ) -> PromiseMade:
        """Record a promise to pay."""
        return self._asked(
            PromiseMade,
            "POST",
            self._at("/cases/{case}/promises", case),
            must={"amount_minor": amount_minor, "currency": currency, "due": due},
            may={"person": person, "contact": contact},
            key=key,
            keyed=True,
        )

    def list_promises(
        self, *, first: date | None = None, last: date | None = None, cursor: str | None = None, most: int | None = None
    ) -> Promises:
        """List the promises that stand, by due day, with what the payments make of each."""
        return self._asked(
            Promises,
            "GET",
            self._at("/promises"),
            params={"first": first, "last": last, "cursor": cursor, "most": most},
            again=True,
        )

    def get_promise(self, promise: str) -> OnePromise:
        """Get a promise with what became of it, and every payment that was looked at."""
        return self._asked(OnePromise, "GET", self._at("/promises/{promise}", promise), again=True)

    def renegotiate_promise(
        self,
        promise: str,
        *,
        amount_minor: int,
        currency: Literal[
            "AUD",
            "BRL",
            "CAD",
            "CHF",
            "CNY",
            "EUR",
            "GBP",
            "HKD",
            "IDR",
            "INR",
            "JPY",
            "KRW",
            "KWD",
            "MOP",
            "MXN",
            "NGN",
            "PHP",
            "SGD",
            "TWD",
            "USD",
            "VND",
            "ZAR",
        ],
        due: date,
        why: WhyAnew,
        contact: str | None = None,
        key: str | None = None,
    ) -> PromiseMade:
        """Agree on another amount or day in place of a promise that stands."""
        return self._asked(
            PromiseMade,
            "POST",
            self._at("/promises/{promise}/renegotiation", promise),
            must={"amount_minor": amount_minor, "currency": currency, "due": due, "why": why},
            may={"contact": contact},
            key=key,
            keyed=True,
        )

    def withdraw_promise(self, promise: str) -> PromiseMade:
        """Note that a promise was withdrawn by who gave it."""
        return self._asked(PromiseMade, "POST", self._at("/promises/{promise}/withdrawal", promise), again=False)
