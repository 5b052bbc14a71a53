"""The protocol data units of SMPP 3.4 that we speak, as bytes.

A unit is 16 octets of head (length, command, status, number) and a body. Text fields end with a zero octet. Behind the
fields of a command may stand others, each with tag and length; of those we read what receipts bear.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

HEAD = 16
LENGTH_MAX = 70_000
"""Longer than any unit that can be meant: payloads have at most 64 KiB."""

ANSWER = 0x8000_0000


class Command(IntEnum):
    """What a unit asks."""

    BIND_RECEIVER = 0x01
    BIND_TRANSMITTER = 0x02
    SUBMIT = 0x04
    DELIVER = 0x05
    UNBIND = 0x06
    BIND_TRANSCEIVER = 0x09
    ENQUIRE_LINK = 0x15
    NACK = ANSWER


class Status(IntEnum):
    """What an answer says, as far as we treat it in a way of its own (SMPP 3.4, 5.1.3)."""

    OK = 0x00
    INVALID_LENGTH = 0x01
    INVALID_COMMAND = 0x03
    WRONG_STATE = 0x04
    INVALID_SOURCE = 0x0A
    INVALID_DESTINATION = 0x0B
    QUEUE_FULL = 0x14
    INVALID_TON = 0x50
    INVALID_NPI = 0x51
    THROTTLED = 0x58
    TRY_LATER = 0x64  # of a receiver: for now it cannot take what is delivered


NAMES = {
    0x01: "ESME_RINVMSGLEN", 0x02: "ESME_RINVCMDLEN", 0x03: "ESME_RINVCMDID", 0x04: "ESME_RINVBNDSTS",
    0x05: "ESME_RALYBND", 0x08: "ESME_RSYSERR", 0x0A: "ESME_RINVSRCADR", 0x0B: "ESME_RINVDSTADR",
    0x0D: "ESME_RBINDFAIL", 0x0E: "ESME_RINVPASWD", 0x0F: "ESME_RINVSYSID", 0x14: "ESME_RMSGQFUL",
    0x45: "ESME_RSUBMITFAIL", 0x50: "ESME_RINVDSTTON", 0x51: "ESME_RINVDSTNPI", 0x58: "ESME_RTHROTTLED",
    0x64: "ESME_RX_T_APPN",
}  # fmt: skip

OWN_NUMBER = 0x0204
PAYLOAD, RECEIPTED, STATE = 0x0424, 0x001E, 0x0427
REF_NUMBER, REF_TOTAL, REF_PART = 0x020C, 0x020E, 0x020F


class Garbled(ValueError):
    """Octets that are no unit: nothing behind them can be told apart any more."""


@dataclass(frozen=True, slots=True)
class Pdu:
    """One unit."""

    command: int
    status: int
    number: int
    body: bytes = field(default=b"", repr=False)

    def raw(self) -> bytes:
        """As it goes over the line."""
        return struct.pack(">IIII", HEAD + len(self.body), self.command, self.status, self.number) + self.body


def named(status: int) -> str:
    """A status as one may look it up.

    >>> named(0x58)
    'ESME_RTHROTTLED (0x58)'
    """
    return f"{NAMES.get(status, 'status')} (0x{status:02x})"


def take(buffer: bytearray) -> Pdu | None:
    """The next unit, taken out of what has arrived; None until it is whole. Raises `Garbled`."""
    if len(buffer) < HEAD:
        return None
    length, command, status, number = struct.unpack_from(">IIII", buffer)
    if not HEAD <= length <= LENGTH_MAX:
        raise Garbled(f"a unit of {length} octets")
    if len(buffer) < length:
        return None
    body = bytes(buffer[HEAD:length])
    del buffer[:length]
    return Pdu(command, status, number, body)


def text(value: str, most: int) -> bytes:
    """A text field: ASCII, cut to what it may have, ended."""
    return value.encode("ascii", "replace")[: most - 1] + b"\0"


def bind(system_id: str, password: str, system_type: str) -> bytes:
    """The body of a bind."""
    return text(system_id, 16) + text(password, 9) + text(system_type, 13) + bytes([0x34, 0, 0]) + b"\0"


@dataclass(frozen=True, slots=True)
class Address:
    """A number or name with its type and plan."""

    ton: int
    npi: int
    value: str = field(repr=False)

    def raw(self) -> bytes:
        """As fields."""
        return bytes([self.ton, self.npi]) + text(self.value, 21)


def submit(source: Address, to: Address, *, number: int, coding: int, message: bytes, header: bool) -> bytes:
    """The body of a submission that asks for a receipt; ``number`` is ours for the message, of 16 bits."""
    return (
        b"\0" + source.raw() + to.raw() + bytes([0x40 if header else 0, 0, 0]) + b"\0\0" + bytes([1, 0, coding, 0])
        + bytes([len(message)]) + message + struct.pack(">HHH", OWN_NUMBER, 2, number)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Delivered:
    """The fields of a delivery that we look at."""

    source: Address
    to: Address
    esm_class: int
    coding: int
    message: bytes = field(repr=False)
    more: Mapping[int, bytes] = field(repr=False)


def read_deliver(body: bytes) -> Delivered:
    """A delivery. Raises `Garbled`."""
    try:
        _service, at = _text(body, 0)
        ton, npi = body[at], body[at + 1]
        source, at = _text(body, at + 2)
        to_ton, to_npi = body[at], body[at + 1]
        to, at = _text(body, at + 2)
        esm_class = body[at]
        _schedule, at = _text(body, at + 3)
        _validity, at = _text(body, at)
        coding, size = body[at + 2], body[at + 4]
        message = body[at + 5 : at + 5 + size]
        more = _more(body, at + 5 + size)
    except (IndexError, ValueError, struct.error):
        raise Garbled("a delivery whose fields do not end") from None
    if len(message) != size:
        raise Garbled("a delivery that is cut off")
    return Delivered(Address(ton, npi, source), Address(to_ton, to_npi, to), esm_class, coding,
                     more.get(PAYLOAD, b"") or message, more)  # fmt: skip


def message_id(body: bytes) -> str:
    """The name that a centre gave a message; empty where it gave none."""
    return body.partition(b"\0")[0].decode("ascii", "replace")


def _text(body: bytes, at: int) -> tuple[str, int]:
    end = body.index(b"\0", at)
    return body[at:end].decode("latin-1"), end + 1


def _more(body: bytes, at: int) -> dict[int, bytes]:
    found = {}
    while at + 4 <= len(body):
        tag, size = struct.unpack_from(">HH", body, at)
        found[tag] = body[at + 4 : at + 4 + size]
        at += 4 + size
    return found
