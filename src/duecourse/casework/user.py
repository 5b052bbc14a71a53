"""Users: entering them, roles, passwords, authenticators, disabling, ending sessions. Each act leaves a record.

A role of power is given by two people: `ROLE_OF_POWER` is carried out by `casework.approval`. At the command line the
operator, who holds the keys of the installation anyway, gives it alone, and the record says so.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from duecourse.casework import authenticator, password
from duecourse.casework.actor import Actor, Role
from duecourse.casework.approval import Kind
from duecourse.casework.rights import OF_POWER, RIGHTS
from duecourse.casework.sign_in import WrongCode, owner
from duecourse.storage import log, sessions, users
from duecourse.storage.approvals import Approval
from duecourse.storage.connection import Tx
from duecourse.storage.users import User
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Refused

_USER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_TEAM = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SUBJECT = re.compile(r"[!-~]{1,255}")
_PASSWORD_BYTES = 15


class NotAUser(BadInput):
    """A staff number that cannot be one."""

    def __init__(self) -> None:
        super().__init__(
            N_("a user is named by the staff number: 1 to 64 letters, digits, dots, dashes, underscores or @")
        )


class NotATeam(BadInput):
    """A team that cannot be one."""

    def __init__(self) -> None:
        super().__init__(N_("a team is named by 1 to 64 letters, digits, dots, dashes or underscores"))


class NotASubject(BadInput):
    """A subject that no provider of OpenID Connect may give."""

    def __init__(self) -> None:
        super().__init__(
            N_("a subject of the single sign-on is 1 to 255 letters, digits or signs of ASCII, without spaces")
        )


class UnknownRole(BadInput):
    """No such role."""

    def __init__(self, role: str) -> None:
        super().__init__(N_("{role} is no role; there are {roles}"), role=role, roles=", ".join(RIGHTS))


class TwoPeople(Refused):
    """A role of power is not given by one person alone."""

    def __init__(self, role: str) -> None:
        super().__init__(
            N_("the role {role} takes two people: ask for it, and another administrator or officer approves"), role=role
        )


class LastAdmin(Refused):
    """Nobody could let anybody in any more."""

    def __init__(self) -> None:
        super().__init__(N_("this is the last administrator: give the role to somebody else first"))


class NotYourself(Refused):
    """Nobody changes one's own rights."""

    def __init__(self) -> None:
        super().__init__(N_("nobody changes his or her own roles: another administrator does it"))


class OldPasswordWrong(Refused):
    """The password that was given as the present one is not it."""

    def __init__(self) -> None:
        super().__init__(N_("the present password is wrong"))


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A new authenticator, not yet in force: its secret for the app, and its address for the QR code."""

    secret: str = field(repr=False)
    address: str = field(repr=False)


def add_user(tx: Tx, *, vault: Vault, user_id: str, team: str | None, actor: Actor, now: datetime) -> User:
    """Enter a user without roles and without a password. Raises `NotAUser`, `NotATeam`, `users.UserExists`."""
    if not _USER_ID.fullmatch(user_id):
        raise NotAUser
    users.add(tx, user_id, team=_team(team), by=str(actor), now=now)
    _record(tx, vault, "user.added", user_id, by=actor, now=now, team=team)
    return users.get(tx, user_id)


def set_team(tx: Tx, *, vault: Vault, user_id: str, team: str | None, actor: Actor, now: datetime) -> None:
    """Put a user into a team, or (None) into none."""
    user = users.get(tx, user_id)
    users.set_team(tx, user.user_id, _team(team))
    _record(tx, vault, "user.team_set", user.user_id, by=actor, now=now, team=team)


def give_role(tx: Tx, *, vault: Vault, user_id: str, role: str, actor: Actor, now: datetime) -> bool:
    """Give a role that needs no second person; the operator gives any. False where the user has it."""
    wanted = _role(role)
    if wanted in OF_POWER and actor.role is not Role.OPERATOR:
        raise TwoPeople(role)
    return _give(tx, vault, user_id, wanted, by=actor, now=now)


def end_role(tx: Tx, *, vault: Vault, user_id: str, role: str, actor: Actor, now: datetime) -> bool:
    """End a role; the user's sessions end with it. False where the user does not have it. Raises `LastAdmin`."""
    wanted, user = _role(role), users.get(tx, user_id)
    if actor.ref == user.user_id:
        raise NotYourself
    if wanted is Role.ADMIN and role in user.roles:
        _leave_an_admin(tx)
    if not users.end_role(tx, tx.lender_id, user.user_id, role, by=str(actor), now=now):
        return False
    sessions.end_all(tx, user.user_id, by=str(actor), now=now)
    _record(tx, vault, "user.role_ended", user.user_id, by=actor, now=now, role=role)
    return True


