"""Plans: compared, offered within authority, signed by both, on the ledger to the cent, broken by their stated rule."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from duecourse.book.store import Store
from duecourse.casework import affordability, approval, ledger, plan_keeping, plan_signing, plans
from duecourse.casework.actor import Actor, Role
from duecourse.casework.affordability import NotAStatement
from duecourse.casework.approval import SameEyes
from duecourse.casework.kinds import KINDS
from duecourse.casework.plan_signing import Signature
from duecourse.casework.plans import NotLawful, NotSigned
from duecourse.core.events import Kind
from duecourse.core.ids import loan_key, person_id
from duecourse.core.plan_options import OptionKind
from duecourse.core.reading import Reading, Status
from duecourse.storage import cases, log
from duecourse.storage import plans as kept
from duecourse.storage.connection import Database
from duecourse.storage.plans import Plan
from duecourse.storage.vault.signing import Signer, verifies
from tests import desk, tapes
from tests.tapes import VAULT

COLLECTOR, BOSS = Actor(Role.COLLECTOR, "a0"), Actor(Role.SUPERVISOR, "s1")
L1, C1 = loan_key("demo", "L1"), person_id("demo", "C1")
NOW = datetime.fromisoformat("2026-05-20T02:00:00+00:00")
TODAY = date(2026, 5, 20)


@dataclass
class Desk:
    """A borrower with an overdue loan, in a case."""

    database: Database
    store: Store
    case: int = 0

    def on(self, day: date, at: datetime = NOW) -> Reading:
        with self.database.transaction("demo") as tx:
            return ledger.read_loan(tx, self.store, loan_key=L1, now=at).on(day)

    def offer(self, kind: OptionKind = OptionKind.INSTALMENTS, months: int = 6, **more: object) -> Plan:
        asked = {"actor": COLLECTOR, "now": NOW} | more
        with self.database.transaction("demo") as tx:
            return plans.offer_plan(
                tx, self.store, vault=VAULT, case_id=self.case, loan_key=L1, kind=kind, months=months,
                **asked,  # type: ignore[arg-type]
            )  # fmt: skip

    def sign(self, plan: Plan, at: datetime = NOW, signature: Signature | None = None) -> Plan:
        with self.database.transaction("demo") as tx:
            return plans.sign_plan(
                tx, self.store, vault=VAULT, plan_id=plan.plan_id, signed_by=C1, proof="one-time code to the phone",
                signature=signature, actor=COLLECTOR, now=at,
            )  # fmt: skip

    def pay(self, minor: int, day: date) -> None:
        at = datetime.combine(day, NOW.timetz()) + timedelta(hours=1)
        with self.database.transaction("demo") as tx:
            ledger.enter(
                tx, self.store, vault=VAULT, loan_key=L1, kind=Kind.PAYMENT, effective=day, source="test",
                amount=minor, actor=BOSS, now=at,
            )  # fmt: skip

    def review(self, day: date) -> list[tuple[int, str]]:
        with self.database.transaction("demo") as tx:
            at = datetime.combine(day, NOW.timetz()) + timedelta(hours=2)
            return plans.review_plans(tx, self.store, vault=VAULT, actor=BOSS, now=at)


@pytest.fixture
def here(database: Database, tmp_path: Path) -> Desk:
    desk.enter(database)
    store = Store(tmp_path / "book")
    tapes.bring(database, store, tapes.order(tapes.tape(tmp_path / "t", loans=tapes.LOANS, payments=tapes.PAYMENTS)))
    with database.transaction("demo") as tx:
        cases.open_many(tx, pl.Series([C1]), day=date(2026, 3, 2), by="test")
        cases.set_loans(tx, pl.DataFrame({"person_id": [C1], "loan_key": [L1]}), day=date(2026, 3, 2))
        case = cases.of_person(tx, C1)[0].case_id
    return Desk(database, store, case)


def payments(plan: Plan) -> list[tuple[date, int]]:
    return [(date.fromisoformat(day), minor) for day, minor in json.loads(plan.content)["payments"]]


def test_what_is_stated_is_sealed_and_plans_are_held_against_what_is_left(here: Desk) -> None:
    with here.database.transaction("demo") as tx:
        affordability.state_affordability(
            tx, vault=VAULT, case_id=here.case, income={"wages": 400_000},
            outgoings={"housing": 150_000, "food": 100_000}, proof="stated", actor=COLLECTOR, now=NOW,
        )  # fmt: skip
        found = plans.work_out(tx, here.store, loan_key=L1, now=NOW)
        kept_one = kept.stated(tx, C1)
    assert kept_one is not None
    assert found.left == kept_one.left_minor == 150_000
    assert b"wages" not in kept_one.statement_sealed
    assert {one.affordable for one in found.choices} == {True, False}
    for one in found.choices:
        assert one.affordable == (one.option.burden <= 150_000)


@pytest.mark.parametrize(
    "said",
    [
        {"income": {"luck": 1}, "outgoings": {}}, {"income": {"wages": -1}, "outgoings": {}},
        {"income": {}, "outgoings": {}}, {"income": {"wages": 10**13}, "outgoings": {}},
    ],
)  # fmt: skip
def test_what_is_no_statement(here: Desk, said: dict[str, dict[str, int]]) -> None:
    with pytest.raises(NotAStatement), here.database.transaction("demo") as tx:
        affordability.state_affordability(
            tx, vault=VAULT, case_id=here.case, proof="stated", actor=COLLECTOR, now=NOW, **said
        )  # fmt: skip


def test_signed_by_both_it_is_on_the_ledger_to_the_cent(here: Desk) -> None:
    before = here.on(TODAY)
    assert before.dpd > 0
    own = Ed25519PrivateKey.generate()
    plan = here.offer()
    signed = here.sign(
        plan, signature=Signature(own.public_key().public_bytes_raw(), own.sign(plan_signing.to_sign(plan)))
    )  # fmt: skip
    assert plan_signing.signatures_fit(VAULT, "demo", signed)
    assert signed.borrower_key is not None
    assert signed.lender_signature is not None
    lender = Signer(VAULT).public("demo", signed.lender_key)
    assert verifies(lender, signed.lender_signature, plan_signing.to_sign(signed))
    for day, minor in payments(signed):
        assert here.on(day - timedelta(days=1), NOW).plan_dpd == 0
        here.pay(minor, day)
    said = json.loads(signed.content)
    end = payments(signed)[-1][0]
    assert here.on(end).due == 0
    assert here.on(end).penalty == 0
    for day, minor in [(date.fromisoformat(day), minor) for day, minor in said["after"]]:
        here.pay(minor, day)
    last = here.on(date(2027, 6, 1))
    assert (last.status, last.settle, last.paid_total) == (Status.SETTLED, 0, before.paid_total + said["total"])
    with here.database.transaction("demo") as tx:
        kinds = [one.kind for one in log.of_person(tx, C1)]
    assert kinds.index("plan.signed") < kinds.index("plan.offered")


def test_a_signature_that_does_not_fit_agrees_nothing(here: Desk) -> None:
    plan = here.offer()
    own = Ed25519PrivateKey.generate()
    wrong = [
        Signature(own.public_key().public_bytes_raw(), own.sign(plan.content)),
        Signature(Ed25519PrivateKey.generate().public_key().public_bytes_raw(), own.sign(plan_signing.to_sign(plan))),
        Signature(b"short", b"short"),
    ]
    for one in wrong:
        with pytest.raises(NotSigned):
            here.sign(plan, signature=one)
    with pytest.raises(NotSigned), here.database.transaction("demo") as tx:  # a person who owes nothing here
        plans.sign_plan(
            tx, here.store, vault=VAULT, plan_id=plan.plan_id, signed_by=person_id("demo", "C2"), proof="x",
            actor=COLLECTOR, now=NOW,
        )  # fmt: skip
    assert here.on(TODAY).plan_dpd == here.on(TODAY).dpd


def test_an_offer_lapses_and_moves_with_the_loan(here: Desk) -> None:
    plan = here.offer()
    with pytest.raises(NotSigned, match="lapsed"):
        here.sign(plan, at=NOW + timedelta(days=7))
    here.pay(100, TODAY)
    with pytest.raises(NotSigned, match="no longer"):
        here.sign(plan, at=NOW + timedelta(days=1))


def test_what_a_role_may_not_offer_alone_takes_two_people(here: Desk) -> None:
    plan = here.offer(OptionKind.INTEREST_STOP, 24, reason="income fell by half")
    assert plan.state(NOW) == "asked"
    assert plan.approval_id is not None
    with pytest.raises(NotSigned, match="asked"):
        here.sign(plan)
    with pytest.raises(SameEyes), here.database.transaction("demo") as tx:
        approval.approve(
            tx, kinds=KINDS, vault=VAULT, approval_id=plan.approval_id, reason="", now=NOW,
            actor=Actor(Role.SUPERVISOR, "a0"),
        )  # fmt: skip
    with here.database.transaction("demo") as tx:
        approval.approve(
            tx, kinds=KINDS, vault=VAULT, approval_id=plan.approval_id, reason="agreed", actor=BOSS, now=NOW
        )  # fmt: skip
    signed = here.sign(plan)
    assert signed.restructured
    owed = here.on(TODAY).settle
    assert sum(minor for _day, minor in payments(signed)) == owed
    assert here.on(date(2027, 1, 5)).penalty >= 0


def test_what_a_rule_refuses_is_not_offered(here: Desk) -> None:
    with pytest.raises(NotLawful, match=r"cn\.plan\.extension"):
        here.offer(OptionKind.EXTENSION, 1)
    with pytest.raises(NotLawful, match=r"house\.plan\.months"):
        here.offer(OptionKind.INSTALMENTS, 61)
    with pytest.raises(NotLawful, match=r"house\.plan\.re_age"):
        here.offer(OptionKind.RE_AGE, 6)


def test_a_plan_is_broken_by_its_own_rule_and_what_stood_still_stays_forgotten(here: Desk) -> None:
    signed = here.sign(here.offer())
    first = payments(signed)[0][0]
    assert here.review(first + timedelta(days=14)) == []
    late = first + timedelta(days=15)
    before = here.on(late, datetime.combine(late, NOW.timetz()))
    assert here.review(late) == [(signed.plan_id, "broken")]
    after = here.on(late, datetime.combine(late, NOW.timetz()))
    assert after.penalty == before.penalty  # nothing is charged after the event
    assert after.plan_dpd == after.dpd > 0  # no plan counts any more
    assert here.on(late + timedelta(days=30)).penalty > after.penalty  # default interest goes on from the day
    with here.database.transaction("demo") as tx:
        assert kept.get(tx, signed.plan_id).ended_as == "broken"


def test_a_plan_partly_kept_is_renegotiated_and_one_kept_ends_as_kept(here: Desk) -> None:
    signed = here.sign(here.offer())
    day, minor = payments(signed)[0]
    here.pay(minor - 5_000, day)
    at = datetime.combine(day + timedelta(days=3), NOW.timetz())
    with here.database.transaction("demo") as tx:
        found = plan_keeping.standing(tx, here.store, signed, day=at.date(), now=at)
    assert (found.partly, found.paid, found.asked, found.days_late) == (True, minor - 5_000, minor, 3)
    again = here.sign(here.offer(months=3, now=at), at=at)
    with here.database.transaction("demo") as tx:
        assert kept.get(tx, signed.plan_id).ended_as == "replaced"
    for due, part in payments(again):
        here.pay(part, due)
    assert here.review(payments(again)[-1][0]) == [(again.plan_id, "kept")]
