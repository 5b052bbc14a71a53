"""E-mails as a server that is not ours got them: signed, in text and HTML, with files and the way to stop."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from duecourse.channels.contract import Attachment, BadSetting, Message, NotReady, Refused, Taken, checked
from duecourse.channels.email import KIND
from duecourse.channels.email.letter import tokens_in
from tests.mail_peer import Peer, mail_peer

KEY = rsa.generate_private_key(65_537, 2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
PUBLIC = b64encode(
    KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
)
SIGNING = {"dkim_domain": "bank.example", "dkim_selector": "s1", "dkim_key": PEM}
MESSAGE = Message(
    reference="bank.7", token="bank.7.0123456789abcdef", to="demo-1@example.com", lang="zh",
    subject="示例银行给您的函件", text=".\n..这一行以点开头。\nFrom here on\n" + "长" * 300 + "\n",
    html="<!doctype html><p>示例&amp;</p>", at=datetime(2026, 3, 2, 2, 0, tzinfo=UTC),
    stop_url="https://lender.example/u/bank.7.0123456789abcdef0123456789abcdef",
    attachments=(Attachment("通知.pdf", "application/pdf", b"%PDF-1.7 \r\n.\r\nno\n"),),
)  # fmt: skip


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    with mail_peer(tmp_path) as running:
        yield running


def sent(peer: Peer, message: Message = MESSAGE, **more: str) -> bytes:
    """The bytes that arrived."""
    line = KIND.open(checked(KIND, peer.settings(**more)))
    answer = line.send(message)
    line.close()
    assert isinstance(answer, Taken), answer
    content = peer.handler.kept[-1].content
    assert isinstance(content, bytes)
    return content


def dns(name: bytes, timeout: int = 5) -> bytes:
    """What the domain publishes."""
    assert timeout
    return b"v=DKIM1; k=rsa; p=" + PUBLIC if name == b"s1._domainkey.bank.example." else b""


def test_the_signature_holds_and_no_changed_byte_passes(peer: Peer) -> None:
    raw = sent(peer, MESSAGE, **SIGNING)
    assert dkim.verify(raw, dnsfunc=dns)
    for old, new in (
        (b"List-Unsubscribe: <https://lender", b"List-Unsubscribe: <https://lander"),
        (b"From: ", b"From: x@evil.example\r\nFrom: "),
        (b"Subject: ", b"Subject: Re "),
        (raw[-60:-50], b"AAAAAAAAAA"),
    ):
        assert old in raw
        assert not dkim.verify(raw.replace(old, new, 1), dnsfunc=dns), old
    signature = b"".join(raw.partition(b"\r\nFrom:")[0].lower().split())
    signed = signature.partition(b";h=")[2].partition(b";")[0].split(b":")
    assert signed.count(b"from") == 2, "or somebody could add another one"
    assert {b"list-unsubscribe", b"list-unsubscribe-post", b"message-id", b"content-type"} <= set(signed)
    assert b"dkim-signature" not in sent(peer).lower()


@pytest.mark.parametrize("text", ["", "\n", "a\n\n\n", "a", " a  b\t c \n\n d\n \n", "长" * 500, ".\n.\n", "a\r\n\r\n"])
def test_every_form_of_body_is_signed_as_others_read_it(peer: Peer, text: str) -> None:
    for html in ("", "<p> a   b </p>\n\n"):
        raw = sent(peer, replace(MESSAGE, text=text, html=html, attachments=()), **SIGNING)
        assert dkim.verify(raw, dnsfunc=dns)


def test_text_and_html_and_files_arrive_as_they_were(peer: Peer) -> None:
    sent(peer, MESSAGE, **SIGNING)
    mail = peer.read(peer.handler.kept[0])
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == MESSAGE.text
    assert html.get_content().rstrip() == MESSAGE.html
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("通知.pdf", MESSAGE.attachments[0].content)
    assert mail["From"] == "示例银行 <service@bank.example>"
    assert (mail["To"], mail["Subject"]) == ("demo-1@example.com", MESSAGE.subject)
    assert mail["List-Unsubscribe"] == f"<{MESSAGE.stop_url}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    envelope = peer.handler.kept[0]
    assert tokens_in(str(mail["Message-ID"])) == tokens_in(str(envelope.mail_from)) == [MESSAGE.token]


def test_nothing_breaks_out_of_its_line(peer: Peer) -> None:
    line = KIND.open(checked(KIND, peer.settings()))
    for odd in (
        replace(MESSAGE, subject="a\r\nBcc: all@example.com"),
        replace(MESSAGE, to="a@example.com\r\nRCPT TO:<b@example.com>"),
        replace(MESSAGE, to="示例@example.com"),
        replace(MESSAGE, to="nobody"),
        replace(MESSAGE, stop_url="https://x\r\nBcc: all@example.com"),
    ):
        answer = line.send(odd)
        assert isinstance(answer, Refused), answer
        assert answer.permanent
    assert peer.handler.kept == []


def test_one_connection_carries_many_and_a_lost_one_is_opened_anew(peer: Peer) -> None:
    line = KIND.open(checked(KIND, peer.settings()))
    for number in range(5):
        line.ready()
        if number == 3:
            line._line.sock.close()  # type: ignore[attr-defined]
            line.ready()
        assert isinstance(line.send(MESSAGE), Taken)
    line.close()
    assert isinstance(line.send(MESSAGE), Taken)  # opened by itself
    line.close()


def test_who_does_not_know_the_password_is_not_let_in(peer: Peer) -> None:
    line = KIND.open(checked(KIND, peer.settings(password="another")))
    with pytest.raises(NotReady, match="535"):
        line.ready()
    assert isinstance(line.send(MESSAGE), Refused)


def test_a_certificate_of_another_name_is_not_trusted(peer: Peer) -> None:
    line = KIND.open(checked(KIND, peer.settings(host="localhost")))  # the certificate names 127.0.0.1
    with pytest.raises(NotReady, match="CERTIFICATE_VERIFY_FAILED"):
        line.ready()


@pytest.mark.parametrize(
    "key",
    [
        "no key",
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode(),
        KEY.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
        ).decode(),
    ],
)
def test_a_key_that_cannot_sign_is_refused(peer: Peer, key: str) -> None:
    with pytest.raises(BadSetting, match="dkim_key"):
        checked(KIND, peer.settings(**(SIGNING | {"dkim_key": key})))
