"""The operations of the API: waivers.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from duecourse.client.asking import Asking
from duecourse.client.shapes.waivers import Waiver, Waivers


class WaiversPlaces(Asking):
    """Operations: waivers; what is left None is not sent."""

    def offer_waiver(
        self,
        case: str,
        *,
        loan: str,
        give: Mapping[str, int],
        pay_minor: int | None = None,
        pay_by: date | None = None,
        reason: str | None = None,
        key: str | None = None,
    ) -> Waiver:
        """Offer to give up amounts by category, never more than is owed."""
        return self._asked(
            Waiver,
            "POST",
            self._at("/cases/{case}/waivers", case),
            must={"loan": loan, "give": give},
            may={"pay_minor": pay_minor, "pay_by": pay_by, "reason": reason},
            key=key,
            keyed=True,
        )

    def offer_settlement(
        self, case: str, *, loan: str, pay_minor: int, pay_by: date, reason: str | None = None, key: str | None = None
    ) -> Waiver:
        """Offer to take less than the whole in full and final, if it is paid by a day."""
        return self._asked(
            Waiver,
            "POST",
            self._at("/cases/{case}/settlements", case),
            must={"loan": loan, "pay_minor": pay_minor, "pay_by": pay_by},
            may={"reason": reason},
            key=key,
            keyed=True,
        )

    def list_waivers(
        self,
        *,
        case: str | None = None,
        state: Literal["asked", "approved", "notified", "fulfilled", "lapsed", "withdrawn"] | None = None,
        cursor: str | None = None,
        most: int | None = None,
    ) -> Waivers:
        """List waivers and settlements, the latest first."""
        return self._asked(
            Waivers,
            "GET",
            self._at("/waivers"),
            params={"case": case, "state": state, "cursor": cursor, "most": most},
            again=True,
        )

    def show_waiver(self, waiver: str) -> Waiver:
        """Show a waiver or settlement."""
        return self._asked(Waiver, "GET", self._at("/waivers/{waiver}", waiver), again=True)

    def notify_waiver(self, waiver: str, *, key: str | None = None) -> Waiver:
        """Note that the borrower was told; nothing is sent by that."""
        return self._asked(Waiver, "POST", self._at("/waivers/{waiver}/notification", waiver), key=key, keyed=True)

    def withdraw_waiver(self, waiver: str, *, key: str | None = None) -> Waiver:
        """Take an offer back of which the borrower was not told."""
        return self._asked(Waiver, "POST", self._at("/waivers/{waiver}/withdrawal", waiver), key=key, keyed=True)
