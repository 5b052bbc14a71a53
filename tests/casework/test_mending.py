"""Mending quarantined rows: what the page lists, and what its corrections bring into the book."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from duecourse.book.store import Store
from duecourse.casework import mending
from duecourse.casework.actor import Actor, Role
from duecourse.casework.book_import import Imported, import_tape
from duecourse.storage.connection import BATCH, Database
from duecourse.trouble import Trouble
from tests.desk import enter
from tests.tapes import ACTOR, LOANS, NOW, PAYMENTS, VAULT, order, read, tape

WRONG = LOANS.replace("C2,1200000", "C2,12OO000")
LEADER = Actor(Role.OPERATOR, "leader")


@pytest.fixture
def desk(database_url: str) -> Iterator[Database]:
    with Database(database_url, limits=BATCH) as database:
        enter(database)
        yield database


@pytest.fixture
def store(desk: Database, tmp_path: Path) -> Store:
    """A book of which one loan, and the payment on it, lie in quarantine."""
    store = Store(tmp_path / "book" / "demo")
    folder = tape(tmp_path / "t", loans=WRONG, payments=PAYMENTS)
    with desk.transaction("demo") as tx:
        import_tape(
            tx, vault=VAULT, store=store, order=order(folder), quarantine_file=mending.folder(store) / "first.csv",
            actor=ACTOR, now=NOW,
        )  # fmt: skip
    store.done()
    return store


def mend(desk: Database, store: Store, files: list[tuple[str, bytes]], mends: list[tuple[str, str]]) -> Imported:
    with desk.transaction("demo") as tx:
        done = mending.mend(
            tx, vault=VAULT, store=store, files=files, mends=mends, mapping="standard", actor=LEADER,
            now=NOW + timedelta(days=1),
        )  # fmt: skip
    store.done()
    return done


def test_what_is_wrong_is_listed_and_what_was_corrected_comes_in(desk: Database, store: Store) -> None:
    fault = next(one for one in mending.faults(store) if one.records == "loans")
    assert (fault.row, fault.field) == (2, "principal_minor")
    assert fault.value == "12OO000"
    sent = [("loans.csv", WRONG.encode()), ("payments.csv", PAYMENTS.encode())]
    done = mend(desk, store, sent, [(fault.key, "1200000")])
    assert (done.version, done.looked.quarantined) == (2, 0)
    assert read(desk, store, "events").height == 4, "the payment that hung on the loan came too"
    with desk.transaction("demo") as tx:
        assert tx.value("SELECT count(*) FROM log_entry WHERE kind = 'book.import'") == 2


def test_another_file_or_nothing_mends_nothing(desk: Database, store: Store) -> None:
    fault = mending.faults(store)[0]
    for files, mends in (
        ([], [(fault.key, "1")]),
        ([("loans.csv", WRONG.encode())], []),
        ([("loans.csv", (WRONG + "\n").encode())], [(fault.key, "1")]),
    ):
        with pytest.raises(Trouble):
            mend(desk, store, files, mends)
    assert {one.records for one in mending.faults(store)} == {"loans", "payments"}


def test_a_file_name_leads_nowhere_else(desk: Database, store: Store, tmp_path: Path) -> None:
    fault = next(one for one in mending.faults(store) if one.records == "loans")
    sent = [("../../loans.csv", WRONG.encode()), ("payments.csv", PAYMENTS.encode())]
    assert mend(desk, store, sent, [(fault.key, "1200000")]).version == 2
    assert not list(tmp_path.parent.glob("loans.csv"))


def test_the_same_corrections_are_a_patch_file(store: Store) -> None:
    fault = next(one for one in mending.faults(store) if one.records == "loans")
    assert mending.patch_of([(fault.key, "1,2")]).decode().splitlines()[1].endswith(',2,principal_minor,"1,2"')
