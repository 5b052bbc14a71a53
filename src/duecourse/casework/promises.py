"""Promises to pay: recorded as given, renegotiated, withdrawn by who gave them, and reckoned from payments alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from duecourse.book.loan import NoSuchLoan
from duecourse.book.payments import payments
from duecourse.book.store import Store, version_from
from duecourse.casework import ledger
from duecourse.casework.actor import Actor
from duecourse.core.contract import ReversalMode
from duecourse.core.events import MONEY_IN, timeline
from duecourse.core.money import Money
from duecourse.core.promise import Payment, PromiseState, Reckoning, Standing, reckon, standing_of
from duecourse.evidence.record import Fact
from duecourse.law.clock import zone
from duecourse.law.terms import Relation
from duecourse.storage import (
    books,
    cases,
    changes,
    lenders,
    log,
    parties,
    persons,
    promises,
    reach,
    runs,
    worklists,
)
from duecourse.storage.connection import Tx
from duecourse.storage.lenders import Lender
from duecourse.storage.promises import Limits, Promise, Reckoned, ToReckon
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput

MAY_PROMISE = frozenset(
    {
        Relation.BORROWER, Relation.CO_BORROWER, Relation.GUARANTOR, Relation.SPOUSE_LIABLE, Relation.HEIR,
        Relation.REPRESENTATIVE, Relation.LAWYER,
    }
)  # fmt: skip
"""Who owes or speaks for somebody who does; a third person is asked for nothing."""

DESK, PORTAL, REPLY = "desk", "portal", "reply"
"""Where a promise was given, beside the channel of a contact: told at the desk, in the portal, in a text that came."""


class WhyAnew(StrEnum):
    """Why a promise is renegotiated before its day."""

    INCOME_LATE = "income_late"  # wages or another income come later than thought
    PAYS_PART = "pays_part"  # less can be paid than was promised
    PAYS_MORE = "pays_more"  # more, or earlier
    OTHER_COST = "other_cost"  # illness or another cost came between
    BANK = "bank"  # the bank or the way to pay failed
    SAID_ANEW = "said_anew"  # another amount or day was named, and no reason


class NotAPromise(BadInput):
    """A promise that cannot be recorded, renegotiated or withdrawn."""


def record_promise(
    tx: Tx,
    *,
    vault: Vault,
    case_id: int,
    amount: Money,
    due: date,
    actor: Actor,
    now: datetime,
    promised_by: int | None = None,
    contact_id: int | None = None,
    given: str | None = None,
    why: WhyAnew = WhyAnew.SAID_ANEW,
) -> int:
    """Record the word of a person to pay an amount by a day; returns its number.

    Where a promise stands whose day has not passed, this is its renegotiation, within the lender's limits: the old one
    is neither kept nor broken. One whose day has passed, or whose money has come, keeps what became of it.
    ``promised_by`` is the borrower unless another is named who owes; ``given`` is the contact's channel, else the desk.
    Raises `NotAPromise`, `cases.NoSuchCase`.
    """
    case = cases.get(tx, case_id)
    today = _today(tx, now)
    by = case.person_id if promised_by is None else promised_by
    stood = promises.of_case(tx, case_id)
    _check(tx, case, by, amount, due=due, today=today)
    replaces = stood if stood is not None and _stands_open(stood, today) else None
    if replaces is not None:
        _check_renegotiation(tx, replaces, amount, due=due)
    if stood is not None:
        promises.end(tx, case_id=case_id, kind="renegotiated" if replaces else "settled", by=str(actor), now=now)
    where = given or (promises.channel_of(tx, contact_id) if contact_id is not None else None) or DESK
    promise_id = promises.add(
        tx, person_id=case.person_id, case_id=case_id, promised_by=by, amount_minor=amount.minor,
        currency=amount.currency, made_day=today, due_day=due, actor=str(actor), now=now, contact_id=contact_id,
        given=where, replaces=replaces, why=why.value if replaces else None,
    )  # fmt: skip
    what: dict[str, Fact] = {
        "amount": amount.minor, "currency": amount.currency, "due": due.isoformat(), "promised_by": str(by),
        "contact": None if contact_id is None else str(contact_id), "given": where,
    }  # fmt: skip
    stated: dict[str, Fact] = {"promise": str(promise_id), "case": str(case_id)}
    kind = "promise.recorded"
    if replaces is not None:
        kind = "promise.renegotiated"
        stated |= {"replaces": str(replaces.promise_id), "why": why.value}
        what |= {"amount_before": replaces.amount_minor, "due_before": replaces.due_day.isoformat()}
    key = vault.person(tx.lender_id, case.person_id, persons.wrapped(tx, case.person_id))
    log.append(tx, vault=vault, kind=kind, at=now, actor=str(actor), subject=key, stated=stated, facts=what)
    changes.tell(tx, case.person_id, by=str(actor))
    return promise_id


def renegotiate_promise(
    tx: Tx,
    *,
    vault: Vault,
    promise_id: int,
    amount: Money,
    due: date,
    why: WhyAnew,
    actor: Actor,
    now: datetime,
    contact_id: int | None = None,
    given: str | None = None,
) -> int:
    """Put a promise that stands into another amount or day, for a reason; returns the number of the new one.

    Who gave the old one gives the new one. Raises `NotAPromise` where it stands no more, its day has passed, its money
    has come, or it was renegotiated as often as the lender allows; `promises.NoSuchPromise`.
    """
    promises.of_case(tx, promises.get(tx, promise_id).case_id)  # holds the case: of two at once one waits, and sees
    found = promises.get(tx, promise_id)
    _must_stand(found)
    if not _stands_open(found, _today(tx, now)):
        raise NotAPromise(
            N_("promise {promise} is not renegotiated: its day has passed or its money has come; record a new one"),
            promise=promise_id,
        )  # fmt: skip
    return record_promise(
        tx, vault=vault, case_id=found.case_id, amount=amount, due=due, actor=actor, now=now,
        promised_by=found.promised_by, contact_id=contact_id, given=given, why=why,
    )  # fmt: skip


def check_promise(tx: Tx, *, case_id: int, by: int, amount: Money, due: date, now: datetime) -> None:
    """Raise `NotAPromise` where `record_promise` would."""
    today = _today(tx, now)
    _check(tx, cases.get(tx, case_id), by, amount, due=due, today=today)
    stood = promises.of_case(tx, case_id)
    if stood is not None and _stands_open(stood, today):
        _check_renegotiation(tx, stood, amount, due=due)


def withdraw_promise(tx: Tx, *, vault: Vault, promise_id: int, actor: Actor, now: datetime) -> None:
    """Note that a promise is withdrawn by who gave it; raises `NotAPromise` where it stands no more or its day is over.

    What became of a promise once its day has passed is what the payments say, and no word takes it back.
    """
    promises.of_case(tx, promises.get(tx, promise_id).case_id)
    found = promises.get(tx, promise_id)
    _must_stand(found)
    if found.due_day < _today(tx, now):
        raise NotAPromise(
            N_("promise {promise} fell due on {day}; what became of it is what the payments say"), promise=promise_id,
            day=found.due_day,
        )  # fmt: skip
    promises.end(tx, case_id=found.case_id, kind="withdrawn", by=str(actor), now=now)
    key = vault.person(tx.lender_id, found.person_id, persons.wrapped(tx, found.person_id))
    log.append(
        tx, vault=vault, kind="promise.withdrawn", at=now, actor=str(actor), subject=key,
        stated={"promise": str(promise_id), "case": str(found.case_id)},
    )  # fmt: skip
    changes.tell(tx, found.person_id, by=str(actor))


def set_limits(tx: Tx, *, vault: Vault, to: Limits, actor: Actor, now: datetime) -> None:
    """Set how often in a row promises are renegotiated, and how far ahead they lie; raises `NotAPromise`."""
    if not (0 <= to.renegotiations_max <= RENEGOTIATIONS_MAX and 1 <= to.days_max <= promises.DEFAULT.days_max):
        raise NotAPromise(
            N_("a promise is renegotiated 0 to {most} times and lies 1 to {days} days ahead; what is more is a plan"),
            most=RENEGOTIATIONS_MAX, days=promises.DEFAULT.days_max,
        )  # fmt: skip
    promises.set_limits(tx, to, actor=str(actor), now=now)
    log.append(
        tx, vault=vault, kind="promise.limits_set", at=now, actor=str(actor),
        stated={"renegotiations_max": to.renegotiations_max, "days_max": to.days_max},
    )  # fmt: skip


RENEGOTIATIONS_MAX = 3
"""The most that a lender may allow: who needs more than this needs a plan."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A promise with what the payments make of it, and each payment with whether it counts."""

    promise: ToReckon
    version: int
    found: Reckoning
    payments: tuple[tuple[Payment, Standing], ...]

    @property
    def row(self) -> Reckoned:
        """The reckoning as it is kept."""
        of, said = self.promise, self.found
        return Reckoned(
            of.person_id, of.promise_id, self.version, said.state.value, said.paid, said.kept_day, said.through
        )


