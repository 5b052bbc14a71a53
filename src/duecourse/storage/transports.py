"""By what a lender sends on each channel, how fast, and whether its provider is shut off for a while."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from psycopg.types.json import Jsonb

from duecourse.storage.connection import Tx
from duecourse.storage.vault import Wrapped
from duecourse.trouble import N_, BadInput

BURST = timedelta(seconds=2)
"""So much of a minute's messages may go at once."""


def owner(channel: str) -> str:
    """Under which name the secrets of a channel are sealed."""
    return f"transport:{channel}"


class NoTransport(BadInput):
    """Nothing is set up to send on a channel."""

    def __init__(self, channel: str) -> None:
        super().__init__(
            N_("nothing is set up that sends on the channel {channel}: `duecourse channel set` does"), channel=channel
        )


@dataclass(frozen=True, slots=True)
class TransportRow:
    """A row of ``transport``."""

    channel: str
    name: str
    settings: Mapping[str, str]
    key_id: str
    secrets_sealed: bytes = field(repr=False)
    minute_max: int
    set_at: datetime
    set_by: str
    failures: int
    shut_until: datetime | None

    @property
    def owner(self) -> str:
        """Under which name its secrets are sealed."""
        return owner(self.channel)

    @property
    def secret(self) -> Wrapped:
        """Its secrets as they are sealed."""
        return Wrapped(self.key_id, self.secrets_sealed)


_COLUMNS = "channel, name, settings, key_id, secrets_sealed, minute_max, set_at, set_by, failures, shut_until"


def put(
    tx: Tx,
    *,
    channel: str,
    name: str,
    settings: Mapping[str, str],
    secret: Wrapped,
    minute_max: int,
    actor: str,
    now: datetime,
) -> None:
    """Set up a channel, in place of what was set up before."""
    tx.execute(
        "INSERT INTO transport (lender_id, channel, name, settings, key_id, secrets_sealed, minute_max, set_at, "
        "set_by, next_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (lender_id, channel) DO UPDATE "
        "SET name = excluded.name, settings = excluded.settings, key_id = excluded.key_id, secrets_sealed = "
        "excluded.secrets_sealed, minute_max = excluded.minute_max, set_at = excluded.set_at, set_by = "
        "excluded.set_by, next_at = excluded.next_at, failures = 0, shut_until = NULL",
        (
            tx.lender_id, channel, name, Jsonb(dict(settings)), secret.key_id, secret.sealed, minute_max, now, actor,
            now - BURST,
        ),
    )  # fmt: skip


def get(tx: Tx, channel: str) -> TransportRow:
    """What sends on a channel; raises `NoTransport`."""
    found = tx.row(
        TransportRow,
        f"SELECT {_COLUMNS} FROM transport WHERE lender_id = %s AND channel = %s",
        (tx.lender_id, channel),
    )
    if found is None:
        raise NoTransport(channel)
    return found


def every(tx: Tx) -> list[TransportRow]:
    """What is set up, by channel."""
    return tx.rows(
        TransportRow, f"SELECT {_COLUMNS} FROM transport WHERE lender_id = %s ORDER BY channel", (tx.lender_id,)
    )


def reseal(tx: Tx, channel: str, secret: Wrapped) -> None:
    """Write the same secrets sealed anew."""
    tx.execute(
        "UPDATE transport SET key_id = %s, secrets_sealed = %s WHERE lender_id = %s AND channel = %s",
        (secret.key_id, secret.sealed, tx.lender_id, channel),
    )


def leave(tx: Tx, channel: str, *, most: int, now: datetime) -> int:
    """Take leave to send up to so many messages now; how many, by the channel's rate, whoever else sends.

    What was not used of what had been saved up is lost after `BURST`.
    """
    found = tx.execute(
        "SELECT minute_max, next_at FROM transport WHERE lender_id = %s AND channel = %s FOR UPDATE",
        (tx.lender_id, channel),
    ).fetchone()
    if found is None:
        return 0
    step = timedelta(minutes=1) / int(found[0])
    begin = max(found[1], now - BURST)
    count = min(most, max(0, int((now - begin) / step) + 1)) if begin <= now else 0
    if count:
        tx.execute(
            "UPDATE transport SET next_at = %s WHERE lender_id = %s AND channel = %s",
            (begin + step * count, tx.lender_id, channel),
        )
    return count


def failed(tx: Tx, channel: str, *, many: int = 1, most: int, until: datetime) -> bool:
    """Count failures of the provider; with ``most`` in a row nobody calls it before an instant. Whether it is so."""
    return bool(
        tx.value(
            "UPDATE transport SET failures = failures + %s, shut_until = CASE WHEN failures + %s >= %s THEN "
            "%s::timestamptz END WHERE lender_id = %s AND channel = %s RETURNING shut_until IS NOT NULL",
            (many, many, most, until, tx.lender_id, channel),
        )
    )


def works(tx: Tx, channel: str) -> None:
    """The provider took something: its failures are forgotten."""
    tx.execute(
        "UPDATE transport SET failures = 0, shut_until = NULL WHERE lender_id = %s AND channel = %s AND failures > 0",
        (tx.lender_id, channel),
    )
