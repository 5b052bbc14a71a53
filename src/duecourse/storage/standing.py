"""What stands about one contact: everything that the gate asks of the desk, read in one statement.

`lock` takes the locks of every counter that the contacts touch, in a statement of its own; `read` is the statement
after it, so its snapshot is taken when the locks are held. Sent through `Database.pipelined` both cost one round trip.
What is read is rows, not facts: the day it is, and so what holds and what counts, is known only when the clock has been
read, which is after the locks (`casework.ground` reckons the facts).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg import errors

from duecourse.storage import counters
from duecourse.storage.connection import Row, Tx
from duecourse.storage.persons import NoSuchPerson
from duecourse.trouble import N_, Busy

TABLES = (
    "person", "party", "contact_point", "contact", "hold", "stated_fact", "permit_request", "message", "sender_record",
    "lender_fact",
)  # fmt: skip
"""What the gate reads, as far as imports and people fill it: their statistics are gathered after an import."""

REACH_DAYS = 14
"""Days before a contact over which calls tell whether a debtor can be reached."""


class CountersBusy(Busy):
    """Others hold the counters of a person, number or debt for longer than we wait."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "the counters of this person, contact point or debt are held by other requests for too long; nothing "
                "was reserved, ask again"
            )
        )


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom, where, about which debts, by whom."""

    person_id: int
    contact_point_id: int
    loan_keys: tuple[int, ...]
    sender_type: str
    firm: str
    staff: str
    sender: str  # as contacts name it
    key: str  # idempotency key


@dataclass(frozen=True, slots=True)
class Standing:
    """What the function ``contact_standings`` gives, in its order, and the lender's packs: JSON columns as lists.

    Instants are microseconds since 1970, days ISO texts.
    """

    jurisdiction: str
    zone: str
    lender_type: str
    demo: bool
    index_check: bytes | None
    root_id: int  # the person that this one turned out to be
    key_id: str
    secret_wrapped: bytes | None
    point: list[Any] | None  # kind, index, zone, state, takes text, replaced, label, line
    zones: list[str]  # of all current points of the person
    ties: list[list[Any]]  # of the person to these loans
    refused: bool  # as a third person, anywhere, ever
    borrowers: list[list[int]]  # loan key, person id, root id
    numbers: list[str]  # the debtors' own valid phone numbers, by index
    holds: list[list[Any]]  # root id, kind, loan key, from, to
    # facts on record, the latest known last: name, value, loan key, from, to, seconds, bound to, of this very person,
    # the firm it was given to
    stated: list[list[Any]]
    records: list[list[Any]]  # of the sender: of the person who speaks, kind, from, to
    snapshot: list[int] | None  # days past due, minor units overdue
    made: list[list[Any]]  # contacts, as `MADE`
    unreported: int
    earlier: list[Any] | None  # permit id and request hash under the same idempotency key
    entry_id: int
    permit_id: int
    packs_off: list[str]  # policy packs that do not bind the lender
    of_lender: list[list[Any]]  # what it said once of all its claims, the latest last: name, value, firm, from, to
    own_packs: list[str]  # its own packs that do
    own_templates: list[str]  # its own templates that stand in its register


MADE = (
    "contact_id", "person_id", "with_person", "about_debtor", "with_debtor", "point_index", "loan_keys", "agency",
    "local_day", "state", "expires", *counters.COLUMNS, "at", "template_id",
)  # fmt: skip
"""What stands in a row of ``made``, in this order. Released contacts are left out; lapsed ones are not."""

_KEY_ID = 6
"""Where `Standing.key_id` stands in a row."""


def lock(tx: Tx, subjects: Sequence[Subject]) -> psycopg.Cursor[Row]:
    """Send the statement that takes all locks, in sorted order over all subjects; `locked` says what came of it."""
    return tx.execute("SELECT lock_counters(%s, %s, %s, %s)", _keys(tx, subjects))


def try_lock(tx: Tx, subjects: Sequence[Subject]) -> psycopg.Cursor[Row]:
    """Send the statement that takes those of the locks that nobody holds; it waits for none. See `locked`."""
    return tx.execute("SELECT try_counters(%s, %s, %s, %s)", _keys(tx, subjects))


def _keys(tx: Tx, subjects: Sequence[Subject]) -> tuple[object, ...]:
    return (
        tx.lender_id,
        [one.person_id for one in subjects],
        [one.contact_point_id for one in subjects],
        sorted({loan for one in subjects for loan in one.loan_keys}),
    )


def locked(sent: psycopg.Cursor[Row]) -> frozenset[str]:
    """Wait for the locks and name the counters they are of; raises `CountersBusy`."""
    try:
        row = sent.fetchone()
    except (errors.LockNotAvailable, errors.QueryCanceled):
        raise CountersBusy from None
    return frozenset(row[0] if row else ())


def touched(about: Subject, standing: Standing) -> frozenset[str]:
    """The counters that a contact touches as the desk stands now: all must be among those locked."""
    return frozenset(
        {f"person {standing.root_id}"}
        | {f"person {root}" for _loan, _person, root in standing.borrowers}
        | {f"debt {loan}" for loan in about.loan_keys}
        | ({f"point {standing.point[1]}"} if standing.point else set())
    )


def read(tx: Tx, subjects: Sequence[Subject], since: date) -> psycopg.Cursor[Row]:
    """Send the statement that reads everything about these contacts; `found` takes its rows one after the other.

    ``since`` is the first day that anything counts from.
    """
    asked = [
        {
            "nth": nth, "person": one.person_id, "point": one.contact_point_id, "loans": one.loan_keys,
            "sender": one.sender, "sender_type": one.sender_type, "firm": one.firm, "staff": one.staff, "key": one.key,
        }
        for nth, one in enumerate(subjects)
    ]  # fmt: skip
    return tx.execute(
        "SELECT s.*, (SELECT packs_off FROM lender WHERE lender_id = %s), "
        "(SELECT coalesce(jsonb_agg(jsonb_build_array(fact, value, firm, "
        "(extract(epoch FROM from_at) * 1000000)::bigint, (extract(epoch FROM to_at) * 1000000)::bigint) "
        "ORDER BY stated_id), '[]') FROM lender_fact WHERE lender_id = %s AND (to_at IS NULL OR to_at > %s)), "
        "(SELECT own_packs FROM lender WHERE lender_id = %s), (SELECT own_templates FROM lender WHERE lender_id = %s) "
        "FROM contact_standings(%s, %s, %s) s",
        (tx.lender_id, tx.lender_id, since, tx.lender_id, tx.lender_id, tx.lender_id, json.dumps(asked), since),
    )


def found(sent: psycopg.Cursor[Row], person_id: int) -> Standing:
    """What `read` found next; raises `NoSuchPerson`."""
    row = sent.fetchone()
    if row is None or row[_KEY_ID] is None:
        raise NoSuchPerson(person_id)
    return Standing(*row)
