"""What holds once, at the gate: a consent until a conversation, a question until an answer, a last notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from duecourse.casework import holds
from duecourse.casework.gate import Gate
from duecourse.casework.holds import HoldKind
from duecourse.casework.lender_facts import state_lender_fact
from duecourse.casework.outcomes import Outcome
from duecourse.casework.parties import Batch
from duecourse.casework.permit import Answer, Permit, Redeemed, Refusal, Sender
from duecourse.casework.permits import request_permits
from duecourse.casework.redemption import redeem_permit
from duecourse.casework.settling import record_inbound, record_outcome, release_permit
from duecourse.casework.staff import UnknownFirm
from duecourse.casework.stating import NotStated, state_fact
from duecourse.law import once
from duecourse.law.fact import Value
from duecourse.law.terms import Channel, SenderType
from duecourse.storage import contacts, stated
from duecourse.storage.connection import Database
from duecourse.storage.contacts import Contact
from duecourse.storage.lenders import Lender
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import loan, person, persons, phones, register, ties
from tests.permit_desk import (
    AGENCY,
    CONTENT,
    MORNING,
    OFFICE,
    OPERATOR,
    Clock,
    a_request,
    ask,
    granted,
    point,
    refused,
    set_up,
)  # fmt: skip

VAULT = Vault(new_ring())
GATE = Gate(VAULT)
US = Lender("demo", "Demo Credit", "US", "America/New_York", "USD", "bank", demo=True, masters={})
BOLT = Sender(SenderType.AGENCY, "bolt", "b1")
TALKED = ("us.contact.after_conversation",)


@dataclass
class Desk:
    """A desk with its clock: what is said, asked and made there."""

    database: Database
    clock: Clock

    def say(
        self,
        fact: str,
        value: Value = True,  # noqa: FBT002  # its value
        firm: str = "",
        who: int = 1,
        about: int | None = None,
    ) -> None:
        self.clock.forward(seconds=1)
        with self.database.transaction("demo") as tx:
            state_fact(
                tx, vault=VAULT, person_id=person(who), fact=fact, value=value, source="recording 7", now=self.clock(),
                actor=OPERATOR, firm=firm, loan_key=None if about is None else loan(about),
            )  # fmt: skip

    def ask(self, sender: Sender = AGENCY, **more: object) -> Answer:
        self.clock.forward(seconds=1)
        values: dict[str, object] = {"template_id": "us.later.call"} | more
        return ask(self.database, GATE, self.clock, 1, sender=sender, **values)

    def letter(self, template: str) -> Answer:
        home = point(self.database, 1, "address")
        return self.ask(channel="letter", template_id=template, contact_point_id=home)

    def make(self, answer: Answer, outcome: Outcome) -> None:
        """Redeem a permit, and report what came of it."""
        permit = granted(answer)
        redeemed = redeem_permit(
            self.database, "demo", gate=GATE, permit_id=permit.permit_id, sender=permit.sender, content_hash=CONTENT,
            actor=OPERATOR, clock=self.clock,
        )  # fmt: skip
        assert isinstance(redeemed, Redeemed), redeemed
        record_outcome(
            self.database, "demo", gate=GATE, permit_id=permit.permit_id, sender=permit.sender, outcome=outcome,
            actor=OPERATOR, clock=self.clock,
        )  # fmt: skip

    def comes(self, channel: str, agency: str = AGENCY.firm) -> None:
        """The person writes or calls."""
        self.clock.forward(seconds=1)
        with self.database.transaction("demo") as tx:
            contacts.add(
                tx,
                Contact(
                    person_id=person(1), debtor_id=person(1), loan_keys=(loan(1),), relation="borrower",
                    channel=channel, purpose="service", direction="in", at=self.clock(),
                    local_day=self.clock().date(), state="reported", outcome="delivered", connected=False,
                    agency=agency or None,
                ),
                now=self.clock(),
            )  # fmt: skip

    def calls_in(self, firm: str) -> None:
        """The person calls a house, and talks."""
        record_inbound(
            self.database, "demo", gate=GATE, person_id=person(1), loan_keys=(loan(1),), channel=Channel.CALL,
            outcome=Outcome.CONNECTED, at=self.clock(), actor=OPERATOR, clock=self.clock, firm=firm,
        )  # fmt: skip


@pytest.fixture
def america(database: Database) -> Desk:
    """An American borrower whom an outside collector may call, as far as the files of both go."""
    points = [
        phones(1, value="+1 212 555 0101", zone="America/New_York"),
        phones(1, kind="address", label="home", value="演示省演示市东区1号", zone="America/New_York"),
    ]
    set_up(database, VAULT, 1, lender=US, points=pl.concat(points))
    desk = Desk(database, Clock(datetime(2026, 3, 3, 16, tzinfo=UTC)))  # a Tuesday, 11:00 in New York
    of_lender: tuple[tuple[str, bool, str], ...] = (
        ("consumer_debt", True, ""), ("amount_authorised", True, ""), ("autodialled", False, "acme"),
        ("autodialled", False, "bolt"), ("sealed", True, "acme"),
    )  # fmt: skip
    with database.transaction("demo") as tx:
        for name, value, firm in of_lender:
            state_lender_fact(
                tx, vault=VAULT, fact=name, value=value, source="contract form 7", actor=OPERATOR, now=desk.clock(),
                firm=firm,
            )  # fmt: skip
    desk.say("resident_territory", "other_state")
    desk.say("initial_communication", value=False)
    desk.say("validation_given")
    desk.say("days_since_initial_communication", 30)
    return desk


def test_a_consent_to_be_called_ends_with_the_conversation(america: Desk) -> None:
    america.make(america.ask(), Outcome.CONNECTED)
    america.clock.forward(days=1)
    assert refused(america.ask()) == TALKED
    america.say("call_consent_direct", firm="acme")
    for _ in range(3):  # rung without answer: nobody talked
        america.make(america.ask(), Outcome.UNANSWERED)
    out = granted(america.ask())
    assert refused(america.ask()) == TALKED  # what is permitted may become the conversation
    america.make(out, Outcome.CONNECTED)
    for days in (0, 1, 3):
        america.clock.forward(days=days)
        assert refused(america.ask()) == TALKED


def test_one_consent_is_no_leave_for_ever(america: Desk) -> None:
    """12 CFR 1006.14(b)(2)(i)(B): without another consent there is a conversation every seventh day, no more."""
    america.say("call_consent_direct", firm="acme")
    talked = []
    for day in range(18):
        for _ in range(3):
            answer = america.ask()
            if isinstance(answer, Permit):
                america.make(answer, Outcome.CONNECTED)
                talked.append(day)
        america.clock.forward(days=1)
    assert talked == [0, 7, 14]


def test_a_conversation_that_the_person_began_uses_the_consent_up(america: Desk) -> None:
    america.make(america.ask(), Outcome.CONNECTED)
    america.clock.forward(seconds=1)
    america.say("call_consent_direct", firm="acme")
    granted_one = granted(america.ask())
    release_permit(
        america.database, "demo", gate=GATE, permit_id=granted_one.permit_id, sender=AGENCY, actor=OPERATOR,
        clock=america.clock,
    )  # fmt: skip
    granted(america.ask())
    america.clock.forward(minutes=30)  # it lapsed
    america.clock.forward(seconds=1)
    america.calls_in(AGENCY.firm)
    assert refused(america.ask()) == TALKED


def test_a_house_that_nobody_knows_is_named(america: Desk) -> None:
    for said in ("ACME", "acme ", "nosuch"):
        with pytest.raises(UnknownFirm, match="is known here"):
            america.calls_in(said)
        with pytest.raises(UnknownFirm, match="did you mean 'acme'" if said == "acme " else "is known here"):
            america.say("call_consent_direct", firm=said)


def test_a_conversation_counts_for_the_house_that_the_person_called(america: Desk) -> None:
    america.calls_in(AGENCY.firm)
    america.clock.forward(days=1)
    assert refused(america.ask()) == TALKED
    granted(america.ask(BOLT))


def test_what_a_law_requires_to_be_sent_is_one_message(america: Desk) -> None:
    """12 CFR 1006.14(h)(2): the refused medium is open to what the law requires, not to the collecting after it."""
    america.say("medium_refused")
    assert refused(america.ask()) == ("us.contact.medium",)
    america.say("medium_required_by_law")
    america.make(granted(america.ask()), Outcome.UNANSWERED)
    for days in (0, 8, 8, 24, 40):  # the message itself is read for 35 days and no longer
        america.clock.forward(days=days)
        assert refused(america.ask()) == ("us.contact.medium",)


def test_what_a_law_requires_is_sent_within_thirty_days(america: Desk) -> None:
    america.say("medium_refused")
    america.say("medium_required_by_law")
    america.clock.forward(days=30)
    assert refused(america.ask()) == ("us.contact.medium",)
    america.clock.forward(days=-1)
    granted(america.ask())


SILENCE = "us.party.third_person_silence"


def test_a_third_person_hears_of_the_debt_by_the_debtors_consent_alone(america: Desk) -> None:
    """15 USC 1692c(b): the consent is the consumer's, given directly to the collector."""
    of_third = pl.DataFrame({"person_id": [person(2)], "relation": ["contact_person"]})
    tie = ties(1).drop("person_id", "relation").hstack(of_third)
    register(
        america.database, VAULT,
        Batch(persons(2), phones(2, value="+1 212 555 0102", zone="America/New_York"), tie.select(ties(1).columns)),
        lender=US,
    )  # fmt: skip

    def closed() -> bool:
        america.clock.forward(seconds=1)
        answer = ask(
            america.database, GATE, america.clock, 2, sender=AGENCY, template_id="us.later.call", loan_keys=(loan(1),)
        )
        return SILENCE in refused(answer)

    assert closed()
    america.say("debtor_direct_consent", firm="bolt")
    for fact in ("direct_consent", "debtor_direct_consent"):
        america.say(fact, firm="acme", who=2)
    assert closed()
    america.say("debtor_direct_consent", firm="acme")
    assert not closed()


