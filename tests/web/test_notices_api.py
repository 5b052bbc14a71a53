"""Notices, own templates and retention by the typed client: what systems of a lender do without a screen."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from pypdf import PdfReader

from duecourse import app
from duecourse.casework import approval
from duecourse.casework.kinds import KINDS
from duecourse.casework.token import LENDER_ONLY, create_token
from duecourse.client import Client, Conflict, Invalid, NoScope, NotFound, new_key
from duecourse.storage import approvals, log
from duecourse.storage.connection import Database
from duecourse.storage.tokens import Scope
from tests.conftest import _base
from tests.notice_desk import SECOND, URL, Desk, draft, notice_desk
from tests.permit_desk import OPERATOR, Clock
from tests.web.conftest import _listening
from tests.work_desk import NOW

NOTICES = (Scope.CASE_READ, Scope.NOTICE_ISSUE, Scope.NOTICE_OPEN)
LETTER: dict[str, Any] = {
    "template": "own.dunning_letter", "lang": "en", "staff": "a0", "said": {"next_step": "we call you in a week"},
}  # fmt: skip


class Office:
    """A desk that can issue notices, served, and clients of its API."""

    def __init__(self, desk: Desk, url: str) -> None:
        self.desk, self.url = desk, url

    def client(self, *scopes: Scope, language: str = "en") -> Client:
        """A client with a token of these scopes."""
        with self.desk.database.transaction("demo") as tx:
            token = create_token(
                tx, vault=self.desk.vault, name=f"office-{language}", scopes=scopes, sender_type="lender", firm=None,
                expires_at=NOW + timedelta(days=30), requests_minute_max=None, actor=OPERATOR, now=NOW,
                chance=os.urandom,
            ).text  # fmt: skip
        return Client(self.url, token, language=language, timeout_s=120)


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    where = app.settings({"DUECOURSE_HOME": str(home), "DUECOURSE_PUBLIC_URL": URL})
    vault = app.vault_of(where)
    desk = notice_desk(database, home / "book" / "demo", vault, 60)
    with _listening(app.web(app.Desk(where, database), clock=Clock(NOW))) as url:
        yield Office(desk, url)


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("we will kill you", "threat.violence"), ("We will post your photo in your building", "shaming.public"),
        ("you will be arrested", "false_legal.crime"),
    ],
)  # fmt: skip
def test_what_nobody_may_say_is_refused_with_its_rule(office: Office, words: str, rule: str) -> None:
    case, marred = str(office.desk.case), LETTER | {"said": {"next_step": words}}
    with office.client(*NOTICES) as client:
        for ask in (lambda: client.preview_notice(case, **marred), lambda: client.issue(case, **marred)):
            with pytest.raises(Conflict, match=rf"next_step says .*rule {rule}\)"):
                ask()
        assert client.list_notices(case).notices == ()
    with office.client(*NOTICES, language="zh-CN") as client:
        with pytest.raises(Conflict, match=rf"next_step .*{rule}") as told:
            client.issue(case, **marred)
        assert "不得" in told.value.detail


def test_a_notice_is_tried_issued_once_opened_on_record_and_taken_back(office: Office) -> None:
    case = str(office.desk.case)
    with office.client(*NOTICES) as client:
        tried = client.preview_notice(case, **LETTER)
        assert ("we call you in a week" in tried.text, "***" in tried.text or "*" in tried.text) == (True, True)
        assert client.list_notices(case).notices == ()
        key = new_key()
        number = client.issue(case, **LETTER, key=key).notice
        assert client.issue(case, **LETTER, key=key).notice == number
        (one,) = client.list_notices(case).notices
        assert (one.notice, one.template, one.document, one.state) == (
            number, "own.dunning_letter", "dunning_letter", None,
        )  # fmt: skip
        words = client.read_notice(case, number, purpose="contact")
        assert sha256(words.content.encode()).hexdigest() == one.sha256
        assert "we call you in a week" in words.text
        paper = client.notice_as_pdf(case, number, purpose="contact")
        pages = PdfReader(io.BytesIO(paper)).pages
        assert "we call you in a week" in " ".join("".join(page.extract_text() for page in pages).split())
        with pytest.raises(Invalid):
            client.read_notice(case, number, purpose="curiosity")  # type: ignore[arg-type]
        assert client.withdraw(case, number).state == "withdrawn"
        with pytest.raises((Conflict, Invalid)):
            client.withdraw(case, number)
    with office.desk.database.transaction("demo") as tx:
        kinds = [entry.kind for entry in log.of_person(tx, office.desk.person)]
    assert kinds.count("person.reveal") == 3  # its name at issue, and each opening
    assert {"notice.issued", "notice.withdrawn"} <= set(kinds)


def test_what_a_token_may_not_do_with_notices(office: Office) -> None:
    case = str(office.desk.case)
    with office.client(*NOTICES) as client:
        number = client.issue(case, **LETTER).notice
        with pytest.raises(NotFound):
            client.read_notice(case, "999999", purpose="contact")
        with pytest.raises(NotFound):
            client.issue("999999", **LETTER)
        with pytest.raises((Invalid, Conflict)):
            client.issue(case, **(LETTER | {"said": {}}))
        with pytest.raises((Invalid, Conflict)):
            client.issue(case, **(LETTER | {"person": "1"}))
        with pytest.raises((Invalid, Conflict)):
            client.issue(case, **(LETTER | {"template": "legal.lawyer.letter"}))
    with office.client(Scope.CASE_READ) as reader:
        assert len(reader.list_notices(case).notices) == 1
        for refused in (
            lambda: reader.issue(case, **LETTER),
            lambda: reader.read_notice(case, number, purpose="contact"),
            lambda: reader.notice_as_pdf(case, number, purpose="contact"),
        ):
            with pytest.raises(NoScope):
                refused()
    assert {*NOTICES, Scope.RETENTION_READ, Scope.RETENTION_WORK} <= LENDER_ONLY


def test_a_template_goes_from_its_draft_to_its_use_and_out_of_it(office: Office) -> None:
    case = str(office.desk.case)
    with office.client(*NOTICES, Scope.LAW_READ, Scope.LAW_WRITE) as client:
        with pytest.raises(Invalid, match=r"template\.yaml:5"):
            client.keep_template(content=draft("receipt").replace("purpose:", "purpsoe:"))
        kept = client.keep_template(content=draft("dunning_letter", 2))
        assert client.read_own_template(kept.draft).content == draft("dunning_letter", 2)
        asked = client.ask_template(kept.draft, reason="clearer")
        assert client.preview_notice(case, **LETTER).version == 1
        with office.desk.database.transaction("demo") as tx:
            assert int(asked.request) in {one.approval_id for one in approvals.pending(tx)}
            approval.approve(
                tx, kinds=KINDS, vault=office.desk.vault, approval_id=int(asked.request), reason="", actor=SECOND,
                now=NOW,
            )  # fmt: skip
        assert client.preview_notice(case, **LETTER).version == 2
        states = {(one.template, one.version): one.state for one in client.list_own_templates().templates}
        assert states["own.dunning_letter", 2] == "approved"
        assert client.withdraw_template(kept.draft, reason="wrong").state == "withdrawn"
        with pytest.raises((Invalid, Conflict)):
            client.preview_notice(case, **LETTER)


def test_the_schedule_of_what_is_kept_and_a_legal_hold(office: Office) -> None:
    person = str(office.desk.person)
    with office.client(Scope.RETENTION_READ, Scope.RETENTION_WORK) as client:
        everybody = [one.person for page in client.pages(client.list_kept, most=7) for one in page.people]
        assert everybody == [one.person for one in client.list_kept(most=500).people]
        assert len(set(everybody)) == len(everybody) > 7
        assert client.show_kept(person).phase == "in_use"
        key = new_key()
        hold = client.place_legal_hold(person=person, matter="(2026) 12", reason="suit", key=key)
        assert client.place_legal_hold(person=person, matter="(2026) 12", reason="suit", key=key) == hold
        assert [one.legal_hold for one in client.list_legal_holds().legal_holds] == [hold.legal_hold]
        assert [one.person for one in client.list_kept(phase="held").people] == [person]
        assert client.show_kept(person).legal_holds == (hold.legal_hold,)
        client.ask_release(hold.legal_hold, reason="settled")
        assert client.list_legal_holds().legal_holds[0].released_at is None  # another decides
        with pytest.raises(NotFound):
            client.ask_release("999999", reason="settled")
        assert client.list_destructions().destructions == ()
