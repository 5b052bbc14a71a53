"""The evidence log's entries: inserted by the act they are evidence of, in its own transaction, unsequenced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import LiteralString, NamedTuple

from duecourse.core.money import BrokenInvariant
from duecourse.evidence import record
from duecourse.evidence.record import Fact
from duecourse.storage.connection import Tx
from duecourse.storage.vault import PersonKey, Vault
from duecourse.trouble import N_, Unavailable


class WrongRing(Unavailable):
    """The key ring is not the one that the lender's people were registered with."""

    def __init__(self, lender_id: str) -> None:
        super().__init__(
            N_(
                "the key ring is not the one that lender {lender_id} was written with: numbers would be counted anew "
                "and people registered twice. Nothing was done; bring back the ring (DUECOURSE_KEYS_FILE, or "
                "keys.json in the data folder)."
            ),
            lender_id=lender_id,
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """A log entry as stored. ``seq`` is its place in the log, None until sequenced."""

    entry_id: int
    kind: str
    at: datetime
    actor: str
    person_id: int | None
    content: bytes = field(repr=False)
    leaf_hash: bytes = field(repr=False)
    seq: int | None


def append(
    tx: Tx,
    *,
    vault: Vault,
    kind: str,
    at: datetime,
    actor: str,
    subject: PersonKey | None = None,
    rules: Sequence[str] = (),
    packs: Sequence[str] = (),
    stated: Mapping[str, Fact] | None = None,
    facts: Mapping[str, Fact] | None = None,
) -> int:
    """Write the record of an act and return its entry id.

    ``kind`` is noun.verb; ``actor`` is kept for the desk and stands in the record as a pseudonym. ``facts`` are
    personal and need the ``subject``, whose secret salts their commitments; ``stated`` is readable by all who hold
    the record.
    """
    entry_id = _next_id(tx, vault)
    append_as(
        tx, entry_id, vault=vault, kind=kind, at=at, actor=actor, subject=subject, rules=rules, packs=packs,
        stated=stated, facts=facts,
    )  # fmt: skip
    return entry_id


def append_as(
    tx: Tx,
    entry_id: int,
    *,
    vault: Vault,
    kind: str,
    at: datetime,
    actor: str,
    subject: PersonKey | None = None,
    rules: Sequence[str] = (),
    packs: Sequence[str] = (),
    stated: Mapping[str, Fact] | None = None,
    facts: Mapping[str, Fact] | None = None,
) -> None:
    """Write a record under an id that was drawn from ``log_entry_id`` before; nothing is waited for.

    For acts that draw the id with what else they read. They must have asked `prove_ring`.
    """
    tx.execute(
        _INSERT,
        row_of(
            tx, entry_id, vault=vault, kind=kind, at=at, actor=actor, subject=subject, rules=rules, packs=packs,
            stated=stated, facts=facts,
        ),
    )  # fmt: skip


_INSERT: LiteralString = (
    "INSERT INTO log_entry (lender_id, entry_id, kind, at, actor, person_id, bytes, leaf_hash) "
    "VALUES (%s, %s, %s, %s, %s, %s, %b, %b)"
)
_INSERT_ALL: LiteralString = (
    "INSERT INTO log_entry (lender_id, entry_id, kind, at, actor, person_id, bytes, leaf_hash) SELECT * FROM unnest("
    "%s::text[], %s::bigint[], %s::text[], %s::timestamptz[], %s::text[], %s::bigint[], %b::bytea[], %b::bytea[])"
)


class Row(NamedTuple):
    """What stands in the columns of an entry, in the order of `_INSERT`."""

    lender_id: str
    entry_id: int
    kind: str
    at: datetime
    actor: str
    person_id: int | None
    content: bytes
    leaf_hash: bytes


def row_of(
    tx: Tx,
    entry_id: int,
    *,
    vault: Vault,
    kind: str,
    at: datetime,
    actor: str,
    subject: PersonKey | None = None,
    rules: Sequence[str] = (),
    packs: Sequence[str] = (),
    stated: Mapping[str, Fact] | None = None,
    facts: Mapping[str, Fact] | None = None,
) -> Row:
    """The row of a record, for statements that write more than it; see `append` and `append_as`."""
    if subject is not None and subject.lender_id != tx.lender_id:
        raise BrokenInvariant(f"a record of lender {tx.lender_id} about a person of lender {subject.lender_id}")
    built = record.build(
        record_id=f"{tx.lender_id}/{entry_id}",
        kind=kind,
        at=at,
        actor=vault.actor_pseudonym(tx.lender_id, actor),
        subject=subject.pseudonym if subject else None,
        rules=rules,
        packs=packs,
        stated=stated,
        facts=facts,
        secret=subject.secret if subject else None,
    )
    return Row(
        tx.lender_id, entry_id, kind, at, actor, subject.person_id if subject else None, built.content,
        built.leaf_hash,
    )  # fmt: skip


def draw(tx: Tx, count: int) -> list[int]:
    """So many entry ids, for records that are written by `append_as` or `append_rows`."""
    return [int(row[0]) for row in tx.execute("SELECT nextval('log_entry_id') FROM generate_series(1, %s)", (count,))]


def append_rows(tx: Tx, rows: Sequence[Row]) -> None:
    """Write many records in one statement, under ids that were drawn before; see `append_as`."""
    tx.execute(_INSERT_ALL, list(map(list, zip(*rows, strict=True))))


def prove_ring(lender_id: str, vault: Vault, stored: bytes | None) -> None:
    """Raise `WrongRing` unless the lender's check value is the one that the vault's ring makes.

    None is no proof: a lender without one has no people yet.
    """
    if stored is None or bytes(stored) != vault.index_normal(lender_id, "ring", "check"):
        raise WrongRing(lender_id)


def _next_id(tx: Tx, vault: Vault) -> int:
    """The next entry id; proves on the way that the vault's ring is the one this lender was written with."""
    found = tx.execute(
        "SELECT nextval('log_entry_id'), (SELECT index_check FROM lender WHERE lender_id = %s)", (tx.lender_id,)
    ).fetchone()
    check = vault.index_normal(tx.lender_id, "ring", "check")
    if found is None:
        raise BrokenInvariant("a sequence gave no number")
    if found[1] is None:
        tx.execute(
            "UPDATE lender SET index_check = %s WHERE lender_id = %s AND index_check IS NULL", (check, tx.lender_id)
        )
    elif bytes(found[1]) != check:
        raise WrongRing(tx.lender_id)
    return int(found[0])


def last_id(tx: Tx) -> int:
    """The highest entry id of the lender, 0 before the first. Entries below it may still be uncommitted elsewhere."""
    return int(str(tx.value("SELECT coalesce(max(entry_id), 0) FROM log_entry WHERE lender_id = %s", (tx.lender_id,))))


def between(tx: Tx, first: int, until: int) -> list[Entry]:
    """Entries whose place is in a stretch of the log, in order."""
    return tx.rows(
        Entry,
        "SELECT entry_id, kind, at, actor, person_id, bytes AS content, leaf_hash, seq FROM log_entry "
        "WHERE lender_id = %s AND seq >= %s AND seq < %s ORDER BY seq",
        (tx.lender_id, first, until),
    )


def of_kind_at(tx: Tx, kind: LiteralString, at: datetime) -> list[Entry]:
    """Entries of a kind, of one instant."""
    return tx.rows(
        Entry,
        "SELECT entry_id, kind, at, actor, person_id, bytes AS content, leaf_hash, seq FROM log_entry "
        "WHERE lender_id = %s AND kind = '" + kind + "' AND at = %s ORDER BY entry_id",
        (tx.lender_id, at),
    )


def leave_out(tx: Tx, count: int) -> None:
    """Never give the next ids to an entry: a database that was lost may have given them."""
    tx.execute("SELECT count(nextval('log_entry_id')) FROM generate_series(1, %s)", (count,))


def of_person(tx: Tx, person_id: int, most: int = 200) -> list[Entry]:
    """Entries about a person, the latest first."""
    return tx.rows(
        Entry,
        "SELECT entry_id, kind, at, actor, person_id, bytes AS content, leaf_hash, seq FROM log_entry "
        "WHERE lender_id = %s AND person_id = %s ORDER BY entry_id DESC LIMIT %s",
        (tx.lender_id, person_id, most),
    )


def these(tx: Tx, entry_ids: Sequence[int]) -> dict[int, Entry]:
    """Some entries by their ids; those that are not there are left out."""
    found = tx.rows(
        Entry,
        "SELECT entry_id, kind, at, actor, person_id, bytes AS content, leaf_hash, seq FROM log_entry "
        "WHERE lender_id = %s AND entry_id = ANY (%s)",
        (tx.lender_id, list(entry_ids)),
    )
    return {one.entry_id: one for one in found}


def get(tx: Tx, entry_id: int) -> Entry | None:
    """One entry, or None."""
    return tx.row(
        Entry,
        "SELECT entry_id, kind, at, actor, person_id, bytes AS content, leaf_hash, seq FROM log_entry "
        "WHERE lender_id = %s AND entry_id = %s",
        (tx.lender_id, entry_id),
    )
