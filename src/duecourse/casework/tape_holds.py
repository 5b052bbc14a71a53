"""Holds that come with a tape: what the lender's file says of them, and what a later file says better."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import polars as pl

from duecourse.storage import holds
from duecourse.storage.connection import Tx
from duecourse.storage.holds import Hold
from duecourse.storage.lenders import Lender

_FILES = re.compile(r"[0-9a-f]{16}( [0-9a-f]{16})*")
"""How the files of a tape are named as the source of a hold, or as what ended it."""

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Told:
    """A hold as a file has it."""

    person_id: int
    kind: str
    loan_key: int | None
    begins: datetime
    ends: datetime | None


def place_holds(tx: Tx, rows: pl.DataFrame, lender: Lender, *, source: str, now: datetime) -> int:
    """Place the holds of a tape that do not stand yet, and end those that it ends; how many were placed or ended.

    A hold that the tape lets begin earlier, or end later, than it did before is held for that time too. What people
    ended stays ended.
    """
    zone = ZoneInfo(lender.zone)
    told = [
        _Told(
            row["person_id"], row["kind"], row["loan_key"], datetime.combine(row["from_day"], time(), zone),
            datetime.combine(row["to_day"], time(), zone) if row["to_day"] else None,
        )
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    begun: dict[object, set[datetime]] = {}
    for one in told:
        begun.setdefault((one.person_id, one.kind, one.loan_key), set()).add(one.begins)
    held: dict[int, list[Hold]] = {}
    done = 0
    for one in told:
        if one.person_id not in held:
            held[one.person_id] = holds.of_person(tx, one.person_id)
        alike = [each for each in held[one.person_id] if (each.kind, each.loan_key) == (one.kind, one.loan_key)]
        apart = begun[one.person_id, one.kind, one.loan_key]
        if _follow(tx, one, alike, apart, source=source, now=now):
            done += 1
            del held[one.person_id]
    return done


def _follow(
    tx: Tx, told: _Told, alike: Sequence[Hold], apart: Collection[datetime], *, source: str, now: datetime
) -> bool:
    """Let what stands follow what is told; whether anything was written. ``apart``: when the tape lets such begin."""
    same = next((one for one in alike if one.from_at == told.begins), None)
    if same is None:
        if any(one.to_at is None and one.from_at < told.begins for one in alike):
            return False
        return _place(tx, told, told.begins, source=source, now=now)
    last = _last(same, alike)
    if last.to_at is None:
        goes_on = last.from_at == same.to_at and last.from_at not in apart and _FILES.fullmatch(last.source)
        if told.ends is None or not (last is same or goes_on):
            return False
        return holds.end(tx, person_id=told.person_id, hold_id=last.hold_id, to_at=told.ends, ended_by=source)
    by_people = last.ended_by is not None and not _FILES.fullmatch(last.ended_by)
    if by_people or (told.ends or _NEVER) <= last.to_at:
        return False
    return _place(tx, told, last.to_at, source=source, now=now)


def _last(first: Hold, alike: Sequence[Hold]) -> Hold:
    """The last of the holds that stand from one on without a gap."""
    last = first
    while last.to_at is not None:
        end = last.to_at
        onward = [one for one in alike if one.from_at <= end < (one.to_at or _NEVER)]
        if not onward:
            return last
        last = max(onward, key=lambda one: one.to_at or _NEVER)
    return last


def _place(tx: Tx, told: _Told, begins: datetime, *, source: str, now: datetime) -> bool:
    holds.place(
        tx, person_id=told.person_id, kind=told.kind, from_at=begins, to_at=told.ends, source=source, now=now,
        loan_key=told.loan_key,
    )  # fmt: skip
    return True
