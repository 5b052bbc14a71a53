"""Events of loans that were made at the desk, which version of the book has each, and which a tape has confirmed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb

from duecourse.core.events import Event, GridRow, Kind
from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput


class RefTaken(BadInput):
    """A reference that an event has already."""

    def __init__(self, ref: str) -> None:
        super().__init__(N_("an event {ref!r} is on record already; each has a reference of its own"), ref=ref)


class TakenBack(BadInput):
    """What was taken back once stays taken back."""

    def __init__(self, ref: str) -> None:
        super().__init__(N_("event {ref!r} was taken back before; it is final. Enter what holds as a new one"), ref=ref)


class NoSuchEvent(BadInput):
    """A reference that no event of the desk has."""

    def __init__(self, ref: str) -> None:
        super().__init__(
            N_("no event of the desk has the reference {ref!r}; `duecourse ledger list` shows them"), ref=ref
        )


@dataclass(frozen=True, slots=True)
class DeskEvent:
    """An event with what the desk knows of it. ``version``: of the book that has it, None while none has."""

    event_id: int
    person_id: int
    loan_key: int
    event: Event
    source: str
    actor: str
    entry_id: int
    version: int | None
    tape_ref: str | None  # of the tape's event that confirmed it


_COLUMNS: LiteralString = (
    "e.event_id, e.person_id, e.loan_key, e.kind, e.effective, e.known, e.ref, e.amount, e.parts, e.until, e.target, "
    "e.grid, e.source, e.actor, e.entry_id, t.version, c.tape_ref"
)
_FROM: LiteralString = (
    " FROM desk_event e LEFT JOIN desk_event_taken t USING (lender_id, event_id) LEFT JOIN desk_event_confirmed c "
    "ON c.lender_id = e.lender_id AND c.loan_key = e.loan_key AND c.desk_ref = e.ref "
)


def lock(tx: Tx, loan_key: int) -> None:
    """Hold the ledger of a loan until the transaction ends: whoever enters waits, whoever reads does not."""
    tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 220))", (f"ledger {tx.lender_id} {loan_key}",))


def next_id(tx: Tx) -> int:
    """The number of the event that will be added next."""
    return int(str(tx.value("SELECT nextval('desk_event_event_id_seq')")))


def add(
    tx: Tx, event_id: int, event: Event, *, person_id: int, loan_key: int, source: str, entry_id: int, actor: str
) -> None:
    """Keep an event. Raises `RefTaken`, `TakenBack`."""
    grid = [[row.due.isoformat(), row.days, row.principal, row.interest, row.fee] for row in event.grid]
    try:
        with tx.connection.transaction():
            tx.execute(
                "INSERT INTO desk_event (lender_id, person_id, event_id, loan_key, ref, kind, effective, known, "
                "amount, parts, until, target, grid, source, entry_id, actor) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    tx.lender_id, person_id, event_id, loan_key, event.ref, int(event.kind), event.effective,
                    event.known, event.amount, list(event.parts), event.until, event.target, Jsonb(grid), source,
                    entry_id, actor,
                ),
            )  # fmt: skip
    except UniqueViolation as error:
        if error.diag.constraint_name == "desk_event_reversed_once":
            raise TakenBack(event.target) from None
        raise RefTaken(event.ref) from None


def after(tx: Tx, loan_keys: Collection[int], version: int) -> list[DeskEvent]:
    """Events of loans that a version of the book does not have, in the order in which they were entered.

    Read the version first and then these: what is taken up meanwhile is still told here.
    """
    return _rows(
        tx,
        "WHERE e.lender_id = %s AND e.loan_key = ANY (%s) AND (t.version IS NULL OR t.version > %s) "
        "ORDER BY e.event_id",
        (tx.lender_id, list(loan_keys), version),
    )


def waiting(tx: Tx, *, known: datetime) -> list[DeskEvent]:
    """Events that no version has, learnt by an instant, in the order in which they were entered."""
    return _rows(
        tx, "WHERE e.lender_id = %s AND t.version IS NULL AND e.known <= %s ORDER BY e.event_id", (tx.lender_id, known)
    )


def of_loan(tx: Tx, loan_key: int) -> list[DeskEvent]:
    """Every event of a loan that was made at the desk, the latest first."""
    return _rows(tx, "WHERE e.lender_id = %s AND e.loan_key = %s ORDER BY e.event_id DESC", (tx.lender_id, loan_key))


def latest(tx: Tx, most: int = 100) -> list[DeskEvent]:
    """The latest events of all loans."""
    return _rows(tx, "WHERE e.lender_id = %s ORDER BY e.event_id DESC LIMIT %s", (tx.lender_id, most))


def find(tx: Tx, ref: str) -> DeskEvent | None:
    """One event by its reference, None where the desk made none of it."""
    found = _rows(tx, "WHERE e.lender_id = %s AND e.ref = %s", (tx.lender_id, ref))
    return found[0] if found else None


def get(tx: Tx, ref: str) -> DeskEvent:
    """One event by its reference; raises `NoSuchEvent`."""
    found = find(tx, ref)
    if found is None:
        raise NoSuchEvent(ref)
    return found


def numbered(tx: Tx, event_id: int) -> DeskEvent | None:
    """One event by its number, None where none has it."""
    return next(iter(_rows(tx, "WHERE e.lender_id = %s AND e.event_id = %s", (tx.lender_id, event_id))), None)


def take(tx: Tx, event_ids: Sequence[int], version: int) -> None:
    """Say in which version these events are; the database refuses to say it twice."""
    tx.execute(
        "INSERT INTO desk_event_taken (lender_id, event_id, version) SELECT %s, unnest(%s::bigint[]), %s",
        (tx.lender_id, list(event_ids), version),
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """An event of the desk and one of a tape that are one; ``stands`` says which of them is in the book."""

    loan_key: int
    desk_ref: str
    tape_ref: str
    version: int
    stands: str


def confirm(tx: Tx, pairs: Sequence[Pair]) -> None:
    """Keep which events are one."""
    tx.many(
        "INSERT INTO desk_event_confirmed (lender_id, loan_key, desk_ref, tape_ref, version, stands) "
        "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [(tx.lender_id, one.loan_key, one.desk_ref, one.tape_ref, one.version, one.stands) for one in pairs],
    )


def confirmed(tx: Tx, loan_keys: Collection[int] | None) -> list[Pair]:
    """Which events of these loans (None: of all) are one."""
    return tx.rows(
        Pair,
        "SELECT loan_key, desk_ref, tape_ref, version, stands FROM desk_event_confirmed "
        "WHERE lender_id = %s AND loan_key = ANY (coalesce(%s, ARRAY[loan_key])) ORDER BY loan_key, desk_ref",
        (tx.lender_id, None if loan_keys is None else list(loan_keys)),
    )


def _rows(tx: Tx, where: LiteralString, values: Sequence[Any]) -> list[DeskEvent]:
    return [_read(*row) for row in tx.execute("SELECT " + _COLUMNS + _FROM + where, values)]


def _read(  # noqa: PLR0917 - one argument a column
    event_id: int, person_id: int, loan_key: int, kind: int, effective: date, known: datetime, ref: str, amount: int,
    parts: list[int], until: date, target: str, grid: list[list[Any]], source: str, actor: str, entry_id: int,
    version: int | None, tape_ref: str | None,
) -> DeskEvent:  # fmt: skip
    rows = tuple(GridRow(date.fromisoformat(row[0]), *row[1:]) for row in grid)
    event = Event(
        kind=Kind(kind), effective=effective, known=known, ref=ref, amount=amount, parts=tuple(parts), until=until,
        target=target, grid=rows,
    )  # fmt: skip
    return DeskEvent(event_id, person_id, loan_key, event, source, actor, entry_id, version, tape_ref)