@pytest.mark.parametrize(("days", "stands"), [(0, True), (6, True), (7, False)])
def test_a_consent_to_be_called_lives_for_seven_days(america: Desk, days: int, *, stands: bool) -> None:
    """The day of consent, Tuesday 2026-03-03, is the first; the clocks change on 2026-03-08, within the seven."""
    for _ in range(7):
        america.make(america.ask(), Outcome.UNANSWERED)
    assert refused(america.ask()) == ("us.contact.calls_7d",)
    america.say("call_consent_direct", firm="acme")
    america.clock.forward(days=days)
    with america.database.transaction("demo") as tx:
        tx.execute("UPDATE contact SET local_day = %s", (date(2026, 3, 3) + timedelta(days=days),))
    assert isinstance(america.ask(), Permit if stands else Refusal)


def test_a_consent_is_the_collectors_to_whom_it_was_given(america: Desk) -> None:
    for sender in (AGENCY, BOLT):
        america.make(america.ask(sender), Outcome.CONNECTED)
    america.clock.forward(days=1)
    america.say("call_consent_direct", firm="bolt")
    america.say("call_consent_direct")  # to the lender itself
    assert refused(america.ask()) == TALKED
    america.say("call_consent_direct", firm="bolt")
    granted(america.ask(BOLT))
    with pytest.raises(NotStated, match="leave the firm out"):
        america.say("court_permission", firm="bolt")
    with america.database.transaction("demo") as tx:  # of what was put on record without it, nobody knows to whom
        stated.add(
            tx, person_id=person(1), fact="call_consent_direct", value=True, from_at=america.clock(), to_at=None,
            source="form", actor=str(OPERATOR), now=america.clock(),
        )  # fmt: skip
    assert refused(america.ask()) == TALKED


