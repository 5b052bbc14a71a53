"""What a message centre delivers: receipts of what was sent, and what people write back, in one part or several."""

from __future__ import annotations

import re
import struct

from duecourse.channels.contract import Arrived, Heard, Part, Receipt
from duecourse.channels.sms.alphabet import Alphabet, read
from duecourse.channels.sms.pdu import (
    RECEIPTED,
    REF_NUMBER,
    REF_PART,
    REF_TOTAL,
    STATE,
    Address,
    Delivered,
    Garbled,
)

_RECEIPT, _HEADER = 0x04, 0x40
INTERNATIONAL = 1
_FIELD = re.compile(r"\b(id|stat|err):([^\s]*)", re.IGNORECASE)
_STATES = {
    "DELIVRD": Arrived.DELIVERED, "UNDELIV": Arrived.FAILED, "EXPIRED": Arrived.FAILED, "DELETED": Arrived.FAILED,
    "REJECTD": Arrived.FAILED,
}  # fmt: skip
_NUMBERS = {1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD", 7: "UNKNOWN",
            8: "REJECTD"}  # fmt: skip
_GSM, _LATIN, _UCS2 = {0x00, 0x01}, {0x03}, {0x08}


def is_receipt(one: Delivered) -> bool:
    """Whether it speaks of a message of ours, and is none itself."""
    return bool(one.esm_class & _RECEIPT)


def read_receipt(one: Delivered, dead: frozenset[str]) -> Receipt:
    """What a receipt says (SMPP 3.4, appendix B, and the fields of 5.3.2.35).

    ``dead`` are the centre's own codes for a number that nobody has. Raises `Garbled` where it names no message.
    """
    said = {name.lower(): value for name, value in _FIELD.findall(one.message.decode("latin-1"))}
    reference = one.more.get(RECEIPTED, b"").partition(b"\0")[0].decode("latin-1") or said.get("id", "")
    if not reference:
        raise Garbled("a receipt of no message")
    state = one.more.get(STATE, b"")
    word = (said.get("stat") or _NUMBERS.get(state[0] if state else 0, "UNKNOWN")).upper()[:7]
    error = said.get("err", "")[:8]
    found = _STATES.get(word, Arrived.UNDERWAY)
    return Receipt(reference, found, f"{word} {error}".strip(), found is Arrived.FAILED and error in dead)


def read_written(one: Delivered) -> Heard:
    """What somebody wrote back: the whole of it, or which part it is of a longer one."""
    header, message = b"", one.message
    if one.esm_class & _HEADER and message:
        header, message = message[1 : message[0] + 1], message[message[0] + 1 :]
    found = _parted(header) or _tagged(one)
    part = Part(*found) if found is not None and found[1] > 1 and 1 <= found[2] <= found[1] else None
    return Heard(_number(one.source), _number(one.to), _text(message, one.coding), part=part)


def _parted(header: bytes) -> tuple[int, int, int] | None:
    """Reference, how many, which one, of a user data header."""
    at = 0
    while at + 2 <= len(header):
        kind, size = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + size]
        if (kind, len(value)) == (0x00, 3):
            return value[0], value[1], value[2]
        if (kind, len(value)) == (0x08, 4):
            reference, many, place = struct.unpack(">HBB", value)
            return reference, many, place
        at += 2 + size
    return None


def _tagged(one: Delivered) -> tuple[int, int, int] | None:
    given = [int.from_bytes(one.more.get(tag, b"")) for tag in (REF_NUMBER, REF_TOTAL, REF_PART)]
    return (given[0], given[1], given[2]) if REF_TOTAL in one.more and REF_PART in one.more else None


def _text(raw: bytes, coding: int) -> str:
    if coding in _UCS2:
        return read(raw, Alphabet.UCS2)
    if coding in _LATIN:
        return raw.decode("latin-1")
    return read(raw, Alphabet.GSM7) if coding in _GSM else raw.decode("utf-8", "replace")


def _number(one: Address) -> str:
    """With its plus where the centre says that the country is in it; others are read as of the lender's country."""
    return f"+{one.value}" if one.ton == INTERNATIONAL and one.value.isdecimal() else one.value
