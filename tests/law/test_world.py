"""The packs of the United Kingdom, India, the Union and Hong Kong: closed by default, and open where they say."""

from __future__ import annotations

from datetime import date
from itertools import product

import polars as pl
import pytest

from duecourse.law.check import answer_of
from duecourse.law.columns import decide_columns
from duecourse.law.decide import decide
from duecourse.law.fact import Kind, Tightens
from duecourse.law.facts import FACTS, Fact
from duecourse.law.facts_world import WORLD
from duecourse.law.judge import Judge
from duecourse.law.pack import PackKind, load_packs
from duecourse.law.referee import disputes, random_facts
from duecourse.law.rulebook import rulebook
from duecourse.law.templates import load_register
from duecourse.law.terms import Channel, Grade, Purpose, Relation, Status
from tests.law_places import BOOKS, MONDAY, OWN, PLACES, QUIET

PACKS = {pack.id: pack for pack in load_packs() if pack.id.split("-")[0].upper() in PLACES}

DEBTORS = {"borrower", "co_borrower", "guarantor"}
ACTING = {"representative", "lawyer"}
OPEN = {
    "UK": ({"mms_image"}, {"collect", "offer", "notify", "follow_up"}),
    "IN": ({"mms_image", "im"}, {"collect", "offer", "notify"}),
    "EU": ({"mms_image"}, {"collect", "offer", "notify"}),
    "HK": ({"mms_image"}, {"collect", "offer", "notify"}),
}
"""Channels shut to everybody, and the purposes open to who acts for the debtor (by call, e-mail and letter)."""


def opened(place: str, relation: str, purpose: str, channel: str) -> bool:
    shut, purposes = OPEN[place]
    if channel in shut:
        return False
    if purpose == "answer" or relation in DEBTORS:
        return True
    return relation in ACTING and purpose in purposes and channel in {"call", "email", "letter"}


@pytest.mark.parametrize("place", PLACES)
def test_the_matrix_is_closed_but_for_what_stands_in_it(place: str) -> None:
    """All 11 x 9 x 11 = 1,089 combinations, against an independent reading of who is open for what."""
    matrix = Judge(next(rule for rule in PACKS[place.lower()].rules if rule.id == f"{place.lower()}.matrix"))
    for relation, purpose, channel in product(Relation, Purpose, Channel):
        words = {"relation": str(relation), "purpose": str(purpose), "channel": str(channel)}
        found = answer_of(matrix.ask({"on": MONDAY, **words}))
        assert (found == "allow") is opened(place, relation, purpose, channel), words


@pytest.mark.parametrize("place", PLACES)
def test_nothing_known_is_a_no_that_names_what_is_missing(place: str) -> None:
    answer = decide(BOOKS[place], {})
    assert not answer.allowed
    assert answer.missing == ("on",)
    answer = decide(BOOKS[place], {"on": MONDAY})
    assert {"relation", "purpose", "channel"} <= set(answer.missing)


# --- one contact, by the ordinary facts ------------------------------------------------------------------------------

