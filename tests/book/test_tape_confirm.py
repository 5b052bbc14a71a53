"""A payment known from the desk and again from a tape is one payment."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from duecourse.book.store import Store
from duecourse.book.tables import DESK
from duecourse.book.tape.confirm import NEEDED, confirm
from duecourse.core.events import Kind
from duecourse.core.ids import loan_key
from duecourse.storage import books
from duecourse.storage.connection import BATCH, Database
from tests.desk import enter
from tests.tapes import LOANS, NOW, bring, order, read, tape

DAY = date(2026, 2, 20)


def payments(*rows: tuple[int, str, int, date]) -> pl.DataFrame:
    return pl.DataFrame(
        rows, schema={"loan_key": pl.Int64, "ref": pl.String, "amount": pl.Int64, "effective": pl.Date}, orient="row"
    )


def test_the_reference_matches_first_then_amount_and_value_day() -> None:
    desk = payments((1, "P1", 500, DAY), (1, "cash", 700, DAY), (1, "cash2", 700, DAY), (2, "x", 5, DAY))
    later = DAY + timedelta(days=1)
    tape_ = payments((1, "P1", 500, later), (1, "T7", 700, DAY), (2, "y", 5, later), (3, "x", 5, DAY))
    found = confirm(desk, tape_)
    assert found.pairs.rows() == [(1, "P1", "P1", True), (1, "T7", "cash", False)]
    assert found.open.select(NEEDED).rows() == [(1, "cash2", 700, DAY), (2, "x", 5, DAY)]


def test_each_confirms_one() -> None:
    two = payments((1, "a", 700, DAY), (1, "b", 700, DAY))
    assert confirm(two, payments((1, "t1", 700, DAY), (1, "t2", 700, DAY), (1, "t3", 700, DAY))).pairs.height == 2
    assert confirm(payments((1, "a", 700, DAY)), two.with_columns(ref=pl.col("ref") + "t")).pairs.height == 1


@pytest.mark.parametrize("postgres", ["embedded"], indirect=True)
def test_a_tape_does_not_double_what_the_desk_brought(database_url: str, tmp_path: Path) -> None:
    store = Store(tmp_path / "book" / "demo")
    with Database(database_url, limits=BATCH) as database:
        enter(database)
        bring(database, store, order(tape(tmp_path / "t", loans=LOANS)))
        _from_the_desk(database, store)
        text = "loan_ref,payment_ref,paid_on,amount_minor\nL1,BANK-1,2026-02-20,700\nL1,BANK-2,2026-02-20,700\n"
        done = bring(database, store, order(tape(tmp_path / "u", payments=text)))
        assert done.looked.arrival.change.rows["events"]["ref"].to_list() == ["BANK-2"]
        events = read(database, store, "events").filter(pl.col("kind") == int(Kind.PAYMENT))
        assert events["amount"].to_list() == [700, 700]


def _from_the_desk(database: Database, store: Store) -> None:
    """Put a payment of the desk into the book, as the day run does with entries up to N."""
    with database.transaction("demo") as tx:
        row = books.newest(tx)
        assert row is not None
        from duecourse.book.store import version_from  # noqa: PLC0415

        at = version_from(row.version, row.tables)
        have = store.read(at, "events").filter(pl.col("loan_key") == loan_key("demo", "L1"))
        paid = have.with_columns(
            kind=pl.lit(int(Kind.PAYMENT), pl.Int8), rank=pl.lit(50, pl.Int8), ref=pl.lit("entry-17"),
            amount=pl.lit(700, pl.Int64), effective=pl.lit(DAY), source=pl.lit(f"{DESK}17"),
        )  # fmt: skip
        store.begin(at)
        new = store.append(at, {"events": paid})
        books.commit_version(
            tx,
            books.BookVersion(new.version, at.version, NOW, "desk", new.plain(), new.content_hash, 17),
        )
    store.done()
