"""Of whom and of which debt something was said, by whom and to which house: at the gate it holds for no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from duecourse.casework import holds
from duecourse.casework.holds import HoldKind
from duecourse.casework.outcomes import Outcome
from duecourse.casework.parties import Batch
from duecourse.casework.permit import Answer, Refusal
from duecourse.casework.redemption import redeem_permit
from duecourse.casework.settling import record_inbound, record_outcome
from duecourse.casework.staff import UnknownFirm
from duecourse.casework.stating import NotStated, state_fact
from duecourse.casework.stopping import Why, stop_point
from duecourse.law.terms import Channel
from duecourse.storage import points
from duecourse.storage.connection import Database
from duecourse.storage.lenders import Lender
from tests import house_desk
from tests.desk import loan, person, persons, phones, register, ties
from tests.house_desk import BOLT, GATE, TALKED, US, VAULT, Desk
from tests.permit_desk import (
    AGENCY,
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

america, china = house_desk.america, house_desk.china
SILENCE = "us.party.third_person_silence"


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


def test_a_stranger_who_refuses_is_not_asked_when_he_is_named_later(china: Desk) -> None:
    register(china.database, VAULT, Batch(persons(2), phones(2), ties(1).clear()))
    record_inbound(
        china.database, "demo", gate=GATE, person_id=person(2), loan_keys=(loan(1),), channel=Channel.CALL,
        outcome=Outcome.REFUSED, at=china.clock(), actor=OPERATOR, clock=china.clock,
    )  # fmt: skip
    friend = ties(1, person_id=person(2), relation="contact_person", named_by_debtor=True, proof_kind="consent")
    register(china.database, VAULT, Batch(persons().clear(), phones().clear(), friend))
    with china.database.transaction("demo") as tx:
        holds.place(
            tx, vault=VAULT, person_id=person(1), kind=HoldKind.INCAPABLE, source="court", actor=OPERATOR,
            clock=china.clock,
        )  # fmt: skip
    china.clock.forward(seconds=1)
    answer = ask(
        china.database, GATE, china.clock, 2, sender=OFFICE, loan_keys=(loan(1),),
        template_id="relay.contact_person.call",
    )  # fmt: skip
    assert "cn.party.third_person_stop" in refused(answer)


def test_a_withdrawal_that_names_no_house_is_from_all(america: Desk) -> None:
    america.clock.at = datetime(2026, 3, 4, 7, tzinfo=UTC)  # 02:00 in New York
    america.say("direct_consent", firm="acme")
    america.make(america.ask(), Outcome.UNANSWERED)
    america.say("direct_consent", value=False, firm="bolt")
    america.make(america.ask(), Outcome.UNANSWERED)
    america.say("direct_consent", value=False)
    assert "us.contact.window" in refused(america.ask())


def test_a_release_by_an_attorney_begins_when_it_is_said(america: Desk) -> None:
    with america.database.transaction("demo") as tx, pytest.raises(NotStated, match="begins with what the person"):
        state_fact(
            tx, vault=VAULT, person_id=person(1), fact="attorney_released", value=True, source="letter 9",
            now=america.clock(), actor=OPERATOR, from_at=america.clock() + timedelta(days=30),
        )  # fmt: skip


def test_a_number_of_no_known_zone_is_not_called_by_the_clock_of_another(america: Desk) -> None:
    unknown = phones(1, value="+1 800 555 0109", zone=None, label="second")  # toll-free: of no place
    register(america.database, VAULT, Batch(persons().clear(), unknown, ties().clear()), lender=US)
    with america.database.transaction("demo") as tx:
        found = {one.label: one.contact_point_id for one in points.of_person(tx, person(1))}
    closed = america.ask(contact_point_id=found["second"])
    assert isinstance(closed, Refusal)
    assert closed.says["en"].startswith("Refused: the zone of this number is not known")
    granted(america.ask())


def test_a_number_tells_its_zone_where_the_tape_does_not(america: Desk) -> None:
    """Comment 6(b)(1)(i)-2: where address and area code name different zones, what is open in both."""
    hawaii = phones(1, value="+1 808 555 0109", zone=None, label="second")
    register(america.database, VAULT, Batch(persons().clear(), hawaii, ties().clear()), lender=US)
    america.clock.at = datetime(2026, 3, 4, 14, tzinfo=UTC)  # 09:00 in New York, 04:00 in Honolulu
    assert "us.contact.window" in refused(america.ask())
    america.clock.at = datetime(2026, 3, 4, 19, tzinfo=UTC)
    granted(america.ask())


def test_who_asked_to_be_left_alone_before_he_was_named_is_left_alone(china: Desk) -> None:
    register(china.database, VAULT, Batch(persons(2), phones(2), ties(1).clear()))
    with china.database.transaction("demo") as tx:
        stop_point(
            tx, vault=VAULT, person_id=person(2), contact_point_id=point(china.database, 2), why=Why.ASKED, stated={},
            actor=OPERATOR, clock=china.clock,
        )  # fmt: skip
    friend = ties(1, person_id=person(2), relation="contact_person", named_by_debtor=True, proof_kind="consent")
    second = phones(2, value="154 0000 0077", label="second")
    register(china.database, VAULT, Batch(persons().clear(), second, friend))
    with china.database.transaction("demo") as tx:
        number = next(one.contact_point_id for one in points.of_person(tx, person(2)) if one.label == "second")
    china.clock.forward(seconds=1)
    answer = ask(
        china.database, GATE, china.clock, 2, sender=OFFICE, loan_keys=(loan(1),), contact_point_id=number,
        template_id="relay.contact_person.call",
    )  # fmt: skip
    assert "cn.party.third_person_stop" in refused(answer)


def test_an_american_third_person_who_refused_is_not_asked_again(america: Desk) -> None:
    friend = ties(1, person_id=person(2), relation="contact_person")
    numbers = phones(2, value="+1 212 555 0102", zone="America/New_York")
    register(america.database, VAULT, Batch(persons(2), numbers, friend), lender=US)
    america.say("resident_territory", "other_state", who=2)

    def locate() -> Answer:
        america.clock.forward(seconds=1)
        return ask(
            america.database, GATE, america.clock, 2, sender=AGENCY, loan_keys=(loan(1),), template_id="us.locate.call"
        )

    granted(locate())
    with america.database.transaction("demo") as tx:
        holds.place(
            tx, vault=VAULT, person_id=person(2), kind=HoldKind.THIRD_PARTY_REFUSAL, source="call 9", actor=OPERATOR,
            clock=america.clock,
        )  # fmt: skip
    assert "house.contact.third_person_refused" in refused(locate())


def test_what_a_guarantor_says_of_his_own_debts_is_nothing_of_the_debtors(database: Database) -> None:
    british = Lender("demo", "Demo Credit", "UK", "Europe/London", "GBP", "bank", demo=True, masters={})
    mine = phones(1, value="+44 7700 900001", zone="Europe/London")
    set_up(database, VAULT, 1, lender=british, points=mine)
    desk = Desk(database, Clock(datetime(2026, 3, 3, 11, tzinfo=UTC)))
    guarantor = ties(1, person_id=person(4), relation="guarantor")
    numbers = phones(4, value="+44 7700 900004", zone="Europe/London")
    register(database, VAULT, Batch(persons(4), numbers, guarantor), lender=british)

    def missing() -> tuple[str, ...]:
        desk.clock.forward(seconds=1)
        answer = ask(database, GATE, desk.clock, 4, loan_keys=(loan(1),), template_id="uk.arrears.call", sender=OFFICE)
        assert isinstance(answer, Refusal)
        return answer.missing

    assert "limitation_expired" in missing()
    desk.say("limitation_expired", value=False, who=4)
    assert "limitation_expired" in missing()
    desk.say("limitation_expired", value=False, who=4, about=1)
    assert "limitation_expired" not in missing()


def number_comes(desk: Desk, value: str, *, who: int = 1, label: str = "mobile") -> None:
    """A tape brings a number, at a later instant, under a label of somebody who owes."""
    desk.clock.forward(seconds=1)
    numbers = phones(who, value=value, label=label)
    register(desk.database, VAULT, Batch(persons(who), numbers, ties(who)), now=desk.clock())


def numbers_of(desk: Desk, who: int = 1) -> dict[str, str]:
    """The states of somebody's telephones by label."""
    with desk.database.transaction("demo") as tx:
        found = points.of_person(tx, person(who))
    return {one.label: one.state for one in found if one.kind == "phone" and one.to_at is None}


