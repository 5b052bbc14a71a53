"""A statement in whatever form it comes: told by its content, read, and its balances proved."""

from __future__ import annotations

from pathlib import Path

from duecourse.book.statement import camt, mt940, table
from duecourse.book.statement.line import NotBalanced, Read, Unreadable
from duecourse.book.statement.table import BankMapping
from duecourse.core.money import plain
from duecourse.trouble import N_

BYTES_MAX = 512 * 1024 * 1024
_PEEK = 4096


def read_statement(path: Path, *, mapping: BankMapping | None = None) -> Read:
    """Read a statement; a table needs its mapping. Raises `Unreadable`, `NotBalanced` and what its form raises."""
    if mapping is not None:
        found = table.read(path, mapping)
    else:
        try:
            size, begin = path.stat().st_size, _begin(path)
        except OSError as error:
            raise Unreadable(path.name, error.strerror or type(error).__name__) from None
        if size > BYTES_MAX:
            raise Unreadable(path.name, N_("it is larger than any statement that is read at once (512 MB)"))
        if begin.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
            found = camt.read(path)
        elif b":20:" in begin:
            found = mt940.read(path)
        else:
            raise Unreadable(path.name, N_("it is neither CAMT.053 nor MT940; a table needs its mapping"))
    if not found.flaws:
        for one in found.statements:
            if one.difference:
                gives, says = (one.closing or 0) - one.difference, one.closing or 0
                raise NotBalanced(
                    path.name, one.name or "-", plain(gives, one.currency), plain(says, one.currency)
                )  # fmt: skip
    return found


def _begin(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_PEEK)
