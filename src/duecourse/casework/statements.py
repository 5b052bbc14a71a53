"""Importing a bank statement: read, proved, and kept line by line, each once; wrong rows are named, the rest is taken.

A line is told from others by account, side, amount, value day, and the bank's own reference, or where it gives none by
the other side and the text; of several alike in one file each is one. The same file, or another that holds the same
line, adds nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import orjson
import polars as pl

from duecourse.book.statement.line import Line, Read, Statement
from duecourse.book.statement.reading import read_statement
from duecourse.book.statement.table import BankMapping
from duecourse.book.tape import quarantine
from duecourse.casework import storage_only
from duecourse.casework.actor import Actor
from duecourse.casework.reveal import NoPurpose, RevealPurpose
from duecourse.storage import lenders, log, persons, statements
from duecourse.storage.connection import Tx
from duecourse.storage.statements import LINES, LineRow, NewStatement
from duecourse.storage.vault import Vault, Wrapped
from duecourse.storage.vault.mask import mask_id, mask_name
from duecourse.trouble import N_, BadInput, masked

SHOWN_MAX = 80
_BLOCK = 1 << 20


class WrongCurrency(BadInput):
    """A statement in a currency that the lender's debts are not in."""

    def __init__(self, name: str, theirs: str, ours: str) -> None:
        super().__init__(
            N_("statement {name} is in {theirs}, the lender's debts are in {ours}; nothing was taken"), name=name,
            theirs=theirs, ours=ours,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Looked:
    """A file that was read: its hash and what it holds."""

    name: str
    source_hash: bytes
    read: Read = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did. ``again``: the file was read whole before, and nothing was done."""

    statements: tuple[int, ...]
    lines: int
    new: int
    quarantined: int
    unbooked: int
    again: bool
    quarantine: Path | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """What is sealed of a line."""

    name: str = field(repr=False)
    account: str = field(repr=False)
    text: str = field(repr=False)
    reference: str = field(repr=False)
    end_to_end: str = field(repr=False)
    credited: str = field(repr=False)

    def packed(self) -> bytes:
        """As it is sealed."""
        return orjson.dumps([self.name, self.account, self.text, self.reference, self.end_to_end, self.credited])

    @staticmethod
    def of(content: bytes) -> Details:
        """From what was sealed."""
        return Details(*orjson.loads(content))


def look_at(path: Path, *, mapping: BankMapping | None = None) -> Looked:
    """Read a statement and prove its balances; nothing is written. Raises what reading raises."""
    found = read_statement(path, mapping=mapping)
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return Looked(path.name, digest.digest(), found)


def import_statement(
    tx: Tx, *, vault: Vault, looked: Looked, quarantine_file: Path, actor: Actor, now: datetime
) -> Imported:
    """Keep what a statement holds and is not kept yet; whose payment a line is is asked by matching.

    ``quarantine_file`` is written where rows are wrong. Raises `WrongCurrency`.
    """
    statements.lock(tx)
    read, lender = looked.read, lenders.get(tx)
    for one in read.statements:
        if one.currency != lender.currency:
            raise WrongCurrency(looked.name, one.currency, lender.currency)
    count = sum(len(one.lines) for one in read.statements)
    if not read.flaws and statements.read_before(tx, looked.source_hash):
        return Imported(statements=(), lines=count, new=0, quarantined=0, unbooked=read.unbooked, again=True)
    keys = _keys(tx, vault, read.statements)
    have = statements.known(tx, [key for each in keys for key in each])
    numbers, new = [], 0
    for place, (one, own) in enumerate(zip(read.statements, keys, strict=True), 1):
        fresh = [(line, key) for line, key in zip(one.lines, own, strict=True) if key not in have]
        have.update(key for _, key in fresh)
        number = statements.add(
            tx, _statement(tx, vault, looked, place=place, one=one, new=len(fresh)), actor=str(actor), now=now
        )  # fmt: skip
        statements.add_lines(tx, _rows(tx, vault, number, one.currency, fresh))
        numbers.append(number)
        new += len(fresh)
    wrong = _quarantined(looked, quarantine_file)
    log.append(
        tx, vault=vault, kind="statement.imported", at=now, actor=str(actor),
        stated={
            "source": looked.source_hash.hex(), "format": read.format.value,
            "statements": [str(one) for one in numbers], "lines": count, "new": new,
            "quarantined": len(read.flaws), "unbooked": read.unbooked,
        },
    )  # fmt: skip
    return Imported(
        statements=tuple(numbers), lines=count, new=new, quarantined=len(read.flaws), unbooked=read.unbooked,
        again=False, quarantine=wrong,
    )  # fmt: skip


def read_line(tx: Tx, *, vault: Vault, line_id: int, purpose: str, actor: Actor, now: datetime) -> Details:
    """Open who paid and what was written, with a record.

    Raises `NoPurpose`, `statements.NoSuchLine`, `vault.Destroyed`.
    """
    if purpose not in set(RevealPurpose):
        raise NoPurpose(purpose)
    row = statements.line(tx, line_id)
    if row.person_id is not None:
        storage_only.guard(tx, row.person_id, now=now, purpose=purpose)
    found = opened(tx, vault, row)
    subject = None
    if row.person_id is not None:
        subject = vault.person(tx.lender_id, row.person_id, persons.wrapped(tx, row.person_id))
    log.append(
        tx, vault=vault, kind="statement.line_read", at=now, actor=str(actor), subject=subject,
        stated={"line": str(line_id), "purpose": purpose},
    )  # fmt: skip
    return found


def opened(tx: Tx, vault: Vault, row: LineRow) -> Details:
    """What is sealed of a line, for acts that put it on record."""
    key_id, sealed = statements.sealed(tx, row.line_id)
    if row.person_id is None:
        wrapped = Wrapped(str(key_id), sealed)
        return Details.of(vault.open_secret(tx.lender_id, statements.owner(row.line_id), wrapped))
    key = vault.person(tx.lender_id, row.person_id, persons.wrapped(tx, row.person_id))
    found = key.open(statements.field_name(row.line_id), sealed)
    return Details.of((found.value if found else "[]").encode())


def account_index(tx: Tx, vault: Vault, account: str) -> bytes | None:
    """The blind index of an account's number."""
    return vault.index(tx.lender_id, "bank_account", account, "") if account.strip() else None


def _keys(tx: Tx, vault: Vault, found: Sequence[Statement]) -> list[list[bytes]]:
    """What tells each line from others."""
    alike: Counter[str] = Counter()
    keys = []
    for one in found:
        own = []
        for line in one.lines:
            told = line.reference or f"{line.text}\n{line.name}\n{line.account}\n{line.end_to_end}"
            side = "in" if line.incoming else "out"
            text = "\n".join((one.account, side, str(line.minor), line.value_day.isoformat(), told))
            alike[text] += 1
            own.append(vault.index_normal(tx.lender_id, "bank_line", f"{alike[text]}\n{text}"))
        keys.append(own)
    return keys


def _statement(tx: Tx, vault: Vault, looked: Looked, *, place: int, one: Statement, new: int) -> NewStatement:
    days = [line.value_day for line in one.lines]
    return NewStatement(
        source_hash=looked.source_hash, place=place, format=looked.read.format.value, name=one.name,
        account_index=vault.index(tx.lender_id, "bank_account", one.account, ""), account_masked=mask_id(one.account),
        currency=one.currency, from_day=min(days, default=None), to_day=max(days, default=None),
        opening_minor=one.opening, closing_minor=one.closing, lines=len(one.lines), lines_new=new,
        quarantined=len(looked.read.flaws), difference_minor=one.difference,
    )  # fmt: skip


def _rows(tx: Tx, vault: Vault, statement_id: int, currency: str, fresh: Sequence[tuple[Line, bytes]]) -> pl.DataFrame:
    lender, rows = tx.lender_id, []
    for number, (line, key) in zip(statements.draw(tx, len(fresh)), fresh, strict=True):
        details = Details(line.name, line.account, line.text, line.reference, line.end_to_end, line.credited)
        wrapped = vault.seal_secret(lender, statements.owner(number), details.packed())
        named = line.end_to_end or line.reference
        rows.append(
            (
                number, statement_id, line.row, key, line.incoming, line.minor, currency, line.value_day,
                line.reversal, line.reason, mask_name(line.name) or None,
                vault.index(lender, "name", line.name, "") if line.name else None,
                mask_id(line.account) or None, account_index(tx, vault, line.account),
                vault.index_normal(lender, "bank_reference", named) if named else None,
                masked(line.text)[:SHOWN_MAX] or None, wrapped.key_id, wrapped.sealed,
                "waiting" if line.incoming or line.reversal else "outgoing",
            )
        )  # fmt: skip
    return pl.DataFrame(rows, schema=LINES, orient="row")


def _quarantined(looked: Looked, path: Path) -> Path | None:
    """Name the wrong rows in a file that only its owner reads."""
    flaws = looked.read.flaws
    if not flaws:
        return None
    rows = [(looked.source_hash.hex(), looked.name, one.row, one.field, one.rule.value, one.why) for one in flaws]
    frame = pl.DataFrame(rows, schema=["source", "file", "row", "field", "rule", "why"], orient="row")
    quarantine.write(frame, path)
    return path
