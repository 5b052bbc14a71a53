"""The operations of the API: people.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from typing import Literal

from duecourse.client.asking import Asking
from duecourse.client.shapes.people import (
    Approval,
    Approvals,
    Looked,
    RoleAnswer,
    RoleEnded,
    SessionsEnded,
    User,
    Users,
)
from duecourse.client.shapes.words import RevealPurpose


class PeoplePlaces(Asking):
    """Operations: people; what is left None is not sent."""

    def list_approvals(
        self, *, decided: bool | None = None, cursor: str | None = None, most: int | None = None
    ) -> Approvals:
        """List what waits for a second person, the one that lapses next first."""
        return self._asked(
            Approvals,
            "GET",
            self._at("/approvals"),
            params={"decided": decided, "cursor": cursor, "most": most},
            again=True,
        )

    def show_approval(self, approval: str) -> Approval:
        """One request in full."""
        return self._asked(Approval, "GET", self._at("/approvals/{approval}", approval), again=True)

    def list_users(self, *, cursor: str | None = None, most: int | None = None) -> Users:
        """List who may sign in, with roles and team; no secret is in it."""
        return self._asked(Users, "GET", self._at("/users"), params={"cursor": cursor, "most": most}, again=True)

    def add_user(
        self, *, user: str, team: str | None = None, single_sign_on: str | None = None, key: str | None = None
    ) -> User:
        """Enter a user, without role and password: who signs in by password is given one by an administrator."""
        return self._asked(
            User,
            "POST",
            self._at("/users"),
            must={"user": user},
            may={"team": team, "single_sign_on": single_sign_on},
            key=key,
            keyed=True,
        )

    def set_team(self, user: str, *, team: str | None, key: str | None = None) -> User:
        """Put a user into a team, or into none."""
        return self._asked(
            User, "PUT", self._at("/users/{user}/team", user), must={"team": team}, may={}, key=key, keyed=True
        )

    def disable_user(self, user: str, *, key: str | None = None) -> User:
        """Let a user in no more; all sessions end at once."""
        return self._asked(User, "POST", self._at("/users/{user}/disabling", user), key=key, keyed=True)

    def give_role(
        self,
        user: str,
        *,
        role: Literal["collector", "supervisor", "compliance", "strategist", "admin", "auditor"],
        reason: str | None = None,
        key: str | None = None,
    ) -> RoleAnswer:
        """Give the role of a collector, or ask for one of power, which somebody else who is signed in decides."""
        return self._asked(
            RoleAnswer,
            "POST",
            self._at("/users/{user}/roles", user),
            must={"role": role},
            may={"reason": reason},
            key=key,
            keyed=True,
        )

    def end_role(
        self,
        user: str,
        role: Literal["collector", "supervisor", "compliance", "strategist", "admin", "auditor"],
        *,
        key: str | None = None,
    ) -> RoleEnded:
        """End a role; the user is signed out everywhere."""
        return self._asked(
            RoleEnded, "POST", self._at("/users/{user}/roles/{role}/ending", user, role), key=key, keyed=True
        )

    def end_sessions(self, user: str, *, key: str | None = None) -> SessionsEnded:
        """Sign a user out everywhere."""
        return self._asked(SessionsEnded, "POST", self._at("/users/{user}/sessions/ending", user), key=key, keyed=True)

    def reveal_value(
        self,
        person: str,
        *,
        what: Literal["name", "id", "birth", "reference", "contact_point"],
        purpose: RevealPurpose,
        contact_point: str | None = None,
    ) -> Looked:
        """Read one protected value for a purpose."""
        return self._asked(
            Looked,
            "POST",
            self._at("/persons/{person}/reveal", person),
            must={"what": what, "purpose": purpose},
            may={"contact_point": contact_point},
            again=False,
        )