def reckon_promises(tx: Tx, store: Store, *, person_id: int | None = None) -> int:
    """Reckon promises, of one person or of all, by the newest version of the book; returns how many.

    Nothing is decided here: the same version gives the same reckoning whoever asks, and when.
    """
    row = books.newest(tx)
    if row is None:
        return 0
    asked = promises.to_reckon(tx, row.version, person_id=person_id)
    if not asked:
        return 0
    through = covered(row.known_at, lenders.get(tx).zone)
    promises.keep(tx, [one.row for one in look(tx, store, row, asked, through=through)])
    return len(asked)


def look(tx: Tx, store: Store, row: books.BookVersion, asked: Sequence[ToReckon], *, through: date) -> list[Looked]:
    """What a version of the book makes of promises, with each payment on their loans from their day on."""
    found = payments(
        store,
        version_from(row.version, row.tables),
        {loan for one in asked for loan in one.loan_keys},
        persons=_with_merged(tx, {one.person_id for one in asked}),
        since=min((one.made_day for one in asked), default=date.max),
        known=row.known_at,
    )
    by_loan: dict[int, list[Payment]] = {}
    for loan, day, minor, ref, known, back in found.iter_rows():
        by_loan.setdefault(loan, []).append(Payment(day, loan, ref, minor, known, back))
    return [
        _looked(one, row.version, [each for loan in one.loan_keys for each in by_loan.get(loan, [])], through)
        for one in asked
    ]