def test_what_is_used_up_is_said_when_it_begins_and_no_earlier(america: Desk) -> None:
    now = america.clock()
    for fact in ("call_consent_direct", "asked_by_person"):
        with america.database.transaction("demo") as tx, pytest.raises(NotStated, match="begins with what the person"):
            state_fact(
                tx, vault=VAULT, person_id=person(1), fact=fact, value=True, source="recording 7", now=now,
                actor=OPERATOR, from_at=now + timedelta(days=1),
            )  # fmt: skip


def test_after_a_cease_each_notice_goes_out_once(america: Desk) -> None:
    with america.database.transaction("demo") as tx:
        holds.place(
            tx, vault=VAULT, person_id=person(1), kind=HoldKind.CEASE, source="letter 7", actor=OPERATOR,
            clock=america.clock,
        )  # fmt: skip
    again = ("us.contact.cease_notice",)
    assert "us.contact.cease" in refused(america.letter("us.collect.letter"))
    america.make(america.letter("us.cease.ends.letter"), Outcome.SENT)
    assert refused(america.letter("us.cease.ends.letter")) == again
    america.clock.forward(days=30)
    assert refused(america.letter("us.cease.ends.letter")) == again
    america.clock.forward(days=10)  # contacts of that time are not read any more: nobody knows
    unknown = america.letter("us.cease.ends.letter")
    assert isinstance(unknown, Refusal)
    assert unknown.missing == ("cease_notice_sent",)
    america.say("cease_notice_sent", value=False)
    america.make(america.letter("us.cease.ends.letter"), Outcome.SENT)
    assert refused(america.letter("us.cease.ends.letter")) == again
    america.say("cease_notice_sent", value=False)  # nobody's word undoes what was sent
    assert refused(america.letter("us.cease.ends.letter")) == again


