"""Versions of the book and the files that went into them. The row written here is the commit point of the book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.errors import ForeignKeyViolation, UniqueViolation
from psycopg.types.json import Jsonb

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput, Busy, Said


class BookMoved(Busy):
    """Another import committed a version since ours began."""

    def __init__(self, parent: int | None) -> None:
        super().__init__(
            N_(
                "the book moved on: version {version} is no longer the newest. Nothing of this import counts; run it "
                "again."
            ),
            version=parent or 0,
        )


class BookLocked(Busy):
    """Another import or run is writing the book."""

    def __init__(self, lender_id: str) -> None:
        super().__init__(
            N_("the book of lender {lender} is being written by another import; try again when it has ended"),
            lender=lender_id,
        )


class NoSuchVersion(BadInput):
    """A version that the book does not have."""

    def __init__(self, version: int | None) -> None:
        what = (
            N_("has no version yet: import a tape first")
            if version is None
            else Said(N_("has no version {version}"), version=version)
        )
        super().__init__(N_("the book {what}; `duecourse book versions` lists them"), what=what)


@dataclass(frozen=True, slots=True)
class BookVersion:
    """A version of the book. ``tables``: per table name ``{"version": Delta version, "hash": content hash in hex}``."""

    version: int
    parent: int | None
    known_at: datetime
    written_by: str
    tables: Mapping[str, Mapping[str, int | str]]
    content_hash: bytes
    log_entries: int


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that went into the book. Sums are minor units: ``{"principal": {"CNY": 1}}``."""

    source_hash: bytes
    kind: str
    mapping_hash: bytes
    patch_hash: bytes | None
    rows_in: int
    rows_accepted: int
    rows_quarantined: int
    sums: Mapping[str, Mapping[str, int]]
    version: int = 0
    known_at: datetime | None = None


_VERSION = "SELECT version, parent, known_at, written_by, tables, content_hash, log_entries FROM book_version "


def lock(tx: Tx) -> None:
    """Hold the book of the lender for writing until the transaction ends; raises `BookLocked` at once if it is held."""
    if not tx.value("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 1))", (f"book {tx.lender_id}",)):
        raise BookLocked(tx.lender_id)


def newest(tx: Tx) -> BookVersion | None:
    """The newest committed version, or None before the first import."""
    return tx.row(BookVersion, _VERSION + "WHERE lender_id = %s ORDER BY version DESC LIMIT 1", (tx.lender_id,))


def get(tx: Tx, version: int) -> BookVersion:
    """A version; raises `NoSuchVersion`."""
    found = tx.row(BookVersion, _VERSION + "WHERE lender_id = %s AND version = %s", (tx.lender_id, version))
    if found is None:
        raise NoSuchVersion(version)
    return found


def known_by(tx: Tx, at: datetime) -> BookVersion:
    """The version that was newest at an instant; raises `NoSuchVersion`."""
    found = tx.row(
        BookVersion,
        _VERSION + "WHERE lender_id = %s AND known_at <= %s ORDER BY version DESC LIMIT 1",
        (tx.lender_id, at),
    )
    if found is None:
        raise NoSuchVersion(None)
    return found


def every(tx: Tx) -> list[BookVersion]:
    """All versions, the newest first."""
    return tx.rows(BookVersion, _VERSION + "WHERE lender_id = %s ORDER BY version DESC", (tx.lender_id,))


def commit_version(tx: Tx, book: BookVersion, sources: Sequence[SourceFile] = ()) -> None:
    """Write the version and its files: with the commit of ``tx`` the version exists, and not before. Do it last.

    ``book.version`` is its parent's plus one. Raises `BookMoved` if another version took the place.
    """
    try:
        with tx.connection.transaction():
            tx.execute(
                "INSERT INTO book_version (lender_id, version, parent, known_at, written_by, tables, content_hash, "
                "log_entries) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    tx.lender_id, book.version, book.parent, book.known_at, book.written_by, Jsonb(dict(book.tables)),
                    book.content_hash, book.log_entries,
                ),
            )  # fmt: skip
    except (UniqueViolation, ForeignKeyViolation):
        raise BookMoved(book.parent) from None
    tx.many(
        "INSERT INTO source_file (lender_id, source_hash, kind, mapping_hash, patch_hash, rows_in, rows_accepted, "
        "rows_quarantined, sums, version, known_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            (
                tx.lender_id, s.source_hash, s.kind, s.mapping_hash, s.patch_hash, s.rows_in, s.rows_accepted,
                s.rows_quarantined, Jsonb(s.sums), book.version, book.known_at,
            )
            for s in sources
        ],
    )  # fmt: skip


def sources(tx: Tx, *, source_hash: bytes | None = None) -> list[SourceFile]:
    """Files read so far, the newest first; those of one hash if given: the same file again changes nothing."""
    return tx.rows(
        SourceFile,
        "SELECT source_hash, kind, mapping_hash, patch_hash, rows_in, rows_accepted, rows_quarantined, sums, version, "
        "known_at FROM source_file WHERE lender_id = %s AND source_hash = coalesce(%s, source_hash) "
        "ORDER BY version DESC, kind",
        (tx.lender_id, source_hash),
    )
