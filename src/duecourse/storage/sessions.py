"""Sessions of signed-in users.

The cookie is ``LENDER.SECRET``: the lender's code, so that the row is looked for among this lender's alone, and 32
random bytes, of which only a digest is kept.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from duecourse.storage.connection import Tx

SECRET_BYTES = 32
_TEXT = re.compile(r"([a-z0-9][a-z0-9_-]{0,31})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Session:
    """A session as kept. ``works_for`` is the lender at whose desk the user works; the user's own, or another."""

    session_id: str
    user_id: str
    works_for: str
    proof: str
    agent: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    ended_by: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """What a request needs to know of its session: the session, and of its user what may have changed since."""

    session_id: str
    user_id: str
    works_for: str
    proof: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    disabled_at: datetime | None
    totp_at: datetime | None
    password_must_change: bool
    team: str | None
    roles: tuple[str, ...] = field(default=())
    elsewhere: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        """PostgreSQL gives lists; a value has tuples."""
        object.__setattr__(self, "roles", tuple(self.roles))
        object.__setattr__(self, "elsewhere", tuple(self.elsewhere))


def new_text(lender_id: str, chance: Callable[[int], bytes]) -> str:
    """The text of a new session's cookie."""
    return f"{lender_id}.{urlsafe_b64encode(chance(SECRET_BYTES)).rstrip(b'=').decode()}"


def lender_of(text: str) -> str | None:
    """The lender whose session a cookie says it is, None where it is no session at all."""
    found = _TEXT.fullmatch(text)
    return found.group(1) if found else None


def digest(text: str) -> bytes:
    """What is kept of a cookie's text."""
    return sha256(text.encode()).digest()


_COLUMNS = "session_id, user_id, works_for, proof, agent, created_at, seen_at, expires_at, ended_at, ended_by"


def add(tx: Tx, session: Session, text: str) -> None:
    """Keep a new session under the digest of its cookie."""
    s = session
    tx.execute(
        f"INSERT INTO user_session (lender_id, digest, {_COLUMNS}) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            tx.lender_id, digest(text), s.session_id, s.user_id, s.works_for, s.proof, s.agent, s.created_at,
            s.seen_at, s.expires_at, s.ended_at, s.ended_by,
        ),
    )  # fmt: skip


def known(tx: Tx, text: str) -> Known | None:
    """The session of a cookie, whether it is live or not, with its user as it is now; one round trip."""
    return tx.row(
        Known,
        "SELECT s.session_id, s.user_id, s.works_for, s.proof, s.created_at, s.seen_at, s.expires_at, s.ended_at, "
        "u.disabled_at, u.totp_at, u.password_must_change, u.team, "
        "ARRAY(SELECT r.role FROM user_role r WHERE r.lender_id = s.lender_id AND r.user_home = s.lender_id "
        "AND r.user_id = s.user_id AND r.ended_at IS NULL ORDER BY r.role) AS roles, "
        "ARRAY(SELECT e.works_for::text FROM user_elsewhere e WHERE e.lender_id = s.lender_id "
        "AND e.user_id = s.user_id ORDER BY 1) AS elsewhere "
        "FROM user_session s JOIN app_user u USING (lender_id, user_id) WHERE s.lender_id = %s AND s.digest = %s",
        (tx.lender_id, digest(text)),
    )


def seen(tx: Tx, session_id: str, *, now: datetime) -> None:
    """The session is in use."""
    tx.execute(
        "UPDATE user_session SET seen_at = %s WHERE lender_id = %s AND session_id = %s AND seen_at < %s",
        (now, tx.lender_id, session_id, now),
    )


def work_for(tx: Tx, session_id: str, lender_id: str) -> None:
    """From now on the session's desk is this lender's."""
    tx.execute(
        "UPDATE user_session SET works_for = %s WHERE lender_id = %s AND session_id = %s",
        (lender_id, tx.lender_id, session_id),
    )


def strengthen(tx: Tx, session_id: str, proof: str) -> None:
    """The user has proved more than the session began with."""
    tx.execute(
        "UPDATE user_session SET proof = %s WHERE lender_id = %s AND session_id = %s",
        (proof, tx.lender_id, session_id),
    )


def end(tx: Tx, session_id: str, *, by: str, now: datetime) -> bool:
    """End a session at once; False where it had ended."""
    return (
        tx.execute(
            "UPDATE user_session SET ended_at = %s, ended_by = %s WHERE lender_id = %s AND session_id = %s "
            "AND ended_at IS NULL",
            (now, by, tx.lender_id, session_id),
        ).rowcount
        == 1
    )


def end_all(tx: Tx, user_id: str, *, by: str, now: datetime, but: str = "") -> int:
    """End all sessions of a user but one; returns how many."""
    return tx.execute(
        "UPDATE user_session SET ended_at = %s, ended_by = %s WHERE lender_id = %s AND user_id = %s "
        "AND ended_at IS NULL AND session_id <> %s",
        (now, by, tx.lender_id, user_id, but),
    ).rowcount


def live(tx: Tx, *, now: datetime, user_id: str | None = None) -> list[Session]:
    """Sessions that have not ended and not expired, the latest in use first; of one user, or of all."""
    return tx.rows(
        Session,
        f"SELECT {_COLUMNS} FROM user_session WHERE lender_id = %s AND ended_at IS NULL AND expires_at > %s "
        "AND user_id = coalesce(%s, user_id) ORDER BY seen_at DESC, session_id",
        (tx.lender_id, now, user_id),
    )


def get(tx: Tx, session_id: str) -> Session | None:
    """One session, ended or not."""
    return tx.row(
        Session,
        f"SELECT {_COLUMNS} FROM user_session WHERE lender_id = %s AND session_id = %s",
        (tx.lender_id, session_id),
    )
