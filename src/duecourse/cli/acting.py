"""Who acts at the terminal, where an act is done in somebody's name: the session that DUECOURSE_SESSION holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from duecourse.trouble import N_, Refused

if TYPE_CHECKING:
    from datetime import datetime

    from duecourse.app import Desk
    from duecourse.casework.actor import Actor, Role
    from duecourse.casework.rights import Right


class NobodyActs(Refused):
    """An act that is done in somebody's name, and nobody is named."""

    def __init__(self) -> None:
        super().__init__(
            N_("this is done in somebody's name: put what `duecourse user sign-in USER` prints into DUECOURSE_SESSION")
        )


class SessionOver(Refused):
    """A session that ended, expired, or was never one."""

    def __init__(self) -> None:
        super().__init__(N_("the session in DUECOURSE_SESSION is over: sign in anew by `duecourse user sign-in USER`"))


class NotReady(Refused):
    """A user who must first change the password or enrol an authenticator."""

    def __init__(self, user: str) -> None:
        super().__init__(
            N_("{user} first signs in on the pages: the password is to be changed, or an authenticator to be set up"),
            user=user,
        )


class NoSuchRight(Refused):
    """Signed in, and not allowed."""

    def __init__(self, user: str, right: Right) -> None:
        super().__init__(N_("no role of {user} includes the right {right}; nothing was done"), user=user, right=right)


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody who signed in, with the roles held for the lender that the command is about."""

    ref: str
    roles: tuple[Role, ...]

    def by(self, right: Right) -> Actor:
        """The user in the role that has a right. Raises `NoSuchRight`."""
        from duecourse.casework.actor import Actor
        from duecourse.casework.rights import acting

        role = acting(self.roles, right)
        if role is None:
            raise NoSuchRight(self.ref, right)
        return Actor(role, self.ref)


def acting(desk: Desk, at: datetime) -> Acting:
    """Who acts. Raises `NobodyActs`, `SessionOver`, `NotReady`."""
    from duecourse.casework.rights import roles_from
    from duecourse.casework.sign_in import live, must_enrol
    from duecourse.storage import sessions, users

    text, lender = desk.settings.session, desk.settings.lender_id
    if text is None:
        raise NobodyActs
    home = sessions.lender_of(text)
    if home is None:
        raise SessionOver
    with desk.database.transaction(home) as tx:
        known = sessions.known(tx, text)
        if known is None or not live(known, at):
            raise SessionOver
        if must_enrol(known) or known.password_must_change:
            raise NotReady(known.user_id)
        sessions.seen(tx, known.session_id, now=at)
    if home == lender:
        return Acting(known.user_id, roles_from(known.roles))
    with desk.database.transaction(lender) as tx:
        return Acting(f"{known.user_id}@{home}", roles_from(users.roles_of(tx, home, known.user_id)))
