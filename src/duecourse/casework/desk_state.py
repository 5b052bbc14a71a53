"""What a day run reads from the desk, gathered once, frozen beside the book, and read back to verify the run."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from duecourse.book import desk as book_desk
from duecourse.book.desk import Desk
from duecourse.book.digest import digest
from duecourse.book.store import Store
from duecourse.storage import (
    cases,
    collectors,
    contacts,
    holds,
    lender_facts,
    parties,
    points,
    promises,
    reach,
    runs,
    stated,
)
from duecourse.storage.connection import Database, Tx
from duecourse.storage.lenders import Lender
from duecourse.trouble import N_, BadInput, Said

REACH_DAYS = 14
"""Days before the run over which calls tell whether a debtor can be reached."""


class FrozenInputsGone(BadInput):
    """The inputs frozen with a run are not there, or are not what its manifest says."""

    def __init__(self, folder: Path, what: str) -> None:
        super().__init__(
            N_("inputs of the run in {folder}: {what}; restore the data folder from its backup to verify it"),
            folder=folder,
            what=what,
        )


def desk_on(tx: Tx, day: date, lender: Lender) -> Desk:
    """The desk's facts for a day, merged persons under their root, in the columns of `book.desk.SCHEMAS`.

    Of parties there are none yet, of contact points those of debtors who were called of late: `PeopleOnDesk` gives the
    others as a run asks for them.
    """
    begins, ends = _bounds(day, lender)
    aliases = reach.aliases(tx)
    stands = pl.concat([holds.standing(tx, begins), holds.standing(tx, ends - timedelta(microseconds=1))]).unique()
    called = _reach(reach.reach(tx, since=day - timedelta(days=REACH_DAYS), until=day), aliases)
    frames = {
        "parties": pl.DataFrame(schema=book_desk.SCHEMAS["parties"]),
        "points": _points(tx, called["debtor_id"].unique(), aliases),
        "holds": _rooted(stands, aliases).unique(),
        "persons_today": _rooted(contacts.day_counts(tx, day), aliases).group_by("person_id").agg(pl.all().sum()),
        "numbers_today": contacts.point_counts(tx, day),
        "reach": called,
        "cases": _rooted(cases.open_cases(tx, day), aliases).sort("opened_day").unique("person_id", keep="first"),
        "promises": _rooted(promises.to_come(tx, day), aliases)
        .sort("due_day", "left_minor")
        .unique("person_id", keep="first"),
        "collectors": collectors.present(tx, day),
        "aliases": aliases,
        "attempts": pl.DataFrame(schema=book_desk.SCHEMAS["attempts"]),
        "stated": pl.DataFrame(schema=book_desk.SCHEMAS["stated"]),
        "of_lender": lender_facts.holding(tx, begins, ends),
    }
    return Desk(**{name: _fit(name, frame) for name, frame in frames.items()})


@dataclass(frozen=True, slots=True)
class PeopleOnDesk:
    """The desk's people as of a day, merged persons under their root: `book.desk.People`."""

    database: Database
    lender: Lender
    day: date
    aliases: pl.DataFrame

    def parties(self, loans: pl.Series) -> pl.DataFrame:
        """Everybody tied to these loans beside the borrower."""
        _, ends = _bounds(self.day, self.lender)
        with self.database.transaction(self.lender.lender_id) as tx:
            ties = parties.on_day(tx, self.day, loans=loans, borrowers=False)
        ties = ties.with_columns(
            refused=pl.col("refused_at").is_not_null() & (pl.col("refused_at") < ends),
            renounced=pl.col("renounced_day").is_not_null() & (pl.col("renounced_day") <= self.day),
        )
        once = _rooted(ties, self.aliases).unique(book_desk.KEYS["parties"], keep="first", maintain_order=True)
        return _fit("parties", once)

    def points(self, persons: pl.Series) -> pl.DataFrame:
        """The contact points of these persons."""
        with self.database.transaction(self.lender.lender_id) as tx:
            return _fit("points", _points(tx, persons, self.aliases))

    def stated(self, persons: pl.Series, names: Sequence[str]) -> pl.DataFrame:
        """What is on record of these persons, merged ones included, and holds at some instant of the day."""
        begins, ends = _bounds(self.day, self.lender)
        with self.database.transaction(self.lender.lender_id) as tx:
            held = stated.holding(tx, begins, ends, persons=_with_merged(persons, self.aliases), names=names)
        return _fit("stated", _rooted(held, self.aliases))

    def attempts(self, persons: pl.Series) -> pl.DataFrame:
        """What was tried with these persons, merged ones under their root."""
        with self.database.transaction(self.lender.lender_id) as tx:
            tried = contacts.week_counts(tx, self.day, persons=_with_merged(persons, self.aliases))
        return _fit("attempts", _rooted(tried, self.aliases).group_by("person_id").agg(pl.all().sum()))


