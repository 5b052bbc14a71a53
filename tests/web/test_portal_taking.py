"""What a borrower takes with him: the statement of a loan, the signed plan, the certificate that it is paid in full."""

from __future__ import annotations

import io
import json
import re
from functools import partial
from hashlib import sha256
from typing import Any

import pytest
from pypdf import PdfReader

from duecourse import app
from duecourse.app import sequencer_of
from duecourse.book.store import Store
from duecourse.casework.certificates import review_certificates
from duecourse.casework.ledger import Read, enter, read_loan, take_back, today_of
from duecourse.casework.plan_signing import SIGNED, signatures_fit
from duecourse.casework.portal import own
from duecourse.casework.portal.certificate import certify
from duecourse.casework.portal.own import NoSuchOwnThing
from duecourse.casework.verify_notice import verify_notice
from duecourse.core.contract import Method
from duecourse.core.delinquency import explained
from duecourse.core.events import Kind
from duecourse.core.money import plain
from duecourse.evidence.record import read
from duecourse.storage import log, notices, plans
from duecourse.storage.vault.signing import verifies
from tests.permit_desk import OPERATOR
from tests.portal_desk import Portal, Somebody, Visitor, chance, offered
from tests.web.test_portal import both, served

__all__ = ["both", "served"]


def pdf(content: bytes) -> PdfReader:
    assert content.startswith(b"%PDF")
    return PdfReader(io.BytesIO(content))


def words(found: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in found.pages).split())


def store(portal: Portal) -> Store:
    return Store(portal.home / "book" / "demo")


def loan(portal: Portal, key: int) -> tuple[Read, Any, Any]:
    """A loan as it stands, with its figures and the lines that they come from."""
    with portal.database.transaction("demo") as tx:
        found = read_loan(tx, store(portal), loan_key=key, now=portal.clock())
        day = today_of(tx, portal.clock())
    return found, *explained(found.loan, day, known=found.known)


def taken(portal: Portal, one: Somebody) -> list[dict[str, Any]]:
    """What the records of papers that he took state, the latest first."""
    with portal.database.transaction("demo") as tx:
        found = [each for each in log.of_person(tx, one.desk.person, 500) if each.kind == "portal.taken"]
    return [read(each.content)["stated"] for each in found]  # type: ignore[misc]


def loans(visitor: Visitor) -> list[int]:
    return [int(one) for one in re.findall(r'href="/my/loans/(-?[0-9]+)"', visitor.get("/my/home").text)]


def test_a_statement_says_what_the_loan_is_and_adds_up_to_the_cent(
    served: Portal, both: tuple[Visitor, Visitor]
) -> None:
    one, visitor = served.people[0], both[0]
    assert len(loans(visitor)) > 1
    for key in loans(visitor):
        answer = visitor.get(f"/my/loans/{key}/statement")
        found, figures, trace = loan(served, key)
        made, currency = pdf(answer.content), found.held.currency
        said = words(made)
        for part in (
            "Statement of your loan",
            "张三",
            found.loan.ref,
            plain(figures.due, currency),
            "Sums of the lines",
        ):
            assert part in said, part
        (attached,) = made.attachments["statement.json"]
        plainly = json.loads(attached)
        assert (plainly["due"], plainly["settle"]) == (figures.due, figures.settle)
        assert len(plainly["lines"]) == len(trace.lines)
        sums: dict[str, int] = {}
        for line in plainly["lines"]:
            for account, minor in line["moves"].items():
                sums[account] = sums.get(account, 0) + minor
        assert {name: minor for name, minor in sums.items() if minor} == {
            name: minor for name, minor in plainly["totals"].items() if minor
        }  # fmt: skip
        assert sums.get("principal", 0) == figures.principal
        last = taken(served, one)[0]
        assert (last["paper"], last["loan"], last["sha256"]) == (
            "statement", str(key), sha256(answer.content).hexdigest(),
        )  # fmt: skip
    visitor.client.cookies.set("language", "zh-CN")
    said = words(pdf(visitor.get(f"/my/loans/{key}/statement").content))
    visitor.client.cookies.delete("language")
    assert "借款对账单" in said
    assert not re.search(r"[a-z]{4,}", said.replace("statement.json", "").replace(found.loan.ref, ""))