def give_role_elsewhere(
    tx: Tx, *, vault: Vault, home: str, user_id: str, role: str, actor: Actor, now: datetime
) -> bool:
    """Give a user of another lender a role at this one; only the operator, who sees both, does it."""
    wanted = _role(role)
    if actor.role is not Role.OPERATOR:
        raise TwoPeople(role)
    given = users.grant(tx, home, user_id, wanted.value, by=str(actor), now=now)
    if given:
        _record(tx, vault, "user.role_given", f"{user_id}@{home}", by=actor, now=now, role=role)
    return given


def set_password(
    tx: Tx, *, vault: Vault, user_id: str, given: str, must_change: bool, actor: Actor, now: datetime
) -> None:
    """Keep a password, hashed. Raises `password.WeakPassword`."""
    password.check(given, user_id)
    user = users.get(tx, user_id)
    users.set_password(tx, user.user_id, password.hashed(given), must_change=must_change, now=now)
    _record(tx, vault, "user.password_set", user.user_id, by=actor, now=now, must_change=must_change)


def change_password(
    tx: Tx, *, vault: Vault, user_id: str, old: str, given: str, session_id: str, actor: Actor, now: datetime
) -> None:
    """Change one's own password; all other sessions end. Raises `OldPasswordWrong`, `password.WeakPassword`."""
    if not password.holds(old, users.secrets(tx, user_id).password_hash):
        raise OldPasswordWrong
    set_password(tx, vault=vault, user_id=user_id, given=given, must_change=False, actor=actor, now=now)
    sessions.end_all(tx, user_id, by=str(actor), now=now, but=session_id)


def reset(
    tx: Tx, *, vault: Vault, user_id: str, actor: Actor, now: datetime, chance: Callable[[int], bytes],
    authenticator_too: bool = False,
) -> str:  # fmt: skip
    """Give the user a new password, shown once and to be changed at the first sign-in; all sessions end."""
    user = users.get(tx, user_id)
    made = urlsafe_b64encode(chance(_PASSWORD_BYTES)).decode()
    users.set_password(tx, user.user_id, password.hashed(made), must_change=True, now=now)
    if authenticator_too:
        users.set_totp(tx, user.user_id, None)
        users.set_recovery_codes(tx, user.user_id, (), now=now)
    sessions.end_all(tx, user.user_id, by=str(actor), now=now)
    _record(tx, vault, "user.reset", user.user_id, by=actor, now=now, authenticator=authenticator_too)
    return made


def disable(tx: Tx, *, vault: Vault, user_id: str, actor: Actor, now: datetime) -> None:
    """Let a user in no more; all sessions end at once. Raises `LastAdmin`."""
    user = users.get(tx, user_id)
    if actor.ref == user.user_id:
        raise NotYourself
    if Role.ADMIN in user.roles and user.disabled_at is None:
        _leave_an_admin(tx)
    users.set_disabled(tx, user.user_id, at=now, by=str(actor))
    sessions.end_all(tx, user.user_id, by=str(actor), now=now)
    _record(tx, vault, "user.disabled", user.user_id, by=actor, now=now)


def enable(tx: Tx, *, vault: Vault, user_id: str, actor: Actor, now: datetime) -> None:
    """Let a disabled or locked user in again."""
    user = users.get(tx, user_id)
    if actor.ref == user.user_id:
        raise NotYourself
    users.set_disabled(tx, user.user_id, at=None, by=None)
    users.forget_failures(tx, user.user_id)
    _record(tx, vault, "user.enabled", user.user_id, by=actor, now=now)


def set_subject(tx: Tx, *, vault: Vault, user_id: str, subject: str | None, actor: Actor, now: datetime) -> None:
    """Say under which subject the single sign-on knows a user; None: not at all.

    Where another subject opened the door before, all sessions end. Raises `NotASubject`, `users.SubjectTaken`, and
    `NotYourself`: a session that was left open shall not become a way in that stays.
    """
    user = users.get(tx, user_id)
    if actor.ref == user.user_id:
        raise NotYourself
    if subject is not None and not _SUBJECT.fullmatch(subject):
        raise NotASubject
    if subject == user.sso_subject:
        return
    users.set_subject(tx, user.user_id, subject)
    if user.sso_subject is not None:
        sessions.end_all(tx, user.user_id, by=str(actor), now=now)
    _record(tx, vault, "user.subject_set", user.user_id, by=actor, now=now, known=subject is not None)


