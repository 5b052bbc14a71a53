"""Ways to pay by the typed client: what systems of a lender agree, raise and give up without a screen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from duecourse import app
from duecourse.book.store import Store
from duecourse.casework import approval, ledger, plans
from duecourse.casework.actor import Actor, Role
from duecourse.casework.kinds import KINDS
from duecourse.casework.token import LENDER_ONLY, create_token
from duecourse.client import Client, Conflict, Invalid, NoScope, NotFound, OtherRequest, new_key
from duecourse.storage import cases, holds, log
from duecourse.storage.connection import Database
from duecourse.storage.tokens import Scope
from duecourse.storage.vault import Vault
from tests import desk, tapes
from tests.casework.test_plans import C1, L1, NOW, TODAY
from tests.conftest import _base
from tests.permit_desk import OPERATOR, Clock
from tests.web.conftest import _listening

BOSS = Actor(Role.SUPERVISOR, "s1")
PLANS = (Scope.CASE_READ, Scope.PLAN_OFFER, Scope.PLAN_SIGN)


@dataclass
class Office:
    """A borrower with an overdue loan, in a case, at a desk that is served; and clients of its API."""

    database: Database
    store: Store
    vault: Vault
    case: str
    url: str
    clock: Clock
    loan: str = str(L1)
    person: str = str(C1)

    def client(self, *scopes: Scope, name: str = "a017", language: str = "en") -> Client:
        """A client with a token of these scopes, named by whose it is."""
        with self.database.transaction("demo") as tx:
            token = create_token(
                tx, vault=self.vault, name=name, scopes=scopes, sender_type="lender", firm=None,
                expires_at=NOW + timedelta(days=90), requests_minute_max=None, actor=OPERATOR, now=NOW,
                chance=os.urandom,
            ).text  # fmt: skip
        return Client(self.url, token, timeout_s=120, language=language)

    def decide(self, request: str | None, by: Actor = BOSS) -> None:
        """Approve what was asked, as somebody who is signed in does."""
        assert request is not None
        with self.database.transaction("demo") as tx:
            approval.approve(
                tx, kinds=KINDS, vault=self.vault, approval_id=int(request), reason="yes", actor=by,
                now=self.clock(),
            )  # fmt: skip

    def settle(self) -> int:
        """What would settle everything today."""
        with self.database.transaction("demo") as tx:
            read = ledger.read_loan(tx, self.store, loan_key=L1, now=self.clock())
            return read.on(ledger.today_of(tx, self.clock())).settle

    def recorded(self) -> list[str]:
        """The kinds of all records of the borrower."""
        with self.database.transaction("demo") as tx:
            return [entry.kind for entry in log.of_person(tx, C1)]


@pytest.fixture
def office(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    where = app.settings({"DUECOURSE_HOME": str(home)})
    vault, store = app.vault_of(where), app.store_of(where)
    monkeypatch.setattr(tapes, "VAULT", vault)
    desk.enter(database)
    tapes.bring(database, store, tapes.order(tapes.tape(home / "t", loans=tapes.LOANS, payments=tapes.PAYMENTS)))
    with database.transaction("demo") as tx:
        cases.open_many(tx, pl.Series([C1]), day=TODAY, by="test")
        cases.set_loans(tx, pl.DataFrame({"person_id": [C1], "loan_key": [L1]}), day=TODAY)
        case = cases.of_person(tx, C1)[0].case_id
    clock = Clock(NOW)
    with _listening(app.web(app.Desk(where, database), clock=clock)) as url:
        yield Office(database, store, vault, str(case), url, clock)


def test_every_way_to_pay_is_compared_and_what_is_drafted_is_the_same(office: Office) -> None:
    with office.client(*PLANS) as client:
        (ways,) = client.compare_plans(office.case, months=[6, 12, 72]).loans
        assert (ways.loan, ways.settle_minor) == (office.loan, office.settle())
        lawful = [one for one in ways.options if one.lawful]
        assert all(one.end > ways.day for one in lawful)
        assert all(one.total_minor > 0 for one in ways.options)
        refused = {rule.rule for one in ways.options for rule in one.against}
        assert {"house.plan.months", "cn.plan.extension", "house.plan.re_age"} <= refused
        draft = client.draft_plan(office.case, loan=office.loan, kind="instalments", months=6)
        like = next(one for one in lawful if (one.kind, one.months) == ("instalments", 6))
        assert (draft.total_minor, draft.end, draft.alone) == (like.total_minor, like.end, True)
        assert sum(one.minor for one in (*draft.payments, *draft.after)) == draft.total_minor
        assert client.list_plans().plans == ()


def test_a_plan_is_offered_once_signed_by_the_device_and_followed_until_it_breaks(office: Office) -> None:
    with office.client(*PLANS) as client:
        draft = client.draft_plan(office.case, loan=office.loan, kind="instalments", months=6)
        assert client.list_plans(case=office.case).plans == ()
        key = new_key()
        offered = client.offer_plan(office.case, loan=office.loan, kind="instalments", months=6, key=key)
        assert client.offer_plan(office.case, loan=office.loan, kind="instalments", months=6, key=key) == offered
        assert (offered.state, offered.total_minor, offered.request) == ("offered", draft.total_minor, None)
        with pytest.raises(OtherRequest):
            client.offer_plan(office.case, loan=office.loan, kind="instalments", months=7, key=key)
        whole = client.show_plan(offered.plan)
        assert whole.payments == draft.payments
        assert (whole.signatures, whole.standing) == (None, None)
        own = Ed25519PrivateKey.generate()
        mine: dict[str, Any] = {
            "person": office.person, "proof": "one-time code to the phone",
            "public_key": own.public_key().public_bytes_raw().hex(),
            "signature": own.sign(bytes.fromhex(whole.to_sign)).hex(),
        }  # fmt: skip
        with pytest.raises(Conflict):
            client.sign_plan(offered.plan, **(mine | {"signature": "0" * 128}))
        with pytest.raises(Conflict):
            client.sign_plan(offered.plan, **(mine | {"person": "1"}))
        key = new_key()
        signed = client.sign_plan(offered.plan, **mine, key=key)
        assert client.sign_plan(offered.plan, **mine, key=key) == signed
        assert signed.state == "signed"
        whole = client.show_plan(offered.plan)
        assert whole.signatures is not None
        assert whole.standing is not None
        assert (whole.signatures.made, whole.signatures.fit) == ("device", True)
        assert (whole.standing.asked_minor, whole.standing.paid_minor, whole.standing.days_late) == (0, 0, 0)
        with pytest.raises(Invalid):
            client.withdraw_plan(offered.plan)
        assert [one.plan for one in client.list_plans(state="signed", loan=office.loan).plans] == [offered.plan]
    office.clock.at = NOW + timedelta(days=60)
    with office.database.transaction("demo") as tx:
        plans.review_plans(tx, office.store, vault=office.vault, actor=BOSS, now=office.clock())
    with office.client(Scope.CASE_READ) as reader:
        late = reader.show_plan(offered.plan)
    assert late.plan.state == "broken"
    assert late.standing is not None
    assert late.standing.asked_minor > late.standing.paid_minor == 0
    found = office.recorded()
    assert {"plan.offered", "plan.signed", "plan.broken"} <= set(found)
    assert found.count("plan.offered") == 1


def test_beyond_a_collectors_a_plan_waits_for_somebody_else(office: Office) -> None:
    wanted: dict[str, Any] = {"loan": office.loan, "kind": "interest_stop", "months": 12}
    with office.client(*PLANS, Scope.APPROVAL_READ, name="s1") as client:
        assert client.draft_plan(office.case, **wanted).alone is False
        with pytest.raises(Invalid, match="say why"):
            client.offer_plan(office.case, **wanted)
        made = client.offer_plan(office.case, **wanted, reason="lost his work")
        assert made.state == "asked"
        assert made.request is not None
        assert client.show_approval(made.request).asked["plan"] == int(made.plan)
        with pytest.raises(approval.SameEyes):
            office.decide(made.request, Actor(Role.SUPERVISOR, "s1"))
        office.decide(made.request, Actor(Role.SUPERVISOR, "s2"))
        assert client.show_plan(made.plan).plan.state == "offered"
        assert client.withdraw_plan(made.plan).state == "withdrawn"
        for months in (3, 4, 5):
            client.offer_plan(office.case, loan=office.loan, kind="instalments", months=months)
        found = [one.months for page in client.pages(client.list_plans, most=2) for one in page.plans]
        assert found == [5, 4, 3, 12]


def test_what_cannot_be_is_said_and_nothing_is_kept(office: Office) -> None:
    wanted: dict[str, Any] = {"loan": office.loan, "kind": "instalments", "months": 6}
    with office.client(*PLANS) as client:
        with pytest.raises(Conflict, match=r"cn\.plan\.extension"):
            client.offer_plan(office.case, loan=office.loan, kind="extension", months=1)
        with pytest.raises(Invalid, match="is not in the open case"):
            client.offer_plan(office.case, **(wanted | {"loan": "5"}))
        with pytest.raises(Invalid, match="is not in the open case"):
            client.compare_plans(office.case, loan="5")
        with pytest.raises(Invalid, match="three months"):
            client.compare_plans(office.case, first=TODAY + timedelta(days=100))
        with pytest.raises(Invalid):
            client.offer_plan(office.case, **(wanted | {"months": 601}))
        with pytest.raises(NotFound):
            client.offer_plan("9", **wanted)
        assert client.list_plans().plans == ()
        number = client.offer_plan(office.case, **wanted).plan
    with office.client(Scope.CASE_READ) as reader:
        assert len(reader.list_plans().plans) == 1
        for refused in (
            lambda: reader.offer_plan(office.case, **wanted),
            lambda: reader.draft_plan(office.case, **wanted),
            lambda: reader.withdraw_plan(number),
            lambda: reader.sign_plan(number, person=office.person, proof="x", public_key="0" * 64, signature="0" * 128),
        ):
            with pytest.raises(NoScope):
                refused()
    with office.client(Scope.PLAN_OFFER) as offerer, pytest.raises(NoScope):
        offerer.list_plans()
    assert set(PLANS) <= LENDER_ONLY


def test_a_matter_stops_contact_has_its_clock_and_is_answered_once(office: Office) -> None:
    raised: dict[str, Any] = {
        "kind": "dispute",
        "category": "paid",
        "words": "I paid that in March",
        "loan": office.loan,
    }
    with office.client(Scope.CASE_READ, Scope.MATTER_OPEN, Scope.MATTER_ANSWER, Scope.HOLD_PLACE) as client:
        key = new_key()
        made = client.open_matter(office.case, **raised, key=key)
        assert client.open_matter(office.case, **raised, key=key) == made
        assert (made.kind, made.loan, made.late, made.ended_at) == ("dispute", office.loan, False, None)
        assert made.hold is not None
        with office.database.transaction("demo") as tx:
            (hold,) = holds.of_person(tx, C1)
        assert (str(hold.hold_id), hold.kind, hold.to_at) == (made.hold, "dispute", None)
        help_, other = (
            client.open_matter(
                office.case, kind="hardship", category="illness", words="in hospital", review_days=days
            )
            for days in (60, 30)
        )  # fmt: skip
        up = client.open_matter(office.case, kind="complaint", category="conduct", words="He shouted")
        assert client.escalate_matter(up.matter).escalated_at is not None
        assert [one.matter for one in client.list_matters(kind="hardship").matters] == [other.matter, help_.matter]
        paged = [one for page in client.pages(client.list_matters, most=1) for one in page.matters]
        assert paged == list(client.list_matters(case=office.case).matters)
        assert len({one.matter for one in paged}) == 4
        assert [one.matter for one in client.list_matters(state="escalated").matters] == [up.matter]
        soon = client.list_matters(due_until=TODAY + timedelta(days=40), kind="hardship").matters
        assert [one.matter for one in soon] == [other.matter]
        assert client.list_matters(state="late").matters == ()
        with pytest.raises(Invalid, match="compliance answers it"):
            client.answer_matter(up.matter, answer="upheld", cause="staff")
        office.clock.forward(seconds=1)
        key = new_key()
        done = client.answer_matter(made.matter, answer="upheld", cause="data", redress_minor=500, key=key)
        assert client.answer_matter(made.matter, answer="upheld", cause="data", redress_minor=500, key=key) == done
        assert (done.ended_as, done.cause, done.redress_minor) == ("upheld", "data", 500)
        with pytest.raises(Invalid, match="not open to an answer"):
            client.answer_matter(made.matter, answer="rejected", cause="none")
        assert client.show_matter(made.matter) == done
        assert client.list_matters().matters[-1] == done
        office.clock.at = NOW + timedelta(days=31)
        assert other.matter in {one.matter for one in client.list_matters(state="late").matters}
        assert help_.matter not in {one.matter for one in client.list_matters(state="late").matters}
    with office.database.transaction("demo") as tx:
        ended = {str(one.hold_id) for one in holds.of_person(tx, C1) if one.to_at is not None}
    assert ended == {made.hold}
    found = office.recorded()
    assert (found.count("matter.opened"), found.count("matter.answered"), found.count("matter.escalated")) == (4, 1, 1)


def test_evidence_of_a_matter_is_kept_and_listed(office: Office) -> None:
    with office.client(Scope.CASE_READ, Scope.MATTER_OPEN, Scope.DOCUMENT_KEEP) as client:
        made = client.open_matter(office.case, kind="hardship", category="illness", words="ill", review_days=60)
        key = new_key()
        file = ("letter.pdf", b"%PDF-1.7 ill")
        kept = client.bring_evidence(made.matter, file=file, kind="medical", key=key)
        assert client.bring_evidence(made.matter, file=file, kind="medical", key=key) == kept
        (listed,) = client.list_evidence(made.matter).documents
        assert (listed.document, listed.kind, listed.media_type) == (kept.document, "medical", "application/pdf")
        with pytest.raises(NotFound):
            client.list_evidence("99")
        with pytest.raises(Invalid):
            client.bring_evidence(made.matter, file=("x", b""), kind="medical")


def test_what_a_token_has_no_scope_for_is_refused(office: Office) -> None:
    with office.client(Scope.CASE_READ, Scope.MATTER_OPEN) as opener:
        made = opener.open_matter(office.case, kind="dispute", category="paid", words="paid")
        with pytest.raises(NoScope):
            opener.tell_acceleration(office.case, loan=office.loan)
        with pytest.raises(NoScope):
            opener.answer_matter(made.matter, answer="over", cause="none")
        with pytest.raises(Invalid, match="known: amount"):
            opener.open_matter(office.case, kind="dispute", category="income", words="no")
        with pytest.raises(Invalid, match="hardship is looked at again"):
            opener.open_matter(office.case, kind="hardship", category="income", words="no work")
        with pytest.raises(NotFound):
            opener.open_matter("9", kind="dispute", category="paid", words="paid")
    assert {Scope.MATTER_OPEN, Scope.MATTER_ANSWER, Scope.MATTER_ACCELERATE, Scope.WAIVER_OFFER} <= LENDER_ONLY


def test_what_is_given_up_waits_for_a_second_person_and_binds_once_it_is_told(office: Office) -> None:
    before = office.settle()
    with office.client(Scope.CASE_READ, Scope.WAIVER_OFFER, Scope.APPROVAL_READ) as client:
        with pytest.raises(Invalid, match="more than is owed"):
            client.offer_waiver(office.case, loan=office.loan, give={"cost": 1}, reason="x")
        with pytest.raises(Invalid):
            client.offer_waiver(office.case, loan=office.loan, give={"everything": 1})
        with pytest.raises(Invalid, match="an amount and a day"):
            client.offer_waiver(office.case, loan=office.loan, give={"penalty": 1}, pay_minor=5)
        small = client.offer_waiver(office.case, loan=office.loan, give={"penalty": 100})
        assert (small.state, small.request, small.given) == ("approved", None, {"penalty": 100})
        key = new_key()
        asked = {"loan": office.loan, "give": {"principal": 1_000}, "reason": "ill", "key": key}
        large = client.offer_waiver(office.case, **asked)  # type: ignore[arg-type]
        assert client.offer_waiver(office.case, **asked) == large  # type: ignore[arg-type]
        assert large.state == "asked"
        assert large.request is not None
        assert client.show_approval(large.request).asked["waiver"] == int(large.waiver)
        with pytest.raises(Invalid, match="notified once"):
            client.notify_waiver(large.waiver)
        office.decide(large.request)
        assert client.show_waiver(large.waiver).state == "approved"
        assert office.settle() == before  # nothing counts before he was told
        key = new_key()
        told = client.notify_waiver(small.waiver, key=key)
        assert client.notify_waiver(small.waiver, key=key) == told
        assert (told.state, told.entered) == ("fulfilled", {"penalty": 100})
        assert office.settle() == before - 100
        with pytest.raises(Conflict, match="575"):
            client.withdraw_waiver(small.waiver)
        assert client.withdraw_waiver(large.waiver).state == "withdrawn"
        whole = client.offer_settlement(
            office.case, loan=office.loan, pay_minor=50_000, pay_by=TODAY + timedelta(days=10), reason="lost his work"
        )
        assert (whole.kind, whole.state, whole.pay_minor) == ("settlement", "asked", 50_000)
        with pytest.raises(Invalid, match="less than settles everything"):
            client.offer_settlement(
                office.case, loan=office.loan, pay_minor=office.settle(), pay_by=TODAY, reason="all"
            )
        listed = [one.waiver for page in client.pages(client.list_waivers, most=2) for one in page.waivers]
        assert listed == [whole.waiver, large.waiver, small.waiver]
        assert [one.waiver for one in client.list_waivers(state="fulfilled").waivers] == [small.waiver]
        with pytest.raises(NotFound):
            client.show_waiver("999")
    with office.client(Scope.CASE_READ) as reader, pytest.raises(NoScope):
        reader.offer_waiver(office.case, loan=office.loan, give={"penalty": 1})
    found = office.recorded()
    assert (found.count("waiver.offered"), found.count("waiver.notified")) == (3, 1)