STORIES = """
UK  -                                              -> allowed
UK  second_local=75599                             -> allowed
UK  second_local=75600                             -> uk_policy.contact.window
UK  second_local=75600 officer_override=true       -> allowed
UK  second_local=28799                             -> uk_policy.contact.window
UK  second_local=28800                             -> allowed
UK  day_of_rest_local=true                         -> uk_policy.contact.rest_day
UK  day_of_rest_local=true time_consent_recorded=true -> allowed
UK  attempts_person_day=2                          -> allowed
UK  attempts_person_day=3                          -> uk_policy.contact.day
UK  attempts_person_7d=7                           -> uk_policy.contact.week
UK  against_request=true                           -> uk.contact.request
UK  against_request=true officer_override=true     -> uk.contact.request
UK  resident_territory=null                        -> uk.moratorium.no_contact
UK  governing_territory=null                       -> uk.limitation.extinguished
UK  hold_breathing_space=true                      -> uk.moratorium.no_contact house.hold.breathing_space
UK  hold_breathing_space=true moratorium_debt=false -> house.hold.breathing_space
UK  hold_breathing_space=true resident_territory=scotland -> house.hold.breathing_space
UK  hold_breathing_space=true purpose=notify statutory_notice=false -> uk.moratorium.no_contact
UK  hold_breathing_space=true purpose=notify statutory_notice=true -> allowed
UK  hold_breathing_space=true purpose=answer       -> allowed
UK  days_since_debt_adviser=30                     -> uk.forbearance.adviser
UK  days_since_debt_adviser=31                     -> allowed
UK  capacity_limited=true                          -> uk.forbearance.capacity
UK  vulnerable=true                                -> uk_policy.hold.vulnerable
UK  vulnerable=true purpose=offer                  -> allowed
UK  hold_dispute=true                              -> uk.forbearance.dispute house.hold.dispute
UK  payment_offer_open=true                        -> uk.forbearance.offer
UK  limitation_expired=true                        -> allowed
UK  limitation_expired=true refused_as_barred=true -> uk.limitation.refused
UK  limitation_expired=true silent_in_period=true  -> uk.limitation.silent
UK  limitation_expired=true governing_territory=scotland -> uk.limitation.extinguished
UK  limitation_expired=true names_suit=true        -> uk.limitation.no_threat
UK  names_suit=true arrears_notice_missed=true     -> uk.notice.no_enforcement
UK  channel=letter sealed=false                    -> uk.contact.sealed
UK  identity_checked=false                         -> uk.contact.identity
UK  callback_premium=true                          -> uk.contact.callback
UK  channel=visit visit_place=workplace            -> uk.visit.place
UK  channel=visit vulnerable=true                  -> uk.visit.vulnerable uk_policy.hold.vulnerable
UK  channel=visit visit_notice_given=false         -> uk.visit.announced
UK  relation=employer                              -> uk.matrix uk.party.third_person_silence
UK  relation=employer purpose=answer mentions_debt=false asked_by_person=true -> allowed
UK  relation=guarantor relation_proven=false       -> uk.party.guarantor_proven
IN  -                                              -> allowed
IN  second_local=68399                             -> allowed
IN  second_local=68400                             -> in.contact.hours in_policy.contact.hours
IN  second_local=28800                             -> allowed
IN  second_local=28799                             -> in.contact.hours in_policy.contact.hours
IN  second_local=68400 channel=sms                 -> in_policy.contact.hours
IN  second_local=68400 channel=letter              -> allowed
IN  second_local=68400 microfinance_loan=true      -> in_policy.contact.hours
IN  second_local=68400 lender_type=private         -> in_policy.contact.hours
IN  caller_id_shown=false                          -> in.contact.anonymous in_policy.conduct.anonymous
IN  caller_id_shown=false microfinance_loan=true   -> in_policy.conduct.anonymous
IN  threatens=true                                 -> in.contact.threats in_policy.conduct.text
IN  threatens=true microfinance_loan=true          -> in_policy.conduct.text
IN  visit_place=null digital_loan=null             -> allowed
IN  relation=contact_person purpose=locate mentions_debt=false -> in.matrix
IN  relation=spouse                                ->\
    in.matrix in.party.third_person_silence in_policy.party.third_person_silence
IN  sender_type=agency agency_published=false      -> in.agency.published
IN  sender_type=agency digital_loan=true agent_announced=false -> in.agency.announced
IN  channel=visit microfinance_loan=true missed_meetings=1 -> in.visit.microfinance
IN  channel=visit microfinance_loan=true missed_meetings=2 -> allowed
IN  channel=visit microfinance_loan=true missed_meetings=0 visit_place=agreed -> allowed
IN  occasion=true against_request=true             -> allowed
EU  -                                              -> allowed
EU  resident_territory=null                        -> eu.state.own_law
EU  resident_territory=scotland                    -> eu.state.own_law
EU  state_pack_in_force=false                      -> eu.state.own_law
EU  state_pack_in_force=false purpose=notify channel=letter -> allowed
EU  state_pack_in_force=false purpose=notify       -> eu.state.own_law
EU  state_pack_in_force=false purpose=answer       -> allowed
EU  transferred_credit=true                        -> allowed
EU  transferred_credit=true transfer_notice_delivered=false -> eu.transfer.notice
EU  transferred_credit=true transfer_notice_delivered=false purpose=notify -> allowed
EU  transferred_credit=true transfer_notice_complete=false -> eu.transfer.complete
EU  transferred_credit=true sender_type=agency servicer_registered=false -> eu.transfer.servicer
EU  channel=lawyer_letter forbearance_considered=false -> eu.forbearance.before_enforcement
EU  on=2026-11-19 channel=lawyer_letter forbearance_considered=false -> eu.forbearance.before_enforcement
EU  on=2026-11-20 channel=lawyer_letter forbearance_considered=false ->\
    eu.forbearance.before_enforcement eu.forbearance.ccd2
EU  sender_type=agency privacy_notice_given=false  -> eu.privacy.source_told
EU  data_restricted=true                           -> eu.privacy.restricted
EU  relation=employer purpose=answer asked_by_person=true -> eu.party.third_person_silence
HK  -                                              -> allowed
HK  second_local=75599                             -> allowed
HK  second_local=75600                             -> hk_policy.contact.window
HK  second_local=32400                             -> allowed
HK  second_local=32399                             -> hk_policy.contact.window
HK  caller_id_shown=false                          -> hk.contact.anonymous
HK  caller_id_shown=false lender_type=private      -> allowed
HK  relation=contact_person purpose=locate mentions_debt=false -> hk.matrix
HK  relation=guarantor relation_proven=false       -> hk.party.guarantor_proven
"""


