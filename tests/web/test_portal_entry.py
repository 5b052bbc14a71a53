"""Coming into the portal: two proofs, no hint, limits, one use; a session that is short and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from duecourse.casework.issue_notice import withdraw_notice
from duecourse.casework.notice_code import new_code, shown
from duecourse.casework.portal import entry
from duecourse.casework.portal.entry import borrower
from duecourse.storage import log, messages, server
from duecourse.storage.connection import Database
from tests.conftest import _new_database
from tests.notice_desk import COLLECTOR
from tests.portal_desk import Portal, chance, portal_desk

DRAWN = re.compile(r"(?<!\d)(\d{6})(?!\d)")


@pytest.fixture(scope="module")
def served(postgres: server.Place, migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with (
        _new_database(postgres, migrated) as url,
        Database(url) as database,
        portal_desk(database, tmp_path_factory.mktemp("mail")) as made,
    ):
        yield made


@pytest.fixture
def portal(served: Portal) -> Portal:
    """Two days later than the test before: nothing of it counts any more."""
    served.clock.forward(days=2)
    served.peer.handler.kept.clear()
    served.before = served.count()
    return served


def plain(page: str) -> str:
    """A page without what differs on every page."""
    return re.sub(r'(name="csrf" value|name="csrf-token" content)="[^"]+"', "", page)


def kinds(portal: Portal, person: int) -> list[str]:
    with portal.database.transaction("demo") as tx:
        return [one.kind for one in log.of_person(tx, person) if one.kind.startswith("portal.")]


def test_in_by_two_proofs_and_out_again(portal: Portal) -> None:
    one = portal.people[0]
    visitor = portal.entered(one)
    page = visitor.get("/my/home")
    assert page.status_code == 200
    assert "演示消费金融" in page.text
    cookie = next(c for c in visitor.client.cookies.jar if c.name == "duecourse_my")
    assert (cookie.path, cookie.has_nonstandard_attr("HttpOnly")) == ("/my", True)
    assert page.headers["cache-control"] == "no-store"
    assert visitor.get("/worklist").headers["location"].startswith("/sign-in")
    kept = cookie.value
    assert visitor.post("/my/leave", "/my/home").status_code == 303
    visitor.client.cookies.set("duecourse_my", kept or "", path="/my")
    assert visitor.get("/my/home").headers["location"] == "/my"
    assert kinds(portal, one.desk.person)[:3] == ["portal.left", "portal.entered", "portal.code_asked"]


def test_the_message_says_nothing_of_a_debt_and_goes_with_a_permit(portal: Portal) -> None:
    portal.entered(portal.people[0], **{"Accept-Language": "zh-CN"})
    (mail,) = portal.mailed(portal.people[0].mailbox)
    assert not re.search("借款|贷款|欠款|逾期|还款|债务|loan|debt|owe", mail)
    with portal.database.transaction("demo") as tx:
        row = messages.latest(tx)[0]
        purpose = tx.value("SELECT purpose FROM contact WHERE contact_id = %s", (row.permit_id,))
    assert (row.template_id, row.state, purpose, row.priority) == ("portal.code.email", "sent", "answer", 0)


def test_whoever_types_a_code_learns_nothing_by_it(portal: Portal) -> None:
    answers = []
    for code in (portal.people[0].code, shown(new_code(chance)), "nonsense"):
        visitor = portal.browser()
        answer = visitor.post("/my/enter", code=code, channel="email")
        page = visitor.get(answer.headers["location"])
        names = sorted((c.name, len(c.value or ""), c.path) for c in visitor.client.cookies.jar)
        wrong = visitor.post("/my/code", "/my/code", code="000000")
        answers.append((answer.status_code, answer.headers["location"], plain(page.text), names, wrong.status_code,
                        plain(wrong.text)))  # fmt: skip
    assert answers[0] == answers[1] == answers[2]
    portal.queued(portal.before + 1)
    assert len(portal.mailed(portal.people[0].mailbox)) <= 1


def test_a_code_opens_once_and_only_where_it_was_asked_for(portal: Portal) -> None:
    one = portal.people[0]
    visitor, elsewhere = portal.browser(), portal.browser()
    visitor.post("/my/enter", code=one.code, channel="email")
    elsewhere.post("/my/enter", code=portal.people[1].code, channel="email")
    portal.queued(portal.before + 2)
    portal.work()
    found = DRAWN.search(portal.mailed(one.mailbox)[0])
    assert found
    assert elsewhere.post("/my/code", "/my/code", code=found.group(1)).status_code == 403
    kept = {c.name: c.value or "" for c in visitor.client.cookies.jar}["duecourse_my_asked"]
    assert visitor.post("/my/code", "/my/code", code=found.group(1)).status_code == 303
    again = portal.browser()
    again.client.cookies.set("duecourse_my_asked", kept, path="/my")
    assert again.post("/my/code", "/my/code", code=found.group(1)).status_code == 403


def test_wrong_tries_end_a_code_and_time_does(portal: Portal) -> None:
    one = portal.people[0]
    visitor = portal.browser()
    visitor.post("/my/enter", code=one.code, channel="email")
    portal.queued(portal.before + 1)
    portal.work()
    found = DRAWN.search(portal.mailed(one.mailbox)[0])
    assert found
    right = found.group(1)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _ in range(entry.WRONG_MAX):
        assert visitor.post("/my/code", "/my/code", code=wrong).status_code == 403
    assert visitor.post("/my/code", "/my/code", code=right).status_code == 403
    assert kinds(portal, one.desk.person)[: entry.WRONG_MAX] == ["portal.code_wrong"] * entry.WRONG_MAX
    late = portal.browser()
    late.post("/my/enter", code=one.code, channel="email")
    portal.queued(portal.before + 2)
    portal.work()
    found = DRAWN.search(portal.mailed(one.mailbox)[1])
    assert found
    portal.clock.forward(minutes=10)
    assert late.post("/my/code", "/my/code", code=found.group(1)).status_code == 403


def test_only_a_few_codes_are_sent_and_only_a_few_tries_are_heard(portal: Portal) -> None:
    one = portal.people[0]
    for _ in range(entry.ASKED_MAX + 2):
        assert portal.browser().post("/my/enter", code=one.code, channel="email").status_code == 303
    portal.queued(portal.before + entry.ASKED_MAX)
    portal.work()
    assert len(portal.mailed(one.mailbox)) == entry.ASKED_MAX
    visitor = portal.browser()
    statuses = [
        visitor.post("/my/enter", code="x", channel="email").status_code for _ in range(entry.ADDRESS_TRIES_MAX)
    ]
    assert statuses[-1] == 429
    assert "10 minutes" in visitor.post("/my/enter", code="x", channel="email").text
    portal.clock.forward(minutes=11)
    assert visitor.post("/my/enter", code="x", channel="email").status_code == 303


def test_a_form_of_another_site_does_nothing(portal: Portal) -> None:
    visitor = portal.entered(portal.people[0])
    assert visitor.client.post("/my/leave", data={"csrf": "x"}).status_code == 403
    token = visitor.token("/my/home")
    answer = visitor.client.post("/my/leave", data={"csrf": token}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert visitor.get("/my/home").status_code == 200
    assert str(borrower(7)) == "borrower:portal-7"


def test_a_session_is_short_and_ends_with_its_notice(portal: Portal) -> None:
    one, other = portal.people
    visitor = portal.entered(one)
    third = portal.entered(one)
    with portal.database.transaction("demo") as tx:
        assert entry.shut_out(tx, vault=one.desk.vault, person_id=one.desk.person, actor=COLLECTOR, now=portal.clock())
    assert third.get("/my/home").headers["location"] == "/my"
    assert visitor.get("/my/home").headers["location"] == "/my"
    visitor = portal.entered(one)
    portal.clock.forward(minutes=14)
    assert visitor.get("/my/home").status_code == 200
    portal.clock.forward(minutes=15)
    assert visitor.get("/my/home").headers["location"] == "/my"
    second = portal.entered(other)
    with portal.database.transaction("demo") as tx:
        withdraw_notice(tx, vault=one.desk.vault, notice_id=other.notice, actor=COLLECTOR, now=portal.clock())
    assert second.get("/my/home").headers["location"] == "/my"
