"""A desk that people can work at: random loans, a published day, collectors who may speak."""

from __future__ import annotations

from datetime import UTC, date, datetime

from duecourse.book.store import Store
from duecourse.casework.actor import Actor, Role
from duecourse.casework.registers import put_on_record
from duecourse.casework.staff import OfStaff
from duecourse.storage import entries
from duecourse.storage.connection import Database
from duecourse.storage.entries import Entry, Filter, Page, Published
from duecourse.storage.vault import Vault
from tests.day_desk import DAY, fill, run_day

NOW = datetime(2025, 6, 10, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai on the day of the run."""

COLLECTOR = Actor(Role.COLLECTOR, "a0")
OTHER = Actor(Role.COLLECTOR, "a1")
STAFF = ("a0", "a1", "a2", "a3")


def set_up(database: Database, store: Store, vault: Vault, loans: int = 300) -> Published:
    """A lender, its book, its people, its staff, and one published day."""
    fill(database, store, vault, loans)
    with database.transaction("demo") as tx:
        for number in STAFF:
            for kind in OfStaff:
                if kind is not OfStaff.BREACH:
                    put_on_record(
                        tx, vault=vault, firm="", staff=number, kind=kind, from_day=date(2025, 1, 5), source="test",
                        actor=Actor(Role.OPERATOR, "test"), now=NOW,
                    )  # fmt: skip
    run_day(database, store, vault)
    with database.transaction("demo") as tx:
        shown = entries.published(tx)
    assert shown is not None
    return shown


def listed(database: Database, shown: Published, wanted: Filter, **more: object) -> Page:
    """A page of a list at 10:00 on the day of the run."""
    with database.transaction("demo") as tx:
        return entries.page(
            tx, wanted, day=shown.day, run_id=shown.run_id, today=DAY, now=NOW,
            **more,  # type: ignore[arg-type]
        )  # fmt: skip


def every(database: Database, shown: Published, wanted: Filter, most: int = 7) -> list[Entry]:
    """All entries of a list, page by page."""
    found: list[Entry] = []
    cursor = None
    while True:
        page = listed(database, shown, wanted, after=cursor, most=most)
        found += page.entries
        cursor = page.cursor
        if cursor is None:
            return found
