"""The operations of the API: inbound.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from duecourse.client.asking import Asking
from duecourse.client.shapes.inbound import Inbound, Inbounds, Reading
from duecourse.client.shapes.words import Channel, Meaning


class InboundPlaces(Asking):
    """Operations: inbound; what is left None is not sent."""

    def receive_inbound(
        self,
        *,
        channel: Channel,
        sender: str,
        text: str,
        at: datetime,
        provider_ref: str,
        receiver: str | None = None,
        message: str | None = None,
        permit: str | None = None,
    ) -> Inbound:
        """Bring what somebody wrote or said."""
        return self._asked(
            Inbound,
            "POST",
            self._at("/inbound"),
            must={"channel": channel, "sender": sender, "text": text, "at": at, "provider_ref": provider_ref},
            may={"receiver": receiver, "message": message, "permit": permit},
            again=True,
        )

    def list_inbound(
        self,
        *,
        state: Literal["landed", "unplaced", "dismissed"] | None = None,
        before: str | None = None,
        most: int | None = None,
    ) -> Inbounds:
        """List what came in, the latest first, masked."""
        return self._asked(
            Inbounds, "GET", self._at("/inbound"), params={"state": state, "before": before, "most": most}, again=True
        )

    def show_inbound(self, inbound: str) -> Inbound:
        """Show what came in under a number, masked."""
        return self._asked(Inbound, "GET", self._at("/inbound/{inbound}", inbound), again=True)

    def decide_inbound(
        self,
        inbound: str,
        *,
        meaning: Meaning,
        amount_minor: int | None = None,
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
        ]
        | None = None,
        due: date | None = None,
    ) -> Reading:
        """Say what a reply means, as it was read or otherwise: once."""
        return self._asked(
            Reading,
            "POST",
            self._at("/inbound/{inbound}/decision", inbound),
            must={"meaning": meaning},
            may={"amount_minor": amount_minor, "currency": currency, "due": due},
            again=False,
        )
