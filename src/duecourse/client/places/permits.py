"""The operations of the API: permits.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from duecourse.client.asking import Asking
from duecourse.client.shapes.permits import (
    BatchAnswers,
    KeyedContact,
    Noted,
    Permit,
    PermitKept,
    Redeemed,
    Settled,
    Visit,
)
from duecourse.client.shapes.shared import Checked, Sender
from duecourse.client.shapes.words import Channel, Outcome, Purpose


class PermitsPlaces(Asking):
    """Operations: permits; what is left None is not sent."""

    def request_permit(
        self,
        *,
        person: str,
        loans: Sequence[str],
        contact_point: str,
        channel: Channel,
        at: datetime,
        template: str,
        content_sha256: str,
        staff: str | None = None,
        sender: Sender | None = None,
        visit: Visit | None = None,
        key: str | None = None,
    ) -> Permit:
        """Ask for a permit."""
        return self._asked(
            Permit,
            "POST",
            self._at("/permits"),
            must={
                "person": person,
                "loans": loans,
                "contact_point": contact_point,
                "channel": channel,
                "at": at,
                "template": template,
                "content_sha256": content_sha256,
            },
            may={"staff": staff, "sender": sender, "visit": visit},
            key=key,
            keyed=True,
        )

    def request_permits(self, *, requests: Sequence[KeyedContact]) -> BatchAnswers:
        """Ask for several permits at once; all are answered or, where one cannot be asked, none."""
        return self._asked(
            BatchAnswers, "POST", self._at("/permits/batch"), must={"requests": requests}, may={}, again=True
        )

    def check_contact(
        self,
        *,
        person: str,
        loans: Sequence[str],
        contact_point: str,
        channel: Channel,
        at: datetime,
        template: str,
        content_sha256: str,
        staff: str | None = None,
        sender: Sender | None = None,
        visit: Visit | None = None,
    ) -> Checked:
        """Ask what the gate would answer now."""
        return self._asked(
            Checked,
            "POST",
            self._at("/permits/check"),
            must={
                "person": person,
                "loans": loans,
                "contact_point": contact_point,
                "channel": channel,
                "at": at,
                "template": template,
                "content_sha256": content_sha256,
            },
            may={"staff": staff, "sender": sender, "visit": visit},
            again=True,
        )

    def read_permit(self, permit: str) -> PermitKept:
        """Show what was answered under a number and what became of it; an outside firm sees its own."""
        return self._asked(PermitKept, "GET", self._at("/permits/{permit}", permit), again=True)

    def redeem_permit(
        self, permit: str, *, content_sha256: str, staff: str | None = None, sender: Sender | None = None
    ) -> Redeemed:
        """Use a permit at the instant of dialling or sending."""
        return self._asked(
            Redeemed,
            "POST",
            self._at("/permits/{permit}/redemption", permit),
            must={"content_sha256": content_sha256},
            may={"staff": staff, "sender": sender},
            again=False,
        )

    def report_outcome(
        self, permit: str, *, outcome: Outcome, at: datetime | None = None, sender: Sender | None = None
    ) -> Settled:
        """Report what came of a contact; the same again changes nothing."""
        return self._asked(
            Settled,
            "POST",
            self._at("/permits/{permit}/outcome", permit),
            must={"outcome": outcome},
            may={"at": at, "sender": sender},
            again=True,
        )

    def record_inbound(
        self,
        *,
        person: str,
        loans: Sequence[str],
        channel: Channel,
        outcome: Outcome,
        at: datetime,
        contact_point: str | None = None,
        purpose: Purpose | None = None,
        sender: Sender | None = None,
    ) -> Noted:
        """Note a contact that the person started; it uses up none of the contacts that we may start."""
        return self._asked(
            Noted,
            "POST",
            self._at("/contacts"),
            must={"person": person, "loans": loans, "channel": channel, "outcome": outcome, "at": at},
            may={"contact_point": contact_point, "purpose": purpose, "sender": sender},
            again=False,
        )
