"""The signatures of a plan: what both sign, a key made for one signature, and whether they fit."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from duecourse.storage.plans import Plan
from duecourse.storage.vault import Vault
from duecourse.storage.vault.signing import PUBLIC_BYTES, SIGNATURE_BYTES, Signer, verifies

SIGNED = b"duecourse plan 1\0"
"""Stands before the content in what both sign."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The borrower's signature of a plan: the public key of his device, and what it signed."""

    public: bytes
    value: bytes = field(repr=False)

    def fits(self, message: bytes) -> bool:
        """Whether the key signed the message."""
        whole = len(self.public) == PUBLIC_BYTES and len(self.value) == SIGNATURE_BYTES
        return whole and verifies(self.public, self.value, message)


def to_sign(plan: Plan) -> bytes:
    """The bytes that both sign."""
    return SIGNED + plan.content


def once(message: bytes) -> Signature:
    """A signature by a key that is made for it and forgotten."""
    key = Ed25519PrivateKey.generate()
    return Signature(key.public_key().public_bytes_raw(), key.sign(message))


def signatures_fit(vault: Vault, lender_id: str, plan: Plan) -> bool:
    """Whether both signatures of a signed plan fit its content; False where it is not signed."""
    if not (plan.borrower_key and plan.borrower_signature and plan.lender_key and plan.lender_signature):
        return False
    message = to_sign(plan)
    return verifies(plan.borrower_key, plan.borrower_signature, message) and Signer(vault).verifies(
        lender_id, plan.lender_key, plan.lender_signature, message
    )
