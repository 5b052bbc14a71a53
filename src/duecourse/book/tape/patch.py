"""Mending rows without repeating them: a patch says, for a file and a row, what one field should have been.

A patch is CSV with the columns source (the file's hash, or its first 12 digits or more), row, field, value; field is a
field of the layout or a heading of the file, value is written as the file writes it, empty for nothing. It is applied
to the lender's own file while it is read, so the file stays as the lender sent it.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from hashlib import sha256
from typing import TYPE_CHECKING

import polars as pl
from polars.exceptions import PolarsError

from duecourse.book.tape.layout import Records, fields
from duecourse.book.tape.mapping import near
from duecourse.book.tape.readers import ROW
from duecourse.trouble import N_, BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from duecourse.book.tape.mapping import Table
    from duecourse.book.tape.readers import Source

HEADING = ("source", "row", "field", "value")
_SOURCE_MIN = 12


class BadPatch(BadInput):
    """A patch that cannot be applied; the message names its line, never a value."""


@dataclass(frozen=True, slots=True)
class Mend:
    """One line of a patch."""

    line: int
    source: str
    row: int
    column: str  # a field of the layout or a heading of the file
    value: str = dataclass_field(repr=False)


@dataclass(frozen=True, slots=True)
class Patch:
    """A whole patch, known by the hash of its bytes."""

    name: str
    hash: str  # SHA-256, 64 hex digits
    mends: tuple[Mend, ...] = dataclass_field(repr=False)

    def check(self, sources: Sequence[Source]) -> None:
        """See that every line is about one of the files; raises `BadPatch`."""
        for mend in self.mends:
            if sum(each.hash.startswith(mend.source) for each in sources) != 1:
                raise BadPatch(
                    N_(
                        "{patch}, line {line}: no file of this import has the hash {source}; the quarantine file gives "
                        "the hash of the file that each row is in"
                    ),
                    patch=self.name,
                    line=mend.line,
                    source=mend.source,
                )


def load(path: Path) -> Patch:
    """Read a patch file; raises `BadPatch` or an OSError."""
    content = path.read_bytes()
    try:
        rows = list(csv.reader(content.decode("utf-8-sig").splitlines(keepends=True)))
    except (UnicodeDecodeError, csv.Error):
        raise BadPatch(N_("{path} is not CSV in UTF-8"), path=path.name) from None
    if not rows or tuple(rows[0]) != HEADING:
        raise BadPatch(N_("{path}: the first line must be {heading}"), path=path.name, heading=",".join(HEADING))
    mends, seen = [], set()
    for line, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        mend = _mend(path.name, line, row)
        if (mend.source, mend.row, mend.column) in seen:
            raise BadPatch(
                N_("{path}, line {line}: row {row}, field {column} is mended twice"),
                path=path.name,
                line=line,
                row=mend.row,
                column=mend.column,
            )
        seen.add((mend.source, mend.row, mend.column))
        mends.append(mend)
    return Patch(path.name, sha256(content).hexdigest(), tuple(mends))


def _mend(name: str, line: int, row: list[str]) -> Mend:
    if len(row) != len(HEADING):
        raise BadPatch(
            N_("{name}, line {line}: {count} values, {needed} are needed ({heading})"),
            name=name,
            line=line,
            count=len(row),
            needed=len(HEADING),
            heading=",".join(HEADING),
        )
    source, number, column, value = row
    if len(source) < _SOURCE_MIN or set(source) - set("0123456789abcdef"):
        raise BadPatch(
            N_("{name}, line {line}: source must be at least {least} digits of the file's hash"),
            name=name,
            line=line,
            least=_SOURCE_MIN,
        )
    if not number.isascii() or not number.isdigit() or int(number) < 1:
        raise BadPatch(N_("{name}, line {line}: row must be a number from 1"), name=name, line=line)
    return Mend(line, source, int(number), column, value)


def patched(raw: pl.DataFrame, patch: Patch, source: Source, table: Table) -> pl.DataFrame:
    """A file's rows with the patch applied; raises `BadPatch`. Fields of other tables of the file are left alone."""
    by_column: dict[str, list[Mend]] = {}
    for mend in patch.mends:
        if not source.hash.startswith(mend.source):
            continue
        if not 1 <= mend.row <= raw.height:
            raise BadPatch(
                N_("{patch}, line {line}: {source} has no row {row}, only {rows:,}"),
                patch=patch.name,
                line=mend.line,
                source=source.name,
                row=mend.row,
                rows=raw.height,
            )
        column = _column(mend, raw, table)
        if column is not None:
            by_column.setdefault(column, []).append(mend)
        elif not _elsewhere(mend):
            known = [*raw.columns[1:], *(name for name, _ in table.specs)]
            raise BadPatch(
                N_(
                    "{patch}, line {line}: {column!r} is neither a heading of {source} nor a field that the mapping "
                    "takes from one column of it{near}"
                ),
                patch=patch.name,
                line=mend.line,
                column=mend.column,
                source=source.name,
                near=near(mend.column, known),
            )
    for column, mends in by_column.items():
        raw = raw.with_columns(_set(raw, column, mends, patch))
    return raw


def _column(mend: Mend, raw: pl.DataFrame, table: Table) -> str | None:
    spec = dict(table.specs).get(mend.column) or dict(table.items).get(mend.column)
    if spec is not None and spec.column in raw.columns:
        return spec.column
    return mend.column if mend.column in raw.columns and mend.column != ROW else None


def _elsewhere(mend: Mend) -> bool:
    return any(mend.column in fields(records) for records in Records)


def _set(raw: pl.DataFrame, column: str, mends: list[Mend], patch: Patch) -> pl.Expr:
    kind = raw.schema[column]
    texts = pl.Series([mend.value or None for mend in mends], dtype=pl.String)
    try:
        values = texts.str.to_date() if kind == pl.Date else texts.cast(kind)
    except PolarsError:
        lines = ", ".join(str(mend.line) for mend in mends)
        raise BadPatch(
            N_("{patch}, line {line}: a value does not fit column {column!r}, which is {kind}"),
            patch=patch.name,
            line=lines,
            column=column,
            kind=kind,
        ) from None
    rows = pl.Series([mend.row for mend in mends], dtype=pl.UInt32)
    mended = pl.col(ROW).replace_strict(rows, values, default=None, return_dtype=kind)
    return pl.when(pl.col(ROW).is_in(rows.implode())).then(mended).otherwise(pl.col(column)).alias(column)
