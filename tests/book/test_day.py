"""The day run as a pure function: what it proposes, what the law answers, and that shards do not matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial

import polars as pl
import pytest

from duecourse.book import propose
from duecourse.book.day import Load, Outcome, Shard, run_day
from duecourse.book.desk import KEYS, SCHEMAS, Desk, empty
from duecourse.book.loan import loans_of
from duecourse.book.propose import Setting
from duecourse.book.strategy import read_strategy, shipped
from duecourse.core.delinquency import reading
from duecourse.core.ids import shard as shard_of
from duecourse.core.observation import observation
from duecourse.core.reading import Status
from duecourse.law.measure import classify
from duecourse.law.rulebook import rulebook
from duecourse.law.templates import load_register
from tests.random_columns import book
from tests.random_loans import random_card, random_loan

DAY = date(2025, 6, 10)
KNOWN = datetime(2025, 6, 9, 22, tzinfo=UTC)
STAFF = pl.DataFrame(
    {
        "collector_id": ["a1", "a2", "b1"],
        "skills": ["early late card", "early late card", "late card"],
        "capacity": [40, 25, 30],
    },
    schema=SCHEMAS["collectors"],
)


@cache
def tables() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """A book of 600 random loans and 60 cards, two of each person."""
    made = book([random_loan(n) for n in range(600)] + [random_card(n) for n in range(60)])
    return made.loans, made.conventions, made.instalments, made.events


def setting(day: date = DAY) -> Setting:
    return Setting(day, "consumer_finance", "Asia/Shanghai", read_strategy(shipped()), rulebook(), load_register())


def shards(count: int) -> list[Load]:
    loans, _, instalments, events = tables()
    place = pl.struct("loan_key").map_elements(
        lambda row: shard_of(persons[row["loan_key"]], count), return_dtype=pl.Int64
    )
    persons = dict(loans.select("loan_key", "person_id").iter_rows())

    def load(number: int) -> Shard:
        return Shard(*(frame.filter(place == number) for frame in (loans, instalments, events)))

    return [partial(load, number) for number in range(count)]


def desk(**changed: pl.DataFrame) -> Desk:
    people = tables()[0]["person_id"].unique().sort()
    points = pl.DataFrame(
        {
            "person_id": people,
            "contact_point_id": people,
            "ordinal": [1] * len(people),
            "kind": ["phone"] * len(people),
            "value_index": [f"{person:032x}" for person in people],
            "zone": [None] * len(people),
            "state": ["ok"] * len(people),
            "takes_text": [True] * len(people),
        },
        schema=SCHEMAS["points"],
    )
    return replace(empty(), **{"points": points, "collectors": STAFF} | changed)


def run(count: int = 4, threads: int = 2, **changed: pl.DataFrame) -> Outcome:
    return run_day(shards(count), tables()[1], desk(**changed), setting(), known=KNOWN, threads=threads)


def of(outcome: Outcome, person: int) -> pl.DataFrame:
    return outcome.proposals.filter(pl.col("person_id") == person)


@cache
def plain() -> Outcome:
    return run()


def somebody(treatment: str) -> int:
    """A person for whom this treatment is allowed when nothing stands in its way."""
    found = plain().proposals.filter((pl.col("treatment") == treatment) & pl.col("allowed"))
    return int(found["person_id"].min())  # type: ignore[arg-type]


@pytest.mark.parametrize(("count", "threads"), [(1, 1), (3, 2), (8, 1)])
def test_shards_and_threads_do_not_matter(count: int, threads: int) -> None:
    assert run(count, threads).hashes() == plain().hashes()


def test_one_guarantor_of_loans_in_many_shards_is_reached_no_more_often_for_it() -> None:
    guarantor = 7
    keys = tables()[0]["loan_key"].unique().sort()
    parties = pl.DataFrame(
        {
            "loan_key": keys, "person_id": guarantor, "relation": "guarantor", "proof_kind": "contract",
            "proof_until": date(2030, 1, 1), "named_by_debtor": False, "refused": False, "renounced": False,
            "estate_left_minor": None,
        },
        schema=SCHEMAS["parties"],
    )  # fmt: skip
    phone = desk().points.head(1).with_columns(person_id=pl.lit(guarantor, dtype=pl.Int64))
    changed = {"parties": parties, "points": pl.concat([desk().points, phone])}
    one = run_day(shards(1), tables()[1], replace(desk(), **changed), setting(), known=KNOWN)
    many = run_day(shards(6), tables()[1], replace(desk(), **changed), setting(), known=KNOWN)
    assert one.hashes() == many.hashes()
    calls = one.proposals.filter((pl.col("recipient_id") == guarantor) & (pl.col("channel") == "call"))
    assert calls.height > calls["allowed"].sum() > 0


def test_texts_go_to_a_number_that_takes_them_and_calls_to_the_first() -> None:
    person = somebody("friendly_notice")
    own = pl.col("person_id") == person
    fixed = desk().points.with_columns(takes_text=pl.col("takes_text") & ~own)
    mobile = fixed.filter(own).with_columns(
        contact_point_id=pl.lit(1, dtype=pl.Int64), ordinal=pl.lit(2, dtype=pl.Int16), takes_text=pl.lit(value=True)
    )
    both = of(run(points=pl.concat([fixed, mobile]).sort(KEYS["points"])), person)
    texts = both.filter(pl.col("channel") == "sms")
    assert set(texts["contact_point_id"]) == {1}
    assert texts["allowed"].any()
    assert 1 not in both.filter(pl.col("channel") == "call")["contact_point_id"]
    only = of(run(points=fixed), person).filter(pl.col("channel") == "sms")
    assert set(only["contact_point_id"]) == {person}
    assert {tuple(rules) for rules in only["refused"]} == {("house.contact.text_line",)}


def test_nobody_is_worked_for_less_than_the_least_amount() -> None:
    owed = plain().snapshot.sort("overdue_minor")
    least = int(owed["overdue_minor"][owed.height // 2])
    assert owed["overdue_minor"].ge(setting().strategy.at_least_minor).all()
    higher = replace(setting(), strategy=replace(setting().strategy, at_least_minor=least))
    found = run_day(shards(4), tables()[1], desk(), higher, known=KNOWN).snapshot
    assert sorted(found["person_id"]) == sorted(owed.filter(pl.col("overdue_minor") >= least)["person_id"])


def test_something_of_everything_came_out() -> None:
    counts = {name: entry["rows"] for name, entry in plain().hashes().items()}
    assert counts["ages"] + counts["faults"] == 660
    assert counts["snapshot"] > 50
    assert counts["worklist"] > 10
    assert {"friendly_notice", "in_house_call", "offer_plan", "legal_candidate"} <= set(plain().proposals["treatment"])


def test_every_proposal_that_reaches_somebody_was_asked_of_the_law() -> None:
    asked = plain().proposals.filter(pl.col("channel").is_not_null())
    assert asked["allowed"].null_count() == 0
    assert asked.filter(~pl.col("allowed") & (pl.col("refused").list.len() == 0)).is_empty()


def test_a_case_is_in_one_worklist_once_and_within_capacity() -> None:
    worklist = plain().worklist
    assert worklist["person_id"].is_unique().all()
    sizes = dict(worklist.group_by("collector_id").len().iter_rows())
    assert all(sizes[name] <= capacity for name, _, capacity in STAFF.iter_rows() if name in sizes)
    for name, size in sizes.items():
        places = worklist.filter(pl.col("collector_id") == name)["place"]
        assert places.sort().to_list() == list(range(1, size + 1))


@pytest.mark.parametrize("kind", ["dispute", "hardship", "bereavement", "breathing_space", "deceased", "court_stay"])
def test_a_hold_leaves_the_case_alone_and_says_why(kind: str) -> None:
    person = somebody("in_house_call")
    held = pl.DataFrame({"person_id": [person], "loan_key": [None], "kind": [kind]}, schema=SCHEMAS["holds"])
    outcome = run(holds=held)
    mine = of(outcome, person)
    assert mine["treatment"].to_list() == ["leave_alone"]
    assert not mine["allowed"].any()
    assert mine["refused"][0].to_list()[0].startswith("first@1:never.")
    assert person not in outcome.worklist["person_id"]
    assert person in outcome.snapshot["person_id"]


def test_a_loan_in_dispute_is_not_reminded_before_its_due_day() -> None:
    day, reminded = next(
        (day, found)
        for day in (DAY + timedelta(days=n) for n in range(60))
        if (found := reminders(day)).height and found["allowed"].any()
    )
    loan, person = reminded.filter("allowed").select("loan_key", "person_id").row(0)
    held = pl.DataFrame({"person_id": [person], "loan_key": [loan], "kind": ["dispute"]}, schema=SCHEMAS["holds"])
    left = reminders(day, holds=held)
    assert person not in left["person_id"]
    assert left.height == reminded.filter(pl.col("person_id") != person).height


def reminders(day: date, **changed: pl.DataFrame) -> pl.DataFrame:
    """The reminders before the due day that a day proposes."""
    outcome = run_day(shards(2), tables()[1], desk(**changed), setting(day), known=KNOWN + timedelta(days=90))
    return outcome.proposals.filter(pl.col("treatment") == "pre_due_reminder")


def promised(person: int, days: int, left: int = 500) -> pl.DataFrame:
    due = setting().day + timedelta(days=days)
    return pl.DataFrame({"person_id": [person], "due_day": [due], "left_minor": [left]}, schema=SCHEMAS["promises"])


@pytest.mark.parametrize(("days", "left", "reminded"), [(0, 500, 0), (1, 500, 1), (2, 500, 0), (1, 0, 0)])
def test_a_promise_is_reminded_the_day_before_unless_its_money_came(days: int, left: int, reminded: int) -> None:
    person = somebody("friendly_notice")
    mine = of(run(promises=promised(person, days, left)), person)
    assert (mine["treatment"] == "promise_reminder").sum() == reminded
    assert (
        mine.filter(pl.col("treatment") == "promise_reminder")["template_id"].to_list()
        == ["promise.reminder.sms"] * reminded
    )


@pytest.mark.parametrize("kind", ["dispute", "hardship", "bereavement", "breathing_space", "cease"])
def test_nobody_is_reminded_of_a_promise_while_a_hold_stands(kind: str) -> None:
    person = somebody("friendly_notice")
    held = pl.DataFrame({"person_id": [person], "loan_key": [None], "kind": [kind]}, schema=SCHEMAS["holds"])
    assert of(run(promises=promised(person, 1), holds=held), person)["treatment"].to_list() == ["leave_alone"]


def test_what_a_model_says_of_a_loan_reaches_the_strategy() -> None:
    """A model warns of one person's loans; a strategy that asks for the warning acts on his case alone."""
    person = somebody("in_house_call")

    def warn(loans: pl.DataFrame) -> pl.DataFrame:
        mine = loans.filter(pl.col("person_id") == person)
        return mine.select("loan_key", warn_rank=pl.lit(2), score=pl.lit(-7))

    first = shipped()
    warned = first.replace("when: dpd BETWEEN 1 AND 30 AND", "when: warn_rank = 2 AND score = -7 AND", 1)
    assert warned != first
    asked = replace(setting(), strategy=read_strategy(warned.replace("days_in_case IN (0, 7, 14, 21)", "dpd > 0", 1)))
    outcome = run_day(shards(4), tables()[1], desk(), asked, known=KNOWN, hooks=(warn,))
    noticed = outcome.proposals.filter(pl.col("treatment") == "friendly_notice")
    assert noticed["person_id"].unique().to_list() == [person]
    unwarned = run_day(shards(4), tables()[1], desk(), asked, known=KNOWN).proposals
    assert "friendly_notice" not in unwarned["treatment"]


