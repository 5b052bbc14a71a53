"""The suspense queue: lines of which nobody knows for certain whose payment they are. A person decides each.

Nothing lapses by itself, and nothing is guessed: a line waits until somebody says what it is, and that is on record.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from duecourse.casework.actor import Actor
from duecourse.storage import log, matching, persons, statements
from duecourse.storage.connection import Tx
from duecourse.storage.statements import LineRow
from duecourse.storage.vault import Vault
from duecourse.storage.vault.mask import mask_id
from duecourse.trouble import N_, BadInput, Refused

REASON_MAX = 500
ACCOUNT_MAX = 64


class LineState(StrEnum):
    """Where a line of a bank statement stands."""

    WAITING = "waiting"  # in the suspense queue
    APPLIED = "applied"  # it is a payment of a debtor
    OUTGOING = "outgoing"  # money that we sent
    RETURNED = "returned"  # the money goes back to its sender
    DISMISSED = "dismissed"  # a person said that it is no payment of a debt


class NotWaiting(Refused):
    """A line that is decided, or never waited."""

    def __init__(self, line_id: int, state: str) -> None:
        super().__init__(
            N_("line {number} does not wait in the suspense queue: it is {state}"), number=line_id, state=state
        )


class NoReason(BadInput):
    """A line is dismissed without a word why."""

    def __init__(self) -> None:
        super().__init__(N_("say in at most {most} characters why the line is no payment of a debt"), most=REASON_MAX)


class NotAnAccount(BadInput):
    """Something that is no number of an account, or one that was given before."""


def dismiss_line(tx: Tx, *, vault: Vault, line_id: int, reason: str, actor: Actor, now: datetime) -> LineRow:
    """Say that a line is no payment of a debt (interest of the bank, a transfer of ours), and why.

    Raises `NotWaiting`, `NoReason`, `statements.NoSuchLine`.
    """
    said = reason.strip()
    if not 1 <= len(said) <= REASON_MAX:
        raise NoReason
    waiting_line(tx, line_id)
    statements.decide(tx, line_id, state=LineState.DISMISSED, actor=str(actor), now=now, why=said)
    log.append(
        tx, vault=vault, kind="suspense.dismissed", at=now, actor=str(actor),
        stated={"line": str(line_id), "reason": vault.text_pseudonym(tx.lender_id, said)},
    )  # fmt: skip
    return statements.line(tx, line_id)


def waiting_line(tx: Tx, line_id: int) -> LineRow:
    """A line of the suspense queue, its row held. Raises `NotWaiting`, `statements.NoSuchLine`."""
    row = statements.line(tx, line_id, held=True)
    if row.state != LineState.WAITING:
        raise NotWaiting(line_id, row.state)
    return row


def give_account(tx: Tx, *, vault: Vault, person_id: int, account: str, actor: Actor, now: datetime) -> str:
    """Give an account of ours to one debtor: what comes in on it is that debtor's payment. Returns its masked form.

    An account is given once, to one debtor, for ever. Raises `NotAnAccount`, `persons.NoSuchPerson`, `vault.Destroyed`.
    """
    number = account.strip()
    if not (4 <= len(number) <= ACCOUNT_MAX and number.isprintable() and any(one.isdigit() for one in number)):
        raise NotAnAccount(N_("an account's number has 4 to {most} characters, figures among them"), most=ACCOUNT_MAX)
    key = vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    index = vault.index(tx.lender_id, "bank_account", number, "")
    masked = mask_id(number)
    sealed = vault.seal(key, f"virtual_account/{index.hex()}", number)
    if not matching.give_account(
        tx, person_id=person_id, index=index, sealed=sealed, masked=masked, actor=str(actor), now=now
    ):
        raise NotAnAccount(N_("account {account} was given before; each is one debtor's for ever"), account=masked)
    log.append(
        tx, vault=vault, kind="virtual_account.given", at=now, actor=str(actor), subject=key,
        facts={"account": number},
    )  # fmt: skip
    return masked
