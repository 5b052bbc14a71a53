"""Payments of debtors, their shares over the debts, and money that goes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput


class NoSuchPayment(BadInput):
    """A number that no payment has."""

    def __init__(self, payment_id: int) -> None:
        super().__init__(
            N_("no payment has the number {number}; `duecourse payment list` shows them"), number=payment_id
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment; ``back_day`` None: it stands."""

    payment_id: int
    person_id: int
    line_id: int | None  # None: paid by a link, and on no statement yet
    link_id: int | None
    amount_minor: int
    over_minor: int
    currency: str
    value_day: date
    certain_by: str | None
    approval_id: int | None
    at: datetime
    by: str
    back_day: date | None
    back_at: datetime | None
    back_by: str | None
    back_why: str | None
    back_line: int | None


@dataclass(frozen=True, slots=True)
class PaymentShare:
    """What one loan took; ``version`` of the book that has it, ``tape_ref`` of the tape's payment that confirmed it."""

    payment_id: int
    place: int
    loan_key: int
    loan_ref: str | None
    amount_minor: int
    because: str
    event_ref: str
    version: int | None
    tape_ref: str | None


_PAYMENT: LiteralString = (
    "SELECT payment_id, person_id, line_id, link_id, amount_minor, over_minor, currency, value_day, certain_by, "
    "approval_id, at, by, back_day, back_at, back_by, back_why, back_line FROM payment "
)


def next_id(tx: Tx) -> int:
    """The number of the payment that will be added next."""
    return int(str(tx.value("SELECT nextval('payment_payment_id_seq')")))


def add(tx: Tx, one: Payment, shares: Sequence[PaymentShare]) -> None:
    """Keep a payment with its shares."""
    tx.execute(
        "INSERT INTO payment (lender_id, person_id, payment_id, line_id, link_id, amount_minor, over_minor, currency, "
        "value_day, certain_by, approval_id, at, by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            tx.lender_id, one.person_id, one.payment_id, one.line_id, one.link_id, one.amount_minor, one.over_minor,
            one.currency, one.value_day, one.certain_by, one.approval_id, one.at, one.by,
        ),
    )  # fmt: skip
    tx.many(
        "INSERT INTO payment_share (lender_id, person_id, payment_id, place, loan_key, amount_minor, because, "
        "event_ref) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            (tx.lender_id, one.person_id, one.payment_id, each.place, each.loan_key, each.amount_minor, each.because,
             each.event_ref)
            for each in shares
        ],
    )  # fmt: skip


def apply_line(tx: Tx, line_id: int, *, person_id: int, sealed: bytes, actor: str, now: datetime) -> None:
    """Write whose payment a line is, and what is sealed of it as that debtor's key seals it."""
    tx.execute(
        "UPDATE bank_line SET state = 'applied', person_id = %s, key_id = NULL, sealed = %s, decided_at = %s, "
        "decided_by = %s WHERE lender_id = %s AND line_id = %s",
        (person_id, sealed, now, actor, tx.lender_id, line_id),
    )


def attach(tx: Tx, payment_id: int, line_id: int) -> None:
    """Write on which line of a statement a payment by a link came in."""
    tx.execute(
        "UPDATE payment SET line_id = %s WHERE lender_id = %s AND payment_id = %s AND line_id IS NULL",
        (line_id, tx.lender_id, payment_id),
    )


def get(tx: Tx, payment_id: int, *, held: bool = False) -> Payment:
    """One payment, its row held where that is asked; raises `NoSuchPayment`."""
    locked: LiteralString = " FOR UPDATE" if held else ""
    found = tx.row(Payment, _PAYMENT + "WHERE lender_id = %s AND payment_id = %s" + locked, (tx.lender_id, payment_id))
    if found is None:
        raise NoSuchPayment(payment_id)
    return found


def of_line(tx: Tx, line_id: int) -> Payment | None:
    """The payment that a line is."""
    return tx.row(Payment, _PAYMENT + "WHERE lender_id = %s AND line_id = %s", (tx.lender_id, line_id))


def of_person(tx: Tx, person_id: int) -> list[Payment]:
    """The payments of a debtor, the latest first."""
    return tx.rows(
        Payment,
        _PAYMENT + "WHERE lender_id = %s AND person_id = ANY (same_persons(%s, ARRAY[person_root(%s, %s)])) "
        "ORDER BY payment_id DESC",
        (tx.lender_id, tx.lender_id, tx.lender_id, person_id),
    )


def latest(tx: Tx, *, before: int | None = None, over: bool = False, most: int = 50) -> list[Payment]:
    """Payments, the latest first; ``over``: those alone of which something is over."""
    return tx.rows(
        Payment,
        _PAYMENT + "WHERE lender_id = %s AND (%s::bigint IS NULL OR payment_id < %s) AND (NOT %s OR over_minor > 0) "
        "ORDER BY payment_id DESC LIMIT %s",
        (tx.lender_id, before, before, over, most),
    )


