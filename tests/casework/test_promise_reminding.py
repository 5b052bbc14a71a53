"""Reminders of promises: proposed the day before, sent once with a permit, refused by name where they may not be."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from duecourse.book.store import Store
from duecourse.casework.actor import Actor, Role
from duecourse.casework.channel_setup import set_up
from duecourse.casework.gate import Gate
from duecourse.casework.handover import Post
from duecourse.casework.holds import HoldKind, place
from duecourse.casework.lender_texts import text_from
from duecourse.casework.letterhead import enter_line
from duecourse.casework.posting import Lines, lock_name, work_off
from duecourse.casework.promises import record_promise, withdraw_promise
from duecourse.casework.reminding import remind_of_promises
from duecourse.core.money import Money
from duecourse.storage import log, messages, permits, promise_reminders
from duecourse.storage.connection import Database
from duecourse.storage.entries import Entry, Filter, Scope
from duecourse.storage.promise_reminders import Reminder
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests import work_desk
from tests.day_desk import DAY, run_day
from tests.work_desk import COLLECTOR, NOW, every

VAULT = Vault(new_ring())
RUN = Actor(Role.SCHEDULE, "reminders")
NEXT = DAY + timedelta(days=1)
DUE = DAY + timedelta(days=2)
LATER = NOW + timedelta(days=1)


class Desk:
    """A desk that may text, with promises of its cases."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.store, url = database, Store(folder / "book"), database.url
        self.folder, self.lines = folder / "sent", Lines()
        self.gate = Gate(VAULT, texts=lambda name: text_from(url, name))
        shown = work_desk.set_up(database, self.store, VAULT, 150)
        self.cases = every(database, shown, Filter(collector_id="a0", scope=Scope.ALL))
        with database.transaction("demo") as tx:
            set_up(tx, vault=VAULT, name="captured", given={"folder": str(self.folder)}, actor=RUN, now=NOW)
            for name, value in {"pay_at": "App", "callback": "10000", "complaint": "10001"}.items():
                enter_line(
                    tx, vault=VAULT, name=name, value=value, source="test", firm="", actor=RUN, now=NOW,
                    from_day=date(2025, 1, 1),
                )  # fmt: skip

    def promise(self, case: Entry, minor: int = 500, due: date = DUE) -> int:
        with self.database.transaction("demo") as tx:
            return record_promise(
                tx, vault=VAULT, case_id=case.case_id, amount=Money(minor, case.currency), due=due, actor=COLLECTOR,
                now=NOW,
            )  # fmt: skip

    def run(self, day: date = NEXT) -> None:
        run_day(self.database, self.store, VAULT, day)

    def remind(self, now: datetime = LATER) -> list[Reminder]:
        return remind_of_promises(
            self.database, "demo", gate=self.gate, store=self.store, public_url=None, actor=RUN, clock=lambda: now,
            chance=os.urandom,
        )  # fmt: skip

    def send(self, now: datetime) -> list[str]:
        """One round of a worker; what arrived."""
        post = Post(self.database, self.gate, lambda: now, lambda _what, _said: None)
        with self.database.session_lock(lock_name("w1")) as held, closing(self.lines):
            assert held
            work_off(post, "demo", worker="w1", lines=self.lines, threads=1)
        return [one.read_text(encoding="utf-8") for one in sorted(self.folder.glob("*.txt"))]


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


def test_a_promise_is_reminded_the_day_before_with_a_permit_and_once(desk: Desk) -> None:
    case, other = desk.cases[:2]
    number, later = desk.promise(case), desk.promise(other, due=DUE + timedelta(days=1))
    desk.run()
    (found,) = desk.remind()
    assert (found.promise_id, found.state, found.template_id) == (number, "queued", "promise.reminder.sms")
    assert found.message_id is not None
    assert found.permit_id is not None
    assert (desk.remind(), later != number) == ([], True)
    with desk.database.transaction("demo") as tx:
        assert messages.get(tx, found.message_id).permit_id == found.permit_id
        assert permits.get(tx, found.permit_id).template_id == "promise.reminder.sms"
        assert log.of_person(tx, case.person_id)[0].kind == "promise.reminder"
    (said,) = desk.send(LATER + timedelta(minutes=1))
    assert "5.00" in said
    assert "特此提醒" in said


def test_nobody_is_reminded_whom_a_hold_protects_or_who_took_it_back(desk: Desk) -> None:
    held, gone, after = desk.cases[:3]
    desk.promise(held)
    taken = desk.promise(gone)
    stopped = desk.promise(after)
    with desk.database.transaction("demo") as tx:
        place(
            tx, vault=VAULT, person_id=held.person_id, kind=HoldKind.DISPUTE, source="test", actor=COLLECTOR,
            clock=lambda: NOW,
        )  # fmt: skip
    desk.run()
    with desk.database.transaction("demo") as tx:
        withdraw_promise(tx, vault=VAULT, promise_id=taken, actor=COLLECTOR, now=LATER)
    with desk.database.transaction("demo") as tx:
        place(
            tx, vault=VAULT, person_id=after.person_id, kind=HoldKind.HARDSHIP, source="test", actor=COLLECTOR,
            clock=lambda: LATER,
        )  # fmt: skip
    (found,) = desk.remind(LATER + timedelta(minutes=1))
    assert (found.promise_id, found.state, found.message_id) == (stopped, "refused", None)
    assert found.rules
    with desk.database.transaction("demo") as tx:
        (kept,) = promise_reminders.of_promises(tx, [stopped])
        assert kept.rules == found.rules
        assert tx.value("SELECT count(*) FROM message", ()) == 0
