"""What past days planned and what permits asked, put to another law: the same facts give the same answers."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl

from duecourse.book.store import Store
from duecourse.casework import planned
from duecourse.casework.gate import Gate
from duecourse.casework.permit import Refusal, Sender
from duecourse.law.diff import Change, as_of, compare, recall
from duecourse.law.rulebook import rulebook
from duecourse.law.terms import SenderType
from duecourse.law.turns import decide_in_turn
from duecourse.storage import contacts
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests import day_desk
from tests.permit_desk import MORNING, Clock, ask, granted, refused, set_up

DAY = day_desk.DAY


def made_before(database: Database) -> None:
    """Calls and a text on the morning of the day, with a third of the people."""
    loans = day_desk.tables().loans.unique("person_id").sort("person_id").select("person_id", "loan_key").rows()
    with database.transaction("demo") as tx:
        for person, loan in loans[::3]:
            for number, channel in enumerate(["call", "call", "call", "sms"]):
                contact = contacts.Contact(
                    person_id=person, debtor_id=person, loan_keys=(loan,), relation="borrower", channel=channel,
                    purpose="collect", direction="out", at=day_desk.clock() - timedelta(minutes=number), local_day=DAY,
                    state="reported", outcome="connected", connected=True,
                )  # fmt: skip
                contacts.add(tx, contact, now=day_desk.clock())


def test_asked_again_the_plan_of_a_day_gets_the_answers_of_the_day(database: Database, tmp_path: Path) -> None:
    store, vault = Store(tmp_path / "book"), Vault(new_ring())
    day_desk.fill(database, store, vault)
    made_before(database)
    day_desk.run_day(database, store, vault)
    assert planned.days_kept(database, "demo", date(2025, 1, 1), date(2025, 12, 31)) == [DAY]
    (frame,) = planned.planned_days(database, store, lender_id="demo", days=[DAY])
    book = rulebook(jurisdiction=planned.jurisdiction(database, "demo"))
    answers = decide_in_turn(book, frame, planned.TURNS, {"now": [True] * len(book.gate)})
    again = answers.select(pl.all_horizontal(pl.all() == 0)).to_series()
    assert frame.height > 50
    assert 0 < again.sum() < frame.height
    assert again.equals(frame["was_allowed"])
    ids = [judge.rule.id for judge in book.gate]
    for row, rules in zip(answers.iter_rows(), frame["was_refused"].to_list(), strict=True):
        bits = sum(word << (64 * place) for place, word in enumerate(row))
        assert {name for place, name in enumerate(ids) if bits >> place & 1} == set(rules)
    same = compare(book, book, [frame], turns=planned.TURNS, group=("treatment",))
    assert same.none
    assert same.allowed_before == frame["was_allowed"].sum()
    assert same.groups
    looser = compare(book, rulebook(jurisdiction="CN", without=["house"]), [frame], turns=planned.TURNS)
    assert looser.opened > 0
    assert {one.rule for one in looser.rules if one.opened} == {"house.contact.sms_day"}


def test_permits_are_asked_again_as_they_were_asked(database: Database) -> None:
    vault, clock = Vault(new_ring()), Clock()
    gate = Gate(vault)
    set_up(database, vault, 1, 2)
    for _ in range(3):
        granted(ask(database, gate, clock))
    refused(ask(database, gate, clock))
    granted(ask(database, gate, clock, 2))
    clock.forward(hours=12)
    refused(ask(database, gate, clock, 2))
    book = rulebook(jurisdiction="CN")
    day = MORNING.date()
    past = planned.permits_between(database, "demo", day, day, book)
    assert (past.permits.height, past.without_facts) == (6, 0)
    assert recall(book, [past.permits]).none
    looser = recall(rulebook(without=["cn-cba-2026", "house", "house-cn"]), [past.permits], group=("channel",))
    assert (looser.stopped, looser.opened) == (0, 0)
    early = recall(as_of(book, date(2025, 2, 27)), [past.permits])
    assert early.opened == 2
    before = {rule for one in early.changed for rule in one.before}
    assert before == {"cn.contact.connected_calls", "cn.contact.window", "cn_cba_2026.contact.night"}
    assert (
        planned.permits_between(database, "demo", day + timedelta(days=1), day + timedelta(days=9), book).permits.height
        == 0
    )


def test_what_was_missing_then_is_told_from_what_was_not_recorded_then(database: Database) -> None:
    vault, clock = Vault(new_ring()), Clock()
    gate, day = Gate(vault), MORNING.date()
    set_up(database, vault, 1, 2)
    granted(ask(database, gate, clock))
    lost = ask(database, gate, clock, 2, sender=Sender(SenderType.LENDER, staff="nobody"))
    assert isinstance(lost, Refusal)
    abroad = rulebook(jurisdiction="US")
    past = planned.permits_between(database, "demo", day, day, abroad)
    (stopped,) = (one for one in recall(abroad, [past.permits]).changed if one.change is Change.STOPPED)
    assert stopped.facts["resident_territory"] is None
    assert "resident_territory" in stopped.unrecorded
    assert "staff_exam_passed" in lost.missing
    assert [set(one) for one in past.permits["was_missing"].to_list()] == [set(), set(lost.missing)]
