"""Whom the lender has told what was done, and what became of each telling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from duecourse.storage.connection import Tx
from duecourse.storage.vault import Wrapped
from duecourse.trouble import N_, BadInput


class NoSuchEndpoint(BadInput):
    """A number that no endpoint has."""

    def __init__(self, endpoint_id: int) -> None:
        super().__init__(N_("there is no webhook endpoint {number}"), number=endpoint_id)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint; live while ``ended_at`` is None."""

    endpoint_id: int
    url: str
    kinds: list[str]
    key_id: str
    secret_sealed: bytes = field(repr=False)
    created_at: datetime
    created_by: str
    ended_at: datetime | None

    @property
    def secret(self) -> Wrapped:
        """Its secret as it is sealed."""
        return Wrapped(self.key_id, self.secret_sealed)


@dataclass(frozen=True, slots=True)
class Told:
    """One telling: which entry, to which endpoint, and what became of it."""

    endpoint_id: int
    entry_id: int
    kind: str
    at: datetime
    state: str
    attempts: int
    next_at: datetime
    last_status: int | None
    last_trouble: str | None
    delivered_at: datetime | None


_ENDPOINT = (
    "SELECT endpoint_id, url, kinds, key_id, secret_sealed, created_at, created_by, ended_at FROM webhook_endpoint "
)
_TOLD = "endpoint_id, entry_id, kind, at, state, attempts, next_at, last_status, last_trouble, delivered_at"


def number(tx: Tx) -> int:
    """The number of an endpoint that is about to be added: its secret is sealed under it."""
    return int(str(tx.value("SELECT nextval(pg_get_serial_sequence('webhook_endpoint', 'endpoint_id'))")))


def add(
    tx: Tx, endpoint_id: int, *, url: str, kinds: Sequence[str], secret: Wrapped, actor: str, now: datetime
) -> None:
    """Add an endpoint under its `number`."""
    tx.execute(
        "INSERT INTO webhook_endpoint (lender_id, endpoint_id, url, kinds, key_id, secret_sealed, created_at, "
        "created_by) OVERRIDING SYSTEM VALUE VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (tx.lender_id, endpoint_id, url, sorted(set(kinds)), secret.key_id, secret.sealed, now, actor),
    )


def end(tx: Tx, endpoint_id: int, *, actor: str, now: datetime) -> bool:
    """End an endpoint; what waits for it is told no more. False where it is not live."""
    done = tx.execute(
        "UPDATE webhook_endpoint SET ended_at = %s, ended_by = %s "
        "WHERE lender_id = %s AND endpoint_id = %s AND ended_at IS NULL",
        (now, actor, tx.lender_id, endpoint_id),
    )
    return done.rowcount == 1


def reseal(tx: Tx, endpoint_id: int, secret: Wrapped) -> None:
    """Write another secret of an endpoint."""
    tx.execute(
        "UPDATE webhook_endpoint SET key_id = %s, secret_sealed = %s WHERE lender_id = %s AND endpoint_id = %s",
        (secret.key_id, secret.sealed, tx.lender_id, endpoint_id),
    )


def get(tx: Tx, endpoint_id: int) -> Endpoint:
    """One endpoint; raises `NoSuchEndpoint`."""
    found = tx.row(Endpoint, _ENDPOINT + "WHERE lender_id = %s AND endpoint_id = %s", (tx.lender_id, endpoint_id))
    if found is None:
        raise NoSuchEndpoint(endpoint_id)
    return found


def every(tx: Tx) -> list[Endpoint]:
    """All endpoints, the latest first."""
    return tx.rows(Endpoint, _ENDPOINT + "WHERE lender_id = %s ORDER BY endpoint_id DESC", (tx.lender_id,))


def due(tx: Tx, *, now: datetime, until: datetime, most: int) -> list[Told]:
    """Take tellings that are due, the oldest first, so that nobody else takes them until ``until``.

    Whoever takes them and dies leaves them to the next: each is told at least once, under the same message id.
    """
    return tx.rows(
        Told,
        "UPDATE webhook_event w SET next_at = %(until)s, attempts = w.attempts + 1 FROM (SELECT v.lender_id, "
        "v.endpoint_id, "
        "v.entry_id FROM webhook_event v JOIN webhook_endpoint e USING (lender_id, endpoint_id) WHERE v.lender_id = "
        "%(lender)s AND v.state = 'waiting' AND v.next_at <= %(now)s AND e.ended_at IS NULL ORDER BY v.next_at, "
        "v.entry_id "
        "LIMIT %(most)s FOR UPDATE OF v SKIP LOCKED) d WHERE w.lender_id = d.lender_id AND w.endpoint_id = "
        "d.endpoint_id "
        "AND w.entry_id = d.entry_id RETURNING w.endpoint_id, w.entry_id, w.kind, w.at, w.state, w.attempts, "
        "w.next_at, w.last_status, w.last_trouble, w.delivered_at",
        {"lender": tx.lender_id, "now": now, "until": until, "most": most},
    )


