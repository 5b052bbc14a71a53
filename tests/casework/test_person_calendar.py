"""A person's open windows from what stands at the desk: the gate, asked at any instant of them, says the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from duecourse.casework.actor import Actor, Role
from duecourse.casework.gate import Gate
from duecourse.casework.permits import check_contact
from duecourse.casework.person_calendar import NothingOwed, person_calendar
from duecourse.casework.stating import state_fact
from duecourse.law.calendar import Calendar, Way, shown
from duecourse.storage import holds
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import person
from tests.permit_desk import MORNING, OFFICE, Clock, a_request, ask, granted, set_up

VAULT = Vault(new_ring())
GATE = Gate(VAULT)
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


def test_who_owes_nothing_has_no_calendar(desk: Database) -> None:
    with pytest.raises(NothingOwed):
        person_calendar(desk, "demo", gate=GATE, person_id=999, clock=Clock())