def value(text: str) -> object:
    words: dict[str, object] = {"null": None, "true": True, "false": False}
    if text[:2] == "20" and text.count("-") == 2:
        return date.fromisoformat(text)
    return words[text] if text in words else int(text) if text.isdigit() else text


@pytest.mark.parametrize("story", STORIES.strip().splitlines())
def test_story(story: str) -> None:
    asked, _, answer = story.partition("->")
    place, *pairs = asked.split()
    said = {name: value(text) for name, _, text in (pair.partition("=") for pair in pairs if pair != "-")}
    facts = {**QUIET, **OWN.get(place, {}), **said}
    refused = [one.rule.id for one in decide(BOOKS[place], facts).refusals]
    assert refused == ([] if answer.split() == ["allowed"] else answer.split())


@pytest.mark.parametrize("place", PLACES)
def test_a_text_of_the_register_opens_the_gate_and_one_of_another_place_does_not(
    place: str,
) -> None:
    register, facts = (
        load_register(jurisdiction=place),
        {**QUIET, **OWN.get(place, {}), "on": date(2026, 6, 1)},
    )
    assert len(register.templates) >= 5
    for name, template in register.templates.items():
        for channel in template.channels:
            said = {
                **facts,
                "channel": channel.value,
                **register.facts(name, date(2026, 6, 1), channel),
            }
            assert decide(BOOKS[place], said).allowed, name
    assert not decide(BOOKS[place], {**facts, **register.facts("m1.call", date(2026, 6, 1), "call")}).allowed


def test_a_settlement_that_leaves_a_rest_says_so() -> None:
    text = load_register(jurisdiction="UK").facts("uk.settlement.offer.letter", date(2026, 6, 1), "letter")
    assert (text["leaves_remainder"], text["states_remainder"]) == (True, True)
    answer = decide(
        BOOKS["UK"],
        {
            **QUIET,
            "on": date(2026, 6, 1),
            "channel": "letter",
            **text,
            "states_remainder": False,
        },
    )
    assert [one.rule.id for one in answer.refusals] == ["uk.forbearance.remainder"]


# --- the packs as a whole ---------------------------------------------------------------------------------------------


