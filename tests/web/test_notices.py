"""Notices on screen: written, approved, tried, issued, opened; the public page tells nothing without the code."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from uuid import uuid4

import pytest

from duecourse import app
from duecourse.casework.actor import Actor, Role
from duecourse.casework.registers import put_on_record
from duecourse.casework.staff import OfStaff
from duecourse.casework.token import create_token
from duecourse.casework.verify_notice import ADDRESS_MISSES_MAX
from duecourse.client import Client, Invalid, new_key
from duecourse.storage.connection import Database
from duecourse.storage.tokens import Scope
from tests.conftest import _base
from tests.notice_desk import URL, Desk, behind, draft, notice_desk
from tests.permit_desk import Clock
from tests.web.conftest import _listening
from tests.web.reader import Ground, Reader
from tests.work_desk import NOW

BOSS = Actor(Role.SUPERVISOR, "s1")
CODE = re.compile(r'class="code">([0-9A-Z-]{19})<')


@pytest.fixture
def office(database: Database) -> Iterator[tuple[Ground, Desk]]:
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    where = app.settings({"DUECOURSE_HOME": str(home)})
    vault, clock = app.vault_of(where), Clock(NOW)
    desk = notice_desk(database, home / "book" / "demo", vault, 60)
    with database.transaction("demo") as tx:
        for role in (Role.COLLECTOR, Role.COMPLIANCE):  # who signs a letter is in post
            put_on_record(
                tx, vault=vault, firm="", staff=f"one-{role.value}", kind=OfStaff.POST, from_day=date(2025, 1, 5),
                source="test", actor=Actor(Role.OPERATOR, "test"), now=NOW,
            )  # fmt: skip
    with _listening(app.web(app.Desk(where, database), clock=clock)) as url:
        made = Ground(database, vault, home, url, clock)
        made.readers[Role.OPERATOR] = Reader(made)  # somebody who is not signed in
        yield made, desk
        for reader in made.readers.values():
            reader.client.close()


def form(desk: Desk, **changed: str) -> dict[str, str]:
    return {
        "template": "own.dunning_letter", "person": str(desk.person), "lang": "en",
        "said-next_step": "we call you in a week", **changed,
    }  # fmt: skip


def issued(reader: Reader, desk: Desk, **changed: str) -> None:
    tried = reader.post(f"/cases/{desk.case}/notices/preview", "/account", **form(desk, **changed))
    assert tried.status_code == 200, tried.text
    assert "we call you in a week" in tried.text
    key = re.search(r'name="key" value="([0-9a-f]+)"', tried.text)
    assert key
    for _twice in range(2):
        answer = reader.post(f"/cases/{desk.case}/notices", "/account", key=key.group(1), **form(desk, **changed))
        assert answer.status_code == 303, answer.text


def test_a_notice_from_its_issue_to_the_page_that_anybody_may_ask(office: tuple[Ground, Desk]) -> None:
    ground, desk = office
    collector, nobody = ground.reader(Role.COLLECTOR), ground.readers[Role.OPERATOR]
    issued(collector, desk)
    listed = collector.get(f"/cases/{desk.case}/notices").text
    assert listed.count("/withdrawal") == 1  # sent twice, issued once
    number = re.search(r"/notices/(\d+)/withdrawal", listed)
    assert number
    place = f"/cases/{desk.case}/notices/{number.group(1)}"
    assert collector.post(f"{place}/opening", "/account", purpose="claim").status_code == 409
    opened = collector.post(f"{place}/opening", "/account", purpose="contact")
    code = CODE.search(opened.text)
    assert code, opened.text
    answer = nobody.get(f"/v?code={code.group(1).lower().replace('-', ' ')}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/v/" + code.group(1).replace("-", ""))
    page = nobody.get(answer.headers["location"])
    assert page.status_code == 200
    assert "Genuine" in page.text
    assert "本行 App" in page.text
    assert "张" not in page.text
    for name, value in (("referrer-policy", "no-referrer"), ("cache-control", "no-store")):
        assert page.headers[name] == value
    assert "noindex" in page.headers["x-robots-tag"]
    assert collector.post(f"{place}/withdrawal", "/account").status_code == 303
    assert "Genuine, and withdrawn" in nobody.get(answer.headers["location"]).text
    other = collector.post("/cases/999999/notices/1/opening", "/account", purpose="contact")
    assert other.status_code == 404


def test_unknown_and_malformed_codes_are_answered_alike_and_guessing_tires(office: tuple[Ground, Desk]) -> None:
    ground, _desk = office
    nobody = ground.readers[Role.OPERATOR]
    pages = []
    for code in ("0000-0000-0000-0000", "hello", "%00%00", "1" * 60):
        answer = nobody.get(f"/v/{code}")
        assert answer.status_code == 404
        bare = re.sub(r'value="[^"]*"|content="[^"]*"', "", unescape(answer.text))
        pages.append(bare)
    assert len(set(pages)) == 1
    assert "Do not pay" in pages[0]
    for _guess in range(ADDRESS_MISSES_MAX):
        nobody.get("/v/0000000000000000")
    assert nobody.get("/v/0000000000000000").status_code == 429
    assert nobody.get("/v").status_code == 200


def test_what_cannot_be_issued_says_what_lacks_and_keeps_what_was_typed(office: tuple[Ground, Desk]) -> None:
    ground, desk = office
    collector = ground.reader(Role.COLLECTOR)
    lacking = collector.post(f"/cases/{desk.case}/notices/preview", "/account", **form(desk, **{"said-next_step": ""}))
    assert lacking.status_code == 422
    assert "next_step" in lacking.text
    stranger = collector.post(f"/cases/{desk.case}/notices/preview", "/account", **form(desk, person="1"))
    assert stranger.status_code == 422
    auditor = ground.reader(Role.AUDITOR)
    assert auditor.post(f"/cases/{desk.case}/notices", "/account", **form(desk)).status_code == 403


def test_a_template_from_its_draft_to_its_use(office: tuple[Ground, Desk]) -> None:
    ground, desk = office
    officer = ground.reader(Role.COMPLIANCE)
    wrong = officer.post("/law/templates", "/account", content=draft("receipt").replace("purpose:", "purpsoe:"))
    assert wrong.status_code == 422
    assert "template.yaml:5" in wrong.text
    assert "purpsoe" in wrong.text  # nothing that was written is lost
    kept = officer.post("/law/templates", "/account", content=draft("dunning_letter", 2))
    assert kept.status_code == 303, kept.text
    place = kept.headers["location"]
    shown = officer.get(place)
    assert 'class="added"' in shown.text  # against the version in use
    tried = officer.post(f"{place}/preview", "/account", case=str(desk.case))
    assert tried.status_code == 200, tried.text
    assert "said by whoever issues" in tried.text
    asked = officer.post(f"{place}/approval", "/account", reason="clearer")
    assert asked.status_code == 303
    assert officer.post(f"{asked.headers['location']}/approval", "/account", reason="").status_code in {403, 404, 409}
    collector = ground.reader(Role.COLLECTOR)
    assert collector.get("/law/templates").status_code == 200
    assert collector.post("/law/templates", "/account", content="x").status_code == 403
    assert officer.post("/law/templates/own.dunning_letter/withdrawal", "/account", reason="wrong").status_code == 303
    refused = collector.post(f"/cases/{desk.case}/notices/preview", "/account", **form(desk))
    assert refused.status_code == 422


def test_that_everything_will_be_called_is_told_over_the_api_and_stands_among_the_matters(
    office: tuple[Ground, Desk],
) -> None:
    ground, desk = office
    late = behind(desk)
    with late.database.transaction("demo") as tx:
        token = create_token(
            tx, vault=late.vault, name="core", scopes=(Scope.MATTER_ACCELERATE, Scope.CASE_READ), sender_type="lender",
            firm=None, expires_at=NOW + timedelta(days=9), requests_minute_max=None, actor=BOSS, now=NOW,
            chance=os.urandom,
        ).text  # fmt: skip
    case, loan = str(late.case), str(late.loans[0])
    where = app.settings({"DUECOURSE_HOME": str(ground.home), "DUECOURSE_PUBLIC_URL": URL})
    served = _listening(app.web(app.Desk(where, late.database), clock=ground.clock))
    with served as url, Client(url, token, timeout_s=120, language="en") as client:
        with pytest.raises(Invalid, match="not loans of case"):
            client.tell_acceleration(case, loan="5", staff="a0")
        key = new_key()
        told = client.tell_acceleration(case, loan=loan, staff="a0", key=key)
        assert client.tell_acceleration(case, loan=loan, staff="a0", key=key) == told
        assert (told.kind, told.due, told.ended_as) == ("acceleration", None, None)
        assert told.notice is not None
        with pytest.raises(Invalid, match="told already"):
            client.tell_acceleration(case, loan=loan, staff="a0")
    boss = ground.reader(Role.SUPERVISOR)
    page = boss.get(f"/matters/{told.matter}").text
    assert "runs when the notice has arrived" in page
    assert f"Notice {told.notice}" in page
    assert "Their words" not in page
    listed = boss.get(f"/cases/{case}/notices").text
    assert "Notice that the whole loan will fall due" in listed
