"""A day of the demo lender in fast motion: every channel at work with peers that are not ours, and its log holds.

The peers are real: a message centre (smpp.twisted), a mail server (aiosmtpd), an app's server that checks the
signature by the library of Standard Webhooks, a telephone (baresip) that presses keys, a print house's file, a round of
visits. Only the clock is ours.
"""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import polars as pl
import pytest
from standardwebhooks import Webhook

from duecourse.casework import bundle, dossier_pdf, handover, letters, notice_paper, posting, proving, visits
from duecourse.casework.channel_setup import set_up
from duecourse.casework.dossier import BundleFor
from duecourse.casework.gate import Gate
from duecourse.casework.handover import Post
from duecourse.casework.lender_texts import text_from
from duecourse.casework.message import NowhereToSend, Queued, Wanted, queue_message
from duecourse.casework.outcomes import Outcome
from duecourse.casework.parties import POINTS, Batch
from duecourse.casework.permit import Refusal
from duecourse.casework.posting import Lines
from duecourse.casework.receipts import take_receipts
from duecourse.casework.sequencing import Sequencer
from duecourse.casework.visit_report import Report
from duecourse.channels.render import Printer
from duecourse.evidence.verifier.checks import checked
from duecourse.evidence.verifier.report import FAILS
from duecourse.law.terms import Channel
from duecourse.storage import holds, points, recordings
from duecourse.storage import visits as visit_rows
from duecourse.storage.connection import Database
from duecourse.storage.published import Published
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.channels.test_webhook_channel import SECRET
from tests.desk import persons, phones, register, ties
from tests.mail_peer import mail_peer
from tests.notice_desk import COLLECTOR, OFFICE, Desk
from tests.permit_desk import OPERATOR, Clock, refused
from tests.sms_peer import sms_peer
from tests.visit_desk import OFFICE as OFFICE_PLACE
from tests.visit_desk import visit_desk
from tests.voice_peer import PROGRAMS, callee
from tests.work_desk import NOW

BIRTH = "19900517"
TEXTS, MAILS, PUSHES, CALLS = range(1, 6), range(6, 9), range(9, 11), range(11, 12)
TEMPLATES = {
    Channel.SMS: "m1.notice.sms", Channel.EMAIL: "m1.notice.email", Channel.PUSH: "m1.notice.push",
    Channel.ROBOT_CALL: "m1.robot_call",
}  # fmt: skip


@dataclass
class App:
    """The server of the lender's app."""

    port: int
    got: list[str] = field(default_factory=list)
    unsigned: int = 0


@contextmanager
def app_server() -> Iterator[App]:
    """It takes what the library of Standard Webhooks signs the same, whatever day it is by the clock of the test."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            at = datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC)
            if Webhook(SECRET).sign(self.headers["webhook-id"], at, body.decode()) != self.headers["webhook-signature"]:
                running.unsigned += 1
            running.got.append(self.headers["webhook-id"])
            self.send_response(202)
            self.end_headers()
            self.wfile.write(json.dumps({"id": f"app-{len(running.got)}"}).encode())

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running = App(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class House:
    """The lender's desk on its day: whom it may write to, and its clock."""

    desk: Desk
    gate: Gate
    clock: Clock
    people: dict[int, tuple[int, int]]  # a number of ours to case and borrower
    visited: list[int]
    lines: Lines = field(default_factory=Lines)
    told: list[str] = field(default_factory=list)

    @property
    def database(self) -> Database:
        return self.desk.database

    @property
    def post(self) -> Post:
        return Post(self.database, self.gate, self.clock, lambda what, said: self.told.append(f"{what}: {said}"))

    def say(self, number: int, channel: Channel) -> Queued | Refusal:
        """Queue a message to a borrower on a channel."""
        case, person = self.people[number]
        wanted = Wanted(
            case_id=case, person_id=person, channel=channel, sender=OFFICE, template_id=TEMPLATES[channel],
            key=f"{channel}-{number}-{self.clock():%d-%H-%M}",
        )  # fmt: skip
        return queue_message(
            self.database, "demo", gate=self.gate, store=self.desk.store, wanted=wanted,
            public_url="https://lender.example", actor=COLLECTOR, clock=self.clock, chance=os.urandom,
        )  # fmt: skip

    def send(self, *, calls: bool = False) -> None:
        """Let the worker send all that waits, calls too where there are any: a telephone takes a while to start."""
        with self.database.session_lock(posting.lock_name("w1")) as held:
            assert held
            while posting.work_off(self.post, "demo", worker="w1", lines=self.lines, threads=2):
                pass
            if calls:
                posting.work_off(self.post, "demo", worker="w1", lines=self.lines, speaking=True)

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        with self.database.transaction("demo") as tx:
            return [tuple(row) for row in tx.execute(statement).fetchall()]


