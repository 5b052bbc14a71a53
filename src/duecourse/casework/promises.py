"""Promises to pay: recorded as given, withdrawn by who gave them, and reckoned from the book's payments alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from duecourse.book.loan import NoSuchLoan
from duecourse.book.payments import payments
from duecourse.book.store import Store, version_from
from duecourse.casework import ledger
from duecourse.casework.actor import Actor
from duecourse.core.contract import ReversalMode
from duecourse.core.events import MONEY_IN, timeline
from duecourse.core.money import Money
from duecourse.core.promise import reckon
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
from duecourse.storage.promises import Reckoned
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput

DAYS_MAX = 62
"""How far ahead a promise may lie; what is to be paid later is a plan."""

MAY_PROMISE = frozenset(
    {
        Relation.BORROWER, Relation.CO_BORROWER, Relation.GUARANTOR, Relation.SPOUSE_LIABLE, Relation.HEIR,
        Relation.REPRESENTATIVE, Relation.LAWYER,
    }
)  # fmt: skip
"""Who owes or speaks for somebody who does; a third person is asked for nothing."""


class NotAPromise(BadInput):
    """A promise that cannot be recorded, or withdrawn."""


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
) -> int:
    """Record the word of a person to pay an amount by a day; returns its number. It replaces the one that stood.

    ``promised_by`` is the borrower unless another is named who owes. Raises `NotAPromise`, `cases.NoSuchCase`.
    """
    case = cases.get(tx, case_id)
    today = now.astimezone(zone(lenders.get(tx).zone)).date()
    by = case.person_id if promised_by is None else promised_by
    _check(tx, case, by, amount, due=due, today=today)
    replaced = promises.end(tx, case_id=case_id, kind="replaced", by=str(actor), now=now)
    promise_id = promises.add(
        tx, person_id=case.person_id, case_id=case_id, promised_by=by, amount_minor=amount.minor,
        currency=amount.currency, made_day=today, due_day=due, actor=str(actor), now=now, contact_id=contact_id,
    )  # fmt: skip
    what: dict[str, Fact] = {
        "amount": amount.minor, "currency": amount.currency, "due": due.isoformat(), "promised_by": str(by),
        "contact": None if contact_id is None else str(contact_id),
    }  # fmt: skip
    stated: dict[str, Fact] = {"promise": str(promise_id), "case": str(case_id)}
    if replaced is not None:
        stated["replaces"] = str(replaced)
    key = vault.person(tx.lender_id, case.person_id, persons.wrapped(tx, case.person_id))
    log.append(
        tx, vault=vault, kind="promise.recorded", at=now, actor=str(actor), subject=key, stated=stated, facts=what
    )
    changes.tell(tx, case.person_id, by=str(actor))
    return promise_id


def check_promise(tx: Tx, *, case_id: int, by: int, amount: Money, due: date, now: datetime) -> None:
    """Raise `NotAPromise` where `record_promise` would."""
    _check(tx, cases.get(tx, case_id), by, amount, due=due, today=now.astimezone(zone(lenders.get(tx).zone)).date())


def withdraw_promise(tx: Tx, *, vault: Vault, promise_id: int, actor: Actor, now: datetime) -> None:
    """Note that a promise that stands is withdrawn by who gave it; raises `NotAPromise` if it stands no more."""
    found = promises.get(tx, promise_id)
    if found.ended_at is not None:
        raise NotAPromise(
            N_("promise {promise} was {end} on {day}; it stands no more"), promise=promise_id,
            end=found.end_kind or "", day=found.ended_at.date(),
        )  # fmt: skip
    promises.end(tx, case_id=found.case_id, kind="withdrawn", by=str(actor), now=now)
    key = vault.person(tx.lender_id, found.person_id, persons.wrapped(tx, found.person_id))
    log.append(
        tx, vault=vault, kind="promise.withdrawn", at=now, actor=str(actor), subject=key,
        stated={"promise": str(promise_id), "case": str(found.case_id)},
    )  # fmt: skip
    changes.tell(tx, found.person_id, by=str(actor))


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
    through = _covered(row.known_at, lenders.get(tx).zone)
    found = payments(
        store,
        version_from(row.version, row.tables),
        {loan for one in asked for loan in one.loan_keys},
        persons=_with_merged(tx, {one.person_id for one in asked}),
        since=min(one.made_day for one in asked),
        known=row.known_at,
    )
    by_loan: dict[int, list[tuple[date, int]]] = {}
    for loan, day, minor in found.iter_rows():
        by_loan.setdefault(loan, []).append((day, minor))
    rows = []
    for one in asked:
        paid = [payment for loan in one.loan_keys for payment in by_loan.get(loan, [])]
        said = reckon(one.amount_minor, made=one.made_day, due=one.due_day, payments=paid, through=through)
        rows.append(
            Reckoned(
                one.person_id, one.promise_id, row.version, said.state.value, said.paid, said.kept_day, said.through
            )
        )
    promises.keep(tx, rows)
    return len(rows)


def reckon_at_once(tx: Tx, store: Store, *, person_id: int, now: datetime) -> int:
    """Reckon the promises of one person anew, by book and desk together: something was entered just now."""
    row = books.newest(tx)
    if row is None:
        return 0
    rows = []
    through = _covered(row.known_at, lenders.get(tx).zone)
    for person in persons.same(tx, person_id):
        for one in promises.to_reckon(tx, row.version + 1, person_id=person):
            paid = [each for loan in one.loan_keys for each in _paid(tx, store, loan, one.made_day, now)]
            said = reckon(one.amount_minor, made=one.made_day, due=one.due_day, payments=paid, through=through)
            rows.append(
                Reckoned(
                    one.person_id, one.promise_id, row.version, said.state.value, said.paid, said.kept_day, said.through
                )
            )
    promises.keep(tx, rows)
    return len(rows)


def _paid(tx: Tx, store: Store, loan_key: int, since: date, now: datetime) -> list[tuple[date, int]]:
    """Payments of a loan that stand, by book and desk; a loan that the book lacks has none."""
    try:
        read = ledger.read_loan(tx, store, loan_key=loan_key, now=now)
    except NoSuchLoan:
        return []
    stands = timeline(read.loan.events, known=read.known, mode=ReversalMode.AS_IF_NEVER)
    return [(one.effective, one.amount) for one in stands if one.kind in MONEY_IN and one.effective >= since]


def _with_merged(tx: Tx, roots: set[int]) -> set[int]:
    """People with everybody who turned out to be one of them: the book keeps a loan in its first borrower's shard."""
    aliases = reach.aliases(tx)
    return roots | {person for person, root in aliases.select("person_id", "root_id").iter_rows() if root in roots}


def _covered(known_at: datetime, lender_zone: str) -> date:
    """The last day of the lender's that had ended when the version was known."""
    return (known_at + timedelta(microseconds=1)).astimezone(zone(lender_zone)).date() - timedelta(days=1)


def _check(tx: Tx, case: cases.Case, by: int, amount: Money, *, due: date, today: date) -> None:
    if case.closed_day is not None:
        raise NotAPromise(N_("case {case} was closed on {day}"), case=case.case_id, day=case.closed_day)
    if amount.minor <= 0:
        raise NotAPromise(N_("the amount of a promise is more than nothing"))
    if not today <= due <= today + timedelta(days=DAYS_MAX):
        raise NotAPromise(
            N_("the due day {due} is not within {days} days from today ({today}); what is paid later is a plan"),
            due=due, days=DAYS_MAX, today=today,
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
