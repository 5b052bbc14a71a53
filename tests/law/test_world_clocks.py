"""Clocks that jump, places that are not known, and what the packs of Britain, India, the Union and Hong Kong give."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from duecourse.law.decide import decide_at, next_open
from duecourse.law.limitation import Act, Claim, NoPeriod, limitation
from duecourse.law.measure import measure
from duecourse.law.restdays import day_of_rest
from duecourse.law.terms import LimitationAct
from duecourse.law.workdays import rest_days
from tests.law_places import BOOKS, MONDAY, OWN, QUIET

# --- clocks that jump -------------------------------------------------------------------------------------------------


def uk(instant: str, **more: object) -> bool:
    facts = {**QUIET, **more}
    return decide_at(BOOKS["UK"], facts, datetime.fromisoformat(instant).astimezone(UTC)).allowed


@pytest.mark.parametrize(
    ("instant", "allowed"),
    [
        # Clocks go forward on Sunday 2026-03-29 at 01:00 UTC: on Saturday 08:00 is 08:00 UTC, on Monday 07:00 UTC.
        ("2026-03-28T07:59:59+00:00", False),
        ("2026-03-28T08:00:00+00:00", True),
        ("2026-03-29T12:00:00+00:00", False),  # Sunday
        ("2026-03-30T06:59:59+00:00", False),  # 07:59:59 summer time
        ("2026-03-30T07:00:00+00:00", True),  # 08:00:00 summer time
        ("2026-03-30T19:59:59+00:00", True),  # 20:59:59 summer time
        ("2026-03-30T20:00:00+00:00", False),  # 21:00:00 summer time
        # Clocks go back on Sunday 2026-10-25 at 01:00 UTC: on Saturday 21:00 is 20:00 UTC, on Monday 21:00 UTC.
        ("2026-10-24T19:59:59+00:00", True),
        ("2026-10-24T20:00:00+00:00", False),
        ("2026-10-26T07:59:59+00:00", False),
        ("2026-10-26T08:00:00+00:00", True),
        ("2026-10-26T20:59:59+00:00", True),
        ("2026-10-26T21:00:00+00:00", False),
    ],
)
def test_london_in_both_directions(instant: str, *, allowed: bool) -> None:
    assert uk(instant) is allowed


def test_a_bank_holiday_is_that_of_the_nation_and_of_any_where_it_is_not_known() -> None:
    st_andrew, easter_monday, plain = (
        date(2026, 11, 30),
        date(2026, 4, 6),
        date(2026, 6, 2),
    )
    assert [day_of_rest("UK", st_andrew, nation) for nation in ("england_wales", "scotland", None)] == [
        False,
        True,
        True,
    ]
    assert [day_of_rest("UK", easter_monday, nation) for nation in ("england_wales", "scotland")] == [True, False]
    assert day_of_rest("UK", plain) is False
    assert day_of_rest("UK", date(2026, 6, 7), "scotland") is True  # a Sunday
    assert [day_of_rest("UK", date(year, 6, 2)) for year in (1989, 1990, 2100, 2101)] == [None, False, False, None]
    assert day_of_rest("UK", plain, "germany") is None
    assert day_of_rest("EU", plain) is None
    assert uk("2026-11-30T12:00:00+00:00")
    assert not uk(
        "2026-11-30T12:00:00+00:00",
        resident_territory="scotland",
        governing_territory="scotland",
    )


def test_the_next_open_instant_passes_the_weekend_and_the_hour_that_is_not_there() -> None:
    late = datetime(2026, 3, 28, 21, 0, tzinfo=UTC)  # Saturday 21:00, the night before clocks go forward
    facts = dict(QUIET)
    assert next_open(BOOKS["UK"], facts, late) == datetime(2026, 3, 30, 7, 0, tzinfo=UTC)  # Monday 08:00 summer time
    late = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)  # Saturday 21:00, the night before clocks go back
    assert next_open(BOOKS["UK"], facts, late) == datetime(2026, 10, 26, 8, 0, tzinfo=UTC)
    sunday = datetime(2026, 6, 7, 11, 0, tzinfo=UTC)
    assert next_open(BOOKS["UK"], facts, sunday) == datetime(2026, 6, 8, 7, 0, tzinfo=UTC)
    held = {
        **facts,
        "days_since_debt_adviser": 28,
    }  # on Monday 2026-06-01; day 31 is Thursday 2026-06-04
    monday = datetime(2026, 6, 1, 11, 0, tzinfo=UTC)
    assert next_open(BOOKS["UK"], held, monday) == datetime(2026, 6, 4, 7, 0, tzinfo=UTC)


def test_india_has_one_clock_and_a_place_that_is_not_known_is_a_no() -> None:
    facts = dict(QUIET)
    for instant, zones, allowed in (
        ("2026-03-02T18:59:59+05:30", (), True),
        ("2026-03-02T19:00:00+05:30", (), False),
        ("2026-03-02T08:00:00+05:30", (), True),
        ("2026-03-02T07:59:59+05:30", (), False),
        ("2026-03-02T12:00:00+05:30", ("Europe/London",), False),  # 06:30 there
        ("2026-03-02T12:00:00+05:30", ("Nowhere/Town",), False),
    ):
        assert decide_at(BOOKS["IN"], facts, datetime.fromisoformat(instant), zones).allowed is allowed, instant


def test_the_union_has_no_clock_of_its_own_so_the_day_is_that_of_the_place() -> None:
    """The new directive applies from 2026-11-20, by the day where the person is; in both directions of the clocks."""
    facts = {
        **QUIET,
        **OWN["EU"],
        "channel": "lawyer_letter",
        "forbearance_considered": False,
    }

    def rules(instant: str, *zones: str) -> set[str]:
        answer = decide_at(BOOKS["EU"], facts, datetime.fromisoformat(instant), zones)
        return {one.rule.id for one in answer.refusals}

    assert rules("2026-11-20T12:00:00+00:00") == {judge.rule.id for judge in BOOKS["EU"].gate}  # no place, no day
    assert "eu.forbearance.ccd2" not in rules("2026-11-19T22:59:59+00:00", "Europe/Berlin")  # 23:59:59 of the 19th
    assert "eu.forbearance.ccd2" in rules("2026-11-19T23:00:00+00:00", "Europe/Berlin")  # midnight, winter time
    assert "eu.forbearance.ccd2" not in rules("2026-11-19T23:00:00+00:00", "Europe/Lisbon")  # 23:00 of the 19th
    assert "eu.forbearance.ccd2" in rules("2026-11-19T22:00:00+00:00", "Europe/Helsinki", "Europe/Lisbon")
    open_from = {name: fact for name, fact in facts.items() if name != "forbearance_considered"}
    for instant, day in (
        ("2026-03-28T22:59:59+00:00", "2026-03-28"),  # winter: midnight is 23:00 UTC
        ("2026-03-28T23:00:00+00:00", "2026-03-29"),
        (
            "2026-03-29T21:59:59+00:00",
            "2026-03-29",
        ),  # summer since 01:00 UTC: midnight is 22:00 UTC
        ("2026-03-29T22:00:00+00:00", "2026-03-30"),
        ("2026-10-24T21:59:59+00:00", "2026-10-24"),
        ("2026-10-24T22:00:00+00:00", "2026-10-25"),
        ("2026-10-25T22:59:59+00:00", "2026-10-25"),  # winter again since 01:00 UTC
        ("2026-10-25T23:00:00+00:00", "2026-10-26"),
    ):
        answer = decide_at(BOOKS["EU"], open_from, datetime.fromisoformat(instant), ["Europe/Berlin"])
        asked = next(dict(one.facts)["on"] for one in answer.findings if "on" in dict(one.facts))
        assert str(asked) == day, instant


# --- quantities -------------------------------------------------------------------------------------------------------


def given(place: str, quantity: str, **facts: object) -> object:
    return measure(
        BOOKS[place],
        quantity,
        {"on": MONDAY, "lender_type": "bank", "sender_type": "lender", **facts},
    ).value


def test_a_breathing_space_from_2024_05_15_ends_on_2024_07_13() -> None:
    days = given("UK", "moratorium_days", resident_territory="england_wales")
    assert isinstance(days, int)
    first = date(2024, 5, 14) + timedelta(days=1)  # the day after registration
    assert first + timedelta(days=days - 1) == date(2024, 7, 13)  # 17 days of May, 30 of June, 13 of July
    assert given("UK", "moratorium_days", resident_territory="scotland") is None
    assert given("UK", "moratorium_months", resident_territory="scotland") == 6
    assert measure(BOOKS["UK"], "moratorium_days", {"on": MONDAY}).missing == ("resident_territory",)


@pytest.mark.parametrize(
    ("place", "quantity", "facts", "wanted"),
    [
        ("UK", "limitation_years", {"governing_territory": "england_wales"}, 6),
        ("UK", "limitation_years", {"governing_territory": "scotland"}, 5),
        ("UK", "limitation_years", {"governing_territory": "northern_ireland"}, None),
        ("UK", "limitation_effect", {"governing_territory": "scotland"}, 1),
        ("UK", "limitation_effect", {"governing_territory": "england_wales"}, 0),
        ("UK", "complaint_days", {}, 56),
        ("UK", "retention_years_after_end", {"record_kind": "collection"}, 6),
        ("UK", "daily_cost_cap_ppm", {"high_cost_short_term": True}, 8_000),
        ("UK", "default_fee_cap_minor", {"high_cost_short_term": True}, 1_500),
        ("UK", "total_cost_cap_ppm", {"high_cost_short_term": True}, 1_000_000),
        ("UK", "total_cost_cap_ppm", {"high_cost_short_term": False}, None),
        ("IN", "limitation_years", {}, 3),
        ("IN", "complaint_days", {}, 30),
        ("IN", "penal_interest_cap_ppm", {}, 0),
        ("IN", "agent_training_hours", {"graduate": True}, 50),
        ("EU", "limitation_years", {"governing_territory": "germany"}, 3),
        ("EU", "limitation_years", {"governing_territory": "france"}, 2),
        ("EU", "limitation_years", {"governing_territory": "italy"}, 10),
        ("EU", "limitation_years", {"governing_territory": "other_member_state"}, None),
        ("EU", "limitation_start", {"governing_territory": "poland"}, 1),
        ("EU", "limitation_start", {"governing_territory": "spain"}, 0),
        ("EU", "breach_notice_hours", {}, 72),
        ("EU", "data_request_months", {}, 1),
        (
            "EU",
            "retention_years_max",
            {"record_kind": "collection", "transferred_credit": True},
            10,
        ),
        ("HK", "limitation_years", {}, 6),
    ],
)
def test_what_the_rules_give(place: str, quantity: str, facts: dict[str, object], wanted: int | None) -> None:
    assert given(place, quantity, **facts) == wanted


@pytest.mark.parametrize(
    ("days", "months", "cleared", "wanted"),
    [
        (0, 0, True, "standard"),
        (1, 0, False, "SMA-0"),
        (30, 0, False, "SMA-0"),
        (31, 0, False, "SMA-1"),
        (60, 0, False, "SMA-1"),
        (61, 0, False, "SMA-2"),
        (90, 0, False, "SMA-2"),
        (91, 1, False, "substandard"),
        (300, 12, False, "substandard"),
        (400, 13, False, "doubtful"),
        (10, 3, False, "substandard"),  # one instalment paid, others open: no upgrade
        (0, 3, True, "standard"),  # all arrears paid
    ],
)
def test_the_asset_classes_of_india(days: int, months: int, wanted: str, *, cleared: bool) -> None:
    facts = {"on": MONDAY, "lender_type": "bank", "sender_type": "lender"}
    facts |= {
        "days_past_due": days,
        "npa_months_begun": months,
        "arrears_cleared": cleared,
    }
    assert measure(BOOKS["IN"], "asset_class_rank", facts).label == wanted


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ({}, 0),
        ({"hold_breathing_space": True}, 1),  # a moratorium debt
        ({"hold_breathing_space": True, "moratorium_debt": False}, 0),
        ({"hold_breathing_space": True, "resident_territory": "scotland"}, 0),
        ({"arrears_notice_missed": True}, 1),
    ],
)
def test_when_nothing_accrues(facts: dict[str, object], wanted: int) -> None:
    known = {
        "resident_territory": "england_wales",
        "hold_breathing_space": False,
        "moratorium_debt": True,
    }
    assert (
        given(
            "UK",
            "accrual_stopped",
            **{**known, "arrears_notice_missed": False, **facts},
        )
        == wanted
    )


# --- limitation, reckoned ---------------------------------------------------------------------------------------------


def runs_out(place: str, due: date, *acts: Act, **facts: object) -> date | None:
    return limitation(Claim(BOOKS[place], due, rest_days(place), (), facts), acts).last_day


def test_limitation_by_place() -> None:
    """Counted from the due day, that day left out; in Germany and Poland from the end of its year."""
    due = date(2020, 5, 31)
    assert runs_out("UK", due, governing_territory="england_wales") == date(2026, 5, 31)
    assert runs_out("UK", due, governing_territory="scotland") == date(2025, 5, 31)
    assert runs_out("IN", due) == date(2023, 5, 31)
    assert runs_out("HK", due) == date(2026, 5, 31)
    assert runs_out("EU", due, governing_territory="germany") == date(2023, 12, 31)
    assert runs_out("EU", date(2020, 12, 31), governing_territory="poland") == date(2023, 12, 31)
    assert runs_out("EU", due, governing_territory="france") == date(2022, 5, 31)
    for place, facts in (("UK", {}), ("UK", {"governing_territory": "northern_ireland"})):
        with pytest.raises(NoPeriod):
            runs_out(place, due, **facts)


def test_what_restarts_limitation_in_england_and_in_india() -> None:
    due, paid = date(2020, 5, 31), date(2022, 6, 1)
    england = {"governing_territory": "england_wales"}
    assert runs_out("UK", due, Act(paid, LimitationAct.PART_PAYMENT), **england) == date(2028, 6, 1)
    assert runs_out("UK", due, Act(paid, LimitationAct.DEMAND, reached=True), **england) == date(2026, 5, 31)
    signed = Act(date(2023, 5, 31), LimitationAct.ACKNOWLEDGEMENT)  # on the last day
    assert runs_out("IN", due, signed) == date(2026, 5, 31)
    late = Act(date(2023, 6, 1), LimitationAct.ACKNOWLEDGEMENT)  # a day after expiry: nothing restarts
    assert runs_out("IN", due, late) == date(2023, 5, 31)
