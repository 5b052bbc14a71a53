"""Who signs in: users by staff number, their roles, their secrets (hashed or sealed), and what failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from psycopg.errors import UniqueViolation

from duecourse.storage.connection import Tx
from duecourse.storage.vault import Wrapped
from duecourse.trouble import N_, BadInput


class NoSuchUser(BadInput):
    """A staff number nobody signs in with."""

    def __init__(self, user_id: str) -> None:
        super().__init__(N_("there is no user {user}; `duecourse user list` shows all"), user=user_id)


class UserExists(BadInput):
    """A staff number that is taken, in whatever letters."""

    def __init__(self, user_id: str) -> None:
        super().__init__(N_("user {user} exists already, or one that differs in capitals only"), user=user_id)


class SubjectTaken(BadInput):
    """A subject under which the single sign-on knows somebody else."""

    def __init__(self, user_id: str) -> None:
        super().__init__(
            N_("the single sign-on knows {user} under this subject: take it away there first, or give another"),
            user=user_id,
        )


@dataclass(frozen=True, slots=True)
class User:
    """A user as kept; the sign-in name is the staff number. No secret is in here."""

    user_id: str
    team: str | None
    has_password: bool
    password_must_change: bool
    totp_at: datetime | None
    sso_subject: str | None
    failures: int
    locked_until: datetime | None
    created_at: datetime
    disabled_at: datetime | None
    roles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """PostgreSQL gives a list; a value has a tuple."""
        object.__setattr__(self, "roles", tuple(self.roles))

    def locked(self, now: datetime) -> bool:
        """Whether signing in is refused for a while, after too many failures."""
        return self.locked_until is not None and now < self.locked_until


@dataclass(frozen=True, slots=True)
class Secrets:
    """What proves a user: the hash of the password, the sealed secret of the authenticator, the last step taken."""

    password_hash: str | None = field(repr=False)
    totp: Wrapped | None = field(repr=False)
    totp_at: datetime | None
    totp_step: int | None


_COLUMNS = (
    "u.user_id, u.team, u.password_hash IS NOT NULL AS has_password, u.password_must_change, u.totp_at, u.sso_subject, "
    "u.failures, u.locked_until, u.created_at, u.disabled_at, "
    "ARRAY(SELECT r.role FROM user_role r WHERE r.lender_id = u.lender_id AND r.user_home = u.lender_id "
    "AND r.user_id = u.user_id AND r.ended_at IS NULL ORDER BY r.role) AS roles"
)


def add(tx: Tx, user_id: str, *, team: str | None, by: str, now: datetime) -> None:
    """Enter a user, without password or role; raises `UserExists`."""
    try:
        with tx.connection.transaction():
            tx.execute(
                "INSERT INTO app_user (lender_id, user_id, team, created_at, created_by) VALUES (%s, %s, %s, %s, %s)",
                (tx.lender_id, user_id, team, now, by),
            )
    except UniqueViolation:
        raise UserExists(user_id) from None


def find(tx: Tx, sign_in_name: str) -> User | None:
    """The user who signs in under a name, in whatever capitals."""
    return tx.row(
        User,
        f"SELECT {_COLUMNS} FROM app_user u WHERE u.lender_id = %s AND lower(u.user_id) = lower(%s)",
        (tx.lender_id, sign_in_name),
    )


def get(tx: Tx, user_id: str) -> User:
    """One user; raises `NoSuchUser`."""
    found = find(tx, user_id)
    if found is None:
        raise NoSuchUser(user_id)
    return found


def lock(tx: Tx, user_id: str) -> None:
    """Hold the user's row until the transaction ends: what is counted or taken once waits in line."""
    tx.execute("SELECT FROM app_user WHERE lender_id = %s AND user_id = %s FOR UPDATE", (tx.lender_id, user_id))


def by_subject(tx: Tx, subject: str) -> User | None:
    """The user whom the single sign-on knows under a subject."""
    return tx.row(
        User,
        f"SELECT {_COLUMNS} FROM app_user u WHERE u.lender_id = %s AND u.sso_subject = %s",
        (tx.lender_id, subject),
    )


def every(tx: Tx) -> list[User]:
    """All users of the lender, by staff number."""
    return tx.rows(
        User, f"SELECT {_COLUMNS} FROM app_user u WHERE u.lender_id = %s ORDER BY u.user_id", (tx.lender_id,)
    )


