"""Small tapes for tests: files of the standard layout in a folder, and their import as people do it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from duecourse.book.store import Store, version_from
from duecourse.book.tape import intake
from duecourse.book.tape import mapping as mappings
from duecourse.casework.actor import Actor, Role
from duecourse.casework.book_import import Imported, Looked, Order, import_tape, look
from duecourse.storage import books
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring

NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
VAULT = Vault(new_ring(lambda size: b"\x07" * size))  # the same in every process of a test
ACTOR = Actor(Role.SCHEDULE, "import")

LOANS = """loan_ref,borrower_ref,principal_minor,start,first_due,instalment_count,rate_ppm,method,penalty_ppm
L1,C1,1200000,2026-01-05,2026-02-05,12,90000,equal_instalment,135000
L2,C2,1200000,2026-01-31,2026-02-28,12,90000,equal_principal,135000
"""
PAYMENTS = """loan_ref,payment_ref,paid_on,amount_minor
L1,P1,2026-02-20,50000
L2,P2,2026-02-27,5000
"""


def tape(folder: Path, **files: str) -> Path:
    """A folder with one CSV file per kind of record."""
    folder.mkdir(parents=True, exist_ok=True)
    for records, text in files.items():
        (folder / f"{records}.csv").write_text(text, encoding="utf-8")
    return folder


def order(*paths: Path, mapping: str = "standard", **options: Any) -> Order:  # noqa: ANN401
    """An order to import these files."""
    read = mappings.load(mappings.find(mapping))
    return Order(mapping=read, sources=intake.sources(paths, read), **options)


def bring(database: Database, store: Store, wanted: Order, *, now: datetime = NOW, lender: str = "demo") -> Imported:
    """Import, commit, done."""
    with database.transaction(lender) as tx:
        done = import_tape(
            tx, vault=VAULT, store=store, order=wanted, quarantine_file=store.folder.parent / "quarantine.csv",
            actor=ACTOR, now=now,
        )  # fmt: skip
    store.done()
    return done


def check(database: Database, store: Store, wanted: Order, *, now: datetime = NOW, lender: str = "demo") -> Looked:
    """A dry run."""
    with database.transaction(lender) as tx:
        return look(tx, store=store, order=wanted, now=now)


def read(database: Database, store: Store, table: str, *, lender: str = "demo", **options: Any) -> pl.DataFrame:  # noqa: ANN401
    """A table of the newest version."""
    with database.transaction(lender) as tx:
        row = books.newest(tx)
    assert row is not None
    return store.read(version_from(row.version, row.tables), table, **options)
