"""Files into frames: every value as the file has it (text of CSV, types of Parquet and XLSX), with a row number.

Rows are counted from 1 without the heading. What a value means is decided later, by the mapping.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import fastexcel
import polars as pl
from polars.exceptions import PolarsError

from duecourse.book.tape import encoding as encodings
from duecourse.trouble import N_, BadInput, Said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROW = "#row"
"""The column with the row number; no lender's heading can be it, since headings are stripped of it."""

RAGGED = "#width"
"""How many values a row of CSV has where it has more than the heading names; a column only where a row has."""

CSV = frozenset({".csv", ".txt", ".tsv"})
XLSX = frozenset({".xlsx", ".xlsm", ".xls"})
PARQUET = frozenset({".parquet"})
SUFFIXES = CSV | XLSX | PARQUET
COLUMNS_MAX = 2000
_BLOCK = 1 << 22


class Unreadable(BadInput):
    """A file that cannot be read as what its name says."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(N_("{path} cannot be read: {why}"), path=path.name, why=why)


class Unclosed(Unreadable):
    """A quotation mark that is not closed where its value ends."""

    def __init__(self, path: Path, row: int, name: str, lines: int) -> None:
        why = N_(
            "the quotation mark that opens the value of {name} in row {row:,} is not closed there: the value runs over "
            "{lines:,} more lines that look like rows. Close it or double it, or have the file exported without line "
            "breaks in values"
        )
        super().__init__(path, Said(why, name=repr(name), row=row, lines=lines))


@dataclass(frozen=True, slots=True)
class Source:
    """A file of a tape, known by the hash of its bytes."""

    path: Path
    hash: str  # SHA-256, 64 hex digits

    @property
    def name(self) -> str:
        """The file's name, as messages give it."""
        return self.path.name


def source(path: Path) -> Source:
    """A file with its hash; raises `Unreadable` where there is none or its name ends in none of `SUFFIXES`."""
    if path.suffix.lower() not in SUFFIXES:
        raise Unreadable(path, Said(N_("its name must end in {suffixes}"), suffixes=", ".join(sorted(SUFFIXES))))
    digest = sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise Unreadable(path, error.strerror or type(error).__name__) from None
    return Source(path, digest.hexdigest())


def read(
    path: Path,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    rows: int | None = None,
) -> pl.DataFrame:
    """All rows of a file (or the first ``rows``), headings stripped, with `ROW` first.

    Bytes here and there that are no text become `encoding.LOST`; the values that hold it are faults (`tape.convert`).
    Raises `Unreadable` or `encoding.NotText`.
    """
    suffix = path.suffix.lower()
    try:
        if suffix in PARQUET:
            frame = pl.read_parquet(path, n_rows=rows)
        elif suffix in XLSX:
            frame = _xlsx(path, sheet, rows)
        else:
            frame = _csv(path, encoding, delimiter, rows)
    except (PolarsError, fastexcel.FastExcelError) as error:
        raise Unreadable(path, _first_line(error)) from None
    return _headed(path, frame).with_row_index(ROW, offset=1)


def _first_line(error: Exception) -> str:
    # Only the first line: further ones may quote values.
    return next(iter(str(error).splitlines()), type(error).__name__)[:200]


def _headed(path: Path, frame: pl.DataFrame) -> pl.DataFrame:
    if frame.width > COLUMNS_MAX:
        raise Unreadable(
            path,
            Said(
                N_("it has {width:,} columns; at most {most:,} are read"),
                width=frame.width,
                most=COLUMNS_MAX,
            ),
        )
    names = [name if name == RAGGED else name.strip().lstrip("#\ufeff") for name in frame.columns]
    _once(path, names)
    unnamed = [name or f"(column {place})" for place, name in enumerate(names, start=1)]
    return frame.rename(dict(zip(frame.columns, unnamed, strict=True)))


