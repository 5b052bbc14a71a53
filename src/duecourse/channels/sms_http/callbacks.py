"""What a provider calls back with, as the same file says: receipts and replies, each call proven to be the provider's.

    callbacks:
      signed: {hmac: sha256, header: X-Signature, timestamp: X-Timestamp}   # or: {secret: X-Callback-Token}
      receipt:
        where: {event: status}
        reference: data.id
        status: data.state
        delivered: [DELIVRD]
        failed: [UNDELIV, EXPIRED]
        dead: [NO_SUCH_NUMBER]
      reply: {where: {event: inbound}, sender: data.from, to: data.to, text: data.text, reference: data.id}

``hmac``: the header bears the HMAC, in hex or Base64, over the body; with ``timestamp`` over the instant in that header
(Unix seconds), a dot and the body, and calls older than `OLD_S` are refused. ``secret``: the header bears the secret
itself. A body is JSON, one thing or a list of them, or a form. What fits neither receipt nor reply is left alone. A
reply has a reference always: the same again is received once.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl

from duecourse.channels.contract import Arrived, Heard, Receipt
from duecourse.trouble import N_, BadInput, Refused

HASHES = ("sha256", "sha512")
OLD_S = 300
MOST = 500
"""Things that one call may bring."""

_SIGNED = {"hmac", "header", "timestamp", "secret"}
_RECEIPT = {"where", "reference", "status", "delivered", "failed", "dead"}
_REPLY = {"where", "sender", "to", "text", "reference"}


class BadCallbacks(BadInput):
    """A description of callbacks that is none."""

    def __init__(self, why: str) -> None:
        super().__init__(N_("callbacks: {why}"), why=why)
        self.why = why


class NotGenuine(Refused):
    """A call that does not prove that it is the provider's."""

    def __init__(self) -> None:
        super().__init__(N_("the call is not signed as the provider signs, or too old: nothing of it was read"))


class NotRead(BadInput):
    """A genuine call whose body cannot be read."""

    def __init__(self) -> None:
        super().__init__(N_("the body is neither JSON nor a form, or brings too much at once"))


