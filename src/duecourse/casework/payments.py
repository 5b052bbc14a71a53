"""Payments: a line of a bank statement becomes a debtor's payment, shared over the debts as law has it, on the ledger.

It counts from its value day at once, and is provisional until the lender's tape brings it: both are one payment
(`casework.ledger`). What no tape has confirmed is listed (`payments.unconfirmed`); meanwhile the lower figure is what
is claimed, since the ledger takes the money off. What was taken back (a debit that bounced) is an event of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import polars as pl

from duecourse.book.sharing import debt_of, secured_of
from duecourse.book.store import Store, version_from
from duecourse.casework import ledger, signs
from duecourse.casework.actor import Actor, Role
from duecourse.casework.approval import Kind as AskedKind
from duecourse.casework.certificates import withdraw_untrue
from duecourse.casework.matching import judged
from duecourse.casework.promises import reckon_at_once
from duecourse.casework.statements import Details, opened
from duecourse.casework.suspense import waiting_line
from duecourse.core.allocation import Share, share_over_debts
from duecourse.core.events import Kind
from duecourse.core.matching import By, Sign, Verdict
from duecourse.core.money import Money
from duecourse.core.reading import Status
from duecourse.evidence.record import Fact
from duecourse.storage import (
    approvals,
    books,
    changes,
    desk_events,
    log,
    matching,
    pay_links,
    payments,
    persons,
    statements,
)
from duecourse.storage.approvals import Approval
from duecourse.storage.connection import Database, Tx
from duecourse.storage.payments import Payment, PaymentShare
from duecourse.storage.statements import LineRow
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Refused

ALONE_MAX_MINOR = 1_000_000
"""Up to so much somebody alone says whose a line is; above it another must approve."""

REASON_MAX = 500


class NotTheirs(BadInput):
    """A loan that the debtor does not owe, or a debtor without loans."""

    def __init__(self, person_id: int) -> None:
        super().__init__(
            N_("person {person} owes no such loan here, so no payment of theirs can be shared over it"),
            person=person_id,
        )


class NothingOwed(Refused):
    """No debt takes any of it."""

    def __init__(self, person_id: int) -> None:
        super().__init__(
            N_("person {person} owes nothing that this could pay; the money goes back by a refund"), person=person_id
        )


class OverLimit(Refused):
    """Above what one alone may say."""

    def __init__(self, amount: Money) -> None:
        super().__init__(
            N_(
                "{amount} is more than one alone says whose it is: ask for it, and when somebody else has approved, "
                "name the request"
            ),
            amount=amount,
        )


class NotApproved(Refused):
    """A request that is not one for this, or is not approved."""

    def __init__(self, approval_id: int) -> None:
        super().__init__(N_("request {number} does not say, approved, whose this line is"), number=approval_id)


class IsBack(Refused):
    """A payment that was taken back before, or of which money went back."""

    def __init__(self, payment_id: int) -> None:
        super().__init__(N_("payment {number} was taken back, or what is over of it goes back"), number=payment_id)


class MoreThanOwed(Refused):
    """A line that was certain is more than is owed by now."""

    def __init__(self, line_id: int) -> None:
        super().__init__(N_("line {number} is more than is owed by now: a person decides it"), number=line_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What was applied by rule: how many lines by each rule; how many were left for a person after all.

    ``minor``: what the lines of each rule come to, in the lender's currency; ``waits``: how many others wait yet, by
    why.
    """

    by: Mapping[str, int]
    left: int
    back: int  # lines that took a payment back
    minor: Mapping[str, int] = field(default_factory=dict)
    waits: Mapping[str, int] = field(default_factory=dict)


def place(
    tx: Tx, store: Store, *, vault: Vault, line_id: int, person_id: int, actor: Actor, now: datetime,
    loan_keys: Sequence[int] = (), approval_id: int | None = None,
) -> Payment:  # fmt: skip
    """Say whose payment a line is. ``loan_keys`` are those that the payer named, in order.

    What no debt takes is over, and goes back by a refund. Above `ALONE_MAX_MINOR` it takes an approved request
    (`PLACE`). Raises `suspense.NotWaiting`, `OverLimit`, `NotApproved`, `NotTheirs`, `NothingOwed`.
    """
    row = waiting_line(tx, line_id)
    if approval_id is not None:
        _approved(tx, approval_id, line_id, person_id)
    elif row.amount_minor > ALONE_MAX_MINOR:
        raise OverLimit(Money(row.amount_minor, row.currency))
    return _apply(
        tx, store, vault=vault, row=row, person_id=person_id, named=loan_keys, by=None, actor=actor, now=now,
        approval_id=approval_id,
    )  # fmt: skip


