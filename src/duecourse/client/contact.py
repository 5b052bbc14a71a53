"""One contact that a caller wants to make, as the API is asked about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from duecourse.client.shapes import Channel, Sender, Visit


def digest(content: bytes | str) -> str:
    """The SHA-256 of what is sent, in hex; text as UTF-8."""
    return sha256(content.encode() if isinstance(content, str) else content).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom, about what, how, when, with which text.

    ``content`` is what is sent, or the script where somebody speaks: only its SHA-256 leaves this process. ``staff`` is
    the number in the staff register of whoever speaks, empty where a machine sends. ``sender`` is left out
    unless the token may act for others.
    """

    person: str
    loans: Sequence[str]
    contact_point: str
    channel: Channel
    at: datetime
    template: str
    content: bytes | str = field(repr=False)
    staff: str = ""
    sender: Sender | None = None
    visit: Visit | None = None

    def __post_init__(self) -> None:
        """Refuse an instant that does not know its zone."""
        if self.at.tzinfo is None:
            raise ValueError("the planned instant must know its zone")

    def fields(self) -> dict[str, Any]:
        """The contact as the operations take it."""
        return {
            "person": self.person,
            "loans": tuple(self.loans),
            "contact_point": self.contact_point,
            "channel": self.channel,
            "at": self.at,
            "template": self.template,
            "content_sha256": digest(self.content),
            "staff": self.staff,
            "sender": self.sender,
            "visit": self.visit,
        }
