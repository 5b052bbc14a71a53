"""The operations of the API: strategies.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from datetime import date

from duecourse.client.asking import Asking
from duecourse.client.shapes.shared import Asked
from duecourse.client.shapes.strategies import Changes, Draft, Drafts, Strategies, Trial


class StrategiesPlaces(Asking):
    """Operations: strategies; what is left None is not sent."""

    def list_strategies(self) -> Strategies:
        """List the versions that are kept, and which is in use from when."""
        return self._asked(Strategies, "GET", self._at("/strategies"), again=True)

    def list_drafts(self, *, cursor: str | None = None, most: int | None = None) -> Drafts:
        """List drafts, the latest first."""
        return self._asked(
            Drafts, "GET", self._at("/strategies/drafts"), params={"cursor": cursor, "most": most}, again=True
        )

    def begin_draft(self, *, strategy: str | None = None, key: str | None = None) -> Draft:
        """Begin a draft from the version in use."""
        return self._asked(
            Draft, "POST", self._at("/strategies/drafts"), may={"strategy": strategy}, key=key, keyed=True
        )

    def show_draft(self, draft: str) -> Draft:
        """Give a draft with its latest revision."""
        return self._asked(Draft, "GET", self._at("/strategies/drafts/{draft}", draft), again=True)

    def write_draft(self, draft: str, *, content: str, after: int, key: str | None = None) -> Draft:
        """Write the next revision of a draft, faulty or not; what is wrong with it is said in ``fault``."""
        return self._asked(
            Draft,
            "POST",
            self._at("/strategies/drafts/{draft}/revisions", draft),
            must={"content": content, "after": after},
            may={},
            key=key,
            keyed=True,
        )

    def try_draft(self, draft: str, *, day: date | None = None, key: str | None = None) -> Trial:
        """Say what a draft would change on a published day."""
        return self._asked(
            Trial, "POST", self._at("/strategies/drafts/{draft}/trials", draft), may={"day": day}, key=key, keyed=True
        )

    def list_changes(self, trial: str, *, cursor: str | None = None, most: int | None = None) -> Changes:
        """List the proposals that a trial would add, remove or change."""
        return self._asked(
            Changes,
            "GET",
            self._at("/strategies/trials/{trial}/changes", trial),
            params={"cursor": cursor, "most": most},
            again=True,
        )

    def ask_activation(
        self, draft: str, *, first: date, reason: str, untried: bool | None = None, key: str | None = None
    ) -> Asked:
        """Ask that a draft be the strategy of the day run from a day on; somebody else decides."""
        return self._asked(
            Asked,
            "POST",
            self._at("/strategies/drafts/{draft}/activation", draft),
            must={"first": first, "reason": reason},
            may={"untried": untried},
            key=key,
            keyed=True,
        )

    def ask_rollback(self, strategy: str, version: int, *, first: date, reason: str, key: str | None = None) -> Asked:
        """Ask that an earlier version be the strategy of the day run again; somebody else decides."""
        return self._asked(
            Asked,
            "POST",
            self._at("/strategies/versions/{strategy}/{version}/activation", strategy, version),
            must={"first": first, "reason": reason},
            may={},
            key=key,
            keyed=True,
        )