@pytest.mark.parametrize(
    ("sent", "asked", "again"),
    [
        ("us.cease.ends.letter", "us.cease.ends.email", True),
        ("us.cease.ends.letter", "us.cease.remedy.letter", False),
        ("us.cease.ends.letter", "own.ends.letter", True),  # it may say the same in other words
        ("own.ends.letter", "us.cease.ends.letter", True),
        ("own.one.letter", "own.two.letter", True),
    ],
)
def test_which_notice_a_lenders_own_text_is_nobody_knows(sent: str, asked: str, *, again: bool) -> None:
    made = {
        "with_person": True, "direction": "out", "at": 5, "purpose": "notify", "template_id": sent, "loan_keys": [7],
    }  # fmt: skip
    assert once.notice_sent([made], since=5, loans=[7], template=asked) is again
    assert not once.notice_sent([made], since=6, loans=[7], template=asked)
    assert not once.notice_sent([made], since=5, loans=[8], template=asked)
    assert not once.notice_sent([made | {"purpose": "service"}], since=5, loans=[7], template="own.other.letter")


def test_of_a_medium_that_is_named_that_one_is_refused_and_answered_once(america: Desk) -> None:
    america.say("no_letters")
    assert refused(america.letter("us.collect.letter")) == ("us.contact.medium", "house.contact.channel_refused")
    assert isinstance(america.ask(), Permit), "letters were named, and no calls"
    america.clock.forward(seconds=1)
    america.comes("letter")
    assert refused(america.letter("us.collect.letter")) == ("house.contact.channel_refused",), "the law has it open"


def test_a_refused_medium_is_answered_once_and_only_where_the_person_used_it(america: Desk) -> None:
    def closed() -> bool:
        answer = america.letter("us.collect.letter")
        if isinstance(answer, Permit):
            america.make(answer, Outcome.SENT)
            return False
        assert refused(answer) == ("us.contact.medium",)
        return True

    america.comes("letter")  # before the request: no use of it since
    america.clock.forward(seconds=1)
    america.say("medium_refused")
    assert closed()
    with pytest.raises(NotStated, match="takes nobody's word"):
        america.say("medium_answer_open")
    america.comes("email")
    america.comes("letter", agency="bolt")
    assert closed()
    america.comes("letter")
    assert refused(america.ask()) == ("us.contact.medium",)  # it was a letter, and no call
    assert not closed()
    assert closed()
    america.comes("letter")
    assert not closed()
    assert closed()


@pytest.fixture
def china(database: Database) -> Desk:
    set_up(database, VAULT, 1)
    return Desk(database, Clock(MORNING))


NO_QUESTION = ("cn.purpose.answer_asked",)
CODE = {"channel": "sms", "template_id": "portal.code.sms", "sender": OFFICE}


def test_a_question_is_answered_once(china: Desk) -> None:
    assert refused(china.ask(**CODE)) == NO_QUESTION  # type: ignore[arg-type]
    china.say("asked_by_person")
    sent = 0
    for _ in range(25):
        answer = china.ask(**CODE)  # type: ignore[arg-type]
        if isinstance(answer, Permit):
            china.make(answer, Outcome.DELIVERED)
            sent += 1
    assert sent == 1
    assert refused(china.ask(**CODE)) == NO_QUESTION  # type: ignore[arg-type]
    china.say("asked_by_person")
    out = granted(china.ask(**CODE))  # type: ignore[arg-type]
    assert refused(china.ask(**CODE)) == NO_QUESTION  # type: ignore[arg-type]
    release_permit(
        china.database, "demo", gate=GATE, permit_id=out.permit_id, sender=OFFICE, actor=OPERATOR, clock=china.clock
    )
    granted(china.ask(**CODE))  # type: ignore[arg-type]


