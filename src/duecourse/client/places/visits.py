"""The operations of the API: visits.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from duecourse.client.asking import Asking
from duecourse.client.shapes.visits import Located, Photo, Place, Round, Rounds, RoundWhole, VisitOfRound


class VisitsPlaces(Asking):
    """Operations: visits; what is left None is not sent."""

    def locate_address(self, *, north: int, east: int, person: str, contact_point: str | None = None) -> Located:
        """Say where an address lies; it is kept sealed."""
        return self._asked(
            Located,
            "POST",
            self._at("/visits/places"),
            must={"north": north, "east": east, "person": person},
            may={"contact_point": contact_point},
            again=False,
        )

    def list_rounds(self, *, cursor: str | None = None, most: int | None = None) -> Rounds:
        """List rounds of visits, the latest first."""
        return self._asked(
            Rounds, "GET", self._at("/visits/rounds"), params={"cursor": cursor, "most": most}, again=True
        )

    def plan_visits(
        self, *, cases: Sequence[str], leaves: datetime, first: str, second: str, start: Place, key: str | None = None
    ) -> Round:
        """Plan a round by the shortest way; nobody is asked yet."""
        return self._asked(
            Round,
            "POST",
            self._at("/visits/rounds"),
            must={"cases": cases, "leaves": leaves, "first": first, "second": second, "start": start},
            may={},
            key=key,
            keyed=True,
        )

    def read_round(self, round_: str) -> RoundWhole:
        """Show a round: its visits in their order, what the gate said, what came of each."""
        return self._asked(RoundWhole, "GET", self._at("/visits/rounds/{round}", round_), again=True)

    def set_round_out(self, round_: str, *, key: str | None = None) -> RoundWhole:
        """Ask the gate for each visit; what it allows counts as made from then on."""
        return self._asked(
            RoundWhole, "POST", self._at("/visits/rounds/{round}/setting-out", round_), key=key, keyed=True
        )

    def hand_visit_in(
        self,
        visit: str,
        *,
        at: datetime,
        outcome: Literal["connected", "promised", "unanswered", "other_person", "refused", "not_sent"],
        passes_shown: bool,
        entered: bool | None = None,
        consent_by: str | None = None,
        present: str | None = None,
        note: str | None = None,
        place: Place | None = None,
        photos: Sequence[Photo] | None = None,
        signature: str | None = None,
        signer: str | None = None,
    ) -> VisitOfRound:
        """Take over what came of a visit; the same again changes nothing."""
        return self._asked(
            VisitOfRound,
            "POST",
            self._at("/visits/{visit}/report", visit),
            must={"at": at, "outcome": outcome, "passes_shown": passes_shown},
            may={
                "entered": entered,
                "consent_by": consent_by,
                "present": present,
                "note": note,
                "place": place,
                "photos": photos,
                "signature": signature,
                "signer": signer,
            },
            again=False,
        )
