"""Mending quarantined rows: what the page lists, and what its corrections bring into the book."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from duecourse.book.store import Store
from duecourse.book.tape.patch import load
from duecourse.casework import mending
from duecourse.casework.actor import Actor, Role
from duecourse.casework.book_import import Imported, Order, Quarantined, import_tape
from duecourse.storage import books
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
    bring(desk, store, order(tape(tmp_path / "t", loans=WRONG, payments=PAYMENTS)))
    return store


def bring(desk: Database, store: Store, wanted: Order, *, now: datetime = NOW) -> None:
    with desk.transaction("demo") as tx:
        import_tape(
            tx, vault=VAULT, store=store, order=wanted, quarantine_file=mending.file_of(store, wanted, now),
            actor=ACTOR, now=now,
        )  # fmt: skip
    store.done()


def waiting(desk: Database, store: Store) -> list[tuple[str, int, str]]:
    """What the page lists, after a look at the badge beside it."""
    with desk.transaction("demo") as tx:
        found = mending.waiting(tx, store)
    assert found.rows == len({(one.source, one.records, one.row) for one in found.faults()})
    return [(one.records, one.row, one.field) for one in found.faults()]


def fault_of(desk: Database, store: Store, records: str) -> mending.Fault:
    with desk.transaction("demo") as tx:
        return next(one for one in mending.waiting(tx, store).faults() if one.records == records)


def versions(desk: Database) -> list[int]:
    with desk.transaction("demo") as tx:
        return [one.version for one in books.every(tx)]


def mend(
    desk: Database, store: Store, files: list[tuple[str, bytes]], mends: list[tuple[str, str]], *, days: int = 1
) -> Imported:
    with desk.transaction("demo") as tx:
        done = mending.mend(
            tx, vault=VAULT, store=store, files=files, mends=mends, mapping="standard", actor=LEADER,
            now=NOW + timedelta(days=days),
        )  # fmt: skip
    store.done()
    return done


def test_what_is_wrong_is_listed_and_what_was_corrected_comes_in(desk: Database, store: Store) -> None:
    fault = fault_of(desk, store, "loans")
    assert (fault.row, fault.field) == (2, "principal_minor")
    assert fault.value == "12OO000"
    sent = [("loans.csv", WRONG.encode()), ("payments.csv", PAYMENTS.encode())]
    done = mend(desk, store, sent, [(fault.key, "1200000")])
    assert (done.version, done.looked.quarantined) == (2, 0)
    assert read(desk, store, "events").height == 4, "the payment that hung on the loan came too"
    with desk.transaction("demo") as tx:
        assert tx.value("SELECT count(*) FROM log_entry WHERE kind = 'book.import'") == 2


def test_a_file_that_was_mended_whole_leaves_the_list(desk: Database, store: Store) -> None:
    sent = [("loans.csv", WRONG.encode()), ("payments.csv", PAYMENTS.encode())]
    mend(desk, store, sent, [(fault_of(desk, store, "loans").key, "1200000")])
    assert waiting(desk, store) == []


def test_rows_of_a_file_are_mended_one_after_the_other(desk: Database, tmp_path: Path) -> None:
    store = Store(tmp_path / "book" / "demo")
    twice = WRONG.replace("C1,1200000", "C1,x")
    bring(desk, store, order(tape(tmp_path / "t", loans=twice)))
    assert waiting(desk, store) == [("loans", 1, "principal_minor"), ("loans", 2, "principal_minor")]
    source = fault_of(desk, store, "loans").source[:16]
    sent = [("loans.csv", twice.encode())]
    mend(desk, store, sent, [(f"{source}:1:principal_minor", "1200000")])
    assert waiting(desk, store) == [("loans", 2, "principal_minor")]
    mend(desk, store, sent, [(f"{source}:2:principal_minor", "1200000")], days=2)
    assert waiting(desk, store) == [], "the row that was mended first does not come back"
    assert read(desk, store, "loans").height == 2


def test_a_correction_that_mends_nothing_says_so_and_writes_no_version(desk: Database, store: Store) -> None:
    before, listed = versions(desk), waiting(desk, store)
    sent = [("loans.csv", WRONG.encode()), ("payments.csv", PAYMENTS.encode())]
    key = fault_of(desk, store, "loans").key
    with pytest.raises(mending.StillWrong, match=r"still wrong in each row \(2\)"):
        mend(desk, store, sent, [(key, "abc")])
    assert (versions(desk), waiting(desk, store)) == (before, listed)
    assert fault_of(desk, store, "loans").value == "12OO000", "as the lender sent it"


def test_a_row_that_turns_out_to_be_in_the_book_leaves_the_list_too(
    desk: Database, store: Store, tmp_path: Path
) -> None:
    bring(desk, store, order(tape(tmp_path / "next", loans=LOANS, payments=PAYMENTS)), now=NOW + timedelta(hours=1))
    assert waiting(desk, store), "the file of the day before is still as it was sent"
    sent = [("loans.csv", WRONG.encode()), ("payments.csv", PAYMENTS.encode())]
    mend(desk, store, sent, [(fault_of(desk, store, "loans").key, "1200000")])
    assert waiting(desk, store) == []


def test_an_import_that_took_nothing_takes_no_row_off_the_list(desk: Database, store: Store, tmp_path: Path) -> None:
    twice = WRONG.replace("C1,1200000", "C1,x")
    wrong = tape(tmp_path / "wrong", loans=twice)
    bring(desk, store, order(wrong), now=NOW + timedelta(hours=1))
    source = sha256(twice.encode()).hexdigest()[:16]
    (tmp_path / "mine.csv").write_bytes(mending.patch_of([(f"{source}:1:principal_minor", "1200000")]))
    wanted = order(wrong, all_or_nothing=True, patch=load(tmp_path / "mine.csv"))
    with pytest.raises(Quarantined):
        bring(desk, store, wanted, now=NOW + timedelta(hours=2))
    with desk.transaction("demo") as tx:
        assert mending.waiting(tx, store).of([sha256(twice.encode()).hexdigest()]).rows == 2


def test_another_file_or_nothing_mends_nothing(desk: Database, store: Store) -> None:
    fault = fault_of(desk, store, "loans")
    for files, mends in (
        ([], [(fault.key, "1")]),
        ([("loans.csv", WRONG.encode())], []),
        ([("loans.csv", (WRONG + "\n").encode())], [(fault.key, "1")]),
    ):
        with pytest.raises(Trouble):
            mend(desk, store, files, mends)
    assert {records for records, _row, _field in waiting(desk, store)} == {"loans", "payments"}


def test_a_file_name_leads_nowhere_else(desk: Database, store: Store, tmp_path: Path) -> None:
    fault = fault_of(desk, store, "loans")
    sent = [("../../loans.csv", WRONG.encode()), ("payments.csv", PAYMENTS.encode())]
    assert mend(desk, store, sent, [(fault.key, "1200000")]).version == 2
    assert not list(tmp_path.parent.glob("loans.csv"))


def test_the_same_corrections_are_a_patch_file(desk: Database, store: Store) -> None:
    fault = fault_of(desk, store, "loans")
    assert mending.patch_of([(fault.key, "1,2")]).decode().splitlines()[1].endswith(',2,principal_minor,"1,2"')
