"""Whether the ground is well: the server, how large it is, what it waits for, and migrations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from duecourse.core.money import BrokenInvariant
from duecourse.storage.connection import Tx


@dataclass(frozen=True, slots=True)
class Health:
    """The database as a transaction sees it."""

    version: str
    started_at: datetime
    size_bytes: int
    connections: int
    waiting: int  # connections that wait for a lock
    oldest_seconds: int  # of the oldest transaction that is open


def of(tx: Tx) -> Health:
    """How the database is."""
    found = tx.row(
        Health,
        "SELECT split_part(current_setting('server_version'), ' ', 1) AS version, "
        "pg_postmaster_start_time() AS started_at, "
        "pg_database_size(current_database()) AS size_bytes, count(*)::int AS connections, "
        "count(*) FILTER (WHERE wait_event_type = 'Lock')::int AS waiting, "
        "coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::int AS oldest_seconds "
        "FROM pg_stat_activity WHERE datname = current_database()",
    )
    if found is None:
        raise BrokenInvariant("a count gave no row")
    return found
