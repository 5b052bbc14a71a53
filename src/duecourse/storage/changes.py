"""Telling other processes that something about a person changed, so that whoever looks at it sees it.

It is a word, not a fact: the lender's code, the person's id and who did it, sent when the transaction commits. Whoever
hears it reads anew under the rights it has. The permit acts do not tell: PostgreSQL commits those who tell one after
the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from duecourse.storage.connection import Tx

CHANNEL = "duecourse_changes"


@dataclass(frozen=True, slots=True)
class Change:
    """Something about a person changed."""

    lender_id: str
    person_id: int
    by: str  # the actor, as records name one


def tell(tx: Tx, person_id: int, *, by: str) -> None:
    """Tell, when the transaction commits, that something about a person changed, and by whom."""
    tx.execute("SELECT pg_notify(%s, %s)", (CHANNEL, f"{tx.lender_id} {person_id} {by}"))


def heard(url: str, *, timeout_s: int) -> Iterator[Change | None]:
    """Listen on a connection of its own; None whenever nothing was heard for so many seconds. Ends with the caller."""
    with psycopg.connect(url, autocommit=True, application_name="duecourse listener") as connection:
        connection.execute(f"LISTEN {CHANNEL}")  # a constant of this module
        while True:
            nothing = True
            for said in connection.notifies(timeout=timeout_s, stop_after=1):
                nothing = False
                lender_id, person, by = said.payload.split(" ", 2)
                yield Change(lender_id, int(person), by)
            if nothing:
                yield None
