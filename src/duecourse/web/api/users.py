"""Users over HTTP, as a personnel system keeps them: entered, put into teams, disabled, their roles ended or asked for.

A program takes rights away at once. It gives none of power: it asks, and somebody who is signed in decides. It neither
sees nor sets a password, and lets nobody in again who was disabled.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import Field

from duecourse.casework import approval
from duecourse.casework import user as acts
from duecourse.casework.actor import Actor, Role
from duecourse.casework.kinds import KINDS
from duecourse.casework.rights import OF_POWER
from duecourse.storage import users
from duecourse.storage.tokens import Scope
from duecourse.web.api.holds import Reason
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.keyed import Key, once
from duecourse.web.api.people import UserShape, user_shape
from duecourse.web.api.problem import Kind
from duecourse.web.api.shapes import PREFIX, Code, Id, Shape, problems
from duecourse.web.api.staff import Word

router = APIRouter(prefix=f"{PREFIX}/users", tags=["people"])

Writer = Annotated[Inquiry, admitted(Scope.USER_WRITE)]
UserId = Annotated[Code, Path()]
RoleName = Literal["collector", "supervisor", "compliance", "strategist", "admin", "auditor"]
_WRONG = (Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON, Kind.OTHER_REQUEST)
_OF_ONE = (Kind.NOT_FOUND, *_WRONG)


class WantedUser(Shape):
    """Somebody who shall sign in, by staff number; roles come after that."""

    user: Code
    team: Word | None = None
    single_sign_on: str | None = Field(
        default=None, pattern=r"^[!-~]{1,255}$",
        description="The subject under which the single sign-on knows the user; later only people change it.",
    )  # fmt: skip


class WantedTeam(Shape):
    """The team of a user; none: no team."""

    team: Word | None


class WantedRole(Shape):
    """A role, and why, where it is one of power."""

    role: RoleName
    reason: Reason = ""


class RoleAnswer(Shape):
    """What became of it: the role is given, or somebody else decides."""

    user: str
    role: str
    given: bool
    request: Id | None = Field(description="The request that waits for a second person.")


class RoleEnded(Shape):
    """Whether the user had the role."""

    user: str
    role: str
    ended: bool


class SessionsEnded(Shape):
    """How many sessions ended."""

    user: str
    ended: int


@router.post("", status_code=201, responses=problems(*_OF_ONE))
def add_user(said: WantedUser, key: Key, inquiry: Writer) -> UserShape:
    """Enter a user, without role and password: who signs in by password is given one by an administrator."""

    def act() -> UserShape:
        now, vault, actor = inquiry.parts.clock(), inquiry.parts.vault, _admin(inquiry)
        made = acts.add_user(tx, vault=vault, user_id=said.user, team=said.team, actor=actor, now=now)
        if said.single_sign_on is not None:
            acts.set_subject(tx, vault=vault, user_id=made.user_id, subject=said.single_sign_on, actor=actor, now=now)
        return user_shape(users.get(tx, made.user_id), now)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place="user", said=said, shape=UserShape, act=act)


@router.put("/{user}/team", responses=problems(*_OF_ONE))
def set_team(user: UserId, said: WantedTeam, key: Key, inquiry: Writer) -> UserShape:
    """Put a user into a team, or into none."""

    def act() -> UserShape:
        now = inquiry.parts.clock()
        acts.set_team(tx, vault=inquiry.parts.vault, user_id=user, team=said.team, actor=_admin(inquiry), now=now)
        return user_shape(users.get(tx, user), now)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"team of {user}", said=said, shape=UserShape, act=act)


@router.post("/{user}/disabling", responses=problems(*_OF_ONE))
def disable_user(user: UserId, key: Key, inquiry: Writer) -> UserShape:
    """Let a user in no more; all sessions end at once. Only an administrator who is signed in lets a user in again."""

    def act() -> UserShape:
        now = inquiry.parts.clock()
        acts.disable(tx, vault=inquiry.parts.vault, user_id=user, actor=_admin(inquiry), now=now)
        return user_shape(users.get(tx, user), now)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"disabling of {user}", said=None, shape=UserShape, act=act)


@router.post("/{user}/roles", status_code=201, responses=problems(*_OF_ONE))
def give_role(user: UserId, said: WantedRole, key: Key, inquiry: Writer) -> RoleAnswer:
    """Give the role of a collector, or ask for one of power, which somebody else who is signed in decides."""

    def act() -> RoleAnswer:
        now, vault, actor = inquiry.parts.clock(), inquiry.parts.vault, _admin(inquiry)
        if Role(said.role) not in OF_POWER:
            given = acts.give_role(tx, vault=vault, user_id=user, role=said.role, actor=actor, now=now)
            return RoleAnswer(user=user, role=said.role, given=given, request=None)
        asked = approval.ask(
            tx, kinds=KINDS, vault=vault, kind=acts.ROLE_OF_POWER.kind, subject=f"user:{user}:{said.role}",
            asked={"user": user, "role": said.role}, reason=said.reason, actor=actor, now=now,
        )  # fmt: skip
        return RoleAnswer(user=user, role=said.role, given=False, request=asked.approval_id)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"role of {user}", said=said, shape=RoleAnswer, act=act)


@router.post("/{user}/roles/{role}/ending", responses=problems(*_OF_ONE))
def end_role(user: UserId, role: Annotated[RoleName, Path()], key: Key, inquiry: Writer) -> RoleEnded:
    """End a role; the user is signed out everywhere."""

    def act() -> RoleEnded:
        ended = acts.end_role(
            tx, vault=inquiry.parts.vault, user_id=user, role=role, actor=_admin(inquiry), now=inquiry.parts.clock()
        )
        return RoleEnded(user=user, role=role, ended=ended)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"end of role {role} of {user}", said=None, shape=RoleEnded, act=act)


@router.post("/{user}/sessions/ending", responses=problems(*_OF_ONE))
def end_sessions(user: UserId, key: Key, inquiry: Writer) -> SessionsEnded:
    """Sign a user out everywhere."""

    def act() -> SessionsEnded:
        ended = acts.end_sessions(
            tx, vault=inquiry.parts.vault, user_id=user, actor=_admin(inquiry), now=inquiry.parts.clock()
        )
        return SessionsEnded(user=user, ended=ended)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"sessions of {user}", said=None, shape=SessionsEnded, act=act)


def _admin(inquiry: Inquiry) -> Actor:
    """As whom records name whoever keeps users by this token: it is an administrator's own."""
    return Actor(Role.ADMIN, inquiry.caller.token.name)
