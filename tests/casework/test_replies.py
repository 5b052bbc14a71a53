"""What a reply does: at once where a rule says so, else only by a person; a correction is a label."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from duecourse.casework import disclosure, inbound, replies
from duecourse.casework import holds as placing
from duecourse.casework.gate import Gate
from duecourse.casework.holds import HoldKind
from duecourse.casework.parties import Batch
from duecourse.casework.permit import Answer, Refusal
from duecourse.casework.promises import NotAPromise
from duecourse.casework.replies import NotToDecide
from duecourse.casework.stating import state_fact
from duecourse.core.money import Money
from duecourse.evidence import record
from duecourse.insight.replies import Meaning
from duecourse.law.terms import Channel
from duecourse.storage import cases, contacts, holds, log, persons, points, promises, readings, stated
from duecourse.storage.connection import Database
from duecourse.storage.lenders import Lender
from duecourse.storage.readings import ReadingRow
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests import desk as people
from tests.casework.test_inbound import came, number_of
from tests.desk import loan, person, phones, register, ties
from tests.permit_desk import MORNING, OPERATOR, Clock, ask, granted, refused, set_up

VAULT = Vault(new_ring())
GATE = Gate(VAULT)
CLOCK = Clock(MORNING + timedelta(minutes=6))


@pytest.fixture
def desk(database: Database) -> Database:
    """Borrowers C1 to C4 with open cases; C3 and C4 share a phone."""
    set_up(
        database, VAULT, 1, 2, 3, 4, points=pl.concat([phones(1), phones(2), phones(3), phones(4, value=number_of(3))])
    )
    with database.transaction("demo") as tx:
        cases.open_many(tx, pl.Series([person(n) for n in range(1, 5)]), day=MORNING.date(), by="rule")
        cases.set_loans(
            tx, pl.DataFrame([{"person_id": person(n), "loan_key": loan(n)} for n in range(1, 5)]), day=MORNING.date()
        )
    return database


def hear(desk: Database, text: str, n: int = 1, **changed: object) -> tuple[int, ReadingRow]:
    """A text that comes in, as it was read."""
    with desk.transaction("demo") as tx:
        row = inbound.receive(tx, gate=GATE, came=came(n, text, **changed), actor=OPERATOR, clock=CLOCK).row
        found = readings.get(tx, row.inbound_id)
    assert found is not None
    return row.inbound_id, found


AMERICA = Lender("demo", "Demo Credit", "US", "America/New_York", "USD", "bank", demo=True, masters={})


def an_american(database: Database) -> None:
    """An American borrower with an open case."""
    mine = phones(1, value="+1 212 555 0101", zone="America/New_York")
    set_up(database, VAULT, 1, lender=AMERICA, points=mine)
    with database.transaction("demo") as tx:
        cases.open_many(tx, pl.Series([person(1)]), day=MORNING.date(), by="rule")
        cases.set_loans(tx, pl.DataFrame([{"person_id": person(1), "loan_key": loan(1)}]), day=MORNING.date())


def states(desk: Database, n: int) -> str:
    with desk.transaction("demo") as tx:
        return next(one.state for one in points.of_person(tx, person(n)) if one.kind == "phone")


def held(desk: Database, n: int) -> list[str]:
    with desk.transaction("demo") as tx:
        return sorted(one.kind for one in holds.of_person(tx, person(n)) if one.to_at is None)


@pytest.mark.parametrize("text", ["退订", "TD", "别再给我打电话了", "STOP", "please stop texting me"])
def test_a_stop_acts_at_once(desk: Database, text: str) -> None:
    waiting = granted(ask(desk, GATE, CLOCK, 1, channel="sms"))
    _number, found = hear(desk, text)
    assert (found.meaning, states(desk, 1)) == ("stop", "stopped")
    assert found.acted[0].startswith("stop:")
    assert refused(ask(desk, GATE, CLOCK, 1, channel="sms"))
    with desk.transaction("demo") as tx:
        assert contacts.happened(tx, person(1), waiting.permit_id) is not None
        assert tx.value("SELECT state FROM contact WHERE contact_id = %s", (waiting.permit_id,)) == "released"


def test_a_stop_of_a_shared_number_is_one_for_everybody_who_has_it(desk: Database) -> None:
    _number, found = hear(desk, "退订", 3)
    assert len(found.acted) == 2
    assert (states(desk, 3), states(desk, 4), states(desk, 1)) == ("stopped", "stopped", "ok")


@pytest.mark.parametrize(("text", "state"), [("退订", "stopped"), ("打错了，你打错电话了", "wrong")])
def test_what_a_reply_says_of_a_number_holds_under_every_label(desk: Database, text: str, state: str) -> None:
    register(desk, VAULT, Batch(people.persons(1), phones(1, label="home"), ties(1)))
    hear(desk, text)
    with desk.transaction("demo") as tx:
        found = {one.label: one.state for one in points.of_person(tx, person(1)) if one.kind == "phone"}
    assert found == {"mobile": state, "home": state}


@pytest.mark.parametrize("answered", [False, True])
def test_a_stop_from_a_number_that_was_replaced_stands_when_it_comes_back(desk: Database, *, answered: bool) -> None:
    permit = granted(ask(desk, GATE, CLOCK, 1, channel="sms"))
    register(desk, VAULT, Batch(people.persons(1), phones(1, value="154 0000 0099"), ties(1)), now=CLOCK())
    _number, found = hear(desk, "退订", answers=permit.permit_id if answered else None)
    assert [one.partition(":")[0] for one in found.acted] == ["stop"]
    assert states(desk, 1) == "ok"
    register(desk, VAULT, Batch(people.persons(1), phones(1), ties(1)), now=CLOCK())
    assert states(desk, 1) == "stopped"


def test_a_third_person_who_stops_one_way_has_refused_them_all(desk: Database) -> None:
    numbers = pl.concat([phones(5), phones(5, value="154 0000 0055", label="second")])
    friend = ties(1, person_id=person(5), relation="contact_person", named_by_debtor=True, proof_kind="consent")
    register(desk, VAULT, Batch(people.persons(5), numbers, friend))
    with desk.transaction("demo") as tx:
        placing.place(
            tx, vault=VAULT, person_id=person(1), kind=HoldKind.INCAPABLE, source="court", actor=OPERATOR, clock=CLOCK
        )
        second = next(one.contact_point_id for one in points.of_person(tx, person(5)) if one.label == "second")
    later = Clock(CLOCK() + timedelta(minutes=1))

    def relay() -> Answer:
        return ask(
            desk, GATE, later, 5, loan_keys=(loan(1),), template_id="relay.contact_person.call", contact_point_id=second
        )

    out = granted(relay())
    hear(desk, "不要再联系我了", 5)
    assert "cn.party.third_person_stop" in refused(relay())
    with desk.transaction("demo") as tx:
        assert tx.value("SELECT state FROM contact WHERE contact_id = %s", (out.permit_id,)) == "released"


@pytest.mark.parametrize(
    "text",
    [
        "Cease all communication with me about this debt", "Stop contacting me", "I refuse to pay this debt",
        "Do not contact me again.", "No further contact, please",
    ],
)  # fmt: skip
def test_an_american_consumer_who_writes_that_contact_shall_cease_is_heard(database: Database, text: str) -> None:
    """12 CFR 1006.6(c)(1): no communication by any way, but for the notices that may follow."""
    an_american(database)
    _number, found = hear(database, text, sender="+1 212 555 0101")
    assert [one.partition(":")[0] for one in found.acted] == ["stop", "cease"]
    assert held(database, 1) == ["cease"]
    _number, again = hear(database, text, sender="+1 212 555 0101", provider_ref="again")
    assert again.acted == []
    guarantor = ties(1, person_id=person(2), relation="guarantor")
    numbers = phones(2, value="+1 212 555 0102", zone="America/New_York")
    register(database, VAULT, Batch(people.persons(2), numbers, guarantor), lender=AMERICA)
    hear(database, text, sender="+1 212 555 0102", provider_ref="guarantor")
    assert held(database, 2) == ["cease"]


def test_a_third_person_who_writes_from_a_number_of_nobodys_is_heard_once_placed(desk: Database) -> None:
    friend = ties(1, person_id=person(5), relation="contact_person", named_by_debtor=True, proof_kind="consent")
    register(desk, VAULT, Batch(people.persons(5), phones(5), friend))
    number, found = hear(desk, "不要再联系我了", 5, sender="199 0000 7777")
    assert found.acted == []
    with desk.transaction("demo") as tx:
        case_id = tx.value("SELECT case_id FROM cases WHERE person_id = %s", (person(1),))
        inbound.place(
            tx,
            gate=GATE,
            inbound_id=number,
            person_id=person(5),
            case_id=int(str(case_id)),
            actor=OPERATOR,
            clock=CLOCK,
        )
        acted = readings.get(tx, number)
    assert acted is not None
    assert acted.acted == [f"third_party_refusal:{person(5)}"]
    assert "cn.party.third_person_stop" in refused(
        ask(
            desk,
            GATE,
            Clock(CLOCK() + timedelta(minutes=1)),
            5,
            loan_keys=(loan(1),),
            template_id="relay.contact_person.call",
        )
    )


def test_whoever_owes_may_dispute(desk: Database) -> None:
    guarantor = ties(1, person_id=person(5), relation="guarantor")
    register(desk, VAULT, Batch(people.persons(5), phones(5), guarantor))
    _number, found = hear(desk, "这笔债务我有异议，我没有借过这笔钱", 5)
    assert [one.partition(":")[0] for one in found.acted] == ["dispute"]
    assert held(desk, 1) == ["dispute"]
    assert "house.hold.dispute" in refused(ask(desk, GATE, CLOCK, 1))


def test_an_american_who_stops_from_a_number_of_nobodys_revokes_his_consent_once_placed(database: Database) -> None:
    an_american(database)
    number, found = hear(database, "Stop calling me", sender="+1 212 555 7777")
    assert found.acted == []
    with database.transaction("demo") as tx:
        case_id = tx.value("SELECT case_id FROM cases")
        inbound.place(
            tx, gate=GATE, inbound_id=number, person_id=person(1), case_id=int(str(case_id)), actor=OPERATOR,
            clock=CLOCK,
        )  # fmt: skip
        facts = {(one.fact, one.value) for one in stated.of_person(tx, person(1))}
    assert facts == {("consent_revoked", True), ("no_calls", True)}


def test_a_way_that_is_named_is_not_used_whichever_way_it_was_said_by(desk: Database) -> None:
    """12 CFR 1006.14(h)(1): through a medium that the person asked not to be used."""
    second = phones(1, value="154 0000 0055", label="second")
    register(desk, VAULT, Batch(people.persons(1), pl.concat([phones(1), second]), ties(1)))
    with desk.transaction("demo") as tx:
        other = next(one.contact_point_id for one in points.of_person(tx, person(1)) if one.label == "second")
    _number, found = hear(desk, "请不要再给我打电话了")
    assert f"no_calls:{person(1)}" in found.acted
    later = Clock(CLOCK() + timedelta(minutes=1))
    assert "house.contact.channel_refused" in refused(ask(desk, GATE, later, 1, contact_point_id=other))
    granted(ask(desk, GATE, later, 1, contact_point_id=other, channel="sms"))
    _number, again = hear(desk, "请不要再给我打电话了", provider_ref="again")
    assert again.acted == []


def test_consent_that_was_revoked_of_one_debt_is_revoked_of_all(database: Database) -> None:
    """47 CFR 64.1200(a)(10): a request to stop reaches every call and text by machines."""
    an_american(database)
    with database.transaction("demo") as tx:
        state_fact(
            tx, vault=VAULT, person_id=person(1), fact="consent_revoked", value=True, loan_key=loan(1), source="call",
            actor=OPERATOR, now=MORNING,
        )  # fmt: skip
    for number in range(2):
        hear(database, "STOP", sender="+1 212 555 0101", provider_ref=f"stop-{number}")
    with database.transaction("demo") as tx:
        assert {one.loan_key for one in stated.of_person(tx, person(1))} == {loan(1), None}
        assert len(stated.of_person(tx, person(1))) == 2


def test_a_lawyer_ceases_contact_for_his_client_and_not_for_himself(database: Database) -> None:
    an_american(database)
    numbers = phones(2, value="+1 212 555 0102", zone="America/New_York")
    register(
        database,
        VAULT,
        Batch(people.persons(2), numbers, ties(1, person_id=person(2), relation="lawyer")),
        lender=AMERICA,
    )
    hear(database, "Cease all communication with me and my client.", 2, sender="+1 212 555 0102")
    assert (held(database, 1), held(database, 2)) == (["cease"], [])


def test_words_that_are_spoken_are_no_written_cease(database: Database) -> None:
    an_american(database)
    hear(database, "Stop contacting me", sender="+1 212 555 0101", channel=Channel.ROBOT_CALL)
    assert held(database, 1) == []


def test_a_guarantors_dispute_is_about_what_he_guarantees(desk: Database) -> None:
    both = pl.concat([ties(1, person_id=person(5), relation="guarantor"), ties(6, person_id=person(1))])
    register(desk, VAULT, Batch(people.persons(5), phones(5), both))
    hear(desk, "这笔债务我有异议", 5)
    with desk.transaction("demo") as tx:
        assert [(one.kind, one.loan_key) for one in holds.of_person(tx, person(1))] == [("dispute", loan(1))]


@pytest.mark.parametrize("text", ["Stop contacting me", "I refuse to pay this debt"])
def test_elsewhere_such_words_stop_an_address_at_most(desk: Database, text: str) -> None:
    hear(desk, text)
    assert held(desk, 1) == []


def test_a_wrong_person_is_contacted_there_no_more(desk: Database) -> None:
    _number, found = hear(desk, "你打错了，我不认识这个人")
    assert (found.meaning, states(desk, 1)) == ("wrong_person", "wrong")
    assert refused(ask(desk, GATE, CLOCK, 1)) == ("house.contact.point",)
    _number, again = hear(desk, "退订", provider_ref="later")
    assert again.acted == []  # whose number it is nobody knows any more


def test_a_dispute_freezes_contact_and_words_of_self_harm_go_first(desk: Database) -> None:
    _number, found = hear(desk, "我根本没借过这笔钱")
    assert (found.meaning, held(desk, 1)) == ("dispute", ["dispute"])
    assert "house.hold.dispute" in refused(ask(desk, GATE, CLOCK, 1))
    hear(desk, "好的", 1, provider_ref="x")
    number, crisis = hear(desk, "再逼我我就去跳楼", 2)
    assert (crisis.meaning, crisis.urgent, held(desk, 2)) == ("crisis", True, ["hardship", "vulnerable"])
    assert isinstance(ask(desk, GATE, CLOCK, 2), Refusal)
    with desk.transaction("demo") as tx:
        assert readings.waiting(tx)[0].inbound_id == number
    hear(desk, "我要去死，不想活了", 2, provider_ref="again")
    assert held(desk, 2) == ["hardship", "vulnerable"]


@pytest.mark.parametrize(
    "text", ["我失业了还不上", "我要投诉你们", "去你妈的", "发工资就还，15号", "我昨天已经还了", "好的"]
)
def test_nothing_else_acts_by_itself(desk: Database, text: str) -> None:
    _number, found = hear(desk, text)
    assert (found.acted, held(desk, 1), states(desk, 1)) == ([], [], "ok")


def test_a_promise_is_proposed_and_made_by_a_person(desk: Database) -> None:
    number, found = hear(desk, "发工资就还一千五，15号")
    assert (found.meaning, found.amount_minor, found.due_day, found.rest_day) == (
        "promise", 150_000, date(2026, 3, 15), True,
    )  # fmt: skip
    with desk.transaction("demo") as tx:
        assert tx.value("SELECT count(*) FROM promise") == 0
        with pytest.raises(NotToDecide):
            replies.decide(tx, gate=GATE, inbound_id=number, meaning=Meaning.PROMISE, actor=OPERATOR, clock=CLOCK)
    with pytest.raises(NotAPromise), desk.transaction("demo") as tx:
        replies.decide(
            tx, gate=GATE, inbound_id=number, meaning=Meaning.PROMISE, amount=Money(150_000, "CNY"),
            due=date(2027, 3, 15), actor=OPERATOR, clock=CLOCK,
        )  # fmt: skip
    with desk.transaction("demo") as tx:
        done = replies.decide(
            tx, gate=GATE, inbound_id=number, meaning=Meaning.PROMISE, amount=Money(150_000, "CNY"),
            due=date(2026, 3, 15), actor=OPERATOR, clock=CLOCK,
        )  # fmt: skip
        assert done.promise_id is not None
        made = promises.get(tx, done.promise_id)
        assert (made.amount_minor, made.due_day, made.promised_by) == (150_000, date(2026, 3, 15), person(1))
        with pytest.raises(NotToDecide):
            replies.decide(tx, gate=GATE, inbound_id=number, meaning=Meaning.NONE, actor=OPERATOR, clock=CLOCK)
        key = VAULT.person("demo", person(1), persons.wrapped(tx, person(1)))
        for entry in log.of_person(tx, person(1)):
            if entry.kind.startswith("reading."):
                assert disclosure.openings(tx, entry, key)
                record.open_fact(entry.content, "read", "promise", key.secret)


def test_a_correction_is_a_label_and_takes_nothing_back(desk: Database) -> None:
    number, _found = hear(desk, "这笔账我不认")
    with desk.transaction("demo") as tx:
        replies.decide(tx, gate=GATE, inbound_id=number, meaning=Meaning.HARDSHIP, actor=OPERATOR, clock=CLOCK)
        assert [(one.meaning, one.read, one.decided, one.agreed) for one in readings.agreement(tx)] == [
            ("dispute", 1, 1, 0)
        ]
    assert held(desk, 1) == ["dispute"]
    second, _found = hear(desk, "你们态度太恶劣了", 2)
    with desk.transaction("demo") as tx:
        replies.decide(tx, gate=GATE, inbound_id=second, meaning=Meaning.COMPLAINT, actor=OPERATOR, clock=CLOCK)
    assert held(desk, 2) == ["complaint"]


def test_what_waited_for_an_owner_acts_once_it_has_one(desk: Database) -> None:
    number, found = hear(desk, "我没有借过你们的钱", 3)
    assert (found.meaning, found.acted) == ("dispute", [])
    with desk.transaction("demo") as tx:
        with pytest.raises(NotToDecide):
            replies.decide(tx, gate=GATE, inbound_id=number, meaning=Meaning.DISPUTE, actor=OPERATOR, clock=CLOCK)
        case = cases.of_person(tx, person(4))[0].case_id
        inbound.place(tx, gate=GATE, inbound_id=number, person_id=person(4), case_id=case, actor=OPERATOR, clock=CLOCK)
    assert (held(desk, 3), held(desk, 4)) == ([], ["dispute"])
