"""What became of promises, and ways to pay otherwise, as the portal shows them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from duecourse.book.store import Store
from duecourse.casework.affordability import state_affordability
from duecourse.casework.ledger import enter
from duecourse.casework.plans import work_out
from duecourse.casework.portal.promised import Became, became
from duecourse.casework.promise_settling import settle_promises
from duecourse.casework.promises import record_promise
from duecourse.core.events import Kind
from duecourse.core.money import Money
from duecourse.storage import documents, lenders, matters, promises
from duecourse.web.csrf import FIELD
from tests.notice_desk import COLLECTOR
from tests.permit_desk import OPERATOR
from tests.portal_desk import Portal, Visitor
from tests.web.test_portal import both, served
from tests.work_desk import NOW

__all__ = ["both", "served"]


def test_a_promise_whose_day_has_passed_says_what_became_of_it(served: Portal, both: tuple[Visitor, Visitor]) -> None:
    one, visitor, now = served.people[0], both[0], served.clock()
    store = Store(served.home / "book" / "demo")
    with served.database.transaction("demo") as tx:
        lenders.set_masters(tx, {"payment": "desk"})
        number = record_promise(
            tx, vault=one.desk.vault, case_id=one.desk.case, amount=Money(900, "CNY"), actor=COLLECTOR,
            due=(now - timedelta(days=3)).date(), now=now - timedelta(days=10),
        )  # fmt: skip

    def said(paid: int) -> str:
        with served.database.transaction("demo") as tx:
            if paid:
                enter(
                    tx, store, vault=one.desk.vault, loan_key=one.desk.loans[0], kind=Kind.PAYMENT, amount=paid,
                    effective=(now - timedelta(days=4)).date(), source="test:1", actor=OPERATOR, now=now,
                )  # fmt: skip
            settle_promises(tx, store, vault=one.desk.vault, actor=OPERATOR, now=now)
        banners = re.findall(r'<div class="banner[^"]*"><p>(You promised.*?)</p>', visitor.get("/my/home").text)
        assert len(banners) == 1
        return str(banners[0])

    page = visitor.get("/my/home").text
    assert "You promised 9.00 CNY by 7 Jun 2025. That day has passed; whether the money came is being reckoned" in page
    assert said(0).endswith("By then nothing had come. What comes later pays your debt all the same.")
    assert "By then 4.00 had come." in said(400)
    assert said(500).endswith("and kept it: all of it had come on 6 Jun 2025.")
    with served.database.transaction("demo") as tx:
        promises.end(tx, case_id=one.desk.case, kind="settled", by="test", now=now)
        assert promises.get(tx, number).became == "kept"
        lenders.set_masters(tx, {})
    assert "You promised" not in visitor.get("/my/home").text


@pytest.mark.parametrize(
    ("state", "day", "is_"),
    [
        (None, 0, Became.STANDS), ("open", 0, Became.STANDS), ("kept", 5, Became.KEPT), ("kept", -5, Became.KEPT),
        ("open", -1, Became.RECKONED), (None, -1, Became.RECKONED), ("partly_kept", -1, Became.PARTLY_KEPT),
        ("broken", -1, Became.BROKEN),
    ],
)  # fmt: skip
def test_before_its_day_has_passed_a_promise_stands_or_is_kept(state: str | None, day: int, is_: Became) -> None:
    due = NOW.date()
    one = promises.Promise(
        promise_id=1, person_id=1, case_id=1, promised_by=1, contact_id=None, amount_minor=900, currency="CNY",
        made_day=due - timedelta(days=9), due_day=due, actor="collector:a0", at=NOW, ended_at=None, ended_by=None,
        end_kind=None, given=None, replaces=None, why=None, renegotiations=0, replaced_by=None, version=None,
        state=state, paid_minor=None, kept_day=None, through_day=None,
    )  # fmt: skip
    assert became(one, due - timedelta(days=day)) is is_


def test_a_few_ways_to_pay_come_first_and_all_others_are_folded(served: Portal, both: tuple[Visitor, Visitor]) -> None:
    one, visitor = served.people[0], both[0]
    folded_at = '<details class="rest">'
    loan = next(
        path for path in re.findall(r'href="(/my/loans/-?[0-9]+)/plans"', visitor.get("/my/home").text)
        if folded_at in visitor.get(f"{path}/plans").text
    )  # fmt: skip

    def ways(page: str) -> list[tuple[str, ...]]:
        return re.findall(r'name="kind" value="(\w+)">.*?months" value="(\d+)">.*?deferred" value="(\d+)"', page)

    shown, _summary, folded = visitor.get(f"{loan}/plans").text.partition(folded_at)
    first, rest = ways(shown), ways(folded)
    assert 2 <= len(first) <= 4 < len(rest)
    assert not set(first) & set(rest)
    for words in ("Costs least in all", "The smallest payments", "Over soonest", "that you can sign at once"):
        assert shown.count(words) == 1, words
        assert words not in folded
    assert "left of a month" not in shown
    key = int(loan.rpartition("/")[2])
    with served.database.transaction("demo") as tx:
        worked = work_out(tx, Store(served.home / "book" / "demo"), loan_key=key, now=served.clock())
        burdens = sorted(each.option.burden for each in worked.choices if each.option.lawful)
    assert len(first) + len(rest) == len(burdens)

    def state(left: int) -> str:
        with served.database.transaction("demo") as tx:
            state_affordability(
                tx, vault=one.desk.vault, case_id=one.desk.case, income={"wages": left + 100},
                outgoings={"food": 100}, proof="stated", actor=COLLECTOR, now=served.clock(),
            )  # fmt: skip
        return visitor.get(f"{loan}/plans").text.partition(folded_at)[0]

    assert "None of these fits what you said is left of a month" in state(burdens[0] - 1)
    fits = state(burdens[len(burdens) // 2])
    assert ways(fits)[0] == ways(fits.partition("Fits what you said is left of a month")[0])[-1]
    assert "None of these fits" not in fits


def test_a_document_is_sent_with_a_hardship_and_lies_sealed_with_its_matter(
    served: Portal, both: tuple[Visitor, Visitor]
) -> None:
    one, visitor = served.people[0], both[0]
    page = visitor.get("/my/write/hardship").text
    assert 'enctype="multipart/form-data"' in page
    assert "identity" not in re.findall(r'<option value="(\w+)"', page)
    assert 'type="file"' not in visitor.get("/my/write/question").text

    def send(matter: str, paper: str, content: bytes, key: str) -> int:
        fields = {FIELD: visitor.token("/my/home"), "text": "我住院了", "key": key, "about": "", "paper": paper}
        file = {"file": ("letter.pdf", content, "application/pdf")}
        return visitor.client.post(f"/my/write/{matter}", data=fields, files=file).status_code

    assert send("hardship", "medical", b"%PDF-1.7 ill", "a") == 303
    assert send("hardship", "medical", b"%PDF-1.7 ill", "a") == 303, "the same form again is one"
    assert send("hardship", "identity", b"%PDF-1.7 id", "b") == 422
    assert send("question", "medical", b"%PDF-1.7 ill", "c") == 422
    with served.database.transaction("demo") as tx:
        (made,) = matters.listed(tx, case_id=one.desk.case)
        (kept,) = documents.of_matter(tx, made.matter_id)
        assert (made.kind, kept.kind, kept.media_type) == ("hardship", "medical", "application/pdf")
        assert kept.actor.startswith("borrower:")
        assert tx.value("SELECT count(*) FROM document") == 1