def test_a_wrong_number_is_refused() -> None:
    person = somebody("in_house_call")
    points = desk().points.with_columns(
        state=pl.when(pl.col("person_id") == person).then(pl.lit("wrong")).otherwise("state")
    )
    calls = of(run_day(shards(2), tables()[1], replace(desk(), points=points), setting(), known=KNOWN), person)
    assert not calls.filter(pl.col("channel").is_not_null())["allowed"].any()


def test_nobody_is_called_a_fourth_time_on_a_day() -> None:
    person = somebody("in_house_call")
    today = pl.DataFrame(
        {"person_id": [person], "connected_calls": [3], "sms": [0], "push": [0]}, schema=SCHEMAS["persons_today"]
    )
    calls = of(run(persons_today=today), person).filter(pl.col("channel") == "call")
    assert calls.height
    assert not calls["allowed"].any()
    assert any("connected_calls" in rule for rule in calls["refused"][0])


def test_the_third_connected_call_is_the_last_within_one_run_too() -> None:
    """A call and an offer are proposed; with two calls made already, only the first of them may be."""
    both = plain().proposals.filter((pl.col("channel") == "call") & pl.col("allowed")).group_by("person_id").len()
    person = int(both.filter(pl.col("len") >= 2)["person_id"].min())  # type: ignore[arg-type]
    today = pl.DataFrame(
        {"person_id": [person], "connected_calls": [2], "sms": [0], "push": [0]}, schema=SCHEMAS["persons_today"]
    )
    calls = of(run(persons_today=today), person).filter(pl.col("channel") == "call").sort("slot_second")
    assert calls["allowed"].to_list() == [True] + [False] * (calls.height - 1)


