"""What of a text goes into one short message (3GPP TS 23.038), and how a longer one is parted (TS 23.040, 9.2.3.24.1).

A text whose signs all stand in the GSM alphabet takes a septet for each, two for those of its extension table; any
other text takes 16 bits for each sign, two times 16 for those beyond the basic plane. Parts are cut between signs:
neither an escape nor a surrogate pair is ever torn apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = {"\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40,
             "€": 0x65}  # fmt: skip
ESCAPE = 0x1B
_CODES = {sign: bytes([place]) for place, sign in enumerate(_BASIC) if place != ESCAPE} | {
    sign: bytes([ESCAPE, code]) for sign, code in _EXTENDED.items()
}
_SIGNS = {code: sign for sign, code in _EXTENDED.items()}
PARTS_LIMIT = 255
"""More parts than one octet counts cannot be."""


class Alphabet(StrEnum):
    """How a text is written. The values are those of settings."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


_ALONE = {Alphabet.GSM7: 160, Alphabet.UCS2: 70}
_IN_PARTS = {(Alphabet.GSM7, 8): 153, (Alphabet.GSM7, 16): 152, (Alphabet.UCS2, 8): 67, (Alphabet.UCS2, 16): 66}


@dataclass(frozen=True, slots=True)
class Split:
    """A text as short messages: each part in its alphabet, without a header."""

    alphabet: Alphabet
    units: int  # septets, or 16-bit units, of the whole
    parts: tuple[bytes, ...] = field(repr=False)


def split(text: str, *, bits: int = 8, only: Alphabet | None = None) -> Split:
    r"""Part a text; ``bits`` of the reference that holds the parts together, ``only`` where one alphabet must be taken.

    >>> (one := split("€uro " * 27)).alphabet.value, one.units, [len(part) for part in one.parts]
    ('gsm7', 162, [153, 9])
    >>> (two := split("还款" * 35 + "。")).alphabet.value, two.units, [len(part) // 2 for part in two.parts]
    ('ucs2', 71, [67, 4])
    """
    said = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = only is not Alphabet.UCS2 and all(sign in _CODES for sign in said)
    alphabet = Alphabet.GSM7 if plain else Alphabet.UCS2
    width = 1 if plain else 2
    codes = [_CODES[sign] if plain else sign.encode("utf-16-be") for sign in said]
    units = sum(map(len, codes)) // width
    if units <= _ALONE[alphabet]:
        return Split(alphabet, units, (b"".join(codes),))
    return Split(alphabet, units, tuple(_cut(codes, _IN_PARTS[alphabet, bits] * width)))


def _cut(codes: list[bytes], most: int) -> Iterator[bytes]:
    part = b""
    for code in codes:
        if len(part) + len(code) > most:
            yield part
            part = b""
        part += code
    yield part


def read(raw: bytes, alphabet: Alphabet) -> str:
    """The text of octets in an alphabet; what is none in it becomes U+FFFD."""
    if alphabet is Alphabet.UCS2:
        return raw.decode("utf-16-be", "replace")
    found, escaped = "", False
    for code in raw:
        if escaped:
            found += _SIGNS.get(code, _BASIC[code] if code < len(_BASIC) else "\ufffd")
            escaped = False
        elif code == ESCAPE:
            escaped = True
        else:
            found += _BASIC[code] if code < len(_BASIC) else "\ufffd"
    return found
