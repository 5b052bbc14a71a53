"""The book on disk: Delta tables by lender, and versions of all of them together.

A `BookVersion` names the Delta version and the content hash of each table; it exists once its row is committed in
PostgreSQL (``storage.books``), and readers ask for one, never for the latest files. What a process that died left
behind is not in any book version; the next `Store.begin` takes it away. Rows are only ever added. Small files of many
appends are joined on the way: other files, the same rows and hashes; the versions before keep the files they had.

What does not belong here: the commit itself, locks between processes (``casework.book_import``).
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import polars as pl
from deltalake import DeltaTable, WriterProperties, write_deltalake
from polars.exceptions import PolarsError

from duecourse.book.content import add, fingerprint
from duecourse.book.tables import ORDER, TABLES
from duecourse.trouble import N_, BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SHARDS = 8
"""Shards of a book unless it is created with another number; fixed from then on."""

_MARK = "writing"
_WRITER = WriterProperties(compression="ZSTD", compression_level=1)
FILES_MAX = 24
"""Files of a shard from which small ones are joined by the next append."""

JOINED_BYTES = 64 * 1024 * 1024
"""Files from this size on are left as they are."""

# The log of a table is never shortened: every version that was committed stays readable.
_CONFIGURATION = {"delta.enableExpiredLogCleanup": "false", "delta.appendOnly": "false"}


class NoSuchVersion(BadInput):
    """A book version whose tables are not there."""

    def __init__(self, folder: Path, table: str, version: int) -> None:
        super().__init__(
            N_(
                "book version {version} names table {table}, which is not in {folder}: the data folder is not the "
                "one that the database was filled with, or files were removed; point DUECOURSE_HOME at it or restore "
                "it"
            ),
            version=version,
            table=table,
            folder=folder,
        )


@dataclass(frozen=True, slots=True)
class TableAt:
    """One table as of a book version: its Delta version, content hash (32 hex digits) and number of rows."""

    version: int
    hash: str
    rows: int


@dataclass(frozen=True, slots=True)
class BookVersion:
    """One state of a lender's book."""

    version: int
    shards: int
    tables: Mapping[str, TableAt]

    @property
    def content_hash(self) -> bytes:
        """One hash for all tables: SHA-256 over their names and hashes, in order; empty tables do not count."""
        lines = [f"{name} {at.hash}\n" for name, at in sorted(self.tables.items()) if at.rows]
        return sha256("".join(["duecourse book 1\n", *lines]).encode()).digest()

    def plain(self) -> dict[str, dict[str, int | str]]:
        """What the ``book_version`` row keeps of the tables."""
        return {
            name: {"version": at.version, "hash": at.hash, "rows": at.rows, "shards": self.shards}
            for name, at in sorted(self.tables.items())
        }


def version_from(version: int, plain: Mapping[str, Mapping[str, Any]]) -> BookVersion:
    """A book version from its number and the tables of its row."""
    tables = {name: TableAt(at["version"], at["hash"], at["rows"]) for name, at in plain.items()}
    shards = {at["shards"] for at in plain.values()} or {SHARDS}
    return BookVersion(version, shards.pop(), tables)


