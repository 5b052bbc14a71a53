"""Mending quarantined rows: the lender's own file, read again with corrections beside it, and imported."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from duecourse.book.store import Store
from duecourse.book.tape import intake, quarantine
from duecourse.book.tape import mapping as mappings
from duecourse.book.tape import patch as patches
from duecourse.casework.actor import Actor
from duecourse.casework.book_import import Imported, Order, import_tape
from duecourse.storage import books
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput

FAULTS_MAX = 500
"""Faults that are listed for mending at once."""

_ROW = ["source", "records", "row"]
_STAMP = "%Y%m%dT%H%M%S"


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


class StillWrong(BadInput):
    """Corrections after which every corrected row is still wrong."""

    def __init__(self, rows: Sequence[int]) -> None:
        super().__init__(
            N_("nothing is mended and the book is as it was: what you corrected is still wrong in each row ({rows})"),
            rows=", ".join(str(row) for row in rows),
        )


class NoSuchPlace(BadInput):
    """The list is asked to go on after a row of a file that has left the quarantine."""

    def __init__(self) -> None:
        super().__init__(N_("the quarantine has changed since that page; begin with the first again"))


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


def file_of(store: Store, order: Order, now: datetime) -> Path:
    """The quarantine file of an import at an instant; `waiting` knows by its name whether the import counts."""
    return folder(store) / f"{now.astimezone(UTC):{_STAMP}%f}-{order.sources[0].hash[:12]}.csv"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows in quarantine, each with its faults; those of the file that was read last come first."""

    table: pl.DataFrame = field(repr=False)

    @property
    def rows(self) -> int:
        """How many rows wait."""
        return self.table.select(_ROW).n_unique()

    def faults(self, most: int = FAULTS_MAX) -> list[Fault]:
        """Their faults, as many as a page takes."""
        return [_fault(row) for row in self.table.head(most).to_dicts()]

    def page(self, most: int, *, after: str | None = None) -> tuple[list[Fault], str | None]:
        """The next faults, those of one row together, and what to ask the page after it by.

        Raises `NoSuchPlace` where the file that ``after`` names has left the quarantine.
        """
        places = [f"{source}-{row or 0}" for source, row in self.table.select("source", "row").iter_rows()]
        begins = 0 if after is None else self._place(after)
        ends = min(begins + most, len(places))
        if ends < len(places) and places[ends] == places[ends - 1]:
            first = places.index(places[ends])
            ends = first if first > begins else len(places) - places[::-1].index(places[ends])
        more = places[ends - 1] if begins < ends < len(places) else None
        return [_fault(row) for row in self.table[begins:ends].to_dicts()], more

    def _place(self, after: str) -> int:
        source, _, row = after.partition("-")
        found = self.table.with_row_index("at").filter(pl.col("source") == source)
        if found.is_empty():
            raise NoSuchPlace
        passed = found.filter(pl.col("row").cast(pl.Int64).fill_null(0) <= int(row))
        return int(found["at"][0]) + passed.height

    def of(self, sources: Sequence[str]) -> Waiting:
        """Those of some files, by their hashes."""
        return Waiting(self.table.filter(pl.col("source").is_in(sources)))


def _fault(row: Mapping[str, str | None]) -> Fault:
    said = {name: row[name] or "" for name in ("source", "file", "records", "field", "rule", "why", "todo")}
    return Fault(row=int(row["row"] or 0), value=row["value"], **said)


def waiting(tx: Tx, store: Store) -> Waiting:
    """The rows that no import which counts has taken, with what any reading found wrong with them.

    A file may be read often, with corrections of other rows each time: a row that one import took is in the book.
    """
    place = folder(store)
    paths = sorted(place.glob("*.csv"), key=lambda one: one.name) if place.is_dir() else []
    read: dict[str, list[tuple[str, pl.DataFrame]]] = {}
    for path in paths:
        frame = quarantine.read(path)
        for (source,), faults in frame.group_by("source", maintain_order=True):
            read[str(source)] = [*read.pop(str(source), []), (path.stem.partition("-")[0], faults)]
    imports = _imports(tx) if read else {}
    found = [
        _untaken(files, {stamp for at in left for stamp in _stamps(at)})
        for source, files in reversed(read.items())
        if 0 not in (left := imports.get(source, Counter())).values()
    ]
    return Waiting(pl.concat([pl.DataFrame(schema=dict.fromkeys(quarantine.COLUMNS, pl.String)), *found]))


def _imports(tx: Tx) -> dict[str, Counter[tuple[int, datetime]]]:
    """Per file the imports that count, and how many of its rows each left."""
    found: dict[str, Counter[tuple[int, datetime]]] = {}
    for one in books.sources(tx):
        if one.known_at is not None:
            found.setdefault(one.source_hash.hex(), Counter())[one.version, one.known_at] += one.rows_quarantined
    return found


def _stamps(at: tuple[int, datetime]) -> tuple[str, str]:
    """How quarantine files of an import are named: formerly to the second."""
    known = at[1].astimezone(UTC)
    return f"{known:{_STAMP}}", f"{known:{_STAMP}%f}"


def _untaken(files: Sequence[tuple[str, pl.DataFrame]], counting: set[str]) -> pl.DataFrame:
    """The faults of the rows that each reading that counts left; as sent, so the first reading's words stand."""
    faults = pl.concat([frame for _stamp, frame in files]).unique([*_ROW, "field", "rule"], maintain_order=True)
    for stamp, frame in files:
        if stamp in counting:
            faults = faults.join(frame.select(_ROW).unique(), on=_ROW, how="semi", nulls_equal=True)
    return faults.sort(pl.col("row").cast(pl.Int64), maintain_order=True)


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
    ``tx`` and then calls ``store.done()``. Raises `NothingMended`, `OtherFile`, `StillWrong`, `patch.BadPatch`, what
    importing raises.
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
        done = import_tape(
            tx, vault=vault, store=store, order=order, quarantine_file=file_of(store, order, now), actor=actor, now=now
        )
    _mended(done, mends)
    return done


def _mended(done: Imported, mends: Sequence[tuple[str, str]]) -> None:
    wrong = done.looked.faults.with_columns(pl.format("{}:{}", pl.col("source").str.slice(0, 16), "row").alias("named"))
    corrected = {key.rpartition(":")[0] for key, _value in mends}
    if corrected <= set(wrong["named"]):
        raise StillWrong(wrong.filter(pl.col("named").is_in(corrected))["row"].unique().sort().to_list())
