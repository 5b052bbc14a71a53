"""A day run beyond China: closed until the lender has said what it knows, then open for what is lawful alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, LiteralString

import polars as pl
import pytest

from duecourse.book.store import Store
from duecourse.book.strategy import first_in, read_strategy, shipped
from duecourse.casework import planned
from duecourse.casework.gate import Gate
from duecourse.casework.lender_facts import end_lender_fact, state_lender_fact, unsaid
from duecourse.casework.permit import Answer, Permit, PermitRequest, Refusal
from duecourse.casework.permits import check_contact
from duecourse.casework.stating import NotStated, state_fact
from duecourse.casework.strategy import load_strategy
from duecourse.law.diff import compare
from duecourse.law.fact import Value
from duecourse.law.rulebook import rulebook
from duecourse.law.terms import Channel
from duecourse.storage import contacts
from duecourse.storage.connection import Database
from duecourse.storage.contacts import Contact
from duecourse.storage.lenders import Lender
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests import day_desk
from tests.desk import loan, person, phones
from tests.permit_desk import AGENCY, CONTENT, OFFICE, Clock, ask, refused, set_up

DAYS = {"UK": date(2026, 1, 13), "US": day_desk.DAY}  # Tuesdays
SUNDAY = date(2026, 1, 11)
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
VAULT = Vault(new_ring())
UK = Lender("demo", "Demo Credit", "UK", "Europe/London", "GBP", "bank", demo=True, masters={})
US = Lender("demo", "Demo Credit", "US", "America/New_York", "USD", "bank", demo=True, masters={})
HK = Lender("demo", "Demo Credit", "HK", "Asia/Hong_Kong", "HKD", "bank", demo=True, masters={})
IN = Lender("demo", "Demo Credit", "IN", "Asia/Kolkata", "INR", "bank", demo=True, masters={})
EU = Lender("demo", "Demo Credit", "EU", "Europe/Berlin", "EUR", "bank", demo=True, masters={})
SAID: dict[str, dict[str, Value]] = {
    "UK": {"governing_territory": "england_wales", "callback_premium": False, "identity_checked": True, "sealed": True},
    "US": {"consumer_debt": True, "autodialled": False},
    "HK": {"caller_id_shown": True},
    "IN": {"caller_id_shown": True, "microfinance_loan": False, "digital_loan": False},
    "EU": {"transferred_credit": False, "state_pack_in_force": True},
}
LIVES = {"UK": "england_wales", "US": "other_state", "EU": "germany"}


def british(number: int) -> dict[str, Any]:
    return {"value": f"+44 7700 900{number % 1000:03d}", "zone": "Europe/London"}


def american(number: int) -> dict[str, Any]:
    return {"value": f"+1 212 555 01{number % 100:02d}", "zone": "America/New_York"}


PLACES = pytest.mark.parametrize(("lender", "phone"), [(UK, british), (US, american)], ids=["UK", "US"])


def filled(database: Database, folder: Path, lender: Lender, phone: Callable[[int], dict[str, Any]]) -> Store:
    store = Store(folder / "book")
    day_desk.fill(database, store, VAULT, 120, lender=lender, phone=phone)
    if lender is not US:  # these texts are approved from 2026 on, when most of the book is long overdue
        text = shipped(first_in(lender.jurisdiction)).replace(
            "dpd BETWEEN 4 AND 90 AND plan_dpd > 0 AND NOT unreachable", "dpd >= 4"
        )
        with database.transaction("demo") as tx:
            load_strategy(
                tx, vault=VAULT, strategy=read_strategy(text), text=text, from_day=date(2025, 1, 1),
                actor=day_desk.ACTOR, now=day_desk.KNOWN,
            )  # fmt: skip
    return store


def plans(database: Database, store: Store, day: date = DAYS["UK"]) -> pl.DataFrame:
    """What a day proposes to do with people, with the law's answer."""
    day_desk.run_day(database, store, VAULT, day)
    asked: LiteralString = (
        "SELECT recipient_id, loan_key, channel, contact_point_id, template_id, slot_at, answer, rules, missing "
        "FROM proposal WHERE lender_id = 'demo' AND day = %s AND channel IS NOT NULL ORDER BY recipient_id, ordinal"
    )
    with database.transaction("demo") as tx:
        rows = tx.execute(asked, (day,)).fetchall()
    names = ("person", "loan", "channel", "point", "template", "slot_at", "answer", "rules", "missing")
    return pl.DataFrame(rows, schema=names, orient="row")


