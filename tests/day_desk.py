"""A book of random loans with its desk in a database, for tests of the day run as an act; also as a process to kill.

``python -m tests.day_desk URL FOLDER DAY`` runs one day on what `fill` made.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from duecourse.book.store import BookVersion, Store, version_from
from duecourse.book.tables import EVENTS
from duecourse.casework import parties
from duecourse.casework.actor import Actor, Role
from duecourse.casework.day_run import Run, run
from duecourse.core.events import RANK, Kind
from duecourse.core.ids import shard as shard_of
from duecourse.storage import books, collectors
from duecourse.storage.collectors import Collector
from duecourse.storage.connection import Database
from duecourse.storage.lenders import Lender
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import parse_ring
from tests import desk
from tests.random_columns import Book, book
from tests.random_loans import random_card, random_loan

DAY = date(2025, 6, 10)
KNOWN = datetime(2025, 6, 9, 22, tzinfo=UTC)
ACTOR = Actor(Role.SCHEDULE, "test")
SHARDS = 4


def clock() -> datetime:
    """An instant that stands still."""
    return datetime(2025, 6, 10, 1, tzinfo=UTC)


def tables(loans: int = 300, cards: int = 30) -> Book:
    """Random loans as columns, each in the shard of its person."""
    made = book([random_loan(n) for n in range(loans)] + [random_card(n) for n in range(cards)])
    place = {key: shard_of(person, SHARDS) for key, person in made.loans.select("loan_key", "person_id").iter_rows()}
    moved = [
        frame.with_columns(shard=pl.col("loan_key").replace_strict(place, return_dtype=pl.Int16))
        for frame in (made.loans, made.instalments, made.events)
    ]
    return Book(moved[0], made.conventions, moved[1], moved[2])


def add_version(database: Database, store: Store, rows: dict[str, pl.DataFrame], *, known: datetime) -> BookVersion:
    """Commit rows as the next version of the book."""
    with database.transaction("demo") as tx:
        books.lock(tx)
        newest = books.newest(tx)
        base = version_from(newest.version, newest.tables) if newest else None
        store.begin(base)
        made = store.append(base, rows, shards=SHARDS)
        books.commit_version(
            tx,
            books.BookVersion(
                version=made.version,
                parent=newest.version if newest else None,
                known_at=known,
                written_by="test",
                tables=made.plain(),
                content_hash=made.content_hash,
                log_entries=0,
            ),
        )
    store.done()
    return made


def fill(
    database: Database,
    store: Store,
    vault: Vault,
    loans: int = 300,
    *,
    lender: Lender = desk.DEMO,
    phone: Callable[[int], dict[str, Any]] = lambda _n: {},
    change: Callable[[Book], Book] = lambda made: made,
) -> Book:
    """A lender with a book of random loans, its people with a phone each (as ``phone`` says), and four collectors.

    ``change`` makes another book of the random one before anybody is entered.
    """
    desk.enter(database, lender)
    made = change(tables(loans))
    people = made.loans["person_id"].unique().sort().to_list()
    persons = pl.concat([desk.persons(n % 10_000, person_id=p, reference=f"C{p}") for n, p in enumerate(people)])
    phones = pl.concat([desk.phones(n % 10_000, person_id=p, **phone(n)) for n, p in enumerate(people)])
    ties = pl.concat(
        [
            desk.ties(key, person_id=person, loan_key=key)
            for key, person in made.loans.select("loan_key", "person_id").iter_rows()
        ]
    )
    desk.register(database, vault, parties.Batch(persons, phones, ties), lender=lender, now=KNOWN, day=date(2023, 1, 1))
    with database.transaction("demo") as tx:
        for number in range(4):
            skills = ["early", "late", "card"]
            collectors.put(tx, Collector(f"a{number}", "team", skills, ["zh"], 15, date(2020, 1, 1)))
    rows = {
        "loans": made.loans,
        "conventions": made.conventions,
        "instalments": made.instalments,
        "events": made.events,
    }
    add_version(database, store, rows, known=KNOWN)
    return made


def run_day(database: Database, store: Store, vault: Vault, day: date = DAY) -> Run:
    """Run a day by a clock that stands still."""
    return run(database, store, lender_id="demo", day=day, vault=vault, actor=ACTOR, clock=clock, ahead=True)


def payment(store: Store, database: Database, *, ref: str, effective: date, known: datetime) -> pl.DataFrame:
    """A payment to one of the loans of the book."""
    with database.transaction("demo") as tx:
        newest = books.newest(tx)
    assert newest is not None
    loans = store.read(version_from(newest.version, newest.tables), "loans")
    row = loans.row(7, named=True)
    return pl.DataFrame(
        [
            {
                "shard": row["shard"], "loan_key": row["loan_key"], "effective": effective,
                "rank": RANK[Kind.PAYMENT], "kind": int(Kind.PAYMENT), "known": known, "ref": ref,
                "amount": 123_456, "set_no": 0, "source": "test",
            }
        ],
        schema=EVENTS,
    )  # fmt: skip


if __name__ == "__main__":
    with Database(sys.argv[1]) as opened:
        run_day(
            opened, Store(Path(sys.argv[2])), Vault(parse_ring(sys.argv[4], "test")), date.fromisoformat(sys.argv[3])
        )
