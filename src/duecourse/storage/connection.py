"""Transactions on PostgreSQL: each bound to one lender, READ COMMITTED, with time-outs, in a role that owns nothing.

The application never works as the owner of the tables: every connection of the pool takes the role `duecourse_app`,
which row-level security binds, and a transaction names its lender. A query without a lender sees no row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import LiteralString, Self, TypeAlias, TypeVar

import orjson
import psycopg
from psycopg import IsolationLevel, sql
from psycopg.abc import Params
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow, class_row
from psycopg.types.json import set_json_loads
from psycopg_pool import ConnectionPool, PoolTimeout

from duecourse.trouble import N_, BadInput, Unavailable

APP_ROLE = "duecourse_app"
ANY_LENDER = "*"
"""Stands for the operator's view of the register of lenders; shows no other table's rows."""

Row: TypeAlias = TupleRow
_T = TypeVar("_T")


class NoDatabase(Unavailable):
    """The server cannot be reached, or refuses us."""

    def __init__(self, url: str, cause: Exception) -> None:
        reason = str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
        super().__init__(
            N_(
                "PostgreSQL at {place} cannot be used: {reason}. Check that it runs and that DUECOURSE_DATABASE_URL "
                "names it; `duecourse` migrates it and needs its owner's account."
            ),
            place=place(url),
            reason=reason,
        )


class NoSuchLender(BadInput):
    """A lender code that is not in the register."""

    def __init__(self, lender_id: str) -> None:
        super().__init__(
            N_("lender {lender!r} is not known; `duecourse lender list` shows those that are"), lender=lender_id
        )


def place(url: str) -> str:
    """Where a database is, fit for a message: host, port and name, never the password or the account."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return "(an address that cannot be read)"
    return f"{parts.get('host') or 'local socket'}:{parts.get('port') or 5432}/{parts.get('dbname') or ''}"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a statement may run, wait for a lock, or sit idle in a transaction (ms); and stages."""

    statement_ms: int = 30_000
    lock_ms: int = 5_000
    idle_ms: int = 60_000
    temporary_mb: int = 8  # of temporary tables, held in memory before they are written out

    def options(self) -> str:
        """The limits as libpq options, with the isolation level pinned and UTC as session zone."""
        return (
            f"-c statement_timeout={self.statement_ms} -c lock_timeout={self.lock_ms} "
            f"-c idle_in_transaction_session_timeout={self.idle_ms} -c temp_buffers={self.temporary_mb}MB "
            "-c default_transaction_isolation=read\\ committed -c timezone=UTC -c jit=off"
        )


SCREEN = Limits()
"""For acts and screens."""

BATCH = Limits(statement_ms=900_000, lock_ms=30_000, idle_ms=3_600_000, temporary_mb=256)
"""For imports and day runs."""


@dataclass(frozen=True, slots=True)
class Tx:
    """One open transaction of one lender. Whoever opened it commits it; functions that take it never do."""

    connection: psycopg.Connection[Row] = field(repr=False)
    lender_id: str

    def execute(self, query: LiteralString, params: Params | None = None) -> psycopg.Cursor[Row]:
        """Run one statement; values are always parameters."""
        return self.connection.execute(query, params)

    def many(self, query: LiteralString, params: Sequence[Params]) -> int:
        """Run one statement for each set of parameters, in one round trip; returns how many rows it touched."""
        with self.connection.cursor() as cursor:
            cursor.executemany(query, params)
            return cursor.rowcount

    def value(self, query: LiteralString, params: Params | None = None) -> object:
        """The first column of the first row, or None."""
        row = self.execute(query, params).fetchone()
        return None if row is None else row[0]

    def rows(self, row_type: type[_T], query: LiteralString, params: Params | None = None) -> list[_T]:
        """All rows as values of a frozen type whose field names are the column names."""
        with self.connection.cursor(row_factory=class_row(row_type)) as cursor:
            return cursor.execute(query, params).fetchall()

    def row(self, row_type: type[_T], query: LiteralString, params: Params | None = None) -> _T | None:
        """The first row as a value of a frozen type, or None."""
        with self.connection.cursor(row_factory=class_row(row_type)) as cursor:
            return cursor.execute(query, params).fetchone()


class Database:
    """A pool of connections in the application's role. Open it once per process; close it at the end."""

    def __init__(self, url: str, *, limits: Limits = SCREEN, connections_max: int = 8) -> None:
        self.url = url
        self._pool: ConnectionPool[psycopg.Connection[Row]] = ConnectionPool(
            url,
            min_size=0,
            max_size=connections_max,
            timeout=10,
            open=False,
            configure=_configure,
            kwargs={"options": limits.options(), "application_name": "duecourse"},
        )

    def __repr__(self) -> str:
        """The place only: the address holds a password."""
        return f"Database({place(self.url)})"

    def __enter__(self) -> Self:
        """Open the pool and prove that the server answers; raises `NoDatabase`."""
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the pool."""
        self.close()

    def open(self) -> None:
        """Open the pool and prove that the server answers and the role can be taken; raises `NoDatabase`."""
        try:
            with psycopg.connect(self.url, connect_timeout=10) as probe:
                probe.execute(f"SET ROLE {APP_ROLE}")  # a constant of this module
        except psycopg.Error as error:
            raise NoDatabase(self.url, error) from error
        self._pool.open()

    def close(self) -> None:
        """Close all connections of the pool."""
        self._pool.close()

    @contextmanager
    def transaction(self, lender_id: str) -> Iterator[Tx]:
        """A transaction of one lender: committed at the end of the block, undone if the block raises."""
        if lender_id == ANY_LENDER or not lender_id:
            raise NoSuchLender(lender_id)
        with self._bound(lender_id) as tx:
            yield tx

    @contextmanager
    def pipelined(self, lender_id: str) -> Iterator[Tx]:
        """As `transaction`, but statements are only sent: the server works through them one after the other.

        Results arrive when the first of them is fetched, so that statements which do not depend on one another's
        results cost one round trip together. The commit travels with the last of them; an error in any of them is
        raised where its result is fetched, or at the end of the block, and undoes the whole.
        """
        if lender_id == ANY_LENDER or not lender_id:
            raise NoSuchLender(lender_id)
        with self._connection() as connection, connection.pipeline():
            connection.execute(_BY_KEY, (lender_id,))
            yield Tx(connection, lender_id)
            # Not `connection.commit()`, which waits for a round trip of its own: the pipeline's end brings this one in.
            connection.execute("COMMIT", prepare=False)

    @contextmanager
    def register(self) -> Iterator[Tx]:
        """A transaction that sees the register of lenders, all of it, and nothing else."""
        with self._bound(ANY_LENDER) as tx:
            yield tx

    def gather(self, tables: Iterable[str]) -> None:
        """Gather the server's statistics of tables into which many rows were just written, by their owner.

        A plan made while a table was empty reads all of it until then; the server does the same by itself, later. What
        somebody else has locked is passed over, and so is a server that cannot do it now: what was written stands.
        """
        with suppress(psycopg.Error), psycopg.connect(self.url, autocommit=True, connect_timeout=10) as owner:
            for table in tables:
                owner.execute(sql.SQL("ANALYZE (SKIP_LOCKED) {}").format(sql.Identifier(table)))

    @contextmanager
    def session_lock(self, name: str) -> Iterator[bool]:
        """Try to hold a named lock, in a connection of its own, for the length of the block; gives whether it is held.

        The server lets it go when the process dies, however it dies.
        """
        try:
            connection = psycopg.connect(
                self.url, autocommit=True, connect_timeout=10, application_name=f"duecourse {name}"
            )
        except psycopg.OperationalError as error:
            raise NoDatabase(self.url, error) from error
        with connection:
            row = connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 2))", (name,)).fetchone()
            try:
                yield bool(row and row[0])
            finally:
                # To close lets go too, but only once the server has noticed: the next in line would be refused.
                with suppress(psycopg.Error):
                    connection.execute("SELECT pg_advisory_unlock_all()")

    @contextmanager
    def _bound(self, lender_id: str) -> Iterator[Tx]:
        with self._connection() as connection:
            bind(connection, lender_id)
            yield Tx(connection, lender_id)

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Row]]:
        try:
            context = self._pool.connection()
            connection = context.__enter__()
        except PoolTimeout as error:
            raise NoDatabase(self.url, error) from error
        try:
            yield connection
        except BaseException as error:
            context.__exit__(type(error), error, error.__traceback__)
            raise
        context.__exit__(None, None, None)


_BY_KEY: LiteralString = "SELECT set_config('duecourse.lender_id', %s, true), " + ", ".join(
    f"set_config('{name}', '{value}', true)"
    for name, value in (
        ("plan_cache_mode", "force_generic_plan"),
        ("enable_seqscan", "off"),
        ("enable_bitmapscan", "off"),
        ("enable_hashjoin", "off"),
        ("enable_mergejoin", "off"),
    )
)
"""A plan for all parameters is made once for each connection: its statements are the same every time. They find each
row by its key, and a plan made while a table was small must not read the table through once it has grown.
"""


def bind(connection: psycopg.Connection[Row], lender_id: str) -> None:
    """Name the lender of the transaction that is open (or opens now) on a connection."""
    connection.execute("SELECT set_config('duecourse.lender_id', %s, true)", (lender_id,))


def _configure(connection: psycopg.Connection[Row]) -> None:
    connection.isolation_level = IsolationLevel.READ_COMMITTED
    set_json_loads(orjson.loads, connection)  # several columns of JSON for each contact at the gate
    connection.execute(f"SET ROLE {APP_ROLE}")  # a constant of this module
    connection.commit()
