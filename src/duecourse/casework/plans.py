"""Plans: worked out from what a loan owes and somebody can afford, offered, signed by both, on the ledger, ended.

An offer is a document that never changes: its payments, its events, what breaks it. Borrower and lender sign the same
bytes, each with Ed25519 (docs/ways-to-pay.md says why not PAdES). With the signatures, in one transaction, the events
stand on the ledger of the desk, as of the day of the offer: so what was signed is what the loan does, to the cent. If
the loan moved meanwhile, the offer says so and nothing is signed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from duecourse.book.store import Store
from duecourse.casework import approval, ledger
from duecourse.casework.actor import Actor, Role
from duecourse.casework.approval import Kind as ApprovalKind
from duecourse.casework.authority import DECIDES, PLAN_ASKS, PLAN_MONTHS_MAX, RE_AGE_PAID, plan_alone
from duecourse.casework.ledger import Read, read_loan, today_of
from duecourse.casework.lender_law import law_of
from duecourse.casework.plan_keeping import kept_by
from duecourse.casework.plan_signing import Signature, once, to_sign
from duecourse.casework.promises import MAY_PROMISE
from duecourse.core.contract import Method
from duecourse.core.delinquency import Loan
from duecourse.core.events import PAUSE_DPD, Event, Kind, timeline
from duecourse.core.plan_options import Against, Limit, Limits, Option, OptionKind, options
from duecourse.core.reading import Status
from duecourse.evidence.record import Fact, canonical
from duecourse.law.measure import measure
from duecourse.law.terms import Relation
from duecourse.storage import cases, changes, desk_events, lenders, log, parties, persons, plans
from duecourse.storage.approvals import Approval
from duecourse.storage.cases import Case
from duecourse.storage.connection import Tx
from duecourse.storage.plans import Plan, Statement
from duecourse.storage.vault import Vault
from duecourse.storage.vault.signing import Signer
from duecourse.trouble import N_, BadInput, Refused

OPEN_DAYS = 7
"""Days for which an offer can be signed."""

BROKEN_DAYS = 15
"""A plan is broken when a payment of it is so many days late by more than the contract's tolerance."""


class NotAPlan(BadInput):
    """A plan that cannot be."""


class NotLawful(Refused):
    """An option that a rule refuses."""

    def __init__(self, against: Against) -> None:
        super().__init__(
            N_("this plan is refused by rule {rule}: at most {most}, here {here}; `plan options` shows what may be"),
            rule=against.rule, most=against.most if against.most is not None else "-", here=against.is_,
        )  # fmt: skip


class NotSigned(Refused):
    """An offer that cannot be signed, or not so."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An option as it is shown: what it asks against what can be afforded, and what becomes of the class."""

    option: Option
    affordable: bool | None  # None: nothing was stated
    restructures: bool


@dataclass(frozen=True, slots=True)
class Worked:
    """All ways to pay one loan on a day. ``settle``: what would settle everything today."""

    loan_key: int
    ref: str
    day: date
    method: Method
    currency: str
    settle: int
    due: int
    left: int | None  # what can be afforded of a month, as stated
    class_floor: str  # the class under which a restructured loan is not put while it is observed; empty: no rule
    class_rules: tuple[str, ...]
    choices: tuple[Choice, ...] = field(repr=False)


def limits_of(tx: Tx, day: date, *, card: bool) -> Limits:
    """What law and house say of plans on a day."""
    law, lender = law_of(tx), lenders.get(tx)
    asked = {"on": day, "lender_type": lender.lender_type, "card_account": card}

    def of(quantity: str) -> Limit | None:
        found = measure(law, quantity, asked)
        if not isinstance(found.value, int) or not found.by:
            return None
        return Limit(found.by[0].rule.id, found.value)

    return Limits(
        card_months=of("card_plan_months"), months=Limit("house.plan.months", PLAN_MONTHS_MAX),
        extension=of("extension_days_due"), re_age=Limit("house.plan.re_age", RE_AGE_PAID),
    )  # fmt: skip


