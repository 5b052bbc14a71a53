"""Taking the rows behind a figure out as a file: CSV or Parquet, names masked as on screens, each time on record."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

import polars as pl

from duecourse.casework.actor import Actor
from duecourse.casework.figures.asking import ROWS_MAX, rows
from duecourse.casework.figures.figure import Asked, Figure, Ground, Shows
from duecourse.casework.spreadsheet import csv_text
from duecourse.storage import log
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput

EXPORT_MAX = 500_000
"""Rows that one file holds at the most: ask for fewer days, or narrow what is asked."""


class Format(StrEnum):
    """What a file is."""

    CSV = "csv"  # RFC 4180, UTF-8, the first line names the columns
    PARQUET = "parquet"

    @property
    def media_type(self) -> str:
        """As HTTP names it."""
        return "text/csv; charset=utf-8" if self is Format.CSV else "application/vnd.apache.parquet"


class TooMuch(BadInput):
    """More rows than one file takes."""

    def __init__(self) -> None:
        super().__init__(
            N_("this is more than {most} rows, which one file takes at the most: ask for fewer days, or narrow it"),
            most=EXPORT_MAX,
        )


@dataclass(frozen=True, slots=True)
class File:
    """What was taken out."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    rows: int


def export_rows(
    of: Figure, ask: Asked, ground: Ground, *, format_: Format, vault: Vault, actor: Actor, now: datetime
) -> File:
    """The rows behind a figure as a file; who took which out is put on record. Raises `TooMuch`."""
    columns = _columns(of)
    found = list(_every(of, ask, ground))
    content = _csv(columns, found) if format_ is Format.CSV else _parquet(columns, found)
    log.append(
        ground.tx, vault=vault, kind="figure.exported", at=now, actor=str(actor),
        stated={
            "figure": of.name, "first": ask.span.first.isoformat(), "last": ask.span.last.isoformat(),
            "where": [f"{name}={value}" for name, value in ask.where], "format": format_.value, "rows": len(found),
            "sha256": sha256(content).hexdigest(),
        },
    )  # fmt: skip
    name = f"{of.name}_{ask.span.first}_{ask.span.last}.{format_}"
    return File(name, format_.media_type, content, len(found))


def _columns(of: Figure) -> dict[str, Any]:
    kinds: dict[Shows, Any] = {
        Shows.DAY: pl.Date, Shows.INSTANT: pl.Datetime("us", "UTC"), Shows.NUMBER: pl.Int64, Shows.MINOR: pl.Int64,
        Shows.FLAG: pl.Boolean, Shows.PERSON: pl.Int64, Shows.LOAN: pl.Int64, Shows.PERMIT: pl.Int64,
        Shows.CONTACT: pl.Int64, Shows.CASE: pl.Int64,
    }  # fmt: skip
    found = {one.name: kinds.get(one.shows, pl.String) for one in of.dimensions}
    found |= {one.name: pl.Int64 for one in of.measures}
    found |= {one.name: kinds.get(one.shows, pl.String) for one in (*of.keys, *of.details)}
    return found | ({"case_id": pl.Int64, "name": pl.String} if of.person else {})


def _every(of: Figure, ask: Asked, ground: Ground) -> Iterator[Mapping[str, Any]]:
    cursor: str | None = None
    count = 0
    while True:
        page = rows(of, ask, ground, cursor=cursor, most=ROWS_MAX)
        count += len(page.rows)
        if count > EXPORT_MAX:
            raise TooMuch
        yield from page.rows
        if page.next is None:
            return
        cursor = page.next


def _csv(columns: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> bytes:
    return csv_text([list(columns), *([row[name] for name in columns] for row in found)])


def _parquet(columns: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> bytes:
    frame = pl.DataFrame({name: [row[name] for row in found] for name in columns}, schema=dict(columns), strict=False)
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()
