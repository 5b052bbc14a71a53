"""A lender with a synthetic book, its people and its collectors, entered by the acts that everybody's go through."""

from __future__ import annotations

from datetime import UTC, date, datetime
from time import perf_counter
from typing import TYPE_CHECKING

import polars as pl

from bench._synthetic import AS_OF, KNOWN, OVERDUE_PPM, book
from duecourse.casework import parties
from duecourse.casework.actor import Actor, Role
from duecourse.casework.parties import Batch
from duecourse.storage import books, collectors, lenders
from duecourse.storage.collectors import Collector
from duecourse.storage.lenders import Lender

if TYPE_CHECKING:
    from duecourse.book.store import Store
    from duecourse.storage.connection import Database
    from duecourse.storage.vault import Vault

LENDER = Lender("bench", "Bench", "CN", "Asia/Shanghai", "CNY", "consumer_finance", demo=True, masters={})
ACTOR = Actor(Role.SCHEDULE, "bench")
BEGAN = datetime(2024, 1, 1, tzinfo=UTC)
PART = 100_000
"""Loans that are made and persons that are entered at a time."""

COLLECTOR_LOANS, CAPACITY = 2_000, 200
"""A collector for so many loans, and cases a day of each: half of the cases of a book find a place."""


def enter(
    database: Database, store: Store, vault: Vault, *, loans: int, overdue_ppm: int = OVERDUE_PPM
) -> dict[str, float]:
    """Enter the lender with everything; returns the seconds that book and people took."""
    with database.transaction(LENDER.lender_id) as tx:
        lenders.add(tx, LENDER, now=BEGAN)
        for number in range(max(loans // COLLECTOR_LOANS, 4)):
            skills = ["early", "late", "card"] if number % 2 else ["early", "late"]
            row = Collector(f"c{number:04d}", f"team{number % 9}", skills, ["zh"], CAPACITY, date(2020, 1, 1))
            collectors.put(tx, row)
    begun = perf_counter()
    ties = _book(database, store, loans, overdue_ppm)
    written = perf_counter()
    _people(database, vault, ties)
    return {"book": written - begun, "people": perf_counter() - written}


def _book(database: Database, store: Store, loans: int, overdue_ppm: int) -> pl.DataFrame:
    """Write the book as one version; returns who owes which loan since when."""
    made = book(loans, overdue_ppm=overdue_ppm)
    store.begin(None)
    version = store.append(None, made._asdict())
    row = books.BookVersion(version.version, None, KNOWN, str(ACTOR), version.plain(), version.content_hash, 0)
    with database.transaction(LENDER.lender_id) as tx:
        books.lock(tx)
        books.commit_version(tx, row)
    store.done()
    return made.loans.select("person_id", "loan_key", from_day="start").sort("person_id", "loan_key")


def _people(database: Database, vault: Vault, ties: pl.DataFrame) -> None:
    """An invented name, identity number and mobile for everybody."""
    people = ties.select("person_id").unique().sort("person_id").with_row_index("n")
    for part in people.iter_slices(PART):
        number = pl.col("n").cast(pl.String)
        persons = part.select(
            "person_id",
            kind=pl.lit("natural"),
            name=pl.lit("演示") + number,
            id_kind=pl.lit("resident_id"),
            id=pl.lit("99010119900") + number.str.zfill(6) + pl.lit("X"),
            birth=pl.lit(date(1990, 1, 1)),
            reference=pl.lit("C") + number,
        )
        points = part.select(
            "person_id", kind=pl.lit("phone"), label=pl.lit("mobile"), value=pl.lit("154") + number.str.zfill(8),
            zone=pl.lit(None, dtype=pl.String), consent=pl.lit("contract"),
        )  # fmt: skip
        owes = ties.join(part, on="person_id", how="semi").select(
            "person_id", "loan_key", "from_day", relation=pl.lit("borrower"), proof_kind=pl.lit("contract"),
            proof_until=pl.lit(None, dtype=pl.Date), named_by_debtor=pl.lit(value=False),
        )  # fmt: skip
        fit, findings = parties.inspect(LENDER, Batch(persons, points, owes))
        assert not findings, findings[:3]
        with database.transaction(LENDER.lender_id) as tx:
            done = parties.register_parties(tx, vault=vault, fit=fit, source="bench", day=AS_OF, actor=ACTOR, now=BEGAN)
        assert not done.refused, done.refused[:3]