def test_a_question_that_nobody_answered_is_asked_anew_after_thirty_days(china: Desk) -> None:
    china.say("asked_by_person")
    china.clock.forward(days=30)
    assert refused(china.ask(**CODE)) == NO_QUESTION  # type: ignore[arg-type]
    china.clock.forward(days=-1)
    granted(china.ask(**CODE))  # type: ignore[arg-type]


def test_what_is_said_of_one_debt_is_said_of_no_other(america: Desk) -> None:
    """A contact about several debts is as free as the one of them of which least was said."""
    register(america.database, VAULT, Batch(persons(1), phones(1).clear(), ties(1, loan_key=loan(2))), lender=US)

    def both() -> Answer:
        return america.ask(loan_keys=(loan(1), loan(2)))

    america.make(america.ask(loan_keys=(loan(2),)), Outcome.CONNECTED)
    america.clock.forward(days=1)
    granted(america.ask())
    assert refused(both()) == TALKED
    america.say("call_consent_direct", firm="acme", about=1)
    assert refused(both()) == TALKED
    america.say("validation_given", value=False, about=2)
    assert "us.validation.given" in refused(both())
    america.say("validation_given", about=1)
    assert "us.validation.given" in refused(both())
    america.say("validation_given", about=2)
    america.say("call_consent_direct", firm="acme", about=2)
    granted(both())


def test_a_batch_uses_up_what_holds_once(america: Desk) -> None:
    america.make(america.ask(), Outcome.CONNECTED)
    america.clock.forward(days=1)
    america.say("call_consent_direct", firm="acme")
    america.clock.forward(seconds=1)
    asked = [
        a_request(america.database, 1, sender=AGENCY, template_id="us.later.call", at=america.clock()) for _ in "ab"
    ]
    first, second = request_permits(
        america.database, "demo", gate=GATE, requests=asked, actor=OPERATOR, clock=america.clock
    )
    granted(first)
    assert refused(second) == TALKED


def test_a_lawyer_who_becomes_known_later_has_let_nobody_be_contacted(america: Desk) -> None:
    def another() -> None:
        america.clock.forward(seconds=1)
        with america.database.transaction("demo") as tx:
            holds.place(
                tx, vault=VAULT, person_id=person(1), kind=HoldKind.REPRESENTED, source="letter 8", actor=OPERATOR,
                clock=america.clock,
            )  # fmt: skip

    america.say("attorney_released")
    another()
    assert refused(america.ask()) == ("us.contact.attorney",)
    america.say("direct_consent", firm="acme")  # at an hour or a place
    assert refused(america.ask()) == ("us.contact.attorney",)
    america.say("attorney_released")
    granted(america.ask())


def test_who_calls_us_and_refuses_or_is_somebody_else_is_heard(china: Desk) -> None:
    friend = ties(1, person_id=person(2), relation="contact_person", named_by_debtor=True, proof_kind="consent")
    register(china.database, VAULT, Batch(persons(2), phones(2), friend))
    with china.database.transaction("demo") as tx:
        holds.place(
            tx, vault=VAULT, person_id=person(1), kind=HoldKind.INCAPABLE, source="court", actor=OPERATOR,
            clock=china.clock,
        )  # fmt: skip

    def relay() -> Answer:
        china.clock.forward(seconds=1)
        return ask(
            china.database, GATE, china.clock, 2, sender=OFFICE, loan_keys=(loan(1),),
            template_id="relay.contact_person.call",
        )  # fmt: skip

    def calls_in(who: int, outcome: Outcome) -> None:
        record_inbound(
            china.database, "demo", gate=GATE, person_id=person(who), loan_keys=(loan(1),), channel=Channel.CALL,
            outcome=outcome, at=china.clock(), actor=OPERATOR, clock=china.clock,
            contact_point_id=point(china.database, who),
        )  # fmt: skip

    granted(relay())
    calls_in(2, Outcome.REFUSED)
    assert "cn.party.third_person_stop" in refused(relay())
    calls_in(1, Outcome.WRONG_NUMBER)
    with china.database.transaction("demo") as tx:
        found = tx.execute("SELECT kind, state FROM contact_point WHERE person_id = %s", (person(1),)).fetchall()
    assert ("phone", "wrong") in found
