"""A trigger on a chain: terms fixed at signing go there as commitments, and what it tells to be due comes back.

What comes back is a reminder, which is at most a proposal. Nobody is contacted by it: `ask_to_remind` asks the gate for
a permit as for any other contact, and where the law refuses, nothing is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from duecourse.casework.actor import Actor
from duecourse.casework.gate import Gate
from duecourse.casework.permit import Answer, PermitRequest, Sender
from duecourse.casework.permits import request_permit
from duecourse.chain import fixed_terms
from duecourse.chain.accounts import LocalAccount
from duecourse.chain.contract import shipped
from duecourse.chain.node import Node, NodeRefused, Receipt
from duecourse.core.fixed import FixedTerms
from duecourse.evidence.record import salt
from duecourse.law.terms import Channel
from duecourse.storage import log, persons, reminders
from duecourse.storage.connection import Database
from duecourse.storage.reminders import FixedTerm, Reminder
from duecourse.storage.vault import PersonKey, Vault
from duecourse.trouble import N_, BadInput, Refused

TERMS = "terms"
AT_ONCE = 200
"""Terms in one transaction to the chain."""


class NotATrigger(BadInput):
    """What stands at the address is not the contract of due days."""

    def __init__(self, contract: str, place: str) -> None:
        super().__init__(
            N_(
                "at {contract} on the chain of {place} stands no contract of due days of ours. `duecourse trigger "
                "deploy` puts one there and says its address, for DUECOURSE_TRIGGER_CONTRACT"
            ),
            contract=contract,
            place=place,
        )


class CannotFix(BadInput):
    """Terms that cannot be reckoned."""

    def __init__(self, instalment: int, name: str, why: str) -> None:
        super().__init__(
            N_("instalment {instalment} cannot be fixed: {name}: {why}"), instalment=instalment, name=name, why=why
        )


class NothingOwed(Refused):
    """A reminder of something that is paid."""

    def __init__(self, reminder_id: int) -> None:
        super().__init__(
            N_("reminder {reminder}: nothing is due on this loan any more, so nobody is reminded of it"),
            reminder=reminder_id,
        )


@dataclass(frozen=True, slots=True)
class Instalment:
    """One instalment's terms, as fixed at signing, and when a reminder of it falls due."""

    loan_key: int
    number: int
    terms: FixedTerms
    remind_at: datetime


@dataclass(frozen=True, slots=True)
class Trigger:
    """The contract of due days on a node, and the account that fixes terms there, where there is one."""

    node: Node
    contract: bytes
    account: LocalAccount | None = field(default=None, repr=False)

    def prove(self) -> int:
        """The number of the chain; raises `NotATrigger` unless the code at the address is that of our contract."""
        if self.node.code(self.contract) != shipped(TERMS).runtime:
            raise NotATrigger(f"0x{self.contract.hex()}", self.node.place)
        return self.node.chain()

    def send(self, function: str, *values: object) -> Receipt:
        """Call a function by a transaction; raises as `Node.send`."""
        if self.account is None:
            raise NodeRefused(self.node.place, "no account to sign with is given (DUECOURSE_ANCHOR_KEY_FILE)")
        return self.node.send(self.account, shipped(TERMS).call(function, *values), self.contract)


def deploy(node: Node, account: LocalAccount) -> Receipt:
    """Put a new contract of due days on the chain, in which the account alone fixes terms; raises as `Node.send`."""
    return node.send(account, shipped(TERMS).bytecode)


def salt_of(person: PersonKey, loan_key: int, number: int) -> bytes:
    """The salt under which an instalment's terms are committed to; gone with the person's secret."""
    return salt(person.secret, f"{person.lender_id}/fixed/{loan_key}/{number}", "terms")