def stops(desk: Desk, number: int, who: int = 1) -> None:
    """Whoever has a message to somebody's contact point asks to be left alone by it."""
    with desk.database.transaction("demo") as tx:
        stop_point(
            tx, vault=VAULT, person_id=person(who), contact_point_id=number, why=Why.ASKED, stated={"message": "1"},
            actor=OPERATOR, clock=desk.clock,
        )  # fmt: skip


@pytest.mark.parametrize("by", ["outcome", "hold"])
def test_a_wrong_number_is_wrong_under_every_label_of_its_person(china: Desk, by: str) -> None:
    number_comes(china, "154 0000 0001", label="home")
    number_comes(china, "154 0000 0001", who=2)
    mobile = point(china.database, 1)
    if by == "outcome":
        china.make(china.ask(OFFICE, template_id="m1.call", contact_point_id=mobile), Outcome.WRONG_NUMBER)
    else:
        with china.database.transaction("demo") as tx:
            holds.place(
                tx, vault=VAULT, person_id=person(1), kind=HoldKind.WRONG_NUMBER, contact_point_id=mobile,
                source="call 9", actor=OPERATOR, clock=china.clock,
            )  # fmt: skip
    assert (numbers_of(china), numbers_of(china, 2)) == ({"mobile": "wrong", "home": "wrong"}, {"mobile": "ok"})
    number_comes(china, "154 0000 0001", label="work")
    assert numbers_of(china)["work"] == "wrong"
    number_comes(china, "154 0000 0001", who=3)
    assert numbers_of(china, 3) == {"mobile": "ok"}


