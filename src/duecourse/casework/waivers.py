"""Giving up part of a claim: offered within authority, irrevocable once the borrower was told, exact on the ledger.

A waiver is of stated amounts by category. One without a condition counts from when the borrower is told (民法典 575);
one with a condition counts once so much was paid by a day, and lapses otherwise. A settlement is a condition too: once
the part is paid, all the rest is given up, whatever it is by then. Never more is given up than is owed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from duecourse.book.store import Store
from duecourse.casework import approval, ledger
from duecourse.casework.actor import Actor, Role
from duecourse.casework.approval import Kind as ApprovalKind
from duecourse.casework.authority import DECIDES, waiver_alone
from duecourse.casework.ledger import Read, read_loan, today_of
from duecourse.core.contract import Category
from duecourse.core.delinquency import reading
from duecourse.core.events import Event, Kind
from duecourse.core.money import BrokenInvariant, Money
from duecourse.core.reading import Reading
from duecourse.storage import cases, changes, desk_events, log, persons, waivers
from duecourse.storage.approvals import Approval
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.storage.waivers import Waiver
from duecourse.trouble import N_, BadInput, Refused

PAY_DAYS_MAX = 92
"""How far ahead the day of a condition may lie."""

ASKS = frozenset({Role.COLLECTOR, Role.SUPERVISOR, Role.COMPLIANCE, Role.OPERATOR})


class NotAWaiver(BadInput):
    """An offer that cannot be made."""


class Irrevocable(Refused):
    """Something that was notified and is not taken back."""

    def __init__(self, waiver_id: int) -> None:
        super().__init__(
            N_("waiver {waiver} was notified to the borrower and is not taken back (民法典 575)"), waiver=waiver_id
        )


def owed(read: Read, day: date) -> dict[Category, int]:
    """What is owed of each category on a day: of principal also what is not due yet."""
    found = read.on(day)
    return _owed(found)


def _owed(found: Reading) -> dict[Category, int]:
    return {
        Category.COST: found.cost, Category.FEE: found.fee, Category.INTEREST: found.interest,
        Category.PENALTY: found.penalty, Category.COMPOUND: found.compound,
        Category.PRINCIPAL: found.principal + found.not_due,
    }  # fmt: skip


def offer_waiver(
    tx: Tx,
    store: Store,
    *,
    vault: Vault,
    case_id: int,
    loan_key: int,
    give: Mapping[Category, int],
    actor: Actor,
    now: datetime,
    pay: int = 0,
    pay_by: date | None = None,
    reason: str = "",
) -> Waiver:
    """Offer to give up amounts by category, at once or if ``pay`` is paid by a day.

    Beyond what the role gives up alone a second person decides, who is asked with ``reason``. Raises `NotAWaiver`,
    `approval.MayNotAsk`, `approval.NoReason`.
    """
    read, day = _of_case(tx, store, case_id, loan_key, now)
    standing = owed(read, day)
    named = {category: minor for category, minor in give.items() if minor}
    if not named or any(minor < 0 for minor in named.values()):
        raise NotAWaiver(N_("an amount that is given up is more than nothing"))
    for category, minor in named.items():
        if minor > standing[category]:
            raise NotAWaiver(
                N_("{amount} is more than is owed as {category} ({owed}); nothing is given up beyond that"),
                amount=Money(minor, read.held.currency), category=category.name.lower(),
                owed=Money(standing[category], read.held.currency),
            )  # fmt: skip
    _check_condition(pay, pay_by, day, read)
    return _offer(
        tx, vault, read, kind="waiver", case_id=case_id, given=named, standing=standing, pay=pay, pay_by=pay_by,
        day=day, reason=reason, actor=actor, now=now,
    )  # fmt: skip


def offer_settlement(
    tx: Tx,
    store: Store,
    *,
    vault: Vault,
    case_id: int,
    loan_key: int,
    pay: int,
    pay_by: date,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> Waiver:
    """Offer to take less than the whole in full and final, if it is paid by a day. Raises as `offer_waiver`."""
    read, day = _of_case(tx, store, case_id, loan_key, now)
    whole = read.on(day).settle
    _check_condition(pay, pay_by, day, read)
    if not 0 < pay < whole:
        raise NotAWaiver(
            N_("a settlement takes more than nothing and less than settles everything ({whole})"),
            whole=Money(whole, read.held.currency),
        )  # fmt: skip
    rest = _rest(read, day, paid=pay)
    return _offer(
        tx, vault, read, kind="settlement", case_id=case_id, given=rest, standing=owed(read, day), pay=pay,
        pay_by=pay_by, day=day, reason=reason, actor=actor, now=now,
    )  # fmt: skip


def _of_case(tx: Tx, store: Store, case_id: int, loan_key: int, now: datetime) -> tuple[Read, date]:
    case = cases.get(tx, case_id)
    if case.closed_day is not None or loan_key not in cases.loans_of(tx, case_id):
        raise NotAWaiver(N_("the loan is not in the open case {case}"), case=case_id)
    return read_loan(tx, store, loan_key=loan_key, now=now), today_of(tx, now)


def _check_condition(pay: int, pay_by: date | None, day: date, read: Read) -> None:
    if (pay > 0) != (pay_by is not None) or pay < 0:
        raise NotAWaiver(N_("a condition has an amount and a day by which it is paid"))
    if pay_by is not None and not day <= pay_by <= day + timedelta(days=PAY_DAYS_MAX):
        raise NotAWaiver(N_("{day} is not within {most} days from today"), day=pay_by, most=PAY_DAYS_MAX)
    if pay > read.on(day).settle:
        raise NotAWaiver(N_("{amount} is more than settles everything"), amount=Money(pay, read.held.currency))


def _rest(read: Read, day: date, *, paid: int = 0) -> dict[Category, int]:
    """What a settlement gives up on a day, by category: all that is left once everything is called and so much paid."""
    calls = Event(kind=Kind.ACCELERATION, effective=day, known=read.known, ref="~settlement")
    money = Event(kind=Kind.PAYMENT, effective=day, known=read.known, ref="~settlement-paid", amount=paid)
    told = (*read.loan.events, calls, *((money,) if paid else ()))
    found = reading(replace(read.loan, events=told), day, known=read.known)
    return {category: minor for category, minor in _owed(found).items() if minor}


def _offer(
    tx: Tx, vault: Vault, read: Read, *, kind: str, case_id: int, given: Mapping[Category, int],
    standing: Mapping[Category, int], pay: int, pay_by: date | None, day: date, reason: str, actor: Actor,
    now: datetime,
) -> Waiver:  # fmt: skip
    alone = all(
        waiver_alone(actor.role, category, minor, max(standing[category], minor)) for category, minor in given.items()
    )
    named = {category.name.lower(): minor for category, minor in given.items()}
    number = waivers.add(
        tx, person_id=cases.get(tx, case_id).person_id, case_id=case_id, loan_key=read.held.loan_key, kind=kind,
        as_of=day, given=named, pay_minor=pay, pay_by=pay_by, paid_before=read.on(day).paid_total,
        currency=read.held.currency, offered_by=str(actor), now=now, approved=alone,
    )  # fmt: skip
    _record(tx, vault, "waiver.offered", waivers.get(tx, number), actor=actor, now=now)
    if not alone:
        asked = approval.ask(
            tx, kinds={OFFER.kind: OFFER}, vault=vault, kind=OFFER.kind, subject=f"waiver:{number}",
            asked={"waiver": number, "loan": read.loan.ref, "kind": kind, "given": named, "pay": pay},
            reason=reason, actor=actor, now=now,
        )  # fmt: skip
        waivers.asked(tx, number, asked.approval_id)
    return waivers.get(tx, number)


def notify_waiver(tx: Tx, store: Store, *, vault: Vault, waiver_id: int, actor: Actor, now: datetime) -> Waiver:
    """Note that the borrower was told: from now on it binds. One without a condition is on the ledger with that.

    Raises `NotAWaiver`, `waivers.NoSuchWaiver`.
    """
    found = waivers.get(tx, waiver_id, lock=True)
    if found.state != "approved":
        raise NotAWaiver(
            N_("waiver {waiver} is {state}; what was approved is notified once"), waiver=waiver_id, state=found.state
        )
    waivers.notify(tx, waiver_id, by=str(actor), now=now)
    _record(tx, vault, "waiver.notified", found, actor=actor, now=now)
    if not found.pay_minor:
        _enter(tx, store, vault, found, actor=actor, now=now)
    changes.tell(tx, found.person_id, by=str(actor))
    return waivers.get(tx, waiver_id)


def withdraw_waiver(tx: Tx, *, vault: Vault, waiver_id: int, actor: Actor, now: datetime) -> None:
    """Take an offer back of which the borrower was not told. Raises `Irrevocable`, `NotAWaiver`."""
    found = waivers.get(tx, waiver_id, lock=True)
    if found.notified_at is not None:
        raise Irrevocable(waiver_id)
    if found.ended_at is not None:
        raise NotAWaiver(N_("waiver {waiver} is {state} already"), waiver=waiver_id, state=found.state)
    waivers.end(tx, waiver_id, as_="withdrawn", by=str(actor), now=now)
    _record(tx, vault, "waiver.withdrawn", found, actor=actor, now=now)
    changes.tell(tx, found.person_id, by=str(actor))


def review_waivers(tx: Tx, store: Store, *, vault: Vault, actor: Actor, now: datetime) -> list[tuple[int, str]]:
    """Carry out offers whose condition is met, and let those lapse whose day has passed; (waiver, how it ended)."""
    ended, day = list[tuple[int, str]](), today_of(tx, now)
    for one in waivers.waiting(tx):
        if one.pay_by is None:
            continue
        read = read_loan(tx, store, loan_key=one.loan_key, now=now)
        paid = read.on(min(day, one.pay_by)).paid_total - one.paid_before
        if one.notified_at is not None and paid >= one.pay_minor:
            found = waivers.get(tx, one.waiver_id, lock=True)
            _enter(tx, store, vault, found, actor=actor, now=now)
            ended.append((one.waiver_id, "fulfilled"))
        elif day > one.pay_by:
            waivers.end(tx, one.waiver_id, as_="lapsed", by=str(actor), now=now)
            _record(tx, vault, "waiver.lapsed", one, actor=actor, now=now)
            ended.append((one.waiver_id, "lapsed"))
        else:
            continue
        changes.tell(tx, one.person_id, by=str(actor))
    return ended


def _enter(tx: Tx, store: Store, vault: Vault, found: Waiver, *, actor: Actor, now: datetime) -> None:
    """Put it on the ledger: stated amounts as far as they are still owed; of a settlement all that is left."""
    desk_events.lock(tx, found.loan_key)
    read, day = read_loan(tx, store, loan_key=found.loan_key, now=now), today_of(tx, now)
    source = f"waiver:{found.waiver_id}"
    if found.kind == "settlement":
        parts = _rest(read, day)
        ledger.enter(
            tx, store, vault=vault, loan_key=found.loan_key, kind=Kind.ACCELERATION, effective=day, source=source,
            ref=f"waiver-{found.waiver_id}-all", actor=actor, now=now,
        )  # fmt: skip
    else:
        standing = owed(read, day)
        parts = {Category[name.upper()]: minor for name, minor in found.given.items()}
        parts = {category: min(minor, standing[category]) for category, minor in parts.items()}
    for category, minor in parts.items():
        if minor:
            ledger.enter(
                tx, store, vault=vault, loan_key=found.loan_key, kind=Kind.WAIVER, effective=day, source=source,
                ref=f"waiver-{found.waiver_id}-{category.name.lower()}", amount=minor, parts=(int(category),),
                actor=actor, now=now,
            )  # fmt: skip
    after = read_loan(tx, store, loan_key=found.loan_key, now=now).on(day)
    if found.kind == "settlement" and after.settle:
        raise BrokenInvariant(f"settlement {found.waiver_id} leaves {after.settle} owed")
    entered = {category.name.lower(): minor for category, minor in parts.items() if minor}
    waivers.end(tx, found.waiver_id, as_="fulfilled", by=str(actor), now=now, entered=entered)
    _record(tx, vault, "waiver.fulfilled", waivers.get(tx, found.waiver_id), actor=actor, now=now)


def _carry_out(tx: Tx, asked: Approval, vault: Vault, actor: Actor, now: datetime) -> None:
    found = waivers.get(tx, int(asked.asked["waiver"]), lock=True)
    if found.state != "asked":
        raise NotAWaiver(N_("waiver {waiver} is {state} already"), waiver=found.waiver_id, state=found.state)
    waivers.approve(tx, found.waiver_id, by=str(actor), now=now)
    _record(tx, vault, "waiver.approved", found, actor=actor, now=now)


OFFER = ApprovalKind(
    kind="waiver.offer", says=N_("Give up more than the role may alone"), asks=ASKS, decides=DECIDES,
    carry_out=_carry_out,
)  # fmt: skip


def _record(tx: Tx, vault: Vault, kind: str, found: Waiver, *, actor: Actor, now: datetime) -> None:
    key = vault.person(tx.lender_id, found.person_id, persons.wrapped(tx, found.person_id))
    log.append(
        tx, vault=vault, kind=kind, at=now, actor=str(actor), subject=key,
        stated={"waiver": str(found.waiver_id), "case": str(found.case_id), "kind": found.kind},
        facts={
            "loan": str(found.loan_key), "given": dict(found.given), "pay": found.pay_minor,
            "pay_by": found.pay_by.isoformat() if found.pay_by else None,
            "entered": dict(found.entered) if found.entered is not None else None,
        },
    )  # fmt: skip
