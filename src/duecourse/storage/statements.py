"""Bank statements and their lines, as they were read; what is personal in them is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import LiteralString

import polars as pl

from duecourse.storage import frames
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Wrapped
from duecourse.trouble import N_, BadInput


class NoSuchLine(BadInput):
    """A number that no line of a statement has."""

    def __init__(self, line_id: int) -> None:
        super().__init__(
            N_("no line of a bank statement has the number {number}; `duecourse statement lines` shows them"),
            number=line_id,
        )


class NoSuchStatement(BadInput):
    """A number that no statement has."""

    def __init__(self, statement_id: int) -> None:
        super().__init__(
            N_("no bank statement has the number {number}; `duecourse statement list` shows them"), number=statement_id
        )


def owner(line_id: int) -> str:
    """Under which name a line is sealed while it is nobody's."""
    return f"bank_line:{line_id}"


def field_name(line_id: int) -> str:
    """The name under which a line is sealed by its debtor's key."""
    return f"bank_line/{line_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    """A row of ``bank_statement``; ``waiting`` counts its lines in the suspense queue."""

    statement_id: int
    source_hash: bytes
    place: int
    format: str
    name: str
    account_masked: str
    currency: str
    from_day: date | None
    to_day: date | None
    opening_minor: int | None
    closing_minor: int | None
    lines: int
    lines_new: int
    quarantined: int
    difference_minor: int | None
    imported_at: datetime
    imported_by: str
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """A row of ``bank_line`` but for what is sealed in it."""

    line_id: int
    statement_id: int
    row_number: int
    incoming: bool
    amount_minor: int
    currency: str
    value_day: date
    reversal: bool
    reason: str
    name_masked: str | None
    account_masked: str | None
    text_masked: str | None
    state: str
    person_id: int | None
    decided_at: datetime | None
    decided_by: str | None
    why: str | None
    waits_as: str | None
    looked_at: datetime | None
    name_index: bytes | None = field(repr=False)
    account_index: bytes | None = field(repr=False)
    reference_index: bytes | None = field(repr=False)


_STATEMENT: LiteralString = (
    "SELECT s.statement_id, s.source_hash, s.place, s.format, s.name, s.account_masked, s.currency, s.from_day, "
    "s.to_day, s.opening_minor, s.closing_minor, s.lines, s.lines_new, s.quarantined, s.difference_minor, "
    "s.imported_at, s.imported_by, (SELECT count(*) FROM bank_line l WHERE l.lender_id = s.lender_id "
    "AND l.statement_id = s.statement_id AND l.state = 'waiting') AS waiting FROM bank_statement s "
)
_LINE: LiteralString = (
    "SELECT line_id, statement_id, row_number, incoming, amount_minor, currency, value_day, reversal, reason, "
    "name_masked, account_masked, text_masked, state, person_id, decided_at, decided_by, why, waits_as, looked_at, "
    "name_index, "
    "account_index, reference_index FROM bank_line "
)

LINES: dict[str, pl.DataType | type[pl.DataType]] = {
    "line_id": pl.Int64, "statement_id": pl.Int64, "row_number": pl.Int32, "line_key": pl.Binary,
    "incoming": pl.Boolean, "amount_minor": pl.Int64, "currency": pl.String, "value_day": pl.Date,
    "reversal": pl.Boolean, "reason": pl.String, "name_masked": pl.String, "name_index": pl.Binary,
    "account_masked": pl.String, "account_index": pl.Binary, "reference_index": pl.Binary, "text_masked": pl.String,
    "key_id": pl.String, "sealed": pl.Binary, "state": pl.String,
}  # fmt: skip
"""Columns of `add_lines`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStatement:
    """A statement to be kept."""

    source_hash: bytes
    place: int
    format: str
    name: str
    account_index: bytes
    account_masked: str
    currency: str
    from_day: date | None
    to_day: date | None
    opening_minor: int | None
    closing_minor: int | None
    lines: int
    lines_new: int
    quarantined: int
    difference_minor: int | None


def lock(tx: Tx) -> None:
    """One import or matching of a lender's statements at a time; held until the transaction ends."""
    tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 210))", (tx.lender_id,))


def read_before(tx: Tx, source_hash: bytes) -> bool:
    """Whether a file was read whole before."""
    return bool(
        tx.value(
            "SELECT TRUE FROM bank_statement WHERE lender_id = %s AND source_hash = %s AND quarantined = 0 LIMIT 1",
            (tx.lender_id, source_hash),
        )
    )


def known(tx: Tx, keys: Sequence[bytes]) -> set[bytes]:
    """Which of these lines are kept already."""
    rows = tx.execute(
        "SELECT line_key FROM bank_line WHERE lender_id = %s AND line_key = ANY (%s)", (tx.lender_id, list(keys))
    )
    return {bytes(row[0]) for row in rows}


def draw(tx: Tx, count: int) -> list[int]:
    """So many numbers for lines."""
    rows = tx.execute("SELECT nextval('bank_line_line_id_seq') FROM generate_series(1, %s)", (count,))
    return [int(row[0]) for row in rows]


def add(tx: Tx, one: NewStatement, *, actor: str, now: datetime) -> int:
    """Keep a statement; returns its number."""
    made = tx.value(
        "INSERT INTO bank_statement (lender_id, source_hash, place, format, name, account_index, account_masked, "
        "currency, from_day, to_day, opening_minor, closing_minor, lines, lines_new, quarantined, difference_minor, "
        "imported_at, imported_by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
        "RETURNING statement_id",
        (
            tx.lender_id, one.source_hash, one.place, one.format, one.name, one.account_index, one.account_masked,
            one.currency, one.from_day, one.to_day, one.opening_minor, one.closing_minor, one.lines, one.lines_new,
            one.quarantined, one.difference_minor, now, actor,
        ),
    )  # fmt: skip
    return int(str(made))


