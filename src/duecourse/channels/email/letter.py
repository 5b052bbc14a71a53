"""A message as bytes of an e-mail (RFC 5322): text and HTML, attachments, the way to stop, and names of our own.

``Message-ID`` and the return path bear the token of the message, so that what comes back says what it is about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from functools import lru_cache
from hashlib import sha256
from typing import Any

from duecourse.channels.contract import Message

_PLAIN = frozenset({"Message-ID", "List-Unsubscribe"})
"""What we make ourselves, in ASCII and in one line: there is nothing in it to be parsed."""

_SAME = frozenset(
    {
        "auto-submitted", "content-language", "list-unsubscribe-post", "mime-version", "content-type",
        "content-transfer-encoding", "subject", "reply-to",
    }
)  # fmt: skip
"""What is the same from letter to letter: parsed once, and written once."""


class _Kinds(HeaderRegistry):
    """The library's registry, but that it does not make a class anew for each header of each letter."""

    def __getitem__(self, name: str) -> type:
        return _kind_of(name.lower())


@lru_cache(maxsize=128)
def _kind_of(name: str) -> type:
    return HeaderRegistry()[name]


class _Quick(EmailPolicy):
    """The library's policy, but that a header is not parsed again and again: that was half of what a letter cost."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:  # noqa: ANN401 - whatever a header is given
        if isinstance(value, str) and not hasattr(value, "name"):
            if name in _PLAIN and value.isascii() and value.isprintable():
                return name, value
            if name.lower() in _SAME and len(value.splitlines()) <= 1:
                return name, _parsed(name, value)
        return super().header_store_parse(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:  # noqa: ANN401 - as above
        return _folded(self, name, value) if name.lower() in _SAME else super().fold_binary(name, value)


@lru_cache(maxsize=512)
def _parsed(name: str, value: str) -> object:
    return SMTP.header_factory(name, value)


@lru_cache(maxsize=512)
def _folded(policy: EmailPolicy, name: str, value: Any) -> bytes:  # noqa: ANN401 - a header, which is a str
    return EmailPolicy.fold_binary(policy, name, value)


@lru_cache(maxsize=64)
def _from(sender: From) -> object:
    return SMTP.header_factory("From", Address(display_name=sender.name, addr_spec=sender.address))


_POLICY = _Quick(linesep="\r\n", max_line_length=76, cte_type="7bit", header_factory=_Kinds())
_UNFOLDED = _POLICY.clone(max_line_length=500)
"""Headers stand in one line: not every receiver reads the address that stops mail where it is folded."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,32}\.[0-9]{1,19}\.[0-9a-f]{16}")
_MARK = "dc."


@dataclass(frozen=True, slots=True)
class From:
    """Whose mail it is: what stands in From and Reply-To, and to which mailbox bounces go."""

    address: str
    name: str
    reply_to: str
    bounces: str

    @property
    def domain(self) -> str:
        """The domain of the sender."""
        return self.address.rpartition("@")[2]


def return_path(sender: From, token: str) -> str:
    """The envelope's sender: the mailbox of bounces with the token in it, where there is one.

    >>> return_path(From("a@bank.example", "", "", "bounces@bank.example"), "bank.7.0123456789abcdef")
    'bounces+bank.7.0123456789abcdef@bank.example'
    """
    if not sender.bounces:
        return sender.address
    local, _at, domain = sender.bounces.rpartition("@")
    return f"{local}+{token}@{domain}"


def message_name(sender: From, token: str) -> str:
    """The Message-ID."""
    return f"<{_MARK}{token}@{sender.domain}>"


def tokens_in(text: str) -> list[str]:
    """The tokens that a Message-ID or a return path of ours bears.

    >>> tokens_in("<dc.bank.7.0123456789abcdef@bank.example>"), tokens_in("<other@bank.example>")
    (['bank.7.0123456789abcdef'], [])
    """
    return [
        found.group()
        for found in _TOKEN.finditer(text)
        if re.search(r"(?:<dc\.|\+)$", text[: found.start()]) is not None
    ]


def _encoding(said: str) -> str | None:
    """Text beyond ASCII is shortest so; of other texts the library tries which form is."""
    return None if said.isascii() else "base64"


def letter(sender: From, message: Message) -> bytes:
    """The e-mail, lines ended by CRLF, not signed yet.

    Raises ValueError or MessageError for an address or header that is none, or would break out of its line.
    """
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = _from(sender)
    mail["To"] = Address(addr_spec=message.to)
    mail["Subject"] = message.subject
    mail["Date"] = message.at
    mail["Message-ID"] = message_name(sender, message.token)
    if sender.reply_to:
        mail["Reply-To"] = Address(addr_spec=sender.reply_to)
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = "zh-CN" if message.lang == "zh" else message.lang
    if message.stop_url:  # RFC 8058: one click, by POST
        mail["List-Unsubscribe"] = f"<{message.stop_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(message.text, cte=_encoding(message.text))
    mark = sha256(message.token.encode()).hexdigest()[:16]  # "=_" stands in no text that is encoded
    if message.html:
        mail.make_alternative(boundary=f"=_1.{mark}")
        mail.add_alternative(message.html, subtype="html", cte=_encoding(message.html))
    if message.attachments:
        mail.make_mixed(boundary=f"=_0.{mark}")
    for one in message.attachments:
        main, _slash, sub = one.type.partition("/")
        mail.add_attachment(one.content, maintype=main, subtype=sub, filename=one.name)
    return mail.as_bytes(policy=_UNFOLDED)
