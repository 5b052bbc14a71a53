"""One contact: the stories of the trade, place and time, what lifts, and when it would be open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duecourse.law import wording
from duecourse.law.clock import UnknownZone, change, instants, local, zone
from duecourse.law.decide import Decision, decide, decide_at, next_open
from duecourse.law.judge import Outcome
from duecourse.law.ordinary import ORDINARY
from duecourse.law.pack import load_packs
from duecourse.law.plain import plain_decision, plain_finding
from duecourse.law.referee import random_facts
from duecourse.law.rulebook import rulebook
from tests.law.quiet import QUIET

BOOK = rulebook()
DAY = date(2026, 3, 1)

STORIES = """
-                                                     -> allowed
second_local=79199                                    -> allowed
second_local=79200                                    -> cn.contact.window cn_cba_2026.contact.night
second_local=28799                                    -> cn.contact.window cn_cba_2026.contact.night
second_local=28800                                    -> allowed
second_local=79200 time_agreed=true                   -> cn_cba_2026.contact.night
second_local=79200 time_consent_recorded=true         -> allowed
second_local=79200 channel=letter                     -> allowed
second_local=null                                     -> cn.contact.window cn_cba_2026.contact.night
second_local=null time_consent_recorded=true          -> cn.contact.window cn_cba_2026.contact.night
connected_calls_person_day=2                          -> allowed
connected_calls_person_day=3                          -> cn.contact.connected_calls
connected_calls_person_day=3 channel=robot_call       -> cn.contact.connected_calls
connected_calls_person_day=3 channel=sms              -> allowed
connected_calls_person_day=-1                         -> cn.contact.connected_calls
unanswered_attempts_number_day=5                      -> allowed
unanswered_attempts_number_day=6                      -> cn_cba_2026.contact.attempts
unanswered_attempts_number_day=6 officer_override=true -> allowed
connected_calls_person_day=3 officer_override=true    -> cn.contact.connected_calls
channel=sms sms_person_day=1                          -> house.contact.sms_day
channel=push push_person_day=1                        -> house.contact.push_day
relation=guarantor                                    -> allowed
relation=guarantor guarantee_period_open=false        -> cn.party.guarantee_period
relation=guarantor relation_proven=false              -> cn.party.guarantor_proven
relation=guarantor relation_proven=null               -> cn.party.guarantor_proven
relation=spouse_liable relation_proven=false          -> cn.party.spouse_proven
relation=heir channel=sms                             -> cn.matrix cn.party.heir_estate cn.party.heir_renounced
relation=heir inheritance_renounced=false demand_minor=9 estate_left_minor=9 -> allowed
relation=heir inheritance_renounced=false demand_minor=9 estate_left_minor=8 -> cn.party.heir_estate
relation=contact_person ->\
    cn.matrix cn.party.third_person_silence cn.party.third_person_when cn_cba_2026.party.third_person_payment
relation=contact_person purpose=relay discusses_payment=false mentions_debt=false -> cn.party.third_person_when
relation=contact_person purpose=relay discusses_payment=false mentions_debt=false debtor_unreachable=true -> allowed
relation=contact_person purpose=relay discusses_payment=false mentions_debt=true debtor_unreachable=true ->\
    cn.party.third_person_silence
relation=contact_person purpose=relay discusses_payment=false mentions_debt=false\
    debtor_dead=true contact_person_refused=true ->\
    cn.party.third_person_stop house.contact.third_person_refused
relation=spouse purpose=relay discusses_payment=false mentions_debt=false\
    debtor_incapable=true named_by_debtor=false ->\
    cn.party.third_person_named
relation=employer purpose=locate discusses_payment=false mentions_debt=false debtor_unreachable=true -> cn.matrix
relation=other purpose=answer discusses_payment=false mentions_debt=false asked_by_person=true -> allowed
relation=other purpose=answer discusses_payment=false mentions_debt=false asked_by_person=false ->\
    cn.purpose.answer_asked
hold_dispute=true                                     -> house.hold.dispute
hold_dispute=true purpose=notify                      -> allowed
hold_hardship=true purpose=offer                      -> allowed
hold_cease=true purpose=service mentions_debt=false   -> house.hold.cease
states_purpose=false                                  -> cn.identity.stated cn_cba_2026.identity.known
identity_first=false                                  -> cn.identity.stated
lender_type=private states_lender=false               -> cn_cba_2026.identity.known
relation=other purpose=answer mentions_debt=false asked_by_person=true -> cn_cba_2026.party.third_person_payment
relation=other purpose=answer mentions_debt=false asked_by_person=true payment_offered=true -> allowed
relation=other purpose=answer asked_by_person=true payment_offered=true -> cn.party.third_person_silence
relation=other payment_offered=true ->\
    cn.matrix cn.party.third_person_silence cn.party.third_person_when