def look_at_desk(tx: Tx, store: Store, version: int, one: ToReckon, *, now: datetime, through: date) -> Looked:
    """The same of one promise by book and desk together, with what was entered just now."""
    return _looked(one, version, [each for loan in one.loan_keys for each in _paid(tx, store, loan, now)], through)


def reckon_at_once(tx: Tx, store: Store, *, person_id: int, now: datetime) -> int:
    """Reckon the promises of one person anew, by book and desk together: something was entered just now."""
    row = books.newest(tx)
    if row is None:
        return 0
    through = covered(row.known_at, lenders.get(tx).zone)
    rows = [
        look_at_desk(tx, store, row.version, one, now=now, through=through).row
        for person in persons.same(tx, person_id)
        for one in promises.to_reckon(tx, row.version + 1, person_id=person)
    ]
    promises.keep(tx, rows)
    return len(rows)


def _looked(one: ToReckon, version: int, paid: Sequence[Payment], through: date) -> Looked:
    told = tuple(
        (each, standing_of(each, made=one.made_day, at=one.at, due=one.due_day))
        for each in sorted(paid)
        if each.day >= one.made_day
    )
    counted = [(each.day, each.minor) for each, why in told if why is Standing.COUNTED]
    said = reckon(one.amount_minor, made=one.made_day, due=one.due_day, payments=counted, through=through)
    return Looked(one, version, said, told)


def _paid(tx: Tx, store: Store, loan_key: int, now: datetime) -> list[Payment]:
    """Payments of a loan, by book and desk; a loan that the book lacks has none."""
    try:
        read = ledger.read_loan(tx, store, loan_key=loan_key, now=now)
    except NoSuchLoan:
        return []
    stands = {one.ref for one in timeline(read.loan.events, known=read.known, mode=ReversalMode.AS_IF_NEVER)}
    return [
        Payment(one.effective, loan_key, one.ref, one.amount, one.known, one.ref not in stands)
        for one in read.loan.events
        if one.kind in MONEY_IN and one.known <= read.known
    ]


