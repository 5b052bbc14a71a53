"""What comes back of e-mails, as mail servers write it: believed for the message it bears our mark of, once."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duecourse.casework import stop_link
from duecourse.casework.gate import Gate
from duecourse.casework.mail_reports import take_over
from duecourse.casework.permit import Refusal
from duecourse.channels.email.report import Kind, read_report
from duecourse.cli.email import NoMail, _mails
from duecourse.storage import points
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import person
from tests.mail_peer import Peer, mail_peer
from tests.permit_desk import OPERATOR, Clock
from tests.post_desk import Desk

VAULT = Vault(new_ring())
GATE = Gate(VAULT)


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    with mail_peer(tmp_path) as running:
        yield running


@pytest.fixture
def desk(database: Database, peer: Peer) -> Iterator[Desk]:
    desk = Desk(database, GATE, Clock())
    desk.fill(1, 2)
    desk.set_up(peer)
    desk.queue(1)
    desk.work()
    yield desk
    desk.lines.close()


def dsn(to: str, original: str = "", *, action: str = "failed", status: str = "5.1.1") -> bytes:
    """A delivery status notification as Postfix writes it."""
    return (
        "From: MAILER-DAEMON@mx.example (Mail Delivery System)\r\n"
        f"To: {to}\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b/1"\r\n\r\n'
        "--b/1\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you ...\r\n\r\n"
        "--b/1\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example\r\nArrival-Date: Mon,  2 Mar 2026 10:00:00 +0800 (CST)\r\n\r\n"
        "Final-Recipient: rfc822; demo-1@example.com\r\nOriginal-Recipient: rfc822;demo-1@example.com\r\n"
        f"Action: {action}\r\nStatus: {status}\r\nRemote-MTA: dns; mx.example.com\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 <demo-1@example.com>: no such user\r\n\r\n"
        f"--b/1\r\nContent-Type: text/rfc822-headers\r\n\r\n{original}\r\n\r\n--b/1--\r\n"
    ).encode()


def arf(original: str, feedback: str = "abuse") -> bytes:
    """A complaint as mailbox providers write it."""
    return (
        "From: <abusedesk@mailbox.example>\r\nTo: <abuse@bank.example>\r\nSubject: FW: a letter\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary="part"\r\n\r\n'
        "--part\r\nContent-Type: text/plain\r\n\r\nThis is an email abuse report.\r\n\r\n"
        "--part\r\nContent-Type: message/feedback-report\r\n\r\n"
        f"Feedback-Type: {feedback}\r\nUser-Agent: SomeGenerator/1.0\r\nVersion: 1\r\n\r\n"
        f"--part\r\nContent-Type: message/rfc822\r\n\r\n{original}\r\n--part--\r\n"
    ).encode()


def path_of(peer: Peer) -> str:
    return str(peer.handler.kept[0].mail_from)


def original(peer: Peer) -> str:
    content = peer.handler.kept[0].content
    assert isinstance(content, bytes)
    return content.decode("ascii")


def read(desk: Desk, *raws: bytes) -> dict[str, int]:
    return dict(take_over(desk.database, raws, gate=GATE, actor=OPERATOR, clock=desk.clock))


def state(desk: Desk) -> str:
    with desk.database.transaction("demo") as tx:
        return next(one.state for one in points.of_person(tx, person(1)) if one.kind == "email")


def test_a_hard_bounce_settles_the_message_and_marks_the_contact_point(desk: Desk, peer: Peer) -> None:
    assert read(desk, dsn(path_of(peer))) == {"bounced": 1}
    row = desk.rows()[0]
    assert (row.state, row.permanent, desk.contacts()) == ("failed", True, [("reported", "failed")])
    assert state(desk) == "unreachable"
    assert isinstance(desk.queue(1)[0], Refusal)
    assert read(desk, dsn(path_of(peer))) == {"read before": 1}
    assert desk.kinds()[-1] == "message.bounced"
    assert desk.kinds().count("message.bounced") == 1


def test_a_full_mailbox_stays_in_use(desk: Desk, peer: Peer) -> None:
    assert read(desk, dsn("postmaster@bank.example", original(peer), status="5.2.2")) == {"bounced": 1}
    row = desk.rows()[0]
    assert (row.state, row.permanent, state(desk)) == ("failed", False, "ok")


def test_delays_and_receipts(desk: Desk, peer: Peer) -> None:
    assert read(desk, dsn(path_of(peer), action="delayed", status="4.4.1")) == {"delayed": 1}
    assert desk.contacts() == [("reported", "sent")]
    assert read(desk, dsn(path_of(peer), action="delivered", status="2.0.0")) == {"delivered": 1}
    assert (desk.states(), desk.contacts()) == (["sent"], [("reported", "delivered")])


def test_an_unknown_message_that_comes_back_is_known(desk: Desk, peer: Peer) -> None:
    peer.handler.mood = "drops"
    desk.queue(2)
    desk.work()
    assert desk.states() == ["sent", "unknown"]
    assert read(desk, dsn(str(peer.handler.kept[1].mail_from))) == {"bounced": 1}
    assert desk.states() == ["sent", "failed"]
    assert desk.contacts()[1] == ("reported", "failed")


def test_a_complaint_stops_the_contact_point_and_not_spam_does_not(desk: Desk, peer: Peer) -> None:
    assert read(desk, arf(original(peer), "not-spam")) == {"no report": 1}
    assert state(desk) == "ok"
    assert read(desk, arf(original(peer))) == {"complaint": 1}
    assert (state(desk), desk.states()) == ("stopped", ["sent"])
    assert read(desk, dsn(path_of(peer))) == {"bounced": 1}
    assert state(desk) == "stopped"  # what somebody asked for goes before what a server says


def test_nobody_makes_up_a_bounce(desk: Desk, peer: Peer) -> None:
    honest = path_of(peer)
    number = desk.rows()[0].message_id
    forged = honest.replace(honest.rpartition(".")[0].rpartition(".")[2].split("@")[0], "0" * 16)
    strange = stop_link.name(VAULT, "demo", number + 1000)
    for to in (forged, f"bounces+demo.{number}.{'0' * 16}@bank.example", f"bounces+{strange}@bank.example"):
        assert read(desk, dsn(to)) == {"not ours": 1}, to
    plain = EmailMessage()
    plain["To"] = honest
    plain.set_content("I am on holiday")
    assert read(desk, plain.as_bytes()) == {"no report": 1}
    assert (desk.states(), state(desk)) == (["sent"], "ok")


@given(st.binary(max_size=400), st.integers(0, 900))
def test_no_mail_breaks_the_reader(noise: bytes, place: int) -> None:
    whole = dsn("bounces+demo.1.0123456789abcdef@bank.example")
    report = read_report(whole[:place] + noise + whole[place:])
    assert report is None or report.kind in set(Kind)
    read_report(noise)


def test_mails_are_read_from_files_and_mailboxes(tmp_path: Path) -> None:
    raw = dsn("bounces+demo.1.0123456789abcdef@bank.example")
    (tmp_path / "a.eml").write_bytes(raw)
    box = mailbox.mbox(tmp_path / "box")
    box.add(raw)
    box.close()
    folder = mailbox.Maildir(tmp_path / "maildir")
    folder.add(raw)
    for path in (tmp_path / "a.eml", tmp_path, tmp_path / "box", tmp_path / "maildir"):
        found = [read_report(one) for one in _mails(path)]
        assert [one.kind for one in found if one] == [Kind.BOUNCED], path
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "nowhere", tmp_path / "empty"):
        with pytest.raises(NoMail):
            list(_mails(path))