def work_out(
    tx: Tx,
    store: Store,
    *,
    loan_key: int,
    now: datetime,
    months: Sequence[int] | None = None,
    first: date | None = None,
    borrowers: Collection[int] = (),
) -> Worked:
    """Every way to pay a loan, worked out to the cent and compared; what is refused names its rule.

    ``borrowers``, where they are known, are with whom the book looks for the loan.
    Raises `loan.NoSuchLoan`, `books.NoSuchVersion`, `NotAPlan`.
    """
    day = today_of(tx, now)
    _check_terms(day, months or (), 0, first)
    read = read_loan(tx, store, loan_key=loan_key, now=now, persons=borrowers)
    loan = _without_plan(read, day)
    card = loan.terms.method is Method.CARD
    limits = limits_of(tx, day, card=card)
    reading = read.on(day)
    statement = _statement(tx, read)
    left = statement.left_minor if statement else None
    floor = _floor(tx, day)
    wanted: dict[str, Any] = {} if months is None else {"months": months}
    found = tuple(
        Choice(one, None if left is None else one.burden <= left, _restructures(one, reading.dpd))
        for one in options(loan, day, known=read.known, limits=limits, first=first, **wanted)
    )
    return Worked(
        loan_key,
        loan.ref,
        day,
        loan.terms.method,
        read.held.currency,
        reading.settle,
        reading.due,
        left,
        floor[0],
        floor[1],
        found,
    )


def _check_terms(day: date, months: Sequence[int], deferred: int, first: date | None) -> None:
    if not all(1 <= one <= 600 for one in months) or not 0 <= deferred <= 60:
        raise NotAPlan(N_("a plan lasts 1 to 600 months, and begins within 60"))
    if first is not None and not day < first <= day + timedelta(days=92):
        raise NotAPlan(N_("the first payment {first} is not within three months from {day}"), first=first, day=day)


def _statement(tx: Tx, read: Read) -> Statement | None:
    return plans.stated(tx, persons.root(tx, read.held.person_id)) or plans.stated(tx, read.held.person_id)


def _restructures(one: Option, dpd: int) -> bool:
    """Whether an option makes the loan restructured: agreed because somebody cannot pay as the contract says."""
    return one.kind is not OptionKind.EXTENSION or dpd > 0


def _floor(tx: Tx, day: date) -> tuple[str, tuple[str, ...]]:
    asked = {
        "on": day, "lender_type": lenders.get(tx).lender_type, "restructured": True, "observed_periods": 0,
        "observed_years": 0,
    }  # fmt: skip
    found = measure(law_of(tx), "observed_class_rank", asked)
    return (found.label, tuple(one.rule.id for one in found.by)) if isinstance(found.value, int) else ("", ())