def shares(tx: Tx, payment_id: int) -> list[PaymentShare]:
    """What each loan took of a payment, and whether the lender's tape confirmed it."""
    return tx.rows(
        PaymentShare,
        "SELECT s.payment_id, s.place, s.loan_key, (SELECT n.loan_ref FROM case_loan_name n WHERE "
        "n.lender_id = s.lender_id AND n.loan_key = s.loan_key LIMIT 1) AS loan_ref, s.amount_minor, s.because, "
        "s.event_ref, t.version, c.tape_ref FROM payment_share s LEFT JOIN desk_event e ON e.lender_id = s.lender_id "
        "AND e.ref = s.event_ref LEFT JOIN desk_event_taken t ON t.lender_id = e.lender_id AND t.event_id = e.event_id "
        "LEFT JOIN desk_event_confirmed c ON c.lender_id = s.lender_id AND c.loan_key = s.loan_key "
        "AND c.desk_ref = s.event_ref WHERE s.lender_id = %s AND s.payment_id = %s ORDER BY s.place",
        (tx.lender_id, payment_id),
    )


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A share that no tape has confirmed."""

    payment_id: int
    person_id: int
    loan_key: int
    amount_minor: int
    currency: str
    value_day: date
    event_ref: str


def unconfirmed(tx: Tx, *, until: date, most: int = 500) -> list[Unconfirmed]:
    """Shares of payments that stand, of value days until one, that no tape has confirmed: the oldest first."""
    return tx.rows(
        Unconfirmed,
        "SELECT s.payment_id, s.person_id, s.loan_key, s.amount_minor, p.currency, p.value_day, s.event_ref "
        "FROM payment p JOIN payment_share s USING (lender_id, person_id, payment_id) WHERE p.lender_id = %s "
        "AND p.back_day IS NULL AND p.value_day <= %s AND NOT EXISTS (SELECT FROM desk_event_confirmed c "
        "WHERE c.lender_id = s.lender_id AND c.loan_key = s.loan_key AND c.desk_ref = s.event_ref) "
        "ORDER BY p.value_day, s.payment_id, s.place LIMIT %s",
        (tx.lender_id, until, most),
    )


def take_back(tx: Tx, payment_id: int, *, day: date, why: str, line_id: int | None, actor: str, now: datetime) -> None:
    """Write that a payment did not stand."""
    tx.execute(
        "UPDATE payment SET back_day = %s, back_at = %s, back_by = %s, back_why = %s, back_line = %s "
        "WHERE lender_id = %s AND payment_id = %s",
        (day, now, actor, why, line_id, tx.lender_id, payment_id),
    )


def that_bounced(tx: Tx, *, reference: bytes, amount_minor: int, until: date) -> list[int]:
    """Payments that stand, of this reference of their payer and this amount, made until a day."""
    rows = tx.execute(
        "SELECT p.payment_id FROM bank_line l JOIN payment p USING (lender_id, line_id) WHERE l.lender_id = %s "
        "AND l.reference_index = %s AND l.incoming AND l.amount_minor = %s AND l.value_day <= %s "
        "AND p.back_day IS NULL ORDER BY p.payment_id",
        (tx.lender_id, reference, amount_minor, until),
    )
    return [int(row[0]) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money that goes back; ``filed_at`` None: no file for the bank has it yet."""

    refund_id: int
    line_id: int
    person_id: int | None
    payment_id: int | None
    amount_minor: int
    currency: str
    approval_id: int
    approved_at: datetime
    approved_by: str
    file_hash: bytes | None
    filed_at: datetime | None
    filed_by: str | None


_REFUND: LiteralString = (
    "SELECT refund_id, line_id, person_id, payment_id, amount_minor, currency, approval_id, approved_at, approved_by, "
    "file_hash, filed_at, filed_by FROM refund "
)


def add_refund(
    tx: Tx, *, line_id: int, payment: Payment | None, amount_minor: int, currency: str, approval_id: int, actor: str,
    now: datetime,
) -> int:  # fmt: skip
    """Keep a refund that was approved; returns its number."""
    made = tx.value(
        "INSERT INTO refund (lender_id, line_id, person_id, payment_id, amount_minor, currency, approval_id, "
        "approved_at, approved_by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING refund_id",
        (
            tx.lender_id, line_id, payment.person_id if payment else None, payment.payment_id if payment else None,
            amount_minor, currency, approval_id, now, actor,
        ),
    )  # fmt: skip
    return int(str(made))


def refund_of_line(tx: Tx, line_id: int) -> Refund | None:
    """The refund of a line's money."""
    return tx.row(Refund, _REFUND + "WHERE lender_id = %s AND line_id = %s", (tx.lender_id, line_id))


class NoSuchRefundFile(BadInput):
    """A hash that no file of refunds has."""

    def __init__(self, file: str) -> None:
        super().__init__(N_("no file of refunds has the SHA-256 {file}"), file=file)


def refunds(tx: Tx, *, unpaid: bool = False, before: int | None = None, most: int = 500) -> list[Refund]:
    """Refunds, the latest first; ``unpaid``: those that no file has yet, by number, their rows held."""
    which: LiteralString = (
        "AND filed_at IS NULL ORDER BY refund_id LIMIT %s FOR UPDATE"
        if unpaid
        else ("ORDER BY refund_id DESC LIMIT %s")
    )
    return tx.rows(
        Refund, _REFUND + "WHERE lender_id = %s AND (%s::bigint IS NULL OR refund_id < %s) " + which,
        (tx.lender_id, before, before, most),
    )  # fmt: skip


def filed_in(tx: Tx, file_hash: bytes) -> list[Refund]:
    """The refunds of a file, by number; raises `NoSuchRefundFile`."""
    found = tx.rows(
        Refund, _REFUND + "WHERE lender_id = %s AND file_hash = %s ORDER BY refund_id", (tx.lender_id, file_hash)
    )
    if not found:
        raise NoSuchRefundFile(file_hash.hex())
    return found


def file_refunds(tx: Tx, refund_ids: Sequence[int], *, file_hash: bytes, actor: str, now: datetime) -> None:
    """Write in which file refunds went to the bank."""
    tx.execute(
        "UPDATE refund SET file_hash = %s, filed_at = %s, filed_by = %s WHERE lender_id = %s AND refund_id = ANY (%s)",
        (file_hash, now, actor, tx.lender_id, list(refund_ids)),
    )
