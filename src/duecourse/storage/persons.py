"""Persons as the desk keeps them: masked forms to show, sealed values to open one by one, and the wrapped secret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import LiteralString

from duecourse.storage.connection import Tx
from duecourse.storage.vault import Wrapped
from duecourse.trouble import N_, BadInput

FIELDS = ("name", "id", "birth", "reference")
"""Sealed fields of a person; ``id`` is the number of the identity document, ``reference`` the customer number."""


class NoSuchPerson(BadInput):
    """A person id that the lender does not have."""

    def __init__(self, person_id: int) -> None:
        super().__init__(
            N_("person {person_id} is not known to this lender; `duecourse person find` looks people up"),
            person_id=person_id,
        )


@dataclass(frozen=True, slots=True)
class Person:
    """A person, masked."""

    person_id: int
    kind: str
    alias_of: int | None
    name_masked: str | None
    id_kind: str | None
    id_masked: str | None
    birth_masked: str | None
    reference_masked: str | None
    source: str
    known_at: datetime
    destroyed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was known of a person from ``known_at`` until ``until_at``, masked."""

    known_at: datetime
    until_at: datetime
    kind: str
    name_masked: str | None
    id_masked: str | None
    birth_masked: str | None
    reference_masked: str | None
    source: str


@dataclass(frozen=True, slots=True)
class _Secret:
    person_id: int
    key_id: str
    secret_wrapped: bytes | None = field(repr=False)


_PERSON = (
    "SELECT person_id, kind, alias_of, name_masked, id_kind, id_masked, birth_masked, reference_masked, source, "
    "known_at, destroyed_at FROM person "
)


def get(tx: Tx, person_id: int) -> Person:
    """A person; raises `NoSuchPerson`."""
    found = tx.row(Person, _PERSON + "WHERE lender_id = %s AND person_id = %s", (tx.lender_id, person_id))
    if found is None:
        raise NoSuchPerson(person_id)
    return found


def history(tx: Tx, person_id: int) -> list[Earlier]:
    """What was known before, the latest first."""
    return tx.rows(
        Earlier,
        "SELECT known_at, until_at, kind, name_masked, id_masked, birth_masked, reference_masked, source "
        "FROM person_history WHERE lender_id = %s AND person_id = %s ORDER BY until_at DESC",
        (tx.lender_id, person_id),
    )


def by_name(tx: Tx, name_index: bytes, most: int = 100) -> list[Person]:
    """People of exactly this name, at most ``most``."""
    return tx.rows(
        Person,
        _PERSON + "WHERE lender_id = %s AND name_index = %s ORDER BY person_id LIMIT %s",
        (tx.lender_id, name_index, most),
    )


def by_id(tx: Tx, id_index: bytes, most: int = 100) -> list[Person]:
    """People with this identity number: more than one is a sign of an alias not yet merged."""
    return tx.rows(
        Person,
        _PERSON + "WHERE lender_id = %s AND id_index = %s ORDER BY person_id LIMIT %s",
        (tx.lender_id, id_index, most),
    )


def by_point(tx: Tx, value_index: bytes, most: int = 100) -> list[Person]:
    """People who have, or had, this phone, mailbox, address or account."""
    return tx.rows(
        Person,
        _PERSON + "WHERE lender_id = %s AND person_id IN (SELECT person_id FROM contact_point "
        "WHERE lender_id = %s AND value_index = %s) ORDER BY person_id LIMIT %s",
        (tx.lender_id, tx.lender_id, value_index, most),
    )


def same(tx: Tx, person_id: int) -> list[int]:
    """The person with everybody who turned out to be the same one, in no order."""
    found = tx.value(
        "SELECT same_persons(%(lender)s, ARRAY[person_root(%(lender)s, %(person)s)])",
        {"lender": tx.lender_id, "person": person_id},
    )
    return list(found) if isinstance(found, list) else []


def lock(tx: Tx, person_ids: Sequence[int]) -> None:
    """Take the locks of these persons' counters, until the transaction ends; whoever asks a permit waits meanwhile."""
    tx.execute("SELECT lock_counters(%s, %s::bigint[], '{}', '{}')", (tx.lender_id, list(person_ids)))


def root(tx: Tx, person_id: int) -> int:
    """The person that this one turned out to be, through any number of steps; else the person."""
    return int(str(tx.value("SELECT person_root(%s, %s)", (tx.lender_id, person_id))))


def set_alias(tx: Tx, person_id: int, into: int | None) -> None:
    """Note whose other name a person is, or that it is nobody's."""
    tx.execute(
        "UPDATE person SET alias_of = %s WHERE lender_id = %s AND person_id = %s", (into, tx.lender_id, person_id)
    )


def wrapped(tx: Tx, person_id: int) -> Wrapped | None:
    """The wrapped secret, None once destroyed; raises `NoSuchPerson`."""
    found = tx.row(
        _Secret,
        "SELECT person_id, key_id, secret_wrapped FROM person WHERE lender_id = %s AND person_id = %s",
        (tx.lender_id, person_id),
    )
    if found is None:
        raise NoSuchPerson(person_id)
    return None if found.secret_wrapped is None else Wrapped(found.key_id, found.secret_wrapped)


_SEALED: dict[str, LiteralString] = {
    "name": "SELECT name_sealed FROM person WHERE lender_id = %s AND person_id = %s",
    "id": "SELECT id_sealed FROM person WHERE lender_id = %s AND person_id = %s",
    "birth": "SELECT birth_sealed FROM person WHERE lender_id = %s AND person_id = %s",
    "reference": "SELECT reference_sealed FROM person WHERE lender_id = %s AND person_id = %s",
}


def sealed(tx: Tx, person_id: int, field_name: str) -> bytes | None:
    """The sealed value of one of `FIELDS`, or None where nothing is stored."""
    found = tx.value(_SEALED[field_name], (tx.lender_id, person_id))
    return bytes(found) if isinstance(found, bytes | memoryview) else None


def destroy(tx: Tx, person_id: int, *, now: datetime) -> None:
    """Destroy the wrapped secret: every sealed value of the person is unreadable from here on. There is no way back.

    Backups hold the wrapped secret until they expire; the ring key that wrapped it must be rotated out before a
    deletion is complete in them too (docs/storage.md). Masked forms are blanked and contact points ended; blind indexes
    of numbers stay, for a number that refused must stay refused.
    """
    tx.execute(
        "UPDATE person SET secret_wrapped = NULL, destroyed_at = %s, name_sealed = NULL, name_masked = NULL, "
        "name_index = NULL, id_sealed = NULL, id_masked = NULL, id_index = NULL, birth_sealed = NULL, "
        "birth_masked = NULL, reference_sealed = NULL, reference_masked = NULL "
        "WHERE lender_id = %s AND person_id = %s AND destroyed_at IS NULL",
        (now, tx.lender_id, person_id),
    )
    tx.execute(
        "UPDATE contact_point SET value_masked = '***', to_at = coalesce(to_at, %s) "
        "WHERE lender_id = %s AND person_id = %s",
        (now, tx.lender_id, person_id),
    )
