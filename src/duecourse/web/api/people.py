"""What waits for a second pair of eyes, and who may sign in, over HTTP: to be read by the lender's own systems.

Programs do not decide what takes two people: that is done by people who are signed in. `web.api.users` has the writes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field, JsonValue
from starlette.responses import Response

from duecourse.storage import approvals, users
from duecourse.storage.approvals import Approval, NoSuchApproval
from duecourse.storage.tokens import Scope
from duecourse.storage.users import User
from duecourse.trouble import N_
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.problem import Kind, Problem
from duecourse.web.api.shapes import PREFIX, Code, Id, Shape, Told, answered, problems

router = APIRouter(prefix=PREFIX, tags=["people"])


class ApprovalShape(Shape):
    """A request that takes two people."""

    approval: Id
    kind: str = Field(examples=["user.role"])
    subject: str
    asked: dict[str, JsonValue] = Field(description="In full what shall be done.")
    reason: str
    asked_by: str
    asked_at: Told
    lapses_at: Told
    decision: str | None = Field(description="approved, refused, withdrawn or lapsed; none while it waits.")
    decided_by: str | None
    decided_at: Told | None
    decision_reason: str | None


class ApprovalsShape(Shape):
    """Requests that take two people."""

    approvals: list[ApprovalShape]
    next: str | None = Field(description="The cursor of the next page; none at the end.")


class UserShape(Shape):
    """Somebody who may sign in, by staff number."""

    user: str
    team: str | None
    roles: list[str]
    authenticator: bool
    single_sign_on: bool
    locked: bool
    disabled_at: Told | None
    created_at: Told


class UsersShape(Shape):
    """Who may sign in at this lender, by staff number."""

    users: list[UserShape]
    next: str | None = Field(description="The cursor of the next page; none at the end.")


@router.get("/approvals", response_model=ApprovalsShape, responses=problems(Kind.INVALID))
def list_approvals(
    inquiry: Annotated[Inquiry, admitted(Scope.APPROVAL_READ)],
    *,
    decided: Annotated[bool, Query(description="Those decided, the latest first, instead of those that wait.")] = False,
    cursor: Annotated[Id | None, Query(description="What the page before gave.")] = None,
    most: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """List what waits for a second person, the one that lapses next first."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        listed = approvals.decided if decided else approvals.pending
        found = listed(tx, after=cursor, most=most + 1)
    shown = found[:most]
    following = str(shown[-1].approval_id) if len(found) > most else None
    return answered(ApprovalsShape(approvals=[_approval(one) for one in shown], next=following))


@router.get("/approvals/{approval}", response_model=ApprovalShape, responses=problems(Kind.INVALID, Kind.NOT_FOUND))
def show_approval(approval: Id, inquiry: Annotated[Inquiry, admitted(Scope.APPROVAL_READ)]) -> Response:
    """One request in full."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        try:
            return answered(_approval(approvals.get(tx, approval)))
        except NoSuchApproval:
            raise Problem(Kind.NOT_FOUND, N_("There is no request of this number for this token.")) from None


@router.get("/users", response_model=UsersShape, responses=problems(Kind.INVALID))
def list_users(
    inquiry: Annotated[Inquiry, admitted(Scope.USER_READ)],
    *,
    cursor: Annotated[Code | None, Query(description="What the page before gave.")] = None,
    most: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """List who may sign in, with roles and team; no secret is in it."""
    now = inquiry.parts.clock()
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = users.page(tx, after=cursor or "", most=most + 1)
    shown = found[:most]
    following = shown[-1].user_id if len(found) > most else None
    return answered(UsersShape(users=[user_shape(one, now) for one in shown], next=following))


def _approval(one: Approval) -> ApprovalShape:
    asked: dict[str, Any] = dict(one.asked)
    return ApprovalShape(
        approval=one.approval_id, kind=one.kind, subject=one.subject, asked=asked, reason=one.reason,
        asked_by=one.asked_by, asked_at=one.asked_at, lapses_at=one.lapses_at, decision=one.decision,
        decided_by=one.decided_by, decided_at=one.decided_at, decision_reason=one.decision_reason,
    )  # fmt: skip


def user_shape(one: User, now: datetime) -> UserShape:
    """A user as answers tell of one."""
    return UserShape(
        user=one.user_id, team=one.team, roles=list(one.roles), authenticator=one.totp_at is not None,
        single_sign_on=one.sso_subject is not None, locked=one.locked(now), disabled_at=one.disabled_at,
        created_at=one.created_at,
    )  # fmt: skip
