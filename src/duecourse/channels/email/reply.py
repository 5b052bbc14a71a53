"""A person's reply by e-mail: who wrote, when, to which message, and the words that are new in it.

Reports (`channels.email.report`) and what a machine answers by itself (RFC 3834: absence notes, lists) are none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256
from html.parser import HTMLParser

from duecourse.channels.email.letter import tokens_in
from duecourse.channels.email.report import BYTES_MAX

TEXT_MAX = 20_000
_ANSWER = re.compile(r"(?:re|fw|fwd|aw|sv|回复|答复|回覆|转发)\s*(?:\[\d+\])?\s*[:：]", re.IGNORECASE)
_ANSWERED = ("In-Reply-To", "References")
_ADDRESSED = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "Cc")

_CUT = re.compile(
    r"^[ \t]*(?:"
    r"-{2,}\s*(?:original message|forwarded message|原始邮件|原邮件|转发邮件|回复邮件)\s*-{2,}.*"
    r"|-{5,}\s*原始邮件.*"
    r"|on\b.{4,200}\bwrote:"
    r"|(?:在|于)?\s*\d{4}\s*[-年/.].{4,200}(?:写道|写到)[:：]"
    r"|.{0,120}<[^<>@\s]+@[^<>\s]+>.{0,40}(?:写道|wrote)[:：]"
    r"|_{10,}"
    r"|(?:from|发件人|寄件者)\s*[:：].{1,200}\n[ \t]*(?:sent|date|to|发送时间|日期|收件人)\s*[:：].*"
    r")[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
"""Where the words of others begin, as the mail programs in use write it, in both languages."""

_SIGNATURE = re.compile(
    r"^(?:--|发自我的.{1,20}|从我的.{1,20}发送|sent from my .{1,40}|get outlook for .{1,20})$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A person's e-mail. ``name`` is its Message-ID, or the hash of its bytes where it has none."""

    sender: str = field(repr=False)
    receivers: tuple[str, ...] = field(repr=False)
    text: str = field(repr=False)
    at: datetime | None
    name: str
    tokens: tuple[str, ...]  # of messages of ours that it answers, the likeliest first


def read_reply(raw: bytes) -> Reply | None:
    """A person's reply; None for what a machine sent, has no words, or is no mail at all."""
    if len(raw) > BYTES_MAX:
        return None
    try:
        mail = message_from_bytes(raw, policy=policy.default)
        if _by_machine(mail):
            return None
        senders = [address for _name, address in getaddresses([str(mail.get("From", ""))]) if "@" in address]
        parts = (_subject(mail), unquoted(_words(mail)))
        text = "\n\n".join(one for one in parts if one).replace("\0", "")[:TEXT_MAX].strip()
        if len(senders) != 1 or not text:
            return None
        receivers = [
            address
            for header in _ADDRESSED
            for _name, address in getaddresses([str(one) for one in mail.get_all(header, [])])
        ]
        tokens = [
            token
            for header in (*_ANSWERED, *_ADDRESSED)
            for one in mail.get_all(header, [])
            for token in tokens_in(str(one))
        ]
        name = "".join(str(mail.get("Message-ID", "")).split())
        return Reply(
            senders[0], tuple(dict.fromkeys(receivers)), text, _date(mail),
            name[:500] if name.isprintable() and name else f"sha256:{sha256(raw).hexdigest()}",
            tuple(dict.fromkeys(tokens)),
        )  # fmt: skip
    except (MessageError, ValueError, LookupError, TypeError, AttributeError):  # a mail that is none
        return None


def _subject(mail: EmailMessage) -> str:
    """What the writer put over his mail; nothing where it is ours, with a sign that this is an answer."""
    said = " ".join(str(mail.get("Subject", "")).split())
    return "" if _ANSWER.match(said) else said


def unquoted(text: str) -> str:
    r"""The words that are new: without what is quoted, and without a signature. All of it where nothing would be left.

    >>> unquoted("退订\n\n在 2026年3月2日 10:00，某银行 写道：\n> 您好\n> 回复")
    '退订'
    >>> unquoted("> Your payment is due\nI paid on Friday.\n-- \nJohn")
    'I paid on Friday.'
    """
    said = text.replace("\r\n", "\n").replace("\r", "\n")
    cut = _CUT.search(said)
    top = said[: cut.start()] if cut else said
    below = said[cut.end() :] if cut else ""
    found = _own(top) or _own(below if any(line.startswith(">") for line in below.split("\n")) else "")
    return found or said.strip()


def _own(text: str) -> str:
    kept: list[str] = []
    for line in text.split("\n"):
        if line.lstrip().startswith(">"):
            continue
        if _SIGNATURE.fullmatch(line.strip()):
            break
        kept.append(line.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _by_machine(mail: EmailMessage) -> bool:
    said = str(mail.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    bulk = str(mail.get("Precedence", "")).strip().lower() in {"bulk", "junk", "list", "auto_reply"}
    empty_path = str(mail.get("Return-Path", "")).strip() == "<>"
    return said != "no" or bulk or empty_path or "X-Autoreply" in mail or mail.get_content_type() == "multipart/report"


def _words(mail: EmailMessage) -> str:
    body = mail.get_body(preferencelist=("plain", "html"))
    if not isinstance(body, EmailMessage):
        return ""
    content = str(body.get_content())
    return _plain(content) if body.get_content_type() == "text/html" else content


def _date(mail: EmailMessage) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(mail.get("Date", "")))
    except (ValueError, TypeError):
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


class _Text(HTMLParser):
    """The words of a page, lines where blocks end; what is quoted is marked as in plain text."""

    _BLOCKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "blockquote"})
    _HIDDEN = frozenset({"style", "script", "head", "title"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._quoted = self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - of the parser
        self._quoted += tag == "blockquote"
        self._hidden += tag in self._HIDDEN
        if tag in self._BLOCKS:
            self._break()

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote" and self._quoted:
            self._quoted -= 1
        if tag in self._HIDDEN and self._hidden:
            self._hidden -= 1
        if tag in self._BLOCKS:
            self._break()

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(re.sub(r"\s+", " ", data))

    def _break(self) -> None:
        self.parts.append("\n> " if self._quoted else "\n")


def _plain(page: str) -> str:
    parser = _Text()
    parser.feed(page)
    parser.close()
    return "\n".join(line.strip() for line in "".join(parser.parts).split("\n"))