def test_where_two_clocks_differ_both_must_be_open() -> None:
    """10:00 in New York is 22:00 in Beijing: refused, though it is morning where the number rings."""
    person = somebody("in_house_call")
    points = desk().points.with_columns(
        zone=pl.when(pl.col("person_id") == person).then(pl.lit("America/New_York")).otherwise("zone")
    )
    calls = of(run_day(shards(2), tables()[1], replace(desk(), points=points), setting(), known=KNOWN), person)
    call = calls.filter(pl.col("treatment") == "in_house_call")
    assert not call["allowed"].any()
    assert any("window" in rule for rule in call["refused"][0])


def test_a_zone_that_is_none_closes_the_gate_for_its_recipient_and_stops_no_day() -> None:
    person = somebody("in_house_call")
    strange = pl.when(pl.col("person_id") == person).then(pl.lit("Asia/Beijing")).otherwise("zone")
    points = desk().points.with_columns(zone=strange)
    found = run_day(shards(2), tables()[1], replace(desk(), points=points), setting(), known=KNOWN)
    asked = found.proposals.filter(pl.col("slot_at").is_not_null())
    mine = asked.filter(pl.col("recipient_id") == person)
    assert not mine.is_empty()
    assert not mine["allowed"].any()
    assert all("on" in missing for missing in mine["missing"])
    rest = asked.filter(pl.col("recipient_id") != person)
    before = plain().proposals.filter(pl.col("slot_at").is_not_null(), pl.col("recipient_id") != person)
    assert rest["allowed"].to_list() == before["allowed"].to_list()