def apply_certain(
    database: Database, store: Store, lender_id: str, *, vault: Vault, actor: Actor, clock: Callable[[], datetime],
    line_ids: Collection[int] | None = None, statement_id: int | None = None,
) -> Applied:  # fmt: skip
    """Apply the lines that are certain, each in a transaction of its own, judged anew at that moment.

    Those of all statements, or of one. Lines that take an earlier payment back find it by its payer's reference and
    its amount, or wait. Raises `statements.NoSuchStatement`.
    """
    with database.transaction(lender_id) as tx:
        if statement_id is not None:
            line_ids = statements.waiting_of(tx, statement_id)
        rows = matching.waiting(tx, line_ids=line_ids)
        found, _ = judged(tx, store, vault=vault, line_ids=line_ids)
    certain = [one for one in found if one.verdict.by is not None or _of_link(one.verdict)]
    done, minor, left, back = Counter[str](), Counter[str](), 0, 0
    sure = {one.line_id for one in certain}
    waits = Counter(one.verdict.why.value for one in found if one.verdict.why and one.line_id not in sure)
    for one in certain:
        with database.transaction(lender_id) as tx:
            by = _apply_judged(tx, store, vault=vault, line_id=one.line_id, actor=actor, now=clock())
        if by is None:
            left += 1
        else:
            done[by.value] += 1
            minor[by.value] += one.minor
    for number in rows.filter(pl.col("reversal"))["line_id"].to_list():
        with database.transaction(lender_id) as tx:
            took = _bounced(tx, store, vault=vault, line_id=number, actor=actor, now=clock())
        back += took
        waits["reversal"] += 1 - took
    return Applied(
        by=dict(sorted(done.items())), left=left, back=back, minor=dict(sorted(minor.items())),
        waits={why: count for why, count in sorted(waits.items()) if count},
    )  # fmt: skip


def _of_link(verdict: Verdict) -> bool:
    return any(Sign.LINK in one.signs for one in verdict.proposals)


def _apply_judged(tx: Tx, store: Store, *, vault: Vault, line_id: int, actor: Actor, now: datetime) -> By | None:
    row = statements.line(tx, line_id, held=True)
    if row.state != "waiting":
        return None
    found, _ = judged(tx, store, vault=vault, line_ids=[line_id])
    verdict = found[0].verdict
    if _of_link(verdict) and _same_payment(tx, vault, row, actor, now):
        return By.NAMED
    if verdict.by is None:
        return None
    first = verdict.proposals[0]
    try:
        _apply(
            tx, store, vault=vault, row=row, person_id=first.debtor, named=first.loans, by=verdict.by, actor=actor,
            now=now,
        )  # fmt: skip
    except (MoreThanOwed, NothingOwed, NotTheirs, ledger.NotInLedger):
        return None  # nothing was written: a person decides
    return verdict.by


def _same_payment(tx: Tx, vault: Vault, row: LineRow, actor: Actor, now: datetime) -> bool:
    """Whether a line is the money of a link that was paid, and called back: then it is that payment, and no other."""
    details = opened(tx, vault, row)
    for reference in signs.links(f"{details.text} {details.end_to_end}"):
        link = pay_links.of_reference(tx, reference, held=True)
        if link is None or link.payment_id is None:
            continue
        paid = payments.get(tx, link.payment_id, held=True)
        if paid.line_id is None and paid.amount_minor == row.amount_minor and paid.back_day is None:
            payments.attach(tx, paid.payment_id, row.line_id)
            _theirs(tx, vault, row, details, paid.person_id, actor, now)
            own = vault.person(tx.lender_id, paid.person_id, persons.wrapped(tx, paid.person_id))
            log.append(
                tx, vault=vault, kind="payment.on_statement", at=now, actor=str(actor), subject=own,
                stated={"payment": str(paid.payment_id), "line": str(row.line_id)},
            )  # fmt: skip
            return True
    return False


def _apply(
    tx: Tx, store: Store, *, vault: Vault, row: LineRow, person_id: int, named: Sequence[int], by: By | None,
    actor: Actor, now: datetime, approval_id: int | None = None,
) -> Payment:  # fmt: skip
    """Make a line somebody's payment; from then on that debtor's key seals what is personal in it."""
    details = opened(tx, vault, row)
    came = Came(row.amount_minor, row.currency, row.value_day, line_id=row.line_id)
    made = record(
        tx, store, vault=vault, came=came, person_id=person_id, named=named, by=by, actor=actor, now=now,
        approval_id=approval_id,
    )  # fmt: skip
    _theirs(tx, vault, row, details, made.person_id, actor, now)
    return made


