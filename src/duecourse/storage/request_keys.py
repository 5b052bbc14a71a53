"""Idempotency keys of the API's writes: who asked what under which key, and what was answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput

KEPT = timedelta(days=7)
"""For how long a key is remembered at the least."""


class KeyTaken(BadInput):
    """The key stands for another request of this asker."""

    def __init__(self) -> None:
        super().__init__(N_("this idempotency key stands for another request; use a new one"))


def once(
    tx: Tx, *, asker: str, key: str, request_hash: bytes, now: datetime, act: Callable[[], Mapping[str, Any]]
) -> Mapping[str, Any]:
    """The answer of ``act``, which is called at the first request under the key only. Raises `KeyTaken`.

    The key is written in the transaction of the act: of two at once the second waits, and gets the first's answer.
    """
    tx.execute(
        "DELETE FROM request_key WHERE lender_id = %s AND asker = %s AND at < %s", (tx.lender_id, asker, now - KEPT)
    )
    first = tx.execute(
        "INSERT INTO request_key (lender_id, asker, key, request_hash, at) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT DO NOTHING",
        (tx.lender_id, asker, key, request_hash, now),
    )
    if first.rowcount == 1:
        answer = dict(act())
        tx.execute(
            "UPDATE request_key SET answer = %s WHERE lender_id = %s AND asker = %s AND key = %s",
            (Jsonb(answer), tx.lender_id, asker, key),
        )
        return answer
    found = answered(tx, asker=asker, key=key, request_hash=request_hash)
    if found is None:
        raise KeyTaken
    return found


def answered(tx: Tx, *, asker: str, key: str, request_hash: bytes) -> Mapping[str, Any] | None:
    """What was answered under a key, None where nothing was asked under it yet. Raises `KeyTaken`."""
    row = tx.execute(
        "SELECT request_hash, answer FROM request_key WHERE lender_id = %s AND asker = %s AND key = %s",
        (tx.lender_id, asker, key),
    ).fetchone()
    if row is not None and bytes(row[0]) != request_hash:
        raise KeyTaken
    found: Mapping[str, Any] | None = None if row is None else row[1]
    return found
