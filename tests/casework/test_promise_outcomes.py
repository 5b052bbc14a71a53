"""What becomes of promises: kept, partly kept, broken, renegotiated; to the cent, on record, one at a time."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from duecourse.book.store import Store
from duecourse.book.tables import EVENTS
from duecourse.casework.actor import Actor, Role
from duecourse.casework.disclosure import openings
from duecourse.casework.figures import asking
from duecourse.casework.figures.asking import FIGURES
from duecourse.casework.figures.figure import Ground, Span, asked
from duecourse.casework.ledger import enter, take_back
from duecourse.casework.promise_settling import settle_promises
from duecourse.casework.promises import (
    PORTAL,
    NotAPromise,
    WhyAnew,
    record_promise,
    renegotiate_promise,
    set_limits,
    withdraw_promise,
)
from duecourse.core.events import RANK, Kind
from duecourse.core.ids import shard as shard_of
from duecourse.core.money import Money
from duecourse.evidence.record import read
from duecourse.storage import cases, lenders, log, persons, promise_settlements
from duecourse.storage import promises as kept
from duecourse.storage.connection import Database
from duecourse.storage.entries import Entry as Listed
from duecourse.storage.entries import Filter, Scope
from duecourse.storage.log import Entry
from duecourse.storage.promise_settlements import Settlement
from duecourse.storage.promises import Limits, Promise
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests import work_desk
from tests.day_desk import DAY, SHARDS, add_version
from tests.work_desk import COLLECTOR, NOW, OTHER, every

VAULT = Vault(new_ring())
RUN = Actor(Role.SCHEDULE, "day")
DUE = DAY + timedelta(days=2)


def end_of(day: date) -> datetime:
    """The last instant of a day in Shanghai."""
    return datetime(day.year, day.month, day.day, 15, 59, 59, 999_999, tzinfo=UTC)


def stated(entry: Entry) -> dict[str, Any]:
    """What a record states."""
    found: dict[str, Any] = read(entry.content)["stated"]  # type: ignore[assignment]
    return found


class Desk:
    """A desk with a published day, and one case to promise in."""

    def __init__(self, database: Database, store: Store) -> None:
        self.database, self.store, self.refs = database, store, 0
        shown = work_desk.set_up(database, store, VAULT, 150)
        self.cases = every(database, shown, Filter(collector_id="a0", scope=Scope.ALL))
        self.case: Listed = self.cases[0]

    def promise(self, minor: int, due: date = DUE, *, now: datetime = NOW, **more: object) -> int:
        with self.database.transaction("demo") as tx:
            return record_promise(
                tx, vault=VAULT, case_id=self.case.case_id, amount=Money(minor, self.case.currency), due=due, now=now,
                **({"actor": COLLECTOR} | more),  # type: ignore[arg-type]
            )  # fmt: skip

    def renegotiate(self, number: int, minor: int, due: date = DUE, *, now: datetime = NOW) -> int:
        with self.database.transaction("demo") as tx:
            return renegotiate_promise(
                tx, vault=VAULT, promise_id=number, amount=Money(minor, self.case.currency), due=due,
                why=WhyAnew.INCOME_LATE, actor=OTHER, now=now,
            )  # fmt: skip

    def tape(self, minor: int, day: date, *, known: datetime, ref: str = "", target: str = "") -> None:
        """A version of the book with one payment more, one taken back, or nothing new but the instant."""
        self.refs += 1
        with self.database.transaction("demo") as tx:
            loan = cases.loans_of(tx, self.case.case_id)[0]
        kind = Kind.REVERSAL if target else Kind.PAYMENT
        row = {
            "shard": shard_of(self.case.person_id, SHARDS), "loan_key": loan, "effective": day,
            "rank": RANK.get(kind, 0), "kind": kind.value, "known": known, "ref": ref or f"T{self.refs}",
            "amount": minor, "target": target, "set_no": 0, "source": "test",
        }  # fmt: skip
        rows = pl.DataFrame([row], schema={name: EVENTS[name] for name in row}).with_columns(
            **{name: pl.lit(None, dtype=kind) for name, kind in EVENTS.items() if name not in row}
        )
        add_version(self.database, self.store, {"events": rows.select(list(EVENTS))}, known=known)

    def settle(self, now: datetime) -> int:
        with self.database.transaction("demo") as tx:
            return settle_promises(tx, self.store, vault=VAULT, actor=RUN, now=now)

    def settled(self, number: int) -> list[Settlement]:
        with self.database.transaction("demo") as tx:
            return promise_settlements.of_promise(tx, number)

    def get(self, number: int) -> Promise:
        with self.database.transaction("demo") as tx:
            return kept.get(tx, number)

    def kinds(self) -> list[str]:
        with self.database.transaction("demo") as tx:
            return [one.kind for one in log.of_person(tx, self.case.person_id)]

    def figure(self, *by: str, where: tuple[str, ...] = ()) -> dict[tuple[str, ...], dict[str, int]]:
        with self.database.transaction("demo") as tx:
            ask = asked(FIGURES["promise.kept"], Span(DAY, DAY + timedelta(days=9)), by=by, where=where)
            found = asking.answer(FIGURES["promise.kept"], ask, Ground(tx, self.store, NOW))
        return {tuple(one.at.values()): dict(one.of) for one in found.cells}


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, Store(tmp_path / "book"))


def test_what_came_by_the_day_is_counted_to_the_cent_and_the_rest_is_told(desk: Desk) -> None:
    number = desk.promise(500)
    desk.tape(499, DUE, known=end_of(DUE), ref="LAST")
    desk.tape(1, DUE + timedelta(days=1), known=end_of(DUE + timedelta(days=1)), ref="LATE")
    assert desk.settle(end_of(DUE) + timedelta(days=2)) == 1
    (one,) = desk.settled(number)
    assert (one.state, one.paid_minor, one.amount_minor) == ("partly_kept", 499, 500)
    assert [(each["ref"], each["minor"], each["why"]) for each in one.looked_at] == [
        ("LAST", 499, "counted"), ("LATE", 1, "late"),
    ]  # fmt: skip
    assert (desk.get(number).became, desk.kinds()[0]) == ("partly_kept", "promise.settled")
    with desk.database.transaction("demo") as tx:
        entry = log.of_person(tx, desk.case.person_id)[0]
        key = VAULT.person("demo", desk.case.person_id, persons.wrapped(tx, desk.case.person_id))
        told = {each.field: each.value for each in openings(tx, entry, key)}
    assert stated(entry)["state"] == "partly_kept"
    assert (told["paid"], told["amount"]) == (499, 500)
    assert [each[3] for each in told["looked_at"]] == ["counted", "late"]  # type: ignore[union-attr,index]


def test_nothing_is_settled_before_its_day_has_ended_and_once_only(desk: Desk) -> None:
    number = desk.promise(500)
    desk.tape(500, DUE, known=end_of(DUE) - timedelta(hours=1))
    assert (desk.settle(end_of(DUE)), desk.settled(number)) == (0, [])
    desk.tape(7, DUE + timedelta(days=1), known=end_of(DUE) + timedelta(hours=9))
    assert desk.settle(NOW + timedelta(days=3)) == 1
    assert desk.settle(NOW + timedelta(days=4)) == 0
    assert [(one.state, one.kept_day) for one in desk.settled(number)] == [("kept", DUE)]


def test_a_payment_taken_back_or_learnt_late_settles_anew(desk: Desk) -> None:
    number = desk.promise(500)
    desk.tape(500, DUE, known=end_of(DUE), ref="P1")
    desk.settle(NOW + timedelta(days=3))
    desk.tape(0, DUE + timedelta(days=2), known=end_of(DUE + timedelta(days=2)), target="P1")
    assert desk.settle(NOW + timedelta(days=5)) == 1
    desk.tape(200, DUE, known=end_of(DUE + timedelta(days=3)), ref="P2")
    assert desk.settle(NOW + timedelta(days=6)) == 1
    found = desk.settled(number)
    assert [(one.ordinal, one.state, one.paid_minor) for one in found] == [
        (1, "kept", 500), (2, "broken", 0), (3, "partly_kept", 200),
    ]  # fmt: skip
    assert {each["ref"]: each["why"] for each in found[2].looked_at} == {"P1": "taken_back", "P2": "counted"}


def test_what_the_desk_entered_counts_without_a_new_book_where_it_is_master(desk: Desk) -> None:
    number = desk.promise(500)
    with desk.database.transaction("demo") as tx:
        loan = cases.loans_of(tx, desk.case.case_id)[0]
        done = enter(
            tx, desk.store, vault=VAULT, loan_key=loan, kind=Kind.PAYMENT, effective=DAY, amount=300, source="test",
            actor=OTHER, now=NOW + timedelta(hours=1),
        )  # fmt: skip
    later = NOW + timedelta(days=3)
    assert desk.settle(later) == 0  # the tape is master, and has not told of the day
    with desk.database.transaction("demo") as tx:
        lenders.set_masters(tx, {"payment": "desk"})
    assert desk.settle(later) == 1
    assert (desk.settled(number)[0].state, desk.settled(number)[0].paid_minor) == ("partly_kept", 300)
    with desk.database.transaction("demo") as tx:
        take_back(
            tx, desk.store, vault=VAULT, loan_key=loan, target=done.event.ref, source="test", actor=OTHER, now=later,
            effective=DUE + timedelta(days=1),
        )  # fmt: skip
    assert desk.settle(later) == 1
    assert [one.state for one in desk.settled(number)] == ["partly_kept", "broken"]


def test_money_known_before_the_promise_was_given_keeps_nothing(desk: Desk) -> None:
    desk.tape(500, DAY, known=NOW - timedelta(hours=1), ref="MORNING")
    number = desk.promise(500)
    desk.tape(200, DAY, known=end_of(DUE), ref="EVENING")
    desk.settle(NOW + timedelta(days=3))
    (one,) = desk.settled(number)
    assert (one.state, one.paid_minor) == ("partly_kept", 200)
    assert {each["ref"]: each["why"] for each in one.looked_at} == {"MORNING": "before", "EVENING": "counted"}


def test_a_promise_is_renegotiated_once_and_is_then_neither_kept_nor_broken(desk: Desk) -> None:
    first = desk.promise(500)
    second = desk.renegotiate(first, 400, DUE + timedelta(days=1))
    old, new = desk.get(first), desk.get(second)
    assert (old.became, old.replaced_by, old.ended_by) == ("renegotiated", second, "collector:a1")
    assert (new.replaces, new.why, new.amount_minor) == (first, "income_late", 400)
    with desk.database.transaction("demo") as tx:
        entry = log.of_person(tx, desk.case.person_id)[0]
    assert entry.kind == "promise.renegotiated"
    assert {"promise": str(second), "replaces": str(first), "why": "income_late"}.items() <= stated(entry).items()
    with pytest.raises(NotAPromise, match="stands no more"):
        desk.renegotiate(first, 300)
    with pytest.raises(NotAPromise, match="the lender allows 1"):
        desk.renegotiate(second, 300)
    with pytest.raises(NotAPromise, match="the lender allows 1"):
        desk.promise(300)
    desk.tape(400, DUE, known=end_of(DUE + timedelta(days=1)))
    assert desk.settle(NOW + timedelta(days=5)) == 1
    assert (desk.settled(first), desk.settled(second)[0].state) == ([], "kept")


def test_limits_are_the_lenders_and_a_new_word_after_the_day_is_a_new_promise(desk: Desk) -> None:
    with desk.database.transaction("demo") as tx:
        set_limits(tx, vault=VAULT, to=Limits(0, 5), actor=OTHER, now=NOW)
    with pytest.raises(NotAPromise, match="0 to 3 times"), desk.database.transaction("demo") as tx:
        set_limits(tx, vault=VAULT, to=Limits(4, 5), actor=OTHER, now=NOW)
    with pytest.raises(NotAPromise, match="not within 5 days"):
        desk.promise(500, DAY + timedelta(days=6))
    first = desk.promise(500)
    with pytest.raises(NotAPromise, match="the lender allows 0"):
        desk.renegotiate(first, 400)
    after = NOW + timedelta(days=3)
    with pytest.raises(NotAPromise, match="its day has passed"):
        desk.renegotiate(first, 400, DUE + timedelta(days=3), now=after)
    with pytest.raises(NotAPromise, match="what the payments say"), desk.database.transaction("demo") as tx:
        withdraw_promise(tx, vault=VAULT, promise_id=first, actor=OTHER, now=after)
    second = desk.promise(400, DUE + timedelta(days=3), now=after)
    desk.tape(0, DUE, known=end_of(DUE) + timedelta(hours=9))
    desk.settle(after)
    assert (desk.get(first).end_kind, desk.get(first).became, desk.get(second).replaces) == ("settled", "broken", None)


def test_the_same_again_is_no_renegotiation(desk: Desk) -> None:
    with pytest.raises(NotAPromise, match="says the same already"):
        desk.renegotiate(desk.promise(500), 500)
    with pytest.raises(kept.NoSuchPromise):
        desk.renegotiate(987_654, 500)


def test_of_two_who_renegotiate_at_once_one_does(desk: Desk) -> None:
    number, said = desk.promise(500), list[str]()
    ready = threading.Barrier(2)

    def one(minor: int) -> None:
        ready.wait()
        try:
            desk.renegotiate(number, minor)
        except NotAPromise:
            said.append("refused")
        else:
            said.append("done")

    both = [threading.Thread(target=one, args=(minor,)) for minor in (300, 400)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(said) == ["done", "refused"]
    assert desk.kinds().count("promise.renegotiated") == 1


def test_two_that_settle_at_once_leave_one_record(desk: Desk) -> None:
    desk.promise(500)
    desk.tape(500, DUE, known=end_of(DUE))
    ready, done = threading.Barrier(2), list[int]()

    def one() -> None:
        ready.wait()
        done.append(desk.settle(NOW + timedelta(days=3)))

    both = [threading.Thread(target=one) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert (sorted(done), desk.kinds().count("promise.settled")) == ([0, 1], 1)


def test_the_kept_rate_is_by_collector_and_by_where_it_was_given(desk: Desk) -> None:
    first = desk.promise(500)
    desk.renegotiate(first, 400)  # by a1: it stands apart from what a0 took
    desk.tape(400, DUE, known=end_of(DUE))
    desk.case = desk.cases[1]
    desk.promise(300, given=PORTAL, actor=Actor(Role.BORROWER, "p1"))
    desk.tape(100, DUE, known=end_of(DUE) + timedelta(hours=1))
    desk.case = desk.cases[2]
    desk.promise(300, DUE + timedelta(days=5))
    desk.settle(NOW + timedelta(days=3))
    by = desk.figure("collector")
    assert {at: (of["ended"], of["kept"], of["renegotiated"], of["promises"]) for at, of in by.items()} == {
        ("",): (1, 0, 0, 1), ("a0",): (0, 0, 1, 1), ("a1",): (1, 1, 0, 1),
    }  # fmt: skip
    kinds = desk.figure("kind")
    assert (kinds["portal",]["partly_kept"], kinds["portal",]["paid_minor"]) == (1, 100)
    assert (kinds["desk",]["promised_minor"], kinds["desk",]["paid_minor"]) == (400, 400)
    with desk.database.transaction("demo") as tx:
        ask = asked(FIGURES["promise.kept"], Span(DAY, DUE), where=["kind=portal"])
        (row,) = asking.rows(FIGURES["promise.kept"], ask, Ground(tx, desk.store, NOW)).rows
    assert (row["state"], row["person_id"], row["case_id"]) == (
        "partly_kept", desk.cases[1].person_id, desk.cases[1].case_id,
    )  # fmt: skip