def page(tx: Tx, *, after: str, most: int) -> list[User]:
    """Users after a staff number, by staff number."""
    return tx.rows(
        User,
        f"SELECT {_COLUMNS} FROM app_user u WHERE u.lender_id = %s AND u.user_id > %s ORDER BY u.user_id LIMIT %s",
        (tx.lender_id, after, most),
    )


def secrets(tx: Tx, user_id: str) -> Secrets:
    """What proves the user."""
    found = tx.execute(
        "SELECT password_hash, totp_key_id, totp_sealed, totp_at, totp_step FROM app_user "
        "WHERE lender_id = %s AND user_id = %s",
        (tx.lender_id, user_id),
    ).fetchone()
    if found is None:
        raise NoSuchUser(user_id)
    totp = Wrapped(found[1], bytes(found[2])) if found[1] else None
    return Secrets(found[0], totp, found[3], found[4])


def set_password(tx: Tx, user_id: str, password_hash: str, *, must_change: bool, now: datetime) -> None:
    """Keep a new password's hash; failures are forgotten."""
    tx.execute(
        "UPDATE app_user SET password_hash = %s, password_at = %s, password_must_change = %s, failures = 0, "
        "locked_until = NULL WHERE lender_id = %s AND user_id = %s",
        (password_hash, now, must_change, tx.lender_id, user_id),
    )


def set_totp(tx: Tx, user_id: str, secret: Wrapped | None) -> None:
    """Keep a new authenticator's sealed secret, not yet in force; None takes the authenticator away."""
    tx.execute(
        "UPDATE app_user SET totp_key_id = %s, totp_sealed = %s, totp_at = NULL, totp_step = NULL "
        "WHERE lender_id = %s AND user_id = %s",
        (secret.key_id if secret else None, secret.sealed if secret else None, tx.lender_id, user_id),
    )


def take_step(tx: Tx, user_id: str, step: int, *, now: datetime) -> bool:
    """Take a code's time step, once; False where it, or a later one, was taken. The first puts it in force."""
    return (
        tx.execute(
            "UPDATE app_user SET totp_step = %s, totp_at = coalesce(totp_at, %s) WHERE lender_id = %s AND user_id = %s "
            "AND (totp_step IS NULL OR totp_step < %s)",
            (step, now, tx.lender_id, user_id, step),
        ).rowcount
        == 1
    )


def set_recovery_codes(tx: Tx, user_id: str, digests: Sequence[bytes], *, now: datetime) -> None:
    """Replace the recovery codes."""
    tx.execute("DELETE FROM user_recovery_code WHERE lender_id = %s AND user_id = %s", (tx.lender_id, user_id))
    if digests:
        tx.many(
            "INSERT INTO user_recovery_code (lender_id, user_id, digest, created_at) VALUES (%s, %s, %s, %s)",
            [(tx.lender_id, user_id, digest, now) for digest in digests],
        )


def take_recovery_code(tx: Tx, user_id: str, digest: bytes, *, now: datetime) -> bool:
    """Take a recovery code, once."""
    return (
        tx.execute(
            "UPDATE user_recovery_code SET used_at = %s WHERE lender_id = %s AND user_id = %s AND digest = %s "
            "AND used_at IS NULL",
            (now, tx.lender_id, user_id, digest),
        ).rowcount
        == 1
    )


def recovery_codes_left(tx: Tx, user_id: str) -> int:
    """How many recovery codes are unused."""
    left = tx.value(
        "SELECT count(*) FROM user_recovery_code WHERE lender_id = %s AND user_id = %s AND used_at IS NULL",
        (tx.lender_id, user_id),
    )
    return int(str(left))


def set_subject(tx: Tx, user_id: str, subject: str | None) -> None:
    """Say under which subject the single sign-on knows the user; raises `SubjectTaken` where another has it."""
    try:
        with tx.connection.transaction():
            tx.execute(
                "UPDATE app_user SET sso_subject = %s WHERE lender_id = %s AND user_id = %s",
                (subject, tx.lender_id, user_id),
            )
    except UniqueViolation:
        holder = by_subject(tx, subject or "")
        raise SubjectTaken(holder.user_id if holder else user_id) from None


def set_team(tx: Tx, user_id: str, team: str | None) -> None:
    """Put a user into a team."""
    tx.execute("UPDATE app_user SET team = %s WHERE lender_id = %s AND user_id = %s", (team, tx.lender_id, user_id))


