"""Retention on screen: who is kept until when, a legal hold placed and its release asked, a destruction refused."""

from __future__ import annotations

import os
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from duecourse.book.store import Store
from duecourse.casework import destruction
from duecourse.casework.actor import Role
from duecourse.casework.token import create_token
from duecourse.client import Client, NotFound
from duecourse.storage import approvals, retention
from duecourse.storage.tokens import Scope
from tests.desk import person
from tests.permit_desk import OPERATOR
from tests.web.reader import Ground


def test_compliance_places_a_hold_and_asks_for_its_release(ground: Ground) -> None:
    reader = ground.reader(Role.COMPLIANCE)
    page = reader.get("/retention")
    assert page.status_code == 200, page.text
    with ground.database.transaction("demo") as tx:
        someone = retention.candidates(tx, after=-1, most=1)[0]
    assert str(someone) in page.text
    wrong = reader.post("/retention/holds", "/retention", person=str(someone), matter=" ", reason="r")
    assert (wrong.status_code, "legal hold" in wrong.text or "依法留存" in wrong.text) == (422, True)
    placed = reader.post("/retention/holds", "/retention", person=str(someone), matter="(2026) 12", reason="suit")
    assert placed.status_code in {302, 303}, placed.text
    with ground.database.transaction("demo") as tx:
        number = retention.holds(tx)[0].legal_hold_id
    reader.post(f"/retention/holds/{number}/release", "/retention", reason="over")
    with ground.database.transaction("demo") as tx:
        assert any(one.subject == f"legal_hold/{number}" for one in approvals.pending(tx))
        assert retention.legal_hold(tx, number).released_at is None
    refused = reader.post("/retention/destructions", "/retention", person=str(someone), reason="r")
    assert refused.status_code == 422


def test_the_schedule_is_narrowed_to_a_phase(ground: Ground) -> None:
    reader = ground.reader(Role.COMPLIANCE)
    with ground.database.transaction("demo") as tx:
        first, second = retention.candidates(tx, after=-1, most=2)
    reader.post("/retention/holds", "/retention", person=str(second), matter="(2026) 13", reason="suit")
    held = reader.get("/retention?phase=held").text
    assert (f'<span class="muted">{second}</span>' in held, f'<span class="muted">{first}</span>' in held) == (
        True,
        False,
    )
    assert f'<span class="muted">{first}</span>' in reader.get("/retention?phase=nonsense").text
    assert "Nobody is in this phase" in reader.get("/retention?phase=over").text


def test_who_has_no_right_sees_nothing(ground: Ground) -> None:
    assert ground.reader(Role.COLLECTOR).get("/retention").status_code == 403
    auditor = ground.reader(Role.AUDITOR)
    assert auditor.get("/retention").status_code == 200
    assert (
        auditor.post("/retention/holds", "/retention", person=str(person(1)), matter="m", reason="r").status_code == 403
    )


def test_a_certificate_is_given_as_a_paper_on_screen_and_over_http(ground: Ground, tmp_path: Path) -> None:
    reader = ground.reader(Role.COMPLIANCE)
    now, today = ground.clock(), ground.clock().date()
    with ground.database.transaction("demo") as tx:
        number = retention.propose(tx, person_ids=[person(1)], actor="compliance:co1", now=now)
    assert "certificate.pdf" not in reader.get("/retention").text
    assert reader.get(f"/retention/destructions/{number}/certificate.pdf").status_code in {404, 422}
    with ground.database.transaction("demo") as tx:
        retention.approve(tx, number, approval_id=1, actor="compliance:co2", now=now)
        (found,) = retention.approved(tx)
        destruction.carry_out(
            tx, vault=ground.vault, store=Store(tmp_path), found=found, day=today, actor=OPERATOR, now=now
        )
        token = create_token(
            tx, vault=ground.vault, name="keeper", scopes=(Scope.RETENTION_READ,), sender_type="lender", firm=None,
            expires_at=now + timedelta(days=1), requests_minute_max=None, actor=OPERATOR, now=now, chance=os.urandom,
        )  # fmt: skip
    where = f"/retention/destructions/{number}/certificate.pdf"
    assert f'href="{where}"' in reader.get("/retention").text
    given = reader.get(where)
    assert (given.status_code, given.headers["content-type"]) == (200, "application/pdf")
    assert "Left out when it was carried out: 1." in _text(given.content)
    with Client(ground.url, token.text) as client:
        assert "执行时其中 1 人未予销毁" in _text(client.certificate_as_pdf(str(number)))
        assert client.certificate_as_pdf(str(number), lang="en") == given.content
        with pytest.raises(NotFound):
            client.certificate_as_pdf("999999")
    assert ground.reader(Role.COLLECTOR).get(where).status_code == 403


def _text(paper: bytes) -> str:
    """What stands on the pages of a PDF, lines put together."""
    return " ".join("".join(page.extract_text() for page in PdfReader(BytesIO(paper)).pages).split())
