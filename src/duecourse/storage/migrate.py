"""Brings a database to the schema of this version: the numbered SQL files, each once, in order, by yoyo.

Safe on a live system and under a kill: one migrator at a time (a session advisory lock, released by the server when
its holder dies), a short lock time-out with retries so that no reader queues behind us, and each file in one
transaction together with the mark that it is done. Files are never edited once released; a later one corrects.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import psycopg
import yoyo
from psycopg import errors
from yoyo import internalmigrations
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.migrations import Migration, MigrationList

from duecourse.storage.connection import NoDatabase, place
from duecourse.trouble import N_, Busy, Unavailable

FILES = Path(__file__).parent / "migrations"

_LOCK_KEY = 0x6475_6563_6F75_7273  # "duecours"
_ATTEMPTS_MAX = 10
_OPTIONS = "-c lock_timeout=2000 -c statement_timeout=0 -c timezone=UTC -c client_min_messages=warning"


class MigrationBusy(Busy):
    """A table stays locked by others longer than we are willing to make them wait."""

    def __init__(self, name: str, where: str) -> None:
        super().__init__(
            N_(
                "migration {name} on {where} gave up: a table it changes stayed locked through {tries} tries "
                "of 2 s. Nothing of it was done; end the long transaction (see pg_stat_activity) and run the command "
                "again."
            ),
            name=name,
            where=where,
            tries=_ATTEMPTS_MAX,
        )


class MigrationFailed(Unavailable):
    """The server refused a migration."""

    def __init__(self, name: str, where: str, cause: Exception) -> None:
        super().__init__(
            N_(
                "migration {name} on {where} was refused and undone: {cause}. The database stays as it was before "
                "this file; the account must own the database and may create roles (see docs/storage.md)."
            ),
            name=name,
            where=where,
            cause=str(cause).strip(),
        )


class SchemaAhead(Unavailable):
    """The database was migrated by a newer version of duecourse."""

    def __init__(self, unknown: list[str], where: str) -> None:
        super().__init__(
            N_(
                "the database at {where} has {count} migration(s) this version does not know ({unknown}): it "
                "belongs to a newer duecourse. Use that version."
            ),
            where=where,
            count=len(unknown),
            unknown=", ".join(unknown),
        )


class _Backend(PostgresqlPsycopgBackend):  # type: ignore[misc]  # yoyo ships no types
    """yoyo's backend with our connection, and with a file and its mark in one transaction.

    As shipped, yoyo marks a migration in a second transaction, and its lock is a row that outlives a killed process.
    """

    def connect(self, dburi: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            dburi, autocommit=True, connect_timeout=10, options=_OPTIONS, application_name="duecourse"
        )

    def list_tables(self, **_: object) -> list[str]:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        return [row[0] for row in self.execute(query).fetchall()]

    def ensure_internal_schema_updated(self) -> None:
        """Make yoyo's own tables, all or none."""
        if internalmigrations.needs_upgrading(self):
            with self.transaction():
                internalmigrations.upgrade(self)

    def lock(self, timeout: int = 0) -> AbstractContextManager[None]:
        del timeout  # the advisory lock is held already
        return nullcontext()

    def apply_one(self, migration: Migration, force: bool = False, mark: bool = True) -> None:  # noqa: FBT001, FBT002
        """Run the file and mark it, both or neither; a file marked non-transactional must be repeatable."""
        del force, mark
        migration.load()
        if migration.use_transactions:
            with self.transaction():
                migration.process_steps(self, "apply")
                self.mark_one(migration, log=False)
        else:
            migration.process_steps(self, "apply")
            self.mark_one(migration, log=False)


def migrate(url: str, *, files: Path = FILES) -> list[str]:
    """Apply what is missing and return its names, in order; an up-to-date database is left alone.

    ``url`` must be the account that owns the database. Waits for another migrator to finish. Raises `NoDatabase`,
    `MigrationBusy`, `MigrationFailed`, `SchemaAhead`.
    """
    try:
        with _one_migrator(url), _Backend(url, "_yoyo_migration") as backend:
            return _apply(backend, yoyo.read_migrations(str(files)), place(url))
    except psycopg.OperationalError as error:
        raise NoDatabase(url, error) from error


def pending(url: str, *, files: Path = FILES) -> list[str]:
    """Names of migrations that `migrate` would apply; changes nothing but yoyo's own book-keeping."""
    try:
        with _one_migrator(url), _Backend(url, "_yoyo_migration") as backend:
            return [m.id for m in backend.to_apply(yoyo.read_migrations(str(files)))]
    except psycopg.OperationalError as error:
        raise NoDatabase(url, error) from error


@contextmanager
def _one_migrator(url: str) -> Iterator[None]:
    with psycopg.connect(url, autocommit=True, connect_timeout=10, application_name="duecourse migrate") as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK_KEY,))
        yield


def _apply(backend: _Backend, known: MigrationList, where: str) -> list[str]:
    missing = backend.to_apply(known)
    ahead = sorted(set(_applied(backend)) - {m.id for m in known})
    if ahead:
        raise SchemaAhead(ahead, where)
    done = []
    for migration in missing:
        _apply_patiently(backend, migration, where)
        done.append(migration.id)
    return done


def _applied(backend: _Backend) -> list[str]:
    return [row[0] for row in backend.execute("SELECT migration_id FROM _yoyo_migration").fetchall()]


def _apply_patiently(backend: _Backend, migration: Migration, where: str) -> None:
    for _ in range(_ATTEMPTS_MAX):
        try:
            backend.apply_one(migration)
        except errors.LockNotAvailable:
            continue
        except psycopg.OperationalError:
            raise
        except psycopg.Error as error:
            raise MigrationFailed(migration.id, where, error) from error
        else:
            return
    raise MigrationBusy(migration.id, where)
