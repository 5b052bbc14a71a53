"""Collectors and their absences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from duecourse.storage import frames
from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "collector_id": pl.String,
    "team": pl.String,
    "skills": pl.String,
    "languages": pl.String,
    "capacity": pl.Int32,
}
"""Columns of `present`; skills and languages are joined by one space."""


class NoSuchCollector(BadInput):
    """A staff number of nobody who works cases."""

    def __init__(self, collector_id: str) -> None:
        super().__init__(N_("there is no collector {collector}"), collector=collector_id)


@dataclass(frozen=True, slots=True)
class Collector:
    """Who works cases: staff number, team, skills (words), languages, and cases a day."""

    collector_id: str
    team: str
    skills: list[str]
    languages: list[str]
    capacity: int
    from_day: date
    to_day: date | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which a collector does not work; ``to_day`` is the first day back."""

    collector_id: str
    from_day: date
    to_day: date
    kind: str


def add(tx: Tx, collector: Collector) -> bool:
    """Enter a collector; False, and nothing is changed, where there is one of this staff number."""
    c = collector
    return (
        tx.execute(
            "INSERT INTO collector (lender_id, collector_id, team, skills, languages, capacity, from_day, to_day) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (lender_id, collector_id) DO NOTHING",
            (tx.lender_id, c.collector_id, c.team, c.skills, c.languages, c.capacity, c.from_day, c.to_day),
        ).rowcount
        == 1
    )


def put(tx: Tx, collector: Collector) -> None:
    """Enter a collector, or change all of one's row."""
    c = collector
    tx.execute(
        "INSERT INTO collector (lender_id, collector_id, team, skills, languages, capacity, from_day, to_day) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (lender_id, collector_id) DO UPDATE SET "
        "team = excluded.team, skills = excluded.skills, languages = excluded.languages, "
        "capacity = excluded.capacity, from_day = excluded.from_day, to_day = excluded.to_day",
        (tx.lender_id, c.collector_id, c.team, c.skills, c.languages, c.capacity, c.from_day, c.to_day),
    )


def put_absence(tx: Tx, absence: Absence) -> None:
    """Enter an absence, or change the one that begins on the same day."""
    a = absence
    tx.execute(
        "INSERT INTO absence (lender_id, collector_id, from_day, to_day, kind) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (lender_id, collector_id, from_day) DO UPDATE SET to_day = excluded.to_day, kind = excluded.kind",
        (tx.lender_id, a.collector_id, a.from_day, a.to_day, a.kind),
    )


def every(tx: Tx) -> list[Collector]:
    """All collectors, those who left too, by staff number."""
    return tx.rows(
        Collector,
        "SELECT collector_id, team, skills, languages, capacity, from_day, to_day FROM collector "
        "WHERE lender_id = %s ORDER BY collector_id",
        (tx.lender_id,),
    )


def page(tx: Tx, *, after: str, most: int) -> list[Collector]:
    """Collectors after a staff number, by staff number."""
    return tx.rows(
        Collector,
        "SELECT collector_id, team, skills, languages, capacity, from_day, to_day FROM collector "
        "WHERE lender_id = %s AND collector_id > %s ORDER BY collector_id LIMIT %s",
        (tx.lender_id, after, most),
    )


def get(tx: Tx, collector_id: str) -> Collector:
    """One collector; raises `NoSuchCollector`."""
    found = tx.row(
        Collector,
        "SELECT collector_id, team, skills, languages, capacity, from_day, to_day FROM collector "
        "WHERE lender_id = %s AND collector_id = %s",
        (tx.lender_id, collector_id),
    )
    if found is None:
        raise NoSuchCollector(collector_id)
    return found


def absences(tx: Tx, *, since: date) -> list[Absence]:
    """Absences that end after a day, by their first day."""
    return tx.rows(
        Absence,
        "SELECT collector_id, from_day, to_day, kind FROM absence WHERE lender_id = %s AND to_day > %s "
        "ORDER BY from_day, collector_id",
        (tx.lender_id, since),
    )


def remove_absence(tx: Tx, collector_id: str, from_day: date) -> bool:
    """Take away the absence that begins on a day; False where there is none."""
    return (
        tx.execute(
            "DELETE FROM absence WHERE lender_id = %s AND collector_id = %s AND from_day = %s",
            (tx.lender_id, collector_id, from_day),
        ).rowcount
        == 1
    )


def present(tx: Tx, day: date) -> pl.DataFrame:
    """Collectors at work on a day, by staff number."""
    return frames.read(
        tx,
        "SELECT collector_id, team, array_to_string(skills, ' '), array_to_string(languages, ' '), capacity "
        "FROM collector c WHERE lender_id = %s AND from_day <= %s AND (to_day IS NULL OR to_day > %s) "
        "AND NOT EXISTS (SELECT FROM absence a WHERE a.lender_id = c.lender_id AND a.collector_id = c.collector_id "
        "AND a.from_day <= %s AND a.to_day > %s) ORDER BY collector_id",
        (tx.lender_id, day, day, day, day),
        SCHEMA,
    )
