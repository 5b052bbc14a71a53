"""The operations of the API: holds.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from datetime import datetime

from duecourse.client.asking import Asking
from duecourse.client.shapes.holds import Ended, Fact, Placed
from duecourse.client.shapes.shared import Sender
from duecourse.client.shapes.words import HoldKind


class HoldsPlaces(Asking):
    """Operations: holds; what is left None is not sent."""

    def place_hold(
        self,
        *,
        person: str,
        kind: HoldKind,
        source: str,
        loan: str | None = None,
        contact_point: str | None = None,
        until: datetime | None = None,
        reason: str | None = None,
    ) -> Placed:
        """Place a hold."""
        return self._asked(
            Placed,
            "POST",
            self._at("/holds"),
            must={"person": person, "kind": kind, "source": source},
            may={"loan": loan, "contact_point": contact_point, "until": until, "reason": reason},
            again=False,
        )

    def end_hold(self, hold: str, *, person: str, reason: str | None = None) -> Ended:
        """End a hold."""
        return self._asked(
            Ended,
            "POST",
            self._at("/holds/{hold}/ending", hold),
            must={"person": person},
            may={"reason": reason},
            again=True,
        )

    def state_fact(
        self,
        *,
        person: str,
        fact: str,
        value: bool | int | str | None,
        source: str,
        loan: str | None = None,
        begins: datetime | None = None,
        until: datetime | None = None,
        sender: Sender | None = None,
        reason: str | None = None,
    ) -> Fact:
        """Put a fact on record, with its proof; what the gate reckons itself takes nobody's word."""
        return self._asked(
            Fact,
            "POST",
            self._at("/facts"),
            must={"person": person, "fact": fact, "value": value, "source": source},
            may={"loan": loan, "begins": begins, "until": until, "sender": sender, "reason": reason},
            again=False,
        )

    def override(
        self, *, person: str, idempotency_key: str, reason: str, sender: Sender | None = None, staff: str | None = None
    ) -> Fact:
        """Let one request pass what only recommends (should, should not)."""
        return self._asked(
            Fact,
            "POST",
            self._at("/overrides"),
            must={"person": person, "idempotency_key": idempotency_key, "reason": reason},
            may={"sender": sender, "staff": staff},
            again=False,
        )
