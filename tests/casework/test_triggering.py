"""A trigger on a real chain proposes, and the gate decides: where the law refuses a reminder, nobody is contacted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import LiteralString

import pytest
from eth_abi.abi import decode

from duecourse.casework import disclosure, holds, triggering
from duecourse.casework.actor import Actor, Role
from duecourse.casework.gate import Gate
from duecourse.casework.permit import Answer
from duecourse.casework.triggering import CannotFix, Instalment, NotATrigger, NothingOwed, Trigger
from duecourse.chain import fixed_terms
from duecourse.chain.contract import shipped
from duecourse.chain.node import NodeRefused
from duecourse.core.days import DayCount
from duecourse.core.fixed import FixedTerms, default_interest
from duecourse.law.terms import Channel
from duecourse.storage import log, persons, reminders
from duecourse.storage.connection import Database
from duecourse.storage.reminders import FixedTerm, NoSuchReminder, Reminder
from duecourse.storage.vault import Destroyed, PersonKey, Vault
from duecourse.storage.vault.ring import new_ring
from tests.chain_node import Chain, chain
from tests.desk import loan, person
from tests.permit_desk import CLOSING, CONTENT, MORNING, OFFICE, OPERATOR, Clock, granted, point, refused, set_up

VAULT = Vault(new_ring())
GATE = Gate(VAULT)
CODE = shipped("terms")
BEGAN = int((MORNING - timedelta(days=3)).timestamp())
DUE = MORNING - timedelta(hours=10)  # midnight in Shanghai
ONE = FixedTerms(
    due=date(2026, 3, 1), principal_minor=1_234_567, interest_minor=15_432, rate_ppm=180_000, penalty_ppm=270_000,
    cap_ppm=240_000, most_minor=400_000, day_count=DayCount.ACT_365,
)  # fmt: skip
READER = Actor(Role.SCHEDULE, "chain")


@pytest.fixture
def evm(tmp_path: Path) -> Iterator[Chain]:
    """A chain that begins three days before the desk's morning."""
    with chain(tmp_path, "--timestamp", str(BEGAN)) as running:
        yield running


@pytest.fixture
def trigger(evm: Chain) -> Trigger:
    made = triggering.deploy(evm.node, evm.accounts[0])
    return Trigger(evm.node, made.contract, evm.accounts[0])


def wait_for(evm: Chain, at: datetime) -> None:
    """Let the chain come to an instant."""
    evm.node.ask("evm_setNextBlockTimestamp", int(at.timestamp()))
    evm.node.ask("anvil_mine", "0x1")


def fix(database: Database, trigger: Trigger, *numbers: int, of: int = 1) -> list[FixedTerm]:
    """Fix instalments of borrower C<of>, each a month after the other, reminded of at its due day's beginning."""
    month = timedelta(days=31)
    wanted = [
        Instalment(loan(of), number, replace(ONE, due=ONE.due + number * month), DUE + (number - 1) * month)
        for number in numbers
    ]
    return triggering.fix_terms(
        database, "demo", trigger=trigger, vault=VAULT, person_id=person(of), instalments=wanted, actor=OPERATOR,
        clock=Clock(),
    )  # fmt: skip


def read(database: Database, trigger: Trigger) -> list[Reminder]:
    return triggering.read_reminders(database, "demo", trigger=trigger, vault=VAULT, actor=READER, clock=Clock())


def ask(database: Database, reminder: Reminder, at: datetime, *, owed: bool = True) -> Answer:
    return triggering.ask_to_remind(
        database, "demo", gate=GATE, reminder_id=reminder.reminder_id, owed=owed,
        contact_point_id=point(database, 1), channel=Channel.SMS, template_id="m1.notice.sms", content_hash=CONTENT,
        sender=OFFICE, actor=OPERATOR, clock=Clock(at),
    )  # fmt: skip


def count(database: Database, table: LiteralString) -> int:
    with database.transaction("demo") as tx:
        return len(tx.execute("TABLE " + table).fetchall())


def key_of(database: Database, number: int = 1) -> PersonKey:
    with database.transaction("demo") as tx:
        return VAULT.person("demo", person(number), persons.wrapped(tx, person(number)))


def test_what_the_chain_tells_is_a_proposal_and_refusing_law_stops_it(
    database: Database, evm: Chain, trigger: Trigger
) -> None:
    set_up(database, VAULT, 1)
    fix(database, trigger, 1, 2)
    assert fix(database, trigger, 1, 2)  # an answer was lost: done again, nothing is doubled
    assert count(database, "fixed_term") == 2
    assert triggering.fire(database, "demo", trigger=trigger, now=DUE - timedelta(seconds=1)) == 0
    with pytest.raises(NodeRefused, match="not due yet"):  # whatever our clock says, the chain's own decides
        triggering.fire(database, "demo", trigger=trigger, now=DUE)
    wait_for(evm, DUE)
    assert triggering.fire(database, "demo", trigger=trigger, now=DUE) == 1
    assert triggering.fire(database, "demo", trigger=trigger, now=DUE) == 0

    (reminder,) = read(database, trigger)
    assert read(database, trigger) == [reminder]
    assert (reminder.person_id, reminder.loan_key, reminder.instalment) == (person(1), loan(1), 1)
    assert reminder.at >= DUE
    assert (count(database, "contact"), count(database, "permit_request")) == (
        0,
        0,
    )  # nobody was asked for, let alone contacted

    with database.transaction("demo") as tx:  # a bundle can show what the records committed to
        entries = [one for one in log.of_person(tx, person(1)) if one.kind in {"terms.fixed", "reminder.read"}]
        shown = {one.kind: disclosure.openings(tx, one, key_of(database)) for one in entries}
    assert [one.field for one in shown["terms.fixed"]] == ["commitments"]
    assert [one.value for one in shown["reminder.read"]] == [reminder.commitment.hex()]

    assert "cn.contact.window" in refused(ask(database, reminder, CLOSING))
    with pytest.raises(NothingOwed):
        ask(database, reminder, MORNING, owed=False)
    assert count(database, "contact") == 0
    permit = granted(ask(database, reminder, MORNING))
    assert (permit.person_id, permit.loan_keys, permit.channel) == (person(1), (loan(1),), Channel.SMS)
    with database.transaction("demo") as tx:
        holds.place(
            tx, vault=VAULT, person_id=person(1), kind=holds.HoldKind.DECEASED, source="family", actor=OPERATOR,
            clock=Clock(),
        )  # fmt: skip
        kinds = [row[0] for row in tx.execute("SELECT kind FROM log_entry ORDER BY entry_id").fetchall()]
    assert refused(ask(database, reminder, MORNING + timedelta(hours=1)))
    assert count(database, "contact") == 1
    assert {"terms.fixed", "reminder.read", "permit.refused", "permit.granted"} <= set(kinds)
    assert kinds.count("reminder.read") == 1