@dataclass(frozen=True, slots=True)
class Store:
    """The book of one lender in a folder of its own."""

    folder: Path

    def path(self, table: str) -> Path:
        """Where a table is."""
        return self.folder / table

    # Writing, one process at a time

    def begin(self, committed: BookVersion | None) -> None:
        """Make ready to write on top of a version: take away what an interrupted writer left behind."""
        mark = self.folder / _MARK
        if mark.exists():
            self._clean(committed)
        self.folder.mkdir(parents=True, exist_ok=True)
        mark.touch()

    def done(self) -> None:
        """Say that what was written is committed."""
        (self.folder / _MARK).unlink(missing_ok=True)

    def _clean(self, committed: BookVersion | None) -> None:
        tables = committed.tables if committed else {}
        for name in TABLES:
            path = self.path(name)
            if name not in tables:
                shutil.rmtree(path, ignore_errors=True)
                continue
            table = DeltaTable(path)
            if table.version() != tables[name].version:
                table.restore(tables[name].version)
            # Files that a later version joined into others are still those of the versions before it.
            table.vacuum(
                retention_hours=0, dry_run=False, enforce_retention_duration=False,
                keep_versions=list(range(tables[name].version + 1)),
            )  # fmt: skip

    def append(self, at: BookVersion | None, rows: Mapping[str, pl.DataFrame], *, shards: int = SHARDS) -> BookVersion:
        """Add rows to tables and return the version that they would make; it counts once its row is committed.

        Frames have the columns and types of `tables.TABLES`; each is written in its order. ``shards`` counts for a new
        book only.
        """
        base = at or BookVersion(0, shards, {})
        tables = dict(base.tables)
        for name, frame in rows.items():
            if frame.is_empty():
                continue
            tables[name] = self._append(name, frame, tables.get(name))
        return replace(base, version=base.version + 1, tables=tables)

    def _append(self, name: str, frame: pl.DataFrame, was: TableAt | None) -> TableAt:
        columns = TABLES[name]
        frame = frame.select(pl.col(column).cast(kind) for column, kind in columns.items())
        partition = "shard" in columns
        frame = frame.sort(["shard", *ORDER[name]] if partition else ORDER[name])
        path = self.path(name)
        write_deltalake(
            path,
            frame.to_arrow(),
            mode="append",
            partition_by=["shard"] if partition else None,
            configuration=_CONFIGURATION,
            writer_properties=_WRITER,
        )
        table = DeltaTable(path)
        for shard in _of_many_files(table):
            # New files hold the same rows; the old ones stay, for the versions that were read from them.
            table.optimize.compact(
                partition_filters=[("shard", "=", shard)] if partition else None,
                target_size=JOINED_BYTES, writer_properties=_WRITER, max_concurrent_tasks=1,
            )  # fmt: skip
        digest = add(int(was.hash, 16) if was else 0, fingerprint(frame, columns))
        return TableAt(table.version(), f"{digest:032x}", frame.height + (was.rows if was else 0))

    # Reading, by anybody at any time

    def read(
        self,
        at: BookVersion,
        table: str,
        *,
        shard: int | None = None,
        columns: Sequence[str] | None = None,
        known: datetime | None = None,
    ) -> pl.DataFrame:
        """Rows of a table as of a version, in the table's order (if the columns of the order are among those asked).

        ``known`` leaves out what was learnt later, and of loans keeps the row known last. Raises `NoSuchVersion`.
        """
        wanted = list(columns) if columns is not None else list(TABLES[table])
        if table not in at.tables:
            return pl.DataFrame(schema={name: TABLES[table][name] for name in wanted})
        rows = self._scan(at, table)
        if shard is not None and "shard" in TABLES[table]:
            rows = rows.filter(pl.col("shard") == shard)
        if known is not None and "known" in TABLES[table]:
            rows = rows.filter(pl.col("known") <= known)
        order = [name for name in ORDER[table] if name in wanted or (table == "loans" and known is not None)]
        frame = rows.select(*wanted, *(name for name in order if name not in wanted)).collect()
        if len(order) == len(ORDER[table]) and not in_order(frame, order):
            frame = frame.sort(order)
        if known is not None and table == "loans":
            frame = frame.unique("loan_key", keep="last", maintain_order=True)
        return frame.select(wanted)

    def scan(self, at: BookVersion, table: str) -> pl.LazyFrame:
        """All rows of a table as of a version, lazily and in no order. Raises `NoSuchVersion`."""
        if table not in at.tables:
            return pl.LazyFrame(schema=TABLES[table])
        return self._scan(at, table)

    def _scan(self, at: BookVersion, table: str) -> pl.LazyFrame:
        path = self.path(table)
        if not (path / "_delta_log").is_dir():
            raise NoSuchVersion(self.folder, table, at.version)
        return pl.scan_delta(str(path), version=at.tables[table].version)

    def verified(self, at: BookVersion) -> list[str]:
        """Names of tables whose rows on disk do not have the hash of the version; reads everything."""
        wrong = []
        for name, table in sorted(at.tables.items()):
            parts = range(at.shards) if "shard" in TABLES[name] else [None]
            try:
                frames = (self.read(at, name, shard=part) for part in parts)
                found = add(*(fingerprint(frame, TABLES[name]) for frame in frames))
            except (PolarsError, OSError):  # a file that is gone or damaged
                found = -1
            if f"{found:032x}" != table.hash:
                wrong.append(name)
        return wrong


def _of_many_files(table: DeltaTable) -> list[str]:
    """Shards that lie in so many files that joining them pays; of a table without shards, the empty text."""
    counts = Counter(uri.rpartition("shard=")[2].split("/")[0] if "shard=" in uri else "" for uri in table.file_uris())
    return sorted(shard for shard, files in counts.items() if files > FILES_MAX)


def in_order(frame: pl.DataFrame, order: Sequence[str]) -> bool:
    """Whether rows stand in ascending order of several columns."""
    before, after = frame.slice(0, max(frame.height - 1, 0)), frame.slice(1)
    if after.is_empty():
        return True
    same = pl.Series([True]).new_from_index(0, after.height)
    for name in order:
        left, right = before[name], after[name]
        if (same & (left > right)).any():
            return False
        same &= left == right
        if not same.any():
            return True
    return True
