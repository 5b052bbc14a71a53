"""A person's open windows from what stands at the desk: the gate, asked at any instant of them, says the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from duecourse.casework.actor import Actor, Role
from duecourse.casework.gate import Gate
from duecourse.casework.parties import Batch
from duecourse.casework.permit import DEFAULTS, Checked
from duecourse.casework.permits import check_contact
from duecourse.casework.person_calendar import NothingOwed, person_calendar, ways
from duecourse.casework.redemption import redeem_permit
from duecourse.casework.stating import state_fact
from duecourse.law.calendar import Calendar, Way, shown
from duecourse.law.templates import load_register
from duecourse.law.terms import Channel, Relation
from duecourse.storage import holds, points
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests import house_desk
from tests.desk import person, persons, phones, register, ties
from tests.house_desk import GATE as US_GATE
from tests.house_desk import US, Desk
from tests.house_desk import VAULT as US_VAULT
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
    refused,
    set_up,
)  # fmt: skip

VAULT = Vault(new_ring())
GATE = Gate(VAULT)
PATIENT = Gate(VAULT, parameters=replace(DEFAULTS, unreported_max=100))
TODAY = date(2026, 3, 2)
LOS_ANGELES = ZoneInfo("America/Los_Angeles")

america = house_desk.america


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


HIS_HOURS = {"10-12": (10, 12), "12-20": (12, 20), "9-18": (9, 18), "13-17": (13, 17)}


@pytest.fixture
def far_away(america: Desk) -> Desk:
    """Whose addresses are all in Los Angeles, while the lender is in New York; the clock stands at 07:00 there."""
    moved = [
        phones(1, value="+1 213 555 0101", zone="America/Los_Angeles"),
        phones(1, kind="address", label="home", value="演示省演示市西区2号", zone="America/Los_Angeles"),
    ]
    register(america.database, US_VAULT, Batch(persons(1), pl.concat(moved), ties(1)), lender=US)
    america.clock.at = datetime(2026, 3, 4, 7, tzinfo=LOS_ANGELES).astimezone(UTC)
    return america


def number_of(desk: Desk) -> int:
    with desk.database.transaction("demo") as tx:
        found = points.of_person(tx, person(1))
    return next(one.contact_point_id for one in found if one.label == "mobile" and one.to_at is None)


def american(desk: Desk, days: int = 2) -> Calendar:
    return person_calendar(
        desk.database, "demo", gate=US_GATE, person_id=person(1), clock=desk.clock, template="us.later.call",
        sender=AGENCY, days=days,
    )  # fmt: skip


def answered(desk: Desk, number: int) -> Checked:
    request = a_request(
        desk.database, 1, at=desk.clock(), template_id="us.later.call", sender=AGENCY, contact_point_id=number
    )
    return check_contact(desk.database, "demo", gate=US_GATE, request=request, clock=desk.clock)


@pytest.mark.parametrize("hours", HIS_HOURS.values(), ids=HIS_HOURS)
def test_hours_that_somebody_leaves_open_are_those_of_his_own_clock(far_away: Desk, hours: tuple[int, int]) -> None:
    desk, number = far_away, number_of(far_away)
    opens, closes = (datetime(2026, 3, 4, hour, tzinfo=LOS_ANGELES) for hour in hours)
    with desk.database.transaction("demo") as tx:
        for seconds in ((0, hours[0] * 3_600), (hours[1] * 3_600, 86_400)):
            state_fact(
                tx, vault=US_VAULT, person_id=person(1), fact="time_refused", value=True, source="portal",
                actor=OPERATOR, now=desk.clock(), seconds=seconds,
            )  # fmt: skip
    desk.clock.forward(seconds=1)
    windows = american(desk).ways[0].windows
    assert [(one.at, one.until) for one in windows] == [
        (opens + timedelta(days=day), closes + timedelta(days=day)) for day in range(2)
    ]
    assert answered(desk, number).next_open == opens
    for at, allowed in ((opens, True), (closes - timedelta(seconds=1), True), (closes, False)):
        desk.clock.at = at.astimezone(UTC)
        assert answered(desk, number).allowed is allowed, at


def test_an_hour_that_the_clocks_give_twice_opens_twice(america: Desk) -> None:
    """On 2026-11-01 New York goes from 02:00 back to 01:00: what ended at 01:30 is open again from 01:00 on."""
    desk = america
    desk.clock.at = datetime(2026, 10, 31, 16, tzinfo=UTC)
    with desk.database.transaction("demo") as tx:
        state_fact(
            tx, vault=US_VAULT, person_id=person(1), fact="direct_consent", value=True, source="recording 7",
            actor=OPERATOR, now=desk.clock(), seconds=(1_800, 5_400), firm=AGENCY.firm,
        )  # fmt: skip
    desk.clock.at = datetime(2026, 11, 1, 5, 45, tzinfo=UTC)
    answer = answered(desk, number_of(desk))
    assert (answer.allowed, answer.next_open) == (False, datetime(2026, 11, 1, 6, tzinfo=UTC))


OTHERS = {
    "in New York": ("+1 212 555 0177", "America/New_York"),
    "in Los Angeles": ("+1 213 555 0177", "America/Los_Angeles"),
    "nowhere known": ("+1 888 555 0177", None),
}


@pytest.mark.parametrize("first", ["+1 800 555 0101", "+1 212 555 0101"])
@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_call_is_open_where_one_of_the_numbers_may_be_called(
    america: Desk, first: str, other: tuple[str, str | None]
) -> None:
    """A toll-free number does not tell where its holder is: it is never called, and closes no other."""
    desk = america
    mobile = phones(1, value=first, zone=None if first.startswith("+1 800") else "America/New_York")
    numbers = [mobile, phones(1, label="second", value=other[0], zone=other[1])]
    register(desk.database, US_VAULT, Batch(persons(1), pl.concat(numbers), ties(1)), lender=US)
    with desk.database.transaction("demo") as tx:
        there = [one for one in points.of_person(tx, person(1)) if one.kind == "phone" and one.to_at is None]
        state_fact(
            tx, vault=US_VAULT, person_id=person(1), fact="time_refused", value=True, source="portal", actor=OPERATOR,
            now=desk.clock(), seconds=(43_200, 86_400),
        )  # fmt: skip
    windows = [span for way in american(desk).ways for span in way.windows]
    begun = desk.clock()
    for hour in range(26):
        desk.clock.at = begun + timedelta(hours=hour, minutes=30)
        may = any(answered(desk, one.contact_point_id).allowed for one in there)
        assert any(one.at <= desk.clock.at < one.until for one in windows) is may, hour
