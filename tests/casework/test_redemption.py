"""A permit is used once, by its own sender, for its own content, while the law still allows it; then it is settled."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from duecourse.casework.gate import Gate
from duecourse.casework.outcomes import Outcome
from duecourse.casework.parties import Batch
from duecourse.casework.permit import Permit, Redeemed, Refusal, Sender, Why
from duecourse.casework.redemption import WasRefused, redeem_permit
from duecourse.casework.settling import (
    NotThen,
    OtherSender,
    OutcomeStands,
    Settled,
    record_inbound,
    record_outcome,
    release_permit,
)
from duecourse.law.terms import Channel, SenderType
from duecourse.storage import points
from duecourse.storage.connection import Database
from duecourse.storage.permits import NoSuchPermit
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import loan, person, persons, phones, register, ties
from tests.permit_desk import AGENCY, CLOSING, CONTENT, OFFICE, OPERATOR, Clock, ask, granted, point, refused, set_up

VAULT = Vault(new_ring())
GATE = Gate(VAULT)


@pytest.fixture
def desk(database: Database) -> Database:
    set_up(database, VAULT, 1, 2, 3)
    return database


@pytest.fixture
def clock() -> Clock:
    return Clock()


def redeem(
    desk: Database, clock: Clock, permit: Permit, sender: Sender = OFFICE, content: str = CONTENT
) -> Redeemed | Refusal:
    return redeem_permit(
        desk, "demo", gate=GATE, permit_id=permit.permit_id, sender=sender, content_hash=content, actor=OPERATOR,
        clock=clock,
    )  # fmt: skip


def why(answer: Redeemed | Refusal) -> Why:
    assert isinstance(answer, Refusal), answer
    return answer.why


def settle(
    desk: Database,
    clock: Clock,
    permit: Permit,
    outcome: Outcome,
    sender: Sender = OFFICE,
    *,
    at: datetime | None = None,
) -> Settled:
    return record_outcome(
        desk, "demo", gate=GATE, permit_id=permit.permit_id, outcome=outcome, sender=sender, actor=OPERATOR,
        clock=clock, at=at,
    )  # fmt: skip


def states(desk: Database) -> list[object]:
    with desk.transaction("demo") as tx:
        return [row[0] for row in tx.execute("SELECT state FROM contact ORDER BY contact_id")]


def test_a_permit_is_used_once(desk: Database, clock: Clock) -> None:
    permit = granted(ask(desk, GATE, clock))
    clock.forward(minutes=2)
    used = redeem(desk, clock, permit)
    assert isinstance(used, Redeemed)
    assert (used.at, used.permit) == (clock(), permit)
    assert why(redeem(desk, clock, permit)) is Why.USED
    settle(desk, clock, permit, Outcome.CONNECTED)
    assert why(redeem(desk, clock, permit)) is Why.USED


def test_a_permit_is_for_its_sender_and_content(desk: Database, clock: Clock) -> None:
    permit = granted(ask(desk, GATE, clock))
    assert why(redeem(desk, clock, permit, AGENCY)) is Why.OTHER_SENDER
    assert why(redeem(desk, clock, permit, Sender(SenderType.LENDER, staff="E02"))) is Why.OTHER_SENDER
    assert why(redeem(desk, clock, permit, content="0" * 64)) is Why.OTHER_CONTENT
    assert isinstance(redeem(desk, clock, permit), Redeemed)  # none of these cost its sender anything
    with pytest.raises(NoSuchPermit):
        redeem_permit(
            desk, "demo", gate=GATE, permit_id=10**9, sender=OFFICE, content_hash=CONTENT, actor=OPERATOR, clock=clock
        )


def test_a_refusal_is_no_permit(desk: Database, clock: Clock) -> None:
    clock.at = CLOSING
    no = ask(desk, GATE, clock)
    with pytest.raises(WasRefused):
        redeem_permit(
            desk, "demo", gate=GATE, permit_id=no.permit_id, sender=OFFICE, content_hash=CONTENT, actor=OPERATOR,
            clock=clock,
        )  # fmt: skip


def test_a_permit_expires_and_is_not_early(desk: Database, clock: Clock) -> None:
    planned = granted(ask(desk, GATE, clock, at=clock() + timedelta(minutes=5)))
    assert why(redeem(desk, clock, planned)) is Why.TOO_EARLY
    clock.forward(minutes=5)
    assert isinstance(redeem(desk, clock, planned), Redeemed)
    permit = granted(ask(desk, GATE, clock))
    clock.forward(minutes=10)
    assert why(redeem(desk, clock, permit)) is Why.EXPIRED
    assert states(desk) == ["redeemed", "released"]
    assert why(redeem(desk, clock, permit)) is Why.ENDED


def test_the_law_is_asked_again(desk: Database, clock: Clock) -> None:
    permit = granted(ask(desk, GATE, clock))
    with desk.transaction("demo") as tx:
        points.set_state(tx, person(1), permit.contact_point_id, "unreachable", now=clock())
    no = redeem(desk, clock, permit)
    assert refused(no) == ("house.contact.point",)
    assert states(desk) == ["released"]


def test_its_own_reservation_does_not_stand_in_its_way(desk: Database, clock: Clock) -> None:
    permits = [granted(ask(desk, GATE, clock)) for _ in range(3)]
    assert all(isinstance(redeem(desk, clock, permit), Redeemed) for permit in permits)
    assert refused(ask(desk, GATE, clock)) == ("cn.contact.connected_calls",)


def test_a_call_over_midnight_counts_on_the_day_it_was_made(desk: Database, clock: Clock) -> None:
    clock.at = CLOSING + timedelta(hours=2, minutes=-5)  # 23:55: letters may be sent at any hour
    permit = granted(ask(desk, GATE, clock, channel="letter", contact_point_id=address(desk, clock)))
    clock.forward(minutes=5)
    assert isinstance(redeem(desk, clock, permit), Redeemed)
    with desk.transaction("demo") as tx:
        assert tx.value("SELECT local_day FROM contact") == date(2026, 3, 3)


def address(desk: Database, clock: Clock) -> int:
    """A place that letters go to, of borrower C1."""
    letters = phones(1, kind="address", label="home", value="演示省演示市东区1号")
    register(desk, VAULT, Batch(persons(), letters, ties()), now=clock())
    return point(desk, 1, "address")


@pytest.mark.parametrize(
    ("outcome", "left"),
    [
        (Outcome.CONNECTED, 2),
        (Outcome.HUNG_UP, 2),
        (Outcome.VOICEMAIL, 2),
        (Outcome.UNANSWERED, 3),
        (Outcome.BUSY, 3),
        (Outcome.NOT_SENT, 3),
    ],
)
def test_an_outcome_settles_as_the_law_counts(desk: Database, clock: Clock, outcome: Outcome, left: int) -> None:
    permit = granted(ask(desk, GATE, clock))
    assert isinstance(redeem(desk, clock, permit), Redeemed)
    assert settle(desk, clock, permit, outcome).outcome is outcome
    settle(desk, clock, permit, outcome)
    answers = [ask(desk, GATE, clock) for _ in range(4)]
    assert sum(isinstance(one, Permit) for one in answers) == left


def test_not_sent_gives_back_what_was_not_redeemed_and_nothing_else(desk: Database, clock: Clock) -> None:
    for n in range(6):  # redeemed, perhaps called, and "not sent": it counts as an attempt all the same
        permit = granted(ask(desk, GATE, clock))
        assert settle(desk, clock, permit, Outcome.NOT_SENT).state == "released", n
        permit = granted(ask(desk, GATE, clock))
        assert isinstance(redeem(desk, clock, permit), Redeemed)
        assert settle(desk, clock, permit, Outcome.NOT_SENT).state == "reported"
    assert refused(ask(desk, GATE, clock)) == ("cn_cba_2026.contact.attempts",)
    with desk.transaction("demo") as tx:
        counted = tx.execute("SELECT placed, unanswered, answered FROM counted_contact WHERE state = 'reported'")
        assert counted.fetchall() == [(True, True, False)] * 6


def test_an_outcome_told_late_counts_on_the_day_of_the_contact(desk: Database, clock: Clock) -> None:
    permit = granted(ask(desk, GATE, clock))
    made = clock() + timedelta(minutes=20)
    clock.forward(days=1)
    for wrong in (permit.issued_at - timedelta(seconds=1), clock() + timedelta(seconds=1)):
        with pytest.raises(NotThen, match=r"at: .*(before the permit was given|in the future)"):
            settle(desk, clock, permit, Outcome.CONNECTED, at=wrong)
    with pytest.raises(NotThen, match="leave it out"):
        settle(desk, clock, permit, Outcome.NOT_SENT, at=made)
    assert settle(desk, clock, permit, Outcome.CONNECTED, at=made).at == made
    with desk.transaction("demo") as tx:
        assert tx.execute("SELECT at, local_day FROM contact").fetchall() == [(made, date(2026, 3, 2))]
    assert sum(isinstance(ask(desk, GATE, clock), Permit) for _ in range(4)) == 3  # nothing of today is used up
    used = granted(ask(desk, GATE, clock, 2))
    clock.forward(minutes=1)
    assert isinstance(redeem(desk, clock, used), Redeemed)
    with pytest.raises(NotThen, match="before the permit was redeemed"):
        settle(desk, clock, used, Outcome.CONNECTED, at=used.issued_at)


def test_letters_count_exactly_if_they_ask_for_something(desk: Database, clock: Clock) -> None:
    home = address(desk, clock)

    def write(template: str) -> Permit:
        permit = granted(ask(desk, GATE, clock, channel="letter", contact_point_id=home, template_id=template))
        assert isinstance(redeem(desk, clock, permit), Redeemed)
        settle(desk, clock, permit, Outcome.SENT)
        return permit

    for _ in range(3):
        write("referral.notice.letter")
    for _ in range(7):
        write("m3.letter")
    no = ask(desk, GATE, clock, channel="letter", contact_point_id=home)
    assert refused(no) == ("house_cn.contact.letters",)
    write("referral.notice.letter")
    clock.forward(days=6)
    assert refused(ask(desk, GATE, clock, channel="letter", contact_point_id=home)) == ("house_cn.contact.letters",)
    clock.forward(days=1)
    write("m3.letter")


def test_another_outcome_is_not_taken(desk: Database, clock: Clock) -> None:
    permit = granted(ask(desk, GATE, clock))
    redeem(desk, clock, permit)
    settle(desk, clock, permit, Outcome.CONNECTED)
    with pytest.raises(OutcomeStands):
        settle(desk, clock, permit, Outcome.UNANSWERED)
    with pytest.raises(OtherSender):
        settle(desk, clock, permit, Outcome.CONNECTED, AGENCY)


def test_a_call_made_without_redeeming_counts_all_the_same(desk: Database, clock: Clock) -> None:
    permit = granted(ask(desk, GATE, clock))
    clock.forward(minutes=11)
    late = settle(desk, clock, permit, Outcome.CONNECTED)
    assert late.unredeemed
    assert sum(isinstance(ask(desk, GATE, clock), Permit) for _ in range(4)) == 2


def test_unreported_contacts_count_as_all_they_could_be_and_stop_the_sender(desk: Database, clock: Clock) -> None:
    for _ in range(3):
        assert isinstance(redeem(desk, clock, granted(ask(desk, GATE, clock))), Redeemed)
    clock.forward(hours=5)
    assert refused(ask(desk, GATE, clock)) == ("cn.contact.connected_calls",)
    clock.forward(days=1)
    assert isinstance(ask(desk, GATE, clock), Permit)  # the day is over


def test_a_sender_that_owes_twenty_outcomes_is_stopped(desk: Database, clock: Clock) -> None:
    permits: list[Permit] = []
    while len(permits) < 20:
        if len(permits) % 9 == 0:
            clock.forward(days=1)
        permits.append(granted(ask(desk, GATE, clock, len(permits) % 3 + 1)))
        assert isinstance(redeem(desk, clock, permits[-1]), Redeemed)
    clock.forward(days=1)
    assert refused(ask(desk, GATE, clock)) == ("sender_stopped",)
    assert isinstance(ask(desk, GATE, clock, sender=AGENCY), Permit)
    settle(desk, clock, permits[0], Outcome.CONNECTED)  # late, but it settles
    assert isinstance(ask(desk, GATE, clock), Permit)


def test_a_wrong_number_is_not_called_again(desk: Database, clock: Clock) -> None:
    waiting, permit = granted(ask(desk, GATE, clock)), granted(ask(desk, GATE, clock))
    redeem(desk, clock, permit)
    settle(desk, clock, permit, Outcome.WRONG_NUMBER)
    assert why(redeem(desk, clock, waiting)) is Why.ENDED
    assert refused(ask(desk, GATE, clock)) == ("house.contact.point",)


def test_what_is_given_back_is_free(desk: Database, clock: Clock) -> None:
    permits = [granted(ask(desk, GATE, clock)) for _ in range(3)]
    given = release_permit(
        desk, "demo", gate=GATE, permit_id=permits[0].permit_id, sender=OFFICE, actor=OPERATOR, clock=clock
    )
    assert given
    assert isinstance(ask(desk, GATE, clock), Permit)
    assert why(redeem(desk, clock, permits[0])) is Why.ENDED


def test_calls_that_come_in_use_up_nothing_in_china(desk: Database, clock: Clock) -> None:
    for _ in range(4):
        record_inbound(
            desk, "demo", gate=GATE, person_id=person(1), loan_keys=[loan(1)], channel=Channel.CALL,
            outcome=Outcome.CONNECTED, at=clock(), actor=OPERATOR, clock=clock,
        )  # fmt: skip
    assert sum(isinstance(ask(desk, GATE, clock), Permit) for _ in range(4)) == 3
