"""A tape as taken in: the files, their rows as records, and every fault found so far.

`take` reads and converts; checks then `reject` rows. What is left in ``frames`` when all checks have run is what the
tape brings. Rows are known by ``src`` (the file's place in the tape) and ``row``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

import polars as pl

from duecourse.book.tables import CONVENTIONS
from duecourse.book.tape import faults, keys
from duecourse.book.tape.convert import convert
from duecourse.book.tape.layout import Records
from duecourse.book.tape.patch import Patch, patched
from duecourse.book.tape.readers import RAGGED, ROW, SUFFIXES, Source, read, source
from duecourse.core.money import EXPONENTS
from duecourse.trouble import N_, BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from duecourse.book.tape.faults import Rule
    from duecourse.book.tape.mapping import Mapping, Table
    from duecourse.book.tape.values import Setting

    Told = Callable[[str, int, int], None]  # what is being done, how much of it is done, of how much

PLACE = ["src", "row"]


class NoTable(BadInput):
    """A file that no table of the mapping takes."""

    def __init__(self, name: str, mapping: Mapping) -> None:
        wanted = ", ".join(sorted({table.file for table in mapping.tables}))
        super().__init__(
            N_(
                "no table of mapping {mapping} takes the file {name}; its tables take: {wanted}. Rename the file, or "
                "give another mapping; `duecourse book map FILE` proposes one"
            ),
            mapping=mapping.name,
            name=name,
            wanted=wanted,
        )


@dataclass(slots=True)
class Count:
    """Rows of one kind of record from one file: read, and left out by the mapping's ``where``."""

    rows_in: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Unread:
    """A column of a file that no table of the mapping reads, and the column that was perhaps meant."""

    file: str
    column: str
    near: str | None


@dataclass(slots=True)
class Intake:
    """What was taken in, while it is being checked."""

    sources: list[Source]
    frames: dict[Records, pl.DataFrame] = field(default_factory=dict)
    faults: list[pl.DataFrame] = field(default_factory=list)
    counts: dict[tuple[int, Records], Count] = field(default_factory=dict)
    lost: dict[Records, list[pl.DataFrame]] = field(default_factory=dict)  # rejected rows, as far as they could be read
    conventions: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CONVENTIONS))
    principal_in: dict[str, int] = field(default_factory=dict)
    principal_unread: dict[str, int] = field(default_factory=dict)
    columns_unread: list[Unread] = field(default_factory=list)
    person_ids: pl.DataFrame = field(default_factory=lambda: keys.person_ids("", pl.Series([], dtype=pl.String)))

    def get(self, records: Records) -> pl.DataFrame | None:
        """The rows of a kind that stand so far; None if the tape has no such file or no row is left."""
        frame = self.frames.get(records)
        return None if frame is None or frame.is_empty() else frame

    def reject(
        self,
        records: Records,
        rows: pl.DataFrame,
        *,
        column: str,
        rule: Rule,
        why: str | pl.Expr = "",
        value: pl.Expr | None = None,
    ) -> bool:
        """Take rows out and note the fault of each; whether there were any."""
        if rows.is_empty():
            return False
        self.faults.append(faults.table(rows, records=records, field=column, rule=rule, why=why, value=value))
        self.drop(records, rows.select(PLACE))
        return True

    def drop(self, records: Records, gone: pl.DataFrame) -> None:
        """Take the rows at these places out, and keep them among the lost."""
        if gone.is_empty():
            return
        frame, gone = self.frames[records], gone.unique()
        self.lost.setdefault(records, []).append(frame.join(gone, on=PLACE, how="semi"))
        self.frames[records] = frame.join(gone, on=PLACE, how="anti", maintain_order="left")

    def lost_of(self, records: Records) -> pl.DataFrame | None:
        """Rows of a kind that were rejected, as far as they could be read; None if there are none."""
        frames = self.lost.get(records)
        return pl.concat(frames, how="diagonal") if frames else None

    def place(self, rows: pl.DataFrame) -> pl.Expr:
        """Where a row stands: its number, and its file where the rows are of several."""
        number = pl.col("row").cast(pl.String)
        return number if rows["src"].n_unique() == 1 else pl.concat_str(self.file(), pl.lit(":"), number)

    def file(self) -> pl.Expr:
        """The name of a row's file."""
        names = {src: each.name for src, each in enumerate(self.sources)}
        return pl.col("src").replace_strict(list(names), list(names.values()), return_dtype=pl.String)

    def found(self) -> pl.DataFrame:
        """All faults so far, in the order of files, rows and fields."""
        every = pl.concat([faults.none(), *self.faults])
        return every.unique(maintain_order=True).sort("src", "row", "records", "field", maintain_order=True)

    def rejected(self, records: Records) -> pl.DataFrame:
        """Places of the rows of a kind that were rejected so far."""
        return self.found().filter(pl.col("records") == records).select(PLACE).unique()


