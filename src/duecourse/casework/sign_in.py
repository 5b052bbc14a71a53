"""Signing in and out: password, then the authenticator's code where one is enrolled; sessions that expire.

Every failure counts for the user and for the address it came from. Five in a row lock the user for a minute, each more
for twice as long, up to an hour. What is said to whoever tries is the same for a wrong name, a wrong password and a
locked user.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from duecourse.casework import authenticator, password
from duecourse.casework.actor import Actor, Role
from duecourse.casework.rights import OF_POWER, roles_from
from duecourse.core.ids import letters
from duecourse.storage import log, sessions, users
from duecourse.storage.connection import Tx
from duecourse.storage.sessions import Known, Session
from duecourse.storage.users import User
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, Refused

FAILURES_MAX: Final = 5
LOCK_FIRST = timedelta(minutes=1)
LOCK_LONGEST = timedelta(hours=1)
ADDRESS_WINDOW = timedelta(minutes=10)
ADDRESS_FAILURES_MAX: Final = 50

LASTS = timedelta(hours=12)
IDLE = timedelta(minutes=60)
IDLE_OF_POWER = timedelta(minutes=30)
SEEN_EVERY = timedelta(minutes=1)
"""A session's use is noted at most this often."""

_AGENT_MAX = 80
_ID_BYTES = 8


class NotSignedIn(Refused):
    """Who tries does not come in, and does not learn why."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "sign-in name or password is wrong, or there were too many tries. "
                "Try again in a while, or ask an administrator."
            )
        )


class WrongCode(Refused):
    """The code is none, or was used."""

    def __init__(self) -> None:
        super().__init__(N_("this code is wrong, or was used. Wait for the next one, or use a recovery code."))


@dataclass(frozen=True, slots=True)
class Begun:
    """A session that was begun; its cookie, which nobody can show again."""

    session: Session
    cookie: str = field(repr=False)


def check_password(tx: Tx, *, vault: Vault, name: str, given: str, address: str, now: datetime) -> User | None:
    """The user whose password it is, None where nobody comes in; a failure is counted.

    The transaction is to be committed either way: failures that are undone would not count.
    """
    place = _place(vault, tx.lender_id, address)
    user = users.find(tx, name)
    if user is not None:
        users.lock(tx, user.user_id)
        user = users.get(tx, user.user_id)
    tired = users.failures_of_address(tx, place, since=now - ADDRESS_WINDOW) >= ADDRESS_FAILURES_MAX
    kept = users.secrets(tx, user.user_id).password_hash if user is not None else None
    right = password.holds(given, kept)
    if user is not None and right and not tired and not user.locked(now) and user.disabled_at is None:
        return user
    users.count_address(tx, place, now=now)
    if user is not None and not user.locked(now):  # what is tried while it is locked does not lock it for longer
        _count(tx, vault, user, "password", now)
    return None


def check_code(tx: Tx, *, vault: Vault, user_id: str, code: str, now: datetime) -> str | None:
    """How a code proves the user (``password_totp`` or ``password_recovery``); None where it does not, counted."""
    users.lock(tx, user_id)
    user = users.get(tx, user_id)
    if user.locked(now) or user.disabled_at is not None:
        return None
    kept = users.secrets(tx, user_id)
    if kept.totp is not None and kept.totp_at is not None:
        secret = vault.open_secret(tx.lender_id, owner(user_id), kept.totp)
        step = authenticator.step_of(secret, code, now)
        if step is not None and users.take_step(tx, user_id, step, now=now):
            return "password_totp"
        digest = authenticator.recovery_digest(tx.lender_id, user_id, code)
        if users.take_recovery_code(tx, user_id, digest, now=now):
            _record(tx, vault, "user.recovered", user_id, now, left=users.recovery_codes_left(tx, user_id))
            return "password_recovery"
    _count(tx, vault, user, "code", now)
    return None


def begin_session(
    tx: Tx, *, vault: Vault, user: User, proof: str, agent: str, now: datetime, chance: Callable[[int], bytes]
) -> Begun:
    """Begin a session of a user who has proved who it is; roles of power leave a record of it."""
    users.forget_failures(tx, user.user_id)
    session = Session(
        session_id=letters(chance(_ID_BYTES)), user_id=user.user_id, works_for=tx.lender_id, proof=proof,
        agent=agent[:_AGENT_MAX], created_at=now, seen_at=now, expires_at=now + LASTS, ended_at=None, ended_by=None,
    )  # fmt: skip
    text = sessions.new_text(tx.lender_id, chance)
    sessions.add(tx, session, text)
    if OF_POWER & set(roles_from(user.roles)):
        _record(tx, vault, "user.signed_in", user.user_id, now, session=session.session_id, proof=proof)
    return Begun(session, text)


def live(known: Known, now: datetime) -> bool:
    """Whether a session opens anything: not ended, not expired, not idle for too long, and its user not disabled."""
    idle = IDLE_OF_POWER if OF_POWER & set(roles_from(known.roles)) else IDLE
    return (
        known.ended_at is None and known.disabled_at is None and now < known.expires_at and now - known.seen_at < idle
    )


def sign_out(tx: Tx, *, vault: Vault, user_id: str, session_id: str, now: datetime) -> None:
    """End one's own session; roles of power leave a record of it."""
    ended = sessions.end(tx, session_id, by=f"user:{user_id}", now=now)
    if ended and OF_POWER & set(roles_from(users.get(tx, user_id).roles)):
        _record(tx, vault, "user.signed_out", user_id, now, session=session_id)


def must_enrol(known: Known) -> bool:
    """Whether the user has a role of power and neither an authenticator nor single sign-on: nothing else opens."""
    return known.proof != "sso" and known.totp_at is None and bool(OF_POWER & set(roles_from(known.roles)))


def owner(user_id: str) -> str:
    """Under which name a user's secret is sealed."""
    return f"user:{user_id}"


def as_actor(user: User) -> Actor:
    """A user as records name whoever signs in: in the first role held."""
    roles = roles_from(user.roles)
    return Actor(roles[0] if roles else Role.COLLECTOR, user.user_id)


def _count(tx: Tx, vault: Vault, user: User, what: str, now: datetime) -> None:
    failures = user.failures + 1
    until = None
    if failures >= FAILURES_MAX:
        until = now + min(LOCK_FIRST * 2 ** min(failures - FAILURES_MAX, 16), LOCK_LONGEST)
    users.count_failure(tx, user.user_id, locked_until=until, now=now)
    _record(tx, vault, "user.sign_in_failed", user.user_id, now, what=what, failures=failures, locked=until is not None)


def _record(tx: Tx, vault: Vault, kind: str, user_id: str, now: datetime, **stated: str | int | bool) -> None:
    log.append(
        tx, vault=vault, kind=kind, at=now, actor=f"user:{user_id}",
        stated={"user": vault.actor_pseudonym(tx.lender_id, f"user:{user_id}"), **stated},
    )  # fmt: skip


def _place(vault: Vault, lender_id: str, address: str) -> bytes:
    return vault.index_normal(lender_id, "address", address)
