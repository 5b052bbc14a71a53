"""Lines of CSV as a spreadsheet may open them: none of their texts is a formula to it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With what a spreadsheet lets a formula begin."""


def csv_text(lines: Iterable[Iterable[object]], *, end: str = "\r\n") -> bytes:
    """Lines as CSV (RFC 4180) in UTF-8; a text that would be a formula begins with an apostrophe."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator=end).writerows([_cell(value) for value in line] for line in lines)
    return buffer.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