def settle(
    tx: Tx,
    told: Told,
    *,
    state: str,
    next_at: datetime,
    status: int | None,
    trouble: str | None,
    delivered_at: datetime | None,
) -> None:
    """Write what became of an attempt."""
    tx.execute(
        "UPDATE webhook_event SET state = %s, next_at = %s, last_status = %s, last_trouble = %s, delivered_at = %s "
        "WHERE lender_id = %s AND endpoint_id = %s AND entry_id = %s",
        (state, next_at, status, trouble, delivered_at, tx.lender_id, told.endpoint_id, told.entry_id),
    )


def again(tx: Tx, endpoint_id: int, *, first: datetime, last: datetime, now: datetime) -> int:
    """Let what an endpoint was told of acts between two instants be told anew, delivered or not; how many."""
    return tx.execute(
        "UPDATE webhook_event SET state = 'waiting', next_at = %s, attempts = 0, delivered_at = NULL WHERE "
        "lender_id = %s AND endpoint_id = %s AND at >= %s AND at < %s",
        (now, tx.lender_id, endpoint_id, first, last),
    ).rowcount


def some_again(tx: Tx, endpoint_id: int, entries: Sequence[int], *, now: datetime) -> int:
    """The same for tellings by their entries; how many."""
    return tx.execute(
        "UPDATE webhook_event SET state = 'waiting', next_at = %s, attempts = 0, delivered_at = NULL WHERE "
        "lender_id = %s AND endpoint_id = %s AND entry_id = ANY (%s)",
        (now, tx.lender_id, endpoint_id, list(entries)),
    ).rowcount


@dataclass(frozen=True, slots=True)
class Replay:
    """Tellings that somebody let go out again."""

    replay_id: int
    endpoint_id: int
    first_at: datetime | None
    last_at: datetime | None
    entry_ids: list[int] | None
    events: int
    reason: str
    at: datetime
    by: str


def note_replay(
    tx: Tx,
    endpoint_id: int,
    *,
    between: tuple[datetime, datetime] | None,
    entries: Sequence[int] | None,
    events: int,
    reason: str,
    by: str,
    now: datetime,
) -> int:
    """Write what goes out again and why; its number."""
    first, last = between or (None, None)
    return int(
        str(
            tx.value(
                "INSERT INTO webhook_replay (lender_id, endpoint_id, first_at, last_at, entry_ids, events, reason, at, "
                "by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING replay_id",
                (
                    tx.lender_id, endpoint_id, first, last, None if entries is None else list(entries), events, reason,
                    now, by,
                ),
            )
        )
    )  # fmt: skip


def replays(tx: Tx, *, most: int = 50) -> list[Replay]:
    """What was let go out again, the latest first."""
    return tx.rows(
        Replay,
        "SELECT replay_id, endpoint_id, first_at, last_at, entry_ids, events, reason, at, by FROM webhook_replay "
        "WHERE lender_id = %s ORDER BY replay_id DESC LIMIT %s",
        (tx.lender_id, most),
    )


def latest(
    tx: Tx, *, endpoint_id: int | None = None, state: str | None = None, before: int | None = None, most: int = 50
) -> list[Told]:
    """Tellings, the latest act first, from the one before an entry on; all of one act stand on one page."""
    return tx.rows(
        Told,
        f"SELECT {_TOLD} FROM webhook_event WHERE lender_id = %(lender)s AND endpoint_id = coalesce(%(endpoint)s, "
        "endpoint_id) AND state = coalesce(%(state)s, state) AND (%(before)s::bigint IS NULL OR entry_id < %(before)s) "
        "ORDER BY entry_id DESC FETCH FIRST (%(most)s) ROWS WITH TIES",
        {"lender": tx.lender_id, "endpoint": endpoint_id, "state": state, "before": before, "most": most},
    )


def counts(tx: Tx) -> dict[int, dict[str, int]]:
    """How many tellings stand in which state, by endpoint."""
    found: dict[int, dict[str, int]] = {}
    for endpoint, state, count in tx.execute(
        "SELECT endpoint_id, state, count(*) FROM webhook_event WHERE lender_id = %s GROUP BY endpoint_id, state",
        (tx.lender_id,),
    ):
        found.setdefault(endpoint, {})[state] = count
    return found