def _theirs(tx: Tx, vault: Vault, row: LineRow, details: Details, person_id: int, actor: Actor, now: datetime) -> None:  # noqa: PLR0917 - a line and all that is written of it
    own = vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    sealed = vault.seal(own, statements.field_name(row.line_id), details.packed().decode())
    payments.apply_line(tx, row.line_id, person_id=person_id, sealed=sealed, actor=str(actor), now=now)


@dataclass(frozen=True, slots=True)
class Came:
    """Money that came in: by a line of a statement, or by a payment link."""

    minor: int
    currency: str
    day: date
    line_id: int | None = None
    link_id: int | None = None


def record(
    tx: Tx, store: Store, *, vault: Vault, came: Came, person_id: int, named: Sequence[int], by: By | None,
    actor: Actor, now: datetime, approval_id: int | None = None,
) -> Payment:  # fmt: skip
    """Put money on the ledger as a debtor's payment, with its record; whoever calls says where it came from.

    Raises `NotTheirs`, `NothingOwed`, `MoreThanOwed` where a rule said whose it is, and what the ledger raises.
    """
    root = persons.root(tx, person_id)
    people = persons.same(tx, root)
    keys = sorted(int(key) for key in matching.loans_of(tx, people)["loan_key"])
    if not keys or not set(named) <= set(keys):
        raise NotTheirs(person_id)
    for key in keys:
        desk_events.lock(tx, key)
    shares, over, kinds = _shared(tx, store, keys=keys, named=named, came=came, now=now)
    if by is not None and over:
        raise MoreThanOwed(came.line_id or 0)
    if not shares:
        raise NothingOwed(person_id)
    number = payments.next_id(tx)
    made = [
        PaymentShare(number, place, int(one.ref), None, one.minor, one.because, f"pay-{number}-{place}", None, None)
        for place, one in enumerate(shares, 1)
    ]
    for one in made:
        ledger.enter(
            tx, store, vault=vault, loan_key=one.loan_key, kind=kinds[one.loan_key], effective=came.day,
            source=f"payment:{number}", actor=actor, now=now, ref=one.event_ref, amount=one.amount_minor,
        )  # fmt: skip
    payment = Payment(
        payment_id=number, person_id=root, line_id=came.line_id, link_id=came.link_id, amount_minor=came.minor,
        over_minor=over, currency=came.currency, value_day=came.day, certain_by=by.value if by else None,
        approval_id=approval_id, at=now, by=str(actor), back_day=None, back_at=None, back_by=None, back_why=None,
        back_line=None,
    )  # fmt: skip
    payments.add(tx, payment, made)
    facts: dict[str, Fact] = {
        "amount": came.minor, "currency": came.currency, "value_day": came.day.isoformat(), "over": over,
        "shares": [[str(one.loan_key), one.amount_minor, one.because] for one in made],
    }  # fmt: skip
    stated: dict[str, Fact] = {"payment": str(number), "by": by.value if by else "person"}
    stated |= {"line": str(came.line_id)} if came.line_id is not None else {"link": str(came.link_id), "by": "link"}
    if approval_id is not None:
        stated["request"] = approval_id
    own = vault.person(tx.lender_id, root, persons.wrapped(tx, root))
    log.append(
        tx, vault=vault, kind="payment.recorded", at=now, actor=str(actor), subject=own, stated=stated, facts=facts
    )
    reckon_at_once(tx, store, person_id=root, now=now)
    changes.tell(tx, root, by=str(actor))
    return payment


def _shared(
    tx: Tx, store: Store, *, keys: Sequence[int], named: Sequence[int], came: Came, now: datetime
) -> tuple[list[Share], int, dict[int, Kind]]:
    """What each loan takes, by book and desk on the value day; what is over; and as which kind each takes it."""
    newest = books.newest(tx)
    if newest is None:
        raise books.NoSuchVersion(None)
    secured = secured_of(store, version_from(newest.version, newest.tables), list(keys), newest.known_at)
    debts, kinds = [], {}
    for key in keys:
        if key not in secured:
            continue  # a tie to a loan that the book does not hold
        read = ledger.read_loan(tx, store, loan_key=key, now=now)
        if read.held.currency != came.currency or read.on(came.day).status is Status.SOLD:
            continue
        debts.append(debt_of(str(key), read.held, came.day, read.known, secured=secured[key]))
        written_off = read.on(came.day).status is Status.WRITTEN_OFF
        kinds[key] = Kind.RECOVERY if written_off else Kind.PAYMENT
    known = {one.ref for one in debts}
    told, over = share_over_debts(came.minor, debts, [str(key) for key in named if str(key) in known])
    whole: dict[str, Share] = {}
    for one in told:  # what is due and what is not due of one loan is one payment of it
        had = whole.get(one.ref)
        because = one.because if had is None or had.because == one.because else f"{had.because}; {one.because}"
        whole[one.ref] = Share(one.ref, one.minor + (had.minor if had else 0), because)
    return list(whole.values()), over, kinds