def add_lines(tx: Tx, rows: pl.DataFrame) -> None:
    """Keep lines (columns `LINES`) that are not kept yet."""
    if rows.is_empty():
        return
    frames.stage(tx, rows.select(pl.col(name).cast(kind) for name, kind in LINES.items()), "bank_line")
    tx.execute(
        "INSERT INTO bank_line (lender_id, line_id, statement_id, row_number, line_key, incoming, amount_minor, "
        "currency, value_day, reversal, reason, name_masked, name_index, account_masked, account_index, "
        "reference_index, text_masked, key_id, sealed, state) OVERRIDING SYSTEM VALUE SELECT %s, line_id, "
        "statement_id, row_number, line_key, incoming, amount_minor, currency, value_day, reversal, reason, "
        "name_masked, name_index, account_masked, account_index, reference_index, text_masked, key_id, sealed, state "
        "FROM pg_temp.stage_bank_line",
        (tx.lender_id,),
    )


def latest(tx: Tx, *, before: int | None = None, most: int = 50) -> list[StatementRow]:
    """Statements, the latest first."""
    return tx.rows(
        StatementRow,
        _STATEMENT + "WHERE s.lender_id = %s AND (%s::bigint IS NULL OR s.statement_id < %s) "
        "ORDER BY s.statement_id DESC LIMIT %s",
        (tx.lender_id, before, before, most),
    )


def get(tx: Tx, statement_id: int) -> StatementRow:
    """One statement; raises `NoSuchStatement`."""
    found = tx.row(
        StatementRow, _STATEMENT + "WHERE s.lender_id = %s AND s.statement_id = %s", (tx.lender_id, statement_id)
    )
    if found is None:
        raise NoSuchStatement(statement_id)
    return found


def line(tx: Tx, line_id: int, *, held: bool = False) -> LineRow:
    """One line, its row held until the end where that is asked; raises `NoSuchLine`."""
    locked: LiteralString = " FOR UPDATE" if held else ""
    found = tx.row(LineRow, _LINE + "WHERE lender_id = %s AND line_id = %s" + locked, (tx.lender_id, line_id))
    if found is None:
        raise NoSuchLine(line_id)
    return found


def lines(
    tx: Tx, *, state: str | None = None, statement_id: int | None = None, after: int = 0, most: int = 50
) -> list[LineRow]:
    """Lines by number, of one state or of one statement."""
    return tx.rows(
        LineRow,
        _LINE + "WHERE lender_id = %(lender)s AND line_id > %(after)s AND (%(state)s::text IS NULL "
        "OR state = %(state)s) AND (%(statement)s::bigint IS NULL OR statement_id = %(statement)s) "
        "ORDER BY line_id LIMIT %(most)s",
        {"lender": tx.lender_id, "after": after, "state": state, "statement": statement_id, "most": most},
    )


def waiting_of(tx: Tx, statement_id: int) -> list[int]:
    """The lines of a statement that wait, by number; raises `NoSuchStatement`."""
    get(tx, statement_id)
    found = tx.execute(
        "SELECT line_id FROM bank_line WHERE lender_id = %s AND statement_id = %s AND state = 'waiting' "
        "ORDER BY line_id",
        (tx.lender_id, statement_id),
    )
    return [int(row[0]) for row in found]


def sealed(tx: Tx, line_id: int) -> tuple[str | None, bytes]:
    """The key of the ring, if one seals it, and what is sealed; raises `NoSuchLine`."""
    found = tx.execute(
        "SELECT key_id, sealed FROM bank_line WHERE lender_id = %s AND line_id = %s", (tx.lender_id, line_id)
    ).fetchone()
    if found is None:
        raise NoSuchLine(line_id)
    return found[0], bytes(found[1])


def decide(tx: Tx, line_id: int, *, state: str, actor: str, now: datetime, why: str | None = None) -> None:
    """Write what became of a line that waited and is nobody's payment: ``returned`` or ``dismissed``."""
    tx.execute(
        "UPDATE bank_line SET state = %s, decided_at = %s, decided_by = %s, why = %s "
        "WHERE lender_id = %s AND line_id = %s",
        (state, now, actor, why, tx.lender_id, line_id),
    )


def ring_sealed(tx: Tx, newest: str, most: int) -> list[tuple[int, Wrapped]]:
    """Lines that an older key of the ring seals, some at a time, their rows held."""
    found = tx.execute(
        "SELECT line_id, key_id, sealed FROM bank_line WHERE lender_id = %s AND key_id IS NOT NULL AND key_id <> %s "
        "ORDER BY line_id LIMIT %s FOR UPDATE",
        (tx.lender_id, newest, most),
    )
    return [(int(number), Wrapped(str(key), bytes(text))) for number, key, text in found]


def reseal(tx: Tx, line_id: int, wrapped: Wrapped) -> None:
    """Keep a line as another key of the ring seals it."""
    tx.execute(
        "UPDATE bank_line SET key_id = %s, sealed = %s WHERE lender_id = %s AND line_id = %s",
        (wrapped.key_id, wrapped.sealed, tx.lender_id, line_id),
    )