def _csv(path: Path, encoding: str | None, delimiter: str | None, rows: int | None) -> pl.DataFrame:
    encoding = encoding or encodings.found(path)
    heading = _heading(path, encoding)
    if not heading.strip():
        raise Unreadable(path, N_("it is empty, or its first line is; the first line must name the columns"))
    sign = delimiter or encodings.delimiter(heading)
    if "\r" in heading:
        raise Unreadable(path, N_("its lines end with CR alone: have it saved with LF or CRLF at the end of each line"))
    names = next(csv.reader([heading], delimiter=sign))
    _once(path, [name.strip() for name in names])
    plain = encoding in {"utf-8", "utf-8-sig"}
    given = path if plain else _as_utf8(path, encoding)
    try:
        frame = pl.read_csv(given, separator=sign, infer_schema=False, n_rows=rows, raise_if_empty=False)
    except PolarsError:
        # Rows of another width than the heading, or bytes that are no UTF-8: read again row by row, so that those are
        # named and the rest is read.
        try:
            frame = _by_row(path, encoding, sign, names, rows)
        except csv.Error as error:
            raise Unreadable(path, str(error)) from None
    _closed(path, frame, sign)
    return frame


def _closed(path: Path, frame: pl.DataFrame, sign: str) -> None:
    """Raise `Unreadable` where a quotation mark that nobody closed has taken the rows after it into its value."""
    parts = frame.width - 1 - (RAGGED in frame.columns)
    for name, kind in frame.schema.items():
        if kind != pl.String or not parts:
            continue
        broken = frame.select(pl.col(name).alias("text")).with_row_index("row", offset=1)
        for row, text in broken.filter(pl.col("text").str.contains(r"\n")).iter_rows():
            lines = text.split("\n")
            if text.count(sign) >= parts * (len(lines) - 1) or any(one.count(sign) >= parts for one in lines[1:]):
                raise Unclosed(path, row, name.strip(), len(lines) - 1)


def _by_row(path: Path, encoding: str, sign: str, names: list[str], rows: int | None) -> pl.DataFrame:
    text = io.TextIOWrapper(_as_utf8(path, encoding), encoding="utf-8", newline="")
    reader = csv.reader(text, delimiter=sign)
    next(reader)
    kept: list[list[str]] = []
    widths: list[int] = []
    for row in reader:
        if rows is not None and len(kept) >= rows:
            break
        if row:
            widths.append(len(row))
            kept.append((row + [""] * len(names))[: len(names)])
    frame = pl.DataFrame(kept, schema=dict.fromkeys(names, pl.String), orient="row")
    odd = [width if width > len(names) else None for width in widths]
    return frame.with_columns(pl.Series(RAGGED, odd, dtype=pl.Int64)) if any(odd) else frame


def _once(path: Path, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1 and name})
    if twice:
        raise Unreadable(
            path,
            Said(N_("two columns are headed {twice}; rename one"), twice=", ".join(repr(name) for name in twice)),
        )


def _heading(path: Path, encoding: str) -> str:
    text = ""
    for block in encodings.blocks(path, encoding, errors="replace"):
        text += block
        if "\n" in text:
            break
    heading = text.split("\n", 1)[0].rstrip("\r").lstrip("\ufeff")
    if encodings.LOST in heading:
        raise Unreadable(
            path,
            Said(
                N_("the names of its columns are not {encoding} text: name its encoding in the mapping"),
                encoding=encoding,
            ),
        )
    return heading


def _as_utf8(path: Path, encoding: str) -> io.BytesIO:
    try:
        return _joined(encodings.blocks(path, encoding))
    except encodings.NotText:
        if not encodings.mostly_fits(path, encoding):
            raise
    return _joined(encodings.blocks(path, encoding, errors="replace"))


def _joined(blocks: Iterator[str]) -> io.BytesIO:
    # In memory: a decoded copy on disk would be personal data lying about.
    buffer = io.BytesIO()
    for block in blocks:
        buffer.write(block.encode())
    buffer.seek(0)
    return buffer


def _xlsx(path: Path, sheet: str | None, rows: int | None) -> pl.DataFrame:
    book = fastexcel.read_excel(path)
    if sheet is not None and sheet not in book.sheet_names:
        raise Unreadable(
            path,
            Said(
                N_("it has no sheet {sheet!r}; it has {sheets}"),
                sheet=sheet,
                sheets=", ".join(book.sheet_names),
            ),
        )
    return book.load_sheet(sheet if sheet is not None else 0, n_rows=rows).to_polars()
