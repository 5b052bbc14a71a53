"""Sign-ins under way at the identity provider: kept until somebody comes back, taken once."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from duecourse.storage.connection import Tx
from duecourse.storage.vault import Wrapped

LASTS = timedelta(minutes=10)


def add(tx: Tx, state: str, sealed: Wrapped, *, now: datetime) -> None:
    """Keep what must come back with a state; what nobody came back for is forgotten."""
    tx.execute("DELETE FROM sso_attempt WHERE lender_id = %s AND begun_at < %s", (tx.lender_id, now - LASTS))
    tx.execute(
        "INSERT INTO sso_attempt (lender_id, state_digest, key_id, sealed, begun_at) VALUES (%s, %s, %s, %s, %s)",
        (tx.lender_id, _digest(state), sealed.key_id, sealed.sealed, now),
    )


def take(tx: Tx, state: str, *, now: datetime) -> Wrapped | None:
    """What was kept under a state, once; None where there is nothing, or it is too old."""
    found = tx.execute(
        "DELETE FROM sso_attempt WHERE lender_id = %s AND state_digest = %s RETURNING key_id, sealed, begun_at",
        (tx.lender_id, _digest(state)),
    ).fetchone()
    if found is None or now - found[2] >= LASTS:
        return None
    return Wrapped(str(found[0]), bytes(found[1]))


def _digest(state: str) -> bytes:
    return sha256(state.encode()).digest()
