"""The portal over a desk: two borrowers with a case, a mailbox and a notice each, and a mail server not of ours."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx

from duecourse import app
from duecourse.casework.channel_setup import set_up as set_up_channel
from duecourse.casework.gate import Gate
from duecourse.casework.handover import Post
from duecourse.casework.notice_paper import open_notice
from duecourse.casework.parties import Batch
from duecourse.casework.posting import Lines, lock_name, work_off
from duecourse.storage import messages
from duecourse.storage.connection import Database
from duecourse.web.csrf import FIELD
from tests.conftest import _base
from tests.desk import persons, phones, register, ties
from tests.mail_peer import Peer, mail_peer
from tests.notice_desk import COLLECTOR, Desk, notice_desk
from tests.permit_desk import OPERATOR, Clock
from tests.web.conftest import _listening
from tests.work_desk import NOW

PATIENCE_S = 60


@dataclass(frozen=True)
class Somebody:
    """A borrower with an open case and a notice."""

    desk: Desk
    mailbox: str
    notice: int
    code: str


@dataclass
class Portal:
    """The served portal and what stands behind it."""

    url: str
    database: Database
    home: Path
    gate: Gate
    clock: Clock
    peer: Peer
    people: list[Somebody]
    lines: Lines = field(default_factory=Lines)
    open: list[httpx.Client] = field(default_factory=list)
    before: int = 0

    def count(self) -> int:
        """How many messages there are."""
        with self.database.transaction("demo") as tx:
            return len(messages.latest(tx, most=500))

    def work(self) -> None:
        """A worker of the outbox, until nothing waits: who is busy with another message of his is sent it later."""
        with self.database.session_lock(lock_name("w1")) as held:
            assert held
            while work_off(Post(self.database, self.gate, self.clock), "demo", worker="w1", lines=self.lines):
                self.clock.forward(seconds=2)

    def mailed(self, to: str) -> list[str]:
        """What came to a mailbox, in plain text."""
        found = []
        for one in self.peer.handler.kept:
            if one.rcpt_tos == [to]:
                body = self.peer.read(one).get_body(("plain",))
                assert body is not None
                found.append(body.get_content())
        return found

    def queued(self, at_least: int) -> None:
        """Wait until so many messages were queued: codes are put on their way behind the answer."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            if self.count() >= at_least:
                return
            time.sleep(0.05)
        raise AssertionError("no code was put on its way")

    def browser(self, **headers: str) -> Visitor:
        """A browser without a screen."""
        self.open.append(httpx.Client(base_url=self.url, headers=headers, timeout=60))
        return Visitor(self, self.open[-1])

    def entered(self, one: Somebody, **headers: str) -> Visitor:
        """Somebody who came in as people do."""
        visitor = self.browser(**headers)
        before = len(self.mailed(one.mailbox))
        there = self.count()
        answer = visitor.post("/my/enter", code=one.code, channel="email")
        assert answer.status_code == 303, answer.text
        self.queued(there + 1)
        self.work()
        mail = self.mailed(one.mailbox)[before]
        found = re.search(r"(?<!\d)(\d{6})(?!\d)", mail)
        assert found, mail
        answer = visitor.post("/my/code", "/my/code", code=found.group(1))
        assert answer.headers.get("location") == "/my/home", answer.text
        return visitor


@dataclass
class Visitor:
    """A browser: keeps cookies, sends the page's token."""

    portal: Portal
    client: httpx.Client

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def token(self, path: str = "/my") -> str:
        page = self.client.get(path, follow_redirects=True)
        found = re.search(r'<meta name="csrf-token" content="([^"]+)">', page.text)
        assert found, page.text
        return found.group(1)

    def post(self, path: str, _from: str = "/my", **fields: str) -> httpx.Response:
        return self.client.post(path, data={FIELD: self.token(_from), **fields})


def offered(visitor: Visitor) -> str:
    """The address of a plan that a borrower chose, the first that can be signed at once."""
    for loan in re.findall(r'href="(/my/loans/-?[0-9]+)/plans"', visitor.get("/my/home").text):
        page = visitor.get(f"{loan}/plans").text
        for kind, months, deferred in re.findall(
            r'name="kind" value="(\w+)"><input type="hidden" name="months" value="(\d+)"><input type="hidden" '
            r'name="deferred" value="(\d+)"', page,
        ):  # fmt: skip
            if kind in {"instalments", "step_up", "deferral"} and int(months) + int(deferred) <= 6:
                answer = visitor.post(f"{loan}/plans", "/my/home", kind=kind, months=months, deferred=deferred)
                assert answer.status_code == 303, answer.text
                return answer.headers["location"]
    raise AssertionError("no plan can be chosen")


def _somebody(desk: Desk, number: int) -> Somebody:
    mailbox = f"demo-{number}@example.com"
    box = phones(number, person_id=desk.person, kind="email", label="email", value=mailbox)
    register(desk.database, desk.vault, Batch(persons(), box, ties()), now=NOW)
    notice = desk.issue()
    with desk.database.transaction("demo") as tx:
        opened = open_notice(tx, vault=desk.vault, notice_id=notice, purpose="contact", actor=COLLECTOR, now=NOW)
    return Somebody(desk, mailbox, notice, json.loads(opened.content)["code"])


def another(desk: Desk) -> Desk:
    """The desk of another borrower's overdue case."""
    with desk.database.transaction("demo") as tx:
        row = tx.execute(
            "SELECT c.case_id, c.person_id FROM cases c JOIN case_snapshot s USING (lender_id, person_id) "
            "WHERE c.lender_id = 'demo' AND c.closed_day IS NULL AND s.overdue_minor > 0 AND c.person_id <> %s "
            "ORDER BY s.dpd DESC, c.case_id",
            (desk.person,),
        ).fetchone()
        assert row is not None
        keys = tx.execute(
            "SELECT DISTINCT loan_key FROM case_loan WHERE lender_id = 'demo' AND case_id = %s AND to_day IS NULL",
            (row[0],),
        ).fetchall()
    return Desk(
        desk.database, desk.store, desk.vault, int(row[0]), int(row[1]), tuple(sorted(int(one[0]) for one in keys))
    )


@contextmanager
def portal_desk(database: Database, folder: Path) -> Iterator[Portal]:
    """The portal, served by a thread of this process."""
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    where = app.settings({"DUECOURSE_HOME": str(home)})
    first = notice_desk(database, home / "book" / "demo", app.vault_of(where), 60)
    people = [_somebody(first, 1), _somebody(another(first), 2)]
    desk, clock = app.Desk(where, database), Clock(NOW)
    with mail_peer(folder) as peer, _listening(app.web(desk, clock=clock)) as url:
        with database.transaction("demo") as tx:
            set_up_channel(
                tx, vault=first.vault, name="email", given=peer.settings(), minute_max=60_000, actor=OPERATOR, now=NOW
            )
        made = Portal(url, database, home, app.gate_of(desk), clock, peer, people)
        yield made
        made.lines.close()
        for one in made.open:
            one.close()


def chance(size: int) -> bytes:
    """Chance of the machine."""
    return os.urandom(size)
