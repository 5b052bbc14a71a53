"""Terms that were fixed on a chain, and the reminders that a contract told to be due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput


class NoSuchReminder(BadInput):
    """A number that no reminder has."""

    def __init__(self, reminder_id: int) -> None:
        super().__init__(
            N_("no reminder {reminder_id} was read from a chain; `duecourse trigger read` shows those that were"),
            reminder_id=reminder_id,
        )


@dataclass(frozen=True, slots=True)
class FixedTerm:
    """One instalment's terms in a contract on a chain, by their commitment."""

    person_id: int
    loan_key: int
    instalment: int
    chain: int
    contract: bytes
    commitment: bytes
    remind_at: datetime


@dataclass(frozen=True, slots=True)
class Reminder:
    """What the contract told to be due: at most a proposal."""

    reminder_id: int
    person_id: int
    loan_key: int
    instalment: int
    commitment: bytes
    transaction: bytes
    block: int
    at: datetime  # as the block states it


def keep_terms(tx: Tx, terms: Sequence[FixedTerm], *, now: datetime) -> None:
    """Keep what was fixed; the same again stays as it is."""
    tx.many(
        "INSERT INTO fixed_term (lender_id, person_id, loan_key, instalment, chain, contract, commitment, remind_at, "
        "fixed_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [
            (
                tx.lender_id, one.person_id, one.loan_key, one.instalment, one.chain, one.contract, one.commitment,
                one.remind_at, now,
            )
            for one in terms
        ],
    )  # fmt: skip


def untold(tx: Tx, chain: int, contract: bytes, *, by: datetime) -> list[FixedTerm]:
    """What was fixed in a contract, whose instant has come and of which no reminder was read."""
    return tx.rows(
        FixedTerm,
        "SELECT person_id, loan_key, instalment, chain, contract, commitment, remind_at FROM fixed_term f "
        "WHERE lender_id = %s AND chain = %s AND contract = %s AND remind_at <= %s "
        "AND NOT EXISTS (SELECT FROM reminder r WHERE (r.lender_id, r.person_id, r.chain, r.contract, r.commitment) "
        "= (f.lender_id, f.person_id, f.chain, f.contract, f.commitment)) ORDER BY remind_at, loan_key, instalment",
        (tx.lender_id, chain, contract, by),
    )


def of_commitment(tx: Tx, chain: int, contract: bytes, commitment: bytes) -> FixedTerm | None:
    """What a commitment is of, None where it is not of this lender."""
    return tx.row(
        FixedTerm,
        "SELECT person_id, loan_key, instalment, chain, contract, commitment, remind_at FROM fixed_term "
        "WHERE lender_id = %s AND chain = %s AND contract = %s AND commitment = %s",
        (tx.lender_id, chain, contract, commitment),
    )


def of_person(tx: Tx, person_id: int) -> list[FixedTerm]:
    """What was fixed of a person's loans, by contract, loan and instalment."""
    return tx.rows(
        FixedTerm,
        "SELECT person_id, loan_key, instalment, chain, contract, commitment, remind_at FROM fixed_term "
        "WHERE lender_id = %s AND person_id = %s ORDER BY chain, contract, loan_key, instalment",
        (tx.lender_id, person_id),
    )


def keep(tx: Tx, term: FixedTerm, *, transaction: bytes, block: int, at: datetime, now: datetime) -> bool:
    """Keep a reminder that was read; whether it is new."""
    return bool(
        tx.execute(
            "INSERT INTO reminder (lender_id, person_id, chain, contract, commitment, transaction, block, at, read_at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (
                tx.lender_id, term.person_id, term.chain, term.contract, term.commitment, transaction, block, at, now,
            ),
        ).rowcount
    )  # fmt: skip


_REMINDER = (
    "SELECT r.reminder_id, r.person_id, f.loan_key, f.instalment, r.commitment, r.transaction, r.block, r.at "
    "FROM reminder r JOIN fixed_term f ON (f.lender_id, f.person_id, f.chain, f.contract, f.commitment) "
    "= (r.lender_id, r.person_id, r.chain, r.contract, r.commitment) WHERE r.lender_id = %s "
)


def every(tx: Tx) -> list[Reminder]:
    """All reminders that were read, the oldest first."""
    return tx.rows(Reminder, _REMINDER + "ORDER BY r.reminder_id", (tx.lender_id,))


def get(tx: Tx, reminder_id: int) -> Reminder:
    """One reminder; raises `NoSuchReminder`."""
    found = tx.row(Reminder, _REMINDER + "AND r.reminder_id = %s", (tx.lender_id, reminder_id))
    if found is None:
        raise NoSuchReminder(reminder_id)
    return found