def offer_plan(
    tx: Tx,
    store: Store,
    *,
    vault: Vault,
    case_id: int,
    loan_key: int,
    kind: OptionKind,
    months: int,
    actor: Actor,
    now: datetime,
    deferred: int = 0,
    first: date | None = None,
    reason: str = "",
) -> Plan:
    """Offer a plan. Beyond what the role may offer alone it waits for a second person, who is asked with ``reason``.

    Raises `NotAPlan`, `NotLawful`, `approval.MayNotAsk`, `approval.NoReason`, `cases.NoSuchCase`.
    """
    case = _open_case(tx, case_id, loan_key)
    read, day = read_loan(tx, store, loan_key=loan_key, now=now), today_of(tx, now)
    chosen = _worked(tx, read, day, kind=kind, months=months, deferred=deferred, first=first)
    if chosen.against:
        raise NotLawful(chosen.against[0])
    number, restructured = plans.next_id(tx), _restructures(chosen, read.on(day).dpd)
    content = canonical(_content(tx, number, read, chosen, day=day, first=first, restructured=restructured))
    alone = plan_alone(actor.role, kind, months + deferred)
    plans.add(
        tx, number, person_id=case.person_id, case_id=case_id, loan_key=loan_key, kind=kind.value, months=months,
        deferred=deferred, as_of=day, content=content, content_hash=sha256(content).digest(), restructured=restructured,
        offered_by=str(actor), now=now, lapses_at=now + timedelta(days=OPEN_DAYS), approved=alone,
    )  # fmt: skip
    _record(tx, vault, "plan.offered", plans.get(tx, number), actor=actor, now=now)
    if not alone:
        asked = approval.ask(
            tx, kinds={OFFER.kind: OFFER}, vault=vault, kind=OFFER.kind, subject=f"plan:{number}",
            asked={"plan": number, "content": sha256(content).hexdigest(), "loan": read.loan.ref, "kind": kind.value,
                   "months": months, "total": chosen.total, "extra": chosen.extra},
            reason=reason, actor=actor, now=now,
        )  # fmt: skip
        plans.asked(tx, number, asked.approval_id)
    return plans.get(tx, number)


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan as it would be offered; ``alone``: without asking a second person."""

    day: date
    currency: str
    option: Option
    restructures: bool
    alone: bool


def draft_plan(
    tx: Tx, store: Store, *, case_id: int, loan_key: int, kind: OptionKind, months: int, role: Role, now: datetime,
    deferred: int = 0, first: date | None = None,
) -> Draft:  # fmt: skip
    """Work one plan out as `offer_plan` would offer it, and keep nothing; what a rule refuses says so in its option.

    Raises `NotAPlan`, `cases.NoSuchCase`.
    """
    _open_case(tx, case_id, loan_key)
    read, day = read_loan(tx, store, loan_key=loan_key, now=now), today_of(tx, now)
    chosen = _worked(tx, read, day, kind=kind, months=months, deferred=deferred, first=first)
    alone = plan_alone(role, kind, months + deferred)
    return Draft(day, read.held.currency, chosen, _restructures(chosen, read.on(day).dpd), alone)


def _open_case(tx: Tx, case_id: int, loan_key: int) -> Case:
    case = cases.get(tx, case_id)
    if case.closed_day is not None or loan_key not in cases.loans_of(tx, case_id):
        raise not_of_case(case_id)
    return case


def not_of_case(case_id: int) -> NotAPlan:
    """What is said of a loan that is not in the case, or of a closed case."""
    return NotAPlan(N_("the loan is not in the open case {case}"), case=case_id)


def _worked(
    tx: Tx, read: Read, day: date, *, kind: OptionKind, months: int, deferred: int, first: date | None
) -> Option:
    loan = _without_plan(read, day)
    if loan.terms.method is Method.CARD and kind in {
        OptionKind.EXTENSION, OptionKind.RESCHEDULE, OptionKind.INTEREST_STOP,
    }:  # fmt: skip
        raise NotAPlan(N_("a card knows no {kind}"), kind=kind.value)
    _check_terms(day, (months,), deferred, first)
    if read.on(day).status not in {Status.ACTIVE, Status.WRITTEN_OFF} or read.on(day).settle <= 0:
        raise NotAPlan(N_("nothing is owed on loan {loan} that a plan could be made of"), loan=loan.ref)
    limits = limits_of(tx, day, card=loan.terms.method is Method.CARD)
    wanted = [
        one
        for one in options(
            loan, day, known=read.known, limits=limits, first=first, months=(months,), deferrals=(deferred or 1,)
        )
        if one.kind is kind and one.deferred == deferred
    ]
    if not wanted:
        raise NotAPlan(
            N_("no plan of kind {kind} can be made of loan {loan} as it stands"), kind=kind.value, loan=loan.ref
        )
    return wanted[0]


def _content(
    tx: Tx, number: int, read: Read, chosen: Option, *, day: date, first: date | None, restructured: bool
) -> dict[str, Fact]:
    return {
        "format": 1, "lender": tx.lender_id, "plan": str(number), "loan": read.loan.ref, "kind": chosen.kind.value,
        "months": chosen.months, "deferred": chosen.deferred, "first": first.isoformat() if first else None,
        "as_of": day.isoformat(), "currency": read.held.currency,
        "payments": [[one.day.isoformat(), one.minor] for one in chosen.rows[: chosen.planned]],
        "after": [[one.day.isoformat(), one.minor] for one in chosen.rows[chosen.planned :]],
        "total": chosen.total, "extra": chosen.extra, "restructured": restructured,
        "events": [_told(one) for one in chosen.events],
        "broken": {"days_late": BROKEN_DAYS, "tolerance": read.loan.terms.tolerance_minor},
    }  # fmt: skip


def _told(event: Event) -> dict[str, Fact]:
    return {
        "kind": event.kind.name.lower(), "amount": event.amount, "parts": list(event.parts),
        "until": event.until.isoformat(),
        "grid": [[row.due.isoformat(), row.days, row.principal, row.interest, row.fee] for row in event.grid],
    }  # fmt: skip


def sign_plan(
    tx: Tx,
    store: Store,
    *,
    vault: Vault,
    plan_id: int,
    signed_by: int,
    proof: str,
    actor: Actor,
    now: datetime,
    signature: Signature | None = None,
) -> Plan:
    """Let borrower and lender sign an offer, and enter it on the ledger.

    ``signature`` is that of the borrower's own device. Without one a key is made for this signature alone and
    forgotten: it proves what was agreed and when, and rests on ``proof``, which says how the person was known (a
    one-time code to a contact point, both at one table). Raises `NotSigned`, `plans.NoSuchPlan`.
    """
    plan = plans.get(tx, plan_id, lock=True)
    _may_sign(tx, plan, signed_by, now)
    if not 1 <= len(proof.strip()) <= 200:
        raise NotSigned(N_("say in one line how the person who signs was known"))
    desk_events.lock(tx, plan.loan_key)
    read = read_loan(tx, store, loan_key=plan.loan_key, now=now)
    said = json.loads(plan.content)
    chosen = _worked(
        tx, read, plan.as_of, kind=OptionKind(plan.kind), months=plan.months, deferred=plan.deferred,
        first=date.fromisoformat(said["first"]) if said["first"] else None,
    )  # fmt: skip
    if canonical(
        _content(
            tx, plan.plan_id, read, chosen, day=plan.as_of,
            first=date.fromisoformat(said["first"]) if said["first"] else None, restructured=plan.restructured,
        )
    ) != plan.content:  # fmt: skip
        raise NotSigned(
            N_("plan {plan} is no longer what the loan asks: something was paid or entered since {day}; offer it anew"),
            plan=plan_id, day=plan.as_of,
        )  # fmt: skip
    how = "device"
    if signature is None:
        how, signature = "here", once(to_sign(plan))
    if not signature.fits(to_sign(plan)):
        raise NotSigned(N_("the signature does not fit plan {plan}: nothing was agreed"), plan=plan_id)
    key_id, own = Signer(vault).sign(tx.lender_id, to_sign(plan))
    for before in plans.of_loan(tx, plan.loan_key):
        if before.signed_at is not None and before.ended_at is None:
            _stop(tx, store, vault, before, read, as_="replaced", actor=actor, now=now, day=plan.as_of)
    plans.sign(
        tx, plan_id, by=signed_by, how=how, proof=proof.strip(), key=signature.public, signature=signature.value,
        lender_key=key_id, lender_signature=own, now=now,
    )  # fmt: skip
    for event in chosen.events:
        ledger.enter(
            tx, store, vault=vault, loan_key=plan.loan_key, kind=event.kind, effective=plan.as_of,
            source=f"plan:{plan_id}", actor=actor, now=now, ref=f"plan-{plan_id}-{event.kind.name.lower()}",
            amount=event.amount, parts=event.parts, until=event.until, grid=event.grid,
        )  # fmt: skip
    signed = plans.get(tx, plan_id)
    _record(tx, vault, "plan.signed", signed, actor=actor, now=now)
    changes.tell(tx, plan.person_id, by=str(actor))
    return signed


def _may_sign(tx: Tx, plan: Plan, signed_by: int, now: datetime) -> None:
    if (state := plan.state(now)) != "offered":
        raise NotSigned(
            N_("plan {plan} is {state} and cannot be signed; what is asked waits for a second person"),
            plan=plan.plan_id, state=state,
        )  # fmt: skip
    ties = [one for one in parties.of_person(tx, signed_by) if one.loan_key == plan.loan_key]
    if not any(Relation(one.relation) in MAY_PROMISE for one in ties):
        raise NotSigned(N_("person {person} does not owe on this loan, and signs no plan of it"), person=signed_by)


def withdraw_offer(tx: Tx, *, vault: Vault, plan_id: int, actor: Actor, now: datetime) -> None:
    """Take an offer back that nobody signed. Raises `NotAPlan`, `plans.NoSuchPlan`."""
    plan = plans.get(tx, plan_id, lock=True)
    if plan.signed_at is not None or plan.ended_at is not None:
        raise NotAPlan(N_("plan {plan} is {state}; only an offer is withdrawn"), plan=plan_id, state=plan.state(now))
    plans.end(tx, plan_id, as_="withdrawn", by=str(actor), now=now)
    _record(tx, vault, "plan.withdrawn", plan, actor=actor, now=now)
    changes.tell(tx, plan.person_id, by=str(actor))


def review_plans(tx: Tx, store: Store, *, vault: Vault, actor: Actor, now: datetime) -> list[tuple[int, str]]:
    """End the plans that are kept, and break those that are late by their own stated rule; (plan, how it ended)."""
    ended, day = list[tuple[int, str]](), today_of(tx, now)
    for plan in plans.standing(tx):
        read = read_loan(tx, store, loan_key=plan.loan_key, now=now)
        found, said = read.on(day), json.loads(plan.content)
        kept = kept_by(plan, read, day)
        whole = sum(minor for _due, minor in said["payments"])
        if kept.paid >= whole or found.status is Status.SETTLED:
            as_ = "kept"
        elif found.plan_dpd >= int(said["broken"]["days_late"]):
            as_ = "broken"
        else:
            continue
        desk_events.lock(tx, plan.loan_key)
        _stop(tx, store, vault, plan, read, as_=as_, actor=actor, now=now, day=day)
        ended.append((plan.plan_id, as_))
    return ended


def _stop(
    tx: Tx, store: Store, vault: Vault, plan: Plan, read: Read, *, as_: str, actor: Actor, now: datetime, day: date
) -> None:
    """End a plan on the ledger: no plan counts from the day on, and what stood still by it goes on from there."""
    for event in _endings(read, day):
        shared: dict[str, Any] = {
            "vault": vault, "loan_key": plan.loan_key, "source": f"plan:{plan.plan_id}", "actor": actor, "now": now,
        }  # fmt: skip
        if event.kind is Kind.REVERSAL:
            ledger.take_back(tx, store, target=event.target, **shared)
        elif event.kind is not Kind.PLAN or as_ != "replaced":
            ledger.enter(
                tx, store, kind=event.kind, effective=event.effective, parts=event.parts, until=event.until, **shared
            )
    plans.end(tx, plan.plan_id, as_=as_, by=str(actor), now=now)
    _record(tx, vault, f"plan.{as_}", plan, actor=actor, now=now)
    changes.tell(tx, plan.person_id, by=str(actor))


def _without_plan(read: Read, day: date) -> Loan:
    """The loan as it would be if the plan that stands ended on the day: what a new one is worked out from."""
    return replace(read.loan, events=(*read.loan.events, *_endings(read, day)))


def _endings(read: Read, day: date) -> list[Event]:
    """What ends the desk's plan of a loan on a day: its pause is cut to the day, and no plan counts.

    What grew while it stood still does not come back: the pause is taken back and entered again, until the day.
    """
    stands = timeline(read.loan.events, known=read.known, mode=read.loan.terms.reversal)
    own = [one for one in stands if one.ref.startswith("plan-")]
    counted = [one for one in stands if one.kind is Kind.PLAN and one.effective <= day]
    made = list[Event]()
    for one in own:
        if one.kind is Kind.PAUSE and one.until > day and not one.parts[0] & PAUSE_DPD:
            made.append(_event(read, Kind.REVERSAL, day, target=one.ref))
            if one.effective < day:
                made.append(_event(read, Kind.PAUSE, one.effective, parts=one.parts, until=day))
    if counted and counted[-1].grid:
        made.append(_event(read, Kind.PLAN, day))
    return made


def _event(
    read: Read, kind: Kind, day: date, *, target: str = "", parts: tuple[int, ...] = (), until: date = date(9999, 1, 1)
) -> Event:
    return Event(
        kind=kind, effective=day, known=read.known, ref=f"~end-{kind.name.lower()}-{target}", target=target,
        parts=parts, until=until,
    )  # fmt: skip


def _carry_out(tx: Tx, asked: Approval, vault: Vault, actor: Actor, now: datetime) -> None:
    plan = plans.get(tx, int(asked.asked["plan"]), lock=True)
    if plan.state(now) != "asked":
        raise NotAPlan(N_("plan {plan} is {state}; offer it anew"), plan=plan.plan_id, state=plan.state(now))
    plans.approve(tx, plan.plan_id, by=str(actor), now=now)
    _record(tx, vault, "plan.approved", plan, actor=actor, now=now)


OFFER = ApprovalKind(
    kind="plan.offer", says=N_("Offer a plan beyond what the role may agree to alone"), asks=PLAN_ASKS, decides=DECIDES,
    carry_out=_carry_out,
)  # fmt: skip


def _record(tx: Tx, vault: Vault, kind: str, plan: Plan, *, actor: Actor, now: datetime) -> None:
    stated: dict[str, Fact] = {
        "plan": str(plan.plan_id), "case": str(plan.case_id), "kind": plan.kind, "content": plan.content_hash.hex(),
        "restructured": plan.restructured,
    }  # fmt: skip
    if plan.borrower_signature and plan.borrower_key and plan.lender_signature:
        stated |= {
            "borrower_key": plan.borrower_key.hex(), "borrower_signature": plan.borrower_signature.hex(),
            "signed_with": plan.signed_with, "lender_key": plan.lender_key,
            "lender_signature": plan.lender_signature.hex(),
        }  # fmt: skip
    key = vault.person(tx.lender_id, plan.person_id, persons.wrapped(tx, plan.person_id))
    log.append(
        tx, vault=vault, kind=kind, at=now, actor=str(actor), subject=key, stated=stated,
        facts={"loan": str(plan.loan_key), "proof": plan.proof},
    )  # fmt: skip