def _with_merged(persons: pl.Series, aliases: pl.DataFrame) -> pl.Series:
    merged = aliases.filter(pl.col("root_id").is_in(persons.implode()))["person_id"]
    return pl.concat([persons, merged])


def _bounds(day: date, lender: Lender) -> tuple[datetime, datetime]:
    """The instants at which a day begins and ends at the lender's."""
    begins, ends = (datetime.combine(day + timedelta(days=n), time(), ZoneInfo(lender.zone)) for n in (0, 1))
    return begins.astimezone(UTC), ends.astimezone(UTC)


def _points(tx: Tx, persons: pl.Series, aliases: pl.DataFrame) -> pl.DataFrame:
    """The points of persons, with those of everybody who was merged into them."""
    found = _rooted(
        points.current(tx, persons=_with_merged(persons, aliases), columns=book_desk.SCHEMAS["points"]), aliases
    )
    return found.unique(book_desk.KEYS["points"], keep="first", maintain_order=True)


def _fit(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    schema = book_desk.SCHEMAS[name]
    return frame.select(pl.col(column).cast(kind) for column, kind in schema.items()).sort(book_desk.KEYS[name])


def _rooted(frame: pl.DataFrame, aliases: pl.DataFrame, column: str = "person_id") -> pl.DataFrame:
    if aliases.is_empty():
        return frame
    return frame.with_columns(pl.col(column).replace(aliases["person_id"], aliases["root_id"]))


def _reach(frame: pl.DataFrame, aliases: pl.DataFrame) -> pl.DataFrame:
    return (
        _rooted(frame, aliases, "debtor_id")
        .group_by("debtor_id", "value_index")
        .agg(pl.col("attempts").sum(), pl.col("days").max(), pl.col("reached").any())
    )


def _folder(store: Store, day: date, run_id: int) -> Path:
    return store.folder / "runs" / f"{day}-{run_id}"


def freeze(store: Store, day: date, run_id: int, desk: Desk) -> None:
    """Write the frames of a run, each as one file."""
    folder = _folder(store, day, run_id)
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in desk.frames().items():
        frame.write_parquet(folder / f"{name}.parquet")


def frozen(store: Store, day: date, run_id: int, digests: Mapping[str, str]) -> Desk:
    """Read the frames of a run back; raises `FrozenInputsGone` where they are not what the digests say."""
    folder = _folder(store, day, run_id)
    if not folder.is_dir():
        raise FrozenInputsGone(folder, N_("the folder is not there"))
    kept = {name: _fit(name, pl.read_parquet(folder / f"{name}.parquet")) for name in digests}
    empty = {name: pl.DataFrame(schema=schema) for name, schema in book_desk.SCHEMAS.items()}
    desk = Desk(**(empty | kept))  # a run from before a frame was read had nothing of it
    for name, frame in kept.items():
        if digest(frame, book_desk.KEYS[name]) != digests[name]:
            raise FrozenInputsGone(folder, Said(N_("{name}.parquet is not what the manifest says"), name=name))
    return desk


def thaw_old(store: Store, day: date) -> None:
    """Let frozen inputs go with the days that they belong to."""
    first = (day - timedelta(days=runs.KEPT_DAYS)).isoformat()
    for folder in (store.folder / "runs").iterdir():
        if folder.name[:10] < first:
            shutil.rmtree(folder, ignore_errors=True)
