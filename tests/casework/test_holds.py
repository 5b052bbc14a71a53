"""A hold acts at once: what was permitted and not yet used is worth nothing, and nothing new is permitted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from duecourse.casework import holds
from duecourse.casework.actor import Actor, Role
from duecourse.casework.gate import Gate
from duecourse.casework.holds import HoldKind, NotAHold, NotYetBegun, Placed
from duecourse.casework.outcomes import Outcome
from duecourse.casework.parties import Batch
from duecourse.casework.permit import Permit, Redeemed, Refusal, Why
from duecourse.casework.permit_rows import stored_answer
from duecourse.casework.redemption import redeem_permit
from duecourse.casework.settling import record_outcome
from duecourse.casework.stating import NotAnOfficer, NotStated, override, state_fact
from duecourse.casework.their_loan import NotTheirLoan
from duecourse.storage import holds as kept
from duecourse.storage import log, permits, stated
from duecourse.storage.connection import Database
from duecourse.storage.holds import HoldStands
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import loan, person, persons, phones, register, ties
from tests.permit_desk import (
    AGENCY,
    CLOSING,
    CONTENT,
    OFFICE,
    OPERATOR,
    Clock,
    ask,
    granted,
    point,
    refused,
    set_up,
)  # fmt: skip

VAULT = Vault(new_ring())
GATE = Gate(VAULT)
OFFICER = Actor(Role.COMPLIANCE, "officer1")


@pytest.fixture
def desk(database: Database) -> Database:
    set_up(database, VAULT, 1, 2, 3)
    return database


@pytest.fixture
def clock() -> Clock:
    return Clock()


def place(desk: Database, clock: Clock, kind: HoldKind, number: int = 1, **more: object) -> Placed:
    with desk.transaction("demo") as tx:
        return holds.place(
            tx, vault=VAULT, person_id=person(number), kind=kind, source="letter 7", actor=OPERATOR, clock=clock,
            **more,  # type: ignore[arg-type]
        )  # fmt: skip


def redeem(desk: Database, clock: Clock, permit: Permit) -> Redeemed | Refusal:
    return redeem_permit(
        desk, "demo", gate=GATE, permit_id=permit.permit_id, sender=permit.sender, content_hash=CONTENT,
        actor=OPERATOR, clock=clock,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        (HoldKind.DISPUTE, "house.hold.dispute"),
        (HoldKind.CEASE, "house.hold.cease"),
        (HoldKind.BEREAVEMENT, "house.hold.bereavement"),
        (HoldKind.BREATHING_SPACE, "house.hold.breathing_space"),
        (HoldKind.INSOLVENCY, "house.hold.insolvency"),
        (HoldKind.HARDSHIP, "house.hold.hardship"),
        (HoldKind.IDENTITY_THEFT, "house.hold.identity_theft"),
    ],
)
def test_a_hold_acts_at_once_and_until_it_ends(desk: Database, clock: Clock, kind: HoldKind, rule: str) -> None:
    permits = [granted(ask(desk, GATE, clock)), granted(ask(desk, GATE, clock, sender=AGENCY))]
    others = granted(ask(desk, GATE, clock, 2))
    placed = place(desk, clock, kind)
    assert placed.voided == 2
    for permit in permits:
        answer = redeem(desk, clock, permit)
        assert isinstance(answer, Refusal)
        assert answer.why is Why.ENDED
    assert isinstance(redeem(desk, clock, others), Redeemed)
    assert rule in refused(ask(desk, GATE, clock))
    with pytest.raises(HoldStands):
        place(desk, clock, kind)
    clock.forward(minutes=1)
    with desk.transaction("demo") as tx:
        assert placed.hold_id is not None
        holds.end(tx, vault=VAULT, person_id=person(1), hold_id=placed.hold_id, actor=OPERATOR, clock=clock)
    granted(ask(desk, GATE, clock))
    with desk.transaction("demo") as tx, pytest.raises(NotAHold, match="no open hold"):
        holds.end(tx, vault=VAULT, person_id=person(1), hold_id=placed.hold_id, actor=OPERATOR, clock=clock)


def test_a_hold_is_not_ended_at_the_instant_at_which_it_begins(desk: Database, clock: Clock) -> None:
    placed = place(desk, clock, HoldKind.DISPUTE)
    assert placed.hold_id is not None
    with desk.transaction("demo") as tx, pytest.raises(NotYetBegun, match="can be ended after that instant"):
        holds.end(tx, vault=VAULT, person_id=person(1), hold_id=placed.hold_id, actor=OPERATOR, clock=clock)
    refused(ask(desk, GATE, clock))
    clock.forward(microseconds=1)
    with desk.transaction("demo") as tx:
        holds.end(tx, vault=VAULT, person_id=person(1), hold_id=placed.hold_id, actor=OPERATOR, clock=clock)
        assert tx.value("SELECT count(*) FROM log_entry WHERE kind = 'hold.ended'") == 1
    granted(ask(desk, GATE, clock))


def test_a_hold_with_an_end_ends_by_itself(desk: Database, clock: Clock) -> None:
    place(desk, clock, HoldKind.BREATHING_SPACE, until=clock() + timedelta(hours=1))
    refused(ask(desk, GATE, clock))
    clock.forward(hours=1)
    granted(ask(desk, GATE, clock))


def test_a_hold_on_one_debt_leaves_the_others(desk: Database, clock: Clock) -> None:
    second = ties(1, loan_key=loan(9))
    register(desk, VAULT, Batch(persons(), phones(), second), now=clock())
    one, other = granted(ask(desk, GATE, clock)), granted(ask(desk, GATE, clock, loan_keys=(loan(9),)))
    assert place(desk, clock, HoldKind.DISPUTE, loan_key=loan(9)).voided == 1
    assert isinstance(redeem(desk, clock, one), Redeemed)
    assert isinstance(redeem(desk, clock, other), Refusal)
    assert refused(ask(desk, GATE, clock, loan_keys=(loan(1), loan(9)))) == ("house.hold.dispute",)
    granted(ask(desk, GATE, clock))


@pytest.mark.parametrize("kind", [HoldKind.DECEASED, HoldKind.INSOLVENCY, HoldKind.BEREAVEMENT])
def test_what_befalls_the_person_holds_for_all_debts(desk: Database, clock: Clock, kind: HoldKind) -> None:
    register(desk, VAULT, Batch(persons(), phones(), ties(1, loan_key=loan(9))), now=clock())
    granted(ask(desk, GATE, clock))
    assert place(desk, clock, kind, loan_key=loan(9)).voided == 1
    assert refused(ask(desk, GATE, clock))
    with desk.transaction("demo") as tx:  # also where a file named the one debt
        tx.execute("UPDATE hold SET loan_key = %s", (loan(9),))
    assert refused(ask(desk, GATE, clock))


def test_a_hold_that_begins_later_bars_none_from_now(desk: Database, clock: Clock) -> None:
    later = clock() + timedelta(days=20)
    with desk.transaction("demo") as tx:
        kept.place(tx, person_id=person(1), kind="dispute", from_at=later, source="tape", now=clock())
    granted(ask(desk, GATE, clock))
    assert place(desk, clock, HoldKind.DISPUTE).voided == 1
    assert refused(ask(desk, GATE, clock))
    clock.forward(days=21)
    assert refused(ask(desk, GATE, clock))
    with pytest.raises(HoldStands):
        place(desk, clock, HoldKind.DISPUTE)


@pytest.mark.parametrize("theirs", [loan(2), loan(77)], ids=["another person's", "nobody's"])
def test_nothing_is_said_of_a_loan_that_is_not_the_persons(desk: Database, clock: Clock, theirs: int) -> None:
    permit = granted(ask(desk, GATE, clock))
    with pytest.raises(NotTheirLoan, match=f"person {person(1)} has no tie to a loan {theirs}"):
        place(desk, clock, HoldKind.DISPUTE, loan_key=theirs)
    with desk.transaction("demo") as tx, pytest.raises(NotTheirLoan, match="nothing was put on record"):
        state_fact(
            tx, vault=VAULT, person_id=person(1), fact="time_agreed", value=True, source="call 3", actor=OPERATOR,
            now=clock(), loan_key=theirs,
        )  # fmt: skip
    with desk.transaction("demo") as tx:
        assert tx.value("SELECT count(*) FROM hold") == 0
        assert tx.value("SELECT count(*) FROM stated_fact") == 0
        assert tx.value("SELECT count(*) FROM log_entry WHERE kind IN ('hold.placed', 'fact.stated')") == 0
    assert isinstance(redeem(desk, clock, permit), Redeemed)
    friend = ties(2, loan_key=loan(1), relation="contact_person", named_by_debtor=True)
    register(desk, VAULT, Batch(persons(), phones(), friend), now=clock())
    assert place(desk, clock, HoldKind.OTHER, 2, loan_key=loan(1)).voided == 0


@pytest.mark.parametrize(("begins", "ends"), [(None, -1), (None, 0), (5, 5), (5, 4)])
def test_a_fact_does_not_end_before_it_begins(desk: Database, clock: Clock, begins: int | None, ends: int) -> None:
    now = clock()
    with desk.transaction("demo") as tx, pytest.raises(NotStated, match=r"would end .* before it begins"):
        state_fact(
            tx, vault=VAULT, person_id=person(1), fact="time_agreed", value=True, source="call 3", actor=OPERATOR,
            now=now, from_at=None if begins is None else now + timedelta(hours=begins),
            until=now + timedelta(hours=ends),
        )  # fmt: skip


def test_hours_over_midnight_hold_on_both_sides_of_it(desk: Database, clock: Clock) -> None:
    night = (22 * 3600, 8 * 3600)
    for fact in ("time_consent_recorded", "time_agreed"):
        with desk.transaction("demo") as tx:
            state_fact(
                tx, vault=VAULT, person_id=person(1), fact=fact, value=True, source="call 3", actor=OPERATOR,
                now=clock(), seconds=night,
            )  # fmt: skip
    with desk.transaction("demo") as tx, pytest.raises(NotStated, match="begin and end at once"):
        state_fact(
            tx, vault=VAULT, person_id=person(1), fact="time_agreed", value=True, source="call 3", actor=OPERATOR,
            now=clock(), seconds=(36_000, 36_000),
        )  # fmt: skip
    for hours in (0, 1, 4, 9):  # 22:00, 23:00, 02:00 and 07:00 in Shanghai
        clock.at = CLOSING + timedelta(hours=hours)
        granted(ask(desk, GATE, clock))
        assert refused(ask(desk, GATE, clock, 2))
    with desk.transaction("demo") as tx:
        held = {(one.second_from, one.second_to) for one in stated.of_person(tx, person(1))}
    assert held == {night}


def test_a_third_person_who_refuses_has_refused_for_ever(desk: Database, clock: Clock) -> None:
    friend = ties(2, loan_key=loan(1), relation="contact_person", named_by_debtor=True)
    register(desk, VAULT, Batch(persons(), phones(), friend), now=clock())
    place(desk, clock, HoldKind.THIRD_PARTY_REFUSAL, 2)
    answer = ask(desk, GATE, clock, 2, loan_keys=(loan(1),), template_id="contact.relay.call")
    assert "cn.party.third_person_stop" in refused(answer)
    granted(ask(desk, GATE, clock, 2))  # his own debt is another matter
    with pytest.raises(NotAHold, match="no tie"):
        place(desk, clock, HoldKind.THIRD_PARTY_REFUSAL, 2)


def test_a_wrong_number_stops_the_number(desk: Database, clock: Clock) -> None:
    permit = granted(ask(desk, GATE, clock))
    push = granted(ask(desk, GATE, clock, channel="push"))
    assert place(desk, clock, HoldKind.WRONG_NUMBER, contact_point_id=point(desk, 1)).voided == 1
    assert isinstance(redeem(desk, clock, permit), Refusal)
    assert isinstance(redeem(desk, clock, push), Redeemed)
    assert refused(ask(desk, GATE, clock)) == ("house.contact.point",)


def test_holds_that_make_no_sense_are_refused(desk: Database, clock: Clock) -> None:
    for kind, more in (
        (HoldKind.WRONG_NUMBER, {}),
        (HoldKind.DISPUTE, {"contact_point_id": 1}),
        (HoldKind.THIRD_PARTY_REFUSAL, {"loan_key": 1}),
        (HoldKind.CEASE, {"until": clock()}),
    ):
        with pytest.raises(NotAHold):
            place(desk, clock, kind, **more)


def test_a_hold_leaves_a_record_and_seals_its_reason(desk: Database, clock: Clock) -> None:
    place(desk, clock, HoldKind.HARDSHIP, reason="失业")
    with desk.transaction("demo") as tx:
        assert log.of_person(tx, person(1))[0].kind == "hold.placed"
        sealed = tx.value("SELECT reason_sealed FROM hold")
        assert isinstance(sealed, bytes)
        assert "失业".encode() not in sealed


def test_an_officer_overrides_a_recommendation_for_one_request(desk: Database, clock: Clock) -> None:
    for _ in range(6):
        permit = granted(ask(desk, GATE, clock))
        assert isinstance(redeem(desk, clock, permit), Redeemed)
        record_outcome(
            desk, "demo", gate=GATE, permit_id=permit.permit_id, outcome=Outcome.UNANSWERED, sender=OFFICE,
            actor=OPERATOR, clock=clock,
        )  # fmt: skip
    no = ask(desk, GATE, clock)
    assert refused(no) == ("cn_cba_2026.contact.attempts",)
    assert isinstance(no, Refusal)
    assert no.lifts == ("officer_override",)

    def allow(key: str, actor: Actor = OFFICER, reason: str = "the debtor asked for a call") -> None:
        with desk.transaction("demo") as tx:
            override(
                tx, vault=VAULT, person_id=person(1), sender=OFFICE, key=key, reason=reason, actor=actor, clock=clock
            )

    with pytest.raises(NotAnOfficer):
        allow("k1", OPERATOR)
    with pytest.raises(NotStated, match="reason"):
        allow("k1", reason=" ")
    allow("k1")
    assert refused(ask(desk, GATE, clock)) == ("cn_cba_2026.contact.attempts",)
    assert refused(ask(desk, GATE, clock, sender=AGENCY, idempotency_key="k1"))  # another house's key
    permit = granted(ask(desk, GATE, clock, idempotency_key="k1"))
    (lifted,) = permit.lifted
    assert (lifted["rule"], lifted["lifted_by"]) == ("cn_cba_2026.contact.attempts", ["officer_override"])
    with desk.transaction("demo") as tx:
        kept = stored_answer(permits.get(tx, permit.permit_id), "demo")
    assert kept == permit, "what was lifted is kept with the permit"
    assert isinstance(redeem(desk, clock, permit), Redeemed)
    with desk.transaction("demo") as tx:
        assert "fact.stated" in [one.kind for one in log.of_person(tx, person(1))]
    clock.at = CLOSING  # a shall-not is never overridden
    allow("k2")
    assert "cn.contact.window" in refused(ask(desk, GATE, clock, idempotency_key="k2"))


def test_a_recorded_consent_opens_the_hours_it_covers(desk: Database, clock: Clock) -> None:
    with desk.transaction("demo") as tx:
        state_fact(
            tx, vault=VAULT, person_id=person(1), fact="time_consent_recorded", value=True, source="recording 12",
            actor=OPERATOR, now=clock(), seconds=(79_200, 82_800),
        )  # fmt: skip
    clock.at = CLOSING
    permit = granted(ask(desk, GATE, clock))
    assert permit.expires_at == clock() + timedelta(minutes=10)
    clock.forward(hours=1)
    assert "cn_cba_2026.contact.night" in refused(ask(desk, GATE, clock))


def test_only_facts_that_somebody_can_know_are_stated(desk: Database, clock: Clock) -> None:
    def say(fact: str, value: int | str) -> None:
        with desk.transaction("demo") as tx:
            state_fact(
                tx, vault=VAULT, person_id=person(1), fact=fact, value=value, source="x", actor=OPERATOR, now=clock()
            )

    for fact, why in (
        ("connected_calls_person_day", "reckoned"), ("relation_proven", "reckoned"), ("time_agreeed", "did you mean"),
        ("officer_override", "permit override"), ("hold_cease", "reckoned"), ("purpose", "reckoned"),
    ):  # fmt: skip
        with pytest.raises(NotStated, match=why):
            say(fact, 1)
    with pytest.raises(NotStated, match="not a value"):
        say("time_agreed", 7)
    say("days_since_debt_adviser", 3)
