"""What a lender's people did before duecourse: collectors, absences and contacts made, read from files.

The files are CSV with the columns of `COLUMNS` (``docs/tape.md``). A folder is taken whole or not at all: what stands
in it decides whom the law allows to be called today, so nothing of it may be left out unsaid. The same folder twice
changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from duecourse.casework.actor import Actor
from duecourse.core.ids import loan_key, person_id
from duecourse.storage import collectors, contacts, lenders, log, parties, points
from duecourse.storage.collectors import Absence, Collector
from duecourse.storage.connection import Tx
from duecourse.storage.lenders import Lender
from duecourse.storage.vault import Vault
from duecourse.trouble import BadInput

COLUMNS: dict[str, dict[str, Any]] = {
    "collectors": {
        "collector_id": pl.String,
        "team": pl.String,
        "skills": pl.String,  # words of the strategy, spaces between
        "languages": pl.String,
        "capacity": pl.Int64,  # cases a day
        "from_day": pl.Date,
        "to_day": pl.Date,  # first day on which the collector is gone
    },
    "absences": {"collector_id": pl.String, "from_day": pl.Date, "to_day": pl.Date, "kind": pl.String},
    "contacts": {
        "contact_ref": pl.String,
        "person_ref": pl.String,  # who was spoken to
        "debtor_ref": pl.String,  # whose debt it was about
        "loan_refs": pl.String,  # spaces between
        "relation": pl.String,
        "point_kind": pl.String,  # kind and label name one of the person's contact points
        "point_label": pl.String,
        "channel": pl.String,
        "purpose": pl.String,
        "direction": pl.String,  # out or in
        "at": pl.String,  # instant with offset
        "outcome": pl.String,
        "connected": pl.Boolean,
        "collector_id": pl.String,
    },
}
"""Columns of each file; those of contacts are all needed but ``collector_id``."""

WRONG_NUMBER, REFUSED = "wrong_number", "refused"
"""Outcomes that change more than a counter: the point is wrong; a third person must never be asked again."""


class BadDeskFile(BadInput):
    """A file of the desk that cannot be taken."""

    def __init__(self, path: Path, row: int | None, what: str) -> None:
        where = f"{path}, row {row}" if row is not None else str(path)
        super().__init__(f"{where}: {what}. Nothing of the folder was taken.")


@dataclass(frozen=True, slots=True)
class Taken:
    """What was new in a folder."""

    collectors: int
    absences: int
    contacts: int
    wrong_numbers: int
    refusals: int


def import_desk(tx: Tx, folder: Path, *, vault: Vault, actor: Actor, now: datetime) -> Taken:
    """Take the files of a folder; raises `BadDeskFile`. The caller commits."""
    lender = lenders.get(tx)
    staff, away = _read(folder, "collectors"), _read(folder, "absences")
    for row in staff.iter_rows(named=True):
        skills, languages = str(row["skills"] or "").split(), str(row["languages"] or "").split()
        collectors.put(
            tx,
            Collector(
                row["collector_id"], row["team"], skills, languages, row["capacity"], row["from_day"], row["to_day"]
            ),
        )
    for row in away.iter_rows(named=True):
        collectors.put_absence(tx, Absence(row["collector_id"], row["from_day"], row["to_day"], row["kind"]))
    made = _read(folder, "contacts")
    rows = _resolved(tx, folder / "contacts.csv", made, lender)
    added = contacts.add_many(tx, rows.select(list(contacts.NEW)), now=now)
    wrong = rows.filter(pl.col("outcome") == WRONG_NUMBER).unique(["person_id", "contact_point_id"])
    for row in wrong.iter_rows(named=True):
        points.set_state(tx, row["person_id"], row["contact_point_id"], "wrong", now=now)
    refused = rows.filter((pl.col("outcome") == REFUSED) & (pl.col("relation") != "borrower"))
    refusals = parties.refuse(tx, refused.group_by("person_id").agg(pl.col("at").min()))
    taken = Taken(staff.height, away.height, added, wrong.height, refusals)
    log.append(tx, vault=vault, kind="desk.imported", at=now, actor=str(actor), stated=asdict(taken))
    return taken


def _read(folder: Path, name: str) -> pl.DataFrame:
    path = folder / f"{name}.csv"
    columns = COLUMNS[name]
    if not path.exists():
        return pl.DataFrame(schema=columns)
    try:
        frame = pl.read_csv(path, schema_overrides=columns)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise BadDeskFile(path, None, f"cannot be read as CSV: {str(error).splitlines()[0]}") from error
    if lacking := [column for column in columns if column not in frame.columns]:
        raise BadDeskFile(path, None, f"lacks the columns {', '.join(lacking)}; it needs {', '.join(columns)}")
    return frame.select(list(columns))


def _resolved(tx: Tx, path: Path, made: pl.DataFrame, lender: Lender) -> pl.DataFrame:
    """The contacts as the desk keeps them: ids for references, instants for texts."""
    needed = [name for name in COLUMNS["contacts"] if name != "collector_id"]
    _demand(path, made, pl.all_horizontal(pl.col(needed).is_not_null()), "every column but collector_id is needed")
    ids = {ref: int(person_id(lender.lender_id, ref)) for ref in {*made["person_ref"], *made["debtor_ref"]}}
    frame = made.with_columns(
        person_id=pl.col("person_ref").replace_strict(ids, return_dtype=pl.Int64, default=None),
        debtor_id=pl.col("debtor_ref").replace_strict(ids, return_dtype=pl.Int64, default=None),
        loan_keys=pl.Series(
            [[int(loan_key(lender.lender_id, ref)) for ref in refs.split()] for refs in made["loan_refs"]],
            dtype=pl.List(pl.Int64),
        ),
        at=pl.col("at")
        .str.to_datetime("%Y-%m-%dT%H:%M:%S%z", time_unit="us", strict=False)
        .dt.convert_time_zone("UTC"),
    )
    _demand(
        path, frame, pl.col("at").is_not_null(), "`at` must be an instant with its offset (2026-03-01T09:30:00+08:00)"
    )
    known = points.current(tx, persons=frame["person_id"].unique()).select(
        "person_id", "contact_point_id", point_index="value_index", point_kind="kind", point_label="label"
    )
    found = frame.join(known, on=["person_id", "point_kind", "point_label"], how="left", maintain_order="left")
    _demand(path, found, pl.col("contact_point_id").is_not_null(), "the person has no such contact point on the desk")
    zone = ZoneInfo(lender.zone)
    return found.with_columns(
        local_day=pl.col("at").dt.convert_time_zone(zone.key).dt.date(), state=pl.lit("reported"),
        agency=pl.lit(None, dtype=pl.String), template_id=pl.lit(None, dtype=pl.String),
        template_version=pl.lit(None, dtype=pl.Int32),
    )  # fmt: skip


def _demand(path: Path, frame: pl.DataFrame, holds: pl.Expr, what: str) -> None:
    wrong = frame.with_row_index("row", offset=1).filter(~holds)
    if not wrong.is_empty():
        raise BadDeskFile(path, int(wrong["row"][0]), what)


def days_of(folder: Path) -> Mapping[date, Path]:
    """The folders below, by the day they are named after."""
    return {date.fromisoformat(path.name): path for path in sorted(folder.iterdir()) if path.is_dir()}