def say_all(database: Database, jurisdiction: str) -> None:
    with database.transaction("demo") as tx:
        for fact, value in SAID[jurisdiction].items():
            state_lender_fact(
                tx, vault=VAULT, fact=fact, value=value, source="contract form 7", actor=day_desk.ACTOR,
                now=day_desk.KNOWN, from_at=LONG_AGO,
            )  # fmt: skip


def houses(database: Database, jurisdiction: str, skip: int) -> None:
    """Say where everybody lives, but for ``skip`` people."""
    with database.transaction("demo") as tx:
        people = [int(row[0]) for row in tx.execute("SELECT person_id FROM person ORDER BY person_id").fetchall()]
        for person in people[skip:]:
            state_fact(
                tx, vault=VAULT, person_id=person, fact="resident_territory", value=LIVES[jurisdiction],
                source="application form", actor=day_desk.ACTOR, now=day_desk.KNOWN, from_at=LONG_AGO,
            )  # fmt: skip


@PLACES
def test_a_day_opens_with_what_the_lender_says_and_stays_shut_for_the_rest(
    database: Database, tmp_path: Path, lender: Lender, phone: Callable[[int], dict[str, Any]]
) -> None:
    store = filled(database, tmp_path, lender, phone)
    day = DAYS[lender.jurisdiction]
    shut = plans(database, store, day)
    assert shut.height > 10
    assert set(shut["answer"]) == {"refused"}
    with database.transaction("demo") as tx:
        assert set(SAID[lender.jurisdiction]) - {"sealed"} <= set(unsaid(tx, day_desk.KNOWN))
    say_all(database, lender.jurisdiction)
    missing = set(plans(database, store, day)["missing"].explode().drop_nulls())
    assert "resident_territory" in missing
    assert not missing & set(SAID[lender.jurisdiction])
    houses(database, lender.jurisdiction, skip=20)
    now = plans(database, store, day)
    calls = now.filter(pl.col("channel") == "call")
    assert {"allowed", "refused"} == set(calls["answer"])
    homeless = now.filter(pl.col("missing").list.contains("resident_territory"))
    assert 0 < homeless.height < now.height / 2
    assert set(homeless["answer"]) == {"refused"}
    assert set(calls.filter(pl.col("answer") == "refused")["missing"].explode().drop_nulls()) == {"resident_territory"}


@pytest.mark.parametrize("lender", [HK, IN, EU], ids=["HK", "IN", "EU"])
def test_the_first_strategy_of_a_place_proposes_its_own_texts_and_opens_with_what_is_said(
    database: Database, tmp_path: Path, lender: Lender
) -> None:
    store = filled(database, tmp_path, lender, lambda number: american(number) | {"zone": lender.zone})
    shut = plans(database, store).filter(pl.col("channel") == "call")
    assert shut.height > 5
    assert set(shut["answer"]) == {"refused"}
    assert set(shut["template"]) == {f"{lender.jurisdiction.lower()}.arrears.call"}
    say_all(database, lender.jurisdiction)
    if lender is EU:
        assert set(plans(database, store)["answer"]) == {"refused"}
        houses(database, "EU", skip=0)
    assert set(plans(database, store).filter(pl.col("channel") == "call")["answer"]) == {"allowed"}