def take_back(
    tx: Tx, store: Store, *, vault: Vault, payment_id: int, why: str, actor: Actor, now: datetime,
    day: date | None = None, line_id: int | None = None,
) -> Payment:  # fmt: skip
    """Write that a payment did not stand: its money went back, or it was another's. Final; every share is reversed.

    The line of a payment that was another's is placed anew as a new statement brings it, or refunded. Raises `IsBack`,
    `payments.NoSuchPayment`, and what the ledger raises.
    """
    said = why.strip()
    found = payments.get(tx, payment_id, held=True)
    if found.back_day is not None or _refunded(tx, found):
        raise IsBack(payment_id)
    if not 1 <= len(said) <= REASON_MAX:
        raise NoWhy
    effective = day or ledger.today_of(tx, now)
    for one in payments.shares(tx, payment_id):
        ledger.take_back(
            tx, store, vault=vault, loan_key=one.loan_key, target=one.event_ref, source=f"payment:{payment_id}",
            actor=actor, now=now, effective=effective,
        )  # fmt: skip
    payments.take_back(tx, payment_id, day=effective, why=said, line_id=line_id, actor=str(actor), now=now)
    key = vault.person(tx.lender_id, found.person_id, persons.wrapped(tx, found.person_id))
    log.append(
        tx, vault=vault, kind="payment.taken_back", at=now, actor=str(actor), subject=key,
        stated={"payment": str(payment_id), "line": None if line_id is None else str(line_id)},
        facts={"amount": found.amount_minor, "day": effective.isoformat(), "why": said},
    )  # fmt: skip
    keys = [one.loan_key for one in payments.shares(tx, payment_id)]
    withdraw_untrue(tx, store, vault=vault, loan_keys=keys, actor=actor, now=now)
    reckon_at_once(tx, store, person_id=found.person_id, now=now)
    changes.tell(tx, found.person_id, by=str(actor))
    return payments.get(tx, payment_id)


class NoWhy(BadInput):
    """A payment is taken back without a word why."""

    def __init__(self) -> None:
        super().__init__(N_("say in at most {most} characters why the payment did not stand"), most=REASON_MAX)


def _refunded(tx: Tx, one: Payment) -> bool:
    return one.line_id is not None and payments.refund_of_line(tx, one.line_id) is not None


def _bounced(tx: Tx, store: Store, *, vault: Vault, line_id: int, actor: Actor, now: datetime) -> int:
    """Let a line take back the one payment that it names by its reference and amount; 0 where it waits."""
    row = statements.line(tx, line_id, held=True)
    if row.state != "waiting" or row.incoming or row.reference_index is None:
        return 0
    found = payments.that_bounced(tx, reference=row.reference_index, amount_minor=row.amount_minor, until=row.value_day)
    if len(found) != 1 or _refunded(tx, payments.get(tx, found[0])):
        return 0
    why = f"bank {row.reason}".strip()
    take_back(
        tx, store, vault=vault, payment_id=found[0], why=why, actor=actor, now=now, day=row.value_day, line_id=line_id
    )
    statements.decide(tx, line_id, state="outgoing", actor=str(actor), now=now, why=why)
    return 1


def _approved(tx: Tx, approval_id: int, line_id: int, person_id: int) -> None:
    found = approvals.get(tx, approval_id)
    asked = found.asked
    fits = (asked.get("line"), asked.get("person")) == (str(line_id), str(person_id))
    if found.kind != PLACE.kind or found.decision != "approved" or not fits:
        raise NotApproved(approval_id)


def _check(tx: Tx, asked: Mapping[str, Any]) -> None:
    waiting_line(tx, int(asked["line"]))
    if not matching.loans_of(tx, persons.same(tx, int(asked["person"]))).height:
        raise NotTheirs(int(asked["person"]))


def _nothing_yet(_tx: Tx, _request: Approval, _vault: Vault, _actor: Actor, _now: datetime) -> None:
    """What was approved is done by `place`, which names the request: the ledger needs the book."""


PLACE = AskedKind(
    kind="payment.place",
    says=N_("say that line {line} is a payment of person {person}"),
    asks=frozenset({Role.SUPERVISOR, Role.ADMIN}),
    decides=frozenset({Role.SUPERVISOR, Role.COMPLIANCE, Role.ADMIN}),
    carry_out=_nothing_yet,
    check=_check,
)
"""Four eyes over whose a large line is."""
