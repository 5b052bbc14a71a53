"""One contact that a caller wants to make, as the API is asked about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any


def digest(content: bytes | str) -> str:
    """The SHA-256 of what is sent, in hex; text as UTF-8."""
    return sha256(content.encode() if isinstance(content, str) else content).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom, about what, how, when, with which text.

    ``content`` is what is sent, or the script where somebody speaks: only its SHA-256 leaves this process. ``staff`` is
    the number in the staff register of whoever speaks, empty where a machine sends. ``sender`` (type and firm) is left
    out unless the token may act for others. ``visit`` has collectors and enters_private.
    """

    person: str
    loans: Sequence[str]
    contact_point: str
    channel: str
    at: datetime
    template: str
    content: bytes | str = field(repr=False)
    staff: str = ""
    sender: Mapping[str, str] | None = None
    visit: Mapping[str, int | bool] | None = None

    def __post_init__(self) -> None:
        """Refuse an instant that does not know its zone."""
        if self.at.tzinfo is None:
            raise ValueError("the planned instant must know its zone")

    def body(self) -> dict[str, Any]:
        """The contact as the API takes it."""
        said: dict[str, Any] = {
            "person": self.person,
            "loans": list(self.loans),
            "contact_point": self.contact_point,
            "channel": self.channel,
            "at": self.at.isoformat(),
            "template": self.template,
            "content_sha256": digest(self.content),
            "staff": self.staff,
        }
        if self.sender is not None:
            said["sender"] = dict(self.sender)
        if self.visit is not None:
            said["visit"] = dict(self.visit)
        return said