@pytest.fixture
def house(database: Database, tmp_path: Path, tool: Callable[[str], Path]) -> Iterator[House]:
    for program in PROGRAMS:
        tool(program)
    vault = Vault(new_ring())
    (tmp_path / "book").mkdir()
    desk, cases_visited = visit_desk(database, tmp_path / "book", vault)
    with database.transaction("demo") as tx:
        cases = tx.execute(
            "SELECT DISTINCT ON (c.person_id) c.case_id, c.person_id FROM cases c JOIN case_snapshot s "
            "USING (lender_id, person_id) WHERE c.lender_id = 'demo' AND c.closed_day IS NULL AND s.overdue_minor > 0 "
            "ORDER BY c.person_id LIMIT 24"
        ).fetchall()
    people = {number: (int(case), int(person)) for number, (case, person) in enumerate(cases, 1)}
    assert len(people) >= CALLS[-1] + 1, len(people)
    known = pl.concat([persons(n, person_id=people[n][1], reference=None) for n in CALLS])
    apps = [
        {"person_id": people[n][1], "kind": "app", "label": "app", "value": f"demo-app-{n}", "zone": None,
         "consent": "contract"} for n in PUSHES
    ]  # fmt: skip
    reached = pl.concat(
        [phones(n, person_id=person) for n, (_case, person) in people.items()]
        + [phones(n, person_id=people[n][1], kind="email", label="email", value=f"demo-{n}@example.com") for n in MAILS]
        + [pl.DataFrame(apps, schema=POINTS)]
    )
    register(database, vault, Batch(known, reached, ties()), now=NOW)
    with database.transaction("demo") as tx:
        homeless = all(one.kind != "address" for one in points.of_person(tx, desk.person))
    if homeless:
        home = {
            "person_id": desk.person, "kind": "address", "label": "home", "value": "演示省演示市东区幸福路9号",
            "zone": None, "consent": "contract",
        }  # fmt: skip
        register(database, vault, Batch(persons(), pl.DataFrame([home], schema=POINTS), ties()), now=NOW)
    made = House(desk, Gate(vault, texts=lambda name: text_from(database.url, name)), Clock(NOW), people, cases_visited)
    yield made
    made.lines.close()


def test_a_day_with_every_channel_at_work_and_its_log_holds(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "PROMPT_S", 30.0)  # by the true clock, which a busy machine lets run on
    folder = tmp_path / "peers"
    folder.mkdir()
    with (
        sms_peer(folder, receipts="stat:DELIVRD err:000") as centre, mail_peer(folder) as mails, app_server() as app,
        callee("1", BIRTH, "2", "1", "hang up", numbers=CALLS) as telephone,
    ):  # fmt: skip
        given = {
            "sms": centre.settings(),
            "email": mails.settings(),
            "voice": telephone.settings(machines="no"),
            "webhook": {"url": f"http://127.0.0.1:{app.port}/push", "secret": SECRET, "seconds": "2"},
        }
        with house.database.transaction("demo") as tx:
            for name, settings in given.items():
                set_up(tx, vault=house.desk.vault, name=name, given=settings, actor=OPERATOR, now=house.clock())

        # In the morning everything that can be sent at once is asked for, one after the other.
        asked = [*((n, Channel.SMS) for n in TEXTS), *((n, Channel.EMAIL) for n in MAILS)]
        asked += [*((n, Channel.PUSH) for n in PUSHES), *((n, Channel.ROBOT_CALL) for n in CALLS)]
        for number, channel in asked:
            answer = house.say(number, channel)
            assert isinstance(answer, Queued), (number, channel, answer)
            house.send(calls=channel is Channel.ROBOT_CALL)
            house.clock.forward(minutes=3)
        take_receipts(house.database, "demo", gate=house.gate, actor=OPERATOR, clock=house.clock)

        # Letters and a round of visits.
        with house.database.transaction("demo") as tx:
            notice = house.desk.issue()
            batch = letters.make_batch(
                tx, vault=house.desk.vault, named=[notice], actor=COLLECTOR, now=house.clock()
            ).batch_id
        printed: list[bytes] = []
        letters.hand_over(
            house.database, "demo", gate=house.gate, batch_id=batch, actor=COLLECTOR, clock=house.clock,
            chance=os.urandom, write=printed.append,
        )  # fmt: skip
        assert len(printed) == 1
        go_round(house)

        # At noon the borrowers answer.
        house.clock.forward(minutes=30)
        for number, words in ((1, "退订"), (2, "发工资就还，15号"), (3, "我根本没借过这笔钱")):
            said = {"source": f"86154{number:08d}", "to": "10690000"}
            assert centre.tell(deliver=words.encode("utf-16-be").hex(), coding=8, **said) == {"delivered": "ESME_ROK"}
        house.send()
        assert {1: "stopped", 2: "ok"}.items() <= {n: state_of_phone(house, n) for n in (1, 2)}.items()
        assert [one.kind for one in held(house, 3)] == ["dispute"]

        # In the afternoon nobody is written to who stopped it or disputes; at night nobody at all.
        house.clock.forward(hours=26)
        with pytest.raises(NowhereToSend):
            house.say(1, Channel.SMS)
        assert "house.hold.dispute" in refused_by(house.say(3, Channel.SMS))
        assert isinstance(house.say(4, Channel.SMS), Queued)
        house.send()
        house.clock.at = house.clock.at.replace(hour=14, minute=30)  # 22:30 in Shanghai
        for number, channel in asked[4:]:
            answer = house.say(number, channel)
            assert isinstance(answer, Refusal), (number, channel)
            assert "cn.contact.window" in refused(answer)

        whatever_went_out_was_lawful_and_went_once(house)
        assert len(centre.texts()) == len(TEXTS) + 1
        assert len(mails.handler.kept) == len(MAILS)
        assert (len(set(app.got)), app.unsigned) == (len(PUSHES), 0)
        assert telephone.calls == len(CALLS)
        house.lines.close()  # before the peers end, whose sides of the lines would stay open
    the_log_holds(house, tmp_path)