def _with_merged(tx: Tx, roots: set[int]) -> set[int]:
    """People with everybody who turned out to be one of them: the book keeps a loan in its first borrower's shard."""
    aliases = reach.aliases(tx)
    return roots | {person for person, root in aliases.select("person_id", "root_id").iter_rows() if root in roots}


def covered(known_at: datetime, lender_zone: str) -> date:
    """The last day of the lender's that had ended when the version was known."""
    return (known_at + timedelta(microseconds=1)).astimezone(zone(lender_zone)).date() - timedelta(days=1)


def covered_for(lender: Lender, known_at: datetime, now: datetime) -> date:
    """The same, but that a desk which is master of payments knows today all of what came until yesterday."""
    told = covered(known_at, lender.zone)
    if lender.masters.get("payment", "tape") == "desk":
        return max(told, now.astimezone(zone(lender.zone)).date() - timedelta(days=1))
    return told


def _today(tx: Tx, now: datetime) -> date:
    return now.astimezone(zone(lenders.get(tx).zone)).date()


def _must_stand(found: Promise) -> None:
    if found.ended_at is not None:
        raise NotAPromise(
            N_("promise {promise} was {end} on {day}; it stands no more"), promise=found.promise_id,
            end=found.end_kind or "", day=found.ended_at.date(),
        )  # fmt: skip


def _stands_open(found: Promise, today: date) -> bool:
    """Whether a promise that was not ended can still be kept: its day has not passed, and its money is not all here."""
    return found.due_day >= today and found.state != PromiseState.KEPT


def _check_renegotiation(tx: Tx, found: Promise, amount: Money, *, due: date) -> None:
    most = promises.limits(tx).renegotiations_max
    if found.renegotiations >= most:
        raise NotAPromise(
            N_(
                "promise {promise} stands until {due} and was renegotiated {count} times, the lender allows {most}; "
                "let its day come, or agree on a plan"
            ),
            promise=found.promise_id, due=found.due_day, count=found.renegotiations, most=most,
        )  # fmt: skip
    if (found.amount_minor, found.currency, found.due_day) == (amount.minor, amount.currency, due):
        raise NotAPromise(
            N_("promise {promise} says the same already: {amount} by {due}"), promise=found.promise_id, amount=amount,
            due=due,
        )  # fmt: skip


def _check(tx: Tx, case: cases.Case, by: int, amount: Money, *, due: date, today: date) -> None:
    if case.closed_day is not None:
        raise NotAPromise(N_("case {case} was closed on {day}"), case=case.case_id, day=case.closed_day)
    if amount.minor <= 0:
        raise NotAPromise(N_("the amount of a promise is more than nothing"))
    days = promises.limits(tx).days_max
    if not today <= due <= today + timedelta(days=days):
        raise NotAPromise(
            N_("the due day {due} is not within {days} days from today ({today}); what is paid later is a plan"),
            due=due, days=days, today=today,
        )  # fmt: skip
    loans = set(cases.loans_of(tx, case.case_id))
    ties = [one for one in parties.of_person(tx, by) if one.loan_key in loans]
    if not any(Relation(one.relation) in MAY_PROMISE for one in ties):
        raise NotAPromise(
            N_("person {person} does not owe in case {case}; a third person promises nothing"), person=by,
            case=case.case_id,
        )  # fmt: skip
    try:
        found = worklists.snapshot(tx, runs.published(tx).day, case.person_id)
    except BadInput:  # no day was run yet: there is nothing to compare with
        found = None
    if found is not None and found.currency != amount.currency:
        raise NotAPromise(N_("case {case} is owed in {currency}"), case=case.case_id, currency=found.currency)
    if found is not None and amount.minor > found.settle_minor:
        raise NotAPromise(
            N_("{amount} is more than settles the whole case ({settle})"), amount=amount,
            settle=Money(found.settle_minor, found.currency),
        )  # fmt: skip
