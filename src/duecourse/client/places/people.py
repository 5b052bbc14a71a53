"""The operations of the API: people.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from duecourse.client.asking import Asking
from duecourse.client.shapes.people import Approval, Approvals, Users


class PeoplePlaces(Asking):
    """Operations: people; what is left None is not sent."""

    def list_approvals(self, *, decided: bool | None = None, most: int | None = None) -> Approvals:
        """List what waits for a second person, the one that lapses next first."""
        return self._asked(
            Approvals, "GET", self._at("/approvals"), params={"decided": decided, "most": most}, again=True
        )

    def show_approval(self, approval: str) -> Approval:
        """One request in full."""
        return self._asked(Approval, "GET", self._at("/approvals/{approval}", approval), again=True)

    def list_users(self) -> Users:
        """List who may sign in, with roles and team; no secret is in it."""
        return self._asked(Users, "GET", self._at("/users"), again=True)
