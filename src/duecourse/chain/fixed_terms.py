"""Terms that were fixed at signing, in the words of the contract that reckons by them (``terms.vy``)."""

from __future__ import annotations

from datetime import date
from hashlib import sha256

from duecourse.chain.contract import shipped
from duecourse.chain.node import Node
from duecourse.core.contract import GraceMode, PenaltyBase, PenaltyMode, PenaltyRounding
from duecourse.core.fixed import FixedTerms

TERMS = "terms"
_EPOCH = date(1970, 1, 1).toordinal()
_GRACE = {GraceMode.IGNORE: 0, GraceMode.FORGIVE: 1, GraceMode.SHIFT: 2}


def words(fixed: FixedTerms) -> tuple[int | bool, ...]:
    """The terms as the contract takes them."""
    return (
        day_number(fixed.due), fixed.principal_minor, fixed.interest_minor, fixed.rate_ppm, fixed.penalty_ppm,
        fixed.cap_ppm, fixed.most_minor, fixed.day_count.basis, fixed.mode is PenaltyMode.BESIDE,
        fixed.base is PenaltyBase.PRINCIPAL_AND_INTEREST, fixed.rounding is PenaltyRounding.DAILY,
        _GRACE[fixed.grace], fixed.grace_days,
    )  # fmt: skip


def commitment(fixed: FixedTerms, salt: bytes) -> bytes:
    """SHA-256 over the domain, the salt and the terms, each in 32 bytes; whoever has no salt cannot guess the terms."""
    whole = sha256(DOMAIN).digest() + salt + b"".join(int(word).to_bytes(32, "big") for word in words(fixed))
    return sha256(whole).digest()


def day_number(day: date) -> int:
    """A day as the contract numbers it, from 1970-01-01."""
    return day.toordinal() - _EPOCH


def default_interest(node: Node, contract: bytes, fixed: FixedTerms, salt: bytes, day: date) -> int:
    """What the contract reckons, asked by a call that does not go to the chain; raises as `Node.read`."""
    terms = shipped(TERMS)
    call = terms.call("default_interest", words(fixed), salt, day_number(day))
    return int(terms.answer("default_interest", node.read(contract, call))[0])


DOMAIN = b"duecourse fixed terms 1"
