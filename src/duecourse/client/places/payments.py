"""The operations of the API: payments.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from duecourse.client.asking import Asking
from duecourse.client.shapes.payments import (
    LinesMatched,
    LineState,
    Payment,
    PaymentLink,
    PaymentLinks,
    Payments,
    PlacedLine,
    RefundAsked,
    Suspense,
    WholePayment,
)


class PaymentsPlaces(Asking):
    """Operations: payments; what is left None is not sent."""

    def open_payment_link(
        self,
        case: str,
        *,
        amount_minor: int,
        minutes: int | None = None,
        loans: Sequence[str] | None = None,
        provider: str | None = None,
        key: str | None = None,
    ) -> PaymentLink:
        """Have a link made by which the borrower of a case pays."""
        return self._asked(
            PaymentLink,
            "POST",
            self._at("/cases/{case}/payment-links", case),
            must={"amount_minor": amount_minor},
            may={"minutes": minutes, "loans": loans, "provider": provider},
            key=key,
            keyed=True,
        )

    def list_payment_links(self, case: str, *, most: int | None = None) -> PaymentLinks:
        """List the payment links of the borrower of a case, the latest first."""
        return self._asked(
            PaymentLinks, "GET", self._at("/cases/{case}/payment-links", case), params={"most": most}, again=True
        )

    def list_suspense(self, *, cursor: str | None = None, most: int | None = None) -> Suspense:
        """List the lines of statements that wait, each with whose it may be; all masked."""
        return self._asked(Suspense, "GET", self._at("/suspense"), params={"cursor": cursor, "most": most}, again=True)

    def match_suspense(self, *, key: str | None = None) -> LinesMatched:
        """Look at all lines that wait: whose payment each is, or may be."""
        return self._asked(LinesMatched, "POST", self._at("/suspense/matching"), key=key, keyed=True)

    def place_line(
        self,
        line: str,
        *,
        person: str,
        loans: Sequence[str] | None = None,
        reason: str | None = None,
        key: str | None = None,
    ) -> PlacedLine:
        """Say whose payment a line is."""
        return self._asked(
            PlacedLine,
            "POST",
            self._at("/suspense/{line}/placement", line),
            must={"person": person},
            may={"loans": loans, "reason": reason},
            key=key,
            keyed=True,
        )

    def dismiss_line(self, line: str, *, reason: str, key: str | None = None) -> LineState:
        """Say that a line is no payment of a debt, and why."""
        return self._asked(
            LineState,
            "POST",
            self._at("/suspense/{line}/dismissal", line),
            must={"reason": reason},
            may={},
            key=key,
            keyed=True,
        )

    def ask_refund(self, line: str, *, reason: str, key: str | None = None) -> RefundAsked:
        """Ask that money which paid no debt goes back to the account that it came from; somebody else decides."""
        return self._asked(
            RefundAsked,
            "POST",
            self._at("/suspense/{line}/refund", line),
            must={"reason": reason},
            may={},
            key=key,
            keyed=True,
        )

    def list_payments(
        self, *, over: bool | None = None, cursor: str | None = None, most: int | None = None
    ) -> Payments:
        """List payments, the latest first."""
        return self._asked(
            Payments, "GET", self._at("/payments"), params={"over": over, "cursor": cursor, "most": most}, again=True
        )

    def show_payment(self, payment: str) -> WholePayment:
        """Show a payment: what each loan took, by which limb of the law, and whether the tape confirmed it."""
        return self._asked(WholePayment, "GET", self._at("/payments/{payment}", payment), again=True)

    def take_payment_back(
        self, payment: str, *, reason: str, day: date | None = None, key: str | None = None
    ) -> Payment:
        """Write that a payment did not stand: every share of it is reversed on the ledger."""
        return self._asked(
            Payment,
            "POST",
            self._at("/payments/{payment}/reversal", payment),
            must={"reason": reason},
            may={"day": day},
            key=key,
            keyed=True,
        )