def test_a_stopped_number_is_stopped_for_whoever_has_it(china: Desk) -> None:
    number_comes(china, "154 0000 0001", label="home")
    number_comes(china, "154 0000 0001", who=2)
    out = granted(ask(china.database, GATE, china.clock, 2, sender=OFFICE))
    stops(china, point(china.database, 1))
    assert (numbers_of(china), numbers_of(china, 2)) == (
        {"mobile": "stopped", "home": "stopped"},
        {"mobile": "stopped"},
    )
    with china.database.transaction("demo") as tx:
        assert tx.value("SELECT state FROM contact WHERE contact_id = %s", (out.permit_id,)) == "released"
    number_comes(china, "154 0000 0001", who=3)
    assert numbers_of(china, 3) == {"mobile": "stopped"}


@pytest.mark.parametrize("refuses", ["by number", "in a call"])
def test_a_third_person_who_refused_is_known_again_by_his_number(china: Desk, refuses: str) -> None:
    def named(who: int) -> None:
        tie = ties(1, person_id=person(who), relation="contact_person", named_by_debtor=True, proof_kind="consent")
        numbers = [phones(who, value="154 0000 0002"), phones(who, value=f"154 0000 009{who}", label="second")]
        register(china.database, VAULT, Batch(persons(who), pl.concat(numbers), tie), now=china.clock())

    named(2)
    if refuses == "in a call":
        record_inbound(
            china.database, "demo", gate=GATE, person_id=person(2), loan_keys=(loan(1),), channel=Channel.CALL,
            outcome=Outcome.REFUSED, at=china.clock(), actor=OPERATOR, clock=china.clock,
        )  # fmt: skip
    else:
        stops(china, point(china.database, 2), who=2)
    named(3)
    with china.database.transaction("demo") as tx:
        holds.place(
            tx, vault=VAULT, person_id=person(1), kind=HoldKind.INCAPABLE, source="court", actor=OPERATOR,
            clock=china.clock,
        )  # fmt: skip
        second = next(one.contact_point_id for one in points.of_person(tx, person(3)) if one.label == "second")
    china.clock.forward(seconds=1)
    answer = ask(
        china.database, GATE, china.clock, 3, sender=OFFICE, loan_keys=(loan(1),), contact_point_id=second,
        template_id="relay.contact_person.call",
    )  # fmt: skip
    assert "cn.party.third_person_stop" in refused(answer)


@pytest.mark.parametrize(
    ("by", "state"), [("outcome", "wrong"), ("inbound", "wrong"), ("hold", "wrong"), ("stop", "stopped")]
)
def test_what_is_said_of_a_number_after_another_replaced_it_is_remembered(china: Desk, by: str, state: str) -> None:
    old = point(china.database, 1)
    permit = granted(china.ask(OFFICE, template_id="m1.call"))
    redeem_permit(
        china.database, "demo", gate=GATE, permit_id=permit.permit_id, sender=permit.sender, content_hash=CONTENT,
        actor=OPERATOR, clock=china.clock,
    )  # fmt: skip
    number_comes(china, "154 0000 0099")
    if by == "outcome":
        record_outcome(
            china.database, "demo", gate=GATE, permit_id=permit.permit_id, sender=permit.sender,
            outcome=Outcome.WRONG_NUMBER, actor=OPERATOR, clock=china.clock,
        )  # fmt: skip
    elif by == "inbound":
        record_inbound(
            china.database, "demo", gate=GATE, person_id=person(1), loan_keys=(loan(1),), channel=Channel.CALL,
            outcome=Outcome.WRONG_NUMBER, at=china.clock(), actor=OPERATOR, clock=china.clock, contact_point_id=old,
        )  # fmt: skip
    elif by == "hold":
        with china.database.transaction("demo") as tx:
            holds.place(
                tx, vault=VAULT, person_id=person(1), kind=HoldKind.WRONG_NUMBER, contact_point_id=old, source="call 9",
                actor=OPERATOR, clock=china.clock,
            )  # fmt: skip
    else:
        stops(china, old)
    assert numbers_of(china) == {"mobile": "ok"}
    number_comes(china, "154 0000 0001")
    assert numbers_of(china) == {"mobile": state}


@pytest.mark.parametrize("wrong_first", [False, True])
def test_a_stop_of_a_wrong_number_stands_for_whoever_gets_it(china: Desk, *, wrong_first: bool) -> None:
    def wrong() -> None:
        record_inbound(
            china.database, "demo", gate=GATE, person_id=person(1), loan_keys=(loan(1),), channel=Channel.CALL,
            outcome=Outcome.WRONG_NUMBER, at=china.clock(), actor=OPERATOR, clock=china.clock, contact_point_id=mobile,
        )  # fmt: skip

    mobile = point(china.database, 1)
    if wrong_first:
        wrong()
    stops(china, mobile)
    if not wrong_first:
        wrong()
    number_comes(china, "154 0000 0001", label="home")
    number_comes(china, "154 0000 0001", who=2)
    assert (numbers_of(china), numbers_of(china, 2)) == ({"mobile": "wrong", "home": "wrong"}, {"mobile": "stopped"})
