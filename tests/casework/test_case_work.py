"""What people do to a case by hand: notes, promises, skips, taking and handing back; each attributed and on record."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import psycopg
import pytest

from duecourse.book.store import Store
from duecourse.book.tables import EVENTS
from duecourse.casework import assignment, notes, promises
from duecourse.casework.assignment import Handover, NotAssigned, NotSkipped, SkipReason
from duecourse.casework.language import NotALanguage, note_language
from duecourse.casework.notes import NotANote
from duecourse.casework.promises import NotAPromise, reckon_promises
from duecourse.casework.reveal import NoPurpose
from duecourse.casework.speech import NotToBeNoted
from duecourse.core.events import RANK, Kind
from duecourse.core.ids import shard as shard_of
from duecourse.core.money import Money
from duecourse.core.promise import PromiseState
from duecourse.evidence.record import read
from duecourse.storage import assignments, cases, log, persons
from duecourse.storage import notes as kept_notes
from duecourse.storage import promises as kept
from duecourse.storage.assignments import SkippedAlready
from duecourse.storage.connection import Database
from duecourse.storage.entries import Entry, EntryState, Filter, Published, Scope
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests import work_desk
from tests.day_desk import DAY, SHARDS, add_version
from tests.work_desk import COLLECTOR, NOW, OTHER, every, listed

VAULT = Vault(new_ring())
MINE = Filter(collector_id="a0")


class Desk:
    """A desk with a published day."""

    def __init__(self, database: Database, store: Store, shown: Published) -> None:
        self.database, self.store, self.shown = database, store, shown

    def first(self, wanted: Filter = MINE) -> Entry:
        return listed(self.database, self.shown, wanted).entries[0]

    def records(self, person: int) -> list[tuple[str, str]]:
        with self.database.transaction("demo") as tx:
            return [(one.kind, one.actor) for one in log.of_person(tx, person)]


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    store = Store(tmp_path / "book")
    return Desk(database, store, work_desk.set_up(database, store, VAULT))


def test_a_note_is_sealed_and_reading_it_is_on_record(desk: Desk) -> None:
    case = desk.first()
    with desk.database.transaction("demo") as tx:
        notes.record_note(
            tx, vault=VAULT, case_id=case.case_id, text="  他说周五还款。 ", actor=COLLECTOR, now=NOW
        )  # fmt: skip
        (kept_one,) = kept_notes.sealed(tx, case.person_id)
        assert "周五".encode() not in kept_one.text_sealed
        with pytest.raises(NoPurpose):
            notes.read_notes(tx, vault=VAULT, person_id=case.person_id, purpose="", actor=OTHER, now=NOW)
        (found,) = notes.read_notes(
            tx, vault=VAULT, person_id=case.person_id, purpose="contact", actor=OTHER, now=NOW
        )  # fmt: skip
    assert found.text.value == "他说周五还款。"
    assert desk.records(case.person_id)[:2] == [("person.reveal", "collector:a1"), ("note.recorded", "collector:a0")]
    with desk.database.transaction("demo") as tx:
        entry = log.of_person(tx, case.person_id)[0]
    assert read(entry.content)["stated"] == {"purpose": "contact", "field": "note", "values": 1}
    assert "周五".encode() not in entry.content


@pytest.mark.parametrize("text", ["", "   ", "x" * 4_001, "a\0b"])
def test_what_is_no_note(desk: Desk, text: str) -> None:
    with pytest.raises(NotANote), desk.database.transaction("demo") as tx:
        notes.record_note(tx, vault=VAULT, case_id=desk.first().case_id, text=text, actor=COLLECTOR, now=NOW)


def test_a_note_that_insults_or_threatens_is_not_written(desk: Desk) -> None:
    case = desk.first().case_id
    bad = ("他就是个老赖，臭不要脸", "这个王 八 蛋又没接", "a d3adbeat, said he will pay", "told her: we will kill you")
    for text in bad:
        with pytest.raises(NotToBeNoted) as refused, desk.database.transaction("demo") as tx:
            notes.record_note(tx, vault=VAULT, case_id=case, text=text, actor=COLLECTOR, now=NOW)
        assert refused.value.found.rule in str(refused.value)
    with desk.database.transaction("demo") as tx:
        assert tx.value("SELECT count(*) FROM note") == 0
        plain = "New number 154 0000 0001; she says she will go to court."
        assert notes.record_note(tx, vault=VAULT, case_id=case, text=plain, actor=COLLECTOR, now=NOW)


def test_notes_never_change(desk: Desk, database_url: str) -> None:
    case = desk.first()
    with desk.database.transaction("demo") as tx:
        notes.record_note(tx, vault=VAULT, case_id=case.case_id, text="said", actor=COLLECTOR, now=NOW)
    with psycopg.connect(database_url) as owner:
        owner.execute("SELECT set_config('duecourse.lender_id', 'demo', false)")
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner.execute("UPDATE note SET characters = 1")


def promise(desk: Desk, case: Entry, minor: int, due: date, **more: object) -> int:
    with desk.database.transaction("demo") as tx:
        return promises.record_promise(
            tx, vault=VAULT, case_id=case.case_id, amount=Money(minor, case.currency), due=due, actor=COLLECTOR,
            now=NOW, **more,  # type: ignore[arg-type]
        )  # fmt: skip


def test_a_newer_promise_takes_the_place_of_the_one_that_stood(desk: Desk) -> None:
    case = desk.first()
    first = promise(desk, case, 100, DAY + timedelta(days=3))
    second = promise(desk, case, 200, DAY + timedelta(days=5))
    with desk.database.transaction("demo") as tx:
        assert [one.promise_id for one in kept.standing(tx) if one.case_id == case.case_id] == [second]
        old, new = kept.get(tx, first), kept.get(tx, second)
        assert (old.end_kind, old.became, old.replaced_by) == ("renegotiated", "renegotiated", second)
        assert (new.replaces, new.why, new.renegotiations) == (first, "said_anew", 1)
        promises.withdraw_promise(tx, vault=VAULT, promise_id=second, actor=OTHER, now=NOW)
        assert kept.get(tx, second).end_kind == "withdrawn"
    with pytest.raises(NotAPromise, match="stands no more"), desk.database.transaction("demo") as tx:
        promises.withdraw_promise(tx, vault=VAULT, promise_id=first, actor=OTHER, now=NOW)
    assert [kind for kind, _ in desk.records(case.person_id)][:3] == [
        "promise.withdrawn", "promise.renegotiated", "promise.recorded",
    ]  # fmt: skip


def test_what_is_no_promise(desk: Desk) -> None:
    case = desk.first()
    with pytest.raises(NotAPromise, match="more than settles"):
        promise(desk, case, case.settle_minor + 1, DAY)
    with pytest.raises(NotAPromise, match="not within"):
        promise(desk, case, 100, DAY - timedelta(days=1))
    with pytest.raises(NotAPromise, match="what is paid later is a plan"):
        promise(desk, case, 100, DAY + timedelta(days=63))
    other = next(one for one in every(desk.database, desk.shown, MINE) if one.person_id != case.person_id)
    with pytest.raises(NotAPromise, match="does not owe"):
        promise(desk, case, 100, DAY, promised_by=other.person_id)


def pay(desk: Desk, case: Entry, minor: int, day: date, *, known: datetime, ref: str, target: str = "") -> None:
    """A version of the book with one payment more, or one taken back."""
    with desk.database.transaction("demo") as tx:
        loan = cases.loans_of(tx, case.case_id)[0]
    kind = Kind.REVERSAL if target else Kind.PAYMENT
    row = {
        "shard": shard_of(case.person_id, SHARDS), "loan_key": loan, "effective": day,
        "rank": RANK.get(kind, 0), "kind": kind.value, "known": known, "ref": ref, "amount": minor, "target": target,
        "set_no": 0, "source": "test",
    }  # fmt: skip
    rows = pl.DataFrame([row], schema={name: EVENTS[name] for name in row}).with_columns(
        **{name: pl.lit(None, dtype=kind) for name, kind in EVENTS.items() if name not in row}
    )
    add_version(desk.database, desk.store, {"events": rows.select(list(EVENTS))}, known=known)


def state(desk: Desk, number: int) -> tuple[str | None, int | None]:
    with desk.database.transaction("demo") as tx:
        reckon_promises(tx, desk.store)
        found = kept.get(tx, number)
    return found.state, found.paid_minor


def test_kept_or_broken_is_what_the_payments_say(desk: Desk) -> None:
    case = desk.first()
    due = DAY + timedelta(days=2)
    number = promise(desk, case, 500, due)

    def end_of(day: date) -> datetime:
        return datetime(day.year, day.month, day.day, 15, 59, 59, 999_999, tzinfo=UTC)

    assert state(desk, number) == (PromiseState.OPEN, 0)
    pay(desk, case, 300, DAY + timedelta(days=1), known=end_of(DAY + timedelta(days=1)), ref="P1")
    assert state(desk, number) == (PromiseState.OPEN, 300)
    pay(desk, case, 200, due, known=end_of(due) - timedelta(hours=4), ref="P2")
    assert state(desk, number) == (PromiseState.KEPT, 500)
    pay(desk, case, 0, due, known=end_of(due), ref="R1", target="P2")
    assert state(desk, number) == (PromiseState.PARTLY_KEPT, 300)


def test_of_two_who_take_a_case_one_does(desk: Desk) -> None:
    case = desk.first()
    with desk.database.transaction("demo") as tx:
        assignment.assign_case(
            tx, vault=VAULT, case_id=case.case_id, to=None, reason=Handover.HANDED_BACK, actor=COLLECTOR, now=NOW
        )
    assert case.case_id not in {one.case_id for one in every(desk.database, desk.shown, MINE)}
    nobody = every(desk.database, desk.shown, Filter(scope=Scope.NOBODY))
    assert case.case_id in {one.case_id for one in nobody}
    with desk.database.transaction("demo") as tx:
        assignment.assign_case(
            tx, vault=VAULT, case_id=case.case_id, to="a1", reason=Handover.TAKEN, actor=OTHER, now=NOW
        )
    with pytest.raises(NotAssigned, match="it is a1's"), desk.database.transaction("demo") as tx:
        assignment.assign_case(
            tx, vault=VAULT, case_id=case.case_id, to="a0", reason=Handover.TAKEN, actor=COLLECTOR, now=NOW
        )
    hers = every(desk.database, desk.shown, Filter(collector_id="a1"))
    assert case.case_id in {one.case_id for one in hers}
    with desk.database.transaction("demo") as tx:
        moved = [(one.from_collector, one.to_collector) for one in assignments.of_person(tx, case.person_id)]
    assert moved == [(None, "a1"), ("a0", None)]


def test_a_case_goes_to_collectors_at_work_only(desk: Desk) -> None:
    with pytest.raises(NotAssigned, match="no collector"), desk.database.transaction("demo") as tx:
        assignment.assign_case(
            tx, vault=VAULT, case_id=desk.first().case_id, to="zz", reason=Handover.REASSIGNED, actor=OTHER, now=NOW
        )


def test_a_skip_has_a_reason_and_is_taken_back(desk: Desk) -> None:
    case = desk.first()

    def skip() -> None:
        with desk.database.transaction("demo") as tx:
            assignment.skip_entry(
                tx, vault=VAULT, case_id=case.case_id, reason=SkipReason.LANGUAGE, actor=COLLECTOR, now=NOW
            )

    skip()
    with pytest.raises(SkippedAlready):
        skip()
    (found,) = every(desk.database, desk.shown, Filter(collector_id="a0", state=EntryState.SKIPPED))
    assert (found.case_id, found.skipped) == (case.case_id, "language")
    with desk.database.transaction("demo") as tx:
        assignment.take_back_skip(tx, vault=VAULT, case_id=case.case_id, actor=COLLECTOR, now=NOW)
    with pytest.raises(NotSkipped), desk.database.transaction("demo") as tx:
        assignment.take_back_skip(tx, vault=VAULT, case_id=case.case_id, actor=COLLECTOR, now=NOW)
    assert desk.first().case_id == case.case_id
    skip()


def test_a_language_filters_the_list(desk: Desk) -> None:
    case = desk.first()
    with desk.database.transaction("demo") as tx:
        with pytest.raises(NotALanguage):
            note_language(tx, vault=VAULT, person_id=case.person_id, language="粤语", actor=COLLECTOR, now=NOW)
        note_language(tx, vault=VAULT, person_id=case.person_id, language="yue", actor=COLLECTOR, now=NOW)
        with pytest.raises(persons.NoSuchPerson):
            note_language(tx, vault=VAULT, person_id=1, language="yue", actor=COLLECTOR, now=NOW)
    (found,) = every(desk.database, desk.shown, Filter(collector_id="a0", language="yue"))
    assert found.case_id == case.case_id
