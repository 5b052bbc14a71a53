"""A person's open windows from what stands at the desk: the gate, asked at any instant of them, says the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from duecourse.casework.actor import Actor, Role
from duecourse.casework.gate import Gate
from duecourse.casework.permit import DEFAULTS
from duecourse.casework.permits import check_contact
from duecourse.casework.person_calendar import NothingOwed, person_calendar, ways
from duecourse.casework.redemption import redeem_permit
from duecourse.casework.stating import state_fact
from duecourse.law.calendar import Calendar, Way, shown
from duecourse.law.templates import load_register
from duecourse.law.terms import Channel, Relation
from duecourse.storage import holds
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import person
from tests.permit_desk import CONTENT, MORNING, OFFICE, OPERATOR, Clock, a_request, ask, granted, refused, set_up

VAULT = Vault(new_ring())
GATE = Gate(VAULT)
PATIENT = Gate(VAULT, parameters=replace(DEFAULTS, unreported_max=100))
TODAY = date(2026, 3, 2)


@pytest.fixture
def desk(database: Database) -> Database:
    set_up(database, VAULT, 1, 2)
    return database


def of(desk: Database, clock: Clock, number: int = 1) -> Calendar:
    return person_calendar(desk, "demo", gate=GATE, person_id=person(number), clock=clock, sender=OFFICE)


def way(found: Calendar, channel: str) -> Way:
    return next(one for one in found.ways if one.channel == channel)


def test_calls_used_up_today_are_there_tomorrow(desk: Database) -> None:
    clock = Clock()
    for _ in range(3):
        granted(ask(desk, GATE, clock))
    found = of(desk, clock)
    call = way(found, "call")
    assert call.on(TODAY, found.clock)[0].rules[0] == "cn.contact.connected_calls"
    assert shown(call.windows[-1], found.clock) == "08:00-22:00"
    assert call.windows[0].at.astimezone(ZoneInfo("Asia/Shanghai")).date() == TODAY + timedelta(days=1)
    assert {one.channel for one in of(desk, clock, 2).ways} >= {"call", "sms", "push"}
    assert way(of(desk, clock, 2), "call").windows[0].at == MORNING


def test_each_is_called_by_the_script_that_is_written_for_him() -> None:
    register = load_register()
    of_borrower, of_guarantor = (
        dict(ways(register, MORNING, relation)) for relation in (Relation.BORROWER, Relation.GUARANTOR)
    )
    assert of_borrower[Channel.CALL] == "m1.call"
    assert of_guarantor[Channel.CALL] == "guarantor.call"
    assert of_borrower[Channel.SMS] == of_guarantor[Channel.SMS]


def test_nobody_but_a_guarantor_is_told_that_he_gave_a_guarantee(desk: Database) -> None:
    answer = ask(desk, GATE, Clock(), template_id="guarantor.call")
    assert refused(answer) == ("house.template.guarantor",)


def test_a_hold_closes_until_it_ends(desk: Database) -> None:
    ends = datetime(2026, 3, 4, 6, 30, tzinfo=UTC)
    with desk.transaction("demo") as tx:
        holds.place(
            tx, person_id=person(1), kind="dispute", from_at=MORNING - timedelta(hours=1), to_at=ends, source="test",
            now=MORNING,
        )  # fmt: skip
    assert way(of(desk, Clock()), "call").windows[0].at == ends


def test_an_hour_agreed_lifts_the_law_within_it_and_no_policy(desk: Database) -> None:
    before = way(of(desk, Clock()), "call").on(TODAY, "Asia/Shanghai")
    with desk.transaction("demo") as tx:
        state_fact(
            tx, vault=VAULT, person_id=person(1), fact="time_agreed", value=True, source="recording",
            actor=Actor(Role.COMPLIANCE, "k1"), now=MORNING, seconds=(82_800, 84_600),
        )  # fmt: skip
    after = way(of(desk, Clock()), "call").on(TODAY, "Asia/Shanghai")
    assert len(after) > len(before)
    hour = next(one for one in after if one.at == MORNING + timedelta(hours=13))
    assert (hour.rules, hour.until) == (("cn_cba_2026.contact.night",), MORNING + timedelta(hours=13, minutes=30))
    assert "cn.contact.window" in before[-1].rules


def test_the_gate_says_the_same_at_every_edge(desk: Database) -> None:
    clock = Clock()
    granted(ask(desk, GATE, clock))
    found = of(desk, clock)
    call = way(found, "call")
    edges = [at for span in call.spans[1:6] for at in (span.at - timedelta(seconds=1), span.at)]
    assert len(edges) > 5
    for at in edges:
        span = next(one for one in call.spans if one.at <= at < one.until)
        later = Clock(at)
        request = replace(a_request(desk, 1, template_id=call.label), at=at)
        assert check_contact(desk, "demo", gate=GATE, request=request, clock=later).allowed is span.open, at


def nothing(_desk: Database, _clock: Clock) -> None:
    """Nothing stands but the calls made."""


def an_hour_agreed(desk: Database, _clock: Clock) -> None:
    with desk.transaction("demo") as tx:
        state_fact(
            tx, vault=VAULT, person_id=person(1), fact="time_agreed", value=True, source="recording",
            actor=Actor(Role.COMPLIANCE, "k1"), now=MORNING, seconds=(36_000, 43_200),
        )  # fmt: skip


def a_dispute(desk: Database, _clock: Clock) -> None:
    with desk.transaction("demo") as tx:
        holds.place(
            tx, person_id=person(1), kind="dispute", from_at=MORNING - timedelta(hours=1),
            to_at=MORNING + timedelta(days=2, hours=3), source="test", now=MORNING,
        )  # fmt: skip


def a_week_of_calls(desk: Database, clock: Clock) -> None:
    """Three calls a day for seven days, as many as the week has room for, and the clock on the last of them."""
    for _ in range(7):
        for _ in range(3):
            permit = granted(ask(desk, PATIENT, clock))
            redeem_permit(
                desk, "demo", gate=PATIENT, permit_id=permit.permit_id, sender=OFFICE, content_hash=CONTENT,
                actor=OPERATOR, clock=clock,
            )  # fmt: skip
        clock.forward(days=1)
    clock.forward(days=-1)


@pytest.mark.parametrize("stands", [nothing, an_hour_agreed, a_dispute, a_week_of_calls])
def test_a_refusal_says_the_first_instant_at_which_the_calendar_is_open(
    desk: Database, stands: Callable[[Database, Clock], None]
) -> None:
    """What falls out of a week's count, a hold that ends and hours that are agreed on are known when a no is said."""
    clock = Clock(MORNING + timedelta(minutes=20))
    stands(desk, clock)
    if stands in {nothing, an_hour_agreed}:
        for _ in range(3):
            granted(ask(desk, GATE, clock))
    call = way(of(desk, clock), "call")
    request = a_request(desk, 1, at=clock(), template_id=call.label)
    answer = check_contact(desk, "demo", gate=GATE, request=request, clock=clock)
    assert not answer.allowed
    assert answer.next_open == call.windows[0].at
    assert answer.next_open > clock()


def test_who_owes_nothing_has_no_calendar(desk: Database) -> None:
    with pytest.raises(NothingOwed):
        person_calendar(desk, "demo", gate=GATE, person_id=999, clock=Clock())
