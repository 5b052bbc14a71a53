"""Real tapes through the import itself: what becomes of them in the book and at the desk, and the day that follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from duecourse.book.day import NotClassed
from duecourse.book.store import Store, version_from
from duecourse.casework.day_run import run
from duecourse.storage import books
from duecourse.storage.connection import BATCH, Database
from duecourse.storage.lenders import Lender
from tests.desk import enter
from tests.tapes import ACTOR, VAULT, bring, order, read

NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
DAY = date(2026, 2, 28)


class Expected(NamedTuple):
    """A public set: its folder, the lender's law, currency and zone; loans, borrowers, and cases of the day."""

    folder: str
    law: str
    currency: str
    zone: str
    loans: int
    people: int
    cases: int
    quarantined: int = 0


SETS = {
    "lendingclub_2018": Expected("p2p_lendingclub_2018_book", "US", "USD", "America/Los_Angeles", 7_482, 7_482, 7_138),
    "lendingclub_2007_2011": Expected(
        "p2p_lendingclub_2007_2011", "US", "USD", "America/Los_Angeles", 30_042, 30_042, 4_382
    ),
    "microloans_nigeria": Expected("microloans_nigeria", "CN", "NGN", "Africa/Lagos", 12_725, 3_251, 0, 3),
    "card_monthly_status": Expected("card_monthly_status", "CN", "CNY", "Asia/Shanghai", 0, 0, 0),
    "invoices_receivable": Expected("invoices_receivable", "US", "USD", "UTC", 1_845, 100, 0),
}


def lender(of: Expected) -> Lender:
    return Lender("demo", "Demo", of.law, of.zone, of.currency, "bank", demo=True, masters={})


@pytest.mark.parametrize("name", SETS)
def test_a_public_tape_is_imported_once_and_its_day_is_run(
    database_url: str, tmp_path: Path, public_data: Callable[[str], Path], name: str
) -> None:
    of = SETS[name]
    store = Store(tmp_path / "book" / "demo")
    with Database(database_url, limits=BATCH) as database:
        enter(database, lender(of))
        wanted = order(public_data(of.folder), mapping=name)
        done = bring(database, store, wanted, now=NOW)
        assert (done.version, done.looked.quarantined) == (1, of.quarantined)
        assert not bring(database, store, wanted, now=NOW).changed
        with database.transaction("demo") as tx:
            newest = books.newest(tx)
            people = tx.value("SELECT count(*) FROM person")
        assert newest is not None
        assert store.verified(version_from(newest.version, newest.tables)) == []
        assert read(database, store, "loans").height == of.loans
        assert people == of.people
        ran = run(database, store, lender_id="demo", day=DAY, vault=VAULT, actor=ACTOR, clock=lambda: NOW)
    rows = {table: output["rows"] for table, output in ran.manifest["outputs"].items()}
    assert (rows["ages"], rows["snapshot"], rows["faults"]) == (of.loans, of.cases, 0)


def test_a_day_for_which_no_rule_gives_a_stage_is_not_run(
    database_url: str, tmp_path: Path, public_data: Callable[[str], Path]
) -> None:
    of = SETS["lendingclub_2018"]
    store = Store(tmp_path / "book" / "demo")
    with Database(database_url, limits=BATCH) as database:
        enter(database, lender(of))
        bring(database, store, order(public_data(of.folder), mapping="lendingclub_2018"), now=NOW)
        with pytest.raises(
            NotClassed, match="no rule in force on 2018-06-30 gives stage_rank for a lender of type bank"
        ):
            run(
                database, store, lender_id="demo", day=date(2018, 6, 30), vault=VAULT, actor=ACTOR, clock=lambda: NOW
            )  # fmt: skip
