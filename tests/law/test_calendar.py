"""A person's open windows: exact to the second, over midnights, changes of the clocks, and what is known to change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duecourse.law.calendar import CLOSED, NEVER_WAS, OPEN, PARTLY, Later, Wanted, calendar, chart, shown
from duecourse.law.decide import Outlook, decide_at, next_open
from duecourse.law.ordinary import ORDINARY, ordinary_text
from duecourse.law.rulebook import Rulebook, rulebook

BOOK = rulebook()
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 1, 12, tzinfo=SHANGHAI).astimezone(UTC)


def wanted(channel: str, **facts: object) -> Wanted:
    known = {**ORDINARY, **ordinary_text("collect"), "purpose": "collect", "relation": "borrower", **facts}
    return Wanted(channel, known, "collect")


def test_calls_are_open_in_the_window_and_letters_always() -> None:
    found = calendar(BOOK, [wanted("call"), wanted("letter")], NOON)
    assert len(found.days) == 14
    assert found.until == datetime(2026, 3, 15, tzinfo=SHANGHAI).astimezone(UTC)
    call, letter = found.ways
    assert [shown(span, found.clock) for span in call.on(date(2026, 3, 1), found.clock)] == [
        "12:00-22:00",
        "22:00-24:00",
    ]
    second = call.on(date(2026, 3, 2), found.clock)
    assert [(shown(span, found.clock), span.open) for span in second] == [
        ("00:00-08:00", False), ("08:00-22:00", True), ("22:00-24:00", False),
    ]  # fmt: skip
    assert "cn.contact.window" in second[0].rules
    assert [(span.at, span.until) for span in letter.windows] == [(NOON, found.until)]


def test_spans_follow_one_another_without_gap_and_alternate() -> None:
    (way,) = calendar(BOOK, [wanted("call")], NOON).ways
    assert way.spans[0].at == NOON
    for one, other in pairwise(way.spans):
        assert one.until == other.at
        assert one.rules != other.rules


def test_a_budget_used_up_is_there_again_the_next_day() -> None:
    found = calendar(BOOK, [wanted("call", connected_calls_person_day=3)], NOON)
    assert found.ways[0].on(date(2026, 3, 1), found.clock)[0].rules == ("cn.contact.connected_calls",)
    assert found.ways[0].windows[0].at == datetime(2026, 3, 2, 8, tzinfo=SHANGHAI)


def test_a_hold_that_ends_opens_at_that_instant() -> None:
    ends = datetime(2026, 3, 3, 9, 30, 15, tzinfo=SHANGHAI).astimezone(UTC)
    found = calendar(BOOK, [wanted("call", hold_dispute=True)], NOON, later=[Later(ends, {"hold_dispute": False})])
    assert found.ways[0].windows[0].at == ends
    assert shown(found.ways[0].windows[0], found.clock) == "09:30:15-22:00"


def test_both_places_must_be_open() -> None:
    found = calendar(BOOK, [wanted("call")], NOON, zones=["Asia/Urumqi"])
    assert found.clock == "Asia/Urumqi"
    assert shown(found.ways[0].windows[1], found.clock) == "08:00-20:00"


def test_a_zone_that_is_not_known_closes_everything_that_has_hours() -> None:
    found = calendar(BOOK, [wanted("call"), wanted("letter")], NOON, zones=["Mars/Olympus"])
    assert found.ways[0].windows == ()
    assert found.ways[0].spans[0].refusals[0].missing == ("second_local",)
    assert len(found.ways[1].windows) == 1
    with pytest.raises(ValueError, match="needs a zone"):
        calendar(rulebook(jurisdiction="XX"), [wanted("call")], NOON, zones=["Mars/Olympus"])


def test_the_days_on_which_clocks_change_have_their_own_hours() -> None:
    """New York goes from 02:00 to 03:00 on 8 March 2026 and back from 02:00 to 01:00 on 1 November."""
    zone = "America/New_York"
    spring = calendar(BOOK, [wanted("call")], datetime(2026, 3, 7, 18, tzinfo=UTC), zones=[zone], days=3)
    day = date(2026, 3, 8)
    spans = spring.ways[0].on(day, zone)
    assert sum((span.until - span.at for span in spans), timedelta()) == timedelta(hours=23)
    assert chart(spring.ways[0], day, zone)[4:6] == NEVER_WAS * 2
    autumn = calendar(BOOK, [wanted("call")], datetime(2026, 10, 31, 18, tzinfo=UTC), zones=[zone], days=3)
    spans = autumn.ways[0].on(date(2026, 11, 1), zone)
    assert sum((span.until - span.at for span in spans), timedelta()) == timedelta(hours=25)
    assert NEVER_WAS not in chart(autumn.ways[0], date(2026, 11, 1), zone)


def test_the_chart_shows_half_hours() -> None:
    ends = datetime(2026, 3, 2, 9, 10, tzinfo=SHANGHAI).astimezone(UTC)
    found = calendar(BOOK, [wanted("call", hold_dispute=True)], NOON, later=[Later(ends, {"hold_dispute": False})])
    assert chart(found.ways[0], date(2026, 3, 1), found.clock) == NEVER_WAS * 24 + CLOSED * 24
    assert chart(found.ways[0], date(2026, 3, 2), found.clock) == CLOSED * 18 + PARTLY + OPEN * 25 + CLOSED * 4


ZONES = ("Asia/Shanghai", "America/New_York", "Europe/London", "Asia/Kolkata", "Pacific/Chatham", "America/Havana")


@settings(max_examples=40, deadline=None)
@given(
    minutes=st.integers(0, 700 * 24 * 60),
    zone=st.sampled_from(ZONES),
    calls=st.integers(0, 3),
    hours=st.lists(st.integers(0, 72 * 3600 - 1), min_size=1, max_size=20),
)
def test_every_instant_is_as_the_gate_answers_it(minutes: int, zone: str, calls: int, hours: list[int]) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    asked = wanted("call", connected_calls_person_day=calls)
    (way,) = calendar(BOOK, [asked], start, zones=[zone], days=5).ways
    facts = {**asked.facts, "channel": "call"}
    law = ZoneInfo(BOOK.zone)
    for at in (start + timedelta(seconds=second) for second in hours):
        span = next(one for one in way.spans if one.at <= at < one.until)
        today = at.astimezone(law).date() == start.astimezone(law).date()
        known = facts if today else {**facts, "connected_calls_person_day": 0}
        assert span.open is decide_at(BOOK, known, at, [zone]).allowed
    first = next(iter(way.windows), None)
    assert next_open(BOOK, facts, start, zones=[zone], horizon_days=3) == (first.at if first else None)


@settings(max_examples=40, deadline=None)
@given(
    minutes=st.integers(0, 700 * 24 * 60),
    zone=st.sampled_from(ZONES),
    ends=st.integers(-7_200, 12 * 86_400),
    falls=st.lists(st.integers(1, 7), min_size=19, max_size=23),
    calls=st.integers(0, 3),
)
def test_the_first_open_instant_is_that_of_the_calendar_whatever_ends_meanwhile(
    minutes: int, zone: str, ends: int, falls: list[int], calls: int
) -> None:
    """A dispute that ends and attempts that fall out of their week, asked of every later instant."""
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    law, end = ZoneInfo(BOOK.zone), start + timedelta(seconds=ends)

    def ask(at: datetime) -> dict[str, object]:
        days = (at.astimezone(law).date() - start.astimezone(law).date()).days
        return {
            **asked.facts, "moment": "permit", "hold_dispute": at < end, "channel": "call",
            "attempts_person_7d": sum(day > days for day in falls), "connected_calls_person_day": 0 if days else calls,
        }  # fmt: skip

    asked = wanted("call")
    turning = [end] if end > start else []
    (way,) = calendar(
        BOOK, [replace(asked, ask=ask)], start, zones=[zone], later=[Later(at, {}) for at in turning], days=12
    ).ways
    first = next(iter(way.windows), None)
    ahead = Outlook(ask, turning, frozenset({"hold_dispute", "attempts_person_7d"}))
    found = next_open(BOOK, ask(start), start, zones=[zone], outlook=ahead, horizon_days=10)
    assert found == (first.at if first is not None and first.at <= start + timedelta(days=10) else None)


def test_a_law_that_is_not_in_force_is_closed() -> None:
    nowhere: Rulebook = rulebook(jurisdiction="XX")
    found = calendar(nowhere, [wanted("call")], NOON, zones=["Asia/Shanghai"])
    assert [span.rules for span in found.ways[0].spans] == [("law.closed",)]
