"""The desk's ledger: an event entered here counts at once, is in the book once, and one with what the tape brings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Event as Flag
from threading import Thread
from typing import Any

import psycopg
import pytest

from duecourse.book.store import Store
from duecourse.casework import ledger
from duecourse.casework.actor import Actor, Role
from duecourse.casework.case_figures import with_desk
from duecourse.casework.ledger import NotInLedger, Read
from duecourse.casework.notice_figures import Figures, figures
from duecourse.casework.opened_case import OpenedCase, open_case
from duecourse.core.delinquency import explained
from duecourse.core.events import MONEY_IN, Kind
from duecourse.core.explain import Account
from duecourse.core.ids import loan_key
from duecourse.storage import books, desk_events, log
from duecourse.storage.connection import Database, Tx
from duecourse.storage.desk_events import DeskEvent, RefTaken, TakenBack
from duecourse.storage.entries import Filter
from tests import day_desk, desk, tapes, work_desk
from tests.tapes import VAULT

ACTOR = Actor(Role.OPERATOR, "test")
DAY = date(2026, 3, 1)
L1 = loan_key("demo", "L1")


@dataclass
class Book:
    """A book of two loans, and a clock that goes on by a second with each look."""

    database: Database
    store: Store
    folder: Path
    at: datetime = tapes.NOW
    tapes: int = field(default=0)

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    @contextmanager
    def tx(self) -> Iterator[Tx]:
        with self.database.transaction("demo") as tx:
            yield tx

    def enter(self, kind: Kind, *, loan: int = L1, effective: date = DAY, **more: Any) -> DeskEvent:  # noqa: ANN401 - as `ledger.enter`
        with self.tx() as tx:
            return ledger.enter(
                tx, self.store, vault=VAULT, loan_key=loan, kind=kind, effective=effective, source="test",
                actor=ACTOR, now=self.now(), **more,
            )  # fmt: skip

    def back(self, target: str) -> DeskEvent:
        with self.tx() as tx:
            return ledger.take_back(
                tx, self.store, vault=VAULT, loan_key=L1, target=target, source="error", actor=ACTOR, now=self.now()
            )

    def read(self, loan: int = L1, **more: object) -> Read:
        with self.tx() as tx:
            return ledger.read_loan(tx, self.store, loan_key=loan, now=self.now(), **more)  # type: ignore[arg-type]

    def take_up(self) -> ledger.TakenUp | None:
        with self.tx() as tx:
            done = ledger.take_up(tx, self.store, vault=VAULT, actor=ACTOR, now=self.now())
        if done:
            self.store.done()
        return done

    def bring(self, payments: str) -> None:
        self.tapes += 1
        folder = tapes.tape(
            self.folder / f"tape{self.tapes}", payments="loan_ref,payment_ref,paid_on,amount_minor\n" + payments
        )
        tapes.bring(self.database, self.store, tapes.order(folder), now=self.now())


@pytest.fixture
def book(database: Database, tmp_path: Path) -> Book:
    desk.enter(database)
    store = Store(tmp_path / "book")
    tapes.bring(database, store, tapes.order(tapes.tape(tmp_path / "t", loans=tapes.LOANS, payments=tapes.PAYMENTS)))
    return Book(database, store, tmp_path)


def paid(read: Read, day: date = DAY) -> int:
    """Paid in total; the derivation must add up to it."""
    found, trace = explained(read.loan, day, known=read.known)
    totals = trace.totals()
    assert totals[Account.NOT_DUE] == found.not_due
    assert totals[Account.PRINCIPAL] == found.principal
    assert totals[Account.CREDIT] == found.credit
    return found.paid_total


def test_an_event_counts_at_once_and_is_on_record(book: Book) -> None:
    assert paid(book.read()) == 50_000
    made = book.enter(Kind.PAYMENT, amount=12_345, ref="BANK-1")
    assert paid(book.read()) == 62_345
    with book.tx() as tx:
        entry = log.of_person(tx, made.person_id)[0]
    assert (entry.kind, entry.entry_id) == ("ledger.entered", made.entry_id)


def test_it_is_in_the_book_once_and_read_once(book: Book) -> None:
    made = book.enter(Kind.PAYMENT, amount=12_345)
    before = book.read()
    assert [one.event.ref for one in before.after] == [made.event.ref]
    done = book.take_up()
    assert done is not None
    assert (done.events, done.confirmed) == (1, 0)
    after = book.read()
    assert after.after == ()
    assert after.version == done.version
    assert paid(after) == paid(before) == 62_345
    assert book.take_up() is None
    assert tapes.read(book.database, book.store, "events").filter(ref=made.event.ref).height == 1
    # who still reads the version before has it from the desk
    assert paid(book.read(version=before.version, known=book.now())) == 62_345


def test_what_was_not_known_then_does_not_count_then(book: Book) -> None:
    then = book.now()
    book.enter(Kind.PAYMENT, amount=12_345)
    assert paid(book.read(known=then)) == 50_000
    book.take_up()
    assert paid(book.read(known=then)) == 50_000
    assert paid(book.read(known=book.now())) == 62_345


def test_an_event_is_taken_back_once_and_for_all(book: Book) -> None:
    made = book.enter(Kind.PAYMENT, amount=12_345)
    book.back(made.event.ref)
    assert paid(book.read()) == 50_000
    with pytest.raises(TakenBack):
        book.back(made.event.ref)
    book.take_up()
    with pytest.raises(TakenBack):
        book.back(made.event.ref)
    assert paid(book.read()) == 50_000


def test_a_reference_is_one_events_alone(book: Book) -> None:
    book.enter(Kind.PAYMENT, amount=1, ref="BANK-1")
    with pytest.raises(RefTaken):
        book.enter(Kind.PAYMENT, amount=2, ref="BANK-1", loan=loan_key("demo", "L2"))
    with pytest.raises(RefTaken):
        book.enter(Kind.PAYMENT, amount=2, ref="P1")  # the tape's


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (Kind.PAYMENT, {"amount": 0}),
        (Kind.PAYMENT, {"amount": -5}),
        (Kind.PAYMENT, {"amount": 10**13 + 1}),
        (Kind.PAYMENT, {"amount": 5, "effective": date(2025, 12, 31)}),
        (Kind.PAYMENT, {"amount": 5, "effective": date(2026, 3, 2)}),
        (Kind.DRAWDOWN, {"amount": 5}),
        (Kind.REVERSAL, {"target": "nothing"}),
    ],
)
def test_what_is_no_event_of_the_loan_is_refused(book: Book, kind: Kind, more: dict[str, Any]) -> None:
    with pytest.raises(NotInLedger):
        book.enter(kind, **more)
    assert paid(book.read()) == 50_000


def test_the_tape_confirms_by_reference(book: Book) -> None:
    book.enter(Kind.PAYMENT, amount=12_345, ref="P9")
    book.take_up()
    book.bring("L1,P9,2026-03-01,12345\n")
    assert paid(book.read()) == 62_345
    with book.tx() as tx:
        assert desk_events.get(tx, "P9").tape_ref == "P9"


def test_the_tape_confirms_by_amount_and_day_and_each_of_its_payments_once(book: Book) -> None:
    book.enter(Kind.PAYMENT, amount=12_345, ref="BANK-1")
    book.take_up()
    book.bring("L1,P9,2026-03-01,12345\n")
    assert paid(book.read()) == 62_345
    book.bring("L1,P9,2026-03-01,12345\n")  # the same again
    assert paid(book.read()) == 62_345
    book.bring("L1,P10,2026-03-01,12345\n")  # another payment of the same amount on the same day
    assert paid(book.read()) == 74_690


def test_a_tape_that_is_first_in_the_book_confirms_what_waits(book: Book) -> None:
    made = book.enter(Kind.PAYMENT, amount=12_345, ref="BANK-1")
    book.bring("L1,P9,2026-03-01,12345\n")  # imported without taking up before: the same money, told twice
    assert paid(book.read()) == 62_345
    done = book.take_up()
    assert done is not None
    assert done.confirmed == 1
    assert paid(book.read()) == 62_345
    book.back(made.event.ref)  # what was one is taken back as one
    assert paid(book.read()) == 50_000
    book.take_up()
    assert paid(book.read()) == 50_000


def test_a_payment_that_the_tape_had_told_before_confirms_nothing(book: Book) -> None:
    book.enter(Kind.PAYMENT, amount=50_000, effective=date(2026, 2, 20))  # P1 is of that amount and day
    assert paid(book.read()) == 100_000
    book.take_up()
    assert paid(book.read()) == 100_000


def test_rows_never_change(book: Book, database_url: str) -> None:
    book.enter(Kind.PAYMENT, amount=1)
    book.take_up()
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("SELECT set_config('duecourse.lender_id', 'demo', false)")
        for statement in ("UPDATE desk_event SET amount = 2", "DELETE FROM desk_event", "DELETE FROM desk_event_taken"):
            with pytest.raises(psycopg.errors.RestrictViolation):
                owner.execute(statement)


def test_whoever_reads_while_versions_are_published_sees_every_event_once(book: Book) -> None:
    """A reader in another thread reads on and on: what is paid only grows, by whole payments, and never twice."""
    seen, over = list[int](), Flag()
    clock = book.at + timedelta(days=1)

    def look() -> None:
        while not over.is_set():
            with book.database.transaction("demo") as tx:
                read = ledger.read_loan(tx, book.store, loan_key=L1, now=clock)
            seen.append(paid(read))

    reader = Thread(target=look)
    reader.start()
    for n in range(12):
        book.enter(Kind.PAYMENT, amount=100)
        if n % 2:
            book.take_up()
    over.set()
    reader.join()
    assert paid(book.read()) == 51_200
    assert seen == sorted(seen)
    assert all((one - 50_000) % 100 == 0 and one <= 51_200 for one in seen)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_in_whatever_order_money_is_conserved(book: Book, seed: int) -> None:
    """Entries, reversals, tapes that bring the same again, versions in between: the loan is what truly happened."""
    chance = Random(seed)
    stands: dict[str, int] = {"P1": 50_000}
    untold = list[tuple[str, int]]()
    for step in range(14):
        match chance.choice(("pay", "pay", "waive", "back", "tape", "take_up", "take_up")):
            case "pay":
                amount = chance.choice((500, 500, 700))
                made = book.enter(Kind.PAYMENT, amount=amount, ref=f"B{step}")
                stands[made.event.ref] = amount
                untold.append((made.event.ref, amount))
            case "waive":
                book.enter(Kind.WAIVER, amount=chance.choice((1, 50)), parts=(3,))
            case "back":
                mine = [ref for ref in stands if ref.startswith("B")]
                if mine:
                    ref = chance.choice(mine)
                    book.back(ref)
                    del stands[ref]
            case "tape":
                if chance.random() < 0.5:
                    book.take_up()
                rows = [
                    f"L1,{ref if chance.random() < 0.5 else 'T' + ref},2026-03-01,{minor}\n" for ref, minor in untold
                ]
                if rows:
                    book.bring("".join(rows))
                untold.clear()
            case _:
                book.take_up()
        read = book.read()
        assert paid(read) == sum(stands.values())
        refs = [one.ref for one in read.loan.events]
        assert len(refs) == len(set(refs))
    with book.tx() as tx:
        row = books.newest(tx)
    book.take_up()
    assert row is not None
    assert paid(book.read()) == sum(stands.values())
    assert {one.kind for one in book.read().loan.events} & MONEY_IN


def test_case_and_notices_count_what_the_desk_entered_whoever_has_it_by_now(database: Database, tmp_path: Path) -> None:
    store = Store(tmp_path / "book")
    shown = work_desk.set_up(database, store, VAULT)
    case = work_desk.listed(database, shown, Filter(collector_id="a0")).entries[0]
    now = work_desk.NOW

    def opened() -> tuple[OpenedCase, Figures]:
        with database.transaction("demo") as tx:
            found = with_desk(tx, store, open_case(tx, case.case_id, now=now), now=now)
            loans = [one.loan_key for one in found.loans]
            return found, figures(tx, store, person_id=case.person_id, loan_keys=loans)

    before, said = opened()
    assert before.figures_of is None
    assert before.snapshot is not None
    first = before.loans[0]
    with database.transaction("demo") as tx:
        ledger.enter(
            tx, store, vault=VAULT, loan_key=first.loan_key, kind=Kind.PAYMENT, effective=day_desk.DAY, source="test",
            amount=1, actor=ACTOR, now=now,
        )  # fmt: skip
    for _ in range(2):
        after, says = opened()
        assert after.snapshot is not None
        assert after.figures_of == day_desk.DAY
        assert after.loans[0].paid_total_minor == (first.paid_total_minor or 0) + 1
        assert after.snapshot.settle_minor == before.snapshot.settle_minor - 1 == says.settle
        assert after.snapshot.overdue_minor == before.snapshot.overdue_minor - 1
        assert said.settle - says.settle == 1
        ledger.take_up_first(database, store, "demo", vault=VAULT, actor=ACTOR, now=now)
