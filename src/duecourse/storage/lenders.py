"""The register of lenders: who owns claims, where, in which currency, and whether its people are invented."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb

from duecourse.storage.connection import NoSuchLender, Tx
from duecourse.trouble import N_, BadInput


class LenderExists(BadInput):
    """A lender code that is taken."""

    def __init__(self, lender_id: str) -> None:
        super().__init__(
            N_("lender {lender_id!r} exists already; choose another code (`duecourse lender list` shows those taken)"),
            lender_id=lender_id,
        )


@dataclass(frozen=True, slots=True)
class Lender:
    """A row of the register. ``masters`` says per kind of fact whose word counts, ``tape`` or ``desk``."""

    lender_id: str
    name: str
    jurisdiction: str
    zone: str
    currency: str
    lender_type: str
    demo: bool
    masters: Mapping[str, str]
    packs_off: Sequence[str] = ()  # policy packs that do not bind it
    own_packs: Sequence[str] = ()  # its own packs that bind it: code, colon, hash of the content
    own_templates: Sequence[str] = ()  # its own templates that stand in its register: see `casework.lender_texts`


_ENTERED = "lender_id, name, jurisdiction, zone, currency, lender_type, demo, masters"
_COLUMNS = f"{_ENTERED}, packs_off, own_packs, own_templates"


def add(tx: Tx, lender: Lender, *, now: datetime) -> None:
    """Enter a lender; the transaction must be bound to its code. Raises `LenderExists`."""
    try:
        with tx.connection.transaction():
            tx.execute(
                f"INSERT INTO lender ({_ENTERED}, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    lender.lender_id, lender.name, lender.jurisdiction, lender.zone, lender.currency,
                    lender.lender_type, lender.demo, Jsonb(dict(lender.masters)), now,
                ),
            )  # fmt: skip
    except UniqueViolation:
        raise LenderExists(lender.lender_id) from None


def get(tx: Tx) -> Lender:
    """The lender of the transaction; raises `NoSuchLender`."""
    found = find(tx)
    if found is None:
        raise NoSuchLender(tx.lender_id)
    return found


def find(tx: Tx) -> Lender | None:
    """The lender of the transaction, or None before it is entered."""
    return tx.row(Lender, f"SELECT {_COLUMNS} FROM lender WHERE lender_id = %s", (tx.lender_id,))


def every(tx: Tx) -> list[Lender]:
    """All lenders, by code; the transaction must come from `Database.register`."""
    return tx.rows(Lender, f"SELECT {_COLUMNS} FROM lender ORDER BY lender_id")


def ring_checks(tx: Tx) -> dict[str, bytes]:
    """By which value each lender knows its key ring; a lender without one has no people yet. From `register`."""
    found = tx.execute("SELECT lender_id, index_check FROM lender WHERE index_check IS NOT NULL ORDER BY lender_id")
    return {str(lender_id): bytes(check) for lender_id, check in found}


def lock(tx: Tx) -> Lender:
    """The lender of the transaction, its row held until the end; raises `NoSuchLender`."""
    tx.execute("SELECT FROM lender WHERE lender_id = %s FOR NO KEY UPDATE", (tx.lender_id,))
    return get(tx)


def set_packs_off(tx: Tx, packs: Sequence[str]) -> None:
    """Say which policy packs do not bind the lender."""
    tx.execute("UPDATE lender SET packs_off = %s WHERE lender_id = %s", (sorted(set(packs)), tx.lender_id))


def set_own_packs(tx: Tx, names: Sequence[str]) -> None:
    """Say which of its own packs bind the lender."""
    tx.execute("UPDATE lender SET own_packs = %s WHERE lender_id = %s", (sorted(set(names)), tx.lender_id))


def set_own_templates(tx: Tx, names: Sequence[str]) -> None:
    """Say which of its own templates stand in the lender's register."""
    tx.execute("UPDATE lender SET own_templates = %s WHERE lender_id = %s", (sorted(set(names)), tx.lender_id))


def set_masters(tx: Tx, masters: Mapping[str, str]) -> None:
    """Say whose word counts per kind of fact."""
    tx.execute("UPDATE lender SET masters = %s WHERE lender_id = %s", (Jsonb(dict(masters)), tx.lender_id))
