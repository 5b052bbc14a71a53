"""The quarantine file: every fault of an import, one line each, without personal values in the clear.

The row is named by the file's hash and its number, so that a patch can mend it and nobody has to copy it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from duecourse.book.tape.readers import Source

COLUMNS = ("source", "file", "records", "row", "field", "rule", "value", "why", "todo")

_FORMULA = r"^'*[=+\-@\t\r]"
"""With what a spreadsheet lets a formula begin; a text that bears apostrophes before it already gets one more."""


def read(path: Path) -> pl.DataFrame:
    """The faults of a quarantine file in CSV, each value as it was found."""
    frame = pl.read_csv(path, infer_schema=False).select(COLUMNS)
    return frame.with_columns(pl.col(pl.String).str.replace(r"^'('*[=+\-@\t\r])", "$1"))


def named(faults: pl.DataFrame, sources: Sequence[Source]) -> pl.DataFrame:
    """Faults with the file's hash and name in place of its number."""
    table = pl.DataFrame(
        {"src": range(len(sources)), "source": [s.hash for s in sources], "file": [s.name for s in sources]},
        schema={"src": pl.UInt16, "source": pl.String, "file": pl.String},
    )
    return faults.join(table, on="src", how="left", maintain_order="left").select(COLUMNS)


def write(faults: pl.DataFrame, path: Path) -> None:
    """Write faults as CSV (or Parquet, by the ending), readable by the owner only; whole or not at all.

    In a CSV what a spreadsheet would take for a formula begins with an apostrophe, which `read` takes off again.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    if path.suffix == ".parquet":
        faults.write_parquet(part)
    else:
        faults.with_columns(pl.col(pl.String).str.replace(_FORMULA, "'$0")).write_csv(part)
    part.chmod(0o600)
    os.replace(part, path)  # noqa: PTH105
