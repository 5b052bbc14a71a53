"""Retention on screen: who is kept until when, a legal hold placed and its release asked, a destruction refused."""

from __future__ import annotations

from duecourse.casework.actor import Role
from duecourse.storage import approvals, retention
from tests.desk import person
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