def files(paths: Iterable[Path]) -> list[Path]:
    """The files of a tape: those named, and those with a known ending in folders named; in order of name."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise BadInput(N_("there is no file or folder {path}"), path=path)
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.is_file() and p.suffix.lower() in SUFFIXES)
            if not inside:
                raise BadInput(
                    N_("folder {path} holds no file that ends in {suffixes}"),
                    path=path,
                    suffixes=", ".join(sorted(SUFFIXES)),
                )
            found += inside
        else:
            found.append(path)
    return found


def sources(paths: Iterable[Path], mapping: Mapping) -> list[Source]:
    """The files of a tape with their hashes; of folders, those that the mapping takes. Raises `NoTable`."""
    named = list(paths)
    found = []
    for path in files(named):
        if not any(table.takes(path.name) for table in mapping.tables):
            if path in named:
                raise NoTable(path.name, mapping)
            continue
        found.append(source(path))
    if not found:
        raise NoTable(", ".join(str(path) for path in named), mapping)
    return found


@dataclass(frozen=True, slots=True)
class Unmatched:
    """What of folders and mapping did not meet: files that no table takes, and tables whose file is not there.

    Tables that a mapping takes as the standard layout names them may be left out of a tape, and count for nothing.
    """

    files: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()  # records: pattern of the file


_PAPERS = frozenset({".md", ".rst", ".html", ".pdf", ".docx", ".yaml", ".yml"})
_ABOUT = frozenset({"readme", "license", "licence", "notice", "copying"})


def beside(path: Path) -> bool:
    """Whether a file of a tape's folder plainly is no part of the tape: hidden, a paper about it, a mapping."""
    return path.name.startswith(".") or path.suffix.lower() in _PAPERS or path.stem.lower() in _ABOUT


def unmatched(paths: Sequence[Path], mapping: Mapping) -> Unmatched:
    """What did not meet, where folders are given; of files named one by one nothing is missed."""
    folders = [path for path in paths if path.is_dir()]
    names = sorted(p.name for folder in folders for p in folder.iterdir() if p.is_file() and not beside(p))
    if not folders:
        return Unmatched()
    return Unmatched(
        tuple(name for name in names if not any(table.takes(name) for table in mapping.tables)),
        tuple(
            f"{table.records}: {table.file}"
            for table in mapping.tables
            if not (table.standard and table.file == str(table.records))
            and not any(table.takes(path.name) for path in files(paths))
        ),
    )


def take(
    given: Sequence[Source], mapping: Mapping, setting: Setting, *, patch: Patch | None = None, told: Told | None = None
) -> Intake:
    """Read and convert all files. Raises what readers, encodings, mapping and patch raise."""
    intake = Intake(list(given))
    if patch is not None:
        patch.check(given)
    parts: dict[Records, list[pl.DataFrame]] = {}
    for src, each in enumerate(given):
        if told:
            told(f"read {each.name}", src, len(given))
        _take_file(intake, parts, src, mapping=mapping, setting=setting, patch=patch)
    for records, frames in parts.items():
        frame = pl.concat(frames, how="diagonal")
        wrong = [part.filter(pl.col("records") == records) for part in intake.faults]
        intake.frames[records] = frame
        intake.drop(records, pl.concat([faults.none(), *wrong]).select(PLACE))
        if records is Records.LOANS:
            intake.principal_in = sums(frame, "principal_minor", setting.currency)
            intake.principal_unread = unread(frame, "principal_minor", setting.currency)
    return intake


def _take_file(
    intake: Intake,
    parts: dict[Records, list[pl.DataFrame]],
    src: int,
    *,
    mapping: Mapping,
    setting: Setting,
    patch: Patch | None,
) -> None:
    each = intake.sources[src]
    tables = [table for table in mapping.tables if table.takes(each.name)]
    for sheet in dict.fromkeys(table.sheet for table in tables):
        raw = read(each.path, sheet=sheet, encoding=mapping.encoding, delimiter=mapping.delimiter)
        intake.columns_unread += _unread_columns(each, raw.columns, [table for table in tables if table.sheet == sheet])
        for table in tables:
            if table.sheet != sheet:
                continue
            rows = patched(raw, patch, each, table) if patch is not None else raw
            done = convert(rows, table, mapping, setting, source=each, src=src)
            parts.setdefault(table.records, []).append(done.frame)
            intake.faults.append(done.faults)
            count = intake.counts.setdefault((src, table.records), Count())
            count.rows_in += done.frame.height
            count.left_out += done.left_out


def _unread_columns(file: Source, columns: Sequence[str], tables: Sequence[Table]) -> list[Unread]:
    read_by_some = {column for table in tables for column in table.columns()}
    absent = sorted(read_by_some.difference(columns))
    return [
        Unread(file.name, column, next(iter(get_close_matches(column, absent, n=1, cutoff=0.7)), None))
        for column in columns
        if column not in read_by_some and column not in {ROW, RAGGED}
    ]


def sums(frame: pl.DataFrame, column: str, currency: str) -> dict[str, int]:
    """Sums of an amount by currency, of values that could be read, in a currency that has known decimal places."""
    of = pl.col("currency").fill_null(currency)
    found = frame.filter(of.is_in(list(EXPONENTS))).group_by(of).agg(pl.col(column).cast(pl.Int128).sum())
    return dict(sorted((str(code), int(total)) for code, total in found.iter_rows()))


def unread(frame: pl.DataFrame, column: str, currency: str) -> dict[str, int]:
    """Rows by currency whose amount is empty or could not be read, or is in no known currency: no sum has it."""
    of = pl.col("currency").fill_null(currency)
    found = frame.filter(pl.col(column).is_null() | ~of.is_in(list(EXPONENTS))).group_by(of).len()
    return dict(sorted((str(code), int(rows)) for code, rows in found.iter_rows()))