calls_unrecorded=true                                 -> cn_cba_2026.record.calls
calls_unrecorded=true channel=sms                     -> allowed
call_recorded=null                                    -> allowed
channel=visit visit_collectors=2 visit_enters_private=false visits_undocumented=true -> cn_cba_2026.record.visits
sender_type=agency agency_inspection_age_days=365     -> allowed
sender_type=agency agency_inspection_age_days=366     -> cn_cba_2026.agency.inspected
lender_type=bank sender_type=agency agency_published=false -> cn.agency.published cn_cba_2026.agency.published
sender_type=agency poses_as_lender=true               -> cn_cba_2026.identity.agency
lender_type=private connected_calls_person_day=3      -> allowed
lender_type=private sender_type=agency connected_calls_person_day=3 -> cn.contact.connected_calls
channel=visit visit_collectors=1 visit_enters_private=false -> cn_cba_2026.visit.collectors
channel=visit visit_collectors=2 visit_enters_private=true -> cn_cba_2026.visit.entry
channel=visit visit_collectors=2 visit_enters_private=true entry_consent_recorded=true -> allowed
template_approved=false                               -> house.template.approved
staff_training_age_days=365                           -> allowed
staff_training_age_days=366                           -> house_cn.staff.training
staff_training_age_days=366 moment=plan               -> allowed
staff_training_age_days=366 channel=sms               -> allowed
staff_exam_passed=null staff_open_breach=true         -> house_cn.staff.breach house_cn.staff.exam
staff_confidentiality_signed=false sender_type=agency -> house_cn.staff.confidentiality
moment=null                                           ->\
    cn.information.storage_only house.hold.storage_only\
    house_cn.contact.attempts_day house_cn.contact.attempts_week house_cn.contact.letters house_cn.hold.complaint\
    house_cn.hold.court_stay house_cn.hold.other house_cn.hold.represented\
    house_cn.staff.breach house_cn.staff.confidentiality\
    house_cn.staff.exam house_cn.staff.training
sender_type=agency                                    -> allowed
sender_type=agency agency_evaluation_age_days=366     -> cn.agency.evaluated
sender_type=agency agency_subdelegated=true           -> cn.agency.subdelegated
sender_type=agency agency_subdelegated=true subdelegation_consent_recorded=true -> allowed
sender_type=agency agency_listed=false agency_published=false ->\
    cn.agency.published cn_cba_2026.agency.listed cn_cba_2026.agency.published
lender_type=transferee assignment_notified=false      -> cn.assignment.notified cn.information.provided
lender_type=transferee                                -> cn.assignment.notified cn.information.provided
lender_type=transferee assignment_notified=true       -> cn.information.provided
lender_type=transferee assignment_notified=true provision_basis=true -> allowed
lender_type=transferee assignment_notified=false purpose=notify -> allowed
relation=contact_person purpose=relay discusses_payment=false mentions_debt=false\
    debtor_unreachable=true information_consent=false ->\
    cn.information.contact_person
channel=robot_call states_machine=false               -> house_cn.machine.disclosed
channel=lawyer_letter                                 -> house_cn.notice.lawyer
channel=lawyer_letter sender_type=law_firm law_firm_mandate=true -> allowed
names_suit=true                                       -> allowed
names_suit=true limitation_expired=true               -> house_cn.limitation.told
names_suit=true limitation_expired=null               -> house_cn.limitation.told
asks_signature=true limitation_expired=true tells_expiry=true -> allowed
attempts_person_day=7                                 -> allowed
attempts_person_day=8                                 -> house_cn.contact.attempts_day
attempts_person_day=8 moment=plan                     -> allowed
attempts_person_7d=21                                 -> house_cn.contact.attempts_week
attempts_person_7d=21 letters_person_7d=6 channel=letter -> allowed
attempts_person_7d=0 letters_person_7d=7 channel=letter -> house_cn.contact.letters
hold_court_stay=true                                  -> house_cn.hold.court_stay
hold_court_stay=true purpose=offer                    -> house_cn.hold.court_stay
hold_other=true purpose=remind                        -> house_cn.hold.other
hold_other=true purpose=notify                        -> allowed
hold_complaint=true                                   -> house_cn.hold.complaint
hold_complaint=true purpose=remind                    -> allowed
attorney_known=true                                   -> house_cn.hold.represented
attorney_known=true relation=lawyer                   -> allowed
threatens=true                                        -> cn.conduct.threats cn_cba_2026.conduct.threats
seen_by_others=true                                   -> cn.conduct.shaming cn_cba_2026.conduct.public_posting
poses_as_authority=true                               -> cn.conduct.fraud cn_cba_2026.identity.authority
misstates=true                                        -> cn.conduct.fraud cn_cba_2026.conduct.false_statements
channel=mms_image shows_person=true                   -> cn.conduct.images
tells_decision=true decision_reviewed=false model_explained=false -> allowed
tells_decision=true decided_by_model=true decision_reviewed=true model_explained=false -> allowed
tells_decision=true decided_by_model=true decision_reviewed=false model_explained=true -> cn.decision.reviewed
tells_decision=true decided_by_model=true decision_reviewed=false model_explained=false on=2026-09-29 ->\
    cn.decision.reviewed cn.decision.assist_only
