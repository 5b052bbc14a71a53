"""Mending quarantined rows: the lender's own file, read again with corrections beside it, and imported."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from duecourse.book.store import Store
from duecourse.book.tape import intake
from duecourse.book.tape import mapping as mappings
from duecourse.book.tape import patch as patches
from duecourse.book.tape.quarantine import COLUMNS
from duecourse.casework.actor import Actor
from duecourse.casework.book_import import Imported, Order, import_tape
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput

FAULTS_MAX = 500
"""Faults that are listed for mending at once."""


class NothingMended(BadInput):
    """No correction was given, or no file."""

    def __init__(self) -> None:
        super().__init__(N_("give the lender's own file, and what at least one field should have been"))


class OtherFile(BadInput):
    """None of the files is one that the corrections are about."""

    def __init__(self) -> None:
        super().__init__(
            N_("none of these files is the one that the rows are in: choose the file as it was first sent")
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a quarantined row, its value as the quarantine file has it: what is personal is masked."""

    source: str
    file: str
    records: str
    row: int
    field: str
    rule: str
    value: str | None
    why: str
    todo: str

    @property
    def key(self) -> str:
        """How a form names the field that shall be mended."""
        return f"{self.source[:16]}:{self.row}:{self.field}"


def folder(store: Store) -> Path:
    """Where the quarantine files of a book's lender lie."""
    return store.folder.parent.parent / "quarantine" / store.folder.name


def faults(store: Store, *, most: int = FAULTS_MAX) -> list[Fault]:
    """The faults of the latest quarantine file of each source, the latest first."""
    found: list[Fault] = []
    seen: set[str] = set()
    place = folder(store)
    files = sorted(place.glob("*.csv"), key=lambda one: one.name, reverse=True) if place.is_dir() else []
    for path in files:
        frame = pl.read_csv(path, infer_schema=False).select(COLUMNS)
        for source in frame["source"].unique(maintain_order=True):
            if source in seen:
                continue
            seen.add(source)
            rows = frame.filter(pl.col("source") == source).to_dicts()
            found += [
                Fault(
                    row["source"], row["file"], row["records"], int(row["row"] or 0), row["field"] or "", row["rule"],
                    row["value"], row["why"], row["todo"],
                )
                for row in rows
            ]  # fmt: skip
        if len(found) >= most:
            break
    return found[:most]


def patch_of(mends: Sequence[tuple[str, str]]) -> bytes:
    """Corrections (`Fault.key`, value) as a patch file: what `duecourse book mend` takes."""
    buffer = io.StringIO()
    out = csv.writer(buffer, lineterminator="\n")
    out.writerow(patches.HEADING)
    for key, value in mends:
        source, row, field = key.split(":", 2)
        out.writerow([source, row, field, value])
    return buffer.getvalue().encode()


def mend(
    tx: Tx,
    *,
    vault: Vault,
    store: Store,
    files: Sequence[tuple[str, bytes]],
    mends: Sequence[tuple[str, str]],
    mapping: str,
    actor: Actor,
    now: datetime,
) -> Imported:
    """Read the lender's own files (name, bytes) again with these corrections, and import what they mend.

    The files lie in a folder of their own meanwhile, readable by nobody else, and go afterwards. The caller commits
    ``tx`` and then calls ``store.done()``. Raises `NothingMended`, `OtherFile`, `patch.BadPatch`, what importing
    raises.
    """
    if not files or not mends:
        raise NothingMended
    with TemporaryDirectory(prefix="mending-") as place:
        paths = []
        for name, content in files:
            path = Path(place) / (Path(name).name or "file")
            path.write_bytes(content)
            paths.append(path)
        patch = Path(place) / "corrections.csv"
        patch.write_bytes(patch_of(mends))
        read = mappings.load(mappings.find(mapping))
        sources = intake.sources(paths, read)
        if not any(source.hash.startswith(key.split(":")[0]) for source in sources for key, _value in mends):
            raise OtherFile
        order = Order(mapping=read, sources=sources, patch=patches.load(patch))
        return import_tape(
            tx, vault=vault, store=store, order=order, actor=actor, now=now,
            quarantine_file=folder(store) / f"{now:%Y%m%dT%H%M%S}-{sources[0].hash[:12]}.csv",
        )  # fmt: skip
