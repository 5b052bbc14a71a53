"""Audits on screen: drawn, answered item by item, found, closed, reported; findings for whoever answers for them."""

from __future__ import annotations

import os
import re
from datetime import date, timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from duecourse.casework import authenticator, password
from duecourse.casework.actor import Role
from duecourse.casework.audits import drawing
from duecourse.casework.sign_in import owner
from duecourse.casework.token import create_token
from duecourse.client import Client
from duecourse.storage import audits, users
from duecourse.storage.tokens import Scope
from tests.audit_desk import LATER, OTHER, PLAN, work
from tests.permit_desk import MORNING
from tests.web.reader import WORD, Ground, Reader

DAYS = {"from": "2026-03-02", "to": "2026-03-02"}


@pytest.fixture
def desk(ground: Ground) -> Ground:
    """The pages over a desk with calls, reveals and a hold of the second of March; it is two days later."""
    work(ground.database, ground.vault, 5)
    ground.clock.at = LATER + timedelta(minutes=1)
    with ground.database.transaction("demo") as tx:
        drawing.keep_plan(tx, vault=ground.vault, content=PLAN, file="plan.yaml", actor=OTHER, now=LATER)
    return ground


def drawn(reader: Reader, **more: str) -> str:
    """Draw, and give the address of the audit."""
    answer = reader.post("/audits", "/audits", plan="test.calls", **DAYS, **more)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def answer_all(reader: Reader, place: str, *, no: tuple[int, str]) -> int:
    """Answer every question that the pages offer, one after the other; how many."""
    page = reader.get(place)
    found = re.search(r'class="button primary" href="([^"]+/items/\d+)"', page.text)
    count = 0
    while found:
        at = found.group(1)
        page = reader.get(at)
        question = re.search(r'class="card current".*?name="question" value="(\w+)"', page.text, re.DOTALL)
        assert question, page.text
        number = int(at.rpartition("/")[2])
        said = "no" if (number, question.group(1)) == no else "yes"
        answer = reader.post(f"{at}/answers", at, question=question.group(1), said=said, note="seen")
        assert answer.status_code == 303, answer.text
        count += 1
        found = re.match(r"(/audits/\d+/items/\d+)", answer.headers["location"])
    return count