def count_failure(tx: Tx, user_id: str, *, locked_until: datetime | None, now: datetime) -> None:
    """Count a failed sign-in, and lock the user for a while where it is one too many."""
    tx.execute(
        "UPDATE app_user SET failures = failures + 1, failed_at = %s, locked_until = coalesce(%s, locked_until) "
        "WHERE lender_id = %s AND user_id = %s",
        (now, locked_until, tx.lender_id, user_id),
    )


def forget_failures(tx: Tx, user_id: str) -> None:
    """The user has come in, or was unlocked."""
    tx.execute(
        "UPDATE app_user SET failures = 0, locked_until = NULL WHERE lender_id = %s AND user_id = %s "
        "AND (failures > 0 OR locked_until IS NOT NULL)",
        (tx.lender_id, user_id),
    )


def set_disabled(tx: Tx, user_id: str, *, at: datetime | None, by: str | None) -> None:
    """Disable a user, or (both None) let the user in again."""
    tx.execute(
        "UPDATE app_user SET disabled_at = %s, disabled_by = %s WHERE lender_id = %s AND user_id = %s",
        (at, by, tx.lender_id, user_id),
    )


def failures_of_address(tx: Tx, address: bytes, *, since: datetime) -> int:
    """How often signing in failed from an address of late."""
    found = tx.value(
        "SELECT coalesce(sum(failures), 0) FROM sign_in_failure WHERE lender_id = %s AND address = %s AND minute >= %s",
        (tx.lender_id, address, since),
    )
    return int(str(found))


def count_address(tx: Tx, address: bytes, *, now: datetime) -> None:
    """Count a failed sign-in of an address; what is older than a day is forgotten."""
    tx.execute(
        "INSERT INTO sign_in_failure (lender_id, address, minute, failures) VALUES (%s, %s, date_trunc('minute', "
        "%s::timestamptz), 1) ON CONFLICT (lender_id, address, minute) DO UPDATE "
        "SET failures = sign_in_failure.failures + 1",
        (tx.lender_id, address, now),
    )
    tx.execute(
        "DELETE FROM sign_in_failure WHERE lender_id = %s AND minute < %s::timestamptz - interval '1 day'",
        (tx.lender_id, now),
    )


def roles_of(tx: Tx, home: str, user_id: str) -> tuple[str, ...]:
    """The roles that this lender gave to a user of a lender (its own, or another)."""
    found = tx.execute(
        "SELECT role FROM user_role WHERE lender_id = %s AND user_home = %s AND user_id = %s AND ended_at IS NULL "
        "ORDER BY role",
        (tx.lender_id, home, user_id),
    )
    return tuple(str(row[0]) for row in found)


def grant(tx: Tx, home: str, user_id: str, role: str, *, by: str, now: datetime) -> bool:
    """Give a role at this lender; False where the user has it."""
    return (
        tx.execute(
            "INSERT INTO user_role (lender_id, user_home, user_id, role, granted_at, granted_by) "
            "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (tx.lender_id, home, user_id, role, now, by),
        ).rowcount
        == 1
    )


def end_role(tx: Tx, home: str, user_id: str, role: str, *, by: str, now: datetime) -> bool:
    """End a role at this lender; False where the user did not have it."""
    return (
        tx.execute(
            "UPDATE user_role SET ended_at = %s, ended_by = %s WHERE lender_id = %s AND user_home = %s "
            "AND user_id = %s AND role = %s AND ended_at IS NULL",
            (now, by, tx.lender_id, home, user_id, role),
        ).rowcount
        == 1
    )


def holders(tx: Tx, role: str) -> int:
    """How many enabled users of this lender hold a role here."""
    found = tx.value(
        "SELECT count(*) FROM user_role r JOIN app_user u ON u.lender_id = r.user_home AND u.user_id = r.user_id "
        "WHERE r.lender_id = %s AND r.role = %s AND r.ended_at IS NULL AND u.disabled_at IS NULL",
        (tx.lender_id, role),
    )
    return int(str(found))


def put_elsewhere(tx: Tx, user_id: str, works_for: str) -> None:
    """Note at home that another lender gave the user a role."""
    tx.execute(
        "INSERT INTO user_elsewhere (lender_id, user_id, works_for) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (tx.lender_id, user_id, works_for),
    )


def elsewhere(tx: Tx, user_id: str) -> tuple[str, ...]:
    """Other lenders that may let the user work for them."""
    found = tx.execute(
        "SELECT works_for FROM user_elsewhere WHERE lender_id = %s AND user_id = %s ORDER BY works_for",
        (tx.lender_id, user_id),
    )
    return tuple(str(row[0]) for row in found)
