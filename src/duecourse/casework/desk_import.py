"""What a lender's people did before duecourse: collectors, absences and contacts made, read from files.

The files are CSV with the columns of `COLUMNS` (``docs/desk-files.md``). A folder is taken whole or not at all: what
stands in it decides whom the law allows to be called today, so nothing of it may be left out unsaid. The same folder
twice changes nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from duecourse.casework.actor import Actor
from duecourse.casework.staff import UnknownFirm
from duecourse.casework.stating import NotStated, read_value, state_fact
from duecourse.casework.their_loan import NotTheirLoan
from duecourse.core.ids import loan_key, person_id
from duecourse.law.terms import Channel, Purpose, Relation
from duecourse.storage import collectors, contacts, lenders, log, parties, points, registering, stated
from duecourse.storage.collectors import Absence, Collector
from duecourse.storage.connection import Tx
from duecourse.storage.lenders import Lender
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Said

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
    "facts": {
        "person_ref": pl.String,
        "loan_ref": pl.String,  # of the one loan it is about
        "fact": pl.String,
        "value": pl.String,
        "from_day": pl.Date,
        "to_day": pl.Date,  # first day on which it holds no longer
        "source": pl.String,
        "firm": pl.String,  # the outside firm to which a consent was given; empty: the lender itself
    },
}
"""Columns of each file; those of contacts are all needed but ``collector_id``; of facts, ``loan_ref``, ``to_day`` and
``firm`` may be empty."""

_LATER = frozenset({"firm"})
"""Columns that a file may do without."""

ABSENCES = ("leave", "sick", "training", "suspended", "other")
"""Kinds of absence."""

WORDS: dict[str, tuple[str, ...]] = {
    "relation": tuple(Relation),
    "channel": tuple(Channel),
    "purpose": tuple(Purpose),
    "direction": ("out", "in"),
}
"""The closed lists that words of a contact come from."""

WRONG_NUMBER, REFUSED = "wrong_number", "refused"
"""Outcomes that change more than a counter: the point is wrong; a third person must never be asked again."""


class BadDeskFile(BadInput):
    """A file of the desk that cannot be taken."""

    def __init__(self, path: Path, row: int | None, what: str) -> None:
        where = Said(N_("{path}, row {row}"), path=path, row=row) if row is not None else str(path)
        super().__init__(N_("{where}: {what}. Nothing of the folder was taken."), where=where, what=what)


@dataclass(frozen=True, slots=True)
class Taken:
    """What was new in a folder."""

    collectors: int
    absences: int
    contacts: int
    wrong_numbers: int
    refusals: int
    facts: int = 0


def import_desk(tx: Tx, folder: Path, *, vault: Vault, actor: Actor, now: datetime) -> Taken:
    """Take the files of a folder; raises `BadDeskFile`. The caller commits."""
    lender = lenders.get(tx)
    if not any((folder / f"{name}.csv").exists() for name in COLUMNS):
        raise BadDeskFile(
            folder, None, Said(N_("there is none of {columns}"), columns=", ".join(f"{name}.csv" for name in COLUMNS))
        )
    staff, away, made, told = (_read(folder, name) for name in COLUMNS)
    _check_staff(folder, staff, away, known={one.collector_id for one in collectors.every(tx)})
    rows = _resolved(tx, folder / "contacts.csv", made, lender)
    for row in staff.iter_rows(named=True):
        words = {name: str(row[name] or "").split() for name in ("skills", "languages")}
        collectors.put(tx, Collector(**row | words))
    for row in away.iter_rows(named=True):
        collectors.put_absence(tx, Absence(**row))
    added = contacts.add_many(tx, rows.select(list(contacts.NEW)), now=now)
    wrong = rows.filter((pl.col("outcome") == WRONG_NUMBER) & (pl.col("point_state") != "wrong"))
    points_wrong = wrong.select("person_id", "contact_point_id").unique(maintain_order=True)
    for person, point in points_wrong.iter_rows():
        points.set_state(tx, person, point, "wrong", now=now)
    refused = rows.filter((pl.col("outcome") == REFUSED) & (pl.col("relation") != "borrower"))
    refusals = parties.refuse(tx, refused.group_by("person_id").agg(pl.col("at").min()))
    facts = _state(tx, folder / "facts.csv", told, lender, vault=vault, actor=actor, now=now)
    taken = Taken(staff.height, away.height, added, points_wrong.height, refusals, facts)
    log.append(tx, vault=vault, kind="desk.imported", at=now, actor=str(actor), stated=asdict(taken))
    return taken


def _check_staff(folder: Path, staff: pl.DataFrame, away: pl.DataFrame, *, known: set[str]) -> None:
    path = folder / "collectors.csv"
    needed = ["collector_id", "team", "capacity", "from_day"]
    _demand(path, staff, pl.all_horizontal(pl.col(needed).is_not_null()), f"{', '.join(needed)} are needed")
    _demand(
        path, staff, pl.col("collector_id").str.contains(r"^[A-Za-z0-9._-]{1,64}$"),
        "collector_id is a staff number of letters, digits, . _ and -, not a name",
    )  # fmt: skip
    _demand(path, staff, pl.col("capacity") >= 0, "capacity is a number of cases a day, 0 or more")
    _demand(path, staff, ~(pl.col("to_day") <= pl.col("from_day")).fill_null(value=False), "to_day is after from_day")
    path = folder / "absences.csv"
    _demand(path, away, pl.all_horizontal(pl.all().is_not_null()), "every column is needed")
    _demand(path, away, pl.col("to_day") > pl.col("from_day"), "to_day, the first day back, is after from_day")
    _demand(path, away, pl.col("kind").is_in(ABSENCES), f"kind is one of {', '.join(ABSENCES)}")
    everybody = known | set(staff["collector_id"])
    _demand(path, away, pl.col("collector_id").is_in(sorted(everybody)), "nobody has this collector_id")


def _read(folder: Path, name: str) -> pl.DataFrame:
    path = folder / f"{name}.csv"
    columns = COLUMNS[name]
    if not path.exists():
        return pl.DataFrame(schema=columns)
    try:
        frame = pl.read_csv(path, schema_overrides=columns)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise BadDeskFile(
            path, None, Said(N_("cannot be read as CSV: {error}"), error=str(error).splitlines()[0])
        ) from error
    frame = frame.with_columns(
        pl.lit(None, columns[column]).alias(column) for column in _LATER & set(columns) if column not in frame.columns
    )
    if lacking := [column for column in columns if column not in frame.columns]:
        raise BadDeskFile(
            path,
            None,
            Said(
                N_("lacks the columns {lacking}; it needs {columns}"),
                lacking=", ".join(lacking),
                columns=", ".join(columns),
            ),
        )
    return frame.select(list(columns))


def _resolved(tx: Tx, path: Path, made: pl.DataFrame, lender: Lender) -> pl.DataFrame:
    """The contacts as the desk keeps them: ids for references, instants for texts."""
    needed = [name for name in COLUMNS["contacts"] if name != "collector_id"]
    _demand(path, made, pl.all_horizontal(pl.col(needed).is_not_null()), "every column but collector_id is needed")
    for name, words in WORDS.items():
        _demand(path, made, pl.col(name).is_in(words), f"{name} is one of {', '.join(words)}")
    _demand(path, made, pl.col("loan_refs").str.contains(r"\S"), "loan_refs names at least one loan")
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
    there = sorted(registering.known_ids(tx, set(ids.values())))
    _demand(path, frame, pl.col("debtor_id").is_in(there), "the lender has no debtor of this debtor_ref")
    known = points.current(tx, persons=frame["person_id"].unique()).select(
        "person_id",
        "contact_point_id",
        point_index="value_index",
        point_kind="kind",
        point_label="label",
        point_state="state",
    )
    found = frame.join(known, on=["person_id", "point_kind", "point_label"], how="left", maintain_order="left")
    _demand(path, found, pl.col("contact_point_id").is_not_null(), "the person has no such contact point on the desk")
    zone = ZoneInfo(lender.zone)
    return found.with_columns(
        local_day=pl.col("at").dt.convert_time_zone(zone.key).dt.date(), state=pl.lit("reported"),
        agency=pl.lit(None, dtype=pl.String), template_id=pl.lit(None, dtype=pl.String),
        template_version=pl.lit(None, dtype=pl.Int32),
    )  # fmt: skip


def _state(tx: Tx, path: Path, told: pl.DataFrame, lender: Lender, *, vault: Vault, actor: Actor, now: datetime) -> int:
    """Put facts on record that are not there yet, with the same value and proof; how many were new."""
    needed = ["person_ref", "fact", "value", "from_day", "source"]
    _demand(path, told, pl.all_horizontal(pl.col(needed).is_not_null()), f"{', '.join(needed)} are needed")
    _demand(path, told, ~(pl.col("to_day") <= pl.col("from_day")).fill_null(value=False), "to_day is after from_day")
    ids = {ref: int(person_id(lender.lender_id, ref)) for ref in told["person_ref"].unique()}
    there = registering.known_ids(tx, set(ids.values()))
    _demand(
        path,
        told,
        pl.col("person_ref").is_in([ref for ref, one in ids.items() if one in there]),
        "nobody is known by this person_ref",
    )
    zone, added = ZoneInfo(lender.zone), 0
    for number, row in enumerate(told.iter_rows(named=True), 1):
        begins, ends = (
            None if day is None else datetime.combine(day, time(), zone) for day in (row["from_day"], row["to_day"])
        )
        loan = None if row["loan_ref"] is None else loan_key(lender.lender_id, row["loan_ref"])
        value = read_value(row["value"])
        who = ids[row["person_ref"]]
        plain = value.isoformat() if isinstance(value, date) else value
        firm = row["firm"] or ""
        held = (row["fact"], plain, loan, begins, ends, row["source"], firm)
        if held in {
            (one.fact, one.value, one.loan_key, one.from_at, one.to_at, one.source, one.firm or "")
            for one in stated.of_person(tx, who)
        }:
            continue
        try:
            state_fact(
                tx, vault=vault, person_id=who, fact=row["fact"], value=value, source=row["source"], actor=actor,
                now=now, from_at=begins, until=ends, loan_key=loan, firm=firm,
            )  # fmt: skip
        except NotTheirLoan as wrong:  # in the words of the file, not by our key
            said = Said(wrong.sentence, person=row["person_ref"], loan=row["loan_ref"])
            raise BadDeskFile(path, number, said) from wrong
        except (NotStated, UnknownFirm) as wrong:
            raise BadDeskFile(path, number, Said(wrong.sentence, **wrong.values)) from wrong
        added += 1
    return added


def _demand(path: Path, frame: pl.DataFrame, holds: pl.Expr, what: str) -> None:
    wrong = frame.with_row_index("row", offset=1).filter(~holds)
    if not wrong.is_empty():
        raise BadDeskFile(path, int(wrong["row"][0]), what)