def test_an_audit_from_draw_to_report(desk: Ground) -> None:
    reader = desk.reader(Role.AUDITOR)
    assert "No audit yet" in reader.get("/audits").text
    place = drawn(reader)
    number = int(place.rpartition("/")[2])
    with desk.database.transaction("demo") as tx:
        items, plan = audits.items(tx, number), drawing.plan_of(tx, audits.get(tx, number))
    assert answer_all(reader, place, no=(1, "identity")) == sum(len(plan.sample(one.sample).questions) for one in items)
    page = reader.get(place).text
    assert "in none yet: items 1" in page
    assert "Close the audit" not in page
    assert reader.post(f"{place}/closing", place).status_code == 422

    desk.user("su2", Role.SUPERVISOR)
    assert "<option>su2</option>" in reader.get(place).text
    form = {"severity": "high", "owner": "su2", "due": "2026-04-01", "rule": "cn.identity.stated"}
    wrong = reader.post(f"{place}/findings", place, text="names were not said", items="one", **form)
    assert (wrong.status_code, "whole numbers" in wrong.text) == (422, True)
    found = reader.post(f"{place}/findings", place, text="names were not said", items="1", **form)
    assert found.status_code == 303, found.text
    assert "names were not said" in reader.get(place).text
    assert "Close the audit" in reader.get(place).text
    closed = reader.post(f"{place}/closing", place)
    assert closed.headers["location"] == f"{place}/report"
    report = reader.get(f"{place}/report").text
    assert "Did the caller say who speaks?" in report
    assert "beyond the tolerable rate" in report
    assert "names were not said" in report
    table = reader.get(f"{place}/report.csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.startswith("sample,question,part,")
    paper = reader.get(f"{place}/report.pdf")
    words = "".join(page.extract_text() for page in PdfReader(BytesIO(paper.content)).pages)
    assert "Calls looked at" in words
    again = reader.get(f"{place}/replay").text
    assert "The same population and seed give the same sample." in again


def test_notes_are_opened_on_record(desk: Ground) -> None:
    reader = desk.reader(Role.AUDITOR)
    place = drawn(reader)
    reader.post(f"{place}/items/1/answers", place, question="identity", said="no", note="a word of 张三")
    assert "a word of" not in reader.get(place).text
    assert "a word of 张三" in reader.post(f"{place}/notes", place).text
    with desk.database.transaction("demo") as tx:
        held = tx.value("SELECT count(*) FROM log_entry WHERE kind = 'person.reveal' AND actor = 'auditor:one-auditor'")
    assert held == 1


def test_the_same_days_need_a_reason_on_screen_too(desk: Ground) -> None:
    reader = desk.reader(Role.AUDITOR)
    drawn(reader)
    refused = reader.post("/audits", "/audits", plan="test.calls", **DAYS)
    assert refused.status_code == 422
    assert "announced before" in refused.text
    assert "a second look" in reader.get(drawn(reader, again="a second look").rpartition("/")[0]).text


def test_nobody_answers_for_his_own_act_on_screen(desk: Ground) -> None:
    reader = desk.reader(Role.COMPLIANCE)
    place = drawn(reader)
    number = int(place.rpartition("/")[2])
    with desk.database.transaction("demo") as tx:
        (hold,) = (one for one in audits.items(tx, number) if one.sample == "holds")
    with Reader(desk) as officer:
        officer.sign_in("co1", secret=reset(desk, "co1"))
        page = officer.get(f"{place}/items/{hold.item}").text
        assert "You did this, at least in part" in page
        assert 'name="said"' not in page
        refused = officer.post(f"{place}/items/{hold.item}/answers", place, question="proof", said="yes")
        assert refused.status_code == 422
        assert "somebody else answers for it" in refused.text


def reset(desk: Ground, name: str) -> bytes:
    """Give somebody of the desk a password and an authenticator."""
    secret = os.urandom(authenticator.SECRET_BYTES)
    with desk.database.transaction("demo") as tx:
        users.set_password(tx, name, password.hashed(WORD), must_change=False, now=MORNING)
        users.set_totp(tx, name, desk.vault.seal_secret("demo", owner(name), secret))
        users.take_step(tx, name, 0, now=MORNING)
    return secret


def test_the_owner_answers_and_an_auditor_accepts(desk: Ground) -> None:
    auditor, owner_ = desk.reader(Role.AUDITOR), desk.reader(Role.SUPERVISOR)
    place = drawn(auditor)
    form = {"severity": "low", "owner": "one-supervisor", "due": "2026-04-01", "text": "late notes", "items": ""}
    assert auditor.post(f"{place}/findings", place, **form).status_code == 303
    assert owner_.get("/audits").status_code == 403
    assert "late notes" in owner_.get("/findings").text
    assert desk.reader(Role.STRATEGIST).get("/findings/1").status_code in {403, 404, 409}
    mine = owner_.get("/findings/1").text
    assert "Say that it is done" in mine
    assert "Accept the answer" not in mine
    assert owner_.post("/findings/1/steps", "/findings/1", step="accepted", text="fine").status_code != 303
    assert owner_.post("/findings/1/steps", "/findings/1", step="answered", text="trained").status_code == 303
    theirs = auditor.get("/audits/findings/1").text
    assert "Accept the answer" in theirs
    assert "trained" in theirs
    assert auditor.post("/audits/findings/1/steps", "/audits/findings/1", step="accepted").status_code == 303
    with desk.database.transaction("demo") as tx:
        assert audits.finding(tx, 1).step == "accepted"


def test_the_pages_speak_chinese(desk: Ground) -> None:
    reader = desk.reader(Role.AUDITOR)
    place = drawn(reader)
    reader.post("/choices", "/audits", language="zh-CN", next="/audits")
    for path in ("/audits", place, f"{place}/items/1", f"{place}/report", "/audits/findings"):
        page = reader.get(path)
        assert page.status_code == 200, page.text
        text = re.sub(r"<[^>]+>", " ", page.text.partition("<main")[2].partition("</main>")[0])
        assert "审计" in text
        assert not re.search(r"\b(Items?|Findings?|Answer|Question|Owner|the)\b", text), text


def test_the_api_tells_of_audits_and_changes_none(desk: Ground) -> None:
    place = drawn(desk.reader(Role.AUDITOR))
    number = place.rpartition("/")[2]
    desk.reader(Role.AUDITOR).post(f"{place}/items/1/answers", place, question="identity", said="no", note="seen")
    with desk.database.transaction("demo") as tx:
        text = create_token(
            tx, vault=desk.vault, name="grc", scopes=[Scope.AUDIT_READ], sender_type="lender", firm=None,
            expires_at=LATER + timedelta(days=9), requests_minute_max=None, actor=OTHER, now=LATER, chance=os.urandom,
        ).text  # fmt: skip
    with Client(desk.url, text) as api:
        (listed,) = api.list_audits().audits
        assert (listed.plan, listed.says, listed.first_day) == ("test.calls", "Calls looked at", date(2026, 3, 2))
        page = api.list_audit_items(number, most=2)
        assert ([one.item for one in page.items], page.next) == ([1, 2], 2)
        assert [(one.question, one.answer) for one in page.items[0].answers] == [("identity", "no")]
        rest = api.list_audit_items(number, after=2)
        assert (rest.items[0].item, rest.next) == (3, None)
        report = api.show_audit_report(number)
        assert sum(one.no for one in report.lines) == 1
        assert report.audit.open == listed.open > 0
        assert api.replay_audit(number).same
        assert api.list_audit_findings().findings == ()
