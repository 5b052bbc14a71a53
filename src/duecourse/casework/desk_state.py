"""What a day run reads from the desk, gathered once, frozen beside the book, and read back to verify the run."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from duecourse.book import desk as book_desk
from duecourse.book.desk import Desk
from duecourse.book.digest import digest
from duecourse.book.store import Store
from duecourse.storage import cases, collectors, contacts, holds, parties, points, reach, runs
from duecourse.storage.connection import Tx
from duecourse.storage.lenders import Lender
from duecourse.trouble import BadInput

REACH_DAYS = 14
"""Days before the run over which calls tell whether a debtor can be reached."""


class FrozenInputsGone(BadInput):
    """The inputs frozen with a run are not there, or are not what its manifest says."""

    def __init__(self, folder: Path, what: str) -> None:
        super().__init__(f"inputs of the run in {folder}: {what}; restore the data folder from its backup to verify it")


def desk_on(tx: Tx, day: date, lender: Lender) -> Desk:
    """The desk's facts for a day, merged persons under their root, in the columns of `book.desk.SCHEMAS`."""
    begins = datetime.combine(day, time(), ZoneInfo(lender.zone)).astimezone(UTC)
    ends = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(lender.zone)).astimezone(UTC)
    aliases = reach.aliases(tx)
    stands = pl.concat([holds.standing(tx, begins), holds.standing(tx, ends - timedelta(microseconds=1))]).unique()
    ties = parties.on_day(tx, day).with_columns(
        refused=pl.col("refused_at").is_not_null() & (pl.col("refused_at") < ends),
        renounced=pl.col("renounced_day").is_not_null() & (pl.col("renounced_day") <= day),
    )
    frames = {
        "parties": _rooted(ties, aliases).unique(book_desk.KEYS["parties"], keep="first", maintain_order=True),
        "points": _rooted(points.current(tx), aliases).unique(
            book_desk.KEYS["points"], keep="first", maintain_order=True
        ),
        "holds": _rooted(stands, aliases).unique(),
        "persons_today": _rooted(contacts.day_counts(tx, day), aliases).group_by("person_id").agg(pl.all().sum()),
        "numbers_today": contacts.point_counts(tx, day),
        "reach": _reach(reach.reach(tx, since=day - timedelta(days=REACH_DAYS), until=day), aliases),
        "cases": _rooted(cases.open_cases(tx), aliases).sort("opened_day").unique("person_id", keep="first"),
        "collectors": collectors.present(tx, day),
        "aliases": aliases,
    }
    return _desk(frames)


def _desk(frames: Mapping[str, pl.DataFrame]) -> Desk:
    return Desk(
        **{
            name: frames[name]
            .select(pl.col(column).cast(kind) for column, kind in schema.items())
            .sort(book_desk.KEYS[name])
            for name, schema in book_desk.SCHEMAS.items()
        }
    )


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
        raise FrozenInputsGone(folder, "the folder is not there")
    desk = _desk({name: pl.read_parquet(folder / f"{name}.parquet") for name in book_desk.SCHEMAS})
    for name, frame in desk.frames().items():
        if digest(frame, book_desk.KEYS[name]) != digests[name]:
            raise FrozenInputsGone(folder, f"{name}.parquet is not what the manifest says")
    return desk


def thaw_old(store: Store, day: date) -> None:
    """Let frozen inputs go with the days that they belong to."""
    first = (day - timedelta(days=runs.KEPT_DAYS)).isoformat()
    for folder in (store.folder / "runs").iterdir():
        if folder.name[:10] < first:
            shutil.rmtree(folder, ignore_errors=True)