def test_the_chain_is_given_commitments_and_instants_and_nothing_else(
    database: Database, evm: Chain, trigger: Trigger
) -> None:
    set_up(database, VAULT, 1)
    made = fix(database, trigger, 1, 2, 3)
    wait_for(evm, DUE)
    triggering.fire(database, "demo", trigger=trigger, now=DUE)
    sent = []
    for number in range(1, evm.node.height() + 1):
        block = evm.node.ask("eth_getBlockByNumber", hex(number), True)  # noqa: FBT003 - JSON-RPC has no names
        sent += [bytes.fromhex(one["input"][2:]) for one in block["transactions"]]
    code, fixing, telling = sent
    assert code == CODE.bytecode
    commitments, instants = decode(["bytes32[]", "uint64[]"], fixing[4:])
    assert list(commitments) == [one.commitment for one in made]
    assert list(instants) == [int(one.remind_at.timestamp()) for one in made]
    assert telling[4:] == made[0].commitment
    salts = {triggering.salt_of(key_of(database), loan(1), number) for number in (1, 2, 3)}
    assert len(salts) == 3  # one fact can be opened without another
    whole = b"".join(sent[1:])
    for personal in (person(1), loan(1), ONE.principal_minor, ONE.interest_minor, fixed_terms.day_number(ONE.due)):
        assert personal.to_bytes(32, "big") not in whole
    assert not any(one in whole for one in salts)


def test_the_terms_that_were_fixed_come_to_the_same_cent_and_no_others_are_taken(
    database: Database, evm: Chain, trigger: Trigger
) -> None:
    set_up(database, VAULT, 1)
    fix(database, trigger, 1)
    salt = triggering.salt_of(key_of(database), loan(1), 1)
    terms, day = replace(ONE, due=ONE.due + timedelta(days=31)), date(2026, 6, 1)
    theirs = fixed_terms.default_interest(evm.node, trigger.contract, terms, salt, day)
    assert theirs == default_interest(terms, day) == 49518  # 1,234,567 × 24 % × 61 ÷ 365 = 49,517.7
    with pytest.raises(NodeRefused, match="not the terms that were fixed"):
        fixed_terms.default_interest(evm.node, trigger.contract, replace(terms, cap_ppm=360_000), salt, day)


def test_what_others_fixed_or_whose_data_was_destroyed_is_passed_over(
    database: Database, evm: Chain, trigger: Trigger
) -> None:
    set_up(database, VAULT, 1, 2)
    (mine,) = fix(database, trigger, 1, of=2)
    trigger.send("fix", [bytes([9]) * 32], [BEGAN])
    trigger.send("remind", bytes([9]) * 32)
    wait_for(evm, DUE)
    assert triggering.fire(database, "demo", trigger=trigger, now=DUE) == 1
    with database.transaction("demo") as tx:
        persons.destroy(tx, person(2), now=MORNING)
    assert read(database, trigger) == []
    with pytest.raises(Destroyed):
        key_of(database, 2)  # nobody can make the salt any more, so what stands on the chain says nothing of anybody
    with database.transaction("demo") as tx:
        assert reminders.of_commitment(tx, mine.chain, mine.contract, mine.commitment) == mine


def test_what_cannot_be_done_is_refused_by_name(database: Database, evm: Chain, trigger: Trigger) -> None:
    set_up(database, VAULT, 1)
    with pytest.raises(NotATrigger, match="DUECOURSE_TRIGGER_CONTRACT"):
        fix(database, replace(trigger, contract=bytes(20)), 1)
    with pytest.raises(NodeRefused, match="not the lender"):
        fix(database, replace(trigger, account=evm.accounts[1]), 1)
    with pytest.raises(NodeRefused, match="no account"):
        fix(database, replace(trigger, account=None), 1)
    wrong = Instalment(loan(1), 7, replace(ONE, penalty_ppm=10**7, cap_ppm=10**7), DUE)
    with pytest.raises(CannotFix, match="instalment 7 cannot be fixed: penalty_ppm"):
        triggering.fix_terms(
            database, "demo", trigger=trigger, vault=VAULT, person_id=person(1), instalments=[wrong],
            actor=OPERATOR, clock=Clock(),
        )  # fmt: skip
    assert count(database, "fixed_term") == 0
    with database.transaction("demo") as tx, pytest.raises(NoSuchReminder):
        reminders.get(tx, 5)