wrong_number=true                                     -> house.contact.point
on=null                                               -> *
"""


def value(text: str) -> object:
    words: dict[str, object] = {"null": None, "true": True, "false": False}
    if text.count("-") == 2:
        return date.fromisoformat(text)
    return words[text] if text in words else int(text) if text.lstrip("-").isdigit() else text


def told(story: str) -> tuple[dict[str, object], list[str]]:
    facts, _, answer = story.partition("->")
    pairs = (pair.partition("=") for pair in facts.replace("-  ", "").split())
    return {name: value(text) for name, _, text in pairs}, answer.split()


@pytest.mark.parametrize("story", STORIES.strip().splitlines())
def test_story(story: str) -> None:
    facts, answer = told(story)
    decision = decide(BOOK, {**QUIET, **facts})
    refusing = [finding.rule.id for finding in decision.refusals]
    expected = [judge.rule.id for judge in BOOK.gate] if answer == ["*"] else [] if answer == ["allowed"] else answer
    assert refusing == expected
    assert decision.allowed is (expected == [])


def test_a_word_outside_its_list_is_missing() -> None:
    decision = decide(BOOK, {**QUIET, "relation": "neighbour"})
    assert decision.missing == ("relation",)
    assert decision.refusals[0].rule.id == "cn.matrix"


def test_the_answer_says_rule_version_clause_grade_facts_values_and_what_instead() -> None:
    decision = decide(BOOK, {**QUIET, "second_local": 79_800})
    said = wording.sentence(decision, "en")
    for part in ("cn.contact.window v2025-02-28", "GB/T 45251-2025 §5.3", "report", "a letter may be sent"):
        assert part in said
    first = decision.refusals[0]
    assert wording.used(first, "en").endswith("second_local = 22:10:00, opens = 08:00:00, closes = 22:00:00")
    assert "22时" in wording.sentence(decision, "zh")
    assert "据报道" in wording.sentence(decision, "zh")
    assert decision.lifts == ("time_consent_recorded",)


def test_a_missing_fact_is_named_in_both_languages() -> None:
    decision = decide(BOOK, {name: fact for name, fact in QUIET.items() if name != "hold_dispute"})
    assert decision.missing == ("hold_dispute",)
    assert decision.lifts == ()
    assert "hold_dispute (the debt is disputed)" in wording.sentence(decision, "en")
    assert "缺少所需事实：hold_dispute" in wording.sentence(decision, "zh")


def test_what_the_staff_register_does_not_know_is_no_accusation() -> None:
    night = {**QUIET, "moment": "permit", **{name: ORDINARY[name] for name in ORDINARY if name.startswith("staff_")}}
    decision = decide(BOOK, {**night, "staff_open_breach": None})
    found = {one.rule.id: one for one in decision.refusals}["house_cn.staff.breach"]
    whether = "the staff register does not know whether a serious breach by the collector is open (staff_open_breach)"
    assert wording.why(found, "en").startswith(whether)
    assert wording.why(found, "zh").startswith("人员登记册未记载是否“存在未结的严重违规”（staff_open_breach）；规则：")
    assert wording.told(plain_finding(found), "en") == wording.why(found, "en"), "as it is stored"
    accused = decide(BOOK, {**night, "staff_open_breach": True}).refusals[0]
    assert wording.told(plain_finding(accused), "en") == "Nobody with a serious breach open collects"


def test_the_answer_is_plain_data() -> None:
    plain = plain_decision(decide(BOOK, {**QUIET, "second_local": 79_800}))
    assert plain["allowed"] is False
    assert plain["rulebook"] == BOOK.hash
    assert plain["refusals"][0]["values"] == {"opens": 28_800, "closes": 79_200}  # type: ignore[index,call-overload]


def test_a_name_outside_the_vocabulary_is_an_error() -> None:
    with pytest.raises(KeyError):
        decide(BOOK, {**QUIET, "second_locl": 1})


def test_late_in_the_evening_there_is_advice_and_no_refusal() -> None:
    decision = decide(BOOK, {**QUIET, "second_local": 78_600})
    assert decision.allowed
    assert [finding.rule.id for finding in decision.advice] == ["house.contact.late"]


def test_without_the_unconfirmed_pack_an_agreed_time_opens_the_night() -> None:
    book = rulebook(without=["cn-cba-2026"])
    assert decide(book, {**QUIET, "second_local": 84_000, "time_agreed": True}).allowed


# --- place and time ---------------------------------------------------------------------------------------------------


def at(text: str, facts: dict[str, object] | None = None, *zones: str) -> Decision:
    instant = datetime.fromisoformat(text).astimezone(UTC)
    return decide_at(BOOK, {**QUIET, **(facts or {})}, instant, zones)


@pytest.mark.parametrize(
    ("instant", "zones", "allowed"),
    [
        ("2026-03-01T21:59:59+08:00", (), True),
        ("2026-03-01T22:00:00+08:00", (), False),
        ("2026-03-01T10:59:59+08:00", ("America/New_York",), True),  # 21:59:59 there
        ("2026-03-01T11:00:00+08:00", ("America/New_York",), False),  # 22:00:00 there
        ("2026-03-01T12:00:00+08:00", ("Europe/Paris",), False),  # 05:00 there
        ("2026-03-01T15:30:00+08:00", ("Europe/Paris", "Asia/Tokyo"), True),  # 08:30 and 16:30
        ("2026-03-01T21:30:00+08:00", ("Asia/Tokyo",), False),  # 22:30 there
        ("2026-03-01T15:30:00+08:00", ("Europe/Pariss",), False),  # not known: the second is missing
    ],
)
def test_every_place_the_person_may_be_in_must_be_open(instant: str, zones: tuple[str, ...], allowed: bool) -> None:  # noqa: FBT001
    assert at(instant, None, *zones).allowed is allowed


def test_a_rule_that_a_time_agreed_lifts_in_one_place_is_told_as_lifted() -> None:
    found = at("2026-03-01T11:00:00+08:00", {"time_agreed": True}, "America/New_York")  # 22:00:00 there
    assert [one.outcome for one in found.findings if one.rule.id == "cn.contact.window"] == [Outcome.LIFTED]


def test_an_unknown_zone_names_the_missing_second_and_leaves_letters_open() -> None:
    assert at("2026-03-01T15:30:00+08:00", None, "Nowhere/Town").missing == ("second_local",)
    assert at("2026-03-01T15:30:00+08:00", {"channel": "letter"}, "Nowhere/Town").allowed


def test_the_law_s_day_is_the_day_of_its_own_clock() -> None:
    """00:30 of 28 February 2025 in Beijing: the standard is in force, whatever day it is in New York."""
    answer = at("2025-02-28T00:30:00+08:00", None, "America/New_York")
    assert "cn.contact.window" in [finding.rule.id for finding in answer.refusals]
    assert at("2025-02-27T23:30:00+08:00").allowed


@pytest.mark.parametrize(
    ("now", "facts", "opens"),
    [
        ("2026-03-01T12:00:00+08:00", {}, "2026-03-01T12:00:00+08:00"),
        ("2026-03-01T22:00:00+08:00", {}, "2026-03-02T08:00:00+08:00"),
        ("2026-03-01T07:59:59+08:00", {}, "2026-03-01T08:00:00+08:00"),
        ("2026-03-01T12:00:00+08:00", {"connected_calls_person_day": 3}, "2026-03-02T08:00:00+08:00"),
        ("2026-03-01T12:00:00+08:00", {"channel": "sms", "sms_person_day": 1}, "2026-03-02T08:00:00+08:00"),
        ("2026-03-01T22:30:00+08:00", {"channel": "letter"}, "2026-03-01T22:30:00+08:00"),
        ("2026-03-01T12:00:00+08:00", {"hold_dispute": True}, None),
        ("2026-03-01T12:00:00+08:00", {"connected_calls_person_day": None}, None),
    ],
)
def test_the_next_open_instant(now: str, facts: dict[str, object], opens: str | None) -> None:
    found = next_open(BOOK, {**QUIET, **facts}, datetime.fromisoformat(now).astimezone(UTC))
    assert found == (None if opens is None else datetime.fromisoformat(opens))


def test_the_next_open_instant_in_two_places() -> None:
    """08:00 in Beijing is 19:00 of the day before in New York, in winter."""
    late = datetime(2026, 1, 15, 15, 0, tzinfo=UTC)
    assert next_open(BOOK, QUIET | {"on": None}, late, zones=["America/New_York"]) == datetime(
        2026, 1, 16, 0, 0, tzinfo=UTC
    )


@given(
    start=st.datetimes(min_value=datetime(2026, 2, 1), max_value=datetime(2026, 11, 30)),  # noqa: DTZ001
    place=st.sampled_from(
        ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "Asia/Shanghai"]
    ),
)
def test_nothing_is_open_before_the_next_open_instant(start: datetime, place: str) -> None:
    begin = start.replace(tzinfo=UTC, microsecond=0)
    found = next_open(BOOK, QUIET, begin, zones=[place])
    assert found is not None
    assert decide_at(BOOK, QUIET, found, [place]).allowed
    steps = int((found - begin).total_seconds())
    for back in {1, 60, 1800, 3600, *range(0, steps, max(1, steps // 24))}:
        if 0 < back <= steps:
            assert not decide_at(BOOK, QUIET, found - timedelta(seconds=back), [place]).allowed


def test_clocks_that_jump() -> None:
    paris = zone("Europe/Paris")
    assert change(date(2026, 3, 29), paris) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert change(date(2026, 10, 25), paris) == datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
    assert change(date(2026, 3, 28), paris) is None
    assert len(instants(date(2026, 10, 25), 9000, paris)) == 2  # 02:30 comes twice
    assert local(datetime(2026, 3, 29, 1, 0, tzinfo=UTC), paris) == (
        date(2026, 3, 29),
        10_800,
    )  # 03:00, there is no 02:00
    with pytest.raises(UnknownZone, match="did you mean 'Europe/Paris'"):
        zone("Europe/Pariss")
    with pytest.raises(ValueError, match="has no zone"):
        local(datetime(2026, 3, 1), paris)  # noqa: DTZ001


# --- properties -------------------------------------------------------------------------------------------------------


def test_an_own_stricter_policy_refuses_beside_the_law(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "pack.yaml").write_text(
        "{pack: own, jurisdiction: any, kind: policy, status: in_force, lang: en, says: {zh: 自有, en: own}, "
        "sources: [{instrument: own, known: ours}]}",
        encoding="utf-8",
    )
    (own / "calls.yaml").write_text(
        """