def _call(database: Database, gate: Gate, row: dict[str, object]) -> tuple[bool, set[str]]:
    """What the gate answers to the same call at the same instant."""
    with database.transaction("demo") as tx:
        loans = tx.execute(
            "SELECT loan_key FROM party WHERE person_id = %s AND relation = 'borrower' ORDER BY loan_key LIMIT 1",
            (row["person"],),
        ).fetchall()
    at = row["slot_at"]
    assert isinstance(at, datetime)
    request = PermitRequest(
        person_id=int(str(row["person"])), loan_keys=(int(loans[0][0]),), contact_point_id=int(str(row["point"])),
        channel=Channel.CALL, at=at, template_id=str(row["template"]), content_hash=CONTENT, sender=OFFICE,
        idempotency_key="try",
    )  # fmt: skip
    found = check_contact(database, "demo", gate=gate, request=request, clock=lambda: at)
    return found.allowed, {str(one["rule"]) for one in found.reasons}


@PLACES
def test_the_gate_and_the_day_answer_alike(
    database: Database, tmp_path: Path, lender: Lender, phone: Callable[[int], dict[str, Any]]
) -> None:
    store = filled(database, tmp_path, lender, phone)
    say_all(database, lender.jurisdiction)
    houses(database, lender.jurisdiction, skip=20)
    day = DAYS[lender.jurisdiction]
    calls = plans(database, store, day).filter(pl.col("channel") == "call").unique("person", keep="none").sort("person")
    gate = Gate(VAULT)
    for answer in ("allowed", "refused"):
        row = calls.filter(pl.col("answer") == answer).row(0, named=True)
        assert _call(database, gate, row) == (answer == "allowed", set(row["rules"]))
    (frame,) = planned.planned_days(database, store, lender_id="demo", days=[day])
    book = rulebook(jurisdiction=lender.jurisdiction)
    same = compare(book, book, [frame], turns=planned.TURNS)
    assert same.none
    assert 0 < same.allowed_before == frame["was_allowed"].sum()


def test_what_is_on_record_of_a_british_person_goes_before_what_is_said_of_all(
    database: Database, tmp_path: Path
) -> None:
    store = filled(database, tmp_path, UK, british)
    say_all(database, "UK")
    houses(database, "UK", skip=0)
    calls = plans(database, store).filter((pl.col("channel") == "call") & (pl.col("answer") == "allowed"))
    asked, waits, balance, fragile = calls["person"].unique().sort().to_list()[:4]

    def state(person: int, fact: str, value: Value = True, until: datetime | None = None) -> None:  # noqa: FBT002
        with database.transaction("demo") as tx:
            state_fact(
                tx, vault=VAULT, person_id=person, fact=fact, value=value, source="letter", actor=day_desk.ACTOR,
                now=day_desk.KNOWN, until=until,
            )  # fmt: skip

    state(asked, "against_request")
    state(
        waits, "against_request", until=datetime(2025, 6, 10, 10, tzinfo=UTC)
    )  # 11:00 in London, when the call is due
    state(balance, "balance_request_open")
    state(fragile, "identity_checked", value=False)
    again = plans(database, store).filter(pl.col("channel") == "call")
    rules = {row["person"]: set(row["rules"]) for row in again.iter_rows(named=True)}
    assert rules[asked] == {"uk.contact.request"}
    assert rules[waits] == set()
    assert rules[balance] == {"uk.information.balance"}
    assert rules[fragile] == {"uk.contact.identity"}
    assert calls.height > len([one for one in rules.values() if not one]) > 0


def test_in_britain_nobody_is_called_on_a_sunday_and_what_was_tried_counts(database: Database, tmp_path: Path) -> None:
    store = filled(database, tmp_path, UK, british)
    say_all(database, "UK")
    houses(database, "UK", skip=0)
    sunday = plans(database, store, SUNDAY)
    called = sunday.filter(pl.col("channel") == "call")
    assert called.height > 5
    assert set(called["rules"].explode()) == {"uk_policy.contact.rest_day"}
    person = plans(database, store).filter((pl.col("channel") == "call") & (pl.col("answer") == "allowed"))["person"][0]
    with database.transaction("demo") as tx:
        for number in range(7):
            at = datetime(2026, 1, 7 + number % 5, 10, number, tzinfo=UTC)
            made = Contact(
                person_id=person, debtor_id=person, loan_keys=(1,), relation="borrower", channel="call",
                purpose="collect", direction="out", at=at, local_day=at.date(), state="reported",
                outcome="unanswered", connected=False,
            )  # fmt: skip
            contacts.add(tx, made, now=at)
    tried = plans(database, store).filter((pl.col("channel") == "call") & (pl.col("person") == person))
    assert {rule for rules in tried["rules"] for rule in rules} == {"uk_policy.contact.week"}