@dataclass(frozen=True, slots=True)
class Signed:
    """How a call proves itself."""

    header: str
    hash: str = ""  # empty: the header bears the secret itself
    timestamp: str = ""

    def proves(self, secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Whether a call bears the proof. ``headers`` by their names in lower case."""
        given = headers.get(self.header.lower(), "")
        if not secret or not given:
            return False
        if not self.hash:
            return hmac.compare_digest(given.encode(), secret.encode())
        signed = body
        if self.timestamp:
            at = headers.get(self.timestamp.lower(), "")
            if not (at.isascii() and at.isdecimal()) or abs(int(at[:12]) - int(now.timestamp())) > OLD_S:
                return False
            signed = at.encode() + b"." + body
        mac = hmac.digest(secret.encode(), signed, self.hash)
        shown = given.removeprefix(f"{self.hash}=")
        forms = (mac.hex(), b64encode(mac).decode())
        return sum(hmac.compare_digest(shown.encode(), one.encode()) for one in forms) > 0


@dataclass(frozen=True, slots=True)
class Receipts:
    """Where a receipt says what, and what its words mean."""

    where: Mapping[str, str]
    reference: str
    status: str
    delivered: frozenset[str]
    failed: frozenset[str]
    dead: frozenset[str]


@dataclass(frozen=True, slots=True)
class Replies:
    """Where a reply says what."""

    where: Mapping[str, str]
    sender: str
    to: str
    text: str
    reference: str


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What a provider calls back with."""

    signed: Signed
    receipt: Receipts | None = field(default=None)
    reply: Replies | None = field(default=None)

    def read(self, secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> list[Receipt | Heard]:
        """What a call brings. Raises `NotGenuine`, `NotRead`."""
        if not self.signed.proves(secret, headers, body, now):
            raise NotGenuine
        return [one for said in _things(body) for one in self._of(said)]

    def _of(self, said: object) -> Iterator[Receipt | Heard]:
        if self.receipt is not None and _fits(said, self.receipt.where):
            name, status = found(said, self.receipt.reference), found(said, self.receipt.status)
            if name and status:
                dead = status in self.receipt.dead
                failed = dead or status in self.receipt.failed
                arrived = Arrived.FAILED if failed else Arrived.UNDERWAY
                yield Receipt(name, Arrived.DELIVERED if status in self.receipt.delivered else arrived, status, dead)
                return
        if self.reply is not None and _fits(said, self.reply.where):
            sender, text, name = (
                found(said, path) for path in (self.reply.sender, self.reply.text, self.reply.reference)
            )
            if sender and text and name:
                yield Heard(sender, (found(said, self.reply.to) or "")[:200], text, name[:500])


def found(said: object, path: str) -> str | None:
    """What stands at a path of an answer, as text."""
    for name in path.split("."):
        if isinstance(said, list) and name.isdecimal() and int(name) < len(said):
            said = said[int(name)]
        elif isinstance(said, dict) and name in said:
            said = said[name]
        else:
            return None
    return said if isinstance(said, str) else json.dumps(said)


def _fits(said: object, where: Mapping[str, str]) -> bool:
    return all(found(said, path) == value for path, value in where.items())


def _things(body: bytes) -> Sequence[object]:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise NotRead from None
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        pairs = parse_qsl(text, max_num_fields=100) if "=" in text else []
        if not pairs:
            raise NotRead from None
        return [dict(pairs)]
    things = said if isinstance(said, list) else [said]
    if len(things) > MOST:
        raise NotRead
    return things


def read_callbacks(said: object) -> Callbacks:
    """What the file says of callbacks. Raises `BadCallbacks`."""
    held = _mapping(said, {"signed", "receipt", "reply"}, N_("it has signed, and receipt or reply"))
    if "signed" not in held or not ({"receipt", "reply"} & set(held)):
        raise BadCallbacks(N_("it has signed, and receipt or reply"))
    signed = _mapping(held["signed"], _SIGNED, N_("signed has hmac and header, or secret"))
    if ("hmac" in signed) is ("secret" in signed) or ("hmac" in signed) is not ("header" in signed):
        raise BadCallbacks(N_("signed has hmac and header, or secret"))
    if "hmac" in signed and signed["hmac"] not in HASHES:
        raise BadCallbacks(N_("hmac is sha256 or sha512"))
    proof = Signed(_text(signed.get("header", signed.get("secret"))), str(signed.get("hmac", "")),
                   _text(signed["timestamp"]) if "timestamp" in signed else "")  # fmt: skip
    receipt = reply = None
    if "receipt" in held:
        one = _mapping(held["receipt"], _RECEIPT, N_("a receipt has reference, status, delivered and failed"))
        if not {"reference", "status", "delivered", "failed"} <= set(one):
            raise BadCallbacks(N_("a receipt has reference, status, delivered and failed"))
        receipt = Receipts(
            _where(one), _text(one["reference"]), _text(one["status"]), _words(one["delivered"]),
            _words(one["failed"]), _words(one.get("dead", [])),
        )  # fmt: skip
    if "reply" in held:
        one = _mapping(held["reply"], _REPLY, N_("a reply has sender, text and reference"))
        if not {"sender", "text", "reference"} <= set(one):
            raise BadCallbacks(N_("a reply has sender, text and reference"))
        reply = Replies(
            _where(one), _text(one["sender"]), _text(one["to"]) if "to" in one else "", _text(one["text"]),
            _text(one["reference"]),
        )  # fmt: skip
    return Callbacks(proof, receipt, reply)


def _mapping(said: object, known: set[str], why: str) -> dict[str, object]:
    if not isinstance(said, dict) or set(said) - known:
        raise BadCallbacks(why)
    return said


def _text(said: object) -> str:
    if not isinstance(said, str) or not said or not said.isascii() or not said.isprintable():
        raise BadCallbacks(N_("headers and paths are texts in ASCII"))
    return said


def _words(said: object) -> frozenset[str]:
    if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
        raise BadCallbacks(N_("delivered, failed and dead are lists of texts"))
    return frozenset(said)


def _where(one: Mapping[str, object]) -> dict[str, str]:
    said = one.get("where", {})
    if not isinstance(said, dict) or not all(isinstance(value, str) for value in said.values()):
        raise BadCallbacks(N_("where is paths with texts"))
    return said
