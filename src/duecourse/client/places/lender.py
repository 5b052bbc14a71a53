"""The operations of the API: lender.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from datetime import datetime

from duecourse.client.asking import Asking
from duecourse.client.shapes.lender import LenderEnded, LenderFacts, LenderStated


class LenderPlaces(Asking):
    """Operations: lender; what is left None is not sent."""

    def list_lender_facts(self) -> LenderFacts:
        """List what was said of all claims, the latest first, and what its law asks and nobody has said yet."""
        return self._asked(LenderFacts, "GET", self._at("/lender/facts"), again=True)

    def state_lender(
        self,
        *,
        fact: str,
        value: bool | int | str | None,
        source: str,
        firm: str | None = None,
        begins: datetime | None = None,
        until: datetime | None = None,
        key: str | None = None,
    ) -> LenderStated:
        """Say a fact once of all claims, or of the lines of one house."""
        return self._asked(
            LenderStated,
            "POST",
            self._at("/lender/facts"),
            must={"fact": fact, "value": value, "source": source},
            may={"firm": firm, "begins": begins, "until": until},
            key=key,
            keyed=True,
        )

    def end_lender(self, stated: str, *, key: str | None = None) -> LenderEnded:
        """End a fact that was said of all claims."""
        return self._asked(LenderEnded, "POST", self._at("/lender/facts/{stated}/ending", stated), key=key, keyed=True)
