"""One call for one message, and what its answer means.

2xx                       taken
400, 404, 409, 410, 422   refused for good: this account, or this message, is none
any other 4xx, 503        refused for now; 3xx too, since nobody is followed anywhere
any other 5xx, no answer  nobody knows: the server may have passed it on before it failed
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

import orjson
from standardwebhooks import Webhook

from duecourse.channels.contract import Message, NotReady, Refused, Taken
from duecourse.channels.once import WHY_MAX, Once, Server

_NEVER = frozenset({400, 404, 409, 410, 422})


@dataclass(frozen=True, slots=True)
class Receiver:
    """The lender's app server."""

    server: Server
    path: str
    secret: str = field(repr=False)


class NoAnswer(Exception):
    """The server may have the message, and did not say so."""


class Post:
    """A line to the receiver."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver, self._line = receiver, Once(receiver.server)

    @property
    def receiver(self) -> Receiver:
        """Whom it calls."""
        return self._receiver

    def ready(self) -> None:
        """Connect and prove the certificate. Raises `NotReady`."""
        self._line.ready()

    def send(self, message: Message) -> Taken | Refused:
        """Call once."""
        body = json.dumps(payload(message), ensure_ascii=False, separators=(",", ":"))
        at = message.at.astimezone(UTC)
        headers = {
            "Content-Type": "application/json", "Webhook-Id": message.reference,
            "Webhook-Timestamp": str(int(at.timestamp())),
            "Webhook-Signature": Webhook(self._receiver.secret).sign(message.reference, at, body),
        }  # fmt: skip
        try:
            status, said = self._line.call("POST", self._receiver.path, headers, body.encode())
        except NotReady as error:
            return Refused(str(error)[:WHY_MAX], permanent=False)
        return _read(status, said, message)

    def close(self) -> None:
        """Let the line go."""
        self._line.close()


def payload(message: Message) -> dict[str, Any]:
    """What the receiver is told. ``alert`` is what a locked screen may show; ``text`` is for the opened app alone."""
    return {
        "type": "message.push",
        "timestamp": message.at.astimezone(UTC).isoformat(),
        "data": {
            "id": message.reference, "to": message.to, "lang": message.lang, "alert": message.subject,
            "text": message.text.strip(),
            "files": [
                {"name": one.name, "type": one.type, "data": b64encode(one.content).decode()}
                for one in message.attachments
            ],
        },
    }  # fmt: skip


def _read(status: int, said: bytes, message: Message) -> Taken | Refused:
    if 200 <= status < 300:
        return Taken(_name(said) or message.reference)
    if status >= 500 and status != 503:
        raise NoAnswer(f"answered {status}")
    return Refused(f"answered {status}", permanent=status in _NEVER)


def _name(said: bytes) -> str:
    """The receiver's own name for it, where it gives one."""
    try:
        found = orjson.loads(said)
    except ValueError:
        return ""
    name = found.get("id") if isinstance(found, dict) else None
    return name[:WHY_MAX] if isinstance(name, str) else ""
