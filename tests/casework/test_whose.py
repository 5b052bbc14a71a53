"""Whose fact it is, whose budget, whose debt of outcomes: what one says or uses up is not another's, nor lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier

import pytest

from duecourse.casework import ground, holds
from duecourse.casework.gate import Gate
from duecourse.casework.lender_law import installed
from duecourse.casework.outcomes import Outcome
from duecourse.casework.parties import Batch
from duecourse.casework.permit import Permit, PermitRequest, Refusal, Sender
from duecourse.casework.permit_rows import KeyReused
from duecourse.casework.permits import request_permits, subject_of
from duecourse.casework.redemption import redeem_permit
from duecourse.casework.settling import record_outcome
from duecourse.casework.stating import state_fact
from duecourse.law.fact import Value
from duecourse.law.terms import SenderType
from duecourse.storage import lenders, standing
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import loan, person, persons, phones, register, ties
from tests.permit_desk import BEGAN, OFFICE, OPERATOR, Clock, a_request, ask, granted, refused, set_up

VAULT = Vault(new_ring())
GATE = Gate(VAULT)
GUARANTOR = 21
NIGHT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""23:00 in Shanghai."""


@pytest.fixture
def desk(database: Database) -> Database:
    set_up(database, VAULT, *range(1, 9))
    tie = ties(GUARANTOR, loan_key=loan(1), relation="guarantor", proof_kind="contract", proof_until=date(2026, 12, 1))
    register(database, VAULT, Batch(persons(GUARANTOR), phones(GUARANTOR), tie))
    return database


def ask_guarantor(desk: Database, clock: Clock) -> Permit | Refusal:
    return ask(desk, GATE, clock, GUARANTOR, loan_keys=(loan(1),), template_id="guarantor.call")


def call(desk: Database, permit: Permit, clock: Clock) -> None:
    """Make the call; somebody answers."""
    redeem_permit(
        desk, "demo", gate=GATE, permit_id=permit.permit_id, sender=OFFICE, content_hash=permit.content_hash,
        actor=OPERATOR, clock=clock,
    )  # fmt: skip
    record_outcome(
        desk, "demo", gate=GATE, permit_id=permit.permit_id, outcome=Outcome.CONNECTED, sender=OFFICE, actor=OPERATOR,
        clock=clock,
    )  # fmt: skip


def test_a_consent_of_the_borrower_opens_nothing_to_the_guarantor(desk: Database) -> None:
    clock = Clock(NIGHT)
    assert "cn.contact.window" in refused(ask_guarantor(desk, clock))
    for number, opens in ((1, False), (GUARANTOR, True)):
        with desk.transaction("demo") as tx:
            state_fact(
                tx, vault=VAULT, person_id=person(number), fact="time_consent_recorded", value=True, source="r",
                actor=OPERATOR, now=clock(),
            )  # fmt: skip
        assert isinstance(ask_guarantor(desk, clock), Permit) is opens
    granted(ask(desk, GATE, clock, 1))


def test_what_is_said_of_the_debt_holds_for_every_party(desk: Database) -> None:
    clock = Clock()
    requests = [a_request(desk, 1), a_request(desk, GUARANTOR, loan_keys=(loan(1),), template_id="guarantor.call")]
    with desk.transaction("demo") as tx:
        for fact, value in (("limitation_expired", True), ("time_named_inconvenient", True)):
            state_fact(
                tx, vault=VAULT, person_id=person(1), fact=fact, value=value, source="r", actor=OPERATOR, now=clock()
            )
        rows = standing.read(tx, [subject_of(one) for one in requests], BEGAN)
        known = [_facts(standing.found(rows, one.person_id), one) for one in requests]
    assert [one["limitation_expired"] for one in known] == [True, True]
    assert [one.get("time_named_inconvenient", False) for one in known] == [True, False]


def _facts(stands: standing.Standing, request: PermitRequest) -> dict[str, Value | None]:
    return ground.facts(stands, request, [], GATE.moment(stands, request.at), text={})


def test_the_parties_of_a_debtor_share_his_connected_calls(desk: Database) -> None:
    clock, made = Clock(), 0
    for who in ("borrower", "guarantor") * 4:
        answer = ask(desk, GATE, clock, 1) if who == "borrower" else ask_guarantor(desk, clock)
        if isinstance(answer, Permit):
            call(desk, answer, clock)
            made += 1
    assert made == 3
    assert "cn.contact.connected_calls" in refused(ask(desk, GATE, clock, 1))
    assert "cn.contact.connected_calls" in refused(ask_guarantor(desk, clock))
    granted(ask(desk, GATE, clock, 2))


def test_made_up_names_of_staff_owe_what_their_house_owes(desk: Database) -> None:
    clock, redeemed = Clock(), 0
    for turn in range(40):
        if turn % 8 == 0:
            clock.forward(days=1)
        sender = Sender(SenderType.AGENCY, "acme", f"x{turn:03d}")
        answer = ask(desk, GATE, clock, turn % 8 + 1, channel="sms", sender=sender)
        if isinstance(answer, Permit):
            redeem_permit(
                desk, "demo", gate=GATE, permit_id=answer.permit_id, sender=sender, content_hash=answer.content_hash,
                actor=OPERATOR, clock=clock,
            )  # fmt: skip
            redeemed += 1
    assert redeemed == GATE.parameters.unreported_max
    assert refused(answer) == ("sender_stopped",)
    granted(ask(desk, GATE, clock, 1, channel="sms"))


@pytest.mark.parametrize("kind", ["court_stay", "complaint", "other", "insolvency"])
def test_every_kind_of_hold_holds(desk: Database, kind: str) -> None:
    clock = Clock()
    with desk.transaction("demo") as tx:
        holds.place(
            tx, vault=VAULT, person_id=person(1), kind=holds.HoldKind(kind), source="r", actor=OPERATOR, clock=clock
        )
    assert any(".hold." in rule for rule in refused(ask(desk, GATE, clock, 1)))


def test_holds_and_wrong_numbers_bind_whatever_is_switched_off(desk: Database) -> None:
    clock = Clock()
    with desk.transaction("demo") as tx:
        holds.place(
            tx, vault=VAULT, person_id=person(1), kind=holds.HoldKind.DISPUTE, source="r", actor=OPERATOR, clock=clock
        )
        lenders.set_packs_off(tx, [pack.id for pack in installed()])
    assert any(rule.startswith("house.") for rule in refused(ask(desk, GATE, clock, 1)))


def test_one_key_for_two_contacts_at_once_is_one_permit_and_one_word_about_the_key(desk: Database) -> None:
    """Neither sees the other's row when it looks for the key: the second meets it at the table, and looks again."""
    clock, begin = Clock(), Barrier(2)

    def at_once(number: int, key: str) -> object:
        request = a_request(desk, number, idempotency_key=key, at=clock())
        begin.wait(60)
        try:
            return request_permits(desk, "demo", gate=GATE, requests=[request], actor=OPERATOR, clock=clock)[0]
        except KeyReused as reused:
            return reused

    with ThreadPoolExecutor(2) as pool:
        for turn in range(12):
            clock.forward(days=1)
            both = [pool.submit(at_once, number, f"same-{turn}") for number in (1, 2)]
            assert sorted(type(one.result(60)).__name__ for one in both) == ["KeyReused", "Permit"]
