"""Refunds: money that is not ours goes back, asked by one and approved by another, in a file for the bank, on record.

Of a payment goes back what no debt was left to take; of a line that is nobody's payment, all of it. It goes to the
account that it came from, and to no other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from duecourse.casework.actor import Actor, Role
from duecourse.casework.approval import Kind
from duecourse.casework.spreadsheet import csv_text
from duecourse.casework.statements import opened
from duecourse.casework.suspense import LineState
from duecourse.core.money import exponent
from duecourse.storage import log, payments, persons, statements
from duecourse.storage.approvals import Approval
from duecourse.storage.connection import Tx
from duecourse.storage.payments import Payment, Refund
from duecourse.storage.statements import LineRow
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, Refused

COLUMNS = ("refund", "account", "name", "amount", "currency", "text")
AT_ONCE = 500


class NothingOver(Refused):
    """A line of which no money is to go back."""

    def __init__(self, line_id: int) -> None:
        super().__init__(
            N_("of line {number} nothing goes back: it went back before, or all of it paid a debt"), number=line_id
        )


class NoAccount(Refused):
    """Money whose sender's account nobody knows."""

    def __init__(self, line_id: int) -> None:
        super().__init__(
            N_("the bank names no account that line {number} came from: ask the bank to return it"), number=line_id
        )


@dataclass(frozen=True, slots=True)
class RefundFile:
    """A file for the bank. Its content names people and their accounts."""

    refunds: tuple[Refund, ...]
    content: bytes = field(repr=False)

    @property
    def digest(self) -> bytes:
        """SHA-256 of the content, as the records name it."""
        return sha256(self.content).digest()


def over_of(tx: Tx, row: LineRow) -> tuple[int, Payment | None]:
    """How much of a line goes back, and the payment that it is. Raises `NothingOver`, `NoAccount`."""
    payment = payments.of_line(tx, row.line_id)
    minor = 0
    if payment is not None and payment.back_day is None:
        minor = payment.over_minor
    elif row.state == LineState.WAITING and row.incoming:
        minor = row.amount_minor
    if not minor or payments.refund_of_line(tx, row.line_id) is not None:
        raise NothingOver(row.line_id)
    if row.account_masked is None:
        raise NoAccount(row.line_id)
    return minor, payment


def file_refunds(tx: Tx, *, vault: Vault, actor: Actor, now: datetime) -> RefundFile | None:
    """Put refunds that were approved into a file for the bank, each once; None where there are none.

    The caller writes the file before the transaction ends: what is on record as filed is in a file.
    """
    waiting = payments.refunds(tx, unpaid=True, most=AT_ONCE)
    if not waiting:
        return None
    made = _made(tx, vault, waiting)
    payments.file_refunds(tx, [one.refund_id for one in waiting], file_hash=made.digest, actor=str(actor), now=now)
    for one in waiting:
        _on_record(tx, vault, "refund.filed", one, made.digest, actor=actor, now=now)
    return made


def read_file(tx: Tx, *, vault: Vault, digest: bytes, actor: Actor, now: datetime) -> RefundFile:
    """A file of refunds once more, the same bytes, with a record of each refund in it; if ``tx`` is undone, give none.

    Raises `payments.NoSuchRefundFile`, `GoneFile`, `vault.Destroyed`.
    """
    made = _made(tx, vault, payments.filed_in(tx, digest))
    if made.digest != digest:
        raise GoneFile
    for one in made.refunds:
        _on_record(tx, vault, "refund.file_read", one, digest, actor=actor, now=now)
    return made


class GoneFile(Refused):
    """A file that what is kept no longer gives byte by byte."""

    def __init__(self) -> None:
        super().__init__(N_("what is kept no longer gives this file byte by byte; ask the bank for what it was handed"))


def _made(tx: Tx, vault: Vault, waiting: Sequence[Refund]) -> RefundFile:
    lines: list[Sequence[object]] = [COLUMNS]
    for one in waiting:
        said = opened(tx, vault, statements.line(tx, one.line_id))
        places = exponent(one.currency)
        whole, part = divmod(one.amount_minor, 10**places)
        amount = f"{whole}.{part:0{places}d}" if places else str(whole)
        lines.append((one.refund_id, said.account, said.name, amount, one.currency, f"refund {one.refund_id}"))
    return RefundFile(tuple(waiting), csv_text(lines, end="\n"))


def _on_record(tx: Tx, vault: Vault, kind: str, one: Refund, digest: bytes, *, actor: Actor, now: datetime) -> None:
    subject = None
    if one.person_id is not None:
        subject = vault.person(tx.lender_id, one.person_id, persons.wrapped(tx, one.person_id))
    log.append(
        tx, vault=vault, kind=kind, at=now, actor=str(actor), subject=subject,
        stated={"refund": str(one.refund_id), "file": digest.hex()},
    )  # fmt: skip


def _check(tx: Tx, asked: Mapping[str, Any]) -> None:
    over_of(tx, statements.line(tx, int(asked["line"])))


def _carry_out(tx: Tx, request: Approval, vault: Vault, actor: Actor, now: datetime) -> None:
    row = statements.line(tx, int(request.asked["line"]), held=True)
    minor, payment = over_of(tx, row)
    number = payments.add_refund(
        tx, line_id=row.line_id, payment=payment, amount_minor=minor, currency=row.currency,
        approval_id=request.approval_id, actor=str(actor), now=now,
    )  # fmt: skip
    subject = None
    if payment is None:
        statements.decide(tx, row.line_id, state=LineState.RETURNED, actor=str(actor), now=now)
    else:
        subject = vault.person(tx.lender_id, payment.person_id, persons.wrapped(tx, payment.person_id))
    log.append(
        tx, vault=vault, kind="refund.approved", at=now, actor=str(actor), subject=subject,
        stated={"refund": str(number), "line": str(row.line_id), "request": request.approval_id},
    )  # fmt: skip


REFUND = Kind(
    kind="payment.refund",
    says=N_("send back the money of line {line} that paid no debt, to the account that it came from"),
    asks=frozenset({Role.SUPERVISOR, Role.ADMIN}),
    decides=frozenset({Role.SUPERVISOR, Role.COMPLIANCE, Role.ADMIN}),
    carry_out=_carry_out,
    check=_check,
)
"""Four eyes over money that goes back."""