def enrol(tx: Tx, *, vault: Vault, user_id: str, chance: Callable[[int], bytes]) -> Enrolment:
    """Make a new authenticator for a user; it is in force once `confirm` has seen its first code."""
    secret = chance(authenticator.SECRET_BYTES)
    users.set_totp(tx, user_id, vault.seal_secret(tx.lender_id, owner(user_id), secret))
    return Enrolment(authenticator.base32(secret), authenticator.address(secret, user_id, tx.lender_id))


def confirm(
    tx: Tx, *, vault: Vault, user_id: str, code: str, actor: Actor, now: datetime, chance: Callable[[int], bytes]
) -> list[str]:
    """Put a new authenticator in force by its first code; gives recovery codes, shown once. Raises `WrongCode`."""
    kept = users.secrets(tx, user_id)
    secret = vault.open_secret(tx.lender_id, owner(user_id), kept.totp) if kept.totp else b""
    step = authenticator.step_of(secret, code, now) if secret else None
    if step is None or not users.take_step(tx, user_id, step, now=now):
        raise WrongCode
    codes = authenticator.new_recovery_codes(chance)
    digests = [authenticator.recovery_digest(tx.lender_id, user_id, one) for one in codes]
    users.set_recovery_codes(tx, user_id, digests, now=now)
    _record(tx, vault, "user.authenticator_enrolled", user_id, by=actor, now=now)
    return codes


def remove_authenticator(tx: Tx, *, vault: Vault, user_id: str, given: str, actor: Actor, now: datetime) -> None:
    """Take one's own authenticator away, by the password. Raises `OldPasswordWrong`."""
    if not password.holds(given, users.secrets(tx, user_id).password_hash):
        raise OldPasswordWrong
    users.set_totp(tx, user_id, None)
    users.set_recovery_codes(tx, user_id, (), now=now)
    _record(tx, vault, "user.authenticator_removed", user_id, by=actor, now=now)


def end_session(tx: Tx, *, vault: Vault, session_id: str, actor: Actor, now: datetime) -> bool:
    """End somebody's session; False where it had ended or there is none."""
    found = sessions.get(tx, session_id)
    if found is None or not sessions.end(tx, session_id, by=str(actor), now=now):
        return False
    _record(tx, vault, "user.session_ended", found.user_id, by=actor, now=now, session=session_id)
    return True


def end_sessions(tx: Tx, *, vault: Vault, user_id: str, actor: Actor, now: datetime) -> int:
    """End all sessions of a user; returns how many."""
    user = users.get(tx, user_id)
    ended = sessions.end_all(tx, user.user_id, by=str(actor), now=now)
    _record(tx, vault, "user.sessions_ended", user.user_id, by=actor, now=now, sessions=ended)
    return ended


def _carry_out(tx: Tx, request: Approval, vault: Vault, actor: Actor, now: datetime) -> None:
    _give(tx, vault, str(request.asked["user"]), _role(str(request.asked["role"])), by=actor, now=now)


def _check(tx: Tx, asked: Mapping[str, Any]) -> None:
    user = users.get(tx, str(asked["user"]))
    _role(str(asked["role"]))
    if user.disabled_at is not None:
        raise NotAUser


ROLE_OF_POWER = Kind(
    kind="user.role",
    says=N_("Give {user} the role {role}"),
    asks=frozenset({Role.ADMIN}),
    decides=frozenset({Role.ADMIN, Role.COMPLIANCE}),
    carry_out=_carry_out,
    check=_check,
)
"""Giving a role of power; asked is {"user": …, "role": …}, the subject "user:USER:ROLE"."""


def _give(tx: Tx, vault: Vault, user_id: str, role: Role, *, by: Actor, now: datetime) -> bool:
    user = users.get(tx, user_id)
    if by.ref == user.user_id:
        raise NotYourself
    given = users.grant(tx, tx.lender_id, user.user_id, role.value, by=str(by), now=now)
    if given:
        _record(tx, vault, "user.role_given", user.user_id, by=by, now=now, role=role.value)
    return given


def _role(name: str) -> Role:
    if name not in RIGHTS:
        raise UnknownRole(name)
    return Role(name)


def _team(team: str | None) -> str | None:
    if team and not _TEAM.fullmatch(team):
        raise NotATeam
    return team or None


def _leave_an_admin(tx: Tx) -> None:
    if users.holders(tx, Role.ADMIN.value) < 2:
        raise LastAdmin


def _record(
    tx: Tx, vault: Vault, kind: str, user_id: str, *, by: Actor, now: datetime, **stated: str | int | bool | None
) -> None:
    log.append(
        tx, vault=vault, kind=kind, at=now, actor=str(by),
        stated={"user": vault.actor_pseudonym(tx.lender_id, f"user:{user_id}"), **stated},
    )  # fmt: skip
