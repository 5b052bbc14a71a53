"""The law of the United States: closed by default, one clock per place, rolling counts, and whose law binds where."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duecourse.law.check import run_cases
from duecourse.law.clock import instants, zone
from duecourse.law.columns import decide_columns
from duecourse.law.decide import Decision, decide, decide_at, next_open
from duecourse.law.fact import NEVER
from duecourse.law.facts import FACTS, Kind, Tightens
from duecourse.law.measure import measure
from duecourse.law.ordinary import ORDINARY, text_facts
from duecourse.law.pack import PackKind, load_packs
from duecourse.law.referee import disputes, random_facts
from duecourse.law.rulebook import rulebook
from duecourse.law.templates import load_register
from duecourse.law.terms import Channel, Grade, Purpose, Relation, Status
from duecourse.law.validation import NoValidation, notice_due, validation

BOOK = rulebook(jurisdiction="US")
REGISTER = load_register(jurisdiction="US")
DAY = date(2026, 3, 2)  # a Monday
PACKS = {pack.id: pack for pack in load_packs() if pack.jurisdiction == "US"}
QUIET: dict[str, object] = {
    **ORDINARY,
    **text_facts(REGISTER, template="us.later.call", purpose=None, day=DAY, channel="call"),
    "relation": "borrower",
    "channel": "call",
    "sender_type": "agency",
    "resident_territory": "other_state",
    "on": DAY,
    "second_local": 50_000,
    "opt_out_days": 0,  # no creditor's notice about an address
}


def refusing(decision: Decision) -> list[str]:
    return [one.rule.id for one in decision.refusals]


def asked(**facts: object) -> list[str]:
    return refusing(decide(BOOK, {**QUIET, **facts}))


def by(template: str, channel: str, **facts: object) -> list[str]:
    said = REGISTER[template].facts(DAY, channel)
    return asked(channel=channel, **{**said, **facts})


# --- what ships -------------------------------------------------------------------------------------------------------


def test_what_ships() -> None:
    assert {(one.id, one.kind, one.status, one.zone) for one in PACKS.values()} == {
        (name, PackKind.LAW, Status.IN_FORCE, "")
        for name in ("us", "us-ca", "us-dc", "us-ma", "us-ny", "us-nyc", "us-wa")
    } | {("us-policy", PackKind.POLICY, Status.IN_FORCE, "")}
    assert [one.id for one in PACKS.values() if one.matrix] == ["us"]
    assert BOOK.zone == ""
    assert BOOK.gate[0].rule.id == "us.matrix"


def test_nothing_in_the_united_states_is_lifted_by_an_officer() -> None:
    assert not [rule.id for pack in PACKS.values() for rule in pack.rules if "officer_override" in rule.lifted_by]
    assert asked(call_attempts_debt_7d=7, officer_override=True) == ["us.contact.calls_7d"]


def test_grades_stand_as_the_sources_are_known() -> None:
    grades = {rule.id: rule.source.grade for pack in PACKS.values() for rule in pack.rules}
    assert grades["us.contact.calls_7d"] is Grade.TEXT
    assert grades["us.contact.window"] is Grade.REPORT
    assert grades["us.contact.designated_place"] is Grade.RECALLED_HIGH
    assert grades["us.tcpa.residential"] is Grade.RECALLED_MEDIUM
    assert grades["us_ma.contact.collector_7d"] is Grade.TEXT
    assert grades["us_ma.contact.phone_7d"] is Grade.REPORT
    assert grades["us_nyc.contact.attempts_7d"] is Grade.REPORT
    assert grades["us_nyc.contact.attempts_7d_before"] is Grade.RECALLED_MEDIUM
    assert {grades[rule.id] for rule in PACKS["us-wa"].rules + PACKS["us-dc"].rules} == {Grade.RECALLED_MEDIUM}


def test_no_paragraph_of_the_city_s_rule_is_claimed() -> None:
    assert {rule.source.clause for rule in PACKS["us-nyc"].rules} == {""}


def test_every_rule_asks_whether_regulation_f_binds_or_says_that_it_binds_everybody() -> None:
    """Regulation F binds collectors of consumer debts; other laws, the matrix and policy bind everybody."""
    for rule in PACKS["us"].rules:
        covered = {"debt_collector", "consumer_debt"} <= set(rule.facts)
        assert covered is (rule.source.instrument.startswith("12 CFR") and rule.id != "us.matrix"), rule.id


@pytest.mark.parametrize("seed", range(2))
def test_python_polars_and_duckdb_agree_on_random_contacts(seed: int) -> None:
    assert list(disputes(BOOK, 20_000, seed, scalar_rows=1_000)) == []


# --- closed by default ------------------------------------------------------------------------------------------------

CONSUMERS = {"borrower", "co_borrower", "guarantor", "spouse_liable", "spouse", "representative"}
OPEN = {
    *product(CONSUMERS, {"service", "remind", "collect", "offer", "notify", "follow_up"}, set(Channel)),
    *product(CONSUMERS, {"relay"}, {"call"}),
    *product({"lawyer"}, {"remind", "collect", "offer", "notify", "follow_up"}, {"call", "email", "letter"}),
    *product({"contact_person", "heir", "other"}, {"locate"}, {"call", "letter"}),
    *product(set(Relation), {"answer"}, set(Channel)),
}


def test_the_matrix_opens_what_it_lists_and_nothing_else() -> None:
    every = pl.DataFrame(
        list(product(Relation, Purpose, Channel)), schema=["relation", "purpose", "channel"], orient="row"
    ).with_columns(pl.lit(DAY).alias("on"))
    opened = every.filter((decide_columns(BOOK, every)["refused_0"] & 1) == 0)
    assert set(opened.select("relation", "purpose", "channel").rows()) == {tuple(map(str, one)) for one in OPEN}


def test_a_word_outside_the_lists_is_refused() -> None:
    assert "us.matrix" in asked(relation="neighbour")
    assert "us.matrix" in asked(purpose="press")
    assert "us.matrix" in asked(channel="fax")


def test_an_ordinary_call_is_allowed_and_forgetting_any_fact_that_was_asked_never_allows() -> None:
    decision = decide(BOOK, QUIET)
    assert decision.allowed
    for name in {name for finding in decision.findings for stage in finding.rule.stages for name in stage.facts}:
        assert not decide(BOOK, {**QUIET, name: None}).allowed, name


# --- the clock --------------------------------------------------------------------------------------------------------


def at(text: str, *zones: str, **facts: object) -> Decision:
    return decide_at(BOOK, {**QUIET, **facts}, datetime.fromisoformat(text).astimezone(UTC), zones)


@pytest.mark.parametrize(
    ("instant", "zones", "allowed"),
    [
        ("2026-03-02T08:00:00-05:00", ["America/New_York"], False),
        ("2026-03-02T08:00:01-05:00", ["America/New_York"], True),
        ("2026-03-02T20:59:59-05:00", ["America/New_York"], True),
        ("2026-03-02T21:00:00-05:00", ["America/New_York"], False),
        # The clocks go forward on 2026-03-08 at 02:00: 08:00:01 is an hour earlier by UTC on that day.
        ("2026-03-07T13:00:01+00:00", ["America/New_York"], True),
        ("2026-03-08T12:00:00+00:00", ["America/New_York"], False),
        ("2026-03-08T12:00:01+00:00", ["America/New_York"], True),
        ("2026-03-09T00:59:59+00:00", ["America/New_York"], True),  # 20:59:59 on the 8th
        ("2026-03-09T01:00:00+00:00", ["America/New_York"], False),
        # They go back on 2026-11-01 at 02:00: an hour later by UTC.
        ("2026-11-01T12:00:01+00:00", ["America/New_York"], False),  # 07:00:01
        ("2026-11-01T13:00:01+00:00", ["America/New_York"], True),
        ("2026-11-02T01:59:59+00:00", ["America/New_York"], True),  # 20:59:59 on the 1st
        # Arizona keeps its clock while Colorado changes: one hour apart in summer, none in winter.
        ("2026-07-06T14:30:00+00:00", ["America/Denver"], True),  # 08:30
        ("2026-07-06T14:30:00+00:00", ["America/Denver", "America/Phoenix"], False),  # 07:30 in Phoenix
        ("2026-12-07T15:30:00+00:00", ["America/Denver", "America/Phoenix"], True),  # 08:30 in both
        # An address in New York and a number of California: the windows of both.
        ("2026-03-02T10:59:59-05:00", ["America/New_York", "America/Los_Angeles"], False),  # 07:59:59 there
        ("2026-03-02T11:00:01-05:00", ["America/New_York", "America/Los_Angeles"], True),
        ("2026-03-02T21:00:00-05:00", ["America/New_York", "America/Los_Angeles"], False),
        # New York and Honolulu share 14:00 to 21:00 in winter, 02:00 of the next day by UTC.
        ("2026-01-16T01:30:00+00:00", ["America/New_York", "Pacific/Honolulu"], True),  # 20:30 and 15:30
        ("2026-01-16T02:30:00+00:00", ["America/New_York", "Pacific/Honolulu"], False),  # 21:30 and 16:30
        ("2026-03-02T12:00:00-05:00", [], False),  # nowhere
        ("2026-03-02T12:00:00-05:00", ["America/Nowhere"], False),
        ("2026-03-02T12:00:00-05:00", ["America/New_York", "America/Nowhere"], False),
    ],
)
def test_the_window_of_every_place_must_be_open(instant: str, zones: list[str], allowed: bool) -> None:  # noqa: FBT001
    assert at(instant, *zones).allowed is allowed


def test_a_law_without_a_clock_of_its_own_takes_the_day_of_the_place() -> None:
    """At 03:00 UTC on 1 September it is still 31 August in New York: the count of two holds there, not of three."""
    facts = {"resident_territory": "new_york_city", "contacts_debt_7d": 2, "direct_consent": True}
    assert refusing(at("2026-09-01T03:00:00+00:00", "America/New_York", **facts)) == [
        "us_nyc.contact.attempts_7d_before"
    ]
    assert at("2026-09-01T05:00:00+00:00", "America/New_York", **facts).allowed


def test_without_a_zone_the_day_is_missing() -> None:
    assert at("2026-03-02T12:00:00-05:00").missing[0] == "on"


@pytest.mark.parametrize(
    ("start", "zones", "opens"),
    [
        ("2026-03-07T21:00:00-05:00", ["America/New_York"], "2026-03-08T08:00:01-04:00"),  # ten hours later
        ("2026-10-31T21:00:00-04:00", ["America/New_York"], "2026-11-01T08:00:01-05:00"),  # twelve hours later
        ("2026-03-02T08:00:00-05:00", ["America/New_York"], "2026-03-02T08:00:01-05:00"),
        ("2026-03-02T08:30:00-05:00", ["America/New_York", "America/Los_Angeles"], "2026-03-02T08:00:01-08:00"),
        # The open hours of New York and Guam do not meet in winter: 08:00 there is 17:00 here, 21:00 there 06:00.
        ("2026-01-15T12:00:00-05:00", ["America/New_York", "Pacific/Guam"], "2026-01-15T17:00:01-05:00"),
    ],
)
def test_the_next_open_instant_is_searched_over_changes_of_the_clock(start: str, zones: list[str], opens: str) -> None:
    found = next_open(BOOK, QUIET, datetime.fromisoformat(start).astimezone(UTC), zones=zones)
    assert found == datetime.fromisoformat(opens)


@settings(max_examples=40, deadline=None)
@given(
    start=st.datetimes(min_value=datetime(2026, 3, 6), max_value=datetime(2026, 11, 3)),  # noqa: DTZ001
    places=st.sets(st.sampled_from(["America/New_York", "America/Phoenix", "America/Adak"]), min_size=1),
)
def test_nothing_is_open_before_the_next_open_instant(start: datetime, places: set[str]) -> None:
    begin = start.replace(tzinfo=UTC, microsecond=0)
    found = next_open(BOOK, QUIET, begin, zones=sorted(places))
    assert found is not None
    assert decide_at(BOOK, QUIET, found, places).allowed
    steps = int((found - begin).total_seconds())
    for back in {1, 60, 3600, *range(0, steps, max(1, steps // 24))}:
        if 0 < back <= steps:
            assert not decide_at(BOOK, QUIET, found - timedelta(seconds=back), places).allowed


def test_a_second_that_comes_twice_or_never_is_night_all_the_same() -> None:
    new_york = zone("America/New_York")
    for day, second in ((date(2026, 11, 1), 5400), (date(2026, 3, 8), 9000)):  # 01:30 twice, 02:30 never
        for instant in instants(day, second, new_york):
            assert refusing(decide_at(BOOK, QUIET, instant, ["America/New_York"])) == ["us.contact.window"]


# --- seven in seven ---------------------------------------------------------------------------------------------------


def test_the_eighth_call_is_refused_and_texts_are_no_calls() -> None:
    assert asked(call_attempts_debt_7d=6) == []
    assert asked(call_attempts_debt_7d=7) == ["us.contact.calls_7d"]
    assert asked(call_attempts_debt_7d=7, call_consent_direct=True) == []
    assert by("us.collect.sms", "sms", call_attempts_debt_7d=7) == []


def test_a_conversation_on_monday_opens_the_next_monday() -> None:
    """The conversation is on Monday 2 March, day 1; the first call is on Monday 9 March."""
    talk = {**QUIET, "days_since_conversation_debt": 0}
    after = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)  # 15:00
    assert next_open(BOOK, talk, after, zones=["America/New_York"]) == datetime(2026, 3, 9, 12, 0, 1, tzinfo=UTC)
    assert asked(days_since_conversation_debt=6) == ["us.contact.after_conversation"]
    assert asked(days_since_conversation_debt=7) == []
    assert asked(days_since_conversation_debt=NEVER) == []


def test_a_full_count_opens_when_the_oldest_call_falls_out() -> None:
    """Seven calls on 2 to 4 March, three of them on the 2nd: on the 9th four are left."""
    calls = {**QUIET, "call_attempts_debt_7d": 7}
    now = datetime(2026, 3, 4, 20, 0, tzinfo=UTC)
    there = ["America/New_York"]
    assert next_open(BOOK, calls, now, zones=there) is None
    falling = {"call_attempts_debt_7d": (5, 5, 5, 6, 6, 7, 7)}
    assert next_open(BOOK, calls, now, zones=there, falling=falling) == datetime(2026, 3, 9, 12, 0, 1, tzinfo=UTC)


def test_an_original_creditor_is_not_bound_by_regulation_f_but_by_the_matrix_and_by_massachusetts() -> None:
    own = {"debt_collector": False, "sender_type": "lender"}
    assert asked(call_attempts_debt_7d=7, **own) == []
    assert asked(relation="employer", **own) == ["us.matrix"]
    assert asked(resident_territory="massachusetts", phone_contacts_debt_7d=2, **own) == ["us_ma.contact.phone_7d"]


# --- places -----------------------------------------------------------------------------------------------------------


def test_an_unknown_residence_refuses_and_an_uncertain_one_takes_every_law() -> None:
    assert set(decide(BOOK, {**QUIET, "resident_territory": None}).missing) == {"resident_territory"}
    noon = datetime(2026, 10, 5, 17, 0, tzinfo=UTC)
    homes = [{"resident_territory": one} for one in ("massachusetts", "new_york_city")]
    facts = {**QUIET, "phone_contacts_debt_7d": 2, "contacts_debt_7d": 3}
    found = decide_at(BOOK, facts, noon, ["America/New_York"], homes)
    assert refusing(found) == [
        "us_ma.contact.collector_7d", "us_ma.contact.phone_7d", "us_nyc.contact.attempts_7d",
    ]  # fmt: skip
    assert decide_at(BOOK, facts, noon, ["America/New_York"]).allowed  # another state
    assert decide_at(BOOK, QUIET, noon, ["America/New_York"], homes).allowed


@pytest.mark.parametrize(
    ("territory", "facts", "rules"),
    [
        ("massachusetts", {"phone_contacts_debt_7d": 1}, []),
        ("massachusetts", {"phone_contacts_debt_7d": 2}, ["us_ma.contact.collector_7d", "us_ma.contact.phone_7d"]),
        ("massachusetts", {"at_workplace": True, "phone_contacts_debt_7d": 2}, []),
        ("new_york_city", {"contacts_debt_7d": 1}, []),
        ("new_york_city", {"contacts_debt_7d": 2}, ["us_nyc.contact.attempts_7d_before"]),
        ("new_york_city", {"contacts_debt_7d": 2, "on": date(2026, 9, 1)}, []),
        ("new_york_city", {"contacts_debt_7d": 3, "on": date(2026, 9, 1)}, ["us_nyc.contact.attempts_7d"]),
        ("new_york_state", {"contacts_debt_7d": 9}, []),
        ("washington_state", {"contacts_debt_7d": 3}, ["us_wa.contact.contacts_7d"]),
        ("district_of_columbia", {"call_attempts_debt_7d": 3}, ["us_dc.contact.calls_7d"]),
        ("california", {"call_attempts_debt_7d": 6}, []),
    ],
)
def test_a_state_or_city_binds_where_the_person_lives(
    territory: str, facts: dict[str, object], rules: list[str]
) -> None:
    assert asked(resident_territory=territory, **facts) == rules


# --- texts ------------------------------------------------------------------------------------------------------------


def test_the_shipped_texts_cover_the_ways_and_pass_the_gate_in_an_ordinary_case() -> None:
    assert by("us.first.call", "call", initial_communication=True) == []
    assert by("us.voicemail.limited", "call") == []
    assert by("us.collect.email", "email") == []
    assert by("us.collect.sms", "sms") == []
    assert by("us.plan.email", "email") == []
    assert by("us.collect.letter", "letter") == []
    assert by("us.validation.letter", "letter", initial_communication=True, validation_given=False) == []
    assert by("us.cease.ends.letter", "letter", hold_cease=True) == []
    assert by("us.locate.call", "call", relation="other") == []
    for name, way in (("us.opt_out.sms", "sms"), ("us.opt_out.email", "email")):
        once = {
            "address_opted_out": True,
            "contact_point_valid": False,
            "asked_by_person": True,
            "consent_revoked": True,
        }
        assert by(name, way, **once, opt_out_confirmation_open=True) == []
        assert "house.contact.point" in by(name, way, **once)


def test_what_the_texts_may_not_do() -> None:
    assert by("us.later.call", "call", initial_communication=True) == ["us.content.initial_disclosure"]
    assert by("us.locate.call", "call", relation="other", location_contacts_person=1) == ["us.party.location_once"]
    assert by("us.cease.ends.letter", "letter", hold_cease=True, cease_notice_sent=True) == ["us.contact.cease_notice"]
    assert "us.contact.cease" in by("us.collect.letter", "letter", hold_cease=True)
    assert by("us.collect.sms", "sms", days_since_text_renewal=61, days_since_number_check=61) == [
        "us.electronic.text_fresh"
    ]
    assert by("us.collect.sms", "sms", days_since_text_renewal=45, days_since_number_check=NEVER) == []
    assert by("us.collect.email", "email", opt_out_offered=False) == ["us.electronic.opt_out_offered"]
    assert by("us.voicemail.limited", "call", relation="contact_person") == ["us.matrix"]
    assert by("us.collect.letter", "letter", hold_dispute=True) == ["us.validation.dispute", "house.hold.dispute"]


def test_a_text_of_another_country_is_not_approved_here() -> None:
    assert REGISTER.facts("m1.call", DAY, "call") == {"template_approved": False}
    assert load_register().facts("us.later.call", DAY, "call") == {"template_approved": False}
    assert "house.template.approved" in asked(**{**REGISTER.facts("m1.call", DAY, "call"), "purpose": "collect"})


# --- quantities -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "facts", "value"),
    [
        ("validation_notice_days", {}, 5),
        ("validation_receipt_days", {}, 5),
        ("validation_period_days", {}, 30),
        ("credit_report_wait_days", {}, 14),
        ("consent_revocation_days", {}, 10),
        ("stop_confirmations", {"channel": "sms"}, 1),
        ("stop_confirmations", {"channel": "sms", "debt_collector": False}, 1),
        ("stop_confirmations", {"channel": "email"}, 1),
        ("stop_confirmations", {"channel": "email", "debt_collector": False}, None),
        ("stop_confirmation_minutes", {"channel": "sms"}, 5),
        ("stop_confirmation_minutes", {"channel": "email"}, 60),
        ("retention_years", {"record_kind": "collection"}, 3),
        ("retention_years", {"record_kind": "recording"}, 3),
        ("rate_cap_ppm", {"active_service": True, "debt_before_service": True}, 60_000),
        ("rate_cap_ppm", {"active_service": False, "debt_before_service": True}, None),
        ("limitation_years", {"governing_territory": "new_york_state", "contract_written": True}, 3),
        ("limitation_years", {"governing_territory": "california", "contract_written": True}, 4),
        ("limitation_years", {"governing_territory": "california", "contract_written": False}, None),
        ("limitation_years", {"governing_territory": "other_state", "contract_written": True}, None),
        ("limitation_years", {"contract_written": True}, None),
    ],
)
def test_quantities(quantity: str, facts: dict[str, object], value: int | None) -> None:
    asked_of = {
        "on": DAY, "lender_type": "bank", "sender_type": "agency", "debt_collector": True, "consumer_debt": True,
        "resident_territory": "other_state", "record_kind": "collection",
    }  # fmt: skip
    assert measure(BOOK, quantity, {**asked_of, **facts}).value == value


US = {"debt_collector": True, "consumer_debt": True}


@pytest.mark.parametrize(
    ("provided", "received", "ends"),
    [
        (date(2026, 6, 1), date(2026, 6, 8), date(2026, 7, 8)),  # Monday; 2, 3, 4, 5, 8 June; then 30 days
        (date(2026, 6, 5), date(2026, 6, 12), date(2026, 7, 12)),  # Friday
        (date(2026, 6, 6), date(2026, 6, 12), date(2026, 7, 12)),  # Saturday: 8 to 12 June
        (date(2026, 6, 15), date(2026, 6, 23), date(2026, 7, 23)),  # 19 June is a holiday: 16, 17, 18, 22, 23
        (date(2026, 6, 29), date(2026, 7, 7), date(2026, 8, 6)),  # 4 July is a Saturday, observed on the 3rd
        (date(2027, 12, 27), date(2028, 1, 4), date(2028, 2, 3)),  # New Year's Day is observed on 31 December
    ],
)
def test_the_validation_period(provided: date, received: date, ends: date) -> None:
    found = validation(BOOK, provided, US)
    assert (found.received, found.ends, found.provisional) == (received, ends, False)
    assert found.open_on(ends)
    assert not found.open_on(ends + timedelta(days=1))


def test_the_clock_of_the_notice() -> None:
    assert notice_due(BOOK, date(2026, 6, 1), US) == date(2026, 6, 6)
    with pytest.raises(NoValidation, match="gives validation_notice_days; missing: debt_collector"):
        notice_due(BOOK, date(2026, 6, 1), {"consumer_debt": True})
    with pytest.raises(NoValidation, match=r"no rule in force on 2021-11-29 gives validation_receipt_days$"):
        validation(BOOK, date(2021, 11, 29), US)
    assert validation(BOOK, date(2101, 1, 3), US).provisional


# --- monotony ---------------------------------------------------------------------------------------------------------

RANDOM = random_facts(BOOK, 1_500, 78, missing=0.002)
TIGHTENING = [fact for fact in FACTS.values() if fact.tightens is not Tightens.NEITHER and fact.name in BOOK.gate_facts]


@pytest.mark.parametrize("fact", TIGHTENING, ids=[fact.name for fact in TIGHTENING])
def test_a_fact_only_tightens_the_way_it_says(fact: object) -> None:
    one = FACTS[fact.name]  # type: ignore[attr-defined]
    up = one.tightens is Tightens.UP
    frame = RANDOM.filter(pl.col(one.name).is_not_null())
    if one.kind is Kind.BOOL:
        stricter = frame.with_columns(pl.lit(up).alias(one.name))
    else:
        most = one.high or 10**9
        frame = frame.with_columns(pl.col(one.name).clip(0, most))
        stricter = frame.with_columns((pl.col(one.name) + (1 if up else -1)).clip(0, most).alias(one.name))
    before, after = decide_columns(BOOK, frame), decide_columns(BOOK, stricter)
    for word in (name for name in before.columns if name.startswith("refused_")):
        assert (before[word] & ~after[word]).sum() == 0


def test_the_cases_hold() -> None:
    assert [str(one) for pack in PACKS.values() for one in run_cases(pack.rules)] == []