def test_a_borrower_keeps_the_collector_he_knows() -> None:
    mine = plain().worklist.filter(pl.col("collector_id") != "a2")["person_id"].sort()[:20]
    knows = pl.DataFrame(
        {"person_id": mine, "opened_day": [date(2025, 5, 1)] * len(mine), "collector_id": ["a2"] * len(mine)},
        schema=SCHEMAS["cases"],
    )
    again = run(cases=knows).worklist.join(knows, on="person_id", suffix="_known")
    assert (again["collector_id"] == "a2").all()


def test_merged_people_are_one_case_wherever_they_lie() -> None:
    cases = plain().snapshot["person_id"].to_list()
    a, b = cases[0], next(person for person in cases if shard_of(person, 4) != shard_of(cases[0], 4))
    merged = pl.DataFrame({"person_id": [b], "root_id": [a]}, schema=SCHEMAS["aliases"])
    outcome = run(aliases=merged)
    assert b not in outcome.snapshot["person_id"]
    loans = outcome.case_loans.filter(pl.col("person_id") == a).height
    before = plain().case_loans.filter(pl.col("person_id").is_in([a, b])).height
    assert loans <= before
    assert run(1, aliases=merged).hashes() == outcome.hashes()


def test_facts_learnt_later_do_not_count() -> None:
    early = datetime(2024, 1, 1, tzinfo=UTC)
    nothing = run_day(shards(2), tables()[1], desk(), setting(), known=early)
    assert nothing.snapshot.is_empty()


def test_a_law_without_a_clock_of_its_own_goes_by_the_recipient_s() -> None:
    """Where the recipient's zone is known the slot is of his day; where it is not, the day is missing."""
    person = somebody("in_house_call")
    american = replace(setting(), rulebook=rulebook(jurisdiction="US"))
    points = desk().points.with_columns(
        zone=pl.when(pl.col("person_id") == person).then(pl.lit("America/New_York")).otherwise("zone")
    )
    run_there = run_day(shards(2), tables()[1], replace(desk(), points=points), american, known=KNOWN)
    asked = run_there.proposals.filter(pl.col("slot_at").is_not_null())
    lost = asked.filter(pl.col("missing").list.contains("on"))
    assert set(asked["person_id"]) - set(lost["person_id"]) == {person}
    call = of(run_there, person).filter(pl.col("treatment") == "in_house_call")
    assert call["slot_at"].to_list() == [datetime(2025, 6, 10, 14, tzinfo=UTC)]  # 10:00 in New York
    assert not asked["allowed"].any()  # nothing of what this law asks is known to the book