def test_the_signed_plan_is_a_paper_whose_signatures_fit(served: Portal, both: tuple[Visitor, Visitor]) -> None:
    one, visitor = served.people[1], both[1]
    address = offered(visitor)
    assert visitor.get(f"{address}/paper").status_code == 404  # nobody signed it
    assert visitor.post(f"{address}/sign", address).status_code == 303
    assert f"{address}/paper" in visitor.get(address).text
    answer = visitor.get(f"{address}/paper")
    made = pdf(answer.content)
    with served.database.transaction("demo") as tx:
        kept = plans.get(tx, int(address.rpartition("/")[2]))
    assert signatures_fit(one.desk.vault, "demo", kept)
    content = json.loads(kept.content)
    said = words(made)
    for day, minor in content["payments"]:
        assert day in said
        assert plain(minor, content["currency"]) in said
    assert plain(content["total"], content["currency"]) in said
    (attached,) = made.attachments["plan.json"]
    plainly = json.loads(attached)
    signed = SIGNED + plainly["content"].encode()
    assert verifies(bytes.fromhex(plainly["borrower_key"]), bytes.fromhex(plainly["borrower_signature"]), signed)
    assert taken(served, one)[0] == {
        "paper": "plan", "plan": str(kept.plan_id), "content": kept.content_hash.hex(),
        "sha256": sha256(answer.content).hexdigest(),
    }  # fmt: skip
    assert both[0].get(f"{address}/paper").status_code == 404
    visitor.client.cookies.set("language", "zh-CN")
    assert "凭通知上的代码和经" in words(pdf(visitor.get(f"{address}/paper").content)).replace(" ", "")
    visitor.client.cookies.delete("language")


def test_a_certificate_is_issued_by_the_lenders_text_once_the_loan_is_paid(
    served: Portal, both: tuple[Visitor, Visitor]
) -> None:
    one, visitor, key = next(
        (somebody, reader, each)
        for somebody, reader in zip(served.people, both, strict=True)
        for each in loans(reader)
        if (found := loan(served, each))[0].loan.terms.method is not Method.CARD and found[1].settle > 0
    )  # a card that is paid stays open
    place = f"/my/loans/{key}"
    assert "/certificate" not in visitor.get(place).text
    one.desk.approve("paid_in_full")
    refused = visitor.post(f"{place}/certificate", place)
    assert refused.status_code == 422
    assert "not paid in full" in refused.text
    with served.database.transaction("demo") as tx:
        paid = enter(
            tx, store(served), vault=one.desk.vault, loan_key=key, kind=Kind.PREPAYMENT, parts=(0,),
            amount=loan(served, key)[1].settle, effective=today_of(tx, served.clock()), source="test:2",
            actor=OPERATOR, now=served.clock(),
        )  # fmt: skip
    assert "Paid in full. Nothing is owed" in visitor.get("/my/home").text
    assert f"{place}/certificate" in visitor.get(place).text
    for _twice in range(2):
        assert visitor.post(f"{place}/certificate", place).status_code == 303
    with served.database.transaction("demo") as tx:
        (kept,) = [each for each in notices.of_person(tx, one.desk.person) if each.document == "paid_in_full"]
    assert (list(kept.loan_keys), kept.sender, kept.actor) == ([key], "lender", f"borrower:portal-{one.desk.person}")
    page = visitor.get(place).text
    assert f'href="/my/notices/{kept.notice_id}"' in page
    assert f"{place}/certificate" not in page
    sequencer_of(
        app.Desk(app.settings({"DUECOURSE_HOME": str(served.home)}), served.database), clock=served.clock
    ).run()
    made = pdf(visitor.get(f"/my/notices/{kept.notice_id}").content)
    assert "paid 演示消费金融 in full" in words(made)
    proof = json.loads(made.attachments["proof.json"][0])
    assert proof["record"]
    code = json.loads(proof["content"])["code"]
    genuine = verify_notice(
        served.database, vault=one.desk.vault, usual="demo", text=code, address="10.0.0.9", now=served.clock()
    )  # fmt: skip
    assert genuine is not None
    assert genuine.notice_id == kept.notice_id
    with served.database.transaction("demo") as tx:
        review = partial(review_certificates, tx, store(served), vault=one.desk.vault, actor=OPERATOR)
        assert review(now=served.clock()) == []
        take_back(
            tx, store(served), vault=one.desk.vault, loan_key=key, target=paid.event.ref, source="test:3",
            actor=OPERATOR, now=served.clock(),
        )  # fmt: skip
        assert review(now=served.clock()) == [kept.notice_id]
        assert review(now=served.clock()) == []
        assert notices.get(tx, kept.notice_id).ended_as == "withdrawn"
    assert visitor.post(f"{place}/certificate", place).status_code == 422
    another = next(reader for reader in both if reader is not visitor)
    assert another.post(f"{place}/certificate", "/my/home").status_code == 404


def test_who_answers_for_anothers_debt_is_certified_nothing(served: Portal, both: tuple[Visitor, Visitor]) -> None:
    assert both
    one, other = served.people
    mine = own.Own((one.desk.person,), (other.desk.person,), ((other.desk.loans[0], "guarantor"),), None)
    with pytest.raises(NoSuchOwnThing), served.database.transaction("demo") as tx:
        certify(
            tx, store(served), vault=one.desk.vault, mine=mine, person_id=one.desk.person, key=other.desk.loans[0],
            lang="en", public_url="https://lender.example", day=today_of(tx, served.clock()), now=served.clock(),
            chance=chance,
        )  # fmt: skip
