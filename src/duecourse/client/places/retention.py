"""The operations of the API: retention.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from duecourse.client.asking import Asking
from duecourse.client.shapes.retention import Destructions, KeptPerson, LegalHold, LegalHolds, Schedule
from duecourse.client.shapes.shared import Asked
from duecourse.client.shapes.words import Phase


class RetentionPlaces(Asking):
    """Operations: retention; what is left None is not sent."""

    def list_kept(self, *, cursor: str | None = None, most: int | None = None, phase: Phase | None = None) -> Schedule:
        """List who is kept until when and by which rule, today; of a phase, among the next 300 people."""
        return self._asked(
            Schedule, "GET", self._at("/retention"), params={"cursor": cursor, "most": most, "phase": phase}, again=True
        )

    def show_kept(self, person: str) -> KeptPerson:
        """Show what is kept of one person, rule by rule."""
        return self._asked(KeptPerson, "GET", self._at("/retention/persons/{person}", person), again=True)

    def list_legal_holds(self) -> LegalHolds:
        """List legal holds, those that stand first."""
        return self._asked(LegalHolds, "GET", self._at("/retention/legal-holds"), again=True)

    def place_legal_hold(
        self, *, person: str, matter: str, reason: str, until: date | None = None, key: str | None = None
    ) -> LegalHold:
        """Place a legal hold, at once: nothing of the person is destroyed while it stands."""
        return self._asked(
            LegalHold,
            "POST",
            self._at("/retention/legal-holds"),
            must={"person": person, "matter": matter, "reason": reason},
            may={"until": until},
            key=key,
            keyed=True,
        )

    def ask_release(self, hold: str, *, reason: str, key: str | None = None) -> Asked:
        """Ask for the release of a legal hold; somebody else decides."""
        return self._asked(
            Asked,
            "POST",
            self._at("/retention/legal-holds/{hold}/release", hold),
            must={"reason": reason},
            may={},
            key=key,
            keyed=True,
        )

    def list_destructions(self) -> Destructions:
        """List destructions with their certificates."""
        return self._asked(Destructions, "GET", self._at("/retention/destructions"), again=True)

    def certificate_as_pdf(self, destruction: str, *, lang: Literal["zh", "en"] | None = None) -> bytes:
        """Give the certificate of a destruction as PDF, with its proof in it once the record's place is published."""
        return self._file(
            "GET", self._at("/retention/destructions/{destruction}/pdf", destruction), params={"lang": lang}, again=True
        )
