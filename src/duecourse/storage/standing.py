"""What stands about one contact: everything that the gate asks of the desk, read in one statement.

`lock` takes the locks of every counter that the contacts touch, in a statement of its own; `read` is the statement
after it, so its snapshot is taken when the locks are held. Sent through `Database.pipelined` both cost one round trip.
What is read is rows, not facts: the day it is, and so what holds and what counts, is known only when the clock has been
read, which is after the locks (`casework.ground` reckons the facts).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString

import psycopg
from psycopg import errors

from duecourse.storage import counters
from duecourse.storage.connection import Row, Tx
from duecourse.storage.persons import NoSuchPerson
from duecourse.trouble import Busy

REACH_DAYS = 14
"""Days before a contact over which calls tell whether a debtor can be reached."""


class CountersBusy(Busy):
    """Others hold the counters of a person, number or debt for longer than we wait."""

    def __init__(self) -> None:
        super().__init__(
            "the counters of this person, contact point or debt are held by other requests for too long; nothing was "
            "reserved, ask again"
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
    """One row of `read`; JSON columns as lists. Instants are microseconds since 1970, days ISO texts."""

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
    stated: list[
        list[Any]
    ]  # facts on record, the latest known last: name, value, loan key, from, to, seconds, bound to
    records: list[list[Any]]  # of the sender: of the person who speaks, kind, from, to
    snapshot: list[int] | None  # days past due, minor units overdue
    made: list[list[Any]]  # contacts, as `MADE`
    unreported: int
    earlier: list[Any] | None  # permit id and request hash under the same idempotency key
    entry_id: int
    permit_id: int


MADE = (
    "contact_id", "person_id", "with_person", "about_debtor", "with_debtor", "point_index", "loan_keys", "agency",
    "local_day", "state", "expires", *counters.COLUMNS,
)  # fmt: skip
"""What stands in a row of ``made``, in this order. Released contacts are left out; lapsed ones are not."""

_MICRO: LiteralString = "(extract(epoch FROM {}) * 1000000)::bigint"


def lock(tx: Tx, subjects: Sequence[Subject]) -> psycopg.Cursor[Row]:
    """Send the statement that takes all locks, in sorted order over all subjects; `locked` says what came of it."""
    return tx.execute(
        "SELECT lock_counters(%s, %s, %s, %s)",
        (
            tx.lender_id,
            [one.person_id for one in subjects],
            [one.contact_point_id for one in subjects],
            sorted({loan for one in subjects for loan in one.loan_keys}),
        ),
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


def read(tx: Tx, about: Subject, since: date) -> psycopg.Cursor[Row]:
    """Send the statement that reads everything; ``since`` is the first day that anything counts from."""
    return tx.execute(_READ, _params(tx, about, since))


def found(sent: psycopg.Cursor[Row], person_id: int) -> Standing:
    """What `read` found; raises `NoSuchPerson`."""
    row = sent.fetchone()
    if row is None:
        raise NoSuchPerson(person_id)
    return Standing(*row)


def _params(tx: Tx, about: Subject, since: date) -> Mapping[str, object]:
    return {
        "lender": tx.lender_id,
        "person": about.person_id,
        "point": about.contact_point_id,
        "loans": list(about.loan_keys),
        "sender_type": about.sender_type,
        "firm": about.firm,
        "staff": about.staff,
        "sender": about.sender,
        "key": about.key,
        "since": since,
    }


_DERIVED: LiteralString = ", ".join("(" + text + ")" for text in counters.COLUMNS.values())


def _made(whose: LiteralString) -> LiteralString:
    return (
        "SELECT jsonb_build_array(contact_id, person_id, person_id = ANY (me.ids), debtor_id = ANY (us.ids), "
        "person_id = ANY (us.ids), encode(point_index, 'hex'), loan_keys, agency, local_day, state, "
        + _MICRO.format("expires_at") + ", " + _DERIVED + ") AS item FROM contact, me, us "
        "WHERE lender_id = %(lender)s AND state <> 'released' AND " + whose
    )  # fmt: skip


def _list(item: LiteralString, source: LiteralString) -> LiteralString:
    return "(SELECT coalesce(jsonb_agg(" + item + "), '[]') FROM " + source + ")"


_SAME: LiteralString = (
    "ARRAY(WITH RECURSIVE same (id) AS (SELECT unnest({}) UNION SELECT p.person_id FROM person p "
    "JOIN same ON p.alias_of = same.id WHERE p.lender_id = %(lender)s) SELECT id FROM same)"
)
"""Everybody who turned out to be one of some persons."""

_READ: LiteralString = (
    "WITH owing AS MATERIALIZED (SELECT loan_key, person_id, person_root(%(lender)s, person_id) AS root FROM party "
    "WHERE lender_id = %(lender)s AND loan_key = ANY (%(loans)s) AND relation = 'borrower' AND to_day IS NULL), "
    "me AS MATERIALIZED (SELECT root, "
    + _SAME.format("ARRAY[root]")
    + " AS ids FROM person_root(%(lender)s, %(person)s) root), "
    "us AS MATERIALIZED (SELECT " + _SAME.format("ARRAY(SELECT root FROM owing)") + " AS ids), "
    "point AS MATERIALIZED (SELECT * FROM contact_point WHERE lender_id = %(lender)s AND person_id = %(person)s "
    "AND contact_point_id = %(point)s), "
    "made AS ("
    + _made("local_day >= %(since)s AND person_id = ANY (me.ids)")
    + " UNION ALL "
    + _made("local_day >= %(since)s AND debtor_id = ANY (us.ids) AND person_id <> ALL (me.ids)")
    + " UNION ALL "
    + _made(
        "local_day >= %(since)s AND point_index = (SELECT value_index FROM point) AND person_id <> ALL (me.ids) "
        "AND debtor_id <> ALL (us.ids)"
    )
    + " UNION ALL "
    + _made("local_day < %(since)s AND purpose = 'locate' AND person_id = ANY (me.ids)")
    + ") SELECT l.jurisdiction, l.zone, l.lender_type, l.demo, l.index_check, me.root, p.key_id, p.secret_wrapped, "
    "(SELECT jsonb_build_array(kind, encode(value_index, 'hex'), zone, state, line IS DISTINCT FROM 'fixed', "
    "to_at IS NOT NULL, label, line) FROM point), "
    "ARRAY(SELECT DISTINCT zone FROM contact_point WHERE lender_id = %(lender)s AND person_id = ANY (me.ids) "
    "AND to_at IS NULL AND state <> 'wrong' AND zone IS NOT NULL ORDER BY zone), "
    + _list(
        "jsonb_build_array(loan_key, relation, from_day, to_day, proof_kind, proof_until, named_by_debtor, "
        "renounced_day, estate_left_minor) ORDER BY loan_key, relation, from_day",
        "party WHERE lender_id = %(lender)s AND person_id = ANY (me.ids) AND loan_key = ANY (%(loans)s)",
    )
    + ", EXISTS (SELECT FROM party WHERE lender_id = %(lender)s AND person_id = ANY (me.ids) "
    "AND refused_at IS NOT NULL), " + _list("jsonb_build_array(loan_key, person_id, root)", "owing") + ", "
    "ARRAY(SELECT encode(value_index, 'hex') FROM contact_point WHERE lender_id = %(lender)s "
    "AND person_id = ANY (us.ids) AND to_at IS NULL AND kind = 'phone' AND state = 'ok'), "
    + _list(
        "jsonb_build_array(person_id = ANY (us.ids), kind, loan_key, "
        + _MICRO.format("from_at")
        + ", "
        + _MICRO.format("to_at")
        + ")",
        "hold WHERE lender_id = %(lender)s AND (person_id = ANY (me.ids) OR person_id = ANY (us.ids)) "
        "AND (to_at IS NULL OR to_at > %(since)s)",
    )
    + ", "
    + _list(
        "jsonb_build_array(fact, value, loan_key, "
        + _MICRO.format("from_at")
        + ", "
        + _MICRO.format("to_at")
        + ", second_from, second_to, bound_to) ORDER BY known_at, stated_id",
        "stated_fact WHERE lender_id = %(lender)s AND (person_id = ANY (me.ids) OR person_id = ANY (us.ids)) "
        "AND (to_at IS NULL OR to_at > %(since)s)",
    )
    + ", "
    + _list(
        "jsonb_build_array(staff <> '', kind, from_day, to_day)",
        "sender_record WHERE lender_id = %(lender)s AND firm = %(firm)s AND staff IN ('', %(staff)s)",
    )
    + ", (SELECT jsonb_build_array(dpd, overdue_minor) FROM case_snapshot WHERE lender_id = %(lender)s "
    "AND person_id = ANY (us.ids) AND day = (SELECT day FROM day_run WHERE lender_id = %(lender)s "
    "AND state = 'published' ORDER BY day DESC LIMIT 1) LIMIT 1), " + _list("item", "made") + ", "
    "(SELECT count(*) FROM contact WHERE lender_id = %(lender)s AND sender = %(sender)s AND state = 'redeemed'), "
    "(SELECT jsonb_build_array(permit_id, encode(request_hash, 'hex')) FROM permit_request "
    "WHERE lender_id = %(lender)s AND sender_type = %(sender_type)s AND firm = %(firm)s "
    "AND idempotency_key = %(key)s), "
    "nextval('log_entry_id'), nextval('contact_contact_id_seq') "
    "FROM lender l, me, us, person p "
    "WHERE l.lender_id = %(lender)s AND p.lender_id = %(lender)s AND p.person_id = %(person)s"
)
