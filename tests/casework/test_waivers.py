"""Giving up part of a claim: within authority, for good, to the cent; and a year in which money is conserved."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

import pytest

from duecourse.casework import approval, ledger, plans, waivers
from duecourse.casework.actor import Actor, Role
from duecourse.casework.kinds import KINDS
from duecourse.casework.ledger import Read
from duecourse.casework.plans import NotAPlan, NotLawful
from duecourse.casework.waivers import Irrevocable, NotAWaiver
from duecourse.core.contract import Category
from duecourse.core.delinquency import explained
from duecourse.core.events import MONEY_IN, Kind, timeline
from duecourse.core.explain import Account
from duecourse.core.plan_options import OptionKind
from duecourse.core.reading import Status
from duecourse.storage.connection import Tx
from duecourse.storage.waivers import Waiver
from tests.casework.test_plans import BOSS, COLLECTOR, L1, NOW, TODAY, Desk, here
from tests.tapes import VAULT

__all__ = ["here"]
Owed = dict[Category, int]
CHIEF = Actor(Role.COMPLIANCE, "k1")


def offered(here: Desk, give: dict[Category, int], actor: Actor = BOSS, **more: object) -> Waiver:
    with here.database.transaction("demo") as tx:
        return waivers.offer_waiver(
            tx, here.store, vault=VAULT, case_id=here.case, loan_key=L1, give=give, actor=actor,
            **({"now": NOW, "reason": "hardship"} | more),  # type: ignore[arg-type]
        )  # fmt: skip


def approved(here: Desk, made: Waiver, at: datetime = NOW) -> None:
    assert made.approval_id is not None
    with here.database.transaction("demo") as tx:
        approval.approve(
            tx, kinds=KINDS, vault=VAULT, approval_id=made.approval_id, reason="yes", actor=CHIEF, now=at
        )  # fmt: skip


def notified(here: Desk, made: Waiver, at: datetime = NOW) -> Waiver:
    with here.database.transaction("demo") as tx:
        return waivers.notify_waiver(
            tx, here.store, vault=VAULT, waiver_id=made.waiver_id, actor=BOSS, now=at
        )  # fmt: skip


def reviewed(here: Desk, at: datetime) -> list[tuple[int, str]]:
    with here.database.transaction("demo") as tx:
        return waivers.review_waivers(tx, here.store, vault=VAULT, actor=BOSS, now=at)


def test_what_is_given_up_is_gone_to_the_cent_once_the_borrower_is_told(here: Desk) -> None:
    before = here.on(TODAY)
    made = offered(here, {Category.PENALTY: 100})
    assert made.state == "approved"
    assert here.on(TODAY).penalty == before.penalty  # nothing counts before he is told
    done = notified(here, made)
    after = here.on(TODAY)
    assert (done.state, done.entered) == ("fulfilled", {"penalty": 100})
    assert (after.penalty, after.settle) == (before.penalty - 100, before.settle - 100)
    with pytest.raises(Irrevocable), here.database.transaction("demo") as tx:
        waivers.withdraw_waiver(tx, vault=VAULT, waiver_id=made.waiver_id, actor=BOSS, now=NOW)
    with pytest.raises(ledger.NotTakenBack), here.database.transaction("demo") as tx:
        ledger.take_back(
            tx, here.store, vault=VAULT, loan_key=L1, target=f"waiver-{made.waiver_id}-penalty", source="error",
            actor=BOSS, now=NOW,
        )  # fmt: skip


def test_nothing_is_given_up_beyond_what_is_owed(here: Desk) -> None:
    owed = here.on(TODAY)
    for give in ({Category.PENALTY: owed.penalty + 1}, {Category.COST: 1}, {}, {Category.PENALTY: -1}):
        with pytest.raises(NotAWaiver):
            offered(here, give)
    first, second = (offered(here, {Category.PENALTY: owed.penalty}) for _ in range(2))
    notified(here, first)
    assert notified(here, second).entered == {}  # the other one left nothing to give up
    assert here.on(TODAY).penalty == 0


def test_authority_is_by_role_category_amount_and_share(here: Desk) -> None:
    owed = here.on(TODAY).penalty
    assert offered(here, {Category.PENALTY: owed // 2}, actor=COLLECTOR).state == "approved"
    beyond = offered(here, {Category.PENALTY: owed}, actor=COLLECTOR)  # the whole share
    assert beyond.state == "asked"
    with pytest.raises(NotAWaiver):
        notified(here, beyond)
    approved(here, beyond)
    assert notified(here, beyond).state == "fulfilled"
    assert offered(here, {Category.PRINCIPAL: 1}).state == "asked"  # principal always takes two
    with pytest.raises(approval.MayNotAsk):
        offered(here, {Category.PRINCIPAL: 1}, actor=Actor(Role.AGENCY, "x"))


def test_a_condition_that_is_met_counts_and_one_that_is_not_lapses(here: Desk) -> None:
    by = TODAY + timedelta(days=10)
    met = offered(here, {Category.PENALTY: 100}, pay=50_000, pay_by=by)
    missed = offered(here, {Category.PENALTY: 100}, pay=60_000, pay_by=by)
    for one in (met, missed):
        notified(here, one)
    assert reviewed(here, NOW) == []
    here.pay(50_000, TODAY + timedelta(days=9))
    assert reviewed(here, NOW + timedelta(days=9, hours=2)) == [(met.waiver_id, "fulfilled")]
    assert reviewed(here, NOW + timedelta(days=10, hours=2)) == []
    assert reviewed(here, NOW + timedelta(days=11)) == [(missed.waiver_id, "lapsed")]


def test_a_settlement_leaves_nothing_owed(here: Desk) -> None:
    by = TODAY + timedelta(days=20)
    whole = here.on(TODAY).settle
    with here.database.transaction("demo") as tx:
        made = waivers.offer_settlement(
            tx, here.store, vault=VAULT, case_id=here.case, loan_key=L1, pay=whole // 2, pay_by=by, actor=BOSS,
            now=NOW, reason="lump sum of the family",
        )  # fmt: skip
        assert sum(made.given.values()) == whole - whole // 2
        with pytest.raises(NotAWaiver):
            waivers.offer_settlement(
                tx, here.store, vault=VAULT, case_id=here.case, loan_key=L1, pay=whole, pay_by=by, actor=BOSS, now=NOW,
                reason="x",
            )  # fmt: skip
    approved(here, made)
    notified(here, made)
    here.pay(whole // 2, by)
    at = NOW + timedelta(days=20, hours=3)
    assert reviewed(here, at) == [(made.waiver_id, "fulfilled")]
    end = here.on(by, at)
    assert (end.status, end.settle) == (Status.SETTLED, 0)
    assert here.on(by + timedelta(days=400), at).settle == 0


def pays(tx: Tx, here: Desk, _read: Read, _owed: Owed, chance: Random, day: date, at: datetime) -> None:
    ledger.enter(
        tx, here.store, vault=VAULT, loan_key=L1, kind=Kind.PAYMENT, effective=day, source="test",
        amount=chance.randint(1, 150_000), actor=BOSS, now=at,
    )  # fmt: skip


def takes_back(tx: Tx, here: Desk, read: Read, _owed: Owed, chance: Random, _day: date, at: datetime) -> None:
    stands = timeline(read.loan.events, known=read.known, mode=read.loan.terms.reversal)
    paid = [one.ref for one in stands if one.kind in MONEY_IN]
    if paid:
        ledger.take_back(
            tx, here.store, vault=VAULT, loan_key=L1, target=chance.choice(paid), source="bounced", actor=BOSS, now=at
        )  # fmt: skip


def waives(tx: Tx, here: Desk, _read: Read, owed: Owed, chance: Random, _day: date, at: datetime) -> None:
    category = chance.choice([one for one in Category if owed[one]] or [Category.PENALTY])
    if not owed[category]:
        return
    made = waivers.offer_waiver(
        tx, here.store, vault=VAULT, case_id=here.case, loan_key=L1, reason="x", actor=BOSS, now=at,
        give={category: chance.randint(1, min(owed[category], 20_000))},
    )  # fmt: skip
    agreed(tx, here, made, at)


def agreed(tx: Tx, here: Desk, made: Waiver, at: datetime) -> None:
    if made.approval_id is not None:
        approval.approve(
            tx, kinds=KINDS, vault=VAULT, approval_id=made.approval_id, reason="yes", actor=CHIEF, now=at
        )  # fmt: skip
    waivers.notify_waiver(tx, here.store, vault=VAULT, waiver_id=made.waiver_id, actor=BOSS, now=at)


def plans_anew(tx: Tx, here: Desk, _read: Read, _owed: Owed, chance: Random, _day: date, at: datetime) -> None:
    try:
        plan = plans.offer_plan(
            tx, here.store, vault=VAULT, case_id=here.case, loan_key=L1, kind=chance.choice(list(OptionKind)),
            months=chance.choice((3, 6, 12)), reason="x", actor=BOSS, now=at,
        )  # fmt: skip
    except (NotAPlan, NotLawful):
        return
    if plan.approval_id is not None:
        approval.approve(
            tx, kinds=KINDS, vault=VAULT, approval_id=plan.approval_id, reason="yes", actor=CHIEF, now=at
        )  # fmt: skip
    plans.sign_plan(
        tx, here.store, vault=VAULT, plan_id=plan.plan_id, signed_by=plan.person_id, proof="test", actor=BOSS, now=at
    )


def settles(  # noqa: PLR0917 - as the other acts of the year
    tx: Tx, here: Desk, read: Read, _owed: Owed, chance: Random, day: date, at: datetime
) -> None:  # fmt: skip
    whole = read.on(day).settle
    if chance.random() < 0.3 and whole > 100:
        made = waivers.offer_settlement(
            tx, here.store, vault=VAULT, case_id=here.case, loan_key=L1, pay=whole // 2,
            pay_by=day + timedelta(days=30), actor=BOSS, now=at, reason="x",
        )  # fmt: skip
        agreed(tx, here, made, at)
        ledger.enter(
            tx, here.store, vault=VAULT, loan_key=L1, kind=Kind.PAYMENT, effective=day, source="test",
            amount=whole // 2, actor=BOSS, now=at,
        )  # fmt: skip
    waivers.review_waivers(tx, here.store, vault=VAULT, actor=BOSS, now=at)
    plans.review_plans(tx, here.store, vault=VAULT, actor=BOSS, now=at)


@pytest.mark.parametrize("seed", range(4))
def test_a_year_of_plans_waivers_reversals_and_settlements_conserves_money(here: Desk, seed: int) -> None:
    """Whatever is agreed in a year: the lines add up, every unit received is applied or held, all waived was owed."""
    chance, day = Random(seed), TODAY
    while day < TODAY + timedelta(days=365):
        day += timedelta(days=chance.randint(9, 40))
        at = datetime.combine(day, NOW.timetz())
        with here.database.transaction("demo") as tx:
            read = ledger.read_loan(tx, here.store, loan_key=L1, now=at)
            owed = waivers.owed(read, day)
            act = chance.choice((pays, pays, takes_back, waives, waives, plans_anew, settles))
            act(tx, here, read, owed, chance, day, at)
        if chance.random() < 0.2:
            ledger.take_up_first(here.database, here.store, "demo", vault=VAULT, actor=BOSS, now=at)
        with here.database.transaction("demo") as tx:
            read = ledger.read_loan(tx, here.store, loan_key=L1, now=at)
        found, trace = explained(read.loan, day, known=read.known)
        totals = trace.totals()
        assert all(totals[account] == getattr(found, account.value) for account in Account)
        stands = timeline(read.loan.events, known=read.known, mode=read.loan.terms.reversal)
        assert found.paid_total == sum(one.amount for one in stands if one.kind in MONEY_IN and one.effective <= day)
        moved = [
            (line.what, minor) for line in trace.lines for account, minor in line.moves if account != Account.CREDIT
        ]
        taken = -sum(minor for what, minor in moved if what in {"applied", "cuts_principal"})
        assert taken == found.paid_total - found.credit
        waived = -sum(minor for what, minor in moved if what == "waived")
        assert waived == sum(one.amount for one in stands if one.kind is Kind.WAIVER and one.effective <= day)
    assert day > date(2027, 1, 1)
