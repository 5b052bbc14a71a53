"""The operations of the API: health.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from duecourse.client.asking import Asking
from duecourse.client.shapes.health import Health


class HealthPlaces(Asking):
    """Operations: health; what is left None is not sent."""

    def live(self) -> Health:
        """The process answers; says nothing of the database."""
        return self._asked(Health, "GET", self._at("/health/live"), again=True)

    def ready(self) -> Health:
        """The database answers in the application's role; 503 where it does not."""
        return self._asked(Health, "GET", self._at("/health/ready"), again=True)
