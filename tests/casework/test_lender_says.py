"""What a lender says once of its lines, and what is on record of a firm or a third person, as the gate asks it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from duecourse.casework.gate import Gate
from duecourse.casework.lender_facts import end_lender_fact, state_lender_fact
from duecourse.casework.permit import Permit, Sender
from duecourse.casework.registers import put_on_record
from duecourse.casework.staff import OfFirm, OfStaff
from duecourse.casework.stating import state_fact
from duecourse.law.fact import Value
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import loan, person
from tests.permit_desk import AGENCY, OPERATOR, Clock, ask, granted, point, refused, set_up

VAULT = Vault(new_ring())
GATE = Gate(VAULT)


@pytest.fixture
def desk(database: Database) -> Database:
    set_up(database, VAULT, 1, 2)
    return database


@pytest.fixture
def clock() -> Clock:
    return Clock()


def say(database: Database, clock: Clock, fact: str, value: Value = True, firm: str = "") -> int:  # noqa: FBT002
    with database.transaction("demo") as tx:
        return state_lender_fact(
            tx, vault=VAULT, fact=fact, value=value, source="line list", actor=OPERATOR, now=clock(), firm=firm
        )


def advice(answer: object) -> set[str]:
    return {str(one["rule"]) for one in granted(answer).advice}


def test_lines_that_do_not_record_are_not_used_and_lines_unheard_of_are_advised(desk: Database, clock: Clock) -> None:
    unheard = "cn_cba_2026.record.said"
    assert unheard in advice(ask(desk, GATE, clock))
    said = say(desk, clock, "call_recorded")
    assert unheard not in advice(ask(desk, GATE, clock))
    assert unheard in advice(ask(desk, GATE, clock, 2, sender=AGENCY))  # the agency's lines are its own
    say(desk, clock, "calls_unrecorded", firm="acme")
    assert refused(ask(desk, GATE, clock, 2, sender=AGENCY)) == ("cn_cba_2026.record.calls",)
    granted(ask(desk, GATE, clock, 2, sender=AGENCY, channel="sms"))
    granted(ask(desk, GATE, clock, 2))
    clock.forward(minutes=1)
    with desk.transaction("demo") as tx:
        end_lender_fact(tx, vault=VAULT, stated_id=said, actor=OPERATOR, now=clock())
    assert unheard in advice(ask(desk, GATE, clock))


def test_an_agency_is_inspected_every_year_after_its_listing(desk: Database, clock: Clock) -> None:
    sender = Sender(AGENCY.type, "fresh", "f1")

    def record(kind: OfFirm | OfStaff, day: date) -> None:
        staff = "f1" if isinstance(kind, OfStaff) else ""
        with desk.transaction("demo") as tx:
            put_on_record(
                tx, vault=VAULT, firm="fresh", staff=staff, kind=kind, from_day=day, source="test", actor=OPERATOR,
                now=clock(),
            )  # fmt: skip

    begun = date(2026, 1, 5)
    for kind in (OfFirm.ADMISSION, OfFirm.LISTING, OfFirm.PUBLICATION, OfFirm.CONTRACT, OfFirm.IMPACT_ASSESSMENT):
        record(kind, begun)
    for post in (OfStaff.POST, OfStaff.EXAM, OfStaff.UNDERTAKING):
        record(post, begun)
    clock.at = datetime(2027, 1, 5, 2, tzinfo=UTC)  # day 365 after the listing, 10:00 in Shanghai
    record(OfFirm.EVALUATION, clock.at.date())
    record(OfStaff.TRAINING, clock.at.date())
    granted(ask(desk, GATE, clock, sender=sender))
    clock.forward(days=1)
    assert refused(ask(desk, GATE, clock, sender=sender)) == ("cn_cba_2026.agency.inspected",)
    record(OfFirm.INSPECTION, clock.at.date())
    granted(ask(desk, GATE, clock, sender=sender))


def test_a_third_person_is_told_how_to_pay_only_after_offering_it(desk: Database, clock: Clock) -> None:
    def answer_about_loan_one(template: str = "pay.third_person.sms") -> object:
        return ask(
            desk, GATE, clock, 2, channel="sms", loan_keys=(loan(1),), template_id=template,
            contact_point_id=point(desk, 2),
        )  # fmt: skip

    def state(fact: str) -> None:
        with desk.transaction("demo") as tx:
            state_fact(
                tx, vault=VAULT, person_id=person(2), fact=fact, value=True, source="recording 7", actor=OPERATOR,
                now=clock(),
            )  # fmt: skip

    payment = "cn_cba_2026.party.third_person_payment"
    assert set(refused(answer_about_loan_one())) == {"cn.purpose.answer_asked", payment}
    state("asked_by_person")
    assert refused(answer_about_loan_one()) == (payment,)
    state("payment_offered")
    assert isinstance(answer_about_loan_one(), Permit)
    pressed = refused(answer_about_loan_one("m1.notice.sms"))
    assert {"cn.matrix", "cn.party.third_person_silence"} <= set(pressed)