@pytest.mark.parametrize(
    ("proof", "until", "asked"),
    [
        ("consent", None, True),
        ("consent", DAY, True),
        ("consent", date(2025, 6, 9), False),
        (None, None, False),
        ("contract", None, False),
    ],
)
def test_a_contact_person_is_asked_only_with_his_consent_on_record(
    proof: str | None, until: date | None, *, asked: bool
) -> None:
    person = somebody("in_house_call")
    keys = tables()[0].filter(pl.col("person_id") == person)["loan_key"]
    friend = 10**9
    parties = pl.DataFrame(
        {
            "loan_key": keys, "person_id": friend, "relation": "contact_person", "proof_kind": proof,
            "proof_until": until, "named_by_debtor": True, "refused": False, "renounced": False,
            "estate_left_minor": None,
        },
        schema=SCHEMAS["parties"],
    )  # fmt: skip
    silent = pl.DataFrame(
        {"debtor_id": [person], "value_index": [f"{person:032x}"], "attempts": [9], "days": [9], "reached": [False]},
        schema=SCHEMAS["reach"],
    )
    phone = desk().points.head(1).with_columns(person_id=pl.lit(friend, dtype=pl.Int64))
    found = of(run(parties=parties, reach=silent, points=pl.concat([desk().points, phone])), person)
    (relay,) = found.filter(pl.col("recipient_id") == friend).rows(named=True)
    assert relay["allowed"] is asked, relay
    assert relay["refused"] == ([] if asked else ["cn.information.contact_person"])


def test_who_shares_a_budget_is_asked_one_after_the_other() -> None:
    rows = pl.DataFrame(
        {"person_id": [1, 1, 2, 5, 7, 8], "recipient_id": [1, 4, 4, 9, 7, 8]},
        schema={"person_id": pl.Int64, "recipient_id": pl.Int64},
    )
    linked = dict(propose._linked(rows).iter_rows())
    assert linked == {1: 1, 2: 1, 4: 1, 5: 5, 9: 5}  # 4 vouches for 1 and 2; 7 and 8 stand alone


def test_an_allowed_call_to_a_party_is_used_up_for_the_debtor_too() -> None:
    none = pl.DataFrame(schema=propose._USED)
    answered = pl.DataFrame(
        {
            "person_id": [1, 1, 2],
            "recipient_id": [4, 1, 2],
            "channel": ["call", "sms", "call"],
            "allowed": [True, True, False],
        }
    )
    used = propose._use(none, answered).sort("who").rows()
    assert used == [(1, 1, 1, 0, 1, 1), (4, 1, 0, 0, 1, 1)]


def test_a_restructured_loan_of_a_bank_is_at_least_in_the_class_of_its_observation() -> None:
    bank = replace(setting(), lender_type="bank")
    ages = run_day(shards(2), tables()[1], desk(), bank, known=KNOWN, threads=2).ages
    ranks = dict(ages.select("loan_key", "class_rank").iter_rows())
    loans, conventions, instalments, events = tables()
    known = loans.filter(pl.col("known") <= KNOWN).sort("known").unique("loan_key", keep="last")
    raised = 0
    for key, loan in loans_of(known, conventions, instalments, events):
        if key not in ranks:  # cannot be reckoned
            continue
        read = reading(loan, DAY, known=KNOWN)
        facts: dict[str, object] = {"on": DAY, "lender_type": "bank", "days_past_due": read.dpd}
        own = classify(bank.rulebook, facts).value
        stands = read.status in {Status.ACTIVE, Status.WRITTEN_OFF}
        if stands and (seen := observation(loan, DAY, known=KNOWN)) is not None:
            facts |= {"restructured": True, "observed_years": seen.years, "observed_periods": seen.periods()}
        wanted = classify(bank.rulebook, facts).value
        raised += wanted != own
        assert ranks[key] == wanted, key
    assert raised > 5
