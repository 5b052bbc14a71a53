"""Identifiers that book and desk share, derived from the lender's own references, and the shard of a person.

They are BLAKE2b digests cut to 63 bits, so that they fit a signed 64-bit column, are the same whatever the order
of import, and carry no name. Two references that meet in one identifier are found at import and refused.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import NewType

LoanKey = NewType("LoanKey", int)
PersonId = NewType("PersonId", int)

MIX_64 = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
"""Odd multipliers of the splitmix64 generator (Steele, Lea & Flood 2014), for spreading ids evenly."""

_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
_MASK_63 = (1 << 63) - 1


def _digest(kind: bytes, lender_id: str, reference: str) -> int:
    payload = lender_id.encode() + b"\x00" + reference.encode()
    return int.from_bytes(blake2b(payload, digest_size=8, person=kind).digest(), "big") & _MASK_63


def loan_key(lender_id: str, loan_ref: str) -> LoanKey:
    """The loan's key in every table, from the lender's own loan number."""
    return LoanKey(_digest(b"duecourse:loan", lender_id, loan_ref))


def person_id(lender_id: str, borrower_ref: str) -> PersonId:
    """The pseudonymous id of a borrower or other party, from the lender's own customer number."""
    return PersonId(_digest(b"duecourse:person", lender_id, borrower_ref))


def shard(person: int, shards: int) -> int:
    """The shard, 0 to ``shards - 1``, that holds all loans of a person; fixed when the book is created."""
    digest = blake2b(person.to_bytes(8, "big"), digest_size=8, person=b"duecourse:shard").digest()
    return int.from_bytes(digest, "big") % shards


def letters(chance: bytes) -> str:
    """An id in letters alone, two for each byte: logs cover long runs of digits, which may be somebody's number.

    >>> letters(bytes([0, 255, 18]))
    'aappbc'
    """
    return chance.hex().translate(_LETTERS)
