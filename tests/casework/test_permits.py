"""One way to a channel: what is asked, what is reserved, and what is refused with its reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from duecourse.casework import permit_token
from duecourse.casework.gate import Gate
from duecourse.casework.permit import NotARequest, Permit, Refusal, Why
from duecourse.casework.permit_rows import KeyReused
from duecourse.casework.permits import OtherDebtors, check_contact, request_permit, request_permits
from duecourse.casework.redemption import redeem_permit
from duecourse.casework.stating import state_fact
from duecourse.evidence.record import read
from duecourse.storage import holds, log, standing
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from duecourse.storage.vault.signing import Signer
from tests.desk import loan, person
from tests.permit_desk import (
    AGENCY,
    CLOSING,
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


@pytest.fixture
def desk(database: Database) -> Database:
    set_up(database, VAULT, 1, 2, 3)
    return database


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_the_tables_that_the_gate_reads_have_their_statistics_after_an_import(desk: Database) -> None:
    desk.gather(standing.TABLES)
    with desk.transaction("demo") as tx:
        counts = "SELECT relname::text, reltuples::bigint FROM pg_class WHERE relkind IN ('r', 'p')"
        known: dict[str, int] = dict(tx.execute(counts).fetchall())
        source = str(tx.value("SELECT prosrc FROM pg_proc WHERE proname = 'contact_standings'"))
    assert (known["person"], known["party"]) == (3, 3)
    assert [name for name in standing.TABLES if known[name] < 0] == []
    assert [name for name in standing.TABLES if name not in source] == ["lender_fact"], "which the call reads beside it"


def test_a_permit_binds_everything_and_is_signed(desk: Database, clock: Clock) -> None:
    permit = granted(ask(desk, GATE, clock))
    assert permit.expires_at - permit.issued_at == timedelta(minutes=10)
    said = permit_token.verify(GATE.signer, permit.token)
    assert replace(said, advice=permit.advice) == permit
    assert permit_token.verify_with(GATE.signer.public("demo"), permit.token) == said
    document, signature = permit.token.split(".")[2:]
    for part in (document, signature):
        for place in range(len(part) - 1):  # the last letter holds spare bits
            altered = part[:place] + ("A" if part[place] != "A" else "B") + part[place + 1 :]
            with pytest.raises(permit_token.NotAPermit):
                permit_token.verify(GATE.signer, permit.token.replace(part, altered))
    with pytest.raises(permit_token.NotAPermit):
        permit_token.verify_with(Signer(Vault(new_ring())).public("demo"), permit.token)


def test_the_third_call_is_the_last(desk: Database, clock: Clock) -> None:
    for sender in (OFFICE, AGENCY, OFFICE):
        granted(ask(desk, GATE, clock, sender=sender))
    assert refused(ask(desk, GATE, clock)) == ("cn.contact.connected_calls",)
    granted(ask(desk, GATE, clock, 2))
    clock.forward(days=1)
    granted(ask(desk, GATE, clock))


def test_the_same_key_gives_the_same_answer(desk: Database, clock: Clock) -> None:
    request = a_request(desk)
    first = request_permit(desk, "demo", gate=GATE, request=request, actor=OPERATOR, clock=clock)
    clock.forward(minutes=1)
    assert request_permit(desk, "demo", gate=GATE, request=request, actor=OPERATOR, clock=clock) == first
    with pytest.raises(KeyReused):
        request_permit(
            desk, "demo", gate=GATE, request=replace(request, content_hash="0" * 64), actor=OPERATOR, clock=clock
        )
    agencys = replace(request, sender=AGENCY)
    assert granted(request_permit(desk, "demo", gate=GATE, request=agencys, actor=OPERATOR, clock=clock)) != first
    clock.at = CLOSING
    late = a_request(desk, at=CLOSING)
    no = request_permit(desk, "demo", gate=GATE, request=late, actor=OPERATOR, clock=clock)
    clock.forward(hours=10)
    assert request_permit(desk, "demo", gate=GATE, request=late, actor=OPERATOR, clock=clock) == no


def test_a_permit_ends_with_the_window(desk: Database, clock: Clock) -> None:
    clock.at = CLOSING - timedelta(minutes=3)
    assert granted(ask(desk, GATE, clock)).expires_at == CLOSING
    clock.at = CLOSING - timedelta(microseconds=1)
    assert granted(ask(desk, GATE, clock)).expires_at == CLOSING
    clock.at = CLOSING
    answer = ask(desk, GATE, clock)
    assert set(refused(answer)) == {"cn.contact.window", "cn_cba_2026.contact.night"}
    assert isinstance(answer, Refusal)
    assert answer.next_open == CLOSING + timedelta(hours=10)
    assert answer.reasons[0]["source"]["clause"] == "5.3"  # type: ignore[index,call-overload]
    assert "22" in answer.says["zh"]


def test_the_next_instant_is_the_first_at_which_the_gate_says_yes(desk: Database, clock: Clock) -> None:
    """A consent for certain hours opens no other hour, and a hold that has an end opens at it."""
    ends = MORNING + timedelta(days=1, hours=2)
    with desk.transaction("demo") as tx:
        state_fact(
            tx, vault=VAULT, person_id=person(1), fact="time_consent_recorded", value=True, source="recording",
            actor=OPERATOR, now=MORNING, seconds=(36_000, 43_200),
        )  # fmt: skip
        holds.place(
            tx, person_id=person(2), kind="dispute", from_at=MORNING, to_at=ends, source="test", now=MORNING
        )  # fmt: skip
    for _ in range(3):
        granted(ask(desk, GATE, clock))
    for number, opens in ((1, CLOSING + timedelta(hours=10)), (2, ends)):
        answer = ask(desk, GATE, clock, number)
        assert isinstance(answer, Refusal)
        assert answer.next_open == opens
        for at, allowed in ((opens, True), (opens - timedelta(microseconds=1), False)):
            request = a_request(desk, number, at=at)
            assert check_contact(desk, "demo", gate=GATE, request=request, clock=Clock(at)).allowed is allowed


def test_a_full_week_opens_when_its_first_day_falls_out(desk: Database, clock: Clock) -> None:
    """Twenty-one attempts: five a day from Monday to Thursday and one on Friday; on the next Monday five are gone."""
    for place in range(21):
        day, turn = divmod(place, 5)
        clock.at = MORNING + timedelta(days=day, minutes=turn)
        sender = (OFFICE, AGENCY)[place % 2]
        permit = granted(ask(desk, GATE, clock, channel=("call", "call", "call", "sms", "push")[turn], sender=sender))
        redeem_permit(
            desk, "demo", gate=GATE, permit_id=permit.permit_id, sender=sender, content_hash=CONTENT, actor=OPERATOR,
            clock=clock,
        )  # fmt: skip
    clock.forward(hours=1)
    answer = ask(desk, GATE, clock)
    assert refused(answer) == ("house_cn.contact.attempts_week",)
    assert isinstance(answer, Refusal)
    assert answer.next_open == MORNING + timedelta(days=7, hours=-2)


def test_a_planned_instant_is_near(desk: Database, clock: Clock) -> None:
    granted(ask(desk, GATE, clock, at=clock() + timedelta(minutes=10) - timedelta(microseconds=1)))
    early = ask(desk, GATE, clock, at=clock() + timedelta(minutes=10))
    assert isinstance(early, Refusal)
    assert early.why is Why.TOO_EARLY
    clock.at = CLOSING + timedelta(hours=10, minutes=-5)  # 07:55
    tomorrow = granted(ask(desk, GATE, clock, at=CLOSING + timedelta(hours=10)))
    assert tomorrow.at == CLOSING + timedelta(hours=10)
    assert tomorrow.expires_at == clock() + timedelta(minutes=10)
    assert refused(ask(desk, GATE, clock, 2, at=clock() - timedelta(hours=12)))[0] == "cn.contact.window"


def test_a_batch_sees_its_own_permits(desk: Database, clock: Clock) -> None:
    requests = [a_request(desk, 1) for _ in range(4)] + [a_request(desk, 2), a_request(desk, 2, channel="sms")]
    answers = request_permits(desk, "demo", gate=GATE, requests=requests, actor=OPERATOR, clock=clock)
    assert [type(one) for one in answers] == [Permit] * 3 + [Refusal] + [Permit] * 2
    assert refused(ask(desk, GATE, clock, 2, channel="sms")) == ("house.contact.sms_day",)
    with pytest.raises(NotARequest, match="key of its own"):
        request_permits(desk, "demo", gate=GATE, requests=requests[:1] * 2, actor=OPERATOR, clock=clock)
    with pytest.raises(NotARequest, match="1 to 200"):
        request_permits(desk, "demo", gate=GATE, requests=[], actor=OPERATOR, clock=clock)


def test_what_cannot_be_asked(desk: Database, clock: Clock) -> None:
    with pytest.raises(OtherDebtors, match="persons who owe them: 2"):
        ask(desk, GATE, clock, loan_keys=(loan(1), loan(2)))
    with pytest.raises(OtherDebtors, match="nobody owes"):
        ask(desk, GATE, clock, loan_keys=(loan(99),))
    with pytest.raises(NotARequest, match="cannot be reached by sms"):
        ask(desk, GATE, clock, channel="sms", contact_point_id=point(desk, 1, "app"))
    assert "cn.matrix" in refused(ask(desk, GATE, clock, loan_keys=(loan(2),)))  # somebody else's debt


def test_every_answer_leaves_a_record(desk: Database, clock: Clock) -> None:
    permit = granted(ask(desk, GATE, clock))
    clock.at = CLOSING
    ask(desk, GATE, clock)
    with desk.transaction("demo") as tx:
        no, yes, *_ = log.of_person(tx, person(1))
    assert (yes.kind, no.kind) == ("permit.granted", "permit.refused")
    said, refusal = read(yes.content), read(no.content)
    assert isinstance(said["stated"], dict)
    assert said["stated"]["permit"] == str(permit.permit_id)
    assert refusal["rules"] == ["cn.contact.window", "cn_cba_2026.contact.night"]
    assert str(person(1)).encode() not in yes.content


def test_a_check_reserves_nothing(desk: Database, clock: Clock) -> None:
    for _ in range(5):
        assert check_contact(desk, "demo", gate=GATE, request=a_request(desk), clock=clock).allowed
    with desk.transaction("demo") as tx:
        assert tx.value("SELECT count(*) FROM contact") == 0
        assert tx.value("SELECT count(*) FROM permit_request") == 0
    clock.at = CLOSING
    no = check_contact(desk, "demo", gate=GATE, request=a_request(desk, at=CLOSING), clock=clock)
    assert (no.allowed, no.next_open) == (False, CLOSING + timedelta(hours=10))


def test_a_lapsed_reservation_is_free_again(desk: Database, clock: Clock) -> None:
    for _ in range(3):
        granted(ask(desk, GATE, clock))
    clock.forward(minutes=10, microseconds=-1)
    refused(ask(desk, GATE, clock))
    clock.forward(microseconds=1)
    granted(ask(desk, GATE, clock))
    with desk.transaction("demo") as tx:
        assert tx.value("SELECT count(*) FROM contact WHERE state = 'released'") == 3
