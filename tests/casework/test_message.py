"""The words of a message come from an approved text and the book, or from a notice; the permit binds exactly them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from duecourse.casework import handover, letterhead
from duecourse.casework.gate import Gate
from duecourse.casework.issue_notice import NotApproved, NotOfTheCase
from duecourse.casework.lender_texts import text_from
from duecourse.casework.message import (
    NoStopAddress,
    NoticeNotTheirs,
    NowhereToSend,
    Queued,
    Wanted,
    queue_message,
    read_words,
    whole,
)
from duecourse.casework.notice_paper import open_notice, pdf
from duecourse.casework.parties import Batch
from duecourse.casework.permit import Refusal, Why
from duecourse.casework.speech import NotToBeSaid
from duecourse.channels.render import compose
from duecourse.channels.render.examples import example_values
from duecourse.law.terms import Channel
from duecourse.storage import log, points
from duecourse.storage.connection import Database
from duecourse.storage.transports import NoTransport
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests import notice_desk as notice_desk_of
from tests.desk import persons, phones, register, ties
from tests.mail_peer import Peer, mail_peer
from tests.notice_desk import COLLECTOR, OFFICE, URL, draft, notice_desk
from tests.notice_desk import Desk as NoticeDesk
from tests.permit_desk import Clock
from tests.post_desk import TEMPLATES, Desk
from tests.work_desk import NOW

VAULT = Vault(new_ring())
_KEYS = count(1)


class Case:
    """An overdue case whose borrower has a mailbox, and a mail server."""

    def __init__(self, notices: NoticeDesk, peer: Peer) -> None:
        self.notices, self.peer = notices, peer
        url = notices.database.url
        gate = Gate(VAULT, texts=lambda name: text_from(url, name))
        self.desk = Desk(notices.database, gate, Clock(NOW))

    def mailbox(self) -> None:
        box = phones(1, person_id=self.notices.person, kind="email", label="email", value="demo-1@example.com")
        register(self.notices.database, VAULT, Batch(persons(), box, ties()), now=NOW)

    def wanted(self, **changed: object) -> Wanted:
        values: dict[str, Any] = {
            "case_id": self.notices.case, "person_id": self.notices.person, "channel": Channel.EMAIL,
            "sender": OFFICE, "key": f"k{next(_KEYS)}", "template_id": "m1.notice.email",
        }  # fmt: skip
        return Wanted(**(values | changed))

    def queue(self, wanted: Wanted | None = None, **more: Any) -> Queued | Refusal:  # noqa: ANN401 - handed on
        given: dict[str, Any] = {"public_url": URL} | more
        return queue_message(
            self.notices.database, "demo", gate=self.desk.gate, store=self.notices.store,
            wanted=wanted or self.wanted(), actor=COLLECTOR, clock=self.desk.clock, chance=_chance, **given,
        )  # fmt: skip


def _chance(size: int) -> bytes:
    return sha256(f"message {next(_KEYS)}".encode()).digest()[:size].ljust(size, b"\0")


@pytest.fixture
def case(database: Database, tmp_path: Path) -> Iterator[Case]:
    with mail_peer(tmp_path) as peer:
        case = Case(notice_desk(database, tmp_path / "book", VAULT), peer)
        with closing(case.desk.lines):
            yield case


def test_a_message_says_what_the_book_says_and_how_to_stop_it(case: Case) -> None:
    with pytest.raises(NoTransport):
        case.queue()
    case.desk.set_up(case.peer)
    with pytest.raises(NowhereToSend):
        case.queue()
    case.mailbox()
    with pytest.raises(NoStopAddress):
        case.queue(public_url=None)
    with pytest.raises(NotApproved):
        case.queue(case.wanted(template_id="m1.notice.sms"))
    with pytest.raises(NotOfTheCase):
        case.queue(case.wanted(loan_keys=(1,)))
    wanted = case.wanted()
    queued = case.queue(wanted)
    assert isinstance(queued, Queued), queued
    again = case.queue(wanted)
    assert isinstance(again, Queued)
    assert (again.again, again.message.message_id) == (True, queued.message.message_id)
    assert case.desk.work() == 1
    mail = case.peer.read(case.peer.handler.kept[0])
    body = mail.get_body(("plain",))
    assert body is not None
    said = body.get_content()
    assert "张三" in said
    assert "演示消费金融来函" in said
    assert f"{URL}/u/demo.{queued.message.message_id}." in said
    assert mail["Subject"] == "演示消费金融给您的函件"
    assert str(mail["List-Unsubscribe"]) == f"<{said.split()[-1]}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    with case.notices.database.transaction("demo") as tx:
        kinds = [one.kind for one in log.of_person(tx, case.notices.person)]
    assert kinds[:7] == [
        "message.sent", "contact.settled", "permit.redeemed", "message.sending", "message.queued", "permit.granted",
        "person.reveal",
    ]  # fmt: skip


def test_a_message_is_screened_before_its_permit_and_may_name_the_lenders_own_number(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.desk.set_up(case.peer)
    case.mailbox()
    case.notices.enter({"callback": "138-0013-8000"})
    assert isinstance(case.queue(), Queued)
    marred = {"pay_at": "本行 App，不还就弄 死 你"}
    with pytest.raises(NotToBeSaid, match="pay_at says '弄 死 你'"):
        case.notices.enter(marred)
    with monkeypatch.context() as before:  # entered when the guard did not know the words yet
        before.setattr(letterhead, "screened", lambda *_texts, **_own: None)
        case.notices.enter(marred)
    with case.notices.database.transaction("demo") as tx:
        there = len(log.of_person(tx, case.notices.person))
    with pytest.raises(NotToBeSaid, match=r"m1\.notice\.email says '弄 死 你'"):
        case.queue()
    with case.notices.database.transaction("demo") as tx:
        assert len(log.of_person(tx, case.notices.person)) == there


def test_what_is_sent_is_what_the_permit_binds(case: Case) -> None:
    case.desk.set_up(case.peer)
    case.mailbox()
    queued = case.queue()
    assert isinstance(queued, Queued)
    with case.notices.database.transaction("demo") as tx:
        tx.connection.execute("RESET ROLE")
        tx.execute("UPDATE message SET content_hash = decode(repeat('00', 32), 'hex')")
    case.desk.work()
    assert case.desk.states() == ["withheld"]
    assert case.peer.handler.kept == []


def test_the_law_refuses_a_contact_point_that_is_stopped(case: Case) -> None:
    case.desk.set_up(case.peer)
    case.mailbox()
    with case.notices.database.transaction("demo") as tx:
        box = next(one for one in points.of_person(tx, case.notices.person) if one.kind == "email")
        points.set_state(tx, case.notices.person, box.contact_point_id, "stopped", now=NOW)
    answer = case.queue(case.wanted(contact_point_id=box.contact_point_id))
    assert isinstance(answer, Refusal)
    assert answer.why is Why.LAW


def test_a_notice_goes_in_its_own_words_with_its_pdf(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    case.desk.set_up(case.peer)
    case.mailbox()
    monkeypatch.setattr(
        notice_desk_of, "draft", lambda *asked: draft(*asked).replace("channels: [letter]", "channels: [letter, email]")
    )
    case.notices.approve("dunning_letter", 2)
    number = case.notices.issue()
    with case.notices.database.transaction("demo") as tx:
        opened = open_notice(tx, vault=VAULT, notice_id=number, purpose="document", actor=COLLECTOR, now=NOW)
    paper = pdf(opened, certificate=None, now=NOW)
    queued = case.queue(notice=opened, pdf=paper)
    assert isinstance(queued, Queued), queued
    assert queued.message.notice_id == number
    case.desk.work()
    assert case.desk.states() == ["sent"], case.desk.told
    mail = case.peer.read(case.peer.handler.kept[0])
    files = list(mail.iter_attachments())
    assert [(one.get_filename(), one.get_content_type()) for one in files] == [("notice.pdf", "application/pdf")]
    assert files[0].get_content() == paper
    ended = replace(opened, notice=replace(opened.notice, ended_at=NOW))
    with pytest.raises(NoticeNotTheirs):
        case.queue(notice=ended, pdf=paper)


def test_words_are_read_back_as_they_were_sealed() -> None:
    content = compose(TEMPLATES[Channel.EMAIL], example_values(TEMPLATES[Channel.EMAIL], "en"), "en", verify=None)
    words = read_words(whole(content, "https://lender.example/u/x"))
    assert (words.content, words.stop) == (content, "https://lender.example/u/x")
    made = handover.as_message(words, name="demo.1.0123456789abcdef", to="a@example.com", channel=Channel.EMAIL, at=NOW)
    assert made.reference == "demo.1"
    assert made.text.endswith("To stop e-mails to this address: https://lender.example/u/x\n")
    assert "https://lender.example/u/x" in made.html
    assert "example.com" not in repr(made)
