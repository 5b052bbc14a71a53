"""The way in: signing in, one's own account, language and theme; users, teams, sessions; what two people decide."""

from __future__ import annotations

from collections.abc import Iterator

from duecourse.casework.rights import Right
from duecourse.trouble import N_
from duecourse.web.entrance import account, approvals, home, reveal, sign_in, single, stop, teams, users, verify
from duecourse.web.page import Link, Page


def pages() -> Iterator[Page]:
    """The pages of this part."""
    for module in (home, sign_in, single, account, approvals, reveal, users, teams, verify, stop):
        yield from module.pages


def links() -> Iterator[Link]:
    """What the navigation shows of this part, to whoever has the right."""
    yield Link("/approvals", N_("Approvals"), Right.APPROVAL_READ)
    yield Link("/teams", N_("Teams"), Right.TEAM_READ, apart=True)
    yield Link("/users", N_("Users"), Right.USER_READ, apart=True)
    yield Link("/sessions", N_("Sessions"), Right.USER_READ, apart=True)
