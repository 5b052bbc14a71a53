"""Users, their roles and sessions, for administrators; auditors look and change nothing."""

from __future__ import annotations

from starlette.responses import Response

from duecourse.casework import approval, user
from duecourse.casework.actor import Role
from duecourse.casework.approval import Kind
from duecourse.casework.desks import set_line
from duecourse.casework.kinds import KINDS
from duecourse.casework.rights import OF_POWER, RIGHTS, Right
from duecourse.storage import approvals, desk_lines, sessions, users
from duecourse.trouble import Trouble
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("entrance")
_KIND: Kind = user.ROLE_OF_POWER


@pages.get("/users", right=Right.USER_READ)
def every(visit: Visit) -> Response:
    """All users of the lender."""
    return _every(visit)


@pages.post("/users", right=Right.USER_WRITE)
def add(visit: Visit) -> Response:
    """Enter a user, and show the password once."""
    try:
        with visit.transaction() as tx:
            made = user.add_user(
                tx, vault=visit.parts.vault, user_id=visit.text("user"), team=visit.text("team") or None,
                actor=visit.actor, now=visit.now,
            )  # fmt: skip
            given = user.reset(
                tx, vault=visit.parts.vault, user_id=made.user_id, actor=visit.actor, now=visit.now,
                chance=visit.door.chance,
            )  # fmt: skip
    except Trouble as error:
        return _every(visit, said=sentence(error, visit.choice.language), name=visit.text("user"))
    return _one(visit, made.user_id, password=given)


@pages.get("/users/{user}", right=Right.USER_READ)
def one(visit: Visit) -> Response:
    """One user: roles, sessions, what waits for approval."""
    return _one(visit, str(visit.path["user"]))


@pages.post("/users/{user}/roles", right=Right.USER_WRITE)
def give_role(visit: Visit) -> Response:
    """Give a role, or ask a second person for it where it is one of power."""
    whom, role = str(visit.path["user"]), visit.text("role")
    try:
        with visit.transaction() as tx:
            if role in OF_POWER:
                approval.ask(
                    tx, kinds=KINDS, vault=visit.parts.vault, kind=_KIND.kind, subject=f"user:{whom}:{role}",
                    asked={"user": whom, "role": role}, reason=visit.text("reason"), actor=visit.actor, now=visit.now,
                )  # fmt: skip
                said = visit.say("Asked: somebody else has to approve it.")
            else:
                user.give_role(tx, vault=visit.parts.vault, user_id=whom, role=role, actor=visit.actor, now=visit.now)
                said = visit.say("The role is given.")
    except Trouble as error:
        return _one(visit, whom, said=sentence(error, visit.choice.language))
    return visit.go(f"/users/{whom}", said=said)


@pages.post("/users/{user}/roles/{role}/end", right=Right.USER_WRITE)
def end_role(visit: Visit) -> Response:
    """End a role; the user is signed out everywhere."""
    whom = str(visit.path["user"])
    try:
        with visit.transaction() as tx:
            user.end_role(
                tx,
                vault=visit.parts.vault,
                user_id=whom,
                role=str(visit.path["role"]),
                actor=visit.actor,
                now=visit.now,
            )
    except Trouble as error:
        return _one(visit, whom, said=sentence(error, visit.choice.language))
    return visit.go(f"/users/{whom}", said=visit.say("The role has ended."))


@pages.post("/users/{user}/reset", right=Right.USER_WRITE)
def reset(visit: Visit) -> Response:
    """Give a new password, shown once; the authenticator too where it is lost."""
    whom = str(visit.path["user"])
    with visit.transaction() as tx:
        given = user.reset(
            tx, vault=visit.parts.vault, user_id=whom, actor=visit.actor, now=visit.now, chance=visit.door.chance,
            authenticator_too=visit.text("authenticator") == "1",
        )  # fmt: skip
    return _one(visit, whom, password=given)


@pages.post("/users/{user}/disabling", right=Right.USER_WRITE)
def disable(visit: Visit) -> Response:
    """Let the user in no more, or again."""
    whom = str(visit.path["user"])
    act = user.enable if visit.text("again") == "1" else user.disable
    try:
        with visit.transaction() as tx:
            act(tx, vault=visit.parts.vault, user_id=whom, actor=visit.actor, now=visit.now)
    except Trouble as error:
        return _one(visit, whom, said=sentence(error, visit.choice.language))
    return visit.go(f"/users/{whom}")


@pages.post("/users/{user}/phone", right=Right.USER_WRITE)
def set_phone(visit: Visit) -> Response:
    """Say at which telephone a user is rung."""
    whom = str(visit.path["user"])
    try:
        with visit.transaction() as tx:
            set_line(
                tx, vault=visit.parts.vault, user_id=whom, address=visit.text("phone"), actor=visit.actor, now=visit.now
            )
    except Trouble as error:
        return _one(visit, whom, said=sentence(error, visit.choice.language))
    return visit.go(f"/users/{whom}", said=visit.say("The telephone is kept."))


@pages.post("/users/{user}/subject", right=Right.USER_WRITE)
def set_subject(visit: Visit) -> Response:
    """Say under which subject the single sign-on knows a user; an empty one takes it away."""
    whom, subject = str(visit.path["user"]), visit.text("subject")
    try:
        with visit.transaction() as tx:
            user.set_subject(
                tx, vault=visit.parts.vault, user_id=whom, subject=subject or None, actor=visit.actor, now=visit.now
            )
    except Trouble as error:
        return _one(visit, whom, said=sentence(error, visit.choice.language), subject=subject)
    said = visit.say("The single sign-on lets this user in.") if subject else visit.say("The subject is taken away.")
    return visit.go(f"/users/{whom}", said=said)


@pages.get("/sessions", right=Right.USER_READ)
def all_sessions(visit: Visit) -> Response:
    """Who is signed in."""
    with visit.transaction() as tx:
        return visit.page("entrance/sessions.html", sessions=sessions.live(tx, now=visit.now))


@pages.post("/sessions/{session}/end", right=Right.USER_WRITE)
def end_session(visit: Visit) -> Response:
    """End somebody's session at once."""
    with visit.transaction() as tx:
        user.end_session(
            tx, vault=visit.parts.vault, session_id=str(visit.path["session"]), actor=visit.actor, now=visit.now
        )
    return visit.go("/sessions", said=visit.say("The session has ended."))


def _every(visit: Visit, *, said: str = "", name: str = "") -> Response:
    with visit.transaction() as tx:
        found = users.every(tx)
    return visit.page("entrance/users.html", status=422 if said else 200, users=found, error=said, name=name)


def _one(visit: Visit, whom: str, *, said: str = "", password: str = "", subject: str | None = None) -> Response:
    with visit.transaction() as tx:
        found = users.get(tx, whom)
        open_here = [
            one for one in approvals.pending(tx) if one.kind == _KIND.kind and one.asked.get("user") == found.user_id
        ]
        live = sessions.live(tx, now=visit.now, user_id=found.user_id)
        phone = desk_lines.of_user(tx, found.user_id)
    return visit.page(
        "entrance/user.html", status=409 if said else 200, user=found, sessions=live, waiting=open_here, error=said,
        phone=phone, password=password, subject=found.sso_subject if subject is None else subject,
        of_power=OF_POWER, roles=[role for role in Role if role in RIGHTS],
    )  # fmt: skip
