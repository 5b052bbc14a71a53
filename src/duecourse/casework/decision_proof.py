"""That a decision of a day stands in the log: from its row, as stored, to the root of its slice and on to a checkpoint.

    {"format": 1, "kind": "decision", "row": "[...]", "salt": "<64 hex>", "index": 7, "rows": 65536,
     "path": ["<64 hex>", ...], "slice": "<record>", "proof": "<tlog-proof>"}

The row's leaf is SHA-256 over 0x00, salt and row; the path leads from it to the root that the slice's record states;
the proof shows that record in the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from duecourse.casework.decisions import COLUMNS, SLICE, entries, leaves, salts
from duecourse.casework.proving import Proven, prove
from duecourse.evidence import record, tree
from duecourse.storage import log, runs
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Refused

FORMAT = 1

_SCHEMA: dict[str, Any] = {
    "person_id": pl.Int64, "ordinal": pl.Int16, "treatment": pl.String, "channel": pl.String, "template_id": pl.String,
    "template_version": pl.Int32, "contact_point_id": pl.Int64, "slot_at": pl.Datetime("us", "UTC"),
    "allowed": pl.Boolean, "refused": pl.List(pl.String), "missing": pl.List(pl.String),
}  # fmt: skip


class NoSuchDecision(BadInput):
    """A person for whom a day decided nothing, or not that often."""

    def __init__(self, day: date, person_id: int, ordinal: int) -> None:
        super().__init__(
            N_("the run of {day} has no decision number {ordinal} about person {person}"),
            day=day,
            ordinal=ordinal,
            person=person_id,
        )


class DecisionsChanged(Refused):
    """The stored rows are not those that the log covers."""

    def __init__(self, day: date, number: int) -> None:
        super().__init__(
            N_(
                "slice {number} of the decisions of {day} is not what the log says of it: rows were changed after the "
                "run, or it ran before slices were recorded. `duecourse day verify {day}` recomputes the day"
            ),
            day=day,
            number=number,
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision, how it leads to the root of its slice, and the entry of the log that states this root."""

    row: str
    salt: bytes
    index: int
    rows: int
    path: tuple[bytes, ...]
    slice_id: int


@dataclass(frozen=True, slots=True)
class DecisionProof:
    """One decision, and how it leads to the log."""

    decision: Decision
    slice: Proven

    def plain(self) -> dict[str, Any]:
        """As it is written down."""
        one = self.decision
        return {
            "format": FORMAT, "kind": "decision", "row": one.row, "salt": one.salt.hex(), "index": one.index,
            "rows": one.rows, "path": [node.hex() for node in one.path], "slice": self.slice.entry.content.decode(),
            "proof": str(self.slice.proof),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decided:
    """What the days that are kept decided about a person, by day and number, and the days that cannot be proved."""

    decisions: Mapping[tuple[date, int], Decision]
    unproven: tuple[date, ...]


def prove_decision(tx: Tx, *, vault: Vault, day: date, person_id: int, ordinal: int = 1) -> DecisionProof:
    """The proof of one decision of a published day, recomputed from the stored rows of its slice.

    Raises `NoSuchDecision`, `DecisionsChanged`, `proving.NotPublishedYet`.
    """
    found = _of_day(tx, vault, day, person_id, [ordinal])[ordinal]
    return DecisionProof(found, prove(tx, found.slice_id))


def decisions_about(tx: Tx, *, vault: Vault, person_id: int, day: date | None = None) -> Decided:
    """All that the kept days decided about a person, or one of them."""
    found, unproven = dict[tuple[date, int], Decision](), list[date]()
    listed = tx.execute(
        "SELECT day, array_agg(ordinal ORDER BY ordinal) FROM proposal "
        "WHERE lender_id = %s AND person_id = %s AND day = coalesce(%s, day) GROUP BY day ORDER BY day",
        (tx.lender_id, person_id, day),
    ).fetchall()
    for on, ordinals in listed:
        try:
            found |= {(on, number): one for number, one in _of_day(tx, vault, on, person_id, ordinals).items()}
        except DecisionsChanged:
            unproven.append(on)
    return Decided(found, tuple(unproven))


def _of_day(tx: Tx, vault: Vault, day: date, person_id: int, ordinals: Sequence[int]) -> dict[int, Decision]:
    """Decisions of a day about a person; each slice they are in is read and hashed once."""
    run = runs.published(tx, day)
    key = vault.index_normal(tx.lender_id, "decisions", day.isoformat())
    found: dict[int, Decision] = {}
    rows, hashes, covering, read = pl.DataFrame(), list[bytes](), 0, 0
    for ordinal in ordinals:
        at = _place(tx, run.run_id, day, person_id, ordinal)
        if at is None:
            raise NoSuchDecision(day, person_id, ordinal)
        number, index = at // SLICE + 1, at % SLICE
        if number != read:
            rows, read = _rows(tx, run.run_id, day, first=at - index), number
            hashes = [tree.leaf_hash(entry) for entry in entries(rows, key)]
            covered = _covering(tx, run, number)
            if covered is None or covered[1] != tree.root(hashes).hex():
                raise DecisionsChanged(day, number)
            covering = covered[0]
        path = tuple(tree.inclusion_proof(index, len(hashes), tree.nodes_of(hashes)))
        (text,) = leaves(rows[index])
        found[ordinal] = Decision(text, salts(rows[index], key), index, len(hashes), path, covering)
    return found


def _covering(tx: Tx, run: runs.Run, number: int) -> tuple[int, str] | None:
    """The entry that covers a slice of a run, and the root that it states."""
    for entry in log.of_kind_at(tx, "day_run.slice", run.ended_at) if run.ended_at else ():
        stated = record.read(entry.content)["stated"]
        if isinstance(stated, dict) and (stated.get("run"), stated.get("slice")) == (run.run_id, number):
            return entry.entry_id, str(stated["root"])
    return None


def _place(tx: Tx, run_id: int, day: date, person_id: int, ordinal: int) -> int | None:
    """How many decisions of the run come before this one; None where it is not there."""
    found = tx.value(
        "SELECT count(*) FILTER (WHERE (person_id, ordinal) < (%(person)s, %(ordinal)s)) FROM proposal "
        "WHERE lender_id = %(lender)s AND day = %(day)s AND run_id = %(run)s "
        "HAVING count(*) FILTER (WHERE (person_id, ordinal) = (%(person)s, %(ordinal)s)) = 1",
        {"lender": tx.lender_id, "day": day, "run": run_id, "person": person_id, "ordinal": ordinal},
    )
    return None if found is None else int(str(found))


def _rows(tx: Tx, run_id: int, day: date, *, first: int) -> pl.DataFrame:
    """The stored decisions of one slice, as the run had them."""
    found = tx.execute(
        "SELECT person_id, ordinal, treatment, channel, template_id, template_version, contact_point_id, slot_at, "
        "answer = 'allowed', rules, missing FROM proposal WHERE lender_id = %s AND day = %s AND run_id = %s "
        "ORDER BY person_id, ordinal OFFSET %s LIMIT %s",
        (tx.lender_id, day, run_id, first, SLICE),
    ).fetchall()
    return pl.DataFrame(found, schema=_SCHEMA, orient="row").select(COLUMNS)