def fix_terms(
    database: Database,
    lender_id: str,
    *,
    trigger: Trigger,
    vault: Vault,
    person_id: int,
    instalments: Sequence[Instalment],
    actor: Actor,
    clock: Callable[[], datetime],
) -> list[FixedTerm]:
    """Fix the terms of a person's instalments: commitments and instants go to the chain, nothing else.

    Done again after a lost answer it changes nothing on the chain. Raises `CannotFix`, `NotATrigger`,
    `vault.Destroyed`, and as `Node.send`.
    """
    for one in instalments:
        for name, why in one.terms.faults():
            raise CannotFix(one.number, name, why)
    chain = trigger.prove()
    with database.transaction(lender_id) as tx:
        person = vault.person(lender_id, person_id, persons.wrapped(tx, person_id))
    made = [
        FixedTerm(
            person_id, one.loan_key, one.number, chain, trigger.contract,
            fixed_terms.commitment(one.terms, salt_of(person, one.loan_key, one.number)), one.remind_at,
        )
        for one in instalments
    ]  # fmt: skip
    for at in range(0, len(made), AT_ONCE):
        part = made[at : at + AT_ONCE]
        instants = [int(one.remind_at.timestamp()) for one in part]
        trigger.send("fix", [one.commitment for one in part], instants)
    with database.transaction(lender_id) as tx:
        now = clock()
        reminders.keep_terms(tx, made, now=now)
        log.append(
            tx, vault=vault, kind="terms.fixed", at=now, actor=str(actor), subject=person,
            stated={"chain": chain, "contract": f"0x{trigger.contract.hex()}", "instalments": len(made)},
            facts={"commitments": [one.commitment.hex() for one in made]},
        )  # fmt: skip
    return made


def fire(database: Database, lender_id: str, *, trigger: Trigger, now: datetime) -> int:
    """Have the contract tell of what is due by now and was not told; how many it told. Anybody else may do the same."""
    chain = trigger.prove()
    with database.transaction(lender_id) as tx:
        due = reminders.untold(tx, chain, trigger.contract, by=now)
    terms, told = shipped(TERMS), 0
    for one in due:
        asked = terms.call("told", one.commitment)
        if not terms.answer("told", trigger.node.read(trigger.contract, asked))[0]:
            trigger.send("remind", one.commitment)
            told += 1
    return told


def read_reminders(
    database: Database, lender_id: str, *, trigger: Trigger, vault: Vault, actor: Actor, clock: Callable[[], datetime]
) -> list[Reminder]:
    """Take over what the contract told to be due, each once, with a record; gives all that were ever read.

    Events of what this lender did not fix, or of somebody whose data was destroyed, are passed over.
    """
    chain, terms = trigger.prove(), shipped(TERMS)
    for event in trigger.node.logs(trigger.contract, [terms.topic("ReminderDue")]):
        topics, transaction = [_bytes(one) for one in event["topics"]], _bytes(event["transactionHash"])
        said = terms.event("ReminderDue", topics, _bytes(event["data"]))
        receipt = trigger.node.receipt(transaction)
        if receipt is None or trigger.node.height() - receipt.block + 1 < trigger.node.confirmations:
            continue
        with database.transaction(lender_id) as tx:
            term, now = reminders.of_commitment(tx, chain, trigger.contract, said["commitment"]), clock()
            wrapped = persons.wrapped(tx, term.person_id) if term else None
            if (
                term is None
                or wrapped is None
                or not reminders.keep(
                    tx, term, transaction=transaction, block=receipt.block, at=receipt.block_at, now=now
                )
            ):
                continue
            log.append(
                tx, vault=vault, kind="reminder.read", at=now, actor=str(actor),
                subject=vault.person(lender_id, term.person_id, wrapped),
                stated={"chain": chain, "block": receipt.block, "transaction": f"0x{transaction.hex()}"},
                facts={"commitment": term.commitment.hex()},
            )  # fmt: skip
    with database.transaction(lender_id) as tx:
        return reminders.every(tx)


def ask_to_remind(
    database: Database,
    lender_id: str,
    *,
    gate: Gate,
    reminder_id: int,
    owed: bool,
    contact_point_id: int,
    channel: Channel,
    template_id: str,
    content_hash: str,
    sender: Sender,
    actor: Actor,
    clock: Callable[[], datetime],
) -> Answer:
    """Ask the gate whether the person may be reminded now: a permit, or a refusal with every reason.

    ``owed`` is whether the book still has something due on the loan. Raises `NoSuchReminder`, `NothingOwed`, and as
    `request_permit`.
    """
    with database.transaction(lender_id) as tx:
        found = reminders.get(tx, reminder_id)
    if not owed:
        raise NothingOwed(reminder_id)
    at = clock()
    request = PermitRequest(
        person_id=found.person_id, loan_keys=(found.loan_key,), contact_point_id=contact_point_id, channel=channel,
        at=at, template_id=template_id, content_hash=content_hash, sender=sender,
        idempotency_key=f"reminder-{reminder_id}-{at.isoformat()}",
    )  # fmt: skip
    return request_permit(database, lender_id, gate=gate, request=request, actor=actor, clock=clock)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
