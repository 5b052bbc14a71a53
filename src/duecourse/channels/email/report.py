"""Reports that come back of e-mails: delivery status (RFC 3464) and complaints (RFC 5965), as far as we act on them.

Anybody may write such a mail. It counts only for the message whose name, with our mark, it bears: in the address that
it came to, or in the Message-ID of the message that it is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import Message
from enum import StrEnum

from duecourse.channels.email.letter import tokens_in

BYTES_MAX = 10_000_000
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_NOBODY_THERE = re.compile(r"5\.(?:1\.\d+|2\.1|4\.4)")
"""No such mailbox or domain, or one that is switched off (RFC 3463); a full one, or a text not liked, is neither."""

_ADDRESSED = ("To", "Delivered-To", "X-Original-To", "Envelope-To")
_NAMED = ("Message-ID", "Original-Rcpt-To", "Original-Mail-From", "In-Reply-To", "References", "Return-Path")
_ACTIONS = {"failed": "bounced", "delayed": "delayed", "delivered": "delivered"}
_PARTS_MAX = 50


class Kind(StrEnum):
    """What a report says."""

    BOUNCED = "bounced"  # it did not arrive, and nobody tries again
    DELAYED = "delayed"  # it is still tried
    DELIVERED = "delivered"  # it lies in the mailbox
    COMPLAINT = "complaint"  # its reader reported it as unwanted


@dataclass(frozen=True, slots=True)
class Report:
    """A report, and the names of the messages that it may be about, the likeliest first."""

    kind: Kind
    status: str | None
    tokens: tuple[str, ...]

    @property
    def nobody_there(self) -> bool:
        """Whether the mailbox will never take anything."""
        return self.kind is Kind.BOUNCED and bool(self.status and _NOBODY_THERE.fullmatch(self.status))


def read_report(raw: bytes) -> Report | None:
    """A report, None for every other mail, however it is broken."""
    if len(raw) > BYTES_MAX:
        return None
    try:
        mail = message_from_bytes(raw, policy=policy.compat32)
        parts = _parts(mail)
        found = _said(parts)
    except (MessageError, ValueError, LookupError, TypeError, AttributeError):  # a mail that is none
        return None
    if found is None:
        return None
    kind, status = found
    return Report(kind, status, tuple(dict.fromkeys(_tokens(mail, parts))))


def _parts(mail: Message) -> list[Message]:
    found = []
    for part in mail.walk():
        found.append(part)
        if len(found) >= _PARTS_MAX:
            break
    return found


def _said(parts: list[Message]) -> tuple[Kind, str | None] | None:
    for part in parts:
        held = part.get_payload()
        if not isinstance(held, list):
            continue
        blocks = [one for one in held if isinstance(one, Message)]
        if part.get_content_type() == "message/feedback-report":
            abuse = any(str(one["Feedback-Type"]).strip().lower() != "not-spam" for one in blocks)
            return (Kind.COMPLAINT, None) if blocks and abuse else None
        if part.get_content_type() == "message/delivery-status":
            for block in blocks:
                action = _ACTIONS.get(str(block["Action"] or "").strip().lower())
                if action is not None:
                    status = _STATUS.search(str(block["Status"] or ""))
                    return Kind(action), status.group() if status else None
    return None


def _tokens(mail: Message, parts: list[Message]) -> Iterator[str]:
    for name in _ADDRESSED:
        for value in mail.get_all(name, []):
            yield from tokens_in(str(value))
    for part in parts[1:]:
        for name in _NAMED:
            for value in part.get_all(name, []):
                yield from tokens_in(str(value))
        if part.get_content_type() == "text/rfc822-headers":
            held = part.get_payload(decode=True)
            if isinstance(held, bytes):
                yield from tokens_in(held.decode("utf-8", "replace"))
