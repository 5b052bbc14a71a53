"""A desk at which money comes in: loans under the keys of their numbers, debtors with one loan and with two."""

from __future__ import annotations

from datetime import date

import polars as pl

from duecourse.book.owing import figures
from duecourse.book.store import Store, version_from
from duecourse.core.ids import loan_key
from duecourse.core.ids import shard as shard_of
from duecourse.storage import books
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import KeyRing
from tests import day_desk
from tests.random_columns import Book

DAY = day_desk.DAY
VAULT = Vault(KeyRing("k1", {"k1": bytes(range(32))}, bytes(range(1, 33))))


def keyed(made: Book) -> Book:
    """The book with keys from its loans' numbers; of four loans two are of one debtor, the others of one each."""
    refs = made.loans.sort("loan_key").select("loan_key", "loan_ref").unique("loan_key", maintain_order=True)
    new = {key: int(loan_key("demo", ref)) for key, ref in refs.iter_rows()}
    people = {key: n - 1 if n % 4 == 3 else n for n, key in enumerate(refs["loan_key"])}
    place = {key: shard_of(person, day_desk.SHARDS) for key, person in people.items()}

    def moved(frame: pl.DataFrame) -> pl.DataFrame:
        key = pl.col("loan_key")
        return frame.with_columns(
            key.replace_strict(new, return_dtype=pl.Int64), shard=key.replace_strict(place, return_dtype=pl.Int16)
        )

    key = pl.col("loan_key")
    loans = made.loans.with_columns(person_id=key.replace_strict(people, return_dtype=pl.Int64))
    return Book(moved(loans), made.conventions, moved(made.instalments), moved(made.events))


def owing(database: Database, store: Store, vault: Vault, loans: int = 60) -> pl.DataFrame:
    """Fill the desk; loans on which something is due on the day, the most first: key, person, ref, alone, figures."""
    made = day_desk.fill(database, store, vault, loans, change=keyed)
    found = on(database, store, made.loans["loan_key"].unique().to_list(), DAY)
    told = made.loans.select("loan_key", "person_id", "loan_ref", "currency").unique("loan_key")
    told = told.with_columns(alone=pl.len().over("person_id") == 1)
    return told.join(found, on="loan_key").filter(pl.col("due") > 0).sort("due", "loan_key", descending=True)


def on(database: Database, store: Store, keys: list[int], day: date) -> pl.DataFrame:
    """What loans owe on a day by the newest version of the book."""
    with database.transaction("demo") as tx:
        row = books.newest(tx)
    assert row is not None
    wanted = pl.DataFrame({"loan_key": keys}).with_columns(day=pl.lit(day))
    return figures(store, version_from(row.version, row.tables), wanted, known=row.known_at)


def yuan(minor: int) -> str:
    """An amount as a bank writes it."""
    return f"{minor // 100}.{minor % 100:02d}"