rule: own.calls
says: {zh: 每日一次, en: One call a day}
source: {instrument: own, authority: lender_policy, modal: shall_not, grade: product}
values: [{from: 2020-01-01, calls_max: 1}]
applies_when: channel = 'call'
refuse_when: connected_calls_person_day >= calls_max
instead: {zh: 次日, en: tomorrow}
given: {on: 2026-03-01, channel: call}
cases:
  - {connected_calls_person_day: 0, answer: allow}
  - {connected_calls_person_day: 1, answer: refuse}
""",
        encoding="utf-8",
    )
    book = rulebook((*load_packs(), *load_packs(tmp_path)))
    assert decide(book, {**QUIET, "connected_calls_person_day": 0}).allowed
    assert [one.rule.id for one in decide(book, {**QUIET, "connected_calls_person_day": 1}).refusals] == ["own.calls"]


@pytest.mark.parametrize("jurisdiction", ["CN", "US", "UK", "IN", "EU", "HK", "XX"])
def test_without_those_that_pass_the_answer_is_the_same(jurisdiction: str) -> None:
    book = rulebook(jurisdiction=jurisdiction)
    for row in random_facts(book, 2_000, seed=7).iter_rows(named=True):
        facts = {name: value for name, value in row.items() if value is not None}
        whole, brief = decide(book, facts), decide(book, facts, passing=False)
        speaking = tuple(one for one in whole.findings if one.outcome is not Outcome.PASSES)
        assert brief.findings == speaking
        assert (brief.allowed, brief.missing, brief.lifts) == (whole.allowed, whole.missing, whole.lifts)
