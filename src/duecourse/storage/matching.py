"""Looking up, for many lines of bank statements at once, to whom a value belongs; and what was found for each line.

Nothing is decrypted: values are looked up by their keyed index. A debtor is the borrower of a loan that somebody is
tied to; persons who turned out to be one are put together by whoever asks (`reach.aliases`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

import polars as pl

from duecourse.storage import frames
from duecourse.storage.connection import Tx

BY_INDEX: dict[str, pl.DataType | type[pl.DataType]] = {"value": pl.String, "debtor": pl.Int64}
"""Columns of a look-up: the index in hex digits, and a debtor that it leads to."""

BY_LOAN: dict[str, pl.DataType | type[pl.DataType]] = {"loan_key": pl.Int64, "debtor": pl.Int64}

WAITING: dict[str, pl.DataType | type[pl.DataType]] = {
    "line_id": pl.Int64, "amount_minor": pl.Int64, "value_day": pl.Date, "reversal": pl.Boolean,
    "incoming": pl.Boolean, "name": pl.String, "account": pl.String, "reference": pl.String, "key_id": pl.String,
    "sealed": pl.String,
}  # fmt: skip
"""Columns of `waiting`; indexes and what is sealed in hex digits."""

PASS_FROM = 500
"""Values from which one pass over a table is quicker than as many look-ups."""

_OWES: LiteralString = "('borrower', 'co_borrower', 'guarantor', 'spouse_liable', 'spouse', 'heir')"


def waiting(tx: Tx, *, line_ids: Collection[int] | None = None) -> pl.DataFrame:
    """Lines in the suspense queue, all or some, in order of their numbers."""
    picked = frames.picked(tx, None if line_ids is None else pl.Series(sorted(line_ids), dtype=pl.Int64), "line_id")
    return frames.read(
        tx,
        "SELECT line_id, amount_minor, value_day, reversal, incoming, encode(name_index, 'hex'), "
        "encode(account_index, 'hex'), encode(reference_index, 'hex'), key_id, encode(sealed, 'hex') FROM bank_line "
        "WHERE lender_id = %s AND state = 'waiting' " + picked + "ORDER BY line_id",
        (tx.lender_id,),
        WAITING,
    )


def loans(tx: Tx, keys: Collection[int]) -> pl.DataFrame:
    """The borrowers of loans, by loan key; numbers that no loan has are not in it."""
    _stage(tx, keys)
    return _read(
        tx,
        "SELECT p.loan_key, p.person_id FROM pg_temp.stage_match s JOIN party p ON p.lender_id = %s "
        "AND p.loan_key = s.key WHERE p.relation = 'borrower' AND p.to_day IS NULL ORDER BY 1, 2",
        BY_LOAN,
    )


def loans_of(tx: Tx, debtors: Collection[int]) -> pl.DataFrame:
    """The loans that people borrowed, by loan key, with the debtor as asked; aliases are asked for by the caller."""
    _stage(tx, debtors)
    return _read(
        tx,
        "SELECT p.loan_key, p.person_id FROM pg_temp.stage_match s JOIN party p ON p.lender_id = %s "
        "AND p.person_id = s.key WHERE p.relation = 'borrower' AND p.to_day IS NULL ORDER BY 1, 2",
        BY_LOAN,
    )


def names(tx: Tx, indexes: Collection[str]) -> pl.DataFrame:
    """Debtors of loans that people of these names answer for."""
    return _by_index(
        tx, indexes,
        "SELECT DISTINCT encode(n.name_index, 'hex'), b.person_id FROM pg_temp.stage_match s JOIN person n "
        "ON n.lender_id = %s AND n.name_index = s.value JOIN party t ON t.lender_id = n.lender_id "
        "AND t.person_id = n.person_id AND t.to_day IS NULL AND t.relation IN " + _OWES + " JOIN party b "
        "ON b.lender_id = t.lender_id AND b.loan_key = t.loan_key AND b.relation = 'borrower' AND b.to_day IS NULL "
        "ORDER BY 1, 2",
    )  # fmt: skip


def phones(tx: Tx, indexes: Collection[str]) -> pl.DataFrame:
    """Debtors of loans that the holders of these numbers answer for."""
    return _by_index(
        tx, indexes,
        "SELECT DISTINCT encode(n.value_index, 'hex'), b.person_id FROM pg_temp.stage_match s JOIN contact_point "
        "n ON n.lender_id = %s AND n.value_index = s.value AND n.to_at IS NULL AND n.state <> 'wrong' JOIN party t "
        "ON t.lender_id = n.lender_id AND t.person_id = n.person_id AND t.to_day IS NULL AND t.relation IN "
        + _OWES + " JOIN party b ON b.lender_id = t.lender_id AND b.loan_key = t.loan_key "
        "AND b.relation = 'borrower' AND b.to_day IS NULL ORDER BY 1, 2",
    )  # fmt: skip


def payers(tx: Tx, indexes: Collection[str]) -> pl.DataFrame:
    """Debtors whose debts these accounts paid before."""
    return _by_index(
        tx, indexes,
        "SELECT DISTINCT encode(l.account_index, 'hex'), l.person_id FROM pg_temp.stage_match s JOIN bank_line l "
        "ON l.lender_id = %s AND l.account_index = s.value AND l.person_id IS NOT NULL ORDER BY 1, 2",
    )  # fmt: skip


def notices(tx: Tx, indexes: Collection[str]) -> pl.DataFrame:
    """Debtors whom notices of these codes are about."""
    return _by_index(
        tx, indexes,
        "SELECT DISTINCT encode(n.code_index, 'hex'), n.debtor_id FROM pg_temp.stage_match s JOIN notice n "
        "ON n.lender_id = %s AND n.code_index = s.value ORDER BY 1, 2",
    )  # fmt: skip


def links(tx: Tx, references: Collection[str]) -> pl.DataFrame:
    """Debtors for whom payment links of these references were made."""
    rows = tx.execute(
        "SELECT reference, person_id FROM payment_link WHERE lender_id = %s AND reference = ANY (%s) ORDER BY 1",
        (tx.lender_id, sorted(set(references))),
    ).fetchall()
    return pl.DataFrame(rows, schema=BY_INDEX, orient="row")


def virtual_accounts(tx: Tx, indexes: Collection[str]) -> pl.DataFrame:
    """Debtors to whom these accounts of ours were given; an ended one is theirs still."""
    return _by_index(
        tx, indexes,
        "SELECT encode(v.account_index, 'hex'), v.person_id FROM pg_temp.stage_match s JOIN virtual_account v "
        "ON v.lender_id = %s AND v.account_index = s.value ORDER BY 1, 2",
    )  # fmt: skip


def promised(tx: Tx, debtors: Collection[int]) -> list[tuple[int, int]]:
    """Promises of these debtors that stand: debtor and amount."""
    _stage(tx, debtors)
    rows = tx.execute(
        "SELECT p.person_id, p.amount_minor FROM pg_temp.stage_match s JOIN promise p ON p.lender_id = %s "
        "AND p.person_id = s.key WHERE p.ended_at IS NULL",
        (tx.lender_id,),
    )
    return [(int(person), int(amount)) for person, amount in rows]


def _stage(tx: Tx, keys: Collection[int]) -> None:
    frames.stage(tx, pl.DataFrame({"key": sorted(set(keys))}, schema={"key": pl.Int64}), "match")
    tx.execute("ANALYZE pg_temp.stage_match")


def _by_index(tx: Tx, indexes: Collection[str], query: LiteralString) -> pl.DataFrame:
    if not indexes:
        return pl.DataFrame(schema=BY_INDEX)
    values = [bytes.fromhex(one) for one in sorted(set(indexes))]
    frames.stage(tx, pl.DataFrame({"value": values}, schema={"value": pl.Binary}), "match")
    tx.execute("ANALYZE pg_temp.stage_match")
    return _read(tx, query, BY_INDEX)


def _read(tx: Tx, query: LiteralString, schema: frames.Schema) -> pl.DataFrame:
    """Read well, whatever the planner takes a table to be: after a large import nobody has counted it yet.

    A few values are looked up by index, one after the other; many are joined in one pass over each table.
    """
    many = bool(tx.value("SELECT count(*) >= %s FROM pg_temp.stage_match", (PASS_FROM,)))
    off = "enable_nestloop" if many else "enable_seqscan"
    tx.execute("SELECT set_config(%s, 'off', true)", (off,))
    found = frames.read(tx, query, (tx.lender_id,), schema)
    tx.execute("SELECT set_config(%s, 'on', true)", (off,))
    return found


PROPOSALS: dict[str, pl.DataType | type[pl.DataType]] = {
    "line_id": pl.Int64, "place": pl.Int16, "person_id": pl.Int64, "score": pl.Int32, "signs": pl.List(pl.String),
    "loan_keys": pl.List(pl.Int64), "certain_by": pl.String,
}  # fmt: skip
"""Columns of `keep`."""


def keep(tx: Tx, found: pl.DataFrame, proposals: pl.DataFrame, *, now: datetime) -> None:
    """Keep what was found for lines (``line_id``, ``waits_as``) and whose they may be, in place of what was before."""
    if found.is_empty():
        return
    rows = found.select(pl.col("line_id").cast(pl.Int64), pl.col("waits_as").cast(pl.String))
    frames.stage(tx, rows, "looked")
    tx.execute("ANALYZE pg_temp.stage_looked")
    tx.execute(
        "DELETE FROM bank_line_proposal p USING pg_temp.stage_looked s WHERE p.lender_id = %s "
        "AND p.line_id = s.line_id",
        (tx.lender_id,),
    )
    tx.execute(
        "UPDATE bank_line l SET waits_as = s.waits_as, looked_at = %s FROM pg_temp.stage_looked s "
        "WHERE l.lender_id = %s AND l.line_id = s.line_id AND l.state = 'waiting'",
        (now, tx.lender_id),
    )
    columns = [pl.col(name).cast(kind) for name, kind in PROPOSALS.items()]
    frames.insert(tx, proposals.select(columns), "bank_line_proposal")


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A debtor that a line may belong to, masked, with the open case."""

    line_id: int
    place: int
    person_id: int
    name_masked: str | None
    case_id: int | None
    score: int
    signs: list[str]
    loan_keys: list[int]
    certain_by: str | None


def proposals(tx: Tx, line_ids: Sequence[int]) -> list[ProposalRow]:
    """Whose these lines may be, by line and place."""
    return tx.rows(
        ProposalRow,
        "SELECT p.line_id, p.place, p.person_id, n.name_masked, (SELECT max(c.case_id) FROM cases c "
        "WHERE c.lender_id = p.lender_id AND c.person_id = p.person_id AND c.closed_day IS NULL) AS case_id, p.score, "
        "p.signs, p.loan_keys, p.certain_by FROM bank_line_proposal p JOIN person n USING (lender_id, person_id) "
        "WHERE p.lender_id = %s AND p.line_id = ANY (%s) ORDER BY p.line_id, p.place",
        (tx.lender_id, list(line_ids)),
    )


def give_account(
    tx: Tx, *, person_id: int, index: bytes, sealed: bytes, masked: str, actor: str, now: datetime
) -> bool:
    """Give an account of ours to a debtor; false where it was given before."""
    done = tx.execute(
        "INSERT INTO virtual_account (lender_id, person_id, account_index, account_sealed, account_masked, given_at, "
        "given_by) VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (tx.lender_id, person_id, index, sealed, masked, now, actor),
    )
    return done.rowcount == 1