def test_a_fact_said_of_all_has_a_proof_and_an_end(database: Database, tmp_path: Path) -> None:
    filled(database, tmp_path, UK, british)

    def say(fact: str, value: Value, **more: object) -> int:
        with database.transaction("demo") as tx:
            return state_lender_fact(
                tx, vault=VAULT, fact=fact, value=value, actor=day_desk.ACTOR, now=day_desk.KNOWN,
                **({"source": "form"} | more),  # type: ignore[arg-type]
            )  # fmt: skip

    for fact, value, said in (
        ("resident_territory", "scotland", "not said of all claims"),
        ("hold_cease", False, "not said of all claims"),
        ("consumer_dept", True, "did you mean 'consumer_debt'"),
        ("governing_territory", "france_", "not a value"),
    ):
        with pytest.raises(NotStated, match=said):
            say(fact, value)
    with pytest.raises(NotStated, match="needs a source"):
        say("callback_premium", value=False, source=" ")
    with pytest.raises(NotStated, match="leave the firm out"):
        say("consumer_debt", value=True, firm="acme")
    number = say("callback_premium", value=False)
    with database.transaction("demo") as tx:
        assert "callback_premium" not in unsaid(tx, day_desk.clock())
        end_lender_fact(tx, vault=VAULT, stated_id=number, actor=day_desk.ACTOR, now=day_desk.clock())
        assert "callback_premium" in unsaid(tx, day_desk.clock())
        with pytest.raises(NotStated, match="no fact of this number"):
            end_lender_fact(tx, vault=VAULT, stated_id=number, actor=day_desk.ACTOR, now=day_desk.clock())


def test_an_american_collector_calls_by_what_is_on_record_and_the_days_of_a_statement_grow(database: Database) -> None:
    phone = phones(1, value="+1 212 555 0101", zone="America/New_York")
    set_up(database, VAULT, 1, lender=US, points=phone)
    clock = Clock(datetime(2026, 3, 3, 16, tzinfo=UTC))
    gate = Gate(VAULT)

    def call() -> Answer:
        return ask(database, gate, clock, sender=AGENCY, template_id="us.later.call")

    def state(fact: str, *, value: Value) -> None:
        with database.transaction("demo") as tx:
            state_fact(
                tx, vault=VAULT, person_id=person(1), fact=fact, value=value, source="collector's file", now=clock(),
                actor=day_desk.ACTOR, loan_key=loan(1) if "territory" not in fact else None,
            )  # fmt: skip

    say_all(database, "US")
    state("resident_territory", value="other_state")
    unknown = call()
    assert isinstance(unknown, Refusal)
    assert set(unknown.missing) == {
        "autodialled", "amount_authorised", "initial_communication", "validation_given",
        "days_since_initial_communication",
    }  # fmt: skip
    with database.transaction("demo") as tx:
        for name, value, firm in (("amount_authorised", True, ""), ("autodialled", False, AGENCY.firm)):
            state_lender_fact(
                tx, vault=VAULT, fact=name, value=value, source="contract form 7", actor=day_desk.ACTOR, now=clock(),
                firm=firm,
            )  # fmt: skip
    state("initial_communication", value=False)
    state("validation_given", value=False)
    state("days_since_initial_communication", value=3)
    assert isinstance(call(), Permit)
    clock.forward(days=1)
    assert isinstance(call(), Permit)
    clock.forward(days=1, hours=3)
    assert refused(call()) == ("us.validation.given",)
    state("validation_given", value=True)
    assert isinstance(call(), Permit)
