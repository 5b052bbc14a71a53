"""The short code of a notice: 16 characters of Crockford's base32, so 80 bits of chance, in groups of four.

It is the only way to a notice from outside; what is kept of it is a keyed hash. People copy it from paper, so case,
spaces and dashes do not matter, and the letters that look like digits are read as those.

    >>> shown(new_code(lambda size: bytes(range(size))))
    '0004-1061-050R-3GG9'
    >>> normal(" oo04 io61·O5OR–3gg9 "), normal("0004-1061-050U-3GG9"), normal("0004")
    ('00041061050R3GG9', None, None)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
BITS = 5 * LENGTH

_NOISE = re.compile(r"[\s\-‐-―·._/]+")
_ALIKE = str.maketrans("ILO", "110")
_TEXT_MAX = 64


def new_code(chance: Callable[[int], bytes]) -> str:
    """A new code from 10 bytes of chance."""
    drawn = int.from_bytes(chance(BITS // 8))
    return "".join(ALPHABET[drawn >> shift & 31] for shift in range(BITS - 5, -1, -5))


def normal(text: str) -> str | None:
    """A code as somebody wrote it, in its one form; None where it cannot be one."""
    bare = _NOISE.sub("", unicodedata.normalize("NFKC", text[:_TEXT_MAX])).upper().translate(_ALIKE)
    return bare if len(bare) == LENGTH and all(one in ALPHABET for one in bare) else None


def shown(code: str) -> str:
    """A code in groups of four."""
    return "-".join(code[at : at + 4] for at in range(0, LENGTH, 4))
