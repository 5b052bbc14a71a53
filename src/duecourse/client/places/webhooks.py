"""The operations of the API: webhooks.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from duecourse.client.asking import Asking
from duecourse.client.shapes.webhooks import EndpointEnded, Endpoints, Made, Replayed, Tellings


class WebhooksPlaces(Asking):
    """Operations: webhooks; what is left None is not sent."""

    def list_endpoints(self) -> Endpoints:
        """List the endpoints; never their secrets."""
        return self._asked(Endpoints, "GET", self._at("/webhooks"), again=True)

    def add_endpoint(self, *, url: str, kinds: Sequence[str], key: str | None = None) -> Made:
        """Let an address be told of acts from now on."""
        return self._asked(
            Made, "POST", self._at("/webhooks"), must={"url": url, "kinds": kinds}, may={}, key=key, keyed=True
        )

    def end_endpoint(self, endpoint: str) -> EndpointEnded:
        """Tell an endpoint nothing more."""
        return self._asked(EndpointEnded, "POST", self._at("/webhooks/{endpoint}/ending", endpoint), again=True)

    def tell_again(
        self, endpoint: str, *, first: datetime, last: datetime, reason: str, key: str | None = None
    ) -> Replayed:
        """Tell an endpoint again of acts between two instants, delivered or not."""
        return self._asked(
            Replayed,
            "POST",
            self._at("/webhooks/{endpoint}/replay", endpoint),
            must={"first": first, "last": last, "reason": reason},
            may={},
            key=key,
            keyed=True,
        )

    def tell_some_again(
        self, endpoint: str, *, entries: Sequence[str], reason: str, key: str | None = None
    ) -> Replayed:
        """Tell an endpoint again of some acts, by their entries, delivered or not."""
        return self._asked(
            Replayed,
            "POST",
            self._at("/webhooks/{endpoint}/events/replay", endpoint),
            must={"entries": entries, "reason": reason},
            may={},
            key=key,
            keyed=True,
        )

    def list_events(
        self,
        *,
        endpoint: str | None = None,
        state: str | None = None,
        cursor: str | None = None,
        most: int | None = None,
    ) -> Tellings:
        """List what endpoints were told of, and what became of it; pages end between two acts."""
        return self._asked(
            Tellings,
            "GET",
            self._at("/webhooks/events"),
            params={"endpoint": endpoint, "state": state, "cursor": cursor, "most": most},
            again=True,
        )
