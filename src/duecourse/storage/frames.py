"""Whole frames in and out of PostgreSQL by COPY.

COPY into a table with row-level security is refused by PostgreSQL, so rows go by COPY into a temporary table of the
transaction and from there by one INSERT, which the policies check. Reading goes by COPY of a query.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import LiteralString, TypeAlias

import polars as pl
from psycopg import sql
from psycopg.abc import Params

from duecourse.core.money import BrokenInvariant
from duecourse.storage.connection import Tx

Schema: TypeAlias = Mapping[str, "pl.DataType | type[pl.DataType]"]

COUNTED_FROM = 1_000
"""Rows from which it pays to have the planner count what is picked."""

LENDER = sql.SQL("(SELECT {}::lender_code)")
"""The lender's code as a value of its domain: written so, it is checked once, not once per row."""

TYPES: dict[str, str] = {
    "Int16": "smallint",
    "Int32": "integer",
    "Int64": "bigint",
    "String": "text",
    "Boolean": "boolean",
    "Date": "date",
    "List(String)": "text[]",
    "List(Int64)": "bigint[]",
    "Datetime(time_unit='us', time_zone='UTC')": "timestamptz",
    "Binary": "bytea",
}
"""Types of columns that may go in, and what they become. Others (floats among them) are refused."""


def read(tx: Tx, query: LiteralString, params: Params | None, schema: Schema) -> pl.DataFrame:
    """The rows of a query as a frame.

    Columns come in the order of ``schema``. Ask for instants as timestamptz, for bytes as ``encode(x, 'hex')``, for
    lists as ``array_to_string(x, ' ')``; an empty string stays apart from null.
    """
    buffer = io.BytesIO()
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, NULL '\\N')").format(sql.SQL(query))
    with tx.connection.cursor() as cursor, cursor.copy(statement, params) as copy:
        for block in copy:
            buffer.write(block)
    text = {name: pl.String if _is_text(kind) else kind for name, kind in schema.items()}
    if buffer.tell() == 0:
        return pl.DataFrame(schema=dict(schema))
    buffer.seek(0)
    frame = pl.read_csv(buffer, has_header=False, schema=text, null_values="\\N", empty_string_is_null=False)
    return frame.with_columns(_parse(name, kind) for name, kind in schema.items())


def _is_text(kind: object) -> bool:
    return kind in (pl.Boolean, pl.Date) or isinstance(kind, pl.Datetime)


def _parse(name: str, kind: object) -> pl.Expr:
    column = pl.col(name)
    if kind == pl.Boolean:
        return column.eq("t").alias(name)
    if kind == pl.Date:
        return column.str.to_date("%Y-%m-%d")
    if isinstance(kind, pl.Datetime):
        return column.str.to_datetime("%Y-%m-%d %H:%M:%S%.f%#z", time_unit="us", time_zone="UTC")
    return column


def stage(tx: Tx, frame: pl.DataFrame, name: str) -> sql.Identifier:
    """Copy a frame into a temporary table of this transaction and return its name, for use in an INSERT or a join.

    The table has the frame's columns, with `TYPES`, and goes at commit. A table of that name staged before is replaced.
    """
    table = sql.Identifier("pg_temp", f"stage_{name}")
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(_type(column, kind)))
        for column, kind in frame.schema.items()
    )
    tx.connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))
    tx.connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE {} ({}) ON COMMIT DROP").format(sql.Identifier(f"stage_{name}"), columns)
    )
    fill(tx, frame, table)
    return table


def fill(tx: Tx, frame: pl.DataFrame, table: sql.Identifier) -> None:
    """Copy a frame into a table without row-level security; columns by name."""
    names = sql.SQL(", ").join(sql.Identifier(column) for column in frame.columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(table, names)
    with tx.connection.cursor() as cursor, cursor.copy(statement) as copy:
        for part in frame.iter_slices(50_000):
            copy.write(
                part.with_columns(
                    _format(column, kind).alias(column) for column, kind in part.schema.items()
                ).write_csv(include_header=False, datetime_format="%Y-%m-%d %H:%M:%S%.6f%:z")
            )


def insert(tx: Tx, frame: pl.DataFrame, table: str, casts: Mapping[str, LiteralString] | None = None) -> int:
    """Insert a frame into a table of the lender: COPY to a stage, then one INSERT; returns the number of rows.

    The column ``lender_id`` is added; every other column of the frame must be one of the table. ``casts`` names the
    type of columns that the frame has no type for (``jsonb``).
    """
    if frame.is_empty():
        return 0
    staged = stage(tx, frame, table)
    names = sql.SQL(", ").join(sql.Identifier(column) for column in frame.columns)
    values = sql.SQL(", ").join(
        sql.SQL("{}::{}").format(sql.Identifier(column), sql.SQL((casts or {})[column]))
        if column in (casts or {})
        else sql.Identifier(column)
        for column in frame.columns
    )
    return tx.connection.execute(
        sql.SQL("INSERT INTO {} (lender_id, {}) SELECT {}, {} FROM {}").format(
            sql.Identifier(table), names, LENDER.format(tx.lender_id), values, staged
        )
    ).rowcount


def _type(column: str, kind: pl.DataType) -> LiteralString:
    name = str(kind)
    if name not in TYPES:
        raise BrokenInvariant(f"column {column} of type {name} may not go into PostgreSQL; {', '.join(TYPES)} may")
    return TYPES[name]  # values of a constant of this module


def _format(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if kind == pl.Binary:
        return pl.concat_str(pl.lit("\\x"), column.bin.encode("hex"))
    if isinstance(kind, pl.List):
        element = pl.element()
        if kind.inner == pl.String:
            element = pl.concat_str(
                pl.lit('"'),
                element.str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True),
                pl.lit('"'),
            )
        else:
            element = element.cast(pl.String)
        return (
            pl.when(column.is_null())
            .then(None)
            .otherwise(pl.concat_str(pl.lit("{"), column.list.eval(element).list.join(","), pl.lit("}")))
        )
    return column


def picked(tx: Tx, values: pl.Series | None, column: LiteralString) -> LiteralString:
    """A condition that keeps rows whose bigint ``column`` is among the values; nothing where ``values`` is None."""
    if values is None:
        return ""
    staged = stage(tx, pl.DataFrame({"wanted": values.cast(pl.Int64)}), column)
    if len(values) >= COUNTED_FROM:  # nobody else counts a temporary table, and it would be taken for 200 values
        tx.connection.execute(sql.SQL("ANALYZE {}").format(staged))
    return "AND " + column + " IN (SELECT wanted FROM pg_temp.stage_" + column + ") "