def go_round(house: House) -> None:
    """Two people visit a borrower, who is at home."""
    with house.database.transaction("demo") as tx:
        number = visits.plan_round(
            tx, vault=house.desk.vault, case_ids=house.visited[:1], leaves=house.clock() + timedelta(minutes=1),
            staff=("a0", "a1"), start=OFFICE_PLACE, actor=COLLECTOR, now=house.clock(),
        ).round_id  # fmt: skip
    assert visits.set_out(
        house.database, "demo", gate=house.gate, round_id=number, actor=COLLECTOR, clock=house.clock
    ).state == "out"  # fmt: skip
    house.clock.forward(minutes=40)
    with house.database.transaction("demo") as tx:
        (visit,) = visit_rows.of_round(tx, number)
        done = visits.record_visit(
            tx, gate=house.gate, visit_id=visit.visit_id, actor=COLLECTOR, clock=house.clock, chance=os.urandom,
            report=Report(at=house.clock(), outcome=Outcome.CONNECTED, passes_shown=True),
        )  # fmt: skip
    assert done.outcome == "connected"


def state_of_phone(house: House, number: int) -> str:
    with house.database.transaction("demo") as tx:
        return next(
            one.state for one in points.of_person(tx, house.people[number][1])
            if one.kind == "phone" and one.value_masked.endswith(f"{number:04d}")
        )  # fmt: skip


def held(house: House, number: int) -> list[holds.Hold]:
    with house.database.transaction("demo") as tx:
        return [one for one in holds.of_person(tx, house.people[number][1]) if one.to_at is None]


def refused_by(answer: Queued | Refusal) -> frozenset[str]:
    """By which rules; nothing where it was allowed."""
    return frozenset() if isinstance(answer, Queued) else frozenset(refused(answer))


def whatever_went_out_was_lawful_and_went_once(house: House) -> None:
    """Every message has ended, none as unknown; each contact lies in lawful hours, and each channel had some."""
    states = Counter(house.rows("SELECT channel, state FROM message"))
    assert {state for _channel, state in states} <= {"sent", "withheld", "delivered"}, states
    contacts = house.rows(
        "SELECT channel, (at AT TIME ZONE 'Asia/Shanghai')::time::text FROM contact WHERE direction = 'out' "
        "AND state IN ('redeemed', 'reported')"
    )
    assert all("08:00:00" <= str(at) <= "22:00:00" for _channel, at in contacts)
    assert {str(channel) for channel, _at in contacts} == {
        "sms",
        "email",
        "push",
        "robot_call",
        "letter",
        "visit",
    }, Counter(channel for channel, _ in contacts)
    with house.database.transaction("demo") as tx:
        kept = [one for n in CALLS for one in recordings.of_debtor(tx, house.people[n][1])]
    assert len(kept) == len(CALLS)
    assert house.told == []


def the_log_holds(house: House, folder: Path) -> None:
    """Everything is sequenced, published and reckoned anew; a bundle of a case is checked without the house."""
    published = Published(folder / "log")
    Sequencer(house.database, "demo", house.desk.vault, published, house.clock).run()
    with house.database.transaction("demo") as tx:
        found = proving.audit(tx, published)
        assert (found.waiting, found.lost, list(found.findings)) == (0, 0, [])
        made = bundle.bundle_of_case(
            tx, case_id=house.people[3][0], purpose=BundleFor.COURT, store=house.desk.store, vault=house.desk.vault,
            printer=partial(dossier_pdf.pdf, printer=Printer()),
            paper=partial(notice_paper.pdf, certificate=None, now=house.clock()), actor=OPERATOR, now=house.clock(),
        )  # fmt: skip
    report = checked([("case.zip", made.content)], (published.key() or b"").decode(), [])
    assert not report.failed, [line.said for line in report.lines if line.mark == FAILS]
    assert report.counted["records"] >= 3