def test_a_draft_never_binds() -> None:
    draft = PACKS["in-rbc-2026-draft"]
    assert draft.status is Status.DRAFT
    assert {rule.source.status for rule in draft.rules} == {Status.DRAFT}
    assert not {rule.id for rule in draft.rules} & {rule.id for rule in BOOKS["IN"].rules}


def test_grades_stand_as_the_sources_are_known() -> None:
    grades = {rule.id: rule.source.grade for pack in PACKS.values() for rule in pack.rules}
    wanted = {
        Grade.TEXT: """uk.contact.request uk.contact.identity uk.moratorium.no_contact uk.forbearance.offer hk.matrix
            eu.transfer.notice eu.transfer.truth hk.contact.anonymous""",
        Grade.REPORT: """uk.moratorium.days uk.moratorium.crisis uk.visit.entry in.contact.hours in.agency.published
            eu.transfer.servicer in_rbc_2026_draft.contact.hours""",
        Grade.RECALLED_HIGH: """uk.forbearance.adviser uk.limitation.years uk.limitation.years_scotland uk.cost.daily
            uk.notice.default uk.moratorium.review_opens in.visit.microfinance in.class.npa eu.privacy.source_told
            hk.limitation.years""",
        Grade.RECALLED_MEDIUM: """uk.forbearance.capacity uk.moratorium.scotland eu.transfer.complete in.agency.training
            eu.limitation.germany""",
        Grade.RECALLED_LOW: "uk.forbearance.dispute",
        Grade.PRODUCT: """uk_policy.contact.window in_policy.contact.hours hk_policy.contact.window eu.matrix
            eu.state.own_law""",
    }
    assert {name: grades[name] for names in wanted.values() for name in names.split()} == {
        name: grade for grade, names in wanted.items() for name in names.split()
    }


def test_every_fact_of_these_packs_is_asked_by_a_rule() -> None:
    asked = {name for pack in load_packs() for rule in pack.rules for name in rule.facts}
    assert [fact.name for fact in WORLD if fact.name not in asked] == []


@pytest.mark.parametrize("place", PLACES)
def test_python_polars_and_duckdb_agree(place: str) -> None:
    assert list(disputes(BOOKS[place], 3_000, 7, scalar_rows=300)) == []


def moved(frame: pl.DataFrame, fact: Fact) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Contacts that know a fact, and the same with it one step towards its strict side."""
    frame, up = frame.filter(pl.col(fact.name).is_not_null()), fact.tightens is Tightens.UP
    if fact.kind is Kind.BOOL:
        return frame, frame.with_columns(pl.lit(up).alias(fact.name))
    held = pl.col(fact.name).clip(0, fact.high)
    step = (held + (1 if up else -1)).clip(0, fact.high)
    return frame.with_columns(held), frame.with_columns(step)


@pytest.mark.parametrize("place", PLACES)
def test_a_fact_only_tightens_the_way_it_says_and_forgetting_it_never_allows(place: str) -> None:
    book, random = BOOKS[place], random_facts(BOOKS[place], 3_000, 77, missing=0.01)
    whole = decide_columns(book, random)["allowed"]
    for name in book.gate_facts:
        assert not (decide_columns(book, random.drop(name))["allowed"] & ~whole).any(), name
        if FACTS[name].tightens is Tightens.NEITHER:
            continue
        before, after = (decide_columns(book, frame) for frame in moved(random, FACTS[name]))
        assert not (after["allowed"] & ~before["allowed"]).any(), name
        for word in (one for one in before.columns if one.startswith("refused_")):
            assert (before[word] & ~after[word]).sum() == 0, name


@pytest.mark.parametrize("place", PLACES)
def test_a_policy_pack_never_loosens(place: str) -> None:
    policies = [pack.id for pack in BOOKS[place].packs if pack.kind is PackKind.POLICY]
    assert policies
    random = random_facts(BOOKS[place], 3_000, 78, missing=0.01)
    loose = decide_columns(rulebook(jurisdiction=place, without=policies), random)["allowed"]
    assert loose.any()
    assert not (decide_columns(BOOKS[place], random)["allowed"] & ~loose).any()
