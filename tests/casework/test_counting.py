"""What counts is counted alike by PostgreSQL for a day run and by the gate for one contact; no counter is missing."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import LiteralString

import pytest

from duecourse.casework import counting, ground
from duecourse.casework.counting import About
from duecourse.casework.gate import Gate
from duecourse.casework.outcomes import COUNTS, Outcome
from duecourse.casework.permit import Sender
from duecourse.casework.permits import BACK, subject_of
from duecourse.law.fact import NEVER
from duecourse.law.facts import FACTS
from duecourse.law.silence import SILENT
from duecourse.law.terms import Channel, Purpose, SenderType
from duecourse.storage import contacts, standing
from duecourse.storage.connection import Database, Tx
from duecourse.storage.contacts import Contact
from duecourse.storage.counters import COUNTERS, EVER, Gives, Over, source
from duecourse.storage.standing import Standing
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import loan, person
from tests.permit_desk import MORNING, Clock, a_request, ask, set_up

VAULT = Vault(new_ring())
DAY = date(2026, 3, 2)


@pytest.fixture
def desk(database: Database) -> Database:
    set_up(database, VAULT, 1, 2, 3)
    return database


def test_every_counter_of_the_law_is_counted_as_its_fact_says() -> None:
    asked = {one.name for one in FACTS.values() if one.source == "contact counters"}
    assert set(COUNTERS) == asked, "a fact of the contact counters needs its counter in storage/counters.py"
    for name, counter in COUNTERS.items():
        fact = FACTS[name]
        assert (counter.gives is Gives.DAYS_SINCE) is fact.ages
        assert not fact.daily or counter.days == 1
        assert not fact.rolling or counter.days == fact.rolling


def some_contacts(tx: Tx, chance: Random, many: int) -> None:
    """Contacts of all kinds with three borrowers, over two months, about one or two debts each."""
    for _ in range(many):
        who, whose = chance.randint(1, 3), chance.randint(1, 3)
        state = chance.choice(["reserved", "redeemed", "reported", "reported", "reported", "released"])
        outcome = chance.choice(list(Outcome))
        at = MORNING - timedelta(minutes=chance.choice([1, 15, 1_500, 6_000, 20_000, 90_000]) * chance.randint(0, 3))
        contacts.add(
            tx,
            Contact(
                person_id=person(who),
                debtor_id=person(whose),
                loan_keys=tuple(loan(n) for n in {whose, chance.choice([whose, 9])}),
                relation=chance.choice(["borrower", "contact_person"]),
                channel=chance.choice(["call", "call", *Channel]),
                purpose=chance.choice(list(Purpose)),
                direction=chance.choice(["out", "out", "in"]),
                at=at,
                local_day=(at + timedelta(hours=8)).date(),
                state=state,
                point_index=VAULT.index("demo", "phone", f"154 0000 {chance.randint(1, 3):04d}", "CN"),
                outcome=outcome.value if state == "reported" else None,
                connected=COUNTS[outcome].connected if state == "reported" else None,
                agency=chance.choice([None, "acme"]),
            ),
            now=at,
        )
    tx.execute(
        "UPDATE contact SET expires_at = at + interval '10 minutes' WHERE state = 'reserved' AND contact_id % 3 > 0"
    )
    tx.execute("UPDATE contact SET point_label = 'work' WHERE contact_id % 4 = 0")


OVER: dict[Over, LiteralString] = {
    Over.PERSON: "person_id = %(person)s",
    Over.POINT: "point_index = %(point)s",
    Over.DEBTOR: "(debtor_id = %(person)s OR person_id = %(person)s)",
    Over.DEBT: "person_id = %(person)s AND %(loan)s = ANY (loan_keys)",
    Over.LOCATED: "person_id = %(person)s AND debtor_id = %(person)s",
}


def by_postgresql(tx: Tx, name: str, number: int, firm: str) -> int:
    counter = COUNTERS[name]
    what: LiteralString = (
        "count(*)" if counter.gives is Gives.COUNT else "coalesce(%(day)s - max(local_day), %(never)s)"
    )
    query: LiteralString = " ".join(
        ("SELECT", what, "FROM", source("%(now)s"), "AS made WHERE local_day BETWEEN %(first)s AND %(day)s AND",
         OVER[counter.over], "AND (", counter.where, ") AND (%(same)s = FALSE OR coalesce(agency, '') = %(firm)s)")
    )  # fmt: skip
    found = tx.value(
        query,
        {
            "lender": "demo", "now": MORNING, "day": DAY, "never": NEVER, "person": person(number),
            "first": date.min if counter.days == EVER else DAY - timedelta(days=counter.days - 1),
            "point": VAULT.index("demo", "phone", f"154 0000 {number:04d}", "CN"), "loan": loan(number),
            "same": counter.same_sender, "firm": firm,
        },
    )  # fmt: skip
    return int(str(found))


def stands(desk: Database, number: int, sender: Sender) -> Standing:
    subject = subject_of(a_request(desk, number, sender=sender))
    with desk.transaction("demo") as tx:
        return standing.found(standing.read(tx, [subject], MORNING.date() - BACK), person(number))


@pytest.mark.parametrize("seed", range(6))
def test_both_ways_of_counting_agree(desk: Database, seed: int) -> None:
    with desk.transaction("demo") as tx:
        some_contacts(tx, Random(seed), 150)
    counted: list[int] = []
    for number in (1, 2, 3):
        for sender in (Sender(SenderType.LENDER), Sender(SenderType.AGENCY, "acme")):
            found = stands(desk, number, sender)
            live = ground.live(counting.made(found.made), MORNING)
            about = About(DAY, found.point[1] if found.point else None, (loan(number),), sender.firm)
            one = counting.count(live, about)
            with desk.transaction("demo") as tx:
                whole = {name: by_postgresql(tx, name, number, sender.firm) for name in COUNTERS}
            assert one == whole
            counted += one.values()
    assert len(set(counted)) > 8  # the numbers are not all nothing


def test_the_day_run_reads_the_same_counters(desk: Database) -> None:
    with desk.transaction("demo") as tx:
        some_contacts(tx, Random(99), 200)
        whole = {row["person_id"]: row for row in contacts.day_counts(tx, DAY, now=MORNING).iter_rows(named=True)}
        points = dict(contacts.point_counts(tx, DAY, now=MORNING).iter_rows())
    for number in (1, 2, 3):
        found = stands(desk, number, Sender(SenderType.LENDER))
        assert found.point is not None
        live = ground.live(counting.made(found.made), MORNING)
        one = counting.count(live, About(DAY, found.point[1], (loan(number),), ""))
        row = whole[person(number)]
        assert (row["connected_calls"], row["sms"], row["push"]) == (
            one["connected_calls_person_day"], one["sms_person_day"], one["push_person_day"],
        )  # fmt: skip
        assert points.get(found.point[1], 0) == one["unanswered_attempts_number_day"]


def test_of_several_debts_the_one_that_counts_most(desk: Database) -> None:
    clock = Clock()
    for _ in range(2):
        ask(desk, Gate(VAULT), clock)
    found = stands(desk, 1, Sender(SenderType.LENDER))
    live = ground.live(counting.made(found.made), MORNING)
    both = counting.count(live, About(DAY, None, (loan(9), loan(1)), ""))
    assert both["call_attempts_debt_7d"] == 2
    assert both["days_since_conversation_debt"] == 0
    other = counting.count(live, About(DAY, None, (loan(9),), ""))
    assert other["call_attempts_debt_7d"] == 0
    assert other["days_since_conversation_debt"] == NEVER
    assert counting.count(live, About(DAY, None, (loan(1),), "acme"))["call_attempts_debt_7d"] == 0
    assert both["connected_calls_person_day"] == 2


def test_what_is_reckoned_is_what_the_gate_says_it_reckons(desk: Database) -> None:
    found = stands(desk, 1, Sender(SenderType.AGENCY, "acme", "a017"))
    moment = Gate(VAULT).moment(found, MORNING)
    names = set(ground.facts(found, a_request(desk), [], moment, text={}))
    assert names <= ground.RECKONED | set(SILENT)
    assert {name for name in ground.RECKONED if name in FACTS} >= set(COUNTERS)


def test_the_page_lists_every_counter() -> None:
    page = (Path(__file__).parents[2] / "docs" / "permits.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:4] for line in page.split("<!-- counters")[1].splitlines() if line.startswith("| `")]
    listed = {name.strip(" `"): (over.strip(), days.strip()) for name, over, days in rows[: len(COUNTERS)]}
    assert listed == {
        name: (one.over.value, "ever" if one.days == EVER else str(one.days)) for name, one in COUNTERS.items()
    }
